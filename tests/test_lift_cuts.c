/* SPDX-License-Identifier: MIT */
/* Write protection that is taken off for a run is put back, whatever cuts the
 * run: each fault at each transfer (some of them, where not all are asked for:
 * SECTOR0_SWEEP_CUTS). */
#include "lifting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const faults[] = {
	"stall",     "silent", "lost-reply", "unplug", "lie", "torn",
	"brown-out", "hang",   "short",	     "replug", "cut", "bit-error",
};

struct tally {
	unsigned cuts, well, closed, open, untouched, recovered;
};

static void check(struct lifting *l, s0_code code, struct tally *tally)
{
	bool back = lifting_is_back(l);

	tally->cuts++;
	if (code == S0_OK) {
		tally->well++;
		assert_true(back);
		board_assert_holds(&l->board, l->image);
		board_assert_holds(&l->board, l->kept);
		return;
	}
	tally->closed += back;
	tally->open += !back;
	if (l->err.aftermath == S0_UNTOUCHED) {
		tally->untouched++;
		assert_true(back);
		board_assert_holds(&l->board, l->kept);
	}
	if (!back) {
		assert_non_null(strstr(l->err.message, "sector0 option set"));
		assert_true(l->err.cause == S0_CAUSE_LIFTED ||
			    l->err.cause == S0_CAUSE_SAVED);
	}
}

static void strike(struct lifting *l, uint64_t at, const char *fault,
		   uint32_t reconnect_ms, bool recover, struct tally *tally)
{
	char text[64];
	s0_code code;

	lifting_make(l, l->chip);
	l->board.reconnect_ms = reconnect_ms;
	assert_int_equal(lifting_open(l, true), S0_OK);
	(void)snprintf(
		text, sizeof text, "%s@%llu", fault,
		(unsigned long long)(s0_sim_transfers(l->board.sim) + at));
	assert_int_equal(s0_sim_inject(l->board.sim, text, NULL), S0_OK);
	code = lifting_run(l, &lifting_keep);
	check(l, code, tally);
	s0_sim_unplug(l->board.sim);
	s0_sim_power_cycle(l->board.sim);
	s0_sim_replug(l->board.sim);
	l->board.reconnect_ms = S0_RECONNECT_MS;
	if (recover) {
		/* It may be protected again by now. */
		tally->recovered++;
		assert_int_equal(lifting_open(l, true), S0_OK);
		assert_int_equal(
			s0_session_recover(l->board.session, NULL, &l->err),
			S0_OK);
		board_close(&l->board);
		assert_true(lifting_is_back(l));
		board_assert_holds(&l->board, l->kept);
	}
	lifting_flash_ok(l);
	lifting_free(l);
}

/* Transfers of a whole run; *ret_plan: of those, until it is planned. */
static uint64_t count(struct lifting *l, uint64_t *ret_plan)
{
	struct s0_plan *plan = NULL;
	uint64_t before, after;

	lifting_make(l, l->chip);
	assert_int_equal(lifting_open(l, true), S0_OK);
	before = s0_sim_transfers(l->board.sim);
	assert_int_equal(s0_session_plan(l->board.session, l->image,
					 &lifting_keep, &plan, NULL),
			 S0_OK);
	*ret_plan = s0_sim_transfers(l->board.sim) - before;
	assert_int_equal(s0_session_run(l->board.session, plan, NULL, NULL),
			 S0_OK);
	after = s0_sim_transfers(l->board.sim);
	s0_plan_free(plan);
	lifting_free(l);
	return after - before;
}

/* Where protection is taken off, and where it is put back, each transfer. */
#define NEAR 24u

static uint64_t next(uint64_t at, uint64_t plan, uint64_t most, uint64_t step)
{
	uint64_t to = at + step;

	if (at < plan && to > plan)
		return plan;
	if ((at >= plan && at < plan + NEAR) || at + NEAR >= most)
		return at + 1;
	return to > most - NEAR ? most - NEAR : to;
}

static void a_run_that_is_cut_says_what_is_open(void **state)
{
	const char *word = getenv("SECTOR0_SWEEP_CUTS");
	unsigned wanted = word ? (unsigned)atoi(word) : 16;
	(void)state;

	for (size_t c = 0; c < LIFTING_CHIPS; c++) {
		struct tally tally = { 0 };
		struct lifting l = { .chip = &lifting_chips[c] };
		uint64_t plan, most = count(&l, &plan);
		uint64_t step = wanted ? most / wanted + 1 : 1;

		for (size_t f = 0; f < sizeof faults / sizeof *faults; f++)
			for (uint64_t at = 1 + f % step; at <= most;
			     at = next(at, plan, most, step))
				for (unsigned i = 0; i < (wanted ? 1 : 2);
				     i++) {
					bool wait = (at + f + i) % 2;

					l.chip = &lifting_chips[c];
					print_message(
						"# %s@%llu %d\n", faults[f],
						(unsigned long long)at, wait);
					strike(&l, at, faults[f],
					       wait ? S0_RECONNECT_MS : 0,
					       (at / 2 + f) % 2, &tally);
				}
		print_message("# %s: %llu transfers, %u cuts: %u went well, %u "
			      "protected (%u untouched), %u named, %u by "
			      "recover\n",
			      lifting_chips[c].description,
			      (unsigned long long)most, tally.cuts, tally.well,
			      tally.closed, tally.untouched, tally.open,
			      tally.recovered);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_that_is_cut_says_what_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
