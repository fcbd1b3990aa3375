/* SPDX-License-Identifier: MIT */
/* One run of STM32_Programmer_CLI's command line. */
#include "compat/cube.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/os.h"
#include "cli/patience.h"
#include "cli/say.h"
#include "cli/text.h"
#include "compat/compat.h"

#define RULE                                                                   \
	"      --------------------------------------------------------"       \
	"-----------\n"

bool cube_same(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
	return *a == *b;
}

const char *cube_after(const char *word, const char *key)
{
	for (; *key; word++, key++)
		if (tolower((unsigned char)*word) !=
		    tolower((unsigned char)*key))
			return NULL;
	return word;
}

/* Hexadecimal with 0x; else decimal, as -e's sectors are. */
bool cube_number64(const char *word, uint64_t *ret)
{
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	unsigned base = hex ? 16 : 10;
	const char *at = hex ? word + 2 : word;
	uint64_t value = 0;

	/* 08000000 is surely meant to be hexadecimal: better asked than
	 * guessed. */
	if (!*at || (!hex && at[0] == '0' && at[1]))
		return false;
	for (; *at; at++) {
		int digit = text_digit(*at);

		if (digit < 0 || (unsigned)digit >= base ||
		    value > (UINT64_MAX - (unsigned)digit) / base)
			return false;
		value = value * base + (unsigned)digit;
	}
	*ret = value;
	return true;
}

bool cube_number(const char *word, uint32_t *ret)
{
	uint64_t value;

	if (!cube_number64(word, &value) || value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

bool cube_want(struct cube *cube, const char *what, uint32_t *ret)
{
	const char *word = cube_argument(cube);

	if (!word)
		return cube_refuse(cube, "%s: %s is missing",
				   cube->words[cube->at - 1], what);
	return cube_number(word, ret) ||
	       cube_refuse(cube, "'%s' is not %s", word, what);
}

bool cube_want_range(struct cube *cube, uint32_t *ret_address,
		     uint32_t *ret_length)
{
	if (!cube_want(cube, "an address", ret_address) ||
	    !cube_want(cube, "a size", ret_length))
		return false;
	if (*ret_length && *ret_length - 1 <= UINT32_MAX - *ret_address)
		return true;
	return cube_refuse(cube, "%u bytes at 0x%08X are no memory",
			   *ret_length, *ret_address);
}

const char *cube_argument(struct cube *cube)
{
	if (cube->at >= cube->count || cube_is_command(cube->words[cube->at]))
		return NULL;
	return cube->words[cube->at++];
}

bool cube_no_more(struct cube *cube)
{
	const char *word = cube_argument(cube);

	return !word || cube_refuse(cube, "'%s' belongs to no command", word);
}

static const struct cube_command *command_at(const struct cube *cube, size_t i)
{
	return i < cube->count && cube_is_command(cube->words[i])
		       ? cube_find(cube->words[i])
		       : NULL;
}

const struct cube_command *cube_next(const struct cube *cube)
{
	for (size_t i = cube->at; i < cube->count; i++) {
		const struct cube_command *command = command_at(cube, i);

		if (command && (command->device || command->role == CUBE_RESET))
			return command;
	}
	return NULL;
}

static bool run_one(struct cube *cube, const char *word)
{
	const struct cube_command *command =
		cube_is_command(word) ? cube_find(word) : NULL;

	if (!cube_is_command(word))
		return cube_refuse(cube, "'%s' belongs to no command", word);
	if (!command)
		return cube_no_command(cube, word);
	if (command->device && !cube->connected)
		return cube_refuse(cube,
				   "%s needs a connection: -c port=usb1 "
				   "before it",
				   word);
	if (command->device && cube->left)
		return cube_refuse(cube,
				   "%s comes too late: the device has left "
				   "its bootloader",
				   word);
	if (command->device && command->role != CUBE_VERIFY &&
	    command->role != CUBE_NO_VERIFY)
		cube->written = false;
	return command->run(cube);
}

/* All commands, from left to right. */
static bool go_through(struct cube *cube, bool checking)
{
	bool good = true;

	cube->checking = checking;
	cube->connected = cube->left = false;
	cube->programmed = cube->written = false;
	for (cube->at = 0; good && cube->at < cube->count;)
		good = run_one(cube, cube->words[cube->at++]);
	return good;
}

/* The original's folder is made as it makes it. */
static bool open_log(struct cube *cube, const char *path)
{
	char standard[1024];

	if (cube->log)
		return cube_refuse(cube, "-log is there twice");
	if (!path && !os_home_file(".STM32Programmer", "trace.log", standard,
				   sizeof standard))
		return cube_refuse(cube, "there is no home directory for the "
					 "log");
	cube->log = fopen(path ? path : standard, "a");
	return cube->log || cube_refuse(cube, "cannot write the log %s",
					path ? path : standard);
}

static bool take_setting(struct cube *cube, enum cube_role role,
			 const char *next)
{
	uint32_t level = 0;

	switch (role) {
	case CUBE_SKIP_ERASE:
		cube->skip_erase = true;
		return true;
	case CUBE_QUIET:
		cube->quiet = true;
		return true;
	case CUBE_YES:
		cube->yes = true;
		return true;
	case CUBE_LOG:
		return open_log(cube, next);
	case CUBE_VERBOSITY:
		if (!next || !cube_number(next, &level) || !level || level > 3)
			return cube_refuse(cube, "Wrong verbosity command use: "
						 "1, 2 or 3");
		cube->verbosity = level;
		return true;
	default:
		return true;
	}
}

/* What holds for the whole line, wherever it stands. */
static bool take_settings(struct cube *cube)
{
	bool good = true;

	for (size_t i = 0; i < cube->count && good; i++) {
		const struct cube_command *command = command_at(cube, i);
		bool more = i + 1 < cube->count &&
			    !cube_is_command(cube->words[i + 1]);

		if (command)
			good = take_setting(cube, command->role,
					    more ? cube->words[i + 1] : NULL);
	}
	return good;
}

static bool open_context(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;

	/* What takes long is said on stderr. */
	return (compat_open_context(&cube->app, cube->verbosity > 2, &err) ==
			S0_OK &&
		patience_set(&cube->app, &err) == S0_OK) ||
	       cube_failed(cube, &err);
}

static bool run(struct cube *cube, int argc, char **argv)
{
	static const char banner[] =
		RULE "                       STM32CubeProgrammer "
		     "v" CUBE_VERSION "                  \n" RULE "\n";

	(void)fputs(banner, stdout);
	if (!cube_take_apart(cube, argc, argv) || !cube_take_scripts(cube) ||
	    !take_settings(cube))
		return false;
	if (cube->log)
		(void)fputs(banner, cube->log);
	if (!cube->count)
		return cube_find("-h")->run(cube);
	cube->images = calloc(cube->count, sizeof(void *));
	if (!cube->images)
		return cube_refuse(cube, "there is not enough memory");
	return go_through(cube, true) && open_context(cube) &&
	       go_through(cube, false);
}

/* What is left in a buffer may be lost: then the line's answer was. */
static bool flush(struct cube *cube, FILE *file, const char *name)
{
	struct s0_error err = S0_ERROR_INIT;
	bool good = os_flush(file);

	if (!good) {
		os_fail_file(&err, "write", name);
		say_error(&cube->app, &err);
	}
	return good;
}

int cube_main(int argc, char **argv)
{
	struct cube cube = { 0 };
	bool good;

	cube.verbosity = 1;
	good = run(&cube, argc, argv);
	app_close(&cube.app);
	cube_forget(&cube);
	cube.app.command = NULL;
	if (cube.log) {
		good &= flush(&cube, cube.log, "the log");
		(void)fclose(cube.log);
	}
	good &= flush(&cube, stdout, "-");
	return good ? 0 : 1;
}
