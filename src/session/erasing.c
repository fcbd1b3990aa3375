/* SPDX-License-Identifier: MIT */
/* A range of sectors, or all of them, erased on somebody's word. */
#include <sector0/option_session.h>

#include "base/error.h"
#include "base/range.h"
#include "plan/guarded.h"
#include "session/lift.h"

/* An erase, and how far it is. */
struct erasing {
	uint32_t address;
	uint32_t first; /* the sector that holds it */
	uint64_t end;
	uint64_t at;   /* next sector to be erased */
	size_t proven; /* of those erased, found blank */
	uint64_t total;
	bool all, verifying;
};

static s0_code erase_range(struct s0_session *session, struct erasing *e,
			   struct s0_error *err)
{
	s0_code code = S0_OK;

	if (e->at < e->end)
		code = session_note_pages(session, (uint32_t)e->at, e->end,
					  err);
	while (code == S0_OK && e->at < e->end) {
		uint32_t sector, size;

		(void)s0_map_sector(session->device->map, (uint32_t)e->at,
				    &sector, &size);
		code = s0_session_check_cancel(session, err);
		if (code == S0_OK)
			code = session_erase_sector(session, sector, size, 0,
						    false, err);
		if (code != S0_OK)
			break;
		session_advance(session, sector, size);
		e->at = range_end(sector, size);
		session->op.proven++;
	}
	return code;
}

/* What an interrupted --rollback saved is one firmware. */
static void warn_part(struct s0_session *session, uint32_t address)
{
	const struct journal *journal = session->journal;
	const struct note *note = journal_find(journal, address);
	bool others = false;

	for (size_t i = 0; i < journal->count; i++)
		others |= journal->notes[i].address != address &&
			  note_is_old(&journal->notes[i]);
	if (note && note_is_old(note) && others)
		session_warn(session,
			     "what the sector at 0x%08x held was a part of "
			     "what an interrupted --rollback had saved, and is "
			     "given up now: 'sector0 recover' would put back "
			     "the rest alone, which is no whole firmware",
			     address);
	else if (note && note_is_begun(note) && journal_has_kept(journal, note))
		session_warn(session,
			     "what a run that was cut had saved of the sector "
			     "at 0x%08x is given up now, since it is erased on "
			     "request",
			     address);
}

/* Of what was erased, from the next sector to be proved on: how many bytes are
 * read together. */
static uint32_t row_of(const struct s0_session *session,
		       const struct erasing *e)
{
	const struct erased *erased = &session->erased[e->proven];
	uint32_t bytes = erased->length;

	for (size_t i = e->proven + 1;
	     i < session->erased_count && bytes < SESSION_PROVE_BYTES &&
	     session_is_page(session, session->erased[i].length) &&
	     session_is_page(session, erased->length) &&
	     session->erased[i].address == range_end(erased->address, bytes);
	     i++)
		bytes += session->erased[i].length;
	return bytes;
}

/* Prove what was erased, and forget the notes on it. */
static s0_code prove_erased(struct s0_session *session, struct erasing *e,
			    struct s0_error *err)
{
	uint64_t blank = 0;
	s0_code code = S0_OK;

	for (; code == S0_OK && e->proven < session->erased_count;
	     e->proven++) {
		struct s0_error why = S0_ERROR_INIT;
		uint32_t address = session->erased[e->proven].address;
		uint32_t length = session->erased[e->proven].length;
		uint32_t row = row_of(session, e);

		if (address >= blank && session_is_page(session, length)) {
			code = session_prove_pages(session, address, row, err);
			blank = range_end(address, row);
		} else if (address >= blank) {
			code = session_check_blank(session, address, length,
						   &why);
		}
		if (code == S0_E_NOT_BLANK)
			return session_not_erased(address, &why, err);
		if (why.code != S0_OK && err && err->code == S0_OK)
			*err = why;
		if (code == S0_OK) {
			warn_part(session, address);
			code = journal_done(session->journal, address, err);
		}
		if (code != S0_OK)
			break;
		session_advance(session, address, length);
		session->op.proven++;
	}
	return code == S0_OK ? journal_tidy(session->journal, err) : code;
}

void session_tell_given_up(struct s0_session *session, size_t sectors)
{
	if (sectors)
		session_warn(
			session,
			"what a run that was cut had saved of %zu sector%s "
			"is given up now, since all flash is erased on "
			"request",
			sectors, sectors == 1 ? "" : "s");
}

static s0_code forget_all(struct s0_session *session, struct s0_error *err)
{
	s0_code code = S0_OK;

	session_tell_given_up(session, journal_count_saved(session->journal));
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

static bool needs(const void *payload, uint32_t sector)
{
	const struct erasing *e = payload;

	return e->all || (sector < e->end && sector >= e->first);
}

/* Nothing that the option bytes protect. */
static s0_code check_protection(struct s0_session *session,
				const struct erasing *e, struct s0_error *err)
{
	const struct s0_device_info *info = &session->device->info;
	const struct s0_map *map = session->device->map;
	struct guarded guarded;

	guarded_begin(&guarded, info->chip, map, session_protection(session),
		      info->option_length);
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		for (uint32_t at = area->address;
		     area->kind == S0_AREA_FLASH && area->sector_size &&
		     at - area->address < area->length;
		     at += area->sector_size)
			if (needs(e, at))
				guarded_add(&guarded, at);
	}
	return guarded_end(&guarded, session->lift, err);
}

/* What is no flash is not erased in sectors, whatever the device names it. */
static s0_code check_flash(const struct s0_session *session, uint32_t address,
			   uint32_t length, struct s0_error *err)
{
	const struct s0_map *map = session->device->map;
	s0_code code =
		session_check_range(session, address, length,
				    S0_CAN_ERASE | S0_CAN_WRITE, "erased", err);

	for (size_t i = 0; code == S0_OK && i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		if (area->kind != S0_AREA_FLASH &&
		    range_overlap(address, length, area->address, area->length))
			return error_set_at(err, S0_E_OUTSIDE, address, length,
					    "%u bytes at 0x%08x reach into "
					    "'%s', which is no flash and has "
					    "no sectors to be erased",
					    length, address, area->name);
	}
	return code;
}

static s0_code check_erase(const struct s0_session *session, uint32_t address,
			   uint32_t length, struct s0_error *err)
{
	const struct s0_device_info *info = &session->device->info;
	s0_code code =
		session_check_chip(session->device, "nothing is erased", err);

	if (code != S0_OK)
		return code;
	if (info->rdp > 0) {
		error_add_cause(err, S0_CAUSE_READ_OUT);
		return error_set(err, S0_E_PROTECTED,
				 "read-out protection level %d is on: the "
				 "bootloader erases nothing",
				 info->rdp);
	}
	code = session_check_geometry(session->device, err);
	if (code != S0_OK || (!address && !length))
		return code;
	if (!length)
		return error_set(err, S0_E_BUG, "an erase of no bytes");
	return check_flash(session, address, length, err);
}

static s0_code erase_on(struct s0_session *session, void *work,
			struct s0_error *err)
{
	struct erasing *e = work;
	s0_code code;

	if (e->all) {
		/* It cannot be stopped later; nothing is begun yet. */
		code = s0_session_check_cancel(session, err);
		if (code == S0_OK)
			code = session_erase_all(session, NULL, err);
		return code == S0_OK ? forget_all(session, err) : code;
	}
	code = erase_range(session, e, err);
	if (code == S0_OK && !e->verifying)
		session_stage(session, S0_STAGE_VERIFY, e->total);
	if (code != S0_OK)
		return code;
	e->verifying = true;
	return prove_erased(session, e, err);
}

static s0_code begin(struct s0_session *session, uint32_t address,
		     uint32_t length, struct erasing *e, struct s0_error *err)
{
	uint32_t size;
	s0_code code = check_erase(session, address, length, err);

	*e = (struct erasing){ .address = address,
			       .first = address,
			       .at = address,
			       .end = range_end(address, length),
			       .all = !address && !length };
	if (code == S0_OK && !e->all)
		(void)s0_map_sector(session->device->map, address, &e->first,
				    &size);
	return code == S0_OK ? check_protection(session, e, err) : code;
}

s0_code s0_session_check_erase(struct s0_session *session, uint32_t address,
			       uint32_t length, struct s0_error *err)
{
	struct erasing e;

	return begin(session, address, length, &e, err);
}

s0_code s0_session_erase(struct s0_session *session, uint32_t address,
			 uint32_t length, struct s0_result *ret_result,
			 struct s0_error *err)
{
	struct erasing e;
	s0_code code = begin(session, address, length, &e, err);

	if (code != S0_OK)
		return code;
	e.total = e.all ? s0_map_flash_size(session->device->map)
			: sector_bytes(session, address, length);
	session_begin(session);
	session_stage(session, S0_STAGE_ERASE, e.total);
	code = session_lift(session, needs, &e, err);
	if (code == S0_OK)
		code = session_persist(session, erase_on, &e, err);
	code = session_unlift(session, code, err);
	return session_end(session, code, ret_result, err);
}
