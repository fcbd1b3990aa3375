/* SPDX-License-Identifier: MIT */
/* Profiles by name, and the sectors of their banks. */
#include "sim/profile.h"

#include <stddef.h>
#include <string.h>

const struct sim_profile *sim_profile_find(const char *name)
{
	static const struct sim_profile *const all[] = { &sim_profile_h743,
							 &sim_profile_f405 };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

const char *sim_profile_names(void)
{
	return "stm32h743, stm32f405";
}

struct sim_sector sim_profile_sector(const struct sim_profile *profile,
				     uint32_t place)
{
	uint32_t offset = place % profile->bank_size;
	uint32_t start = place - offset;
	struct sim_sector sector = { 0, start, 0, 0 };

	for (uint32_t g = 0; g < SIM_GROUPS; g++) {
		const struct sim_group *group = &profile->groups[g];
		uint32_t nth = group->size ? offset / group->size : 0;

		sector.group = g;
		sector.size = group->size;
		if (nth < group->count) {
			sector.index += nth;
			sector.start += nth * group->size;
			break;
		}
		sector.index += group->count;
		sector.start += group->count * group->size;
		offset -= group->count * group->size;
	}
	return sector;
}

struct sim_sector sim_profile_sector_of(const struct sim_profile *profile,
					unsigned bank, uint32_t index)
{
	uint32_t place = bank * profile->bank_size;

	for (uint32_t g = 0; g < SIM_GROUPS; g++) {
		const struct sim_group *group = &profile->groups[g];
		uint32_t nth = index < group->count ? index : group->count;

		place += nth * group->size;
		index -= nth;
	}
	return sim_profile_sector(profile, place);
}

uint32_t sim_profile_sectors(const struct sim_profile *profile)
{
	uint32_t count = 0;

	for (uint32_t g = 0; g < SIM_GROUPS; g++)
		count += profile->groups[g].count;
	return count;
}

unsigned sim_profile_banks(const struct sim_profile *profile)
{
	return profile->flash_size / profile->bank_size;
}
