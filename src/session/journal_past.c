/* SPDX-License-Identifier: MIT */
/*
 * How far a run got in a sector whose bytes are saved: what can be read there
 * without meeting a torn flash word, and what it must read if nobody else has
 * been there since.
 */
#include <stdlib.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/journal.h"

/* The sector's note, if bytes of it are saved. */
static struct note *saved_note(const struct journal *journal, uint32_t address)
{
	for (size_t i = 0; i < journal->count; i++) {
		struct note *note = &journal->notes[i];

		if (range_within(address, 1, note->address, note->length) &&
		    journal_has_kept(journal, note))
			return note;
	}
	return NULL;
}

void journal_drop_past(struct journal *journal, uint32_t sector)
{
	const struct note *note = journal_find(journal, sector);
	size_t left = 0;

	for (size_t i = 0; note && i < journal->past_count; i++)
		if (!range_within(journal->past[i].address, 1, sector,
				  note->length))
			journal->past[left++] = journal->past[i];
	if (note)
		journal->past_count = left;
}

static s0_code add(struct journal *journal, uint32_t address, uint32_t length,
		   struct s0_error *err)
{
	size_t count = journal->past_count;
	struct past *past = realloc(journal->past, (count + 1) * sizeof *past);

	if (!past)
		return error_memory(err);
	journal->past = past;
	past[journal->past_count++] =
		(struct past){ .address = address, .length = length };
	return S0_OK;
}

static s0_code take_erased(struct journal *journal, uint32_t sector,
			   uint32_t bytes, const uint8_t *ranges,
			   struct s0_error *err)
{
	struct note *note = saved_note(journal, sector);
	s0_code code = S0_OK;

	if (!note)
		return S0_OK;
	journal_drop_past(journal, sector);
	for (uint32_t i = 0; code == S0_OK && i + 8 <= bytes; i += 8)
		code = add(journal, get_le32(ranges + i),
			   get_le32(ranges + i + 4), err);
	note->erased = code == S0_OK;
	return code;
}

static void take_written(struct journal *journal, uint32_t address,
			 uint32_t length, uint32_t crc)
{
	for (size_t i = 0; i < journal->past_count; i++) {
		struct past *past = &journal->past[i];

		if (past->address == address && past->length == length) {
			past->written = true;
			past->crc = crc;
		}
	}
}

s0_code journal_take_past(struct journal *journal, enum note_kind kind,
			  uint32_t address, uint32_t length,
			  const uint8_t *payload, struct s0_error *err)
{
	if (kind == NOTE_ERASED)
		return take_erased(journal, address, length, payload, err);
	if (kind == NOTE_WRITTEN)
		take_written(journal, address, length, get_le32(payload));
	if (kind == NOTE_STAMP)
		journal->stamp = (struct stamp){ address, length };
	return S0_OK;
}

s0_code journal_set_stamp(struct journal *journal, const struct stamp *stamp,
			  struct s0_error *err)
{
	s0_code code;

	if (journal->stamped)
		return S0_OK;
	code = journal_append(journal, NOTE_STAMP, stamp->time_s, stamp->banks,
			      NULL, err);
	if (code == S0_OK)
		journal->stamp = *stamp;
	journal->stamped = code == S0_OK;
	return code;
}

s0_code journal_erased(struct journal *journal, uint32_t sector,
		       const struct past *past, size_t count,
		       struct s0_error *err)
{
	uint32_t bytes = (uint32_t)(count * 8);
	uint8_t *ranges;
	s0_code code;

	if (!saved_note(journal, sector))
		return S0_OK;
	ranges = malloc(bytes + 1);
	if (!ranges)
		return error_memory(err);
	for (size_t i = 0; i < count; i++) {
		put_le32(ranges + i * 8, past[i].address);
		put_le32(ranges + i * 8 + 4, past[i].length);
	}
	code = journal_append(journal, NOTE_ERASED, sector, bytes, ranges, err);
	if (code == S0_OK)
		code = take_erased(journal, sector, bytes, ranges, err);
	free(ranges);
	return code;
}

s0_code journal_written(struct journal *journal, uint32_t address,
			uint32_t length, const uint8_t *bytes,
			struct s0_error *err)
{
	const struct note *note = saved_note(journal, address);
	uint8_t crc[4];
	s0_code code;

	if (!note || !note->erased)
		return S0_OK;
	put_le32(crc, (uint32_t)crc32_z(0, bytes, length));
	code = journal_append_as(journal, NOTE_WRITTEN, address, length, crc,
				 sizeof crc, err);
	if (code == S0_OK)
		take_written(journal, address, length, get_le32(crc));
	return code;
}
