/* SPDX-License-Identifier: MIT */
/*
 * A run with a rollback ends with the new firmware or with what was there
 * before, wherever and however it is cut; and what cannot be put back at once
 * is put back by s0_session_recover(), which can itself be cut anywhere.
 * SECTOR0_SWEEP_STRIDE=1 in the environment: at every single transfer, which
 * takes minutes.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "rollback_job.h"

static const struct s0_policy rollback = { .rollback = true };

static uint64_t transfers_of(struct job *job)
{
	return job_transfers(job, &rollback);
}

/* The first transfer at which a cut leaves something changed. */
static uint64_t first_change(struct job *job, uint64_t transfers)
{
	uint64_t before = 0, after = transfers;

	while (after - before > 1) {
		uint64_t at = (before + after) / 2;
		struct s0_error err;
		struct board board;

		job_board(job, &board);
		s0_sim_fail_at(board.sim, at, S0_SIM_FAULT_TORN);
		err = board_flash_fails(&board, job->image, &rollback);
		*(err.aftermath == S0_UNTOUCHED ? &before : &after) = at;
		board_free(&board);
	}
	return after;
}

static unsigned stride(void)
{
	const char *word = getenv("SECTOR0_SWEEP_STRIDE");

	return word && atoi(word) > 0 ? (unsigned)atoi(word) : 13;
}

struct tally {
	unsigned cuts, failed, untouched, restored, waiting;
};

static void check_failure(struct job *job, struct board *board,
			  const struct s0_error *err, struct tally *tally)
{
	bool changed =
		err->aftermath == S0_PARTIAL || err->aftermath == S0_UNKNOWN;

	tally->failed++;
	tally->untouched += err->aftermath == S0_UNTOUCHED;
	tally->restored += err->aftermath == S0_RESTORED;
	tally->waiting += changed;
	if (!changed)
		assert_true(job_as_before(job, board));
	if (err->aftermath == S0_RESTORED)
		assert_non_null(strstr(err->message, "is back, and verified"));
	if (changed)
		assert_int_equal(err->cause, S0_CAUSE_SAVED);
}

static void cut(struct job *job, uint64_t at, s0_sim_fault fault, bool again,
		struct tally *tally)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct board board;

	job_board(job, &board);
	s0_sim_fail_at(board.sim, at, fault);
	tally->cuts++;
	if (board_flash(&board, job->image, &rollback, &result, &err) ==
	    S0_OK) {
		job_assert_new(job, &board);
		board_free(&board);
		return;
	}
	check_failure(job, &board, &err, tally);
	job_replug(&board);
	if (again) {
		(void)board_flash_ok(&board, job->image, &rollback);
		job_assert_new(job, &board);
		assert_int_equal(board_damaged(&board), 0);
	} else {
		job_recover_ok(job, &board);
	}
	board_free(&board);
}

static void any_cut_leaves_the_new_or_what_was_there(void **state)
{
	struct job *job = *state;
	uint64_t transfers = transfers_of(job);
	uint64_t first = first_change(job, transfers);
	unsigned all = 0;

	for (int fault = S0_SIM_FAULT_NONE + 1; fault < S0_SIM_FAULT_COUNT;
	     fault++) {
		struct tally tally = { 0 };

		for (uint64_t at = 1 + (unsigned)fault; at <= transfers;
		     /* what is only read is much of the same */
		     at += at + 41 < first ? 41 : stride())
			cut(job, at, (s0_sim_fault)fault, tally.cuts % 2 == 0,
			    &tally);
		print_message("# %s: %u cuts, %u failed: %u untouched, %u put "
			      "back at once, %u later\n",
			      s0_sim_fault_name((s0_sim_fault)fault),
			      tally.cuts, tally.failed, tally.untouched,
			      tally.restored, tally.waiting);
		all += tally.cuts;
	}
	print_message("# %llu transfers, %u cuts\n",
		      (unsigned long long)transfers, all);
}

static void putting_back_can_be_cut_anywhere(void **state)
{
	struct job *job = *state;
	uint64_t at = transfers_of(job) * 3 / 4, before, transfers;
	struct board board;

	job_break_off(job, &board, at, false);
	before = s0_sim_transfers(board.sim);
	job_recover_ok(job, &board);
	transfers = s0_sim_transfers(board.sim) - before;
	board_free(&board);
	for (uint64_t k = 1; k <= transfers; k += stride()) {
		struct s0_error err = S0_ERROR_INIT;

		job_break_off(job, &board, at, false);
		s0_sim_fail_at(board.sim, before + k,
			       k % 2 ? S0_SIM_FAULT_TORN : S0_SIM_FAULT_UNPLUG);
		(void)job_recover(&board, NULL, &err);
		job_replug(&board);
		job_recover_ok(job, &board);
		board_free(&board);
	}
	print_message("# %llu cuts\n", (unsigned long long)transfers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(putting_back_can_be_cut_anywhere),
		cmocka_unit_test(any_cut_leaves_the_new_or_what_was_there),
	};

	return cmocka_run_group_tests(tests, job_make, job_unmake);
}
