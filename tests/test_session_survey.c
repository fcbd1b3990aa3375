/* SPDX-License-Identifier: MIT */
/* Looking at what a device holds: sectors that lie together are read as one
 * stream, and each of them is judged for itself. */
#include "test.h"

#include <string.h>

#include "board.h"

#define FLASH 0x08000000u
#define MIB2  0x00200000u

static bool ignore(void *payload, const void *bytes, size_t length)
{
	(void)payload;
	(void)bytes;
	(void)length;
	return true;
}

/* Time of a run that finds nothing to do, over the time to read it once. */
static double nothing_to_do(const char *description, uint32_t from,
			    uint32_t bytes)
{
	struct s0_image *image = board_image(from, bytes, 7);
	struct s0_result run, read;
	struct board board;
	double ratio;

	board_make(&board, description);
	(void)board_flash_ok(&board, image, NULL);
	run = board_flash_ok(&board, image, NULL);
	assert_int_equal(run.skipped_bytes, bytes);
	assert_int_equal(run.written_bytes, 0);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_session_read(board.session, from, bytes, ignore,
					 NULL, &read, NULL),
			 S0_OK);
	ratio = (double)run.time_us / (double)read.time_us;
	print_message("# %s, %u KiB unchanged: %.1f ms, read %.1f ms, ratio "
		      "%.4f\n",
		      description, bytes / 1024, (double)run.time_us / 1e3,
		      (double)read.time_us / 1e3, ratio);
	board_free(&board);
	s0_image_free(image);
	return ratio;
}

static void doing_nothing_takes_as_long_as_reading(void **state)
{
	(void)state;
	assert_true(nothing_to_do("stm32f405", FLASH, 60 * 1024) <= 1.05);
	assert_true(nothing_to_do("stm32f405", FLASH, 1 << 20) <= 1.025);
	assert_true(nothing_to_do("stm32h743,rom=0x92", FLASH, 60 * 1024) <=
		    1.017);
	assert_true(nothing_to_do("stm32h743,rom=0x92", FLASH, MIB2) <= 1.008);
	/* Blocks that would straddle sectors: each sector for itself. */
	assert_true(nothing_to_do("stm32h743,rom=0x92", FLASH + 0x298,
				  0x60000) <= 1.02);
}

/* Which of the image's sectors the plan erases, a bit each by number. */
static unsigned erased(struct board *board, const struct s0_image *image,
		       s0_code *ret_code)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan;
	unsigned bits = 0;

	assert_int_equal(board_open(board, &err), S0_OK);
	*ret_code = s0_session_plan(board->session, image, NULL, &plan, &err);
	if (*ret_code != S0_OK)
		return 0;
	for (size_t i = 0; i < s0_plan_sector_count(plan); i++)
		bits |= (unsigned)s0_plan_sector(plan, i)->erase << i;
	s0_plan_free(plan);
	board_close(board);
	return bits;
}

/* An image over four sectors, with a byte changed in each of `bits`. */
static void change_bytes(const char *description, uint32_t from,
			 uint32_t sector, unsigned bits, uint32_t offset)
{
	struct s0_image *image =
		board_image(from, FLASH + 4 * sector - from, 7);
	struct s0_piece p = s0_image_piece(image, 0);
	struct board board;
	s0_code code;

	board_make(&board, description);
	(void)s0_sim_poke(board.sim, p.address, p.bytes, p.length);
	for (unsigned i = 0; i < 4; i++) {
		uint32_t at = FLASH + i * sector + offset;
		uint8_t byte;

		at = at < from ? from : at;
		if (!(bits & 1u << i))
			continue;
		byte = p.bytes[at - p.address] ^ 1;
		(void)s0_sim_poke(board.sim, at, &byte, 1);
	}
	assert_int_equal(erased(&board, image, &code), bits);
	assert_int_equal(code, S0_OK);
	(void)board_flash_ok(&board, image, NULL);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
}

static void a_changed_byte_is_found_in_its_sector(void **state)
{
	static const uint32_t offsets[] = { 0, 1023, 5000, 0x3fff };
	static const uint32_t from[] = { FLASH, FLASH + 0x298 };
	(void)state;

	for (unsigned bits = 0; bits < 16; bits++)
		for (size_t i = 0; i < 4; i++)
			for (size_t k = 0; k < 2; k++)
				change_bytes("stm32f405", from[k], 0x4000, bits,
					     offsets[i]);
	for (unsigned bits = 1; bits < 16; bits *= 2)
		change_bytes("stm32h743,rom=0x92", FLASH, 0x20000, bits,
			     0x1ffff);
}

/* Transfers of a look at two sectors, a byte changed. */
static uint64_t transfers(uint32_t offset, uint8_t change)
{
	struct s0_image *image = board_image(FLASH, 0x40000, 7);
	struct s0_piece p = s0_image_piece(image, 0);
	uint8_t byte = p.bytes[offset] ^ change;
	struct s0_plan *plan;
	struct board board;
	uint64_t before;

	board_make(&board, "stm32h743,rom=0x92");
	(void)s0_sim_poke(board.sim, FLASH, p.bytes, p.length);
	(void)s0_sim_poke(board.sim, FLASH + offset, &byte, 1);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	before = s0_sim_transfers(board.sim);
	assert_int_equal(
		s0_session_plan(board.session, image, NULL, &plan, NULL),
		S0_OK);
	before = s0_sim_transfers(board.sim) - before;
	s0_plan_free(plan);
	board_free(&board);
	s0_image_free(image);
	return before;
}

static void little_is_read_in_vain(void **state)
{
	uint64_t all = transfers(0, 0);
	(void)state;

	/* 128 blocks of 1 KiB: behind a right sector the first alone, then
	 * sixteen at most; at the begin 1, 2, 4 … */
	assert_int_equal(all - transfers(0x20000, 1), 127);
	assert_int_equal(all - transfers(0x203ff, 1), 127);
	assert_int_equal(all - transfers(0x20400, 1), 127 - 16);
	assert_int_equal(all - transfers(0x3ffff, 1), 0);
	assert_int_equal(transfers(0x00400, 1) - transfers(0, 1), 2);
	assert_int_equal(transfers(0x00c00, 1) - transfers(0, 1), 6);
}

/* Where a sector is found to differ is what its erase is proved by: here one
 * that write protection ignores. */
static void what_was_seen_is_seen_in_the_right_sector(void **state)
{
	struct s0_image *image = board_image(FLASH, 0x80000, 7);
	struct s0_piece p = s0_image_piece(image, 0);
	struct s0_error err;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743,rom=0x92");
	board.unseen_wrp = 0x0004;
	(void)s0_sim_poke(board.sim, p.address, p.bytes, 0x40000);
	(void)s0_sim_poke(board.sim, FLASH + 0x40000, "olden", 5);
	err = board_flash_fails(&board, image, NULL);
	assert_int_equal(err.code, S0_E_NOT_ERASED);
	assert_int_equal(err.address, FLASH + 0x40000);
	board_free(&board);
	s0_image_free(image);
}

/* A damaged word stops the bootloader: the sector it is in is not read again,
 * those before it are right. */
static void a_damaged_word_is_noted_in_its_sector(void **state)
{
	static const uint32_t places[] = { 0x40000, 0x4a000, 0x5ffe0 };
	struct s0_image *image = board_image(FLASH, 0x80000, 7);
	struct s0_piece p = s0_image_piece(image, 0);
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct s0_sim_counters counters;
		struct s0_error err;
		struct board board;
		s0_code code;

		board_make(&board, "stm32h743,rom=0x92");
		(void)s0_sim_poke(board.sim, p.address, p.bytes, p.length);
		s0_sim_damage(board.sim, FLASH + places[i]);
		err = board_flash_fails(&board, image, NULL);
		assert_int_equal(err.cause, S0_CAUSE_UNREADABLE);
		assert_int_equal(err.aftermath, S0_UNTOUCHED);
		s0_sim_power_cycle(board.sim);
		assert_int_equal(erased(&board, image, &code), 1u << 2);
		assert_int_equal(code, S0_OK);
		(void)board_flash_ok(&board, image, NULL);
		board_assert_holds(&board, image);
		s0_sim_get_counters(board.sim, &counters);
		assert_int_equal(counters.bus_errors, 1);
		board_free(&board);
	}
	s0_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doing_nothing_takes_as_long_as_reading),
		cmocka_unit_test(a_changed_byte_is_found_in_its_sector),
		cmocka_unit_test(little_is_read_in_vain),
		cmocka_unit_test(what_was_seen_is_seen_in_the_right_sector),
		cmocka_unit_test(a_damaged_word_is_noted_in_its_sector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
