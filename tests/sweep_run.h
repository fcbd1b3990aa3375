/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SWEEP_RUN_H
#define TESTS_SWEEP_RUN_H

/* Runs of a job on one board, each as a process of its own. */

#include "sweep_cut.h"

/* A run, and what was said of it. */
struct episode {
	struct sweep *sweep;
	struct board board;
	char what[64]; /* the fault, for messages */
	s0_code code;
	struct s0_error err;
	struct s0_result result;
	unsigned warnings, waits;
	bool suspects; /* a sector is noted that a read stopped the device in */
};

/* What came of them is in the episode. */
void sweep_flash(struct episode *e);
void sweep_recover(struct episode *e);

#endif
