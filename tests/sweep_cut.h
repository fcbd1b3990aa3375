/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SWEEP_CUT_H
#define TESTS_SWEEP_CUT_H

/* One cut of a job, or several, what must be true right after each, and the
 * repair. */

#include "sweep_job.h"

/* What happens to a device that is gone while a run waits for it. */
enum sweep_patience {
	SWEEP_AT_ONCE,	 /* nobody waits: the first failure ends the run */
	SWEEP_STAYS_OUT, /* it is waited for, in vain */
	SWEEP_RETURNS	 /* somebody plugs it in again */
};

struct sweep_tally {
	unsigned cuts, failed, untouched, partial, unknown, restored;
	unsigned survived;     /* runs that went on by themselves */
	unsigned unnoticed;    /* struck, and right without any more ado */
	unsigned hung;	       /* needed a power cycle */
	unsigned struck_twice; /* runs, by a second fault as well */
	unsigned twice;	       /* whose repair was cut as well */
	unsigned refused;      /* with a sector that is not read any more */
};

struct sweep {
	struct sweep_job job;
	enum sweep_patience patience;
	uint32_t seed;	    /* of all that is left to chance */
	uint64_t transfers; /* of a run that nothing happens to */
	uint64_t begins;    /* the first of them that changes anything */
	uint64_t leaves;    /* the first of them that is for the start */
	bool *reads;	    /* by transfer, from 1: only reads memory */
	uint8_t *now;	    /* room for a look at the flash */
};

/* Each kind of fault, and a request that is answered after the host has given
 * up; as the simulator takes it, with a place for the transfer. */
#define SWEEP_FAULTS 14u
extern const char *const sweep_faults[SWEEP_FAULTS];

/* Runs that job as it should go. */
void sweep_clean(struct sweep *sweep);
/* By one of sweep_faults. */
void sweep_cut(struct sweep *sweep, uint64_t at, unsigned fault,
	       struct sweep_tally *tally);
/* Likewise, and by a second one some transfers later. */
void sweep_cut_twice(struct sweep *sweep, uint64_t at, unsigned fault,
		     unsigned second, struct sweep_tally *tally);

/* Transfers of a recover after a run that was torn there; 0: there is nothing
 * to put back. */
uint64_t sweep_recovery(struct sweep *sweep, uint64_t torn);
/* That recover is cut, then once more. at: of its transfers. */
void sweep_cut_recovery(struct sweep *sweep, uint64_t torn, uint64_t at,
			unsigned fault, struct sweep_tally *tally);

#endif
