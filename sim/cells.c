/* SPDX-License-Identifier: MIT */
/*
 * Worn and stuck cells (cells=, worn=). With ECC one wrong bit of a word is
 * mended when it is read, two are a bus error (RM0399); without, a wrong bit is
 * what the host gets. Which cells fail, and how, is inferred: a cell that an
 * erase cannot empty reads 0, one that takes no charge reads 1, a weak one
 * holds so little that it reads one or the other. A sector's erase grows longer
 * with its cycles; DS12110 has twice the typical times after 10,000 of them,
 * one report 6 to 10 s.
 */
#include "sim/sim.h"

#include <string.h>

#include "base/range.h"
#include "sim/values.h"

static const char *const kinds[SIM_CELL_KINDS] = {
	[SIM_CELL_STUCK_0] = "stuck-0",
	[SIM_CELL_STUCK_1] = "stuck-1",
	[SIM_CELL_WEAK] = "weak",
	[SIM_CELL_ECC] = "ecc",
};

/* ---- what the keys say --------------------------------------------------- */

/* Up to the next '+', cut at the last ':' before it. */
struct item {
	char text[64];
	const char *argument; /* NULL: none */
	const char *rest;     /* behind the '+'; NULL: it was the last */
};

static bool next_item(const char *value, struct item *item)
{
	size_t length = strcspn(value, "+");
	char *colon;

	if (length >= sizeof(item->text))
		return false;
	memcpy(item->text, value, length);
	item->text[length] = '\0';
	item->rest = value[length] ? value + length + 1 : NULL;
	colon = strchr(item->text, ':');
	if (colon)
		*colon++ = '\0';
	item->argument = colon;
	return true;
}

static bool parse_kind(const char *word, const struct sim_profile *chip,
		       uint32_t *ret_kind)
{
	for (uint32_t i = 0; i < SIM_CELL_KINDS; i++)
		if (strcmp(kinds[i], word) == 0) {
			*ret_kind = i;
			return sim_is(chip, SIM_ECC) || i != SIM_CELL_ECC;
		}
	return false;
}

static bool parse_sector(const char *text, const struct sim_profile *chip,
			 uint32_t *ret_sector)
{
	uint32_t sectors = sim_profile_sectors(chip) * sim_profile_banks(chip);
	uint64_t number;

	if (!sim_value_number(text, 0, sectors - 1, &number))
		return false;
	*ret_sector = (uint32_t)number;
	return true;
}

static bool parse_place(const char *text, const struct sim_profile *chip,
			struct sim_cell_spec *spec)
{
	uint64_t address;

	spec->any = strncmp(text, "sector", 6) == 0;
	if (spec->any)
		return parse_sector(text + 6, chip, &spec->at);
	if (!sim_value_number(text, SIM_FLASH_BASE,
			      SIM_FLASH_BASE + chip->flash_size - 1, &address))
		return false;
	spec->at = (uint32_t)address - SIM_FLASH_BASE;
	return true;
}

static bool parse_cell(struct item *item, const struct sim_profile *chip,
		       struct sim_cell_spec *spec)
{
	char *where = strchr(item->text, '@');
	uint64_t count = 1;

	if (!where)
		return false;
	*where++ = '\0';
	if (item->argument &&
	    !sim_value_number(item->argument, 1, SIM_CELL_COUNT, &count))
		return false;
	spec->count = (uint32_t)count;
	return parse_kind(item->text, chip, &spec->kind) &&
	       parse_place(where, chip, spec);
}

bool sim_cells_parse(const char *value, const struct sim_profile *chip,
		     struct sim_cell_spec *specs)
{
	struct item item;
	unsigned count = 0;

	memset(specs, 0, SIM_CELL_SPECS * sizeof(*specs));
	do {
		if (count == SIM_CELL_SPECS || !next_item(value, &item) ||
		    !parse_cell(&item, chip, &specs[count++]))
			return false;
		value = item.rest;
	} while (value);
	return true;
}

bool sim_cells_parse_worn(const char *value, const struct sim_profile *chip,
			  uint8_t *worn)
{
	struct item item;

	do {
		uint64_t times = 4;
		uint32_t sector;

		if (!next_item(value, &item) ||
		    !parse_sector(item.text, chip, &sector) ||
		    (item.argument &&
		     !sim_value_number(item.argument, 1, 100, &times)))
			return false;
		worn[sector] = (uint8_t)times;
		value = item.rest;
	} while (value);
	return true;
}

/* ---- the cells ----------------------------------------------------------- */

static struct sim_sector sector_of(const struct s0_sim *sim, uint32_t number)
{
	uint32_t each = sim_profile_sectors(sim->chip);

	return sim_profile_sector_of(sim->chip, number / each, number % each);
}

static void add(struct s0_sim *sim, const struct sim_cell_spec *spec,
		uint32_t nth)
{
	struct sim_cells *cells = &sim->cells;
	uint32_t bit = spec->at * 8 + nth;

	if (spec->any) {
		struct sim_sector sector = sector_of(sim, spec->at);

		bit = sector.start * 8 +
		      (uint32_t)(sim_random_of(&cells->random) %
				 (sector.size * 8));
	}
	if (bit / 8 < sim->chip->flash_size)
		cells->list[cells->count++] =
			(struct sim_cell){ bit / 8, (uint8_t)(bit % 8),
					   (uint8_t)spec->kind };
}

/* The same ones each time that the chip is made. */
void sim_cells_start(struct s0_sim *sim)
{
	sim->cells.random = sim->config.seed ^ 0x5eed;
	for (unsigned i = 0; i < SIM_CELL_SPECS; i++)
		for (uint32_t k = 0; k < sim->config.cells[i].count; k++)
			add(sim, &sim->config.cells[i], k);
	sim->cells.random += sim->power_ons;
}

/* Does it read another value than was put into it? The weak are asked anew
 * each time. */
static bool wrong(const struct s0_sim *sim, const struct sim_cell *cell,
		  uint64_t *random)
{
	bool charged = sim->array.cells[cell->place] >> cell->bit & 1;

	switch (cell->kind) {
	case SIM_CELL_STUCK_0:
		return !charged;
	case SIM_CELL_STUCK_1:
		return charged;
	case SIM_CELL_WEAK:
		return charged && random && sim_random_of(random) % 2 == 0;
	default:
		return sim->array.words[cell->place / sim->chip->word] !=
		       SIM_STATE_ERASED;
	}
}

/* Wrong bits in a word: an `ecc` cell stands for two. */
static unsigned errors_in(const struct s0_sim *sim, uint32_t word,
			  uint64_t *random)
{
	unsigned errors = sim->array.words[word] == SIM_STATE_FLAWED;

	for (unsigned i = 0; i < sim->cells.count; i++) {
		const struct sim_cell *cell = &sim->cells.list[i];

		if (cell->place / sim->chip->word == word &&
		    wrong(sim, cell, random))
			errors += cell->kind == SIM_CELL_ECC ? 2 : 1;
	}
	return errors;
}

bool sim_cells_fatal(const struct s0_sim *sim, uint32_t word)
{
	return sim_is(sim->chip, SIM_ECC) && sim->cells.count > 0 &&
	       errors_in(sim, word, NULL) > 1;
}

static void show(const struct s0_sim *sim, uint32_t place, uint8_t *bytes,
		 uint32_t length, uint64_t *random)
{
	for (unsigned i = 0; i < sim->cells.count; i++) {
		const struct sim_cell *cell = &sim->cells.list[i];

		if (range_within(cell->place, 1, place, length) &&
		    wrong(sim, cell, random))
			bytes[cell->place - place] ^=
				(uint8_t)(1u << cell->bit);
	}
}

void sim_cells_show(const struct s0_sim *sim, uint32_t place, uint8_t *bytes,
		    uint32_t length)
{
	if (!sim_is(sim->chip, SIM_ECC))
		show(sim, place, bytes, length, NULL);
}

bool sim_cells_read(struct s0_sim *sim, uint32_t place, uint8_t *bytes,
		    uint32_t length)
{
	uint32_t first = place / sim->chip->word;
	uint32_t last = (place + length - 1) / sim->chip->word;

	if (sim->cells.count == 0)
		return true;
	if (!sim_is(sim->chip, SIM_ECC)) {
		show(sim, place, bytes, length, &sim->cells.random);
		return true;
	}
	for (uint32_t word = first; word <= last; word++) {
		unsigned errors = errors_in(sim, word, &sim->cells.random);

		if (errors > 1)
			return false;
		/* One that is flawed has been counted. */
		sim->counters.corrected +=
			errors && sim->array.words[word] != SIM_STATE_FLAWED;
	}
	return true;
}

unsigned sim_cells_worn(const struct s0_sim *sim, uint32_t place)
{
	struct sim_sector sector = sim_profile_sector(sim->chip, place);
	unsigned bank = place / sim->chip->bank_size;
	unsigned times =
		sim->config.worn[bank * sim_profile_sectors(sim->chip) +
				 sector.index];

	return times ? times : 1;
}

unsigned sim_cells_most_worn(const struct s0_sim *sim)
{
	unsigned most = 1;

	for (unsigned i = 0; i < SIM_SECTORS_MAX; i++)
		if (sim->config.worn[i] > most)
			most = sim->config.worn[i];
	return most;
}
