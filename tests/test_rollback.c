/* SPDX-License-Identifier: MIT */
/* A run with a rollback, and what is put back later. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "rollback_job.h"

static const struct s0_policy rollback = { .rollback = true };

static uint64_t transfers_of(struct job *job, bool keep)
{
	struct s0_policy policy = { .rollback = true, .keep = keep };

	return job_transfers(job, &policy);
}

static void recovering_twice_does_nothing_more(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_sim_counters once, twice;
	struct s0_unfinished unfinished;
	struct s0_result result;
	struct job *job = *state;
	struct board board;

	job_break_off(job, &board, transfers_of(job, false) - 40, false);
	assert_int_equal(board_open(&board, &err), S0_OK);
	assert_true(s0_session_unfinished_count(board.session) > 1);
	assert_true(s0_session_unfinished(board.session, 0, &unfinished));
	assert_int_equal(unfinished.address, FLASH);
	assert_int_equal(unfinished.length, 0x20000);
	assert_true(unfinished.saved && unfinished.whole);
	assert_true(unfinished.saved_bytes >= 2048 + 256);
	assert_false(s0_session_unfinished(board.session, 99, &unfinished));
	board_close(&board);
	job_recover_ok(job, &board);
	s0_sim_get_counters(board.sim, &once);
	assert_int_equal(job_recover(&board, &result, &err), S0_OK);
	assert_int_equal(result.written_bytes, 0);
	s0_sim_get_counters(board.sim, &twice);
	assert_int_equal(once.sector_erases, twice.sector_erases);
	board_free(&board);
}

/* What a plain flash does with sectors of which all is recorded. */
static void only_what_was_to_be_kept_comes_back_with_a_plain_flash(void **state)
{
	struct job *job = *state;

	for (int keep = 0; keep < 2; keep++) {
		uint64_t at = transfers_of(job, keep) - 40;
		struct board board;
		uint8_t is[512], was[512];

		job_break_off(job, &board, at, keep);
		(void)board_flash_ok(&board, job->image, NULL);
		board_assert_holds(&board, job->image);
		(void)s0_sim_peek(board.sim, 0x08000600, is, sizeof is);
		memset(was, 0xff, sizeof was);
		if (keep)
			memcpy(was, job->before + 0x600, sizeof was);
		assert_memory_equal(is, was, sizeof was);
		/* Forgotten: there is nothing to go back to. */
		assert_int_equal(job_recover(&board, NULL, NULL), S0_OK);
		board_assert_holds(&board, job->image);
		board_free(&board);
	}
}

/* A later run that is cut as well gives up no part of it alone. */
static void what_was_saved_is_put_back_as_a_whole_after_another_cut(
	void **state)
{
	static const struct s0_policy keep = { .keep = true }, plain = { 0 };
	struct job *job = *state;
	uint64_t at = transfers_of(job, false) - 40, cuts = 0;

	for (int k = 0; k < 2; k++) {
		for (uint64_t later = 10;; later += 7) {
			struct s0_error err = S0_ERROR_INIT;
			struct board board;

			job_break_off(job, &board, at, false);
			s0_sim_fail_at(board.sim,
				       s0_sim_transfers(board.sim) + later,
				       S0_SIM_FAULT_UNPLUG);
			if (board_flash(&board, job->image, k ? &keep : &plain,
					NULL, &err) == S0_OK) {
				board_free(&board);
				break;
			}
			cuts++;
			s0_sim_replug(board.sim);
			job_recover_ok(job, &board);
			board_free(&board);
		}
	}
	assert_true(cuts > 10);
}

static void a_sector_that_will_not_change_is_put_back_around(void **state)
{
	struct s0_error err;
	struct job *job = *state;
	struct board board;

	job_board(job, &board);
	board.unseen_wrp = 1;
	err = board_flash_fails(&board, job->image, &rollback);
	print_message("# %s\n", err.message);
	assert_int_equal(err.aftermath, S0_RESTORED);
	assert_true(job_as_before(job, &board));
	board_free(&board);
}

static void without_a_verification_there_is_no_rollback(void **state)
{
	struct s0_policy policy = { .rollback = true, .no_verify = true };
	struct job *job = *state;
	struct s0_error err;
	struct board board;

	job_board(job, &board);
	err = board_flash_fails(&board, job->image, &policy);
	assert_int_equal(err.code, S0_E_USAGE);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	board_free(&board);
}

static void what_an_earlier_run_lost_cannot_be_rolled_back_to(void **state)
{
	struct s0_policy policy = { .keep = true };
	struct job *job = *state;

	for (int keep = 0; keep < 2; keep++) {
		struct s0_error err;
		struct board board;
		uint64_t transfers;

		policy.keep = keep;
		transfers = job_transfers(job, &policy);
		job_board(job, &board);
		s0_sim_fail_at(board.sim, transfers - 20, S0_SIM_FAULT_TORN);
		(void)board_flash_fails(&board, job->image, &policy);
		job_replug(&board);
		err = board_flash_fails(&board, job->image, &rollback);
		assert_int_equal(err.code, S0_E_UNREADABLE);
		assert_int_equal(err.aftermath, S0_UNTOUCHED);
		assert_int_equal(err.cause,
				 keep ? S0_CAUSE_CUT_BEFORE : S0_CAUSE_NONE);
		board_free(&board);
	}
}

static void a_whole_chip_is_put_back(void **state)
{
	struct s0_policy policy = { .rollback = true, .erase = S0_ERASE_ALL };
	struct job *job = *state;
	struct s0_error err;
	struct board board;
	uint64_t transfers;

	job_board(job, &board);
	s0_sim_free(board.sim);
	assert_int_equal(s0_sim_new("stm32h743,rom=0x92", &board.sim, NULL),
			 S0_OK);
	(void)s0_sim_poke(board.sim, FLASH, job->before, SIZE);
	(void)board_flash_ok(&board, job->image, &policy);
	transfers = s0_sim_transfers(board.sim);
	s0_sim_free(board.sim);
	assert_int_equal(s0_sim_new("stm32h743,rom=0x92", &board.sim, NULL),
			 S0_OK);
	(void)s0_sim_poke(board.sim, FLASH, job->before, SIZE);
	s0_sim_fail_at(board.sim, transfers - 6, S0_SIM_FAULT_STALL);
	err = board_flash_fails(&board, job->image, &policy);
	assert_int_equal(err.aftermath, S0_RESTORED);
	assert_true(job_as_before(job, &board));
	board_free(&board);
}

/* One wrong bit in one of two readings. */
static void what_reads_differently_is_not_recorded(void **state)
{
	struct job *job = *state;
	struct s0_error err;
	struct board board;

	job_board(job, &board);
	s0_sim_fail_at(board.sim, transfers_of(job, false) / 2,
		       S0_SIM_FAULT_BIT_ERROR);
	err = board_flash_fails(&board, job->image, &rollback);
	assert_int_equal(err.code, S0_E_PROTOCOL);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	assert_true(job_as_before(job, &board));
	board_free(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recovering_twice_does_nothing_more),
		cmocka_unit_test(
			what_was_saved_is_put_back_as_a_whole_after_another_cut),
		cmocka_unit_test(
			only_what_was_to_be_kept_comes_back_with_a_plain_flash),
		cmocka_unit_test(
			a_sector_that_will_not_change_is_put_back_around),
		cmocka_unit_test(without_a_verification_there_is_no_rollback),
		cmocka_unit_test(
			what_an_earlier_run_lost_cannot_be_rolled_back_to),
		cmocka_unit_test(a_whole_chip_is_put_back),
		cmocka_unit_test(what_reads_differently_is_not_recorded),
	};

	return cmocka_run_group_tests(tests, job_make, job_unmake);
}
