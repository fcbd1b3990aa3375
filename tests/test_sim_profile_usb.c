/* SPDX-License-Identifier: MIT */
/* Every chip of the table as a virtual chip: its descriptors and strings. */
#include "sim_bench.h"

#include <string.h>

#include <sector0/chip.h>
#include <sector0/map.h>

#include "base/bytes.h"

/* ---- descriptors and strings ---------------------------------------------- */

static void expect_text(struct bench *bench, const struct s0_chip *chip,
			uint8_t index, const char *text)
{
	size_t length = strlen(text);

	bench_control(bench, 0x80, 6, (uint16_t)(0x300 | index), 0x409, 255);
	assert_int_equal(bench->reply.handshake, S0_SIM_ACK);
	if (bench->reply.length != 2 + 2 * length)
		fail_msg("%s, string %u: %u bytes, not '%s'", chip->name, index,
			 bench->reply.length, text);
	for (size_t i = 0; i < length; i++)
		assert_int_equal(get_le16(bench->data + 2 + 2 * i),
				 (uint8_t)text[i]);
}

static void check_device(struct bench *bench, const struct s0_chip *chip)
{
	bench_control(bench, 0x80, 6, 0x100, 0, 18);
	assert_int_equal(bench->reply.length, 18);
	assert_int_equal(bench->data[0], 18);
	assert_int_equal(bench->data[1], 1);
	assert_int_equal(get_le16(bench->data + 8), chip->vendor);
	assert_int_equal(get_le16(bench->data + 10), chip->product);
	if (chip->bcd_device)
		assert_int_equal(get_le16(bench->data + 12), chip->bcd_device);
	if (chip->product_name)
		expect_text(bench, chip, 2, chip->product_name);
}

/* An alternate setting for each layout, and the functional descriptor. */
static void check_config(struct bench *bench, const struct s0_chip *chip)
{
	unsigned alternates = 0;
	const uint8_t *at = bench->data + 9;
	uint16_t total;

	while (chip->layouts[alternates])
		alternates++;
	bench_control(bench, 0x80, 6, 0x200, 0, 255);
	total = get_le16(bench->data + 2);
	assert_int_equal(bench->reply.length, total);
	assert_int_equal(bench->data[4], 1);
	for (unsigned i = 0; i < alternates; i++, at += 9) {
		assert_int_equal(at[0], 9);
		assert_int_equal(at[1], 4);
		assert_int_equal(at[3], i);
		assert_memory_equal(at + 5, "\xfe\x01\x02", 3);
	}
	assert_int_equal(at[1], 0x21);
	assert_int_equal(at[0], bench->data + total - at);
	if (chip->transfer_size)
		assert_int_equal(get_le16(at + 5), chip->transfer_size);
}

static void check_names(struct bench *bench, const struct s0_chip *chip)
{
	uint8_t first;

	bench_control(bench, 0x80, 6, 0x200, 0, 255);
	first = bench->data[9 + 8];
	for (unsigned i = 0; chip->layouts[i]; i++)
		expect_text(bench, chip, (uint8_t)(first + i),
			    chip->layouts[i]);
}

static void every_chip_says_what_its_data_say(void **state)
{
	for (size_t i = 0; i < s0_chip_count(); i++) {
		const struct s0_chip *chip = s0_chip_at(i);
		struct bench *bench = bench_make(state, chip->name);

		check_device(bench, chip);
		if (strcmp(chip->name, "stm32f405") == 0)
			continue; /* made by hand: its table is shorter */
		check_config(bench, chip);
		check_names(bench, chip);
	}
}

/* ---- memories -------------------------------------------------------------- */

static struct s0_map *map_of(const struct s0_chip *chip)
{
	struct s0_map *map;

	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	for (uint8_t i = 0; chip->layouts[i]; i++)
		assert_int_equal(s0_map_parse(map, chip->layouts[i], i, NULL),
				 S0_OK);
	return map;
}

static void what_the_strings_name_can_be_read(void **state)
{
	for (size_t i = 0; i < s0_chip_count(); i++) {
		const struct s0_chip *chip = s0_chip_at(i);
		struct bench *bench = bench_make(state, chip->name);
		struct s0_map *map;

		if (chip->quirks & S0_QUIRK_SAME_NAMES)
			continue; /* names one place several times */
		map = map_of(chip);
		for (size_t k = 0; k < s0_map_area_count(map); k++) {
			const struct s0_area *area = s0_map_area(map, k);
			uint8_t bytes[4];

			if (area->address != 0xffff0000 &&
			    s0_sim_peek(bench->sim, area->address, bytes, 4) !=
				    4)
				fail_msg("%s: nothing at 0x%08x", chip->name,
					 (unsigned)area->address);
		}
		s0_map_free(map);
	}
}

/* ---- state ----------------------------------------------------------------- */

static void no_chip_shares_anything_with_another(void **state)
{
	static const uint8_t mark[4] = { 1, 2, 3, 4 };

	for (size_t i = 0; i < s0_chip_count(); i++) {
		struct bench *bench = bench_make(state, s0_chip_at(i)->name);
		struct s0_sim *other;
		uint8_t bytes[4];

		assert_int_equal(s0_sim_new(s0_chip_at(i)->name, &other, NULL),
				 S0_OK);
		s0_sim_poke(bench->sim, SIM_FLASH_BASE, mark, sizeof(mark));
		s0_sim_unplug(bench->sim);
		assert_true(s0_sim_attached(other));
		assert_ptr_not_equal(bench->sim->chip, other->chip);
		assert_int_equal(s0_sim_peek(other, SIM_FLASH_BASE, bytes, 4),
				 4);
		assert_int_equal(bytes[0], s0_chip_at(i)->erased);
		s0_sim_free(other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_chip_says_what_its_data_say),
		cmocka_unit_test(what_the_strings_name_can_be_read),
		cmocka_unit_test(no_chip_shares_anything_with_another),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
