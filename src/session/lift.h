/* SPDX-License-Identifier: MIT */
#ifndef SESSION_LIFT_H
#define SESSION_LIFT_H

/*
 * Write protection that is taken off for a run. What it was is in the host's
 * records before, and until it is proven to be back: whatever cuts the run, the
 * next one that changes something puts it back.
 */

#include <sector0/option_plan.h>

#include "session/session.h"

/* The option bytes as far as they protect: what an earlier run that was cut
 * had taken off counts as protected. NULL: they are not known. The session's;
 * as long as until the next call. */
const uint8_t *session_protection(struct s0_session *session);

/* Is the sector at an address to be changed? */
typedef bool (*lift_needs_fn)(const void *payload, uint32_t address);

/*
 * Within an operation, before anything else is changed: take the write
 * protection off the sectors that need it, where that is allowed
 * (s0_session_lift_protection()), and put back what an earlier run had taken
 * off elsewhere.
 * @param needs  NULL: none.
 */
s0_code session_lift(struct s0_session *session, lift_needs_fn needs,
		     const void *payload, struct s0_error *err);

/* The sectors that a plan changes; payload: the plan. */
bool lift_plan_needs(const void *payload, uint32_t address);

/* Put back what is off, whatever came of the run (code, with err). Returns
 * code, or what came of this if that was S0_OK. */
s0_code session_unlift(struct s0_session *session, s0_code code,
		       struct s0_error *err);

/* Have the banks, with their registers, changed places since protection was
 * taken off? By a reset, or only at the next one: that cannot be seen. */
bool lift_is_elsewhere(const struct s0_session *session);

/* Refuse to swap the banks while protection is to be put back, unless that is
 * set as well. */
s0_code lift_check_options(const struct s0_session *session,
			   const struct s0_option_plan *plan,
			   struct s0_error *err);
/* They were set: what somebody asks for by name is what is to stay. Says where
 * that ends what an earlier run left open. */
void lift_options_set(struct s0_session *session,
		      const struct s0_option_plan *plan);

/* Say what an earlier run left open, to somebody who only reads. */
void session_tell_lifted(struct s0_session *session);

/*
 * lift_fields.c. The next field of write protection, as far as it means that in
 * a window that was read; NULL. Its value there, and what it holds where it
 * protects nothing.
 */
const struct s0_option_field *lift_next_field(const struct s0_chip *chip,
					      const uint8_t *window,
					      size_t length, size_t *i);
uint32_t lift_now(const struct s0_option_field *field, const uint8_t *window,
		  size_t length);
uint32_t lift_open_value(const struct s0_option_field *field);

/* Protect in a window, as if it had been read so, what another protects. */
void lift_protect(const struct s0_chip *chip, uint8_t *window,
		  const uint8_t *other, size_t length);

#endif
