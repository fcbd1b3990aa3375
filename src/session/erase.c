/* SPDX-License-Identifier: MIT */
/* Erasing, and proving that it was done. */
#include <stdlib.h>

#include "base/error.h"
#include "base/range.h"
#include "session/session.h"

/* How often an erase whose end cannot be seen is given its time again. */
#define BLIND_TRIES 3

static s0_code record(struct s0_session *session, uint32_t address,
		      uint32_t length, struct s0_error *err)
{
	struct erased *erased = session->erased;

	for (size_t i = 0; i < session->erased_count; i++)
		if (erased[i].address == address) {
			erased[i].doubtful = false;
			return S0_OK;
		}
	erased = realloc(session->erased,
			 (session->erased_count + 1) * sizeof *erased);
	if (!erased)
		return error_memory(err);
	session->erased = erased;
	erased[session->erased_count++] =
		(struct erased){ address, length, false };
	return S0_OK;
}

s0_code session_not_erased(uint32_t address, const struct s0_error *why,
			   struct s0_error *err)
{
	error_add_cause(err, S0_CAUSE_NO_EFFECT);
	return error_set_at(err, S0_E_NOT_ERASED, why->address, 1,
			    "the sector at 0x%08x still holds bytes after its "
			    "erase, the first at 0x%08x",
			    address, why->address);
}

/* The same of all that was erased: it has a part of its own in the times, wire
 * and turn-around, since it costs what the erase should have told. */
static s0_code check_whole(struct s0_session *session, uint32_t address,
			   uint32_t length, struct s0_error *err)
{
	struct target *target = session->target;
	uint64_t start = target->ops->now_us(target);
	uint64_t wire = target->stats.wire_us10;
	s0_code code = session_check_blank(session, address, length, err);

	session->op.proof_us += target->ops->now_us(target) - start;
	target->stats.wire_us10 = wire;
	return code;
}

bool session_is_page(const struct s0_session *session, uint32_t length)
{
	return length <= session->target->block;
}

s0_code session_note_pages(struct s0_session *session, uint32_t address,
			   uint64_t end, struct s0_error *err)
{
	const struct s0_map *map = session->device->map;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		uint64_t to = range_end(area->address, area->length);
		uint32_t page = area->sector_size, from = area->address;

		if (area->kind != S0_AREA_FLASH ||
		    !session_is_page(session, page))
			continue;
		to = to < end ? to : end;
		if (from < address)
			from = address - (address - from) % page;
		if (from < to)
			code = journal_begin_row(
				session->journal, from, page,
				(size_t)((to - from + page - 1) / page), err);
	}
	return code;
}

s0_code session_prove_pages(struct s0_session *session, uint32_t address,
			    uint32_t length, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	uint32_t page = address, size;
	s0_code code = check_whole(session, address, length, &why);

	if (code == S0_E_NOT_BLANK) {
		(void)s0_map_sector(session->device->map, why.address, &page,
				    &size);
		return session_not_erased(page, &why, err);
	}
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

/*
 * Is the range blank now? After a blind erase it may be a matter of time.
 * evidence is an address where a byte was seen before; when the erase was
 * ignored (write protection: the ROM says nothing, AN3156) it is still there,
 * and programming over it would damage the flash word.
 */
static s0_code prove(struct s0_session *session, uint32_t address,
		     uint32_t length, bool blind, uint32_t evidence,
		     struct s0_error *err)
{
	struct target *target = session->target;
	uint32_t word = plan_unit(session->device->info.chip);
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = S0_OK;

	if (!blind && !evidence)
		return S0_OK;
	for (int i = 0; i < BLIND_TRIES; i++) {
		why = (struct s0_error)S0_ERROR_INIT;
		code = blind ? check_whole(session, address, length, &why)
			     : session_check_blank(session,
						   round_down(evidence, word),
						   word, &why);
		if (blind && (code == S0_E_TIMEOUT || (code == S0_OK && i)))
			journal_late_erase(session->journal, length,
					   target->times.erase_max_us);
		if (code != S0_E_NOT_BLANK || !blind)
			break;
		target->stats.wait_us += target->times.erase_max_us;
		target->ops->wait_us(target, target->times.erase_max_us);
	}
	if (code == S0_E_NOT_BLANK)
		return session_not_erased(address, &why, err);
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

s0_code session_erase_sector(struct s0_session *session, uint32_t address,
			     uint32_t length, uint32_t evidence, bool doubt,
			     struct s0_error *err)
{
	struct target *target = session->target;
	struct s0_error why = S0_ERROR_INIT;
	bool blind = false;
	s0_code code;

	code = journal_begin(session->journal, address, length, NULL, err);
	if (code != S0_OK)
		return code;
	session->op.changed = true;
	target->longest_erase_us = journal_erase_us(session->journal, length);
	code = target->ops->erase(target, address, &blind, &why);
	if (code == S0_OK && !blind)
		journal_saw_erase(session->journal, length,
				  target->longest_erase_us);
	if (code != S0_OK) {
		error_add_place(&why, address, length);
		why.length = length;
		if (err && err->code == S0_OK)
			*err = why;
		return code;
	}
	if (code == S0_OK)
		code = prove(session, address, length, blind || doubt, evidence,
			     err);
	if (code == S0_OK)
		code = record(session, address, length, err);
	return code;
}

/* Calls for each flash sector until one fails. @plan: what will be written
 * there afterwards; NULL: nothing. */
static s0_code each_sector(struct s0_session *session,
			   s0_code (*call)(struct s0_session *,
					   const struct s0_plan *, uint32_t,
					   uint32_t, struct s0_error *),
			   const struct s0_plan *plan, struct s0_error *err)
{
	const struct s0_map *map = session->device->map;
	s0_code code = S0_OK;

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		for (uint32_t done = 0; code == S0_OK && done < area->length &&
					area->kind == S0_AREA_FLASH;
		     done += area->sector_size)
			code = call(session, plan, area->address + done,
				    area->sector_size, err);
	}
	return code;
}

static s0_code begin_sector(struct s0_session *session,
			    const struct s0_plan *plan, uint32_t address,
			    uint32_t length, struct s0_error *err)
{
	(void)plan;
	return journal_begin(session->journal, address, length, NULL, err);
}

/*
 * A sector that was read before and will be written is looked at where it was
 * not blank, as after its own erase. One that was found to be blank as a whole
 * is not read again: an erase whose end was seen can leave in it only what was
 * there. The others are read as a whole.
 */
static s0_code sector_blank(struct s0_session *session,
			    const struct s0_plan *plan, uint32_t address,
			    uint32_t length, struct s0_error *err)
{
	const struct survey_sector *known =
		plan ? survey_find(plan->survey, address) : NULL;
	uint32_t word = plan_unit(session->device->info.chip);
	s0_code code = S0_OK;

	if (!known || (known->content != S0_CONTENT_DIFFERENT && !known->blank))
		code = check_whole(session, address, length, err);
	else if (known->evidence)
		code = session_check_blank(
			session, round_down(known->evidence, word), word, err);
	session_advance(session, address, 0);
	return code == S0_OK ? s0_session_check_cancel(session, err) : code;
}

/* The same of pages, those in a row together. */
static s0_code pages_blank(struct s0_session *session,
			   const struct s0_plan *plan,
			   const struct s0_area *area, struct s0_error *err)
{
	uint32_t page = area->sector_size, row = 0;
	s0_code code = S0_OK;

	for (uint32_t at = 0; code == S0_OK && at <= area->length; at += page) {
		const struct survey_sector *known =
			plan ? survey_find(plan->survey, area->address + at)
			     : NULL;
		bool skip = at == area->length ||
			    (known && known->blank && !known->evidence);

		if (skip && row)
			code = check_whole(session, area->address + at - row,
					   row, err);
		row = skip ? 0 : row + page;
	}
	session_advance(session, area->address, 0);
	return code == S0_OK ? s0_session_check_cancel(session, err) : code;
}

static s0_code all_blank(struct s0_session *session, const struct s0_plan *plan,
			 struct s0_error *err)
{
	const struct s0_map *map = session->device->map;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		uint32_t size = area->sector_size;

		if (area->kind != S0_AREA_FLASH)
			continue;
		if (session_is_page(session, size))
			code = pages_blank(session, plan, area, err);
		else
			for (uint32_t at = 0;
			     code == S0_OK && at < area->length; at += size)
				code = sector_blank(session, plan,
						    area->address + at, size,
						    err);
	}
	return code;
}

static s0_code erase_one(struct s0_session *session, const struct s0_plan *plan,
			 uint32_t address, uint32_t length,
			 struct s0_error *err)
{
	s0_code code = s0_session_check_cancel(session, err);

	if (code == S0_OK)
		code = session_erase_sector(session, address, length, 0, false,
					    err);
	if (code == S0_OK && !session_is_page(session, length))
		code = prove(session, address, length, true, 0, err);
	if (code == S0_OK)
		/* A step of a plan advances as a whole. */
		session_advance(session, address, plan ? 0 : length);
	return code;
}

static s0_code record_one(struct s0_session *session,
			  const struct s0_plan *plan, uint32_t address,
			  uint32_t length, struct s0_error *err)
{
	(void)plan;
	return record(session, address, length, err);
}

/* All of the flash, sector by sector. */
static s0_code erase_each(struct s0_session *session,
			  const struct s0_plan *plan, struct s0_error *err)
{
	const struct s0_map *map = session->device->map;
	s0_code code = session_note_pages(session, 0, UINT64_MAX, err);

	if (code == S0_OK)
		code = each_sector(session, erase_one, plan, err);
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		if (code == S0_OK && area->kind == S0_AREA_FLASH &&
		    session_is_page(session, area->sector_size))
			code = session_prove_pages(session, area->address,
						   area->length, err);
	}
	return code;
}

/* Sector by sector where the quick way failed. */
static s0_code fall_back(struct s0_session *session, const struct s0_plan *plan,
			 const char *how, struct s0_error *err)
{
	s0_code code = session->target->ops->settle(session->target, err);

	session->erased_count = 0;
	session_warn(session,
		     "the mass erase %s; erasing sector by sector instead",
		     how);
	return code == S0_OK ? erase_each(session, plan, err) : code;
}

/* Some bootloaders refuse to say how it went while the array is erasing: give
 * it its time, then look. */
static s0_code wait_out(struct s0_session *session, struct s0_error *err)
{
	struct target *target = session->target;

	target->stats.wait_us += target->times.mass_erase_max_us;
	target->ops->wait_us(target, target->times.mass_erase_max_us);
	return target->ops->settle(target, err);
}

s0_code session_erase_all(struct s0_session *session,
			  const struct s0_plan *plan, struct s0_error *err)
{
	struct target *target = session->target;
	struct s0_error why = S0_ERROR_INIT;
	uint64_t before;
	bool blind = false, doubt = false, seen, soon;
	s0_code code;

	if (!plan_mass_works(session->device->info.chip, session->device->map,
			     session->device->info.rom))
		return erase_each(session, plan, err);
	code = session_note_pages(session, 0, UINT64_MAX, err);
	if (code == S0_OK)
		code = each_sector(session, begin_sector, NULL, err);
	if (code != S0_OK)
		return code;
	before = target->stats.erase_us;
	session->mass_begun = true;
	session->op.changed = true;
	code = target->ops->mass_erase(target, &blind, &why);
	soon = target->stats.erase_us - before <
	       target->times.mass_erase_us / 20;
	seen = code == S0_OK && !blind && !soon;
	/* Stalled, or over too soon: the array may be at work all the same. */
	if (code == S0_E_REFUSED || (code == S0_OK && soon)) {
		doubt = code == S0_OK;
		why = (struct s0_error)S0_ERROR_INIT;
		code = wait_out(session, &why);
	}
	if (code == S0_OK && doubt)
		return fall_back(session, plan, "was over too soon", err);
	/* What the bootloader saw the end of can be told after a stop. */
	if (seen)
		code = each_sector(session, record_one, NULL, &why);
	if (code == S0_OK)
		code = all_blank(session, seen ? plan : NULL, &why);
	if (code == S0_E_NOT_BLANK)
		return fall_back(session, plan, "left bytes behind", err);
	if (code != S0_OK) {
		if (err && err->code == S0_OK)
			*err = why;
		return code;
	}
	session->result.mass_erased = true;
	return seen ? S0_OK : each_sector(session, record_one, NULL, err);
}
