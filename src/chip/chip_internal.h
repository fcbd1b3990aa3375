/* SPDX-License-Identifier: MIT */
#ifndef CHIP_CHIP_INTERNAL_H
#define CHIP_CHIP_INTERNAL_H

#include <sector0/chip.h>

/* Add the memory that the alternate settings leave out. */
s0_code chip_add_areas(const struct s0_chip *chip, struct s0_map *map,
		       struct s0_error *err);

/*
 * Cut a map down to the flash that the chip says it has (flash size register,
 * KiB). The bootloader's layout names the largest part's: an H743xG lists 16
 * sectors and has four in each bank, bank 2 still at 0x08100000 (OpenOCD
 * src/flash/nor/stm32h7x.c). Never makes the map larger.
 */
s0_code chip_limit_flash(const struct s0_chip *chip, struct s0_map *map,
			 unsigned flash_kib, struct s0_error *err);

/* Are these the same word, in any case? */
bool chip_same_word(const char *a, const char *b);

/* Where lies what the fields of a bank (1 or 2) are about: swapped banks swap
 * the registers with them, so that the first ones are always of what is at the
 * start of flash (RM0399, "register swapping"). */
uint32_t chip_bank(const struct s0_chip *chip, unsigned bank);

/* Value of an option field in a window as read; false if there is none. */
bool chip_option(const struct s0_chip *chip, const char *name,
		 const uint8_t *window, unsigned length, uint32_t *ret_value);

#endif
