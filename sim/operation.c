/* SPDX-License-Identifier: MIT */
/*
 * What a DNLOAD asked for. The ROM carries it out inside the GETSTATUS that
 * follows, NAKing the pipe (fact sheet 0.1, 1.3).
 */
#include "sim/sim.h"

#include <string.h>

#include "base/bytes.h"
#include "base/range.h"

/* The bank-2 bug: the ROM comes back after this long (fact sheet 3.1). */
#define BANK2_US 16000
/* No figure is published for an option change. */
#define OPTION_US 20000

/* The CPU waits for the flash, unless the supply fails half-way. */
static enum sim_outcome work(struct s0_sim *sim, uint64_t ticks)
{
	if (!sim->power_fails) {
		sim_time_work(sim, ticks);
		return SIM_DONE;
	}
	sim_time_work(sim, ticks / 2);
	sim_power_lose(sim, sim->comes_back);
	return SIM_OFF;
}

enum sim_outcome sim_operation_wait_bank(struct s0_sim *sim, unsigned bank,
					 bool wait)
{
	uint64_t busy = sim_array_busy(sim, bank);

	if (busy == 0)
		return SIM_DONE;
	if (!wait)
		return SIM_HUNG;
	sim_time_work(sim, busy);
	return SIM_DONE;
}

/* Before a flash command. */
static enum sim_outcome need_bank(struct s0_sim *sim, unsigned bank)
{
	return sim_operation_wait_bank(sim, bank,
				       sim->config.busy_bank2 == SIM_BUSY_WAIT);
}

static bool bank2_bug(const struct s0_sim *sim)
{
	return sim->config.rom == 0x90 || sim->config.rom == 0x91;
}

static enum sim_outcome protected_outcome(const struct s0_sim *sim)
{
	return sim->config.wrp_reports == SIM_WRP_ERROR ? SIM_FORBIDDEN
							: SIM_DONE;
}

static enum sim_outcome erase(struct s0_sim *sim, uint32_t address)
{
	uint32_t offset = address - SIM_FLASH_BASE, place;
	enum sim_outcome outcome;
	uint64_t ticks = sim_time_ticks(sim, sim->config.times.erase_us);
	uint64_t early;
	unsigned bank;

	if (sim_options_rdp(sim) > 0)
		return SIM_FORBIDDEN;
	if (sim_memory_find(sim, address, 1) != SIM_FLASH)
		return SIM_BAD_ADDRESS;
	place = sim_array_place(sim, offset);
	bank = place / SIM_BANK_SIZE;
	outcome = need_bank(sim, bank);
	if (outcome != SIM_DONE)
		return outcome;
	if (sim_options_protected(sim, place))
		return protected_outcome(sim);
	sim_array_erase(sim, bank,
			1u << place % SIM_BANK_SIZE / SIM_SECTOR_SIZE, false,
			ticks);
	if (offset < SIM_BANK_SIZE || !bank2_bug(sim))
		return work(sim, ticks);
	/* Wrong busy flag watched: the erase goes on without the ROM. */
	early = sim_time_ticks(sim, BANK2_US);
	outcome = work(sim, ticks < early ? ticks : early);
	return outcome == SIM_DONE ? SIM_FAILED : outcome;
}

static uint32_t bank_sectors(const struct s0_sim *sim, unsigned bank)
{
	uint32_t sectors = 0;

	for (unsigned i = 0; i < SIM_SECTORS_PER_BANK; i++)
		if (sim_array_has(sim,
				  bank * SIM_BANK_SIZE + i * SIM_SECTOR_SIZE))
			sectors |= 1u << i;
	return sectors;
}

static enum sim_outcome need_both_banks(struct s0_sim *sim)
{
	enum sim_outcome outcome = need_bank(sim, 0);

	return outcome == SIM_DONE ? need_bank(sim, 1) : outcome;
}

/* Both banks at the same time: counted once. */
static enum sim_outcome work_mass(struct s0_sim *sim, uint64_t ticks)
{
	enum sim_outcome outcome = work(sim, ticks);

	if (outcome == SIM_DONE) {
		sim->counters.mass_erases++;
		sim->counters.erase_us += ticks / SIM_TICKS_PER_US;
	}
	return outcome;
}

static enum sim_outcome mass_erase(struct s0_sim *sim)
{
	uint64_t ticks = sim_time_ticks(sim, sim->config.times.mass_erase_us);
	enum sim_outcome outcome;
	bool any = false;

	if (sim_options_rdp(sim) > 0)
		return SIM_FORBIDDEN;
	/* AN2606, V13.3: DFU mass erase does not work. */
	if (sim->config.rom == 0xD3)
		return SIM_DONE;
	outcome = need_both_banks(sim);
	if (outcome != SIM_DONE)
		return outcome;
	for (unsigned bank = 0; bank < 2; bank++) {
		/* One protected sector keeps its whole bank (RM0399). */
		if (sim_options_bank_protected(sim, bank) ||
		    bank_sectors(sim, bank) == 0)
			continue;
		sim_array_erase(sim, bank, bank_sectors(sim, bank), true,
				ticks);
		any = true;
	}
	if (!any)
		return protected_outcome(sim);
	if (!bank2_bug(sim) || sim->config.mass_erase_bug == SIM_MASS_WORKS)
		return work_mass(sim, ticks);
	outcome = work(sim, sim_time_ticks(sim, BANK2_US));
	return outcome == SIM_DONE ? SIM_UNSUPPORTED : outcome;
}

/* RDP level 1 to 0: everything goes, whatever WRP says. The level falls only
 * when the array is empty. */
static enum sim_outcome regress(struct s0_sim *sim)
{
	uint64_t ticks = sim_time_ticks(sim, sim->config.times.mass_erase_us);
	enum sim_outcome outcome = need_both_banks(sim);

	if (outcome != SIM_DONE)
		return outcome;
	for (unsigned bank = 0; bank < 2; bank++) {
		uint32_t sectors =
			bank_sectors(sim, bank) & ~sim_options_kept(sim, bank);

		if (sectors != 0)
			sim_array_erase(sim, bank, sectors, true, ticks);
	}
	return work_mass(sim, ticks);
}

/* AN3156: RAM cleared in any case, then a system reset. */
static enum sim_outcome unprotect(struct s0_sim *sim)
{
	enum sim_outcome outcome = SIM_DONE;

	sim_options_ask_open(sim);
	if (sim_options_regress(sim))
		outcome = regress(sim);
	if (outcome != SIM_DONE)
		return outcome;
	sim_options_commit(sim);
	sim_memory_clear_ram(sim);
	sim_power_reset(sim);
	return SIM_OFF;
}

static enum sim_outcome set_address(struct s0_sim *sim, uint32_t address)
{
	if (sim->config.addr_check == SIM_CHECK_AT_SET_ADDRESS &&
	    sim_memory_find(sim, address, 1) == SIM_NOWHERE)
		return SIM_BAD_ADDRESS;
	sim->dfu.pointer = address;
	sim->counters.set_addresses++;
	return SIM_DONE;
}

static enum sim_outcome run_command(struct s0_sim *sim)
{
	const uint8_t *buffer = sim->dfu.buffer;
	uint32_t address = get_le32(buffer + 1);

	if (sim->dfu.length == 5 && buffer[0] == 0x21)
		return set_address(sim, address);
	if (sim->dfu.length == 5 && buffer[0] == 0x41) {
		if (sim->config.erase_moves_pointer == SIM_YES)
			sim->dfu.pointer = address;
		return erase(sim, address);
	}
	if (sim->dfu.length == 1 && buffer[0] == 0x41)
		return mass_erase(sim);
	if (sim->dfu.length == 1 && buffer[0] == 0x92)
		return unprotect(sim);
	if (sim->dfu.length == 1 && buffer[0] == 0x00)
		return SIM_DONE;
	return SIM_UNSUPPORTED;
}

/* Within one sector. The rest of a word that is not filled is programmed as
 * ones all the same (force-write, RM0399). */
static enum sim_outcome program_part(struct s0_sim *sim, uint32_t offset,
				     const uint8_t *data, uint32_t length)
{
	uint8_t padded[SIM_PROGRAM_MAX];
	uint32_t place = sim_array_place(sim, offset);
	uint32_t before = place % SIM_WORD;
	uint32_t whole = (uint32_t)round_up(before + length, SIM_WORD);
	uint64_t ticks = sim_time_ticks(
		sim, (uint64_t)sim->config.times.word_us * (whole / SIM_WORD));
	enum sim_outcome outcome = need_bank(sim, place / SIM_BANK_SIZE);

	if (outcome != SIM_DONE)
		return outcome;
	if (sim_options_protected(sim, place))
		return protected_outcome(sim);
	memset(padded, 0xff, sizeof(padded));
	memcpy(padded + before, data, length);
	sim_array_program(sim, place - before, padded, whole, ticks);
	return work(sim, ticks);
}

static enum sim_outcome program(struct s0_sim *sim, uint32_t address,
				const uint8_t *data, uint32_t length)
{
	uint32_t offset = address - SIM_FLASH_BASE;

	/* AN2606 table 7: 8 bytes on the H7. After such a write PGSERR blocks
	 * the ones behind it. */
	if (address % 8 != 0 || length % 8 != 0)
		sim->array.pgs_error = true;
	if (sim->array.pgs_error)
		return SIM_FAILED;
	while (length > 0) {
		uint32_t part = SIM_SECTOR_SIZE - offset % SIM_SECTOR_SIZE;
		enum sim_outcome outcome;

		if (part > length)
			part = length;
		outcome = program_part(sim, offset, data, part);
		if (outcome != SIM_DONE)
			return outcome;
		offset += part;
		data += part;
		length -= part;
	}
	return SIM_DONE;
}

/* AN3156: wrong pointer or length, nothing is done and no error reported. */
static enum sim_outcome write_options(struct s0_sim *sim, uint32_t address)
{
	enum sim_outcome outcome = SIM_DONE;

	if (address != SIM_OPTIONS_BASE || sim->dfu.length != SIM_OPTIONS_SIZE)
		return SIM_DONE;
	sim_options_take(sim, sim->dfu.buffer);
	if (!sim_options_legal(sim)) {
		sim_options_reject(sim);
		return SIM_DONE;
	}
	if (sim_options_regress(sim))
		outcome = regress(sim);
	if (outcome == SIM_DONE)
		outcome = work(sim, sim_time_ticks(sim, OPTION_US));
	if (outcome != SIM_DONE)
		return outcome;
	sim_options_commit(sim);
	if (sim->config.ob_write_reset != SIM_YES)
		return SIM_DONE;
	sim_power_reset(sim);
	return SIM_OFF;
}

static enum sim_outcome write_ram(struct s0_sim *sim, uint32_t address)
{
	if (address % 4 != 0 || sim->dfu.length % 4 != 0)
		return SIM_FAILED;
	memcpy(sim_memory_ram(sim, address), sim->dfu.buffer, sim->dfu.length);
	return SIM_DONE;
}

static enum sim_outcome run_write(struct s0_sim *sim)
{
	uint64_t address =
		sim_dfu_address(sim, sim->dfu.block, sim->dfu.length);
	enum sim_memory memory = SIM_NOWHERE;

	if (address <= UINT32_MAX)
		memory = sim_memory_find(sim, (uint32_t)address,
					 sim->dfu.length);
	if (memory == SIM_OPTION_WINDOW)
		return write_options(sim, (uint32_t)address);
	if (sim_options_rdp(sim) > 0)
		return SIM_FORBIDDEN;
	if (memory == SIM_FLASH)
		return program(sim, (uint32_t)address, sim->dfu.buffer,
			       sim->dfu.length);
	if (memory == SIM_RAM)
		return write_ram(sim, (uint32_t)address);
	return SIM_BAD_ADDRESS;
}

enum sim_outcome sim_operation_run(struct s0_sim *sim)
{
	if (sim->dfu.block == 0)
		return run_command(sim);
	if (sim->dfu.block == 1)
		return SIM_DONE; /* reserved: taken, nothing done */
	return run_write(sim);
}
