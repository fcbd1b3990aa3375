/* SPDX-License-Identifier: MIT */
/* What a device tells of itself must not hang on chance. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "board.h"

#define CHIP "stm32h743,rom=0x92"
/* Transfers of an opening, and more that a fault makes of them. */
#define LAST 45u

static void assert_same(const struct s0_device_info *is,
			const struct s0_device_info *was)
{
	assert_string_equal(is->uid, was->uid);
	assert_int_equal(is->flash_kib, was->flash_kib);
	assert_int_equal(is->rom, was->rom);
	assert_int_equal(is->rdp, was->rdp);
	assert_int_equal(is->option_length, was->option_length);
	assert_memory_equal(is->options, was->options, is->option_length);
}

static void two_stalls_while_it_is_opened_hide_nothing(void **state)
{
	struct s0_device_info clean;
	struct board board;
	(void)state;

	board_make(&board, CHIP);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	clean = *s0_device_info(board.device);
	assert_int_equal(strlen(clean.uid), 24);
	board_close(&board);
	board_free(&board);
	for (unsigned a = 1; a < LAST; a++)
		for (unsigned b = a + 1; b <= LAST; b++) {
			char description[80];

			(void)snprintf(description, sizeof description,
				       CHIP ",fault=stall@%u+stall@%u", a, b);
			board_make(&board, description);
			assert_int_equal(board_open(&board, NULL), S0_OK);
			assert_same(s0_device_info(board.device), &clean);
			board_close(&board);
			board_free(&board);
		}
}

static unsigned retries(unsigned at)
{
	char description[80];
	struct s0_result result;
	struct board board;

	(void)snprintf(description, sizeof description, CHIP ",fault=stall@%u",
		       at);
	board_make(&board, description);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(
		s0_session_blank(board.session, 0x08000000, 4, &result, NULL),
		S0_OK);
	board_close(&board);
	board_free(&board);
	return result.retries;
}

static void what_had_to_be_asked_again_is_counted(void **state)
{
	unsigned counted = 0;
	(void)state;

	assert_int_equal(retries(1000), 0);
	for (unsigned at = 1; at <= 32; at++) {
		unsigned times = retries(at);

		assert_in_range(times, 0, 1);
		counted += times;
	}
	/* Set Address and UPLOAD of each of five readings, and more */
	assert_in_range(counted, 10, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_stalls_while_it_is_opened_hide_nothing),
		cmocka_unit_test(what_had_to_be_asked_again_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
