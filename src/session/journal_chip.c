/* SPDX-License-Identifier: MIT */
/* Which chip a journal is of: its file may have been copied, or renamed. */
#include <stdio.h>
#include <string.h>

#include "session/journal.h"

bool journal_is_of(struct journal *journal, const char *uid)
{
	(void)snprintf(journal->chip, sizeof journal->chip, "%s", uid);
	journal->remembers = uid[0] != '\0';
	/* One that hides its ID (level 1) is not known to be another. */
	return !journal->told[0] || !uid[0] || strcmp(journal->told, uid) == 0;
}

void journal_take_chip(struct journal *journal, uint64_t end,
		       const uint8_t *uid, uint32_t length)
{
	(void)snprintf(journal->told, sizeof journal->told, "%.*s", (int)length,
		       (const char *)uid);
	journal->told_end = end;
}

uint32_t journal_chip_bytes(const struct journal *journal)
{
	uint32_t length = (uint32_t)strlen(journal->chip);

	return length ? JOURNAL_RECORD + length : 0;
}

uint8_t *journal_pack_chip(const struct journal *journal, uint8_t *at)
{
	uint32_t bytes = journal_chip_bytes(journal);
	uint32_t length = bytes ? bytes - JOURNAL_RECORD : 0;

	if (!bytes)
		return at;
	journal_head(at, NOTE_CHIP, 0, length, journal->chip, length);
	memcpy(at + JOURNAL_RECORD, journal->chip, length);
	return at + bytes;
}

s0_code journal_tell_chip(struct journal *journal, struct s0_error *err)
{
	struct store *store = journal->store;
	uint8_t record[JOURNAL_RECORD + JOURNAL_CHIP];
	size_t bytes = (size_t)(journal_pack_chip(journal, record) - record);
	s0_code code;

	/* Where a later write failed, the record was taken back with it. */
	if (!bytes || (journal->told_end && journal->told_end <= journal->end))
		return S0_OK;
	code = store->ops->write(store, journal->end, record, bytes, err);
	journal->clean = code == S0_OK;
	if (code == S0_OK)
		journal->told_end = journal->end += bytes;
	return code;
}
