/* SPDX-License-Identifier: MIT */
/* A change of the option bytes that was begun, and whose end nobody has seen
 * yet. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "session/journal.h"

static void forget(struct journal *journal)
{
	free(journal->options);
	journal->options = NULL;
	journal->options_length = 0;
}

s0_code journal_take_options(struct journal *journal, const uint8_t *windows,
			     uint32_t bytes, struct s0_error *err)
{
	forget(journal);
	journal->noted = true;
	if (!bytes)
		return S0_OK;
	journal->options = malloc(bytes);
	if (!journal->options)
		return error_memory(err);
	memcpy(journal->options, windows, bytes);
	journal->options_length = bytes / 2;
	return S0_OK;
}

s0_code journal_begin_options(struct journal *journal, const uint8_t *before,
			      const uint8_t *window, uint32_t length,
			      struct s0_error *err)
{
	uint8_t *both = malloc(2 * (size_t)length);
	s0_code code;

	if (!both)
		return error_memory(err);
	memcpy(both, before, length);
	memcpy(both + length, window, length);
	code = journal_append(journal, NOTE_OPTIONS, 0, 2 * length, both, err);
	if (code == S0_OK)
		code = journal->store->ops->sync(journal->store, err);
	if (code == S0_OK)
		code = journal_take_options(journal, both, 2 * length, err);
	free(both);
	return code;
}

s0_code journal_options_done(struct journal *journal, struct s0_error *err)
{
	if (!journal->options)
		return S0_OK;
	forget(journal);
	(void)journal_append(journal, NOTE_OPTIONS, 0, 0, NULL, err);
	return journal_tidy(journal, err);
}
