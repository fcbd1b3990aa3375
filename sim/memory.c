/* SPDX-License-Identifier: MIT */
/* The memory map (fact sheet 2.2 and 2.3). */
#include "sim/sim.h"

#include <string.h>

#include "base/bytes.h"
#include "base/range.h"

#define UID_SIZE 12u
/* The H743's backup SRAM. */
#define BACKUP 3

/* First byte of the host's; 0: none. The H743's ROM needs 208 KiB of AXI SRAM
 * up to V9.0, 20 KiB from V9.1 on. */
static uint32_t free_from(const struct s0_sim *sim, unsigned ram)
{
	const struct sim_config *config = &sim->config;
	bool old = config->rom != 0x91 && config->rom != 0x92;

	if (!sim_is(sim->chip, SIM_H743))
		return sim->chip->rams[ram].free_from;
	if (ram == 1 && old && config->ram_rule == SIM_RAM_BY_ROM)
		return 0x24034000u;
	if (ram >= 2 && config->sram4 == SIM_YES)
		return sim->chip->rams[ram].base;
	return sim->chip->rams[ram].free_from;
}

static bool in_ram(const struct s0_sim *sim, uint32_t address, uint32_t length)
{
	for (unsigned i = 0; i < SIM_RAMS; i++) {
		const struct sim_ram *ram = &sim->chip->rams[i];
		uint32_t from = free_from(sim, i);

		if (from != 0 && range_within(address, length, from,
					      ram->base + ram->size - from))
			return true;
	}
	return false;
}

static bool in_flash(const struct s0_sim *sim, uint32_t address,
		     uint32_t length)
{
	if (!range_within(address, length, SIM_FLASH_BASE,
			  sim->chip->flash_size))
		return false;
	/* No range that a transfer can name jumps over a whole hole. */
	return sim_array_has(sim, address - SIM_FLASH_BASE) &&
	       sim_array_has(sim, address + length - 1 - SIM_FLASH_BASE);
}

static bool in_window(const struct sim_profile *chip, uint32_t address,
		      uint32_t length)
{
	for (unsigned i = 0; i < SIM_WINDOWS; i++)
		if (chip->windows[i].length &&
		    (range_within(address, length, chip->windows[i].address,
				  chip->windows[i].length) ||
		     range_within(address, length, chip->windows[i].address,
				  chip->named[i])))
			return true;
	return false;
}

static enum sim_memory in_spot(const struct sim_profile *chip, uint32_t address,
			       uint32_t length)
{
	static const enum sim_memory memories[] = {
		[SIM_SPOT_NONE] = SIM_NOWHERE,
		[SIM_SPOT_OTP] = SIM_OTP,
		[SIM_SPOT_EEPROM] = SIM_EEPROM,
		[SIM_SPOT_FEATURE] = SIM_FEATURE,
		[SIM_SPOT_SYSTEM] = SIM_SYSTEM,
	};

	for (unsigned i = 0; i < SIM_SPOTS; i++)
		if (range_within(address, length, chip->spots[i].base,
				 chip->spots[i].size))
			return memories[chip->spots[i].kind];
	return SIM_NOWHERE;
}

/* What tells one part from another can be read wherever it lies; hosts read a
 * word where the flash size is. */
static bool in_signature(const struct sim_profile *chip, uint32_t address,
			 uint32_t length)
{
	return (chip->version_at &&
		range_within(address, length, chip->version_at, 1)) ||
	       (chip->uid_at &&
		range_within(address, length, chip->uid_at, UID_SIZE)) ||
	       (chip->size_at &&
		range_within(address, length, chip->size_at, 4));
}

enum sim_memory sim_memory_find(const struct s0_sim *sim, uint32_t address,
				uint32_t length)
{
	const struct sim_profile *chip = sim->chip;
	enum sim_memory memory;

	if (in_flash(sim, address, length))
		return SIM_FLASH;
	if (in_ram(sim, address, length))
		return SIM_RAM;
	if (in_window(chip, address, length))
		return SIM_OPTION_WINDOW;
	memory = in_spot(chip, address, length);
	if (memory != SIM_NOWHERE)
		return memory;
	if (range_within(address, length, chip->system, chip->system_size) ||
	    in_signature(chip, address, length))
		return SIM_SYSTEM;
	return SIM_NOWHERE;
}

const struct s0_option_window *sim_memory_window(const struct s0_sim *sim,
						 uint32_t address)
{
	for (unsigned i = 0; i < SIM_WINDOWS; i++)
		if (sim->chip->windows[i].length &&
		    sim->chip->windows[i].address == address)
			return &sim->chip->windows[i];
	return NULL;
}

const struct sim_spot *sim_memory_spot(const struct s0_sim *sim,
				       uint32_t address)
{
	for (unsigned i = 0; i < SIM_SPOTS; i++) {
		const struct sim_spot *spot = &sim->chip->spots[i];

		if ((spot->kind == SIM_SPOT_OTP ||
		     spot->kind == SIM_SPOT_EEPROM) &&
		    range_within(address, 1, spot->base, spot->size))
			return spot;
	}
	return NULL;
}

uint8_t sim_memory_extra_byte(const struct s0_sim *sim, uint32_t address)
{
	const struct sim_spot *spot = sim_memory_spot(sim, address);

	return sim->array.extra[spot->at + address - spot->base] ^
	       sim->chip->erased;
}

uint8_t *sim_memory_ram(const struct s0_sim *sim, uint32_t address)
{
	for (unsigned i = 0; i < SIM_RAMS; i++) {
		const struct sim_ram *ram = &sim->chip->rams[i];

		if (ram->size && range_within(address, 1, ram->base, ram->size))
			return sim->rams[i] + (address - ram->base);
	}
	return NULL;
}

void sim_memory_clear_ram(struct s0_sim *sim)
{
	for (unsigned i = 0; i < SIM_RAMS; i++)
		if (sim->rams[i])
			memset(sim->rams[i], 0, sim->chip->rams[i].size);
}

void sim_memory_clear_backup(struct s0_sim *sim)
{
	if (sim_is(sim->chip, SIM_H743))
		memset(sim->rams[BACKUP], 0, sim->chip->rams[BACKUP].size);
	for (unsigned i = 0; i < SIM_SPOTS; i++) {
		const struct sim_spot *spot = &sim->chip->spots[i];

		if (spot->kind != SIM_SPOT_EEPROM)
			continue;
		memset(sim->array.extra + spot->at, 0, spot->size);
		sim_persist_extra(sim);
	}
}

/* AN2606, the H743's ROMs from V9.0 on: it must lie 16 bytes below the RAM's
 * end. */
static uint32_t stack_gap(const struct s0_sim *sim)
{
	const struct s0_rom *rom = sim_profile_rom(sim->chip, sim->config.rom);

	if (!sim_is(sim->chip, SIM_H743))
		return rom ? rom->stack_gap : 0;
	return sim->config.rom < 0x90 || sim->config.rom > 0x92 ||
			       sim->config.jump_sp == SIM_SP_FREE
		       ? 0
		       : 16;
}

bool sim_memory_stack_fits(const struct s0_sim *sim, uint32_t pointer)
{
	uint32_t gap = stack_gap(sim);

	for (unsigned i = 0; i < SIM_RAMS; i++) {
		uint32_t end =
			sim->chip->rams[i].base + sim->chip->rams[i].size;

		if (gap && pointer > end - gap && pointer <= end)
			return false;
	}
	return true;
}

uint8_t sim_memory_system_byte(const struct s0_sim *sim, uint32_t address)
{
	const struct sim_profile *chip = sim->chip;
	uint8_t half[2];

	if (chip->version_at && address == chip->version_at)
		return (uint8_t)sim->config.rom;
	if (chip->uid_at &&
	    range_within(address, 1, chip->uid_at, sizeof(sim->uid)))
		return sim->uid[address - chip->uid_at];
	if (chip->size_at && range_within(address, 1, chip->size_at, 2)) {
		put_le16(half, (uint16_t)sim->config.flash_kb);
		return half[address - chip->size_at];
	}
	for (unsigned i = 0;
	     i < sizeof(chip->constants) / sizeof(chip->constants[0]); i++) {
		const struct sim_constant *constant = &chip->constants[i];

		if (range_within(address, 1, constant->address, 2)) {
			put_le16(half, constant->value);
			return half[address - constant->address];
		}
	}
	return 0xff;
}

/* A read of a busy bank stalls the bus until the bank is idle (RM0399). */
static enum sim_outcome wait_banks(struct s0_sim *sim, uint32_t place,
				   uint32_t length)
{
	unsigned first = place / sim->chip->bank_size;
	unsigned last = (place + length - 1) / sim->chip->bank_size;
	uint64_t longest = 0;

	for (unsigned bank = first; bank <= last; bank++) {
		uint64_t busy = sim_array_busy(sim, bank);

		if (busy != 0 && sim->config.bank2_read != SIM_READ_WAIT)
			return SIM_HUNG;
		if (busy > longest)
			longest = busy;
	}
	sim->transfer.until = sim->now + longest;
	return longest > 0 ? SIM_WAIT : SIM_DONE;
}

/* Two wrong bits in a word, and the ROM has no handler. */
static enum sim_outcome bus_error(struct s0_sim *sim)
{
	sim->counters.bus_errors++;
	return sim->config.ecc_read == SIM_BUS_ERROR_HANG ? SIM_HUNG : SIM_OFF;
}

static enum sim_outcome read_flash_part(struct s0_sim *sim, uint32_t offset,
					uint8_t *bytes, uint32_t length)
{
	uint32_t place = sim_array_place(sim, offset);

	sim->counters.corrected +=
		sim_array_count(sim, place, length, SIM_STATE_FLAWED);
	if (sim_array_damaged(sim, place, length))
		return bus_error(sim);
	sim_array_read(sim, place, bytes, length);
	if (!sim_cells_read(sim, place, bytes, length))
		return bus_error(sim);
	sim_supply_spoil(sim, bytes, length);
	/* PCROP: reads as zeros, no bus error. */
	for (uint32_t i = 0, part; i < length; i += part) {
		part = SIM_PCROP_UNIT - (place + i) % SIM_PCROP_UNIT;
		part = part < length - i ? part : length - i;
		if (sim_options_secret(sim, place + i))
			memset(bytes + i, 0, part);
	}
	return SIM_DONE;
}

/* In two parts where it runs over from bank 1 to bank 2, since they may be
 * swapped. */
static enum sim_outcome read_flash(struct s0_sim *sim, uint32_t offset,
				   uint8_t *bytes, uint32_t length)
{
	uint32_t first = sim->chip->bank_size - offset % sim->chip->bank_size;
	uint32_t place =
		first >= length ? sim_array_place(sim, offset) : offset;
	enum sim_outcome outcome = wait_banks(sim, place, length);

	if (outcome != SIM_DONE)
		return outcome;
	if (first >= length)
		return read_flash_part(sim, offset, bytes, length);
	outcome = read_flash_part(sim, offset, bytes, first);
	if (outcome != SIM_DONE)
		return outcome;
	return read_flash_part(sim, offset + first, bytes + first,
			       length - first);
}

static uint8_t small_byte(const struct s0_sim *sim, enum sim_memory memory,
			  uint32_t address)
{
	/* the supply's range that belongs to each parallelism */
	static const uint8_t ranges[] = { 4, 3, 2, 0 };

	if (memory == SIM_OTP || memory == SIM_EEPROM)
		return sim_memory_extra_byte(sim, address);
	if (memory == SIM_SYSTEM)
		return sim_memory_system_byte(sim, address);
	return address == SIM_FEATURE_AT ? ranges[sim->array.psize] : 0;
}

enum sim_outcome sim_memory_read(struct s0_sim *sim, uint32_t address,
				 uint8_t *bytes, uint32_t length)
{
	enum sim_memory memory = sim_memory_find(sim, address, length);

	if (memory == SIM_OPTION_WINDOW) {
		memset(bytes, 0, length);
		sim_options_read(sim, address, bytes, length);
		return SIM_DONE;
	}
	if (sim_options_rdp(sim) > 0)
		return SIM_FORBIDDEN;
	if (memory == SIM_FLASH)
		return read_flash(sim, address - SIM_FLASH_BASE, bytes, length);
	if (memory == SIM_RAM) {
		memcpy(bytes, sim_memory_ram(sim, address), length);
		return SIM_DONE;
	}
	if (memory == SIM_NOWHERE)
		return SIM_BAD_ADDRESS;
	for (uint32_t i = 0; i < length; i++)
		bytes[i] = small_byte(sim, memory, address + i);
	return SIM_DONE;
}
