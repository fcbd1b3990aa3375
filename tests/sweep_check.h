/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SWEEP_CHECK_H
#define TESTS_SWEEP_CHECK_H

/* What must be true of a run that was cut, and of what it left. */

#include "sweep_run.h"

/* Of the first run, at that transfer. */
void sweep_check_first(struct episode *e, uint64_t at,
		       struct sweep_tally *tally);
/* Of a run that says that it succeeded. */
void sweep_check_success(struct episode *e);
/* Of any run that says that it failed. */
void sweep_check_failure(struct episode *e);
/* Nothing may be lost at any moment that it was promised for. crashed: of the
 * records there is what survives a crash of the host at this moment. */
void sweep_check_nothing_lost(struct episode *e, const char *when,
			      bool crashed);
/* The records are of no use any more. */
void sweep_check_nothing_waits(struct episode *e);
/* Show a failure that must not be. */
void sweep_must(struct episode *e, const char *doing);
bool sweep_holds(const struct sweep *sweep, const uint8_t *what);
void sweep_assert_holds(const struct sweep *sweep, const uint8_t *what);

#endif
