/* SPDX-License-Identifier: MIT */
/*
 * The flash array (fact sheet 2.4; RM0399 chapter 4, the same flash block;
 * RM0090 chapter 3): programming only adds charge (1 -> 0), erasing takes a
 * whole sector. Banks work in parallel, one operation in each. With ECC, a word
 * can be damaged; without, it only holds other bits than it should.
 */
#include "sim/array.h"

#include <string.h>

#include "base/range.h"

bool sim_array_has(const struct s0_sim *sim, uint32_t offset)
{
	const struct sim_profile *chip = sim->chip;

	if (offset >= chip->flash_size)
		return false;
	return offset % chip->bank_size < chip->present &&
	       (offset < chip->bank_size || chip->banks_present == 2);
}

uint32_t sim_array_place(const struct s0_sim *sim, uint32_t offset)
{
	const struct sim_profile *chip = sim->chip;

	if (!sim->array.swapped)
		return offset;
	return offset < chip->bank_size ? offset + chip->bank_size
					: offset - chip->bank_size;
}

void sim_array_read(const struct s0_sim *sim, uint32_t place, uint8_t *bytes,
		    uint32_t length)
{
	const uint8_t *cells = sim->array.cells + place;
	uint64_t erased = sim->chip->erased * 0x0101010101010101u;
	uint32_t i = 0;

	for (; i + sizeof(uint64_t) <= length; i += sizeof(uint64_t)) {
		uint64_t eight;

		memcpy(&eight, cells + i, sizeof(eight));
		eight ^= erased;
		memcpy(bytes + i, &eight, sizeof(eight));
	}
	for (; i < length; i++)
		bytes[i] = cells[i] ^ sim->chip->erased;
}

unsigned sim_array_count(const struct s0_sim *sim, uint32_t place,
			 uint32_t length, enum sim_word_state state)
{
	unsigned count = 0;

	for (uint32_t word = place / word_size(sim);
	     word <= (place + length - 1) / word_size(sim); word++)
		count += sim->array.words[word] == state;
	return count;
}

bool sim_array_damaged(const struct s0_sim *sim, uint32_t place,
		       uint32_t length)
{
	return sim_array_count(sim, place, length, SIM_STATE_DAMAGED) > 0;
}

static bool all(const struct s0_sim *sim, const uint8_t *data, uint8_t value)
{
	for (unsigned i = 0; i < word_size(sim); i++)
		if (data[i] != value)
			return false;
	return true;
}

void sim_array_damage_word(struct s0_sim *sim, uint32_t word)
{
	if (!sim_is(sim->chip, SIM_ECC)) {
		sim->array.words[word] = SIM_STATE_PROGRAMMED;
		return;
	}
	if (sim->array.words[word] != SIM_STATE_DAMAGED)
		sim->counters.words_damaged++;
	sim->array.words[word] = SIM_STATE_DAMAGED;
}

/* Where a word that holds something is left alone (PROGERR; RM0351, RM0440,
 * PM0075 of halfwords); what charges all of it is programmed all the same. */
static bool refused(struct s0_sim *sim, uint32_t word, const uint8_t *data)
{
	if (sim->config.overwrite == SIM_OVERWRITE_DAMAGE ||
	    sim->array.words[word] == SIM_STATE_ERASED ||
	    all(sim, data, (uint8_t)~sim->chip->erased))
		return false;
	sim->array.refused = true;
	return true;
}

/* A second programming leaves an ECC that does not fit, except for what charges
 * the whole word (whose code word is reached from any other by that alone). */
void sim_array_program_word(struct s0_sim *sim, uint32_t word,
			    const uint8_t *data)
{
	uint8_t *cells = sim->array.cells + word * word_size(sim);
	uint8_t *state = &sim->array.words[word];
	uint8_t erased = sim->chip->erased;

	/* Without ECC what is erased leaves no trace. */
	if (!sim_is(sim->chip, SIM_ECC) && all(sim, data, erased))
		return;
	if (refused(sim, word, data))
		return;
	for (unsigned i = 0; i < word_size(sim); i++)
		cells[i] |= data[i] ^ erased;
	sim->counters.words_programmed++;
	if (*state == SIM_STATE_ERASED || all(sim, data, (uint8_t)~erased))
		*state = SIM_STATE_PROGRAMMED;
	else
		sim_array_damage_word(sim, word);
}

static void erase_sector(struct s0_sim *sim, struct sim_sector sector)
{
	memset(sim->array.cells + sector.start, 0, sector.size);
	memset(sim->array.words + sector.start / word_size(sim),
	       SIM_STATE_ERASED, sector.size / word_size(sim));
	sim_persist_words(sim, sector.start, sector.size);
}

static void complete_erase(struct s0_sim *sim, unsigned bank)
{
	struct sim_operation *running = &sim->array.running[bank];

	if (running->incomplete) {
		sim_array_erase_incompletely(sim, bank);
		return;
	}
	for (unsigned i = 0; i < sim_profile_sectors(sim->chip); i++)
		if (sim_sectors_has(&running->sectors, i))
			erase_sector(sim,
				     sim_profile_sector_of(sim->chip, bank, i));
}

static void complete_program(struct s0_sim *sim, unsigned bank)
{
	struct sim_operation *running = &sim->array.running[bank];
	uint32_t word = word_size(sim);

	if (running->incomplete) {
		sim_array_program_incompletely(sim, bank);
		return;
	}
	for (uint32_t i = 0; word && i < running->length; i += word)
		sim_array_program_word(sim, (running->offset + i) / word,
				       running->data + i);
	sim_persist_words(sim, running->offset, running->length);
}

void sim_array_forget(struct s0_sim *sim, unsigned bank)
{
	sim->array.running[bank].kind = SIM_OPERATION_NONE;
	sim_persist_operation(sim, bank);
}

static void count(struct s0_sim *sim, const struct sim_operation *done)
{
	uint64_t us = (done->end - done->start) / SIM_TICKS_PER_US;

	sim->counters.incomplete += done->incomplete;
	if (done->kind == SIM_OPERATION_PROGRAM)
		sim->counters.program_us += us;
	if (done->kind != SIM_OPERATION_ERASE || done->mass)
		return;
	sim->counters.erase_us += us;
	sim->counters.sector_erases++;
}

void sim_array_settle(struct s0_sim *sim)
{
	for (unsigned bank = 0; bank < 2; bank++) {
		struct sim_operation *running = &sim->array.running[bank];

		if (running->kind == SIM_OPERATION_NONE ||
		    running->end > sim->now)
			continue;
		count(sim, running);
		if (running->kind == SIM_OPERATION_ERASE)
			complete_erase(sim, bank);
		else
			complete_program(sim, bank);
		sim_array_forget(sim, bank);
	}
}

uint64_t sim_array_busy(const struct s0_sim *sim, unsigned bank)
{
	const struct sim_operation *running = &sim->array.running[bank];

	if (running->kind == SIM_OPERATION_NONE || running->end <= sim->now)
		return 0;
	return running->end - sim->now;
}

static struct sim_operation *begin(struct s0_sim *sim, unsigned bank,
				   enum sim_operation_kind kind, uint64_t ticks)
{
	struct sim_operation *running = &sim->array.running[bank];

	running->kind = kind;
	running->mass = false;
	running->incomplete = false;
	memset(&running->sectors, 0, sizeof(running->sectors));
	running->offset = 0;
	running->length = 0;
	running->start = sim->now;
	running->end = sim->now + ticks;
	return running;
}

void sim_array_erase(struct s0_sim *sim, unsigned bank,
		     const struct sim_sectors *sectors, bool mass,
		     uint64_t ticks)
{
	struct sim_operation *running =
		begin(sim, bank, SIM_OPERATION_ERASE, ticks);

	running->mass = mass;
	running->sectors = *sectors;
	sim_persist_operation(sim, bank);
	sim_supply_load(sim, bank);
}

void sim_array_program(struct s0_sim *sim, uint32_t place, const uint8_t *data,
		       uint32_t length, uint64_t ticks)
{
	unsigned bank = place / sim->chip->bank_size;
	struct sim_operation *running =
		begin(sim, bank, SIM_OPERATION_PROGRAM, ticks);

	running->offset = place;
	running->length = length;
	memcpy(running->data, data, length);
	sim_persist_operation(sim, bank);
	sim_supply_load(sim, bank);
}

void sim_array_poke(struct s0_sim *sim, uint32_t place, const uint8_t *bytes,
		    uint32_t length)
{
	uint32_t word = place / word_size(sim);
	const uint8_t *cells = sim->array.cells + word * word_size(sim);
	uint8_t charge = 0;

	for (uint32_t i = 0; i < length; i++)
		sim->array.cells[place + i] = bytes[i] ^ sim->chip->erased;
	for (unsigned i = 0; i < word_size(sim); i++)
		charge |= cells[i];
	sim->array.words[word] =
		charge ? SIM_STATE_PROGRAMMED : SIM_STATE_ERASED;
}

static void changed(struct s0_sim *sim, uint32_t place)
{
	sim_persist_words(sim, round_down(place, word_size(sim)),
			  word_size(sim));
}

void sim_array_damage(struct s0_sim *sim, uint32_t place)
{
	if (!sim_is(sim->chip, SIM_ECC))
		return;
	sim_array_damage_word(sim, place / word_size(sim));
	changed(sim, place);
}

/* Only the second wrong bit of a word is seen where ECC mends one. */
void sim_array_flip(struct s0_sim *sim, uint32_t place, unsigned bit)
{
	uint32_t word = place / word_size(sim);
	uint8_t *state = &sim->array.words[word];

	if (sim_is(sim->chip, SIM_ECC) && *state != SIM_STATE_FLAWED &&
	    *state != SIM_STATE_DAMAGED) {
		*state = SIM_STATE_FLAWED;
	} else {
		sim->array.cells[place] ^= (uint8_t)(1u << bit % 8);
		sim_array_damage_word(sim, word);
	}
	changed(sim, place);
}
