/* SPDX-License-Identifier: MIT */
/* Profiles by name, and the sectors of their banks. */
#include "sim/profile.h"

#include <stddef.h>
#include <string.h>

#include <sector0/sim.h>

bool sim_profile_find(const char *name, struct sim_profile *ret_profile)
{
	static const struct sim_profile *const hand_made[] = {
		&sim_profile_h743, &sim_profile_f405
	};

	for (size_t i = 0; i < sizeof(hand_made) / sizeof(hand_made[0]); i++)
		if (strcmp(hand_made[i]->name, name) == 0) {
			*ret_profile = *hand_made[i];
			return true;
		}
	for (size_t i = 0; i < s0_chip_count(); i++)
		if (strcmp(s0_chip_at(i)->name, name) == 0) {
			sim_profile_make(s0_chip_at(i), ret_profile);
			return true;
		}
	return false;
}

const char *sim_profile_group(const char *name)
{
	for (size_t i = 0; i < s0_chip_count(); i++) {
		const struct s0_chip *chip = s0_chip_at(i);

		for (size_t k = 0; chip->aliases[k]; k++)
			if (strcmp(chip->aliases[k], name) == 0)
				return chip->name;
	}
	return NULL;
}

bool s0_sim_profile_at(size_t index, struct s0_sim_profile *ret_profile)
{
	const struct s0_chip *chip = s0_chip_at(index);

	if (chip)
		*ret_profile = (struct s0_sim_profile){ chip->name, chip->title,
							chip->dumped };
	return chip != NULL;
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

/* A 128 KiB H743 has one bank; the others' bank 2 is always at 0x08100000, with
 * a hole before it on 1 MiB parts (OpenOCD). */
static void cut_by_hand(struct sim_profile *profile, uint32_t flash_kb)
{
	bool two = sim_profile_banks(profile) == 2 && flash_kb > 128;

	profile->banks_present = two ? 2 : 1;
	profile->present = (two ? flash_kb / 2 : flash_kb) * 1024;
}

void sim_profile_cut(struct sim_profile *profile, uint32_t flash_kb,
		     uint32_t bank_mode)
{
	if (profile->data)
		sim_profile_cut_data(profile, flash_kb, bank_mode);
	else
		cut_by_hand(profile, flash_kb);
}
