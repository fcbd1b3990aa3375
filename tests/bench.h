/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

/* A board with two sectors to be programmed and bytes beside them, and somebody
 * who listens to what a session says. */

#include "board.h"

struct bench {
	struct board board;
	struct s0_image *image, *neighbours;
	unsigned warnings;
	char warning[512];
	unsigned waits; /* times that a new sentence was said */
	char waiting[256];
	/* called while it waits */
	bool (*meanwhile)(struct bench *bench);
};

/* On a virtual chip of that description; waits S0_RECONNECT_MS. */
void bench_lay_out(struct bench *bench, const char *description);
void bench_clear_away(struct bench *bench);
/* Open the board, a session and the ears. */
s0_code bench_start(struct bench *bench, struct s0_error *err);
/* Program the image, from opening to closing. */
s0_code bench_flash(struct bench *bench, const struct s0_policy *policy,
		    struct s0_result *result, struct s0_error *err);

#endif
