/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

static void every_width_of_address_is_read(void **state)
{
	(void)state;
	expect_text(
		"app.s19",
		"S00600004844521B\n"
		"S1051234AABB4F\n"
		"S206123456CCDDB4\n"
		"S307080000000102ED\n"
		"S5030003F9\n"
		"S9031234B6\n",
		"warning: app.s19: data records of different types: S1, S2 and "
		"S3 mark addresses of 2, 3 and 4 bytes\n"
		"segment 0 0x00001234 2/2 at 2\n"
		"segment 1 0x00123456 2/2 at 3\n"
		"segment 2 0x08000000 2/2 at 4\n"
		"0x00001234: aa bb\n0x00123456: cc dd\n0x08000000: 01 02\n");
}

static void line_ends_blanks_and_lower_case_do_not_matter(void **state)
{
	(void)state;
	expect_text("app.srec",
		    "\r\n\r\n"
		    "S30708000000abcd78  \r\n"
		    "\r\n"
		    "  S70508000000f2",
		    "segment 0 0x08000000 2/2 at 3\n0x08000000: ab cd\n");
}

static void counts_and_every_terminator_are_understood(void **state)
{
	static const char *const ends[] = { "S70508000000F2\n",
					    "S804000000FB\n", "S9030000FC\n",
					    "S5030001FB\nS9030000FC",
					    "S604000001FA\nS9030000FC" };

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct text file = { 0 };

		text_add(&file, "S30608000000AA47\n%s", ends[i]);
		expect_text("app.s37", text_chars(&file),
			    "segment 0 0x08000000 1/1 at 1\n"
			    "0x08000000: aa\n");
		text_free(&file);
	}
}

static void a_record_without_data_says_nothing(void **state)
{
	(void)state;
	expect_text("app.s19", "S1030000FC\nS5030001FB\nS9030000FC\n", "");
}

static void data_may_end_at_the_top_of_the_addresses(void **state)
{
	(void)state;
	expect_text("app.s37", "S307FFFFFFFE1122CA\nS70500000000FA\n",
		    "segment 0 0xfffffffe 2/2 at 1\n"
		    "0xfffffffe: 11 22\n");
}

/* The checksum does not protect the type of a record. */
static void a_header_in_the_wrong_place_is_warned_about(void **state)
{
	(void)state;
	expect_text("app.s37",
		    "S0050800AABB8D\n"
		    "S30608000000AA47\n"
		    "S0030000FC\n"
		    "S70508000000F2\n",
		    "warning: app.s37: 2 header records (S0) that are not the "
		    "first or have an address\n"
		    "segment 0 0x08000000 1/1 at 2\n"
		    "0x08000000: aa\n");
}

static void broken_files_are_refused_with_line_and_column(void **state)
{
	static const struct {
		const char *content;
		const char *expected;
	} table[] = {
		{ "S30608000000AA48\n",
		  "1:15: checksum is 0x48, expected 0x47" },
		{ "S30608000000AA47\n",
		  "2:1: the file ends without an end record (S7, S8 or S9)" },
		{ "", "1:1: the file ends without an end record (S7, S8 or "
		      "S9)" },
		{ "S9030000FC\nS9030000FC\n",
		  "2:1: text after the end record" },
		{ "S30608000000AA47\nX\n",
		  "2:1: a record starts with 'X', expected 'S'" },
		{ "S", "1:2: record is truncated: no type" },
		{ "S4030000FC\n",
		  "1:2: record type is '4', expected 0 to 3 or 5 to 9" },
		{ "S:030000FC\n",
		  "1:2: record type is ':', expected 0 to 3 or 5 to 9" },
		{ "S\n", "1:2: record type is byte 0x0a, expected 0 to 3 or 5 "
			 "to 9" },
		{ "S1\n", "1:3: record is truncated: no byte count" },
		{ "S10\n", "1:4: odd number of hexadecimal digits in the "
			   "record (1)" },
		{ "S1z\n", "1:3: 'z' is not a hexadecimal digit" },
		{ "S1030000F\n", "1:10: odd number of hexadecimal digits in "
				 "the record (7)" },
		{ "S30608000000AA\n", "1:15: record is truncated: it has 5 "
				      "bytes, its byte count says 6" },
		{ "S30608000000AA4700\n",
		  "1:3: byte count is 6, expected 7: so many bytes are in the "
		  "record" },
		{ "S3020000\n",
		  "1:3: byte count is 2, expected at least 5 in an S3 record" },
		{ "S100\n",
		  "1:3: byte count is 0, expected at least 3 in an S1 record" },
		{ "S904000000FB\n",
		  "1:3: byte count is 4, expected 3 in an S9 record" },
		{ "S5040000 00FB\n", "1:9: a space is not a hexadecimal "
				     "digit" },
		{ "S504000000FB\n",
		  "1:3: byte count is 4, expected 3 in an S5 record" },
		{ "S30608000000AA47\nS5030002FA\nS9030000FC\n",
		  "2:5: record count is 2, expected 1: so many data records "
		  "came before" },
		{ "S30608000000AA47\nS604000000FB\nS9030000FC\n",
		  "2:5: record count is 0, expected 1: so many data records "
		  "came before" },
		{ "S307FFFFFFFF1122C9\nS70500000000FA\n",
		  "1:5: 2 data bytes at 0xffffffff run past 0xffffffff" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct text line = { 0 };

		text_add(&line, "E_FORMAT: app.s19:%s\n", table[i].expected);
		expect_text("app.s19", table[i].content, text_chars(&line));
		text_free(&line);
	}
}

static void every_length_of_record_is_decoded(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 250; n++) {
		struct text line = { 0 }, expected = { 0 };
		unsigned sum = n + 5 + 8;

		text_add(&line, "S3%02X08000000", n + 5);
		text_add(&expected,
			 "segment 0 0x08000000 %u/%u at 1\n0x08000000:", n, n);
		for (unsigned i = 0; i < n; i++) {
			unsigned byte = (i * 41 + n) & 0xff;

			text_add(&line, i % 2 ? "%02x" : "%02X", byte);
			sum += byte;
			if (i < 64)
				text_add(&expected, " %02x", byte);
		}
		text_add(&line, "%02X\nS70500000000FA\n", ~sum & 0xff);
		text_add(&expected, "\n");
		expect_text("app.s37", text_chars(&line),
			    text_chars(&expected));
		text_free(&line);
		text_free(&expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_width_of_address_is_read),
		cmocka_unit_test(line_ends_blanks_and_lower_case_do_not_matter),
		cmocka_unit_test(counts_and_every_terminator_are_understood),
		cmocka_unit_test(a_record_without_data_says_nothing),
		cmocka_unit_test(data_may_end_at_the_top_of_the_addresses),
		cmocka_unit_test(a_header_in_the_wrong_place_is_warned_about),
		cmocka_unit_test(broken_files_are_refused_with_line_and_column),
		cmocka_unit_test(every_length_of_record_is_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
