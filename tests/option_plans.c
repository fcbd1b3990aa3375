/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "option_plans.h"

#include <string.h>

struct planned plan(const struct s0_chip *chip, const uint8_t *window,
		    size_t count, ...)
{
	struct planned p = { .err = S0_ERROR_INIT };
	struct s0_option_change changes[4];
	va_list args;

	va_start(args, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(s0_option_parse(chip, window,
						 s0_option_length(chip),
						 va_arg(args, const char *),
						 &changes[i], &p.err),
				 S0_OK);
	va_end(args);
	p.code = s0_option_plan_new(chip, NULL, window, s0_option_length(chip),
				    changes, count, &p.plan, &p.err);
	return p;
}

void comes_to(struct planned p, size_t steps, unsigned guards,
	      const char *consequence)
{
	const struct s0_option_step *step;

	assert_string_equal(p.err.message, "");
	assert_int_equal(p.code, S0_OK);
	assert_int_equal(s0_option_plan_count(p.plan), steps);
	step = s0_option_plan_step(p.plan, steps - 1);
	assert_int_equal(step->guards, guards);
	if (!strstr(step->consequence, consequence))
		fail_msg("%s: no '%s'", step->consequence, consequence);
	s0_option_plan_free(p.plan);
}

void is_refused(struct planned p, s0_code code, const char *why)
{
	assert_int_equal(p.code, code);
	if (!strstr(p.err.message, why))
		fail_msg("%s: no '%s'", p.err.message, why);
}
