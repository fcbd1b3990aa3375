/* SPDX-License-Identifier: MIT */
#ifndef TESTS_OPTION_CHIPS_H
#define TESTS_OPTION_CHIPS_H

/* Chips made by hand: ways of having option bytes. */

#include <sector0/chip.h>

/* Two windows, registers as in an F42x, flash of 8 sectors of 4 KiB. */
const struct s0_chip *two_windows(void);
/* Complements of three kinds, and write protection of areas in pages, of which
 * the option byte DBANK tells the size and in which bank. */
const struct s0_chip *complements(void);
/* Nothing is known but where the read protection is. */
const struct s0_chip *barely_known(void);

/* A window in which the complements fit, every word with that value. */
void complements_window(uint8_t window[32]);

/* The map of the chip, of sectors of a size. */
struct s0_map *option_chip_map(uint32_t sector, uint32_t count);

#endif
