/* SPDX-License-Identifier: MIT */
/* What a journal remembers of a chip, run after run. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "session/journal.h"

bool note_is_begun(const struct note *note)
{
	return note->kind != NOTE_SUSPECT && note->kind != NOTE_UNREADABLE;
}

/* More tells nothing more. */
#define MOST_TIMES 3u

/* The same place again? Blocks may be counted from another address. */
static void stop_at(struct facts *facts, uint32_t address, uint32_t length)
{
	struct stopped *stopped = &facts->stopped;
	bool again = range_overlap(stopped->address, stopped->length, address,
				   length);

	if (!again)
		*stopped = (struct stopped){ address, length, 0 };
	if (!length)
		*stopped = (struct stopped){ 0 };
	else if (stopped->times < MOST_TIMES)
		stopped->times++;
	facts->changed = true;
}

unsigned journal_stopped(struct journal *journal, uint32_t address,
			 uint32_t length)
{
	stop_at(&journal->facts, address, length);
	if (journal_append(journal, NOTE_STOPPED, address, length, NULL,
			   NULL) == S0_OK)
		(void)journal->store->ops->sync(journal->store, NULL);
	return journal->facts.stopped.times;
}

void journal_was_read(struct journal *journal, uint32_t address,
		      uint64_t length)
{
	const struct stopped *stopped = &journal->facts.stopped;

	if (!stopped->times || stopped->address < address ||
	    range_end(stopped->address, stopped->length) > address + length)
		return;
	stop_at(&journal->facts, 0, 0);
	(void)journal_append(journal, NOTE_STOPPED, 0, 0, NULL, NULL);
}

struct held *journal_held(const struct journal *journal, uint32_t address)
{
	const struct facts *facts = &journal->facts;

	for (size_t i = 0; i < facts->held_count; i++)
		if (facts->held[i].address == address)
			return &facts->held[i];
	return NULL;
}

void journal_void(struct journal *journal, uint32_t address)
{
	struct facts *facts = &journal->facts;
	struct held *held = journal_held(journal, address);

	if (held)
		*held = facts->held[--facts->held_count];
}

static s0_code hold(struct facts *facts, struct held *known,
		    const struct held *held, struct s0_error *err)
{
	struct held *all;

	if (known) {
		*known = *held;
		return S0_OK;
	}
	all = realloc(facts->held, (facts->held_count + 1) * sizeof *all);
	if (!all)
		return error_memory(err);
	facts->held = all;
	all[facts->held_count++] = *held;
	return S0_OK;
}

void journal_hold(struct journal *journal, uint32_t address, uint32_t length,
		  const uint8_t digest[JOURNAL_DIGEST])
{
	struct held *known = journal_held(journal, address);
	struct held held = { .address = address, .length = length };

	/* What is noted is not right yet. */
	if (!journal->remembers || journal_find(journal, address))
		return;
	memcpy(held.digest, digest, sizeof held.digest);
	if (known && known->length == length &&
	    memcmp(known->digest, digest, sizeof held.digest) == 0)
		return;
	if (hold(&journal->facts, known, &held, NULL) == S0_OK)
		journal->facts.changed = true;
}

/* No digest is that. */
static const uint8_t open_digest[JOURNAL_DIGEST];

bool held_is_open(const struct held *held)
{
	return memcmp(held->digest, open_digest, sizeof open_digest) == 0;
}

void journal_leave_open(struct journal *journal, uint32_t address,
			uint32_t length)
{
	journal_hold(journal, address, length, open_digest);
}

void journal_close_open(struct journal *journal, uint32_t address)
{
	const struct held *held = journal_held(journal, address);

	if (!held || !held_is_open(held))
		return;
	journal_void(journal, address);
	journal->facts.changed = true;
}

s0_code journal_distrust(struct journal *journal, struct s0_error *err)
{
	struct facts *facts = &journal->facts;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < facts->held_count; i++)
		code = journal_append(journal, NOTE_DONE,
				      facts->held[i].address,
				      facts->held[i].length, NULL, err);
	if (code == S0_OK)
		code = journal->store->ops->sync(journal->store, err);
	facts->held_count = 0;
	return code;
}

uint64_t journal_erase_us(const struct journal *journal, uint32_t sector_bytes)
{
	const struct facts *facts = &journal->facts;

	for (size_t i = 0; i < facts->time_count; i++)
		if (facts->times[i].sector_bytes == sector_bytes)
			return facts->times[i].longest_us;
	return 0;
}

static s0_code set_erase_time(struct facts *facts, uint32_t sector_bytes,
			      uint32_t us, struct s0_error *err)
{
	struct erase_time *times = facts->times;
	size_t i = 0;

	while (i < facts->time_count && times[i].sector_bytes != sector_bytes)
		i++;
	if (i == facts->time_count) {
		times = realloc(times, (i + 1) * sizeof *times);
		if (!times)
			return error_memory(err);
		facts->times = times;
		facts->time_count++;
	}
	times[i] = (struct erase_time){ sector_bytes, us };
	return S0_OK;
}

void journal_saw_erase(struct journal *journal, uint32_t sector_bytes,
		       uint64_t us)
{
	uint32_t longest = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;

	if (longest > journal_erase_us(journal, sector_bytes) &&
	    set_erase_time(&journal->facts, sector_bytes, longest, NULL) ==
		    S0_OK)
		journal->facts.changed = true;
}

void journal_late_erase(struct journal *journal, uint32_t sector_bytes,
			uint32_t us)
{
	journal_saw_erase(journal, sector_bytes, us);
	if (journal_append(journal, NOTE_ERASE_TIME, sector_bytes, us, NULL,
			   NULL) == S0_OK)
		(void)journal->store->ops->sync(journal->store, NULL);
}

s0_code journal_take_fact(struct journal *journal, enum note_kind kind,
			  uint32_t address, uint32_t length,
			  const uint8_t *payload, struct s0_error *err)
{
	struct held held = { .address = address, .length = length };

	if (kind == NOTE_ERASE_TIME)
		return set_erase_time(&journal->facts, address, length, err);
	if (kind == NOTE_RUNS)
		journal->facts.runs = address;
	if (kind == NOTE_STOPPED)
		stop_at(&journal->facts, address, length);
	if (kind != NOTE_HELD)
		return S0_OK;
	memcpy(held.digest, payload, sizeof held.digest);
	return hold(&journal->facts, journal_held(journal, address), &held,
		    err);
}

static uint8_t *pack_one(uint8_t *at, enum note_kind kind, uint32_t address,
			 uint32_t length, const uint8_t *payload)
{
	uint32_t bytes = payload ? JOURNAL_DIGEST : 0;

	journal_head(at, kind, address, length, payload, bytes);
	if (payload)
		memcpy(at + JOURNAL_RECORD, payload, bytes);
	return at + JOURNAL_RECORD + bytes;
}

/* All facts as a row of records, behind whose they are. */
static s0_code pack(const struct journal *journal, uint8_t **ret_row,
		    size_t *ret_length, struct s0_error *err)
{
	const struct facts *facts = &journal->facts;
	const struct stopped *stopped = &facts->stopped;
	uint32_t chip = journal_chip_bytes(journal);
	size_t most = (facts->time_count + 1 + MOST_TIMES) * JOURNAL_RECORD +
		      facts->held_count * (JOURNAL_RECORD + JOURNAL_DIGEST) +
		      chip;
	uint8_t *row = malloc(most), *at = row;

	if (!row)
		return error_memory(err);
	at = journal_pack_chip(journal, at);
	if (facts->runs)
		at = pack_one(at, NOTE_RUNS, facts->runs, 0, NULL);
	for (size_t i = 0; i < facts->time_count; i++)
		at = pack_one(at, NOTE_ERASE_TIME, facts->times[i].sector_bytes,
			      facts->times[i].longest_us, NULL);
	for (size_t i = 0; i < facts->held_count; i++)
		at = pack_one(at, NOTE_HELD, facts->held[i].address,
			      facts->held[i].length, facts->held[i].digest);
	for (unsigned i = 0; i < stopped->times; i++)
		at = pack_one(at, NOTE_STOPPED, stopped->address,
			      stopped->length, NULL);
	*ret_row = row;
	*ret_length = at == row + chip ? 0 : (size_t)(at - row);
	return S0_OK;
}

/* The row ends before the first fact. The cut is on disk before they are
 * written: else a power cut could leave a mixture in which what a sector held
 * has lost the record that voids it. */
static s0_code write_facts(struct journal *journal, const uint8_t *row,
			   size_t length)
{
	struct store *store = journal->store;
	s0_code code = S0_OK;

	if (length)
		code = store->ops->sync(store, NULL);
	if (code == S0_OK && length)
		code = store->ops->write(store, 0, row, length, NULL);
	if (code == S0_OK)
		journal->end = length;
	journal->told_end =
		code == S0_OK && length ? journal_chip_bytes(journal) : 0;
	journal->clean = code == S0_OK;
	return code;
}

s0_code journal_tidy(struct journal *journal, struct s0_error *err)
{
	struct facts *facts = &journal->facts;
	struct store *store = journal->store;
	bool noted = journal->noted, news = facts->changed;
	uint8_t *row = NULL;
	size_t length = 0;
	s0_code code = S0_OK;

	/* With notes left the row only grows by a few records a run: writing
	 * it anew would put them at risk for nothing. */
	if (journal->count || journal->options || journal->lifted ||
	    (!noted && !(news && journal->remembers)))
		return S0_OK;
	if (journal->remembers)
		code = pack(journal, &row, &length, err);
	if (code == S0_OK)
		code = store->ops->resize(store, 0, noted ? err : NULL);
	if (code == S0_OK) {
		journal->end = 0;
		journal->noted = false;
		journal->stamped = false; /* what is saved next is not */
		facts->changed = write_facts(journal, row, length) != S0_OK;
	}
	free(row);
	return noted ? code : S0_OK;
}

void journal_suspect(struct journal *journal, uint32_t address, uint32_t length,
		     enum note_kind kind)
{
	const struct note *note = journal_find(journal, address);

	if ((note && note->kind != NOTE_SUSPECT) ||
	    journal_append(journal, kind, address, length, NULL, NULL) != S0_OK)
		return;
	(void)journal_sync(journal, NULL);
	(void)journal_remember(journal, address, length, kind, NULL);
}
