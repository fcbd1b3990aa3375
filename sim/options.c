/* SPDX-License-Identifier: MIT */
/*
 * Option-byte registers and what they protect (fact sheet 2.5). CUR is what
 * works, PRG is what a host asks for; at reset PRG is loaded from CUR.
 */
#include "sim/options.h"

#include <string.h>

#include "base/bytes.h"
#include "base/range.h"

#define RDP_SHIFT 8
#define RDP_MASK  0x0000ff00u
/* Memories of an H743 that can be started from, but are not the host's. */
#define ITCM_SIZE    0x00010000u
#define SRAM_D2	     0x30000000u
#define SRAM_D2_SIZE 0x00048000u

static void make_new(struct s0_sim *sim)
{
	struct sim_option_set *cur = &sim->options.cur;

	if (sim_is(sim->chip, SIM_DATA))
		sim_options_data_factory(sim, &sim->options.words);
	else if (sim_is(sim->chip, SIM_H743))
		sim_options_h743_factory(sim, cur);
	else
		sim_options_f405_factory(sim, cur);
}

void sim_options_factory(struct s0_sim *sim)
{
	make_new(sim);
	sim_options_load(sim);
}

static bool swaps(const struct s0_sim *sim)
{
	if (sim_is(sim->chip, SIM_DATA))
		return sim_options_data_role(sim, S0_OPTION_SWAP_BANKS, 0) == 1;
	return (sim->options.cur.optsr & SIM_OPT_SWAP) != 0;
}

void sim_options_load(struct s0_sim *sim)
{
	sim->options.prg = sim->options.cur;
	sim->options.asked = sim->options.words;
	/* A system reset leaves the option registers alone (RM0399). */
	if (sim->cold)
		sim->options.change_error = false;
	sim->options.secure = (sim->options.cur.optsr & SIM_OPT_SECURITY) != 0;
	/* One bank has nothing to swap with. */
	if (sim_is(sim->chip, SIM_DATA))
		sim_options_data_cut(sim);
	sim->array.swapped = sim->chip->banks_present == 2 && swaps(sim);
}

unsigned sim_options_level(uint32_t optsr)
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
	if (sim_is(sim->chip, SIM_DATA))
		return sim_options_data_level(sim, &sim->options.words);
	return sim_options_level(sim->options.cur.optsr);
}

unsigned sim_options_bor(const struct s0_sim *sim)
{
	uint32_t optsr = sim->options.cur.optsr;

	if (sim_is(sim->chip, SIM_DATA))
		return 0; /* its thresholds are no part of the data */
	return sim_is(sim->chip, SIM_H743) ? sim_options_h743_bor(optsr)
					   : sim_options_f405_bor(optsr);
}

bool sim_options_hardware_watchdog(const struct s0_sim *sim)
{
	uint32_t optsr = sim->options.cur.optsr;

	if (sim_is(sim->chip, SIM_DATA))
		return sim_options_data_role(sim, S0_OPTION_WATCHDOG, 1) == 0;
	return sim_is(sim->chip, SIM_H743) ? sim_options_h743_watchdog(optsr)
					   : sim_options_f405_watchdog(optsr);
}

/* Is there anything at an address that a boot option names? */
static bool leads_somewhere(const struct s0_sim *sim, uint32_t address)
{
	const struct sim_profile *chip = sim->chip;

	for (unsigned i = 0; i < SIM_RAMS; i++)
		if (chip->rams[i].size &&
		    range_within(address, 1, chip->rams[i].base,
				 chip->rams[i].size))
			return true;
	return address < ITCM_SIZE ||
	       range_within(address, 1, SRAM_D2, SRAM_D2_SIZE) ||
	       range_within(address, 1, chip->system, chip->system_size) ||
	       sim_memory_find(sim, address, 1) == SIM_FLASH;
}

/* H743: BOOT_ADD0 counts with BOOT0 low, BOOT_ADD1 with BOOT0 high (AN2606,
 * pattern 10). Level 2 starts the user flash only, and where a boot option
 * leads nowhere, the factory's address counts (RM0433, not re-read). */
bool sim_options_boots(const struct s0_sim *sim, bool boot0_held,
		       uint32_t *ret_start)
{
	uint32_t boot = sim->options.cur.boot;
	uint32_t address = boot0_held ? boot & 0xffff0000u : boot << 16;

	if (sim_is(sim->chip, SIM_DATA)) {
		*ret_start = SIM_FLASH_BASE;
		return boot0_held && sim_options_rdp(sim) < 2;
	}
	if (sim_options_rdp(sim) == 2) {
		if (sim_memory_find(sim, address, 1) != SIM_FLASH)
			address = SIM_FLASH_BASE;
	} else if (!leads_somewhere(sim, address)) {
		if (sim->config.boot_nowhere == SIM_NOWHERE_DEAD)
			address = 0;
		else
			address =
				boot0_held ? sim->chip->system : SIM_FLASH_BASE;
	}
	*ret_start = address;
	return address == sim->chip->system;
}

static uint32_t register_value(const struct s0_sim *sim, uint32_t offset)
{
	return sim_is(sim->chip, SIM_H743)
		       ? sim_options_h743_register(sim, offset)
		       : sim_options_f405_register(sim, offset);
}

void sim_options_read(const struct s0_sim *sim, uint32_t address,
		      uint8_t *bytes, uint32_t length)
{
	uint32_t offset = address - sim->chip->windows[0].address;

	if (sim_is(sim->chip, SIM_DATA)) {
		sim_options_data_read(sim, address, bytes, length);
		return;
	}
	for (uint32_t i = 0; i < length; i++) {
		uint8_t word[4];

		put_le32(word, register_value(sim, (offset + i) & ~3u));
		bytes[i] = word[(offset + i) % 4];
	}
}

void sim_options_take(struct s0_sim *sim, const struct s0_option_window *window,
		      const uint8_t *bytes)
{
	if (sim_is(sim->chip, SIM_DATA))
		sim_options_data_take(sim, window, bytes);
	else if (sim_is(sim->chip, SIM_H743))
		sim_options_h743_take(sim, bytes);
	else
		sim_options_f405_take(sim, bytes);
}

void sim_options_ask_open(struct s0_sim *sim)
{
	uint32_t *optsr = &sim->options.prg.optsr;

	sim->options.prg = sim->options.cur;
	*optsr = (*optsr & ~RDP_MASK) | 0xaau << RDP_SHIFT;
	sim->options.asked = sim->options.words;
	if (sim_is(sim->chip, SIM_DATA))
		sim_options_data_open(sim, &sim->options.asked);
}

void sim_options_put(struct s0_sim *sim)
{
	sim->options.cur = sim->options.prg;
	sim->options.words = sim->options.asked;
}

void sim_options_commit(struct s0_sim *sim)
{
	sim_options_put(sim);
	if (sim_is(sim->chip, SIM_DATA))
		sim_options_data_cut(sim);
	sim->counters.option_changes++;
	sim_persist_options(sim);
}

/* What was asked for stays in PRG (RM0399). */
void sim_options_reject(struct s0_sim *sim)
{
	sim->options.change_error = sim->config.ob_error == SIM_ERROR_FLAG;
}

bool sim_options_asked(const struct s0_sim *sim)
{
	return memcmp(&sim->options.cur, &sim->options.prg,
		      sizeof(sim->options.cur)) != 0 ||
	       memcmp(&sim->options.words, &sim->options.asked,
		      sizeof(sim->options.words)) != 0;
}

/* As a new chip, but for the erased byte of the read protection: level 1. */
static void lose_all(struct s0_sim *sim)
{
	make_new(sim);
	sim->options.cur.optsr |= RDP_MASK;
	if (sim_is(sim->chip, SIM_DATA))
		sim_options_data_close(sim, &sim->options.words);
}

/* Byte by byte the old value or the new one. */
static void mix_bytes(struct s0_sim *sim, void *current, const void *asked,
		      size_t size)
{
	uint8_t *cur = current;
	const uint8_t *prg = asked;

	for (size_t i = 0; i < size; i++)
		if (sim_random(sim) % 2)
			cur[i] = prg[i];
}

static void mix(struct s0_sim *sim)
{
	struct sim_options *options = &sim->options;

	if (sim_is(sim->chip, SIM_DATA))
		mix_bytes(sim, &options->words, &options->asked,
			  sizeof(options->words));
	else
		mix_bytes(sim, &options->cur, &options->prg,
			  sizeof(options->cur));
}

void sim_options_tear(struct s0_sim *sim)
{
	switch (sim->config.ob_torn) {
	case SIM_TORN_ERASED:
		lose_all(sim);
		break;
	case SIM_TORN_MIXED:
		mix(sim);
		break;
	default: /* RM0399: the old values are kept */
		return;
	}
	sim_persist_options(sim);
}
