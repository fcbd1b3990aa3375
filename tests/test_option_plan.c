/* SPDX-License-Identifier: MIT */
/* What a change of option bytes comes to, without a device. */
#include "test.h"

#include <string.h>

#include <sector0/sector0.h>

#include "plan/options.h"

#define ANY ~0u

/* A window as read, of a new chip with some fields changed. */
static void window_of(const struct s0_chip *chip, const char *const *fields,
		      uint8_t *window)
{
	memset(window, 0, S0_OPTION_MAX);
	for (size_t i = 0; i < chip->option_count; i++)
		(void)s0_option_put(&chip->options[i], window,
				    chip->option_length,
				    chip->options[i].factory);
	for (; *fields; fields++) {
		struct s0_option_change change;

		assert_int_equal(
			s0_option_parse(chip, NULL, 0, *fields, &change, NULL),
			S0_OK);
		(void)s0_option_put(change.field, window, chip->option_length,
				    change.value);
	}
	/* In force. */
	for (size_t i = 0; i < chip->option_word_count; i++)
		memcpy(window + chip->option_words[i].offset,
		       window + chip->option_words[i].program, 4);
}

static s0_code plan(const char *const *before, const char *const *wanted,
		    struct s0_option_plan **ret_plan, struct s0_error *err)
{
	const struct s0_chip *chip = s0_chip_find("stm32h743");
	struct s0_option_change changes[8];
	uint8_t window[S0_OPTION_MAX];
	size_t count = 0;

	window_of(chip, before, window);
	for (; wanted[count]; count++)
		assert_int_equal(
			s0_option_parse(chip, window, chip->option_length,
					wanted[count], &changes[count], err),
			S0_OK);
	return s0_option_plan_new(chip, NULL, window, chip->option_length,
				  changes, count, ret_plan, err);
}

struct row {
	const char *before[5], *wanted[4];
	s0_code code;	 /* of making the plan */
	unsigned guards; /* all that it needs leave for */
	size_t steps;
	const char *word; /* in the message, or the first consequence */
};

static const struct row rows[] = {
	{ { NULL }, { "BOR_LEV=2" }, S0_OK, 0, 1, "" },
	{ { "BOR_LEV=2" }, { "BOR_LEV=2" }, S0_OK, 0, 0, NULL },
	{ { NULL }, { "BOR_LEV=2", "BOR_LEV=3" }, S0_E_USAGE, 0, 0, "BOR_LEV" },
	{ { NULL }, { "BOR_LEV=2", "BOR_LEV=2" }, S0_OK, 0, 1, "" },
	{ { NULL }, { "RDP=1" }, S0_OK, 0, 1, "erases all of it" },
	{ { NULL }, { "RDP=2" }, S0_OK, S0_ALLOW_PERMANENT, 1, "for ever" },
	{ { "RDP=1" }, { "RDP=2" }, S0_OK, S0_ALLOW_PERMANENT, 1, "for ever" },
	{ { "RDP=1" }, { "RDP=0" }, S0_OK, S0_ALLOW_ERASE, 1, "erased" },
	{ { "RDP=2" }, { "RDP=0" }, S0_E_PROTECTED, 0, 0, "for ever" },
	{ { "RDP=2" }, { "RDP=1" }, S0_E_PROTECTED, 0, 0, "for ever" },
	{ { "RDP=2" }, { "BOR_LEV=1" }, S0_E_PROTECTED, 0, 0, "level 2" },
	{ { "RDP=2" }, { "SWAP_BANK=on" }, S0_OK, 0, 1, "next reset" },
	{ { "PROT_AREA_START1=8", "PROT_AREA_END1=20" },
	  { "PROT_AREA_END1=30" },
	  S0_OK,
	  S0_ALLOW_PCROP,
	  1,
	  "neither read" },
	{ { "PROT_AREA_START1=8", "PROT_AREA_END1=20" },
	  { "PROT_AREA_START1=9" },
	  S0_E_PROTECTED,
	  0,
	  0,
	  "only grows" },
	{ { "PROT_AREA_START1=8", "PROT_AREA_END1=20", "RDP=1" },
	  { "PROT_AREA_START1=9", "RDP=0" },
	  S0_E_PROTECTED,
	  0,
	  0,
	  "only grows" },
	{ { "PROT_AREA_START1=8", "PROT_AREA_END1=20", "RDP=1" },
	  { "PROT_AREA_START1=0xfff", "DMEP1=erase", "RDP=0" },
	  S0_OK,
	  S0_ALLOW_ERASE,
	  3,
	  "erased" },
	{ { "PROT_AREA_START1=8", "PROT_AREA_END1=20", "DMEP1=erase" },
	  { "DMEP1=keep" },
	  S0_E_PROTECTED,
	  0,
	  0,
	  "regression" },
	/* Without an area too: RM0399 4.4.3. */
	{ { "DMEP1=erase" }, { "DMEP1=keep" }, S0_E_PROTECTED, 0, 0, "alone" },
	{ { "DMES1=erase" }, { "DMES1=keep" }, S0_E_PROTECTED, 0, 0, "alone" },
	{ { "DMES1=erase", "RDP=1" },
	  { "DMES1=keep", "RDP=0" },
	  S0_OK,
	  S0_ALLOW_ERASE,
	  2,
	  "erased" },
	/* What a regression makes, or sets to stay, needs its own leave. */
	{ { "PROT_AREA_START1=8", "PROT_AREA_END1=20", "RDP=1", "DMEP1=erase" },
	  { "RDP=0", "DMEP1=keep" },
	  S0_OK,
	  S0_ALLOW_ERASE | S0_ALLOW_PCROP,
	  2,
	  "erased" },
	{ { "PROT_AREA_START1=8", "PROT_AREA_END1=20", "RDP=1", "DMEP1=erase" },
	  { "RDP=0", "PROT_AREA_END1=0x300" },
	  S0_OK,
	  S0_ALLOW_ERASE | S0_ALLOW_PCROP,
	  2,
	  "erased" },
	/* The end alone: the area begins where the start has been left. */
	{ { NULL },
	  { "PROT_AREA_END1=0x20f" },
	  S0_OK,
	  S0_ALLOW_PCROP,
	  1,
	  "69888 bytes from 0x0800ff00" },
	{ { NULL },
	  { "PROT_AREA_END2=0xff" },
	  S0_OK,
	  S0_ALLOW_PCROP,
	  1,
	  "the whole bank, 1048576 bytes from 0x08100000" },
	{ { "PROT_AREA_START1=0x200", "PROT_AREA_END1=0x20f" },
	  { "PROT_AREA_END1=0x200" },
	  S0_OK,
	  S0_ALLOW_PCROP,
	  1,
	  "the whole bank" },
	{ { NULL },
	  { "SEC_AREA_END1=0xff" },
	  S0_OK,
	  S0_ALLOW_SECURE,
	  1,
	  "the whole bank" },
	{ { "SEC_AREA_START1=8", "SEC_AREA_END1=20" },
	  { "SEC_AREA_END1=0" },
	  S0_OK,
	  0,
	  1,
	  "" },
	/* A start that moves behind the end makes no area. */
	{ { NULL }, { "PROT_AREA_START2=0x300" }, S0_OK, 0, 1, "" },
	{ { "SECURITY=on" }, { "SECURITY=off" }, S0_E_PROTECTED, 0, 0, "off" },
	{ { NULL }, { "SECURITY=on" }, S0_OK, S0_ALLOW_SECURE, 1, "secure" },
	{ { NULL },
	  { "SEC_AREA_START1=0", "SEC_AREA_END1=9" },
	  S0_OK,
	  S0_ALLOW_SECURE,
	  2,
	  "closed" },
	{ { "SECURITY=on" },
	  { "SEC_AREA_START1=0" },
	  S0_E_PROTECTED,
	  0,
	  0,
	  "secure services" },
	{ { NULL }, { "BOOT_ADD0=0x1ff0" }, S0_OK, 0, 1, "" },
	{ { NULL }, { "BOOT_ADD0=0x2400" }, S0_OK, 0, 1, "" },
	{ { NULL },
	  { "BOOT_ADD0=0x9000" },
	  S0_OK,
	  S0_ALLOW_BOOT,
	  1,
	  "nothing" },
	{ { NULL },
	  { "BOOT_ADD1=0x0800" },
	  S0_OK,
	  S0_ALLOW_BOOT,
	  1,
	  "no level" },
	/* The other level of the pin still does. */
	{ { NULL },
	  { "BOOT_ADD0=0x1ff0", "BOOT_ADD1=0x0800" },
	  S0_OK,
	  0,
	  2,
	  "" },
	{ { NULL }, { "IWDG1_SW=0" }, S0_OK, S0_ALLOW_BOOT, 1, "watchdog" },
	{ { "IWDG1_SW=0" }, { "IWDG1_SW=1" }, S0_OK, 0, 1, "" },
	{ { NULL }, { "IO_HSLV=1" }, S0_OK, S0_ALLOW_LOW_VOLTAGE, 1, "pins" },
	{ { "IO_HSLV=1" }, { "IO_HSLV=0" }, S0_OK, 0, 1, "" },
	{ { NULL },
	  { "BOOT_CM7=off" },
	  S0_OK,
	  S0_ALLOW_BOOT | S0_ALLOW_PART,
	  1,
	  "only dual-core" },
};

static unsigned all_guards(const struct s0_option_plan *p)
{
	const struct s0_option_step *step;
	unsigned guards = 0;

	for (size_t i = 0; (step = s0_option_plan_step(p, i)); i++)
		guards |= step->guards;
	return guards;
}

static void what_follows_from_a_change_is_told_or_it_is_refused(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct s0_error err = S0_ERROR_INIT;
		struct s0_option_plan *p = NULL;
		s0_code code = plan(row->before, row->wanted, &p, &err);

		print_message("# %s: %s\n", row->wanted[0],
			      code == S0_OK && s0_option_plan_count(p)
				      ? s0_option_plan_step(p, 0)->consequence
				      : err.message);
		assert_int_equal(code, row->code);
		if (code != S0_OK) {
			assert_non_null(strstr(err.message, row->word));
			continue;
		}
		assert_int_equal(s0_option_plan_count(p), row->steps);
		assert_int_equal(all_guards(p), row->guards);
		if (row->word)
			assert_non_null(
				strstr(s0_option_plan_step(p, 0)->consequence,
				       row->word));
		if (row->word && !row->word[0])
			assert_string_equal(
				s0_option_plan_step(p, 0)->consequence, "");
		assert_int_equal(s0_option_plan_erases(p),
				 (row->guards & S0_ALLOW_ERASE) != 0);
		assert_int_equal(s0_option_plan_check(p, 0, NULL),
				 row->guards ? S0_E_PROTECTED : S0_OK);
		assert_int_equal(
			s0_option_plan_check(p, ANY & ~row->guards, NULL),
			row->guards ? S0_E_PROTECTED : S0_OK);
		assert_int_equal(s0_option_plan_check(p, row->guards, NULL),
				 S0_OK);
		s0_option_plan_free(p);
	}
	s0_option_plan_free(NULL);
}

/* Programmed and not in force: to have it stay as it is is a change. */
static void what_waits_for_a_reset_can_be_taken_back(void **state)
{
	static const char *const none[] = { NULL };
	const struct s0_chip *chip = s0_chip_find("stm32h743");
	const struct s0_option_field *swap = s0_option_find(chip, "SWAP_BANK");
	const struct s0_option_change off = { swap, 0 }, on = { swap, 1 };
	uint8_t window[S0_OPTION_MAX];
	struct s0_option_plan *p = NULL;
	(void)state;

	window_of(chip, none, window);
	(void)s0_option_put(swap, window, chip->option_length, 1);
	assert_int_equal(s0_option_plan_new(chip, NULL, window,
					    chip->option_length, &off, 1, &p,
					    NULL),
			 S0_OK);
	assert_int_equal(s0_option_plan_count(p), 1);
	assert_int_equal(s0_option_plan_step(p, 0)->from, 1);
	assert_int_equal(s0_option_plan_step(p, 0)->to, 0);
	s0_option_plan_free(p);
	assert_int_equal(s0_option_plan_new(chip, NULL, window,
					    chip->option_length, &on, 1, &p,
					    NULL),
			 S0_OK);
	assert_int_equal(s0_option_plan_step(p, 0)->from, 0);
	s0_option_plan_free(p);
}

static void a_window_of_another_length_is_no_ground_for_a_plan(void **state)
{
	uint8_t window[S0_OPTION_MAX] = { 0 };
	struct s0_option_plan *p = NULL;
	(void)state;

	assert_int_equal(s0_option_plan_new(s0_chip_find("stm32h743"), NULL,
					    window, 16, NULL, 0, &p, NULL),
			 S0_E_UNSUPPORTED);
	assert_null(p);
}

static void exchanged_twice_the_banks_are_as_before(void **state)
{
	static const char *const fields[] = {
		"WRP1=0-3",	    "WRP2=6",	   "PROT_AREA_START2=3",
		"PROT_AREA_END2=9", "DMES1=erase", NULL
	};
	const struct s0_chip *chip = s0_chip_find("stm32h743");
	uint8_t window[S0_OPTION_MAX], other[S0_OPTION_MAX];
	uint32_t value;
	(void)state;

	window_of(chip, fields, window);
	memcpy(other, window, sizeof other);
	options_exchange(chip, other, chip->option_length);
	(void)s0_option_get(s0_option_find(chip, "WRP2"), other,
			    chip->option_length, true, &value);
	assert_int_equal(value, 0xf0);
	(void)s0_option_get(s0_option_find(chip, "PROT_AREA_END1"), other,
			    chip->option_length, true, &value);
	assert_int_equal(value, 9);
	(void)s0_option_get(s0_option_find(chip, "DMES2"), other,
			    chip->option_length, true, &value);
	assert_int_equal(value, 1);
	options_exchange(chip, other, chip->option_length);
	assert_memory_equal(window, other, sizeof other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_follows_from_a_change_is_told_or_it_is_refused),
		cmocka_unit_test(what_waits_for_a_reset_can_be_taken_back),
		cmocka_unit_test(
			a_window_of_another_length_is_no_ground_for_a_plan),
		cmocka_unit_test(exchanged_twice_the_banks_are_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
