/* SPDX-License-Identifier: MIT */
/* `key = value   # source` lines, and what keys there are. */
#include <string.h>

#include "base/error.h"
#include "chip/chip_file.h"

#define LINES_MAX 65535

enum {
	BOTH = KEY_FAMILY | KEY_CHIP,
	SET = KEY_FAMILY | KEY_SET,
	ONE = BOTH | KEY_ONCE,
	NEED = BOTH | KEY_NEEDED,
	NEED_ONE = ONE | KEY_NEEDED
};

static const struct file_key keys[] = {
	{ "source", KEY_FAMILY | KEY_BARE },
	{ "option_set", KEY_FAMILY | KEY_BARE },
	{ "chip", KEY_CHIP | KEY_BARE },
	{ "aliases", KEY_CHIP | KEY_ONCE | KEY_BARE },
	{ "title", KEY_CHIP | KEY_ONCE | KEY_NEEDED },
	{ "device_id", KEY_CHIP | KEY_ONCE | KEY_NEEDED },
	{ "usb", NEED_ONE },
	{ "layout", NEED },
	{ "dumped", NEED_ONE },
	{ "geometry", NEED },
	{ "banks", NEED_ONE },
	{ "sizes", NEED_ONE },
	{ "uf2_family", BOTH },
	{ "shorter_layout", ONE },
	{ "flash_word", NEED_ONE },
	{ "align", NEED_ONE },
	{ "ecc", NEED_ONE },
	{ "erased", NEED_ONE },
	{ "erase", NEED },
	{ "mass_erase_us", NEED_ONE },
	{ "mass_erase_max_us", NEED_ONE },
	{ "word_us", NEED_ONE },
	{ "turnaround_us", NEED_ONE },
	{ "area", BOTH },
	{ "uid_address", NEED_ONE },
	{ "flash_size_address", NEED_ONE },
	{ "version_address", NEED_ONE },
	{ "option_window", BOTH },
	{ "options", ONE | KEY_BARE },
	{ "option_word", SET },
	{ "option_busy", SET },
	{ "option_error", SET },
	{ "option_clear", SET },
	{ "option", SET },
	{ "alias", SET | KEY_OPTION },
	{ "role", SET | KEY_OPTION },
	{ "guard", SET | KEY_OPTION },
	{ "unit", SET | KEY_OPTION },
	{ "only", SET | KEY_OPTION },
	{ "value", SET | KEY_OPTION },
	{ "per", SET | KEY_OPTION },
	{ "first", SET | KEY_OPTION },
	{ "rest", SET | KEY_OPTION },
	{ "protects", SET | KEY_OPTION },
	{ "equal", SET | KEY_OPTION },
	{ "when", SET | KEY_OPTION },
	{ "rom", BOTH },
	{ "no_mass_erase", BOTH },
	{ "stack_gap", BOTH },
	{ "shared_serial", BOTH },
	{ "quirk", BOTH },
};

#define KEYS (sizeof keys / sizeof keys[0])

const struct file_key *file_key(const char *name)
{
	for (size_t i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

const struct file_key *file_key_needed(const struct file_key *before)
{
	for (size_t i = before ? (size_t)(before - keys) + 1 : 0; i < KEYS; i++)
		if (keys[i].how & KEY_NEEDED)
			return &keys[i];
	return NULL;
}

static char *skip_blanks(char *at)
{
	return at + strspn(at, " \t\r");
}

/* End a text before the blanks at its end. */
static void trim(char *start, char *end)
{
	while (end > start && strchr(" \t\r", end[-1]))
		end--;
	*end = '\0';
}

/* Cut off the comment of a line; "" if it has none. */
static char *comment(char *line)
{
	char *hash = strchr(line, '#');

	if (!hash)
		return line + strlen(line);
	*hash = '\0';
	hash = skip_blanks(hash + 1);
	trim(hash, hash + strlen(hash));
	return hash;
}

/* What a comment line says of the sources of the values below it: what stands
 * behind its last colon. */
static const char *head(char *line)
{
	char *text = comment(line), *colon = strrchr(text, ':');

	return colon ? skip_blanks(colon + 1) : NULL;
}

static s0_code read_line(struct chip_file *file, char *start, unsigned number,
			 const char *block)
{
	struct file_line *line = &file->lines[file->count];
	char *source = comment(start), *key = skip_blanks(start);
	char *equals = strchr(key, '='), *value;

	*line = (struct file_line){ .at = start, .number = number, .key = key };
	if (!equals)
		return file_bad(file, line, key, "expected 'key = value'");
	value = skip_blanks(equals + 1);
	trim(value, value + strlen(value));
	trim(key, equals);
	line->value = value;
	line->about = file_key(key);
	if (!line->about)
		return file_bad(file, line, key, "unknown key '%.40s'", key);
	if (!*value)
		return file_bad(file, line, value, "expected 'key = value'");
	line->source = *source || !block ? source : block;
	file->count++;
	return S0_OK;
}

static s0_code count_lines(struct chip_file *file, const char *text,
			   size_t length)
{
	size_t count = 1;

	for (size_t i = 0; i < length; i++)
		count += text[i] == '\n';
	if (count > LINES_MAX)
		return file_bad(file, NULL, NULL, "more than %d lines",
				LINES_MAX);
	file->lines = store_array(file->store, count, sizeof(struct file_line));
	return file->lines ? S0_OK : error_memory(file->err);
}

/* No line of a text file has a NUL or another control character. */
static s0_code check_text(struct chip_file *file, const char *line,
			  size_t length, unsigned number)
{
	struct file_line place = { .at = line, .number = number };

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)line[i] < ' ' &&
		    !strchr("\t\r", line[i] ? line[i] : 'x'))
			return file_bad(file, &place, line + i,
					"a control character, expected text");
	return S0_OK;
}

s0_code file_read_lines(struct chip_file *file, char *text, size_t length)
{
	const char *block = NULL;
	unsigned number = 1;
	s0_code code = count_lines(file, text, length);

	for (size_t at = 0; code == S0_OK && at < length; number++) {
		char *line = text + at, *first;
		const char *found;
		char *end = memchr(line, '\n', length - at);
		size_t bytes = end ? (size_t)(end - line) : length - at;

		at += bytes + 1;
		code = check_text(file, line, bytes, number);
		if (code != S0_OK)
			break;
		line[bytes] = '\0';
		first = skip_blanks(line);
		if (!*first)
			block = NULL;
		else if (*first != '#')
			code = read_line(file, line, number, block);
		else if ((found = head(first)) != NULL)
			block = found;
	}
	return code;
}
