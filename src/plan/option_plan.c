/* SPDX-License-Identifier: MIT */
/* What a set of changes of option bytes comes to. */
#include "plan/option_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/options.h"

static const struct s0_option_change *wanted(
	const struct s0_option_change *changes, size_t count,
	const struct s0_option_field *field)
{
	for (size_t i = 0; i < count; i++)
		if (changes[i].field == field)
			return &changes[i];
	return NULL;
}

static s0_code check_twice(const struct s0_option_change *changes, size_t count,
			   struct s0_error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct s0_option_change *first =
			wanted(changes, i, changes[i].field);

		if (first && first->value != changes[i].value)
			return error_set(err, S0_E_USAGE,
					 "two values are asked for %s",
					 changes[i].field->name);
	}
	return S0_OK;
}

/* What a field means may hang on another, as that will be. */
static s0_code check_meaning(const struct s0_option_plan *plan,
			     struct s0_error *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct s0_option_field *field = plan->steps[i].field;
		const struct s0_option_field *other =
			field->when ? s0_option_find(plan->chip, field->when)
				    : NULL;
		char value[S0_OPTION_TEXT];

		if (!other || s0_option_applies(plan->chip, field, plan->window,
						plan->length, true))
			continue;
		s0_option_print(plan->chip, NULL, 0, other, field->when_value,
				value, NULL);
		return error_set(err, S0_E_UNSUPPORTED,
				 "%s means nothing unless %s is '%s'",
				 field->name, other->name, value);
	}
	return S0_OK;
}

static void add_step(struct s0_option_plan *plan,
		     const struct s0_option_change *change)
{
	const struct s0_option_field *field = change->field;
	uint32_t now, next;

	if (!s0_option_get(field, plan->before, plan->length, false, &now) ||
	    !s0_option_get(field, plan->before, plan->length, true, &next))
		return;
	/* What waits for a reset and is not wanted any more changes too. */
	if (now == change->value &&
	    (!option_is_late(field) || next == change->value))
		return;
	(void)s0_option_put(field, plan->window, plan->length, change->value);
	plan->steps[plan->count++] = (struct s0_option_step){
		.field = field,
		.from = now == change->value ? next : now,
		.to = change->value,
		.at_reset = option_is_late(field),
	};
}

static s0_code fill(struct s0_option_plan *plan,
		    const struct s0_option_change *changes, size_t count,
		    struct s0_error *err)
{
	const struct s0_chip *chip = plan->chip;
	s0_code code;

	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_change *change =
			wanted(changes, count, &chip->options[i]);

		if (change)
			add_step(plan, change);
	}
	options_mirror(chip, plan->window, plan->length);
	plan->erases =
		options_level(chip, plan->before, plan->length, false) == 1 &&
		options_level(chip, plan->window, plan->length, true) == 0;
	code = check_meaning(plan, err);
	return code == S0_OK ? option_rules_apply(plan, err) : code;
}

s0_code s0_option_plan_new(const struct s0_chip *chip, const struct s0_map *map,
			   const uint8_t *window, size_t length,
			   const struct s0_option_change *changes, size_t count,
			   struct s0_option_plan **ret_plan,
			   struct s0_error *err)
{
	struct s0_option_plan *plan;
	s0_code code = check_twice(changes, count, err);

	if (code != S0_OK)
		return code;
	if (!chip->option_count || length != s0_option_length(chip) ||
	    length > S0_OPTION_MAX)
		return error_set(err, S0_E_UNSUPPORTED,
				 "%zu bytes are not the option bytes of %s",
				 length, chip->name);
	plan = calloc(1, sizeof *plan);
	if (plan)
		plan->steps = calloc(count + 1, sizeof *plan->steps);
	if (!plan || !plan->steps) {
		free(plan);
		return error_memory(err);
	}
	plan->chip = chip;
	plan->map = map;
	plan->length = length;
	memcpy(plan->before, window, length);
	memcpy(plan->window, window, length);
	options_keep(chip, plan->window, length);
	code = fill(plan, changes, count, err);
	plan->map = NULL;
	if (code != S0_OK) {
		s0_option_plan_free(plan);
		return code;
	}
	*ret_plan = plan;
	return S0_OK;
}

void s0_option_plan_free(struct s0_option_plan *plan)
{
	if (!plan)
		return;
	free(plan->steps);
	free(plan);
}

size_t s0_option_plan_count(const struct s0_option_plan *plan)
{
	return plan->count;
}

const struct s0_option_step *s0_option_plan_step(
	const struct s0_option_plan *plan, size_t index)
{
	return index < plan->count ? &plan->steps[index] : NULL;
}

const uint8_t *s0_option_plan_window(const struct s0_option_plan *plan,
				     size_t *ret_length)
{
	*ret_length = plan->length;
	return plan->window;
}

bool s0_option_plan_erases(const struct s0_option_plan *plan)
{
	return plan->erases;
}

s0_code s0_option_plan_check(const struct s0_option_plan *plan, unsigned allow,
			     struct s0_error *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct s0_option_step *step = &plan->steps[i];
		char value[S0_OPTION_TEXT];

		if (!(step->guards & ~allow))
			continue;
		s0_option_print(plan->chip, NULL, 0, step->field, step->to,
				value, NULL);
		error_add_cause(err, S0_CAUSE_NOT_ALLOWED);
		return error_set(err, S0_E_PROTECTED,
				 "%s=%s is done only where it is allowed by "
				 "name: %s",
				 step->field->name, value, step->consequence);
	}
	return S0_OK;
}
