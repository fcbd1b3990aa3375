/* SPDX-License-Identifier: MIT */
/* Where a chip's memory lies: layouts, geometries, banks, sizes, areas and the
 * windows of its option bytes. */
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "chip/chip_file.h"
#include "chip/map.h"

/* A USB string has 126 characters; a geometry may be longer. */
#define LAYOUT_MAX 255

/* Is it one of several alternate settings of one name? */
static bool is_told(const struct s0_chip *chip, const char *const *layouts,
		    const char *layout)
{
	if (!(chip->quirks & S0_QUIRK_SAME_NAMES))
		return false;
	while (*layouts && strcmp(*layouts, layout) != 0)
		layouts++;
	return *layouts != NULL;
}

static s0_code read_layout(const struct file_view *view,
			   const struct file_line *line, struct s0_map *map,
			   uint8_t alt)
{
	struct s0_error why = S0_ERROR_INIT;

	if (strlen(line->value) > LAYOUT_MAX)
		return file_bad(view->file, line, line->value,
				"more than %d characters", LAYOUT_MAX);
	if (s0_map_parse(map, line->value, alt, &why) != S0_OK)
		return file_bad(view->file, line, line->value, "%s",
				why.message);
	return S0_OK;
}

static s0_code read_layouts(const struct file_view *view, struct s0_chip *chip)
{
	const char **layouts =
		store_array(view->file->store, view_count(view, "layout") + 1,
			    sizeof *layouts);
	struct s0_map *map;
	s0_code code;
	uint8_t alt = 0;

	if (!layouts)
		return error_memory(view->file->err);
	code = s0_map_new(&map, view->file->err);
	if (code != S0_OK)
		return code;
	for (size_t i = view_find(view, "layout", 0);
	     code == S0_OK && i < view->count && alt < 0xff;
	     i = view_find(view, "layout", i + 1)) {
		const char *layout = view->lines[i]->value;

		if (!is_told(chip, layouts, layout))
			code = read_layout(view, view->lines[i], map, alt);
		layouts[alt++] = layout;
	}
	s0_map_free(map);
	chip->layouts = layouts;
	return code;
}

/* ---- geometries ---------------------------------------------------------- */

/* Take the sectors of a layout, in the order of their addresses. */
static s0_code take_sectors(const struct file_view *view,
			    const struct s0_map *map,
			    struct s0_geometry *geometry)
{
	size_t count = s0_map_area_count(map);
	struct s0_sectors *sectors =
		store_array(view->file->store, count, sizeof *sectors);

	if (!sectors)
		return error_memory(view->file->err);
	for (size_t i = 0; i < count; i++) {
		const struct s0_area *area = s0_map_area(map, i);

		sectors[i] =
			(struct s0_sectors){ area->address,
					     area->length / area->sector_size,
					     area->sector_size };
	}
	geometry->sectors = sectors;
	geometry->sector_count = count;
	return S0_OK;
}

/* The sectors of "/0x08000000/…", which is a layout without a name. */
static s0_code read_sectors(const struct file_view *view,
			    struct file_words *words,
			    struct s0_geometry *geometry)
{
	size_t length = strlen(geometry->layout) + 2;
	char *layout = store_array(view->file->store, length, 1);
	struct s0_error why = S0_ERROR_INIT;
	struct s0_map *map;
	s0_code code;

	if (!layout)
		return error_memory(view->file->err);
	layout[0] = '@';
	memcpy(layout + 1, geometry->layout, length - 2);
	code = s0_map_new(&map, view->file->err);
	if (code != S0_OK)
		return code;
	if (s0_map_parse(map, layout, 0, &why) != S0_OK)
		words_bad(words, geometry->layout, "%s", why.message);
	code = words->code;
	if (code == S0_OK)
		code = take_sectors(view, map, geometry);
	s0_map_free(map);
	return code;
}

static s0_code read_geometry(const struct file_view *view,
			     const struct file_line *line,
			     struct s0_geometry *geometry)
{
	struct file_words words =
		words_of(view->file, line, "field value kib banks layout");

	geometry->field = words_word(&words);
	if (strcmp(geometry->field, "-") == 0)
		geometry->field = NULL;
	geometry->value = words_number(&words, 0, UINT32_MAX);
	geometry->flash_kib = words_number(&words, 0, 0xffff);
	geometry->banks = words_number(&words, 1, 2);
	geometry->layout = words_word(&words);
	if (strlen(geometry->layout) > LAYOUT_MAX)
		words_bad(&words, geometry->layout, "more than %d characters",
			  LAYOUT_MAX);
	if (words_end(&words) != S0_OK)
		return words.code;
	return read_sectors(view, &words, geometry);
}

static uint32_t bytes_of(const struct s0_geometry *geometry)
{
	uint32_t bytes = 0;

	for (size_t i = 0; i < geometry->sector_count; i++)
		bytes +=
			geometry->sectors[i].count * geometry->sectors[i].bytes;
	return bytes;
}

static s0_code read_geometries(const struct file_view *view,
			       struct s0_chip *chip)
{
	struct s0_geometry *all = store_array(
		view->file->store, view_count(view, "geometry"), sizeof *all);
	s0_code code = S0_OK;

	if (!all)
		return error_memory(view->file->err);
	chip->geometries = all;
	for (size_t i = view_find(view, "geometry", 0);
	     code == S0_OK && i < view->count;
	     i = view_find(view, "geometry", i + 1)) {
		struct s0_geometry *one = &all[chip->geometry_count++];

		code = read_geometry(view, view->lines[i], one);
		if (code != S0_OK || bytes_of(one) <= chip->flash_bytes)
			continue;
		chip->flash_address = one->sectors[0].address;
		chip->flash_bytes = bytes_of(one);
	}
	return code;
}

/* ---- banks and sizes ----------------------------------------------------- */

static s0_code read_banks(const struct file_view *view, struct s0_chip *chip)
{
	static const char *const kinds[] = { "one", "fixed", "half" };
	struct file_words words =
		words_of(view->file, view->lines[view_find(view, "banks", 0)],
			 "one, half or fixed ADDRESS");

	chip->banks = (s0_banks)words_one_of(&words, kinds, 3, "bank rule");
	if (words.code == S0_OK && chip->banks == S0_BANKS_FIXED)
		chip->bank_bytes = words_number(&words, chip->flash_address + 1,
						UINT32_MAX) -
				   chip->flash_address;
	return words_end(&words);
}

static s0_code read_sizes(const struct file_view *view, struct s0_chip *chip)
{
	const struct file_line *line = view->lines[view_find(view, "sizes", 0)];
	struct file_words words = words_of(view->file, line, "KiB …");
	uint16_t *sizes = store_array(view->file->store,
				      strlen(line->value) + 1, sizeof *sizes);
	size_t count = 0;

	if (!sizes)
		return error_memory(view->file->err);
	chip->sizes_kib = sizes;
	while (words_more(&words)) {
		sizes[count] = (uint16_t)words_number(&words, 1, 0xfffe);
		if (count && sizes[count] <= sizes[count - 1])
			words_bad(&words, "", "sizes do not rise");
		count++;
	}
	return words.code;
}

/* ---- areas and windows --------------------------------------------------- */

static const struct {
	s0_area_kind kind;
	unsigned can;
} areas[] = { { S0_AREA_RAM, S0_CAN_READ | S0_CAN_WRITE },
	      { S0_AREA_ROM_RAM, 0 },
	      { S0_AREA_SYSTEM, S0_CAN_READ },
	      { S0_AREA_OTP, S0_CAN_READ | S0_CAN_WRITE },
	      { S0_AREA_EEPROM, S0_CAN_READ | S0_CAN_WRITE },
	      { S0_AREA_OTHER, 0 } };

static s0_code read_area(const struct file_view *view,
			 const struct file_line *line, struct s0_area *area)
{
	static const char *const kinds[] = { "ram", "bootloader-ram", "system",
					     "otp", "eeprom",	      "other" };
	struct file_words words =
		words_of(view->file, line, "kind first length name");
	size_t kind = words_one_of(&words, kinds, 6, "kind");

	area->kind = areas[kind].kind;
	area->can = areas[kind].can;
	area->address = words_number(&words, 0, UINT32_MAX);
	area->length = words_number(&words, 1, UINT32_MAX);
	area->sector_size = area->length;
	area->name = words_rest(&words);
	if (words.code != S0_OK)
		return words.code;
	if (range_end(area->address, area->length) > UINT64_C(1) << 32)
		return file_bad(view->file, line, line->value,
				"no area of 32 bits");
	if (area->kind == S0_AREA_RAM &&
	    (area->address % 4 || area->length % 4))
		return file_bad(view->file, line, line->value,
				"RAM comes in words of 4 bytes");
	return S0_OK;
}

static s0_code read_areas(const struct file_view *view, struct s0_chip *chip)
{
	struct s0_area *all = store_array(
		view->file->store, view_count(view, "area"), sizeof *all);
	s0_code code = S0_OK;

	if (!all)
		return error_memory(view->file->err);
	chip->areas = all;
	for (size_t i = view_find(view, "area", 0);
	     code == S0_OK && i < view->count;
	     i = view_find(view, "area", i + 1))
		code = read_area(view, view->lines[i],
				 &all[chip->area_count++]);
	return code;
}

static s0_code read_windows(const struct file_view *view, struct s0_chip *chip)
{
	struct s0_option_window *all =
		store_array(view->file->store,
			    view_count(view, "option_window"), sizeof *all);
	uint32_t total = 0;

	if (!all)
		return error_memory(view->file->err);
	chip->option_windows = all;
	for (size_t i = view_find(view, "option_window", 0); i < view->count;
	     i = view_find(view, "option_window", i + 1)) {
		struct file_words words =
			words_of(view->file, view->lines[i], "address length");
		struct s0_option_window *one =
			&all[chip->option_window_count++];

		one->address = words_number(&words, 0, UINT32_MAX - 0xffff);
		one->length = (uint16_t)words_number(&words, 1, S0_OPTION_MAX);
		one->at = (uint16_t)total;
		total += one->length;
		if (total > S0_OPTION_MAX)
			words_bad(&words, "", "windows of more than %d bytes",
				  S0_OPTION_MAX);
		if (words_end(&words) != S0_OK)
			return words.code;
	}
	chip->option_address = chip->option_window_count ? all[0].address : 0;
	chip->option_length = (uint16_t)total;
	return S0_OK;
}

s0_code file_read_layout(const struct file_view *view, struct s0_chip *chip)
{
	static file_reader *const readers[] = { read_layouts, read_geometries,
						read_banks,   read_sizes,
						read_areas,   read_windows };
	s0_code code = S0_OK;

	for (size_t i = 0;
	     code == S0_OK && i < sizeof readers / sizeof readers[0]; i++)
		code = readers[i](view, chip);
	return code;
}
