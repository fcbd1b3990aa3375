/* SPDX-License-Identifier: MIT */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

/* Numbers, sizes and words: from the command line, and for people. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <sector0/error.h>

/* A number in decimal or 0x hexadecimal, below 2^32; suffixes K and M where
   they are allowed. Nothing else may stand in the word. */
bool text_number(const char *word, bool suffixes, uint32_t *ret_number);

s0_code text_address(const char *word, uint32_t *ret_address,
		     struct s0_error *err);
/* A length: at least 1. */
s0_code text_length(const char *word, uint32_t *ret_length,
		    struct s0_error *err);
/* Both, as two words; together they stay below 2^32. */
s0_code text_range(const char *const words[2], uint32_t *ret_address,
		   uint32_t *ret_length, struct s0_error *err);

/* "2048 KiB" where that is exact, else "20 bytes". */
void text_size(char *buffer, size_t size, uint64_t bytes);

/* Print, with control characters (a device's or a file's) made harmless. */
void text_print(FILE *out, const char *text);

/* " to 'PATH'", nothing for standard output. */
void text_destination(FILE *out, const char *path);

/* Value of a hexadecimal digit, -1 if it is none. */
int text_digit(char digit);

#endif
