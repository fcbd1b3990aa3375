/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LIFTING_H
#define TESTS_LIFTING_H

/* Boards with write-protected sectors that an image needs, and bytes beside it
 * that are to be kept. */

#include "test.h"

#include "board.h"

#define FLASH  0x08000000u
#define SECTOR 0x20000u

struct lifting_chip {
	const char *description;
	const char *name;
	uint32_t sector; /* another that the image needs, protected */
};

/* Both readings of the reset after a write of option bytes; swapped banks. */
#define LIFTING_CHIPS 4u
extern const struct lifting_chip lifting_chips[LIFTING_CHIPS];

struct lifting {
	const struct lifting_chip *chip;
	struct board board;
	struct s0_image *image, *kept;
	struct s0_error err;
	struct s0_result result;
	char warnings[2048];
	uint32_t protection[2]; /* as it was at first */
};

extern const struct s0_policy lifting_keep;

void lifting_make(struct lifting *l, const struct lifting_chip *chip);
void lifting_free(struct lifting *l);
/* Is the write protection as it was, by the chip itself? */
bool lifting_is_back(const struct lifting *l);
s0_code lifting_open(struct lifting *l, bool lift);
/* Plans and programs the image in a session that is open; closes it. */
s0_code lifting_run(struct lifting *l, const struct s0_policy *policy);
/* All of it, what is beside it kept. */
s0_code lifting_flash(struct lifting *l, bool lift);
/* Likewise; it must succeed, leaving nothing open. */
void lifting_flash_ok(struct lifting *l);

#endif
