/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep_check.h"

const char *const sweep_faults[SWEEP_FAULTS] = {
	"stall@%llu",	  "silent@%llu",   "lost-reply@%llu", "unplug@%llu",
	"lie@%llu",	  "torn@%llu",	   "brown-out@%llu",  "hang@%llu",
	"nak@%llu:1000",  "short@%llu",	   "replug@%llu",     "cut@%llu",
	"bit-error@%llu", "nak@%llu:60000"
};

enum { CLASS = 0x20, TYPE = 0x60, DNLOAD = 1, UPLOAD = 2, ERASE = 0x41 };

static bool is_order(const struct s0_sim_record *record)
{
	const struct s0_sim_setup *setup = &record->setup;

	if (setup->request != DNLOAD || !setup->length)
		return false;
	/* Of what was not moved only the length is known. */
	return setup->value >= 2 || setup->length == 1 || !record->length ||
	       record->data[0] == ERASE;
}

/* Had the host crashed when the fault struck, nothing would be lost either. */
static void listen_for_strikes(void *payload,
			       const struct s0_sim_record *record)
{
	struct episode *e = payload;

	if ((record->setup.request_type & TYPE) != CLASS)
		return;
	e->orders += is_order(record);
	if (record->fault == S0_SIM_FAULT_NONE)
		return;
	e->strikes++;
	e->lied |= record->fault == S0_SIM_FAULT_LIE;
	e->ever_lied |= e->lied;
	e->hung |= record->fault == S0_SIM_FAULT_HANG;
	sweep_check_nothing_lost(e, "by the cut, had the host crashed", true);
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

/* After a lie the flash is not as the run left it, which is taken for the work
 * of somebody else: that is refused, and done by one who insists. */
static void run_well(struct episode *e, void (*run)(struct episode *))
{
	run(e);
	if (!e->ever_lied || e->err.cause != S0_CAUSE_CHANGED_SINCE)
		return;
	sweep_check_failure(e);
	assert_int_equal(e->err.aftermath, S0_UNTOUCHED);
	e->overwrite = true;
	run(e);
}

static void recover_well(struct episode *e)
{
	const struct sweep_job *job = &e->sweep->job;

	run_well(e, sweep_recover);
	sweep_must(e, "recover");
	sweep_check_nothing_lost(e, "by recover", false);
	sweep_job_glance(job, &e->board, e->sweep->now);
	if (job->policy.rollback && !sweep_holds(e->sweep, job->after))
		sweep_assert_holds(e->sweep, job->before);
	if (job->policy.keep)
		board_assert_holds(&e->board, job->beside);
}

static void flash_well(struct episode *e)
{
	run_well(e, sweep_flash);
	sweep_must(e, "the next run");
	sweep_check_success(e);
	sweep_job_peek(&e->sweep->job, &e->board, e->sweep->now);
	sweep_assert_holds(e->sweep, e->sweep->job.after);
	sweep_check_nothing_waits(e);
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

/* A number that goes by the place, the faults and the seed. */
static uint32_t some(const struct episode *e, uint64_t at)
{
	uint32_t hash = ((uint32_t)at + e->sweep->seed) * 2654435761u;

	for (const char *c = e->what; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	return hash >> 8;
}

static void inject(struct episode *e, uint64_t at, unsigned fault)
{
	char text[64];

	(void)snprintf(text, sizeof text, sweep_faults[fault],
		       (unsigned long long)at);
	assert_int_equal(s0_sim_inject(e->board.sim, text, NULL), S0_OK);
}

/* The repair is cut as well, wherever that may be. */
static void cut_again(struct episode *e, uint64_t at, bool by_recover,
		      struct sweep_tally *tally)
{
	/* Mostly in the first part: a repair need not be long. */
	uint32_t far = some(e, at + 1) % (uint32_t)e->sweep->transfers;
	uint32_t scale = some(e, at + 2) % 4;

	tally->twice++;
	inject(e, s0_sim_transfers(e->board.sim) + 1 + (far >> scale),
	       some(e, at + 3) % SWEEP_FAULTS);
	if (by_recover)
		sweep_recover(e);
	else
		sweep_flash(e);
	if (e->code != S0_OK)
		sweep_check_failure(e);
	else if (!by_recover)
		sweep_check_success(e);
	sweep_check_nothing_lost(
		e, by_recover ? "by a cut recover" : "by a second cut", false);
	help(e, tally);
}

static void make(struct episode *e, struct sweep *sweep)
{
	memset(e, 0, sizeof *e);
	e->sweep = sweep;
	sweep_job_board(&sweep->job, &e->board);
	s0_sim_set_log(e->board.sim, listen_for_strikes, e);
}

/* What no run reads any more cannot be kept: that is refused, and all is well
 * for one who gives it up. */
static bool is_refused(struct episode *e, struct sweep_tally *tally)
{
	const struct s0_policy *policy = &e->sweep->job.policy;

	if (!e->condemned || (!policy->keep && !policy->rollback))
		return false;
	tally->refused++;
	sweep_flash(e);
	assert_int_equal(e->code, S0_E_UNREADABLE);
	sweep_check_failure(e);
	assert_int_equal(e->err.aftermath, S0_UNTOUCHED);
	board_free(&e->board);
	return true;
}

static void cut(struct episode *e, uint64_t at, struct sweep_tally *tally)
{
	uint32_t way;

	tally->cuts++;
	sweep_flash(e);
	sweep_check_first(e, at, tally);
	help(e, tally);
	if (is_refused(e, tally))
		return;
	way = some(e, at) % 4;
	if (way >= 2)
		cut_again(e, at, way == 2, tally);
	if (is_refused(e, tally))
		return;
	if (way % 2 == 0)
		recover_well(e);
	if (e->sweep->job.most)
		erase_beside(e);
	flash_well(e);
	board_free(&e->board);
}

/* A fault that is known by the name of what happens. */
static void add_fault(struct episode *e, uint64_t at, unsigned fault)
{
	size_t used = strlen(e->what);

	inject(e, at, fault);
	if (used)
		e->what[used++] = '+';
	(void)snprintf(e->what + used, sizeof e->what - used,
		       sweep_faults[fault], (unsigned long long)at);
}

void sweep_cut(struct sweep *sweep, uint64_t at, unsigned fault,
	       struct sweep_tally *tally)
{
	struct episode e;

	make(&e, sweep);
	add_fault(&e, at, fault);
	cut(&e, at, tally);
}

void sweep_cut_twice(struct sweep *sweep, uint64_t at, unsigned fault,
		     unsigned second, struct sweep_tally *tally)
{
	struct episode e;
	uint32_t far;

	make(&e, sweep);
	add_fault(&e, at, fault);
	/* Mostly soon: while the first is being got over. */
	far = some(&e, at + second) % (uint32_t)sweep->transfers;
	far >>= some(&e, at + second + 1) % 10;
	add_fault(&e, at + 1 + far, second);
	cut(&e, at, tally);
}

/* A run that ends there, with the records that it leaves. */
static void tear(struct episode *e, struct sweep *sweep, uint64_t at)
{
	make(e, sweep);
	add_fault(e, at, 5);
	sweep_flash(e);
	assert_int_not_equal(e->code, S0_OK);
	help(e, &(struct sweep_tally){ 0 });
}

uint64_t sweep_recovery(struct sweep *sweep, uint64_t torn)
{
	struct episode e;
	uint64_t before, transfers;

	tear(&e, sweep, torn);
	before = s0_sim_transfers(e.board.sim);
	recover_well(&e);
	transfers = s0_sim_transfers(e.board.sim) - before;
	board_free(&e.board);
	return transfers;
}

void sweep_cut_recovery(struct sweep *sweep, uint64_t torn, uint64_t at,
			unsigned fault, struct sweep_tally *tally)
{
	struct episode e;

	tear(&e, sweep, torn);
	at += s0_sim_transfers(e.board.sim);
	add_fault(&e, at, fault);
	tally->cuts++;
	/* Half of them wait, and get over what is no lie. */
	sweep->patience = some(&e, at) % 2 ? SWEEP_RETURNS : SWEEP_AT_ONCE;
	sweep_recover(&e);
	if (e.code != S0_OK) {
		tally->failed++;
		if (sweep->patience == SWEEP_RETURNS && !e.lied &&
		    at > e.opened)
			sweep_must(&e, "a recover that waits");
		sweep_check_failure(&e);
	}
	sweep->patience = SWEEP_AT_ONCE;
	sweep_check_nothing_lost(&e, "by a cut recover", false);
	help(&e, tally);
	cut_again(&e, at, true, tally);
	if (is_refused(&e, tally))
		return;
	recover_well(&e);
	flash_well(&e);
	board_free(&e.board);
}

/* What the transfers of a run are for. */
struct listener {
	struct episode *e;
	uint64_t count, room;
};

static void listen(void *payload, const struct s0_sim_record *record)
{
	struct listener *l = payload;
	struct sweep *sweep = l->e->sweep;
	const struct s0_sim_setup *setup = &record->setup;

	listen_for_strikes(l->e, record);
	if ((setup->request_type & TYPE) != CLASS)
		return;
	if (++l->count >= l->room) {
		l->room = 2 * l->count;
		sweep->reads = realloc(sweep->reads, l->room);
		assert_non_null(sweep->reads);
	}
	sweep->reads[l->count] = setup->request == UPLOAD && setup->value >= 2;
	if (!sweep->begins && is_order(record))
		sweep->begins = l->count;
	/* The last address that is set is that of the vector table. */
	if (setup->request == DNLOAD && setup->length == 5)
		sweep->leaves = l->count;
	/* A host that crashes without any fault of the device: looked at once,
	 * in the first of all runs. */
	if (!sweep->transfers && !sweep->reads[l->count])
		sweep_check_nothing_lost(l->e, "by a crash of the host", true);
}

void sweep_clean(struct sweep *sweep)
{
	struct episode e;
	struct listener listener = { .e = &e };
	struct s0_sim_counters counters;

	make(&e, sweep);
	sweep->begins = 0;
	s0_sim_set_log(e.board.sim, listen, &listener);
	flash_well(&e);
	assert_int_equal(e.result.reconnects + e.result.retries, 0);
	sweep->transfers = s0_sim_transfers(e.board.sim);
	assert_int_equal(listener.count, sweep->transfers);
	s0_sim_get_counters(e.board.sim, &counters);
	assert_int_equal(counters.mass_erases, sweep->job.mass ? 1 : 0);
	sweep_check_nothing_lost(&e, "by a whole run", false);
	board_free(&e.board);
}
