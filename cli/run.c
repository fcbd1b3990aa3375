/* SPDX-License-Identifier: MIT */
/* One run, from the command line to the exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "commands.h"
#include "failure.h"
#include "json.h"
#include "patience.h"
#include "os.h"
#include "record.h"
#include "say.h"

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_CHANGED = 3,
	STATUS_NO_DEVICE = 4
};

static enum status status_of(const struct s0_error *err)
{
	if (err->code == S0_OK)
		return STATUS_OK;
	if (err->aftermath != S0_UNTOUCHED)
		return STATUS_CHANGED;
	switch (err->code) {
	case S0_E_USAGE:
		return STATUS_USAGE;
	case S0_E_NO_DEVICE:
	case S0_E_SEVERAL:
	case S0_E_ACCESS:
	case S0_E_NO_USB:
		return STATUS_NO_DEVICE;
	default:
		return STATUS_FAILED;
	}
}

/* Help and version are results too, where programs read them. */
static void begin_text(const struct app *app, FILE **ret_out, char **ret_text)
{
	size_t size;

	*ret_out = stdout;
	*ret_text = NULL;
	if (app->json)
		*ret_out = open_memstream(ret_text, &size);
	(void)size;
}

static s0_code answer(struct app *app, struct s0_error *err)
{
	FILE *out;
	char *text;

	begin_text(app, &out, &text);
	if (!out)
		return fail_memory(err);
	if (app->args.seen[OPTION_VERSION])
		fprintf(out, "sector0 %s\n", s0_version());
	else if (app->command)
		command_help(out, app->command);
	else
		commands_help(out);
	if (app->json) {
		(void)fclose(out);
		json_event("result", json_pack("{s:b, s:o}", "ok", 1, "text",
					       json_text(text)));
		free(text);
	}
	return S0_OK;
}

static s0_code check_words(const struct app *app, struct s0_error *err)
{
	const struct command *command = app->command;
	size_t count = app->args.word_count;

	if (count < command->least)
		fail_usage(err, "'%s' is missing an argument", command->name);
	else if (count > command->most)
		fail_usage(err, "'%s' does not know what to do with '%s'",
			   command->name, app->args.words[command->most]);
	else
		return S0_OK;
	add_hint(err, "usage: sector0 %s %s", command->name, command->args);
	return S0_E_USAGE;
}

/* Does it save bytes of the chip, or look for what was saved? In memory they
 * would be lost with this process. */
static bool needs_records(const struct app *app)
{
	static const char *const always[] = { "write", "fill", "recover" };
	const unsigned *seen = app->args.seen;
	const char *name = app->command->name;
	bool needs = strcmp(name, "plan") != 0 && !seen[OPTION_PLAN] &&
		     (seen[OPTION_KEEP] || seen[OPTION_ROLLBACK]);

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		needs |= strcmp(name, always[i]) == 0;
	return needs || seen[OPTION_STRESS];
}

static s0_code without_records(struct app *app, struct s0_error *err)
{
	if (!needs_records(app)) {
		say_warning(app, "there is no home directory for the records "
				 "of a run that is cut; set XDG_STATE_HOME");
		return S0_OK;
	}
	err->cause = S0_CAUSE_NO_RECORDS;
	return fail(err, S0_E_FILE,
		    "there is no home directory for the records of a run that "
		    "is cut");
}

static s0_code open_context(struct app *app, struct s0_error *err)
{
	char directory[4096];
	s0_code code = s0_context_new(&app->context, err);

	if (code == S0_OK)
		code = patience_set(app, err);
	if (code != S0_OK)
		return code;
	s0_context_set_date(app->context, os_date_s());
	if (app->args.seen[OPTION_VERBOSE])
		s0_context_set_log(app->context, say_debug, app);
	if (app->replay) {
		/* nothing of this host's has a say in it */
		s0_context_set_replay(app->context, app->replay);
		return S0_OK;
	}
	if (!os_state_dir(directory, sizeof directory))
		return without_records(app, err);
	return s0_context_set_state_dir(app->context, directory, err);
}

/* Let the context know the chips of a file. */
static s0_code add_chips(struct app *app, const char *path,
			 struct s0_error *err)
{
	struct s0_chips *chips;
	struct blob blob = { 0 };
	s0_code code = os_read_file(path, &blob, err);

	code = record_input(app, path, &blob, code, err);
	if (code == S0_OK)
		code = s0_chips_parse(path, blob.bytes, blob.length, &chips,
				      err);
	os_free_blob(&blob);
	return code == S0_OK ? s0_context_add_chips(app->context, chips, err)
			     : code;
}

static s0_code add_all_chips(struct app *app, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0;
	     code == S0_OK && i < app->args.seen[OPTION_CHIP_FILE]; i++)
		code = add_chips(app, app->args.chip_files[i], err);
	return code;
}

static s0_code find_command(struct app *app, struct s0_error *err)
{
	const char *name = app->args.command;

	app->command = name ? command_find(name) : NULL;
	if (name && !app->command)
		return command_unknown(name, err);
	return S0_OK;
}

static s0_code run(struct app *app, int argc, char **argv, struct s0_error *err)
{
	s0_code code = arguments_parse(&app->args, argc, argv, err);

	app->json = app->args.seen[OPTION_JSON] > 0;
	app->quiet = app->args.seen[OPTION_QUIET] > 0;
	if (find_command(app, err) != S0_OK || code != S0_OK)
		return err->code;
	if (app->args.seen[OPTION_HELP] || app->args.seen[OPTION_VERSION])
		return answer(app, err);
	if (!app->command) {
		fail_usage(err, "no command given");
		add_hint(err, "'sector0 --help' lists the commands");
		return S0_E_USAGE;
	}
	if (arguments_check(&app->args, app->command->name, err) != S0_OK ||
	    check_words(app, err) != S0_OK || open_context(app, err) != S0_OK ||
	    record_begin(app, argc, argv, err) != S0_OK ||
	    add_all_chips(app, err) != S0_OK)
		return err->code;
	return app->command->run(app, err);
}

/* The error, once for people and once for programs. */
static void report(struct app *app, struct s0_error *err)
{
	/* A replay that went another way is told as that, once; and what was
	 * asked behind the end of a recording failed for that reason alone. */
	if (app->replay &&
	    (s0_replay_difference(app->replay) || s0_replay_over(app->replay)))
		return;
	if (!app->args.command && !app->json && err->code == S0_E_USAGE)
		fputs("usage: sector0 COMMAND [ARGUMENTS] [OPTIONS]\n", stderr);
	say_error(app, err);
	if (!app->json)
		return;
	if (err->code != S0_E_DIFFERENT) {
		json_error(err, NULL);
		return;
	}
	json_error(err, app->differences);
	app->differences = NULL;
}

/* What stood in a buffer until now may have been lost. */
static void check_told(struct app *app, struct s0_error *err)
{
	struct s0_error lost = S0_ERROR_INIT;

	if (os_flush(stdout) || err->code != S0_OK)
		return;
	os_fail_file(&lost, "write", "-");
	say_error(app, &lost);
	*err = lost;
}

int app_run(struct app *app, int argc, char **argv)
{
	struct s0_error err = S0_ERROR_INIT;
	bool failed;
	int status;
	s0_code code = run(app, argc, argv, &err);

	/* As long as the device is there to tell its part. */
	say_explain(app, &err);
	/* Whether a replay went another way is known at its end only. */
	if (code != S0_OK && !app->replay)
		report(app, &err);
	app->told = true;
	app_close(app);
	failed = err.code != S0_OK;
	check_told(app, &err);
	status = err.code == S0_OK ? app->status : (int)status_of(&err);
	record_end(app, status, &err);
	if (failed && app->replay)
		report(app, &err);
	json_decref(app->differences);
	return status;
}
