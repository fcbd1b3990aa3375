/* SPDX-License-Identifier: MIT */
/* Their words on stdout and in the log, ours on stderr. */
#include "compat/cube.h"

#include <stdarg.h>
#include <string.h>

#include "cli/say.h"

static void say(struct cube *cube, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	(void)vprintf(format, args);
	if (cube->log)
		(void)vfprintf(cube->log, format, again);
	va_end(again);
}

void cube_say(struct cube *cube, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cube, format, args);
	va_end(args);
}

bool cube_fail(struct cube *cube, const char *format, ...)
{
	va_list args;

	cube_say(cube, "%sError: ", cube->bar ? "\n" : "");
	cube->bar = false;
	va_start(args, format);
	say(cube, format, args);
	va_end(args);
	cube_say(cube, "\n");
	return false;
}

bool cube_refuse(struct cube *cube, const char *format, ...)
{
	struct s0_error err = S0_ERROR_INIT;
	va_list args;

	err.code = S0_E_USAGE;
	va_start(args, format);
	(void)vsnprintf(err.message, sizeof err.message, format, args);
	va_end(args);
	(void)cube_fail(cube, "%s", err.message);
	(void)snprintf(err.hint, sizeof err.hint,
		       "-h lists the commands; the whole line is checked "
		       "before the first of them is run");
	return cube_failed(cube, &err);
}

bool cube_failed(struct cube *cube, struct s0_error *err)
{
	/* What this command left alone, another of the line may not have. */
	if (cube->changed && err->aftermath == S0_UNTOUCHED)
		err->aftermath = S0_PARTIAL;
	(void)fflush(stdout);
	say_error(&cube->app, err);
	if (cube->log)
		(void)fprintf(cube->log, "error: %s\n%s%s\n", err->message,
			      err->hint[0] ? "hint: " : "", err->hint);
	if (strstr(err->hint, " --") && !strstr(err->hint, "'sector0 "))
		cube_note(cube, "options that the hint names are those of the "
				"command 'sector0'");
	return false;
}

void cube_note(struct cube *cube, const char *text)
{
	(void)fflush(stdout);
	say_aside(&cube->app, text);
}

void cube_time(char text[24], uint64_t us)
{
	uint64_t ms = us / 1000;

	(void)snprintf(text, 24, "%02u:%02u:%02u.%03u",
		       (unsigned)(ms / 3600000), (unsigned)(ms / 60000 % 60),
		       (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
}
