/* SPDX-License-Identifier: MIT */
/* Which chips a device may be: by its strings, by what they leave open, and by
 * what its registers say. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "chip/candidates.h"
#include "chip_made.h"

#define F4_MB	  "04*016Kg,01*064Kg,07*128Kg"
#define F4_HALF	  "04*016Kg,01*064Kg,03*128Kg"
#define F4_OPTION "@Option Bytes  /0x1FFFC000/01*016 e"
#define F4_OTP	  "@OTP Memory /0x1FFF7800/01*512 e,01*016 e"
#define OLD_ROM                                                                \
	.vendor = 0x0483, .product = 0xdf11, .bcd = 0x2200, .transfer = 2048,  \
	.uid_at = 0x1fff7a10, .size_at = 0x1fff7a22
#define NEW_ROM                                                                \
	.vendor = 0x0483, .product = 0xdf11, .bcd = 0x0200, .transfer = 1024

/* In the order of a table. */
static const struct chip_recipe recipes[] = {
	{ .name = "f205",
	  .layouts = { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION },
	  .geometries = { "- 0 0 1 /0x08000000/" F4_MB },
	  .sizes = { 128, 256, 512, 768, 1024 },
	  .version_at = 0x1fff77de,
	  .versions = { 0x20, 0x33 },
	  OLD_ROM },
	{ .name = "f401xe",
	  .layouts = { "@Internal Flash  /0x08000000/" F4_HALF, F4_OPTION },
	  .geometries = { "- 0 0 1 /0x08000000/" F4_HALF },
	  .sizes = { 384, 512 },
	  .version_at = 0x1fff76de,
	  .versions = { 0xd1 },
	  OLD_ROM },
	{ .name = "f405",
	  .layouts = { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION,
		       F4_OTP },
	  .geometries = { "- 0 0 1 /0x08000000/" F4_MB },
	  .sizes = { 512, 1024 },
	  .version_at = 0x1fff77de,
	  .versions = { 0x31, 0x91 },
	  OLD_ROM },
	{ .name = "f411",
	  .layouts = { "@Internal Flash  /0x08000000/" F4_HALF, F4_OPTION },
	  .geometries = { "- 0 0 1 /0x08000000/" F4_HALF },
	  .sizes = { 256, 512 },
	  .shorter = true,
	  .version_at = 0x1fff76de,
	  .versions = { 0xd0 },
	  OLD_ROM },
	{ .name = "f412",
	  .layouts = { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION },
	  .geometries = { "- 0 0 1 /0x08000000/" F4_MB },
	  .sizes = { 512, 1024 },
	  .version_at = 0x1fff76de,
	  .versions = { 0x90, 0x91 },
	  OLD_ROM },
	{ .name = "f429",
	  .layouts = { "@Internal Flash  /0x08000000/" F4_MB "," F4_MB,
		       "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/"
		       "01*016 e" },
	  .geometries = { "- 0 2048 2 /0x08000000/" F4_MB "," F4_MB,
			  "DB1M 0 1024 1 /0x08000000/" F4_MB,
			  "DB1M 1 1024 2 /0x08000000/" F4_HALF "," F4_HALF },
	  .banks = S0_BANKS_HALF,
	  .sizes = { 1024, 2048 },
	  .version_at = 0x1fff76de,
	  .versions = { 0x70, 0x91 },
	  OLD_ROM },
	{ .name = "f446",
	  .layouts = { "@Internal Flash  /0x08000000/" F4_HALF, F4_OPTION },
	  .geometries = { "- 0 0 1 /0x08000000/" F4_HALF },
	  .sizes = { 256, 512 },
	  .version_at = 0x1fff76de,
	  .versions = { 0x90 },
	  OLD_ROM },
	{ .name = "h563",
	  .layouts = { "@Internal Flash   /0x08000000/256*08Kg",
		       "@Option Bytes   /0x40022050/01*176 e" },
	  .geometries = { "- 0 0 2 /0x08000000/256*08Kg" },
	  .banks = S0_BANKS_HALF,
	  .sizes = { 1024, 2048 },
	  .invented = true,
	  .shorter = true,
	  .version_at = 0x0bf9fafe,
	  .versions = { 0xe5 },
	  NEW_ROM },
	{ .name = "u575",
	  .layouts = { "@Internal Flash   /0x08000000/256*08Kg",
		       "@Option Bytes   /0x40022040/01*64 e",
		       "@OTP Memory   /0x0BFA0000/01*512 e" },
	  .geometries = { "- 0 0 2 /0x08000000/256*08Kg" },
	  .banks = S0_BANKS_HALF,
	  .sizes = { 1024, 2048 },
	  .shorter = true,
	  .version_at = 0x0bf99efe,
	  .versions = { 0x92, 0x93 },
	  NEW_ROM },
	{ .name = "gd32",
	  .layouts = { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION },
	  .geometries = { "- 0 0 1 /0x08000000/" F4_MB },
	  .vendor = 0x28e9,
	  .product = 0x0189 },
	{ .name = "at32",
	  .layouts = { "@Internal Flash   /0x08000000/08*04Ka,1000*04Kg" },
	  .geometries = { "- 0 0 1 /0x08000000/1008*04Kg" },
	  .vendor = 0x2e3c,
	  .product = 0xdf11 },
	{ .name = "l1",
	  .layouts = { "@Internal Flash  /0x08000000/128*256 g",
		       "@Data EEPROM  /0x08080000/01*008Kg" },
	  .geometries = { "- 0 0 1 /0x08000000/128*256 g" },
	  .transfer = 2048,
	  .bcd = 0x2200 },
	{ .name = "old256",
	  .layouts = { "@Internal Flash  /0x08000000/128*0002Kg" },
	  .geometries = { "- 0 0 1 /0x08000000/128*002Kg" },
	  .transfer = 2048,
	  .bcd = 0x2200 },
	{ .name = "new256",
	  .layouts = { "@Internal Flash   /0x08000000/128*02Kg" },
	  .geometries = { "- 0 0 1 /0x08000000/128*02Kg" },
	  .transfer = 1024,
	  .bcd = 0x0200 },
};

#define CHIPS (sizeof recipes / sizeof recipes[0])

struct said {
	const char *strings[4]; /* of the alternate settings */
	uint16_t vendor, product, bcd, transfer;
	const char *expected;
};

static struct candidates candidates_of(struct chip_made made[CHIPS],
				       const struct said *said)
{
	struct chip_told told = { .vendor = said->vendor,
				  .product = said->product,
				  .bcd_device = said->bcd,
				  .transfer_size = said->transfer };
	struct candidates c = { .count = 0 };
	struct s0_map *map;

	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	for (uint8_t i = 0; i < 4 && said->strings[i]; i++)
		assert_int_equal(s0_map_parse(map, said->strings[i], i, NULL),
				 S0_OK);
	told.map = map;
	for (size_t i = 0; i < CHIPS; i++) {
		chip_make(&made[i], &recipes[i]);
		candidates_add(&c, &made[i].chip, &told);
	}
	candidates_compare(&c, &told);
	s0_map_free(map);
	return c;
}

#define ST 0x0483, 0xdf11

/* "f411, perhaps f405" */
static void print(const struct candidates *c, char names[160])
{
	names[0] = '\0';
	for (size_t i = 0; i < c->count; i++) {
		if (i)
			strcat(names, ", ");
		if (i == c->fit)
			strcat(names, "perhaps ");
		strcat(names, c->chips[i]->name);
	}
}

static void strings_leave_those_that_have_them(void **state)
{
	static const struct said cases[] = {
		{ { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION, F4_OTP,
		    "@Device Feature/0xFFFF0000/01*004 e" },
		  ST,
		  0x2200,
		  2048,
		  "f205, f405, f412" },
		{ { "@Internal Flash  /0x08000000/" F4_HALF, F4_OPTION },
		  ST,
		  0x2200,
		  2048,
		  "f401xe, f411, f446, perhaps f205, f405, f412" },
		/* a smaller part, by its bootloader's own word */
		{ { "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,01*128Kg",
		    F4_OPTION },
		  ST,
		  0x2200,
		  2048,
		  "f411, perhaps f205, f446" },
		/* a log of 2012 has these letters and this release */
		{ { "@Internal Flash  /0x08000000/" F4_MB,
		    "@Option Bytes  /0x1FFFC000/01*016 g" },
		  ST,
		  0x2100,
		  2048,
		  "f205, f405, f412" },
		{ { "@Internal Flash  /0x08000000/" F4_MB "," F4_MB,
		    "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e" },
		  ST,
		  0x2200,
		  2048,
		  "f429" },
		/* 1 MiB in two banks, as it is in flash */
		{ { "@Internal Flash  /0x08000000/" F4_HALF "," F4_HALF,
		    "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e" },
		  ST,
		  0x2200,
		  2048,
		  "f429" },
		{ { "@Internal Flash  /0x08000000/" F4_MB,
		    "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e" },
		  ST,
		  0x2200,
		  2048,
		  "f429" },
		/* another part's OTP, beside what else is an F405's */
		{ { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION,
		    "@OTP Memory /0x1FFE7800/01*512 e" },
		  ST,
		  0x2200,
		  2048,
		  "f205, f412" },
		{ { "@Internal Flash   /0x08000000/256*08Kg",
		    "@Option Bytes   /0x40022040/01*64 e" },
		  ST,
		  0x0200,
		  1024,
		  "u575" },
		/* half of each bank */
		{ { "@Internal Flash   /0x08000000/128*08Kg",
		    "@Option Bytes   /0x40022040/01*64 e" },
		  ST,
		  0x0200,
		  1024,
		  "u575" },
		/* a made-up line does not rule out */
		{ { "@Internal Flash   /0x08000000/256*08Kg",
		    "@Option Bytes   /0x40022050/01*92 e" },
		  ST,
		  0x0200,
		  1024,
		  "h563" },
		{ { "@Internal Flash   /0x08000000/256*08Kg" },
		  ST,
		  0x0200,
		  1024,
		  "h563" },
		{ { "@Internal Flash  /0x08000000/" F4_MB },
		  ST,
		  0x2200,
		  2048,
		  "" },
		{ { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION },
		  0x28e9,
		  0x0189,
		  0x0100,
		  2048,
		  "gd32" },
		{ { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION },
		  0x314b,
		  0x0106,
		  0x0100,
		  2048,
		  "" },
		{ { "@Internal Flash   /0x08000000/08*04Ka,1000*04Kg" },
		  0x2e3c,
		  0xdf11,
		  0x0200,
		  2048,
		  "at32" },
		/* the same maker's other product */
		{ { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION },
		  0x28e9,
		  0x018a,
		  0x0100,
		  2048,
		  "" },
		/* its first flash can be read only: that of nobody */
		{ { "@Internal Flash  /0x08000000/04*016Ka,01*064Kg,07*128Kg",
		    F4_OPTION },
		  0x28e9,
		  0x0189,
		  0x0100,
		  2048,
		  "" },
		/* data EEPROM where it has it, where it has none, and none */
		{ { "@Internal Flash  /0x08000000/128*256 g",
		    "@Data EEPROM  /0x08080000/01*008Kg" },
		  ST,
		  0x2200,
		  2048,
		  "l1" },
		{ { "@Internal Flash  /0x08000000/128*256 g",
		    "@Data EEPROM  /0x08082000/01*008Kg" },
		  ST,
		  0x2200,
		  2048,
		  "" },
		{ { "@Internal Flash  /0x08000000/128*256 g" },
		  ST,
		  0x2200,
		  2048,
		  "l1" },
		{ { "@Internal Flash   /0x08000000/1008*04Kg" },
		  0x2e3c,
		  0xdf11,
		  0x0200,
		  2048,
		  "at32" },
		{ { "@Internal Flash   /0x08000000/08*04Ka,1000*04Kg" },
		  ST,
		  0x0200,
		  2048,
		  "" },
		{ { "@Internal Flash  /0x08000000/128*0002Kg" },
		  ST,
		  0x2200,
		  2048,
		  "old256" },
		{ { "@Internal Flash  /0x08000000/128*0002Kg" },
		  ST,
		  0x2000,
		  64,
		  "old256" },
		{ { "@Internal Flash  /0x08000000/128*0002Kg" },
		  ST,
		  0,
		  1024,
		  "new256" },
		{ { "@Internal Flash  /0x08000000/128*0002Kg" },
		  ST,
		  0,
		  0,
		  "old256, new256" },
		{ { "@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg" },
		  ST,
		  0x0200,
		  1024,
		  "" },
	};
	static struct chip_made made[CHIPS];
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct candidates c = candidates_of(made, &cases[i]);
		char names[160];

		print(&c, names);
		print_message("# %s\n", cases[i].strings[0]);
		assert_string_equal(names, cases[i].expected);
	}
}

static const struct said f4_mb = { { "@Internal Flash  /0x08000000/" F4_MB,
				     F4_OPTION },
				   ST,
				   0x2200,
				   2048,
				   NULL };
static const struct said f4_half = { { "@Internal Flash  /0x08000000/" F4_HALF,
				       F4_OPTION },
				     ST,
				     0x2200,
				     2048,
				     NULL };

static void a_version_is_looked_for_where_a_chip_has_it(void **state)
{
	static const struct {
		const struct said *said;
		uint32_t address;
		unsigned version;
		bool known;
		const char *left;
	} cases[] = {
		{ &f4_mb, 0x1fff77de, 0x91, true, "f405" },
		{ &f4_mb, 0x1fff77de, 0x33, true, "f205" },
		{ &f4_mb, 0x1fff76de, 0x91, true, "f412" },
		/* an F412 where an F405 has its version */
		{ &f4_mb, 0x1fff77de, 0xff, false, "f205, f405, f412" },
		{ &f4_half, 0x1fff76de, 0xd0, true, "f411" },
		{ &f4_half, 0x1fff76de, 0xd1, true, "f401xe" },
		{ &f4_half, 0x1fff76de, 0x90, true, "f446" },
		{ &f4_half, 0x1fff76de, 0xd2, false,
		  "f401xe, f411, f446, perhaps f205, f405, f412" },
		{ &f4_half, 0x1fff77de, 0xd0, false,
		  "f401xe, f411, f446, perhaps f205, f405, f412" },
		{ &f4_half, 0x1fff77de, 0x31, true, "perhaps f405" },
	};
	static struct chip_made made[CHIPS];
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct candidates c = candidates_of(made, cases[i].said);
		char names[160];

		assert_int_equal(candidates_take_version(&c, cases[i].address,
							 cases[i].version),
				 cases[i].known);
		print(&c, names);
		assert_string_equal(names, cases[i].left);
	}
}

static void a_size_of_no_part_is_held_against_a_chip(void **state)
{
	static const struct {
		uint32_t address;
		unsigned kib;
		const char *left;
	} cases[] = {
		{ 0x1fff7a22, 512,
		  "f401xe, f411, f446, perhaps f205, f405, f412" },
		{ 0x1fff7a22, 384, "f401xe" },
		{ 0x1fff7a22, 256, "f411, f446, perhaps f205" },
		/* of none: nothing can be said */
		{ 0x1fff7a22, 300,
		  "f401xe, f411, f446, perhaps f205, f405, f412" },
		{ 0x1fff7a22, 0xffff,
		  "f401xe, f411, f446, perhaps f205, f405, f412" },
		/* read where none of them has it */
		{ 0x1ff0f442, 256,
		  "f401xe, f411, f446, perhaps f205, f405, f412" },
	};
	static struct chip_made made[CHIPS];
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct candidates c = candidates_of(made, &f4_half);
		char names[160];

		candidates_take_size(&c, cases[i].address, cases[i].kib);
		print(&c, names);
		assert_string_equal(names, cases[i].left);
	}
}

static void what_may_fit_needs_a_version(void **state)
{
	static struct chip_made made[CHIPS];
	struct candidates c = candidates_of(made, &f4_half);
	char names[160];
	(void)state;

	/* an F405 of 512 KiB, whose bootloader knows that it has no more */
	assert_true(candidates_take_version(&c, 0x1fff77de, 0x31));
	print(&c, names);
	assert_string_equal(names, "perhaps f405");
	candidates_doubt(&c);
	assert_int_equal(c.count, 1);
	c = candidates_of(made, &f4_half);
	candidates_doubt(&c);
	print(&c, names);
	assert_string_equal(names, "f401xe, f411, f446");
	/* one that has no version to tell is not out for want of it */
	c = candidates_of(made, &f4_half);
	assert_int_equal(c.fit, 3);
	for (size_t i = 0; i < CHIPS; i++)
		if (strcmp(made[i].chip.name, "f405") == 0)
			made[i].chip.version_address = 0;
	candidates_doubt(&c);
	print(&c, names);
	assert_string_equal(names, "f401xe, f411, f446, perhaps f405");
}

static void without_a_version_details_decide(void **state)
{
	static const struct said verbatim = {
		{ "@Internal Flash  /0x08000000/128*0002Kg" }, ST, 0, 0, NULL
	};
	static struct chip_made made[CHIPS];
	struct candidates c = candidates_of(made, &verbatim);
	struct chip_told told = { .first = verbatim.strings[0] };
	char names[160];
	(void)state;

	assert_int_equal(s0_map_new((struct s0_map **)&told.map, NULL), S0_OK);
	assert_int_equal(c.count, 2);
	candidates_prefer(&c, &told);
	print(&c, names);
	assert_string_equal(names, "old256");
	c = candidates_of(made, &verbatim);
	told.first = "@Internal Flash /0x08000000/128*2Kg";
	candidates_prefer(&c, &told);
	assert_int_equal(c.count, 2);
	c = candidates_of(made, &f4_half);
	candidates_prefer(&c, &told);
	print(&c, names);
	assert_string_equal(names, "f401xe, f411, f446");
	s0_map_free((struct s0_map *)told.map);
}

static void names_are_listed(void **state)
{
	static struct chip_made made[CHIPS];
	struct candidates c = candidates_of(made, &f4_half);
	char names[160];
	(void)state;

	candidates_doubt(&c);
	candidates_print(&c, names, sizeof names);
	assert_string_equal(names, "f401xe, f411 or f446");
	candidates_print(&c, names, 12);
	assert_string_equal(names, "f401xe, f41");
	c.count = 1;
	candidates_print(&c, names, sizeof names);
	assert_string_equal(names, "f401xe");
}

static void add_doubtful(struct text *text, const struct s0_chip *chip,
			 unsigned version)
{
	struct chip_told told = { .vendor = chip->vendor,
				  .product = chip->product,
				  .bcd_device = chip->bcd_device,
				  .transfer_size = chip->transfer_size };
	struct candidates c = { .count = 0 };
	const struct s0_chip *one;
	unsigned kib = chip->flash_bytes / 1024;
	char names[200];
	struct s0_map *map;

	assert_int_equal(s0_chip_map(chip, &map, NULL), S0_OK);
	told.map = map;
	told.first = chip->layouts[0];
	for (size_t i = 0; (one = s0_chip_at(i)); i++)
		candidates_add(&c, one, &told);
	candidates_compare(&c, &told);
	assert_true(c.count < CHIP_CANDIDATES);
	candidates_take_size(&c, chip->flash_size_address, kib);
	if (!version ||
	    !candidates_take_version(&c, chip->version_address, version))
		candidates_prefer(&c, &told);
	s0_map_free(map);
	assert_true(candidates_have(&c, chip));
	if (c.count == 1)
		return;
	candidates_print(&c, names, sizeof names);
	text_add(text, "%s 0x%02x: %s\n", chip->name, version, names);
}

/* The largest part of each, by what its bootloader tells. A smaller L476 or
 * U595 may name the same, and has a bootloader of the same version. */
static void chips_of_the_table_are_told_apart(void **state)
{
	const struct s0_chip *chip;
	struct text text = { 0 };
	(void)state;

	for (size_t i = 0; (chip = s0_chip_at(i)); i++) {
		for (size_t k = 0; k < chip->rom_count; k++)
			add_doubtful(&text, chip, chip->roms[k].version);
		if (!chip->rom_count)
			add_doubtful(&text, chip, 0);
	}
	assert_string_equal(text_chars(&text),
			    "stm32c53x 0x00: stm32c53x or stm32c562\n"
			    "stm32l452 0x92: stm32l452 or stm32l476\n"
			    "stm32u575 0x92: stm32u575 or stm32u595\n");
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_leave_those_that_have_them),
		cmocka_unit_test(a_version_is_looked_for_where_a_chip_has_it),
		cmocka_unit_test(a_size_of_no_part_is_held_against_a_chip),
		cmocka_unit_test(what_may_fit_needs_a_version),
		cmocka_unit_test(without_a_version_details_decide),
		cmocka_unit_test(names_are_listed),
		cmocka_unit_test(chips_of_the_table_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
