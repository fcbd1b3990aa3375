/* SPDX-License-Identifier: MIT */
#ifndef PLAN_FAMILY_H
#define PLAN_FAMILY_H

/* Chips made for tests of src/plan: all kinds of pages, flash words, alignments
 * and erased values. */

#include "plan_help.h"

#define FLASH  0x08000000u
#define EEPROM 0x08080000u
#define MOST   0x80000u

struct family {
	const char *name;
	uint32_t page, pages, word, align, block;
	uint8_t erased;
};

enum {
	FAMILY_L0,
	FAMILY_L1,
	FAMILY_F1,
	FAMILY_F3,
	FAMILY_G4,
	FAMILY_U5,
	FAMILY_ODD,
	FAMILIES
};

extern const struct family families[FAMILIES];

struct chip {
	const struct family *family;
	struct s0_chip data;
	struct s0_rom rom;
	struct s0_map *map;
	uint32_t bytes;
	uint8_t holds[MOST], want[MOST], covered[MOST], times[MOST];
	uint32_t seed;
};

struct chip *family_make(const struct family *family, uint32_t seed);
void family_drop(struct chip *c);
/* A number below that, by the seed. */
uint32_t family_next(struct chip *c, uint32_t below);
/* Give an image bytes in flash; what it has already stays. */
void family_add(struct chip *c, struct s0_image *image, uint32_t at,
		uint32_t length, bool blank);

struct lines {
	struct text text;
	size_t count;
};

/* A line of a plan, without times. */
void family_line(void *payload, const char *line);

#endif
