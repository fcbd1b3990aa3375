/* SPDX-License-Identifier: MIT */
/* Words of option bytes that are asked for as they are. */
#include "test.h"

#include <string.h>

#include "base/bytes.h"
#include "option_chips.h"
#include "option_plans.h"

static void a_raw_word_needs_leave_and_says_what_the_bytes_become(void **state)
{
	const struct s0_chip *chip = barely_known();
	uint8_t window[24] = { 0 };
	(void)state;

	put_le32(window, 0x00ff55aa);
	put_le32(window + 4, 0x01020304);
	put_le32(window + 8, 0x00ff00ff);
	put_le32(window + 16, 0x12345678);
	put_le32(window + 20, ~0x12345678u);
	assert_true(s0_option_partial(chip));
	comes_to(plan(chip, window, 1, "0x1ffff804=0x11223344"), 1,
		 S0_ALLOW_RAW, "the bytes become 44 33 22 11");
	comes_to(plan(chip, window, 1, "0x1ffff808=0x00ff01fe"), 1,
		 S0_ALLOW_RAW, "the bytes become fe 01 ff 00");
	comes_to(plan(chip, window, 1, "0x1ffff808=0x00ff00fe"), 1,
		 S0_ALLOW_RAW | S0_ALLOW_COMPLEMENT, "complement");
	comes_to(plan(chip, window, 1, "0x1ffff808=0x01ff00ff"), 1,
		 S0_ALLOW_RAW | S0_ALLOW_COMPLEMENT, "complement");
	comes_to(plan(chip, window, 1, "0x1ffff810=0x12345679"), 1,
		 S0_ALLOW_RAW | S0_ALLOW_COMPLEMENT, "complement");
	comes_to(plan(chip, window, 1, "0x1ffff814=0"), 1,
		 S0_ALLOW_RAW | S0_ALLOW_COMPLEMENT, "complement");
	comes_to(plan(chip, window, 2, "0x1ffff810=0x12345679",
		      "0x1ffff814=0xedcba986"),
		 2, S0_ALLOW_RAW, "the bytes become 86 a9 cb ed");
}

static void fields_in_a_raw_word_are_judged_by_name(void **state)
{
	const struct s0_chip *chip = barely_known();
	uint8_t window[24] = { 0 };
	struct planned p;
	(void)state;

	put_le32(window, 0x00ff55aa);
	/* Level 2, its complement, and another byte that is not known. */
	comes_to(plan(chip, window, 1, "0x1ffff800=0x00ff33cc"), 1,
		 S0_ALLOW_PERMANENT, "for ever");
	comes_to(plan(chip, window, 1, "0x1ffff800=0x01fe55aa"), 1,
		 S0_ALLOW_RAW, "aa 55 fe 01");
	is_refused(plan(chip, window, 1, "0x1ffff800=0x00ff54aa"),
		   S0_E_PROTECTED, "0x00ff55aa would keep it");
	is_refused(plan(chip, window, 2, "0x1ffff800=0x00ff44bb", "RDP=2"),
		   S0_E_USAGE, "two values are asked for RDP");
	is_refused(plan(chip, window, 2, "0x1ffff800=0x00ff55aa", "RDP=1"),
		   S0_E_USAGE, "two values are asked for RDP");
	is_refused(plan(chip, window, 2, "0x1ffff804=1", "0x1ffff804=2"),
		   S0_E_USAGE, "two values are asked for 0x1ffff804");
	p = plan(chip, window, 1, "0x1ffff800=0x00ff55aa");
	assert_int_equal(p.code, S0_OK);
	assert_int_equal(s0_option_plan_count(p.plan), 0);
	s0_option_plan_free(p.plan);
}

static void where_the_read_protection_is_not_known_it_may_be_for_ever(
	void **state)
{
	struct s0_chip chip = *barely_known();
	uint8_t window[24] = { 0 };
	(void)state;

	chip.option_count = chip.option_word_count = 0;
	comes_to(plan(&chip, window, 1, "0x1ffff800=1"), 1,
		 S0_ALLOW_RAW | S0_ALLOW_PERMANENT, "may be for ever");
}

static void only_words_of_the_windows_are_words(void **state)
{
	static const char *const bad[] = {
		"0x1ffff802=1", "0x1ffff818=1",		  "0x1ffff7fc=1", "0=1",
		"0x1ffff800=x", "0x1ffff800=0x100000000", "0x1ffff80g=1"
	};
	struct s0_option_change change;
	size_t offset;
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(s0_option_parse(barely_known(), NULL, 0,
						 bad[i], &change, NULL),
				 S0_E_UNSUPPORTED);
	assert_int_equal(s0_option_length(two_windows()), 32);
	assert_true(s0_option_offset(two_windows(), 0x1ffec004, &offset));
	assert_int_equal(offset, 20);
	assert_int_equal(s0_option_address(two_windows(), 20), 0x1ffec004);
	assert_int_equal(s0_option_address(two_windows(), 15), 0x1fffc00f);
	assert_int_equal(s0_option_address(two_windows(), 32), 0);
	assert_false(s0_option_offset(two_windows(), 0x1ffec010, &offset));
}

/* Bytes as a file has them, at an address. */
static struct planned of_bytes(const struct s0_chip *chip,
			       const uint8_t *window, uint32_t address,
			       const uint8_t *bytes, uint32_t count)
{
	struct planned p = { .err = S0_ERROR_INIT };

	p.code =
		s0_option_plan_bytes(chip, NULL, window, s0_option_length(chip),
				     address, bytes, count, &p.plan, &p.err);
	return p;
}

static void changes_nothing(struct planned p)
{
	assert_string_equal(p.err.message, "");
	assert_int_equal(p.code, S0_OK);
	assert_int_equal(s0_option_plan_count(p.plan), 0);
	s0_option_plan_free(p.plan);
}

static void bytes_written_back_as_they_were_change_nothing(void **state)
{
	const struct s0_chip *chip = barely_known();
	uint8_t window[24] = { 0 };
	(void)state;

	put_le32(window, 0x00ff55aa);
	put_le32(window + 4, 0x01020304);
	changes_nothing(of_bytes(chip, window, 0x1ffff800, window, 24));
	changes_nothing(of_bytes(chip, window, 0x1ffff805, window + 5, 2));
	/* Not even a complement that does not fit. */
	put_le32(window, 0x000054aa);
	changes_nothing(of_bytes(chip, window, 0x1ffff800, window, 24));
}

static void bytes_that_differ_are_words_as_they_are(void **state)
{
	const struct s0_chip *chip = barely_known();
	uint8_t window[24] = { 0 }, file[24];
	(void)state;

	put_le32(window, 0x00ff55aa);
	put_le32(window + 4, 0x01020304);
	memcpy(file, window, sizeof file);
	file[5] = 0x99;
	comes_to(of_bytes(chip, window, 0x1ffff800, file, 24), 1, S0_ALLOW_RAW,
		 "the bytes become 04 99 02 01");
	/* The rest of a word stays. */
	comes_to(of_bytes(chip, window, 0x1ffff805, file + 5, 1), 1,
		 S0_ALLOW_RAW, "the bytes become 04 99 02 01");
	put_le32(file, 0x00ff33cc);
	comes_to(of_bytes(chip, window, 0x1ffff800, file, 4), 1,
		 S0_ALLOW_PERMANENT, "for ever");
	is_refused(of_bytes(chip, window, 0x1ffff800, file, 1), S0_E_PROTECTED,
		   "a complement that the chip needs is not kept");
	is_refused(of_bytes(chip, window, 0x1ffff808, file, 24),
		   S0_E_UNSUPPORTED, "0x1ffff818 is not in the option bytes");
	is_refused(of_bytes(chip, window, 0x1ffff7ff, file, 2),
		   S0_E_UNSUPPORTED, "0x1ffff7ff is not in the option bytes");
}

static void a_complement_beside_goes_with_its_word(void **state)
{
	const struct s0_chip *chip = complements();
	uint8_t window[32], file[32];
	const struct s0_option_word *word = NULL;
	(void)state;

	complements_window(window);
	for (size_t i = 0; i < chip->option_word_count; i++)
		if (chip->option_words[i].mirroring ==
		    S0_OPTION_MIRROR_COMPLEMENT)
			word = &chip->option_words[i];
	assert_non_null(word);
	memcpy(file, window, sizeof file);
	file[word->program] ^= 1;
	is_refused(of_bytes(chip, window, s0_option_address(chip, 0), file, 32),
		   S0_E_PROTECTED, "a complement that the chip needs");
	file[word->mirror] ^= 1;
	comes_to(of_bytes(chip, window, s0_option_address(chip, 0), file, 32),
		 1, 0, "");
	file[word->program] ^= 1;
	is_refused(of_bytes(chip, window, s0_option_address(chip, 0), file, 32),
		   S0_E_PROTECTED, "a complement that the chip needs");
}

static void what_is_in_force_may_say_what_is_programmed(void **state)
{
	const struct s0_chip *chip = s0_chip_find("stm32h743");
	uint8_t window[S0_OPTION_MAX] = { 0 }, file[128];
	const uint32_t address = 0x5200201c;
	(void)state;

	assert_int_equal(s0_option_length(chip), 308);
	put_le32(window, 0x1bc6aaf0);
	put_le32(window + 4, 0x1bc6aaf0);
	memcpy(file, window, sizeof file);
	put_le32(file + 4, 0x1bc6aafc); /* BOR_LEV 3 */
	comes_to(of_bytes(chip, window, address, file, 128), 1, 0, "");
	put_le32(file, 0x1bc6aafc);
	comes_to(of_bytes(chip, window, address, file, 128), 1, 0, "");
	put_le32(file, 0x1bc6aaf8);
	is_refused(of_bytes(chip, window, address, file, 128), S0_E_UNSUPPORTED,
		   "0x5200201c shows what is in force; what is programmed is "
		   "at 0x52002020");
	put_le32(file, 0x1bc6aaf1); /* busy, which is no option */
	put_le32(file + 4, 0x1bc6aaf0);
	changes_nothing(of_bytes(chip, window, address, file, 128));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_raw_word_needs_leave_and_says_what_the_bytes_become),
		cmocka_unit_test(fields_in_a_raw_word_are_judged_by_name),
		cmocka_unit_test(
			where_the_read_protection_is_not_known_it_may_be_for_ever),
		cmocka_unit_test(only_words_of_the_windows_are_words),
		cmocka_unit_test(
			bytes_written_back_as_they_were_change_nothing),
		cmocka_unit_test(bytes_that_differ_are_words_as_they_are),
		cmocka_unit_test(a_complement_beside_goes_with_its_word),
		cmocka_unit_test(what_is_in_force_may_say_what_is_programmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
