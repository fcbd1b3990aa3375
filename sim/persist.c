/* SPDX-License-Identifier: MIT */
/*
 * The chip's memory in a store, so that it outlives the process.
 *
 * Before an operation begins, a record of it is written; it is cleared when
 * the array has what it leaves behind. A process killed in between leaves the
 * record, and the next one tears that operation, as a brown-out would have.
 *
 * The file, little endian:
 *     0  8   magic            16 16  profile      48 12  unique ID
 *     8  4   version          32 4   flash, KiB   60 4   check of 0..59
 *    12  4   size of header   36 4   flash word   64 4   times powered on
 *                             40 4   sector
 *   128 32   option registers, 160 4 check of them
 *  1024      operation running in bank 1; 2560 in bank 2, if there is one
 *  3456      the OTP area, complemented (chips that have one)
 *  4096      cells, complemented: a hole is erased flash
 *            a byte for the state of each flash word
 *
 * Of chips from data, which may have more of all of that:
 *   128 260  option words and their check
 *  1024      operation running in bank 1; 4096 in bank 2
 *  8192      cells, word states, OTP and EEPROM
 */
#include "sim/persist.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

#define OPTION_WORDS 8u

/* FNV-1a. */
uint32_t persist_check_of(const uint8_t *bytes, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

struct persist_places persist_places_of(const struct s0_sim *sim)
{
	const struct sim_profile *chip = sim->chip;

	if (!sim_is(chip, SIM_DATA))
		return (struct persist_places){ 4096, 2560, 3456 };
	return (struct persist_places){ 8192, 4096,
					8192 + chip->flash_size +
						chip->flash_size / chip->word };
}

uint32_t persist_words_of(const struct s0_sim *sim)
{
	return sim->chip->flash_size / sim->chip->word;
}

uint32_t persist_words_at(const struct s0_sim *sim)
{
	return persist_places_of(sim).header + sim->chip->flash_size;
}

uint32_t persist_file_size(const struct s0_sim *sim)
{
	uint32_t end = persist_words_at(sim) + persist_words_of(sim);

	return sim_is(sim->chip, SIM_DATA) ? end + sim->chip->extra_size : end;
}

void persist_put(struct s0_sim *sim, uint64_t offset, const void *bytes,
		 size_t length)
{
	struct store *store = sim->store;

	if (!store || sim->store_failed)
		return;
	if (store->ops->write(store, offset, bytes, length, NULL) == S0_OK)
		return;
	sim->store_failed = true;
	sim->hung = true;
}

void sim_persist_words(struct s0_sim *sim, uint32_t place, uint32_t length)
{
	uint32_t first = place / sim->chip->word;
	uint32_t last = (place + length - 1) / sim->chip->word;

	persist_put(sim, persist_places_of(sim).header + place,
		    sim->array.cells + place, length);
	persist_put(sim, persist_words_at(sim) + first,
		    sim->array.words + first, last - first + 1);
}

uint32_t persist_operation_at(const struct s0_sim *sim, unsigned bank)
{
	return bank == 0 ? 1024 : persist_places_of(sim).second;
}

/* Words of the set of a bank's sectors; the first has always been there. */
uint32_t persist_set_words(const struct s0_sim *sim)
{
	return sim_is(sim->chip, SIM_DATA) ? SIM_SECTORS_MAX / 32 : 1;
}

void sim_persist_operation(struct s0_sim *sim, unsigned bank)
{
	const struct sim_operation *running = &sim->array.running[bank];
	uint8_t record[16 + SIM_PROGRAM_MAX];
	size_t length = 16;

	put_le32(record, running->kind);
	put_le32(record + 4, running->sectors.bits[0]);
	put_le32(record + 8, running->offset);
	put_le32(record + 12, running->length);
	if (running->kind == SIM_OPERATION_PROGRAM) {
		memcpy(record + 16, running->data, running->length);
		length += running->length;
	}
	if (running->kind == SIM_OPERATION_ERASE)
		for (uint32_t i = 1; i < persist_set_words(sim);
		     i++, length += 4)
			put_le32(record + length, running->sectors.bits[i]);
	persist_put(sim, persist_operation_at(sim, bank), record, length);
}

static void option_list(struct sim_option_set *set,
			uint32_t *list[OPTION_WORDS])
{
	list[0] = &set->optsr;
	list[1] = &set->boot;
	for (unsigned bank = 0; bank < 2; bank++) {
		list[2 + bank] = &set->prar[bank];
		list[4 + bank] = &set->scar[bank];
		list[6 + bank] = &set->wpsn[bank];
	}
}

/* All of them, and how many there are. */
uint32_t persist_option_words(struct s0_sim *sim,
			      uint32_t *list[SIM_OPTION_WORDS])
{
	if (!sim_is(sim->chip, SIM_DATA)) {
		option_list(&sim->options.cur, list);
		return OPTION_WORDS;
	}
	for (unsigned i = 0; i < SIM_OPTION_WORDS; i++)
		list[i] = &sim->options.words.value[i];
	return SIM_OPTION_WORDS;
}

size_t persist_put_options(struct s0_sim *sim, uint8_t record[OPTIONS_SIZE])
{
	uint32_t *list[SIM_OPTION_WORDS];
	uint32_t count = persist_option_words(sim, list);

	for (uint32_t i = 0; i < count; i++)
		put_le32(record + 4 * i, *list[i]);
	put_le32(record + 4 * count, persist_check_of(record, 4 * count));
	return 4 * count + 4;
}

void sim_persist_options(struct s0_sim *sim)
{
	uint8_t record[OPTIONS_SIZE];
	size_t length = persist_put_options(sim, record);

	persist_put(sim, OPTIONS_AT, record, length);
}

void sim_persist_extra(struct s0_sim *sim)
{
	persist_put(sim, persist_places_of(sim).extra, sim->array.extra,
		    sim->chip->extra_size);
}
