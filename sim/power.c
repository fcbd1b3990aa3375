/* SPDX-License-Identifier: MIT */
/* Supply, reset and plug. */
#include "sim/sim.h"

/* Off the bus after a reset. The ROM needs 54 ms (AN2606); the rest is the
 * host's debounce. */
#define BACK_TICKS (100 * SIM_TICKS_PER_MS)

/* In the bootloader, fresh from reset, configured by the host's operating
 * system. RAM is what it was. */
void sim_power_on(struct s0_sim *sim)
{
	sim_options_load(sim);
	sim_dfu_reset(sim);
	sim->array.pgs_error = false;
	sim->started = 0;
	sim->back_at = 0;
	sim->generation++;
	sim->configuration = 1;
	sim->alternate = 0;
	/* A chip that cannot keep its memory must not look well. */
	sim->hung = sim->store_failed;
	/* Level 2 never enters the bootloader. */
	sim->attached = sim_options_rdp(sim) < 2;
}

void sim_power_detach(struct s0_sim *sim)
{
	sim->attached = false;
	sim->back_at = 0;
}

void sim_power_lose(struct s0_sim *sim, bool comes_back)
{
	sim_array_tear(sim);
	sim_memory_clear_ram(sim);
	sim_power_detach(sim);
	sim->hung = false;
	if (comes_back)
		sim->back_at = sim->now + BACK_TICKS;
}

/* A reset stops what runs in the array as a power cut does. */
void sim_power_reset(struct s0_sim *sim)
{
	sim_array_tear(sim);
	sim_power_detach(sim);
	sim->back_at = sim->now + BACK_TICKS;
}

void sim_power_settle(struct s0_sim *sim)
{
	if (sim->back_at != 0 && sim->now >= sim->back_at)
		sim_power_on(sim);
}

void s0_sim_unplug(struct s0_sim *sim)
{
	sim_power_detach(sim);
}

void s0_sim_replug(struct s0_sim *sim)
{
	sim_time_catch_up(sim);
	if (sim->attached)
		return;
	/* The supply had stayed: what ran has ended meanwhile. */
	for (unsigned bank = 0; bank < 2; bank++)
		if (sim_array_busy(sim, bank) > 0)
			sim_time_advance(sim, sim_array_busy(sim, bank));
	sim_memory_clear_ram(sim);
	sim_power_on(sim);
}

void s0_sim_power_cycle(struct s0_sim *sim)
{
	sim_time_catch_up(sim);
	sim_power_lose(sim, false);
	sim_power_on(sim);
}

bool s0_sim_attached(const struct s0_sim *sim)
{
	return sim->attached;
}

bool s0_sim_hung(const struct s0_sim *sim)
{
	return sim->hung || sim->dfu.latched;
}

uint32_t s0_sim_started(const struct s0_sim *sim)
{
	return sim->started;
}
