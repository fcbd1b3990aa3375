/* SPDX-License-Identifier: MIT */
#include "session/journal.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "image/replace.h"

#define HEADER JOURNAL_RECORD
#define MAGIC  0x314a3053u /* "S0J1" */
/* No sector of any STM32 is larger; what claims more is damage. */
#define MAX_PAYLOAD (1024u * 1024u)

static uint32_t sum(const uint8_t header[HEADER], const void *payload,
		    size_t length)
{
	uint32_t crc = (uint32_t)crc32_z(0, header + 4, 12);

	return length ? (uint32_t)crc32_z(crc, payload, length) : crc;
}

/* Nothing void may come back to life behind what is written now. */
static s0_code cut_off(struct journal *journal, struct s0_error *err)
{
	struct store *store = journal->store;
	s0_code code = S0_OK;

	if (!journal->clean)
		code = store->ops->resize(store, journal->end, err);
	journal->clean = code == S0_OK;
	return code;
}

void journal_head(uint8_t header[HEADER], enum note_kind kind, uint32_t address,
		  uint32_t length, const void *payload, uint32_t bytes)
{
	put_le32(header, MAGIC);
	put_le32(header + 4, kind);
	put_le32(header + 8, address);
	put_le32(header + 12, length);
	put_le32(header + 16, sum(header, payload, bytes));
}

s0_code journal_append(struct journal *journal, enum note_kind kind,
		       uint32_t address, uint32_t length, const void *payload,
		       struct s0_error *err)
{
	return journal_append_as(journal, kind, address, length, payload,
				 payload ? length : 0, err);
}

s0_code journal_append_as(struct journal *journal, enum note_kind kind,
			  uint32_t address, uint32_t length,
			  const void *payload, uint32_t bytes,
			  struct s0_error *err)
{
	uint8_t header[HEADER];
	struct store *store = journal->store;
	s0_code code = cut_off(journal, err);

	journal_head(header, kind, address, length, payload, bytes);
	journal->noted = true;
	if (code == S0_OK)
		code = journal_tell_chip(journal, err);
	if (code == S0_OK)
		code = store->ops->write(store, journal->end, header, HEADER,
					 err);
	if (code == S0_OK && bytes)
		code = store->ops->write(store, journal->end + HEADER, payload,
					 bytes, err);
	if (code == S0_OK)
		journal->end += HEADER + bytes;
	else
		journal->clean = false;
	return code;
}

/* Returns the note's length, 0 if there was none. */
static uint32_t forget(struct journal *journal, uint32_t address)
{
	uint32_t length;

	for (size_t i = 0; i < journal->count; i++) {
		if (journal->notes[i].address == address) {
			length = journal->notes[i].length;
			journal_drop_past(journal, address);
			journal->notes[i] = journal->notes[--journal->count];
			return length;
		}
	}
	return 0;
}

s0_code journal_forget(struct journal *journal, uint32_t address,
		       struct s0_error *err)
{
	return image_replace(journal->kept, address,
			     range_end(address, forget(journal, address)), NULL,
			     err);
}

s0_code journal_remember(struct journal *journal, uint32_t address,
			 uint32_t length, enum note_kind kind,
			 struct s0_error *err)
{
	const struct note *before = journal_find(journal, address);
	struct note *notes, note = { address, length, kind, journal->stamp };

	/* Bytes that stay are as old as they were. */
	if (before && journal_has_kept(journal, before))
		note.stamp = before->stamp;
	(void)forget(journal, address);
	journal_void(journal, address);
	notes = realloc(journal->notes, (journal->count + 1) * sizeof *notes);
	if (!notes)
		return error_memory(err);
	journal->notes = notes;
	notes[journal->count++] = note;
	return S0_OK;
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
	for (size_t i = 0; code == S0_OK && i < journal->count; i++)
		code = journal_add_range(rest, journal->kept,
					 journal->notes[i].address,
					 range_end(journal->notes[i].address,
						   journal->notes[i].length),
					 err);
	if (code != S0_OK) {
		s0_image_free(rest);
		return code;
	}
	s0_image_free(journal->kept);
	journal->kept = rest;
	return S0_OK;
}

static s0_code take_note(struct journal *journal, const uint8_t *header,
			 struct s0_error *err)
{
	uint32_t address = get_le32(header + 8);
	uint32_t length = get_le32(header + 12);
	enum note_kind kind = get_le32(header + 4);
	s0_code code;

	journal->noted = true;
	if (kind == NOTE_READY)
		return journal_get_ready(journal, journal->loading, address,
					 length, err);
	journal_void(journal, address);
	if (kind == NOTE_DONE)
		return journal_forget(journal, address, err);
	code = journal_remember(journal, address, length, kind, err);
	if (!note_is_begun(&(struct note){ .kind = kind }))
		return code;
	if (code == S0_OK)
		code = journal_adopt(journal, journal->loading, address, length,
				     err);
	if (code == S0_OK)
		code = journal_use_ready(journal, address, length, kind, err);
	return code;
}

static s0_code take(struct journal *journal, const uint8_t *header,
		    const uint8_t *payload, struct s0_error *err)
{
	enum note_kind kind = get_le32(header + 4);
	s0_code code;

	if ((kind >= NOTE_ERASE_TIME && kind <= NOTE_RUNS) ||
	    kind == NOTE_STOPPED)
		return journal_take_fact(journal, kind, get_le32(header + 8),
					 get_le32(header + 12), payload, err);
	if (kind >= NOTE_STAMP && kind <= NOTE_WRITTEN)
		return journal_take_past(journal, kind, get_le32(header + 8),
					 get_le32(header + 12), payload, err);
	if (kind == NOTE_ALL_DONE)
		return journal_take_all_done(journal, payload,
					     get_le32(header + 12), err);
	if (kind == NOTE_OPTIONS || kind == NOTE_LIFTED)
		return journal_take_options(journal, kind, payload,
					    get_le32(header + 12), err);
	if (kind == NOTE_KEPT)
		return s0_image_add(journal->loading, "journal",
				    get_le32(header + 8), payload,
				    get_le32(header + 12), err);
	code = take_note(journal, header, err);
	s0_image_free(journal->loading);
	journal->loading = NULL;
	return code == S0_OK ? s0_image_new(&journal->loading, err) : code;
}

static uint32_t payload_bytes(const uint8_t header[HEADER])
{
	switch (get_le32(header + 4)) {
	case NOTE_KEPT:
	case NOTE_ALL_DONE:
	case NOTE_ERASED:
	case NOTE_OPTIONS:
	case NOTE_LIFTED:
	case NOTE_CHIP:
		return get_le32(header + 12);
	case NOTE_WRITTEN:
		return 4;
	case NOTE_HELD:
		return JOURNAL_DIGEST;
	default:
		return 0;
	}
}

/* Length of the good record at an offset; 0: there is none. */
static s0_code load_one(struct journal *journal, uint64_t at,
			uint32_t *ret_length, struct s0_error *err)
{
	struct store *store = journal->store;
	uint8_t header[HEADER], *payload = NULL;
	uint32_t kind, bytes;
	size_t got = 0;
	s0_code code = store->ops->read(store, at, header, HEADER, &got, err);

	*ret_length = 0;
	journal->more = got > 0;
	if (code != S0_OK || got < HEADER || get_le32(header) != MAGIC)
		return code;
	kind = get_le32(header + 4);
	bytes = payload_bytes(header);
	if (kind < NOTE_BEGUN || kind > NOTE_LAST || bytes > MAX_PAYLOAD)
		return S0_OK;
	payload = malloc(bytes ? bytes : 1);
	if (!payload)
		return error_memory(err);
	code = store->ops->read(store, at + HEADER, payload, bytes, &got, err);
	if (code == S0_OK && got == bytes &&
	    sum(header, payload, bytes) == get_le32(header + 16)) {
		*ret_length = HEADER + bytes;
		if (kind == NOTE_CHIP)
			journal_take_chip(journal, at + *ret_length, payload,
					  bytes);
		else
			code = take(journal, header, payload, err);
	}
	free(payload);
	if (code == S0_OK && *ret_length && kind != NOTE_KEPT)
		journal->end = at + *ret_length;
	return code;
}

static s0_code load(struct journal *journal, struct s0_error *err)
{
	struct s0_error own = S0_ERROR_INIT;
	uint32_t length = 1;
	s0_code code = S0_OK;

	for (uint64_t at = 0; code == S0_OK && length; at += length)
		code = load_one(journal, at, &length, &own);
	/* Kept bytes that contradict each other, or wrap: no journal wrote
	 * them, they are damage like any other. */
	if (code == S0_E_OVERLAP || code == S0_E_OUTSIDE)
		code = S0_OK;
	if (code != S0_OK && err && err->code == S0_OK)
		*err = own;
	return code == S0_OK ? drop_kept(journal, err) : code;
}

s0_code journal_open(struct store *store, struct journal **ret_journal,
		     struct s0_error *err)
{
	struct journal *journal = calloc(1, sizeof *journal);
	s0_code code;

	if (!journal) {
		store->ops->close(store);
		return error_memory(err);
	}
	journal->store = store;
	code = s0_image_new(&journal->kept, err);
	if (code == S0_OK)
		code = s0_image_new(&journal->loading, err);
	if (code == S0_OK)
		code = s0_image_new(&journal->ready, err);
	if (code == S0_OK)
		code = store->ops->lock(store, err);
	if (code == S0_OK)
		code = load(journal, err);
	s0_image_free(journal->loading);
	journal->loading = NULL;
	if (code == S0_OK)
		code = journal_drop_ready(journal, err);
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
	s0_image_free(journal->ready);
	free(journal->notes);
	free(journal->readied);
	free(journal->past);
	journal_free_options(journal);
	free(journal->facts.held);
	free(journal->facts.times);
	free(journal);
}

static struct note *find(const struct journal *journal, uint32_t address)
{
	for (size_t i = 0; i < journal->count; i++)
		if (journal->notes[i].address == address)
			return &journal->notes[i];
	return NULL;
}

const struct note *journal_find(const struct journal *journal, uint32_t address)
{
	return find(journal, address);
}

s0_code journal_begin(struct journal *journal, uint32_t address,
		      uint32_t length, const struct s0_image *keep,
		      struct s0_error *err)
{
	struct note *known = find(journal, address);
	bool more = keep && keep != journal->kept;
	enum note_kind kind =
		keep ? NOTE_SAVED : journal_begun_as(journal, address);
	uint64_t before = journal->end;
	s0_code code = S0_OK;

	if (known && known->ahead && !keep) {
		known->ahead = false;
		return S0_OK;
	}
	/* Kept bytes first: a note without them would lose them. */
	if (more)
		code = journal_keep(journal, keep, address, length, err);
	if (code == S0_OK)
		code = journal_append(journal, kind, address, length, NULL,
				      err);
	if (code == S0_OK)
		code = journal->store->ops->sync(journal->store, err);
	if (code == S0_OK && more)
		code = journal_adopt(journal, keep, address, length, err);
	if (code == S0_OK)
		code = journal_remember(journal, address, length, kind, err);
	if (code == S0_OK)
		code = journal_use_ready(journal, address, length, kind, err);
	if (code != S0_OK) {
		journal->end = before;
		journal->clean = false;
	}
	return code;
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
	code = journal_append(journal, NOTE_DONE, address, length, NULL, err);
	if (code != S0_OK) {
		(void)forget(journal, address);
		return code;
	}
	return journal_forget(journal, address, err);
}
