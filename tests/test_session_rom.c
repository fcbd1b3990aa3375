/* SPDX-License-Identifier: MIT */
/* Every way in which a ROM may behave, and how long things take on each. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

#define FLASH 0x08000000u
#define MIB2  0x00200000u

static void estimate_of(const char *description, uint32_t address,
			uint32_t bytes, const struct s0_policy *policy)
{
	struct s0_image *image = board_image(address, bytes, 3);
	struct s0_plan_summary summary;
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct s0_plan *plan;
	struct board board;
	double off;

	board_make(&board, description);
	assert_int_equal(board_open(&board, &err), S0_OK);
	assert_int_equal(
		s0_session_plan(board.session, image, policy, &plan, &err),
		S0_OK);
	s0_plan_summarise(plan, &summary);
	assert_int_equal(s0_session_run(board.session, plan, &result, &err),
			 S0_OK);
	off = (double)summary.estimate_us / (double)result.time_us - 1;
	print_message("# %s, %u bytes at 0x%08x: estimate %llu ms, took %llu "
		      "ms (%+.1f %%)\n",
		      description, bytes, address,
		      (unsigned long long)summary.estimate_us / 1000,
		      (unsigned long long)result.time_us / 1000, off * 100);
	assert_true(off < 0.01 && off > -0.01);
	s0_plan_free(plan);
	board_free(&board);
	s0_image_free(image);
}

static void the_estimate_is_within_one_percent(void **state)
{
	static const struct s0_policy keep = { .keep = true };
	static const struct s0_policy start = { .start = true };
	static const struct s0_policy all = { .erase = S0_ERASE_ALL };
	static const struct s0_policy quick = { .no_verify = true };
	static const char *const roms[] = { "stm32h743,rom=0x92",
					    "stm32h743,rom=0x91" };
	(void)state;

	for (int i = 0; i < 2; i++) {
		estimate_of(roms[i], FLASH, 20, &start);
		estimate_of(roms[i], FLASH, 60 * 1024, &keep);
		estimate_of(roms[i], FLASH, 300001, NULL);
		estimate_of(roms[i], FLASH, MIB2, NULL);
		estimate_of(roms[i], FLASH, MIB2 / 2, NULL);
		estimate_of(roms[i], FLASH, MIB2 - 0x20000, NULL);
		estimate_of(roms[i], FLASH, MIB2, &quick);
		estimate_of(roms[i], FLASH + 0x100000, 128 * 1024, NULL);
		estimate_of(roms[i], FLASH + 0xf0000, 128 * 1024, NULL);
		estimate_of(roms[i], FLASH, 200000, &all);
	}
}

static void every_way_a_rom_may_behave_is_coped_with(void **state)
{
	static const char *const keys[] = {
		"rom=0x90",
		"rom=0xD2,rev=Y",
		"rom=0xD3,rev=Y",
		"rom=0x91,erase_ms=max",
		"rom=0x91,erase_ms=worn,seed=3",
		"rom=0x91,psize=x8",
		"rom=0x92,psize=x16",
		"rom=0x91,busy_bank2=wait",
		"rom=0x91,bank2_read=hang",
		"rom=0x92,fail_mode=errVENDOR",
		"addr_rule=request-length",
		"addr_check=operation",
		"erase_moves_pointer=no",
		"upload_error=state15",
		"first_status=errFIRMWARE",
		"rom=0x92,clrstatus_outside_error=stall",
		"leave=vanish",
		"leave=re-enter",
		"usb_us_per_packet=500",
		"turnaround_us=5000",
		"flash_kb=1024",
		"serial=uid",
	};
	(void)state;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct s0_image *image = board_image(FLASH, 3001, 1);
		struct board board;
		char description[128];
		uint8_t more[1500];

		(void)snprintf(description, sizeof description, "stm32h743,%s",
			       keys[i]);
		print_message("# %s\n", description);
		board_random(more, sizeof more, 4);
		assert_int_equal(s0_image_add(image, "t", 0x0811f000, more,
					      sizeof more, NULL),
				 S0_OK);
		board_make(&board, description);
		(void)board_flash_ok(&board, image,
				     &(struct s0_policy){ .start = true });
		board_assert_holds(&board, image);
		assert_int_equal(board_damaged(&board), 0);
		board_free(&board);
		s0_image_free(image);
	}
}

static void a_mass_erase_that_does_not_work_is_made_good(void **state)
{
	static const char *const keys[] = {
		"rom=0x92",
		"rom=0x91",
		"rom=0xD3",
		"rom=0x91,mass_erase_bug=stall",
	};
	struct s0_image *image = board_image(FLASH + 0x150000, 5000, 1);
	uint8_t old[64];
	(void)state;

	board_random(old, sizeof old, 2);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct board board;
		struct s0_result r;
		char description[128];
		uint8_t now[64];

		(void)snprintf(description, sizeof description, "stm32h743,%s",
			       keys[i]);
		board_make(&board, description);
		(void)s0_sim_poke(board.sim, 0x081ffe00, old, sizeof old);
		r = board_flash_ok(
			&board, image,
			&(struct s0_policy){ .erase = S0_ERASE_ALL });
		print_message("# %s: mass erase %s, %.1f s\n", description,
			      r.mass_erased ? "works" : "made good",
			      (double)r.time_us / 1e6);
		assert_int_equal(r.mass_erased, i != 2);
		board_assert_holds(&board, image);
		(void)s0_sim_peek(board.sim, 0x081ffe00, now, sizeof now);
		for (size_t k = 0; k < sizeof now; k++)
			assert_int_equal(now[k], 0xff);
		board_free(&board);
	}
	s0_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_estimate_is_within_one_percent),
		cmocka_unit_test(every_way_a_rom_may_behave_is_coped_with),
		cmocka_unit_test(a_mass_erase_that_does_not_work_is_made_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
