/* SPDX-License-Identifier: MIT */
/* Rolling back on a device that left the bus and came back. */
#include "test.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_back_gets_its_old_firmware_back),
		cmocka_unit_test(what_does_not_come_back_waits_to_be_put_back),
	};

	return cmocka_run_group_tests(tests, job_make, job_unmake);
}
