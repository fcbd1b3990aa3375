/* SPDX-License-Identifier: MIT */
#ifndef PLAN_GUARDED_H
#define PLAN_GUARDED_H

/* Sectors that are to be changed and that the option bytes protect: by write
 * protection, which can be taken off, or by an area, which cannot. */

#include <sector0/chip.h>

#include "base/text.h"

struct guarded {
	const struct s0_chip *chip;
	const struct s0_map *map;
	const uint8_t *window; /* NULL: nothing is known */
	size_t length;
	/* Write-protected ones: how many, the first few by name, the first. */
	size_t count;
	struct text names;
	struct s0_sector_protection first;
	/* The first with an area in it; .area is S0_OPTION_GROUPS: none. */
	struct s0_sector_protection closed;
};

void guarded_begin(struct guarded *guarded, const struct s0_chip *chip,
		   const struct s0_map *map, const uint8_t *window,
		   size_t length);
/* The sector that holds the address is to be changed. */
void guarded_add(struct guarded *guarded, uint32_t address);
/* Refuse what cannot be changed, if there is any; lift: write protection is
 * taken off. Releases the names. */
s0_code guarded_end(struct guarded *guarded, bool lift, struct s0_error *err);

#endif
