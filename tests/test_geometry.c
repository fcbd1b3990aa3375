/* SPDX-License-Identifier: MIT */
/* How flash is cut into sectors, where the bootloader, the registers and the
 * chip's data each say something: what comes of it, in words. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "chip/geometry.h"
#include "chip_made.h"

#define F4_MB	  "04*016Kg,01*064Kg,07*128Kg"
#define F4_HALF	  "04*016Kg,01*064Kg,03*128Kg"
#define F7_SINGLE "04*032Kg,01*128Kg,07*256Kg"

static const struct chip_recipe f767 = {
	.name = "stm32f767",
	.layouts = { "@Internal Flash  /0x08000000/" F7_SINGLE },
	.geometries = { "nDBANK 1 0 1 /0x08000000/" F7_SINGLE,
			"nDBANK 0 2048 2 /0x08000000/" F4_MB "," F4_MB,
			"nDBANK 0 1024 2 /0x08000000/" F4_HALF "," F4_HALF },
	.banks = S0_BANKS_HALF,
	.sizes = { 1024, 2048 },
};

static const struct chip_recipe f429 = {
	.name = "stm32f429",
	.layouts = { "@Internal Flash  /0x08000000/" F4_MB "," F4_MB },
	.geometries = { "- 0 2048 2 /0x08000000/" F4_MB "," F4_MB,
			"DB1M 0 1024 1 /0x08000000/" F4_MB,
			"DB1M 1 1024 2 /0x08000000/" F4_HALF "," F4_HALF },
	.banks = S0_BANKS_HALF,
	.sizes = { 1024, 2048 },
};

static const struct chip_recipe h743 = {
	.name = "stm32h743",
	.layouts = { "@Internal Flash   /0x08000000/16*128Kg" },
	.geometries = { "- 0 0 2 /0x08000000/16*128Kg" },
	.banks = S0_BANKS_FIXED,
	.bank_bytes = 0x100000,
	.sizes = { 128, 1024, 2048 },
	.shorter = true,
};

static const struct chip_recipe g0b1 = {
	.name = "stm32g0b1",
	.layouts = { "@Internal Flash   /0x08000000/256*02Kg",
		     "@Internal Flash   /0x08000000/256*02Kg",
		     "@Internal Flash   /0x08000000/256*02Kg" },
	.geometries = { "- 0 0 2 /0x08000000/256*02Kg" },
	.banks = S0_BANKS_HALF,
	.sizes = { 128, 256, 512 },
};

static const struct chip_recipe l4r5 = {
	.name = "stm32l4r5",
	.layouts = { "@Internal Flash   /0x08000000/256*08Kg" },
	.geometries = { "DBANK 1 0 2 /0x08000000/512*04Kg",
			"DBANK 0 0 1 /0x08000000/256*08Kg" },
	.banks = S0_BANKS_HALF,
	.sizes = { 1024, 2048 },
};

static const struct chip_recipe g474 = {
	.name = "stm32g474",
	.layouts = { "@Internal Flash   /0x08000000/256*02Kg" },
	.geometries = { "DBANK 1 0 2 /0x08000000/256*02Kg",
			"DBANK 0 0 1 /0x08000000/128*04Kg" },
	.banks = S0_BANKS_FIXED,
	.bank_bytes = 0x40000,
	.sizes = { 128, 256, 512 },
};

static const struct chip_recipe l552 = {
	.name = "stm32l552",
	.layouts = { "@Internal Flash   /0x08000000/256*02Kg" },
	.geometries = { "DBANK 1 0 2 /0x08000000/256*02Kg",
			"DBANK 0 0 1 /0x08000000/128*04Kg" },
	.banks = S0_BANKS_HALF,
	.sizes = { 256, 512 },
};

static const struct chip_recipe gd32 = {
	.name = "gd32vf103",
	.layouts = { "@Internal Flash  /0x08000000/512*002Kg" },
	.geometries = { "- 0 0 1 /0x08000000/128*01Kg" },
	.sizes = { 32, 64, 128 },
	.quirks = S0_QUIRK_DESCRIPTOR_BLIND | S0_QUIRK_PAGES_HALF,
};

/* The same, and nobody has said that its strings are wrong. */
static const struct chip_recipe slip = {
	.name = "slip",
	.layouts = { "@Internal Flash  /0x08000000/512*002Kg" },
	.geometries = { "- 0 0 1 /0x08000000/128*01Kg" },
	.sizes = { 32, 64, 128 },
};

static const struct chip_recipe switched_slip = {
	.name = "switched slip",
	.layouts = { "@Internal Flash   /0x08000000/128*08Kg" },
	.geometries = { "DBANK 1 0 2 /0x08000000/512*02Kg",
			"DBANK 0 0 1 /0x08000000/256*04Kg" },
	.banks = S0_BANKS_HALF,
	.sizes = { 1024 },
};

static const struct chip_recipe l072 = {
	.name = "stm32l072",
	.layouts = { "@Internal Flash  /0x08000000/1536*128g" },
	.geometries = { "- 0 192 2 /0x08000000/1536*128g",
			"- 0 128 2 /0x08000000/1024*128g",
			"- 0 64 1 /0x08000000/512*128g" },
	.banks = S0_BANKS_HALF,
	.sizes = { 64, 128, 192 },
	.quirks = S0_QUIRK_DESCRIPTOR_BLIND,
};

static const struct chip_recipe f405 = {
	.name = "stm32f405",
	.layouts = { "@Internal Flash  /0x08000000/" F4_MB },
	.geometries = { "- 0 0 1 /0x08000000/" F4_MB },
	.sizes = { 512, 1024 },
};

enum { UNTOLD = -1 };

struct example {
	const struct chip_recipe *chip;
	const char *flash; /* behind "@Internal Flash  " */
	int field;	   /* of the option bytes, or UNTOLD */
	unsigned kib;	   /* size register */
	const char *expected;
};

static void add_map(struct text *text, const struct s0_map *map)
{
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *a = s0_map_area(map, i);

		assert_int_equal(a->length % a->sector_size, 0);
		if (a->kind == S0_AREA_FLASH)
			text_add(text, "%08x %u*%u%s ", a->address,
				 a->length / a->sector_size, a->sector_size,
				 a->from_device && a->can == 7 ? "" : "?");
	}
}

static void check(const struct example *e)
{
	struct geometry_verdict verdict;
	struct chip_made made;
	struct text text = { 0 };
	struct s0_map *map;
	char layout[160];
	uint8_t window[4] = { (uint8_t)(0xfe | e->field), 0xff, 0xff, 0xff };
	struct geometry_facts facts = { .chip = &made.chip,
					.flash_kib = e->kib,
					.options = window };

	chip_make(&made, e->chip);
	facts.option_length = e->field == UNTOLD ? 0 : sizeof window;
	(void)snprintf(layout, sizeof layout, "@Internal Flash  %s", e->flash);
	print_message("# %s %s, %u KiB, field %d\n", e->chip->name, e->flash,
		      e->kib, e->field);
	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map, layout, 0, NULL), S0_OK);
	assert_int_equal(
		s0_map_parse(map, "@Option Bytes /0x1FFFC000/1*16 e", 1, NULL),
		S0_OK);
	assert_int_equal(geometry_apply(&facts, map, &verdict, NULL), S0_OK);
	add_map(&text, map);
	if (verdict.bank_2)
		text_add(&text, "bank 2 %08x ", verdict.bank_2);
	text_add(&text, "%s%s", verdict.note[0] ? "note: " : "", verdict.note);
	text_add(&text, "%s%s", verdict.warning[0] ? "warning: " : "",
		 verdict.warning);
	text_add(&text, "%s%s", verdict.conflict[0] ? "conflict: " : "",
		 verdict.conflict);
	assert_string_equal(text_chars(&text), e->expected);
	assert_non_null(s0_map_find(map, 0x1fffc000));
	text_free(&text);
	s0_map_free(map);
}

static void check_all(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&examples[i]);
}

#define CHECK_ALL(examples)                                                    \
	check_all(examples, sizeof examples / sizeof examples[0])

#define F7_DUAL_2M                                                             \
	"08000000 4*16384 08010000 1*65536 08020000 7*131072 "                 \
	"08100000 4*16384 08110000 1*65536 08120000 7*131072 "                 \
	"bank 2 08100000 "
#define F7_DUAL_1M                                                             \
	"08000000 4*16384 08010000 1*65536 08020000 3*131072 "                 \
	"08080000 4*16384 08090000 1*65536 080a0000 3*131072 "                 \
	"bank 2 08080000 "
#define F4_NAMED "08000000 4*16384 08010000 1*65536 08020000 7*131072 "
#define F7_NAMED "08000000 4*32768 08020000 1*131072 08040000 7*262144 "

static void the_option_bytes_of_an_f767_say_what_its_bootloader_does_not(
	void **state)
{
	static const struct example examples[] = {
		{ &f767, "/0x08000000/" F7_SINGLE, 1, 2048, F7_NAMED },
		{ &f767, "/0x08000000/" F7_SINGLE, 0, 2048,
		  F7_DUAL_2M
		  "warning: the bootloader names 4 x 32, 1 x 128, 7 x 256 KiB; "
		  "nDBANK = 0 and 2048 KiB of flash mean 2 x (4 x 16, 1 x 64, "
		  "7 x 128 KiB): the option bytes are believed" },
		{ &f767, "/0x08000000/" F7_SINGLE, 0, 1024,
		  F7_DUAL_1M
		  "warning: the bootloader names 4 x 32, 1 x 128, 7 x 256 KiB; "
		  "nDBANK = 0 and 1024 KiB of flash mean 2 x (4 x 16, 1 x 64, "
		  "3 x 128 KiB): the option bytes are believed" },
		/* what names its sectors as they are */
		{ &f767, "/0x08000000/" F4_MB "," F4_MB, 0, 2048, F7_DUAL_2M },
		{ &f767, "/0x08000000/" F4_HALF "," F4_HALF, 0, 1024,
		  F7_DUAL_1M },
		/* … and one that names those of the other mode */
		{ &f767, "/0x08000000/" F4_MB "," F4_MB, 1, 2048,
		  F7_NAMED
		  "warning: the bootloader names 2 x (4 x 16, 1 x 64, 7 x 128 "
		  "KiB); nDBANK = 1 and 2048 KiB of flash mean 4 x 32, 1 x "
		  "128, 7 x 256 KiB: the option bytes are believed" },
		/* 1 MiB in one bank: what is named is cut */
		{ &f767, "/0x08000000/" F7_SINGLE, 1, 1024,
		  "08000000 4*32768 08020000 1*131072 08040000 3*262144 note: "
		  "the bootloader names 4 x 32, 1 x 128, 7 x 256 KiB, the size "
		  "register says 1024 KiB; the flash is 4 x 32, 1 x 128, 3 x "
		  "256 KiB" },
	};
	(void)state;

	CHECK_ALL(examples);
}

static void without_option_bytes_nothing_is_believed(void **state)
{
	static const struct example examples[] = {
		{ &f767, "/0x08000000/" F7_SINGLE, UNTOLD, 2048,
		  F7_NAMED "conflict: the bootloader names 4 x 32, 1 x 128, 7 "
			   "x 256 KiB; nDBANK = 1 and 2048 KiB of flash would "
			   "be 4 x 32, 1 x 128, 7 x 256 KiB; nDBANK = 0 and "
			   "2048 KiB of flash would be 2 x (4 x 16, 1 x 64, 7 "
			   "x 128 KiB): the option bytes are not told" },
		{ &f429, "/0x08000000/" F4_MB, UNTOLD, 1024,
		  F4_NAMED
		  "conflict: the bootloader names 4 x 16, 1 x 64, 7 x 128 KiB; "
		  "DB1M = 0 and 1024 KiB of flash would be 4 x 16, 1 x 64, 7 x "
		  "128 KiB; DB1M = 1 and 1024 KiB of flash would be 2 x (4 x "
		  "16, 1 x 64, 3 x 128 KiB): the option bytes are not told" },
		/* where they do not matter */
		{ &f429, "/0x08000000/" F4_MB "," F4_MB, UNTOLD, 2048,
		  F7_DUAL_2M },
		{ &h743, "/0x08000000/16*128Kg", UNTOLD, 2048,
		  "08000000 16*131072 bank 2 08100000 " },
	};
	(void)state;

	CHECK_ALL(examples);
}

static void the_size_register_cuts_what_is_named(void **state)
{
	static const struct example examples[] = {
		{ &h743, "/0x08000000/16*128Kg", 1, 1024,
		  "08000000 4*131072 08100000 4*131072 bank 2 08100000 note: "
		  "the bootloader names 16 x 128 KiB, the size register says "
		  "1024 KiB; the flash is 4 x 128, 4 x 128 at 0x08100000 "
		  "KiB" },
		{ &h743, "/0x08000000/16*128Kg", 1, 128,
		  "08000000 1*131072 note: the bootloader names 16 x 128 KiB, "
		  "the size register says 128 KiB; the flash is 1 x 128 KiB" },
		{ &h743, "/0x08000000/4*128Kg/0x08100000/4*128Kg", 1, 1024,
		  "08000000 4*131072 08100000 4*131072 bank 2 08100000 " },
		{ &h743, "/0x08000000/01*128Kg", 1, 128, "08000000 1*131072 " },
		{ &f405, "/0x08000000/" F4_MB, 1, 512,
		  "08000000 4*16384 08010000 1*65536 08020000 3*131072 note: "
		  "the bootloader names 4 x 16, 1 x 64, 7 x 128 KiB, the size "
		  "register says 512 KiB; the flash is 4 x 16, 1 x 64, 3 x 128 "
		  "KiB" },
		{ &h743, "/0x08000000/16*128Kg", 1, 0xffff,
		  "08000000 16*131072 bank 2 08100000 " },
		{ &g0b1, "/0x08000000/256*02Kg", 1, 128,
		  "08000000 64*2048 bank 2 08010000 note: the bootloader names "
		  "256 x 2 KiB, the size register says 128 KiB; the flash is "
		  "64 x 2 KiB" },
		{ &g0b1, "/0x08000000/64*02Kg", 1, 128,
		  "08000000 64*2048 bank 2 08010000 " },
		{ &g0b1, "/0x08000000/256*02Kg", 1, 512,
		  "08000000 256*2048 bank 2 08040000 " },
		{ &l4r5, "/0x08000000/512*04Kg", 1, 1024,
		  "08000000 256*4096 bank 2 08080000 note: the bootloader "
		  "names "
		  "512 x 4 KiB, the size register says 1024 KiB; the flash is "
		  "256 x 4 KiB" },
		{ &g474, "/0x08000000/256*02Kg", 1, 128,
		  "08000000 32*2048 08040000 32*2048 bank 2 08040000 note: the "
		  "bootloader names 256 x 2 KiB, the size register says 128 "
		  "KiB; the flash is 32 x 2, 32 x 2 at 0x08040000 KiB" },
	};
	(void)state;

	CHECK_ALL(examples);
}

static void what_is_not_named_is_left_alone(void **state)
{
	static const struct example examples[] = {
		{ &h743, "/0x08000000/01*128Kg", 1, 2048,
		  "08000000 1*131072 note: the bootloader names 128 KiB of "
		  "flash, the size register says 2048: what is not named is "
		  "left alone" },
		{ &f767, "/0x08000000/04*032Kg,01*128Kg,03*256Kg", 1, 2048,
		  "08000000 4*32768 08020000 1*131072 08040000 3*262144 note: "
		  "the bootloader names 1024 KiB of flash, the size register "
		  "says 2048: what is not named is left alone" },
		{ &g474, "/0x08000000/128*02Kg", 1, 512,
		  "08000000 128*2048 note: the bootloader names 256 KiB of "
		  "flash, the size register says 512: what is not named is "
		  "left alone" },
	};
	(void)state;

	CHECK_ALL(examples);
}

static void bank_switches_of_other_families_decide_as_well(void **state)
{
	static const struct example examples[] = {
		{ &f429, "/0x08000000/" F4_MB "," F4_MB, 0, 2048, F7_DUAL_2M },
		{ &f429, "/0x08000000/" F4_MB, 0, 1024, F4_NAMED },
		{ &f429, "/0x08000000/" F4_HALF "," F4_HALF, 1, 1024,
		  F7_DUAL_1M },
		/* named for 2 MiB, and cut in both banks */
		{ &f429, "/0x08000000/" F4_MB "," F4_MB, 1, 1024,
		  F7_DUAL_1M
		  "note: the bootloader names 2 x (4 x 16, 1 x 64, 7 x 128 "
		  "KiB), the size register says 1024 KiB; the flash is 2 x (4 "
		  "x 16, 1 x 64, 3 x 128 KiB)" },
		{ &l4r5, "/0x08000000/512*04Kg", 1, 2048,
		  "08000000 512*4096 bank 2 08100000 " },
		{ &l4r5, "/0x08000000/256*08Kg", 0, 2048,
		  "08000000 256*8192 " },
		{ &l4r5, "/0x08000000/256*08Kg", 1, 2048,
		  "08000000 512*4096 bank 2 08100000 warning: the bootloader "
		  "names 256 x 8 KiB; DBANK = 1 and 2048 KiB of flash mean 512 "
		  "x 4 KiB: the option bytes are believed" },
		{ &g474, "/0x08000000/256*02Kg", 1, 512,
		  "08000000 256*2048 bank 2 08040000 " },
		{ &g474, "/0x08000000/256*02Kg", 0, 512,
		  "08000000 128*4096 warning: the bootloader names 256 x 2 "
		  "KiB; DBANK = 0 and 512 KiB of flash mean 128 x 4 KiB: the "
		  "option bytes are believed" },
		{ &l552, "/0x08000000/256*02Kg", 1, 256,
		  "08000000 128*2048 bank 2 08020000 note: the bootloader "
		  "names "
		  "256 x 2 KiB, the size register says 256 KiB; the flash is "
		  "128 x 2 KiB" },
		{ &l552, "/0x08000000/256*02Kg", 0, 0,
		  "08000000 128*4096 warning: the bootloader names 256 x 2 "
		  "KiB; DBANK = 0 means 128 x 4 KiB: the option bytes are "
		  "believed" },
		{ &l552, "/0x08000000/128*04Kg", 0, 512, "08000000 128*4096 " },
	};
	(void)state;

	CHECK_ALL(examples);
}

static void what_nothing_explains_is_a_conflict(void **state)
{
	static const struct example examples[] = {
		{ &f767, "/0x08000000/32*64Kg", 1, 2048,
		  "08000000 32*65536 conflict: the bootloader names 32 x 64 "
		  "KiB; nDBANK = 1 and 2048 KiB of flash mean 4 x 32, 1 x 128, "
		  "7 x 256 KiB" },
		{ &l552, "/0x08000000/64*08Kg", 0, 512,
		  "08000000 64*8192 conflict: the bootloader names 64 x 8 KiB; "
		  "DBANK = 0 and 512 KiB of flash mean 128 x 4 KiB" },
		{ &f429, "/0x08000000/" F4_HALF, 1, 512,
		  "08000000 4*16384 08010000 1*65536 08020000 3*131072 "
		  "conflict: the bootloader names 4 x 16, 1 x 64, 3 x 128 KiB: "
		  "what the chip says fits none" },
		/* a switch does not hide flash elsewhere */
		{ &g474, "/0x08000000/256*02Kg/0x08100000/1*2Kg", 0, 512,
		  "08000000 256*2048 08100000 1*2048 conflict: the bootloader "
		  "names 256 x 2, 1 x 2 at 0x08100000 KiB; DBANK = 0 and 512 "
		  "KiB of flash mean 128 x 4 KiB" },
	};
	(void)state;

	CHECK_ALL(examples);
}

/* Of a chip without a bank switch as well. */
static void sectors_that_neither_size_nor_data_explains_are_a_conflict(
	void **state)
{
	static const struct example examples[] = {
		{ &h743, "/0x08000000/8*128Kg", 1, 1024,
		  "08000000 8*131072 conflict: the bootloader names 8 x 128 "
		  "KiB; the chip's data say 4 x 128, 4 x 128 at 0x08100000 KiB "
		  "for 1024 KiB of flash" },
		{ &h743, "/0x08000000/6*128Kg", 1, 1024,
		  "08000000 6*131072 conflict: the bootloader names 6 x 128 "
		  "KiB; the chip's data say 4 x 128, 4 x 128 at 0x08100000 KiB "
		  "for 1024 KiB of flash" },
		{ &f405, "/0x08000000/64*16Kg", 1, 1024,
		  "08000000 64*16384 conflict: the bootloader names 64 x 16 "
		  "KiB; the chip's data say 4 x 16, 1 x 64, 7 x 128 KiB for "
		  "1024 "
		  "KiB of flash" },
		{ &f405, "/0x08000000/64*16Kg", 1, 0,
		  "08000000 64*16384 conflict: the bootloader names 64 x 16 "
		  "KiB; the chip's data say 4 x 16, 1 x 64, 7 x 128 KiB" },
		{ &slip, "/0x08000000/512*002Kg", 1, 128,
		  "08000000 512*2048 conflict: the bootloader names 512 x 2 "
		  "KiB; the chip's data say 128 x 1 KiB for 128 KiB of flash" },
		{ &switched_slip, "/0x08000000/128*008Kg", 1, 1024,
		  "08000000 128*8192 conflict: the bootloader names 128 x 8 "
		  "KiB; DBANK = 1 and 1024 KiB of flash mean 512 x 2 KiB" },
		/* known to be wrong, but not in this way */
		{ &gd32, "/0x08000000/32*004Kg", 1, 128,
		  "08000000 32*4096 conflict: the bootloader names 32 x 4 KiB; "
		  "the chip's data say 128 x 1 KiB for 128 KiB of flash" },
	};
	(void)state;

	CHECK_ALL(examples);
}

static void pages_that_are_always_named_wrong_are_known(void **state)
{
	static const struct example examples[] = {
		{ &gd32, "/0x08000000/512*002Kg", UNTOLD, 128,
		  "08000000 128*1024 note: the bootloader names 512 x 2 KiB, "
		  "as it does on every part; the flash is 128 x 1 KiB" },
		{ &gd32, "/0x08000000/512*002Kg", UNTOLD, 64,
		  "08000000 64*1024 note: the bootloader names 512 x 2 KiB, as "
		  "it does on every part; the flash is 64 x 1 KiB" },
		{ &gd32, "/0x08000000/128*001Kg", UNTOLD, 128,
		  "08000000 128*1024 " },
		{ &l072, "/0x08000000/1536*128g", UNTOLD, 64,
		  "08000000 512*128 note: the bootloader names 1536 x 128 "
		  "bytes, as it does on every part; the flash is 512 x 128 "
		  "bytes" },
		/* fewer than usual are named: they hold */
		{ &l072, "/0x08000000/1024*128g", UNTOLD, 192,
		  "08000000 1024*128 bank 2 08018000 note: the bootloader "
		  "names 128 KiB of flash, the size register says 192: what is "
		  "not named is left alone" },
	};
	(void)state;

	CHECK_ALL(examples);
}

static void a_device_without_flash_is_left_as_it_is(void **state)
{
	struct geometry_facts facts = { .flash_kib = 1024 };
	struct geometry_verdict verdict;
	struct chip_made made;
	struct s0_map *map;
	(void)state;

	chip_make(&made, &f767);
	facts.chip = &made.chip;
	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	assert_int_equal(geometry_apply(&facts, map, &verdict, NULL), S0_OK);
	assert_int_equal(s0_map_area_count(map), 0);
	assert_string_equal(verdict.conflict, "");
	s0_map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_option_bytes_of_an_f767_say_what_its_bootloader_does_not),
		cmocka_unit_test(without_option_bytes_nothing_is_believed),
		cmocka_unit_test(the_size_register_cuts_what_is_named),
		cmocka_unit_test(what_is_not_named_is_left_alone),
		cmocka_unit_test(
			bank_switches_of_other_families_decide_as_well),
		cmocka_unit_test(what_nothing_explains_is_a_conflict),
		cmocka_unit_test(
			sectors_that_neither_size_nor_data_explains_are_a_conflict),
		cmocka_unit_test(pages_that_are_always_named_wrong_are_known),
		cmocka_unit_test(a_device_without_flash_is_left_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
