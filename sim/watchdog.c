/* SPDX-License-Identifier: MIT */
/*
 * The independent watchdog, where the option bytes start it at each reset
 * (hardware mode). It counts 4096 periods of its prescaler, from a clock of
 * 32 kHz: 512 ms as it comes out of reset, 32768 ms at most (RM0090 table 107).
 *
 * AN2606 has the bootloader set the prescaler to its maximum and refresh the
 * watchdog periodically; so it bites only when the CPU has faulted, or is kept
 * in one operation for longer (inferred). watchdog_rom=ignore is the other
 * reading: nobody refreshes it, as some users conclude from what they see.
 */
#include "sim/sim.h"

#define SLOWEST_MS 32768u
#define RESET_MS   512u

static uint64_t period(const struct s0_sim *sim)
{
	uint32_t ms = sim->config.watchdog_ms;

	if (ms == 0)
		ms = sim->config.watchdog_rom == SIM_DOG_REFRESH ? SLOWEST_MS
								 : RESET_MS;
	return sim_time_ticks(sim, ms * 1000ull);
}

/* Does the CPU come round to it? */
static bool feeds(const struct s0_sim *sim)
{
	bool busy = sim->job.active && sim->config.answer != SIM_POLL;

	return sim->config.watchdog_rom == SIM_DOG_REFRESH && !busy &&
	       !s0_sim_hung(sim);
}

void sim_watchdog_start(struct s0_sim *sim)
{
	sim->watchdog = (struct sim_watchdog){
		.running = sim_options_hardware_watchdog(sim),
		.fed = feeds(sim),
		.fed_at = sim->now,
	};
}

uint64_t sim_watchdog_due(const struct s0_sim *sim)
{
	const struct sim_watchdog *dog = &sim->watchdog;

	return dog->running && !dog->fed ? dog->fed_at + period(sim)
					 : UINT64_MAX;
}

/* To be called whenever something may have changed: between two calls it was
 * fed all the time, or not at all. */
void sim_watchdog_settle(struct s0_sim *sim)
{
	struct sim_watchdog *dog = &sim->watchdog;

	if (!dog->running)
		return;
	if (dog->fed)
		dog->fed_at = sim->now;
	dog->fed = feeds(sim);
	if (sim->now < sim_watchdog_due(sim))
		return;
	dog->running = false;
	sim->counters.watchdog_resets++;
	sim_usb_break(sim);
	sim_power_reset(sim);
}
