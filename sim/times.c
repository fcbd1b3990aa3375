/* SPDX-License-Identifier: MIT */
/* What takes the array how long. */
#include "sim/sim.h"

#include "sim/values.h"

/* One report of 6 to 10 s a sector, on a worn or failing part. */
static uint64_t worn_us(uint64_t seed)
{
	return (6000 + seed * 2654435761u % 4001) * 1000;
}

static const struct sim_speed *speed(const struct s0_sim *sim)
{
	return &sim->chip->speeds[sim->array.psize];
}

/* Datasheets: the longest erase takes twice the typical time. */
static unsigned erase_factor(const struct s0_sim *sim)
{
	return sim->config.erase_word == SIM_TIME_MAX ||
			       sim->config.erase_word == SIM_TIME_WORN
		       ? 2
		       : 1;
}

uint64_t sim_times_erase(const struct s0_sim *sim, uint32_t place)
{
	const struct sim_config *config = &sim->config;
	uint32_t group = sim_profile_sector(sim->chip, place).group;
	uint64_t us = speed(sim)->sector_us[group] * erase_factor(sim);

	if (config->erase_word == SIM_TIME_NUMBER)
		us = config->erase_number * 1000ull;
	else if (config->erase_word == SIM_TIME_WORN)
		us = worn_us(config->seed);
	return sim_time_ticks(sim, us);
}

uint64_t sim_times_mass(const struct s0_sim *sim)
{
	return sim_time_ticks(sim, (uint64_t)speed(sim)->mass_us *
					   erase_factor(sim));
}

uint64_t sim_times_program(const struct s0_sim *sim, uint32_t length)
{
	const struct sim_speed *now = speed(sim);
	uint64_t units = (length + now->unit - 1) / now->unit;
	uint64_t us = now->unit_us;

	if (sim->config.word_word == SIM_TIME_NUMBER)
		us = sim->config.word_number;
	else if (sim->config.word_word == SIM_TIME_MAX)
		us = now->unit_max_us;
	return sim_time_ticks(sim, units * us);
}

static uint32_t microseconds(uint64_t ticks)
{
	uint64_t us = (ticks + SIM_TICKS_PER_US - 1) / SIM_TICKS_PER_US;

	return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

/* The largest sectors are at the end of a bank. */
void s0_sim_get_times(const struct s0_sim *sim, struct s0_sim_times *ret_times)
{
	uint32_t last = sim->chip->present - 1;

	ret_times->erase_us = microseconds(sim_times_erase(sim, last));
	ret_times->mass_erase_us = microseconds(sim_times_mass(sim));
	ret_times->word_us =
		microseconds(sim_times_program(sim, sim->chip->word));
	ret_times->turnaround_us = sim->config.turnaround_us;
}

_Static_assert(SIM_GROUPS <= USB_ERASE_TIMES, "more sizes than a link tells");

void sim_times_facts(const struct s0_sim *sim, struct usb_link_facts *facts)
{
	uint32_t place = 0;

	for (unsigned g = 0; g < SIM_GROUPS; g++) {
		const struct sim_group *group = &sim->chip->groups[g];

		facts->erase[g].sector_bytes = group->size;
		if (group->count != 0)
			facts->erase[g].us =
				microseconds(sim_times_erase(sim, place));
		place += group->count * group->size;
	}
}
