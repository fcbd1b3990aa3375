/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CHIP_FILE_HELP_H
#define TESTS_CHIP_FILE_HELP_H

/* A good file of chips, and the same with a change. */

#include <sector0/chips.h>

/* A family of two chips that has everything once. */
extern const char chip_file_good[];

s0_code chip_file_parse(const char *text, struct s0_chips **ret_chips,
			struct s0_error *err);

/* The good file with one change; NULL old: something behind it. To be freed. */
char *chip_file_changed(const char *old, const char *new);

/* The good file's chips. */
struct s0_chips *good_chips(void);

/* That change makes the reader refuse the file in these words. */
void expect_refused(const char *old, const char *new, const char *words);

struct refusal {
	const char *old, *new, *words;
};

#define EXPECT_REFUSED(list)                                                   \
	for (size_t i_ = 0; i_ < sizeof(list) / sizeof(list)[0]; i_++)         \
	expect_refused((list)[i_].old, (list)[i_].new, (list)[i_].words)

#endif
