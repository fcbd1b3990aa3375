/* SPDX-License-Identifier: MIT */
#ifndef OPTION_FACTORY_H
#define OPTION_FACTORY_H

/* The chips whose option bytes are tested as values, and a new one's. */
#include <string.h>

#include <sector0/chip.h>

#include "base/bytes.h"

static inline const struct s0_chip *h743(void)
{
	return s0_chip_find("h743");
}

static inline const struct s0_chip *f405(void)
{
	return s0_chip_find("f405");
}

/* A chip as it is sold: fact sheet of the H743, registers of RM0399 table 20. */
static inline const uint8_t *factory(uint8_t window[308])
{
	memset(window, 0, 308);
	put_le32(window, 0x1bc6aaf0);
	put_le32(window + 0x04, 0x1bc6aaf0);
	for (size_t bank = 0; bank < 0x200; bank += 0x100) {
		for (size_t at = 0x0c; at < 0x24; at += 4)
			put_le32(window + bank + at, 0x000000ff);
	}
	put_le32(window + 0x24, 0x1ff00800);
	put_le32(window + 0x28, 0x1ff00800);
	put_le32(window + 0x2c, 0x10000810);
	put_le32(window + 0x30, 0x10000810);
	return window;
}

#endif
