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

static void strings_leave_those_that_have_them(void **state)
{
	static const struct said cases[] = {
		{ { "@Internal Flash  /0x08000000/" F4_MB, F4_OPTION, F4_OTP,
		    "@Device Feature/0xFFFF0000/01*004 e" },
		  ST,
		  0x2200,
		  2048,
		  "f205, f405 or f412" },
		{ { "@Internal Flash  /0x08000000/" F4_HALF, F4_OPTION },
		  ST,
		  0x2200,
		  2048,
		  "f401xe, f411 or f446" },
		/* a smaller part, by its bootloader's own word */
		{ { "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,01*128Kg",
		    F4_OPTION },
		  ST,
		  0x2200,
		  2048,
		  "f411" },
		/* a log of 2012 has these letters and this release */
		{ { "@Internal Flash  /0x08000000/" F4_MB,
		    "@Option Bytes  /0x1FFFC000/01*016 g" },
		  ST,
		  0x2100,
		  2048,
		  "f205, f405 or f412" },
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
		  "f205 or f412" },
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
		  "old256 or new256" },
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
		char names[100];

		candidates_print(&c, names, sizeof names);
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
		{ &f4_mb, 0x1fff77de, 0xff, false, "f205, f405 or f412" },
		{ &f4_half, 0x1fff76de, 0xd0, true, "f411" },
		{ &f4_half, 0x1fff76de, 0xd1, true, "f401xe" },
		{ &f4_half, 0x1fff76de, 0x90, true, "f446" },
		{ &f4_half, 0x1fff76de, 0xd2, false, "f401xe, f411 or f446" },
		{ &f4_half, 0x1fff77de, 0xd0, false, "f401xe, f411 or f446" },
	};
	static struct chip_made made[CHIPS];
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct candidates c = candidates_of(made, cases[i].said);
		char names[100];

		assert_int_equal(candidates_take_version(&c, cases[i].address,
							 cases[i].version),
				 cases[i].known);
		candidates_print(&c, names, sizeof names);
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
		{ 0x1fff7a22, 512, "f401xe, f411 or f446" },
		{ 0x1fff7a22, 384, "f401xe" },
		{ 0x1fff7a22, 256, "f411 or f446" },
		/* of none: nothing can be said */
		{ 0x1fff7a22, 300, "f401xe, f411 or f446" },
		{ 0x1fff7a22, 0xffff, "f401xe, f411 or f446" },
		/* read where none of them has it */
		{ 0x1ff0f442, 256, "f401xe, f411 or f446" },
	};
	static struct chip_made made[CHIPS];
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct candidates c = candidates_of(made, &f4_half);
		char names[100];

		candidates_take_size(&c, cases[i].address, cases[i].kib);
		candidates_print(&c, names, sizeof names);
		assert_string_equal(names, cases[i].left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_leave_those_that_have_them),
		cmocka_unit_test(a_version_is_looked_for_where_a_chip_has_it),
		cmocka_unit_test(a_size_of_no_part_is_held_against_a_chip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
