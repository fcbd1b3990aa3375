/* SPDX-License-Identifier: MIT */
/*
 * Looking at a device before anything is changed: which sectors hold the right
 * bytes already, what an erase would take, what has to be kept. A sector that
 * an earlier run was cut in is not read.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/session.h"

/* Ranges nearer to each other than this are read as one. */
#define NEAR_BYTES 1024u

struct look {
	const struct s0_image *image;
	struct s0_survey *survey;
	struct survey_sector *sector;
	uint8_t erased;
	bool keep;	/* store what the image does not cover */
	bool store_all; /* store everything read */
	bool stop;	/* at the first difference */
	bool different;
	bool confirm;	/* what was stored is read again */
	bool unsteady;	/* … and came out otherwise */
	s0_code failed; /* storing ran out of memory */
};

static void store(struct look *look, uint32_t address, const uint8_t *bytes,
		  uint32_t length)
{
	if (look->failed == S0_OK && length &&
	    !bytes_all(bytes, length, look->erased))
		look->failed = s0_image_add(look->survey->content, "device",
					    address, bytes, length, NULL);
}

/* What is to be kept, as it was stored, against a second reading. */
static void confirm(struct look *look, uint32_t address, const uint8_t *bytes,
		    uint32_t length)
{
	uint8_t stored[256];

	for (uint32_t at = 0; at < length && !look->unsteady;
	     at += sizeof stored) {
		uint32_t left = length - at;
		uint32_t part = left < sizeof stored ? left : sizeof stored;

		memset(stored, look->erased, part);
		(void)s0_image_copy(look->survey->content, address + at, part,
				    stored);
		look->unsteady = memcmp(stored, bytes + at, part) != 0;
	}
}

/* Bytes that the image does not cover: would be lost, or are to be kept. */
static void uncovered(struct look *look, uint32_t address, const uint8_t *bytes,
		      uint32_t length)
{
	if (look->confirm) {
		confirm(look, address, bytes, length);
		return;
	}
	if (look->keep)
		store(look, address, bytes, length);
	if (bytes_all(bytes, length, look->erased))
		return;
	for (uint32_t i = 0; i < length; i++) {
		if (bytes[i] == look->erased)
			continue;
		look->sector->lost_bytes++;
		if (!look->sector->evidence)
			look->sector->evidence = address + i;
	}
}

static void covered(struct look *look, const struct s0_piece *piece,
		    uint32_t address, const uint8_t *bytes, uint32_t length)
{
	const uint8_t *wanted = piece->bytes + (address - piece->address);

	look->different |= memcmp(wanted, bytes, length) != 0;
	for (uint32_t i = 0; i < length && !look->sector->evidence; i++)
		if (bytes[i] != look->erased)
			look->sector->evidence = address + i;
}

/* Splits what was read into what the image covers and what it does not. */
static bool take(void *payload, uint32_t address, const uint8_t *bytes,
		 uint32_t length)
{
	struct look *look = payload;
	uint64_t end = range_end(address, length), at = address;

	if (look->store_all)
		store(look, address, bytes, length);
	for (size_t i = s0_image_find(look->image, address); at < end; i++) {
		struct s0_piece p = s0_image_piece(look->image, i);
		uint64_t from = p.length && p.address < end ? p.address : end;
		uint64_t to = from < end ? range_end(p.address, p.length) : end;

		if (from > at && !look->stop)
			uncovered(look, (uint32_t)at, bytes + (at - address),
				  (uint32_t)(from - at));
		if (from > at)
			at = from;
		to = to < end ? to : end;
		if (to > at)
			covered(look, &p, (uint32_t)at, bytes + (at - address),
				(uint32_t)(to - at));
		at = to > at ? to : at;
	}
	return !(look->stop && look->different) && look->failed == S0_OK;
}

static s0_code read_range(struct s0_session *session, struct look *look,
			  uint64_t from, uint64_t to, unsigned first,
			  struct s0_error *err)
{
	struct target *target = session->target;
	uint32_t start = round_down((uint32_t)from, 4);
	uint32_t length = (uint32_t)(round_up(to, 4) - start);
	struct s0_error own = S0_ERROR_INIT;
	s0_code code;

	code = target->ops->read(target, start, length, first, take, look,
				 &own);
	/* If the read itself stopped the bootloader, the next run will not
	 * read there, unless it has to. */
	if (own.cause == S0_CAUSE_UNREADABLE)
		journal_suspect(session->journal, look->sector->address,
				look->sector->length);
	if (code != S0_OK && err && err->code == S0_OK)
		*err = own;
	if (code == S0_OK && look->failed != S0_OK)
		return error_memory(err);
	if (code == S0_OK)
		session_advance(session, start, length);
	return code;
}

/* The next stretch at or after *at that the image covers (or leaves out):
 * [*at, *end); false if there is none before `limit`. */
static bool stretch(const struct s0_image *image, bool wanted, uint64_t limit,
		    uint64_t *at, uint64_t *end)
{
	while (*at < limit) {
		size_t i = s0_image_find(image, (uint32_t)*at);
		struct s0_piece p = s0_image_piece(image, i);
		bool inside = p.length && p.address <= *at;
		uint64_t to = inside	 ? range_end(p.address, p.length)
			      : p.length ? p.address
					 : limit;

		to = to < limit ? to : limit;
		if (inside == wanted) {
			*end = to;
			return true;
		}
		*at = to;
	}
	return false;
}

/* Read all stretches of a sector that the image covers, or leaves out, those
 * near to each other as one. */
static s0_code read_stretches(struct s0_session *session, struct look *look,
			      bool wanted, unsigned first, struct s0_error *err)
{
	const struct survey_sector *sector = look->sector;
	uint64_t limit = range_end(sector->address, sector->length);
	uint64_t at = sector->address, end = at;
	s0_code code = S0_OK;

	while (code == S0_OK && !(look->stop && look->different) &&
	       stretch(look->image, wanted, limit, &at, &end)) {
		uint64_t next = end, next_end = end;

		while (stretch(look->image, wanted, limit, &next, &next_end) &&
		       next - end < NEAR_BYTES) {
			end = next_end;
			next = next_end;
		}
		code = read_range(session, look, at, end, first, err);
		at = end;
	}
	return code;
}

/* Is the sector noted, and not to be read? A suspect one is read when bytes in
 * it have to be kept. */
static bool is_noted(const struct s0_session *session,
		     const struct s0_policy *policy, uint32_t address)
{
	const struct note *note = journal_find(session->journal, address);

	if (!note)
		return false;
	return note->kind != NOTE_SUSPECT || !policy->keep;
}

/* A run that did not mean to keep anything was cut here: what stood beside its
 * image cannot be told from damage. */
static s0_code check_noted(const struct s0_session *session,
			   const struct s0_policy *policy, uint32_t address,
			   struct s0_error *err)
{
	const struct note *note = journal_find(session->journal, address);

	if (policy->erase == S0_ERASE_NONE)
		return error_set_at(err, S0_E_NOT_ERASED, address, note->length,
				    "an earlier run was cut in the sector at "
				    "0x%08x: it must be erased first",
				    address);
	if (!policy->keep || note->kind != NOTE_BEGUN)
		return S0_OK;
	return error_set_at(err, S0_E_UNREADABLE, address, note->length,
			    "an earlier run was cut in the sector at 0x%08x, "
			    "so what is to be kept there must not be read",
			    address);
}

static s0_code copy_kept(const struct s0_session *session,
			 struct s0_survey *survey, uint32_t address,
			 uint32_t length, struct s0_error *err)
{
	const struct s0_image *kept = session->journal->kept;
	s0_code code = S0_OK;

	for (size_t i = s0_image_find(kept, address);
	     code == S0_OK && i < s0_image_piece_count(kept); i++) {
		struct s0_piece p = s0_image_piece(kept, i);

		if (p.address >= range_end(address, length))
			break;
		code = s0_image_add(survey->content, "journal", p.address,
				    p.bytes, p.length, err);
	}
	return code;
}

/* Bytes to be kept will soon be nowhere else: they are believed when two
 * readings of them agree. */
static s0_code read_again(struct s0_session *session, struct look *look,
			  struct s0_error *err)
{
	const struct survey_sector *sector = look->sector;
	s0_code code;

	look->confirm = true;
	code = read_stretches(session, look, false, 0, err);
	look->confirm = false;
	if (code == S0_OK && look->unsteady)
		return error_set_at(err, S0_E_PROTOCOL, sector->address,
				    sector->length,
				    "two readings of what is to be kept in "
				    "the sector at 0x%08x differ",
				    sector->address);
	return code;
}

/* What an erase would take is counted where somebody asks or where it has to
 * be kept; else only where two samples find anything: what lies right behind
 * the image, and the end of the sector, where settings are often kept. Reading
 * it all costs a good deal more than writing a small image does. */
static s0_code sample(struct s0_session *session, struct look *look,
		      bool *ret_seen, struct s0_error *err)
{
	const struct survey_sector *sector = look->sector;
	uint64_t limit = range_end(sector->address, sector->length);
	uint64_t at = sector->address, end = at, from = 0, to = 0;
	uint32_t block = session->target->block;
	s0_code code = S0_OK;

	while (stretch(look->image, false, limit, &at, &end)) {
		from = at;
		to = at = end;
	}
	end = from + block < to ? from + block : to;
	if (end > from)
		code = read_range(session, look, from, end, 0, err);
	if (code == S0_OK && to > end && !sector->lost_bytes)
		code = read_range(session, look,
				  to - end > block ? to - block : end, to, 0,
				  err);
	*ret_seen = sector->lost_bytes > 0;
	look->sector->lost_bytes = 0;
	return code;
}

static s0_code count_lost(struct s0_session *session,
			  const struct s0_policy *policy, struct look *look,
			  struct s0_error *err)
{
	bool all = policy->count_lost || look->keep;
	s0_code code = S0_OK;

	if (!all)
		code = sample(session, look, &all, err);
	if (code != S0_OK || !all)
		return code;
	code = read_stretches(session, look, false, 0, err);
	look->sector->lost_known = code == S0_OK;
	return code;
}

static s0_code look_at_sector(struct s0_session *session,
			      const struct s0_policy *policy, struct look *look,
			      bool touched, struct s0_error *err)
{
	struct survey_sector *sector = look->sector;
	s0_code code = S0_OK;
	bool erase;

	if (is_noted(session, policy, sector->address)) {
		sector->content = S0_CONTENT_NOTED;
		code = check_noted(session, policy, sector->address, err);
		if (code != S0_OK || policy->erase != S0_ERASE_NEEDED)
			return code;
		return copy_kept(session, look->survey, sector->address,
				 sector->length, err);
	}
	look->different = !touched;
	if (touched && policy->erase != S0_ERASE_ALL &&
	    (!policy->full || policy->erase == S0_ERASE_NONE)) {
		look->stop = policy->erase != S0_ERASE_NONE;
		look->store_all = !look->stop;
		code = read_stretches(session, look, true, look->stop ? 1 : 0,
				      err);
		sector->content = look->different ? S0_CONTENT_DIFFERENT
						  : S0_CONTENT_SAME;
	}
	erase = sector->content != S0_CONTENT_SAME &&
		policy->erase != S0_ERASE_NONE;
	look->stop = false;
	if (code == S0_OK && erase)
		code = count_lost(session, policy, look, err);
	if (code == S0_OK && erase && look->keep)
		code = read_again(session, look, err);
	return code;
}

/* Flash words are blank or not as a whole: without an erase, what stands
 * beside the image's bytes in them counts. */
static s0_code word_edges(struct s0_session *session,
			  const struct s0_plan *base, struct s0_survey *survey,
			  struct s0_error *err)
{
	uint32_t word = base->chip->flash_word;
	s0_code code = S0_OK;

	for (size_t i = 0;
	     code == S0_OK && i < s0_image_piece_count(base->image); i++) {
		struct s0_piece p = s0_image_piece(base->image, i);
		const struct s0_area *area = s0_map_find(base->map, p.address);
		bool ram = area && area->kind == S0_AREA_RAM;
		uint32_t unit = ram ? PLAN_RAM_UNIT : word;
		uint64_t from = round_down(p.address, unit);
		uint64_t to = round_up(range_end(p.address, p.length), unit);
		struct survey_sector nowhere = { 0 };
		struct look look = { .image = base->image,
				     .survey = survey,
				     .sector = &nowhere,
				     .erased = base->chip->erased,
				     .store_all = true,
				     .stop = true };

		if (!plan_wants(base, area) ||
		    (!ram && base->policy.erase != S0_ERASE_NONE))
			continue;
		if (from < p.address)
			code = read_range(session, &look, from, from + unit, 0,
					  err);
		if (code == S0_OK && to > range_end(p.address, p.length))
			code = read_range(session, &look, to - unit, to, 0,
					  err);
	}
	return code;
}

s0_code session_look(struct s0_session *session, const struct s0_plan *base,
		     struct s0_survey *survey, struct s0_error *err)
{
	const struct s0_policy *policy = &base->policy;
	s0_code code = S0_OK;

	session_stage(
		session, S0_STAGE_SURVEY,
		(uint64_t)base->sector_count *
			(base->sector_count ? base->sectors[0].length : 0));
	for (size_t i = 0; code == S0_OK && i < base->sector_count; i++) {
		const struct s0_plan_sector *s = &base->sectors[i];
		struct look look = { .image = base->image,
				     .survey = survey,
				     .erased = base->chip->erased,
				     .keep = policy->keep };

		look.sector = survey_add(survey, s->address, s->length);
		if (!look.sector)
			return error_memory(err);
		code = session_check_cancel(session, err);
		if (code == S0_OK)
			code = look_at_sector(session, policy, &look,
					      s->image_bytes > 0, err);
	}
	if (code == S0_OK)
		code = word_edges(session, base, survey, err);
	if (code == S0_OK)
		session_stage_done(session);
	return code;
}
