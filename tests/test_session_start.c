/* SPDX-License-Identifier: MIT */
/* Leaving the bootloader for the firmware. */
#include "test.h"

#include <string.h>

#include "base/bytes.h"
#include "board.h"

#define FLASH 0x08000000u

static void only_what_could_be_firmware_is_started(void **state)
{
	struct s0_image *image = board_image(FLASH, 500, 1);
	struct s0_error err = S0_ERROR_INIT;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743");
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_session_start(board.session, 0, NULL, &err),
			 S0_E_EMPTY);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	assert_int_equal(
		s0_session_start(board.session, 0x52002000, NULL, NULL),
		S0_E_OUTSIDE);
	assert_int_equal(s0_session_start(board.session, FLASH + 2, NULL, NULL),
			 S0_E_OUTSIDE);
	board_close(&board);
	assert_int_equal(s0_sim_started(board.sim), 0);
	(void)board_flash_ok(&board, image, NULL);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_session_start(board.session, 0, NULL, NULL), S0_OK);
	assert_int_equal(s0_sim_started(board.sim), FLASH);
	board_free(&board);
	s0_image_free(image);
}

static void count_warning(void *payload, const char *line)
{
	assert_non_null(strstr(line, "may not start this firmware"));
	++*(unsigned *)payload;
}

struct stack {
	const char *chip;
	uint32_t pointer;
	unsigned warnings; /* of `start`, and of `flash --start` again */
};

/* AN2606: versions from V9.0 on jump only where the stack pointer lies 16
 * bytes below the end of a RAM. */
static void a_stack_at_the_end_of_ram_is_warned_of(void **state)
{
	static const struct stack cases[] = {
		{ "stm32h743,rom=0x91", 0x20020000, 1 },
		{ "stm32h743,rom=0x91", 0x2001fff4, 1 },
		{ "stm32h743,rom=0x91", 0x2001fff0, 0 },
		{ "stm32h743,rom=0x90", 0x24080000, 1 },
		{ "stm32h743,rom=0x91", 0x20004100, 0 },
		{ "stm32h743,rom=0xD2", 0x20020000, 0 },
		{ "stm32f405", 0x20020000, 0 },
	};
	static const struct s0_policy start = { .start = true };
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t vectors[8] = { 0, 0, 0, 0, 1, 0, 0, 8 };
		struct s0_image *image;
		struct board board;
		struct s0_plan *plan;
		unsigned warnings = 0;

		print_message("# %s, 0x%08x\n", cases[i].chip,
			      cases[i].pointer);
		put_le32(vectors, cases[i].pointer);
		assert_int_equal(s0_image_new(&image, NULL), S0_OK);
		assert_int_equal(
			s0_image_add(image, "t", FLASH, vectors, 8, NULL),
			S0_OK);
		board_make(&board, cases[i].chip);
		assert_int_equal(board_open(&board, NULL), S0_OK);
		s0_session_set_warning(board.session, count_warning, &warnings);
		assert_int_equal(s0_session_plan(board.session, image, &start,
						 &plan, NULL),
				 S0_OK);
		assert_int_equal(
			s0_session_run(board.session, plan, NULL, NULL), S0_OK);
		assert_int_equal(warnings, cases[i].warnings);
		board_close(&board);
		s0_sim_power_cycle(board.sim);
		assert_int_equal(board_open(&board, NULL), S0_OK);
		s0_session_set_warning(board.session, count_warning, &warnings);
		assert_int_equal(s0_session_start(board.session, 0, NULL, NULL),
				 S0_OK);
		assert_int_equal(warnings, 2 * cases[i].warnings);
		s0_plan_free(plan);
		board_free(&board);
		s0_image_free(image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_could_be_firmware_is_started),
		cmocka_unit_test(a_stack_at_the_end_of_ram_is_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
