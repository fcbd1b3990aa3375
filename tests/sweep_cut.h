/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SWEEP_CUT_H
#define TESTS_SWEEP_CUT_H

/* One cut of a job, what must be true right after it, and its repair. */

#include "sweep_job.h"

/* What happens to a device that is gone while a run waits for it. */
enum sweep_patience {
	SWEEP_AT_ONCE,	 /* nobody waits: the first failure ends the run */
	SWEEP_STAYS_OUT, /* it is waited for, in vain */
	SWEEP_RETURNS	 /* somebody plugs it in again */
};

struct sweep_tally {
	unsigned cuts, failed, untouched, partial, unknown, restored;
	unsigned survived;  /* runs that went on by themselves */
	unsigned unnoticed; /* struck, and right without any more ado */
	unsigned hung;	    /* needed a power cycle */
	unsigned twice;	    /* whose repair was cut as well */
};

struct sweep {
	struct sweep_job job;
	enum sweep_patience patience;
	uint64_t transfers; /* of a run that nothing happens to */
	uint64_t leaves;    /* the first of them that is for the start */
	bool *reads;	    /* by transfer, from 1: only reads memory */
	uint8_t *now;	    /* room for a look at the flash */
};

/* Runs that job as it should go. */
void sweep_clean(struct sweep *sweep);
/* fault: as the simulator takes it, %llu being the transfer. */
void sweep_cut(struct sweep *sweep, uint64_t at, const char *fault,
	       struct sweep_tally *tally);

#endif
