/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "chip_made.h"

#include <stdio.h>
#include <string.h>

#include "chip/shape.h"

static void make_geometry(struct chip_made *made, size_t i, const char *text)
{
	struct s0_geometry *g = &made->geometries[i];
	char layout[128] = "@Internal Flash ";
	struct shape shape;
	struct s0_map *map;
	unsigned value, kib, banks;
	int used = 0;

	assert_int_equal(sscanf(text, "%15s %u %u %u %n", made->fields[i],
				&value, &kib, &banks, &used),
			 4);
	assert_true(snprintf(layout, sizeof layout, "@Internal Flash %s",
			     text + used) < (int)sizeof layout);
	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map, layout, 0, NULL), S0_OK);
	shape_of_map(map, &shape);
	s0_map_free(map);
	assert_in_range(shape.count, 1, MADE_RUNS);
	memcpy(made->sectors[i], shape.runs,
	       shape.count * sizeof shape.runs[0]);
	*g = (struct s0_geometry){
		.field = strcmp(made->fields[i], "-") ? made->fields[i] : NULL,
		.value = value,
		.flash_kib = kib,
		.banks = banks,
		.layout = text + used,
		.sectors = made->sectors[i],
		.sector_count = shape.count,
	};
	if (g->field)
		made->field.name = g->field;
}

static void make_roms(struct chip_made *made, const struct chip_recipe *recipe)
{
	struct s0_chip *chip = &made->chip;

	while (chip->rom_count < 4 && recipe->versions[chip->rom_count]) {
		made->roms[chip->rom_count].version =
			recipe->versions[chip->rom_count];
		chip->rom_count++;
	}
	chip->roms = made->roms;
}

static void make_flash(struct chip_made *made)
{
	struct shape shape;

	shape_of_geometry(&made->geometries[0], &shape);
	made->chip.flash_address = shape.runs[0].address;
	made->chip.flash_bytes = shape_bytes(&shape);
}

void chip_make(struct chip_made *made, const struct chip_recipe *recipe)
{
	static const char *const no_aliases[] = { NULL };
	struct s0_chip *chip = &made->chip;

	*made = (struct chip_made){ .field = { .aliases = no_aliases,
					       .width = 1 } };
	memcpy(made->layouts, recipe->layouts, sizeof made->layouts);
	memcpy(made->sizes, recipe->sizes, sizeof made->sizes);
	for (size_t i = 0; i < MADE_GEOMETRIES && recipe->geometries[i]; i++) {
		make_geometry(made, i, recipe->geometries[i]);
		chip->geometry_count++;
	}
	chip->name = recipe->name;
	chip->layouts = made->layouts;
	chip->quirks = recipe->quirks;
	chip->geometries = made->geometries;
	chip->banks = recipe->banks;
	chip->bank_bytes = recipe->bank_bytes;
	chip->sizes_kib = made->sizes;
	chip->dumped = !recipe->invented;
	chip->shorter_layout = recipe->shorter;
	chip->vendor = recipe->vendor;
	chip->product = recipe->product;
	chip->bcd_device = recipe->bcd;
	chip->transfer_size = recipe->transfer;
	chip->version_address = recipe->version_at;
	chip->flash_size_address = recipe->size_at;
	chip->uid_address = recipe->uid_at;
	chip->options = &made->field;
	chip->option_count = made->field.name ? 1 : 0;
	make_roms(made, recipe);
	make_flash(made);
}
