/* SPDX-License-Identifier: MIT */
#ifndef SESSION_STRESS_H
#define SESSION_STRESS_H

/* A sector while it is exercised. */

#include <sector0/session.h>

/* Wrong addresses that are remembered of a sector. */
#define REMEMBERED 64

#define MOST_ROUNDS 1000u

struct stress {
	struct s0_session *session;
	struct s0_stress *all;
	struct s0_stress_round *round; /* the running one */
	uint32_t address, length;
	uint8_t *before; /* what the sector held */
	uint8_t *wanted, *read, *again;
	uint32_t bad[REMEMBERED];
	unsigned bad_round[REMEMBERED];
	size_t bad_count;
	struct s0_image *keep; /* before, for the host's record; or NULL */
};

/* stress_judge.c */
/* Checkerboard, its inverse, random, address in address; each its own. */
void stress_fill(struct stress *s, unsigned number);
/* Count what is wrong in the sector as read: after the erase; after the
 * pattern was programmed, and read again. */
void stress_judge_erased(struct stress *s);
void stress_judge_programmed(struct stress *s);

#endif
