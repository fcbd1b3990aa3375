/* SPDX-License-Identifier: MIT */
#ifndef SIM_JOB_H
#define SIM_JOB_H

/* What the bootloader carries out, step by step. */

#include <stdbool.h>
#include <stdint.h>

struct s0_sim;

/* How something that the bootloader does ends. */
enum sim_outcome {
	SIM_DONE,
	SIM_WAIT,	 /* not yet: it waits for the array */
	SIM_FAILED,	 /* the flash reported an error */
	SIM_BAD_ADDRESS, /* errTARGET */
	SIM_FORBIDDEN,	 /* errVENDOR */
	SIM_UNSUPPORTED, /* STALL, errSTALLEDPKT */
	SIM_HUNG,	 /* silence until a power cycle */
	SIM_OFF		 /* no longer on the bus */
};

/* An operation of the bootloader, which takes it several steps. */
struct sim_job {
	/* One step: SIM_WAIT and for how long, or how it ended. */
	enum sim_outcome (*step)(struct s0_sim *sim, uint64_t *ret_ticks);
	bool active;
	uint64_t until; /* the next step, ticks */
	unsigned stage;
	uint32_t address, done;
	enum sim_outcome outcome; /* of the last one */
};

/* job.c: begins, and goes on by itself as time passes. */
void sim_job_start(struct s0_sim *sim);
void sim_job_settle(struct s0_sim *sim);
/* Let time pass until it has ended. */
void sim_job_finish(struct s0_sim *sim);
void sim_job_cancel(struct s0_sim *sim);

/* operation.c: first step of what was asked for. */
enum sim_outcome sim_operation_begin(struct s0_sim *sim, uint64_t *ret_ticks);
/* jobs.c: the steps of those that take time */
enum sim_outcome sim_jobs_erase(struct s0_sim *sim, uint64_t *ret_ticks);
enum sim_outcome sim_jobs_mass(struct s0_sim *sim, uint64_t *ret_ticks);
enum sim_outcome sim_jobs_unprotect(struct s0_sim *sim, uint64_t *ret_ticks);
enum sim_outcome sim_jobs_options(struct s0_sim *sim, uint64_t *ret_ticks);
/* Are option bytes being programmed just now? */
bool sim_jobs_changes_options(const struct s0_sim *sim);
enum sim_outcome sim_jobs_program(struct s0_sim *sim, uint64_t *ret_ticks);
/* OTP and EEPROM. */
enum sim_outcome sim_jobs_extra(struct s0_sim *sim, uint64_t *ret_ticks);

#endif
