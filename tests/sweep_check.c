/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <string.h>

#include "session/journal.h"
#include "sweep_check.h"
#include "sweep_disk.h"

/* The records as a new process would find them. */
static struct journal *open_records(const struct board *board, bool crashed)
{
	struct store *copy = sweep_disk_copy(board->records, crashed);
	struct journal *journal;

	assert_int_equal(journal_open(copy, &journal, NULL), S0_OK);
	return journal;
}

/* Where nothing is noted every word must be fit to be read. */
static bool readable(const struct episode *e, const struct journal *journal)
{
	const struct sweep_job *job = &e->sweep->job;
	struct sweep_piece s;

	for (size_t i = 0; (s = sweep_sector(job->chip, i)).length; i++)
		if (sweep_concerns(job, s) &&
		    !journal_find(journal, s.address) &&
		    sweep_damaged(&e->board, s))
			return false;
	return true;
}

/* Reading it stopped the device twice, so no run reads it any more. Nothing was
 * done to it, which tells it from one that was begun without a record. */
static bool is_condemned(const struct episode *e, const struct note *note)
{
	const struct sweep_job *job = &e->sweep->job;
	size_t at = note->address - SWEEP_FLASH;
	struct s0_sim_counters counters;

	s0_sim_get_counters(e->board.sim, &counters);
	return counters.faults > 1 && !note_is_old(note) &&
	       note->kind != NOTE_SAVED && note->kind != NOTE_SUSPECT &&
	       memcmp(e->sweep->now + at, job->before + at, note->length) == 0;
}

/* The flash, with what the records hold of it laid over it: what can be had
 * by one who knows both. */
static void look(struct episode *e, const struct journal *journal)
{
	uint8_t *now = e->sweep->now;

	sweep_job_glance(&e->sweep->job, &e->board, now);
	e->suspects = e->condemned = false;
	for (size_t i = 0; i < journal->count; i++) {
		const struct note *note = &journal->notes[i];
		uint8_t *sector = now + (note->address - SWEEP_FLASH);

		e->suspects |= note->kind == NOTE_SUSPECT;
		e->condemned |= is_condemned(e, note);
		if (note->kind == NOTE_SUSPECT || is_condemned(e, note))
			continue;
		/* It may not be read: what is not recorded is not there. */
		memset(sector, note_is_old(note) ? 0xff : 0x00, note->length);
		(void)s0_image_copy(journal->kept, note->address, note->length,
				    sector);
	}
}

bool sweep_holds(const struct sweep *sweep, const uint8_t *what)
{
	return memcmp(sweep->now, what, sweep->job.size) == 0;
}

void sweep_assert_holds(const struct sweep *sweep, const uint8_t *what)
{
	/* which is slow where they are the same */
	if (!sweep_holds(sweep, what))
		assert_memory_equal(sweep->now, what, sweep->job.size);
}

static bool whole(const struct sweep *sweep)
{
	const struct sweep_job *job = &sweep->job;
	bool all = true;

	if (job->policy.rollback)
		all = sweep_holds(sweep, job->after) ||
		      sweep_holds(sweep, job->before);
	for (size_t i = 0;
	     job->policy.keep && i < s0_image_piece_count(job->beside); i++) {
		struct s0_piece p = s0_image_piece(job->beside, i);

		all &= memcmp(sweep->now + (p.address - SWEEP_FLASH), p.bytes,
			      p.length) == 0;
	}
	return all;
}

void sweep_check_nothing_lost(struct episode *e, const char *when, bool crashed)
{
	struct journal *journal = open_records(&e->board, crashed);
	bool fit = readable(e, journal), all;

	look(e, journal);
	journal_close(journal);
	all = whole(e->sweep);
	if (!all || !fit)
		print_message("# %s: bytes are %s %s\n", e->what,
			      all ? "damaged and not noted" : "lost", when);
	assert_true(all && fit);
}

void sweep_check_nothing_waits(struct episode *e)
{
	struct journal *journal = open_records(&e->board, false);

	sweep_job_glance(&e->sweep->job, &e->board, e->sweep->now);
	/* Where a read stopped the device nothing is begun. */
	for (size_t i = 0; i < journal->count; i++)
		assert_true(journal->notes[i].kind == NOTE_SUSPECT ||
			    is_condemned(e, &journal->notes[i]));
	assert_int_equal(s0_image_piece_count(journal->kept), 0);
	journal_close(journal);
}

void sweep_check_success(struct episode *e)
{
	const struct sweep_job *job = &e->sweep->job;

	assert_int_equal(e->err.code, S0_OK);
	sweep_job_glance(job, &e->board, e->sweep->now);
	sweep_assert_holds(e->sweep, job->after);
	assert_true(e->result.verified_bytes >= s0_image_size(job->image));
	assert_true(e->result.started);
	/* A device that vanished: nobody can tell why. */
	assert_true(s0_sim_started(e->board.sim) == SWEEP_FLASH ||
		    !s0_sim_attached(e->board.sim));
	assert_int_equal(e->warnings > 0,
			 e->result.reconnects + e->result.retries > 0);
	if (!job->most)
		sweep_check_nothing_waits(e);
}

/* Has this run changed anything? */
static bool changed(const struct episode *e)
{
	const struct s0_sim_counters *then = &e->before;
	struct s0_sim_counters now;

	s0_sim_get_counters(e->board.sim, &now);
	return now.sector_erases != then->sector_erases ||
	       now.mass_erases != then->mass_erases ||
	       now.words_programmed != then->words_programmed ||
	       now.words_damaged != then->words_damaged ||
	       now.erase_us != then->erase_us ||
	       now.option_changes != then->option_changes;
}

/* What it holds is known of one that answers, or that has all of it and is
 * verified, or leaves when a run that is not gone on with is over. */
static void check_sight(struct episode *e)
{
	const struct sweep_job *job = &e->sweep->job;

	/* Of one that a read stops each time more is known than that. */
	if (e->err.aftermath != S0_PARTIAL || job->blank ||
	    e->err.code == S0_E_UNREADABLE ||
	    (!s0_sim_hung(e->board.sim) && s0_sim_attached(e->board.sim)))
		return;
	sweep_job_glance(job, &e->board, e->sweep->now);
	if (!sweep_holds(e->sweep, job->after))
		print_message("# %s: partial, and it is not there: %s\n",
			      e->what, e->err.message);
	sweep_assert_holds(e->sweep, job->after);
}

/* What is not whole must not start: the vector table, whichever it is, stands
 * there only where all sectors behind its own are as it goes with. */
static void check_cannot_start(struct episode *e)
{
	const struct sweep_job *job = &e->sweep->job;
	const uint8_t *now = e->sweep->now;
	size_t own = sweep_sector(job->chip, 0).length;
	const uint8_t *const wholes[] = { job->before, job->after };

	sweep_job_glance(job, &e->board, e->sweep->now);
	for (size_t i = job->blank; i < 2; i++) {
		bool goes = memcmp(now, wholes[i], 8) != 0 ||
			    memcmp(now + own, wholes[i] + own,
				   job->size - own) == 0;

		if (!goes)
			print_message("# %s: a part of the %s firmware would "
				      "start\n",
				      e->what, i ? "new" : "old");
		assert_true(goes);
	}
}

void sweep_check_failure(struct episode *e)
{
	s0_aftermath said = e->err.aftermath;

	assert_int_equal(e->err.code, e->code);
	assert_true(strlen(e->err.message) > 0);
	s0_error_explain(&e->err);
	/* Without its unique ID there are no records: the message says it. */
	if (!e->err.hint[0] && e->code != S0_E_UNSUPPORTED) {
		print_message("# %s: no hint: %s\n", e->what, e->err.message);
		assert_true(e->err.hint[0]);
	}
	assert_true(said != S0_UNTOUCHED || !changed(e));
	/* Nor is it said of what nobody has asked for. A write without an erase
	 * begins with its address. */
	if (!e->orders && said != S0_UNTOUCHED && !e->sweep->job.blank) {
		print_message("# %s: %s, without an order: %s\n", e->what,
			      s0_aftermath_name(said), e->err.message);
		assert_int_equal(said, S0_UNTOUCHED);
	}
	check_sight(e);
	check_cannot_start(e);
}

static void check_first_failure(struct episode *e, struct sweep_tally *tally)
{
	const struct sweep_job *job = &e->sweep->job;

	tally->failed++;
	sweep_check_failure(e);
	tally->untouched += e->err.aftermath == S0_UNTOUCHED;
	tally->partial += e->err.aftermath == S0_PARTIAL;
	tally->unknown += e->err.aftermath == S0_UNKNOWN;
	tally->restored += e->err.aftermath == S0_RESTORED;
	assert_true(e->err.aftermath != S0_RESTORED || job->policy.rollback);
	if (e->err.aftermath != S0_UNTOUCHED && e->err.aftermath != S0_RESTORED)
		return;
	sweep_job_peek(job, &e->board, e->sweep->now);
	sweep_assert_holds(e->sweep, job->before);
	sweep_check_nothing_waits(e);
}

static bool leaves_the_bus(const char *fault)
{
	static const char *const names[] = { "unplug", "torn", "brown-out",
					     "replug", "cut@", "hang" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(fault, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

void sweep_must(struct episode *e, const char *doing)
{
	if (e->code != S0_OK)
		print_message("# %s: %s says: %s\n", e->what, doing,
			      e->err.message);
	assert_int_equal(e->code, S0_OK);
}

/* Must the run get over it by itself? What has hung stays so, what did nothing
 * but say that it did may show as what nobody goes on over, and one that comes
 * back and then keeps silent for a minute is waited for in vain; a place where
 * two reads stopped it is not read again. */
static bool is_survived(const struct episode *e, uint64_t at)
{
	bool hopeless = e->strikes > 1 && (strstr(e->what, ":60000") != NULL ||
					   e->code == S0_E_UNREADABLE);

	return e->sweep->patience == SWEEP_RETURNS &&
	       !e->sweep->job.policy.rollback && !e->sweep->job.blank &&
	       !e->hung && !e->lied && !hopeless && at > e->opened;
}

void sweep_check_first(struct episode *e, uint64_t at,
		       struct sweep_tally *tally)
{
	unsigned again = e->result.reconnects + e->result.retries;

	if (e->code != S0_OK) {
		if (is_survived(e, at))
			sweep_must(e, "a run that is waited with");
		check_first_failure(e, tally);
	} else {
		sweep_check_success(e);
		tally->survived += again > 0;
		tally->unnoticed += !again && e->strikes;
		/* Nobody goes on over that without a word. */
		if (leaves_the_bus(e->what) && at < e->sweep->leaves)
			assert_true(again > 0);
	}
	tally->struck_twice += e->strikes > 1;
	sweep_check_nothing_lost(e, "by the cut", false);
}
