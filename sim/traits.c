/* SPDX-License-Identifier: MIT */
/*
 * What the ROMs of the families are and have. The generation is told by
 * bcdDevice where that is known; the rest is the fact sheets' (6, peers 3.2 and
 * 3.3): option bytes reset the chip on F0, F2, F4, F7, L41, L43 and L45
 * (AN3156); USB-FS ROMs of the F0, F3, L0, L1 and L41 to L46 stall an early
 * GETSTATUS (dfu-util, reports); OTG ROMs need a crystal (AN2606); words that
 * hold something are refused by the F0, F1, F3 (PGERR), L0 (NOTZEROERR), L4,
 * L5, G, WB, C0 and U (PROGERR).
 */
#include "sim/profile.h"

#include <stddef.h>
#include <string.h>

#define OTG (SIM_OLD | SIM_CRYSTAL_ONLY)
#define FS  (SIM_OLD | SIM_EARLY)

/* By the beginning of the name; the first that fits. */
static const struct {
	const char *start;
	uint32_t traits;
} families[] = {
	{ "stm32f0", FS | SIM_RESETS | SIM_REFUSES | SIM_ONE_SERIAL },
	{ "stm32f1", OTG | SIM_REFUSES | SIM_ONE_SERIAL },
	{ "stm32f2", OTG | SIM_RESETS | SIM_PARALLEL },
	{ "stm32f3", FS | SIM_REFUSES | SIM_CRYSTAL_ONLY },
	{ "stm32f429", OTG | SIM_RESETS | SIM_PARALLEL | SIM_LONG_STRING },
	{ "stm32f4", OTG | SIM_RESETS | SIM_PARALLEL },
	{ "stm32f722", OTG | SIM_RESETS | SIM_PARALLEL | SIM_ONE_SERIAL },
	{ "stm32f7", OTG | SIM_RESETS | SIM_PARALLEL },
	{ "stm32l0", FS | SIM_REFUSES },
	{ "stm32l1", FS | SIM_CRYSTAL_ONLY },
	{ "stm32l412", FS | SIM_RESETS | SIM_REFUSES },
	{ "stm32l432", FS | SIM_RESETS | SIM_REFUSES },
	{ "stm32l452", FS | SIM_RESETS | SIM_REFUSES },
	{ "stm32l4", SIM_OLD | SIM_REFUSES }, /* OTG */
	{ "stm32h", SIM_NEW },
	{ "stm32c5", SIM_NEW | SIM_STRICT },
	{ "stm32", SIM_NEW | SIM_REFUSES }, /* L5, G, WB, C0, U */
	{ "gd32", SIM_OLD | SIM_REFUSES | SIM_ONE_SERIAL | SIM_DIES },
	{ "at32", SIM_OLD | SIM_SHORT_FUNCTIONAL },
	{ "apm32", OTG | SIM_RESETS | SIM_PARALLEL },
};

static uint32_t by_name(const struct s0_chip *chip)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strncmp(chip->name, families[i].start,
			    strlen(families[i].start)) == 0)
			return families[i].traits;
	return chip->bcd_device >> 8 >= 0x20 ? SIM_OLD : SIM_NEW;
}

/* The dumps' word against the family's: an L4+ has a newer ROM. */
static uint32_t by_release(const struct s0_chip *chip, uint32_t traits)
{
	uint32_t old = SIM_OLD | SIM_EARLY | SIM_CRYSTAL_ONLY;

	if (chip->bcd_device == 0x0200)
		return (traits & ~old) | SIM_NEW;
	if (chip->bcd_device >> 8 >= 0x20)
		return (traits & ~(uint32_t)SIM_NEW) | SIM_OLD;
	return traits;
}

static uint32_t by_quirks(const struct s0_chip *chip)
{
	static const struct {
		unsigned quirk;
		uint32_t trait;
	} table[] = {
		{ S0_QUIRK_EARLY_POLL_STALLS, SIM_EARLY },
		{ S0_QUIRK_PAGES_HALF, SIM_HALF_PAGES },
		{ S0_QUIRK_LEAVE_NEEDS_ADDRESS, SIM_AIMED },
		{ S0_QUIRK_CLRSTATUS_STALLS, SIM_STRICT },
	};
	uint32_t traits = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (chip->quirks & table[i].quirk)
			traits |= table[i].trait;
	if (!(chip->quirks & S0_QUIRK_DESCRIPTOR_BLIND))
		traits |= SIM_FOLLOWS;
	return traits;
}

uint32_t sim_traits_of(const struct s0_chip *chip)
{
	return SIM_DATA | by_release(chip, by_name(chip)) | by_quirks(chip) |
	       (chip->ecc ? SIM_ECC : SIM_PLAIN);
}
