/* SPDX-License-Identifier: MIT */
#include <sector0/chip.h>

#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "chip/chip_internal.h"
#include "chip/chip_table.h"
#include "chip/map.h"

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

/* Is the area one that this chip could have: flash of smaller parts ends
 * sooner, all else is as it is on every part? */
static bool area_fits(const struct s0_area *area, const struct s0_map *own,
		      bool shorter)
{
	const struct s0_area *a = s0_map_find(own, area->address);

	if (!a || a->kind != area->kind || a->can != area->can)
		return false;
	if (area->kind != S0_AREA_FLASH || !shorter)
		return area->address == a->address && area->length == a->length;
	return area->sector_size == a->sector_size &&
	       (area->address - a->address) % a->sector_size == 0 &&
	       range_within(area->address, area->length, a->address, a->length);
}

/* Does each area of the reference layout start where the map has one, and has
 * the map no flash or option bytes that the chip cannot have? An H723 differs
 * from an H743 in the length of its option bytes alone. */
static bool layout_fits(const struct s0_chip *chip, const struct s0_map *map)
{
	struct s0_map *own = NULL;
	bool fits = s0_chip_map(chip, &own, NULL) == S0_OK;

	for (size_t i = 0; fits && i < own->count; i++) {
		const struct s0_area *a = &own->areas[i];
		const struct s0_area *b = s0_map_find(map, a->address);

		fits = !a->from_device ||
		       (b && b->from_device && b->address == a->address);
	}
	for (size_t i = 0; fits && i < map->count; i++) {
		const struct s0_area *b = &map->areas[i];

		fits = !b->from_device ||
		       (b->kind != S0_AREA_FLASH &&
			b->kind != S0_AREA_OPTION) ||
		       area_fits(b, own, chip->shorter_layout);
	}
	s0_map_free(own);
	return fits;
}

const struct s0_chip *s0_chip_match(const struct s0_map *map)
{
	const struct s0_chip *found = NULL;

	for (size_t i = 0; i < chip_table_length; i++) {
		if (!layout_fits(&chip_table[i], map))
			continue;
		if (found)
			return NULL;
		found = &chip_table[i];
	}
	return found;
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

/* The most bytes from the start that end where a sector does; sectors need not
 * be of one size. */
static uint32_t whole_sectors(const struct s0_map *map, uint32_t start,
			      uint32_t bytes)
{
	uint32_t address, length;

	if (!s0_map_sector(map, start + bytes, &address, &length))
		return bytes;
	return address - start;
}

s0_code chip_limit_flash(const struct s0_chip *chip, struct s0_map *map,
			 unsigned flash_kib, struct s0_error *err)
{
	uint32_t size = s0_map_flash_size(map), real = flash_kib * 1024u;
	uint32_t start, sector, part;
	s0_code code;

	/* 0 and 0xFFFF stand for the largest part (OpenOCD stm32h7x.c). */
	if (flash_kib == 0 || flash_kib >= 0xffff || real >= size ||
	    !s0_map_flash_start(map, &start))
		return S0_OK;
	(void)s0_map_sector(map, start, &start, &sector);
	/* A part has whole sectors, and one at least. */
	if (!chip->bank_bytes || real < 2 * sector) {
		part = real < sector ? sector : whole_sectors(map, start, real);
		size = chip->bank_bytes ? 2 * chip->bank_bytes : size;
		map_cut(map, start + part, size - part);
		return S0_OK;
	}
	/* Two banks of half the size, bank 2 where it always is. */
	part = round_down(real / 2, sector);
	code = map_split(map, start + chip->bank_bytes, err);
	if (code != S0_OK)
		return code;
	map_cut(map, start + part, chip->bank_bytes - part);
	map_cut(map, start + chip->bank_bytes + part, chip->bank_bytes - part);
	return S0_OK;
}

bool chip_option(const struct s0_chip *chip, const char *name,
		 const uint8_t *window, unsigned length, uint32_t *ret_value)
{
	const struct s0_option_field *field = s0_option_find(chip, name);

	return field && s0_option_get(field, window, length, false, ret_value);
}
