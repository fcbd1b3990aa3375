/* SPDX-License-Identifier: MIT */
#ifndef PLAN_OPTION_PLAN_H
#define PLAN_OPTION_PLAN_H

#include <sector0/chip.h>
#include <sector0/option_plan.h>

struct s0_option_plan {
	const struct s0_chip *chip;
	size_t length;		       /* of the windows */
	uint8_t before[S0_OPTION_MAX]; /* as read */
	uint8_t window[S0_OPTION_MAX]; /* to be sent */
	struct s0_option_step *steps;
	size_t count;
	bool erases;
};

/* option_rules.c: refuse what must not be, and say of each step what it needs
 * leave for and what follows from it. */
s0_code option_rules_apply(struct s0_option_plan *plan, struct s0_error *err);

#endif
