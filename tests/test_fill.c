/* SPDX-License-Identifier: MIT */
/* Words that fill memory, and sums of what memory holds. */
#include "board.h"
#include "test.h"

#include <string.h>

#define FLASH 0x08000000u

static struct s0_image *new_image(void)
{
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	return image;
}

static void words_fill_a_range_lowest_byte_first(void **state)
{
	static const struct {
		uint32_t length;
		uint64_t value;
		unsigned width;
		const char *bytes;
	} cases[] = {
		{ 3, 0x1a5, 1, "\xa5\xa5\xa5" },
		{ 5, 0x1234, 2, "\x34\x12\x34\x12\x34" },
		{ 4, 0xdeadbeef, 4, "\xef\xbe\xad\xde" },
		{ 9, 0x0807060504030201, 8, "\1\2\3\4\5\6\7\10\1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct s0_image *image = new_image();
		struct s0_piece piece;

		assert_int_equal(s0_image_fill(image, "t", 0x08000100,
					       cases[i].length, cases[i].value,
					       cases[i].width, NULL),
				 S0_OK);
		piece = s0_image_piece(image, 0);
		assert_int_equal(piece.address, 0x08000100);
		assert_int_equal(piece.length, cases[i].length);
		assert_memory_equal(piece.bytes, cases[i].bytes, piece.length);
		s0_image_free(image);
	}
}

static void no_other_words_fill_a_range(void **state)
{
	struct s0_image *image = new_image();

	(void)state;
	assert_int_equal(s0_image_fill(image, "t", 0, 0, 1, 1, NULL), S0_E_BUG);
	assert_int_equal(s0_image_fill(image, "t", 0, 9, 1, 3, NULL), S0_E_BUG);
	assert_int_equal(s0_image_fill(image, "t", 0xffffffff, 2, 1, 1, NULL),
			 S0_E_OUTSIDE);
	assert_int_equal(s0_image_fill(image, "t", 0, 4, 1, 1, NULL), S0_OK);
	assert_int_equal(s0_image_fill(image, "t", 0, 4, 2, 1, NULL),
			 S0_E_OVERLAP);
	s0_image_free(image);
}

/* Of 3000 bytes that were flashed, in two parts. */
static void memory_is_summed_range_by_range(void **state)
{
	struct s0_image *image = board_image(FLASH, 3000, 7);
	struct s0_piece piece = s0_image_piece(image, 0);
	struct s0_checksum wanted, sum;
	uint32_t plain = 0;
	struct board board;

	(void)state;
	board_make(&board, "sim:stm32h743");
	(void)board_flash_ok(&board, image, NULL);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	s0_checksum_start(&wanted);
	s0_checksum_add(&wanted, piece.bytes, piece.length);
	s0_checksum_end(&wanted);
	for (uint32_t i = 0; i < piece.length; i++)
		plain += piece.bytes[i];
	s0_checksum_start(&sum);
	assert_int_equal(s0_session_checksum(board.session, FLASH, 1001, &sum,
					     NULL, NULL),
			 S0_OK);
	assert_int_equal(s0_session_checksum(board.session, 0x60000000, 4, &sum,
					     NULL, NULL),
			 S0_E_OUTSIDE);
	assert_int_equal(s0_session_checksum(board.session, FLASH + 1001, 1999,
					     &sum, NULL, NULL),
			 S0_OK);
	s0_checksum_end(&sum);
	assert_int_equal(sum.sum, plain);
	assert_int_equal(sum.crc32, wanted.crc32);
	assert_int_equal(sum.length, 3000);
	assert_memory_equal(sum.sha256, wanted.sha256, sizeof sum.sha256);
	board_close(&board);
	board_free(&board);
	s0_image_free(image);
}

static void a_sum_wraps_at_32_bits(void **state)
{
	static const uint8_t ones[0x101] = { 0xff, 0xff, 2 };
	struct s0_checksum sum;

	(void)state;
	s0_checksum_start(&sum);
	s0_checksum_add(&sum, ones, sizeof ones);
	assert_int_equal(sum.sum, 0x200);
	sum.sum = 0xffffffff;
	s0_checksum_add(&sum, ones + 2, 1);
	assert_int_equal(sum.sum, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_fill_a_range_lowest_byte_first),
		cmocka_unit_test(no_other_words_fill_a_range),
		cmocka_unit_test(memory_is_summed_range_by_range),
		cmocka_unit_test(a_sum_wraps_at_32_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
