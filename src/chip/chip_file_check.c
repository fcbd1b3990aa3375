/* SPDX-License-Identifier: MIT */
/* Data is tested like code: what cannot be is refused. */
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "chip/chip_file.h"

static bool is_power_of_two(uint32_t value)
{
	return value && !(value & (value - 1));
}

static s0_code check_numbers(const struct file_view *view,
			     const struct s0_chip *chip)
{
	/* The plan keeps a flash word on its stack (plan/steps.c). */
	if (!is_power_of_two(chip->flash_word))
		return FILE_BAD_VALUE(
			view, "flash_word", 0,
			"a flash word of %u bytes, expected a power of two",
			chip->flash_word);
	if (!is_power_of_two(chip->align))
		return FILE_BAD_VALUE(
			view, "align", 0,
			"aligned at %u bytes, expected a power of two",
			chip->align);
	if (chip->timing.mass_erase_max_us < chip->timing.mass_erase_us)
		return FILE_BAD_VALUE(
			view, "mass_erase_us", 0,
			"the typical mass erase is longer than the maximum");
	if (chip->option_count && !chip->option_window_count)
		return FILE_BAD_VALUE(view, "options", 0,
				      "options without an 'option_window'");
	return S0_OK;
}

/* ---- geometries ---------------------------------------------------------- */

static uint64_t end_of(const struct s0_sectors *sectors)
{
	return sectors->address + (uint64_t)sectors->count * sectors->bytes;
}

static uint64_t bytes_of(const struct s0_geometry *geometry)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < geometry->sector_count; i++)
		bytes += (uint64_t)geometry->sectors[i].count *
			 geometry->sectors[i].bytes;
	return bytes;
}

static uint32_t largest_kib(const struct s0_chip *chip)
{
	uint32_t kib = 0;

	for (const uint16_t *size = chip->sizes_kib; *size; size++)
		kib = *size;
	return kib;
}

static bool has_size(const struct s0_chip *chip, uint32_t kib)
{
	for (const uint16_t *size = chip->sizes_kib; *size; size++)
		if (*size == kib)
			return true;
	return false;
}

/* Does a sector start at an address, or does the flash end there? */
static bool is_edge(const struct s0_geometry *geometry, uint64_t address)
{
	for (size_t i = 0; i < geometry->sector_count; i++) {
		const struct s0_sectors *s = &geometry->sectors[i];

		if (address == end_of(s) ||
		    (address >= s->address && address < end_of(s) &&
		     (address - s->address) % s->bytes == 0))
			return true;
	}
	return false;
}

/* Sectors lie one behind the other, but that bank 2 may start later. */
static s0_code check_sectors(const struct file_view *view,
			     const struct s0_chip *chip, size_t index)
{
	const struct s0_geometry *g = &chip->geometries[index];
	uint64_t at = chip->flash_address;

	for (size_t i = 0; i < g->sector_count; i++) {
		const struct s0_sectors *s = &g->sectors[i];

		if (s->address != at &&
		    (!i || chip->banks != S0_BANKS_FIXED ||
		     s->address != chip->flash_address + chip->bank_bytes))
			return FILE_BAD_VALUE(
				view, "geometry", index,
				"sectors at %#x, expected them at %#llx",
				s->address, (unsigned long long)at);
		if (s->address % s->bytes)
			return FILE_BAD_VALUE(
				view, "geometry", index,
				"a sector of %u bytes at %#x is not aligned",
				s->bytes, s->address);
		if (s->bytes % chip->flash_word || s->bytes % chip->align)
			return FILE_BAD_VALUE(
				view, "geometry", index,
				"a sector of %u bytes is no whole number of "
				"flash words",
				s->bytes);
		at = end_of(s);
	}
	return S0_OK;
}

static s0_code check_bank2(const struct file_view *view,
			   const struct s0_chip *chip, size_t index)
{
	const struct s0_geometry *g = &chip->geometries[index];
	uint64_t bank2 = chip->flash_address + chip->bank_bytes;

	if (g->banks == 1)
		return S0_OK;
	if (chip->banks == S0_BANKS_ONE)
		return FILE_BAD_VALUE(view, "geometry", index,
				      "two banks, and 'banks' says one");
	if (chip->banks == S0_BANKS_HALF)
		bank2 = chip->flash_address + bytes_of(g) / 2;
	if (!is_edge(g, bank2))
		return FILE_BAD_VALUE(
			view, "geometry", index,
			"no sector starts where bank 2 does, at %#llx",
			(unsigned long long)bank2);
	return S0_OK;
}

static s0_code check_flash_size(const struct file_view *view,
				const struct s0_chip *chip, size_t index)
{
	const struct s0_geometry *g = &chip->geometries[index];
	uint32_t kib = g->flash_kib ? g->flash_kib : largest_kib(chip);

	if (g->flash_kib && !has_size(chip, g->flash_kib))
		return FILE_BAD_VALUE(
			view, "geometry", index,
			"of parts of %u KiB, which 'sizes' does not have",
			g->flash_kib);
	if (bytes_of(g) != (uint64_t)kib * 1024)
		return FILE_BAD_VALUE(
			view, "geometry", index,
			"sectors of %llu bytes together, expected %u KiB",
			(unsigned long long)bytes_of(g), kib);
	return S0_OK;
}

static s0_code check_switch(const struct file_view *view,
			    const struct s0_chip *chip, size_t index)
{
	const struct s0_geometry *g = &chip->geometries[index];
	const struct s0_option_field *field = NULL;

	for (size_t i = 0; i < index; i++) {
		const struct s0_geometry *other = &chip->geometries[i];

		if (other->flash_kib != g->flash_kib)
			continue;
		if (!other->field != !g->field ||
		    (g->field && strcmp(other->field, g->field) != 0))
			return FILE_BAD_VALUE(view, "geometry", index,
					      "the geometries of one size go "
					      "by one field, or by none");
		if (!g->field || other->value == g->value)
			return FILE_BAD_VALUE(view, "geometry", index,
					      "is there already");
	}
	if (!g->field)
		return S0_OK;
	for (size_t i = 0; i < chip->option_count; i++)
		if (strcmp(chip->options[i].name, g->field) == 0)
			field = &chip->options[i];
	if (!field || field->role != S0_OPTION_BANK_MODE)
		return FILE_BAD_VALUE(
			view, "geometry", index,
			"no option '%.40s' with the role bank-mode", g->field);
	if (field->width < 32 && g->value >> field->width)
		return FILE_BAD_VALUE(view, "geometry", index,
				      "%u is no value of '%.40s'", g->value,
				      g->field);
	return S0_OK;
}

/* Has every size of sectors a time of its erase? */
static s0_code check_erase(const struct file_view *view,
			   const struct s0_chip *chip, size_t index)
{
	const struct s0_geometry *g = &chip->geometries[index];

	for (size_t i = 0; i < g->sector_count; i++) {
		size_t j = 0;

		while (j < S0_ERASE_TIMES &&
		       chip->timing.erase[j].sector_bytes !=
			       g->sectors[i].bytes)
			j++;
		if (j == S0_ERASE_TIMES)
			return FILE_BAD_VALUE(
				view, "geometry", index,
				"no 'erase' of a sector of %u bytes",
				g->sectors[i].bytes);
	}
	return S0_OK;
}

typedef s0_code geometry_check(const struct file_view *view,
			       const struct s0_chip *chip, size_t index);

static s0_code check_geometries(const struct file_view *view,
				const struct s0_chip *chip)
{
	static geometry_check *const checks[] = { check_flash_size,
						  check_sectors, check_bank2,
						  check_switch, check_erase };
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < chip->geometry_count; i++)
		for (size_t j = 0;
		     code == S0_OK && j < sizeof checks / sizeof checks[0]; j++)
			code = checks[j](view, chip, i);
	return code;
}

/* ---- what overlaps ------------------------------------------------------- */

static bool in_flash(const struct s0_chip *chip, uint32_t address,
		     uint32_t length)
{
	for (size_t i = 0; i < chip->geometry_count; i++)
		for (size_t j = 0; j < chip->geometries[i].sector_count; j++) {
			const struct s0_sectors *s =
				&chip->geometries[i].sectors[j];

			if (range_overlap(address, length, s->address,
					  s->count * s->bytes))
				return true;
		}
	return false;
}

static s0_code check_areas(const struct file_view *view,
			   const struct s0_chip *chip)
{
	for (size_t i = 0; i < chip->area_count; i++) {
		const struct s0_area *a = &chip->areas[i];

		for (size_t j = 0; j < i; j++)
			if (range_overlap(a->address, a->length,
					  chip->areas[j].address,
					  chip->areas[j].length))
				return FILE_BAD_VALUE(
					view, "area", i,
					"overlaps another area, '%.40s'",
					chip->areas[j].name);
		if (in_flash(chip, a->address, a->length))
			return FILE_BAD_VALUE(view, "area", i,
					      "overlaps the flash");
	}
	return S0_OK;
}

static s0_code check_windows(const struct file_view *view,
			     const struct s0_chip *chip)
{
	for (size_t i = 0; i < chip->option_window_count; i++) {
		const struct s0_option_window *w = &chip->option_windows[i];

		for (size_t j = 0; j < i; j++)
			if (range_overlap(w->address, w->length,
					  chip->option_windows[j].address,
					  chip->option_windows[j].length))
				return FILE_BAD_VALUE(
					view, "option_window", i,
					"overlaps another window");
		for (size_t j = 0; j < chip->area_count; j++)
			if (range_overlap(w->address, w->length,
					  chip->areas[j].address,
					  chip->areas[j].length))
				return FILE_BAD_VALUE(
					view, "option_window", i,
					"overlaps the area '%.40s'",
					chip->areas[j].name);
		if (in_flash(chip, w->address, w->length))
			return FILE_BAD_VALUE(view, "option_window", i,
					      "overlaps the flash");
	}
	return S0_OK;
}

s0_code file_check(const struct file_view *view, const struct s0_chip *chip)
{
	static file_checker *const checks[] = { check_numbers,
						file_check_options,
						check_geometries, check_areas,
						check_windows };
	s0_code code = S0_OK;

	for (size_t i = 0;
	     code == S0_OK && i < sizeof checks / sizeof checks[0]; i++)
		code = checks[i](view, chip);
	return code;
}
