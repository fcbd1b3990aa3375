/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

#include <string.h>

#include "base/bytes.h"

enum { FAMILY = 0x2000, NOT_FLASH = 1, FILE_CONTAINER = 0x1000 };
#define H7   0x6db66082u
#define F4   0x57755a57u
#define PICO 0xe48bff56u

/* Two blocks, the later one first. */
static struct bytes usual_file(void)
{
	struct bytes file = { 0 };

	uf2_add(&file,
		(struct uf2_block){ FAMILY, 0x08000002, 2, 1, 2, H7, 0x22 });
	uf2_add(&file,
		(struct uf2_block){ FAMILY, 0x08000000, 2, 0, 2, H7, 0x11 });
	return file;
}

static void expect_uf2(struct bytes *file, uint32_t family,
		       const char *expected)
{
	const uint32_t families[] = { family, 0 };

	expect_options(
		(struct s0_image_file){ "app.uf2", file->at, file->length, 0 },
		(struct s0_image_read_options){
			.uf2_families = family ? families : NULL },
		expected);
	bytes_free(file);
}

static void blocks_are_read_in_any_order(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	expect_uf2(&file, 0,
		   "segment 0 0x08000002 2/2 at 32\n"
		   "segment 1 0x08000000 2/2 at 544\n"
		   "0x08000000: 11 11 22 22\n");
}

static void a_block_that_follows_on_stays_in_its_segment(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		uf2_add(&file, (struct uf2_block){ FAMILY, 0x08000000 + 2 * i,
						   2, i, 3, H7, (uint8_t)i });
	expect_uf2(&file, H7,
		   "segment 0 0x08000000 6/6 at 32\n"
		   "0x08000000: 00 00 01 01 02 02\n");
}

static void blocks_of_other_families_are_left_out_with_a_warning(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	uf2_add(&file,
		(struct uf2_block){ FAMILY, 0x10000000, 2, 0, 1, PICO, 0x33 });
	uf2_add(&file,
		(struct uf2_block){ FAMILY, 0x08000000, 2, 0, 1, H7, 0x11 });
	expect_uf2(
		&file, 0,
		"warning: app.uf2: 1 blocks for other families are left out\n"
		"segment 0 0x08000000 2/2 at 544\n"
		"0x08000000: 11 11\n");
}

static void the_family_decides_which_blocks_of_a_mixed_file_count(void **state)
{
	static const struct {
		uint32_t family;
		const char *expected;
	} table[] = {
		{ 0, "E_UNSUPPORTED: app.uf2: offset 0x200: blocks for STM32H7 "
		     "(0x6db66082) after blocks for STM32F4 (0x57755a57): "
		     "which of them to take must be told\n" },
		{ H7, "warning: app.uf2: 1 blocks for other families are left "
		      "out\nsegment 0 0x08000000 2/2 at 544\n"
		      "0x08000000: 11 11\n" },
		{ F4, "warning: app.uf2: 1 blocks for other families are left "
		      "out\nsegment 0 0x08000000 2/2 at 32\n"
		      "0x08000000: 44 44\n" },
		{ 1, "E_UNSUPPORTED: app.uf2: offset 0x1c: the blocks are for "
		     "STM32F4 (0x57755a57), expected family 0x00000001\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct bytes file = { 0 };

		uf2_add(&file, (struct uf2_block){ FAMILY, 0x08000000, 2, 0, 1,
						   F4, 0x44 });
		uf2_add(&file, (struct uf2_block){ FAMILY, 0x08000000, 2, 0, 1,
						   H7, 0x11 });
		expect_uf2(&file, table[i].family, table[i].expected);
	}
}

static void only_foreign_blocks_are_refused_by_name(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	uf2_add(&file,
		(struct uf2_block){ FAMILY, 0x10000000, 2, 0, 1, PICO, 0x33 });
	expect_uf2(&file, 0,
		   "E_UNSUPPORTED: app.uf2: offset 0x1c: the blocks are for "
		   "family 0xe48bff56, expected a family of STM32\n");
}

static void blocks_without_a_family_are_taken_with_a_warning(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	uf2_add(&file, (struct uf2_block){ 0, 0x08000000, 2, 0, 1, 2, 0x11 });
	expect_uf2(&file, H7,
		   "warning: app.uf2: the blocks do not say for which family "
		   "they are\n"
		   "segment 0 0x08000000 2/2 at 32\n"
		   "0x08000000: 11 11\n");
}

static void blocks_that_are_not_for_flash_are_left_out(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	uf2_add(&file, (struct uf2_block){ FAMILY | NOT_FLASH, 0x08000000, 2, 0,
					   3, H7, 0x11 });
	uf2_add(&file,
		(struct uf2_block){ FAMILY, 0x08000000, 2, 1, 3, H7, 0x22 });
	uf2_add(&file, (struct uf2_block){ FAMILY | FILE_CONTAINER, 0, 2, 2, 3,
					   H7, 0x33 });
	expect_uf2(&file, 0,
		   "warning: app.uf2: 2 blocks that are not for main flash are "
		   "left out\n"
		   "segment 0 0x08000000 2/2 at 544\n"
		   "0x08000000: 22 22\n");
}

static void a_block_may_be_there_twice_if_it_is_the_same(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	uf2_add(&file,
		(struct uf2_block){ FAMILY, 0x08000000, 2, 0, 2, H7, 0x11 });
	expect_uf2(&file, 0,
		   "warning: app.uf2: 1 blocks are there more than once, with "
		   "the same content\n"
		   "segment 0 0x08000002 2/2 at 32\n"
		   "segment 1 0x08000000 2/2 at 544\n"
		   "0x08000000: 11 11 22 22\n");
	file = usual_file();
	uf2_add(&file,
		(struct uf2_block){ FAMILY, 0x08000000, 2, 0, 2, H7, 0x11 });
	file.at[1024 + 33] = 0x99;
	expect_uf2(&file, 0,
		   "E_FORMAT: app.uf2: offset 0x400: block number 0 differs "
		   "from the one at offset 0x200\n");
}

static void broken_blocks_are_refused(void **state)
{
	static const struct {
		size_t offset;
		uint32_t value;
		const char *expected;
	} table[] = {
		{ 512, 0,
		  "offset 0x200: magic number of block 1 is "
		  "0x00000000, expected 0x0a324655" },
		{ 516, 1,
		  "offset 0x204: magic number of block 1 is "
		  "0x00000001, expected 0x9e5d5157" },
		{ 508, 2,
		  "offset 0x1fc: magic number of block 0 is "
		  "0x00000002, expected 0x0ab16f30" },
		{ 16, 477,
		  "offset 0x10: payload size is 477, expected at most "
		  "476" },
		{ 12, 0xffffffff,
		  "offset 0xc: 2 bytes at 0xffffffff run past 0xffffffff" },
		{ 512 + 24, 3,
		  "offset 0x218: total of blocks is 3, expected "
		  "2 as in the first block" },
		{ 20, 2,
		  "offset 0x14: block number is 2, expected less than "
		  "the total of 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct bytes file = usual_file();
		struct text line = { 0 };

		put_le32(file.at + table[i].offset, table[i].value);
		text_add(&line, "E_FORMAT: app.uf2: %s\n", table[i].expected);
		expect_uf2(&file, 0, text_chars(&line));
		text_free(&line);
	}
}

static void missing_blocks_are_found(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	file.length = 512;
	expect_uf2(&file, 0,
		   "E_FORMAT: app.uf2: offset 0x200: block 0 of 2 is "
		   "missing\n");
	/* a claimed total must not be allocated, nor counted to */
	uf2_add(&file,
		(struct uf2_block){ FAMILY, 0, 2, 0, 0xffffffff, H7, 0 });
	uf2_add(&file, (struct uf2_block){ FAMILY, 0, 2, 0xfffffffe, 0xffffffff,
					   H7, 0 });
	expect_uf2(&file, 0,
		   "E_FORMAT: app.uf2: offset 0x400: block 1 of "
		   "4294967295 is missing\n");
}

/* The number after the last one that could still be in place. */
static void a_number_beyond_the_blocks_there_are_does_no_harm(void **state)
{
	(void)state;
	for (uint32_t number = 2; number < 5; number++) {
		struct bytes file = { 0 };

		uf2_add(&file, (struct uf2_block){ FAMILY, 0x08000000, 2, 0, 9,
						   H7, 0 });
		uf2_add(&file, (struct uf2_block){ FAMILY, 0x08000002, 2,
						   number, 9, H7, 0 });
		expect_uf2(&file, 0,
			   "E_FORMAT: app.uf2: offset 0x400: block 1 "
			   "of 9 is missing\n");
	}
}

static void a_truncated_block_is_refused(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	file.length = 1000;
	expect_uf2(&file, 0,
		   "E_FORMAT: app.uf2: offset 0x200: block 1 is "
		   "truncated: it has 488 bytes, expected 512\n");
	expect_bytes("app.uf2", "", 0,
		     "E_FORMAT: app.uf2: offset 0x0: block 0 is truncated: it "
		     "has 0 bytes, expected 512\n");
}

static void blocks_that_overlap_are_refused_with_both_places(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	put_le32(file.at + 12, 0x08000001);
	expect_uf2(&file, 0,
		   "E_OVERLAP: app.uf2: offset 0x221: 0x08000001 is 0x11 here, "
		   "but 0x22 at app.uf2: offset 0x20\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_read_in_any_order),
		cmocka_unit_test(a_block_that_follows_on_stays_in_its_segment),
		cmocka_unit_test(
			blocks_of_other_families_are_left_out_with_a_warning),
		cmocka_unit_test(
			the_family_decides_which_blocks_of_a_mixed_file_count),
		cmocka_unit_test(only_foreign_blocks_are_refused_by_name),
		cmocka_unit_test(
			blocks_without_a_family_are_taken_with_a_warning),
		cmocka_unit_test(blocks_that_are_not_for_flash_are_left_out),
		cmocka_unit_test(a_block_may_be_there_twice_if_it_is_the_same),
		cmocka_unit_test(broken_blocks_are_refused),
		cmocka_unit_test(missing_blocks_are_found),
		cmocka_unit_test(
			a_number_beyond_the_blocks_there_are_does_no_harm),
		cmocka_unit_test(a_truncated_block_is_refused),
		cmocka_unit_test(
			blocks_that_overlap_are_refused_with_both_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
