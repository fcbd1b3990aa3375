/* SPDX-License-Identifier: MIT */
#ifndef TESTS_OPTION_PLANS_H
#define TESTS_OPTION_PLANS_H

/* Plans of changes of option bytes, and what they come to. */

#include <sector0/chip.h>
#include <sector0/option_plan.h>

struct planned {
	struct s0_option_plan *plan;
	struct s0_error err;
	s0_code code;
};

/* Of so many "NAME=VALUE", each of which can be understood. */
struct planned plan(const struct s0_chip *chip, const uint8_t *window,
		    size_t count, ...);
/* It comes to so many steps, the last of which needs that leave. */
void comes_to(struct planned p, size_t steps, unsigned guards,
	      const char *consequence);
void is_refused(struct planned p, s0_code code, const char *why);

#endif
