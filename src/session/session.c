/* SPDX-License-Identifier: MIT */
#include "session/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Has a stop been asked for? A recorded session is told here when it was. */
bool session_stopped(struct s0_session *session)
{
	struct s0_device *device = session->device;
	bool asked = session->cancelled != 0;

	if (session->closing)
		return false;
	return device->stop ? device->stop(device, asked) : asked;
}

/* The target asks between transfers. */
static bool go_on(void *payload, uint32_t done)
{
	struct s0_session *session = payload;
	struct operation *op = &session->op;

	op->progress.done = op->done_before + done;
	op->progress.time_us =
		session->target->stats.last_us - op->start_us + op->survey_us;
	if (session->progress)
		session->progress(session->progress_payload, &op->progress);
	return !session_stopped(session);
}

static void damaged(uint64_t end, struct s0_error *why)
{
	error_add_cause(why, S0_CAUSE_RECORDS_DAMAGED);
	(void)error_set(why, S0_E_FILE,
			"this host's records of this chip are damaged at byte "
			"%llu, and behind that stands that a run was cut in "
			"it",
			(unsigned long long)end);
}

static void other_chip(const struct journal *journal, struct s0_error *why)
{
	error_add_cause(why, S0_CAUSE_RECORDS_OTHER);
	(void)error_set(why, S0_E_FILE,
			"what stands where this host's records of this chip "
			"should be are the records of another chip, with the "
			"unique ID %s",
			journal->told);
}

/* What is damaged or another chip's is left as it is: nothing is changed that it may speak of. */
static s0_code check_records(struct s0_session *session,
			     struct s0_device *device, struct s0_error *err)
{
	struct s0_error *why = &device->no_records;
	struct store *store;
	uint64_t end;
	s0_code code;

	if (!journal_is_of(session->journal, device->info.uid))
		other_chip(session->journal, why);
	else if (journal_is_damaged(session->journal, &end))
		damaged(end, why);
	else
		return S0_OK;
	journal_close(session->journal);
	session->journal = NULL;
	code = no_store_new(why, &store, err);
	return code == S0_OK ? journal_open(store, &session->journal, err)
			     : code;
}

s0_code s0_session_new(struct s0_device *device,
		       struct s0_session **ret_session, struct s0_error *err)
{
	struct s0_session *session = calloc(1, sizeof *session);
	struct store *store;
	s0_code code;

	if (!session)
		return error_memory(err);
	code = device->open_records(device, &store, err);
	if (code == S0_OK)
		code = journal_open(store, &session->journal, err);
	if (code == S0_OK)
		code = check_records(session, device, err);
	if (code != S0_OK) {
		free(session);
		return code;
	}
	session->device = device;
	session->target = device->target;
	session->target->go_on = go_on;
	session->target->payload = session;
	*ret_session = session;
	return S0_OK;
}

s0_code s0_session_check_records(const struct s0_session *session,
				 struct s0_error *err)
{
	const struct s0_error *why = &session->device->no_records;

	if (why->code == S0_OK)
		return S0_OK;
	error_add_cause(err, why->cause);
	return error_set(err, why->code, "%s", why->message);
}

void s0_session_free(struct s0_session *session)
{
	if (!session)
		return;
	session->target->go_on = NULL;
	journal_close(session->journal);
	free(session->erased);
	free(session);
}

void s0_session_set_progress(struct s0_session *session,
			     s0_progress_fn progress, void *payload)
{
	session->progress = progress;
	session->progress_payload = payload;
}

void s0_session_set_warning(struct s0_session *session, s0_line_fn warning,
			    void *payload)
{
	session->warning = warning;
	session->warning_payload = payload;
}

void s0_session_cancel(struct s0_session *session)
{
	session->cancelled = 1;
}

size_t s0_session_erased_count(const struct s0_session *session)
{
	return session->erased_count;
}

bool s0_session_erased(const struct s0_session *session, size_t index,
		       uint32_t *ret_address, uint32_t *ret_length)
{
	if (index >= session->erased_count)
		return false;
	*ret_address = session->erased[index].address;
	*ret_length = session->erased[index].length;
	return true;
}

static size_t count_notes(const struct journal *journal, bool begun,
			  uint32_t *ret_first)
{
	size_t count = 0;

	for (size_t i = 0; i < journal->count; i++)
		if (note_is_begun(&journal->notes[i]) == begun && !count++ &&
		    ret_first)
			*ret_first = journal->notes[i].address;
	return count;
}

size_t s0_session_noted(const struct s0_session *session, uint32_t *ret_first)
{
	return count_notes(session->journal, true, ret_first);
}

size_t s0_session_unreadable(const struct s0_session *session,
			     uint32_t *ret_first)
{
	return count_notes(session->journal, false, ret_first);
}

size_t s0_session_left_open(const struct s0_session *session,
			    uint32_t *ret_first)
{
	const struct facts *facts = &session->journal->facts;
	uint32_t first = UINT32_MAX;
	size_t count = 0;

	for (size_t i = 0; i < facts->held_count; i++) {
		const struct held *held = &facts->held[i];

		if (!held_is_open(held))
			continue;
		count++;
		first = held->address < first ? held->address : first;
	}
	if (count && ret_first)
		*ret_first = first;
	return count;
}

const char *s0_stage_name(s0_stage stage)
{
	static const char *const names[] = { "survey", "erase", "write",
					     "verify", "read",	"start" };

	return (unsigned)stage < sizeof names / sizeof names[0] ? names[stage]
								: "?";
}

void session_warn(struct s0_session *session, const char *format, ...)
{
	char line[512];
	va_list args;

	if (!session->warning)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	session->warning(session->warning_payload, line);
}

void session_begin(struct s0_session *session)
{
	struct s0_device *device = session->device;
	struct target *target = session->target;

	if (device->no_records.code != S0_OK && !session->told_unrecorded)
		session_warn(session,
			     "%s; without this host's records it is not known "
			     "whether another run is at work on this chip, or "
			     "was cut on it, and nothing can be changed",
			     device->no_records.message);
	session->told_unrecorded = true;
	session->op = (struct operation){ .before = target->stats };
	session->op.start_us = target->ops->now_us(target);
	session->op.trouble = device->trouble;
	session->result = (struct s0_result){
		.reconnects = device->reconnects,
		.retries = device->retries,
	};
	device->trouble = (struct s0_error)S0_ERROR_INIT;
	device->reconnects = device->retries = 0;
	session->erased_count = 0;
	target->stats.last_us = session->op.start_us;
	session_take_retries(session);
	session->op.trouble_in = "open";
}

void session_stage(struct s0_session *session, s0_stage stage, uint64_t total)
{
	struct s0_progress *progress = &session->op.progress;

	session_take_retries(session);
	progress->stage = stage;
	progress->total = total;
	progress->done = 0;
	session->op.done_before = 0;
	if (session->progress && total)
		session->progress(session->progress_payload, progress);
}

void session_advance(struct s0_session *session, uint32_t address,
		     uint64_t bytes)
{
	struct operation *op = &session->op;

	op->done_before += bytes;
	op->progress.address = address;
	(void)go_on(session, 0);
}

void session_stage_done(struct s0_session *session)
{
	struct operation *op = &session->op;

	op->progress.done = op->progress.total;
	if (session->progress && op->progress.total)
		session->progress(session->progress_payload, &op->progress);
}

s0_code s0_session_check_cancel(struct s0_session *session,
				struct s0_error *err)
{
	if (!session_stopped(session))
		return S0_OK;
	return error_set(err, S0_E_CANCELLED, "stopped as asked");
}

static void count(struct s0_session *session)
{
	const struct operation *op = &session->op;
	const struct target_stats *now = &session->target->stats;
	struct s0_result *result = &session->result;
	struct s0_times *times = &result->times;
	uint64_t known;

	result->transfers =
		now->transfers - op->before.transfers + op->survey_transfers;
	result->time_us = now->last_us - op->start_us + op->survey_us;
	times->erase_us = now->erase_us - op->before.erase_us;
	times->program_us = now->program_us - op->before.program_us;
	times->wait_us = now->wait_us - op->before.wait_us + op->survey_wait_us;
	times->proof_us = op->proof_us;
	times->wire_us = (now->wire_us10 - op->before.wire_us10) / 10 +
			 op->survey_wire_us;
	known = times->erase_us + times->program_us + times->wait_us +
		times->proof_us + times->wire_us;
	times->host_us = result->time_us > known ? result->time_us - known : 0;
}

/*
 * After an orderly stop no operation was cut: the sectors that this run has
 * erased can be read, whatever they hold. Those whose bytes are still to be
 * brought back keep their notes.
 */
static void forget_readable(struct s0_session *session)
{
	struct journal *journal = session->journal;

	for (size_t i = 0; i < session->erased_count; i++) {
		const struct note *note =
			journal_find(journal, session->erased[i].address);

		if (!note || session->erased[i].doubtful ||
		    journal_has_kept(journal, note))
			continue;
		(void)journal_done(journal, note->address, NULL);
		journal_leave_open(journal, session->erased[i].address,
				   session->erased[i].length);
	}
	(void)journal_tidy(journal, NULL);
}

bool session_lost_sight(s0_code code)
{
	return code == S0_E_GONE || code == S0_E_TIMEOUT ||
	       code == S0_E_PROTOCOL;
}

/* Are bytes that were to be kept in the host's records alone? */
static bool keeps_waiting(const struct s0_session *session)
{
	struct s0_unfinished left;

	for (size_t i = 0; s0_session_unfinished(session, i, &left); i++)
		if (left.saved)
			return true;
	return false;
}

static void tell_slow(struct s0_session *session)
{
	if (!session->target->one_at_a_time || session->told_slow)
		return;
	session->told_slow = true;
	session_warn(session,
		     "the device did not take USB transfers that were handed "
		     "over together; it is given one at a time, which takes "
		     "longer");
}

s0_code session_end(struct s0_session *session, s0_code code,
		    struct s0_result *ret_result, struct s0_error *err)
{
	session_take_retries(session);
	count(session);
	if (code == S0_OK)
		session_tell_retries(session);
	tell_slow(session);
	if (ret_result)
		*ret_result = session->result;
	if (code == S0_OK)
		return code;
	journal_drop_row(session->journal);
	error_add_wait(err, 0, session->op.asked_again);
	if (err)
		err->aftermath = session->op.restored && !session->op.lifted
					 ? S0_RESTORED
				 : !session->op.changed && !session->op.lifted
					 ? S0_UNTOUCHED
				 : session->op.lost || session->op.unseen ||
						 session_lost_sight(code)
					 ? S0_UNKNOWN
					 : S0_PARTIAL;
	if (session->op.changed && session_lost_sight(code) &&
	    keeps_waiting(session))
		error_add_cause(err, S0_CAUSE_KEPT);
	if (!session->op.lost && code != S0_E_GONE &&
	    session->target->ops->settle(session->target, NULL) == S0_OK &&
	    code == S0_E_CANCELLED)
		forget_readable(session);
	return code;
}
