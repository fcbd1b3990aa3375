/* SPDX-License-Identifier: MIT */
/* Supply, reset and plug. */
#include "sim/sim.h"

/* Off the bus after a reset. The ROM needs 54 ms (AN2606); the rest is the
 * host's debounce. */
static uint64_t back_ticks(const struct s0_sim *sim)
{
	return sim_time_ticks(sim, sim->config.back_ms * 1000ull);
}

static bool vectors_readable(const struct s0_sim *sim, uint32_t address)
{
	if (sim_memory_find(sim, address, 8) != SIM_FLASH)
		return true;
	return !sim_array_damaged(
		sim, sim_array_place(sim, address - SIM_FLASH_BASE), 8);
}

void sim_power_start(struct s0_sim *sim, uint32_t vectors)
{
	sim_job_cancel(sim);
	sim_power_detach(sim);
	sim->watchdog.running = false;
	sim->started =
		vectors != 0 && vectors_readable(sim, vectors) ? vectors : 0;
}

/* Does the ROM come up on USB at all (AN2606)? */
static bool shows_up(const struct s0_sim *sim)
{
	const struct sim_config *config = &sim->config;
	bool h743 = sim_is(sim->chip, SIM_H743);
	bool crystal_only = sim_is(sim->chip, SIM_CRYSTAL_ONLY) ||
			    (h743 && config->rom == 0xD2);

	if (config->crystal == SIM_NO_CRYSTAL && crystal_only)
		return false;
	if (!sim_supply_suffices(sim))
		return false;
	if (!h743)
		return true;
	if (config->pb15 == SIM_LOW && config->rom >= 0x90 &&
	    config->rom <= 0x92)
		return false;
	return !(config->extra_reset == SIM_YES && config->rom == 0x90 &&
		 sim->cold);
}

/* On the bus, configured by the host's operating system. */
static void enumerate(struct s0_sim *sim)
{
	sim_dfu_reset(sim);
	sim->attached = true;
	sim->back_at = 0;
	sim->reconnects = false;
	sim->generation++;
	sim->configuration = 1;
	sim->alternate = 0;
}

/* In the bootloader, fresh from reset, configured by the host's operating
 * system. RAM is what it was. */
void sim_power_on(struct s0_sim *sim)
{
	uint32_t start;

	sim_options_load(sim);
	sim->array.pgs_error = false;
	sim->array.psize = sim->config.psize;
	sim->started = 0;
	/* A chip that cannot keep its memory must not look well. */
	sim->hung = sim->store_failed;
	sim->absent = false;
	enumerate(sim);
	if (!sim_options_boots(sim, !sim->boot0_released, &start))
		sim_power_start(sim, start);
	else if (!shows_up(sim))
		sim_power_detach(sim);
	else
		sim_watchdog_start(sim);
	if (sim->config.boot0 == SIM_BOOT0_TAPPED)
		sim->boot0_released = true;
}

void sim_power_detach(struct s0_sim *sim)
{
	sim->attached = false;
	sim->back_at = 0;
	sim->reconnects = false;
}

void sim_power_reconnect(struct s0_sim *sim)
{
	sim_power_detach(sim);
	sim->back_at = sim->now + back_ticks(sim);
	sim->reconnects = true;
}

/* What runs is cut, by a power cut or a reset alike. */
static void tear(struct s0_sim *sim)
{
	if (sim_jobs_changes_options(sim))
		sim_options_tear(sim);
	sim_job_cancel(sim);
	sim_array_tear(sim);
}

void sim_power_lose(struct s0_sim *sim, bool comes_back)
{
	sim_usb_break(sim);
	tear(sim);
	sim_memory_clear_ram(sim);
	sim_power_detach(sim);
	sim->watchdog.running = false;
	sim->hung = false;
	sim->cold = true;
	sim->absent = !comes_back;
	if (comes_back)
		sim->back_at = sim->now + back_ticks(sim);
}

void sim_power_reset(struct s0_sim *sim)
{
	uint64_t plugged_at = sim->back_at;

	sim->counters.resets++;
	tear(sim);
	sim_power_detach(sim);
	sim->watchdog.running = false;
	sim->started = 0;
	sim->cold = false;
	sim->back_at = sim->absent ? plugged_at : sim->now + back_ticks(sim);
}

void sim_power_settle(struct s0_sim *sim)
{
	if (sim->back_at == 0 || sim->now < sim->back_at)
		return;
	if (sim->reconnects)
		enumerate(sim);
	else
		sim_power_on(sim);
}

void s0_sim_unplug(struct s0_sim *sim)
{
	sim_usb_break(sim);
	sim_power_detach(sim);
	sim->absent = true;
}

void s0_sim_replug(struct s0_sim *sim)
{
	sim_time_catch_up(sim);
	if (sim->attached)
		return;
	/* The supply had stayed: what ran has ended meanwhile. */
	sim_job_finish(sim);
	for (unsigned bank = 0; bank < 2; bank++)
		if (sim_array_busy(sim, bank) > 0)
			sim_time_advance(sim, sim_array_busy(sim, bank));
	sim_memory_clear_ram(sim);
	sim->cold = true;
	sim_power_on(sim);
}

void s0_sim_power_cycle(struct s0_sim *sim)
{
	sim_time_catch_up(sim);
	sim_power_lose(sim, false);
	sim_power_on(sim);
}

void s0_sim_set_boot0(struct s0_sim *sim, bool held)
{
	sim->boot0_released = !held;
}

void s0_sim_reset(struct s0_sim *sim)
{
	sim_time_catch_up(sim);
	sim_usb_break(sim);
	sim->hung = false;
	sim_power_reset(sim);
}

void sim_power_replug_after(struct s0_sim *sim, uint64_t ticks)
{
	s0_sim_unplug(sim);
	sim->back_at = sim->now + ticks;
	sim->cold = true;
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
