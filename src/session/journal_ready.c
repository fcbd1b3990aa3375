/* SPDX-License-Identifier: MIT */
/* Bytes that are recorded before their sectors are begun, and sectors that are
 * forgotten together. */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "image/replace.h"
#include "session/journal.h"

bool note_is_old(const struct note *note)
{
	return note->kind == NOTE_OLD || note->kind == NOTE_OLD_KEPT;
}

/* The bytes of `from` that lie in a range take the place of those of `to`;
 * NULL: nothing does. */
static s0_code replace(struct s0_image *to, const struct s0_image *from,
		       uint32_t address, uint32_t length, struct s0_error *err)
{
	uint64_t end = range_end(address, length);
	struct s0_image *part;
	s0_code code = s0_image_new(&part, err);

	if (code != S0_OK)
		return code;
	if (from)
		code = journal_add_range(part, from, address, end, err);
	if (code == S0_OK)
		code = image_replace(to, address, end, part, err);
	s0_image_free(part);
	return code;
}

s0_code journal_get_ready(struct journal *journal, const struct s0_image *bytes,
			  uint32_t address, uint32_t length,
			  struct s0_error *err)
{
	return replace(journal->ready, bytes, address, length, err);
}

static const struct note *find_ready(const struct journal *journal,
				     uint32_t address)
{
	for (size_t i = 0; i < journal->readied_count; i++)
		if (journal->readied[i].address == address)
			return &journal->readied[i];
	return NULL;
}

/* A sector whose bytes are recorded stays one until it is right: they are
 * wanted whatever happens to it meanwhile. */
enum note_kind journal_begun_as(const struct journal *journal, uint32_t address)
{
	const struct note *note = journal_find(journal, address);
	const struct note *ready = find_ready(journal, address);

	if (ready)
		return ready->kind;
	return note && note_is_begun(note) ? note->kind : NOTE_BEGUN;
}

/* Neither noted, nor to be noted with bytes. */
static bool is_free(const struct journal *journal, uint32_t address)
{
	return !journal_find(journal, address) && !find_ready(journal, address);
}

s0_code journal_use_ready(struct journal *journal, uint32_t address,
			  uint32_t length, enum note_kind kind,
			  struct s0_error *err)
{
	s0_code code = S0_OK;

	if (kind != NOTE_BEGUN)
		code = journal_adopt(journal, journal->ready, address, length,
				     err);
	return code == S0_OK
		       ? replace(journal->ready, NULL, address, length, err)
		       : code;
}

s0_code journal_save(struct journal *journal, uint32_t address, uint32_t length,
		     enum note_kind kind, const struct s0_image *bytes,
		     struct s0_error *err)
{
	uint64_t before = journal->end;
	struct note *readied =
		realloc(journal->readied,
			(journal->readied_count + 1) * sizeof *readied);
	s0_code code;

	if (!readied)
		return error_memory(err);
	journal->readied = readied;
	code = journal_keep(journal, bytes, address, length, err);
	if (code == S0_OK)
		code = journal_append(journal, NOTE_READY, address, length,
				      NULL, err);
	if (code == S0_OK)
		code = journal_get_ready(journal, bytes, address, length, err);
	if (code != S0_OK) {
		journal->end = before;
		journal->clean = false;
		return code;
	}
	readied[journal->readied_count++] =
		(struct note){ address, length, kind };
	return S0_OK;
}

size_t journal_count_saved(const struct journal *journal)
{
	size_t count = 0;

	for (size_t i = 0; i < journal->count; i++)
		count += note_is_begun(&journal->notes[i]) &&
			 journal_has_kept(journal, &journal->notes[i]);
	return count;
}

bool journal_has_old(const struct journal *journal)
{
	bool old = false;

	for (size_t i = 0; i < journal->count; i++)
		old |= note_is_old(&journal->notes[i]);
	return old;
}

s0_code journal_sync(struct journal *journal, struct s0_error *err)
{
	return journal->store->ops->sync(journal->store, err);
}

static s0_code append_row(struct journal *journal, uint32_t address,
			  uint32_t page, size_t count, struct s0_error *err)
{
	uint64_t before = journal->end;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < count; i++)
		if (is_free(journal, address + (uint32_t)i * page))
			code = journal_append(journal, NOTE_BEGUN,
					      address + (uint32_t)i * page,
					      page, NULL, err);
	if (code == S0_OK)
		code = journal_sync(journal, err);
	if (code != S0_OK) {
		journal->end = before;
		journal->clean = false;
	}
	return code;
}

s0_code journal_begin_row(struct journal *journal, uint32_t address,
			  uint32_t page, size_t count, struct s0_error *err)
{
	s0_code code = append_row(journal, address, page, count, err);

	for (size_t i = 0; code == S0_OK && i < count; i++) {
		uint32_t at = address + (uint32_t)i * page;

		if (!is_free(journal, at))
			continue;
		code = journal_remember(journal, at, page, NOTE_BEGUN, err);
		if (code == S0_OK)
			journal->notes[journal->count - 1].ahead = true;
	}
	return code;
}

void journal_drop_row(struct journal *journal)
{
	for (size_t i = journal->count; i-- > 0;)
		if (i < journal->count && journal->notes[i].ahead)
			(void)journal_done(journal, journal->notes[i].address,
					   NULL);
}

s0_code journal_drop_ready(struct journal *journal, struct s0_error *err)
{
	struct s0_image *none;
	s0_code code = s0_image_new(&none, err);

	if (code != S0_OK)
		return code;
	s0_image_free(journal->ready);
	journal->ready = none;
	journal->readied_count = 0;
	return S0_OK;
}

/* The sectors of a run that may only be forgotten together. */
s0_code journal_take_all_done(struct journal *journal, const uint8_t *sectors,
			      uint32_t bytes, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (uint32_t at = 0; code == S0_OK && at + 4 <= bytes; at += 4)
		code = journal_forget(journal, get_le32(sectors + at), err);
	return code;
}

s0_code journal_all_done(struct journal *journal, const uint32_t *sectors,
			 size_t count, struct s0_error *err)
{
	uint8_t *list = malloc(journal->count * 4 + 1);
	struct s0_error own = S0_ERROR_INIT;
	uint32_t bytes = 0;
	s0_code code, said = S0_OK;

	if (!list)
		return error_memory(err);
	for (size_t i = 0; i < journal->count; i++) {
		uint32_t sector = journal->notes[i].address;
		bool among = find_ready(journal, sector) != NULL;

		for (size_t k = 0; k < count; k++)
			among |= sectors[k] == sector;
		if (among) {
			put_le32(list + bytes, sector);
			bytes += 4;
		}
	}
	if (bytes)
		said = journal_append(journal, NOTE_ALL_DONE, 0, bytes, list,
				      &own);
	if (said == S0_OK && bytes)
		said = journal_sync(journal, &own);
	code = S0_OK;
	for (uint32_t at = 0; code == S0_OK && at < bytes; at += 4)
		code = journal_forget(journal, get_le32(list + at), err);
	free(list);
	if (code == S0_OK)
		code = journal_drop_ready(journal, err);
	/* Where no note is left, emptying the store says the same, and that
	 * takes no room. */
	if (code == S0_OK && said != S0_OK && journal->count) {
		if (err && err->code == S0_OK)
			*err = own;
		code = said;
	}
	return code;
}
