/* SPDX-License-Identifier: MIT */
/* Runs that were stopped or cut, and what the next one makes of them. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "board.h"

#define FLASH 0x08000000u

static const struct s0_policy keep = { .keep = true };

struct stop {
	struct s0_session *session;
	s0_stage stage;
	uint64_t done;
};

static void stop_at(void *payload, const struct s0_progress *progress)
{
	struct stop *stop = payload;

	if (progress->stage == stop->stage && progress->done >= stop->done)
		s0_session_cancel(stop->session);
}

/* Run until a stage has come that far, then ask to stop. */
static struct s0_error stopped_run(struct board *board,
				   const struct s0_image *image,
				   const struct s0_policy *policy,
				   s0_stage stage, uint64_t done)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	struct stop stop = { .stage = stage, .done = done };

	assert_int_equal(board_open(board, &err), S0_OK);
	stop.session = board->session;
	s0_session_set_progress(board->session, stop_at, &stop);
	if (s0_session_plan(board->session, image, policy, &plan, &err) ==
	    S0_OK)
		assert_int_not_equal(
			s0_session_run(board->session, plan, NULL, &err),
			S0_OK);
	s0_plan_free(plan);
	board_close(board);
	assert_int_equal(err.code, S0_E_CANCELLED);
	return err;
}

static void what_was_stopped_in_good_order_can_be_read(void **state)
{
	struct s0_image *image = board_image(FLASH, 0x40000, 1);
	struct s0_image *small = board_image(FLASH + 0x3fff0, 4, 2);
	struct s0_error err;
	struct board board;
	uint8_t before[0x20000], after[0x20000];
	(void)state;

	board_make(&board, "stm32h743,rom=0x92");
	err = stopped_run(&board, image, NULL, S0_STAGE_WRITE, 0x1f800);
	assert_int_equal(err.aftermath, S0_PARTIAL);
	assert_non_null(strstr(err.message,
			       "stopped as asked: 2 of 2 sectors are erased"));
	(void)s0_sim_peek(board.sim, FLASH + 0x20000, before, sizeof before);
	(void)board_flash_ok(&board, small, &keep);
	(void)s0_sim_peek(board.sim, FLASH + 0x20000, after, sizeof after);
	(void)s0_image_copy(small, FLASH + 0x20000, sizeof before, before);
	assert_memory_equal(before, after, sizeof after);
	(void)board_flash_ok(&board, image, NULL);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
	s0_image_free(small);
}

/* Eight bytes in each sector of a 1 MiB part. */
static struct s0_image *all_sectors(uint32_t seed)
{
	struct s0_image *image;
	uint8_t bytes[8];

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	for (uint32_t i = 0; i < 8; i++) {
		board_random(bytes, sizeof bytes, seed + i);
		assert_int_equal(
			s0_image_add(image, "t",
				     FLASH + i % 4 * 0x20000 + i / 4 * 0x100000,
				     bytes, sizeof bytes, NULL),
			S0_OK);
	}
	return image;
}

static void a_stop_in_a_mass_erase_tells_that_all_is_erased(void **state)
{
	struct s0_image *image = all_sectors(1);
	struct s0_error err;
	struct board board;
	(void)state;

	for (int full = 0; full < 2; full++) {
		struct s0_policy policy = { .erase = full ? S0_ERASE_ALL
							  : S0_ERASE_NEEDED };

		board_make(&board, "stm32h743,rom=0x92,flash_kb=1024");
		(void)s0_sim_poke(board.sim, FLASH, "old", 3);
		err = stopped_run(&board, image, &policy, S0_STAGE_ERASE, 0);
		/* Asked when the erase begins: it is not begun. */
		assert_int_equal(err.aftermath, S0_UNTOUCHED);
		err = stopped_run(&board, image, &policy, S0_STAGE_ERASE, 1);
		assert_int_equal(err.aftermath, S0_PARTIAL);
		assert_non_null(strstr(err.message, "8 of 8 sectors are"));
		/* No notes are left that would refuse this: */
		(void)board_flash_ok(&board, image, &keep);
		board_assert_holds(&board, image);
		board_free(&board);
	}
	s0_image_free(image);
}

static void ask_to_stop(void *payload, const struct s0_sim_record *record)
{
	enum { OUT = 0x21, DNLOAD = 1 };
	struct stop *stop = payload;

	if (record->setup.request_type == OUT &&
	    record->setup.request == DNLOAD && record->setup.length == 1)
		s0_session_cancel(stop->session);
}

static s0_code erase_all(struct board *board, bool before, struct s0_error *err)
{
	struct stop stop;
	s0_code code;

	assert_int_equal(board_open(board, err), S0_OK);
	stop.session = board->session;
	if (before)
		s0_session_cancel(board->session);
	s0_sim_set_log(board->sim, ask_to_stop, &stop);
	code = s0_session_erase(board->session, 0, 0, NULL, err);
	s0_sim_set_log(board->sim, NULL, NULL);
	board_close(board);
	return code;
}

static void a_stop_in_an_erase_of_all_leaves_it_readable(void **state)
{
	struct s0_image *image = all_sectors(1);
	(void)state;

	for (int before = 0; before < 2; before++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_sim_counters did;
		struct board board;

		board_make(&board, "stm32h743,rom=0x92,flash_kb=1024");
		(void)s0_sim_poke(board.sim, FLASH, "old", 3);
		assert_int_equal(erase_all(&board, before, &err),
				 S0_E_CANCELLED);
		assert_int_equal(err.aftermath,
				 before ? S0_UNTOUCHED : S0_PARTIAL);
		s0_sim_get_counters(board.sim, &did);
		assert_int_equal(did.mass_erases, !before);
		/* Idle, and nothing is noted that would forbid a look. */
		assert_int_equal(board_open(&board, NULL), S0_OK);
		assert_int_equal(s0_session_noted(board.session, NULL), 0);
		board_close(&board);
		(void)board_flash_ok(&board, image, &keep);
		board_assert_holds(&board, image);
		board_free(&board);
	}
	s0_image_free(image);
}

/* Whatever was cut, the same command repairs it. */
static void keeping_with_all_of_the_flash_is_repaired_after_a_cut(void **state)
{
	static const char *const cuts[] = { "torn@erase1", "torn@erase8",
					    "brown-out@program1",
					    "torn@program8" };
	struct s0_image *image = all_sectors(1);
	uint8_t settings[8];
	struct board board;
	(void)state;

	for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
		board_make(&board, "stm32h743,rom=0x92,flash_kb=1024");
		(void)s0_sim_poke(board.sim, FLASH + 0x10000, "settings", 8);
		assert_int_equal(s0_sim_inject(board.sim, cuts[i], NULL),
				 S0_OK);
		(void)board_flash_fails(&board, image, &keep);
		s0_sim_advance_us(board.sim, 200000);
		s0_sim_replug(board.sim);
		(void)board_flash_ok(&board, image, &keep);
		board_assert_holds(&board, image);
		(void)s0_sim_peek(board.sim, FLASH + 0x10000, settings, 8);
		assert_memory_equal(settings, "settings", 8);
		board_free(&board);
	}
	s0_image_free(image);
}

static void a_stop_before_anything_changed_leaves_it_untouched(void **state)
{
	struct s0_image *image = board_image(FLASH, 0x40000, 1);
	struct s0_error err;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743");
	err = stopped_run(&board, image, &keep, S0_STAGE_SURVEY, 1);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	board_free(&board);
	s0_image_free(image);
}

static void kept_bytes_outlive_a_stop(void **state)
{
	struct s0_image *old = board_image(FLASH + 0x10000, 500, 3);
	struct s0_image *image = board_image(FLASH, 5000, 1);
	struct board board;
	(void)state;

	board_make(&board, "stm32h743");
	(void)board_flash_ok(&board, old, NULL);
	(void)stopped_run(&board, image, &keep, S0_STAGE_WRITE, 2048);
	/* Not asked to keep anything, the next run brings them back too. */
	(void)board_flash_ok(&board, image, NULL);
	board_assert_holds(&board, image);
	board_assert_holds(&board, old);
	board_free(&board);
	s0_image_free(old);
	s0_image_free(image);
}

/* Cut a run that keeps nothing in the middle of its only erase. */
static void tear(struct board *board, const struct s0_image *image)
{
	struct s0_error err;
	struct board probe;
	uint64_t at;

	board_make(&probe, "stm32h743,rom=0x92");
	(void)board_flash_ok(&probe, image, NULL);
	at = s0_sim_transfers(probe.sim);
	board_free(&probe);
	for (uint64_t k = 1; k < at; k++) {
		struct s0_sim_counters counters;

		s0_sim_fail_at(board->sim, s0_sim_transfers(board->sim) + k,
			       S0_SIM_FAULT_TORN);
		err = board_flash_fails(board, image,
					&(struct s0_policy){ .full = true });
		s0_sim_fail_at(board->sim, 0, S0_SIM_FAULT_NONE);
		s0_sim_get_counters(board->sim, &counters);
		s0_sim_replug(board->sim);
		if (err.aftermath != S0_UNTOUCHED)
			return;
	}
	assert_true(false);
}

static void nothing_is_kept_by_guessing(void **state)
{
	struct s0_image *image = board_image(FLASH, 5000, 1);
	struct s0_image *small = board_image(FLASH + 0x1fff0, 4, 2);
	struct s0_error err;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743,rom=0x92");
	(void)board_flash_ok(&board, image, NULL);
	tear(&board, image);
	err = board_flash_fails(&board, small, &keep);
	assert_int_equal(err.code, S0_E_UNREADABLE);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	(void)board_flash_ok(&board, image, NULL);
	(void)board_flash_ok(&board, small, &keep);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
	s0_image_free(small);
}

static bool swallow(void *payload, const void *bytes, size_t length)
{
	(void)payload;
	(void)bytes;
	(void)length;
	return true;
}

static void a_chip_put_right_by_others_is_believed_once_read(void **state)
{
	struct s0_image *image = board_image(FLASH, 5000, 1);
	struct s0_image *small = board_image(FLASH + 0x1fff0, 4, 2);
	struct board board;
	(void)state;

	board_make(&board, "stm32h743,rom=0x92");
	(void)board_flash_ok(&board, image, NULL);
	tear(&board, image);
	for (size_t i = 0; i < s0_image_piece_count(image); i++) {
		struct s0_piece p = s0_image_piece(image, i);
		uint8_t blank[0x20000];

		memset(blank, 0xff, sizeof blank);
		(void)s0_sim_poke(board.sim, FLASH, blank, sizeof blank);
		(void)s0_sim_poke(board.sim, p.address, p.bytes, p.length);
	}
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_session_read(board.session, FLASH, 0x20000, swallow,
					 NULL, NULL, NULL),
			 S0_OK);
	board_close(&board);
	(void)board_flash_ok(&board, small, &keep);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
	s0_image_free(small);
}

static void bytes_to_keep_that_read_differently_are_not_believed(void **state)
{
	struct s0_image *old = board_image(FLASH + 0x10000, 500, 3);
	struct s0_image *image = board_image(FLASH, 5000, 1);
	unsigned doubted = 0;
	(void)state;

	for (uint64_t at = 20; at < 80; at++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_result result;
		struct board board;
		uint64_t base;

		board_make(&board, "stm32h743,rom=0x92");
		(void)board_flash_ok(&board, old, NULL);
		base = s0_sim_transfers(board.sim);
		s0_sim_fail_at(board.sim, base + at, S0_SIM_FAULT_LIE);
		if (board_flash(&board, image, &keep, &result, &err) ==
		    S0_E_PROTOCOL)
			doubted += !!strstr(err.message, "two readings");
		(void)board_flash_ok(&board, image, &keep);
		board_assert_holds(&board, image);
		board_assert_holds(&board, old);
		board_free(&board);
	}
	assert_true(doubted > 0);
	s0_image_free(old);
	s0_image_free(image);
}

static void a_mass_erase_that_does_nothing_is_not_believed(void **state)
{
	struct s0_sim_counters counters;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743,rom=0xD3,rev=Y");
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_session_erase(board.session, 0, 0, NULL, NULL),
			 S0_OK);
	board_close(&board);
	s0_sim_get_counters(board.sim, &counters);
	assert_int_equal(counters.sector_erases, 16);
	board_free(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_stopped_in_good_order_can_be_read),
		cmocka_unit_test(
			a_stop_in_a_mass_erase_tells_that_all_is_erased),
		cmocka_unit_test(a_stop_in_an_erase_of_all_leaves_it_readable),
		cmocka_unit_test(
			keeping_with_all_of_the_flash_is_repaired_after_a_cut),
		cmocka_unit_test(
			a_stop_before_anything_changed_leaves_it_untouched),
		cmocka_unit_test(kept_bytes_outlive_a_stop),
		cmocka_unit_test(nothing_is_kept_by_guessing),
		cmocka_unit_test(
			a_chip_put_right_by_others_is_believed_once_read),
		cmocka_unit_test(
			bytes_to_keep_that_read_differently_are_not_believed),
		cmocka_unit_test(
			a_mass_erase_that_does_nothing_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
