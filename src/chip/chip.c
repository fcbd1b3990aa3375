/* SPDX-License-Identifier: MIT */
#include <sector0/chip.h>

#include <string.h>

#include "base/error.h"
#include "chip/chip_internal.h"
#include "chip/chip_table.h"

const struct s0_erase_time *s0_timing_erase(const struct s0_timing *timing,
					    uint32_t sector_bytes)
{
	const struct s0_erase_time *found = &timing->erase[0];

	for (size_t i = 1;
	     i < S0_ERASE_TIMES && timing->erase[i].sector_bytes != 0 &&
	     found->sector_bytes < sector_bytes;
	     i++)
		found = &timing->erase[i];
	return found;
}

size_t s0_chip_count(void)
{
	return chip_table_length;
}

const struct s0_chip *s0_chip_at(size_t index)
{
	return index < chip_table_length ? &chip_table[index] : NULL;
}

const struct s0_chip *s0_chip_find(const char *name)
{
	for (size_t i = 0; i < chip_table_length; i++)
		if (chip_has_name(&chip_table[i], name))
			return &chip_table[i];
	return NULL;
}

const struct s0_rom *s0_chip_rom(const struct s0_chip *chip, unsigned version)
{
	for (size_t i = 0; i < chip->rom_count; i++)
		if (chip->roms[i].version == version)
			return &chip->roms[i];
	return NULL;
}

s0_code chip_add_areas(const struct s0_chip *chip, struct s0_map *map,
		       struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < chip->area_count; i++)
		code = s0_map_add(map, &chip->areas[i], err);
	return code;
}

/* Has one before it the same name (S0_QUIRK_SAME_NAMES)? */
static bool is_told(const struct s0_chip *chip, const char *const *layout)
{
	for (const char *const *before = chip->layouts; before < layout;
	     before++)
		if (strcmp(*before, *layout) == 0)
			return true;
	return false;
}

s0_code s0_chip_map(const struct s0_chip *chip, struct s0_map **ret_map,
		    struct s0_error *err)
{
	struct s0_map *map;
	s0_code code = s0_map_new(&map, err);
	uint8_t alt = 0;

	if (code != S0_OK)
		return code;
	for (const char *const *layout = chip->layouts;
	     code == S0_OK && *layout; layout++, alt++)
		if (!is_told(chip, layout))
			code = s0_map_parse(map, *layout, alt, err);
	if (code == S0_OK)
		code = chip_add_areas(chip, map, err);
	if (code != S0_OK) {
		s0_map_free(map);
		return code;
	}
	*ret_map = map;
	return S0_OK;
}

bool chip_option(const struct s0_chip *chip, const char *name,
		 const uint8_t *window, unsigned length, uint32_t *ret_value)
{
	const struct s0_option_field *field = s0_option_find(chip, name);

	return field && s0_option_get(field, window, length, false, ret_value);
}
