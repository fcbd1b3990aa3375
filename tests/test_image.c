/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

#include <stdlib.h>
#include <string.h>

static struct s0_image *new_image(void)
{
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	return image;
}

static void add(struct s0_image *image, const char *name, uint32_t address,
		const char *data)
{
	struct s0_error err = S0_ERROR_INIT;

	assert_int_equal(s0_image_add(image, name, address, data,
				      (uint32_t)strlen(data), &err),
			 S0_OK);
}

static void expect_image(const struct s0_image *image, const char *expected)
{
	struct text text = { 0 };

	image_print(image, &text);
	assert_string_equal(text_chars(&text), expected);
	text_free(&text);
}

/* Read a raw binary into an image that has bytes already. */
static void expect_read(struct s0_image *image, const char *name,
			uint32_t address, const char *content,
			const char *expected)
{
	struct s0_image_file file = { name, content, strlen(content), address };
	struct s0_image_read_options options = { 0 };
	struct text text = image_try(image, file, options);

	assert_string_equal(text_chars(&text), expected);
	text_free(&text);
}

static void a_new_image_is_empty(void **state)
{
	struct s0_image *image = new_image();
	struct s0_segment segment;

	(void)state;
	assert_int_equal(s0_image_piece_count(image), 0);
	assert_int_equal(s0_image_segment_count(image), 0);
	assert_int_equal(s0_image_size(image), 0);
	assert_false(s0_image_segment(image, 0, &segment));
	assert_int_equal(s0_image_piece(image, 0).length, 0);
	assert_int_equal(s0_image_find(image, 0), 0);
	s0_image_free(image);
	s0_image_free(NULL);
}

static void bytes_added_by_hand_are_sorted(void **state)
{
	struct s0_image *image = new_image();

	(void)state;
	add(image, "b", 0x08000010, "BB");
	add(image, "a", 0x08000000, "AA");
	add(image, "c", 0x08000002, "CC");
	add(image, "none", 0x08000100, "");
	expect_image(image, "segment 0 0x08000010 2/2 at 0\n"
			    "segment 0 0x08000000 2/2 at 0\n"
			    "segment 0 0x08000002 2/2 at 0\n"
			    "segment 0 0x08000100 0/0 at 0\n"
			    "0x08000000: 41 41 43 43\n"
			    "0x08000010: 42 42\n");
	assert_int_equal(s0_image_size(image), 6);
	s0_image_free(image);
}

static void bytes_past_the_last_address_are_refused(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image = new_image();

	(void)state;
	add(image, "top", 0xfffffffe, "ab");
	assert_int_equal(s0_image_add(image, "x", 0xffffffff, "ab", 2, &err),
			 S0_E_OUTSIDE);
	assert_string_equal(err.message,
			    "2 bytes at 0xffffffff run past 0xffffffff");
	expect_read(image, "x.bin", 0xfffffffd, "1234",
		    "E_OUTSIDE: x.bin: offset 0x3: 4 bytes at 0xfffffffd run "
		    "past 0xffffffff\n");
	expect_image(image, "segment 0 0xfffffffe 2/2 at 0\n"
			    "0xfffffffe: 61 62\n");
	s0_image_free(image);
}

static void far_apart_bytes_cost_no_gap(void **state)
{
	struct s0_image *image = new_image();

	(void)state;
	add(image, "a", 0x08000000, "0123456789abcdef");
	add(image, "b", 0xffffff00, "0123456789abcdef");
	assert_int_equal(s0_image_piece_count(image), 2);
	assert_int_equal(s0_image_size(image), 32);
	s0_image_free(image);
}

static void equal_bytes_twice_are_merged_with_one_warning(void **state)
{
	struct s0_image *image = new_image();

	(void)state;
	add(image, "a", 0x08000000, "abcd");
	add(image, "b", 0x08000008, "ijkl");
	expect_read(image, "c.bin", 0x08000002, "cdefghijklmn",
		    "warning: c.bin: 6 bytes are given twice, with the same "
		    "values; the first at 0x08000002\n"
		    "segment 0 0x08000000 4/4 at 0\n"
		    "segment 0 0x08000008 4/4 at 0\n"
		    "segment 0 0x08000002 12/12 at 0\n"
		    "0x08000000: 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e\n");
	for (size_t i = 1; i < s0_image_piece_count(image); i++)
		assert_true(s0_image_piece(image, i - 1).address +
				    s0_image_piece(image, i - 1).length <=
			    s0_image_piece(image, i).address);
	s0_image_free(image);
}

static void a_difference_with_an_earlier_file_names_both(void **state)
{
	struct s0_image *image = new_image();

	(void)state;
	add(image, "boot.bin", 0x08000000, "abcd");
	expect_read(image, "app.bin", 0x08000002, "cX",
		    "E_OVERLAP: app.bin: offset 0x1: 0x08000003 is 0x58 here, "
		    "but 0x64 in segment 0 of boot.bin\n");
	expect_read(image, "app.hex", 0,
		    ":020000040800F2\n:02000200635841\n:00000001FF\n",
		    "E_OVERLAP: app.hex:2:12: 0x08000003 is 0x58 here, but "
		    "0x64 in segment 0 of boot.bin\n");
	expect_image(image, "segment 0 0x08000000 4/4 at 0\n"
			    "0x08000000: 61 62 63 64\n");
	s0_image_free(image);
}

static void a_difference_within_a_file_names_both_lines(void **state)
{
	(void)state;
	expect_text("app.hex",
		    ":020000040800F2\n"
		    ":040000006162636472\n"
		    ":01000200639A\n"
		    ":0200020063FF9A\n"
		    ":00000001FF\n",
		    "E_OVERLAP: app.hex:4:12: 0x08000003 is 0xff here, but "
		    "0x64 at app.hex:2:16\n");
	expect_text("app.s37",
		    "S30808000000616263C9\n"
		    "S306080000017A76\n"
		    "S70500000000FA\n",
		    "E_OVERLAP: app.s37:2:13: 0x08000001 is 0x7a here, but "
		    "0x62 at app.s37:1:15\n");
}

/* Every way of lying over each other, against a plain array. */
static void overlaps_of_many_pieces_agree_with_a_plain_memory(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		struct s0_image *image = new_image();
		uint8_t memory[64], known[64] = { 0 }, got[64];

		for (unsigned i = 0; i < 64; i++)
			memory[i] = (uint8_t)(i * 7 + round);
		for (unsigned i = 0; i < 12; i++) {
			uint32_t at = (seed = seed * 1103515245 + 12345) >> 16;
			uint32_t length;

			at %= 64;
			seed = seed * 1103515245 + 12345;
			length = (seed >> 16) % (65 - at);
			assert_int_equal(
				s0_image_add(image, "x", 0x08000000 + at,
					     memory + at, length, NULL),
				S0_OK);
			memset(known + at, 1, length);
		}
		memset(got, 0xee, sizeof got);
		(void)s0_image_copy(image, 0x08000000, 64, got);
		for (unsigned i = 0; i < 64; i++)
			assert_int_equal(got[i], known[i] ? memory[i] : 0xee);
		for (size_t i = 1; i < s0_image_piece_count(image); i++)
			assert_true(
				s0_image_piece(image, i).address >=
				s0_image_piece(image, i - 1).address +
					s0_image_piece(image, i - 1).length);
		s0_image_free(image);
	}
}

/* The same within one file: records in any order, over each other. */
static void records_in_any_order_are_sorted(void **state)
{
	(void)state;
	expect_text("app.hex",
		    ":0200040045466F\n"
		    ":0200000041427B\n"
		    ":030002004344452F\n"
		    ":00000001FF\n",
		    "warning: app.hex: 1 bytes are given twice, with the same "
		    "values; the first at 0x00000004\n"
		    "segment 0 0x00000004 2/2 at 1\n"
		    "segment 1 0x00000000 5/5 at 2\n"
		    "0x00000000: 41 42 43 44 45 46\n");
}

static void a_failed_read_leaves_the_image_as_it_was(void **state)
{
	static const char *const broken[] = {
		":020000040800F2\n:0400100001020304E2\n:FF\n",	 /* half way */
		":020000040800F2\n:01000000FF00\n:00000001FF\n", /* differs */
		"S30608000000FFF2\nS70500000000FA\n",
	};
	struct s0_image *image = new_image();
	struct text before = { 0 };

	(void)state;
	add(image, "a.bin", 0x08000000, "first");
	image_print(image, &before);
	for (size_t i = 0; i < 3; i++) {
		struct s0_image_file file = { "x", broken[i], strlen(broken[i]),
					      0 };

		assert_int_not_equal(s0_image_read(image, &file, NULL, NULL),
				     S0_OK);
		expect_image(image, text_chars(&before));
	}
	add(image, "b.bin", 0x08000005, "second");
	expect_image(image, "segment 0 0x08000000 5/5 at 0\n"
			    "segment 0 0x08000005 6/6 at 0\n"
			    "0x08000000: 66 69 72 73 74 73 65 63 6f 6e 64\n");
	text_free(&before);
	s0_image_free(image);
}

/* Many chunks come and go again. */
static void a_big_failed_read_gives_everything_back(void **state)
{
	size_t length = 3 << 20;
	char *data = calloc(1, length);
	struct s0_image *image = new_image();

	(void)state;
	add(image, "a.bin", 0x08000000, "x");
	for (int i = 0; i < 3; i++) {
		struct s0_error err = S0_ERROR_INIT;

		assert_int_equal(s0_image_add(image, "big", 0x07000001, data,
					      (uint32_t)length, NULL),
				 S0_OK);
		assert_int_equal(s0_image_add(image, "bad", 0x08000000, data,
					      (uint32_t)length, &err),
				 S0_E_OVERLAP);
		assert_string_equal(err.message,
				    "bad: offset 0x0: 0x08000000 is 0x00 here, "
				    "but 0x78 in segment 0 of a.bin");
		assert_int_equal(err.address, 0x08000000);
		assert_int_equal(s0_image_size(image), length + 1);
	}
	free(data);
	s0_image_free(image);
}

static void bytes_are_found_and_copied_by_address(void **state)
{
	struct s0_image *image = new_image();
	char buffer[16];

	(void)state;
	add(image, "a", 0x1000, "abcd");
	add(image, "b", 0x1008, "ijkl");
	add(image, "c", 0xfffffffc, "wxyz");
	assert_int_equal(s0_image_find(image, 0), 0);
	assert_int_equal(s0_image_find(image, 0x1003), 0);
	assert_int_equal(s0_image_find(image, 0x1004), 1);
	assert_int_equal(s0_image_find(image, 0x100b), 1);
	assert_int_equal(s0_image_find(image, 0x100c), 2);
	assert_int_equal(s0_image_find(image, 0xffffffff), 2);
	memset(buffer, '.', sizeof buffer);
	assert_int_equal(s0_image_copy(image, 0x1002, 8, buffer), 4);
	assert_memory_equal(buffer, "cd....ij........", 16);
	memset(buffer, '.', sizeof buffer);
	assert_int_equal(s0_image_copy(image, 0x0ffe, 16, buffer), 8);
	assert_memory_equal(buffer, "..abcd....ijkl..", 16);
	assert_int_equal(s0_image_copy(image, 0xffffffff, 1, buffer), 1);
	assert_int_equal(buffer[0], 'z');
	assert_int_equal(s0_image_copy(image, 0x2000, 16, buffer), 0);
	s0_image_free(image);
}

static void a_long_name_leaves_room_for_what_happened(void **state)
{
	char name[400];
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image_file file = { name, "rubbish", 7, 0 };
	struct s0_image *image = new_image();

	(void)state;
	memset(name, 'n', sizeof name);
	memcpy(name + sizeof name - 5, ".hex", 5);
	assert_int_equal(s0_image_read(image, &file, NULL, &err), S0_E_FORMAT);
	assert_memory_equal(err.message, "...nnn", 6);
	assert_non_null(
		strstr(err.message,
		       "n.hex:1:1: a record starts with 'r', expected ':'"));
	s0_image_free(image);
}

static void names_in_segments_belong_to_the_image(void **state)
{
	char name[] = "a\nb.bin";
	struct s0_image *image = new_image();
	struct s0_segment segment;

	(void)state;
	add(image, name, 0, "x");
	name[0] = '!';
	assert_true(s0_image_segment(image, 0, &segment));
	assert_string_equal(segment.file, "a?b.bin");
	s0_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_image_is_empty),
		cmocka_unit_test(bytes_added_by_hand_are_sorted),
		cmocka_unit_test(bytes_past_the_last_address_are_refused),
		cmocka_unit_test(far_apart_bytes_cost_no_gap),
		cmocka_unit_test(equal_bytes_twice_are_merged_with_one_warning),
		cmocka_unit_test(a_difference_with_an_earlier_file_names_both),
		cmocka_unit_test(a_difference_within_a_file_names_both_lines),
		cmocka_unit_test(
			overlaps_of_many_pieces_agree_with_a_plain_memory),
		cmocka_unit_test(records_in_any_order_are_sorted),
		cmocka_unit_test(a_failed_read_leaves_the_image_as_it_was),
		cmocka_unit_test(a_big_failed_read_gives_everything_back),
		cmocka_unit_test(bytes_are_found_and_copied_by_address),
		cmocka_unit_test(a_long_name_leaves_room_for_what_happened),
		cmocka_unit_test(names_in_segments_belong_to_the_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
