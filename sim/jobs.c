/* SPDX-License-Identifier: MIT */
/* The operations that take the array time, step by step (fact sheet 1.3). */
#include "sim/sim.h"

#include <string.h>

#include "base/range.h"

/* The bank-2 bug: the ROM comes back after this long (fact sheet 3.1). */
#define BANK2_US 16000
/* No figure is published for an option change. */
#define OPTION_US 20000

static unsigned bank_of(const struct s0_sim *sim, uint32_t place)
{
	return place / sim->chip->bank_size;
}

/* Before a flash command: SIM_WAIT until the bank is idle, or trouble. */
static enum sim_outcome need_bank(struct s0_sim *sim, unsigned bank,
				  uint64_t *ret_ticks)
{
	*ret_ticks = sim_array_busy(sim, bank);
	if (*ret_ticks == 0)
		return SIM_DONE;
	return sim->config.busy_bank2 == SIM_BUSY_WAIT ? SIM_WAIT : SIM_HUNG;
}

static enum sim_outcome need_banks(struct s0_sim *sim, uint64_t *ret_ticks)
{
	for (unsigned bank = 0; bank < sim_profile_banks(sim->chip); bank++) {
		enum sim_outcome outcome = need_bank(sim, bank, ret_ticks);

		if (outcome != SIM_DONE)
			return outcome;
	}
	return SIM_DONE;
}

static bool bank2_bug(const struct s0_sim *sim)
{
	return sim_is(sim->chip, SIM_H743) &&
	       (sim->config.rom == 0x90 || sim->config.rom == 0x91);
}

static enum sim_outcome protected_outcome(const struct s0_sim *sim)
{
	return sim->config.wrp_reports == SIM_WRP_ERROR ? SIM_FORBIDDEN
							: SIM_DONE;
}

enum sim_outcome sim_jobs_erase(struct s0_sim *sim, uint64_t *ret_ticks)
{
	uint32_t offset = sim->job.address - SIM_FLASH_BASE;
	uint32_t place = sim_array_place(sim, offset);
	unsigned bank = bank_of(sim, place);
	/* Wrong busy flag watched: the erase goes on without the ROM. */
	bool bug = offset >= sim->chip->bank_size && bank2_bug(sim);
	struct sim_sectors sectors = { { 0 } };
	enum sim_outcome outcome;
	uint64_t ticks, early;

	if (sim->job.stage == 1)
		return bug ? SIM_FAILED : SIM_DONE;
	outcome = need_bank(sim, bank, ret_ticks);
	if (outcome != SIM_DONE)
		return outcome;
	if (sim_options_protected(sim, place))
		return protected_outcome(sim);
	ticks = sim_times_erase(sim, place) * sim_cells_worn(sim, place);
	early = sim_time_ticks(sim, BANK2_US);
	sim_sectors_add(&sectors, sim_profile_sector(sim->chip, place).index);
	sim_array_erase(sim, bank, &sectors, false, ticks);
	*ret_ticks = bug && early < ticks ? early : ticks;
	sim->job.stage = 1;
	return SIM_WAIT;
}

typedef bool choose_fn(const struct s0_sim *sim, struct sim_sector sector);

/* Those of a bank's sectors that are there, and are chosen. */
static uint32_t bank_sectors(const struct s0_sim *sim, unsigned bank,
			     choose_fn *choose, struct sim_sectors *ret_sectors)
{
	uint32_t count = 0;

	memset(ret_sectors, 0, sizeof(*ret_sectors));
	for (unsigned i = 0; i < sim_profile_sectors(sim->chip); i++) {
		struct sim_sector sector =
			sim_profile_sector_of(sim->chip, bank, i);

		if (!sim_array_has(sim, sector.start) ||
		    sector.start < sim->chip->read_only || !choose(sim, sector))
			continue;
		sim_sectors_add(ret_sectors, i);
		count++;
	}
	return count;
}

static bool any_sector(const struct s0_sim *sim, struct sim_sector sector)
{
	(void)sim;
	(void)sector;
	return true;
}

static bool is_open(const struct s0_sim *sim, struct sim_sector sector)
{
	return !sim_options_protected(sim, sector.start);
}

static bool goes(const struct s0_sim *sim, struct sim_sector sector)
{
	return !sim_options_keeps(sim, sector);
}

/* The slowest sector decides. */
static uint64_t mass_ticks(const struct s0_sim *sim)
{
	return sim_times_mass(sim) * sim_cells_most_worn(sim);
}

/* Both banks at the same time: counted once. */
static void count_mass(struct s0_sim *sim)
{
	sim->counters.mass_erases++;
	sim->counters.erase_us += mass_ticks(sim) / SIM_TICKS_PER_US;
}

/* RM0399: one protected sector keeps its whole bank (4.5.2), or keeps itself
 * (4.3.10). */
static bool mass_sectors(const struct s0_sim *sim, unsigned bank,
			 struct sim_sectors *ret_sectors)
{
	uint32_t all = bank_sectors(sim, bank, any_sector, ret_sectors);
	uint32_t open = bank_sectors(sim, bank, is_open, ret_sectors);

	return open > 0 && (open == all ||
			    sim->config.bank_erase == SIM_BANK_ERASE_PARTIAL);
}

static bool erase_open_banks(struct s0_sim *sim)
{
	bool any = false;

	for (unsigned bank = 0; bank < sim_profile_banks(sim->chip); bank++) {
		struct sim_sectors sectors;

		if (!mass_sectors(sim, bank, &sectors))
			continue;
		sim_array_erase(sim, bank, &sectors, true, mass_ticks(sim));
		any = true;
	}
	return any;
}

enum sim_outcome sim_jobs_mass(struct s0_sim *sim, uint64_t *ret_ticks)
{
	bool bug =
		bank2_bug(sim) && sim->config.mass_erase_bug == SIM_MASS_STALL;
	uint64_t early = sim_time_ticks(sim, BANK2_US);
	enum sim_outcome outcome;

	if (sim->job.stage == 1) {
		if (bug)
			return SIM_UNSUPPORTED;
		count_mass(sim);
		return SIM_DONE;
	}
	outcome = need_banks(sim, ret_ticks);
	if (outcome != SIM_DONE)
		return outcome;
	if (!erase_open_banks(sim))
		return protected_outcome(sim);
	*ret_ticks = bug ? early : mass_ticks(sim);
	sim->job.stage = 1;
	return SIM_WAIT;
}

/* RDP level 1 to 0: everything goes, whatever WRP says. The level falls only
 * when the array is empty. Stages 0 and 1; SIM_DONE leaves stage 2. */
static enum sim_outcome regress(struct s0_sim *sim, uint64_t *ret_ticks)
{
	enum sim_outcome outcome;

	if (sim->job.stage == 1) {
		count_mass(sim);
		sim_memory_clear_backup(sim);
		sim->job.stage = 2;
		return SIM_DONE;
	}
	outcome = need_banks(sim, ret_ticks);
	if (outcome != SIM_DONE)
		return outcome;
	for (unsigned bank = 0; bank < sim_profile_banks(sim->chip); bank++) {
		struct sim_sectors sectors;

		if (bank_sectors(sim, bank, goes, &sectors) > 0)
			sim_array_erase(sim, bank, &sectors, true,
					mass_ticks(sim));
	}
	*ret_ticks = mass_ticks(sim);
	sim->job.stage = 1;
	return SIM_WAIT;
}

/* PRG becomes CUR, if that is legal and changes anything. Stage 3: it is being
 * programmed; 4: all is over. */
static enum sim_outcome change(struct s0_sim *sim, uint64_t *ret_ticks)
{
	enum sim_outcome outcome = SIM_DONE;

	if (sim->job.stage == 0 && !sim_options_legal(sim)) {
		sim_options_reject(sim);
		sim->job.stage = 4;
		return SIM_DONE;
	}
	if (sim_options_regress(sim) && sim->job.stage < 2)
		outcome = regress(sim, ret_ticks);
	if (outcome != SIM_DONE)
		return outcome;
	if (sim->job.stage < 3 && sim_options_asked(sim)) {
		*ret_ticks = sim_time_ticks(sim, OPTION_US);
		sim->job.stage = 3;
		return SIM_WAIT;
	}
	if (sim->job.stage == 3)
		sim_options_commit(sim);
	sim->job.stage = 4;
	return SIM_DONE;
}

bool sim_jobs_changes_options(const struct s0_sim *sim)
{
	return sim->job.active && sim->job.stage == 3;
}

/* AN3156: RAM cleared in any case, then a system reset. */
enum sim_outcome sim_jobs_unprotect(struct s0_sim *sim, uint64_t *ret_ticks)
{
	enum sim_outcome outcome;

	sim_options_ask_open(sim);
	outcome = change(sim, ret_ticks);
	if (outcome != SIM_DONE)
		return outcome;
	sim_memory_clear_ram(sim);
	sim_power_reset(sim);
	return SIM_OFF;
}

/* PRG holds what is asked for. */
enum sim_outcome sim_jobs_options(struct s0_sim *sim, uint64_t *ret_ticks)
{
	enum sim_outcome outcome = change(sim, ret_ticks);

	if (outcome != SIM_DONE)
		return outcome;
	if (sim->config.ob_write_reset != SIM_YES)
		return SIM_DONE;
	sim_power_reset(sim);
	return SIM_OFF;
}

/* Within one sector. The rest of a word that is not filled is programmed as
 * ones all the same (force-write, RM0399). */
static uint64_t program_part(struct s0_sim *sim, uint32_t place,
			     const uint8_t *data, uint32_t length)
{
	uint8_t padded[SIM_PROGRAM_MAX];
	uint32_t word = sim->chip->word;
	uint32_t before = place % word;
	uint32_t whole = (uint32_t)round_up(before + length, word);
	uint64_t ticks = sim_times_program(
		sim, sim_is(sim->chip, SIM_ECC) ? whole : length);

	if (sim_cells_worn(sim, place) > 1)
		ticks *= 2; /* the datasheets' maximum */
	memset(padded, sim->chip->erased, sizeof(padded));
	memcpy(padded + before, data, length);
	sim_array_program(sim, place - before, padded, whole, ticks);
	return ticks;
}

/* A part a step. */
enum sim_outcome sim_jobs_program(struct s0_sim *sim, uint64_t *ret_ticks)
{
	struct sim_job *job = &sim->job;

	if (job->done == 0)
		sim->array.refused = false;
	while (job->done < sim->dfu.length) {
		uint32_t offset = job->address - SIM_FLASH_BASE + job->done;
		uint32_t place = sim_array_place(sim, offset);
		struct sim_sector sector = sim_profile_sector(sim->chip, place);
		uint32_t part = sector.start + sector.size - place;
		const uint8_t *data = sim->dfu.buffer + job->done;
		enum sim_outcome outcome =
			need_bank(sim, bank_of(sim, place), ret_ticks);

		if (outcome != SIM_DONE)
			return outcome;
		if (part > sim->dfu.length - job->done)
			part = sim->dfu.length - job->done;
		if (!sim_options_protected(sim, place)) {
			*ret_ticks = program_part(sim, place, data, part);
			job->done += part;
			return SIM_WAIT;
		}
		if (protected_outcome(sim) != SIM_DONE)
			return protected_outcome(sim);
		job->done += part;
	}
	return sim->array.refused &&
			       sim->config.overwrite == SIM_OVERWRITE_ERROR
		       ? SIM_FAILED
		       : SIM_DONE;
}

/* Is the block's lock byte (behind the 16 blocks) charged (RM0090)? */
static bool locked(const struct s0_sim *sim, const struct sim_spot *spot,
		   uint32_t offset)
{
	const uint8_t *locks = sim->array.extra + spot->at + spot->locks;

	return spot->locks && offset < spot->locks &&
	       locks[offset / 32] == 0xff;
}

/* OTP is flash that no erase reaches: bits are charged only, and where a word
 * has ECC, once. EEPROM takes every byte (RM0038, RM0367). */
static void write_extra(struct s0_sim *sim, uint32_t address,
			const uint8_t *data, uint32_t length)
{
	const struct sim_spot *spot = sim_memory_spot(sim, address);

	for (uint32_t i = 0; i < length; i++) {
		uint32_t offset = address - spot->base + i;
		uint8_t *byte = sim->array.extra + spot->at + offset;
		uint8_t charge = data[i] ^ sim->chip->erased;

		if (spot->kind == SIM_SPOT_EEPROM)
			*byte = charge;
		else if (!locked(sim, spot, offset) &&
			 (*byte == 0 || !sim_is(sim->chip, SIM_ECC)))
			*byte |= charge;
	}
}

enum sim_outcome sim_jobs_extra(struct s0_sim *sim, uint64_t *ret_ticks)
{
	if (sim->job.stage == 0) {
		*ret_ticks = sim_times_program(sim, sim->dfu.length);
		sim->job.stage = 1;
		return SIM_WAIT;
	}
	write_extra(sim, sim->job.address, sim->dfu.buffer, sim->dfu.length);
	sim_persist_extra(sim);
	return SIM_DONE;
}
