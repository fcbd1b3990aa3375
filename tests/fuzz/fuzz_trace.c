/* SPDX-License-Identifier: MIT */

/* A trace from a stranger: shown, lived through again with everything that a
 * device is used for, and asked of the virtual chip. Whatever it says, the host
 * and its files are left alone, and what is called the same was asked for. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/sector0.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void stop(const char *why)
{
	(void)fprintf(stderr, "%s\n", why);
	abort();
}

static void count_line(void *payload, const char *line)
{
	if (strchr(line, '\n'))
		stop("a line with a line end");
	++*(size_t *)payload;
}

static void show(const struct s0_trace *trace)
{
	struct s0_trace_summary sum;
	size_t lines = 0, end = 0;

	s0_trace_summarise(trace, &sum);
	if (s0_trace_print(trace, count_line, &lines, NULL) != S0_OK ||
	    lines == 0 || sum.all.transfers > s0_trace_count(trace))
		stop("the trace is not shown");
	for (size_t i = 0; i < s0_trace_count(trace); i++)
		if (!s0_trace_line(trace, i, &end) || end == 0)
			stop("a line is missing");
	if (s0_trace_line(trace, s0_trace_count(trace), &end))
		stop("a line too many");
}

static bool drop(void *payload, const void *data, size_t length)
{
	(void)payload;
	(void)data;
	return length > 0;
}

static void use(struct s0_session *session)
{
	static const char what[] = "sixteen bytes is";
	struct s0_image *image;
	struct s0_plan *plan = NULL;

	if (s0_image_new(&image, NULL) != S0_OK ||
	    s0_image_add(image, "x", 0x08000000, what, 16, NULL) != S0_OK)
		abort();
	if (s0_session_plan(session, image, NULL, &plan, NULL) == S0_OK)
		(void)!s0_session_run(session, plan, NULL, NULL);
	s0_plan_free(plan);
	s0_image_free(image);
	(void)!s0_session_read(session, 0x08000000, 5000, drop, NULL, NULL,
			       NULL);
	(void)!s0_session_erase(session, 0, 0, NULL, NULL);
	(void)!s0_session_start(session, 0, NULL, NULL);
}

static void replay(const struct s0_trace *trace)
{
	struct s0_trace_outcome outcome = { 0, S0_OK, S0_UNTOUCHED, "" };
	struct s0_session *session = NULL;
	struct s0_candidate *list = NULL;
	struct s0_device *device = NULL;
	struct s0_context *context;
	struct s0_replay *again;
	size_t count = 0;

	if (s0_context_new(&context, NULL) != S0_OK ||
	    s0_replay_new(trace, &again, NULL) != S0_OK)
		abort();
	s0_context_set_replay(context, again);
	/* The state of this directory must not change, nor matter. */
	if (s0_context_set_state_dir(context, "/nonexistent/sector0", NULL) !=
	    S0_OK)
		abort();
	if (s0_trace_count(trace) % 2)
		(void)!s0_device_find(context, &list, &count, NULL);
	if (s0_device_open(context, "usb:9-9", &device, NULL) == S0_OK &&
	    s0_session_new(device, &session, NULL) == S0_OK)
		use(session);
	s0_session_free(session);
	s0_device_close(device);
	s0_candidates_free(list);
	s0_replay_add_outcome(again, &outcome);
	if (s0_replay_transfers(again) > s0_trace_count(trace))
		stop("more transfers than there are");
	s0_replay_free(again);
	s0_context_free(context);
}

static void check(const struct s0_trace *trace, const char *profile)
{
	struct s0_trace_check_options options = { .description = profile,
						  .times = true,
						  .percent = 10 };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_trace_checked checked;
	s0_code code = s0_trace_check(trace, &options, &checked, &err);

	if (code != err.code || (code != S0_OK && err.message[0] == '\0'))
		stop("an error that is not explained");
	if ((code == S0_E_DIFFERENT) != (checked.difference.field[0] != '\0'))
		stop("a difference that is not named");
	if (strstr(checked.description, ",file="))
		stop("a file of the host would be opened");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_trace *trace = NULL;
	s0_code code = s0_trace_parse("fuzz", bytes, length, &trace, &err);

	if (code != err.code || (code != S0_OK && err.message[0] == '\0'))
		stop("an error that is not explained");
	if (code != S0_OK)
		return 0;
	show(trace);
	replay(trace);
	check(trace, NULL);
	check(trace, "stm32h743,rom=0x92");
	s0_trace_free(trace);
	return 0;
}
