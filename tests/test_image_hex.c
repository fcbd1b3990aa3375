/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

#include <stdio.h>
#include <string.h>

static void a_small_file_is_read(void **state)
{
	(void)state;
	expect_text("app.hex",
		    ":020000040800F2\n"
		    ":0400000001020304F2\n"
		    ":00000001FF\n",
		    "segment 0 0x08000000 4/4 at 2\n"
		    "0x08000000: 01 02 03 04\n");
}

static void line_ends_blanks_and_lower_case_do_not_matter(void **state)
{
	(void)state;
	expect_text("app.hex",
		    "\r\n"
		    ":020000040800f2\r\n"
		    "\r\n"
		    ":02000000abCd86  \t\r\n"
		    "   :00000001ff",
		    "segment 0 0x08000000 2/2 at 4\n"
		    "0x08000000: ab cd\n");
}

static void records_that_follow_on_are_one_segment(void **state)
{
	(void)state;
	expect_text("app.hex",
		    ":02000004FFFFFC\n"
		    ":01FFFF00AA57\n"
		    ":020000040800F2\n"
		    ":02FFFE001234BB\n"
		    ":020000040801F1\n"
		    ":02000000567830\n"
		    ":010003009A62\n"
		    ":00000001FF\n",
		    "segment 0 0xffffffff 1/1 at 2\n"
		    "segment 1 0x0800fffe 4/4 at 4\n"
		    "segment 2 0x08010003 1/1 at 7\n"
		    "0x0800fffe: 12 34 56 78\n"
		    "0x08010003: 9a\n"
		    "0xffffffff: aa\n");
}

static void segment_bases_and_start_records_are_known(void **state)
{
	(void)state;
	expect_text("app.hex",
		    ":020000021000EC\n"
		    ":010010007778\n"
		    ":0400000300003800C1\n"
		    ":0400000508000139B5\n"
		    ":0000000000\n" /* no data: nothing to say */
		    ":00000001FF\n",
		    "segment 0 0x00010010 1/1 at 2\n"
		    "0x00010010: 77\n");
}

static void data_without_a_base_is_at_zero(void **state)
{
	(void)state;
	expect_text("app.hex", ":0100000001FE\n:00000001FF\n",
		    "segment 0 0x00000000 1/1 at 1\n"
		    "0x00000000: 01\n");
}

static void a_file_may_hold_no_data(void **state)
{
	(void)state;
	expect_text("app.hex", ":00000001FF\n", "");
}

static void broken_files_are_refused_with_line_and_column(void **state)
{
	static const struct {
		const char *content;
		const char *expected;
	} table[] = {
		{ ":0400000001020304F3\n",
		  "1:18: checksum is 0xf3, expected 0xf2" },
		{ ":00000001FF\n:00000001FF\n",
		  "2:1: text after the end-of-file record" },
		{ ":00000001FF\n\n  rest\n",
		  "3:3: text after the end-of-file record" },
		{ ":0100000001FE\n", "2:1: the file ends without an "
				     "end-of-file record (type 01)" },
		{ "", "1:1: the file ends without an end-of-file record "
		      "(type 01)" },
		{ ":0100000001FE\nhello\n",
		  "2:1: a record starts with 'h', expected ':'" },
		{ ":0100000001FE\n\x01\n",
		  "2:1: a record starts with byte 0x01, expected ':'" },
		{ ":01000000g1FE\n", "1:10: 'g' is not a hexadecimal digit" },
		{ ":010000000\xc3\xa9"
		  "1FE\n",
		  "1:11: byte 0xc3 is not a hexadecimal digit" },
		{ ":010000000FE\n",
		  "1:13: odd number of hexadecimal digits in the record (11)" },
		{ ":01000000\n", "1:10: record is truncated: it has 8 digits, "
				 "expected at least 10" },
		{ ":\n", "1:2: record is truncated: it has 0 digits, expected "
			 "at least 10" },
		{ ":0400000001020300\n",
		  "1:18: record is truncated: it has 3 data bytes, its byte "
		  "count says 4" },
		{ ":0100000001FE00\n",
		  "1:2: byte count is 1, expected 2: so many data bytes are in "
		  "the record" },
		{ ":0100000001FE :00000001FF\n",
		  "1:14: a space is not a hexadecimal digit" },
		{ ":00000006FA\n",
		  "1:8: record type is 06, expected 00 to 05" },
		{ ":0100000400FB\n",
		  "1:2: byte count is 1, expected 2 in a record of type 04" },
		{ ":03000002000000FB\n",
		  "1:2: byte count is 3, expected 2 in a record of type 02" },
		{ ":0200000500 00F9\n",
		  "1:12: a space is not a hexadecimal digit" },
		{ ":020000050000F9\n",
		  "1:2: byte count is 2, expected 4 in a record of type 05" },
		{ ":020000030000FB\n",
		  "1:2: byte count is 2, expected 4 in a record of type 03" },
		{ ":0100000100FE\n",
		  "1:2: byte count is 1, expected 0 in a record of type 01" },
		{ ":020000040800F2\n:02FFFF000102FD\n:00000001FF\n",
		  "2:4: 2 data bytes at offset 0xffff run past the end of "
		  "their 64 KiB segment" },
		{ ":020000021000EC\n:02FFFF000102FD\n:00000001FF\n",
		  "2:4: 2 data bytes at offset 0xffff run past the end of "
		  "their 64 KiB segment" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct text line = { 0 };

		text_add(&line, "E_FORMAT: app.hex:%s\n", table[i].expected);
		expect_text("app.hex", table[i].content, text_chars(&line));
		text_free(&line);
	}
}

static void every_length_of_record_is_decoded_and_checked(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		struct text line = { 0 }, expected = { 0 };
		unsigned sum = n;

		text_add(&line, ":%02X000000", n);
		if (n)
			text_add(&expected,
				 "segment 0 0x00000000 %u/%u at 1\n"
				 "0x00000000:",
				 n, n);
		for (unsigned i = 0; i < n; i++) {
			unsigned byte = (i * 37 + n) & 0xff;

			text_add(&line, i % 2 ? "%02x" : "%02X", byte);
			sum += byte;
			if (i < 64)
				text_add(&expected, " %02x", byte);
		}
		text_add(&line, "%02X\n:00000001FF\n", (0u - sum) & 0xff);
		if (n)
			text_add(&expected, "\n");
		expect_text("app.hex", text_chars(&line),
			    text_chars(&expected));
		text_free(&line);
		text_free(&expected);
	}
}

/* The fast decoder looks at many digits at once; none may slip through. */
static void every_character_that_is_no_digit_is_found(void **state)
{
	static const char good[] =
		":18000000000102030405060708090A0B0C0D0E0F1011121314151617"
		"D4\n:00000001FF\n";

	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
		    (c >= 'a' && c <= 'f') || c == '\n')
			continue;
		for (size_t at = 1; at < 59; at++) {
			char broken[sizeof good];
			char prefix[40];
			struct s0_error err = S0_ERROR_INIT;
			struct s0_image_file file = { "a.hex", broken,
						      sizeof good - 1, 0 };
			struct s0_image *image;

			memcpy(broken, good, sizeof good);
			broken[at] = (char)c;
			assert_int_equal(s0_image_new(&image, NULL), S0_OK);
			assert_int_equal(
				s0_image_read(image, &file, NULL, &err),
				S0_E_FORMAT);
			s0_image_free(image);
			(void)snprintf(prefix, sizeof prefix,
				       "a.hex:1:%zu:", at + 1);
			/* a blank at the end only shortens the record */
			if (at < 57 || !strchr(" \t\r", (int)c))
				assert_memory_equal(err.message, prefix,
						    strlen(prefix));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_file_is_read),
		cmocka_unit_test(line_ends_blanks_and_lower_case_do_not_matter),
		cmocka_unit_test(records_that_follow_on_are_one_segment),
		cmocka_unit_test(segment_bases_and_start_records_are_known),
		cmocka_unit_test(data_without_a_base_is_at_zero),
		cmocka_unit_test(a_file_may_hold_no_data),
		cmocka_unit_test(broken_files_are_refused_with_line_and_column),
		cmocka_unit_test(every_length_of_record_is_decoded_and_checked),
		cmocka_unit_test(every_character_that_is_no_digit_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
