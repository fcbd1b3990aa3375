/* SPDX-License-Identifier: MIT */
#ifndef PLAN_OPTION_PLAN_H
#define PLAN_OPTION_PLAN_H

#include <sector0/option_plan.h>

#include "chip/chip_internal.h"

struct s0_option_plan {
	const struct s0_chip *chip;
	const struct s0_map
		*map;  /* NULL: the largest part's; while it is made */
	size_t length; /* of the windows */
	uint8_t before[S0_OPTION_MAX]; /* as read */
	uint8_t window[S0_OPTION_MAX]; /* to be sent */
	struct s0_option_step *steps;
	size_t count;
	bool erases;
};

/* option_rules.c: refuse what must not be, and say of each step what it needs
 * leave for and what follows from it. */
s0_code option_rules_apply(struct s0_option_plan *plan, struct s0_error *err);

/* option_part.c: does this part have flash where the chip's largest has, … */
bool option_part_lacks(const struct s0_option_plan *plan, uint32_t address);
/* … all of an area, and a sector of each bit that a step closes? Of a whole bank
 * its beginning is enough. */
bool option_part_lacks_area(const struct s0_option_plan *plan,
			    const struct chip_area *area);
bool option_part_lacks_sector(const struct s0_option_plan *plan,
			      const struct s0_option_step *step);

/* option_rules.c: bits of a field of sectors that a step makes protect. */
uint32_t option_step_closes(const struct s0_option_step *step);

#endif
