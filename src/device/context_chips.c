/* SPDX-License-Identifier: MIT */
/* The chips that a context knows: those that were added, then the built-in ones
 * whose names none of them has. */
#include <sector0/chips.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "chip/chip_internal.h"
#include "device/context.h"

void context_chips_free(struct s0_context *context)
{
	for (size_t i = 0; i < context->chips_count; i++)
		s0_chips_free(context->chips[i]);
	free(context->chips);
}

s0_code s0_context_add_chips(struct s0_context *context, struct s0_chips *chips,
			     struct s0_error *err)
{
	size_t count = context->chips_count + 1;
	struct s0_chips **all =
		realloc(context->chips, count * sizeof(struct s0_chips *));

	if (!all) {
		s0_chips_free(chips);
		return error_memory(err);
	}
	context->chips = all;
	all[context->chips_count++] = chips;
	return S0_OK;
}

/* One of the chips of all files, then of the built-in ones. */
static const struct s0_chip *known_at(const struct s0_context *context,
				      size_t index)
{
	for (size_t i = 0; i < context->chips_count; i++) {
		size_t count = s0_chips_count(context->chips[i]);

		if (index < count)
			return s0_chips_at(context->chips[i], index);
		index -= count;
	}
	return s0_chip_at(index);
}

/* Does one before it have its name? */
static bool is_replaced(const struct s0_context *context, size_t index)
{
	const char *name = known_at(context, index)->name;

	while (index-- > 0)
		if (strcmp(known_at(context, index)->name, name) == 0)
			return true;
	return false;
}

const struct s0_chip *s0_context_chip_at(const struct s0_context *context,
					 size_t index)
{
	for (size_t i = 0; known_at(context, i); i++) {
		if (context->chips_count && is_replaced(context, i))
			continue;
		if (index-- == 0)
			return known_at(context, i);
	}
	return NULL;
}

size_t s0_context_chip_count(const struct s0_context *context)
{
	size_t count = 0;

	while (s0_context_chip_at(context, count))
		count++;
	return count;
}

const struct s0_chip *s0_context_chip_find(const struct s0_context *context,
					   const char *name)
{
	const struct s0_chip *chip;

	for (size_t i = 0; (chip = s0_context_chip_at(context, i)); i++)
		if (chip_has_name(chip, name))
			return chip;
	return NULL;
}
