/* SPDX-License-Identifier: MIT */
#ifndef CHIP_CHIP_INTERNAL_H
#define CHIP_CHIP_INTERNAL_H

#include <sector0/chip.h>

/* Add the memory that the alternate settings leave out. */
s0_code chip_add_areas(const struct s0_chip *chip, struct s0_map *map,
		       struct s0_error *err);

/* Is it the chip's name or one of its aliases, in any case? */
bool chip_has_name(const struct s0_chip *chip, const char *name);

/* Are these the same word, in any case? */
bool chip_same_word(const char *a, const char *b);

/*
 * Where lies what the fields of a bank are about: swapped banks swap the
 * registers with them, so that the first ones are always of what is at the
 * start of flash (RM0399, "register swapping"). In one bank alone all fields
 * count from its start.
 */
struct chip_banks {
	unsigned count;	   /* 1 or 2 */
	uint32_t start[2]; /* addresses, the same where there is one */
	uint32_t bytes;	   /* of a bank */
	uint32_t page;	   /* of a sector at the start of flash; 0: not known */
};

/* As flash is cut now.
 * @param map     The device's; NULL: the largest part's.
 * @param window  As read; NULL: the first geometry's. */
void chip_banks(const struct s0_chip *chip, const struct s0_map *map,
		const uint8_t *window, size_t length, struct chip_banks *ret);

/* Is it known without a look at the part where the bank of a field starts? */
bool chip_bank_known(const struct s0_chip *chip,
		     const struct s0_option_field *field);

/* An area of the option bytes. */
struct chip_area {
	uint32_t address, length;
	bool whole; /* it is so because its ends are equal */
};

/* The area that begins as a field says; false: there is none. */
bool chip_area(const struct s0_chip *chip, const struct s0_map *map,
	       const uint8_t *window, size_t length, bool programmed,
	       const struct s0_option_field *start, struct chip_area *ret);

/* The field of the area's other end; NULL. */
const struct s0_option_field *chip_other_end(
	const struct s0_chip *chip, const struct s0_option_field *field);

/* The bit of a field that is the sector's at an address; false: none. */
bool chip_sector_bit(const struct s0_map *map, const struct chip_banks *banks,
		     const struct s0_option_field *field, uint32_t address,
		     unsigned *ret_bit);

/* Value of an option field in a window as read; false if there is none. */
bool chip_option(const struct s0_chip *chip, const char *name,
		 const uint8_t *window, unsigned length, uint32_t *ret_value);

/* Has the chip's data a line for that value of a choice? */
bool chip_option_listed(const struct s0_option_field *field, uint32_t value);

#endif
