/* SPDX-License-Identifier: MIT */
/* Where the areas of the option bytes are, as flash is cut now. */
#include "base/range.h"
#include "chip/chip_internal.h"

/* Banks of a geometry that holds now; its option field tells, where one does.
 */
static const struct s0_geometry *geometry(const struct s0_chip *chip,
					  uint32_t flash, const uint8_t *window,
					  size_t length)
{
	const struct s0_geometry *best = NULL;

	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *g = &chip->geometries[i];
		const struct s0_option_field *field =
			g->field ? s0_option_find(chip, g->field) : NULL;
		uint32_t value;

		if (g->flash_kib && g->flash_kib != flash / 1024)
			continue;
		if (field && window &&
		    s0_option_get(field, window, length, false, &value) &&
		    value != g->value)
			continue;
		if (!best || (!best->flash_kib && g->flash_kib))
			best = g;
	}
	return best;
}

void chip_banks(const struct s0_chip *chip, const struct s0_map *map,
		const uint8_t *window, size_t length, struct chip_banks *ret)
{
	uint32_t flash = map ? s0_map_flash_size(map) : chip->flash_bytes;
	const struct s0_geometry *g = geometry(chip, flash, window, length);
	uint32_t second = 0, page = 0, start;

	if (chip->banks == S0_BANKS_FIXED)
		second = chip->bank_bytes;
	else if (chip->banks == S0_BANKS_HALF)
		second = flash / 2;
	if (g && g->banks == 1)
		second = 0;
	if (map)
		(void)s0_map_sector(map, chip->flash_address, &start, &page);
	else if (g && g->sector_count)
		page = g->sectors[0].bytes;
	*ret = (struct chip_banks){
		.count = second ? 2 : 1,
		.start = { chip->flash_address, chip->flash_address + second },
		.bytes = second ? second : flash,
		.page = page,
	};
}

bool chip_bank_known(const struct s0_chip *chip,
		     const struct s0_option_field *field)
{
	return field->bank < 2 || chip->banks != S0_BANKS_HALF;
}

bool s0_option_applies(const struct s0_chip *chip,
		       const struct s0_option_field *field,
		       const uint8_t *window, size_t length, bool programmed)
{
	const struct s0_option_field *other =
		field->when ? s0_option_find(chip, field->when) : NULL;
	uint32_t value;

	return !other ||
	       (s0_option_get(other, window, length, programmed, &value) &&
		value == field->when_value);
}

/* The field of the other end: the ends of a group and bank are in the order of
 * its starts. */
const struct s0_option_field *chip_other_end(
	const struct s0_chip *chip, const struct s0_option_field *field)
{
	s0_option_kind other = field->kind == S0_OPTION_AREA_START
				       ? S0_OPTION_AREA_END
				       : S0_OPTION_AREA_START;
	size_t before = 0;

	for (const struct s0_option_field *f = chip->options; f < field; f++)
		before += f->kind == field->kind && f->group == field->group &&
			  f->bank == field->bank;
	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *f = &chip->options[i];

		if (f->kind == other && f->group == field->group &&
		    f->bank == field->bank && !before--)
			return f;
	}
	return NULL;
}

bool chip_area(const struct s0_chip *chip, const struct s0_map *map,
	       const uint8_t *window, size_t length, bool programmed,
	       const struct s0_option_field *start, struct chip_area *ret)
{
	const struct s0_option_field *end = chip_other_end(chip, start);
	struct chip_banks banks;
	uint32_t first, last, unit;

	if (!end ||
	    !s0_option_applies(chip, start, window, length, programmed) ||
	    !s0_option_get(start, window, length, programmed, &first) ||
	    !s0_option_get(end, window, length, programmed, &last) ||
	    first > last)
		return false;
	chip_banks(chip, map, window, length, &banks);
	unit = start->unit ? start->unit : banks.page;
	ret->address = banks.start[start->bank > 1];
	ret->whole = start->equal_is_whole && first == last;
	if (ret->whole) {
		ret->length = banks.bytes;
		return true;
	}
	ret->address += first * unit;
	ret->length = (last - first + 1) * unit;
	return unit > 0;
}

bool s0_option_area(const struct s0_chip *chip, const struct s0_map *map,
		    const uint8_t *window, size_t length, bool programmed,
		    s0_option_group group, unsigned bank, uint32_t *ret_address,
		    uint32_t *ret_length)
{
	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];
		struct chip_area area;

		if (field->kind != S0_OPTION_AREA_START ||
		    field->group != group ||
		    (field->bank && field->bank != bank) ||
		    !chip_area(chip, map, window, length, programmed, field,
			       &area))
			continue;
		*ret_address = area.address;
		*ret_length = area.length;
		return true;
	}
	return false;
}
