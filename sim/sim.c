/* SPDX-License-Identifier: MIT */
/* Making and freeing a virtual chip. */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

/* Place on the wafer, wafer number, and seven characters of lot, as real ones
 * are made up. */
static void make_uid(struct s0_sim *sim)
{
	uint64_t place = sim_random(sim), lot = sim_random(sim);

	if (sim->config.uid_given) {
		memcpy(sim->uid, sim->config.uid, sizeof(sim->uid));
		return;
	}
	put_le32(sim->uid, (uint32_t)place & 0x00ff00ffu);
	sim->uid[4] = (uint8_t)(place >> 32) % 25 + 1;
	for (unsigned i = 5; i < sizeof(sim->uid); i++, lot /= 10)
		sim->uid[i] = (uint8_t)('0' + lot % 10);
}

static bool allocate(struct s0_sim *sim)
{
	const struct sim_profile *chip = sim->chip;
	bool all;

	sim->array.cells = calloc(1, chip->flash_size);
	sim->array.words = calloc(1, chip->flash_size / chip->word);
	sim->array.extra = calloc(1, chip->extra_size + 1);
	all = sim->array.cells && sim->array.words && sim->array.extra;
	for (unsigned i = 0; i < SIM_RAMS; i++)
		if (chip->rams[i].size) {
			sim->rams[i] = calloc(1, chip->rams[i].size);
			all = all && sim->rams[i];
		}
	return all;
}

static s0_code set_up(struct s0_sim *sim, struct s0_error *err)
{
	s0_code code;

	if (!allocate(sim))
		return error_memory(err);
	sim->random = sim->config.seed ^ sim->config.uid_salt;
	make_uid(sim);
	sim->random = sim->config.seed;
	sim_fault_choose(sim);
	sim_descriptors_make(sim);
	sim_options_factory(sim);
	code = sim_persist_open(sim, err);
	if (code)
		return code;
	sim_time_start(sim);
	sim_supply_start(sim);
	sim_cells_start(sim);
	sim_noise_start(sim);
	sim->cold = true;
	sim_power_on(sim);
	if (sim->config.appears > 0)
		sim_power_replug_after(
			sim,
			sim_time_ticks(sim, sim->config.appears * 1000ull));
	return S0_OK;
}

s0_code sim_create(const struct sim_config *config, struct store *store,
		   struct s0_sim **ret_sim, struct s0_error *err)
{
	struct s0_sim *sim = calloc(1, sizeof(*sim));
	s0_code code;

	if (!sim) {
		if (store)
			store->ops->close(store);
		return error_memory(err);
	}
	sim->config = *config;
	sim->chip = &sim->config.profile;
	sim->store = store;
	memcpy(sim->faults, config->faults, sizeof(sim->faults));
	code = set_up(sim, err);
	if (code) {
		s0_sim_free(sim);
		return code;
	}
	*ret_sim = sim;
	return S0_OK;
}

/* A host program that ends does not cut the supply: what runs in the array has
 * ended by the time the next one looks. */
static void let_end(struct s0_sim *sim)
{
	if (sim_supply_due(sim) != UINT64_MAX) {
		sim->now = sim_supply_due(sim);
		sim_supply_settle(sim);
	}
	while (sim->job.active) {
		sim->now = sim->job.until;
		sim_array_settle(sim);
		sim_job_settle(sim);
	}
	for (unsigned bank = 0; bank < 2; bank++)
		if (sim_array_busy(sim, bank) > 0)
			sim->array.running[bank].end = sim->now;
	sim_array_settle(sim);
}

void s0_sim_free(struct s0_sim *sim)
{
	if (!sim)
		return;
	if (sim->generation > 0)
		let_end(sim);
	if (sim->store)
		sim->store->ops->close(sim->store);
	free(sim->array.cells);
	free(sim->array.words);
	free(sim->array.extra);
	for (unsigned i = 0; i < SIM_RAMS; i++)
		free(sim->rams[i]);
	free(sim);
}
