/* SPDX-License-Identifier: MIT */
#ifndef CLI_RANGES_H
#define CLI_RANGES_H

/* The ranges a command works on: two words, or the whole flash. */

#include "app.h"

struct range {
	uint32_t address;
	uint32_t length;
};

struct ranges {
	struct range *list;
	size_t count;
};

/* Check the words before a device is opened: none, or ADDRESS LENGTH. */
s0_code ranges_parse(struct app *app, struct range *ret_range,
		     struct s0_error *err);

/* One range as given; or, if its length is 0, the flash of the open device:
   more than one range where the flash has a hole. */
s0_code ranges_of(struct app *app, struct range given,
		  struct ranges *ret_ranges, struct s0_error *err);
void ranges_free(struct ranges *ranges);

/* Add up what was done to several ranges. */
void result_add(struct s0_result *sum, const struct s0_result *result);

#endif
