/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "rollback_job.h"

static void add(struct s0_image *image, uint32_t address, uint32_t length,
		uint32_t seed)
{
	uint8_t bytes[4096];

	board_random(bytes, length, seed);
	assert_int_equal(s0_image_add(image, "t", address, bytes, length, NULL),
			 S0_OK);
}

int job_make(void **state)
{
	struct job *job = calloc(1, sizeof *job);

	assert_non_null(job);
	job->before = malloc(SIZE);
	job->now = malloc(SIZE);
	assert_true(job->before && job->now);
	assert_int_equal(s0_image_new(&job->image, NULL), S0_OK);
	add(job->image, 0x08000000, 1500, 1);
	add(job->image, 0x08020010, 40, 2);
	add(job->image, 0x08100400, 1100, 4);
	add(job->image, 0x08140000, 64, 5); /* a sector that is blank */
	*state = job;
	return 0;
}

int job_unmake(void **state)
{
	struct job *job = *state;

	s0_image_free(job->image);
	free(job->before);
	free(job->now);
	free(job);
	return 0;
}

/* A board with another firmware, and a neighbour that has nothing to do with
 * it. */
void job_board(struct job *job, struct board *board)
{
	static const uint32_t at[] = { 0x08000000, 0x0801ff00, 0x08020000,
				       0x08030020, 0x08100000, 0x08120000 };
	uint8_t old[2048];

	board_make(board, CHIP);
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		board_random(old, sizeof old, 90 + (uint32_t)i);
		(void)s0_sim_poke(board->sim, at[i], old,
				  at[i] == 0x0801ff00 ? 256 : 2048);
	}
	(void)s0_sim_peek(board->sim, FLASH, job->before, SIZE);
}

bool job_as_before(struct job *job, const struct board *board)
{
	(void)s0_sim_peek(board->sim, FLASH, job->now, SIZE);
	return memcmp(job->now, job->before, SIZE) == 0;
}

/* Exactly the image in the sectors that it touches, the rest as it was. */
void job_assert_new(struct job *job, const struct board *board)
{
	static const uint32_t sectors[] = { 0x08000000, 0x08020000, 0x08100000,
					    0x08140000 };
	uint8_t *expected = malloc(SIZE);

	assert_non_null(expected);
	memcpy(expected, job->before, SIZE);
	for (size_t i = 0; i < 4; i++) {
		memset(expected + (sectors[i] - FLASH), 0xff, 0x20000);
		(void)s0_image_copy(job->image, sectors[i], 0x20000,
				    expected + (sectors[i] - FLASH));
	}
	(void)s0_sim_peek(board->sim, FLASH, job->now, SIZE);
	assert_memory_equal(job->now, expected, SIZE);
	free(expected);
}

s0_code job_recover(struct board *board, struct s0_result *result,
		    struct s0_error *err)
{
	s0_code code = board_open(board, err);

	if (code == S0_OK)
		code = s0_session_recover(board->session, result, err);
	board_close(board);
	return code;
}

void job_replug(struct board *board)
{
	if (s0_sim_hung(board->sim))
		s0_sim_power_cycle(board->sim);
	s0_sim_advance_us(board->sim, 200000);
	s0_sim_replug(board->sim);
}

uint64_t job_transfers(struct job *job, const struct s0_policy *policy)
{
	struct board board;
	uint64_t transfers;

	job_board(job, &board);
	(void)board_flash_ok(&board, job->image, policy);
	if (!policy->keep)
		job_assert_new(job, &board);
	transfers = s0_sim_transfers(board.sim);
	board_free(&board);
	return transfers;
}

void job_recover_ok(struct job *job, struct board *board)
{
	struct s0_error err = S0_ERROR_INIT;

	if (job_recover(board, NULL, &err) != S0_OK)
		print_message("# recover: %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	assert_true(job_as_before(job, board));
	assert_int_equal(board_damaged(board), 0);
}

/* Cut in the middle, by an unplugging; the records then have sectors that were
 * done, cut and not begun. */
void job_break_off(struct job *job, struct board *board, uint64_t at, bool keep)
{
	struct s0_policy policy = { .rollback = true, .keep = keep };

	job_board(job, board);
	s0_sim_fail_at(board->sim, at, S0_SIM_FAULT_TORN);
	(void)board_flash_fails(board, job->image, &policy);
	job_replug(board);
}
