/* SPDX-License-Identifier: MIT */
/* One run of STM32_Programmer_CLI's command line. */
#include "compat/cube.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/os.h"
#include "cli/say.h"
#include "cli/text.h"
#include "compat/compat.h"

/* Scripts in scripts. */
#define DEEPEST 4u

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

	cube_say(cube, "Error: ");
	va_start(args, format);
	say(cube, format, args);
	va_end(args);
	cube_say(cube, "\n");
	return false;
}

bool cube_failed(struct cube *cube, struct s0_error *err)
{
	(void)fflush(stdout);
	say_error(&cube->app, err);
	return false;
}

bool cube_same(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
	return *a == *b;
}

/* Hexadecimal with 0x; else decimal, as -e's sectors are. */
bool cube_number(const char *word, uint32_t *ret)
{
	return text_number(word, false, ret);
}

bool cube_want(struct cube *cube, const char *what, uint32_t *ret)
{
	const char *word = cube_argument(cube);

	if (!word)
		return cube_fail(cube, "%s is missing", what);
	return cube_number(word, ret) ||
	       cube_fail(cube, "'%s' is not %s", word, what);
}

void cube_time(char text[24], uint64_t us)
{
	uint64_t ms = us / 1000;

	(void)snprintf(text, 24, "%02u:%02u:%02u.%03u",
		       (unsigned)(ms / 3600000), (unsigned)(ms / 60000 % 60),
		       (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
}

static bool is_command(const char *word)
{
	return word[0] == '-' && word[1] != '\0' &&
	       !isdigit((unsigned char)word[1]);
}

const char *cube_argument(struct cube *cube)
{
	if (cube->at >= cube->count || is_command(cube->words[cube->at]))
		return NULL;
	return cube->words[cube->at++];
}

static bool skip(struct cube *cube)
{
	(void)cube;
	return true;
}

static bool skip_argument(struct cube *cube)
{
	(void)cube_argument(cube);
	return true;
}

static bool version(struct cube *cube)
{
	cube_say(cube, "STM32CubeProgrammer version: " CUBE_VERSION "\n");
	return true;
}

static bool help(struct cube *cube)
{
	cube_say(cube,
		 "Usage :\nSTM32_Programmer_CLI.exe [command_1] [Arguments_1]"
		 "[[command_2] [Arguments_2]...]\n\n"
		 "sector0 %s in its place, over USB DFU. Commands, from left "
		 "to right:\n"
		 "  -c port=usbN [sn= PID= VID=]   connect\n"
		 "  -l [usb]                       list devices\n"
		 "  -w, -d FILE [ADDRESS]          program\n"
		 "  -v                             tell of its verification\n"
		 "  -e all | N... | [N M]          erase\n"
		 "  -r, -u ADDRESS SIZE FILE       read into a file\n"
		 "  -r8 -r16 -r32 ADDRESS SIZE     show memory\n"
		 "  -w8 -w16 -w32 ADDRESS VALUE... write\n"
		 "  -fillmemory ADDRESS size= pattern= dataWidth=\n"
		 "  -blankcheck  -checksum [ADDRESS SIZE]  -fchecksum FILE\n"
		 "  -ob displ | NAME=VALUE...      option bytes\n"
		 "  -rdu                           take read protection off\n"
		 "  -s, -g [ADDRESS]               start\n"
		 "  -script FILE  --skipErase  -q  -vb N  -log [FILE]  -y\n"
		 "  -version  -h\n",
		 s0_version());
	return true;
}

static bool run_words(struct cube *cube);

/* A file of commands, one or several a line; '#' and '//' begin comments. */
static bool script(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;
	const char *name = cube_argument(cube);
	struct cube inner = *cube;
	struct blob blob = { 0 };
	bool good;
	char *text;

	if (!name)
		return cube_fail(cube, "Wrong script command use: a file is "
				       "missing");
	if (cube->depth >= DEEPEST)
		return cube_fail(cube, "'%s': too many scripts in scripts",
				 name);
	if (os_read_file(name, &blob, &err) != S0_OK)
		return cube_failed(cube, &err);
	inner.words = NULL;
	inner.count = inner.capacity = inner.at = 0;
	inner.depth++;
	text = malloc(blob.length + 1);
	good = text != NULL;
	if (good) {
		memcpy(text, blob.bytes, blob.length);
		text[blob.length] = '\0';
	}
	os_free_blob(&blob);
	for (char *line = text; good && line;) {
		char *next = strchr(line, '\n');

		if (next)
			*next++ = '\0';
		line += strspn(line, " \t\r");
		if (*line != '#' && strncmp(line, "//", 2) != 0)
			good = cube_add_words(&inner, line);
		line = next;
	}
	free(text);
	good = good && run_words(&inner);
	cube_forget(&inner);
	cube->app = inner.app;
	cube->written = inner.written;
	return good;
}

static const struct cube_command commands[] = {
	{ { "c", "connect" }, cube_connect, false },
	{ { "l", "list" }, cube_list, false },
	{ { "w", "write", "d", "download" }, cube_write, true },
	{ { "v", "verify" }, cube_verify, true },
	{ { "e", "erase" }, cube_erase, true },
	{ { "r", "read", "u", "upload" }, cube_read, true },
	{ { "r8" }, cube_read8, true },
	{ { "r16" }, cube_read16, true },
	{ { "r32" }, cube_read32, true },
	{ { "w8" }, cube_write8, true },
	{ { "w16" }, cube_write16, true },
	{ { "w32" }, cube_write32, true },
	{ { "nv", "noverify" }, skip, false },
	{ { "s", "start", "g", "go" }, cube_start, true },
	{ { "rdu", "readunprotect" }, cube_unprotect, true },
	{ { "ob", "optionbytes" }, cube_option, true },
	{ { "fillmemory" }, cube_fill, true },
	{ { "blankcheck" }, cube_blank, true },
	{ { "checksum" }, cube_checksum, true },
	{ { "fchecksum", "file-checksum" }, cube_file_checksum, false },
	{ { "script" }, script, false },
	{ { "skiperase" }, skip, false },
	{ { "q", "quietmode" }, skip, false },
	{ { "y", "yes" }, skip, false },
	{ { "vb", "verbosity" }, skip_argument, false },
	{ { "log" }, skip_argument, false },
	{ { "noreconnect" }, skip, false },
	{ { "version" }, version, false },
	{ { "h", "help", "?" }, help, false },
};

/* What only an ST-LINK, a serial interface or a secure part does. */
static const char *const others[] = {
	"rst",
	"hardrst",
	"rstbl",
	"halt",
	"run",
	"step",
	"score",
	"corereg",
	"el",
	"elbl",
	"regdump",
	"hf",
	"pwr",
	"swv",
	"startswv",
	"tzenreg",
	"sfi",
	"ssfi",
	"w32dbgmcu",
	"r32fast",
	"tzenregression",
	"gettargetsellist",
	"fwupgrade",
	"fwdelete",
	"startfus",
	"getuid64",
	"sdp",
	"p",
	"tm",
};

static const char *bare(const char *word)
{
	return word + (word[1] == '-' ? 2 : 1);
}

static const struct cube_command *find(const char *word)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		for (size_t k = 0; k < 4 && commands[i].names[k]; k++)
			if (cube_same(bare(word), commands[i].names[k]))
				return &commands[i];
	return NULL;
}

static bool unknown(struct cube *cube, const char *word)
{
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (cube_same(bare(word), others[i]))
			return cube_fail(cube,
					 "%s needs an ST-LINK or another "
					 "interface; not supported over USB "
					 "DFU",
					 word);
	return cube_fail(cube, "Unknown command %s", word);
}

static bool run_words(struct cube *cube)
{
	for (cube->at = 0; cube->at < cube->count;) {
		const char *word = cube->words[cube->at++];
		const struct cube_command *command =
			is_command(word) ? find(word) : NULL;

		if (!is_command(word))
			return cube_fail(cube, "'%s' belongs to no command",
					 word);
		if (!command)
			return unknown(cube, word);
		if (command->device && !cube->app.session)
			return cube_fail(cube,
					 "%s needs a connection: -c "
					 "port=usb1 before it",
					 word);
		if (command->device)
			cube->app.command = command_find("flash");
		if (!command->run(cube))
			return false;
	}
	return true;
}

static bool open_log(struct cube *cube, const char *path)
{
	char standard[1024];
	const char *home = getenv("HOME");

	if (!path && !home)
		return true;
	(void)snprintf(standard, sizeof standard,
		       "%s/.STM32Programmer/trace.log", home ? home : "");
	cube->log = fopen(path ? path : standard, "a");
	if (cube->log || !path)
		return true; /* its folder is not made for a log */
	return cube_fail(cube, "cannot write the log %s", path);
}

/* What holds for the whole line, wherever it stands. */
static bool take_settings(struct cube *cube)
{
	bool good = true;

	for (size_t i = 0; i < cube->count && good; i++) {
		const char *word = cube->words[i];
		const char *next =
			i + 1 < cube->count && !is_command(cube->words[i + 1])
				? cube->words[i + 1]
				: NULL;
		const struct cube_command *command =
			is_command(word) ? find(word) : NULL;
		const char *name = command ? command->names[0] : "";

		if (strcmp(name, "skiperase") == 0)
			cube->skip_erase = true;
		else if (strcmp(name, "q") == 0)
			cube->quiet = true;
		else if (strcmp(name, "y") == 0)
			cube->yes = true;
		else if (strcmp(name, "vb") == 0)
			cube->verbosity = next ? (unsigned)atoi(next) : 1;
		else if (strcmp(name, "log") == 0)
			good = open_log(cube, next);
	}
	return good;
}

static bool open_context(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;

	return compat_open_context(&cube->app, cube->verbosity > 1, &err) ==
		       S0_OK ||
	       cube_failed(cube, &err);
}

int cube_main(int argc, char **argv)
{
	struct cube cube = { 0 };
	bool good = cube_take_apart(&cube, argc, argv);

	cube.app.quiet = true;
	good = good && take_settings(&cube);
	cube_say(
		&cube,
		"      --------------------------------------------------------"
		"-----------\n"
		"                       STM32CubeProgrammer v" CUBE_VERSION
		"                  \n"
		"      --------------------------------------------------------"
		"-----------\n\n");
	if (good && !cube.count)
		good = help(&cube);
	good = good && open_context(&cube) && run_words(&cube);
	app_close(&cube.app);
	cube_forget(&cube);
	if (cube.log)
		(void)fclose(cube.log);
	return os_flush(stdout) && good ? 0 : 1;
}
