/* SPDX-License-Identifier: MIT */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static s0_code set(struct s0_error *err, s0_code code, const char *format,
		   va_list args)
{
	if (err->code != S0_OK)
		return err->code;
	err->code = code;
	(void)vsnprintf(err->message, sizeof err->message, format, args);
	return code;
}

s0_code fail(struct s0_error *err, s0_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = set(err, code, format, args);
	va_end(args);
	return code;
}

s0_code fail_usage(struct s0_error *err, const char *format, ...)
{
	s0_code code;
	va_list args;

	va_start(args, format);
	code = set(err, S0_E_USAGE, format, args);
	va_end(args);
	return code;
}

s0_code fail_memory(struct s0_error *err)
{
	return fail(err, S0_E_MEMORY, "out of memory");
}

void add_hint(struct s0_error *err, const char *format, ...)
{
	va_list args;

	if (err->hint[0] != '\0')
		return;
	va_start(args, format);
	(void)vsnprintf(err->hint, sizeof err->hint, format, args);
	va_end(args);
}

#define LONGEST 31

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein distance; both strings are at most LONGEST long. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[LONGEST + 1];
	size_t a_length = strlen(a), b_length = strlen(b);

	for (size_t j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t above = row[j];
			size_t change = diagonal + (a[i - 1] != b[j - 1]);

			row[j] = least(change, least(above, row[j - 1]) + 1);
			diagonal = above;
		}
	}
	return row[b_length];
}

void nearest_offer(struct nearest *nearest, const char *known)
{
	size_t length = strlen(nearest->typed), distance;

	if (length == 0 || length > LONGEST || strlen(known) > LONGEST)
		return;
	if (length >= 3 && strncmp(nearest->typed, known, length) == 0)
		distance = 1; /* a name cut short */
	else
		distance = edit_distance(nearest->typed, known);
	if (distance > 1 + length / 3)
		return;
	if (nearest->best && distance >= nearest->distance)
		return;
	nearest->best = known;
	nearest->distance = distance;
}
