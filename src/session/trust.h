/* SPDX-License-Identifier: MIT */
#ifndef SESSION_TRUST_H
#define SESSION_TRUST_H

/*
 * What a verified run left in a sector, by the host's own record of it. With
 * policy.trust_last_run a sector that is to hold the very same bytes again is
 * not read but sampled: the first and the last block of them, and two that are
 * others each time, so that every block gets its turn. A record is no proof:
 * another programmer, or the firmware, may have changed what no sample meets.
 */

#include "session/session.h"

/* Sample what the record says is right, and fill that in. One sample that
 * differs makes the whole record void: somebody else has changed the chip. */
s0_code trust_look(struct s0_session *session, const struct s0_plan *base,
		   struct s0_survey *survey, struct s0_error *err);

/* The plan is carried out: record what was verified. */
void trust_remember(struct s0_session *session, const struct s0_plan *plan);

#endif
