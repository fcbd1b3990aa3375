/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static const s0_format written[] = { S0_FORMAT_BIN, S0_FORMAT_IHEX,
				     S0_FORMAT_SREC, S0_FORMAT_DFUSE,
				     S0_FORMAT_UF2 };

static struct s0_image *new_image(void)
{
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	return image;
}

static void add(struct s0_image *image, uint32_t address, const char *data)
{
	assert_int_equal(s0_image_add(image, "x", address, data,
				      (uint32_t)strlen(data), NULL),
			 S0_OK);
}

static struct bytes write_as(const struct s0_image *image, s0_format format,
			     const struct s0_image_write_options *options)
{
	struct s0_error err = S0_ERROR_INIT;
	struct bytes bytes = { 0 };

	assert_int_equal(s0_image_write(image, format, options, bytes_sink,
					&bytes, &err),
			 S0_OK);
	bytes_add(&bytes, "", 1);
	bytes.length--;
	return bytes;
}

static void expect_written(const struct s0_image *image, s0_format format,
			   const struct s0_image_write_options *options,
			   const char *expected)
{
	struct bytes bytes = write_as(image, format, options);

	assert_string_equal((char *)bytes.at, expected);
	bytes_free(&bytes);
}

/* Over the end of a 64 KiB segment, and far away. */
static struct s0_image *usual_image(void)
{
	struct s0_image *image = new_image();

	add(image, 0x0800fff8, "0123456789abcdefghijklmn");
	add(image, 0x90000001, "xyz");
	return image;
}

static void intel_hex_breaks_at_64_kib_and_after_16_bytes(void **state)
{
	struct s0_image *image = usual_image();

	(void)state;
	expect_written(image, S0_FORMAT_IHEX, NULL,
		       ":020000040800F2\n"
		       ":08FFF800303132333435363765\n"
		       ":020000040801F1\n"
		       ":1000000038396162636465666768696A6B6C6D6ED6\n"
		       ":0200000490006A\n"
		       ":0300010078797A91\n"
		       ":00000001FF\n");
	s0_image_free(image);
}

static void s_records_have_a_title_a_count_and_an_end(void **state)
{
	struct s0_image_write_options options = { .title = "app" };
	struct s0_image *image = usual_image();

	(void)state;
	expect_written(image, S0_FORMAT_SREC, &options,
		       "S0060000617070B8\n"
		       "S3150800FFF83031323334353637383961626364656689\n"
		       "S30D080100086768696A6B6C6D6E8D\n"
		       "S3089000000178797AFB\n"
		       "S5030003F9\n"
		       "S70500000000FA\n");
	s0_image_free(image);
}

static void a_raw_binary_fills_gaps_with_ff(void **state)
{
	struct s0_image *image = new_image();
	struct bytes bytes;

	(void)state;
	add(image, 0x08000006, "cd");
	add(image, 0x08000000, "ab");
	bytes = write_as(image, S0_FORMAT_BIN, NULL);
	assert_int_equal(bytes.length, 8);
	assert_memory_equal(bytes.at,
			    "ab\xff\xff\xff\xff"
			    "cd",
			    8);
	bytes_free(&bytes);
	s0_image_free(image);
}

static void a_raw_binary_beyond_64_mib_is_refused(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image = new_image();
	struct bytes bytes = { 0 };

	(void)state;
	add(image, 0x08000000, "a");
	add(image, 0x0c000000, "b");
	assert_int_equal(s0_image_write(image, S0_FORMAT_BIN, NULL, bytes_sink,
					&bytes, &err),
			 S0_E_UNSUPPORTED);
	assert_string_equal(err.message,
			    "a raw binary from 0x08000000 to 0x0c000000 would "
			    "be 67108865 bytes long, more than 64 MiB");
	assert_int_equal(bytes.length, 0);
	s0_image_free(image);
	image = new_image();
	add(image, 0x08000000, "a");
	add(image, 0x0bffffff, "b");
	bytes = write_as(image, S0_FORMAT_BIN, NULL);
	assert_int_equal(bytes.length, 64 << 20);
	bytes_free(&bytes);
	s0_image_free(image);
}

static void a_dfuse_file_has_one_element_for_each_run(void **state)
{
	struct s0_image_write_options options = { .title = "title" };
	struct s0_image *image = usual_image();
	struct bytes bytes = write_as(image, S0_FORMAT_DFUSE, &options);

	(void)state;
	assert_int_equal(bytes.length, 11 + 274 + 8 + 24 + 8 + 3 + 16);
	assert_memory_equal(bytes.at, "DfuSe\x01\x48\x01\x00\x00\x01", 11);
	assert_int_equal(bytes.at[11 + 6], 0); /* alternate setting */
	assert_memory_equal(bytes.at + bytes.length - 16,
			    "\x00\x00\x11\xdf\x83\x04\x1a\x01UFD\x10", 12);
	expect_bytes("a.dfu", bytes.at, bytes.length,
		     "segment 0 title 0x0800fff8 24/24 at 293\n"
		     "segment 1 title 0x90000001 3/3 at 325\n"
		     "0x0800fff8: 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 "
		     "66 67 68 69 6a 6b 6c 6d 6e\n"
		     "0x90000001: 78 79 7a\n");
	bytes_free(&bytes);
	s0_image_free(image);
}

static void uf2_blocks_are_aligned_and_numbered(void **state)
{
	struct s0_image *image = new_image();
	struct bytes bytes;

	(void)state;
	add(image, 0x080001fe, "abcd"); /* lies in two blocks */
	add(image, 0xffffffff, "z");
	bytes = write_as(image, S0_FORMAT_UF2, NULL);
	assert_int_equal(bytes.length, 3 * 512);
	for (uint32_t i = 0; i < 3; i++) {
		const uint8_t *block = bytes.at + 512 * i;
		static const uint32_t starts[] = { 0x08000100, 0x08000200,
						   0xffffff00 };

		assert_int_equal(get_le32(block + 8), 0x2000);
		assert_int_equal(get_le32(block + 12), starts[i]);
		assert_int_equal(get_le32(block + 16), 256);
		assert_int_equal(get_le32(block + 20), i);
		assert_int_equal(get_le32(block + 24), 3);
		assert_int_equal(get_le32(block + 28), S0_UF2_STM32H7);
	}
	assert_memory_equal(bytes.at + 32 + 253,
			    "\xff"
			    "ab\0",
			    4);
	assert_memory_equal(bytes.at + 512 + 32, "cd\xff", 3);
	bytes_free(&bytes);
	s0_image_free(image);
}

static void the_family_of_a_uf2_file_can_be_chosen(void **state)
{
	struct s0_image_write_options options = { .uf2_family = 0x57755a57 };
	struct s0_image *image = usual_image();
	struct bytes bytes = write_as(image, S0_FORMAT_UF2, &options);

	(void)state;
	assert_int_equal(get_le32(bytes.at + 28), 0x57755a57);
	bytes_free(&bytes);
	s0_image_free(image);
}

/* Pieces that touch are one run, whatever the order they came in. */
static void the_same_bytes_give_the_same_file(void **state)
{
	struct s0_image *whole = new_image(), *parts = new_image();

	(void)state;
	add(whole, 0x08000003, "0123456789abcdefghijklmnopqrstuvwxyz");
	add(parts, 0x08000003 + 30, "uvwxyz");
	add(parts, 0x08000003, "0123456");
	add(parts, 0x08000003 + 8, "89abcdefghijklmnopqrst");
	add(parts, 0x08000003 + 7, "7");
	assert_true(s0_image_piece_count(parts) > 1);
	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
		struct bytes a = write_as(whole, written[i], NULL);
		struct bytes b = write_as(parts, written[i], NULL);

		assert_int_equal(a.length, b.length);
		assert_memory_equal(a.at, b.at, a.length);
		bytes_free(&a);
		bytes_free(&b);
	}
	s0_image_free(whole);
	s0_image_free(parts);
}

/* Bytes enough for many chunks, at an odd address. */
static void what_is_written_can_be_read_again(void **state)
{
	size_t length = 1000003;
	uint8_t *data = malloc(length), *again = malloc(length);

	(void)state;
	for (size_t i = 0; i < length; i++)
		data[i] = (uint8_t)(i * i >> 3 ^ i >> 11);
	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
		struct s0_image *image = new_image(), *second;
		struct s0_image_file file = { .name = "again",
					      .address = 0x08000007 };
		struct bytes bytes;

		assert_int_equal(s0_image_add(image, "x", 0x08000007, data,
					      (uint32_t)length, NULL),
				 S0_OK);
		bytes = write_as(image, written[i], NULL);
		file.bytes = bytes.at;
		file.length = bytes.length;
		second = new_image();
		assert_int_equal(s0_image_read(second, &file, NULL, NULL),
				 S0_OK);
		memset(again, 0, length);
		assert_int_equal(s0_image_copy(second, 0x08000007,
					       (uint32_t)length, again),
				 length);
		assert_memory_equal(again, data, length);
		bytes_free(&bytes);
		s0_image_free(image);
		s0_image_free(second);
	}
	free(data);
	free(again);
}

/* S5 counts to 65535, S6 to 16777215. */
static void many_records_are_counted_in_an_s6_record(void **state)
{
	size_t length = 65536 * 16;
	uint8_t *data = calloc(1, length);
	struct s0_image *image = new_image(), *again;
	struct bytes bytes;

	(void)state;
	assert_int_equal(
		s0_image_add(image, "x", 0, data, (uint32_t)length, NULL),
		S0_OK);
	bytes = write_as(image, S0_FORMAT_SREC, NULL);
	assert_non_null(strstr((char *)bytes.at, "\nS604010000FA\n"));
	again = image_of("a.s37", bytes.at, bytes.length);
	assert_int_equal(s0_image_size(again), length);
	s0_image_free(again);
	bytes_free(&bytes);
	s0_image_free(image);
	free(data);
}

static void what_cannot_be_written_is_refused(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image = new_image();
	struct bytes bytes = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++)
		assert_int_equal(s0_image_write(image, written[i], NULL,
						bytes_sink, &bytes, NULL),
				 S0_E_EMPTY);
	add(image, 0, "a");
	assert_int_equal(s0_image_write(image, S0_FORMAT_ELF, NULL, bytes_sink,
					&bytes, &err),
			 S0_E_UNSUPPORTED);
	assert_string_equal(err.message, "ELF cannot be written");
	assert_int_equal(s0_image_write(image, S0_FORMAT_AUTO, NULL, bytes_sink,
					&bytes, NULL),
			 S0_E_UNSUPPORTED);
	assert_int_equal(bytes.length, 0);
	s0_image_free(image);
}

/* Takes so many calls, then stops; counts calls after that. */
struct tired {
	unsigned calls_left;
	unsigned late;
};

static bool tired_sink(void *payload, const void *bytes, size_t length)
{
	struct tired *tired = payload;

	(void)bytes;
	(void)length;
	if (tired->calls_left == 0) {
		tired->late++;
		return false;
	}
	tired->calls_left--;
	return true;
}

static void a_sink_that_stops_is_left_alone(void **state)
{
	uint8_t *data = calloc(1, 100000);
	struct s0_image *image = new_image();

	(void)state;
	assert_int_equal(s0_image_add(image, "x", 1, data, 100000, NULL),
			 S0_OK);
	add(image, 0x200000, "far");
	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
		for (unsigned calls = 0; calls < 2; calls++) {
			struct s0_error err = S0_ERROR_INIT;
			struct tired tired = { .calls_left = calls };

			assert_int_equal(s0_image_write(image, written[i], NULL,
							tired_sink, &tired,
							&err),
					 S0_E_FILE);
			assert_string_equal(err.message, "the output stopped");
			assert_int_equal(tired.late, 1);
		}
	}
	s0_image_free(image);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intel_hex_breaks_at_64_kib_and_after_16_bytes),
		cmocka_unit_test(s_records_have_a_title_a_count_and_an_end),
		cmocka_unit_test(a_raw_binary_fills_gaps_with_ff),
		cmocka_unit_test(a_raw_binary_beyond_64_mib_is_refused),
		cmocka_unit_test(a_dfuse_file_has_one_element_for_each_run),
		cmocka_unit_test(uf2_blocks_are_aligned_and_numbered),
		cmocka_unit_test(the_family_of_a_uf2_file_can_be_chosen),
		cmocka_unit_test(the_same_bytes_give_the_same_file),
		cmocka_unit_test(what_is_written_can_be_read_again),
		cmocka_unit_test(many_records_are_counted_in_an_s6_record),
		cmocka_unit_test(what_cannot_be_written_is_refused),
		cmocka_unit_test(a_sink_that_stops_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
