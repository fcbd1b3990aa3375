/* SPDX-License-Identifier: MIT */
/* Flash of many small pages: an STM32L0 has 1536 of 128 bytes. */
#include "test.h"

#include <stdlib.h>

#include "board.h"

#define FLASH 0x08000000u
#define SIZE  0x30000u

/* Another firmware is in the chip. */
static void lay_out(struct board *board, const char *description)
{
	uint8_t *bytes = malloc(SIZE);

	assert_non_null(bytes);
	board_make(board, description);
	board_random(bytes, SIZE, 9);
	assert_int_equal(s0_sim_poke(board->sim, FLASH, bytes, SIZE), SIZE);
	free(bytes);
}

static void pages_are_read_and_written_in_rows(void **state)
{
	struct s0_image *image = board_image(FLASH, SIZE, 1);
	struct s0_result result;
	struct board board;
	(void)state;

	lay_out(&board, "stm32l072,early_poll=ok");
	result = board_flash_ok(&board, image, NULL);
	/* three of each erase; of 16 KiB eight blocks of three and two Set
	 * Address, as many blocks for the proof, and again for the verification,
	 * and the look before it all */
	assert_in_range(result.transfers, 1536 * 3 + 96 * 3,
			1536 * 3 + 96 * 3 + 3 * 96 + 300);
	result = board_flash_ok(&board, image, NULL);
	assert_int_equal(result.written_bytes, 0);
	assert_in_range(result.transfers, 96, 96 + 8);
	board_free(&board);
	s0_image_free(image);
}

static void a_page_whose_erase_did_nothing_is_found(void **state)
{
	struct s0_image *image = board_image(FLASH, 0x8000, 1);
	struct s0_error err;
	struct board board;
	(void)state;

	lay_out(&board, "stm32l072,fault=lie@erase3");
	err = board_flash_fails(&board, image, NULL);
	assert_int_equal(err.code, S0_E_NOT_ERASED);
	assert_int_equal(err.address - err.address % 128, FLASH + 2 * 128);
	(void)board_flash_ok(&board, image, NULL);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
}

static void stop(void *payload, const struct s0_progress *progress)
{
	if (progress->stage == S0_STAGE_ERASE && progress->done >= 20 * 128)
		s0_session_cancel(payload);
}

/* Of a row that was noted ahead what was not begun is as it was. */
static void a_stop_within_a_row_leaves_no_note(void **state)
{
	struct s0_image *image = board_image(FLASH, 0x8000, 1);
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	struct board board;
	(void)state;

	lay_out(&board, "stm32l072");
	assert_int_equal(board_open(&board, NULL), S0_OK);
	s0_session_set_progress(board.session, stop, board.session);
	assert_int_equal(
		s0_session_plan(board.session, image, NULL, &plan, NULL),
		S0_OK);
	assert_int_equal(s0_session_run(board.session, plan, NULL, &err),
			 S0_E_CANCELLED);
	assert_int_equal(s0_session_noted(board.session, NULL), 0);
	s0_plan_free(plan);
	board_close(&board);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_session_noted(board.session, NULL), 0);
	board_close(&board);
	(void)board_flash_ok(&board, image, NULL);
	board_free(&board);
	s0_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_read_and_written_in_rows),
		cmocka_unit_test(a_page_whose_erase_did_nothing_is_found),
		cmocka_unit_test(a_stop_within_a_row_leaves_no_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
