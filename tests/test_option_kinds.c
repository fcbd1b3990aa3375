/* SPDX-License-Identifier: MIT */
/* Option bytes of other kinds than the H7 and the F405 have: what protects
 * which sector, and what a change comes to. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/option_plan.h>

#include "base/bytes.h"
#include "option_chips.h"
#include "option_plans.h"
#include "plan/options.h"

static const struct s0_option_field *field(const struct s0_chip *chip,
					   const char *name)
{
	const struct s0_option_field *f = s0_option_find(chip, name);

	assert_non_null(f);
	return f;
}

static void set(const struct s0_chip *chip, uint8_t *window, const char *name,
		uint32_t value)
{
	assert_true(s0_option_put(field(chip, name), window,
				  s0_option_length(chip), value));
	options_mirror(chip, window, s0_option_length(chip));
}

/* 'w' write-protected, 'p' PCROP, '-' neither; a character a sector. */
static const char *protection(const struct s0_chip *chip, const uint8_t *window,
			      uint32_t sector, uint32_t count, char text[33])
{
	struct s0_map *map = option_chip_map(sector, count);

	memset(text, 0, 33);
	for (uint32_t i = 0; i < count; i++) {
		struct s0_sector_protection s;

		assert_true(s0_option_sector(chip, map, window,
					     s0_option_length(chip),
					     0x08000000 + i * sector, &s));
		text[i] = s.write_protected	      ? 'w'
			  : s.area == S0_OPTION_PCROP ? 'p'
						      : '-';
	}
	s0_map_free(map);
	return text;
}

static void a_bit_stands_for_several_sectors_and_for_the_rest(void **state)
{
	const struct s0_chip *chip = two_windows();
	uint8_t window[32] = { 0 };
	char text[33];
	(void)state;

	set(chip, window, "nWRP", 3);
	assert_string_equal(protection(chip, window, 0x1000, 8, text),
			    "--------");
	set(chip, window, "nWRP", 1);
	assert_string_equal(protection(chip, window, 0x1000, 8, text),
			    "--ww----");
	set(chip, window, "nWRP", 3);
	set(chip, window, "WRP2", 1);
	assert_string_equal(protection(chip, window, 0x1000, 8, text),
			    "----w---");
	set(chip, window, "WRP2", 2);
	assert_string_equal(protection(chip, window, 0x1000, 8, text),
			    "-----www");
}

static void what_a_field_means_hangs_on_another(void **state)
{
	const struct s0_chip *chip = two_windows();
	uint8_t window[32] = { 0 };
	char text[33];
	(void)state;

	set(chip, window, "SPRMOD", 1);
	set(chip, window, "nPCROP", 2);
	assert_string_equal(protection(chip, window, 0x1000, 8, text),
			    "--pp----");
	assert_false(s0_option_applies(chip, field(chip, "nWRP"), window, 32,
				       false));
	assert_true(s0_option_applies(chip, field(chip, "nPCROP"), window, 32,
				      false));
}

static void sectors_are_named_by_their_numbers(void **state)
{
	const struct s0_chip *chip = two_windows();
	static const struct {
		const char *field, *text;
		uint32_t value;
	} cases[] = {
		{ "nWRP", "none", 3 },	{ "nWRP", "0-1", 2 },
		{ "nWRP", "2-3", 1 },	{ "nWRP", "all", 0 },
		{ "nPCROP", "2-3", 2 }, { "WRP2", "4", 1 },
		{ "WRP2", "5", 2 },	{ "WRP2", "none", 0 },
	};
	static const char *const bad[] = { "nWRP=1", "nWRP=0-2", "nWRP=4-5",
					   "WRP2=3", "WRP2=6",	 "nWRP=1-2" };
	struct s0_option_change change;
	char assignment[64], text[S0_OPTION_TEXT];
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(assignment, sizeof assignment, "%s=%s",
			       cases[i].field, cases[i].text);
		assert_int_equal(s0_option_parse(chip, NULL, 0, assignment,
						 &change, NULL),
				 S0_OK);
		assert_int_equal(change.value, cases[i].value);
		s0_option_print(chip, NULL, 0, change.field, change.value, text,
				NULL);
		assert_string_equal(text, cases[i].text);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
			s0_option_parse(chip, NULL, 0, bad[i], &change, NULL),
			S0_E_UNSUPPORTED);
}

static void areas_in_pages_go_by_how_flash_is_cut(void **state)
{
	const struct s0_chip *chip = complements();
	uint8_t window[32];
	uint32_t address, length;
	char text[33];
	(void)state;

	complements_window(window);
	assert_string_equal(protection(chip, window, 0x800, 16, text),
			    "----------------");
	set(chip, window, "WRP1A_STRT", 1);
	set(chip, window, "WRP1A_END", 2);
	set(chip, window, "WRP1B_STRT", 5);
	set(chip, window, "WRP1B_END", 5);
	set(chip, window, "WRP2A_STRT", 0);
	set(chip, window, "WRP2A_END", 1);
	assert_string_equal(protection(chip, window, 0x800, 16, text),
			    "-ww--w--ww------");
	/* A part of half the size has bank 2 elsewhere. */
	assert_string_equal(protection(chip, window, 0x800, 8, text),
			    "-ww-ww--");
	assert_true(s0_option_area(chip, NULL, window, 32, false,
				   S0_OPTION_WRITE_PROTECTION, 2, &address,
				   &length));
	assert_int_equal(address, 0x08004000);
	assert_int_equal(length, 0x1000);
	/* One bank: both count from its start, in wider pages. */
	set(chip, window, "DBANK", 0);
	assert_string_equal(protection(chip, window, 0x1000, 8, text),
			    "www--w--");
}

static void a_sector_is_opened_in_every_way_it_is_closed(void **state)
{
	const struct s0_chip *chip = complements();
	struct s0_map *map = option_chip_map(0x1000, 8);
	uint8_t window[32], sent[32];
	char text[33];
	(void)state;

	complements_window(window);
	set(chip, window, "DBANK", 0);
	set(chip, window, "WRP1A_STRT", 1);
	set(chip, window, "WRP1A_END", 3);
	set(chip, window, "WRP2A_STRT", 2);
	set(chip, window, "WRP2A_END", 2);
	set(chip, window, "WRP1B_STRT", 6);
	set(chip, window, "WRP1B_END", 6);
	memcpy(sent, window, sizeof sent);
	assert_true(
		s0_option_open_sector(chip, map, window, 32, 0x08002000, sent));
	assert_string_equal(protection(chip, sent, 0x1000, 8, text),
			    "------w-");
	assert_false(
		s0_option_open_sector(chip, map, window, 32, 0x08005000, sent));
	s0_map_free(map);

	chip = two_windows();
	map = option_chip_map(0x1000, 8);
	memset(window, 0, sizeof window);
	set(chip, window, "WRP2", 3);
	memcpy(sent, window, sizeof sent);
	/* Both are of the same bit. */
	for (unsigned i = 0; i < 3; i++)
		assert_true(s0_option_open_sector(
			chip, map, window, 32, 0x08005000 + i * 0x1000, sent));
	assert_string_equal(protection(chip, sent, 0x1000, 8, text),
			    "wwwww---");
	s0_map_free(map);
}

static void pcrop_by_sectors_only_grows(void **state)
{
	const struct s0_chip *chip = two_windows();
	uint8_t window[32] = { 0 };
	(void)state;

	set(chip, window, "RDP", 0xaa);
	set(chip, window, "SPRMOD", 1);
	set(chip, window, "nPCROP", 1);
	comes_to(plan(chip, window, 1, "nPCROP=0-3"), 1, S0_ALLOW_PCROP,
		 "neither read nor changed");
	is_refused(plan(chip, window, 1, "nPCROP=2-3"), S0_E_PROTECTED,
		   "taken out of PCROP");
	is_refused(plan(chip, window, 1, "nWRP=none"), S0_E_UNSUPPORTED,
		   "nWRP means nothing unless SPRMOD is 'off'");
	set(chip, window, "RDP", 0xbb);
	comes_to(plan(chip, window, 2, "RDP=0", "nPCROP=none"), 2, 0, "");
}

static void a_change_of_the_banks_says_what_follows(void **state)
{
	uint8_t window[32];
	(void)state;

	complements_window(window);
	comes_to(plan(complements(), window, 1, "DBANK=off"), 1, 0,
		 "the firmware in flash is not where it was");
	comes_to(plan(complements(), window, 2, "WRP2A_STRT=1", "WRP2A_END=2"),
		 2, 0, "4096 bytes from 0x08004800 are neither erased");
}

/* The bytes of a word in the plan of one change. */
static uint32_t sent(const struct s0_chip *chip, const uint8_t *window,
		     const char *change, size_t offset)
{
	struct planned p = plan(chip, window, 1, change);
	size_t length;
	uint32_t word;

	assert_int_equal(p.code, S0_OK);
	word = get_le32(s0_option_plan_window(p.plan, &length) + offset);
	s0_option_plan_free(p.plan);
	return word;
}

static void a_level_between_has_a_word(void **state)
{
	const struct s0_chip *chip = complements();
	char text[S0_OPTION_TEXT], meaning[S0_OPTION_MEANING];
	struct s0_option_change change;
	uint8_t window[32];
	(void)state;

	complements_window(window);
	assert_int_equal(
		s0_option_parse(chip, window, 32, "RDP=half", &change, NULL),
		S0_OK);
	assert_int_equal(change.value, 0x55);
	s0_option_print(chip, NULL, 0, change.field, 0x55, text, meaning);
	assert_string_equal(text, "half");
	assert_string_equal(meaning, "level 0.5");
	s0_option_print(chip, NULL, 0, change.field, 0xbb, text, meaning);
	assert_string_equal(text, "1");
	/* Level 1 is another, though neither is 0 nor 2. */
	set(chip, window, "RDP", 0x55);
	assert_int_equal(
		s0_option_parse(chip, window, 32, "RDP=1", &change, NULL),
		S0_OK);
	assert_int_equal(change.value, 0xbb);
	set(chip, window, "RDP", 0x77);
	assert_int_equal(
		s0_option_parse(chip, window, 32, "RDP=1", &change, NULL),
		S0_OK);
	assert_int_equal(change.value, 0x77);
}

static void complements_are_kept(void **state)
{
	const struct s0_chip *chip = complements();
	uint8_t window[32];
	(void)state;

	complements_window(window);
	for (size_t i = 0; i < chip->option_word_count; i++)
		assert_true(s0_option_word_fits(&chip->option_words[i], window,
						32));
	assert_int_equal(sent(chip, window, "RDP=1", 4), ~0x004000bbu);
	assert_int_equal(sent(chip, window, "BYTE=0x12", 24) & 0xffff, 0xed12);
	assert_int_equal(sent(chip, window, "HALF=0x1234", 28), 0xedcb1234);
}

static void a_complement_that_does_not_fit_is_seen_and_healed(void **state)
{
	static const struct {
		size_t byte, word;
		const char *same;
		unsigned guards;
	} cases[] = {
		/* Without its complement level 0 may be in force as level 1. */
		{ 5, 0, "RDP=0", S0_ALLOW_ERASE },
		{ 0x0e, 1, "WRP1A_END=0", 0 },
		{ 25, 3, "BYTE=0x5a", 0 },
		{ 31, 4, "HALF=0", 0 },
	};
	const struct s0_chip *chip = complements();
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t window[32], good[32];

		complements_window(window);
		memcpy(good, window, sizeof good);
		window[cases[i].byte] ^= 0x10;
		for (size_t k = 0; k < chip->option_word_count; k++)
			assert_int_equal(
				s0_option_word_fits(&chip->option_words[k],
						    window, 32),
				k != cases[i].word);
		assert_false(options_show(chip, window, good, 32));
		assert_true(options_show(chip, good, good, 32));
		comes_to(plan(chip, window, 1, cases[i].same), 1,
			 cases[i].guards, "written again");
		assert_int_equal(
			sent(chip, window, cases[i].same, cases[i].byte & ~3u),
			get_le32(good + (cases[i].byte & ~3u)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_bit_stands_for_several_sectors_and_for_the_rest),
		cmocka_unit_test(what_a_field_means_hangs_on_another),
		cmocka_unit_test(sectors_are_named_by_their_numbers),
		cmocka_unit_test(areas_in_pages_go_by_how_flash_is_cut),
		cmocka_unit_test(a_sector_is_opened_in_every_way_it_is_closed),
		cmocka_unit_test(pcrop_by_sectors_only_grows),
		cmocka_unit_test(a_change_of_the_banks_says_what_follows),
		cmocka_unit_test(a_level_between_has_a_word),
		cmocka_unit_test(complements_are_kept),
		cmocka_unit_test(
			a_complement_that_does_not_fit_is_seen_and_healed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
