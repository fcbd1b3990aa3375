/* SPDX-License-Identifier: MIT */
/* Option bytes are set while write protection is still to be put back. */
#include "base/error.h"
#include "plan/option_plan.h"
#include "session/lift.h"

/* By name. */
static bool protects(const struct s0_option_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].field->group == S0_OPTION_WRITE_PROTECTION)
			return true;
	return false;
}

s0_code lift_check_options(const struct s0_session *session,
			   const struct s0_option_plan *plan,
			   struct s0_error *err)
{
	const struct s0_option_field *swap =
		s0_option_with(plan->chip, S0_OPTION_SWAP_BANKS, NULL);
	bool swaps = false;

	for (size_t i = 0; i < plan->count; i++)
		swaps |= plan->steps[i].field == swap ||
			 plan->steps[i].field->role == S0_OPTION_BANK_MODE;
	if (!session->journal->lifted || !swaps || protects(plan) ||
	    lift_is_elsewhere(session))
		return S0_OK;
	error_add_cause(err, S0_CAUSE_LIFTED);
	return error_set(err, S0_E_REFUSED,
			 "an earlier run that was cut has left sectors without "
			 "their write protection, which could not be put back "
			 "once the banks are swapped or cut otherwise");
}

void lift_options_set(struct s0_session *session,
		      const struct s0_option_plan *plan)
{
	if (!protects(plan))
		return;
	if (session->journal->lifted)
		session_warn(session,
			     "write protection that an earlier run had left "
			     "off is not put back any more: what was set now "
			     "counts");
	(void)journal_lift_done(session->journal, NULL);
}
