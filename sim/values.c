/* SPDX-License-Identifier: MIT */
/* Values of the keys of a description, each from its text. */
#include "sim/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool same(const char *a, size_t length, const char *b)
{
	return strlen(b) == length && memcmp(a, b, length) == 0;
}

bool sim_value_number(const char *value, uint64_t lowest, uint64_t highest,
		      uint64_t *ret_number)
{
	char *end;
	unsigned long long number;

	if (value[0] < '0' || value[0] > '9')
		return false;
	errno = 0;
	number = strtoull(value, &end, 0);
	if (*end || errno == ERANGE || number < lowest || number > highest)
		return false;
	*ret_number = number;
	return true;
}

/* Index of value in words, which are separated by bars; -1: not there. */
int sim_value_word(const char *words, const char *value)
{
	int index = 0;

	for (const char *word = words; *word; index++) {
		size_t length = strcspn(word, "| ");

		if (same(word, length, value))
			return index;
		word += length;
		/* behind a blank the default is told */
		if (*word++ != '|')
			return -1;
	}
	return -1;
}

bool sim_value_choice(const char *choices, const char *value,
		      uint32_t *ret_number)
{
	uint64_t number;

	if (!sim_value_number(value, 0, UINT32_MAX, &number))
		return false;
	for (const char *choice = choices; *choice;) {
		char *end;

		if (strtoull(choice, &end, 0) == number) {
			*ret_number = (uint32_t)number;
			return true;
		}
		choice = *end == '|' ? end + 1 : end;
	}
	return false;
}

bool sim_value_time(const char *value, bool worn, uint32_t *ret_word,
		    uint32_t *ret_number)
{
	uint64_t number;

	if (strcmp(value, "typ") == 0) {
		*ret_word = SIM_TIME_TYP;
	} else if (strcmp(value, "max") == 0) {
		*ret_word = SIM_TIME_MAX;
	} else if (worn && strcmp(value, "worn") == 0) {
		*ret_word = SIM_TIME_WORN;
	} else if (sim_value_number(value, 1, 60000, &number)) {
		*ret_word = SIM_TIME_NUMBER;
		*ret_number = (uint32_t)number;
	} else {
		return false;
	}
	return true;
}

/* Digits with one point at most. Not strtod(): the user's locale may want a
 * comma. */
static bool parse_factor(const char *value, double *ret_factor)
{
	double factor = 0, unit = 1;

	for (; *value; value++) {
		if (*value == '.' && unit == 1) {
			unit = 0.1;
		} else if (*value < '0' || *value > '9') {
			return false;
		} else if (unit < 1) {
			factor += (*value - '0') * unit;
			unit /= 10;
		} else {
			factor = factor * 10 + (*value - '0');
		}
	}
	*ret_factor = factor;
	return factor <= 1000;
}

bool sim_value_clock(const char *value, double *ret_scale)
{
	*ret_scale = strcmp(value, "real") == 0 ? 1 : 0;
	if (strncmp(value, "real*", 5) == 0)
		return parse_factor(value + 5, ret_scale) &&
		       *ret_scale >= 0.000001;
	return *ret_scale > 0 || strcmp(value, "virtual") == 0;
}

bool sim_value_scale(const char *value, double *ret_scale)
{
	return value[0] >= '0' && value[0] <= '9' &&
	       parse_factor(value, ret_scale);
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool sim_value_uid(const char *value, uint8_t uid[12])
{
	if (strlen(value) != 24)
		return false;
	for (unsigned i = 0; i < 12; i++) {
		int high = nibble(value[2 * i]), low = nibble(value[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		uid[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool sim_value_text(const char *value, char *place, size_t size)
{
	size_t length = strlen(value);

	if (length == 0 || length >= size)
		return false;
	memcpy(place, value, length + 1);
	return true;
}

bool sim_value_layout(const char *value, char *place, size_t size)
{
	if (!sim_value_text(value, place, size))
		return false;
	for (char *c = place; *c; c++)
		if (*c == ';')
			*c = ',';
	return true;
}
