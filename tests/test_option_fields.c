/* SPDX-License-Identifier: MIT */
/* Where the chips' data has the fields of the option bytes. */
#include <string.h>

#include <sector0/chip.h>
#include <sector0/option.h>

#include "option_factory.h"
#include "test.h"

/* Every field of the fact sheet (2.5), RM0399 table 20: current word, word to
 * program, bits, value of a new chip. */
static void the_fields_of_an_h743_lie_where_the_manual_has_them(void **state)
{
	static const struct {
		const char *name;
		unsigned offset, program, shift, width;
		uint32_t factory;
		const char *group;
	} known[] = {
		{ "RDP", 0, 4, 8, 8, 0xaa, "read protection" },
		{ "BOR_LEV", 0, 4, 2, 2, 0, "brown-out reset" },
		{ "IWDG1_SW", 0, 4, 4, 1, 1, "user configuration" },
		{ "NRST_STOP_D1", 0, 4, 6, 1, 1, "user configuration" },
		{ "NRST_STBY_D1", 0, 4, 7, 1, 1, "user configuration" },
		{ "FZ_IWDG_STOP", 0, 4, 17, 1, 1, "user configuration" },
		{ "FZ_IWDG_SDBY", 0, 4, 18, 1, 1, "user configuration" },
		{ "IO_HSLV", 0, 4, 29, 1, 0, "user configuration" },
		{ "SWAP_BANK_OPT", 0, 4, 31, 1, 0, "user configuration" },
		{ "SECURITY", 0, 4, 21, 1, 0, "secure area" },
		{ "ST_RAM_SIZE", 0, 4, 19, 2, 0, "secure area" },
		{ "PROT_AREA_START1", 0x0c, 0x10, 0, 12, 0xff, "PCROP" },
		{ "PROT_AREA_END1", 0x0c, 0x10, 16, 12, 0, "PCROP" },
		{ "DMEP1", 0x0c, 0x10, 31, 1, 0, "PCROP" },
		{ "SEC_AREA_START1", 0x14, 0x18, 0, 12, 0xff, "secure area" },
		{ "SEC_AREA_END1", 0x14, 0x18, 16, 12, 0, "secure area" },
		{ "DMES1", 0x14, 0x18, 31, 1, 0, "secure area" },
		{ "WRPSn1", 0x1c, 0x20, 0, 8, 0xff, "write protection" },
		{ "PROT_AREA_START2", 0x10c, 0x110, 0, 12, 0xff, "PCROP" },
		{ "PROT_AREA_END2", 0x10c, 0x110, 16, 12, 0, "PCROP" },
		{ "DMEP2", 0x10c, 0x110, 31, 1, 0, "PCROP" },
		{ "SEC_AREA_START2", 0x114, 0x118, 0, 12, 0xff, "secure area" },
		{ "SEC_AREA_END2", 0x114, 0x118, 16, 12, 0, "secure area" },
		{ "DMES2", 0x114, 0x118, 31, 1, 0, "secure area" },
		{ "WRPSn2", 0x11c, 0x120, 0, 8, 0xff, "write protection" },
		{ "BOOT_ADD0", 0x24, 0x28, 0, 16, 0x0800, "boot" },
		{ "BOOT_ADD1", 0x24, 0x28, 16, 16, 0x1ff0, "boot" },
		{ "IWDG2_SW", 0, 4, 5, 1, 1, "user configuration" },
		{ "NRST_STOP_D2", 0, 4, 24, 1, 1, "user configuration" },
		{ "NRST_STBY_D2", 0, 4, 25, 1, 1, "user configuration" },
		{ "BOOT_CM4", 0, 4, 22, 1, 1, "boot" },
		{ "BOOT_CM7", 0, 4, 23, 1, 1, "boot" },
		{ "BOOT_CM4_ADD0", 0x2c, 0x30, 0, 16, 0x0810, "boot" },
		{ "BOOT_CM4_ADD1", 0x2c, 0x30, 16, 16, 0x1000, "boot" },
	};
	uint8_t window[308];
	uint32_t value;
	(void)state;

	factory(window);
	assert_int_equal(h743()->option_count, sizeof known / sizeof known[0]);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		const struct s0_option_field *f = &h743()->options[i];

		assert_string_equal(f->name, known[i].name);
		assert_int_equal(f->offset, known[i].offset);
		assert_int_equal(f->program, known[i].program);
		assert_int_equal(f->shift, known[i].shift);
		assert_int_equal(f->width, known[i].width);
		assert_int_equal(f->factory, known[i].factory);
		assert_string_equal(s0_option_group_name(f->group),
				    known[i].group);
		for (int programmed = 0; programmed < 2; programmed++) {
			assert_true(s0_option_get(f, window, 308, programmed,
						  &value));
			assert_int_equal(value, f->factory);
		}
		assert_int_equal(f->only != NULL, i >= 27);
		assert_int_equal(f->guard, i >= 27 ? S0_ALLOW_PART : 0);
	}
	assert_int_equal(h743()->option_error.mask, UINT32_C(1) << 30);
	assert_int_equal(h743()->option_clear.offset, 8);
}

/* RM0090 3.6.1. */
static void the_fields_of_an_f405_lie_where_the_manual_has_them(void **state)
{
	static const struct {
		const char *name;
		unsigned offset, shift, width;
		uint32_t factory;
	} known[] = {
		{ "RDP", 0, 8, 8, 0xaa },     { "BOR_LEV", 0, 2, 2, 3 },
		{ "WDG_SW", 0, 5, 1, 1 },     { "nRST_STOP", 0, 6, 1, 1 },
		{ "nRST_STDBY", 0, 7, 1, 1 }, { "nWRP", 8, 0, 12, 0xfff },
	};
	(void)state;

	assert_int_equal(f405()->option_count, sizeof known / sizeof known[0]);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		const struct s0_option_field *f = &f405()->options[i];

		assert_string_equal(f->name, known[i].name);
		assert_int_equal(f->offset, known[i].offset);
		assert_int_equal(f->program, f->offset);
		assert_int_equal(f->shift, known[i].shift);
		assert_int_equal(f->width, known[i].width);
		assert_int_equal(f->factory, known[i].factory);
	}
	assert_int_equal(f405()->option_error.mask, 0);
}

/* Of zeroes both ends of bank 1's area are its first sector. */
static void secure_areas_count_while_trustzone_is_on(void **state)
{
	static const struct {
		const char *chip;
		uint8_t off, on; /* the highest byte of TZEN's word */
	} cases[] = { { "stm32h563", 0xc3, 0xb4 }, { "stm32u575", 0, 0x80 } };
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		const struct s0_chip *chip = s0_chip_find(cases[i].chip);
		uint8_t window[S0_OPTION_MAX] = { 0 };
		uint8_t *tzen = window + s0_option_find(chip, "TZEN")->offset;
		struct s0_sector_protection sector;
		struct s0_map *map = NULL;

		assert_int_equal(s0_chip_map(chip, &map, NULL), S0_OK);
		for (int on = 0; on < 2; on++) {
			tzen[3] = on ? cases[i].on : cases[i].off;
			assert_true(s0_option_sector(chip, map, window,
						     chip->option_length,
						     0x08000000, &sector));
			assert_int_equal(sector.area == S0_OPTION_SECURE_AREA,
					 on);
		}
		s0_map_free(map);
	}
}

static void a_choice_takes_no_value_without_a_meaning(void **state)
{
	const struct s0_chip *chip = s0_chip_find("stm32h563");
	const struct s0_option_field *state_field =
		s0_option_find(chip, "PRODUCT_STATE");
	uint32_t value;
	(void)state;

	assert_int_equal(s0_option_parse_value(chip, NULL, 0, state_field,
					       "closed", &value, NULL),
			 S0_OK);
	assert_int_equal(value, 0x72);
	assert_int_equal(s0_option_parse_value(chip, NULL, 0, state_field,
					       "0x72", &value, NULL),
			 S0_OK);
	assert_int_equal(s0_option_parse_value(chip, NULL, 0, state_field,
					       "0x73", &value, NULL),
			 S0_E_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_fields_of_an_h743_lie_where_the_manual_has_them),
		cmocka_unit_test(
			the_fields_of_an_f405_lie_where_the_manual_has_them),
		cmocka_unit_test(a_choice_takes_no_value_without_a_meaning),
		cmocka_unit_test(secure_areas_count_while_trustzone_is_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
