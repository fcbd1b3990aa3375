/* SPDX-License-Identifier: MIT */
/* A row of records whose end is not where it was written to. */
#include <string.h>

#include "base/bytes.h"
#include "session/journal.h"

/* The note that a sector is begun; it has no payload. */
static bool is_begun(const uint8_t *record)
{
	struct note note = { get_le32(record + 8), get_le32(record + 12),
			     get_le32(record + 4) };
	uint8_t whole[JOURNAL_RECORD];

	if ((note.kind != NOTE_BEGUN && note.kind != NOTE_SAVED &&
	     !note_is_old(&note)))
		return false;
	journal_head(whole, note.kind, note.address, note.length, NULL, 0);
	return memcmp(whole, record, sizeof whole) == 0;
}

bool journal_is_damaged(const struct journal *journal, uint64_t *ret_end)
{
	struct store *store = journal->store;
	uint8_t bytes[4096];
	size_t got = sizeof bytes;

	*ret_end = journal->end;
	if (!journal->more)
		return false;
	for (uint64_t at = journal->end; got == sizeof bytes;
	     at += sizeof bytes - (JOURNAL_RECORD - 1)) {
		if (store->ops->read(store, at, bytes, sizeof bytes, &got,
				     NULL) != S0_OK)
			return false;
		for (size_t i = 0; i + JOURNAL_RECORD <= got; i++)
			if (is_begun(bytes + i))
				return true;
	}
	return false;
}
