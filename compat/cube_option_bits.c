/* SPDX-License-Identifier: MIT */
/* Write protection sector by sector, nWRP0 and so on: one field a bank here, an
 * option byte a sector there. */
#include <string.h>

#include "cli/option.h"
#include "compat/cube.h"

bool cube_has_bits(const struct s0_chip *chip,
		   const struct s0_option_field *field, unsigned *ret_first)
{
	unsigned first = 0;

	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *each = &chip->options[i];

		if (each->kind != S0_OPTION_SECTORS || each->only ||
		    each->ones_protect || each->width > 12 ||
		    each->group != S0_OPTION_WRITE_PROTECTION)
			continue;
		if (each == field) {
			*ret_first = first;
			return true;
		}
		first += each->width;
	}
	return false;
}

/* The change of that field that the list has, or a new one. */
static struct s0_option_change *change_of(const struct s0_device_info *info,
					  const struct s0_option_field *field,
					  struct option_changes *changes,
					  struct s0_error *err)
{
	struct s0_option_change change = { .field = field };

	for (size_t i = 0; i < changes->count; i++)
		if (changes->list[i].field == field)
			return &changes->list[i];
	if (!s0_option_get(field, info->options, info->option_length, true,
			   &change.value) ||
	    option_changes_add(changes, &change, err) != S0_OK)
		return NULL;
	return &changes->list[changes->count - 1];
}

s0_code cube_take_bit(const struct s0_device_info *info, const char *name,
		      const char *value, struct option_changes *changes,
		      struct s0_error *err)
{
	const char *digits = cube_after(name, "nwrp");
	uint32_t number, on;

	if (!digits || !cube_number(digits, &number) ||
	    !cube_number(value, &on) || on > 1)
		return S0_E_UNSUPPORTED;
	for (size_t i = 0; i < info->chip->option_count; i++) {
		const struct s0_option_field *field = &info->chip->options[i];
		struct s0_option_change *change;
		unsigned first;

		if (!cube_has_bits(info->chip, field, &first) ||
		    number - first >= field->width)
			continue;
		change = change_of(info, field, changes, err);
		if (!change)
			return err->code;
		change->value &= ~(1u << (number - first));
		change->value |= on << (number - first);
		return S0_OK;
	}
	return S0_E_UNSUPPORTED;
}
