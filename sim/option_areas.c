/* SPDX-License-Identifier: MIT */
/*
 * What the areas and write protections of the option bytes keep from the host
 * (RM0399 4.5.2 to 4.5.5): PCROP areas, and secure-only areas where secure mode
 * is on. Registers are of banks, not of addresses: SWAP_BANK swaps them along.
 */
#include "sim/options.h"

#include <string.h>

#include "sim/values.h"

#define LAST_UNIT 0xfffu
/* One unit alone cannot be said: then it is the whole bank. */
#define LEAST_UNITS 2u

struct sim_area sim_area_of(uint32_t reg)
{
	struct sim_area area = { true, reg & LAST_UNIT, reg >> 16 & LAST_UNIT };

	if (area.first == area.last) {
		area.first = 0;
		area.last = LAST_UNIT;
	}
	area.on = area.first <= area.last;
	return area;
}

static bool covers(uint32_t reg, uint32_t unit)
{
	struct sim_area area = sim_area_of(reg);

	return area.on && area.first <= unit && unit <= area.last;
}

static bool touches(const struct s0_sim *sim, uint32_t reg,
		    struct sim_sector sector)
{
	struct sim_area area = sim_area_of(reg);
	uint32_t place = sector.start % sim->chip->bank_size;

	return area.on &&
	       area.first <= (place + sector.size - 1) / SIM_PCROP_UNIT &&
	       area.last >= place / SIM_PCROP_UNIT;
}

static bool secret_unit(const struct s0_sim *sim, unsigned bank, uint32_t unit)
{
	const struct sim_option_set *cur = &sim->options.cur;

	return covers(cur->prar[bank], unit) ||
	       (sim->options.secure && covers(cur->scar[bank], unit));
}

bool sim_options_secret(const struct s0_sim *sim, uint32_t place)
{
	unsigned bank = place / sim->chip->bank_size;

	if (sim_is(sim->chip, SIM_DATA))
		return sim_field_area_has(sim, S0_OPTION_PCROP, place, 1);
	return secret_unit(sim, bank,
			   place % sim->chip->bank_size / SIM_PCROP_UNIT);
}

bool sim_options_protected(const struct s0_sim *sim, uint32_t place)
{
	const struct sim_option_set *cur = &sim->options.cur;
	unsigned bank = place / sim->chip->bank_size;
	struct sim_sector sector = sim_profile_sector(sim->chip, place);

	if (sim_is(sim->chip, SIM_DATA))
		return place < sim->chip->read_only ||
		       sim_field_protects(sim, place) ||
		       sim_field_area_has(sim, S0_OPTION_WRITE_PROTECTION,
					  sector.start, sector.size) ||
		       sim_field_area_has(sim, S0_OPTION_PCROP, sector.start,
					  sector.size);
	return !(cur->wpsn[bank] & 1u << sector.index) ||
	       touches(sim, cur->prar[bank], sector) ||
	       (sim->options.secure && touches(sim, cur->scar[bank], sector));
}

/* The bit counts in both registers. An area without it is kept, unless one of
 * the other kind that has it lies over the same sector. */
bool sim_options_keeps(const struct s0_sim *sim, struct sim_sector sector)
{
	const struct sim_option_set *cur = &sim->options.cur;
	const struct sim_option_set *prg = &sim->options.prg;
	unsigned bank = sector.start / sim->chip->bank_size;
	bool dmep, dmes, pcrop, scar;

	if (sim_is(sim->chip, SIM_DATA))
		return false;
	dmep = (cur->prar[bank] | prg->prar[bank]) & SIM_AREA_DME;
	dmes = (cur->scar[bank] | prg->scar[bank]) & SIM_AREA_DME;
	pcrop = touches(sim, cur->prar[bank], sector);
	scar = sim->options.secure && touches(sim, cur->scar[bank], sector);
	return (pcrop && !dmep && !(scar && dmes)) ||
	       (scar && !dmes && !(pcrop && dmep));
}

/* ---- the keys pcrop= and secure= ------------------------------------------ */

/* ADDRESS+LENGTH */
static bool parse_range(char *text, const struct sim_profile *chip,
			uint32_t *ret_place, uint32_t *ret_length)
{
	char *plus = strchr(text, '+');
	uint64_t address, length;

	if (!plus)
		return false;
	*plus = '\0';
	if (!sim_value_number(text, SIM_FLASH_BASE,
			      SIM_FLASH_BASE + chip->flash_size - 1,
			      &address) ||
	    !sim_value_number(plus + 1, LEAST_UNITS * SIM_PCROP_UNIT,
			      chip->bank_size, &length))
		return false;
	*ret_place = (uint32_t)address - SIM_FLASH_BASE;
	*ret_length = (uint32_t)length;
	return *ret_place % SIM_PCROP_UNIT == 0 &&
	       *ret_length % SIM_PCROP_UNIT == 0 &&
	       *ret_place % chip->bank_size + *ret_length <= chip->bank_size;
}

static bool parse_area(char *text, const struct sim_profile *chip,
		       uint32_t regs[2])
{
	char *colon = strchr(text, ':');
	uint32_t place, length, first, last;

	if (colon) {
		*colon = '\0';
		if (strcmp(colon + 1, "erase") != 0)
			return false;
	}
	if (!parse_range(text, chip, &place, &length))
		return false;
	first = place % chip->bank_size / SIM_PCROP_UNIT;
	last = first + length / SIM_PCROP_UNIT - 1;
	regs[place / chip->bank_size] =
		last << 16 | first | (colon ? SIM_AREA_DME : 0);
	return true;
}

bool sim_options_parse_areas(const char *value, const struct sim_profile *chip,
			     uint32_t regs[2])
{
	regs[0] = regs[1] = SIM_AREA_NONE;
	for (;;) {
		size_t length = strcspn(value, "/");
		char text[48];

		if (length >= sizeof(text))
			return false;
		memcpy(text, value, length);
		text[length] = '\0';
		if (!parse_area(text, chip, regs))
			return false;
		if (value[length] == '\0')
			return true;
		value += length + 1;
	}
}
