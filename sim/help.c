/* SPDX-License-Identifier: MIT */
/* What a description can say, as text. */
#include <sector0/sim.h>

#include "sim/keys.h"

#define LINE(name, traits, kind, values, lowest, highest, fallback, meaning,   \
	     source)                                                           \
	"  " #name "=" values ONLY_##traits "\n      " meaning " (" source ")" \
					    "\n"
#define ONLY_ALL	 ""
#define ONLY_H743	 "   (stm32h743)"
#define ONLY_F405	 "   (stm32f405)"
#define ONLY_HAND_MADE	 "   (stm32h743, stm32f405)"
#define ONLY_DATA	 "   (all but stm32h743 and stm32f405)"
#define ONLY_OLD	 "   (older ROMs, as the stm32f405's)"
#define ONLY_NEW	 "   (newer ROMs, as the stm32h743's)"
#define ONLY_EARLY	 "   (F0, F3, L0, L1, L4)"
#define ONLY_STRICT	 "   (C5)"
#define ONLY_ECC	 "   (flash with ECC)"
#define ONLY_PLAIN	 "   (flash without ECC)"
#define ONLY_REFUSES	 "   (F0, F1, F3, L0, L4, L5, G, WB, C0, U, GD32)"
#define ONLY_RESETS	 "   (F0, F2, F4, F7, L41, L43, L45)"
#define ONLY_PARALLEL	 "   (F2, F4, F7)"
#define ONLY_ONE_SERIAL	 "   (F0, F1, F72, GD32)"
#define ONLY_LONG_STRING "   (F429)"
#define ONLY_DIES	 "   (GD32)"

#define HEAD                                                                   \
	"profile stm32h743: STM32H743 in its ROM bootloader, over USB\n"       \
	"profile stm32f405: STM32F405 in its ROM bootloader, over USB\n"       \
	"profile NAME: any other chip that sector0 knows, from its data; the " \
	"names of its option fields are keys too (nDBANK=0)\n"                 \
	"keys, the default first or in brackets (D documented, C from code, "  \
	"R reported, I inferred, K general knowledge):\n"
#define CHIP_KEYS  HEAD SIM_KEYS_CHIP(LINE)
#define ROM_KEYS   SIM_KEYS_ROM(LINE)
#define SOME_KEYS  SIM_KEYS_SOME(LINE)
#define OPT_KEYS   SIM_KEYS_OPTION(LINE)
#define BOARD_KEYS SIM_KEYS_BOARD(LINE)

const char *s0_sim_help(void)
{
	/* Literals that lie behind each other: C promises no more than 4095
	 * characters in one. */
	static const struct {
		char chip[sizeof(CHIP_KEYS) - 1];
		char rom[sizeof(ROM_KEYS) - 1];
		char some[sizeof(SOME_KEYS) - 1];
		char option[sizeof(OPT_KEYS) - 1];
		char board[sizeof(BOARD_KEYS)];
	} help = { CHIP_KEYS, ROM_KEYS, SOME_KEYS, OPT_KEYS, BOARD_KEYS };

	_Static_assert(sizeof(help) == sizeof(help.chip) + sizeof(help.rom) +
					       sizeof(help.some) +
					       sizeof(help.option) +
					       sizeof(help.board),
		       "a gap");
	return (const char *)&help;
}
