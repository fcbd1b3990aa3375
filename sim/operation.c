/* SPDX-License-Identifier: MIT */
/*
 * What a DNLOAD asked for: it is looked at when the GETSTATUS behind it has
 * come (fact sheet 0.1, 1.3), and carried out by jobs.c where it takes time.
 */
#include "sim/sim.h"

#include <string.h>

#include "base/bytes.h"

typedef enum sim_outcome step_fn(struct s0_sim *sim, uint64_t *ret_ticks);

/* From here on, this is the job. */
static enum sim_outcome go_on(struct s0_sim *sim, step_fn *step,
			      uint32_t address, uint64_t *ret_ticks)
{
	sim->job.step = step;
	sim->job.address = address;
	return step(sim, ret_ticks);
}

static enum sim_outcome erase(struct s0_sim *sim, uint32_t address,
			      uint64_t *ret_ticks)
{
	if (sim_options_rdp(sim) > 0)
		return SIM_FORBIDDEN;
	if (sim_memory_find(sim, address, 1) != SIM_FLASH)
		return SIM_BAD_ADDRESS;
	return go_on(sim, sim_jobs_erase, address, ret_ticks);
}

/* AN2606, V13.3 of the H743: DFU mass erase does not work. */
static bool no_mass_erase(const struct s0_sim *sim)
{
	const struct s0_rom *rom = sim_profile_rom(sim->chip, sim->config.rom);

	return sim_is(sim->chip, SIM_H743) ? sim->config.rom == 0xD3
					   : rom && rom->no_mass_erase;
}

static enum sim_outcome mass_erase(struct s0_sim *sim, uint64_t *ret_ticks)
{
	if (sim_options_rdp(sim) > 0)
		return SIM_FORBIDDEN;
	if (no_mass_erase(sim))
		return SIM_DONE;
	return go_on(sim, sim_jobs_mass, 0, ret_ticks);
}

static enum sim_outcome set_address(struct s0_sim *sim, uint32_t address)
{
	if (sim_options_rdp(sim) > 0 &&
	    sim->config.rdp_set_address == SIM_RDP_SET_ERR_VENDOR)
		return SIM_FORBIDDEN;
	if (sim->config.addr_check == SIM_CHECK_AT_SET_ADDRESS &&
	    sim_memory_find(sim, address, 1) == SIM_NOWHERE)
		return SIM_BAD_ADDRESS;
	sim->dfu.pointer = address;
	sim->dfu.aimed = true;
	sim->counters.set_addresses++;
	return SIM_DONE;
}

static enum sim_outcome run_command(struct s0_sim *sim, uint64_t *ret_ticks)
{
	const uint8_t *buffer = sim->dfu.buffer;
	uint32_t address = get_le32(buffer + 1);

	if (sim->dfu.length == 5 && buffer[0] == 0x21)
		return set_address(sim, address);
	if (sim->dfu.length == 5 && buffer[0] == 0x41) {
		if (sim->config.erase_moves_pointer == SIM_YES)
			sim->dfu.pointer = address;
		return erase(sim, address, ret_ticks);
	}
	if (sim->dfu.length == 1 && buffer[0] == 0x41)
		return mass_erase(sim, ret_ticks);
	if (sim->dfu.length == 1 && buffer[0] == 0x92)
		return go_on(sim, sim_jobs_unprotect, 0, ret_ticks);
	if (sim->dfu.length == 1 && buffer[0] == 0x00)
		return SIM_DONE;
	return SIM_UNSUPPORTED;
}

static enum sim_outcome program(struct s0_sim *sim, uint32_t address,
				uint64_t *ret_ticks)
{
	uint32_t align = sim->chip->align;

	/* AN2606 table 7: 8 bytes on the H7, 4 elsewhere. After such a write
	 * PGSERR blocks the ones behind it. */
	if (address % align != 0 || sim->dfu.length % align != 0)
		sim->array.pgs_error = true;
	if (sim->array.pgs_error)
		return SIM_FAILED;
	return go_on(sim, sim_jobs_program, address, ret_ticks);
}

/* AN3156: wrong pointer or length, nothing is done and no error reported. */
static enum sim_outcome write_options(struct s0_sim *sim, uint32_t address,
				      uint64_t *ret_ticks)
{
	const struct s0_option_window *window = sim_memory_window(sim, address);

	if (!window ||
	    (sim->dfu.length != window->length &&
	     sim->dfu.length != sim->chip->named[window - sim->chip->windows]))
		return SIM_DONE;
	sim_options_take(sim, window, sim->dfu.buffer);
	return go_on(sim, sim_jobs_options, address, ret_ticks);
}

static enum sim_outcome write_ram(struct s0_sim *sim, uint32_t address)
{
	if (address % 4 != 0 || sim->dfu.length % 4 != 0)
		return SIM_FAILED;
	memcpy(sim_memory_ram(sim, address), sim->dfu.buffer, sim->dfu.length);
	return SIM_DONE;
}

/* The supply's range, and with it the parallelism: 1.8 to 2.1 V x8, to 2.7 V
 * x16, to 3.6 V x32, with VPP x64 (AN3156, RM0090). */
static enum sim_outcome write_feature(struct s0_sim *sim, uint32_t address)
{
	static const uint8_t psizes[] = { 3, 2, 2, 1, 0 };
	uint8_t range = sim->dfu.buffer[0];

	if (address == SIM_FEATURE_AT && range < sizeof(psizes))
		sim->array.psize = psizes[range];
	return SIM_DONE;
}

static enum sim_outcome write_at(struct s0_sim *sim, uint32_t address,
				 uint64_t *ret_ticks)
{
	switch (sim_memory_find(sim, address, sim->dfu.length)) {
	case SIM_FLASH:
		return program(sim, address, ret_ticks);
	case SIM_RAM:
		return write_ram(sim, address);
	case SIM_OTP:
	case SIM_EEPROM:
		return go_on(sim, sim_jobs_extra, address, ret_ticks);
	case SIM_FEATURE:
		return write_feature(sim, address);
	default:
		return SIM_BAD_ADDRESS;
	}
}

static enum sim_outcome run_write(struct s0_sim *sim, uint64_t *ret_ticks)
{
	uint64_t address =
		sim_dfu_address(sim, sim->dfu.block, sim->dfu.length);
	bool known = address <= UINT32_MAX;

	if (known && sim_memory_find(sim, (uint32_t)address, sim->dfu.length) ==
			     SIM_OPTION_WINDOW)
		return write_options(sim, (uint32_t)address, ret_ticks);
	if (sim_options_rdp(sim) > 0)
		return SIM_FORBIDDEN;
	if (!known)
		return SIM_BAD_ADDRESS;
	return write_at(sim, (uint32_t)address, ret_ticks);
}

enum sim_outcome sim_operation_begin(struct s0_sim *sim, uint64_t *ret_ticks)
{
	if (sim->dfu.block == 0)
		return run_command(sim, ret_ticks);
	if (sim->dfu.block == 1)
		return SIM_DONE; /* reserved: taken, nothing done */
	return run_write(sim, ret_ticks);
}
