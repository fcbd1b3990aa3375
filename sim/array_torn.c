/* SPDX-License-Identifier: MIT */
/* Operations that did not do what they should: cut short by a reset or the
 * loss of the supply, or run to their end at too low a voltage. */
#include "sim/array.h"

#include <string.h>

/* Only some of the cells that should have changed did. */
static void half_word(struct s0_sim *sim, uint32_t word, const uint8_t *data)
{
	uint8_t *cells = sim->array.cells + word * word_size(sim);

	for (unsigned i = 0; i < word_size(sim); i++) {
		uint8_t chosen = (uint8_t)sim_random(sim);

		if (data)
			cells[i] |= (data[i] ^ sim->chip->erased) & chosen;
		else
			cells[i] &= chosen;
	}
	sim_array_damage_word(sim, word);
}

/*
 * An erase cut short. Content is undefined (RM0399); what is modelled: words
 * untouched, words half erased, words erased, and words that read 0xFF but
 * are not erased, so that programming them damages them. One cut in four comes
 * so late that the whole sector reads blank.
 */
static void tear_erase_word(struct s0_sim *sim, uint32_t word, bool late)
{
	unsigned chance = (unsigned)(sim_random(sim) % 8);

	if (sim->array.words[word] == SIM_STATE_ERASED)
		return;
	if (!late && chance < 3)
		return;
	if (!late && chance < 5) {
		half_word(sim, word, NULL);
		return;
	}
	memset(sim->array.cells + word * word_size(sim), 0, word_size(sim));
	sim->array.words[word] =
		chance == 7 ? SIM_STATE_PROGRAMMED : SIM_STATE_ERASED;
}

static void tear_erase(struct s0_sim *sim, unsigned bank)
{
	const struct sim_sectors *sectors = &sim->array.running[bank].sectors;
	uint32_t size = word_size(sim);

	for (unsigned i = 0; i < sim_profile_sectors(sim->chip); i++) {
		struct sim_sector sector =
			sim_profile_sector_of(sim->chip, bank, i);
		uint32_t first = sector.start / size;
		bool late = sim_random(sim) % 4 == 0;

		if (!sim_sectors_has(sectors, i))
			continue;
		for (uint32_t w = 0; w < sector.size / size; w++)
			tear_erase_word(sim, first + w, late);
		sim_persist_words(sim, sector.start, sector.size);
	}
}

/* A programming cut short: the words before the cut are done, the one at the
 * cut is half done, those behind it are untouched. */
static void tear_program(struct s0_sim *sim, unsigned bank)
{
	struct sim_operation *running = &sim->array.running[bank];
	uint32_t size = word_size(sim);
	uint32_t words = running->length / size;
	uint32_t first = running->offset / size;
	uint32_t cut = (uint32_t)(sim_random(sim) % words);

	for (uint32_t i = 0; i < cut; i++)
		sim_array_program_word(sim, first + i,
				       running->data + i * size);
	half_word(sim, first + cut, running->data + cut * size);
	sim_persist_words(sim, running->offset, running->length);
}

void sim_array_tear(struct s0_sim *sim)
{
	sim_supply_rest(sim);
	for (unsigned bank = 0; bank < 2; bank++) {
		uint32_t kind = sim->array.running[bank].kind;

		if (kind == SIM_OPERATION_NONE)
			continue;
		if (kind == SIM_OPERATION_ERASE)
			tear_erase(sim, bank);
		else
			tear_program(sim, bank);
		sim_array_forget(sim, bank);
	}
}

/* ---- too low a voltage --------------------------------------------------- */

/* One word in that many is not as it should be, and one at least. */
#define ONE_WORD_IN 64u

/* Of eight bits, one on average. */
static uint8_t few_bits(struct s0_sim *sim)
{
	uint64_t random = sim_random(sim);

	return (uint8_t)(random & random >> 8 & random >> 16);
}

/* Is this one of them? With one @left, one is owed. */
static bool chosen(struct s0_sim *sim, uint32_t left, bool *any)
{
	bool is = sim_random(sim) % ONE_WORD_IN == 0 || (left == 1 && !*any);

	*any = *any || is;
	return is;
}

static void erase_word(struct s0_sim *sim, uint32_t word)
{
	memset(sim->array.cells + word * word_size(sim), 0, word_size(sim));
	sim->array.words[word] = SIM_STATE_ERASED;
}

/* Some of its charge is still there. */
static void leave_charge(struct s0_sim *sim, uint32_t word)
{
	uint8_t *cells = sim->array.cells + word * word_size(sim);

	if (sim->config.incomplete == SIM_INCOMPLETE_WORDS)
		return;
	for (unsigned i = 0; i < word_size(sim); i++)
		cells[i] &= few_bits(sim);
	sim_array_damage_word(sim, word);
}

static void erase_sector(struct s0_sim *sim, struct sim_sector sector)
{
	uint32_t first = sector.start / word_size(sim), left = 0;
	uint32_t words = sector.size / word_size(sim);
	bool any = false;

	for (uint32_t i = 0; i < words; i++)
		left += sim->array.words[first + i] != SIM_STATE_ERASED;
	for (uint32_t i = 0; i < words; i++) {
		/* One that was erased stays so. */
		if (sim->array.words[first + i] == SIM_STATE_ERASED)
			continue;
		if (chosen(sim, left--, &any))
			leave_charge(sim, first + i);
		else
			erase_word(sim, first + i);
	}
	sim_persist_words(sim, sector.start, sector.size);
}

void sim_array_erase_incompletely(struct s0_sim *sim, unsigned bank)
{
	const struct sim_sectors *sectors = &sim->array.running[bank].sectors;

	for (unsigned i = 0; i < sim_profile_sectors(sim->chip); i++)
		if (sim_sectors_has(sectors, i))
			erase_sector(sim,
				     sim_profile_sector_of(sim->chip, bank, i));
}

/* Some of the zeros did not take. */
static void lack_charge(struct s0_sim *sim, uint32_t word, const uint8_t *data)
{
	uint8_t *cells = sim->array.cells + word * word_size(sim);

	if (sim->config.incomplete == SIM_INCOMPLETE_WORDS)
		return;
	for (unsigned i = 0; i < word_size(sim); i++)
		cells[i] |= (uint8_t)((data[i] ^ sim->chip->erased) &
				      ~few_bits(sim));
	sim_array_damage_word(sim, word);
}

void sim_array_program_incompletely(struct s0_sim *sim, unsigned bank)
{
	struct sim_operation *running = &sim->array.running[bank];
	uint32_t first = running->offset / word_size(sim);
	uint32_t words = running->length / word_size(sim);
	bool any = false;

	for (uint32_t i = 0; i < words; i++) {
		const uint8_t *data = running->data + i * word_size(sim);

		if (chosen(sim, words - i, &any))
			lack_charge(sim, first + i, data);
		else
			sim_array_program_word(sim, first + i, data);
	}
	sim_persist_words(sim, running->offset, running->length);
}
