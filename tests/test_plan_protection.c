/* SPDX-License-Identifier: MIT */
/* What the option bytes keep from being changed is refused by name. */
#include "test.h"

#include <string.h>

#include "base/bytes.h"
#include "plan_help.h"

#define OPTSR	 0x00
#define PRAR1	 0x0c
#define SCAR1	 0x14
#define WPSN1	 0x1c
#define PRAR2	 0x10c
#define WPSN2	 0x11c
#define SECURITY (1u << 21)
#define SWAP	 (1u << 31)

/* A window in which one word is not as in a new chip. */
struct window {
	uint8_t bytes[308];
};

static struct window with(unsigned offset, uint32_t value)
{
	const struct s0_chip *chip = s0_chip_find("h743");
	struct window w = { { 0 } };

	put_le32(w.bytes + OPTSR, 0x1bc6aaf0);
	for (size_t i = 0; i < chip->option_word_count; i++)
		if (chip->option_words[i].offset)
			put_le32(w.bytes + chip->option_words[i].offset, 0xff);
	put_le32(w.bytes + offset, value);
	return w;
}

static void expect(const char *words, const struct window *w,
		   struct s0_policy policy, struct s0_survey *survey,
		   const char *expected)
{
	struct text text;

	policy.options = w->bytes;
	policy.option_length = sizeof w->bytes;
	text = plan_try_surveyed(words, survey, &policy);
	print_message("# %s\n", words);
	if (expected)
		assert_string_equal(text_chars(&text), expected);
	else
		assert_null(strstr(text_chars(&text), "E_"));
	text_free(&text);
}

/* All sectors of the image are of that content. */
static struct s0_survey *seen(s0_content content)
{
	struct s0_survey *survey;

	assert_int_equal(survey_new(&survey, NULL), S0_OK);
	for (uint32_t i = 0; i < 16; i++)
		survey_add(survey, 0x08000000 + i * 0x20000, 0x20000)->content =
			content;
	return survey;
}

#define SEEN seen(S0_CONTENT_DIFFERENT)
#define NO   ((struct s0_policy){ .full = false })

static void write_protected_sectors_are_named(void **state)
{
	struct window one = with(WPSN1, 0xfb), many = with(WPSN2, 0x00);
	(void)state;

	expect("r08000000+300000", &one, NO, SEEN,
	       "E_PROTECTED at 08040000+131072 cause 33: 1 sector to be "
	       "changed is write-protected: sector 2 of bank 1 (0x08040000); "
	       "segment 0 of t.hex lies there\n");
	expect("r08000000+20 r08100000+1000000", &many, NO, SEEN,
	       "E_PROTECTED at 08100000+131072 cause 33: 8 sectors to be "
	       "changed are write-protected: sector 0 of bank 2 (0x08100000), "
	       "sector 1 of bank 2 (0x08120000), sector 2 of bank 2 "
	       "(0x08140000), sector 3 of bank 2 (0x08160000), …; segment 0 of "
	       "t.hex lies there\n");
}

static void what_is_not_to_be_changed_may_be_protected(void **state)
{
	struct window one = with(WPSN1, 0xfb);
	(void)state;

	expect("r08000000+20 r08060000+20", &one, NO, SEEN, NULL);
	expect("r08040000+20", &one, NO, seen(S0_CONTENT_SAME), NULL);
	/* Nobody has looked yet. */
	expect("r08040000+20", &one, NO, NULL, NULL);
	expect("r08040000+20", &one, (struct s0_policy){ .compare = true },
	       NULL, NULL);
	expect("r08040000+20", &one,
	       (struct s0_policy){ .lift_protection = true }, SEEN, NULL);
}

static void all_that_is_sure_to_be_changed_is_refused_without_a_look(
	void **state)
{
	struct window one = with(WPSN1, 0x7f), area = with(PRAR1, 0x01ff0100);
	(void)state;

	expect("r08000000+20", &one,
	       (struct s0_policy){ .erase = S0_ERASE_ALL }, NULL,
	       "E_PROTECTED at 080e0000+131072 cause 33: 1 sector to be "
	       "changed is write-protected: sector 7 of bank 1 "
	       "(0x080e0000)\n");
	expect("r080e0000+20", &one, (struct s0_policy){ .full = true }, NULL,
	       "E_PROTECTED at 080e0000+131072 cause 33: 1 sector to be "
	       "changed is write-protected: sector 7 of bank 1 (0x080e0000); "
	       "segment 0 of t.hex lies there\n");
	/* What is in a PCROP area cannot be seen. */
	expect("r0801fff0+20", &area, NO, NULL,
	       "E_PROTECTED at 08000000+131072 cause 34: sector 0 of bank 1 "
	       "(0x08000000) can be neither erased nor written: 65536 bytes "
	       "from 0x08010000 are a PCROP area; segment 0 of t.hex lies "
	       "there\n");
	expect("r0800fff0+16", &area, NO, NULL, NULL);
}

static void without_an_erase_too(void **state)
{
	struct window one = with(WPSN1, 0xfe);
	(void)state;

	expect("r08000000+20", &one,
	       (struct s0_policy){ .erase = S0_ERASE_NONE }, SEEN,
	       "E_PROTECTED at 08000000+131072 cause 33: 1 sector to be "
	       "changed is write-protected: sector 0 of bank 1 (0x08000000); "
	       "segment 0 of t.hex lies there\n");
}

static void areas_are_named_and_not_lifted(void **state)
{
	struct window pcrop = with(PRAR2, 0x01ff0100), secure, whole;
	(void)state;

	/* The area begins in sector 0 and ends in it. */
	expect("r08100000+20", &pcrop,
	       (struct s0_policy){ .lift_protection = true }, SEEN,
	       "E_PROTECTED at 08100000+131072 cause 34: sector 0 of bank 2 "
	       "(0x08100000) can be neither erased nor written: 65536 bytes "
	       "from 0x08110000 are a PCROP area; segment 0 of t.hex lies "
	       "there\n");
	expect("r08120000+20 r08000000+20", &pcrop, NO, SEEN, NULL);
	/* Secure areas count while secure mode is on. */
	secure = with(SCAR1, 0x00010000);
	expect("r08000000+20", &secure, NO, SEEN, NULL);
	put_le32(secure.bytes + OPTSR, 0x1bc6aaf0 | SECURITY);
	expect("r08000000+20", &secure, NO, SEEN,
	       "E_PROTECTED at 08000000+131072 cause 35: sector 0 of bank 1 "
	       "(0x08000000) can be neither erased nor written: 512 bytes "
	       "from 0x08000000 are a secure area; segment 0 of t.hex lies "
	       "there\n");
	/* A start that is the end is all of the bank. */
	whole = with(PRAR1, 0x00100010);
	expect("r080e0000+20", &whole, NO, SEEN,
	       "E_PROTECTED at 080e0000+131072 cause 34: sector 7 of bank 1 "
	       "(0x080e0000) can be neither erased nor written: 1048576 bytes "
	       "from 0x08000000 are a PCROP area; segment 0 of t.hex lies "
	       "there\n");
}

/* RM0399: the registers are swapped with the banks. */
static void swapped_banks_have_their_protections_where_they_are(void **state)
{
	struct window swapped = with(WPSN1, 0xfb);
	(void)state;

	put_le32(swapped.bytes + OPTSR, 0x1bc6aaf0 | SWAP);
	expect("r08040000+20", &swapped, NO, SEEN,
	       "E_PROTECTED at 08040000+131072 cause 33: 1 sector to be "
	       "changed is write-protected: sector 2 of bank 1 (0x08040000); "
	       "segment 0 of t.hex lies there\n");
	expect("r08140000+20", &swapped, NO, SEEN, NULL);
}

static void sectors_of_unequal_size_are_counted(void **state)
{
	const struct s0_chip *chip = s0_chip_find("f405");
	struct s0_sector_protection s;
	uint8_t window[16] = { 0 };
	struct s0_map *map;
	(void)state;

	assert_int_equal(s0_chip_map(chip, &map, NULL), S0_OK);
	for (size_t i = 0; i < chip->option_word_count; i++)
		put_le32(window + chip->option_words[i].offset, ~0u);
	for (unsigned i = 0; i < 12; i++) {
		static const uint32_t at[] = {
			0x08000000, 0x08004000, 0x08008000, 0x0800c000,
			0x08010000, 0x08020000, 0x08040000, 0x08060000,
			0x08080000, 0x080a0000, 0x080c0000, 0x080e0000
		};
		uint32_t mask = 0xfff & ~(1u << i);
		const struct s0_option_field *field = s0_option_at(
			chip, S0_OPTION_WRITE_PROTECTION, S0_OPTION_SECTORS, 1);

		assert_true(s0_option_put(field, window, sizeof window, mask));
		assert_true(s0_option_sector(chip, map, window, sizeof window,
					     at[i] + 100, &s));
		assert_int_equal(s.bank, 0);
		assert_int_equal(s.number, i);
		assert_int_equal(s.address, at[i]);
		assert_true(s.write_protected);
		assert_int_equal(s.area, S0_OPTION_GROUPS);
		assert_true(s0_option_sector(chip, map, window, sizeof window,
					     at[(i + 1) % 12], &s));
		assert_false(s.write_protected);
	}
	assert_false(s0_option_sector(chip, map, window, sizeof window,
				      0x20000000, &s));
	/* Not told: nothing is known to protect it. */
	assert_true(s0_option_sector(chip, map, window, 0, 0x08000000, &s));
	assert_false(s.write_protected);
	s0_map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_protected_sectors_are_named),
		cmocka_unit_test(what_is_not_to_be_changed_may_be_protected),
		cmocka_unit_test(
			all_that_is_sure_to_be_changed_is_refused_without_a_look),
		cmocka_unit_test(without_an_erase_too),
		cmocka_unit_test(areas_are_named_and_not_lifted),
		cmocka_unit_test(
			swapped_banks_have_their_protections_where_they_are),
		cmocka_unit_test(sectors_of_unequal_size_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
