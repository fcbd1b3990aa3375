/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <errno.h>
#include <string.h>

#include "failure.h"
#include "say.h"

/* The recorder's sink: a trace that cannot go on is a pity, no more. */
static bool write_line(void *payload, const void *bytes, size_t length)
{
	struct app *app = payload;
	char line[512];

	if (os_append(&app->trace, bytes, length))
		return true;
	if (!app->recorder) /* the first line: the caller says what failed */
		return false;
	(void)snprintf(line, sizeof line,
		       "the recording in '%s' ends here, the run goes on: %s",
		       app->trace.path, strerror(app->trace.reason));
	if (app->told)
		say_aside(app, line);
	else
		say_warning(app, line);
	return false;
}

/* Is it the file that a word of the command line names? */
static bool names(const char *word, const char *path)
{
	const char *at = strrchr(word, '@');
	char file[4096];

	if (strcmp(word, path) == 0 || os_same_file(word, path))
		return true;
	if (!at || (size_t)(at - word) >= sizeof file)
		return false;
	memcpy(file, word, (size_t)(at - word));
	file[at - word] = '\0';
	return strcmp(file, path) == 0 || os_same_file(file, path);
}

static s0_code check_path(const struct app *app, const char *path,
			  struct s0_error *err)
{
	if (strcmp(path, "-") == 0)
		return fail_usage(err, "'--record' needs a file, not standard "
				       "output");
	for (size_t i = 0; i < app->args.word_count; i++)
		if (names(app->args.words[i], path))
			return fail_usage(err,
					  "the recording would take the place "
					  "of '%s'",
					  path);
	return S0_OK;
}

static s0_code begin(struct app *app, const struct s0_trace_head *head,
		     const char *path, struct s0_error *err)
{
	struct s0_recorder *recorder = NULL;
	s0_code code = os_begin_output(path, &app->trace, err);

	if (code != S0_OK)
		return code;
	code = s0_recorder_new(head, write_line, app, &recorder, NULL);
	if (code == S0_E_FILE)
		code = os_fail_output(&app->trace, err);
	else if (code != S0_OK)
		code = fail_memory(err);
	/* Whole from its first line on, so that a killed run leaves it. */
	if (code == S0_OK)
		code = os_place_output(&app->trace, err);
	if (code != S0_OK) {
		s0_recorder_free(recorder);
		(void)os_end_output(&app->trace, false, err);
		return code;
	}
	app->recorder = recorder;
	return S0_OK;
}

/* What will be in it is told, as it may be a secret; and what will not. */
static void announce(struct app *app, const char *path)
{
	s0_code (*run)(struct app *, struct s0_error *) = app->command->run;

	if (run == sim_run && app->args.word_count > 0 &&
	    strcmp(app->args.words[0], "serve") == 0)
		say_note(app,
			 "recording to '%s'; it will hold none of the requests "
			 "that are served: --log writes those down",
			 path);
	else if (run == sim_run || run == convert_run || run == trace_run)
		say_note(app, "recording to '%s'; no device is used", path);
	else
		say_note(app,
			 "recording to '%s'; it will hold all that is written "
			 "and read",
			 path);
}

s0_code record_begin(struct app *app, int argc, char **argv,
		     struct s0_error *err)
{
	const char *path = app->args.values[OPTION_RECORD];
	char program[64], date[32];
	struct s0_trace_head head = { .program = program, .date = date };
	s0_code code;

	if (!path || app->replay)
		return S0_OK;
	(void)snprintf(program, sizeof program, "sector0 %s", s0_version());
	os_date(date);
	head.command = (const char *const *)argv + (argc > 0);
	head.command_count = (size_t)(argc - (argc > 0));
	if (!app->args.values[OPTION_DEVICE])
		head.selector = app_selector(app);
	code = check_path(app, path, err);
	if (code == S0_OK)
		code = begin(app, &head, path, err);
	if (code != S0_OK)
		return code;
	s0_context_set_recorder(app->context, app->recorder);
	announce(app, path);
	return S0_OK;
}

static struct s0_trace_input describe(const char *name, const struct blob *blob)
{
	struct s0_trace_input input = { .name = name, .length = blob->length };
	struct s0_checksum sum;

	s0_checksum_start(&sum);
	s0_checksum_add(&sum, blob->bytes, blob->length);
	s0_checksum_end(&sum);
	memcpy(input.sha256, sum.sha256, sizeof input.sha256);
	return input;
}

s0_code record_input(struct app *app, const char *name, const struct blob *blob,
		     s0_code code, struct s0_error *err)
{
	struct s0_trace_input input = { .name = name, .length = UINT64_MAX };

	if (!app->recorder && !app->replay)
		return code;
	if (code == S0_OK)
		input = describe(name, blob);
	if (app->recorder && code == S0_OK)
		s0_recorder_add_input(app->recorder, &input);
	if (!app->replay || s0_replay_add_input(app->replay, &input))
		return code;
	return fail(err, S0_E_DIFFERENT,
		    "'%s' is not the file that was recorded", name);
}

void record_end(struct app *app, int status, const struct s0_error *err)
{
	struct s0_trace_outcome outcome = { .status = status,
					    .code = err->code,
					    .aftermath = err->aftermath,
					    .message = err->message };
	struct s0_error lost = S0_ERROR_INIT;

	if (app->replay)
		s0_replay_add_outcome(app->replay, &outcome);
	if (!app->recorder)
		return;
	s0_recorder_add_outcome(app->recorder, &outcome);
	if (os_end_output(&app->trace, true, &lost) != S0_OK &&
	    s0_recorder_complete(app->recorder))
		say_aside(app, lost.message);
	s0_recorder_free(app->recorder);
	app->recorder = NULL;
}
