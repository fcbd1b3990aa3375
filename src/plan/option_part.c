/* SPDX-License-Identifier: MIT */
/* What a smaller part of a chip lacks, by the device's own map. */
#include <sector0/map.h>

#include "base/range.h"
#include "chip/chip_internal.h"
#include "plan/option_plan.h"

bool option_part_lacks(const struct s0_option_plan *plan, uint32_t address)
{
	const struct s0_chip *chip = plan->chip;
	const struct s0_area *area;

	if (!plan->map ||
	    !range_within(address, 1, chip->flash_address, chip->flash_bytes))
		return false;
	area = s0_map_find(plan->map, address);
	return !area || area->kind != S0_AREA_FLASH;
}

bool option_part_lacks_area(const struct s0_option_plan *plan,
			    const struct chip_area *area)
{
	return option_part_lacks(plan, area->address) ||
	       (!area->whole &&
		option_part_lacks(plan, area->address + area->length - 1));
}

/* Bits of a field for which this part has a sector. */
static uint32_t bits_of_part(const struct s0_option_plan *plan,
			     const struct s0_option_field *field)
{
	struct chip_banks banks;
	uint32_t bits = 0;
	unsigned bit;

	chip_banks(plan->chip, plan->map, plan->before, plan->length, &banks);
	for (size_t i = 0; i < s0_map_area_count(plan->map); i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);

		for (uint32_t at = 0;
		     area->kind == S0_AREA_FLASH && at < area->length;
		     at += area->sector_size)
			if (chip_sector_bit(plan->map, &banks, field,
					    area->address + at, &bit))
				bits |= UINT32_C(1) << bit;
	}
	return bits;
}

bool option_part_lacks_sector(const struct s0_option_plan *plan,
			      const struct s0_option_step *step)
{
	uint32_t closed = option_step_closes(step), bits;
	bool all = step->to == (s0_option_open(step->field) ^
				s0_option_greatest(step->field));

	if (!plan->map || !closed)
		return false;
	bits = bits_of_part(plan, step->field);
	/* All there are, where there is one. */
	return all ? !bits : (closed & ~bits) != 0;
}
