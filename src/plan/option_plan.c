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

static bool is_same(const struct s0_option_change *a,
		    const struct s0_option_change *b)
{
	return a->field == b->field && (a->field || a->address == b->address);
}

static s0_code check_twice(const struct s0_option_change *changes, size_t count,
			   struct s0_error *err)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++) {
			if (!is_same(&changes[i], &changes[k]) ||
			    changes[i].value == changes[k].value)
				continue;
			if (!changes[i].field)
				return error_set(err, S0_E_USAGE,
						 "two values are asked for "
						 "0x%08x",
						 changes[i].address);
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

/* Healed with any write; by itself where nothing else changes. */
static void add_misfits(struct s0_option_plan *plan,
			const struct s0_option_change *changes, size_t count)
{
	const struct s0_chip *chip = plan->chip;

	for (size_t i = 0; i < count; i++) {
		const struct s0_option_field *field = changes[i].field;
		const struct s0_option_word *word =
			field ? s0_option_word_of(chip, field) : NULL;
		bool there = false;

		if (!word ||
		    s0_option_word_fits(word, plan->before, plan->length))
			continue;
		for (size_t k = 0; k < plan->count; k++)
			there |= plan->steps[k].field == field;
		if (there)
			continue;
		plan->steps[plan->count] = (struct s0_option_step){
			.field = field,
			.from = changes[i].value,
			.to = changes[i].value,
		};
		option_say(&plan->steps[plan->count++], 0,
			   "its complement does not fit, and is written again");
	}
}

static void add_fields(struct s0_option_plan *plan,
		       const struct s0_option_change *changes, size_t count)
{
	const struct s0_chip *chip = plan->chip;

	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_change *change =
			wanted(changes, count, &chip->options[i]);

		if (change)
			add_step(plan, change);
	}
	add_misfits(plan, changes, count);
}

/* @param changes  Those of raw words among them. */
static s0_code fill(struct s0_option_plan *plan,
		    const struct s0_option_change *changes, size_t count,
		    struct s0_error *err)
{
	const struct s0_chip *chip = plan->chip;
	s0_code code = S0_OK;

	add_fields(plan, changes, count);
	for (size_t i = 0; i < count; i++)
		if (!changes[i].field)
			option_raw_add(plan, &changes[i]);
	options_mirror(chip, plan->window, plan->length);
	for (size_t i = 0; code == S0_OK && i < count; i++)
		if (!changes[i].field)
			code = option_raw_check(plan, &changes[i], err);
	if (code != S0_OK)
		return code;
	plan->erases =
		options_level(chip, plan->before, plan->length, false) == 1 &&
		options_level(chip, plan->window, plan->length, true) == 0;
	code = check_meaning(plan, err);
	return code == S0_OK ? option_rules_apply(plan, err) : code;
}

/* What raw words say of fields is asked for as well. */
static s0_code spread(struct s0_option_plan *plan,
		      const struct s0_option_change *changes, size_t count,
		      struct s0_error *err)
{
	size_t most = count + plan->chip->option_count * count, all = count;
	struct s0_option_change *list = calloc(most + 1, sizeof *list);
	s0_code code = S0_OK;

	plan->steps = calloc(most + 1, sizeof *plan->steps);
	plan->raw = calloc(count + 1, sizeof *plan->raw);
	if (!list || !plan->steps || !plan->raw) {
		free(list);
		return error_memory(err);
	}
	if (count)
		memcpy(list, changes, count * sizeof *list);
	for (size_t i = 0; code == S0_OK && i < count; i++)
		if (!changes[i].field)
			code = option_raw_fields(plan, &changes[i], list, &all,
						 err);
	if (code == S0_OK)
		code = check_twice(list, all, err);
	if (code == S0_OK)
		code = fill(plan, list, all, err);
	free(list);
	return code;
}

s0_code s0_option_plan_new(const struct s0_chip *chip, const struct s0_map *map,
			   const uint8_t *window, size_t length,
			   const struct s0_option_change *changes, size_t count,
			   struct s0_option_plan **ret_plan,
			   struct s0_error *err)
{
	struct s0_option_plan *plan;
	s0_code code;

	if (!length || length != s0_option_length(chip) ||
	    length > S0_OPTION_MAX)
		return error_set(err, S0_E_UNSUPPORTED,
				 "%zu bytes are not the option bytes of %s",
				 length, chip->name);
	plan = calloc(1, sizeof *plan);
	if (!plan)
		return error_memory(err);
	plan->chip = chip;
	plan->map = map;
	plan->length = length;
	memcpy(plan->before, window, length);
	memcpy(plan->window, window, length);
	options_keep(chip, plan->window, length);
	code = spread(plan, changes, count, err);
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
	free(plan->raw);
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
