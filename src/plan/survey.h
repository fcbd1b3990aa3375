/* SPDX-License-Identifier: MIT */
#ifndef PLAN_SURVEY_H
#define PLAN_SURVEY_H

/* What a device's flash holds, as far as a plan needs to know. Filled in by a
 * session (session/survey.c), read by the plan. */

#include <sector0/image.h>
#include <sector0/plan.h>

struct survey_sector {
	uint32_t address;
	uint32_t length;
	s0_content content;
	bool lost_known;
	uint32_t lost_bytes;
	uint32_t trusted_bytes; /* of the image, not read: session/trust.h */
	uint32_t evidence; /* where a byte was seen that is not erased; or 0 */
	bool blank;	   /* all of it was read, and is erased */
	bool stops;	   /* noted, not because a run was cut: reading it
			      stopped the device */
};

struct s0_survey {
	/* Those that the image touches, and others that were looked at; by
	 * address. */
	struct survey_sector *sectors;
	size_t count;
	uint64_t time_us; /* that the look took */
	bool erase_seen;  /* it is known how long an erase of this chip takes */
	/* Bytes that were read and are needed: those to keep, and with
	 * S0_ERASE_NONE what stands where the image goes. */
	struct s0_image *content;
};

s0_code survey_new(struct s0_survey **ret_survey, struct s0_error *err);
void survey_free(struct s0_survey *survey);
/* Add a sector; NULL when out of memory. Others move. */
struct survey_sector *survey_add(struct s0_survey *survey, uint32_t address,
				 uint32_t length);
const struct survey_sector *survey_find(const struct s0_survey *survey,
					uint32_t address);

#endif
