/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "os.h"
#include "text.h"

static bool coloured(const struct app *app)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return !app->args.seen[OPTION_NO_COLOR] &&
	       !(no_color && no_color[0] != '\0') &&
	       !(terminal && strcmp(terminal, "dumb") == 0) &&
	       os_is_terminal(stderr);
}

/* "label: text"; @color is an SGR parameter. */
static void say(struct app *app, const char *label, const char *color,
		const char *text)
{
	progress_interrupt(&app->progress);
	if (coloured(app))
		fprintf(stderr, "\033[%sm%s:\033[0m ", color, label);
	else
		fprintf(stderr, "%s: ", label);
	text_print(stderr, text);
	fputc('\n', stderr);
}

void say_note(struct app *app, const char *format, ...)
{
	char line[512];
	va_list args;

	if (app->quiet)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	say(app, "note", "36", line);
}

void say_warning(void *payload, const char *line)
{
	struct app *app = payload;

	if (app->json)
		json_warning(line);
	else
		say(app, "warning", "33", line);
}

void say_aside(struct app *app, const char *line)
{
	say(app, "warning", "33", line);
}

void say_debug(void *payload, const char *line)
{
	say(payload, "debug", "2", line);
}

static const char *state_words(s0_aftermath aftermath)
{
	switch (aftermath) {
	case S0_UNTOUCHED:
		return "untouched";
	case S0_PARTIAL:
		return "partly written";
	case S0_RESTORED:
		return "changed, and put back as it was";
	case S0_UNKNOWN:
		break;
	}
	return "unknown";
}

void say_explain(const struct app *app, struct s0_error *err)
{
	struct s0_facts facts = { 0 };

	/* What the option bytes say may be the very cause. */
	if (app->device) {
		facts.device = s0_device_info(app->device);
		facts.map = s0_device_map(app->device);
	}
	s0_error_explain_with(err, &facts);
}

void say_error(struct app *app, struct s0_error *err)
{
	say_explain(app, err);
	say(app, "error", "1;31", err->message);
	if (app->args.seen[OPTION_VERBOSE]) {
		char words[400];

		s0_error_print_facts(err, words, sizeof words);
		if (words[0] != '\0')
			say(app, "facts", "2", words);
	}
	if (app->command && app->command->changes)
		say(app, "device", "1",
		    app->all_done ? "changed, as asked"
				  : state_words(err->aftermath));
	if (err->hint[0] != '\0')
		say(app, "hint", "32", err->hint);
}
