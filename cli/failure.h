/* SPDX-License-Identifier: MIT */
#ifndef CLI_FAILURE_H
#define CLI_FAILURE_H

/* Making error records: the commands' own failures, in the library's form. */

#include <stddef.h>

#include <sector0/error.h>

/* Record a failure; returns the code. The first failure wins. */
s0_code fail(struct s0_error *err, s0_code code, const char *format, ...)
	S0_PRINTF(3, 4);

/* A command line that cannot be understood. */
s0_code fail_usage(struct s0_error *err, const char *format, ...)
	S0_PRINTF(2, 3);

s0_code fail_memory(struct s0_error *err);

/* Add what to do about the failure just recorded, unless that is known. */
void add_hint(struct s0_error *err, const char *format, ...) S0_PRINTF(2, 3);

/*
 * The known name that a mistyped one most resembles; NULL if none does.
 * Names are handed in one after another, starting with best == NULL.
 */
struct nearest {
	const char *typed;
	const char *best;
	size_t distance;
};
void nearest_offer(struct nearest *nearest, const char *known);

#endif
