/* SPDX-License-Identifier: MIT */
/* Runs that fail once, at any transfer, and go on by themselves. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "session/session.h"
#include "sim/sim.h"

static const struct s0_policy keep = { .keep = true };

static uint64_t clean_transfers(const char *description,
				const struct s0_policy *policy)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct bench bench;
	uint64_t transfers;

	bench_lay_out(&bench, description);
	assert_int_equal(bench_flash(&bench, policy, &result, &err), S0_OK);
	assert_int_equal(bench.warnings, 0);
	assert_int_equal(result.reconnects + result.retries, 0);
	transfers = s0_sim_transfers(bench.board.sim);
	bench_clear_away(&bench);
	return transfers;
}

/* One fault at one transfer: the run must not need anybody. */
static void survive(const char *description, const struct s0_policy *policy,
		    uint64_t at, const char *fault, bool leaves)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result = { 0 };
	struct bench bench;
	char text[64];

	bench_lay_out(&bench, description);
	(void)snprintf(text, sizeof text, fault, (unsigned)at);
	assert_int_equal(s0_sim_inject(bench.board.sim, text, NULL), S0_OK);
	if (bench_flash(&bench, policy, &result, &err) != S0_OK)
		print_message("# %s: %s\n", text, err.message);
	assert_int_equal(err.code, S0_OK);
	board_assert_holds(&bench.board, bench.image);
	if (policy->keep)
		board_assert_holds(&bench.board, bench.neighbours);
	assert_int_equal(board_damaged(&bench.board), 0);
	assert_int_equal(result.verified_bytes, 5500);
	if (leaves && !result.reconnects)
		print_message("# %s: no reconnect\n", text);
	if (leaves)
		assert_int_equal(result.reconnects, 1);
	/* Told where it was counted, and nowhere else. */
	assert_int_equal(bench.warnings > 0,
			 result.reconnects + result.retries > 0);
	assert_int_equal(board_open(&bench.board, NULL), S0_OK);
	assert_int_equal(bench.board.session->journal->count, 0);
	bench_clear_away(&bench);
}

static void sweep(const char *description, const struct s0_policy *policy,
		  unsigned step)
{
	static const struct {
		const char *fault;
		bool leaves;
	} faults[] = { { "replug@%u:1500", true }, { "brown-out@%u", true },
		       { "stall@%u", false },	   { "lost-reply@%u", false },
		       { "silent@%u", false },	   { "short@%u:3", false },
		       { "nak@%u:30", false } };
	uint64_t transfers = clean_transfers(description, policy);

	assert_true(transfers > 60);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		for (uint64_t at = 1 + i % step; at <= transfers; at += step)
			survive(description, policy, at, faults[i].fault,
				faults[i].leaves);
	print_message("# %s%s: %llu transfers\n", description,
		      policy->keep ? ", keep" : "",
		      (unsigned long long)transfers);
}

static void a_run_survives_one_failure_at_any_transfer(void **state)
{
	static const struct s0_policy plain = { 0 };
	(void)state;

	sweep("stm32h743,rom=0x92", &plain, 1);
	sweep("stm32h743,rom=0x92", &keep, 2);
}

static void so_it_does_on_other_chips(void **state)
{
	(void)state;
	sweep("stm32h743,rom=0x91", &keep, 7);
	sweep("stm32f405", &keep, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_survives_one_failure_at_any_transfer),
		cmocka_unit_test(so_it_does_on_other_chips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
