/* SPDX-License-Identifier: MIT */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * Filling in error records. Every function takes a record that may be NULL and
 * returns the code it was given, so that a failing path is one line:
 *
 *	return error_set(err, S0_E_FORMAT, "odd number of digits");
 *
 * The first failure wins: a record that already holds a code is not
 * overwritten. Messages follow CONTRIBUTING.md: lower case, no final stop,
 * addresses as 0x%08x, the user's words in single quotes. Hints are written by
 * src/diag alone.
 */

#include <stdint.h>

#include <sector0/error.h>

/* Make the record say nothing (as S0_ERROR_INIT). */
void error_clear(struct s0_error *err);

/* Record a failure. */
s0_code error_set(struct s0_error *err, s0_code code, const char *format, ...)
	S0_PRINTF(3, 4);

/* Record a failure that concerns a range of device addresses. */
s0_code error_set_at(struct s0_error *err, s0_code code, uint32_t address,
		     uint32_t length, const char *format, ...) S0_PRINTF(5, 6);

/* Record what the device said: bStatus and bState of a GETSTATUS. */
void error_add_dfu(struct s0_error *err, int status, int state);

/* Record where it happened, unless that is known already. */
void error_add_place(struct s0_error *err, uint32_t address, uint32_t length);

/* Record what is known about why. */
void error_add_cause(struct s0_error *err, s0_cause cause);

/* Record what the USB layer said. */
void error_add_usb(struct s0_error *err, int usb_code);

/* Record which request it was, and its block number (wValue). */
void error_add_request(struct s0_error *err, int request, int block);

/* Record how long the device was waited for, and how often it was asked again:
 * several waits and tries add up. */
void error_add_wait(struct s0_error *err, uint64_t waited_us, unsigned retries);

/* Record the part of the file that the failure concerns. */
void error_add_segment(struct s0_error *err, unsigned index, const char *file,
		       const char *section);

/* Out of memory, in the usual words. */
s0_code error_memory(struct s0_error *err);

#endif
