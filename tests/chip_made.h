/* SPDX-License-Identifier: MIT */
#ifndef CHIP_MADE_H
#define CHIP_MADE_H

/* Chips made by hand, for tests that need more of them than the table has, or
 * others. */

#include <sector0/chip.h>

/* "FIELD VALUE KIB BANKS LAYOUT", as in a chip's file. */
#define MADE_GEOMETRIES 6
#define MADE_RUNS	16

struct chip_made {
	struct s0_chip chip;
	const char *layouts[6];
	struct s0_geometry geometries[MADE_GEOMETRIES];
	struct s0_sectors sectors[MADE_GEOMETRIES][MADE_RUNS];
	char fields[MADE_GEOMETRIES][16];
	struct s0_option_field field; /* bit 0 of the window */
	uint16_t sizes[8];
	struct s0_rom roms[4];
};

struct chip_recipe {
	const char *name;
	const char *layouts[6];
	const char *geometries[MADE_GEOMETRIES];
	s0_banks banks;
	uint32_t bank_bytes; /* with S0_BANKS_FIXED */
	uint16_t sizes[8];
	bool invented, shorter; /* !dumped, shorter_layout */
	unsigned quirks;
	uint16_t vendor, product, bcd, transfer;
	uint32_t version_at, size_at, uid_at;
	uint8_t versions[4];
};

void chip_make(struct chip_made *made, const struct chip_recipe *recipe);

#endif
