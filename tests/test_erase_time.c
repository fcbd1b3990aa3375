/* SPDX-License-Identifier: MIT */
/* What a session makes of how long a chip's erases took in earlier runs. */
#include "test.h"

#include "board.h"

#define FLASH 0x08000000u
#define BANK2 0x08100000u

/* A sector of bank 2, in a new process, on a ROM that cannot see the end. */
static struct s0_result flash_bank_2(struct board *board, uint32_t seed)
{
	struct s0_image *image = board_image(BANK2, 1000, seed);
	struct s0_result result = board_flash_ok(board, image, NULL);

	board_assert_holds(board, image);
	assert_int_equal(board_damaged(board), 0);
	s0_image_free(image);
	return result;
}

static void an_erase_that_cannot_be_seen_is_given_the_time_of_earlier_ones(
	void **state)
{
	struct s0_image *image = board_image(FLASH, 1000, 1);
	struct s0_result alone, after;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743,rom=0x91");
	alone = flash_bank_2(&board, 1);
	(void)board_flash_ok(&board, image, NULL);
	after = flash_bank_2(&board, 2);
	print_message("# waited besides the erase: %.3f s, then %.3f s\n",
		      (double)alone.times.wait_us / 1e6,
		      (double)after.times.wait_us / 1e6);
	/* Twice the datasheet's maximum of 2 s; then just that. */
	assert_in_range(alone.times.erase_us + alone.times.wait_us, 4000000,
			4200000);
	assert_in_range(after.times.erase_us + after.times.wait_us, 2000000,
			2200000);
	board_free(&board);
	s0_image_free(image);
}

/* What was seen before is too little for what the chip is now. */
static void a_chip_that_has_become_slower_is_proved_all_the_same(void **state)
{
	static const char *const slower[] = {
		"stm32h743,rom=0x91,psize=x8,seed=3",
		"stm32h743,rom=0x91,erase_ms=max,psize=x8,seed=3",
		"stm32h743,rom=0x91,erase_ms=worn,seed=3",
		"stm32h743,rom=0x90,erase_ms=worn,seed=3",
		"stm32h743,rom=0x91,psize=x8,seed=3,bank2_read=hang",
	};
	(void)state;

	for (size_t i = 0; i < sizeof slower / sizeof slower[0]; i++) {
		struct s0_image *image = board_image(FLASH, 1000, 1);
		struct s0_result result;
		struct board board;

		board_make(&board, "stm32h743,rom=0x91,seed=3");
		(void)board_flash_ok(&board, image, NULL);
		s0_sim_free(board.sim);
		assert_int_equal(s0_sim_new(slower[i], &board.sim, NULL),
				 S0_OK);
		(void)s0_sim_poke(board.sim, BANK2, "old", 3);
		result = flash_bank_2(&board, 2);
		print_message("# %s: %.3f s\n", slower[i],
			      (double)result.time_us / 1e6);
		board_free(&board);
		s0_image_free(image);
	}
}

/* Slower than any datasheet says, and read too soon it hangs: that happens
 * once, then it is known. */
static void a_chip_that_was_read_too_soon_is_given_more_time_from_then_on(
	void **state)
{
	struct s0_image *image = board_image(FLASH, 1000, 1);
	struct s0_image *there = board_image(BANK2, 1000, 2);
	struct s0_error err;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743,rom=0x91");
	(void)board_flash_ok(&board, image, NULL);
	s0_sim_free(board.sim);
	assert_int_equal(s0_sim_new("stm32h743,rom=0x91,erase_ms=2500,"
				    "bank2_read=hang",
				    &board.sim, NULL),
			 S0_OK);
	err = board_flash_fails(&board, there, NULL);
	assert_int_equal(err.code, S0_E_TIMEOUT);
	s0_sim_power_cycle(board.sim);
	(void)flash_bank_2(&board, 2);
	(void)flash_bank_2(&board, 3);
	board_free(&board);
	s0_image_free(image);
	s0_image_free(there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_erase_that_cannot_be_seen_is_given_the_time_of_earlier_ones),
		cmocka_unit_test(
			a_chip_that_has_become_slower_is_proved_all_the_same),
		cmocka_unit_test(
			a_chip_that_was_read_too_soon_is_given_more_time_from_then_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
