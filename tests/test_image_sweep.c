/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every way to cut a file short, and every byte of it changed. Run with the
 * sanitizers, which see what a test cannot. */

static const char hex_file[] = ":020000040800F2\n"
			       ":0A000000000102030A0B0C0DFEFFC5\n"
			       ":01001000AA45\n"
			       ":00000001FF\n";
static const char srec_file[] = "S0060000617070B8\n"
				"S30908000000010A0BFEDA\n"
				"S30608000010AA37\n"
				"S5030002FA\n"
				"S70508000000F2\n";

static struct bytes text_file(const char *text)
{
	struct bytes file = { 0 };

	bytes_add(&file, text, strlen(text));
	return file;
}

static struct bytes small_elf(void)
{
	static const struct elf_segment segments[] = {
		{ PT_LOAD, 116, 0x08000000, 0x08000000, 4, 4 },
		{ PT_LOAD, 120, 0x20000000, 0x08000004, 2, 8 },
	};
	struct bytes file = elf_file(segments, 2);

	bytes_add(&file, "abcdef", 6);
	return file;
}

static struct bytes small_dfu(void)
{
	struct bytes file = { 0 };

	dfuse_start(&file, 1);
	dfuse_target(&file, "flash", 19, 2);
	dfuse_element(&file, 0x08000000, "ab");
	dfuse_element(&file, 0x08000010, "c");
	dfuse_end(&file);
	return file;
}

static struct bytes small_uf2(void)
{
	struct bytes file = { 0 };

	for (uint32_t i = 0; i < 2; i++)
		uf2_add(&file,
			(struct uf2_block){ 0x2000, 0x08000000 + i * 4, 4, i, 2,
					    S0_UF2_STM32H7, 0x55 });
	return file;
}

/* A copy of just the bytes, so that reading one too many is seen. */
static struct text try_copy(const char *name, const uint8_t *bytes,
			    size_t length, bool ignore)
{
	uint8_t *copy = malloc(length ? length : 1);
	struct s0_image_file file = { name, copy, length, 0x08000000 };
	struct s0_image_read_options options = { .ignore_checksums = ignore };
	struct s0_image *image;
	struct text text;

	assert_non_null(copy);
	if (length)
		memcpy(copy, bytes, length);
	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	text = image_try(image, file, options);
	if (strncmp(text_chars(&text), "E_", 2) == 0)
		assert_int_equal(s0_image_segment_count(image), 0);
	s0_image_free(image);
	free(copy);
	return text;
}

static bool failed(const struct text *text)
{
	return strstr(text_chars(text), "E_") != NULL;
}

/* No prefix but one that lacks nothing but the last line end is good. */
static void cut(const char *name, struct bytes file, size_t may_lack)
{
	for (size_t n = 0; n <= file.length; n++) {
		struct text text = try_copy(name, file.at, n, false);

		if (n + may_lack < file.length)
			assert_true(failed(&text));
		else
			assert_false(failed(&text));
		text_free(&text);
		text = try_copy(name, file.at, n, true);
		text_free(&text);
	}
	bytes_free(&file);
}

static void a_file_cut_short_anywhere_is_refused(void **state)
{
	(void)state;
	cut("a.hex", text_file(hex_file), 1);
	cut("a.s37", text_file(srec_file), 1);
	cut("a.elf", small_elf(), 0);
	cut("a.dfu", small_dfu(), 0);
	cut("a.uf2", small_uf2(), 0);
}

static void a_raw_binary_is_good_at_any_length(void **state)
{
	(void)state;
	cut("a.bin", text_file("any bytes"), 9);
}

/*
 * Put every value in the place of every byte.
 * @param strict  What is read without a word must be what the file says.
 */
static void change(const char *name, struct bytes file, bool strict,
		   unsigned step)
{
	struct text right = try_copy(name, file.at, file.length, false);

	assert_false(failed(&right));
	for (size_t i = 0; i < file.length; i++) {
		uint8_t before = file.at[i];

		for (unsigned value = 0; value < 256; value += step) {
			struct text text;

			file.at[i] = (uint8_t)(before + value);
			text = try_copy(name, file.at, file.length, false);
			if (strict && !failed(&text) &&
			    !strstr(text_chars(&text), "warning"))
				assert_string_equal(text_chars(&text),
						    text_chars(&right));
			text_free(&text);
			text = try_copy(name, file.at, file.length, true);
			text_free(&text);
		}
		file.at[i] = before;
	}
	text_free(&right);
	bytes_free(&file);
}

static void no_changed_byte_of_intel_hex_slips_through(void **state)
{
	(void)state;
	change("a.hex", text_file(hex_file), true, 1);
}

static void no_changed_byte_of_an_s_record_slips_through(void **state)
{
	(void)state;
	change("a.s37", text_file(srec_file), true, 1);
}

static void no_changed_byte_of_a_dfuse_file_slips_through(void **state)
{
	(void)state;
	change("a.dfu", small_dfu(), true, 17);
}

static void a_changed_byte_of_other_formats_does_no_harm(void **state)
{
	(void)state;
	change("a.elf", small_elf(), false, 5);
	change("a.uf2", small_uf2(), false, 51);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_cut_short_anywhere_is_refused),
		cmocka_unit_test(a_raw_binary_is_good_at_any_length),
		cmocka_unit_test(no_changed_byte_of_intel_hex_slips_through),
		cmocka_unit_test(no_changed_byte_of_an_s_record_slips_through),
		cmocka_unit_test(no_changed_byte_of_a_dfuse_file_slips_through),
		cmocka_unit_test(a_changed_byte_of_other_formats_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
