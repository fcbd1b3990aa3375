/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct text *text, size_t more)
{
	size_t need = text->length + more + 1;
	size_t capacity = text->capacity ? text->capacity : 128;
	char *chars;

	if (text->failed)
		return false;
	if (need <= text->capacity)
		return true;
	while (capacity < need)
		capacity *= 2;
	chars = realloc(text->chars, capacity);
	if (!chars) {
		text->failed = true;
		return false;
	}
	text->chars = chars;
	text->capacity = capacity;
	return true;
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || !reserve(text, (size_t)length))
		return;
	va_start(args, format);
	(void)vsnprintf(text->chars + text->length, (size_t)length + 1, format,
			args);
	va_end(args);
	text->length += (size_t)length;
}

void text_add_bytes(struct text *text, const char *chars, size_t length)
{
	if (!length || !reserve(text, length))
		return;
	memcpy(text->chars + text->length, chars, length);
	text->length += length;
	text->chars[text->length] = '\0';
}

const char *text_chars(const struct text *text)
{
	return text->chars ? text->chars : "";
}

void text_free(struct text *text)
{
	free(text->chars);
	*text = (struct text){ 0 };
}
