/* SPDX-License-Identifier: MIT */
/* STM32H743: fact sheet 2; DS12110, RM0399 chapter 4 (the same flash block). */
#include "sim/profile.h"

const struct sim_profile sim_profile_h743 = {
	.name = "stm32h743",
	.traits = SIM_H743 | SIM_NEW | SIM_ECC,
	/* The array is always kept for the largest part. */
	.flash_size = 0x00200000,
	.bank_size = 0x00100000,
	.present = 0x00100000,
	.banks_present = 2,
	.groups = { { 8, 0x20000 } },
	.word = 32,
	.erased = 0xff,
	.align = 8, /* AN2606 table 7 */
	/* DS12110 tables 53 and 150; the maximum is twice the typical. */
	.speeds = { { { 1000000 }, 5000000, 32, 100, 200 },
		    { { 1100000 }, 6000000, 32, 130, 260 },
		    { { 1800000 }, 8000000, 32, 180, 360 },
		    { { 2000000 }, 13000000, 32, 290, 580 } },
	/* DS12110 tables 52 and 53: typical current, VDD; table 27. */
	.write_ua = { 35000, 20000, 11500, 6500 },
	.write_mv = { 1800, 1620, 1620, 1620 },
	.sag_mohm = 40000,
	.bor_mv = { 1620, 2000, 2310, 2610 },
	.measured_erase_us = 905000, /* and it says that the ROM uses x64 */
	/* DTCM, AXI, SRAM4, backup SRAM. First byte of the host's: AN2606
	 * table 226 for 0x92; memory.c knows what older ROMs and keys change.
	 */
	.rams = { { 0x20000000, 0x00020000, 0x20004100 },
		  { 0x24000000, 0x00080000, 0x24005000 },
		  { 0x38000000, 0x00010000, 0 },
		  { 0x38800000, 0x00001000, 0 } },
	.system = 0x1ff00000,
	.system_size = 0x00020000,
	.version_at = 0x1ff1e7fe,
	.uid_at = 0x1ff1e800,
	.size_at = 0x1ff1e880,
	/* TS_CAL1 (30 C), TS_CAL2 (110 C), VREFINT_CAL: the values are made
	 * up, their places are DS12110's. */
	.constants = { { 0x1ff1e820, 12260 },
		       { 0x1ff1e840, 16090 },
		       { 0x1ff1e860, 24200 } },
	/* FLASH_OPTSR_CUR to FLASH_BOOT4_PRG of bank 2 (CMSIS). */
	.windows = { { .address = 0x5200201c, .length = 308 } },
	/* Dump of a real part (fact sheet 2.1), byte for byte. */
	.device = { 0x12, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x40, 0x83, 0x04,
		    0x11, 0xdf, 0x00, 0x02, 0x01, 0x02, 0x03, 0x01 },
	/* Configuration, two alternate settings with strings 6 and 7, and DFU
	 * functional: attributes 0x0B, 255 ms, 1024 bytes, 1.1a. */
	.config = { 0x09, 0x02, 0x24, 0x00, 0x01, 0x01, 0x02, 0xc0, 0x32,
		    0x09, 0x04, 0x00, 0x00, 0x00, 0xfe, 0x01, 0x02, 0x06,
		    0x09, 0x04, 0x00, 0x01, 0x00, 0xfe, 0x01, 0x02, 0x07,
		    0x09, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x04, 0x1a, 0x01 },
	.alternates = 2,
	.functional = 9,
	.transfer_size = 1024,
	.strings = { .manufacturer = "STMicroelectronics",
		     .product = "DFU in FS Mode",
		     .names = { NULL, "@Option Bytes   /0x5200201C/01*128 e" },
		     .first = 6 },
};
