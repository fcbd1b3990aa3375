/* SPDX-License-Identifier: MIT */
#include "session/journal.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"

#define HEADER 20u
#define MAGIC  0x314a3053u /* "S0J1" */
/* No sector of any STM32 is larger; what claims more is damage. */
#define MAX_PAYLOAD (1024u * 1024u)

static uint32_t sum(const uint8_t header[HEADER], const void *payload,
		    size_t length)
{
	uint32_t crc = (uint32_t)crc32_z(0, header + 4, 12);

	return length ? (uint32_t)crc32_z(crc, payload, length) : crc;
}

static s0_code append(struct journal *journal, enum note_kind kind,
		      uint32_t address, uint32_t length, const void *payload,
		      struct s0_error *err)
{
	uint8_t header[HEADER];
	uint32_t bytes = payload ? length : 0;
	struct store *store = journal->store;
	s0_code code;

	put_le32(header, MAGIC);
	put_le32(header + 4, kind);
	put_le32(header + 8, address);
	put_le32(header + 12, length);
	put_le32(header + 16, sum(header, payload, bytes));
	code = store->ops->write(store, journal->end, header, HEADER, err);
	if (code == S0_OK && bytes)
		code = store->ops->write(store, journal->end + HEADER, payload,
					 bytes, err);
	if (code == S0_OK)
		journal->end += HEADER + bytes;
	return code;
}

static void forget(struct journal *journal, uint32_t address)
{
	for (size_t i = 0; i < journal->count; i++) {
		if (journal->notes[i].address == address) {
			journal->notes[i] = journal->notes[--journal->count];
			return;
		}
	}
}

static s0_code remember(struct journal *journal, uint32_t address,
			uint32_t length, enum note_kind kind,
			struct s0_error *err)
{
	struct note *notes;

	forget(journal, address);
	notes = realloc(journal->notes, (journal->count + 1) * sizeof *notes);
	if (!notes)
		return error_memory(err);
	journal->notes = notes;
	notes[journal->count++] = (struct note){ address, length, kind };
	return S0_OK;
}

static bool in_noted_sector(const struct journal *journal,
			    const struct s0_piece *piece)
{
	for (size_t i = 0; i < journal->count; i++)
		if (range_within(piece->address, piece->length,
				 journal->notes[i].address,
				 journal->notes[i].length))
			return true;
	return false;
}

/* Kept bytes without a note are of a sector that is right, or was never
 * begun: the image is made anew without them. */
static s0_code drop_kept(struct journal *journal, struct s0_error *err)
{
	struct s0_image *rest;
	s0_code code;

	if (!s0_image_piece_count(journal->kept))
		return S0_OK;
	code = s0_image_new(&rest, err);
	if (code != S0_OK)
		return code;
	for (size_t i = 0;
	     code == S0_OK && i < s0_image_piece_count(journal->kept); i++) {
		struct s0_piece piece = s0_image_piece(journal->kept, i);

		if (in_noted_sector(journal, &piece))
			code = s0_image_add(rest, "journal", piece.address,
					    piece.bytes, piece.length, err);
	}
	if (code != S0_OK) {
		s0_image_free(rest);
		return code;
	}
	s0_image_free(journal->kept);
	journal->kept = rest;
	return S0_OK;
}

static s0_code take(struct journal *journal, const uint8_t *header,
		    const uint8_t *payload, struct s0_error *err)
{
	uint32_t address = get_le32(header + 8);
	uint32_t length = get_le32(header + 12);

	switch (get_le32(header + 4)) {
	case NOTE_BEGUN:
		return remember(journal, address, length, NOTE_BEGUN, err);
	case NOTE_SUSPECT:
		return remember(journal, address, length, NOTE_SUSPECT, err);
	case NOTE_KEPT:
		return s0_image_add(journal->kept, "journal", address, payload,
				    length, err);
	default:
		forget(journal, address);
		return drop_kept(journal, err);
	}
}

/* One record; *ret_more is false at the end of the good ones. */
static s0_code load_one(struct journal *journal, bool *ret_more,
			struct s0_error *err)
{
	struct store *store = journal->store;
	uint8_t header[HEADER], *payload = NULL;
	uint32_t kind, length, bytes;
	size_t got;
	s0_code code;

	*ret_more = false;
	code = store->ops->read(store, journal->end, header, HEADER, &got, err);
	if (code != S0_OK || got < HEADER || get_le32(header) != MAGIC)
		return code;
	kind = get_le32(header + 4);
	length = get_le32(header + 12);
	bytes = kind == NOTE_KEPT ? length : 0;
	if (kind < NOTE_BEGUN || kind > NOTE_SUSPECT || bytes > MAX_PAYLOAD)
		return S0_OK;
	payload = malloc(bytes ? bytes : 1);
	if (!payload)
		return error_memory(err);
	code = store->ops->read(store, journal->end + HEADER, payload, bytes,
				&got, err);
	if (code == S0_OK && got == bytes &&
	    sum(header, payload, bytes) == get_le32(header + 16)) {
		code = take(journal, header, payload, err);
		journal->end += HEADER + bytes;
		*ret_more = true;
	}
	free(payload);
	return code;
}

s0_code journal_open(struct store *store, struct journal **ret_journal,
		     struct s0_error *err)
{
	struct journal *journal = calloc(1, sizeof *journal);
	bool more = true;
	s0_code code;

	if (!journal) {
		store->ops->close(store);
		return error_memory(err);
	}
	journal->store = store;
	code = s0_image_new(&journal->kept, err);
	if (code == S0_OK)
		code = store->ops->lock(store, err);
	while (code == S0_OK && more)
		code = load_one(journal, &more, err);
	if (code == S0_OK)
		code = drop_kept(journal, err);
	if (code != S0_OK) {
		journal_close(journal);
		return code;
	}
	*ret_journal = journal;
	return S0_OK;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	journal->store->ops->close(journal->store);
	s0_image_free(journal->kept);
	free(journal->notes);
	free(journal);
}

const struct note *journal_find(const struct journal *journal, uint32_t address)
{
	for (size_t i = 0; i < journal->count; i++)
		if (journal->notes[i].address == address)
			return &journal->notes[i];
	return NULL;
}

/* Record the bytes of an image that lie in a sector. */
static s0_code keep_sector(struct journal *journal, const struct s0_image *keep,
			   uint32_t address, uint32_t length, bool add,
			   struct s0_error *err)
{
	uint64_t end = range_end(address, length);
	s0_code code = S0_OK;

	for (size_t i = s0_image_find(keep, address);
	     code == S0_OK && i < s0_image_piece_count(keep); i++) {
		struct s0_piece piece = s0_image_piece(keep, i);

		if (piece.address >= end)
			break;
		code = append(journal, NOTE_KEPT, piece.address, piece.length,
			      piece.bytes, err);
		if (code == S0_OK && add)
			code = s0_image_add(journal->kept, "journal",
					    piece.address, piece.bytes,
					    piece.length, err);
	}
	return code;
}

s0_code journal_begin(struct journal *journal, uint32_t address,
		      uint32_t length, const struct s0_image *keep,
		      struct s0_error *err)
{
	s0_code code = S0_OK;

	/* Kept bytes first: a note without them would lose them. */
	if (keep && keep != journal->kept)
		code = keep_sector(journal, keep, address, length, true, err);
	if (code == S0_OK)
		code = append(journal, NOTE_BEGUN, address, length, NULL, err);
	if (code == S0_OK)
		code = journal->store->ops->sync(journal->store, err);
	if (code == S0_OK)
		code = remember(journal, address, length, NOTE_BEGUN, err);
	return code;
}

void journal_suspect(struct journal *journal, uint32_t address, uint32_t length)
{
	if (journal_find(journal, address) ||
	    append(journal, NOTE_SUSPECT, address, length, NULL, NULL) != S0_OK)
		return;
	(void)journal->store->ops->sync(journal->store, NULL);
	(void)remember(journal, address, length, NOTE_SUSPECT, NULL);
}

s0_code journal_done(struct journal *journal, uint32_t address,
		     struct s0_error *err)
{
	const struct note *note = journal_find(journal, address);
	uint32_t length;
	s0_code code;

	if (!note)
		return S0_OK;
	length = note->length;
	code = append(journal, NOTE_DONE, address, length, NULL, err);
	forget(journal, address);
	if (code == S0_OK)
		code = drop_kept(journal, err);
	return code;
}

s0_code journal_tidy(struct journal *journal, struct s0_error *err)
{
	s0_code code;

	/* With notes left the row only grows by a few records a run: writing
	 * it anew would put them at risk for nothing. */
	if (journal->count || !journal->end)
		return S0_OK;
	code = journal->store->ops->resize(journal->store, 0, err);
	if (code == S0_OK)
		journal->end = 0;
	return code;
}
