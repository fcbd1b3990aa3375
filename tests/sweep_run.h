/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SWEEP_RUN_H
#define TESTS_SWEEP_RUN_H

/* Runs of a job on one board, each as a process of its own. */

#include "sweep_cut.h"

/* A run, and what was said of it. */
struct episode {
	struct sweep *sweep;
	struct board board;
	char what[64]; /* the faults, for messages */
	s0_code code;
	struct s0_error err;
	struct s0_result result;
	unsigned runs, warnings, waits;
	unsigned strikes; /* of faults, in this run */
	bool lied, hung;  /* by one of them */
	unsigned orders;  /* to erase or to write, done or not */
	bool ever_lied;	  /* in any run */
	bool overwrite;	  /* what others seem to have written since */
	uint64_t opened;  /* the transfer that came last in that */
	struct s0_sim_counters before;
	/* A sector is noted that a read stopped the device in; twice. */
	bool suspects, condemned;
};

/* What came of them is in the episode. */
void sweep_flash(struct episode *e);
void sweep_recover(struct episode *e);

#endif
