/* SPDX-License-Identifier: MIT */
/* Memory layouts as devices spell them, and what becomes of a map. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/map.h>

#include "base/text.h"

/* "name kind first count x sector-size can" a line; "+" for chip data. */
static void show_area(struct text *text, const struct s0_area *area)
{
	static const char *const kinds[] = { "flash",  "option", "otp",
					     "eeprom", "ram",	 "rom-ram",
					     "system", "other" };

	text_add(text, "%08x %u x %u %c%c%c %s '%s'%s\n", area->address,
		 area->length / area->sector_size, area->sector_size,
		 area->can & S0_CAN_READ ? 'r' : '-',
		 area->can & S0_CAN_ERASE ? 'e' : '-',
		 area->can & S0_CAN_WRITE ? 'w' : '-', kinds[area->kind],
		 area->name, area->from_device ? "" : " +");
}

static struct text shown(const struct s0_map *map)
{
	struct text text = { 0 };

	for (size_t i = 0; i < s0_map_area_count(map); i++)
		show_area(&text, s0_map_area(map, i));
	return text;
}

static void expect_map(const struct s0_map *map, const char *expected)
{
	struct text text = shown(map);

	assert_string_equal(text_chars(&text), expected);
	text_free(&text);
}

static struct s0_map *new_map(void)
{
	struct s0_map *map;

	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	return map;
}

static void expect_layout(const char *layout, const char *expected)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_map *map = new_map();

	if (s0_map_parse(map, layout, 0, &err) != S0_OK)
		print_message("# %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	expect_map(map, expected);
	s0_map_free(map);
}

struct layout {
	const char *device, *layout, *map;
};

static void expect_layouts(const struct layout *layouts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		print_message("# %s: %s\n", layouts[i].device,
			      layouts[i].layout);
		expect_layout(layouts[i].layout, layouts[i].map);
	}
}

static void flash_layouts_of_real_devices_are_understood(void **state)
{
	static const struct layout layouts[] = {
		{ "H743", "@Internal Flash   /0x08000000/16*128Kg",
		  "08000000 16 x 131072 rew flash 'Internal Flash'\n" },
		{ "H723", "@Internal Flash   /0x08000000/8*128Kg",
		  "08000000 8 x 131072 rew flash 'Internal Flash'\n" },
		{ "F405",
		  "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
		  "08000000 4 x 16384 rew flash 'Internal Flash'\n"
		  "08010000 1 x 65536 rew flash 'Internal Flash'\n"
		  "08020000 7 x 131072 rew flash 'Internal Flash'\n" },
		{ "F429",
		  "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,"
		  "04*016Kg,01*064Kg,07*128Kg",
		  "08000000 4 x 16384 rew flash 'Internal Flash'\n"
		  "08010000 1 x 65536 rew flash 'Internal Flash'\n"
		  "08020000 7 x 131072 rew flash 'Internal Flash'\n"
		  "08100000 4 x 16384 rew flash 'Internal Flash'\n"
		  "08110000 1 x 65536 rew flash 'Internal Flash'\n"
		  "08120000 7 x 131072 rew flash 'Internal Flash'\n" },
		{ "F722",
		  "@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg",
		  "08000000 4 x 16384 rew flash 'Internal Flash'\n"
		  "08010000 1 x 65536 rew flash 'Internal Flash'\n"
		  "08020000 3 x 131072 rew flash 'Internal Flash'\n" },
		{ "F745",
		  "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg",
		  "08000000 4 x 32768 rew flash 'Internal Flash'\n"
		  "08020000 1 x 131072 rew flash 'Internal Flash'\n"
		  "08040000 3 x 262144 rew flash 'Internal Flash'\n" },
		{ "F303xC", "@Internal Flash  /0x08000000/128*0002Kg",
		  "08000000 128 x 2048 rew flash 'Internal Flash'\n" },
		{ "F042", "@Internal Flash  /0x08000000/032*0001Kg",
		  "08000000 32 x 1024 rew flash 'Internal Flash'\n" },
		{ "L4", "@Internal Flash  /0x08000000/0256*0002Kg",
		  "08000000 256 x 2048 rew flash 'Internal Flash'\n" },
		{ "L152", "@Internal Flash  /0x08000000/1024*256 g",
		  "08000000 1024 x 256 rew flash 'Internal Flash'\n" },
		{ "L07x", "@Internal Flash  /0x08000000/1536*128g",
		  "08000000 1536 x 128 rew flash 'Internal Flash'\n" },
		{ "G474", "@Internal Flash   /0x08000000/256*02Kg",
		  "08000000 256 x 2048 rew flash 'Internal Flash'\n" },
		{ "U5, H563, H7A3", "@Internal Flash   /0x08000000/256*08Kg",
		  "08000000 256 x 8192 rew flash 'Internal Flash'\n" },
		{ "AT32F435", "@Internal Flash   /0x08000000/08*04Ka,1000*04Kg",
		  "08000000 8 x 4096 r-- flash 'Internal Flash'\n"
		  "08008000 1000 x 4096 rew flash 'Internal Flash'\n" },
		{ "SPRacing H750",
		  "@External Flash /0x90000000/1001*128Kg,3*128Kg,20*128Ka",
		  "90000000 1001 x 131072 rew flash 'External Flash'\n"
		  "97d20000 3 x 131072 rew flash 'External Flash'\n"
		  "97d80000 20 x 131072 r-- flash 'External Flash'\n" },
		{ "Daisy",
		  "@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/"
		  "60*64Kg",
		  "90000000 64 x 4096 rew flash 'Flash'\n"
		  "90040000 60 x 65536 rew flash 'Flash'\n"
		  "90400000 60 x 65536 rew flash 'Flash'\n" },
	};
	(void)state;

	expect_layouts(layouts, sizeof layouts / sizeof layouts[0]);
}

static void other_layouts_of_real_devices_are_understood(void **state)
{
	static const struct layout layouts[] = {
		{ "H743", "@Option Bytes   /0x5200201C/01*128 e",
		  "5200201c 1 x 128 r-w option 'Option Bytes'\n" },
		{ "F405", "@Option Bytes  /0x1FFFC000/01*016 e",
		  "1fffc000 1 x 16 r-w option 'Option Bytes'\n" },
		{ "F405", "@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
		  "1fff7800 1 x 512 r-w otp 'OTP Memory'\n"
		  "1fff7a00 1 x 16 r-w otp 'OTP Memory'\n" },
		{ "F405", "@Device Feature/0xFFFF0000/01*004 e",
		  "ffff0000 1 x 4 r-w other 'Device Feature'\n" },
		{ "F427",
		  "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e",
		  "1ffec000 1 x 16 r-w option 'Option Bytes'\n"
		  "1fffc000 1 x 16 r-w option 'Option Bytes'\n" },
		{ "F722, no unit", "@OTP Memory /0x1FF07800/01*528e",
		  "1ff07800 1 x 528 r-w otp 'OTP Memory'\n" },
		{ "G474, two groups",
		  "@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e",
		  "1fff7800 1 x 48 r-w option 'Option Bytes'\n"
		  "1ffff800 1 x 48 r-w option 'Option Bytes'\n" },
		{ "G474, four digits", "@OTP Memory   /0x1FFF7000/01*1024 e",
		  "1fff7000 1 x 1024 r-w otp 'OTP Memory'\n" },
		{ "G431, B", "@Option Bytes   /0x1FFF7800/01*40Be",
		  "1fff7800 1 x 40 r-w option 'Option Bytes'\n" },
		{ "L4", "@OTP Memory   /0x1FFF7000/01*0001Ke",
		  "1fff7000 1 x 1024 r-w otp 'OTP Memory'\n" },
		{ "L152", "@DATA Memory /0x08080000/02*004Ke",
		  "08080000 2 x 4096 r-w eeprom 'DATA Memory'\n" },
		{ "L07x", "@DATA Memory /0x08080000/2*3Ke",
		  "08080000 2 x 3072 r-w eeprom 'DATA Memory'\n" },
		{ "L4R9, two groups",
		  "@Option Bytes  /0x1FF00000/01*040 e/0x1FF01000/01*040 e",
		  "1ff00000 1 x 40 r-w option 'Option Bytes'\n"
		  "1ff01000 1 x 40 r-w option 'Option Bytes'\n" },
		{ "U083", "@OB Bytes          /0x40022020/01*136 e",
		  "40022020 1 x 136 r-w option 'OB Bytes'\n" },
		{ "U083, a dot", "@ENGI Bytes        /0x1FFF6C00/01*1024.e",
		  "1fff6c00 1 x 1024 r-w other 'ENGI Bytes'\n" },
		{ "F107", "@Option Bytes  /0x1FFFF800/01*016 g",
		  "1ffff800 1 x 16 rew option 'Option Bytes'\n" },
		{ "H7A3", "@Option Bytes   /0x5200201C/01*297 e",
		  "5200201c 1 x 297 r-w option 'Option Bytes'\n" },
		{ "GD32VF103", "@Option Bytes  /0x1FFFF800/01*016Be",
		  "1ffff800 1 x 16 r-w option 'Option Bytes'\n" },
		{ "STM32MP1", "@virtual/0xf1/1*512Be",
		  "000000f1 1 x 512 r-w other 'virtual'\n" },
	};
	(void)state;

	expect_layouts(layouts, sizeof layouts / sizeof layouts[0]);
}

static void every_type_letter_means_its_three_bits(void **state)
{
	static const char *const can[] = { "r--", "-e-", "re-", "--w",
					   "r-w", "-ew", "rew" };
	(void)state;

	for (size_t i = 0; i < 7; i++) {
		char layout[32], expected[64];

		(void)snprintf(layout, sizeof layout, "@X/0x100/1*1M%c",
			       (char)('a' + (int)i));
		(void)snprintf(expected, sizeof expected,
			       "00000100 1 x 1048576 %s other 'X'\n", can[i]);
		expect_layout(layout, expected);
	}
}

static void blanks_do_not_matter_where_devices_send_them(void **state)
{
	(void)state;
	expect_layout("@   Internal  Flash    / 0x08000000 / 2*16K g, 1*64Bg",
		      "08000000 2 x 16384 rew flash 'Internal  Flash'\n"
		      "08008000 1 x 64 rew flash 'Internal  Flash'\n");
	expect_layout("@/0X08000000/1*1Kg  ",
		      "08000000 1 x 1024 rew other ''\n");
}

static void memory_may_end_at_the_top_of_the_address_space(void **state)
{
	(void)state;
	expect_layout("@Top/0xFFFF0000/64*1Kg",
		      "ffff0000 64 x 1024 rew other 'Top'\n");
}

struct broken {
	const char *layout;
	unsigned column;
	const char *expected;
};

static void a_broken_layout_says_where_it_breaks(void **state)
{
	static const struct broken cases[] = {
		{ "", 1, "'@'" },
		{ "DFU in FS Mode", 1, "'@'" },
		{ "@Internal Flash", 16, "'/' and an address" },
		{ "@Flash /08000000/4*16Kg", 9, "an address, 0x…" },
		{ "@Flash /0x/4*16Kg", 11, "a hexadecimal digit" },
		{ "@Flash /0x108000000/4*16Kg", 19, "an address of 32 bits" },
		{ "@Flash /0x08000000", 19, "'/' and sectors" },
		{ "@Flash /0x08000000,4*16Kg", 19, "'/' and sectors" },
		{ "@Flash /0x08000000/", 20, "a number of sectors" },
		{ "@Flash /0x08000000/4x16Kg", 21, "'*'" },
		{ "@Flash /0x08000000/4", 21, "'*'" },
		{ "@Flash /0x08000000/4*Kg", 22, "a sector size" },
		{ "@Flash /0x08000000/4*16Kz", 25, "a type letter, a to g" },
		{ "@Flash /0x08000000/4*16K", 25, "a type letter, a to g" },
		{ "@Flash /0x08000000/4*16Gg", 24, "a type letter, a to g" },
		{ "@Flash /0x08000000/4*16Kh", 25, "a type letter, a to g" },
		{ "@Flash /0x08000000/4*16Kg,", 27, "a number of sectors" },
		{ "@Flash /0x08000000/4*16Kg;1*1Kg", 26,
		  "',', '/' or the end" },
		{ "@Flash /0x08000000/4*16Kgg", 26, "',', '/' or the end" },
		{ "@Flash /0x08000000/4*16Kg/", 27, "an address, 0x…" },
		{ "@Flash /0x08000000/99999999999*1Kg", 29,
		  "a smaller number" },
		{ "@Flash /0x08000000/0*16Kg", 26,
		  "sectors that fit 32 bits of address" },
		{ "@Flash /0x08000000/4*0Kg", 25,
		  "sectors that fit 32 bits of address" },
		{ "@Flash /0xFFFF0000/65*1Kg", 26,
		  "sectors that fit 32 bits of address" },
		{ "@Flash /0xFFFF0000/64*1Kg,1*1Kg", 32,
		  "sectors that fit 32 bits of address" },
		{ "@Flash /0x00000000/4096*1Mg", 28,
		  "sectors that fit 32 bits of address" },
		{ "@Flash /0x00000000/4294967295*4294967295Mg", 43,
		  "sectors that fit 32 bits of address" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_map *map = new_map();
		char expected[320];

		(void)snprintf(expected, sizeof expected,
			       "memory layout '%s' is malformed at column %u: "
			       "expected %s",
			       cases[i].layout, cases[i].column,
			       cases[i].expected);
		assert_int_equal(s0_map_parse(map, cases[i].layout, 0, &err),
				 S0_E_FORMAT);
		assert_string_equal(err.message, expected);
		expect_map(map, "");
		s0_map_free(map);
	}
}

static void an_absurdly_long_layout_is_refused_in_a_message_that_fits(
	void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_map *map = new_map();
	char layout[2000];
	(void)state;

	memset(layout, 'x', sizeof layout);
	layout[0] = '@';
	layout[sizeof layout - 1] = '\0';
	assert_int_equal(s0_map_parse(map, layout, 0, &err), S0_E_FORMAT);
	assert_true(strlen(err.message) < sizeof err.message);
	assert_non_null(strstr(err.message, "expected '/' and an address"));
	s0_map_free(map);
}

static void memories_that_overlap_are_refused_as_a_whole(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_map *map = new_map();
	(void)state;

	assert_int_equal(s0_map_parse(map, "@Boot /0x08004000/1*16Kg", 0, NULL),
			 S0_OK);
	assert_int_equal(s0_map_parse(map,
				      "@Internal Flash /0x08000000/1*16Kg,"
				      "1*1Kg",
				      1, &err),
			 S0_E_OVERLAP);
	assert_string_equal(err.message,
			    "memory layout '@Internal Flash /0x08000000/1*16Kg,"
			    "1*1Kg' overlaps 'Boot' at 0x08004000");
	assert_int_equal(err.address, 0x08004000);
	assert_int_equal(err.length, 1024);
	expect_map(map, "08004000 1 x 16384 rew other 'Boot'\n");
	s0_map_free(map);
}

static void a_layout_that_overlaps_itself_is_refused(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_map *map = new_map();
	(void)state;

	assert_int_equal(
		s0_map_parse(map, "@F /0x1000/2*4Kg/0x2fff/1*1 g", 0, &err),
		S0_E_OVERLAP);
	assert_string_equal(err.message,
			    "memory layout '@F /0x1000/2*4Kg/0x2fff/1*1 g' "
			    "overlaps 'F' at 0x00001000");
	expect_map(map, "");
	s0_map_free(map);
}

static void alternate_settings_with_the_same_name_count_once(void **state)
{
	const char *layout = "@Internal Flash   /0x08000000/64*02Kg";
	struct s0_map *map = new_map();
	(void)state;

	/* STM32G0B1: three of them */
	assert_int_equal(s0_map_parse(map, layout, 0, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map, layout, 1, NULL), S0_E_OVERLAP);
	assert_int_equal(s0_map_parse(map, layout, 2, NULL), S0_E_OVERLAP);
	expect_map(map, "08000000 64 x 2048 rew flash 'Internal Flash'\n");
	assert_int_equal(s0_map_area(map, 0)->alt, 0);
	s0_map_free(map);
}

static void areas_are_sorted_by_address_whatever_the_order(void **state)
{
	struct s0_map *map = new_map();
	(void)state;

	assert_int_equal(s0_map_parse(map, "@C /0x3000/1*1Kg", 7, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map, "@A /0x1000/1*1Kg", 8, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map, "@B /0x2000/1*1Kg", 9, NULL), S0_OK);
	expect_map(map, "00001000 1 x 1024 rew other 'A'\n"
			"00002000 1 x 1024 rew other 'B'\n"
			"00003000 1 x 1024 rew other 'C'\n");
	assert_int_equal(s0_map_area(map, 0)->alt, 8);
	assert_null(s0_map_area(map, 3));
	s0_map_free(map);
}

static void an_added_area_goes_around_what_is_known(void **state)
{
	struct s0_area ram = { .name = "RAM",
			       .kind = S0_AREA_RAM,
			       .address = 0x1000,
			       .length = 0x3000,
			       .sector_size = 0x3000,
			       .can = S0_CAN_READ | S0_CAN_WRITE };
	struct s0_map *map = new_map();
	(void)state;

	assert_int_equal(s0_map_parse(map, "@A /0x0c00/2*1Kg", 0, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map, "@B /0x2000/1*2Kg", 0, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map, "@C /0x3c00/2*1Kg", 0, NULL), S0_OK);
	assert_int_equal(s0_map_add(map, &ram, NULL), S0_OK);
	expect_map(map, "00000c00 2 x 1024 rew other 'A'\n"
			"00001400 1 x 3072 r-w ram 'RAM' +\n"
			"00002000 1 x 2048 rew other 'B'\n"
			"00002800 1 x 5120 r-w ram 'RAM' +\n"
			"00003c00 2 x 1024 rew other 'C'\n");
	/* Again, and nothing changes. */
	assert_int_equal(s0_map_add(map, &ram, NULL), S0_OK);
	assert_int_equal(s0_map_area_count(map), 5);
	s0_map_free(map);
}

static void an_area_that_cannot_be_is_the_callers_mistake(void **state)
{
	static const struct s0_area areas[] = {
		{ .name = "X", .address = 0, .length = 0, .sector_size = 16 },
		{ .name = "X", .address = 0, .length = 16, .sector_size = 0 },
		{ .name = "X", .address = 0, .length = 40, .sector_size = 16 },
		{ .name = "X",
		  .address = 0xfffffff0,
		  .length = 32,
		  .sector_size = 16 },
	};
	struct s0_error err = S0_ERROR_INIT;
	struct s0_map *map = new_map();
	(void)state;

	for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++)
		assert_int_equal(s0_map_add(map, &areas[i], NULL), S0_E_BUG);
	assert_int_equal(s0_map_add(map, &areas[2], &err), S0_E_BUG);
	assert_string_equal(err.message,
			    "memory 'X' of 40 bytes at 0x00000000 in sectors "
			    "of 16 bytes cannot be");
	expect_map(map, "");
	s0_map_free(map);
}

static void every_address_has_its_sector(void **state)
{
	struct s0_map *map = new_map();
	uint32_t address = 1, length = 1;
	(void)state;

	assert_int_equal(
		s0_map_parse(map,
			     "@Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg/"
			     "0xFFFFFC00/1*1Kg",
			     0, NULL),
		S0_OK);
	assert_false(s0_map_sector(map, 0x07ffffff, &address, &length));
	assert_int_equal(address, 1);
	assert_true(s0_map_sector(map, 0x08000000, &address, &length));
	assert_int_equal(address, 0x08000000);
	assert_int_equal(length, 0x4000);
	assert_true(s0_map_sector(map, 0x0800ffff, &address, &length));
	assert_int_equal(address, 0x0800c000);
	assert_true(s0_map_sector(map, 0x08010000, &address, &length));
	assert_int_equal(address, 0x08010000);
	assert_int_equal(length, 0x10000);
	assert_true(s0_map_sector(map, 0x080fffff, &address, &length));
	assert_int_equal(address, 0x080e0000);
	assert_false(s0_map_sector(map, 0x08100000, &address, &length));
	assert_true(s0_map_sector(map, 0xffffffff, &address, &length));
	assert_int_equal(address, 0xfffffc00);
	assert_int_equal(length, 1024);
	s0_map_free(map);
}

static void flash_is_summed_up_and_its_start_found(void **state)
{
	struct s0_map *map = new_map();
	uint32_t start = 5;
	(void)state;

	assert_false(s0_map_flash_start(map, &start));
	assert_int_equal(s0_map_flash_size(map), 0);
	assert_int_equal(s0_map_parse(map, "@Option /0x1000/1*1Kg", 0, NULL),
			 S0_OK);
	assert_false(s0_map_flash_start(map, &start));
	assert_int_equal(start, 5);
	assert_int_equal(
		s0_map_parse(map, "@Flash /0x3000/1*1Kg/0x2000/2*1Ka", 0, NULL),
		S0_OK);
	assert_true(s0_map_flash_start(map, &start));
	assert_int_equal(start, 0x2000);
	assert_int_equal(s0_map_flash_size(map), 3072);
	assert_null(s0_map_find(map, 0x2800));
	s0_map_free(map);
	s0_map_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flash_layouts_of_real_devices_are_understood),
		cmocka_unit_test(other_layouts_of_real_devices_are_understood),
		cmocka_unit_test(every_type_letter_means_its_three_bits),
		cmocka_unit_test(blanks_do_not_matter_where_devices_send_them),
		cmocka_unit_test(
			memory_may_end_at_the_top_of_the_address_space),
		cmocka_unit_test(a_broken_layout_says_where_it_breaks),
		cmocka_unit_test(
			an_absurdly_long_layout_is_refused_in_a_message_that_fits),
		cmocka_unit_test(memories_that_overlap_are_refused_as_a_whole),
		cmocka_unit_test(a_layout_that_overlaps_itself_is_refused),
		cmocka_unit_test(
			alternate_settings_with_the_same_name_count_once),
		cmocka_unit_test(
			areas_are_sorted_by_address_whatever_the_order),
		cmocka_unit_test(an_added_area_goes_around_what_is_known),
		cmocka_unit_test(an_area_that_cannot_be_is_the_callers_mistake),
		cmocka_unit_test(every_address_has_its_sector),
		cmocka_unit_test(flash_is_summed_up_and_its_start_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
