/* SPDX-License-Identifier: MIT */
#include "plan_family.h"

#include <stdlib.h>
#include <string.h>

const struct family families[FAMILIES] = {
	{ "L0", 128, 1536, 4, 4, 2048, 0x00 },
	{ "L1", 256, 2048, 4, 4, 2048, 0x00 },
	{ "F1", 1024, 128, 2, 4, 2048, 0xff },
	{ "F3", 2048, 256, 2, 8, 2048, 0xff },
	{ "G4", 2048, 256, 8, 8, 1024, 0xff },
	{ "U5", 8192, 64, 16, 16, 1024, 0xff },
	{ "odd", 4096, 32, 16, 64, 2048, 0x00 },
};

uint32_t family_next(struct chip *c, uint32_t below)
{
	c->seed = c->seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(c->seed >> 4) * below >> 28);
}

struct chip *family_make(const struct family *family, uint32_t seed)
{
	struct chip *c = calloc(1, sizeof *c);
	struct s0_area flash = { .name = "Internal Flash",
				 .kind = S0_AREA_FLASH,
				 .address = FLASH,
				 .length = family->page * family->pages,
				 .sector_size = family->page,
				 .can = 7,
				 .from_device = true };

	assert_non_null(c);
	c->family = family;
	c->seed = seed;
	c->bytes = flash.length;
	c->rom = (struct s0_rom){ .version = 0x40, .name = "V4.0" };
	c->data = *s0_chip_find("f405");
	c->data.flash_word = family->word;
	c->data.align = family->align;
	c->data.erased = family->erased;
	c->data.roms = &c->rom;
	c->data.rom_count = 1;
	for (uint32_t i = 0; i < MOST; i++)
		c->holds[i] = (uint8_t)(i * 7 + i / 251);
	assert_int_equal(s0_map_new(&c->map, NULL), S0_OK);
	assert_int_equal(s0_map_add(c->map, &flash, NULL), S0_OK);
	return c;
}

void family_drop(struct chip *c)
{
	s0_map_free(c->map);
	free(c);
}

void family_add(struct chip *c, struct s0_image *image, uint32_t at,
		uint32_t length, bool blank)
{
	uint8_t *bytes = malloc(length);

	assert_non_null(bytes);
	for (uint32_t i = 0; i < length; i++) {
		bytes[i] = c->covered[at + i] ? c->want[at + i]
			   : blank	      ? c->family->erased
					      : (uint8_t)family_next(c, 256);
		c->want[at + i] = bytes[i];
		c->covered[at + i] = 1;
	}
	assert_int_equal(
		s0_image_add(image, "t", FLASH + at, bytes, length, NULL),
		S0_OK);
	free(bytes);
}

void family_line(void *payload, const char *line)
{
	const char *end = strstr(line, ", about ");
	struct lines *lines = payload;

	text_add(&lines->text, "%.*s\n", end ? (int)(end - line) : 320, line);
	lines->count++;
}
