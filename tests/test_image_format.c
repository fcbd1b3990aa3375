/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

#include <string.h>

static void formats_are_recognised_by_content_then_by_name(void **state)
{
	static const struct {
		const char *name;
		const char *content;
		s0_format format;
	} table[] = {
		{ "a.bin", ":00000001FF\n", S0_FORMAT_IHEX },
		{ "a.bin", "\r\n :00000001FF", S0_FORMAT_IHEX },
		{ "a.bin", "S9030000FC\n", S0_FORMAT_SREC },
		{ "a.bin", "S*030000FC\n", S0_FORMAT_BIN },
		{ "a.bin", ":not hex\n..", S0_FORMAT_BIN },
		{ "a.hex", "S9030000FC\n", S0_FORMAT_SREC },
		{ "a.hex", "rubbish", S0_FORMAT_IHEX },
		{ "a.S19", "", S0_FORMAT_SREC },
		{ "a", "\177ELF", S0_FORMAT_ELF },
		{ "a.elf", "", S0_FORMAT_ELF },
		{ "a.out", "", S0_FORMAT_ELF },
		{ "a", "DfuSe", S0_FORMAT_DFUSE },
		{ "a.dfu", "rubbish", S0_FORMAT_DFUSE },
		{ "a", "UF2\nWQ]\x9e", S0_FORMAT_UF2 },
		{ "a.uf2", "UF2", S0_FORMAT_UF2 },
		{ "a.txt", "rubbish", S0_FORMAT_BIN },
		{ "dir.hex/a", "rubbish", S0_FORMAT_BIN },
		{ "a", "", S0_FORMAT_BIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct s0_image_file file = { table[i].name, table[i].content,
					      strlen(table[i].content), 0 };

		assert_int_equal(s0_image_recognise(&file), table[i].format);
	}
}

static void a_name_that_disagrees_with_the_content_is_warned_about(void **state)
{
	struct s0_image_file file = { "app.bin", ":00000001FF\n", 12, 0x100 };
	struct s0_image_read_options options = { .format = S0_FORMAT_BIN };

	(void)state;
	expect_text("app.bin", ":00000001FF\n",
		    "warning: app.bin: the content is Intel HEX, though the "
		    "name says raw binary\n");
	expect_text("app.txt", ":00000001FF\n", "");
	expect_options(file, options, /* what is asked for is not doubted */
		       "segment 0 0x00000100 12/12 at 0\n"
		       "0x00000100: 3a 30 30 30 30 30 30 30 31 46 46 0a\n");
}

static void formats_have_names_and_words(void **state)
{
	(void)state;
	assert_int_equal(s0_format_parse("hex"), S0_FORMAT_IHEX);
	assert_int_equal(s0_format_parse("S37"), S0_FORMAT_SREC);
	assert_int_equal(s0_format_parse("he"), S0_FORMAT_AUTO);
	assert_int_equal(s0_format_parse("hexa"), S0_FORMAT_AUTO);
	assert_int_equal(s0_format_parse(""), S0_FORMAT_AUTO);
	assert_int_equal(s0_format_parse(NULL), S0_FORMAT_AUTO);
	assert_int_equal(s0_format_of_name("x.HEX"), S0_FORMAT_IHEX);
	assert_int_equal(s0_format_of_name("hex"), S0_FORMAT_AUTO);
	assert_string_equal(s0_format_name(S0_FORMAT_SREC), "S-record");
	assert_string_equal(s0_format_name((s0_format)99), "unknown format");
}

static void a_format_that_is_none_is_a_bug(void **state)
{
	struct s0_image_file file = { "a", "", 0, 0 };
	struct s0_image_read_options options = { .format = (s0_format)99 };

	(void)state;
	expect_options(file, options, "E_BUG: no such format: 99\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			formats_are_recognised_by_content_then_by_name),
		cmocka_unit_test(
			a_name_that_disagrees_with_the_content_is_warned_about),
		cmocka_unit_test(formats_have_names_and_words),
		cmocka_unit_test(a_format_that_is_none_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
