/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BOARD_H
#define TESTS_BOARD_H

/* A virtual chip and the host's records of it, for tests that open it more
 * than once: each opening stands for a new process. */

#include <sector0/sector0.h>

#include "link/store.h"

struct board {
	struct s0_context *context;
	struct s0_sim *sim;
	struct store *records; /* outlives the openings */
	struct s0_device *device;
	struct s0_session *session;
	const struct s0_patience *patience; /* while it is opened; or NULL */
	/* Sectors (bit 8: the first of bank 2) that are write-protected once
	 * the device is open, so that only the chip knows. */
	uint16_t unseen_wrp;
	uint32_t reconnect_ms; /* 0, as board_make() leaves it: a failure ends
				  a run */
};

void board_make(struct board *board, const char *description);
void board_free(struct board *board);
/* Open the device and begin a session, on the same records as before. */
s0_code board_open(struct board *board, struct s0_error *err);
void board_close(struct board *board);
/* Plan and run; opens and closes. */
s0_code board_flash(struct board *board, const struct s0_image *image,
		    const struct s0_policy *policy, struct s0_result *result,
		    struct s0_error *err);
/* Likewise, where it must succeed: says what happened when it does not. */
struct s0_result board_flash_ok(struct board *board,
				const struct s0_image *image,
				const struct s0_policy *policy);
/* Likewise, where it must fail. */
struct s0_error board_flash_fails(struct board *board,
				  const struct s0_image *image,
				  const struct s0_policy *policy);
/* An image of bytes that look random. */
struct s0_image *board_image(uint32_t address, uint32_t length, uint32_t seed);
/* The same with one byte of its first piece changed. */
struct s0_image *board_image_changed(const struct s0_image *image,
				     uint32_t address);
/* Change a byte of flash behind everybody's back. */
void board_poke(struct board *board, uint32_t address);
/* Does flash hold the image's bytes? */
void board_assert_holds(const struct board *board,
			const struct s0_image *image);
/* Number of flash words that a read would be a bus error for. */
unsigned board_damaged(const struct board *board);
/* Bytes that look random, the same for the same seed. */
void board_random(uint8_t *bytes, size_t length, uint32_t seed);

#endif
