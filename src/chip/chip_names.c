/* SPDX-License-Identifier: MIT */
/* Chips by name, and their lines. */
#include <sector0/chips.h>

#include "chip/chip_internal.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool chip_same_word(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool chip_has_name(const struct s0_chip *chip, const char *name)
{
	if (chip_same_word(name, chip->name))
		return true;
	for (const char *const *alias = chip->aliases; *alias; alias++)
		if (chip_same_word(name, *alias))
			return true;
	return false;
}

const char *s0_chips_clash(const struct s0_chip *a, const struct s0_chip *b)
{
	if (a->device_id && a->device_id == b->device_id &&
	    a->vendor == b->vendor)
		return "device_id";
	if (chip_has_name(b, a->name))
		return a->name;
	for (const char *const *alias = a->aliases; *alias; alias++)
		if (chip_has_name(b, *alias))
			return *alias;
	return NULL;
}

bool s0_chip_line(const struct s0_chip *chip, size_t index,
		  struct s0_chip_line *ret_line)
{
	const struct s0_chip_text *text = chip->text;
	const struct s0_chip_text_line *line;

	if (index >= chip->line_count)
		return false;
	line = &text->lines[chip->lines[index]];
	*ret_line = (struct s0_chip_line){
		.key = text->strings + line->key,
		.value = text->strings + line->value,
		.source = text->strings + line->source,
		.sourced = line->kind < S0_SOURCE_KINDS,
		.kind = line->kind < S0_SOURCE_KINDS
				? (s0_source_kind)line->kind
				: S0_SOURCE_UNVERIFIED
	};
	return true;
}
