/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "trace_help.h"

#include <stdio.h>
#include <string.h>

#include "board.h"

static bool keep(void *payload, const void *bytes, size_t length)
{
	text_add_bytes(payload, bytes, length);
	return true;
}

static const struct s0_trace_outcome success = { 0, S0_OK, S0_UNTOUCHED, "" };

struct s0_recorder *recorder_on(struct text *trace)
{
	static const char *const words[] = { "a", "b c" };
	struct s0_trace_head head = { "tests", "today", words, 2, "sim:x" };
	struct s0_recorder *recorder;

	assert_int_equal(s0_recorder_new(&head, keep, trace, &recorder, NULL),
			 S0_OK);
	return recorder;
}

struct s0_trace *parse(const struct text *text)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_trace *trace = NULL;

	if (s0_trace_parse("t", text->chars, text->length, &trace, &err))
		print_message("# %s\n", err.message);
	assert_non_null(trace);
	return trace;
}

static void progress(void *payload, const struct s0_progress *now)
{
	struct job *job = payload;

	if (job->stop_at && now->stage == S0_STAGE_WRITE &&
	    now->done >= job->stop_at)
		s0_session_cancel(job->session);
}

void job_run(struct s0_context *context, const char *selector, struct job *job)
{
	struct s0_image *image =
		board_image(job->address ? job->address : 0x08020000, 6000, 5);
	struct s0_policy policy = { .keep = true };
	struct s0_device *device = NULL;
	struct s0_plan *plan = NULL;
	s0_code code;

	job->err = (struct s0_error)S0_ERROR_INIT;
	code = s0_device_open(context, selector, &device, &job->err);
	if (code == S0_OK)
		code = s0_session_new(device, &job->session, &job->err);
	if (code == S0_OK) {
		s0_session_set_progress(job->session, progress, job);
		code = s0_session_plan(job->session, image, &policy, &plan,
				       &job->err);
	}
	if (code == S0_OK)
		code = s0_session_run(job->session, plan, &job->result,
				      &job->err);
	assert_int_equal(code, job->err.code);
	s0_plan_free(plan);
	s0_session_free(job->session);
	s0_device_close(device);
	s0_image_free(image);
	job->session = NULL;
}

void record(struct text *trace, const char *selector, const char *state,
	    struct job *job)
{
	struct s0_recorder *recorder = recorder_on(trace);
	struct s0_context *context;

	assert_int_equal(s0_context_new(&context, NULL), S0_OK);
	assert_int_equal(s0_context_set_state_dir(context, state, NULL), S0_OK);
	s0_context_set_recorder(context, recorder);
	job_run(context, selector, job);
	s0_context_free(context);
	s0_recorder_add_outcome(recorder, &success);
	assert_true(s0_recorder_complete(recorder));
	s0_recorder_free(recorder);
}

uint64_t replay(const struct s0_trace *trace, struct job *job,
		struct s0_trace_difference *ret_difference)
{
	struct s0_context *context;
	struct s0_replay *again;
	uint64_t transfers;

	assert_int_equal(s0_context_new(&context, NULL), S0_OK);
	assert_int_equal(s0_replay_new(trace, &again, NULL), S0_OK);
	s0_context_set_replay(context, again);
	job_run(context, "usb:7-7", job);
	s0_context_free(context);
	s0_replay_add_outcome(again, &success);
	memset(ret_difference, 0, sizeof *ret_difference);
	if (s0_replay_difference(again))
		*ret_difference = *s0_replay_difference(again);
	transfers = s0_replay_transfers(again);
	s0_replay_free(again);
	return transfers;
}

struct s0_trace *make_trace(struct text *text, const char *selector,
			    uint32_t address)
{
	struct job job = { .address = address };

	memset(text, 0, sizeof *text);
	record(text, selector, NULL, &job);
	return parse(text);
}
