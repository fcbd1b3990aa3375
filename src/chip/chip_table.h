/* SPDX-License-Identifier: MIT */
#ifndef CHIP_CHIP_TABLE_H
#define CHIP_CHIP_TABLE_H

/* The table that tools/chip_table.c makes of chips/. */

#include <stddef.h>

#include <sector0/chip.h>

extern const struct s0_chip chip_table[];
extern const size_t chip_table_length;

#endif
