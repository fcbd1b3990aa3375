/* SPDX-License-Identifier: MIT */
/* What sectors hold is saved before they are changed. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/session.h"

struct reading {
	struct s0_image *image;
	uint8_t erased;
	bool compare, differ, failed;
	uint8_t *expected; /* room for a transfer's bytes */
};

static bool take(void *payload, uint32_t address, const uint8_t *bytes,
		 uint32_t length)
{
	struct reading *reading = payload;

	if (reading->compare) {
		memset(reading->expected, reading->erased, length);
		(void)s0_image_copy(reading->image, address, length,
				    reading->expected);
		reading->differ = memcmp(reading->expected, bytes, length) != 0;
		return !reading->differ;
	}
	if (!bytes_all(bytes, length, reading->erased))
		reading->failed =
			s0_image_add(reading->image, "device", address, bytes,
				     length, NULL) != S0_OK;
	return !reading->failed;
}

s0_code session_read_sector(struct s0_session *session, uint32_t address,
			    uint32_t length, struct s0_image *image, bool *same,
			    struct s0_error *err)
{
	struct target *target = session->target;
	const struct s0_chip *chip = session->device->info.chip;
	struct reading reading = { .image = image,
				   .erased = chip ? chip->erased : 0xff,
				   .compare = same != NULL };
	s0_code code;

	reading.expected = malloc(target->block);
	if (!reading.expected)
		return error_memory(err);
	code = target->ops->read(target, address, length, 0, take, &reading,
				 err);
	free(reading.expected);
	if (code == S0_OK && reading.failed)
		return error_memory(err);
	if (code == S0_OK && same)
		*same = !reading.differ;
	return code;
}

/* Bytes that will soon be nowhere else are believed when two readings of them
 * agree. */
static s0_code read_twice(struct s0_session *session, uint32_t address,
			  uint32_t length, struct s0_image *image,
			  struct s0_error *err)
{
	bool same = true;
	s0_code code = s0_session_check_cancel(session, err);

	if (code == S0_OK)
		code = session_read_sector(session, address, length, image,
					   NULL, err);
	if (code == S0_OK)
		session_advance(session, address, length);
	if (code == S0_OK)
		code = session_read_sector(session, address, length, image,
					   &same, err);
	if (code == S0_OK && !same)
		return error_set_at(err, S0_E_PROTOCOL, address, length,
				    "two readings of what is to be saved of "
				    "the sector at 0x%08x differ",
				    address);
	if (code == S0_OK)
		session_advance(session, address, length);
	return code;
}

/* Can all that the sector held be had, from it or from the records? */
static s0_code check_old(const struct s0_session *session, uint32_t address,
			 struct s0_error *err)
{
	const struct note *note = journal_find(session->journal, address);

	if (!note || note->kind == NOTE_SUSPECT || note_is_old(note))
		return S0_OK;
	if (note->kind == NOTE_UNREADABLE)
		return session_unreadable(session, note, "saved", err);
	if (note->kind == NOTE_SAVED)
		error_add_cause(err, S0_CAUSE_CUT_BEFORE);
	return error_set_at(err, S0_E_UNREADABLE, address, note->length,
			    "an earlier run was cut in the sector at 0x%08x: "
			    "what it held before cannot be saved any more",
			    address);
}

/* Add all that a sector holds, or held before it was begun, to an image. */
static s0_code save_sector(struct s0_session *session, uint32_t address,
			   uint32_t length, struct s0_image *image,
			   struct s0_error *err)
{
	const struct note *note = journal_find(session->journal, address);
	s0_code code = check_old(session, address, err);

	if (code != S0_OK)
		return code;
	if (note && note_is_old(note))
		return journal_add_range(image, session->journal->kept, address,
					 range_end(address, length), err);
	return read_twice(session, address, length, image, err);
}

/* Add a sector to an image with its erased bytes. */
static s0_code save_whole(struct s0_session *session, uint32_t address,
			  uint32_t length, struct s0_image *image,
			  struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	uint8_t *bytes = malloc(length);
	struct s0_image *part = NULL;
	s0_code code = bytes ? s0_image_new(&part, err) : error_memory(err);

	if (code == S0_OK)
		code = save_sector(session, address, length, part, err);
	if (code == S0_OK && bytes) {
		memset(bytes, chip ? chip->erased : 0xff, length);
		(void)s0_image_copy(part, address, length, bytes);
		code = s0_image_add(image, "device", address, bytes, length,
				    err);
	}
	s0_image_free(part);
	free(bytes);
	return code;
}

/* Calls for each flash sector that holds a byte of a range (0, 0: for all). */
typedef s0_code (*sector_fn)(struct s0_session *session, uint32_t address,
			     uint32_t length, void *payload,
			     struct s0_error *err);

static s0_code each_sector(struct s0_session *session, uint32_t from,
			   uint32_t bytes, sector_fn call, void *payload,
			   struct s0_error *err)
{
	const struct s0_map *map = session->device->map;
	s0_code code = S0_OK;

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		for (uint32_t done = 0; code == S0_OK && done < area->length &&
					area->kind == S0_AREA_FLASH;
		     done += area->sector_size) {
			uint32_t at = area->address + done;

			if ((!from && !bytes) ||
			    range_overlap(at, area->sector_size, from, bytes))
				code = call(session, at, area->sector_size,
					    payload, err);
		}
	}
	return code;
}

static s0_code count_one(struct s0_session *session, uint32_t address,
			 uint32_t length, void *payload, struct s0_error *err)
{
	(void)address;
	(void)session;
	(void)err;
	*(uint64_t *)payload += length;
	return S0_OK;
}

static s0_code note_old(struct s0_session *session, uint32_t address,
			uint32_t length, void *payload, struct s0_error *err)
{
	const struct note *note = journal_find(session->journal, address);

	(void)length;
	(void)err;
	*(bool *)payload |= note && note_is_old(note);
	return S0_OK;
}

static s0_code save_one(struct s0_session *session, uint32_t address,
			uint32_t length, void *payload, struct s0_error *err)
{
	return save_whole(session, address, length, payload, err);
}

s0_code s0_session_save(struct s0_session *session, uint32_t address,
			uint32_t length, struct s0_image *image,
			struct s0_result *ret_result, struct s0_error *err)
{
	struct s0_result survey = session->survey, own;
	uint64_t total = 0;
	bool old = false;
	s0_code code = S0_OK;

	(void)each_sector(session, address, length, count_one, &total, NULL);
	(void)each_sector(session, address, length, note_old, &old, NULL);
	if (!total)
		return error_set_at(err, S0_E_OUTSIDE, address, length,
				    "%u bytes at 0x%08x are not flash", length,
				    address);
	session_begin(session);
	session_stage(session, S0_STAGE_READ, 2 * total);
	/* What others have written since is what will be erased. */
	if (old)
		code = session_check_others(session, true, err);
	if (code == S0_OK)
		code = each_sector(session, address, length, save_one, image,
				   err);
	code = session_end(session, code, &own, err);
	/* It belongs to the run that comes next, as the survey does. */
	session->survey = survey;
	session->survey.time_us += own.time_us;
	session->survey.transfers += own.transfers;
	session->survey.times.wire_us += own.times.wire_us;
	session->survey.reconnects += own.reconnects;
	session->survey.retries += own.retries;
	if (ret_result)
		*ret_result = own;
	return code;
}

static bool changes(const struct s0_plan_sector *sector)
{
	return sector->erase || sector->write;
}

s0_code session_check_rollback(const struct s0_session *session,
			       const struct s0_plan *plan, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0;
	     code == S0_OK && plan->policy.rollback && i < plan->sector_count;
	     i++)
		if (changes(&plan->sectors[i]))
			code = check_old(session, plan->sectors[i].address,
					 err);
	return code;
}

struct preparing {
	const struct s0_plan *plan;
	struct stamp stamp;
	bool all;	/* every sector will be erased */
	uint64_t bytes; /* to be recorded */
};

static bool concerned(const struct preparing *preparing, uint32_t address)
{
	const struct s0_plan *plan = preparing->plan;

	for (size_t i = 0; i < plan->sector_count; i++)
		if (plan->sectors[i].address == address)
			return changes(&plan->sectors[i]) || preparing->all;
	return preparing->all;
}

/* Record a sector. Of one that is noted all is recorded that can be. */
static s0_code prepare_one(struct s0_session *session, uint32_t address,
			   uint32_t length, void *payload, struct s0_error *err)
{
	struct preparing *preparing = payload;
	const struct s0_policy *policy = &preparing->plan->policy;
	const struct note *note = journal_find(session->journal, address);
	struct s0_image *old = NULL;
	s0_code code;

	if ((note && note_is_begun(note)) || !concerned(preparing, address))
		return S0_OK;
	code = journal_set_stamp(session->journal, &preparing->stamp, err);
	if (code != S0_OK)
		return code;
	if (!policy->rollback) {
		preparing->bytes += plan_image_bytes(
			preparing->plan->survey->content, address, length);
		return journal_save(session->journal, address, length,
				    NOTE_SAVED,
				    preparing->plan->survey->content, err);
	}
	code = s0_image_new(&old, err);
	if (code == S0_OK)
		code = save_sector(session, address, length, old, err);
	if (code == S0_OK)
		preparing->bytes += s0_image_size(old);
	if (code == S0_OK)
		code = journal_save(session->journal, address, length,
				    policy->keep ? NOTE_OLD_KEPT : NOTE_OLD,
				    old, err);
	s0_image_free(old);
	return code;
}

static s0_code no_room(s0_code code, uint64_t bytes, struct s0_error *why,
		       struct s0_error *err)
{
	error_add_cause(why, S0_CAUSE_NO_RECORDS);
	if (!err || err->code != S0_OK)
		return code;
	if (why->cause == S0_CAUSE_RECORDS_DAMAGED ||
	    why->cause == S0_CAUSE_RECORDS_OTHER) {
		*err = *why; /* room is not what it lacks */
		return code;
	}
	*err = (struct s0_error)S0_ERROR_INIT;
	err->cause = S0_CAUSE_NO_RECORDS;
	if (!bytes)
		return error_set(err, code,
				 "%s; what a run changes has to be recorded "
				 "there before the first erase",
				 why->message);
	return error_set(err, code,
			 "%s; at least %llu bytes have to be recorded there "
			 "before the first erase",
			 why->message, (unsigned long long)bytes);
}

s0_code session_prepare(struct s0_session *session, const struct s0_plan *plan,
			struct s0_error *err)
{
	const struct s0_policy *policy = &plan->policy;
	struct preparing preparing = { .plan = plan,
				       .stamp = session_stamp(session),
				       .all = plan_mass_erases(plan) };
	struct s0_error why = S0_ERROR_INIT;
	uint64_t total = 0;
	s0_code code;

	if (!policy->rollback && (!policy->keep || !plan->survey))
		return S0_OK;
	for (size_t i = 0; i < plan->sector_count; i++)
		if (changes(&plan->sectors[i]))
			total += plan->sectors[i].length;
	if (policy->rollback)
		session_stage(session, S0_STAGE_READ, 2 * total);
	code = each_sector(session, 0, 0, prepare_one, &preparing, &why);
	if (code == S0_OK && preparing.bytes)
		code = journal_sync(session->journal, &why);
	if (code == S0_E_FILE)
		return no_room(code, preparing.bytes, &why, err);
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}
