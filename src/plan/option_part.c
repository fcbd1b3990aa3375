/* SPDX-License-Identifier: MIT */
/* What a smaller part of a chip lacks, by the device's own map. */
#include <sector0/map.h>

#include "base/range.h"
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

bool option_part_lacks_area(const struct s0_option_plan *plan, uint32_t address,
			    uint32_t length)
{
	return option_part_lacks(plan, address) ||
	       (length != plan->chip->bank_bytes &&
		option_part_lacks(plan, address + length - 1));
}

bool option_part_lacks_sector(const struct s0_option_plan *plan,
			      const struct s0_option_step *step)
{
	const struct s0_chip *chip = plan->chip;
	uint32_t closed = step->from & ~step->to;
	uint32_t bank = step->field->bank > 1 ? chip->bank_bytes : 0;
	uint32_t at = chip->flash_address + bank, first, size;

	if (!plan->map || !closed)
		return false;
	if (!step->to)
		return option_part_lacks(plan, at);
	for (; closed && !option_part_lacks(plan, at) &&
	       s0_map_sector(plan->map, at, &first, &size);
	     at = first + size)
		closed >>= 1;
	return closed != 0;
}
