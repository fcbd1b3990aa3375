/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/journal.h"
#include "sweep_run.h"

/* The records as a new process would find them. */
static struct journal *open_records(const struct board *board)
{
	struct store *copy, *real = board->records;
	struct journal *journal;
	uint64_t at = 0;
	uint8_t bytes[4096];
	size_t got;

	assert_int_equal(memory_store_new(&copy, NULL), S0_OK);
	do {
		assert_int_equal(real->ops->read(real, at, bytes, sizeof bytes,
						 &got, NULL),
				 S0_OK);
		assert_int_equal(copy->ops->write(copy, at, bytes, got, NULL),
				 S0_OK);
		at += got;
	} while (got == sizeof bytes);
	assert_int_equal(journal_open(copy, &journal, NULL), S0_OK);
	return journal;
}

/* Where nothing is noted every word must be fit to be read. */
static void check_readable(const struct episode *e,
			   const struct journal *journal)
{
	struct sweep_piece s;

	for (size_t i = 0; (s = sweep_sector(e->sweep->job.chip, i)).length;
	     i++) {
		if (journal_find(journal, s.address) ||
		    !sweep_concerns(&e->sweep->job, s))
			continue;
		for (uint32_t at = 0; at < s.length; at += 32)
			assert_int_not_equal(
				s0_sim_word_state(e->board.sim, s.address + at),
				S0_SIM_WORD_DAMAGED);
	}
}

/* The flash, with what the records hold of it laid over it: what can be had
 * by one who knows both. */
static void look(struct episode *e)
{
	struct journal *journal = open_records(&e->board);
	uint8_t *now = e->sweep->now;

	check_readable(e, journal);
	sweep_job_glance(&e->sweep->job, &e->board, now);
	e->suspects = false;
	for (size_t i = 0; i < journal->count; i++) {
		const struct note *note = &journal->notes[i];
		uint8_t *sector = now + (note->address - SWEEP_FLASH);

		e->suspects |= note->kind == NOTE_SUSPECT;
		if (note->kind == NOTE_SUSPECT)
			continue;
		/* It may not be read: what is not recorded is not there. */
		memset(sector, note_is_old(note) ? 0xff : 0x00, note->length);
		(void)s0_image_copy(journal->kept, note->address, note->length,
				    sector);
	}
	journal_close(journal);
}

static bool is(const struct sweep *sweep, const uint8_t *what)
{
	return memcmp(sweep->now, what, sweep->job.size) == 0;
}

static void assert_is(const struct sweep *sweep, const uint8_t *what)
{
	/* which is slow where they are the same */
	if (!is(sweep, what))
		assert_memory_equal(sweep->now, what, sweep->job.size);
}

/* Nothing may be lost at any moment that it was promised for. */
static void check_nothing_lost(struct episode *e, const char *when)
{
	const struct sweep_job *job = &e->sweep->job;
	const uint8_t *now = e->sweep->now;
	bool whole = true;

	look(e);
	if (job->policy.rollback)
		whole = is(e->sweep, job->after) || is(e->sweep, job->before);
	for (size_t i = 0;
	     job->policy.keep && i < s0_image_piece_count(job->beside); i++) {
		struct s0_piece p = s0_image_piece(job->beside, i);

		whole &= memcmp(now + (p.address - SWEEP_FLASH), p.bytes,
				p.length) == 0;
	}
	if (!whole)
		print_message("# %s: bytes are lost %s\n", e->what, when);
	assert_true(whole);
}

static void check_success(struct episode *e)
{
	assert_int_equal(e->err.code, S0_OK);
	sweep_job_glance(&e->sweep->job, &e->board, e->sweep->now);
	assert_is(e->sweep, e->sweep->job.after);
	assert_true(e->result.started);
	/* A device that vanished: nobody can tell why. */
	assert_true(s0_sim_started(e->board.sim) == SWEEP_FLASH ||
		    !s0_sim_attached(e->board.sim));
	assert_int_equal(e->warnings > 0,
			 e->result.reconnects + e->result.retries > 0);
}

static void check_failure(struct episode *e, struct sweep_tally *tally)
{
	const struct sweep_job *job = &e->sweep->job;

	tally->failed++;
	assert_true(strlen(e->err.message) > 0);
	tally->untouched += e->err.aftermath == S0_UNTOUCHED;
	tally->partial += e->err.aftermath == S0_PARTIAL;
	tally->unknown += e->err.aftermath == S0_UNKNOWN;
	tally->restored += e->err.aftermath == S0_RESTORED;
	assert_true(e->err.aftermath != S0_RESTORED || job->policy.rollback);
	if (e->err.aftermath != S0_UNTOUCHED && e->err.aftermath != S0_RESTORED)
		return;
	sweep_job_glance(job, &e->board, e->sweep->now);
	assert_is(e->sweep, job->before);
}

static bool struck(const struct episode *e)
{
	struct s0_sim_counters counters;

	s0_sim_get_counters(e->board.sim, &counters);
	return counters.faults > 0;
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

static void must(struct episode *e, const char *doing)
{
	if (e->code != S0_OK)
		print_message("# %s: %s says: %s\n", e->what, doing,
			      e->err.message);
	assert_int_equal(e->code, S0_OK);
}

/* Must the run get over it by itself? What has hung stays so, and what did
 * nothing but say that it did may show as what nobody goes on over. */
static bool is_survived(const struct episode *e)
{
	return e->sweep->patience == SWEEP_RETURNS &&
	       !e->sweep->job.policy.rollback &&
	       strncmp(e->what, "hang@", 5) != 0 &&
	       strncmp(e->what, "lie@", 4) != 0;
}

static void check_first(struct episode *e, uint64_t at,
			struct sweep_tally *tally)
{
	unsigned again = e->result.reconnects + e->result.retries;

	if (e->code != S0_OK) {
		if (is_survived(e))
			must(e, "a run that is waited with");
		check_failure(e, tally);
	} else {
		check_success(e);
		tally->survived += again > 0;
		tally->unnoticed += !again && struck(e);
		/* Nobody goes on over that without a word. */
		if (leaves_the_bus(e->what) && at < e->sweep->leaves)
			assert_true(again > 0);
	}
	check_nothing_lost(e, "by the cut");
}

/* All the help there is: plug in what is gone, power-cycle what has hung. */
static void help(struct episode *e, struct sweep_tally *tally)
{
	if (s0_sim_hung(e->board.sim)) {
		tally->hung++;
		s0_sim_power_cycle(e->board.sim);
	}
	s0_sim_fail_at(e->board.sim, 0, S0_SIM_FAULT_NONE);
	s0_sim_advance_us(e->board.sim, 200000);
	s0_sim_replug(e->board.sim);
}

static void recover_well(struct episode *e)
{
	const struct sweep_job *job = &e->sweep->job;

	sweep_recover(e);
	must(e, "recover");
	check_nothing_lost(e, "by recover");
	sweep_job_glance(job, &e->board, e->sweep->now);
	if (job->policy.rollback && !is(e->sweep, job->after))
		assert_is(e->sweep, job->before);
	if (job->policy.keep)
		board_assert_holds(&e->board, job->beside);
}

static void flash_well(struct episode *e)
{
	sweep_flash(e);
	must(e, "the next run");
	check_success(e);
	sweep_job_peek(&e->sweep->job, &e->board, e->sweep->now);
	assert_is(e->sweep, e->sweep->job.after);
	assert_int_equal(s0_sim_started(e->board.sim), SWEEP_FLASH);
	assert_int_equal(board_damaged(&e->board), 0);
}

/* A mass erase that was cut may have damaged the blank sector beside the image;
 * no later run may touch it unasked, but says how to ask. */
static void erase_beside(struct episode *e)
{
	struct s0_session *session;
	struct sweep_piece blank = sweep_sector(e->sweep->job.chip, 3);
	struct s0_unfinished left;

	assert_int_equal(board_open(&e->board, NULL), S0_OK);
	session = e->board.session;
	for (size_t i = 0; s0_session_unfinished(session, i, &left); i++) {
		if (left.address != blank.address)
			continue;
		assert_int_equal(s0_session_erase(session, blank.address,
						  blank.length, NULL, NULL),
				 S0_OK);
		break;
	}
	board_close(&e->board);
}

/* A number that goes by the place and the fault. */
static uint32_t some(const struct episode *e, uint64_t at)
{
	uint32_t hash = (uint32_t)at * 2654435761u;

	for (const char *c = e->what; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	return hash >> 8;
}

/* The repair is cut as well, wherever that may be. */
static void cut_again(struct episode *e, uint64_t at, bool by_recover,
		      struct sweep_tally *tally)
{
	static const s0_sim_fault faults[] = {
		S0_SIM_FAULT_TORN, S0_SIM_FAULT_BROWN_OUT, S0_SIM_FAULT_UNPLUG,
		S0_SIM_FAULT_LOST_REPLY, S0_SIM_FAULT_HANG
	};
	/* Mostly in the first part: a repair need not be long. */
	uint32_t far = some(e, at + 1) % (uint32_t)e->sweep->transfers;
	uint32_t scale = some(e, at + 2) % 4;

	tally->twice++;
	s0_sim_fail_at(e->board.sim,
		       s0_sim_transfers(e->board.sim) + 1 + (far >> scale),
		       faults[some(e, at + 3) % 5]);
	if (by_recover)
		sweep_recover(e);
	else
		sweep_flash(e);
	if (e->code == S0_OK && !by_recover)
		check_success(e);
	check_nothing_lost(e,
			   by_recover ? "by a cut recover" : "by a second cut");
	help(e, tally);
}

void sweep_cut(struct sweep *sweep, uint64_t at, const char *fault,
	       struct sweep_tally *tally)
{
	struct episode e = { .sweep = sweep };
	uint32_t way;

	(void)snprintf(e.what, sizeof e.what, fault, (unsigned long long)at);
	sweep_job_board(&sweep->job, &e.board);
	assert_int_equal(s0_sim_inject(e.board.sim, e.what, NULL), S0_OK);
	tally->cuts++;
	sweep_flash(&e);
	check_first(&e, at, tally);
	help(&e, tally);
	way = some(&e, at) % 4;
	/* A read that stops the device twice in one sector is damage to any run
	 * that comes after. */
	if (way >= 2 && !(e.suspects && sweep->job.policy.keep))
		cut_again(&e, at, way == 2, tally);
	if (way % 2 == 0)
		recover_well(&e);
	if (sweep->job.most)
		erase_beside(&e);
	flash_well(&e);
	board_free(&e.board);
}

/* What the transfers of a run are for. */
struct listener {
	struct sweep *sweep;
	uint64_t count, room;
};

static void listen(void *payload, const struct s0_sim_record *record)
{
	enum { CLASS = 0x20, TYPE = 0x60, DNLOAD = 1, UPLOAD = 2 };
	struct listener *l = payload;
	const struct s0_sim_setup *setup = &record->setup;

	if ((setup->request_type & TYPE) != CLASS)
		return;
	if (++l->count >= l->room) {
		l->room = 2 * l->count;
		l->sweep->reads = realloc(l->sweep->reads, l->room);
		assert_non_null(l->sweep->reads);
	}
	l->sweep->reads[l->count] =
		setup->request == UPLOAD && setup->value >= 2;
	/* The last address that is set is that of the vector table. */
	if (setup->request == DNLOAD && setup->length == 5)
		l->sweep->leaves = l->count;
}

void sweep_clean(struct sweep *sweep)
{
	struct episode e = { .sweep = sweep };
	struct listener listener = { .sweep = sweep };
	struct s0_sim_counters counters;

	sweep_job_board(&sweep->job, &e.board);
	s0_sim_set_log(e.board.sim, listen, &listener);
	flash_well(&e);
	assert_int_equal(e.result.reconnects + e.result.retries, 0);
	sweep->transfers = s0_sim_transfers(e.board.sim);
	assert_int_equal(listener.count, sweep->transfers);
	s0_sim_get_counters(e.board.sim, &counters);
	assert_int_equal(counters.mass_erases, sweep->job.mass ? 1 : 0);
	check_nothing_lost(&e, "by a whole run");
	board_free(&e.board);
}
