/* SPDX-License-Identifier: MIT */
/* Which lines of a file hold for one of its chips. */
#include <string.h>

#include "base/error.h"
#include "chip/chip_file.h"

bool file_is(const struct file_line *line, const char *key)
{
	return strcmp(line->key, key) == 0;
}

/* A part of a file: lines [first, end). */
struct part {
	size_t first, end;
};

/* The lines behind one up to the next that begins with a key, or with the other
 * key. */
static struct part part_of(const struct chip_file *file, size_t start)
{
	size_t end = start + 1;

	while (end < file->count && !file_is(&file->lines[end], "chip") &&
	       !file_is(&file->lines[end], "option_set"))
		end++;
	return (struct part){ start + 1, end };
}

/* Where the first line with that key is; count: nowhere. */
static size_t first_of(const struct chip_file *file, const char *key)
{
	size_t i = 0;

	while (i < file->count && !file_is(&file->lines[i], key))
		i++;
	return i;
}

/* The family's own lines: before the first set and the first chip. */
static struct part family_part(const struct chip_file *file)
{
	size_t chip = first_of(file, "chip");
	size_t set = first_of(file, "option_set");

	return (struct part){ 0, chip < set ? chip : set };
}

size_t view_find(const struct file_view *view, const char *key, size_t from)
{
	while (from < view->count && !file_is(view->lines[from], key))
		from++;
	return from;
}

size_t view_count(const struct file_view *view, const char *key)
{
	size_t count = 0;

	for (size_t i = 0; i < view->count; i++)
		count += file_is(view->lines[i], key);
	return count;
}

const struct file_line *view_line(const struct file_view *view, const char *key,
				  size_t index)
{
	size_t at = view_find(view, key, 0);

	while (index-- && at < view->count)
		at = view_find(view, key, at + 1);
	return at < view->count ? view->lines[at] : view->chip;
}

static void take(struct file_view *view, struct part part)
{
	for (size_t i = part.first; i < part.end; i++)
		view->lines[view->count++] = &view->file->lines[i];
}

/* The family's lines, but for those that the section has too. */
static void take_family(struct file_view *view, struct part section)
{
	const struct chip_file *file = view->file;
	struct part family = family_part(file);

	for (size_t i = family.first; i < family.end; i++) {
		size_t j = section.first;

		while (j < section.end &&
		       file->lines[j].about != file->lines[i].about)
			j++;
		if (j == section.end)
			view->lines[view->count++] = &file->lines[i];
	}
}

static s0_code take_set(struct file_view *view, struct file_words *words)
{
	const struct chip_file *file = view->file;
	const char *name = words_word(words);

	for (size_t i = 0; words->code == S0_OK && i < file->count; i++) {
		struct part part;

		if (!file_is(&file->lines[i], "option_set") ||
		    strcmp(file->lines[i].value, name) != 0)
			continue;
		part = part_of(file, i);
		for (size_t j = 0; part.first < part.end && j < view->count;
		     j++)
			if (view->lines[j] == &file->lines[part.first])
				words_bad(words, name,
					  "'%.40s' is there already", name);
		if (words->code == S0_OK)
			take(view, part);
		return words->code;
	}
	words_bad(words, name, "unknown set of options '%.40s'", name);
	return words->code;
}

static s0_code take_options(struct file_view *view)
{
	size_t at = view_find(view, "options", 0);
	struct file_words words;

	if (at == view->count)
		return S0_OK;
	words = words_of(view->file, view->lines[at], "set …");
	do
		(void)take_set(view, &words);
	while (words_more(&words));
	return words.code;
}

static s0_code check_needed(const struct file_view *view)
{
	const struct file_key *key = NULL;

	while ((key = file_key_needed(key)) != NULL)
		if (view_find(view, key->name, 0) == view->count)
			return file_bad(view->file, view->chip, NULL,
					"'%s' is missing in chip '%.40s'",
					key->name, view->chip->value);
	return S0_OK;
}

s0_code file_view(const struct chip_file *file, size_t start,
		  struct file_view *view)
{
	struct part section = part_of(file, start);
	s0_code code;

	*view = (struct file_view){ .file = file, .chip = &file->lines[start] };
	view->lines = store_array(file->store, file->count,
				  sizeof(const struct file_line *));
	if (!view->lines)
		return error_memory(file->err);
	take_family(view, section);
	take(view, section);
	code = check_needed(view);
	return code == S0_OK ? take_options(view) : code;
}
