/* SPDX-License-Identifier: MIT */
/* Runs that are cut, and the record of what an earlier one left. */
#include "test.h"

#include "board.h"

#define FLASH  0x08000000u
#define SECTOR 0x00020000u
/* In the second sector, where no sample of the first runs is taken. */
#define HIDDEN (FLASH + SECTOR + 50 * 1024 + 17)

static const struct s0_policy trust = { .trust_last_run = true };

/* A run that writes another image is cut: afterwards nothing is taken for
 * right that is not, whatever the record said. */
static void no_cut_leaves_a_record_that_is_not_so(void **state)
{
	static const s0_sim_fault faults[] = { S0_SIM_FAULT_UNPLUG,
					       S0_SIM_FAULT_TORN };
	struct s0_image *image = board_image(FLASH, 2 * SECTOR, 1);
	struct s0_image *other = board_image_changed(image, HIDDEN);
	unsigned cuts = 0;
	bool cut = true;
	(void)state;

	for (uint64_t at = 1; cut; at += 7) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_result result;
		struct board board;

		board_make(&board, "stm32h743,rom=0x92");
		(void)board_flash_ok(&board, image, NULL);
		s0_sim_fail_at(board.sim, s0_sim_transfers(board.sim) + at,
			       faults[at % 2]);
		cut = board_flash(&board, other, &trust, &result, &err) !=
		      S0_OK;
		cuts += cut;
		s0_sim_fail_at(board.sim, 0, S0_SIM_FAULT_NONE);
		if (s0_sim_hung(board.sim))
			s0_sim_power_cycle(board.sim);
		s0_sim_advance_us(board.sim, 200000);
		s0_sim_replug(board.sim);
		(void)board_flash_ok(&board, image, &trust);
		board_assert_holds(&board, image);
		board_free(&board);
	}
	print_message("# %u runs were cut\n", cuts);
	assert_true(cuts > 30);
	s0_image_free(other);
	s0_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_cut_leaves_a_record_that_is_not_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
