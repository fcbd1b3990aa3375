/* SPDX-License-Identifier: MIT */
/* The memory map (fact sheet 2.2 and 2.3). */
#include "sim/sim.h"

#include <string.h>

#include "base/bytes.h"
#include "base/range.h"

#define DTCM_BASE   0x20000000u
#define DTCM_SIZE   0x00020000u
#define AXI_BASE    0x24000000u
#define AXI_SIZE    0x00080000u
#define SYSTEM_BASE 0x1FF00000u
#define SYSTEM_SIZE 0x00020000u

/* First byte that the host may use: AN2606 table 226 for 0x92; the ROM needs
 * 208 KiB of AXI SRAM up to V9.0, 20 KiB from V9.1 on. */
#define DTCM_FREE 0x20004100u

static uint32_t axi_free(const struct s0_sim *sim)
{
	return sim->config.rom == 0x91 || sim->config.rom == 0x92 ? 0x24005000u
								  : 0x24034000u;
}

static bool in_ram(const struct s0_sim *sim, uint32_t address, uint32_t length)
{
	uint32_t axi = axi_free(sim);

	return range_within(address, length, DTCM_FREE,
			    DTCM_BASE + DTCM_SIZE - DTCM_FREE) ||
	       range_within(address, length, axi, AXI_BASE + AXI_SIZE - axi);
}

static bool in_flash(const struct s0_sim *sim, uint32_t address,
		     uint32_t length)
{
	if (!range_within(address, length, SIM_FLASH_BASE, SIM_FLASH_SIZE))
		return false;
	/* No range that a transfer can name jumps over a whole hole. */
	return sim_array_has(sim, address - SIM_FLASH_BASE) &&
	       sim_array_has(sim, address + length - 1 - SIM_FLASH_BASE);
}

enum sim_memory sim_memory_find(const struct s0_sim *sim, uint32_t address,
				uint32_t length)
{
	if (in_flash(sim, address, length))
		return SIM_FLASH;
	if (in_ram(sim, address, length))
		return SIM_RAM;
	if (range_within(address, length, SYSTEM_BASE, SYSTEM_SIZE))
		return SIM_SYSTEM;
	if (range_within(address, length, SIM_OPTIONS_BASE, SIM_OPTIONS_SIZE))
		return SIM_OPTION_WINDOW;
	return SIM_NOWHERE;
}

uint8_t *sim_memory_ram(const struct s0_sim *sim, uint32_t address)
{
	if (range_within(address, 1, DTCM_BASE, DTCM_SIZE))
		return sim->dtcm + (address - DTCM_BASE);
	if (range_within(address, 1, AXI_BASE, AXI_SIZE))
		return sim->axi + (address - AXI_BASE);
	return NULL;
}

void sim_memory_clear_ram(struct s0_sim *sim)
{
	memset(sim->dtcm, 0, DTCM_SIZE);
	memset(sim->axi, 0, AXI_SIZE);
}

/* Little-endian halfwords of the information block. The calibration values are
 * made up; their places are DS12110's. */
static const struct {
	uint32_t address;
	uint16_t value;
} calibration[] = {
	{ 0x1FF1E820, 12260 }, /* TS_CAL1, 30 C */
	{ 0x1FF1E840, 16090 }, /* TS_CAL2, 110 C */
	{ 0x1FF1E860, 24200 }, /* VREFINT_CAL */
};

uint8_t sim_memory_system_byte(const struct s0_sim *sim, uint32_t address)
{
	uint8_t half[2];

	if (address == 0x1FF1E7FE)
		return (uint8_t)sim->config.rom;
	if (range_within(address, 1, 0x1FF1E800, sizeof(sim->uid)))
		return sim->uid[address - 0x1FF1E800];
	if (range_within(address, 1, 0x1FF1E880, 2)) {
		put_le16(half, (uint16_t)sim->config.flash_kb);
		return half[address - 0x1FF1E880];
	}
	for (size_t i = 0; i < sizeof(calibration) / sizeof(*calibration); i++)
		if (range_within(address, 1, calibration[i].address, 2)) {
			put_le16(half, calibration[i].value);
			return half[address - calibration[i].address];
		}
	return 0xff;
}

/* A read of a busy bank stalls the bus until the bank is idle (RM0399). */
static enum sim_outcome wait_banks(struct s0_sim *sim, uint32_t place,
				   uint32_t length)
{
	unsigned first = place / SIM_BANK_SIZE;
	unsigned last = (place + length - 1) / SIM_BANK_SIZE;
	bool wait = sim->config.bank2_read == SIM_READ_WAIT;

	for (unsigned bank = first; bank <= last; bank++) {
		enum sim_outcome outcome =
			sim_operation_wait_bank(sim, bank, wait);

		if (outcome != SIM_DONE)
			return outcome;
	}
	return SIM_DONE;
}

static enum sim_outcome read_flash_part(struct s0_sim *sim, uint32_t offset,
					uint8_t *bytes, uint32_t length)
{
	uint32_t place = sim_array_place(sim, offset);
	enum sim_outcome outcome = wait_banks(sim, place, length);

	if (outcome != SIM_DONE)
		return outcome;
	/* Two wrong bits in a word: bus error, and the ROM has no handler. */
	if (sim_array_damaged(sim, place, length))
		return SIM_HUNG;
	sim_array_read(sim, place, bytes, length);
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
	uint32_t first = SIM_BANK_SIZE - offset % SIM_BANK_SIZE;
	enum sim_outcome outcome;

	if (first >= length)
		return read_flash_part(sim, offset, bytes, length);
	outcome = read_flash_part(sim, offset, bytes, first);
	if (outcome != SIM_DONE)
		return outcome;
	return read_flash_part(sim, offset + first, bytes + first,
			       length - first);
}

enum sim_outcome sim_memory_read(struct s0_sim *sim, uint32_t address,
				 uint8_t *bytes, uint32_t length)
{
	enum sim_memory memory = sim_memory_find(sim, address, length);

	if (memory == SIM_OPTION_WINDOW) {
		sim_options_read(sim, address - SIM_OPTIONS_BASE, bytes,
				 length);
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
	if (memory != SIM_SYSTEM)
		return SIM_BAD_ADDRESS;
	for (uint32_t i = 0; i < length; i++)
		bytes[i] = sim_memory_system_byte(sim, address + i);
	return SIM_DONE;
}
