/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/*
 * A growing text buffer. Zero-initialise; text_free() at the end. A failed
 * allocation is remembered (text->failed) and later calls do nothing, so a
 * long run of appends needs one check.
 */

#include <stdbool.h>
#include <stddef.h>

#include <sector0/macros.h>

struct text {
	char *chars;   /* NUL-terminated; NULL while empty */
	size_t length; /* without the NUL */
	size_t capacity;
	bool failed;
};

void text_add(struct text *text, const char *format, ...) S0_PRINTF(2, 3);
void text_add_bytes(struct text *text, const char *chars, size_t length);
/* The text so far, "" while empty; owned by the buffer. */
const char *text_chars(const struct text *text);
void text_free(struct text *text);

#endif
