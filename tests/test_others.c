/* SPDX-License-Identifier: MIT */
/* What a cut run had saved is not put over what others have written since; and
 * what the cut itself, or bad cells, left is nobody else's. */
#include "test.h"

#include <string.h>

#include "rollback_job.h"
#include "session/session.h"

/* In the image: of the sector that is verified last, and of another. */
#define WRITTEN 0x08000410u
#define EARLIER 0x08100410u

static const struct s0_policy keep = { .keep = true };

/* Cut among the last transfers, where only the verification is left to do. */
static void cut_late(struct job *job, struct board *board,
		     const struct s0_policy *policy)
{
	uint64_t at = job_transfers(job, policy) - 3;

	job_board(job, board);
	s0_sim_fail_at(board->sim, at, S0_SIM_FAULT_UNPLUG);
	(void)board_flash_fails(board, job->image, policy);
	job_replug(board);
}

static void assert_refused(struct board *board, s0_cause cause,
			   const char *words)
{
	struct s0_error err = S0_ERROR_INIT;

	assert_int_equal(job_recover(board, NULL, &err), S0_E_DIFFERENT);
	assert_int_equal(err.cause, cause);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	assert_non_null(strstr(err.message, words));
}

static void a_finished_write_that_reads_otherwise_is_somebody_elses(
	void **state)
{
	struct job *job = *state;
	struct board board;

	cut_late(job, &board, &keep);
	board_poke(&board, WRITTEN);
	assert_refused(&board, S0_CAUSE_CHANGED_SINCE, "has written");
	board_poke(&board, WRITTEN); /* as it was left */
	assert_int_equal(job_recover(&board, NULL, NULL), S0_OK);
	board_free(&board);
}

struct lie {
	struct s0_sim *sim;
	unsigned after; /* so many transfers of a write */
};

static void lie_and_unplug(void *payload, const struct s0_progress *progress)
{
	const struct lie *lie = payload;
	uint64_t next = s0_sim_transfers(lie->sim) + 1;

	if (progress->stage == S0_STAGE_WRITE && !progress->done)
		s0_sim_fail_at(lie->sim, next + lie->after, S0_SIM_FAULT_LIE);
	if (progress->stage == S0_STAGE_VERIFY && !progress->done)
		s0_sim_fail_at(lie->sim, next, S0_SIM_FAULT_UNPLUG);
}

/* Nobody else has been here, and nothing that is known tells. */
static void a_write_that_did_not_arrive_is_not_blamed_on_others_alone(
	void **state)
{
	struct job *job = *state;
	unsigned told = 0;

	for (unsigned after = 0; after < 8; after++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_plan *plan = NULL;
		struct board board;
		struct lie lie;

		job_board(job, &board);
		lie = (struct lie){ board.sim, after };
		assert_int_equal(board_open(&board, NULL), S0_OK);
		s0_session_set_progress(board.session, lie_and_unplug, &lie);
		assert_int_equal(s0_session_plan(board.session, job->image,
						 &keep, &plan, NULL),
				 S0_OK);
		assert_int_not_equal(
			s0_session_run(board.session, plan, NULL, NULL), S0_OK);
		s0_plan_free(plan);
		board_close(&board);
		job_replug(&board);
		if (job_recover(&board, NULL, &err) == S0_E_DIFFERENT) {
			assert_non_null(strstr(err.message, "did not arrive"));
			told++;
		}
		board_free(&board);
	}
	assert_true(told);
}

static s0_code save(struct board *board, uint32_t address,
		    struct s0_image *image, struct s0_error *err)
{
	s0_code code = board_open(board, err);

	if (code == S0_OK)
		code = s0_session_save(board->session, address, 1, image, NULL,
				       err);
	board_close(board);
	return code;
}

static void a_backup_takes_no_records_that_are_older_than_the_chip(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image;
	struct job *job = *state;
	struct board board;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	cut_late(job, &board, &(struct s0_policy){ .rollback = true });
	board_poke(&board, WRITTEN);
	assert_int_equal(save(&board, WRITTEN, image, &err), S0_E_DIFFERENT);
	assert_int_equal(err.cause, S0_CAUSE_CHANGED_SINCE);
	assert_int_equal(s0_image_piece_count(image), 0);
	/* … but where it takes none */
	assert_int_equal(save(&board, 0x08180000, image, NULL), S0_OK);
	board_poke(&board, WRITTEN);
	assert_int_equal(save(&board, WRITTEN, image, NULL), S0_OK);
	s0_image_free(image);
	board_free(&board);
}

/* Same chip and records; @description: as it is now. */
static void exchange(struct board *board, const char *description)
{
	s0_sim_free(board->sim);
	assert_int_equal(s0_sim_new(description, &board->sim, NULL), S0_OK);
}

static void nothing_goes_back_while_the_banks_are_swapped(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct job *job = *state;
	struct board board;

	cut_late(job, &board, &keep);
	exchange(&board, CHIP ",swap=1");
	assert_refused(&board, S0_CAUSE_SWAPPED, "were swapped");
	err = board_flash_fails(&board, job->image, &keep);
	assert_int_equal(err.cause, S0_CAUSE_SWAPPED);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	/* not on request either */
	assert_int_equal(board_open(&board, NULL), S0_OK);
	s0_session_set_overwrite(board.session, true);
	assert_int_equal(s0_session_recover(board.session, NULL, NULL),
			 S0_E_DIFFERENT);
	board_close(&board);
	exchange(&board, CHIP);
	assert_int_equal(job_recover(&board, NULL, NULL), S0_OK);
	board_free(&board);
}

/* Nor by what it looks like: it may be torn, so it is not read at all. */
static void what_was_being_written_when_it_was_cut_is_no_evidence(void **state)
{
	static const s0_sim_fault cuts[] = { S0_SIM_FAULT_TORN,
					     S0_SIM_FAULT_LOST_REPLY };
	struct job *job = *state;
	uint64_t transfers = job_transfers(job, &keep);
	unsigned looked = 0;

	for (uint64_t at = transfers - 60; at < transfers; at++) {
		struct s0_result result;
		const struct journal *journal;
		struct board board;

		job_board(job, &board);
		s0_sim_fail_at(board.sim, at, cuts[at % 2]);
		/* a reply may get lost that did not matter */
		(void)board_flash(&board, job->image, &keep, &result, NULL);
		job_replug(&board);
		assert_int_equal(board_open(&board, NULL), S0_OK);
		journal = board.session->journal;
		for (size_t i = 0; i < journal->past_count; i++)
			looked += !journal->past[i].written;
		board_close(&board);
		assert_int_equal(job_recover(&board, NULL, NULL), S0_OK);
		assert_int_equal(board_damaged(&board), 0);
		board_free(&board);
	}
	assert_true(looked > 10);
}

static void spoil(void *payload, const struct s0_progress *progress)
{
	struct board *board = payload;

	if (progress->stage == S0_STAGE_VERIFY && !progress->done)
		board_poke(board, EARLIER);
}

static void cells_that_do_not_hold_are_nobody_elses(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	struct job *job = *state;
	struct board board;

	job_board(job, &board);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	s0_session_set_progress(board.session, spoil, &board);
	assert_int_equal(
		s0_session_plan(board.session, job->image, &keep, &plan, NULL),
		S0_OK);
	assert_int_equal(s0_session_run(board.session, plan, NULL, &err),
			 S0_E_MISMATCH);
	s0_plan_free(plan);
	board_close(&board);
	assert_int_equal(job_recover(&board, NULL, NULL), S0_OK);
	board_free(&board);
}

static void what_is_forgotten_is_still_not_read(void **state)
{
	struct s0_unfinished left;
	struct job *job = *state;
	struct board board;
	size_t before;

	cut_late(job, &board, &keep);
	s0_sim_damage(board.sim, WRITTEN);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	before = s0_session_unfinished_count(board.session);
	assert_int_equal(s0_session_forget(board.session, NULL), S0_OK);
	board_close(&board);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_session_unfinished_count(board.session), before);
	for (size_t i = 0; s0_session_unfinished(board.session, i, &left); i++)
		assert_false(left.saved);
	board_close(&board);
	(void)board_flash_ok(&board, job->image, NULL);
	board_assert_holds(&board, job->image);
	assert_int_equal(board_damaged(&board), 0);
	board_free(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_finished_write_that_reads_otherwise_is_somebody_elses),
		cmocka_unit_test(
			a_write_that_did_not_arrive_is_not_blamed_on_others_alone),
		cmocka_unit_test(
			a_backup_takes_no_records_that_are_older_than_the_chip),
		cmocka_unit_test(nothing_goes_back_while_the_banks_are_swapped),
		cmocka_unit_test(
			what_was_being_written_when_it_was_cut_is_no_evidence),
		cmocka_unit_test(cells_that_do_not_hold_are_nobody_elses),
		cmocka_unit_test(what_is_forgotten_is_still_not_read),
	};

	return cmocka_run_group_tests(tests, job_make, job_unmake);
}
