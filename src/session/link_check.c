/* SPDX-License-Identifier: MIT */
/* A look at the connection, without anything to do for the device. */
#include <sector0/link_check.h>

#include "session/session.h"

/* How often it is asked: ABORT and GETSTATUS, a second or less. One transfer
 * in a hundred that fails is seen in 98 looks of 100. */
#define ASKS 200u

/* That is enough; each may have been waited for. */
#define MOST_FAILURES 6u

/* It has nothing to do, so a STALL has no reason; but for a device that stalls
 * every ABORT in dfuIDLE, as some might. */
static uint32_t without_reason(uint32_t refused, uint64_t transfers)
{
	return refused < transfers / 4 ? refused : 0;
}

static s0_code ask(struct s0_session *session, unsigned *failures,
		   struct s0_error *err)
{
	struct target *target = session->target;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = target->ops->settle(target, &why);

	if (code == S0_OK)
		return S0_OK;
	++*failures;
	if (code != S0_E_GONE && target->ops->settle(target, NULL) == S0_OK)
		return S0_OK;
	if (session->device->reconnect_ms)
		code = session_bring_back(session, &why);
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

/* What was queued while it was opened is not held against the cable. */
static void count(const struct target_stats *before,
		  const struct target_stats *now, struct s0_link_check *check)
{
	check->transfers = now->transfers - before->transfers;
	check->errors = now->errors - before->errors;
	check->cut_short = now->cut_short - before->cut_short;
	check->lost = now->lost - before->lost;
	check->dropped = now->dropped - before->dropped;
	check->refused = without_reason(now->refused - before->refused,
					check->transfers);
}

s0_code s0_session_check_link(struct s0_session *session,
			      struct s0_link_check *ret_check,
			      struct s0_error *err)
{
	struct target_stats before = session->target->stats;
	unsigned failures = 0;
	s0_code code = S0_OK;

	session_begin(session);
	for (unsigned i = 0;
	     code == S0_OK && i < ASKS && failures < MOST_FAILURES; i++) {
		code = s0_session_check_cancel(session, err);
		if (code == S0_OK)
			code = ask(session, &failures, err);
	}
	count(&before, &session->target->stats, ret_check);
	return session_end(session, code, NULL, err);
}
