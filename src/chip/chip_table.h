/* SPDX-License-Identifier: MIT */
#ifndef CHIP_CHIP_TABLE_H
#define CHIP_CHIP_TABLE_H

/* The table that tools/gen_chips.py makes of chips/. */

#include <stddef.h>

#include <sector0/chip.h>

struct chip_row {
	struct s0_chip chip;
	const char *const *aliases; /* further names, NULL-terminated */
};

extern const struct chip_row chip_table[];
extern const size_t chip_table_length;

#endif
