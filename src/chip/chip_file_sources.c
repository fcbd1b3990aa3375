/* SPDX-License-Identifier: MIT */
/* Where values are from: what nobody can look up is not known. */
#include <string.h>

#include "base/error.h"
#include "chip/chip_file.h"

static const char *const kinds[] = { "document", "open",     "field",
				     "own",	 "inferred", "unverified" };

const char *s0_source_name(s0_source_kind kind)
{
	return (unsigned)kind < S0_SOURCE_KINDS ? kinds[kind] : "?";
}

/* A key ends where a person would say that it ends. */
static size_t key_length(const char *text)
{
	return strcspn(text, " \t,:;()");
}

static struct file_source *find(const struct chip_file *file, const char *text)
{
	size_t length = key_length(text);

	for (size_t i = 0; i < file->source_count; i++) {
		const char *key = file->sources[i].key;

		if (strlen(key) == length && strncmp(key, text, length) == 0)
			return &file->sources[i];
	}
	return NULL;
}

static s0_code declare(struct chip_file *file, const struct file_line *line)
{
	struct file_words words = words_of(file, line, "key kind text");
	const char *key = words_word(&words);

	if (*key && key[key_length(key)])
		words_bad(&words, key, "'%.40s' is no key", key);
	if (*key && find(file, key))
		words_bad(&words, key, "'%.40s' is declared already", key);
	file->sources[file->source_count] = (struct file_source){
		.key = key,
		.line = line,
		.kind = (s0_source_kind)words_one_of(&words, kinds,
						     S0_SOURCE_KINDS, "kind")
	};
	(void)words_rest(&words);
	file->source_count++;
	return words.code;
}

/* The keys in a source: one at its start, and others behind ", " or "; ". */
static void look_up(struct chip_file *file, struct file_line *line)
{
	const char *at = line->source;

	line->kind = S0_SOURCE_KINDS;
	while (at) {
		struct file_source *source = find(file, at);

		if (!source && line->kind == S0_SOURCE_KINDS)
			return;
		if (source) {
			source->used = true;
			if (source->kind < line->kind)
				line->kind = source->kind;
		}
		at = strpbrk(at, ",;");
		if (at)
			at += 1 + strspn(at + 1, " \t");
	}
}

static s0_code check_line(struct chip_file *file, struct file_line *line)
{
	bool bare = line->about->how & KEY_BARE;

	look_up(file, line);
	if (bare || line->kind != S0_SOURCE_KINDS)
		return S0_OK;
	if (!*line->source)
		return file_bad(file, line, NULL,
				"'%s' names no source, expected '# KEY …' "
				"behind it or at the head of its block",
				line->key);
	return file_bad(
		file, line, NULL,
		"'%.*s' is no declared source, expected "
		"'source = %.*s KIND TEXT' at the head of the file",
		(int)(key_length(line->source) < 40 ? key_length(line->source)
						    : 40),
		line->source,
		(int)(key_length(line->source) < 40 ? key_length(line->source)
						    : 40),
		line->source);
}

s0_code file_read_sources(struct chip_file *file)
{
	size_t known = S0_SOURCE_KINDS - S0_SOURCE_FIELD;
	s0_code code = S0_OK;

	file->sources = store_array(file->store, file->count + known,
				    sizeof *file->sources);
	if (!file->sources)
		return error_memory(file->err);
	for (size_t i = 0; i < known; i++)
		file->sources[i] = (struct file_source){
			.key = kinds[S0_SOURCE_FIELD + i],
			.kind = (s0_source_kind)(S0_SOURCE_FIELD + i)
		};
	file->source_count = known;
	for (size_t i = 0; code == S0_OK && i < file->count; i++)
		if (strcmp(file->lines[i].key, "source") == 0)
			code = declare(file, &file->lines[i]);
	for (size_t i = 0; code == S0_OK && i < file->count; i++) {
		file->lines[i].kind = S0_SOURCE_KINDS;
		if (strcmp(file->lines[i].key, "source") != 0)
			code = check_line(file, &file->lines[i]);
	}
	for (size_t i = known; code == S0_OK && i < file->source_count; i++)
		if (!file->sources[i].used)
			code = file_bad(file, file->sources[i].line, NULL,
					"source '%.40s' is used nowhere",
					file->sources[i].key);
	return code;
}
