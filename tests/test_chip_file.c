/* SPDX-License-Identifier: MIT */
/* Files of chips: what is read, and what a context knows. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/chips.h>
#include <sector0/context.h>

#include "chip_file_help.h"

/* ---- what is read -------------------------------------------------------- */

static void the_values_of_a_chip_are_those_of_its_section_and_family(void **s)
{
	struct s0_chips *chips = good_chips();
	const struct s0_chip *a = s0_chips_at(chips, 0);
	const struct s0_chip *b = s0_chips_at(chips, 1);

	(void)s;
	assert_int_equal(s0_chips_count(chips), 2);
	assert_null(s0_chips_at(chips, 2));
	assert_string_equal(a->name, "stm32x100");
	assert_string_equal(a->family, "stm32x");
	assert_string_equal(a->title, "STM32X100/101");
	assert_string_equal(a->aliases[1], "stm32x101");
	assert_null(a->aliases[2]);
	assert_null(b->aliases[0]);
	assert_int_equal(a->device_id, 0x415);
	assert_int_equal(a->vendor, 0x483);
	assert_int_equal(a->product, 0xdf11);
	assert_int_equal(a->bcd_device, 0x200);
	assert_int_equal(a->transfer_size, 1024);
	assert_string_equal(a->product_name, "DFU  in FS Mode");
	assert_null(b->product_name);
	assert_int_equal(b->bcd_device, 0);
	assert_true(a->dumped && !b->dumped && a->ecc && b->ecc);
	assert_int_equal(a->flash_word, 8);
	assert_int_equal(b->flash_word, 16);
	assert_int_equal(a->align, 8);
	assert_int_equal(b->align, 4);
	assert_int_equal(a->erased, 0xff);
	assert_int_equal(b->timing.turnaround_us, 250);
	assert_int_equal(b->timing.erase[1].typical_us, 22000);
	assert_int_equal(b->timing.mass_erase_max_us, 40000);
	assert_int_equal(a->uf2_families[0], 0x1b57745f);
	assert_int_equal(a->uf2_families[1], 0);
	assert_string_equal(b->shared_serials[0], "123456");
	assert_int_equal(a->version_address, 0x1fff6ffe);
	assert_int_equal(a->quirks, S0_QUIRK_SAME_NAMES | S0_QUIRK_PAGES_HALF);
	assert_int_equal(b->quirks, 0);
	s0_chips_free(chips);
}

static void the_roms_have_their_limits(void **s)
{
	struct s0_chips *chips = good_chips();
	const struct s0_chip *a = s0_chips_at(chips, 0);

	(void)s;
	assert_int_equal(a->rom_count, 2);
	assert_string_equal(a->roms[0].name, "V9.1");
	assert_string_equal(a->roms[0].limits, "two words");
	assert_int_equal(a->roms[0].blind_erase_from, 0x08010000);
	assert_int_equal(a->roms[0].stack_gap, 16);
	assert_false(a->roms[0].no_mass_erase);
	assert_int_equal(a->roms[1].version, 0xa2);
	assert_string_equal(a->roms[1].limits, "");
	assert_true(a->roms[1].no_mass_erase);
	assert_int_equal(s0_chips_at(chips, 1)->rom_count, 0);
	s0_chips_free(chips);
}

static void a_geometry_is_told_in_numbers(void **s)
{
	struct s0_chips *chips = good_chips();
	const struct s0_chip *a = s0_chips_at(chips, 0);
	const struct s0_chip *b = s0_chips_at(chips, 1);

	(void)s;
	assert_int_equal(a->geometry_count, 3);
	assert_string_equal(a->geometries[0].field, "DUAL");
	assert_int_equal(a->geometries[0].value, 1);
	assert_int_equal(a->geometries[0].banks, 2);
	assert_int_equal(a->geometries[0].sectors[0].count, 128);
	assert_int_equal(a->geometries[1].sectors[0].bytes, 4096);
	assert_int_equal(a->geometries[2].flash_kib, 64);
	assert_string_equal(a->geometries[2].layout, "/0x08000000/16*4Kg");
	assert_int_equal(a->flash_address, 0x08000000);
	assert_int_equal(a->flash_bytes, 256 * 1024);
	assert_int_equal(a->banks, S0_BANKS_HALF);
	/* not on every part at one place */
	assert_int_equal(a->bank_bytes, 0);
	assert_int_equal(a->sizes_kib[0], 64);
	assert_int_equal(a->sizes_kib[2], 0);
	assert_null(b->geometries[0].field);
	assert_int_equal(b->geometries[0].sector_count, 2);
	assert_int_equal(b->geometries[0].sectors[1].address, 0x08002000);
	assert_int_equal(b->banks, S0_BANKS_FIXED);
	assert_int_equal(b->bank_bytes, 0x2000);
	s0_chips_free(chips);
}

static void areas_and_windows_lie_where_the_file_says(void **s)
{
	struct s0_chips *chips = good_chips();
	const struct s0_chip *a = s0_chips_at(chips, 0);
	static const s0_area_kind kinds[] = { S0_AREA_RAM, S0_AREA_ROM_RAM,
					      S0_AREA_SYSTEM, S0_AREA_OTP,
					      S0_AREA_EEPROM };
	static const unsigned can[] = { 5, 0, 1, 5, 5 };

	(void)s;
	assert_int_equal(a->area_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(a->areas[i].kind, kinds[i]);
		assert_int_equal(a->areas[i].can, can[i]);
	}
	assert_string_equal(a->areas[0].name, "SRAM 1");
	assert_int_equal(a->areas[0].address, 0x20001000);
	assert_int_equal(a->areas[0].length, 0x1000);
	assert_int_equal(a->option_window_count, 1);
	assert_int_equal(a->option_windows[0].address, 0x1fff7800);
	assert_int_equal(a->option_windows[0].length, 40);
	assert_string_equal(a->layouts[1],
			    "@Option Bytes  /0x1FFF7800/01*040 e");
	assert_null(a->layouts[2]);
	s0_chips_free(chips);
}

static void alternate_settings_may_have_one_name(void **s)
{
	struct s0_chips *chips = NULL;
	struct s0_map *map = NULL;
	char *text = chip_file_changed(
		"banks = half # RM1\n",
		"banks = half # RM1\n"
		"layout = @Internal Flash  /0x08000000/0128*0002Kg # field\n");

	(void)s;
	assert_int_equal(chip_file_parse(text, &chips, NULL), S0_OK);
	assert_string_equal(s0_chips_at(chips, 0)->layouts[2],
			    s0_chips_at(chips, 0)->layouts[0]);
	assert_int_equal(s0_chip_map(s0_chips_at(chips, 0), &map, NULL), S0_OK);
	assert_int_equal(s0_map_flash_size(map), 256 * 1024);
	s0_map_free(map);
	s0_chips_free(chips);
	free(text);
}

static void geometries_of_other_sizes_may_go_by_other_fields(void **s)
{
	struct s0_chips *chips = NULL;
	char *text = chip_file_changed("geometry = DUAL 0 64 1",
				       "geometry = - 0 64 1");

	(void)s;
	assert_int_equal(chip_file_parse(text, &chips, NULL), S0_OK);
	assert_null(s0_chips_at(chips, 0)->geometries[2].field);
	s0_chips_free(chips);
	free(text);
}

static void two_makers_may_have_one_device_id(void **s)
{
	struct s0_chips *chips = NULL;
	char *text = chip_file_changed("device_id = 0x416 # RM1\nusb = 0x0483",
				       "device_id = 0x415 # RM1\nusb = 0x2e3c");

	(void)s;
	assert_int_equal(chip_file_parse(text, &chips, NULL), S0_OK);
	s0_chips_free(chips);
	free(text);
	text = chip_file_changed("device_id = 0x416", "device_id = 0");
	assert_int_equal(chip_file_parse(text, &chips, NULL), S0_OK);
	assert_int_equal(s0_chips_at(chips, 1)->device_id, 0);
	s0_chips_free(chips);
	free(text);
}

static void windows_are_counted_through(void **s)
{
	struct s0_chips *chips = NULL;
	const struct s0_chip *a;
	char *text = chip_file_changed("option_window = 0x1FFF7800 40 # RM1",
				       "option_window = 0x1FFF7800 36 # RM1\n"
				       "option_window = 0x1FFFF800 8 # RM1");

	(void)s;
	assert_int_equal(chip_file_parse(text, &chips, NULL), S0_OK);
	a = s0_chips_at(chips, 0);
	assert_int_equal(a->option_window_count, 2);
	assert_int_equal(a->option_windows[1].at, 36);
	assert_int_equal(a->option_windows[1].address, 0x1ffff800);
	s0_chips_free(chips);
	free(text);
	/* A word belongs to one of them. */
	expect_refused("option_window = 0x1FFF7800 40 # RM1",
		       "option_window = 0x1FFF7800 10 # RM1\n"
		       "option_window = 0x1FFFF800 30 # RM1",
		       ":30:15: 'WRP' lies outside the window");
}

static void sets_of_options_follow_each_other(void **s)
{
	struct s0_chips *chips = good_chips();
	const struct s0_chip *a = s0_chips_at(chips, 0);
	const struct s0_option_word *w = a->option_words;
	const struct s0_option_field *f = a->options;

	(void)s;
	assert_int_equal(a->option_word_count, 3);
	assert_int_equal(w[0].mirroring, S0_OPTION_MIRROR_COMPLEMENT);
	assert_int_equal(w[0].mirror, 4);
	assert_int_equal(w[0].settable, 0x00c001ff);
	assert_int_equal(w[1].mirroring, S0_OPTION_MIRROR_COPY);
	assert_int_equal(w[1].program, 0x10);
	assert_int_equal(w[2].mirroring, S0_OPTION_MIRROR_BYTES);
	assert_int_equal(w[2].mirror, 0);
	assert_int_equal(a->option_busy.offset, 0x20);
	assert_int_equal(a->option_busy.mask, 8);
	assert_int_equal(a->option_clear.offset, 0x24);
	assert_int_equal(a->option_count, 9);
	assert_int_equal(f[0].factory, 0xaa);
	assert_int_equal(f[0].kind, S0_OPTION_RDP);
	assert_string_equal(f[1].aliases[1], "DOG");
	assert_null(f[1].aliases[2]);
	assert_int_equal(f[1].role, S0_OPTION_WATCHDOG);
	assert_int_equal(f[1].guard, S0_ALLOW_BOOT | S0_ALLOW_PART);
	assert_string_equal(f[1].only, "larger parts");
	assert_int_equal(f[1].value_count, 2);
	assert_string_equal(f[1].values[0].word, "hardware");
	assert_null(f[1].values[1].word);
	assert_int_equal(f[1].values[1].guard, S0_ALLOW_LOW_VOLTAGE);
	assert_string_equal(f[1].values[1].meaning, "by firmware");
	assert_int_equal(f[2].role, S0_OPTION_BANK_MODE);
	assert_int_equal(f[2].factory, 1);
	assert_null(f[3].values);
	assert_true(f[4].equal_is_whole && !f[5].equal_is_whole);
	assert_int_equal(f[4].offset, 8);
	assert_int_equal(f[4].program, 0x10);
	assert_int_equal(f[5].shift, 16);
	assert_int_equal(f[6].per, 2);
	assert_int_equal(f[6].first, 4);
	assert_true(f[6].rest && !f[6].ones_protect && f[7].ones_protect);
	assert_string_equal(f[7].when, "DUAL");
	assert_int_equal(f[7].when_value, 1);
	assert_int_equal(f[8].unit, 0x10000);
	assert_int_equal(f[8].group, S0_OPTION_BOOT_ADDRESS);
	assert_int_equal(s0_chips_at(chips, 1)->option_count, 0);
	s0_chips_free(chips);
}

/* The line of a key and value; false if there is none. */
static bool find_line(const struct s0_chip *chip, const char *key,
		      const char *start, struct s0_chip_line *ret_line)
{
	for (size_t i = 0; s0_chip_line(chip, i, ret_line); i++)
		if (strcmp(ret_line->key, key) == 0 &&
		    strncmp(ret_line->value, start, strlen(start)) == 0)
			return true;
	return false;
}

static void every_line_tells_its_source(void **s)
{
	static const struct {
		const char *key, *value, *source;
		s0_source_kind kind;
	} lines[] = {
		{ "erased", "0xff", "OPEN", S0_SOURCE_OPEN },
		{ "erase", "0x800", "RM1, typical ones own",
		  S0_SOURCE_DOCUMENT },
		{ "erase", "0x1000", "unverified", S0_SOURCE_UNVERIFIED },
		{ "word_us", "90", "OPEN; RM1", S0_SOURCE_DOCUMENT },
		{ "turnaround_us", "250", "own reckoning", S0_SOURCE_OWN },
		{ "option", "RDP", "RM1", S0_SOURCE_DOCUMENT },
		{ "shared_serial", "123456", "field", S0_SOURCE_FIELD },
		{ "area", "ram", "inferred: RM1 says nothing",
		  S0_SOURCE_INFERRED },
	};
	struct s0_chips *chips = good_chips();
	const struct s0_chip *a = s0_chips_at(chips, 0);
	struct s0_chip_line line;

	(void)s;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		assert_true(find_line(a, lines[i].key, lines[i].value, &line));
		assert_string_equal(line.source, lines[i].source);
		assert_int_equal(line.kind, lines[i].kind);
		assert_true(line.sourced);
	}
	assert_true(find_line(a, "aliases", "x100 stm32x101", &line));
	assert_false(line.sourced);
	/* The section's own takes the place of the family's. */
	assert_false(find_line(s0_chips_at(chips, 1), "usb", "0x0483 0xdf11 0x",
			       &line));
	assert_true(find_line(s0_chips_at(chips, 1), "usb", "0x0483 0xdf11 0 ",
			      &line));
	assert_false(s0_chip_line(a, a->line_count, &line));
	assert_string_equal(s0_source_name(S0_SOURCE_INFERRED), "inferred");
	assert_string_equal(s0_source_name(S0_SOURCE_KINDS), "?");
	assert_string_equal(s0_quirk_name(S0_QUIRK_SAME_NAMES), "same-names");
	assert_string_equal(s0_quirk_name(3), "?");
	s0_chips_free(chips);
}

static void lines_may_end_as_on_other_systems(void **s)
{
	static const struct refusal fine[] = {
		{ "flash_word = 8    # RM1 table 3\n",
		  "flash_word = 8 # RM1\r\n", "" },
		{ "sizes = 4 # RM1\n", "sizes = 4 # RM1", "" },
		{ "sizes = 4 # RM1\n", "\tsizes=4# RM1 \t\n", "" },
		{ "# A family\n", "", "" },
	};

	(void)s;
	for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_chips *chips = NULL;
		char *text = chip_file_changed(fine[i].old, fine[i].new);

		if (chip_file_parse(text, &chips, &err) != S0_OK)
			print_error("# %s\n", err.message);
		assert_non_null(chips);
		assert_int_equal(s0_chips_at(chips, 1)->sizes_kib[0], 4);
		s0_chips_free(chips);
		free(text);
	}
}

/* ---- in a context -------------------------------------------------------- */

static void a_context_knows_added_chips_before_the_built_in_ones(void **s)
{
	struct s0_context *context;
	struct s0_chips *chips = NULL;
	size_t count = s0_chip_count();
	char *text = chip_file_changed("chip = stm32x200", "chip = stm32h743");

	(void)s;
	assert_int_equal(s0_context_new(&context, NULL), S0_OK);
	assert_int_equal(s0_context_chip_count(context), count);
	assert_ptr_equal(s0_context_chip_at(context, 0), s0_chip_at(0));
	assert_ptr_equal(s0_context_chip_find(context, "H743"),
			 s0_chip_find("h743"));
	assert_int_equal(chip_file_parse(text, &chips, NULL), S0_OK);
	assert_int_equal(s0_context_add_chips(context, chips, NULL), S0_OK);
	assert_int_equal(s0_context_add_chips(context, good_chips(), NULL),
			 S0_OK);
	/* x100, h743, x200, and the built-in ones but for h743 */
	assert_int_equal(s0_context_chip_count(context), count + 2);
	assert_string_equal(s0_context_chip_at(context, 0)->name, "stm32x100");
	assert_ptr_equal(s0_context_chip_at(context, 1), s0_chips_at(chips, 1));
	assert_string_equal(s0_context_chip_at(context, 2)->name, "stm32x200");
	assert_null(s0_context_chip_at(context, count + 2));
	assert_ptr_equal(s0_context_chip_find(context, "STM32H743"),
			 s0_chips_at(chips, 1));
	assert_ptr_equal(s0_context_chip_find(context, "STM32X101"),
			 s0_chips_at(chips, 0));
	assert_null(s0_context_chip_find(context, "x102"));
	s0_context_free(context);
	free(text);
}

static void every_built_in_line_has_a_source(void **s)
{
	const struct s0_chip *chip;
	struct s0_chip_line line;

	(void)s;
	for (size_t i = 0; (chip = s0_chip_at(i)); i++) {
		assert_true(chip->line_count > 20);
		for (size_t j = 0; s0_chip_line(chip, j, &line); j++) {
			assert_non_null(line.value);
			assert_true(!line.sourced || *line.source);
			assert_true((unsigned)line.kind < S0_SOURCE_KINDS);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_values_of_a_chip_are_those_of_its_section_and_family),
		cmocka_unit_test(the_roms_have_their_limits),
		cmocka_unit_test(a_geometry_is_told_in_numbers),
		cmocka_unit_test(areas_and_windows_lie_where_the_file_says),
		cmocka_unit_test(two_makers_may_have_one_device_id),
		cmocka_unit_test(alternate_settings_may_have_one_name),
		cmocka_unit_test(
			geometries_of_other_sizes_may_go_by_other_fields),
		cmocka_unit_test(windows_are_counted_through),
		cmocka_unit_test(sets_of_options_follow_each_other),
		cmocka_unit_test(every_line_tells_its_source),
		cmocka_unit_test(lines_may_end_as_on_other_systems),
		cmocka_unit_test(
			a_context_knows_added_chips_before_the_built_in_ones),
		cmocka_unit_test(every_built_in_line_has_a_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
