/* SPDX-License-Identifier: MIT */
/* STM32F405, a chip with an old ROM ("generation A", bcdDevice 0x2100 and
 * 0x2200): fact sheet 6, DS8626, RM0090 chapter 3. */
#include "sim/profile.h"

const struct sim_profile sim_profile_f405 = {
	.name = "stm32f405",
	.traits = SIM_F405 | SIM_OLD | SIM_PLAIN | SIM_RESETS | SIM_PARALLEL |
		  SIM_CRYSTAL_ONLY,
	.flash_size = 0x00100000,
	.bank_size = 0x00100000,
	.present = 0x00100000,
	.banks_present = 1,
	.groups = { { 4, 0x4000 }, { 1, 0x10000 }, { 7, 0x20000 } },
	.word = 4, /* no ECC: any bit can go from 1 to 0 at any time */
	.erased = 0xff,
	.align = 4,
	/* DS8626, flash memory programming: 16, 64 and 128 KiB sectors; x64
	 * is with VPP. A unit takes at most 100 us. */
	.speeds = { { { 230000, 490000, 875000 }, 6900000, 8, 16, 100 },
		    { { 250000, 550000, 1000000 }, 8000000, 4, 16, 100 },
		    { { 300000, 700000, 1300000 }, 11000000, 2, 16, 100 },
		    { { 400000, 1200000, 2000000 }, 16000000, 1, 16, 100 } },
	/* DS8626, from general knowledge; the current of x64 is inferred: the
	 * array has VPP then. RM0090: x32 from 2.7 V on, x16 from 2.1 V. */
	.write_ua = { 12000, 12000, 8000, 5000 },
	.write_mv = { 2700, 2700, 2100, 1800 },
	.sag_mohm = 280000,
	.bor_mv = { 1680, 2190, 2500, 2830 },
	.rams = { { 0x20000000, 0x00020000, 0x20003000 } },
	.system = 0x1fff0000,
	.system_size = 0x00007a30,
	.version_at = 0x1fff77de,
	.uid_at = 0x1fff7a10,
	.size_at = 0x1fff7a22,
	/* VREFIN_CAL, TS_CAL1 (30 C), TS_CAL2 (110 C): values made up. */
	.constants = { { 0x1fff7a2a, 1510 },
		       { 0x1fff7a2c, 940 },
		       { 0x1fff7a2e, 1200 } },
	/* 16 blocks of 32 bytes, a lock byte each */
	.spots = { { SIM_SPOT_OTP, 0x1fff7800, 528, 0, 512 },
		   { SIM_SPOT_FEATURE, 0xffff0000, 4, 0, 0 } },
	.extra_size = 528,
	.windows = { { .address = 0x1fffc000, .length = 16 } },
	/* dfu-util's log of a discovery board (2012); since then bcdDevice
	 * became 0x2200. */
	.device = { 0x12, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x40, 0x83, 0x04,
		    0x11, 0xdf, 0x00, 0x22, 0x01, 0x02, 0x03, 0x01 },
	.config = { 0x09, 0x02, 0x36, 0x00, 0x01, 0x01, 0x00, 0xc0, 0x32,
		    0x09, 0x04, 0x00, 0x00, 0x00, 0xfe, 0x01, 0x02, 0x04,
		    0x09, 0x04, 0x00, 0x01, 0x00, 0xfe, 0x01, 0x02, 0x05,
		    0x09, 0x04, 0x00, 0x02, 0x00, 0xfe, 0x01, 0x02, 0x06,
		    0x09, 0x04, 0x00, 0x03, 0x00, 0xfe, 0x01, 0x02, 0x07,
		    0x09, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01 },
	.alternates = 4,
	.functional = 9,
	.transfer_size = 2048,
	.strings = { .manufacturer = "STMicroelectronics",
		     .product = "STM32  BOOTLOADER",
		     .same_serial = "STM32FxSTM32",
		     .names = { NULL, "@Option Bytes  /0x1FFFC000/01*016 e",
				"@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
				"@Device Feature/0xFFFF0000/01*004 e" },
		     .first = 4 },
};
