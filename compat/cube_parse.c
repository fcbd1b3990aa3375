/* SPDX-License-Identifier: MIT */
/* The words of a command line: callers hand over several in one argument, and
 * empty ones. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compat/cube.h"

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
bool cube_add_words(struct cube *cube, const char *text)
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

static bool begins(const char *word, const char *with)
{
	for (; *with; word++, with++)
		if (tolower((unsigned char)*word) != *with)
			return false;
	return true;
}

/* Commands with what follows them, the keys of a connection, and ranges; the
 * blanks of a file's name are its own. */
static bool is_several(const char *word)
{
	return word[0] == '-' || word[0] == '[' || begins(word, "port=");
}

bool cube_take_apart(struct cube *cube, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		bool fine = is_several(argv[i]) ? cube_add_words(cube, argv[i])
			    : *argv[i] ? add(cube, argv[i], strlen(argv[i]))
				       : true;

		if (!fine)
			return false;
	}
	return true;
}

void cube_forget(struct cube *cube)
{
	for (size_t i = 0; i < cube->count; i++)
		free(cube->words[i]);
	free(cube->words);
	cube->words = NULL;
	cube->count = cube->capacity = 0;
}
