/* SPDX-License-Identifier: MIT */
/* Rolling back on a device that left the bus and came back. */
#include "test.h"

#include <stdio.h>

#include "rollback_job.h"

static const struct s0_policy rollback = { .rollback = true };

static void what_comes_back_gets_its_old_firmware_back(void **state)
{
	static const s0_sim_fault faults[] = { S0_SIM_FAULT_BROWN_OUT,
					       S0_SIM_FAULT_REPLUG };
	struct job *job = *state;
	uint64_t transfers = job_transfers(job, &rollback);
	unsigned restored = 0;

	for (uint64_t i = 1; i < 24; i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_result result;
		struct board board;

		job_board(job, &board);
		board.reconnect_ms = 5000;
		s0_sim_fail_at(board.sim,
			       s0_sim_transfers(board.sim) + transfers * i / 24,
			       faults[i % 2]);
		if (board_flash(&board, job->image, &rollback, &result, &err) ==
		    S0_OK) {
			job_assert_new(job, &board);
		} else {
			assert_int_equal(err.aftermath, S0_RESTORED);
			assert_true(job_as_before(job, &board));
			assert_int_equal(board_damaged(&board), 0);
			restored++;
		}
		board_free(&board);
	}
	print_message("# %u were put back\n", restored);
	assert_true(restored >= 5);
}

static void what_does_not_come_back_waits_to_be_put_back(void **state)
{
	struct job *job = *state;
	uint64_t transfers = job_transfers(job, &rollback);
	struct s0_error err;
	struct board board;

	job_board(job, &board);
	board.reconnect_ms = 5000;
	s0_sim_fail_at(board.sim, s0_sim_transfers(board.sim) + transfers - 20,
		       S0_SIM_FAULT_UNPLUG);
	err = board_flash_fails(&board, job->image, &rollback);
	assert_int_equal(err.aftermath, S0_UNKNOWN);
	assert_int_equal(err.cause, S0_CAUSE_SAVED);
	job_replug(&board);
	job_recover_ok(job, &board);
	board_free(&board);
}

static uint64_t recover_transfers(struct job *job, uint64_t cut_at)
{
	struct board board;
	uint64_t before;

	job_break_off(job, &board, cut_at, false);
	before = s0_sim_transfers(board.sim);
	job_recover_ok(job, &board);
	before = s0_sim_transfers(board.sim) - before;
	board_free(&board);
	return before;
}

static void recovering_goes_on_on_a_device_that_comes_back(void **state)
{
	static const s0_sim_fault faults[] = {
		S0_SIM_FAULT_BROWN_OUT, S0_SIM_FAULT_REPLUG, S0_SIM_FAULT_STALL,
		S0_SIM_FAULT_LOST_REPLY, S0_SIM_FAULT_SILENT
	};
	struct job *job = *state;
	uint64_t cut_at = job_transfers(job, &rollback) - 40;
	uint64_t transfers = recover_transfers(job, cut_at);
	unsigned got_over = 0;

	for (uint64_t i = 1; i < 30; i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_result result;
		struct board board;

		job_break_off(job, &board, cut_at, false);
		board.reconnect_ms = 5000;
		s0_sim_fail_at(board.sim,
			       s0_sim_transfers(board.sim) + transfers * i / 30,
			       faults[i % 5]);
		if (job_recover(&board, &result, &err) != S0_OK)
			print_message("# %s\n", err.message);
		assert_int_equal(err.code, S0_OK);
		assert_true(job_as_before(job, &board));
		assert_int_equal(board_damaged(&board), 0);
		got_over += result.reconnects + result.retries > 0;
		board_free(&board);
	}
	print_message("# %u were got over\n", got_over);
	assert_true(got_over >= 12);
}

/* A run that fails puts the old firmware back, and is killed while it does. */
static void a_rollback_that_was_cut_is_finished_in_a_new_process(void **state)
{
	struct job *job = *state;
	uint64_t at = job_transfers(job, &rollback) - 40, cuts = 0;

	for (uint64_t later = 1;; later += 11) {
		struct s0_error err = S0_ERROR_INIT;
		char faults[64];
		struct board board;

		job_board(job, &board);
		board.reconnect_ms = 5000;
		(void)snprintf(faults, sizeof faults,
			       "brown-out@%llu+torn@%llu",
			       (unsigned long long)at,
			       (unsigned long long)(at + later));
		assert_int_equal(s0_sim_inject(board.sim, faults, NULL), S0_OK);
		err = board_flash_fails(&board, job->image, &rollback);
		if (err.aftermath == S0_RESTORED) {
			board_free(&board);
			break;
		}
		cuts++;
		job_replug(&board);
		if (cuts % 2) {
			job_recover_ok(job, &board);
		} else { /* … or the new firmware takes its place */
			(void)board_flash_ok(&board, job->image, NULL);
			job_assert_new(job, &board);
			assert_int_equal(job_recover(&board, NULL, NULL),
					 S0_OK);
			job_assert_new(job, &board);
		}
		board_free(&board);
	}
	print_message("# %llu cuts\n", (unsigned long long)cuts);
	assert_true(cuts > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			recovering_goes_on_on_a_device_that_comes_back),
		cmocka_unit_test(
			a_rollback_that_was_cut_is_finished_in_a_new_process),
		cmocka_unit_test(what_comes_back_gets_its_old_firmware_back),
		cmocka_unit_test(what_does_not_come_back_waits_to_be_put_back),
	};

	return cmocka_run_group_tests(tests, job_make, job_unmake);
}
