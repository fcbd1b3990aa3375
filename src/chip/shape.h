/* SPDX-License-Identifier: MIT */
#ifndef CHIP_SHAPE_H
#define CHIP_SHAPE_H

/* How flash is cut into sectors, whoever says so. */

#include <sector0/chip.h>

#define SHAPE_RUNS 32

/* Runs of equal sectors by rising address; neighbours of one size are one. */
struct shape {
	struct s0_sectors runs[SHAPE_RUNS];
	size_t count;
};

/* The flash of a map. */
void shape_of_map(const struct s0_map *map, struct shape *ret);
void shape_of_geometry(const struct s0_geometry *geometry, struct shape *ret);

uint32_t shape_bytes(const struct shape *shape);
bool shape_same(const struct shape *a, const struct shape *b);
/* Is a the first sectors of b, and not all of them? */
bool shape_begins(const struct shape *a, const struct shape *b);

/*
 * What a part with so many KiB of flash has of it: whole sectors, one at least.
 * In two banks it has half of each; the second is where it always is, or
 * follows the first (s0_chip.banks). 0, 0xffff and more than there is: all.
 */
void shape_cut(const struct shape *from, const struct s0_chip *chip,
	       unsigned banks, unsigned flash_kib, struct shape *ret);

/* "4 x 32, 1 x 128 KiB", with the address of what does not follow; "2 x (4 x 16,
 * 1 x 64 KiB)". */
void shape_print(const struct shape *shape, char *buffer, size_t size);

/* Make it the flash of a map. */
s0_code shape_put(const struct shape *shape, struct s0_map *map,
		  struct s0_error *err);

#endif
