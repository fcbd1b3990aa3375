/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_HOSTILE_H
#define FUZZ_HOSTILE_H

/*
 * A device that means harm: a link whose answers come from the fuzzer's input.
 * A transfer takes a byte of it that says how to misbehave; without input it
 * behaves, so that runs get far. It knows the image that is programmed, and
 * which of its bytes it has handed over last and right.
 *
 *	byte 0	flags: HOSTILE_…
 *	byte 1	wTransferSize / 64, or its number in a list of odd ones
 *	then	raw descriptors and strings, where asked for: length, bytes
 *	then	one byte a transfer, and its arguments
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/image.h>

#include "link/usb_link.h"

enum {
	HOSTILE_RAW_CONFIG = 1,	 /* configuration descriptor from the input */
	HOSTILE_RAW_STRINGS = 2, /* strings too */
	HOSTILE_ODD_SIZE = 4,	 /* a transfer size that no ROM has */
	HOSTILE_FULL = 8,	 /* policy: full, erase, keep … */
	HOSTILE_KEEP = 16,
	HOSTILE_ALL = 32,
	HOSTILE_NONE = 64,
	HOSTILE_DIRTY = 128 /* flash is not blank at first */
};

#define HOSTILE_IMAGE 96u /* bytes at HOSTILE_AT */
#define HOSTILE_AT    0x0801fff0u
#define HOSTILE_FLASH 0x08000000u
#define HOSTILE_BYTES 0x40000u /* of flash */

struct hostile {
	struct usb_link link; /* first */
	const uint8_t *input;
	size_t left;
	uint8_t flags;
	uint16_t block;
	uint64_t now_us, transfers;
	bool gone;
	bool empty;   /* UPLOADs are answered by nothing */
	bool pending; /* a command runs with the next GETSTATUS */
	uint8_t command[5];
	uint8_t status, state;
	uint32_t pointer;
	uint8_t config[256];
	uint8_t flash[HOSTILE_BYTES];
	uint8_t image[HOSTILE_IMAGE];
	bool right[HOSTILE_IMAGE]; /* handed over last as the image has it */
	bool *closed;		   /* set by close() */
};

/* Made by malloc(), freed by close(). */
struct hostile *hostile_new(const uint8_t *input, size_t length, bool *closed);
/* The next byte of the input; 0 when there is none. */
uint8_t hostile_next(struct hostile *me);
/* Descriptors and strings: hostile_usb.c. */
void hostile_describe(struct hostile *me);
s0_code hostile_string(struct usb_link *link, uint8_t index, uint8_t raw[255],
		       uint16_t *ret_length, struct s0_error *err);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
