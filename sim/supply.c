/* SPDX-License-Identifier: MIT */
/*
 * The supply at the chip's pins. What is documented: the current that the flash
 * takes at each parallelism, the least voltage for it, the thresholds of the
 * brown-out reset (DS12110 tables 27, 52 and 53, DS8626), and that what a reset
 * meets is left undefined (RM0399). What a poor supply makes of it is inferred:
 *
 *  - the voltage sags by current times source resistance, with a time constant
 *    of 20 ms, so that an erase gets all of it, one block little, and a burst
 *    of blocks what its share of the time is;
 *  - under load there are dips, one in a second on average, of any depth up to
 *    dips_mv: a long operation meets one more likely than a short one;
 *  - below the threshold the chip resets in mid-operation; between it and the
 *    least voltage of the flash the operation ends, and is incomplete;
 *  - with a weak VCAP the step of the load upsets the core: it resets, or the
 *    CPU faults and is dead until a reset; what it reads under load may have a
 *    wrong bit that no ECC sees.
 */
#include "sim/sim.h"

#define TAU_US	 20000u
#define SLICE_US 10000u
/* Of loaded slices, one has a dip. */
#define ONE_DIP_IN 100u
/* The rising threshold is higher (RM0033, RM0090: some 100 mV). */
#define HYSTERESIS_MV 100u
/* After the step. */
#define UPSET_US 100u
/* The chance of an erase's step, divided: for a write's, for a read. */
#define WRITE_SHARE 64u
#define READ_SHARE  64u

static uint64_t draw(struct s0_sim *sim)
{
	return sim_random_of(&sim->supply.random);
}

static bool one_in(struct s0_sim *sim, uint64_t part, uint64_t whole)
{
	return draw(sim) % whole < part;
}

void sim_supply_start(struct s0_sim *sim)
{
	const struct sim_config *config = &sim->config;

	sim->supply = (struct sim_supply){
		.on = config->source_mohm > 0 || config->dips_mv > 0 ||
		      config->vcap_permille > 0 || config->vdd_mv != 3300,
		/* Each time that a file is opened it goes another way. */
		.random = config->seed * 3 + sim->power_ons,
	};
}

/* How far a sag has gone after dt: 1 - e^-x, near enough, without libm. */
static double part_of_tau(const struct s0_sim *sim, uint64_t dt)
{
	double x = (double)dt / (double)sim_time_ticks(sim, TAU_US);

	return 1 - 1 / (1 + x + x * x / 2 + x * x * x / 6);
}

static double sag_at(const struct s0_sim *sim, uint64_t when)
{
	const struct sim_supply *supply = &sim->supply;
	uint64_t turn =
		when < supply->loaded_until ? when : supply->loaded_until;
	double sag = supply->sag_mv;

	if (turn > supply->at)
		sag += (supply->load_mv - sag) *
		       part_of_tau(sim, turn - supply->at);
	else
		turn = supply->at;
	return sag - sag * part_of_tau(sim, when - turn);
}

uint32_t sim_supply_now_mv(const struct s0_sim *sim)
{
	double mv = sim->config.vdd_mv - sag_at(sim, sim->now);

	return mv > 0 ? (uint32_t)mv : 0;
}

static uint32_t threshold_mv(const struct s0_sim *sim)
{
	return sim->chip->bor_mv[sim_options_bor(sim)];
}

bool sim_supply_suffices(const struct s0_sim *sim)
{
	return !sim->supply.on ||
	       sim->config.vdd_mv >= threshold_mv(sim) + HYSTERESIS_MV;
}

/* Both banks' together. */
static double load_mv(const struct s0_sim *sim)
{
	uint64_t ua = 0;

	for (unsigned bank = 0; bank < 2; bank++)
		if (sim_array_busy(sim, bank) > 0)
			ua += sim->chip->write_ua[sim->array.psize];
	return (double)ua * sim->config.source_mohm / 1e6;
}

static void trip(struct s0_sim *sim, enum sim_trip kind, uint64_t when)
{
	if (sim->supply.trip != SIM_TRIP_NONE && sim->supply.trip_at <= when)
		return;
	sim->supply.trip = kind;
	sim->supply.trip_at = when;
}

static double dip_mv(struct s0_sim *sim, uint64_t ticks)
{
	uint32_t deepest = sim->config.dips_mv;

	if (deepest == 0 ||
	    !one_in(sim, ticks, sim_time_ticks(sim, SLICE_US) * ONE_DIP_IN))
		return 0;
	return (double)(draw(sim) % (deepest + 1));
}

static void mark_incomplete(struct s0_sim *sim)
{
	for (unsigned bank = 0; bank < 2; bank++)
		sim->array.running[bank].incomplete = true;
}

/* Slice by slice, as far as nothing else begins meanwhile. */
static void foresee(struct s0_sim *sim, uint64_t end)
{
	uint64_t slice = sim_time_ticks(sim, SLICE_US), from, to;
	uint32_t least = sim->chip->write_mv[sim->array.psize];

	for (from = sim->now; from < end; from = to) {
		double mv;

		to = end - from < slice ? end : from + slice;
		mv = sim->config.vdd_mv - sag_at(sim, to) -
		     dip_mv(sim, to - from);
		if (mv < threshold_mv(sim)) {
			trip(sim, SIM_TRIP_BROWN_OUT, from + (to - from) / 2);
			return;
		}
		if (mv < least)
			mark_incomplete(sim);
	}
}

static void upset(struct s0_sim *sim, bool erase)
{
	uint64_t share = erase ? 1 : WRITE_SHARE;
	bool resets = sim->config.vcap_fault == SIM_VCAP_RESET;

	if (!one_in(sim, sim->config.vcap_permille, 1000 * share))
		return;
	if (sim->config.vcap_fault == SIM_VCAP_MIXED)
		resets = one_in(sim, 1, 3);
	trip(sim, resets ? SIM_TRIP_RESET : SIM_TRIP_HANG,
	     sim->now + sim_time_ticks(sim, UPSET_US));
}

void sim_supply_load(struct s0_sim *sim, unsigned bank)
{
	struct sim_supply *supply = &sim->supply;
	const struct sim_operation *running = &sim->array.running[bank];

	if (!supply->on)
		return;
	supply->sag_mv = sag_at(sim, sim->now);
	supply->at = sim->now;
	supply->load_mv = load_mv(sim);
	if (supply->loaded_until < running->end)
		supply->loaded_until = running->end;
	foresee(sim, running->end);
	upset(sim, running->kind == SIM_OPERATION_ERASE);
}

void sim_supply_rest(struct s0_sim *sim)
{
	struct sim_supply *supply = &sim->supply;

	supply->sag_mv = sag_at(sim, sim->now);
	supply->at = sim->now;
	supply->loaded_until = sim->now;
	supply->trip = SIM_TRIP_NONE;
}

uint64_t sim_supply_due(const struct s0_sim *sim)
{
	return sim->supply.trip == SIM_TRIP_NONE ? UINT64_MAX
						 : sim->supply.trip_at;
}

/* The array goes on by itself. */
static void hang(struct s0_sim *sim)
{
	sim->counters.cpu_faults++;
	sim->hung = true;
	sim->job.active = false;
	sim->job.outcome = SIM_HUNG;
}

void sim_supply_settle(struct s0_sim *sim)
{
	enum sim_trip kind = sim->supply.trip;

	if (kind == SIM_TRIP_NONE || sim->now < sim->supply.trip_at)
		return;
	sim->supply.trip = SIM_TRIP_NONE;
	if (kind == SIM_TRIP_HANG) {
		hang(sim);
		return;
	}
	if (kind == SIM_TRIP_BROWN_OUT) {
		sim->counters.brown_outs++;
		sim_power_lose(sim, true);
		return;
	}
	sim_usb_break(sim);
	sim_power_reset(sim);
}

void sim_supply_spoil(struct s0_sim *sim, uint8_t *bytes, uint32_t length)
{
	uint32_t permille = sim->config.vcap_permille;
	uint64_t bit;

	if (permille == 0 ||
	    sim->now >=
		    sim->supply.loaded_until + sim_time_ticks(sim, TAU_US) ||
	    !one_in(sim, permille, 1000 * READ_SHARE))
		return;
	bit = draw(sim) % (length * 8ull);
	bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}
