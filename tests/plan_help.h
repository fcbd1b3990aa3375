/* SPDX-License-Identifier: MIT */
#ifndef PLAN_HELP_H
#define PLAN_HELP_H

/* What the tests of src/plan share: an image from a line of words, and a plan
 * as text that a person can check. */

#include "test.h"

#include <sector0/plan.h>

#include "base/text.h"
#include "plan/plan.h"

/*
 * An image from words, each of which becomes a segment of "t.hex":
 *
 *	r08000000+20	20 bytes that are not 0xff
 *	b08000000+20	20 bytes of 0xff
 *	e24000000	an empty segment
 *
 * Lengths are decimal.
 */
struct s0_image *plan_image(const char *words);

/* The same bytes for the same address, whichever segment they are in; never
 * 0xff. */
uint8_t plan_byte(uint32_t address);

/* The H743's own map; to be freed. */
struct s0_map *plan_map(void);

/*
 * What comes of it, without times: the printed plan (its total without the
 * estimate), then "- STEP ADDRESS LENGTH" for each step, then "! WARNING"; or
 * "E_CODE at ADDRESS+LENGTH cause N: MESSAGE". To be freed with text_free().
 */
struct text plan_try(const char *words, const struct s0_policy *policy);
/* With a survey, which is taken over. */
struct text plan_try_surveyed(const char *words, struct s0_survey *survey,
			      const struct s0_policy *policy);

/* plan_try() must say that. */
void expect_plan(const char *words, struct s0_policy policy,
		 const char *expected);

/* Only the steps. */
void expect_steps(const char *words, struct s0_policy policy,
		  const char *expected);

#endif
