/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/look.h"

/* Ranges nearer to each other than this are read as one. */
#define NEAR_BYTES 1024u

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

static void see(struct look *look, uint32_t address, const uint8_t *bytes,
		uint32_t length)
{
	for (uint32_t i = 0; i < length && !look->sector->evidence; i++)
		if (bytes[i] != look->erased)
			look->sector->evidence = address + i;
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
	see(look, address, bytes, length);
	for (uint32_t i = 0; i < length; i++)
		look->sector->lost_bytes += bytes[i] != look->erased;
}

static void covered(struct look *look, const struct s0_piece *piece,
		    uint32_t address, const uint8_t *bytes, uint32_t length)
{
	const uint8_t *wanted = piece->bytes + (address - piece->address);

	look->different |= memcmp(wanted, bytes, length) != 0;
	see(look, address, bytes, length);
}

static uint64_t end_of(const struct survey_sector *sector)
{
	return range_end(sector->address, sector->length);
}

/* The stream has come this far. */
static void move_on(struct look *look, uint32_t address)
{
	while (look->sector != look->last && address >= end_of(look->sector))
		look->sector++;
}

/*
 * Who stops at the first difference reads no more ahead than has been right so
 * far, and of each sector the first block alone: one that was built anew
 * differs there. What is read a second time is queued like that too.
 */
static unsigned depth(void *payload, uint32_t address)
{
	const struct look *look = payload;
	uint64_t end = end_of(look->sector);
	uint64_t left = address < end ? (end - address) / look->block : 0;
	uint64_t right = (address - look->from) / look->block + 1;

	if (!look->stop && !look->confirm)
		return UINT_MAX;
	if (right > left)
		right = left;
	return right ? (unsigned)right : 1;
}

/* The stream may be anywhere in several sectors. */
static void covered_in(struct look *look, const struct s0_piece *piece,
		       uint64_t from, uint64_t to, const uint8_t *bytes)
{
	for (uint64_t at = from; at < to;) {
		uint64_t end = to;

		move_on(look, (uint32_t)at);
		if (look->each && look->sector != look->last &&
		    end_of(look->sector) < end)
			end = end_of(look->sector);
		covered(look, piece, (uint32_t)at, bytes + (at - from),
			(uint32_t)(end - at));
		if (look->each && look->different)
			look->sector->content = S0_CONTENT_DIFFERENT;
		look->different &= !look->each;
		at = end;
	}
}

/* Splits what was read into what the image covers and what it does not. */
static bool take(void *payload, uint32_t address, const uint8_t *bytes,
		 uint32_t length)
{
	struct look *look = payload;
	uint64_t end = range_end(address, length), at = address;

	move_on(look, address);
	if (look->seek) {
		see(look, address, bytes, length);
		return !look->sector->evidence;
	}
	if (look->store_all)
		store(look, address, bytes, length);
	for (size_t i = s0_image_find(look->image, address); at < end; i++) {
		struct s0_piece p = s0_image_piece(look->image, i);
		uint64_t from = p.length && p.address < end ? p.address : end;
		uint64_t to = from < end ? range_end(p.address, p.length) : end;

		if (from > at && !look->stop && !look->each)
			uncovered(look, (uint32_t)at, bytes + (at - address),
				  (uint32_t)(from - at));
		if (from > at)
			at = from;
		to = to < end ? to : end;
		if (to > at)
			covered_in(look, &p, at, to, bytes + (at - address));
		at = to > at ? to : at;
	}
	return !(look->stop && look->different) && look->failed == S0_OK;
}

s0_code look_read(struct s0_session *session, struct look *look, uint64_t from,
		  uint64_t to, struct s0_error *err)
{
	struct target *target = session->target;
	uint32_t start = round_down((uint32_t)from, 4);
	uint32_t length = (uint32_t)(round_up(to, 4) - start);
	s0_code code;

	look->from = start;
	look->block = target->block;
	code = target->ops->read(target, start, length, depth, take, look, err);
	if (code == S0_OK && look->failed != S0_OK)
		return error_memory(err);
	if (code == S0_OK)
		session_advance(session, start, length);
	if (code == S0_OK && !look->stop && !look->seek)
		journal_was_read(session->journal, start, length);
	return code;
}

bool look_stretch(const struct s0_image *image, bool wanted, uint64_t limit,
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

/* How far the stretch [from, end) is read in one go; *limit and *reach move on
 * with it. No block straddles two sectors, but for pages: which of them did the
 * bootloader stop in? */
static uint64_t join(const struct look *look, bool wanted, uint64_t from,
		     uint64_t end, uint64_t *limit,
		     struct survey_sector **reach)
{
	for (;;) {
		uint64_t next = end, next_end = end;

		if (look_stretch(look->image, wanted, *limit, &next,
				 &next_end) &&
		    next - end < NEAR_BYTES) {
			end = next_end;
		} else if (*reach == look->last || end < *limit ||
			   (!look->each &&
			    (end - round_down((uint32_t)from, 4)) %
				    look->block)) {
			return end;
		} else {
			++*reach;
			*limit = end_of(*reach);
		}
	}
}

s0_code look_stretches(struct s0_session *session, struct look *look,
		       bool wanted, struct s0_error *err)
{
	struct survey_sector *reach = look->sector;
	uint64_t limit = end_of(reach), at = reach->address, end = at;
	s0_code code = S0_OK;

	look->block = session->target->block;
	while (code == S0_OK && !(look->stop && look->different) &&
	       look_stretch(look->image, wanted, limit, &at, &end)) {
		end = join(look, wanted, at, end, &limit, &reach);
		code = look_read(session, look, at, end, err);
		at = end;
	}
	look->last = reach;
	return code;
}
