/* SPDX-License-Identifier: MIT */
#ifndef SIM_LAYOUT_H
#define SIM_LAYOUT_H

/* Names of alternate settings (UM0424, AN3156), read and written by the chip's
 * side alone: the host has a parser of its own. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "04*016Kg" of "@Internal Flash  /0x08000000/04*016Kg,01*064Kg" */
struct sim_layout_entry {
	uint32_t address, count, size;
	char type; /* 'g' */
	/* how it is written */
	int count_digits, size_digits;
	uint32_t unit;	/* 1 or 1024 */
	char suffix[4]; /* "Kg", " e", "g" */
};

struct sim_layout {
	const char *at;
	uint32_t address; /* of the next entry */
};

void sim_layout_start(struct sim_layout *layout, const char *name);
/* false: no more, or not such a name. */
bool sim_layout_next(struct sim_layout *layout,
		     struct sim_layout_entry *ret_entry);
bool sim_layout_can_write(const struct sim_layout_entry *entry);

/* Sectors of one size. */
struct sim_run {
	uint32_t address, count, size;
};

/* These runs, in the way in which @pattern is written. Of what is below
 * @read_only, the type is that of the pattern's first entry. */
void sim_layout_write(char *text, size_t size, const char *pattern,
		      const struct sim_run *runs, size_t count,
		      uint32_t read_only);

#endif
