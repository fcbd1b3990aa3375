/* SPDX-License-Identifier: MIT */
/*
 * Option-byte registers and what they protect (fact sheet 2.5). CUR is what
 * works, PRG is what a host asks for; at reset PRG is loaded from CUR.
 */
#include "sim/options.h"

#include "base/bytes.h"

#define RDP_SHIFT      8
#define RDP_MASK       0x0000ff00u
#define OPT_SECURITY   (1u << 21)
#define OPT_CHANGE_ERR (1u << 30)
#define OPT_SWAP       (1u << 31)
#define AREA_DME       (1u << 31)
void sim_options_factory(struct s0_sim *sim)
{
	struct sim_option_set *cur = &sim->options.cur;

	if (sim->chip->chip == SIM_CHIP_H743)
		sim_options_h743_factory(sim, cur);
	else
		sim_options_f405_factory(sim, cur);
	sim_options_load(sim);
}

void sim_options_load(struct s0_sim *sim)
{
	sim->options.prg = sim->options.cur;
	sim->options.change_error = false;
	/* One bank has nothing to swap with. */
	sim->array.swapped = sim_profile_banks(sim->chip) == 2 &&
			     sim->config.flash_kb > 128 &&
			     (sim->options.cur.optsr & OPT_SWAP) != 0;
}

static unsigned level(uint32_t optsr)
{
	switch (optsr >> RDP_SHIFT & 0xff) {
	case 0xaa:
		return 0;
	case 0xcc:
		return 2;
	default:
		return 1;
	}
}

unsigned sim_options_rdp(const struct s0_sim *sim)
{
	return level(sim->options.cur.optsr);
}

unsigned sim_options_bor(const struct s0_sim *sim)
{
	uint32_t optsr = sim->options.cur.optsr;

	return sim->chip->chip == SIM_CHIP_H743 ? sim_options_h743_bor(optsr)
						: sim_options_f405_bor(optsr);
}

bool sim_options_hardware_watchdog(const struct s0_sim *sim)
{
	uint32_t optsr = sim->options.cur.optsr;

	return sim->chip->chip == SIM_CHIP_H743
		       ? sim_options_h743_watchdog(optsr)
		       : sim_options_f405_watchdog(optsr);
}

/* H743: BOOT_ADD0 counts with BOOT0 low, BOOT_ADD1 with BOOT0 high (AN2606,
 * pattern 10). Level 2 never enters the bootloader. */
uint32_t sim_options_start(const struct s0_sim *sim, bool boot0_held)
{
	uint32_t boot = sim->options.cur.boot;
	uint32_t address = boot0_held ? boot & 0xffff0000u : boot << 16;

	if (sim_options_rdp(sim) == 2)
		return SIM_FLASH_BASE;
	return address == sim->chip->system ? 0 : address;
}

/* Start and end of a PCROP area, in 256-byte units; end is the last unit. */
static uint32_t area_start(uint32_t area)
{
	return area & 0xfff;
}

static uint32_t area_end(uint32_t area)
{
	return area >> 16 & 0xfff;
}

static bool area_on(uint32_t area)
{
	return area_start(area) <= area_end(area);
}

bool sim_options_secret(const struct s0_sim *sim, uint32_t place)
{
	uint32_t bank_size = sim->chip->bank_size;
	uint32_t area = sim->options.cur.prar[place / bank_size];
	uint32_t unit = place % bank_size / SIM_PCROP_UNIT;

	return area_on(area) && unit >= area_start(area) &&
	       unit <= area_end(area);
}

static bool area_touches(const struct s0_sim *sim, uint32_t area,
			 struct sim_sector sector)
{
	uint32_t place = sector.start % sim->chip->bank_size;
	uint32_t first = place / SIM_PCROP_UNIT;
	uint32_t last = (place + sector.size - 1) / SIM_PCROP_UNIT;

	return area_on(area) && area_start(area) <= last &&
	       area_end(area) >= first;
}

bool sim_options_protected(const struct s0_sim *sim, uint32_t place)
{
	unsigned bank = place / sim->chip->bank_size;
	struct sim_sector sector = sim_profile_sector(sim->chip, place);

	return !(sim->options.cur.wpsn[bank] & 1u << sector.index) ||
	       area_touches(sim, sim->options.cur.prar[bank], sector);
}

bool sim_options_bank_protected(const struct s0_sim *sim, unsigned bank)
{
	for (uint32_t i = 0; i < sim_profile_sectors(sim->chip); i++)
		if (sim_options_protected(
			    sim,
			    sim_profile_sector_of(sim->chip, bank, i).start))
			return true;
	return false;
}

uint32_t sim_options_kept(const struct s0_sim *sim, unsigned bank)
{
	uint32_t area = sim->options.cur.prar[bank], kept = 0;

	for (uint32_t i = 0; i < sim_profile_sectors(sim->chip); i++)
		if (!(area & AREA_DME) &&
		    area_touches(sim, area,
				 sim_profile_sector_of(sim->chip, bank, i)))
			kept |= 1u << i;
	return kept;
}

static uint32_t register_value(const struct s0_sim *sim, uint32_t offset)
{
	return sim->chip->chip == SIM_CHIP_H743
		       ? sim_options_h743_register(sim, offset)
		       : sim_options_f405_register(sim, offset);
}

void sim_options_read(const struct s0_sim *sim, uint32_t offset, uint8_t *bytes,
		      uint32_t length)
{
	for (uint32_t i = 0; i < length; i++) {
		uint8_t word[4];

		put_le32(word, register_value(sim, (offset + i) & ~3u));
		bytes[i] = word[(offset + i) % 4];
	}
}

void sim_options_take(struct s0_sim *sim, const uint8_t *window)
{
	if (sim->chip->chip == SIM_CHIP_H743)
		sim_options_h743_take(sim, window);
	else
		sim_options_f405_take(sim, window);
}

static bool area_shrinks(uint32_t old, uint32_t new)
{
	return area_on(old) &&
	       (!area_on(new) || area_start(new) > area_start(old) ||
		area_end(new) < area_end(old));
}

static bool only_swap_changes(const struct sim_option_set *cur,
			      const struct sim_option_set *prg)
{
	for (unsigned bank = 0; bank < 2; bank++)
		if (cur->prar[bank] != prg->prar[bank] ||
		    cur->scar[bank] != prg->scar[bank] ||
		    cur->wpsn[bank] != prg->wpsn[bank])
			return false;
	return cur->boot == prg->boot &&
	       (cur->optsr & ~OPT_SWAP) == (prg->optsr & ~OPT_SWAP);
}

bool sim_options_legal(const struct s0_sim *sim)
{
	const struct sim_option_set *cur = &sim->options.cur;
	const struct sim_option_set *prg = &sim->options.prg;
	bool regression = level(cur->optsr) == 1 && level(prg->optsr) == 0;

	if (level(cur->optsr) == 2)
		return only_swap_changes(cur, prg);
	/* The H743 has no secure mode to switch on. */
	if ((cur->optsr ^ prg->optsr) & OPT_SECURITY)
		return false;
	for (unsigned bank = 0; bank < 2; bank++)
		if (!regression &&
		    area_shrinks(cur->prar[bank], prg->prar[bank]))
			return false;
	return true;
}

bool sim_options_regress(const struct s0_sim *sim)
{
	return level(sim->options.cur.optsr) == 1 &&
	       level(sim->options.prg.optsr) == 0;
}

void sim_options_ask_open(struct s0_sim *sim)
{
	uint32_t *optsr = &sim->options.prg.optsr;

	sim->options.prg = sim->options.cur;
	*optsr = (*optsr & ~RDP_MASK) | 0xaau << RDP_SHIFT;
}

void sim_options_commit(struct s0_sim *sim)
{
	sim->options.cur = sim->options.prg;
	sim->counters.option_changes++;
	sim_persist_options(sim);
}

void sim_options_reject(struct s0_sim *sim)
{
	sim->options.prg = sim->options.cur;
	sim->options.change_error = true;
}
