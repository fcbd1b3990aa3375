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
static void add_rates(const struct s0_stress *stress, struct text *evidence)
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

/* Of how many rounds is that true? */
static size_t tally(const struct s0_facts *facts,
		    bool (*is)(const struct s0_facts *,
			       const struct s0_stress_round *))
{
	size_t count = 0;

	for (size_t i = 0; facts->stress && i < facts->stress->count; i++)
		count += is(facts, &facts->stress->rounds[i]);
	return count;
}

/* Where the option bytes deny protection, what does not change is broken. */
static bool unchanged(const struct s0_facts *facts,
		      const struct s0_stress_round *round)
{
	bool told = facts->device && facts->device->option_length > 0;

	return round->unchanged &&
	       (!told || diag_protected(facts, round->address));
}

static bool wrong(const struct s0_facts *facts,
		  const struct s0_stress_round *round)
{
	return !unchanged(facts, round) &&
	       (round->left || round->high || round->low || round->unstable ||
		round->stopped);
}

/* The datasheet's maximum is that after 10,000 cycles, at the slowest. */
static uint32_t longest(const struct s0_facts *facts, uint32_t length)
{
	const struct s0_device_info *info = facts->device;

	return info && info->chip
		       ? s0_timing_erase(&info->chip->timing, length)->max_us
		       : 0;
}

static bool slow(const struct s0_facts *facts,
		 const struct s0_stress_round *round)
{
	uint32_t most = longest(facts, round->length);

	return most && round->erase_us > most;
}

/* Rounds with wrong content, where the places were right when the same was
 * done to them again. */
static size_t scattered(const struct s0_facts *facts)
{
	const struct s0_stress *stress = facts->stress;

	return stress->cleared > stress->repeated ? tally(facts, wrong) : 0;
}

/* What speaks for the supply, apart from leaving the bus. */
static size_t collapses(const struct s0_facts *facts)
{
	const struct s0_stress *stress = facts->stress;
	size_t rounds = scattered(facts);

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
	add_rates(stress, evidence);
	text_add(evidence, ": it fails under load");
	if (scattered(facts) > 1)
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
	add_rates(stress, evidence);
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
	add_rates(facts->stress, evidence);
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
	add_rates(stress, evidence);
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
	add_rates(stress, evidence);
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
	add_rates(stress, evidence);
	add_first(stress, evidence);
	return true;
}

bool when_hung_idle(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->stress || !facts->stress->loads[S0_LOAD_READS].silent)
		return false;
	add_rates(facts->stress, evidence);
	add_first(facts->stress, evidence);
	return true;
}

bool when_refused(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	if (!stress ||
	    !(of_loads(stress, refused) + stress->loads[S0_LOAD_READS].refused))
		return false;
	add_rates(stress, evidence);
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
	add_rates(stress, evidence);
	add_first(stress, evidence);
	return true;
}

bool when_unreadable(const struct s0_facts *facts, struct text *evidence)
{
	/* Beside a drop under load it is no riddle any more, nor where it was
	 * tried again. */
	if (facts->stress &&
	    (drops_by_load(facts->stress, false) || scattered(facts)))
		return false;
	return stopped(facts, true, evidence);
}

bool when_unreadable_idle(const struct s0_facts *facts, struct text *evidence)
{
	return stopped(facts, false, evidence);
}

bool when_unchanged(const struct s0_facts *facts, struct text *evidence)
{
	size_t count = tally(facts, unchanged);

	if (!count)
		return false;
	text_add(evidence,
		 "in %zu of %zu rounds neither erase nor program changed a "
		 "single byte, and no error was told",
		 count, facts->stress->count);
	return true;
}

static bool slow_rounds(const struct s0_facts *facts, size_t least,
			struct text *evidence)
{
	const struct s0_stress_round *worst = NULL;
	size_t count = tally(facts, slow);

	if (count < least)
		return false;
	for (size_t i = 0; i < facts->stress->count; i++) {
		const struct s0_stress_round *round = &facts->stress->rounds[i];

		if (slow(facts, round) &&
		    (!worst || round->erase_us > worst->erase_us))
			worst = round;
	}
	text_add(evidence,
		 "%zu of %zu erases took longer than the datasheet's maximum "
		 "of %u ms, the longest %llu ms at 0x%08x",
		 count, facts->stress->count,
		 longest(facts, worst->length) / 1000,
		 (unsigned long long)(worst->erase_us / 1000), worst->address);
	return true;
}

bool when_slow(const struct s0_facts *facts, struct text *evidence)
{
	return slow_rounds(facts, 2, evidence);
}

bool when_slow_once(const struct s0_facts *facts, struct text *evidence)
{
	return slow_rounds(facts, 1, evidence);
}

/* Wrong at the same addresses again and again. */
static bool stuck(const struct s0_facts *facts, unsigned rounds,
		  struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	if (!stress || !tally(facts, wrong) || stress->most_repeats < rounds ||
	    stress->repeated <= stress->cleared)
		return false;
	text_add(evidence,
		 "%u of %u wrong places were wrong again when the same was "
		 "done to them again: the same addresses each time",
		 stress->repeated, stress->places);
	return true;
}

bool when_stuck(const struct s0_facts *facts, struct text *evidence)
{
	return stuck(facts, 3, evidence);
}

bool when_stuck_twice(const struct s0_facts *facts, struct text *evidence)
{
	return stuck(facts, 2, evidence);
}

/* Wrong, and neither again nor right again. */
bool when_wrong_once(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	if (!stress || !tally(facts, wrong) || scattered(facts) ||
	    stress->repeated > stress->cleared)
		return false;
	add_rates(stress, evidence);
	return true;
}
