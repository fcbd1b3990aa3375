/* SPDX-License-Identifier: MIT */
/*
 * Every chip of the table as a virtual chip: its array at the borders of its
 * sectors. What is expected comes from the data by this file's own reckoning.
 */
#include "sim_bench.h"

#include <stdio.h>
#include <string.h>

#include <sector0/chip.h>

/* Sectors of a part, rising. */
#define SECTORS 2048

struct part {
	const struct s0_chip *chip;
	uint32_t kib;
	const char *field; /* NULL: its banks cannot be switched */
	uint32_t value;
	unsigned count;
	struct {
		uint32_t address, size;
	} sectors[SECTORS];
};

/* ---- what the data say --------------------------------------------------- */

static const struct s0_geometry *geometry_of(const struct part *part)
{
	const struct s0_chip *chip = part->chip;
	const struct s0_geometry *any = NULL, *mode = NULL;

	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *geometry = &chip->geometries[i];

		if (geometry->field && part->field &&
		    geometry->value != part->value)
			continue;
		if (geometry->flash_kib == part->kib)
			return geometry;
		if (geometry->flash_kib == 0)
			any = geometry;
		else if (!mode)
			mode = geometry;
	}
	return any ? any : mode;
}

static void list_bank(struct part *part, const struct s0_geometry *geometry,
		      uint32_t address, uint32_t bytes)
{
	for (size_t i = 0; i < geometry->sector_count; i++)
		for (uint32_t k = 0; k < geometry->sectors[i].count; k++) {
			uint32_t size = geometry->sectors[i].bytes;

			if (bytes < size)
				return;
			assert_true(part->count < SECTORS);
			part->sectors[part->count].address = address;
			part->sectors[part->count++].size = size;
			address += size;
			bytes -= size;
		}
}

static void list_sectors(struct part *part)
{
	const struct s0_geometry *geometry = geometry_of(part);
	const struct s0_chip *chip = part->chip;
	uint32_t bytes = part->kib * 1024;
	uint32_t second =
		chip->banks == S0_BANKS_FIXED ? chip->bank_bytes : bytes / 2;

	part->count = 0;
	assert_non_null(geometry);
	/* One of just this size says where its second bank is. */
	if (geometry->banks != 2 ||
	    (geometry->flash_kib == part->kib && geometry->sector_count == 1)) {
		list_bank(part, geometry, chip->flash_address, bytes);
		return;
	}
	list_bank(part, geometry, chip->flash_address, bytes / 2);
	list_bank(part, geometry, chip->flash_address + second, bytes / 2);
}

/* ---- a chip on the bench -------------------------------------------------- */

static bool hand_made(const struct s0_chip *chip)
{
	return strcmp(chip->name, "stm32h743") == 0 ||
	       strcmp(chip->name, "stm32f405") == 0;
}

static struct bench *make_part(void **state, const struct part *part)
{
	char text[160], field[80] = "";

	if (part->field)
		snprintf(field, sizeof(field), ",%s=%u", part->field,
			 (unsigned)part->value);
	snprintf(text, sizeof(text),
		 "%s,flash_kb=%u,first_status=ok,early_poll=ok%s",
		 part->chip->name, (unsigned)part->kib, field);
	return bench_make(state, text);
}

typedef void part_fn(void **state, const struct part *part);

static void each_mode(void **state, struct part *part, part_fn *check)
{
	const struct s0_chip *chip = part->chip;
	bool any = false;

	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *geometry = &chip->geometries[i];

		part->field = geometry->field;
		part->value = geometry->value;
		if (!geometry->field || (geometry->flash_kib != 0 &&
					 geometry->flash_kib != part->kib))
			continue;
		list_sectors(part);
		check(state, part);
		any = true;
	}
	part->field = NULL;
	if (any)
		return;
	list_sectors(part);
	check(state, part);
}

/* Of each chip, each size that it is sold with and each way of its banks. */
static void each_part(void **state, part_fn *check)
{
	static struct part part;

	for (size_t i = 0; i < s0_chip_count(); i++) {
		const struct s0_chip *chip = s0_chip_at(i);
		const uint16_t *kib = chip->sizes_kib;

		if (hand_made(chip))
			continue; /* have tests of their own */
		part.chip = chip;
		for (; *kib; kib++) {
			part.kib = *kib;
			each_mode(state, &part, check);
		}
	}
}

/* ---- the array ------------------------------------------------------------ */

static uint32_t last_word(const struct part *part, unsigned sector)
{
	return part->sectors[sector].address + part->sectors[sector].size -
	       part->chip->flash_word;
}

static void expect_word(struct bench *bench, const struct part *part,
			uint32_t address, s0_sim_word state)
{
	s0_sim_word is = s0_sim_word_state(bench->sim, address);

	if (is != state)
		fail_msg("%s of %u KiB, %s=%u: 0x%08x is %d, not %d",
			 part->chip->name, (unsigned)part->kib,
			 part->field ? part->field : "-", (unsigned)part->value,
			 (unsigned)address, (int)is, (int)state);
}

/* First and last word of the sector, and what is beside it. */
static void fill_around(struct bench *bench, const struct part *part,
			unsigned sector)
{
	uint8_t word[32];

	memset(word, 0x5a, sizeof(word));
	for (unsigned i = sector ? sector - 1 : 0;
	     i <= sector + 1 && i < part->count; i++) {
		s0_sim_poke(bench->sim, part->sectors[i].address, word,
			    part->chip->flash_word);
		s0_sim_poke(bench->sim, last_word(part, i), word,
			    part->chip->flash_word);
	}
}

static void erase_one(struct bench *bench, const struct part *part,
		      unsigned sector)
{
	uint32_t size = part->sectors[sector].size;

	fill_around(bench, part, sector);
	bench_erase(bench, part->sectors[sector].address + size / 2);
	expect_word(bench, part, part->sectors[sector].address,
		    S0_SIM_WORD_ERASED);
	expect_word(bench, part, last_word(part, sector), S0_SIM_WORD_ERASED);
	if (sector > 0)
		expect_word(bench, part, last_word(part, sector - 1),
			    S0_SIM_WORD_PROGRAMMED);
	if (sector + 1 < part->count)
		expect_word(bench, part, part->sectors[sector + 1].address,
			    S0_SIM_WORD_PROGRAMMED);
}

/* Where sectors grow or shrink, at the ends, and in the middle: the border of
 * banks. */
static bool worth_it(const struct part *part, unsigned sector)
{
	unsigned last = part->count - 1, middle = part->count / 2;
	uint32_t size = part->sectors[sector].size;

	return sector <= 1 || sector >= last - 1 || sector == middle ||
	       sector == middle - 1 || part->sectors[sector - 1].size != size ||
	       part->sectors[sector + 1].size != size;
}

/* The clone whose first sectors nothing changes. */
static bool is_read_only(struct bench *bench, uint32_t address)
{
	return address - SIM_FLASH_BASE < bench->sim->chip->read_only;
}

static void erases_its_sectors(void **state, const struct part *part)
{
	struct bench *bench = make_part(state, part);

	for (unsigned i = 0; i < part->count; i++)
		if (worth_it(part, i) &&
		    !is_read_only(bench, part->sectors[i].address))
			erase_one(bench, part, i);
	assert_int_equal(
		s0_sim_word_state(bench->sim, last_word(part, part->count - 1) +
						      part->chip->flash_word),
		S0_SIM_WORD_NONE);
}

static void the_sectors_of_every_part_are_those_of_its_data(void **state)
{
	each_part(state, erases_its_sectors);
}

/* Across the border of two sectors, and back. */
static void keeps_what_is_written(void **state, const struct part *part)
{
	struct bench *bench = make_part(state, part);
	uint8_t block[128];

	for (unsigned i = 0; i < sizeof(block); i++)
		block[i] = (uint8_t)(7 * i + 1);
	for (unsigned i = 1; i < part->count; i++) {
		uint32_t address = part->sectors[i].address;
		uint32_t before =
			last_word(part, i - 1) + part->chip->flash_word;

		if (!worth_it(part, i) || is_read_only(bench, address - 64) ||
		    before != address)
			continue;
		bench_write(bench, address - 64, block, sizeof(block));
		bench_expect_read(bench, address - 64, block, sizeof(block));
		bench_abort(bench);
	}
}

static void every_part_keeps_what_is_written_at_its_borders(void **state)
{
	each_part(state, keeps_what_is_written);
}

/* Of the version that the profile has. */
static bool cannot_erase_all(const struct s0_chip *chip)
{
	return chip->rom_count > 0 &&
	       chip->roms[chip->rom_count - 1].no_mass_erase;
}

static void erases_all(void **state, const struct part *part)
{
	struct bench *bench = make_part(state, part);
	unsigned last = part->count - 1;
	s0_sim_word after = cannot_erase_all(part->chip)
				    ? S0_SIM_WORD_PROGRAMMED
				    : S0_SIM_WORD_ERASED;

	fill_around(bench, part, part->count / 2);
	fill_around(bench, part, last);
	assert_int_equal(bench_byte_command(bench, 0x41), S0_SIM_ACK);
	bench_expect(bench, 0, 5);
	expect_word(bench, part, part->sectors[part->count / 2].address, after);
	expect_word(bench, part, last_word(part, last), after);
}

static void a_mass_erase_empties_every_part(void **state)
{
	each_part(state, erases_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_sectors_of_every_part_are_those_of_its_data),
		cmocka_unit_test(
			every_part_keeps_what_is_written_at_its_borders),
		cmocka_unit_test(a_mass_erase_empties_every_part),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
