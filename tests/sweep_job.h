/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SWEEP_JOB_H
#define TESTS_SWEEP_JOB_H

/* What the sweep of cuts programs, on which chip, and what must come of it. */

#include "board.h"

#define SWEEP_FLASH 0x08000000u

struct sweep_piece {
	uint32_t address, length;
};

/* Sectors of one size, as in the device's own layout. */
struct sweep_area {
	uint32_t address, count, sector;
};

struct sweep_chip {
	const char *name; /* as the test is called with it */
	const char *description;
	struct sweep_area areas[4];
	struct sweep_piece image[6];
	struct sweep_piece beside[7]; /* has nothing to do with the image */
};

struct sweep_job {
	const struct sweep_chip *chip;
	struct s0_policy policy;
	bool backup;
	bool mass;  /* a little of each sector … */
	bool most;  /* … but for one, which is blank */
	bool blank; /* all of it: nothing is erased */
	struct s0_image *image;
	struct s0_image *beside;
	size_t size; /* of the flash, from its first address to its last */
	uint8_t *before, *after; /* the whole flash */
};

/* NULL: no such chip. */
const struct sweep_chip *sweep_chip_find(const char *name);
/* The policy and the flags are the caller's to set before. */
void sweep_job_make(struct sweep_job *job);
void sweep_job_free(struct sweep_job *job);
/* A board that holds other firmware in the touched sectors. */
void sweep_job_board(const struct sweep_job *job, struct board *board);
/* All of its flash, erased bytes where there is none. */
void sweep_job_peek(const struct sweep_job *job, const struct board *board,
		    uint8_t *bytes);
/* The same in less time: sectors that the job has nothing to do with are taken
 * to be as before (what is wrong there stays, and is seen at the end). */
void sweep_job_glance(const struct sweep_job *job, const struct board *board,
		      uint8_t *bytes);
/* Is anything of the job in that sector? */
bool sweep_concerns(const struct sweep_job *job, struct sweep_piece sector);
/* Would a read of one of its words be a bus error? */
bool sweep_damaged(const struct board *board, struct sweep_piece sector);
/* The sectors in order; length 0 behind the last. */
struct sweep_piece sweep_sector(const struct sweep_chip *chip, size_t index);

#endif
