/* SPDX-License-Identifier: MIT */
/* Single jobs: read, compare, erase, blank check, start. */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/session.h"

/* Every byte of the range must be memory with that ability. */
static s0_code check_range(const struct s0_session *session, uint32_t address,
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

static void warn_noted(struct s0_session *session, uint32_t address,
		       uint32_t length)
{
	const struct journal *journal = session->journal;

	for (size_t i = 0; i < journal->count; i++)
		if (range_overlap(journal->notes[i].address,
				  journal->notes[i].length, address, length))
			session_warn(session,
				     "an earlier run was cut in the sector at "
				     "0x%08x: reading it may stop the "
				     "bootloader",
				     journal->notes[i].address);
}

/* What could be read from end to end was not damaged after all: the chip has
 * been put right by somebody else. Bytes to be brought back stay noted. */
static void forget_read(struct s0_session *session, uint32_t address,
			uint32_t length)
{
	struct journal *journal = session->journal;

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
	uint32_t from;
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
	return !reading->stopped;
}

s0_code s0_session_read(struct s0_session *session, uint32_t address,
			uint32_t length, s0_sink_fn sink, void *payload,
			struct s0_result *ret_result, struct s0_error *err)
{
	struct target *target = session->target;
	struct reading reading = { .sink = sink,
				   .payload = payload,
				   .from = address,
				   .end = range_end(address, length) };
	uint32_t start = round_down(address, 4);
	s0_code code;

	code = check_range(session, address, length, S0_CAN_READ, "read", err);
	if (code != S0_OK)
		return code;
	warn_noted(session, address, length);
	session_begin(session);
	session_stage(session, S0_STAGE_READ, length);
	code = target->ops->read(target, start,
				 (uint32_t)(round_up(reading.end, 4) - start),
				 NULL, hand_on, &reading, err);
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

s0_code s0_session_compare(struct s0_session *session,
			   const struct s0_plan *plan,
			   s0_difference_fn difference, void *payload,
			   struct s0_result *ret_result, struct s0_error *err)
{
	struct counting c = { .difference = difference, .payload = payload };
	uint64_t total = 0;
	s0_code code = S0_OK;

	for (size_t i = 0; i < plan->step_count; i++) {
		total += plan->steps[i].length;
		warn_noted(session, plan->steps[i].address,
			   plan->steps[i].length);
	}
	session_begin(session);
	session_stage(session, S0_STAGE_VERIFY, total);
	for (size_t i = 0; code == S0_OK && i < plan->step_count; i++) {
		const struct s0_step *step = &plan->steps[i];

		if (step->kind != S0_STEP_VERIFY)
			continue;
		code = session_check_cancel(session, err);
		if (code == S0_OK)
			code = session_compare_range(
				session, plan, step->address, step->length,
				count, &c, err);
		if (code == S0_OK)
			session_advance(session, step->address, step->length);
	}
	if (code == S0_OK && c.ranges)
		code = error_set_at(
			err, S0_E_DIFFERENT, c.first.address, c.first.length,
			"device and file differ in %llu byte%s, the first at "
			"0x%08x: 0x%02x instead of 0x%02x",
			(unsigned long long)c.bytes, c.bytes == 1 ? "" : "s",
			c.first.address, c.first.found, c.first.expected);
	return session_end(session, code, ret_result, err);
}

static s0_code erase_range(struct s0_session *session, uint32_t address,
			   uint32_t length, struct s0_error *err)
{
	uint64_t at = address, end = range_end(address, length);
	s0_code code = S0_OK;

	while (code == S0_OK && at < end) {
		uint32_t sector, size;

		(void)s0_map_sector(session->device->map, (uint32_t)at, &sector,
				    &size);
		code = session_check_cancel(session, err);
		if (code == S0_OK)
			code = session_erase_sector(session, sector, size, NULL,
						    0, false, err);
		if (code == S0_OK)
			session_advance(session, sector, size);
		at = range_end(sector, size);
	}
	return code;
}

/* Prove what was erased, and forget the notes on it. */
static s0_code prove_erased(struct s0_session *session, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < session->erased_count; i++) {
		struct s0_error why = S0_ERROR_INIT;
		uint32_t address = session->erased[i].address;
		uint32_t length = session->erased[i].length;

		code = session_check_blank(session, address, length, &why);
		if (code == S0_E_NOT_BLANK)
			return session_not_erased(address, &why, err);
		if (code != S0_OK && err && err->code == S0_OK)
			*err = why;
		if (code == S0_OK)
			code = journal_done(session->journal, address, err);
		if (code == S0_OK)
			session_advance(session, address, length);
	}
	return code == S0_OK ? journal_tidy(session->journal, err) : code;
}

static s0_code forget_all(struct s0_session *session, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < session->erased_count; i++)
		code = journal_done(session->journal,
				    session->erased[i].address, err);
	return code == S0_OK ? journal_tidy(session->journal, err) : code;
}

/* The bytes of all sectors that hold a range. */
static uint64_t sector_bytes(const struct s0_session *session, uint32_t address,
			     uint32_t length)
{
	uint64_t at = address, end = range_end(address, length), bytes = 0;

	while (at < end) {
		uint32_t sector = (uint32_t)at, size = 1;

		(void)s0_map_sector(session->device->map, (uint32_t)at, &sector,
				    &size);
		bytes += size;
		at = range_end(sector, size);
	}
	return bytes;
}

static s0_code check_erase(const struct s0_session *session, uint32_t address,
			   uint32_t length, struct s0_error *err)
{
	const struct s0_device_info *info = &session->device->info;

	if (!info->chip) {
		error_add_cause(err, S0_CAUSE_NO_CHIP);
		return error_set(err, S0_E_UNSUPPORTED,
				 "this device's memory layout is of no chip "
				 "known, so nothing is erased");
	}
	if (info->rdp > 0) {
		error_add_cause(err, S0_CAUSE_READ_OUT);
		return error_set(err, S0_E_PROTECTED,
				 "read-out protection level %d is on: the "
				 "bootloader erases nothing",
				 info->rdp);
	}
	if (!address && !length)
		return S0_OK;
	if (!length)
		return error_set(err, S0_E_BUG, "an erase of no bytes");
	return check_range(session, address, length,
			   S0_CAN_ERASE | S0_CAN_WRITE, "erased", err);
}

s0_code s0_session_erase(struct s0_session *session, uint32_t address,
			 uint32_t length, struct s0_result *ret_result,
			 struct s0_error *err)
{
	bool all = !address && !length;
	s0_code code = check_erase(session, address, length, err);
	uint64_t total;

	if (code != S0_OK)
		return code;
	total = all ? s0_map_flash_size(session->device->map)
		    : sector_bytes(session, address, length);
	session_begin(session);
	session_stage(session, S0_STAGE_ERASE, total);
	if (all) {
		code = session_erase_all(session, NULL, err);
		if (code == S0_OK)
			code = forget_all(session, err);
	} else {
		code = erase_range(session, address, length, err);
		if (code == S0_OK)
			session_stage(session, S0_STAGE_VERIFY, total);
		if (code == S0_OK)
			code = prove_erased(session, err);
	}
	return session_end(session, code, ret_result, err);
}

s0_code s0_session_blank(struct s0_session *session, uint32_t address,
			 uint32_t length, struct s0_result *ret_result,
			 struct s0_error *err)
{
	s0_code code;

	code = check_range(session, address, length, S0_CAN_READ, "read", err);
	if (code != S0_OK)
		return code;
	warn_noted(session, address, length);
	session_begin(session);
	session_stage(session, S0_STAGE_READ, length);
	code = session_check_blank(session, address, length, err);
	if (code == S0_OK)
		session_advance(session, address, length);
	return session_end(session, code, ret_result, err);
}
