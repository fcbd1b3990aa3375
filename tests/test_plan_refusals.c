/* SPDX-License-Identifier: MIT */
/* What a plan refuses, in its words; and what it makes of a survey. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "plan_help.h"

#define POLICY(...) ((struct s0_policy){ __VA_ARGS__ })
#define DEFAULT	    POLICY(.full = false)

struct refusal {
	const char *image;
	struct s0_policy policy;
	const char *expected;
};

static void bytes_outside_flash_are_refused_by_place(void **state)
{
	static const struct refusal cases[] = {
		{ "r08000000+20 r24006000+16",
		  { 0 },
		  "E_OUTSIDE at 24006000+16 cause 1: segment 0 of t.hex (16 "
		  "bytes at 0x24006000) is in RAM (AXI SRAM), which does not "
		  "keep it\n" },
		{ "r08000000+20 r20000000+16",
		  { 0 },
		  "E_OUTSIDE at 20000000+16 cause 2: segment 0 of t.hex (16 "
		  "bytes at 0x20000000) is in RAM that this bootloader cannot "
		  "write\n" },
		{ "r24004ff0+32",
		  { .write_ram = true },
		  "E_OUTSIDE at 24004ff0+16 cause 2: part of segment 0 of "
		  "t.hex (16 bytes at 0x24004ff0) is in RAM that this "
		  "bootloader cannot write\n" },
		{ "r08000000+20 r5200201c+16",
		  { 0 },
		  "E_OUTSIDE at 5200201c+16 cause 3: segment 0 of t.hex (16 "
		  "bytes at 0x5200201c) is in the option bytes, which are no "
		  "firmware\n" },
		{ "r08000000+20 r1ff1e800+12",
		  { 0 },
		  "E_OUTSIDE at 1ff1e800+12 cause 0: segment 0 of t.hex (12 "
		  "bytes at 0x1ff1e800) is in 'System memory', which cannot be "
		  "written\n" },
		{ "r00000000+100",
		  { 0 },
		  "E_OUTSIDE at 00000000+100 cause 4: segment 0 of t.hex (100 "
		  "bytes at 0x00000000) is linked for address 0, but this "
		  "chip's flash starts at 0x08000000\n" },
		{ "r00100000+100",
		  { 0 },
		  "E_OUTSIDE at 00100000+100 cause 4: segment 0 of t.hex (100 "
		  "bytes at 0x00100000) is linked for address 0, but this "
		  "chip's flash starts at 0x08000000\n" },
		/* With bytes in flash it is ITCM that is meant. */
		{ "r08000000+20 r00000000+100",
		  { 0 },
		  "E_OUTSIDE at 00000000+100 cause 2: segment 0 of t.hex (100 "
		  "bytes at 0x00000000) is in RAM that this bootloader cannot "
		  "write\n" },
		{ "r081ffff0+32",
		  { 0 },
		  "E_OUTSIDE at 08200000+16 cause 5: part of segment 0 of "
		  "t.hex (16 bytes at 0x08200000) is past the end of flash: "
		  "this chip has 2048 KiB from 0x08000000, the image is linked "
		  "for a bigger one\n" },
		{ "r60000000+1",
		  { 0 },
		  "E_OUTSIDE at 60000000+1 cause 6: segment 0 of t.hex (1 byte "
		  "at 0x60000000) is where this chip has no memory\n" },
		{ "rffffffff+1",
		  { 0 },
		  "E_OUTSIDE at ffffffff+1 cause 6: segment 0 of t.hex (1 byte "
		  "at 0xffffffff) is where this chip has no memory\n" },
		{ "r08000000+20 r20000000+16",
		  { .compare = true },
		  "E_OUTSIDE at 20000000+16 cause 2: segment 0 of t.hex (16 "
		  "bytes at 0x20000000) is in RAM that this bootloader cannot "
		  "read\n" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_plan(cases[i].image, cases[i].policy, cases[i].expected);
}

static void nothing_to_program_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{ "", { 0 }, "program: every segment of the file is empty" },
		{ "e08000000 e24000000",
		  { 0 },
		  "program: every segment of the file is empty" },
		{ "r24006000+16",
		  { .skip_non_flash = true },
		  "program: all of them lie outside flash" },
		{ "e08000000",
		  { .compare = true },
		  "compare: every segment of the file is empty" },
		{ "r60000000+16",
		  { .compare = true, .skip_non_flash = true },
		  "compare: none of them can be read" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char expected[160];

		(void)snprintf(expected, sizeof expected,
			       "E_EMPTY at 00000000+0 cause 0: there are no "
			       "bytes to %s\n",
			       cases[i].expected);
		expect_plan(cases[i].image, cases[i].policy, expected);
	}
}

static void keeping_goes_only_with_the_needed_sectors(void **state)
{
	const char *expected = "E_USAGE at 00000000+0 cause 0: bytes can be "
			       "kept only where just the needed sectors are "
			       "erased\n";
	(void)state;

	expect_plan("r08000000+20", POLICY(.keep = true, .erase = S0_ERASE_ALL),
		    expected);
	expect_plan("r08000000+20",
		    POLICY(.keep = true, .erase = S0_ERASE_NONE), expected);
}

static void a_smaller_chip_names_its_own_size(void **state)
{
	struct s0_image *image = plan_image("r08080000+16");
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	struct s0_map *map;
	(void)state;

	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map,
				      "@Internal Flash /0x08000000/4*128Kg/"
				      "0x08100000/4*128Kg",
				      0, NULL),
			 S0_OK);
	assert_int_equal(s0_plan_new(image, map, s0_chip_find("h743"), NULL,
				     &plan, &err),
			 S0_E_OUTSIDE);
	assert_int_equal(err.cause, S0_CAUSE_PAST_FLASH);
	assert_non_null(
		strstr(err.message,
		       "512 KiB from 0x08000000 and 512 KiB from 0x08100000"));
	s0_map_free(map);
	s0_image_free(image);
}

static void an_unknown_chip_is_only_compared_with(void **state)
{
	struct s0_image *image = plan_image("r08000000+16");
	struct s0_policy compare = { .compare = true };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	struct s0_map *map = plan_map();
	(void)state;

	assert_int_equal(s0_plan_new(image, map, NULL, NULL, &plan, &err),
			 S0_E_UNSUPPORTED);
	assert_int_equal(err.cause, S0_CAUSE_NO_CHIP);
	assert_string_equal(err.message,
			    "this device's memory layout is of no chip known, "
			    "so nothing is written to it");
	assert_null(plan);
	assert_int_equal(s0_plan_new(image, map, NULL, &compare, &plan, NULL),
			 S0_OK);
	assert_int_equal(s0_plan_step_count(plan), 1);
	s0_plan_free(plan);
	s0_map_free(map);
	s0_image_free(image);
}

static void a_sector_of_absurd_size_costs_a_comparison_nothing(void **state)
{
	struct s0_image *image = plan_image("r08000000+16");
	struct s0_policy compare = { .compare = true };
	struct s0_plan *plan;
	struct s0_map *map;
	(void)state;

	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	assert_int_equal(
		s0_map_parse(map, "@Flash /0x08000000/1*3900Mg", 0, NULL),
		S0_OK);
	assert_int_equal(s0_plan_new(image, map, NULL, &compare, &plan, NULL),
			 S0_OK);
	assert_null(plan->scratch);
	s0_plan_free(plan);
	s0_map_free(map);
	s0_image_free(image);
}

static void a_long_file_name_does_not_crowd_out_what_is_wrong(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_map *map = plan_map();
	struct s0_plan *plan;
	struct s0_image *image;
	char name[600];
	(void)state;

	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = '\0';
	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	assert_int_equal(s0_image_add(image, name, 0x08200000, "abcd", 4, NULL),
			 S0_OK);
	assert_int_equal(s0_plan_new(image, map, s0_chip_find("h743"), NULL,
				     &plan, &err),
			 S0_E_OUTSIDE);
	assert_non_null(strstr(err.message,
			       "n (4 bytes at 0x08200000) is past the end of "
			       "flash: this chip has 2048 KiB from 0x08000000, "
			       "the image is linked for a bigger one"));
	s0_map_free(map);
	s0_image_free(image);
}

static void expect_surveyed(const char *image, struct s0_policy policy,
			    struct s0_survey *survey, const char *expected)
{
	struct text text = plan_try_surveyed(image, survey, &policy);

	assert_string_equal(text_chars(&text), expected);
	text_free(&text);
}

/* One sector at 0x08000000 whose content is as said, and bytes from there. */
static struct s0_survey *survey_of(s0_content content, uint32_t lost,
				   uint32_t address, const char *bytes)
{
	struct survey_sector *sector;
	struct s0_survey *survey;

	assert_int_equal(survey_new(&survey, NULL), S0_OK);
	sector = survey_add(survey, 0x08000000, 0x20000);
	assert_non_null(sector);
	sector->content = content;
	sector->lost_known = content == S0_CONTENT_DIFFERENT;
	sector->lost_bytes = lost;
	if (address)
		assert_int_equal(s0_image_add(survey->content, "device",
					      address, bytes,
					      (uint32_t)strlen(bytes), NULL),
				 S0_OK);
	return survey;
}

#define SEGMENT                                                                \
	"segment 0  0x08000000  20 bytes  Internal Flash  t.hex: write\n"

static void a_sector_that_is_right_is_skipped_unless_full(void **state)
{
	(void)state;
	expect_surveyed(
		"r08000000+20", DEFAULT, survey_of(S0_CONTENT_SAME, 0, 0, NULL),
		SEGMENT "sector  0x08000000  128 KiB  already right, skip\n"
			"total   erase 0 sectors, write 0 bytes, already right "
			"20 bytes, lose 0 bytes\n");
}

static void what_the_erase_takes_is_counted_and_warned_of(void **state)
{
	(void)state;
	expect_surveyed("r08000000+20", DEFAULT,
			survey_of(S0_CONTENT_DIFFERENT, 3, 0, NULL),
			SEGMENT
			"sector  0x08000000  128 KiB  erase, write 20 bytes, "
			"lose 3 bytes\n"
			"total   erase 1 sector, write 20 bytes, lose 3 bytes\n"
			"- erase 08000000 131072\n"
			"- write 08000000 32\n"
			"- verify 08000000 32\n"
			"! the erase takes 3 bytes that the image does not "
			"cover, in 1 sector from 0x08000000 (--keep keeps "
			"them)\n");
}

static void what_was_only_sampled_is_called_the_least(void **state)
{
	struct s0_survey *survey = survey_of(S0_CONTENT_DIFFERENT, 3, 0, NULL);
	(void)state;

	survey->sectors[0].lost_known = false;
	expect_surveyed("r08000000+20", DEFAULT, survey,
			SEGMENT
			"sector  0x08000000  128 KiB  erase, write 20 bytes, "
			"lose at least 3 bytes\n"
			"total   erase 1 sector, write 20 bytes, lose at least "
			"3 bytes\n"
			"- erase 08000000 131072\n"
			"- write 08000000 32\n"
			"- verify 08000000 32\n"
			"! the erase takes at least 3 bytes that the image "
			"does not cover, in 1 sector from 0x08000000 (--plan "
			"counts them, --keep keeps them)\n");
}

static void kept_bytes_are_written_back_and_verified(void **state)
{
	(void)state;
	expect_surveyed("r08000000+20", POLICY(.keep = true),
			survey_of(S0_CONTENT_DIFFERENT, 4, 0x08010001, "keep"),
			SEGMENT
			"sector  0x08000000  128 KiB  erase, write 20 bytes, "
			"keep 4 bytes\n"
			"total   erase 1 sector, write 20 bytes\n"
			"- erase 08000000 131072\n"
			"- write 08010000 32\n"
			"- write 08000000 32\n"
			"- verify 08000000 32\n"
			"- verify 08010000 32\n");
}

static void a_noted_sector_is_said_to_be_unread(void **state)
{
	(void)state;
	expect_surveyed("r08000000+20", DEFAULT,
			survey_of(S0_CONTENT_NOTED, 0, 0, NULL),
			SEGMENT
			"sector  0x08000000  128 KiB  erase, write 20 bytes, "
			"cut in an earlier run, so not read\n"
			"total   erase 1 sector, write 20 bytes\n"
			"- erase 08000000 131072\n"
			"- write 08000000 32\n"
			"- verify 08000000 32\n"
			"! an earlier run was cut in the sector at 0x08000000: "
			"it is erased without being read first\n");
}

static void without_an_erase_other_bytes_in_a_word_are_refused(void **state)
{
	struct s0_policy none = { .erase = S0_ERASE_NONE };
	(void)state;

	/* In the same flash word, though not under the image. */
	expect_surveyed("r08000000+20", none,
			survey_of(S0_CONTENT_DIFFERENT, 0, 0x0800001f, "x"),
			"E_NOT_ERASED at 08000000+32 cause 0: the flash word "
			"at 0x08000000 is not erased and holds other bytes "
			"than the image\n");
	/* In the next, which the image leaves alone. */
	expect_surveyed("r08000000+20", none,
			survey_of(S0_CONTENT_DIFFERENT, 0, 0x08000020, "x"),
			SEGMENT
			"sector  0x08000000  128 KiB  write without erase 20 "
			"bytes\n"
			"total   erase 0 sectors, write 20 bytes, lose 0 "
			"bytes\n"
			"- write 08000000 32\n"
			"- verify 08000000 32\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_outside_flash_are_refused_by_place),
		cmocka_unit_test(nothing_to_program_is_refused),
		cmocka_unit_test(keeping_goes_only_with_the_needed_sectors),
		cmocka_unit_test(a_smaller_chip_names_its_own_size),
		cmocka_unit_test(an_unknown_chip_is_only_compared_with),
		cmocka_unit_test(
			a_sector_of_absurd_size_costs_a_comparison_nothing),
		cmocka_unit_test(
			a_long_file_name_does_not_crowd_out_what_is_wrong),
		cmocka_unit_test(a_sector_that_is_right_is_skipped_unless_full),
		cmocka_unit_test(what_the_erase_takes_is_counted_and_warned_of),
		cmocka_unit_test(what_was_only_sampled_is_called_the_least),
		cmocka_unit_test(kept_bytes_are_written_back_and_verified),
		cmocka_unit_test(a_noted_sector_is_said_to_be_unread),
		cmocka_unit_test(
			without_an_erase_other_bytes_in_a_word_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
