/* SPDX-License-Identifier: MIT */
#ifndef CHIP_GEOMETRY_H
#define CHIP_GEOMETRY_H

/*
 * How the flash of a device is cut into sectors, where its bootloader, its
 * registers and the chip's data each say something (docs/design.md,
 * "Identification"). Values only: nothing here talks to a device.
 */

#include <sector0/chip.h>

/* What is known when it is asked. */
struct geometry_facts {
	const struct s0_chip *chip;
	unsigned flash_kib;	/* the size register; 0: not told */
	const uint8_t *options; /* the window, as read */
	size_t option_length;	/* 0: not told */
};

/* What came of it; texts are "" where there is nothing to say. */
struct geometry_verdict {
	const struct s0_geometry *geometry; /* the true one; NULL: not known */
	uint32_t bank_2;    /* where it starts; 0: there is none */
	char note[320];	    /* worth knowing */
	char warning[320];  /* the bootloader is not believed */
	char conflict[320]; /* nobody is: both readings */
};

/*
 * Make the flash of a map what the device has. With a conflict the map stays
 * as it is, and nothing must be changed by it.
 */
s0_code geometry_apply(const struct geometry_facts *facts, struct s0_map *map,
		       struct geometry_verdict *ret, struct s0_error *err);

#endif
