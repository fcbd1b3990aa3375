/* SPDX-License-Identifier: MIT */
/* Which fields the option bytes of a chip have, and their values in a window. */
#include <sector0/option.h>

#include <string.h>

#include <sector0/chip.h>

#include "base/bytes.h"
#include "base/range.h"
#include "chip/chip_internal.h"

static bool has_name(const struct s0_option_field *field, const char *name)
{
	if (chip_same_word(field->name, name))
		return true;
	for (const char *const *alias = field->aliases; *alias; alias++)
		if (chip_same_word(*alias, name))
			return true;
	return false;
}

const struct s0_option_field *s0_option_find(const struct s0_chip *chip,
					     const char *name)
{
	for (size_t i = 0; i < chip->option_count; i++)
		if (has_name(&chip->options[i], name))
			return &chip->options[i];
	return NULL;
}

const struct s0_option_field *s0_option_at(const struct s0_chip *chip,
					   s0_option_group group,
					   s0_option_kind kind, unsigned bank)
{
	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];

		if (field->group == group && field->kind == kind &&
		    field->bank == bank)
			return field;
	}
	return NULL;
}

const struct s0_option_field *s0_option_with(
	const struct s0_chip *chip, s0_option_role role,
	const struct s0_option_field *before)
{
	size_t i = before ? (size_t)(before - chip->options) + 1 : 0;

	for (; i < chip->option_count; i++)
		if (chip->options[i].role == role)
			return &chip->options[i];
	return NULL;
}

static uint32_t mask_of(const struct s0_option_field *field)
{
	return s0_option_greatest(field) << field->shift;
}

bool s0_option_get(const struct s0_option_field *field, const uint8_t *window,
		   size_t length, bool programmed, uint32_t *ret_value)
{
	size_t offset = programmed ? field->program : field->offset;

	if (offset + 4 > length)
		return false;
	*ret_value =
		(get_le32(window + offset) & mask_of(field)) >> field->shift;
	return true;
}

bool s0_option_put(const struct s0_option_field *field, uint8_t *window,
		   size_t length, uint32_t value)
{
	uint32_t mask = mask_of(field), word;

	if (field->program + 4u > length)
		return false;
	word = get_le32(window + field->program) & ~mask;
	put_le32(window + field->program,
		 word | (value << field->shift & mask));
	return true;
}

bool s0_option_is_set(const struct s0_option_bit *bit, const uint8_t *window,
		      size_t length)
{
	return bit->offset + 4u <= length &&
	       (get_le32(window + bit->offset) & bit->mask) != 0;
}

unsigned s0_option_level(uint32_t value)
{
	return value == 0xaa ? 0 : value == 0xcc ? 2 : 1;
}

bool s0_option_swapped(const struct s0_chip *chip, const uint8_t *window,
		       size_t length)
{
	const struct s0_option_field *field =
		s0_option_with(chip, S0_OPTION_SWAP_BANKS, NULL);
	uint32_t value;

	return field && window &&
	       s0_option_get(field, window, length, false, &value) && value;
}

uint32_t s0_option_greatest(const struct s0_option_field *field)
{
	return UINT32_MAX >> (32 - field->width);
}

uint32_t s0_option_open(const struct s0_option_field *field)
{
	return field->ones_protect ? 0 : s0_option_greatest(field);
}

const char *s0_option_boot_place(const struct s0_chip *chip,
				 const struct s0_option_field *field,
				 uint32_t value)
{
	uint32_t address = value * field->unit;

	if (range_within(address, 1, chip->flash_address, chip->flash_bytes))
		return "flash";
	for (size_t i = 0; i < chip->area_count; i++) {
		const struct s0_area *area = &chip->areas[i];

		if (range_within(address, 1, area->address, area->length))
			return area->name;
	}
	return NULL;
}
