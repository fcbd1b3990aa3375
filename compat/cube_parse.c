/* SPDX-License-Identifier: MIT */
/* The words of a command line: callers hand over several in one argument, and
 * empty ones. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/os.h"
#include "compat/cube.h"

/* Files of commands in one command line, those in others too. */
#define MOST_SCRIPTS 16u

static bool add(struct cube *cube, const char *word, size_t length)
{
	char *copy;

	if (cube->count == cube->capacity) {
		size_t more = cube->capacity ? 2 * cube->capacity : 32;
		char **words = realloc(cube->words, more * sizeof *words);

		if (!words)
			return false;
		cube->words = words;
		cube->capacity = more;
	}
	copy = malloc(length + 1);
	if (!copy)
		return false;
	memcpy(copy, word, length);
	copy[length] = '\0';
	cube->words[cube->count++] = copy;
	return true;
}

/* Parted at blanks; "…" keeps them. */
static bool add_words(struct cube *cube, const char *text)
{
	while (*text) {
		size_t length;

		text += strspn(text, " \t\r\n");
		if (*text == '"') {
			length = strcspn(++text, "\"");
			if (!add(cube, text, length))
				return false;
			text += length + (text[length] == '"');
			continue;
		}
		length = strcspn(text, " \t\r\n");
		if (length && !add(cube, text, length))
			return false;
		text += length;
	}
	return true;
}

/* Commands with what follows them, ranges, and rows of KEY=VALUE; the blanks of
 * a file's name are its own. */
static bool is_several(const char *word)
{
	size_t blank = strcspn(word, " ");

	return word[0] == '-' || word[0] == '[' ||
	       (strcspn(word, "=") < blank && !os_exists(word));
}

static bool no_memory(struct cube *cube)
{
	return cube_refuse(cube, "there is not enough memory");
}

/* Sectors that a caller has not named: -e alone erases all. */
static bool is_kept_empty(const char *before)
{
	return cube_same(before, "-e") || cube_same(before, "--erase");
}

bool cube_take_apart(struct cube *cube, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		bool fine = is_several(argv[i]) ? add_words(cube, argv[i])
			    : *argv[i] || is_kept_empty(argv[i - 1])
				    ? add(cube, argv[i], strlen(argv[i]))
				    : true;

		if (!fine)
			return no_memory(cube);
	}
	return true;
}

/* "#Write8(0x08000428,0xAB)", the one command of the original's own that has
 * been published (community.st.com td-p/104630), as -w8. */
static bool add_call(struct cube *into, char *line)
{
	static const char *const names[][2] = { { "#write8(", "-w8" },
						{ "#write16(", "-w16" },
						{ "#write32(", "-w32" } };

	for (size_t i = 0; i < 3; i++) {
		const char *inside = cube_after(line, names[i][0]);
		char *end = inside ? strchr(line, ')') : NULL;

		if (!end || end[1 + strspn(end + 1, " \t\r;")] != '\0')
			continue;
		*end = '\0';
		for (char *comma = line; (comma = strchr(comma, ','));)
			*comma = ' ';
		return add_words(into, names[i][1]) && add_words(into, inside);
	}
	return false;
}

/* "#Name(", and not a comment. */
static bool is_call(const char *line)
{
	const char *at = line + 1;

	while (isalnum((unsigned char)*at))
		at++;
	return at > line + 1 && *at == '(';
}

static bool add_line(struct cube *cube, struct cube *into, char *line)
{
	line += strspn(line, " \t\r");
	if (strncmp(line, "//", 2) == 0 || (*line == '#' && !is_call(line)))
		return true;
	if (*line == '#')
		return add_call(into, line) ||
		       cube_refuse(cube, "'%s' is not understood", line);
	if (strstr(line, " # "))
		*strstr(line, " # ") = '\0';
	return add_words(into, line) || no_memory(cube);
}

static bool add_lines(struct cube *cube, struct cube *into,
		      const struct blob *blob)
{
	char *text = malloc(blob->length + 1);
	bool good = text || no_memory(cube);

	if (text && blob->length)
		memcpy(text, blob->bytes, blob->length);
	if (text)
		text[blob->length] = '\0';
	for (char *line = text; good && line;) {
		char *next = strchr(line, '\n');

		if (next)
			*next++ = '\0';
		good = add_line(cube, into, line);
		line = next;
	}
	free(text);
	return good;
}

/* The words of a file instead of the two that name it. */
static bool put_in_place(struct cube *cube, size_t at, struct cube *script)
{
	for (size_t i = at + 2; i < cube->count; i++)
		if (!add(script, cube->words[i], strlen(cube->words[i])))
			return no_memory(cube);
	while (cube->count > at)
		free(cube->words[--cube->count]);
	for (size_t i = 0; i < script->count; i++)
		if (!add(cube, script->words[i], strlen(script->words[i])))
			return no_memory(cube);
	return true;
}

static bool take_script(struct cube *cube, size_t at)
{
	struct s0_error err = S0_ERROR_INIT;
	struct cube script = { 0 };
	struct blob blob = { 0 };
	bool good;

	if (at + 1 >= cube->count || cube_is_command(cube->words[at + 1]))
		return cube_refuse(cube, "Wrong script command use: a file is "
					 "missing");
	if (os_read_file(cube->words[at + 1], &blob, &err) != S0_OK) {
		(void)cube_fail(cube, "failed to open the file %s",
				cube->words[at + 1]);
		return cube_failed(cube, &err);
	}
	good = add_lines(cube, &script, &blob) &&
	       put_in_place(cube, at, &script);
	os_free_blob(&blob);
	cube_forget(&script);
	return good;
}

bool cube_take_scripts(struct cube *cube)
{
	unsigned scripts = 0;

	for (size_t i = 0; i < cube->count;) {
		const struct cube_command *command =
			cube_is_command(cube->words[i])
				? cube_find(cube->words[i])
				: NULL;

		if (!command || command->role != CUBE_SCRIPT) {
			i++;
			continue;
		}
		if (++scripts > MOST_SCRIPTS)
			return cube_refuse(
				cube, "'%s': too many scripts in scripts",
				i + 1 < cube->count ? cube->words[i + 1] : "");
		if (!take_script(cube, i))
			return false;
	}
	return true;
}

void cube_forget(struct cube *cube)
{
	for (size_t i = 0; i < cube->count; i++) {
		if (cube->images)
			s0_image_free(cube->images[i]);
		free(cube->words[i]);
	}
	free(cube->images);
	free(cube->words);
	cube->images = NULL;
	cube->words = NULL;
	cube->count = cube->capacity = 0;
}
