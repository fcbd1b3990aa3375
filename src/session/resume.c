/* SPDX-License-Identifier: MIT */
/*
 * Going on after a failure that may pass. The chip is brought back, proven to
 * be the one that it was, and the work is begun again from what is known to be
 * done. What was needed is counted and told: it is a symptom, like what the
 * target got over by making a request again.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "session/session.h"

/* How often an operation is taken up again. */
#define RESUMES 3

/* Between two looks at a device that is there and does not do. */
#define PAUSE_US 250000u

/* bStatus of DFU 1.1 that say no to what was asked, now and later. */
static bool says_no(int dfu_status)
{
	enum { ERR_TARGET = 1, ERR_FILE = 2, ERR_ADDRESS = 8, ERR_VENDOR = 11 };

	return dfu_status == ERR_TARGET || dfu_status == ERR_FILE ||
	       dfu_status == ERR_ADDRESS || dfu_status == ERR_VENDOR;
}

static bool may_pass(const struct s0_session *session,
		     const struct s0_error *why)
{
	if ((session->op.at_once && session->op.changed) ||
	    why->cause == S0_CAUSE_NEEDS_RESET)
		return false;
	/* Without an effect: write protection, or cells that were not reached. */
	if (why->cause == S0_CAUSE_NO_EFFECT && !session->op.unprotected)
		return false;
	if (why->cause >= S0_CAUSE_OPTIONS_SENT &&
	    why->cause <= S0_CAUSE_OPTIONS_NO_EFFECT)
		return false;
	switch (why->code) {
	case S0_E_GONE:
	case S0_E_TIMEOUT:
	case S0_E_PROTOCOL:
		return true;
	case S0_E_REFUSED:
		return !says_no(why->dfu_status);
	case S0_E_MISMATCH:
		return true;
	case S0_E_NOT_ERASED:
		return why->cause == S0_CAUSE_NO_EFFECT;
	default:
		return false;
	}
}

/* How far an attempt came; what is proven counts most. */
struct mark {
	uint64_t proven, step, done;
};

static struct mark mark_of(const struct s0_session *session)
{
	const struct operation *op = &session->op;

	return (struct mark){ op->proven, op->step, op->progress.done };
}

static bool further(const struct mark *now, const struct mark *before)
{
	if (now->proven != before->proven)
		return now->proven > before->proven;
	if (now->step != before->step)
		return now->step > before->step;
	return now->done > before->done;
}

static bool go_on(void *payload)
{
	return !session_stopped(payload);
}

/* Wait for it, until it answers and has been recognised. */
static s0_code wait_for(struct s0_session *session, s0_code code, uint64_t end,
			struct s0_error *err)
{
	struct s0_device *device = session->device;
	struct target *target = session->target;
	uint64_t now = target->ops->now_us(target);
	bool there, late = false;
	struct s0_error why;

	for (;;) {
		uint64_t left_ms = now < end ? (end - now + 999) / 1000 : 1;

		why = (struct s0_error)S0_ERROR_INIT;
		code = device->reopen(device, code, (uint32_t)left_ms, go_on,
				      session, &why);
		there = code == S0_OK;
		if (there)
			code = device->recognise(device, &why);
		if (code == S0_OK || code == S0_E_CANCELLED ||
		    why.cause == S0_CAUSE_OTHER_DEVICE)
			break;
		now = target->ops->now_us(target);
		/* What is there may have taken all the time for one answer that
		 * got lost: it is asked once more. */
		if (now >= end && (late || !there))
			break;
		late = now >= end;
		target->ops->wait_us(target, PAUSE_US);
	}
	if (code != S0_OK)
		*err = why;
	return code;
}

/* Bring the device back to where it takes commands; err is why it is not
 * there, and is replaced where more is to be said than that. */
static s0_code bring_back(struct s0_session *session, struct s0_error *err)
{
	struct s0_result *result = &session->result;
	struct s0_device *device = session->device;
	struct target *target = session->target;
	struct s0_error own = S0_ERROR_INIT;
	uint64_t limit_us = device->reconnect_ms * UINT64_C(1000);
	s0_code code = err->code;
	size_t used;

	if (code != S0_E_GONE)
		code = target->ops->settle(target, NULL);
	if (code == S0_OK) {
		result->retries++;
		return S0_OK;
	}
	session->op.lost = true;
	code = wait_for(session, code, target->ops->now_us(target) + limit_us,
			&own);
	if (code == S0_OK) {
		session->op.lost = false;
		result->reconnects++;
		return S0_OK;
	}
	used = strlen(own.message);
	if (code == S0_E_CANCELLED)
		(void)snprintf(own.message + used, sizeof own.message - used,
			       ": %s", err->message);
	if (code == S0_E_CANCELLED || own.cause == S0_CAUSE_OTHER_DEVICE) {
		*err = own;
		return code;
	}
	used = strlen(err->message);
	(void)snprintf(err->message + used, sizeof err->message - used,
		       "; it did not come back within %g s",
		       device->reconnect_ms / 1000.0);
	return err->code;
}

/* The same, booked as waiting. */
s0_code session_bring_back(struct s0_session *session, struct s0_error *err)
{
	struct target *target = session->target;
	struct target_stats *stats = &target->stats;
	uint64_t start = target->ops->now_us(target), wire = stats->wire_us10;
	s0_code code = bring_back(session, err);
	uint64_t took = target->ops->now_us(target) - start;

	stats->last_us = start + took;
	stats->wait_us += took;
	stats->wire_us10 = wire;
	if (code != S0_OK)
		error_add_wait(err, took, 0);
	return code;
}

s0_code session_await(struct s0_session *session, uint32_t limit_ms,
		      struct s0_error *err)
{
	struct target *target = session->target;
	struct target_stats *stats = &target->stats;
	uint64_t start = target->ops->now_us(target), wire = stats->wire_us10;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code;

	session->op.lost = true;
	code = wait_for(session, S0_E_GONE, start + limit_ms * UINT64_C(1000),
			&why);
	session->op.lost = code != S0_OK;
	stats->last_us = target->ops->now_us(target);
	stats->wait_us += stats->last_us - start;
	stats->wire_us10 = wire;
	if (code == S0_OK)
		return S0_OK;
	/* The last look was a short one. */
	if (code == S0_E_GONE && why.cause == S0_CAUSE_NONE)
		(void)snprintf(why.message, sizeof why.message,
			       "the device left the bus, and did not come back "
			       "within %g s",
			       limit_ms / 1000.0);
	error_add_wait(&why, stats->last_us - start, 0);
	if (err && err->code == S0_OK)
		*err = why;
	return code;
}

/* The first counts, with where it was. */
static void note_trouble(struct s0_session *session, const struct s0_error *why)
{
	struct operation *op = &session->op;

	if (op->trouble.code != S0_OK)
		return;
	op->trouble = *why;
	op->trouble_in = s0_stage_name(op->progress.stage);
	if (!why->length) {
		op->trouble.address = op->progress.address;
		op->trouble.length = op->progress.address ? 1 : 0;
	}
}

/* What was erased before may have been hit since. */
static void doubt(struct s0_session *session, const struct s0_error *why)
{
	for (size_t i = 0; i < session->erased_count; i++)
		session->erased[i].doubtful = true;
	note_trouble(session, why);
}

void session_got_over(struct s0_session *session, unsigned times,
		      const struct s0_error *why)
{
	session->result.retries += times;
	session->op.asked_again += times;
	note_trouble(session, why);
}

void session_take_retries(struct s0_session *session)
{
	struct target_retries *retries = &session->target->retries;

	if (retries->count)
		session_got_over(session, retries->count, &retries->first);
	*retries = (struct target_retries){ .first = S0_ERROR_INIT };
}

/* A queue that is to blame is a limit, and no symptom. */
static const char *of_what(struct s0_session *session)
{
	if (!session->target->one_at_a_time || session->told_slow)
		return "all was done, but this is a symptom, of the supply, "
		       "the cable or the chip: 'sector0 doctor' looks at the "
		       "link, 'sector0 doctor --stress' tells which";
	session->told_slow = true;
	return "it fails when USB transfers are handed over together and not "
	       "when one is by itself, so the device is given one at a time, "
	       "which takes longer";
}

void session_tell_retries(struct s0_session *session)
{
	const struct s0_result *result = &session->result;
	const struct s0_error *first = &session->op.trouble;
	char times[64] = "", at[24] = "";

	if (first->code == S0_OK)
		return;
	if (result->reconnects)
		(void)snprintf(times, sizeof times, "%u reconnect%s%s",
			       result->reconnects,
			       result->reconnects == 1 ? "" : "s",
			       result->retries ? " and " : "");
	if (result->retries)
		(void)snprintf(times + strlen(times),
			       sizeof times - strlen(times), "%u retr%s",
			       result->retries,
			       result->retries == 1 ? "y" : "ies");
	if (session->op.damaged.length) {
		session_warn(session,
			     "it took %s: reading 0x%08x stops the bootloader "
			     "each time: a flash word there is damaged, torn "
			     "by an erase or a write that was cut; the sector "
			     "at 0x%08x has to be erased, and is not read "
			     "before",
			     times, session->op.hurt,
			     session->op.damaged.address);
		return;
	}
	if (first->length)
		(void)snprintf(at, sizeof at, " at 0x%08x", first->address);
	session_warn(session, "it took %s: %s (%s%s); %s", times,
		     first->message, session->op.trouble_in, at,
		     of_what(session));
}

s0_code session_persist(struct s0_session *session, session_work_fn work,
			void *payload, struct s0_error *err)
{
	bool idle = false, got_further; /* than any attempt before */
	struct mark most = { 0 }, now;
	struct s0_error why;
	unsigned tries = 0;
	s0_code code;

	for (;; tries++) {
		why = (struct s0_error)S0_ERROR_INIT;
		code = work(session, payload, &why);
		if (code != S0_OK)
			code = session_note_stop(session, &why);
		if (code == S0_OK || !session->device->reconnect_ms ||
		    !may_pass(session, &why) || tries == RESUMES)
			break;
		now = mark_of(session);
		got_further = !tries || further(&now, &most);
		if (idle && !got_further)
			break;
		idle = !got_further;
		if (got_further)
			most = now;
		doubt(session, &why);
		code = session_bring_back(session, &why);
		if (code == S0_OK)
			code = session_probe(session, &why);
		if (code != S0_OK)
			break;
	}
	error_add_wait(&why, 0, tries);
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}
