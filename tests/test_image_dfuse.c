/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

#include <string.h>

#include "base/bytes.h"

/* Where things lie in usual_file(). */
enum { TARGET_0 = 11, TARGET_1 = 305, SUFFIX = 590, SIZE = 606 };

/* Two targets; the second one has no name. */
static struct bytes usual_file(void)
{
	struct bytes file = { 0 };

	dfuse_start(&file, 2);
	dfuse_target(&file, "Internal Flash", 20, 2);
	dfuse_element(&file, 0x08000000, "ab");
	dfuse_element(&file, 0x08000002, "cd");
	dfuse_target(&file, "", 11, 1);
	dfuse_element(&file, 0x90000000, "xyz");
	dfuse_end(&file);
	assert_int_equal(file.length, SIZE);
	return file;
}

static void expect_dfu(const struct bytes *file, const char *expected)
{
	expect_bytes("app.dfu", file->at, file->length, expected);
}

static void targets_and_elements_are_read(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	expect_dfu(&file, "segment 0 Internal Flash 0x08000000 2/2 at 293\n"
			  "segment 1 Internal Flash 0x08000002 2/2 at 303\n"
			  "segment 2 0x90000000 3/3 at 587\n"
			  "0x08000000: 61 62 63 64\n"
			  "0x90000000: 78 79 7a\n");
	bytes_free(&file);
}

static void a_segment_tells_its_target_and_what_that_is_for(void **state)
{
	struct bytes file = usual_file();
	struct s0_image_file given = { .name = "app.dfu" };
	struct s0_image_read_options how = { .ignore_checksums = true };
	struct s0_image *image;
	struct s0_segment segment;

	(void)state;
	file.at[587 - 8 - 274 + 6] = 7;
	given.bytes = file.at;
	given.length = file.length;
	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	assert_int_equal(s0_image_read(image, &given, &how, NULL), S0_OK);
	assert_true(s0_image_segment(image, 1, &segment));
	assert_int_equal(segment.target, 0);
	assert_int_equal(segment.alternate, 0);
	assert_true(s0_image_segment(image, 2, &segment));
	assert_int_equal(segment.target, 1);
	assert_int_equal(segment.alternate, 7);
	s0_image_free(image);
	bytes_free(&file);
}

static void an_empty_element_is_a_segment_without_bytes(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	dfuse_start(&file, 1);
	dfuse_target(&file, "a\tb", 8, 1);
	dfuse_element(&file, 0x08000000, "");
	dfuse_end(&file);
	expect_dfu(&file, "segment 0 a?b 0x08000000 0/0 at 293\n");
	bytes_free(&file);
}

/* The usual file with one byte changed, and a CRC that is right for it. */
static struct bytes changed_file(size_t offset, uint8_t value)
{
	struct bytes file = usual_file();

	file.at[offset] = value;
	file.length = SUFFIX;
	dfu_suffix(&file, get_le16(file.at + SUFFIX + 6));
	return file;
}

static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
		const char *expected;
	} table[] = {
		{ 0, 'd',
		  "E_FORMAT: app.dfu: offset 0x0: no DfuSe signature, "
		  "expected 'DfuSe'\n" },
		{ 5, 2,
		  "E_UNSUPPORTED: app.dfu: offset 0x5: DfuSe format "
		  "version is 2, expected 1\n" },
		{ TARGET_0, 'x',
		  "E_FORMAT: app.dfu: offset 0xb: no target "
		  "signature, expected 'Target'\n" },
		{ TARGET_0 + 270, 3,
		  "E_FORMAT: app.dfu: offset 0x139: element is truncated: 277 "
		  "bytes are left, expected 29797\n" },
		{ TARGET_0 + 274 + 7, 1,
		  "E_FORMAT: app.dfu: offset 0x125: element is truncated: 297 "
		  "bytes are left, expected 16777218\n" },
		{ 10, 3,
		  "E_FORMAT: app.dfu: offset 0x24e: target prefix is "
		  "truncated: 0 bytes are left, expected 274\n" },
		{ TARGET_1 + 270, 2,
		  "E_FORMAT: app.dfu: offset 0x24e: element header is "
		  "truncated: 0 bytes are left, expected 8\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct bytes file =
			changed_file(table[i].offset, table[i].value);

		expect_dfu(&file, table[i].expected);
		bytes_free(&file);
	}
}

static void sizes_and_sums_that_disagree_can_be_ignored(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
		const char *expected;
	} table[] = {
		{ 6, 0, "offset 0x6: image size is 512, expected 590" },
		{ TARGET_0 + 266, 21,
		  "offset 0x115: target size is 21, expected 20" },
		{ 10, 1,
		  "offset 0x131: 285 bytes between the last target and the "
		  "suffix, expected none" },
		{ SUFFIX + 6, 0x1b,
		  "offset 0x254: DFU version is 0x011b, expected 0x011a" },
	};
	struct s0_image_read_options ignore = { .ignore_checksums = true };

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct bytes file =
			changed_file(table[i].offset, table[i].value);
		struct s0_image_file named = { "app.dfu", file.at, file.length,
					       0 };
		struct text line = { 0 }, text;
		struct s0_image *image;

		text_add(&line, "E_FORMAT: app.dfu: %s\n", table[i].expected);
		expect_dfu(&file, text_chars(&line));
		text_free(&line);
		text_add(&line, "warning: app.dfu: %s\nsegment 0 ",
			 table[i].expected);
		assert_int_equal(s0_image_new(&image, NULL), S0_OK);
		text = image_try(image, named, ignore);
		assert_memory_equal(text_chars(&text), text_chars(&line),
				    line.length);
		s0_image_free(image);
		text_free(&text);
		text_free(&line);
		bytes_free(&file);
	}
}

static void a_wrong_crc_is_told_with_the_right_one(void **state)
{
	struct bytes file = usual_file();
	uint32_t right = get_le32(file.at + SUFFIX + 12);
	struct text line = { 0 };

	(void)state;
	put_le32(file.at + SUFFIX + 12, right ^ 1);
	text_add(&line,
		 "E_FORMAT: app.dfu: offset 0x25a: CRC is 0x%08x, expected "
		 "0x%08x\n",
		 right ^ 1, right);
	expect_dfu(&file, text_chars(&line));
	text_free(&line);
	bytes_free(&file);
}

/* dfu-suffix of dfu-util 0.11 made these 16 bytes. */
static void a_suffix_by_dfu_util_is_right(void **state)
{
	static const char file[] = "123456789...."
				   "\x00\x00\x11\xdf\x83\x04\x00\x01UFD\x10"
				   "\x2d\x76\xe2\x6c";

	(void)state;
	expect_bytes("app.dfu", file, sizeof file - 1,
		     "warning: app.dfu: no DfuSe file but a raw binary with a "
		     "DFU suffix; the 16 bytes of the suffix are left out\n"
		     "segment 0 0x08000000 13/13 at 0\n"
		     "0x08000000: 31 32 33 34 35 36 37 38 39 2e 2e 2e 2e\n");
}

static void a_file_without_a_suffix_can_be_read_if_asked(void **state)
{
	struct bytes file = usual_file();
	struct s0_image_file named = { "app.dfu", file.at, SUFFIX, 0 };
	struct s0_image_read_options ignore = { .ignore_checksums = true };

	(void)state;
	expect_bytes("app.dfu", file.at, SUFFIX,
		     "E_FORMAT: app.dfu: offset 0x24e: no DFU suffix at the "
		     "end of the file, expected 16 bytes with 'UFD' in them\n");
	expect_options(named, ignore,
		       "warning: app.dfu: offset 0x24e: no DFU suffix at the "
		       "end of the file, expected 16 bytes with 'UFD' in them\n"
		       "segment 0 Internal Flash 0x08000000 2/2 at 293\n"
		       "segment 1 Internal Flash 0x08000002 2/2 at 303\n"
		       "segment 2 0x90000000 3/3 at 587\n"
		       "0x08000000: 61 62 63 64\n"
		       "0x90000000: 78 79 7a\n");
	bytes_free(&file);
}

static void an_element_that_wraps_is_refused(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	dfuse_start(&file, 1);
	dfuse_target(&file, "", 10, 1);
	dfuse_element(&file, 0xffffffff, "ab");
	dfuse_end(&file);
	expect_dfu(&file, "E_FORMAT: app.dfu: offset 0x11d: element 0, 2 bytes "
			  "at 0xffffffff, runs past 0xffffffff\n");
	bytes_free(&file);
}

static void elements_that_differ_are_refused_with_both_places(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	dfuse_start(&file, 1);
	dfuse_target(&file, "", 22, 2);
	dfuse_element(&file, 0x08000000, "abc");
	dfuse_element(&file, 0x08000001, "bX!");
	dfuse_end(&file);
	expect_dfu(&file,
		   "E_OVERLAP: app.dfu: offset 0x131: 0x08000002 is 0x58 here, "
		   "but 0x63 at app.dfu: offset 0x127\n");
	bytes_free(&file);
}

static void a_plain_dfu_file_is_a_raw_binary_with_a_suffix(void **state)
{
	struct s0_image_read_options ignore = { .ignore_checksums = true };
	struct s0_image_file named = { .name = "app.dfu",
				       .address = 0x08000000 };
	struct bytes file = { 0 };

	(void)state;
	bytes_add(&file, "data", 4);
	dfu_suffix(&file, 0x0100);
	expect_dfu(
		&file,
		"warning: app.dfu: no DfuSe file but a raw binary with a DFU "
		"suffix; the 16 bytes of the suffix are left out\n"
		"segment 0 0x08000000 4/4 at 0\n"
		"0x08000000: 64 61 74 61\n");
	file.at[0] = 'D';
	expect_dfu(&file, "E_FORMAT: app.dfu: offset 0x10: CRC of the DFU "
			  "suffix is 0x3378ab07, expected 0x2447d07a\n");
	named.bytes = file.at;
	named.length = file.length;
	expect_options(
		named, ignore,
		"warning: app.dfu: offset 0x10: CRC of the DFU suffix "
		"is 0x3378ab07, expected 0x2447d07a\n"
		"warning: app.dfu: no DfuSe file but a raw binary with a "
		"DFU suffix; the 16 bytes of the suffix are left out\n"
		"segment 0 0x08000000 4/4 at 0\n"
		"0x08000000: 44 61 74 61\n");
	named.name = "app.bin"; /* the suffix only counts in a .dfu */
	named.length = 6;
	expect_options(named, ignore,
		       "segment 0 0x08000000 6/6 at 0\n"
		       "0x08000000: 44 61 74 61 00 00\n");
	bytes_free(&file);
}

static void a_short_file_is_refused(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	expect_bytes("app.dfu", file.at, 26,
		     "E_FORMAT: app.dfu: offset 0x1a: the file is truncated: "
		     "it has 26 bytes, expected at least 27\n");
	expect_bytes("app.dfu", file.at, 4,
		     "E_FORMAT: app.dfu: offset 0x0: no DfuSe signature, "
		     "expected 'DfuSe'\n");
	bytes_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_and_elements_are_read),
		cmocka_unit_test(
			a_segment_tells_its_target_and_what_that_is_for),
		cmocka_unit_test(an_empty_element_is_a_segment_without_bytes),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(sizes_and_sums_that_disagree_can_be_ignored),
		cmocka_unit_test(a_wrong_crc_is_told_with_the_right_one),
		cmocka_unit_test(a_suffix_by_dfu_util_is_right),
		cmocka_unit_test(a_file_without_a_suffix_can_be_read_if_asked),
		cmocka_unit_test(an_element_that_wraps_is_refused),
		cmocka_unit_test(
			elements_that_differ_are_refused_with_both_places),
		cmocka_unit_test(
			a_plain_dfu_file_is_a_raw_binary_with_a_suffix),
		cmocka_unit_test(a_short_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
