/* SPDX-License-Identifier: MIT */
/* What the rounds of a stress test left in flash, and how long they took: the
 * same places each time are worn cells, others each time the supply. */
#include "diag/diag.h"

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
size_t diag_scattered(const struct s0_facts *facts)
{
	const struct s0_stress *stress = facts->stress;

	return stress->cleared > stress->repeated ? tally(facts, wrong) : 0;
}

bool diag_wrong_at(const struct s0_facts *facts, uint32_t *ret_address)
{
	const struct s0_stress *stress = facts->stress;

	if (!stress)
		return false;
	for (size_t i = 0; i < stress->count; i++) {
		const struct s0_stress_round *round = &stress->rounds[i];

		if (!wrong(facts, round) && !slow(facts, round))
			continue;
		*ret_address = round->address;
		return true;
	}
	*ret_address = stress->first.address;
	return stress->first.length > 0;
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
	if (!worst)
		return false;
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

	if (!stress || !tally(facts, wrong) || diag_scattered(facts) ||
	    stress->repeated > stress->cleared)
		return false;
	diag_add_rates(stress, evidence);
	return true;
}
