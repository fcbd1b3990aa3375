/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "failure.h"
#include "json.h"
#include "os.h"
#include "say.h"
#include "text.h"

/* A trace and the bytes that it points into. */
struct loaded {
	struct blob blob;
	struct s0_trace *trace;
};

static void unload(struct loaded *loaded)
{
	s0_trace_free(loaded->trace);
	os_free_blob(&loaded->blob);
}

static s0_code load(const char *path, struct loaded *loaded,
		    struct s0_error *err)
{
	s0_code code = os_read_file(path, &loaded->blob, err);

	if (code == S0_OK)
		code = s0_trace_parse(path, loaded->blob.bytes,
				      loaded->blob.length, &loaded->trace, err);
	return code;
}

s0_code trace_fail_different(struct app *app,
			     const struct s0_trace_difference *difference,
			     const char *now, struct s0_error *err)
{
	char where[64] = "the end";

	if (difference->subject[0] != '\0')
		(void)snprintf(where, sizeof where, "%s", difference->subject);
	else if (difference->transfer)
		(void)snprintf(where, sizeof where, "transfer %llu",
			       (unsigned long long)difference->transfer);
	else if (difference->line)
		(void)snprintf(where, sizeof where, "line %zu",
			       difference->line);
	if (app->json)
		json_event("difference",
			   json_pack("{s:I, s:o, s:o, s:o, s:o}", "line",
				     (json_int_t)difference->line, "transfer",
				     json_number_if(difference->transfer > 0,
						    difference->transfer),
				     "field", json_text(difference->field),
				     "recorded",
				     json_text(difference->recorded), "found",
				     json_text(difference->found)));
	(void)fail(err, S0_E_DIFFERENT,
		   "%s differs in its %s: recorded %s; %s %s", where,
		   difference->field, difference->recorded, now,
		   difference->found);
	if (difference->hint[0] != '\0')
		add_hint(err, "%s", difference->hint);
	return S0_E_DIFFERENT;
}

/* What a run did that was cut is known as far as it was recorded. */
static void note_cut(struct app *app, const struct s0_trace *trace)
{
	if (!s0_trace_outcome(trace))
		say_note(app, "the recording was cut and ends there");
}

/* The command line to be run: its words, and a name for the program. */
static s0_code make_argv(const char *const *words, size_t count,
			 char ***ret_argv, struct s0_error *err)
{
	char **argv = calloc(count + 2, sizeof *argv);

	if (!argv)
		return fail_memory(err);
	argv[0] = (char *)"sector0";
	for (size_t i = 0; i < count; i++)
		argv[i + 1] = (char *)words[i];
	*ret_argv = argv;
	return S0_OK;
}

/* What has nothing to do with a device cannot be lived through again. */
static s0_code check_command(int argc, char **argv, struct s0_error *err)
{
	struct s0_error ignored = S0_ERROR_INIT;
	struct arguments args = { 0 };
	const struct command *command;

	(void)arguments_parse(&args, argc, argv, &ignored);
	command = args.command ? command_find(args.command) : NULL;
	arguments_free(&args);
	if (command && (command->run == trace_run || command->run == sim_run))
		return fail_usage(err, "'%s' cannot be replayed",
				  command->name);
	return S0_OK;
}

static int run_again(struct app *app, const struct s0_trace *trace,
		     struct s0_replay *replay, int argc, char **argv)
{
	struct app inner = { .replay = replay,
			     .recorded_selector =
				     s0_trace_head(trace)->selector };
	struct silence silence;
	bool silent = app->json || app->quiet;
	int status;

	if (silent)
		os_silence(&silence);
	status = app_run(&inner, argc, argv);
	if (silent)
		os_end_silence(&silence);
	return status;
}

static s0_code tell(struct app *app, const struct s0_trace *trace,
		    const struct s0_replay *replay, struct s0_error *err)
{
	const struct s0_trace_difference *difference =
		s0_replay_difference(replay);
	unsigned long long transfers = s0_replay_transfers(replay);
	bool cut = !s0_trace_outcome(trace);

	if (difference)
		return trace_fail_different(app, difference, "now", err);
	if (app->json)
		json_event("result",
			   json_pack("{s:b, s:I, s:b, s:i}", "ok", 1,
				     "transfers", (json_int_t)transfers, "cut",
				     cut, "status", app->status));
	else
		printf("%llu transfer%s, the same%s\n", transfers,
		       transfers == 1 ? "" : "s",
		       cut ? " as far as they were recorded" : "");
	note_cut(app, trace);
	return S0_OK;
}

static s0_code replay(struct app *app, const struct s0_trace *trace,
		      struct s0_error *err)
{
	const struct s0_trace_head *head = s0_trace_head(trace);
	bool other = app->args.word_count > 2;
	size_t count = other ? app->args.word_count - 2 : head->command_count;
	struct s0_replay *again = NULL;
	char **argv = NULL;
	s0_code code = make_argv(other ? app->args.words + 2 : head->command,
				 count, &argv, err);

	if (code == S0_OK)
		code = check_command((int)count + 1, argv, err);
	if (code == S0_OK)
		code = s0_replay_new(trace, &again, err);
	if (code == S0_OK) {
		int status = run_again(app, trace, again, (int)count + 1, argv);

		/* A run that was cut has no status; this one neither. */
		app->status = s0_trace_outcome(trace) ? status : 0;
		code = tell(app, trace, again, err);
	}
	s0_replay_free(again);
	free(argv);
	return code;
}

static s0_code percent(const struct app *app,
		       struct s0_trace_check_options *options,
		       struct s0_error *err)
{
	const char *word = app->args.values[OPTION_TIMES];
	uint32_t number = 0;

	options->times = word != NULL;
	if (word && (!text_number(word, false, &number) || number > 100))
		return fail_usage(err,
				  "'--times' takes a percentage, 0 to 100, not "
				  "'%s'",
				  word);
	options->percent = number;
	return S0_OK;
}

static s0_code check(struct app *app, const struct s0_trace *trace,
		     struct s0_error *err)
{
	struct s0_trace_check_options options = { 0 };
	struct s0_trace_checked checked;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = percent(app, &options, err);

	if (code != S0_OK)
		return code;
	if (app->args.word_count > 2)
		options.description = app->args.words[2];
	code = s0_trace_check(trace, &options, &checked, &why);
	if (code == S0_E_DIFFERENT)
		return trace_fail_different(app, &checked.difference,
					    "the virtual chip", err);
	if (code != S0_OK) {
		*err = why;
		return code;
	}
	if (app->json)
		json_event("result",
			   json_pack("{s:b, s:I, s:b, s:o}", "ok", 1,
				     "transfers", (json_int_t)checked.transfers,
				     "cut", !s0_trace_outcome(trace), "profile",
				     json_text(checked.description)));
	else
		printf("%llu transfers, the virtual chip answers the same\n"
		       "profile %s\n",
		       (unsigned long long)checked.transfers,
		       checked.description[0] != '\0' ? checked.description
						      : "none: no device");
	note_cut(app, trace);
	return S0_OK;
}

s0_code trace_run(struct app *app, struct s0_error *err)
{
	const char *word = app->args.words[0];
	bool shown = strcmp(word, "show") == 0;
	bool again = strcmp(word, "replay") == 0;
	bool checked = strcmp(word, "check") == 0;
	size_t most = checked ? 3 : again ? ANY_NUMBER : 2;
	struct loaded loaded = { 0 };
	s0_code code;

	if (!shown && !again && !checked) {
		fail_usage(err, "'trace' does not know '%s'", word);
		add_hint(err, "'sector0 trace --help' lists what there is");
		return S0_E_USAGE;
	}
	if (app->args.word_count > most)
		return fail_usage(err,
				  "'trace' does not know what to do with '%s'",
				  app->args.words[most]);
	if (app->args.seen[OPTION_TIMES] && !checked)
		return fail_usage(err, "'--times' is for 'trace check'");
	code = load(app->args.words[1], &loaded, err);
	if (code == S0_OK && shown)
		code = trace_show(app, loaded.trace, err);
	else if (code == S0_OK && again)
		code = replay(app, loaded.trace, err);
	else if (code == S0_OK)
		code = check(app, loaded.trace, err);
	unload(&loaded);
	return code;
}
