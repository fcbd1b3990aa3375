/* SPDX-License-Identifier: MIT */
#ifndef PLAN_OPTION_PLAN_H
#define PLAN_OPTION_PLAN_H

#include <sector0/option_plan.h>

#include "chip/chip_internal.h"

struct s0_option_plan {
	const struct s0_chip *chip;
	const struct s0_map
		*map;  /* NULL: the largest part's; while it is made */
	size_t length; /* of the windows */
	uint8_t before[S0_OPTION_MAX]; /* as read */
	uint8_t window[S0_OPTION_MAX]; /* to be sent */
	struct s0_option_step *steps;
	size_t count;
	struct option_raw *raw; /* what steps of raw words are of */
	size_t raw_count;
	const char *no_alias; /* NULL */
	bool erases;
};

/* A raw word as a field. */
struct option_raw {
	struct s0_option_field field;
	char name[12];
};

/* option_raw.c: add the fields that a raw word changes to a list, which has
 * room for all of the chip's; refuse one that is none. */
s0_code option_raw_fields(const struct s0_option_plan *plan,
			  const struct s0_option_change *raw,
			  struct s0_option_change *ret_changes, size_t *count,
			  struct s0_error *err);
/* … put the rest of it into the window, as a step, if it changes. */
void option_raw_add(struct s0_option_plan *plan,
		    const struct s0_option_change *raw);
/* … and is it in the window as it was asked for, in the end? */
s0_code option_raw_check(const struct s0_option_plan *plan,
			 const struct s0_option_change *raw,
			 struct s0_error *err);
void option_raw_judge(const struct s0_option_plan *plan,
		      struct s0_option_step *step);

/* option_rules.c: refuse what must not be, and say of each step what it needs
 * leave for and what follows from it. */
s0_code option_rules_apply(struct s0_option_plan *plan, struct s0_error *err);

/* option_part.c: does this part have flash where the chip's largest has, … */
bool option_part_lacks(const struct s0_option_plan *plan, uint32_t address);
/* … all of an area, and a sector of each bit that a step closes? Of a whole bank
 * its beginning is enough. */
bool option_part_lacks_area(const struct s0_option_plan *plan,
			    const struct chip_area *area);
bool option_part_lacks_sector(const struct s0_option_plan *plan,
			      const struct s0_option_step *step);

/* option_rules.c: add what a step needs leave for, and what follows from it. */
void option_say(struct s0_option_step *step, unsigned guard, const char *what);

/* option_rules.c: bits of a field of sectors that a step makes protect. */
uint32_t option_step_closes(const struct s0_option_step *step);

#endif
