/* SPDX-License-Identifier: MIT */
/* What is known about chips, and which chip a layout is of. */
#include "test.h"

#include <string.h>

#include <sector0/chip.h>

#include "base/text.h"
#include "chip/candidates.h"
#include "chip/chip_internal.h"
#include "chip/geometry.h"

#define H743_FLASH  "@Internal Flash   /0x08000000/16*128Kg"
#define H743_OPTION "@Option Bytes   /0x5200201C/01*128 e"
#define F405_FLASH  "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"
#define F405_OPTION "@Option Bytes  /0x1FFFC000/01*016 e"

static struct s0_map *map_of(const char *flash, const char *option)
{
	struct s0_map *map;

	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map, flash, 0, NULL), S0_OK);
	if (option)
		assert_int_equal(s0_map_parse(map, option, 1, NULL), S0_OK);
	return map;
}

static const struct s0_chip *h743(void)
{
	const struct s0_chip *chip = s0_chip_find("stm32h743");

	assert_non_null(chip);
	return chip;
}

static const struct s0_chip *f405(void)
{
	const struct s0_chip *chip = s0_chip_find("stm32f405");

	assert_non_null(chip);
	return chip;
}

static void a_chip_is_found_by_any_of_its_names(void **state)
{
	static const char *const names[] = { "stm32h743", "STM32H743", "h743",
					     "H743",	  "Stm32h747", "h757" };
	(void)state;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_ptr_equal(s0_chip_find(names[i]), h743());
	assert_null(s0_chip_find(""));
	assert_null(s0_chip_find("stm32"));
	assert_null(s0_chip_find("stm32h74"));
	assert_null(s0_chip_find("stm32h7430"));
	assert_null(s0_chip_find("h724"));
}

static void chips_can_be_listed(void **state)
{
	(void)state;
	assert_true(s0_chip_count() >= 1);
	for (size_t i = 0; i < s0_chip_count(); i++) {
		const struct s0_chip *chip = s0_chip_at(i);

		assert_non_null(chip);
		assert_ptr_equal(s0_chip_find(chip->name), chip);
		assert_true(chip->flash_word > 0);
		assert_non_null(chip->layouts[0]);
	}
	assert_null(s0_chip_at(s0_chip_count()));
}

/* Of the chips that this table is about. */
static void expect_only(const struct s0_map *map, const char *name)
{
	static const char *const all[] = { "stm32h743", "stm32f405" };
	const struct chip_told told = { .map = map };

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(chip_fits(s0_chip_find(all[i]), &told) ==
					 CHIP_FITS,
				 name && strcmp(name, all[i]) == 0);
}

struct match {
	const char *device, *flash, *option, *chip;
};

static void a_chip_is_known_by_its_bootloaders_layout(void **state)
{
	static const struct match cases[] = {
		{ "H743", H743_FLASH, H743_OPTION, "stm32h743" },
		{ "H750 that names its one sector",
		  "@Internal Flash   /0x08000000/01*128Kg", H743_OPTION,
		  "stm32h743" },
		{ "a 1 MiB part that names its sectors",
		  "@Internal Flash  /0x08000000/4*128Kg/0x08100000/4*128Kg",
		  H743_OPTION, "stm32h743" },
		{ "H723: other option bytes",
		  "@Internal Flash   /0x08000000/8*128Kg",
		  "@Option Bytes   /0x5200201C/01*88 e", "stm32h723" },
		{ "H7A3: other sectors, and OTP memory that it lacks here",
		  "@Internal Flash   /0x08000000/256*08Kg",
		  "@Option Bytes   /0x5200201C/01*297 e", NULL },
		{ "F405", F405_FLASH, F405_OPTION, "stm32f405" },
		{ "F411, which names fewer of an F405's sectors",
		  "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg",
		  F405_OPTION, NULL },
		{ "F429: option bytes in two places", F405_FLASH,
		  "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e",
		  NULL },
		{ "no option bytes named", H743_FLASH, NULL, NULL },
		{ "more flash than any H743",
		  "@Internal Flash   /0x08000000/17*128Kg", H743_OPTION, NULL },
		{ "flash elsewhere", "@Internal Flash   /0x08020000/15*128Kg",
		  H743_OPTION, NULL },
		{ "sectors of another size behind",
		  "@Internal Flash  /0x08000000/8*128Kg,1024*1Kg", H743_OPTION,
		  NULL },
		{ "more flash beside its own",
		  "@Internal Flash  /0x08000000/16*128Kg/0x90000000/1*128Kg",
		  H743_OPTION, NULL },
		{ "flash that cannot be written",
		  "@Internal Flash  /0x08000000/8*128Ka,8*128Kg", H743_OPTION,
		  NULL },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct s0_map *map = map_of(cases[i].flash, cases[i].option);

		print_message("# %s\n", cases[i].device);
		expect_only(map, cases[i].chip);
		s0_map_free(map);
	}
}

static void an_erase_takes_what_its_sector_takes(void **state)
{
	const struct s0_timing *f4 = &f405()->timing, *h7 = &h743()->timing;
	(void)state;

	assert_int_equal(s0_timing_erase(f4, 0x4000)->typical_us, 400000);
	assert_int_equal(s0_timing_erase(f4, 0x10000)->typical_us, 1200000);
	assert_int_equal(s0_timing_erase(f4, 0x20000)->max_us, 4000000);
	/* Sizes that it does not have: the next larger, else the largest. */
	assert_int_equal(s0_timing_erase(f4, 1)->sector_bytes, 0x4000);
	assert_int_equal(s0_timing_erase(f4, 0x4001)->sector_bytes, 0x10000);
	assert_int_equal(s0_timing_erase(f4, 0x20001)->sector_bytes, 0x20000);
	assert_int_equal(s0_timing_erase(h7, 0x2000)->typical_us, 905000);
	assert_int_equal(s0_timing_erase(h7, UINT32_MAX)->max_us, 2000000);
}

static void what_a_bootloader_version_cannot_do_is_known(void **state)
{
	const struct s0_rom *rom = s0_chip_rom(h743(), 0x91);
	(void)state;

	assert_non_null(rom);
	assert_string_equal(rom->name, "V9.1");
	assert_int_equal(rom->blind_erase_from, 0x08100000);
	assert_non_null(strstr(rom->limits, "bank 2"));
	rom = s0_chip_rom(h743(), 0x92);
	assert_non_null(rom);
	assert_int_equal(rom->blind_erase_from, 0);
	assert_null(strstr(rom->limits, "bank 2"));
	assert_null(s0_chip_rom(h743(), 0));
	assert_null(s0_chip_rom(h743(), 0x93));
}

static void limit_flash(const struct s0_chip *chip, struct s0_map *map,
			unsigned kib)
{
	const struct geometry_facts facts = { .chip = chip, .flash_kib = kib };
	struct geometry_verdict verdict;

	assert_int_equal(geometry_apply(&facts, map, &verdict, NULL), S0_OK);
	assert_string_equal(verdict.warning, "");
	assert_string_equal(verdict.conflict, "");
}

static void add_flash(struct text *text, const struct s0_map *map)
{
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		if (area->kind == S0_AREA_FLASH)
			text_add(text, "%08x %u x %u\n", area->address,
				 area->length / area->sector_size,
				 area->sector_size);
		assert_int_equal(area->length % area->sector_size, 0);
	}
}

static void flash_is_cut_down_to_what_the_chip_says_it_has(void **state)
{
	static const struct {
		unsigned kib;
		const char *flash;
	} cases[] = {
		{ 2048, "08000000 16 x 131072\n" },
		{ 1024, "08000000 4 x 131072\n08100000 4 x 131072\n" },
		{ 128, "08000000 1 x 131072\n" },
		{ 0, "08000000 16 x 131072\n" },
		{ 0xffff, "08000000 16 x 131072\n" },
		{ 4096, "08000000 16 x 131072\n" },
		/* of no part: no more than the chip said, in whole sectors */
		{ 256, "08000000 1 x 131072\n08100000 1 x 131072\n" },
		{ 1023, "08000000 3 x 131072\n08100000 3 x 131072\n" },
		{ 2047, "08000000 7 x 131072\n08100000 7 x 131072\n" },
		{ 255, "08000000 1 x 131072\n" },
		{ 1, "08000000 1 x 131072\n" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct s0_map *map = map_of(H743_FLASH, H743_OPTION);
		struct text text = { 0 };

		print_message("# %u KiB\n", cases[i].kib);
		limit_flash(h743(), map, cases[i].kib);
		add_flash(&text, map);
		assert_string_equal(text_chars(&text), cases[i].flash);
		assert_non_null(s0_map_find(map, 0x5200201c));
		text_free(&text);
		s0_map_free(map);
	}
}

static void flash_in_two_places_is_cut_down_as_well(void **state)
{
	struct s0_map *map = map_of("@Flash /0x08000000/4*128Kg/"
				    "0x08100000/4*128Kg",
				    H743_OPTION);
	struct text text = { 0 };
	(void)state;

	limit_flash(h743(), map, 512);
	add_flash(&text, map);
	limit_flash(h743(), map, 128);
	add_flash(&text, map);
	assert_string_equal(text_chars(&text),
			    "08000000 2 x 131072\n08100000 2 x 131072\n"
			    "08000000 1 x 131072\n");
	text_free(&text);
	s0_map_free(map);
}

static void sectors_of_several_sizes_are_cut_at_their_borders(void **state)
{
	static const struct {
		unsigned kib;
		uint32_t size;
	} cases[] = { { 1024, 0x100000 }, { 512, 0x80000 }, { 500, 0x60000 },
		      { 100, 0x10000 },	  { 80, 0x10000 },  { 72, 0x10000 },
		      { 64, 0x10000 },	  { 40, 0x8000 },   { 1, 0x4000 } };
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct s0_map *map = map_of(F405_FLASH, F405_OPTION);

		print_message("# %u KiB\n", cases[i].kib);
		limit_flash(f405(), map, cases[i].kib);
		assert_int_equal(s0_map_flash_size(map), cases[i].size);
		s0_map_free(map);
	}
}

static void a_small_layout_is_never_made_larger(void **state)
{
	struct s0_map *map =
		map_of("@Internal Flash /0x08000000/01*128Kg", H743_OPTION);
	struct text text = { 0 };
	(void)state;

	limit_flash(h743(), map, 2048);
	add_flash(&text, map);
	assert_string_equal(text_chars(&text), "08000000 1 x 131072\n");
	text_free(&text);
	s0_map_free(map);
}

static void the_chips_own_map_names_all_of_its_memory(void **state)
{
	struct text text = { 0 };
	struct s0_map *map;
	(void)state;

	assert_int_equal(s0_chip_map(h743(), &map, NULL), S0_OK);
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *a = s0_map_area(map, i);

		text_add(&text, "%08x %08x %d %u %s\n", a->address, a->length,
			 (int)a->kind, a->can, a->name);
	}
	assert_string_equal(text_chars(&text),
			    "00000000 00010000 5 0 ITCM RAM\n"
			    "08000000 00200000 0 7 Internal Flash\n"
			    "1ff00000 00020000 6 1 System memory\n"
			    "20000000 00004100 5 0 DTCM RAM\n"
			    "20004100 0001bf00 4 5 DTCM RAM\n"
			    "24000000 00005000 5 0 AXI SRAM\n"
			    "24005000 0007b000 4 5 AXI SRAM\n"
			    "30000000 00048000 5 0 SRAM1-3\n"
			    "38000000 00010000 5 0 SRAM4\n"
			    "38800000 00001000 5 0 backup SRAM\n"
			    "5200201c 00000080 1 5 Option Bytes\n");
	text_free(&text);
	s0_map_free(map);
}

static void settings_that_name_the_same_memory_count_once(void **state)
{
	const struct s0_chip *chip = s0_chip_find("stm32g0b1");
	struct s0_map *map = NULL;
	unsigned flash = 0;
	(void)state;

	assert_string_equal(chip->layouts[0], chip->layouts[2]);
	assert_int_equal(s0_chip_map(chip, &map, NULL), S0_OK);
	for (size_t i = 0; i < s0_map_area_count(map); i++)
		flash += s0_map_area(map, i)->kind == S0_AREA_FLASH;
	assert_int_equal(flash, 1);
	assert_int_equal(s0_map_flash_size(map), 512 * 1024);
	s0_map_free(map);
}

static void parts_of_another_size_may_hang_on_another_field(void **state)
{
	const struct s0_chip *chip = s0_chip_find("stm32l4r5");
	(void)state;

	assert_int_equal(chip->geometry_count, 4);
	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *g = &chip->geometries[i];

		assert_string_equal(g->field,
				    g->flash_kib == 2048 ? "DBANK" : "DB1M");
		assert_int_equal(g->sectors[0].bytes, g->value ? 4096 : 8192);
	}
}

static void option_fields_come_out_of_the_window(void **state)
{
	uint8_t window[308] = { 0 };
	uint32_t value = 7;
	(void)state;

	/* FLASH_OPTSR_CUR 0x8016AAF0: RDP 0xAA, BOR_LEV 0, SWAP_BANK 1 */
	memcpy(window, "\xf0\xaa\x16\x80", 4);
	memcpy(window + 0x24, "\x00\x08\xf0\x1f", 4);
	assert_true(chip_option(h743(), "RDP", window, 308, &value));
	assert_int_equal(value, 0xaa);
	assert_true(chip_option(h743(), "SWAP_BANK_OPT", window, 308, &value));
	assert_int_equal(value, 1);
	assert_true(chip_option(h743(), "BOOT_ADD1", window, 308, &value));
	assert_int_equal(value, 0x1ff0);
	/* A short window, a field that there is not. */
	assert_false(chip_option(h743(), "BOOT_ADD1", window, 0x27, &value));
	assert_true(chip_option(h743(), "BOOT_ADD0", window, 0x28, &value));
	assert_int_equal(value, 0x0800);
	assert_false(chip_option(h743(), "nDBANK", window, 308, &value));
	assert_int_equal(value, 0x0800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chip_is_found_by_any_of_its_names),
		cmocka_unit_test(chips_can_be_listed),
		cmocka_unit_test(a_chip_is_known_by_its_bootloaders_layout),
		cmocka_unit_test(an_erase_takes_what_its_sector_takes),
		cmocka_unit_test(what_a_bootloader_version_cannot_do_is_known),
		cmocka_unit_test(
			flash_is_cut_down_to_what_the_chip_says_it_has),
		cmocka_unit_test(flash_in_two_places_is_cut_down_as_well),
		cmocka_unit_test(
			sectors_of_several_sizes_are_cut_at_their_borders),
		cmocka_unit_test(a_small_layout_is_never_made_larger),
		cmocka_unit_test(the_chips_own_map_names_all_of_its_memory),
		cmocka_unit_test(settings_that_name_the_same_memory_count_once),
		cmocka_unit_test(
			parts_of_another_size_may_hang_on_another_field),
		cmocka_unit_test(option_fields_come_out_of_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
