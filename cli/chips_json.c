/* SPDX-License-Identifier: MIT */
/* What is known about a chip, for programs. */
#include "chips.h"

#include "json.h"

json_t *json_sources(const struct source_counts *counts)
{
	json_t *object = json_object();

	for (size_t i = 0; i < S0_SOURCE_KINDS; i++)
		(void)json_object_set_new(
			object, s0_source_name((s0_source_kind)i),
			json_integer((json_int_t)counts->of[i]));
	return object;
}

static json_t *texts(const char *const *list)
{
	json_t *array = json_array();

	for (; *list; list++)
		(void)json_array_append_new(array, json_text(*list));
	return array;
}

static json_t *sizes(const struct s0_chip *chip)
{
	json_t *array = json_array();

	for (const uint16_t *size = chip->sizes_kib; *size; size++)
		(void)json_array_append_new(array, json_integer(*size));
	return array;
}

static json_t *roms(const struct s0_chip *chip)
{
	json_t *array = json_array();

	for (size_t i = 0; i < chip->rom_count; i++)
		(void)json_array_append_new(
			array,
			json_pack("{s:i, s:o, s:o}", "version",
				  chip->roms[i].version, "name",
				  json_text(chip->roms[i].name), "limits",
				  json_text(chip->roms[i].limits)));
	return array;
}

static json_t *geometries(const struct s0_chip *chip)
{
	json_t *array = json_array();

	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *g = &chip->geometries[i];

		(void)json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:I, s:o}", "field",
				  json_text(g->field ? g->field : ""), "value",
				  json_number_if(g->field, g->value),
				  "flash_kib",
				  json_number_if(g->flash_kib, g->flash_kib),
				  "banks", (json_int_t)g->banks, "layout",
				  json_text(g->layout)));
	}
	return array;
}

static json_t *windows(const struct s0_chip *chip)
{
	json_t *array = json_array();

	for (size_t i = 0; i < chip->option_window_count; i++)
		(void)json_array_append_new(
			array, json_range(chip->option_windows[i].address,
					  chip->option_windows[i].length));
	return array;
}

static json_t *quirks(const struct s0_chip *chip)
{
	json_t *array = json_array();

	for (unsigned bit = 1; bit && bit <= chip->quirks; bit <<= 1)
		if (chip->quirks & bit)
			(void)json_array_append_new(
				array, json_text(s0_quirk_name(bit)));
	return array;
}

static json_t *lines(const struct s0_chip *chip)
{
	json_t *array = json_array();
	struct s0_chip_line line;

	for (size_t i = 0; s0_chip_line(chip, i, &line); i++)
		(void)json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:o}", "key",
				  json_text(line.key), "value",
				  json_text(line.value), "source",
				  json_text(line.source), "kind",
				  json_text(line.sourced
						    ? s0_source_name(line.kind)
						    : "")));
	return array;
}

static json_t *identity(const struct s0_chip *chip)
{
	static const char *const banks[] = { "one", "fixed", "half" };

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:s}",
		"name", json_text(chip->name), "family",
		json_text(chip->family), "title", json_text(chip->title),
		"aliases", texts(chip->aliases), "device_id",
		json_number_if(chip->device_id, chip->device_id), "vendor",
		(json_int_t)chip->vendor, "product", (json_int_t)chip->product,
		"bcd_device",
		json_number_if(chip->bcd_device, chip->bcd_device),
		"product_name",
		json_text(chip->product_name ? chip->product_name : ""),
		"transfer_size",
		json_number_if(chip->transfer_size, chip->transfer_size),
		"flash_kib", sizes(chip), "banks", banks[chip->banks]);
}

static json_t *memory(const struct s0_chip *chip)
{
	return json_pack(
		"{s:I, s:I, s:b, s:I, s:o, s:o, s:b, s:o, s:o, s:I, s:o}",
		"flash_word", (json_int_t)chip->flash_word, "align",
		(json_int_t)chip->align, "ecc", chip->ecc, "erased",
		(json_int_t)chip->erased, "geometries", geometries(chip),
		"layouts", texts(chip->layouts), "dumped", chip->dumped, "roms",
		roms(chip), "option_windows", windows(chip), "options",
		(json_int_t)chip->option_count, "quirks", quirks(chip));
}

void json_chip(const struct s0_chip *chip, bool with_lines)
{
	struct source_counts counts = { 0 };
	json_t *object = identity(chip), *more = memory(chip);

	chips_count(chip, &counts);
	if (object && more) {
		(void)json_object_update(object, more);
		(void)json_object_set_new(object, "sources",
					  json_sources(&counts));
		(void)json_object_set_new(object, "lines",
					  with_lines ? lines(chip)
						     : json_null());
	}
	json_decref(more);
	json_event("chip", object);
}
