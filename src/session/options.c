/* SPDX-License-Identifier: MIT */
/* Changing option bytes, and taking the read-out protection off. */
#include <sector0/option_session.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/option_plan.h"
#include "session/lift.h"
#include "session/option_write.h"

/* What came of a change that was cut, by what is there now. */
void session_tell_cut_options(struct s0_session *session, const uint8_t *now)
{
	struct journal *journal = session->journal;
	const struct s0_chip *chip = session->device->info.chip;
	size_t length = journal->options_length;
	const uint8_t *before = journal->options;
	struct text fields = { 0 };

	if (!before || length != s0_option_length(chip))
		return;
	if ((options_show(chip, now, before + length, length) &&
	     options_raw_show(chip, now, before, before + length, length,
			      NULL)) ||
	    options_show_exchanged(chip, now, before, before + length,
				   length)) {
		session_warn(session, "an earlier change of the option bytes "
				      "was cut; it has been made all the same");
	} else if (options_same(chip, now, before, length) &&
		   options_raw_same(chip, now, before, before + length, length,
				    NULL)) {
		/* At level 1 a chip may hide its unique ID, and who has undone
		 * it had no record of this. */
		session_warn(session,
			     "an earlier change of the option bytes was cut; "
			     "it has not been made%s",
			     options_level(chip, before, length, true) ==
					     options_level(chip,
							   before + length,
							   length, true)
				     ? ""
				     : ", or was undone since");
	} else {
		options_tell(chip, now, before + length, length, &fields);
		options_raw_tell(chip, now, before, before + length, length,
				 &fields);
		session_warn(session,
			     "an earlier change of the option bytes was cut, "
			     "and they are neither as before nor as asked "
			     "for: %s",
			     text_chars(&fields));
	}
	text_free(&fields);
	(void)journal_options_done(journal, NULL);
}

struct reading {
	uint8_t window[S0_OPTION_MAX];
};

static s0_code read_on(struct s0_session *session, void *work,
		       struct s0_error *err)
{
	struct reading *reading = work;

	return session_read_options(session, reading->window, err);
}

s0_code s0_session_read_options(struct s0_session *session,
				struct s0_error *err)
{
	struct reading reading;
	s0_code code;

	session_begin(session);
	code = session_persist(session, read_on, &reading, err);
	if (code == S0_OK)
		session_tell_cut_options(session, reading.window);
	if (code == S0_OK)
		session_tell_lifted(session);
	return session_end(session, code, NULL, err);
}

static bool recuts(const struct s0_option_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].field->role == S0_OPTION_BANK_MODE)
			return true;
	return false;
}

/* What is known of sectors is of others then. */
static s0_code begin_recut(struct s0_session *session, struct s0_error *err)
{
	size_t noted = s0_session_noted(session, NULL);

	if (noted)
		return error_set(
			err, S0_E_REFUSED,
			"an earlier run was cut in %zu sector%s, which "
			"would be others then: erase or flash them "
			"first",
			noted, noted == 1 ? "" : "s");
	session->device->layout_may_change = true;
	return journal_distrust(session->journal, err);
}

s0_code s0_session_set_options(struct s0_session *session,
			       const struct s0_option_plan *plan,
			       unsigned allow, struct s0_result *ret_result,
			       struct s0_error *err)
{
	s0_code code;

	session_begin(session);
	code = s0_option_plan_check(plan, allow, err);
	if (code == S0_OK && plan->chip != session->device->info.chip)
		code = error_set(err, S0_E_BUG,
				 "the plan was made for another chip");
	if (code == S0_OK)
		code = lift_check_options(session, plan, err);
	if (code == S0_OK && recuts(plan))
		code = begin_recut(session, err);
	if (code == S0_OK && plan->erases)
		code = journal_distrust(session->journal, err);
	if (code == S0_OK && plan->count)
		code = session_write_options(session, plan->before,
					     plan->window, err);
	if (code == S0_OK)
		lift_options_set(session, plan);
	if (code == S0_OK && recuts(plan))
		code = session->device->renew(session->device, err);
	session->device->layout_may_change = false;
	return session_end(session, code, ret_result, err);
}
