/* SPDX-License-Identifier: MIT */
/* A run, from its beginning to its end, with what is left after a failure. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "session/lift.h"
#include "session/run.h"

/* What is left to be done, and nothing else. */
static s0_code plan_the_rest(struct run *run, struct s0_error *err)
{
	const struct s0_plan *plan = run->plan;
	struct s0_session *session = run->session;
	struct s0_plan *left = NULL;
	s0_code code;

	journal_drop_row(session->journal);
	code = session_plan_rest(session, plan, run->at, session->op.hurt,
				 &left, err);
	if (code != S0_OK)
		return code;
	s0_plan_free(run->left);
	run->plan = run->left = left;
	run->at = 0;
	/* It was compared just now. */
	session->result.verified_bytes =
		left->summary.skipped_bytes - left->summary.trusted_bytes;
	session->op.proven = left->summary.skipped_bytes;
	return S0_OK;
}

s0_code run_attempt(struct s0_session *session, void *work,
		    struct s0_error *err)
{
	struct run *run = work;
	s0_code code = run->again ? plan_the_rest(run, err) : S0_OK;

	run->again = true;
	if (code == S0_OK)
		code = run_make_room(run, err);
	/* Recorded anew, for what is left. */
	if (code == S0_OK)
		code = journal_drop_ready(session->journal, err);
	if (code == S0_OK)
		code = session_prepare(session, run->plan, err);
	if (code != S0_OK)
		return code;
	code = run_steps(run, err);
	/* After a write without a verification it is in dfuDNLOAD-IDLE. */
	if (code == S0_OK && run->plan->policy.no_verify &&
	    !session->result.started)
		code = session->target->ops->settle(session->target, err);
	return code;
}

static void begin(struct s0_session *session, const struct s0_plan *plan)
{
	struct s0_result survey = session->survey;

	/* The survey belongs to the operation; the time in between does not. */
	session_begin(session);
	session->op.survey_us = survey.time_us;
	session->op.survey_transfers = survey.transfers;
	session->op.survey_wire_us = survey.times.wire_us;
	session->op.survey_wait_us = survey.times.wait_us;
	session->result.reconnects += survey.reconnects;
	session->result.retries += survey.retries;
	session->survey = (struct s0_result){ 0 };
	session->op.progress.estimate_us = plan->summary.estimate_us;
	session->result.skipped_bytes = plan->summary.skipped_bytes;
	/* They were compared when the plan was made. */
	session->result.trusted_bytes = plan->summary.trusted_bytes;
	session->result.verified_bytes =
		plan->summary.skipped_bytes - plan->summary.trusted_bytes;
	session->result.floor_us = plan->summary.floor_us;
	session->op.unprotected = plan->policy.unprotected;
	/* What was cut in a write would have to be erased first; and what was
	 * saved for a rollback must not be mixed with what is new. */
	session->op.at_once =
		plan->policy.erase == S0_ERASE_NONE || plan->policy.rollback;
	session->op.proven = plan->summary.skipped_bytes;
}

static const char *what_lacks(const struct run *run)
{
	const struct s0_plan *plan = run->plan;
	bool write = run->session->op.trouble.code != S0_OK, verify = false;

	for (size_t i = run->at; i < plan->step_count; i++) {
		s0_step_kind kind = plan->steps[i].kind;

		verify |= kind == S0_STEP_VERIFY;
		write |= kind != S0_STEP_VERIFY && kind != S0_STEP_START;
	}
	return write	? "the firmware is not whole"
	       : verify ? "not all of it is verified"
			: "the firmware is not started";
}

/* An orderly stop can tell what the flash holds. */
static void say_how_far(const struct run *run, const struct s0_plan *plan,
			struct s0_error *err)
{
	const struct s0_session *session = run->session;
	const struct s0_plan_summary *sum = &plan->summary;

	if (!err || err->code != S0_E_CANCELLED)
		return;
	(void)snprintf(err->message, sizeof err->message,
		       "stopped as asked: %zu of %zu sectors are erased, %llu "
		       "of %llu bytes written; %s",
		       session->erased_count, sum->erase_count,
		       (unsigned long long)session->result.written_bytes,
		       (unsigned long long)sum->write_bytes, what_lacks(run));
}

/* What other runs left waiting is not mended by this one. */
static void say_what_waits(struct s0_session *session)
{
	struct s0_unfinished left, cut = { 0 };
	unsigned count = 0, lost = 0;

	for (size_t i = 0; s0_session_unfinished(session, i, &left); i++) {
		count += left.saved;
		if (!left.saved && (!lost++ || left.address < cut.address))
			cut = left;
	}
	if (count)
		session_warn(session,
			     "what an earlier run that was cut had saved of "
			     "%u sector%s still waits: 'sector0 recover' puts "
			     "it back",
			     count, count == 1 ? "" : "s");
	if (lost)
		session_warn(session,
			     "an earlier run was cut in %u sector%s that this "
			     "one does not touch, the first at 0x%08x: what "
			     "they hold cannot be relied on, and reading it "
			     "may stop the chip; 'sector0 erase 0x%08x %u' "
			     "mends the first",
			     lost, lost == 1 ? "" : "s", cut.address,
			     cut.address, cut.length);
}

s0_code s0_session_run(struct s0_session *session, const struct s0_plan *plan,
		       struct s0_result *ret_result, struct s0_error *err)
{
	struct run run = { .session = session, .plan = plan };
	size_t given_up = plan->policy.erase == S0_ERASE_ALL
				  ? journal_count_saved(session->journal)
				  : 0;
	s0_code code;

	begin(session, plan);
	code = session_lift(session, lift_plan_needs, plan, err);
	if (code == S0_OK)
		code = session_persist(session, run_attempt, &run, err);
	if (code == S0_E_CANCELLED && session->op.changed && !session->op.lost)
		say_how_far(&run, plan, err);
	if (code == S0_OK)
		session->result.kept_bytes = plan->summary.kept_bytes;
	if (code != S0_OK && plan->policy.rollback && session->op.changed &&
	    !run.verified)
		session->op.restored = session_roll_back(session, code, err);
	code = session_unlift(session, code, err);
	/* What was recorded and never begun is of no use to anybody. */
	(void)journal_drop_ready(session->journal, NULL);
	if (code == S0_OK) {
		session_tell_given_up(session, given_up);
		say_what_waits(session);
	} else if (!session->op.changed)
		(void)journal_tidy(session->journal, NULL);
	if (code != S0_OK)
		plan_name_segment(plan, err);
	s0_plan_free(run.left);
	free(run.bytes);
	return session_end(session, code, ret_result, err);
}
