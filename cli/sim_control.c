/* SPDX-License-Identifier: MIT */
/* Commands for a running server of virtual chips. */
#include "sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "json.h"
#include "os.h"
#include "text.h"

static void show(const struct app *app, const char *line)
{
	if (app->json) {
		json_event("answer",
			   json_pack("{s:o}", "line", json_text(line)));
		return;
	}
	text_print(stdout, line);
	putchar('\n');
	(void)fflush(stdout);
}

static s0_code done(const struct app *app)
{
	if (app->json)
		json_event("result", json_pack("{s:b}", "ok", 1));
	return S0_OK;
}

/* The answer, up to its last line. */
static s0_code read_answer(const struct app *app, struct lines *lines,
			   struct s0_error *err)
{
	const char *line;

	while ((line = os_next_line(lines)) != NULL) {
		if (strcmp(line, "ok") == 0)
			return done(app);
		if (strncmp(line, "error: ", 7) == 0)
			return fail(err, S0_E_UNSUPPORTED, "%s", line + 7);
		show(app, line);
	}
	/* Ctrl-C, or what is followed ended. */
	if (os_stopped() || app->args.seen[OPTION_FOLLOW])
		return done(app);
	return fail(err, S0_E_GONE, "the server ended without an answer");
}

static s0_code connect_to(const struct app *app, int *ret_fd,
			  struct s0_error *err)
{
	uint16_t port;
	char path[4096];
	int fd;

	if (sim_port(app, &port, err) != S0_OK ||
	    sim_control_path(app, port, path, sizeof path, err) != S0_OK)
		return err->code;
	fd = os_connect(path);
	if (fd < 0 && (errno == EACCES || errno == EPERM)) {
		fail(err, S0_E_ACCESS, "the server at '%s' is somebody else's",
		     path);
	} else if (fd < 0) {
		fail(err, S0_E_NO_DEVICE, "no server listens at '%s'", path);
		add_hint(err, "start one with 'sector0 sim serve', or name its "
			      "socket with --control");
	}
	*ret_fd = fd;
	return err->code;
}

/* @line: ends with a line end. */
static s0_code ask(const struct app *app, const char *line,
		   struct s0_error *err)
{
	struct lines lines = { 0 };
	int fd = -1;
	s0_code code = connect_to(app, &fd, err);

	if (code != S0_OK)
		return code;
	lines.file = os_ask(fd, line);
	if (!lines.file)
		return fail(err, S0_E_GONE, "the server ended");
	code = read_answer(app, &lines, err);
	os_end_lines(&lines);
	return code;
}

s0_code sim_control_run(struct app *app, struct s0_error *err)
{
	char line[1024] = "";
	size_t used = 0;

	for (size_t i = 1; i < app->args.word_count; i++) {
		const char *word = app->args.words[i];

		if (strchr(word, '\n') || used + strlen(word) + 2 > sizeof line)
			return fail_usage(err, "'%.60s' is no command", word);
		used += (size_t)snprintf(
			line + used, sizeof line - used, "%s%s", word,
			i + 1 < app->args.word_count ? " " : "\n");
	}
	return ask(app, line, err);
}

/* 2 stands for 1-2. */
static void add_device(const char *word, char *line, size_t size)
{
	size_t used = strlen(line);

	if (word)
		(void)snprintf(line + used, size - used, " %s%s",
			       strchr(word, '-') ? "" : "1-", word);
}

s0_code sim_log_run(struct app *app, struct s0_error *err)
{
	const char *device = app->args.values[OPTION_DEVICE];
	const char *count =
		app->args.word_count > 1 ? app->args.words[1] : NULL;
	char line[256];
	uint32_t number;

	if (count && !text_number(count, false, &number))
		return fail_usage(err, "'%s' is no number of lines", count);
	if (device && (strlen(device) > 16 ||
		       device[strspn(device, "0123456789-")] != '\0'))
		return fail_usage(err,
				  "'%s' is no device of a server: they "
				  "are called 1-1, 1-2, …",
				  device);
	(void)snprintf(line, sizeof line, "log%s%s%s", count ? " " : "",
		       count ? count : "",
		       app->args.seen[OPTION_FOLLOW] ? " follow" : "");
	add_device(device, line, sizeof line - 1);
	strcat(line, "\n");
	return ask(app, line, err);
}
