/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MATRIX_H
#define TESTS_MATRIX_H

/* A virtual chip, and what its flash is to hold: for test_matrix.c. */

#include "board.h"

struct matrix {
	struct board board;
	const struct s0_chip *chip;
	const struct s0_geometry *geometry; /* the true one */
	const char *description, *column;
	bool failed;
	/* How the chip was known: "", or why it had to be named. */
	char known[80];
	bool refused;	       /* … and was refused then */
	uint32_t start, bytes; /* of flash, without a hole */
	/* Where sectors change their size, or a bank begins, or the second
	 * sector does. */
	uint32_t border;
	uint32_t beside, beside_bytes; /* in its sector, not in the image */
	struct s0_image *image;
	uint8_t *holds; /* what flash is to hold */
	size_t erased_count, fields;
	uint32_t eeprom; /* 0: none */
};

struct taking {
	uint8_t bytes[512];
	size_t length;
};

/* @kib: of flash. */
bool matrix_begin(struct matrix *m, const struct s0_chip *chip,
		  const char *description, uint32_t kib);
void matrix_end(struct matrix *m);
/* Say what is wrong; false. */
bool matrix_fail(const struct matrix *m, const char *format, ...)
	S0_PRINTF(2, 3);
bool matrix_open(struct matrix *m);
bool matrix_flash(struct matrix *m, const struct s0_policy *policy,
		  struct s0_result *result);
bool matrix_flash_image(struct matrix *m, const struct s0_image *image,
			const struct s0_policy *policy,
			struct s0_result *result);
/* Compare the image with the device: must come to that. */
bool matrix_compare(struct matrix *m, s0_code expected);
/* The sector that holds an address, by the chip's geometry. */
struct s0_sectors matrix_sector(const struct matrix *m, uint32_t address);
/* The image's sectors are to hold it, and nothing else. */
void matrix_expect_erased(struct matrix *m);
/* Put bytes into flash behind everybody's back. */
void matrix_poke(struct matrix *m, uint32_t address, const uint8_t *bytes,
		 uint32_t length);
/* Change a byte of the image at the border. */
void matrix_change(struct matrix *m);
/* Does the array hold what it is to hold? */
bool matrix_check_array(struct matrix *m);
uint32_t matrix_find_eeprom(const struct matrix *m);

#endif
