/* SPDX-License-Identifier: MIT */
/*
 * Has anybody else written to the chip since a run was cut in it? What was
 * saved is then older than what is there, and is not put over it unasked.
 *
 * Only what cannot be torn is read: what the run left blank, and what it had
 * programmed to the end, in sectors whose erase had ended. What it was doing
 * when it was cut says nothing, whatever it looks like. Bytes that are
 * programmed where it left none, or others than it wrote, are somebody else's.
 */
#include <stdio.h>
#include <time.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/session.h"

struct seen {
	uint8_t erased;
	bool programmed;
	uint32_t first; /* … there */
	uint32_t crc;
};

static bool take(void *payload, uint32_t address, const uint8_t *bytes,
		 uint32_t length)
{
	struct seen *seen = payload;

	seen->crc = (uint32_t)crc32_z(seen->crc, bytes, length);
	for (uint32_t i = 0; i < length && !seen->programmed; i++) {
		seen->programmed = bytes[i] != seen->erased;
		seen->first = address + i;
	}
	return true;
}

static s0_code look(struct s0_session *session, const struct past *left,
		    struct seen *seen, bool *ret_foreign, struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	s0_code code;

	*seen = (struct seen){ .erased = chip ? chip->erased : 0xff };
	code = session->target->ops->read(session->target, left->address,
					  left->length, NULL, take, seen, err);
	*ret_foreign = code == S0_OK && seen->programmed &&
		       (!left->written || seen->crc != left->crc);
	return code;
}

/* "" where it is not known. */
static void words_of_time(char words[40], uint32_t time_s)
{
	time_t time = (time_t)time_s;
	struct tm utc;

	words[0] = '\0';
	if (time_s && gmtime_r(&time, &utc))
		(void)strftime(words, 40, ", on %Y-%m-%d %H:%M UTC", &utc);
}

/* What is foreign is read once more, one transfer at a time, before it is
 * believed. @left: not written: it was left blank. */
static s0_code check_range(struct s0_session *session, const struct note *note,
			   const struct past *left, struct s0_error *err)
{
	bool *one_at_a_time = &session->target->one_at_a_time;
	bool foreign, before = *one_at_a_time;
	char when[40];
	struct seen seen;
	s0_code code = s0_session_check_cancel(session, err);

	if (code != S0_OK || !left->length)
		return code;
	code = look(session, left, &seen, &foreign, err);
	if (code == S0_OK && foreign) {
		*one_at_a_time = true;
		code = look(session, left, &seen, &foreign, err);
		*one_at_a_time = before;
	}
	if (code != S0_OK || !foreign)
		return code;
	words_of_time(when, note->stamp.time_s);
	error_add_cause(err, S0_CAUSE_CHANGED_SINCE);
	/* Only its CRC is known: not whether a part of it is missing. */
	if (left->written)
		return error_set_at(
			err, S0_E_DIFFERENT, left->address, left->length,
			"%u bytes at 0x%08x are not what a run that was cut "
			"wrote there: something else has written to this chip "
			"since, and what was saved of the sector at 0x%08x%s "
			"is older, or a write of that run did not arrive, "
			"though the device took it",
			left->length, left->address, note->address, when);
	return error_set_at(err, S0_E_DIFFERENT, seen.first, 1,
			    "something else has written to this chip since a "
			    "run was cut in it: the sector at 0x%08x holds "
			    "bytes at 0x%08x, where that run left none, and "
			    "what it had saved%s is older",
			    note->address, seen.first, when);
}

/* The first of what was to be programmed in [at, end). */
static const struct past *next_past(const struct journal *journal, uint64_t at,
				    uint64_t end)
{
	const struct past *next = NULL;

	for (size_t i = 0; i < journal->past_count; i++) {
		const struct past *past = &journal->past[i];

		if (past->address >= at && past->address < end &&
		    (!next || past->address < next->address))
			next = past;
	}
	return next;
}

static s0_code check_sector(struct s0_session *session, const struct note *note,
			    struct s0_error *err)
{
	uint64_t at = note->address;
	uint64_t end = range_end(note->address, note->length);
	s0_code code = S0_OK;

	while (code == S0_OK && at < end) {
		const struct past *next = next_past(session->journal, at, end);
		uint64_t to = next ? next->address : end;
		struct past blank = { .address = (uint32_t)at,
				      .length = (uint32_t)(to - at) };

		code = check_range(session, note, &blank, err);
		if (code == S0_OK && next && next->written)
			code = check_range(session, note, next, err);
		at = next ? range_end(next->address, next->length) : end;
	}
	return code;
}

struct stamp session_stamp(const struct s0_session *session)
{
	struct stamp stamp = { .time_s = session->journal->store->date_s };
	const struct s0_device_info *info = &session->device->info;
	const struct s0_option_field *field =
		info->chip
			? s0_option_with(info->chip, S0_OPTION_SWAP_BANKS, NULL)
			: NULL;
	uint32_t swapped;

	if (field && s0_option_get(field, info->options, info->option_length,
				   false, &swapped))
		stamp.banks = 1 + swapped;
	return stamp;
}

/* An address is another place then. */
static s0_code check_banks(const struct s0_session *session,
			   const struct note *note, struct s0_error *err)
{
	struct stamp now = session_stamp(session);

	if (!now.banks || !note->stamp.banks || now.banks == note->stamp.banks)
		return S0_OK;
	error_add_cause(err, S0_CAUSE_SWAPPED);
	return error_set_at(err, S0_E_DIFFERENT, note->address, note->length,
			    "the banks of this chip were swapped since a run "
			    "was cut in it: what was saved of the sector at "
			    "0x%08x belongs elsewhere (the bank swap was %u "
			    "and is %u)",
			    note->address, note->stamp.banks - 1,
			    now.banks - 1);
}

s0_code session_check_others(struct s0_session *session, bool content,
			     struct s0_error *err)
{
	struct journal *journal = session->journal;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < journal->count; i++) {
		const struct note note = journal->notes[i];

		if (!note_is_begun(&note) || !journal_has_kept(journal, &note))
			continue;
		code = check_banks(session, &note, err);
		if (code != S0_OK || !content || session->overwrite ||
		    !note.erased)
			continue;
		code = check_sector(session, &note, err);
		/* It was not as whole as was thought: not to be read again. */
		if (code != S0_OK && err && err->cause == S0_CAUSE_UNREADABLE)
			(void)journal_begin(journal, note.address, note.length,
					    NULL, NULL);
	}
	return code;
}
