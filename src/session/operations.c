/* SPDX-License-Identifier: MIT */
/* Single jobs that change nothing: read, compare, blank check. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/lift.h"

/* Every byte of the range must be memory with that ability. */
s0_code session_check_range(const struct s0_session *session, uint32_t address,
			    uint32_t length, unsigned can, const char *verb,
			    struct s0_error *err)
{
	uint64_t at = address, end = range_end(address, length);

	while (at < end) {
		const struct s0_area *area =
			at <= UINT32_MAX ? s0_map_find(session->device->map,
						       (uint32_t)at)
					 : NULL;

		if (!area || (area->can & can) != can)
			return error_set_at(
				err, S0_E_OUTSIDE, (uint32_t)at,
				(uint32_t)(end - at),
				"%u bytes at 0x%08x %s%s%s cannot be %s",
				(uint32_t)(end - at), (uint32_t)at,
				area ? "are in '"
				     : "are where this chip has no memory and",
				area ? area->name : "", area ? "', which" : "",
				verb);
		at = range_end(area->address, area->length);
	}
	return S0_OK;
}

/* Is a sector going to be read? */
typedef bool (*reads_fn)(const void *payload, const struct note *note);

static bool in_range(const void *payload, const struct note *note)
{
	const struct range *range = payload;

	return range_overlap(note->address, note->length, range->address,
			     range->length);
}

static bool in_plan(const void *payload, const struct note *note)
{
	const struct s0_plan *plan = payload;

	for (size_t i = 0; i < plan->step_count; i++)
		if (range_overlap(note->address, note->length,
				  plan->steps[i].address,
				  plan->steps[i].length))
			return true;
	return false;
}

struct noted {
	struct note first; /* by address */
	unsigned count;
};

static struct noted find_noted(const struct journal *journal, bool begun,
			       reads_fn reads, const void *payload)
{
	struct noted found = { 0 };

	for (size_t i = 0; i < journal->count; i++) {
		const struct note *note = &journal->notes[i];

		if (note_is_begun(note) != begun || !reads(payload, note))
			continue;
		if (!found.count++ || note->address < found.first.address)
			found.first = *note;
	}
	return found;
}

/* Once for all sectors; returns where a run was cut. */
static struct noted warn_noted(struct s0_session *session, reads_fn reads,
			       const void *payload)
{
	struct noted found = { 0 };

	for (unsigned begun = 0; begun < 2; begun++) {
		char more[40] = "";

		found = find_noted(session->journal, begun, reads, payload);
		if (found.count > 1)
			(void)snprintf(
				more, sizeof more, ", and in %u more sector%s",
				found.count - 1, found.count == 2 ? "" : "s");
		if (found.count)
			session_warn(session,
				     begun ? "an earlier run was cut in the "
					     "sector at 0x%08x%s: reading it "
					     "may stop the bootloader"
					   : "reading the sector at 0x%08x%s "
					     "has stopped the bootloader "
					     "before: it may do so again",
				     found.first.address, more);
	}
	return found;
}

/* PCROP and secure areas read as zeros (RM0399 4.5.4, 4.5.5). */
static void warn_areas(struct s0_session *session, uint32_t address,
		       uint32_t length)
{
	const struct s0_device_info *info = &session->device->info;
	uint64_t at = address, end = range_end(address, length), told = 0;
	struct s0_sector_protection s;

	while (at < end && info->chip && info->option_length &&
	       s0_option_sector(info->chip, session->device->map, info->options,
				info->option_length, (uint32_t)at, &s)) {
		uint64_t area = range_end(s.area_address, s.area_length);

		at = range_end(s.address, s.length);
		if (s.area == S0_OPTION_GROUPS || area == told ||
		    !range_overlap(s.area_address, s.area_length, address,
				   length))
			continue;
		told = area;
		session_warn(session,
			     "%u bytes from 0x%08x are a %s: what is read "
			     "there is not what is there",
			     s.area_length, s.area_address,
			     s.area == S0_OPTION_PCROP ? "PCROP area"
						       : "secure area");
	}
}

/* What could be read from end to end was not damaged after all: the chip has
 * been put right by somebody else. Bytes to be brought back stay noted. */
static void forget_read(struct s0_session *session, uint32_t address,
			uint32_t length)
{
	struct journal *journal = session->journal;

	journal_was_read(journal, address, length);
	for (size_t i = journal->count; i-- > 0;) {
		struct note note = journal->notes[i];

		if (range_within(note.address, note.length, address, length) &&
		    !journal_has_kept(journal, &note))
			(void)journal_done(journal, note.address, NULL);
	}
	(void)journal_tidy(journal, NULL);
}

struct reading {
	s0_sink_fn sink;
	void *payload;
	uint32_t address;
	uint64_t from; /* the next byte to be handed on */
	uint64_t end;
	bool stopped;
};

static bool hand_on(void *payload, uint32_t address, const uint8_t *bytes,
		    uint32_t length)
{
	struct reading *reading = payload;
	uint64_t from = address > reading->from ? address : reading->from;
	uint64_t to = range_end(address, length);

	to = to < reading->end ? to : reading->end;
	if (to > from)
		reading->stopped = !reading->sink(reading->payload,
						  bytes + (from - address),
						  (size_t)(to - from));
	if (to > from)
		reading->from = to;
	return !reading->stopped;
}

/* Whole words, but not more than there is: an area may end within one. */
static uint64_t end_to_read(const struct s0_session *session, uint64_t end)
{
	const struct s0_area *area =
		s0_map_find(session->device->map, (uint32_t)(end - 1));
	uint64_t whole = round_up(end, 4);
	uint64_t last = area ? range_end(area->address, area->length) : whole;

	return whole < last ? whole : last;
}

static s0_code read_on(struct s0_session *session, void *work,
		       struct s0_error *err)
{
	struct target *target = session->target;
	struct reading *reading = work;
	uint32_t start = round_down((uint32_t)reading->from, 4);
	s0_code code;

	if (reading->from >= reading->end || reading->stopped)
		return S0_OK;
	session->op.done_before = reading->from - reading->address;
	code = target->ops->read(
		target, start,
		(uint32_t)(end_to_read(session, reading->end) - start), NULL,
		hand_on, reading, err);
	session->op.proven = reading->from - reading->address;
	return code;
}

s0_code s0_session_read(struct s0_session *session, uint32_t address,
			uint32_t length, s0_sink_fn sink, void *payload,
			struct s0_result *ret_result, struct s0_error *err)
{
	struct reading reading = { .sink = sink,
				   .payload = payload,
				   .address = address,
				   .from = address,
				   .end = range_end(address, length) };
	s0_code code;

	code = session_check_range(session, address, length, S0_CAN_READ,
				   "read", err);
	if (code != S0_OK)
		return code;
	(void)warn_noted(session, in_range, &(struct range){ address, length });
	warn_areas(session, address, length);
	session_tell_lifted(session);
	session_begin(session);
	session_stage(session, S0_STAGE_READ, length);
	code = session_persist(session, read_on, &reading, err);
	session->op.done_before = 0;
	if (code == S0_OK && reading.stopped)
		code = error_set(err, S0_E_FILE,
				 "what was read could not be written");
	if (code == S0_OK) {
		forget_read(session, address, length);
		session_advance(session, address, length);
	}
	return session_end(session, code, ret_result, err);
}

struct counting {
	s0_difference_fn difference;
	void *payload;
	struct s0_difference first;
	uint64_t ranges, bytes;
};

static void count(void *payload, const struct s0_difference *difference)
{
	struct counting *counting = payload;

	if (!counting->ranges)
		counting->first = *difference;
	counting->ranges++;
	counting->bytes += difference->length;
	if (counting->difference)
		counting->difference(counting->payload, difference);
}

struct comparison {
	const struct s0_plan *plan;
	size_t at;     /* the step it is at */
	uint32_t done; /* bytes of it */
	struct counting counting;
};

static s0_code compare_step(struct s0_session *session, struct comparison *c,
			    struct s0_error *err)
{
	const struct s0_step *step = &c->plan->steps[c->at];
	uint32_t from = step->address + c->done;
	s0_code code = s0_session_check_cancel(session, err);

	if (code != S0_OK)
		return code;
	code = session_compare_range(session, c->plan, from,
				     step->length - c->done, count,
				     &c->counting, err);
	if (session->op.reached > from)
		c->done = (uint32_t)(session->op.reached - step->address);
	session->op.step = c->done;
	return code;
}

static s0_code compare_on(struct s0_session *session, void *work,
			  struct s0_error *err)
{
	struct comparison *c = work;
	s0_code code = S0_OK;

	for (; code == S0_OK && c->at < c->plan->step_count; c->at++) {
		const struct s0_step *step = &c->plan->steps[c->at];

		session->op.proven = c->at;
		if (step->kind == S0_STEP_VERIFY && c->done < step->length)
			code = compare_step(session, c, err);
		if (code != S0_OK)
			return code;
		session_advance(session, step->address, step->length);
		c->done = 0;
	}
	return code;
}

s0_code s0_session_compare(struct s0_session *session,
			   const struct s0_plan *plan,
			   s0_difference_fn difference, void *payload,
			   struct s0_result *ret_result, struct s0_error *err)
{
	struct comparison c = { .plan = plan };
	const struct counting *found = &c.counting;
	uint64_t total = 0;
	s0_code code;

	c.counting.difference = difference;
	c.counting.payload = payload;
	for (size_t i = 0; i < plan->step_count; i++) {
		total += plan->steps[i].length;
		warn_areas(session, plan->steps[i].address,
			   plan->steps[i].length);
	}
	(void)warn_noted(session, in_plan, plan);
	session_tell_lifted(session);
	session_begin(session);
	session_stage(session, S0_STAGE_VERIFY, total);
	code = session_persist(session, compare_on, &c, err);
	if (code == S0_OK && found->ranges)
		code = error_set_at(
			err, S0_E_DIFFERENT, found->first.address,
			found->first.length,
			"device and file differ in %llu byte%s, the first at "
			"0x%08x: 0x%02x instead of 0x%02x",
			(unsigned long long)found->bytes,
			found->bytes == 1 ? "" : "s", found->first.address,
			found->first.found, found->first.expected);
	return session_end(session, code, ret_result, err);
}

struct blankness {
	uint64_t from, end;
};

static s0_code blank_on(struct s0_session *session, void *work,
			struct s0_error *err)
{
	struct blankness *b = work;
	s0_code code;

	if (b->from >= b->end)
		return S0_OK;
	code = session_check_blank(session, (uint32_t)b->from,
				   (uint32_t)(b->end - b->from), err);
	if (session->op.reached > b->from)
		b->from = session->op.reached;
	session->op.proven = b->from;
	return code;
}

s0_code s0_session_blank(struct s0_session *session, uint32_t address,
			 uint32_t length, struct s0_result *ret_result,
			 struct s0_error *err)
{
	struct blankness b = { address, range_end(address, length) };
	struct noted cut;
	s0_code code;

	code = session_check_range(session, address, length, S0_CAN_READ,
				   "read", err);
	if (code != S0_OK)
		return code;
	cut = warn_noted(session, in_range, &(struct range){ address, length });
	warn_areas(session, address, length);
	session_tell_lifted(session);
	session_begin(session);
	session_stage(session, S0_STAGE_READ, length);
	code = session_persist(session, blank_on, &b, err);
	if (code == S0_OK)
		session_advance(session, address, length);
	/* Cells that an erase left half way read as either, now and then. */
	if (code == S0_OK && cut.count)
		session_warn(session,
			     "it reads as blank, but a run was cut there: an "
			     "erase that was cut can leave flash that reads "
			     "as blank and is not erased; 'sector0 erase "
			     "0x%08x %u' makes sure%s",
			     cut.first.address, cut.first.length,
			     cut.count > 1 ? ", and so on" : "");
	return session_end(session, code, ret_result, err);
}
