/* SPDX-License-Identifier: MIT */
#ifndef TESTS_ROLLBACK_JOB_H
#define TESTS_ROLLBACK_JOB_H

/* A small job for a board that holds another firmware, with its neighbours. */

#include "board.h"

#define FLASH 0x08000000u
#define SIZE  0x00200000u
#define CHIP  "stm32h743,rom=0x91"

struct job {
	struct s0_image *image;
	uint8_t *before, *now; /* the whole flash */
};

/* Of a group of tests. */
int job_make(void **state);
int job_unmake(void **state);

/* A board with another firmware, and a neighbour that has nothing to do with
 * it. */
void job_board(struct job *job, struct board *board);
bool job_as_before(struct job *job, const struct board *board);
/* Exactly the image in the sectors that it touches, the rest as it was. */
void job_assert_new(struct job *job, const struct board *board);

s0_code job_recover(struct board *board, struct s0_result *result,
		    struct s0_error *err);
/* All is as before then. */
void job_recover_ok(struct job *job, struct board *board);
void job_replug(struct board *board);

/* Transfers of a whole run. */
uint64_t job_transfers(struct job *job, const struct s0_policy *policy);

/* A run cut in the middle of an operation: the records then have sectors that
 * were done, cut and not begun. */
void job_break_off(struct job *job, struct board *board, uint64_t at,
		   bool keep);

#endif
