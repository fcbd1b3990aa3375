/* SPDX-License-Identifier: MIT */
/* A mass erase where not every sector is in the image: it takes nothing that
 * somebody may want. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

#define FLASH 0x08000000u

/* Eight bytes in each of the 2 MiB's sectors but one. */
static struct s0_image *all_but(unsigned sector)
{
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	for (unsigned k = 0; k < 16; k++)
		if (k != sector)
			assert_int_equal(s0_image_add(image, "t",
						      FLASH + k * 0x20000,
						      "firmware", 8, NULL),
					 S0_OK);
	return image;
}

/* Flash 15 sectors with bytes in the other: returns whether all was erased. */
static bool mass_erased(unsigned sector, const struct s0_image *image,
			uint32_t offset, const char *bytes)
{
	uint32_t length = (uint32_t)strlen(bytes);
	uint32_t at = FLASH + sector * 0x20000 + offset;
	struct s0_result result;
	struct board board;
	char now[16];

	board_make(&board, "stm32h743,rom=0x92");
	(void)s0_sim_poke(board.sim, at, bytes, length);
	result = board_flash_ok(&board, image, NULL);
	board_assert_holds(&board, image);
	assert_int_equal(s0_sim_peek(board.sim, at, now, length), length);
	assert_memory_equal(now, bytes, length);
	board_free(&board);
	return result.mass_erased;
}

static void what_holds_a_byte_is_not_erased_with_the_others(void **state)
{
	static const uint32_t places[] = { 0,	   1,	    1023,    1024,
					   0xffff, 0x1fbff, 0x1fc00, 0x1ffff };
	static const unsigned sectors[] = { 0, 7, 15 };
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct s0_image *image = all_but(sectors[i]);

		for (size_t k = 0; k < 8; k++)
			assert_false(
				mass_erased(sectors[i], image, places[k], "x"));
		assert_true(mass_erased(sectors[i], image, 0, ""));
		s0_image_free(image);
	}
}

/* A sector that is right stays, unless it is right because all of it is
 * blank. */
static void a_sector_that_is_right_is_erased_only_where_it_is_blank(
	void **state)
{
	static const uint32_t lengths[] = { 8, 0x20000 };
	uint8_t *blank = malloc(0x20000);
	struct s0_image *image;
	struct board board;
	(void)state;

	assert_non_null(blank);
	memset(blank, 0xff, 0x20000);
	for (size_t i = 0; i < 2; i++) {
		image = all_but(9);
		assert_int_equal(s0_image_add(image, "t", FLASH + 9 * 0x20000,
					      blank, lengths[i], NULL),
				 S0_OK);
		assert_true(mass_erased(9, image, 0, ""));
		if (lengths[i] < 0x20000)
			assert_false(mass_erased(9, image, 0x12345, "x"));
		s0_image_free(image);
	}
	/* … all of it firmware */
	memset(blank, 'f', 0x20000);
	image = all_but(9);
	assert_int_equal(s0_image_add(image, "t", FLASH + 9 * 0x20000, blank,
				      0x20000, NULL),
			 S0_OK);
	board_make(&board, "stm32h743,rom=0x92");
	(void)s0_sim_poke(board.sim, FLASH + 9 * 0x20000, blank, 0x20000);
	assert_false(board_flash_ok(&board, image, NULL).mass_erased);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
	free(blank);
	image = all_but(16);
	assert_false(mass_erased(9, image, 0, "firmware"));
	assert_true(mass_erased(9, image, 0, ""));
	s0_image_free(image);
}

/* What nobody asked to change may be damaged: that is found once. */
static void a_damaged_word_beside_the_image_is_left_alone(void **state)
{
	struct s0_image *image = all_but(7);
	struct s0_sim_counters counters;
	struct s0_error err;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743,rom=0x92");
	s0_sim_damage(board.sim, FLASH + 7 * 0x20000 + 0x8000);
	err = board_flash_fails(&board, image, NULL);
	assert_int_equal(err.cause, S0_CAUSE_UNREADABLE);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	s0_sim_power_cycle(board.sim);
	assert_false(board_flash_ok(&board, image, NULL).mass_erased);
	board_assert_holds(&board, image);
	s0_sim_get_counters(board.sim, &counters);
	assert_int_equal(counters.bus_errors, 1);
	assert_int_equal(counters.mass_erases, 0);
	assert_int_equal(board_damaged(&board), 1);
	board_free(&board);
	s0_image_free(image);
}

/* Reading the others takes time, too: 115 ms a sector. */
static void it_is_not_done_where_it_takes_longer(void **state)
{
	(void)state;
	for (unsigned sectors = 5; sectors < 9; sectors++) {
		struct s0_image *image = board_image(FLASH, 8, 1);
		struct board board;

		for (unsigned k = 1; k < sectors; k++)
			assert_int_equal(s0_image_add(image, "t",
						      FLASH + k * 0x20000,
						      "firmware", 8, NULL),
					 S0_OK);
		board_make(&board, "stm32h743,rom=0x92");
		assert_int_equal(
			board_flash_ok(&board, image, NULL).mass_erased,
			sectors >= 7);
		board_free(&board);
		s0_image_free(image);
	}
}

static struct s0_plan *plan_of(struct board *board,
			       const struct s0_image *image)
{
	struct s0_plan *plan;

	assert_int_equal(board_open(board, NULL), S0_OK);
	assert_int_equal(
		s0_session_plan(board->session, image, NULL, &plan, NULL),
		S0_OK);
	return plan;
}

struct said {
	unsigned lines;
	char last[512];
};

static void note(void *payload, const char *line)
{
	struct said *said = payload;

	said->lines++;
	(void)snprintf(said->last, sizeof said->last, "%s", line);
}

/* A mass erase that is cut at its at-th transfer. */
static void cut_mass_erase(struct board *board, const struct s0_image *image,
			   unsigned at)
{
	struct s0_plan *plan = plan_of(board, image);

	s0_sim_fail_at(board->sim, s0_sim_transfers(board->sim) + at,
		       S0_SIM_FAULT_BROWN_OUT);
	assert_int_not_equal(s0_session_run(board->session, plan, NULL, NULL),
			     S0_OK);
	s0_plan_free(plan);
	board_close(board);
	s0_sim_replug(board->sim);
}

/* In a new process nobody knows what has been put there since: what the image
 * does not touch stays as it is, and is named. */
static void after_a_cut_mass_erase_nothing_beside_the_image_is_erased(
	void **state)
{
	struct s0_image *image = all_but(7);
	struct said said = { 0 };
	struct s0_result result;
	struct s0_plan *plan;
	struct board board;
	uint8_t now[8];
	(void)state;

	board_make(&board, "stm32h743,rom=0x92");
	cut_mass_erase(&board, image, 1);
	/* another programmer was here */
	(void)s0_sim_poke(board.sim, FLASH + 7 * 0x20000, "precious", 8);
	plan = plan_of(&board, image);
	s0_session_set_warning(board.session, note, &said);
	assert_int_equal(s0_session_run(board.session, plan, &result, NULL),
			 S0_OK);
	assert_false(result.mass_erased);
	assert_non_null(strstr(said.last, "'sector0 erase 0x080e0000 131072'"));
	s0_plan_free(plan);
	board_close(&board);
	assert_int_equal(s0_sim_peek(board.sim, FLASH + 7 * 0x20000, now, 8),
			 8);
	assert_memory_equal(now, "precious", 8);
	board_assert_holds(&board, image);
	/* as the warning says */
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_session_erase(board.session, FLASH + 7 * 0x20000,
					  0x20000, NULL, NULL),
			 S0_OK);
	board_close(&board);
	said.lines = 0;
	plan = plan_of(&board, image);
	s0_session_set_warning(board.session, note, &said);
	assert_int_equal(s0_session_run(board.session, plan, &result, NULL),
			 S0_OK);
	assert_int_equal(said.lines, 0);
	s0_plan_free(plan);
	board_free(&board);
	s0_image_free(image);
}

/* The session that was cut knows that it was blank, and erases it again. */
static void a_cut_mass_erase_is_repaired_by_the_session_itself(void **state)
{
	struct s0_image *image = all_but(7);
	struct s0_image *there = board_image(FLASH + 7 * 0x20000, 8, 1);
	(void)state;

	for (unsigned at = 1; at <= 2; at++) {
		struct s0_result result;
		struct s0_plan *plan;
		struct board board;

		board_make(&board, "stm32h743,rom=0x92,back_ms=100");
		board.reconnect_ms = 1000;
		plan = plan_of(&board, image);
		s0_sim_fail_at(board.sim, s0_sim_transfers(board.sim) + at,
			       S0_SIM_FAULT_BROWN_OUT);
		assert_int_equal(
			s0_session_run(board.session, plan, &result, NULL),
			S0_OK);
		assert_true(result.mass_erased);
		assert_int_equal(result.reconnects, 1);
		s0_plan_free(plan);
		board_close(&board);
		board_assert_holds(&board, image);
		assert_int_equal(board_damaged(&board), 0);
		plan = plan_of(&board, there);
		assert_int_equal(s0_plan_sector(plan, 0)->content,
				 S0_CONTENT_DIFFERENT);
		s0_plan_free(plan);
		board_free(&board);
	}
	s0_image_free(image);
	s0_image_free(there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_holds_a_byte_is_not_erased_with_the_others),
		cmocka_unit_test(
			a_sector_that_is_right_is_erased_only_where_it_is_blank),
		cmocka_unit_test(a_damaged_word_beside_the_image_is_left_alone),
		cmocka_unit_test(it_is_not_done_where_it_takes_longer),
		cmocka_unit_test(
			after_a_cut_mass_erase_nothing_beside_the_image_is_erased),
		cmocka_unit_test(
			a_cut_mass_erase_is_repaired_by_the_session_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
