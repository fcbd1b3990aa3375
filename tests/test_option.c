/* SPDX-License-Identifier: MIT */
/* Option bytes as values: fields of a window, text to value and back. */
#include <string.h>

#include <sector0/chip.h>
#include <sector0/option.h>

#include "base/bytes.h"
#include "option_factory.h"
#include "test.h"

static const struct s0_option_field *field(const char *name)
{
	const struct s0_option_field *found = s0_option_find(h743(), name);

	assert_non_null(found);
	return found;
}

static void a_field_is_found_by_any_of_its_names(void **state)
{
	(void)state;
	assert_string_equal(s0_option_find(h743(), "rdp")->name, "RDP");
	assert_string_equal(s0_option_find(h743(), "SWAP_BANK")->name,
			    "SWAP_BANK_OPT");
	assert_string_equal(s0_option_find(h743(), "wrp2")->name, "WRPSn2");
	assert_string_equal(s0_option_find(f405(), "WRP")->name, "nWRP");
	assert_null(s0_option_find(h743(), "nWRP"));
	assert_null(s0_option_find(h743(), "RDPX"));
	assert_null(s0_option_find(h743(), "RD"));
	assert_null(s0_option_find(f405(), ""));
}

static void fields_are_found_by_what_they_do(void **state)
{
	const struct s0_option_field *dog;
	(void)state;

	assert_string_equal(
		s0_option_at(h743(), S0_OPTION_PCROP, S0_OPTION_AREA_END, 2)
			->name,
		"PROT_AREA_END2");
	assert_null(
		s0_option_at(f405(), S0_OPTION_PCROP, S0_OPTION_AREA_END, 1));
	dog = s0_option_with(f405(), S0_OPTION_WATCHDOG, NULL);
	assert_string_equal(dog->name, "WDG_SW");
	assert_null(s0_option_with(f405(), S0_OPTION_WATCHDOG, dog));
	dog = s0_option_with(h743(), S0_OPTION_ERASED_TOO, NULL);
	assert_string_equal(dog->name, "DMEP1");
	assert_string_equal(
		s0_option_with(h743(), S0_OPTION_ERASED_TOO, dog)->name,
		"DMES1");
	assert_null(s0_option_with(f405(), S0_OPTION_SWAP_BANKS, NULL));
}

static void a_short_window_has_not_every_field(void **state)
{
	uint8_t window[308];
	uint32_t value = 7;
	(void)state;

	factory(window);
	assert_false(
		s0_option_get(field("BOOT_ADD1"), window, 0x27, false, &value));
	assert_int_equal(value, 7);
	assert_false(
		s0_option_get(field("BOOT_ADD1"), window, 0x28, true, &value));
	assert_false(s0_option_put(field("BOOT_ADD1"), window, 0x2b, 0));
	assert_false(s0_option_is_set(&h743()->option_error, window, 3));
}

static void a_field_is_put_among_the_others_of_its_word(void **state)
{
	uint8_t window[308];
	(void)state;

	factory(window);
	assert_true(s0_option_put(field("RDP"), window, 308, 0xfbb));
	assert_int_equal(get_le32(window + 4), 0x1bc6bbf0);
	assert_int_equal(get_le32(window), 0x1bc6aaf0);
	assert_true(s0_option_put(field("SWAP_BANK_OPT"), window, 308, 1));
	assert_int_equal(get_le32(window + 4), 0x9bc6bbf0);
	assert_true(s0_option_put(field("BOOT_ADD1"), window, 308, 0x0810));
	assert_int_equal(get_le32(window + 0x28), 0x08100800);
}

static void a_refused_change_is_seen(void **state)
{
	uint8_t window[308];
	(void)state;

	factory(window);
	assert_false(s0_option_is_set(&h743()->option_error, window, 308));
	assert_false(s0_option_is_set(&f405()->option_error, window, 308));
	window[3] |= 0x40;
	assert_true(s0_option_is_set(&h743()->option_error, window, 308));
	assert_false(s0_option_is_set(&h743()->option_busy, window, 308));
}

struct row {
	const char *assignment;
	uint32_t value;
	const char *text, *meaning; /* of the value again; NULL: not asked */
};

static void understood(const struct s0_chip *chip, const uint8_t *window,
		       const struct row *rows, size_t count)
{
	size_t length = chip->option_length;

	for (size_t i = 0; i < count; i++) {
		struct s0_option_change change = { 0 };
		struct s0_error err = S0_ERROR_INIT;
		char text[S0_OPTION_TEXT], meaning[S0_OPTION_MEANING];
		uint32_t again = ~rows[i].value;

		if (s0_option_parse(chip, window, length, rows[i].assignment,
				    &change, &err) != S0_OK)
			fail_msg("%s: %s", rows[i].assignment, err.message);
		if (change.value != rows[i].value)
			fail_msg("%s is 0x%x", rows[i].assignment,
				 change.value);
		s0_option_print(chip, window, length, change.field,
				change.value, text, meaning);
		if (rows[i].text)
			assert_string_equal(text, rows[i].text);
		if (rows[i].meaning)
			assert_string_equal(meaning, rows[i].meaning);
		/* What is printed is understood. */
		assert_int_equal(s0_option_parse_value(chip, window, length,
						       change.field, text,
						       &again, NULL),
				 S0_OK);
		assert_int_equal(again, change.value);
	}
}

#define UNDERSTOOD(chip, window, rows)                                         \
	understood(chip, window, rows, sizeof(rows) / sizeof(rows)[0])

static void values_are_numbers_or_words(void **state)
{
	static const struct row rows[] = {
		{ "RDP=0", 0xaa, "0", "level 0: memory is not protected" },
		{ "rdp=0xaa", 0xaa, "0", NULL },
		{ "RDP=1", 0xbb, "1",
		  "level 1: the bootloader cannot read or change memory" },
		{ "RDP=0XBB", 0xbb, "1", NULL },
		{ "RDP=2", 0xcc, "2",
		  "level 2: no bootloader, no debugging, for ever" },
		{ "RDP=0xCC", 0xcc, "2", NULL },
		{ "BOR_LEV=3", 3, "3", "level 3, 2.7 V" },
		{ "BOR_LEV=0x2", 2, "2", "level 2, 2.4 V" },
		{ "IWDG1_SW=hardware", 0, "hardware",
		  "the watchdog starts by itself at reset" },
		{ "IWDG1_SW=1", 1, "software",
		  "the watchdog runs when firmware starts it" },
		{ "SWAP_BANK=ON", 1, "on", "bank 2 comes first" },
		{ "SWAP_BANK_OPT=off", 0, "off", "bank 1 comes first" },
		{ "IO_HSLV=on", 1, "on",
		  "only for a supply below 2.7 V, damages pins above" },
		{ "NRST_STOP_D1=reset", 0, "reset", NULL },
		{ "DMEP1=erase", 1, "erase", NULL },
	};
	(void)state;

	UNDERSTOOD(h743(), NULL, rows);
}

static void sectors_are_a_list(void **state)
{
	static const struct row rows[] = {
		{ "WRP1=none", 0xff, "none", "no sector is write-protected" },
		{ "WRP1=all", 0x00, "all",
		  "8 of 8 sectors cannot be erased or written" },
		{ "WRP1=0-3", 0xf0, "0-3",
		  "4 of 8 sectors cannot be erased or written" },
		{ "WRPSn2=7", 0x7f, "7", NULL },
		{ "WRPSn2=5,0-3", 0xd0, "0-3,5", NULL },
		{ "WRPSn2=0,1,2,4-4", 0xe8, "0-2,4", NULL },
		{ "WRPSn2=0x7,0", 0x7e, "0,7", NULL },
		{ "WRPSn2=0-7", 0x00, "all", NULL },
	};
	static const struct row f4[] = {
		{ "WRP=11", 0x7ff, "11",
		  "1 of 12 sectors cannot be erased or written" },
		{ "nWRP=0,2,4,6,8,10", 0xaaa, "0,2,4,6,8,10", NULL },
		{ "BOR_LEV=0", 0, "0", "level 3, 2.7 V" },
	};
	(void)state;

	UNDERSTOOD(h743(), NULL, rows);
	UNDERSTOOD(f405(), NULL, f4);
}

static void addresses_are_whole_or_in_units(void **state)
{
	static const struct row rows[] = {
		{ "BOOT_ADD0=0x0800", 0x800, "0x0800", "0x08000000, flash" },
		{ "BOOT_ADD0=0x08000000", 0x800, "0x0800", NULL },
		{ "BOOT_ADD1=0x1FF00000", 0x1ff0, "0x1ff0",
		  "0x1ff00000, System memory" },
		{ "BOOT_ADD0=0x2400", 0x2400, "0x2400",
		  "0x24000000, AXI SRAM" },
		{ "BOOT_ADD0=0x0820", 0x820, "0x0820",
		  "0x08200000, where nothing is known to be" },
		{ "BOOT_ADD0=0", 0, "0x0000", "0x00000000, ITCM RAM" },
		{ "PROT_AREA_START1=0x10", 0x10, "0x010", "from 0x08001000" },
		{ "PROT_AREA_START1=0x08001000", 0x10, "0x010", NULL },
		{ "PROT_AREA_END1=0x080020ff", 0x20, "0x020", "to 0x080020ff" },
		{ "SEC_AREA_START2=0x08100000", 0, "0x000", "from 0x08100000" },
		{ "SEC_AREA_END2=0x081fffff", 0xfff, "0xfff", "to 0x081fffff" },
	};
	(void)state;

	UNDERSTOOD(h743(), NULL, rows);
}

static void addresses_are_as_the_chip_maps_its_banks_now(void **state)
{
	static const struct row rows[] = {
		{ "PROT_AREA_START1=0x08001000", 0x10, "0x010", NULL },
		{ "SEC_AREA_END2=0x081fffff", 0xfff, "0xfff", NULL },
	};
	uint8_t window[308];
	uint32_t address, length;
	(void)state;

	factory(window);
	assert_false(s0_option_swapped(h743(), window, 308));
	assert_false(s0_option_swapped(f405(), window, 16));
	/* To be swapped is not yet swapped. */
	window[7] |= 0x80;
	assert_false(s0_option_swapped(h743(), window, 308));
	window[3] |= 0x80;
	assert_true(s0_option_swapped(h743(), window, 308));
	/* The registers are swapped along (RM0399): the second are of what is
	 * at 0x08100000, whichever bank that is. */
	UNDERSTOOD(h743(), window, rows);
	put_le32(window + 0x10c, 0x00200010);
	assert_true(s0_option_area(h743(), NULL, window, 308, false,
				   S0_OPTION_PCROP, 2, &address, &length));
	assert_int_equal(address, 0x08101000);
	assert_int_equal(length, 0x1100);
	assert_false(s0_option_area(h743(), NULL, window, 308, true,
				    S0_OPTION_PCROP, 2, &address, &length));
}

static void an_area_is_there_where_its_start_is_not_behind_its_end(void **state)
{
	uint8_t window[308];
	uint32_t address, length;
	char text[S0_OPTION_TEXT], meaning[S0_OPTION_MEANING];
	(void)state;

	factory(window);
	assert_false(s0_option_area(h743(), NULL, window, 308, false,
				    S0_OPTION_SECURE_AREA, 1, &address,
				    &length));
	s0_option_print(h743(), window, 308, field("SEC_AREA_START1"), 0xff,
			text, meaning);
	assert_string_equal(text, "0x0ff");
	assert_string_equal(meaning, "no area: the start lies behind the end");
	/* The value to be goes with the other end to be. */
	put_le32(window + 0x18, 0x00400030);
	s0_option_print(h743(), window, 308, field("SEC_AREA_START1"), 0x30,
			text, meaning);
	assert_string_equal(meaning, "from 0x08003000");
	s0_option_print(h743(), window, 308, field("SEC_AREA_END1"), 0x40, text,
			meaning);
	assert_string_equal(meaning, "to 0x080040ff");
	s0_option_print(h743(), window, 308, field("SEC_AREA_END1"), 0x41, text,
			meaning);
	assert_string_equal(meaning, "no area: the start lies behind the end");
	/* One that stays is shown as it is now. */
	put_le32(window + 0x18, 0x01ff00ff);
	s0_option_print(h743(), window, 308, field("SEC_AREA_START1"), 0xff,
			text, meaning);
	assert_string_equal(meaning, "no area: the start lies behind the end");
	put_le32(window + 0x18, 0x00ff0000);
	s0_option_print(h743(), window, 308, field("SEC_AREA_END1"), 0xff, text,
			meaning);
	assert_string_equal(meaning, "to 0x0800ffff");
	put_le32(window + 0x14, 0x01000100);
	s0_option_print(h743(), window, 308, field("SEC_AREA_END1"), 0x100,
			text, meaning);
	assert_string_equal(meaning,
			    "the whole bank: start and end are the same");
	/* RM0399 4.9.13: start and end alike are the whole bank. */
	put_le32(window + 0x14, 0x00300030);
	assert_true(s0_option_area(h743(), NULL, window, 308, false,
				   S0_OPTION_SECURE_AREA, 1, &address,
				   &length));
	assert_int_equal(address, 0x08000000);
	assert_int_equal(length, 0x100000);
	put_le32(window + 0x14, 0x00310030);
	assert_true(s0_option_area(h743(), NULL, window, 308, false,
				   S0_OPTION_SECURE_AREA, 1, &address,
				   &length));
	assert_int_equal(address, 0x08003000);
	assert_int_equal(length, 0x200);
	assert_false(s0_option_area(f405(), NULL, window, 16, false,
				    S0_OPTION_SECURE_AREA, 1, &address,
				    &length));
}

static void a_level_that_is_there_keeps_its_byte(void **state)
{
	struct s0_option_change change;
	uint8_t window[308];
	(void)state;

	factory(window);
	window[1] = 0x55;
	assert_int_equal(
		s0_option_parse(h743(), window, 308, "RDP=1", &change, NULL),
		S0_OK);
	assert_int_equal(change.value, 0x55);
	assert_int_equal(
		s0_option_parse(h743(), window, 308, "RDP=0xBB", &change, NULL),
		S0_OK);
	assert_int_equal(change.value, 0x55);
	assert_int_equal(
		s0_option_parse(h743(), window, 308, "RDP=0", &change, NULL),
		S0_OK);
	assert_int_equal(change.value, 0xaa);
}

static void what_is_not_understood_says_what_would_be(void **state)
{
	static const struct {
		const char *assignment, *message;
	} rows[] = {
		{ "RDP=3", "'3' is no value of RDP: level 0, 1 or 2 (0xAA, "
			   "0xBB or 0xCC)" },
		{ "RDP=170", "'170' is no value of RDP: level" },
		{ "RDP=0x55", "'0x55' is no value" },
		{ "RDP=00", "'00' is no value" },
		{ "RDP=0xAAA", "'0xAAA' is no value" },
		{ "RDP=off", "'off' is no value" },
		{ "BOR_LEV=4", "'4' is no value of BOR_LEV: 0, 1, 2, 3" },
		{ "BOR_LEV=-1", "'-1' is no value" },
		{ "BOR_LEV=1x", "'1x' is no value" },
		{ "BOR_LEV=4294967296", "'4294967296' is no value" },
		{ "SWAP_BANK=2",
		  "'2' is no value of SWAP_BANK_OPT: off (0), on (1)" },
		{ "SWAP_BANK=yes", "'yes' is no value of SWAP_BANK_OPT" },
		{ "WRP1=8", "'8' is no value of WRPSn1: none, all, or sectors "
			    "of 0 to 7 as in 0-3,5" },
		{ "WRP1=3-0", "'3-0' is no value" },
		{ "WRP1=0-", "'0-' is no value" },
		{ "WRP1=0,", "'0,' is no value" },
		{ "WRP1=,0", "',0' is no value" },
		{ "WRP1=0-3-5", "'0-3-5' is no value" },
		{ "WRP1=0-8", "'0-8' is no value" },
		{ "WRP1=0 1", "'0 1' is no value" },
		{ "BOOT_ADD0=0x08000001",
		  "'0x08000001' is no value of BOOT_ADD0: an address that is "
		  "a multiple of 0x10000, or its 0x10000-th part" },
		{ "BOOT_ADD0=0x10000000000", "'0x10000000000' is no value" },
		{ "BOOT_ADD0=flash", "'flash' is no value" },
		{ "PROT_AREA_START1=0x1000",
		  "'0x1000' is no value of PROT_AREA_START1: the number of a "
		  "block of 256 bytes up to 0xfff, or the address of its "
		  "first byte (bank 1: 0x08000000 to 0x080fffff)" },
		{ "PROT_AREA_START1=0x08000001", "'0x08000001' is no value" },
		{ "PROT_AREA_START1=0x08100000", "'0x08100000' is no value" },
		{ "PROT_AREA_END1=0x08000100", "'0x08000100' is no value of "
					       "PROT_AREA_END1: the number" },
		{ "PROT_AREA_END2=0x080fffff", "'0x080fffff' is no value" },
		{ "RPD=1", "stm32h743 has no option 'RPD'; there are RDP" },
		{ "XYZ=1", "stm32h743 has no option 'XYZ'" },
		{ "nDBANK=1", "stm32h743 has no option 'nDBANK'; there are "
			      "NRST_STOP_D1" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct s0_option_change change = { NULL, 7 };
		struct s0_error err = S0_ERROR_INIT;

		if (s0_option_parse(h743(), NULL, 0, rows[i].assignment,
				    &change, &err) != S0_E_UNSUPPORTED)
			fail_msg("%s: %s", rows[i].assignment, err.message);
		if (strncmp(err.message, rows[i].message,
			    strlen(rows[i].message)) != 0)
			fail_msg("%s: %s", rows[i].assignment, err.message);
		assert_int_equal(change.value, 7);
	}
}

static void an_assignment_has_a_name_and_a_value(void **state)
{
	static const char *const wrong[] = { "", "RDP", "RDP=", "=1", "=" };
	struct s0_option_change change;
	(void)state;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(s0_option_parse(h743(), NULL, 0, wrong[i],
						 &change, NULL),
				 S0_E_USAGE);
}

static void a_chip_without_known_option_bytes_says_so(void **state)
{
	static const struct s0_chip bare = { .name = "stm32x999" };
	struct s0_option_change change;
	struct s0_error err = S0_ERROR_INIT;
	(void)state;

	assert_int_equal(
		s0_option_parse(&bare, NULL, 0, "RDP=1", &change, &err),
		S0_E_UNSUPPORTED);
	assert_string_equal(err.message,
			    "the option bytes of stm32x999 are not known");
}

/* What is printed is taken again. */
static void check_value(const struct s0_chip *chip,
			const struct s0_option_field *f, uint32_t value)
{
	char text[S0_OPTION_TEXT], meaning[S0_OPTION_MEANING];
	uint32_t again;

	s0_option_print(chip, NULL, 0, f, value, text, meaning);
	assert_int_equal(
		s0_option_parse_value(chip, NULL, 0, f, text, &again, NULL),
		S0_OK);
	assert_true(meaning[0] || f->kind == S0_OPTION_NUMBER);
	if (f->kind == S0_OPTION_RDP)
		assert_int_equal(s0_option_level(again),
				 s0_option_level(value));
	else
		assert_int_equal(again, value);
}

/* Every value of every field; of wide ones some thousand. */
static void every_value_has_a_text_that_is_understood(void **state)
{
	(void)state;

	for (size_t c = 0; c < s0_chip_count(); c++) {
		const struct s0_chip *chip = s0_chip_at(c);

		for (size_t i = 0; i < chip->option_count; i++) {
			const struct s0_option_field *f = &chip->options[i];
			uint64_t end = UINT64_C(1) << f->width;

			for (size_t v = 0; v < f->value_count; v++)
				check_value(chip, f, f->values[v].value);
			for (uint64_t v = 0; !f->value_count && v < end;
			     v += 1 + (end >> 13))
				check_value(chip, f, (uint32_t)v);
		}
	}
}

static void guards_have_names(void **state)
{
	(void)state;
	for (unsigned guard = 1; guard <= S0_ALLOW_PERMANENT; guard <<= 1) {
		const char *name = s0_option_guard_name(guard);

		assert_string_not_equal(name, "?");
		assert_int_equal(s0_option_guard_find(name), guard);
	}
	assert_string_equal(s0_option_guard_name(3), "?");
	assert_int_equal(s0_option_guard_find("?"), 0);
	assert_string_equal(s0_option_group_name(S0_OPTION_GROUPS), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_is_found_by_any_of_its_names),
		cmocka_unit_test(fields_are_found_by_what_they_do),
		cmocka_unit_test(a_short_window_has_not_every_field),
		cmocka_unit_test(a_field_is_put_among_the_others_of_its_word),
		cmocka_unit_test(a_refused_change_is_seen),
		cmocka_unit_test(values_are_numbers_or_words),
		cmocka_unit_test(sectors_are_a_list),
		cmocka_unit_test(addresses_are_whole_or_in_units),
		cmocka_unit_test(addresses_are_as_the_chip_maps_its_banks_now),
		cmocka_unit_test(
			an_area_is_there_where_its_start_is_not_behind_its_end),
		cmocka_unit_test(a_level_that_is_there_keeps_its_byte),
		cmocka_unit_test(what_is_not_understood_says_what_would_be),
		cmocka_unit_test(an_assignment_has_a_name_and_a_value),
		cmocka_unit_test(a_chip_without_known_option_bytes_says_so),
		cmocka_unit_test(every_value_has_a_text_that_is_understood),
		cmocka_unit_test(guards_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
