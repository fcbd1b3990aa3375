/* SPDX-License-Identifier: MIT */
/*
 * The bootloader carries out one thing at a time. When the host hears of it is
 * a matter of the ROM (answer=): the job itself goes on as time passes.
 */
#include "sim/sim.h"

#include <string.h>

static void step(struct s0_sim *sim)
{
	struct sim_job *job = &sim->job;
	uint64_t ticks = 0;
	enum sim_outcome outcome = job->step(sim, &ticks);

	if (outcome == SIM_WAIT) {
		job->until = sim->now + ticks;
		return;
	}
	job->active = false;
	job->outcome = outcome;
	sim_dfu_end(sim, outcome);
}

void sim_job_start(struct s0_sim *sim)
{
	struct sim_job *job = &sim->job;

	sim_job_finish(sim);
	/* The supply may have failed meanwhile. */
	if (!sim->attached)
		return;
	memset(job, 0, sizeof(*job));
	job->step = sim_operation_begin;
	job->active = true;
	job->until = sim->now;
	step(sim);
}

/* Each step begins when it is due: whoever lets time pass stops there. */
void sim_job_settle(struct s0_sim *sim)
{
	while (sim->job.active && sim->job.until <= sim->now)
		step(sim);
}

void sim_job_finish(struct s0_sim *sim)
{
	while (sim->job.active)
		sim_time_advance(sim, sim->job.until - sim->now);
}

void sim_job_cancel(struct s0_sim *sim)
{
	sim->job.active = false;
	sim->job.outcome = SIM_OFF;
}
