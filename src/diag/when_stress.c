/* SPDX-License-Identifier: MIT */
/*
 * What a stress test shows, by how often each load fails: more the greater the
 * load is the supply; without load too, or with errors of USB, the link; the
 * same places each time, worn cells; nothing changed, protection. A single
 * event is never more than possible.
 */
#include "diag/diag.h"

static uint32_t of_loads(const struct s0_stress *stress,
			 uint32_t (*count)(const struct s0_stress_load *))
{
	uint32_t sum = 0;

	for (unsigned i = S0_LOAD_WORDS; i < S0_LOADS; i++)
		sum += count(&stress->loads[i]);
	return sum;
}

static uint32_t dropped(const struct s0_stress_load *load)
{
	return load->dropped;
}

static uint32_t silent(const struct s0_stress_load *load)
{
	return load->silent;
}

static uint32_t link_failed(const struct s0_stress_load *load)
{
	return load->link;
}

static uint32_t refused(const struct s0_stress_load *load)
{
	return load->refused;
}

static uint32_t failed(const struct s0_stress_load *load)
{
	return load->dropped + load->silent + load->stopped + load->link +
	       load->refused + load->wrong;
}

/* "reads 0/64, single words 0/64, bursts 1/8, erases 3/8" */
void diag_add_rates(const struct s0_stress *stress, struct text *evidence)
{
	static const char *const names[] = { "plain reads", "single words",
					     "bursts", "erases",
					     "programming right after erases" };
	const char *comma = "";

	text_add(evidence, "failed: ");
	for (unsigned i = 0; i < S0_LOADS; i++) {
		const struct s0_stress_load *load = &stress->loads[i];

		if (!load->tries)
			continue;
		text_add(evidence, "%s%s %u/%u", comma, names[i], failed(load),
			 load->tries);
		comma = ", ";
	}
}

static void add_first(const struct s0_stress *stress, struct text *evidence)
{
	if (stress->first.code != S0_OK)
		text_add(evidence, "; the first: %s", stress->first.message);
}

/* How likely is it that of n events as many as k fall into a part by chance? */
static double chance(unsigned n, unsigned k, double part)
{
	double sum = 0, term;

	for (unsigned i = k; i <= n; i++) {
		term = 1;
		for (unsigned j = 0; j < n; j++)
			term *= j < i ? part : 1 - part;
		for (unsigned j = 0; j < i; j++)
			term *= (double)(n - j) / (j + 1);
		sum += term;
	}
	return sum;
}

static double part_of(uint64_t of, uint64_t and_of)
{
	return of + and_of ? (double)of / (double)(of + and_of) : 1;
}

/*
 * Does a load make it leave the bus? Against: it does so in any transfer, or
 * at any time, alike. Not surely: by the transfers alone.
 */
static bool drops_by_load(const struct s0_stress *stress, bool surely)
{
	const struct s0_stress_load *idle = &stress->loads[S0_LOAD_READS];

	for (unsigned i = S0_LOAD_WORDS; i < S0_LOADS; i++) {
		const struct s0_stress_load *load = &stress->loads[i];
		unsigned n = load->dropped + idle->dropped;
		double by_transfers =
			chance(n, load->dropped,
			       part_of(load->transfers, idle->transfers));
		double by_time = chance(n, load->dropped,
					part_of(load->time_us, idle->time_us));

		if (surely ? load->dropped >= 3 && by_transfers < 0.01 &&
				     by_time < 0.05
			   : load->dropped > 0 && by_transfers < 0.05)
			return true;
	}
	return false;
}

/* Off the bus at regular intervals, without load: so often that it is none but
 * a clock. */
static bool regular(const struct s0_stress *stress)
{
	return stress->loads[S0_LOAD_READS].dropped >= 6 &&
	       stress->longest_us - stress->shortest_us <
		       stress->shortest_us / 5;
}

/* What speaks for the supply, apart from leaving the bus. */
static size_t collapses(const struct s0_facts *facts)
{
	const struct s0_stress *stress = facts->stress;
	size_t rounds = diag_scattered(facts);

	return stress->loads[S0_LOAD_READS].silent
		       ? rounds
		       : rounds + of_loads(stress, silent);
}

/* What it leaves in flash when it leaves the bus. */
static bool leaves_traces(const struct s0_facts *facts)
{
	return facts->stress->loads[S0_LOAD_READS].stopped ||
	       collapses(facts) || facts->stress->places;
}

bool when_supply(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;
	size_t others;

	if (!stress || regular(stress))
		return false;
	others = collapses(facts);
	if (!drops_by_load(stress, true) && others < 2 &&
	    !(leaves_traces(facts) && drops_by_load(stress, false)))
		return false;
	diag_add_rates(stress, evidence);
	text_add(evidence, ": it fails under load");
	if (diag_scattered(facts) > 1)
		text_add(evidence, ", with wrong content at other places each "
				   "time");
	add_first(stress, evidence);
	return true;
}

bool when_supply_once(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	if (!stress || regular(stress) ||
	    (!collapses(facts) && !drops_by_load(stress, false)))
		return false;
	diag_add_rates(stress, evidence);
	text_add(evidence, ": too few failures to be sure");
	add_first(stress, evidence);
	return true;
}

bool when_link_idle(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress_load *idle;

	if (!facts->stress)
		return false;
	idle = &facts->stress->loads[S0_LOAD_READS];
	if (idle->link + idle->wrong < 3)
		return false;
	diag_add_rates(facts->stress, evidence);
	text_add(evidence, ": plain reads fail, with no load on the supply");
	add_first(facts->stress, evidence);
	return true;
}

bool when_link(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;
	const struct s0_stress_load *idle;

	if (!stress)
		return false;
	idle = &stress->loads[S0_LOAD_READS];
	if (of_loads(stress, link_failed) + idle->link + idle->wrong < 2 &&
	    (idle->dropped < 2 || regular(stress) ||
	     drops_by_load(stress, true)))
		return false;
	diag_add_rates(stress, evidence);
	text_add(evidence, idle->dropped ? ": it leaves the bus without any "
					   "load on the supply, too"
					 : ": transfers fail, and the chip is "
					   "well right after them");
	add_first(stress, evidence);
	return true;
}

bool when_link_once(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;
	const struct s0_stress_load *idle;

	if (!stress)
		return false;
	idle = &stress->loads[S0_LOAD_READS];
	if (!(of_loads(stress, link_failed) + idle->link + idle->wrong))
		return false;
	diag_add_rates(stress, evidence);
	text_add(evidence, ": a single failure of USB");
	add_first(stress, evidence);
	return true;
}

bool when_dropped(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	if (!stress ||
	    !(of_loads(stress, dropped) + stress->loads[S0_LOAD_READS].dropped))
		return false;
	if (stress->loads[S0_LOAD_READS].dropped > 1 ||
	    drops_by_load(stress, false))
		return false;
	diag_add_rates(stress, evidence);
	add_first(stress, evidence);
	return true;
}

bool when_hung_idle(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->stress || !facts->stress->loads[S0_LOAD_READS].silent)
		return false;
	diag_add_rates(facts->stress, evidence);
	add_first(facts->stress, evidence);
	return true;
}

bool when_refused(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	if (!stress ||
	    !(of_loads(stress, refused) + stress->loads[S0_LOAD_READS].refused))
		return false;
	diag_add_rates(stress, evidence);
	add_first(stress, evidence);
	return true;
}

bool when_regular(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->stress || !regular(facts->stress))
		return false;
	text_add(evidence,
		 "it left the bus %u times while it was only read, every %llu "
		 "ms",
		 facts->stress->loads[S0_LOAD_READS].dropped,
		 (unsigned long long)(facts->stress->shortest_us / 1000));
	return true;
}

/* Reading flash stopped it: before anything was changed, or after. */
static bool stopped(const struct s0_facts *facts, bool changed,
		    struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	if (!stress || !stress->loads[S0_LOAD_READS].stopped ||
	    (stress->count > 0) != changed)
		return false;
	diag_add_rates(stress, evidence);
	add_first(stress, evidence);
	return true;
}

bool when_unreadable(const struct s0_facts *facts, struct text *evidence)
{
	/* Beside a drop under load it is no riddle any more, nor where it was
	 * tried again. */
	if (facts->stress &&
	    (drops_by_load(facts->stress, false) || diag_scattered(facts)))
		return false;
	return stopped(facts, true, evidence);
}

bool when_unreadable_idle(const struct s0_facts *facts, struct text *evidence)
{
	return stopped(facts, false, evidence);
}
