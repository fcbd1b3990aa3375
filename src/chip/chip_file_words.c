/* SPDX-License-Identifier: MIT */
/* The words of a value. The first refusal is kept, so that a line is read
 * without a look at each word. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "chip/chip_file.h"

static s0_code refuse(const struct chip_file *file,
		      const struct file_line *line, const char *at,
		      const char *format, va_list args)
{
	char what[200];

	(void)vsnprintf(what, sizeof what, format, args);
	return error_set(file->err, S0_E_FORMAT, "%.80s:%u:%zu: %s", file->name,
			 line ? line->number : 1,
			 line && at ? (size_t)(at - line->at) + 1 : (size_t)1,
			 what);
}

s0_code file_bad(const struct chip_file *file, const struct file_line *line,
		 const char *at, const char *format, ...)
{
	va_list args;
	s0_code code;

	va_start(args, format);
	code = refuse(file, line,
		      at     ? at
		      : line ? line->key
			     : NULL,
		      format, args);
	va_end(args);
	return code;
}

struct file_words words_of(const struct chip_file *file,
			   const struct file_line *line, const char *form)
{
	return (struct file_words){
		.file = file, .line = line, .at = line->value, .form = form
	};
}

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

static void skip_blanks(struct file_words *words)
{
	while (is_blank(*words->at))
		words->at++;
}

bool words_more(const struct file_words *words)
{
	return words->code == S0_OK && words->at[strspn(words->at, " \t")];
}

/* Is there a word? */
static bool have(struct file_words *words)
{
	if (words->code != S0_OK)
		return false;
	skip_blanks(words);
	if (*words->at)
		return true;
	words->code = file_bad(words->file, words->line, words->at,
			       "expected '%s'", words->form);
	return false;
}

const char *words_word(struct file_words *words)
{
	size_t length;
	const char *word;

	if (!have(words))
		return "";
	length = strcspn(words->at, " \t");
	word = store_text(words->file->store, words->at, length);
	if (!word) {
		words->code = error_memory(words->file->err);
		return "";
	}
	words->at += length;
	return word;
}

void words_bad(struct file_words *words, const char *last, const char *format,
	       ...)
{
	va_list args;

	if (words->code != S0_OK)
		return;
	va_start(args, format);
	words->code = refuse(words->file, words->line, words->at - strlen(last),
			     format, args);
	va_end(args);
}

/* Digits of a base; false where there is none, or something else. */
static bool digits(const char *at, unsigned base, uint64_t *ret_value)
{
	static const char known[] = "0123456789abcdef";
	uint64_t value = 0;

	if (!*at)
		return false;
	for (; *at; at++) {
		const char *digit =
			strchr(known, *at >= 'A' && *at <= 'F' ? *at - 'A' + 'a'
							       : *at);

		if (!digit || (unsigned)(digit - known) >= base)
			return false;
		if (value <= UINT32_MAX)
			value = value * base + (unsigned)(digit - known);
	}
	*ret_value = value;
	return true;
}

uint32_t words_number(struct file_words *words, uint32_t least, uint32_t most)
{
	const char *word = words_word(words);
	bool hex = word[0] == '0' && (word[1] | 0x20) == 'x';
	uint64_t value = 0;

	if (words->code != S0_OK)
		return 0;
	if (!digits(word + (hex ? 2 : 0), hex ? 16 : 10, &value))
		words_bad(words, word, "'%.40s' is not a number", word);
	else if (value < least || value > most)
		words_bad(words, word,
			  most > 4096 ? "%.40s is out of range, %#x to %#x"
				      : "%.40s is out of range, %u to %u",
			  word, least, most);
	return words->code == S0_OK ? (uint32_t)value : 0;
}

size_t words_one_of(struct file_words *words, const char *const *known,
		    size_t count, const char *what)
{
	const char *word = words_word(words);
	char all[120] = "";

	if (words->code != S0_OK)
		return 0;
	for (size_t i = 0; i < count; i++) {
		size_t end = strlen(all);

		if (strcmp(word, known[i]) == 0)
			return i;
		(void)snprintf(all + end, sizeof all - end, "%s%s",
			       i ? ", " : "", known[i]);
	}
	words_bad(words, word, "unknown %s '%.40s', expected %s", what, word,
		  all);
	return 0;
}

const char *words_rest(struct file_words *words)
{
	const char *rest;

	if (!have(words))
		return "";
	rest = words->at;
	words->at += strlen(rest);
	return rest;
}

s0_code words_end(struct file_words *words)
{
	if (words->code == S0_OK)
		skip_blanks(words);
	if (words->code == S0_OK && *words->at)
		words->code = file_bad(words->file, words->line, words->at,
				       "'%.40s' is too much, expected '%s'",
				       words->at, words->form);
	return words->code;
}

bool file_is_name(const char *word)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	return *word && strspn(word, letters) > 0 &&
	       word[strspn(word, all)] == '\0';
}
