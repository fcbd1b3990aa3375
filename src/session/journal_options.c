/* SPDX-License-Identifier: MIT */
/* A change of the option bytes that was begun, and whose end nobody has seen
 * yet; and write protection that is to be put back. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "session/journal.h"

void journal_free_options(struct journal *journal)
{
	free(journal->options);
	free(journal->lifted);
}

/* In the place of what was there; of no bytes: nothing. */
static s0_code put(uint8_t **bytes, uint32_t *length, const uint8_t *from,
		   uint32_t count, struct s0_error *err)
{
	free(*bytes);
	*bytes = NULL;
	*length = 0;
	if (!count)
		return S0_OK;
	*bytes = malloc(count);
	if (!*bytes)
		return error_memory(err);
	memcpy(*bytes, from, count);
	*length = count;
	return S0_OK;
}

s0_code journal_take_options(struct journal *journal, enum note_kind kind,
			     const uint8_t *payload, uint32_t bytes,
			     struct s0_error *err)
{
	s0_code code;

	journal->noted = true;
	if (kind == NOTE_LIFTED)
		return put(&journal->lifted, &journal->lifted_length, payload,
			   bytes, err);
	code = put(&journal->options, &journal->options_length, payload, bytes,
		   err);
	journal->options_length /= 2;
	return code;
}

static s0_code note(struct journal *journal, enum note_kind kind,
		    const uint8_t *payload, uint32_t bytes,
		    struct s0_error *err)
{
	s0_code code = journal_append(journal, kind, 0, bytes, payload, err);

	if (code == S0_OK && bytes)
		code = journal->store->ops->sync(journal->store, err);
	return code == S0_OK ? journal_take_options(journal, kind, payload,
						    bytes, err)
			     : code;
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
	code = note(journal, NOTE_OPTIONS, both, 2 * length, err);
	free(both);
	return code;
}

s0_code journal_options_done(struct journal *journal, struct s0_error *err)
{
	if (!journal->options)
		return S0_OK;
	(void)journal_take_options(journal, NOTE_OPTIONS, NULL, 0, NULL);
	(void)journal_append(journal, NOTE_OPTIONS, 0, 0, NULL, err);
	return journal_tidy(journal, err);
}

s0_code journal_lift(struct journal *journal, const uint8_t *window,
		     uint32_t length, struct s0_error *err)
{
	return note(journal, NOTE_LIFTED, window, length, err);
}

s0_code journal_lift_done(struct journal *journal, struct s0_error *err)
{
	s0_code code;

	if (!journal->lifted)
		return S0_OK;
	code = note(journal, NOTE_LIFTED, NULL, 0, err);
	return code == S0_OK ? journal_tidy(journal, err) : code;
}
