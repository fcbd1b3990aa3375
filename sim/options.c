/* SPDX-License-Identifier: MIT */
/*
 * Option-byte registers and what they protect (fact sheet 2.5). CUR is what
 * works, PRG is what a host asks for; at reset PRG is loaded from CUR.
 */
#include "sim/sim.h"

#include "base/bytes.h"

/* Window offsets; bank 2's own set lies 0x100 higher. */
enum {
	OPTSR_CUR = 0x00,
	OPTSR_PRG = 0x04,
	OPTCCR = 0x08,
	PRAR_CUR = 0x0c,
	PRAR_PRG = 0x10,
	SCAR_CUR = 0x14,
	SCAR_PRG = 0x18,
	WPSN_CUR = 0x1c,
	WPSN_PRG = 0x20,
	BOOT_CUR = 0x24,
	BOOT_PRG = 0x28,
	BANK_2 = 0x100
};

#define RDP_SHIFT      8
#define RDP_MASK       0x0000ff00u
#define OPT_SECURITY   (1u << 21)
#define OPT_CHANGE_ERR (1u << 30)
#define OPT_SWAP       (1u << 31)
#define AREA_DME       (1u << 31)
/* BOR_LEV, IWDG1_SW, NRST_STOP/STBY_D1, RDP, FZ_IWDG_*, ST_RAM_SIZE, SECURITY,
 * IO_HSLV, SWAP_BANK_OPT; the rest keeps its value. */
#define OPTSR_WRITABLE 0xa03effdcu

/* Reported on two rev V parts; RM0399 prints 0x17C6AAF0. */
#define OPTSR_FACTORY 0x1bc6aaf0u
#define SYSTEM_MEMORY 0x1ff00000u
#define AREA_NONE     0x000000ffu
#define WPSN_FACTORY  0x000000ffu
#define BOOT_FACTORY  0x1ff00800u

void sim_options_factory(struct s0_sim *sim)
{
	struct sim_option_set *cur = &sim->options.cur;
	uint32_t rdp = sim->config.rdp == 0 ? 0xaau : 0xbbu;

	cur->optsr = (OPTSR_FACTORY & ~RDP_MASK) | rdp << RDP_SHIFT;
	cur->boot = BOOT_FACTORY;
	for (unsigned bank = 0; bank < 2; bank++) {
		uint32_t protect = sim->config.wrp >> (bank * 8) & 0xff;

		cur->prar[bank] = AREA_NONE;
		cur->scar[bank] = AREA_NONE;
		cur->wpsn[bank] = WPSN_FACTORY & ~protect;
	}
	sim_options_load(sim);
}

void sim_options_load(struct s0_sim *sim)
{
	sim->options.prg = sim->options.cur;
	sim->options.change_error = false;
	/* One bank has nothing to swap with. */
	sim->array.swapped = sim->config.flash_kb > 128 &&
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

/* BOOT_ADD0 counts with BOOT0 low, BOOT_ADD1 with BOOT0 high (AN2606, pattern
 * 10); level 2 never enters the bootloader. */
uint32_t sim_options_start(const struct s0_sim *sim, bool boot0_held)
{
	uint32_t boot = sim->options.cur.boot;
	uint32_t address = boot0_held ? boot & 0xffff0000u : boot << 16;

	if (sim_options_rdp(sim) == 2)
		return SIM_FLASH_BASE;
	return address == SYSTEM_MEMORY ? 0 : address;
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
	uint32_t area = sim->options.cur.prar[place / SIM_BANK_SIZE];
	uint32_t unit = place % SIM_BANK_SIZE / 256;

	return area_on(area) && unit >= area_start(area) &&
	       unit <= area_end(area);
}

static bool area_touches(uint32_t area, uint32_t sector)
{
	uint32_t first = sector * (SIM_SECTOR_SIZE / 256);
	uint32_t last = first + SIM_SECTOR_SIZE / 256 - 1;

	return area_on(area) && area_start(area) <= last &&
	       area_end(area) >= first;
}

bool sim_options_protected(const struct s0_sim *sim, uint32_t place)
{
	unsigned bank = place / SIM_BANK_SIZE;
	uint32_t sector = place % SIM_BANK_SIZE / SIM_SECTOR_SIZE;

	return !(sim->options.cur.wpsn[bank] & 1u << sector) ||
	       area_touches(sim->options.cur.prar[bank], sector);
}

bool sim_options_bank_protected(const struct s0_sim *sim, unsigned bank)
{
	for (uint32_t i = 0; i < SIM_SECTORS_PER_BANK; i++)
		if (sim_options_protected(sim, bank * SIM_BANK_SIZE +
						       i * SIM_SECTOR_SIZE))
			return true;
	return false;
}

uint32_t sim_options_kept(const struct s0_sim *sim, unsigned bank)
{
	uint32_t area = sim->options.cur.prar[bank], kept = 0;

	for (uint32_t i = 0; i < SIM_SECTORS_PER_BANK; i++)
		if (!(area & AREA_DME) && area_touches(area, i))
			kept |= 1u << i;
	return kept;
}

static uint32_t register_value(const struct s0_sim *sim, uint32_t offset)
{
	const struct sim_options *options = &sim->options;
	unsigned bank = offset >= BANK_2;

	switch (offset % BANK_2) {
	case OPTSR_CUR:
		return options->cur.optsr |
		       (options->change_error ? OPT_CHANGE_ERR : 0);
	case OPTSR_PRG:
		return options->prg.optsr;
	case PRAR_CUR:
		return options->cur.prar[bank];
	case PRAR_PRG:
		return options->prg.prar[bank];
	case SCAR_CUR:
		return options->cur.scar[bank];
	case SCAR_PRG:
		return options->prg.scar[bank];
	case WPSN_CUR:
		return options->cur.wpsn[bank];
	case WPSN_PRG:
		return options->prg.wpsn[bank];
	case BOOT_CUR:
		return options->cur.boot;
	case BOOT_PRG:
		return options->prg.boot;
	default:
		return 0;
	}
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

/* Bank 2's mirrors of the common registers are not taken: a host that edits
 * the first copy and sends the window back would otherwise undo itself. */
void sim_options_take(struct s0_sim *sim, const uint8_t *window)
{
	struct sim_option_set *prg = &sim->options.prg;

	if (get_le32(window + OPTCCR) & OPT_CHANGE_ERR)
		sim->options.change_error = false;
	prg->optsr = (get_le32(window + OPTSR_PRG) & OPTSR_WRITABLE) |
		     (sim->options.cur.optsr & ~OPTSR_WRITABLE);
	prg->boot = get_le32(window + BOOT_PRG);
	for (unsigned bank = 0; bank < 2; bank++) {
		const uint8_t *set = window + bank * BANK_2;

		prg->prar[bank] = get_le32(set + PRAR_PRG) & 0x8fff0fffu;
		prg->scar[bank] = get_le32(set + SCAR_PRG) & 0x8fff0fffu;
		prg->wpsn[bank] = get_le32(set + WPSN_PRG) & 0xffu;
	}
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
	sim_persist_options(sim);
}

void sim_options_reject(struct s0_sim *sim)
{
	sim->options.prg = sim->options.cur;
	sim->options.change_error = true;
}
