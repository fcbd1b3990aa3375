/* SPDX-License-Identifier: MIT */
#include "proto/target.h"

void target_note_retries(struct target *target, unsigned times,
			 const struct s0_error *why)
{
	if (!target->retries.count)
		target->retries.first = *why;
	target->retries.count += times;
}
