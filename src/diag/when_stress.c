/* SPDX-License-Identifier: MIT */
/* What a stress test shows: load tells a weak supply from worn cells, and no
 * load a bad link from both. */
#include "diag/diag.h"

static void add_counts(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	text_add(evidence,
		 " after %u good erase%s and %u good program run%s of a sector",
		 stress->erases, stress->erases == 1 ? "" : "s",
		 stress->programs, stress->programs == 1 ? "" : "s");
}

bool when_load(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	if (!stress ||
	    (stress->stage == S0_STAGE_VERIFY &&
	     facts->error->cause == S0_CAUSE_UNREADABLE) ||
	    stress->stage == S0_STAGE_SURVEY)
		return false;
	text_add(evidence, "plain reads worked, it failed in %s",
		 stress->stage == S0_STAGE_ERASE   ? "an erase"
		 : stress->stage == S0_STAGE_WRITE ? "a program run"
						   : "a read under way");
	add_counts(facts, evidence);
	return true;
}

bool when_unreadable(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->stress || facts->stress->stage != S0_STAGE_VERIFY)
		return false;
	text_add(evidence, "it was read behind its programming,");
	add_counts(facts, evidence);
	return true;
}

bool when_idle(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->stress || !facts->stress->idle_errors)
		return false;
	text_add(evidence,
		 "two plain reads of one sector differ in %u bytes, with no "
		 "erase or write before them",
		 facts->stress->idle_errors);
	return true;
}

bool when_idle_broke(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->stress || facts->stress->stage != S0_STAGE_SURVEY)
		return false;
	text_add(evidence, "that was a plain read, nothing was erased or "
			   "written before it");
	return true;
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
	       (round->left || round->high || round->low || round->unstable);
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

bool when_slow(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress_round *worst = NULL;
	size_t count = tally(facts, slow);

	if (!count)
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

/* Wrong at the same addresses again and again. */
bool when_stuck(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;

	if (!tally(facts, wrong) || stress->repeated == 0 ||
	    stress->repeated * 2 < stress->places)
		return false;
	text_add(evidence,
		 "%u of %u wrong bytes were wrong in several rounds, at the "
		 "same addresses",
		 stress->repeated, stress->places);
	return true;
}

/* The sector of all wrong rounds, where there are several, and the others are
 * right; NULL if there is none. */
static const struct s0_stress_round *one_sector(const struct s0_facts *facts)
{
	const struct s0_stress_round *first = NULL;

	if (tally(facts, wrong) < 2 || facts->stress->sectors < 4)
		return NULL;
	for (size_t i = 0; i < facts->stress->count; i++) {
		const struct s0_stress_round *round = &facts->stress->rounds[i];

		if (!wrong(facts, round))
			continue;
		if (first && first->address != round->address)
			return NULL;
		first = round;
	}
	return first;
}

bool when_one_sector(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress_round *round = one_sector(facts);

	if (!round)
		return false;
	text_add(evidence,
		 "all %zu wrong rounds were in the sector at 0x%08x, the other "
		 "%zu sectors were right",
		 tally(facts, wrong), round->address,
		 facts->stress->sectors - 1);
	return true;
}

/* Wrong at other addresses each time. */
bool when_scattered(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_stress *stress = facts->stress;
	size_t count = tally(facts, wrong);

	if (!count || stress->repeated * 2 >= stress->places ||
	    stress->idle_errors || one_sector(facts))
		return false;
	text_add(evidence,
		 "%u bytes were wrong in %zu of %zu rounds, at other addresses "
		 "each time, and plain reads were right",
		 stress->places, count, stress->count);
	return true;
}
