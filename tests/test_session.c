/* SPDX-License-Identifier: MIT */
/* The main job on the virtual chip: what must come out, and how soon. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

#define FLASH 0x08000000u
#define MIB2  0x00200000u

static void whole_flash(const char *description)
{
	struct s0_image *image = board_image(FLASH, MIB2, 1);
	struct s0_image *other;
	uint8_t *bytes = malloc(MIB2);
	struct s0_result result;
	struct board board;

	assert_non_null(bytes);
	board_make(&board, description);
	result = board_flash_ok(&board, image, NULL);
	assert_int_equal(result.written_bytes, MIB2);
	assert_int_equal(result.verified_bytes, MIB2);
	board_assert_holds(&board, image);
	assert_int_equal(board_damaged(&board), 0);

	result = board_flash_ok(&board, image, NULL); /* again: nothing to do */
	assert_int_equal(result.written_bytes, 0);
	assert_int_equal(result.skipped_bytes, MIB2);
	assert_int_equal(result.verified_bytes, MIB2);
	assert_int_equal(result.times.erase_us, 0);

	(void)s0_image_copy(image, FLASH, MIB2, bytes);
	bytes[0x123456] ^= 1; /* one byte: one sector */
	assert_int_equal(s0_image_new(&other, NULL), S0_OK);
	assert_int_equal(s0_image_add(other, "t", FLASH, bytes, MIB2, NULL),
			 S0_OK);
	result = board_flash_ok(&board, other, NULL);
	assert_int_equal(result.written_bytes, 0x20000);
	assert_int_equal(result.verified_bytes, MIB2);
	board_assert_holds(&board, other);
	board_free(&board);
	s0_image_free(image);
	s0_image_free(other);
	free(bytes);
}

static void two_mib_on_rom_0x91_and_again_and_one_byte_changed(void **state)
{
	(void)state;
	whole_flash("stm32h743,rom=0x91");
}

static void two_mib_on_rom_0x92_and_again_and_one_byte_changed(void **state)
{
	(void)state;
	whole_flash("stm32h743,rom=0x92");
}

/* An alternate setting and a pointer of before are forgotten. */
static void a_device_is_reset_between_two_operations(void **state)
{
	struct s0_session *session = NULL;
	struct s0_device *device = NULL;
	struct s0_context *context;
	struct s0_error err = S0_ERROR_INIT;
	struct s0_sim *sim;
	uint64_t before_us;
	(void)state;

	assert_int_equal(s0_context_new(&context, NULL), S0_OK);
	assert_int_equal(s0_sim_new("stm32h743", &sim, NULL), S0_OK);
	assert_int_equal(s0_device_open_sim(context, sim, &device, &err),
			 S0_OK);
	assert_int_equal(s0_session_new(device, &session, &err), S0_OK);
	before_us = s0_sim_now_us(sim);
	assert_int_equal(s0_device_reset(device, &err), S0_OK);
	assert_true(s0_sim_now_us(sim) - before_us >= 50000);
	assert_int_equal(s0_session_blank(session, FLASH, MIB2, NULL, &err),
			 S0_OK);
	s0_sim_unplug(sim);
	err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(s0_device_reset(device, &err), S0_E_GONE);
	assert_true(err.message[0] != '\0');
	s0_session_free(session);
	s0_device_close(device);
	s0_sim_free(sim);
	s0_context_free(context);
}

static void an_unchanged_image_erases_nothing_and_says_so(void **state)
{
	struct s0_image *image = board_image(FLASH, 1000, 1);
	struct s0_sim_counters counters;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743");
	(void)board_flash_ok(&board, image, NULL);
	(void)board_flash_ok(&board, image, NULL);
	s0_sim_get_counters(board.sim, &counters);
	assert_int_equal(counters.sector_erases, 1);
	(void)board_flash_ok(&board, image,
			     &(struct s0_policy){ .full = true });
	s0_sim_get_counters(board.sim, &counters);
	assert_int_equal(counters.sector_erases, 2);
	board_free(&board);
	s0_image_free(image);
}

static void segments_that_share_a_flash_word_are_both_intact(void **state)
{
	struct s0_image *image = board_image(FLASH, 20, 1);
	struct s0_sim_counters counters;
	struct board board;
	uint8_t more[100];
	(void)state;

	board_random(more, sizeof more, 2);
	assert_int_equal(
		s0_image_add(image, "t", FLASH + 20, more, sizeof more, NULL),
		S0_OK);
	board_make(&board, "stm32h743");
	(void)board_flash_ok(&board, image, NULL);
	board_assert_holds(&board, image);
	assert_int_equal(board_damaged(&board), 0);
	s0_sim_get_counters(board.sim, &counters);
	assert_int_equal(counters.words_programmed, 4); /* 120 bytes */
	board_free(&board);
	s0_image_free(image);
}

static void a_write_protected_sector_is_found_before_harm_is_done(void **state)
{
	struct s0_image *image = board_image(FLASH + 0x20000, 4000, 1);
	struct s0_error err;
	struct board board;
	uint8_t old[4000], now[4000];
	(void)state;

	board_make(&board, "stm32h743");
	board.unseen_wrp = 2;
	board_random(old, sizeof old, 9);
	(void)s0_sim_poke(board.sim, FLASH + 0x20000, old, sizeof old);
	err = board_flash_fails(&board, image, NULL);
	assert_int_equal(err.code, S0_E_NOT_ERASED);
	assert_int_equal(err.cause, S0_CAUSE_NO_EFFECT);
	assert_int_equal(err.aftermath, S0_PARTIAL);
	assert_string_equal(err.message,
			    "the sector at 0x08020000 still holds bytes after "
			    "its erase, the first at 0x08020000");
	(void)s0_sim_peek(board.sim, FLASH + 0x20000, now, sizeof now);
	assert_memory_equal(now, old, sizeof old);
	assert_int_equal(board_damaged(&board), 0);
	board_free(&board);
	s0_image_free(image);
}

static void a_blank_write_protected_sector_is_found_by_verifying(void **state)
{
	struct s0_image *image = board_image(FLASH + 0x20000, 4000, 1);
	struct s0_error err;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743");
	board.unseen_wrp = 2;
	err = board_flash_fails(&board, image, NULL);
	assert_int_equal(err.code, S0_E_MISMATCH);
	assert_int_equal(err.cause, S0_CAUSE_NO_EFFECT);
	assert_int_equal(err.address, FLASH + 0x20000);
	board_free(&board);
	s0_image_free(image);
}

static void a_read_protected_chip_is_left_alone(void **state)
{
	struct s0_image *image = board_image(FLASH, 4000, 1);
	struct s0_error err;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743,rdp=1");
	err = board_flash_fails(&board, image, NULL);
	assert_int_equal(err.code, S0_E_PROTECTED);
	assert_int_equal(err.cause, S0_CAUSE_READ_OUT);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	assert_string_equal(err.message,
			    "read-out protection level 1 is on: the "
			    "bootloader neither reads nor changes this chip's "
			    "flash");
	board_free(&board);
	s0_image_free(image);
}

static void without_an_erase_only_erased_words_are_written(void **state)
{
	static const struct s0_policy none = { .erase = S0_ERASE_NONE };
	struct s0_image *first = board_image(FLASH, 100, 1);
	struct s0_image *second = board_image(FLASH + 128, 100, 2);
	struct s0_image *third = board_image(FLASH + 96, 32, 3);
	struct s0_sim_counters counters;
	struct s0_error err;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743");
	(void)board_flash_ok(&board, first, &none);
	(void)board_flash_ok(&board, second, &none);
	board_assert_holds(&board, first);
	board_assert_holds(&board, second);
	err = board_flash_fails(&board, third, &none);
	assert_int_equal(err.code, S0_E_NOT_ERASED);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	assert_int_equal(err.address, FLASH + 96);
	s0_sim_get_counters(board.sim, &counters);
	assert_int_equal(counters.sector_erases, 0);
	assert_int_equal(board_damaged(&board), 0);
	board_free(&board);
	s0_image_free(first);
	s0_image_free(second);
	s0_image_free(third);
}

static void ram_is_written_only_when_asked_for(void **state)
{
	struct s0_image *image = board_image(0x24010001, 1501, 1);
	struct s0_error err;
	struct board board;
	uint8_t beside[2] = { 0x5a, 0xa5 }, now[2];
	(void)state;

	board_make(&board, "stm32h743");
	err = board_flash_fails(&board, image, NULL);
	assert_int_equal(err.code, S0_E_OUTSIDE);
	assert_int_equal(err.cause, S0_CAUSE_RAM);
	(void)s0_sim_poke(board.sim, 0x24010000, beside, 1);
	(void)s0_sim_poke(board.sim, 0x24010001 + 1501, beside + 1, 1);
	(void)board_flash_ok(&board, image,
			     &(struct s0_policy){ .write_ram = true });
	board_assert_holds(&board, image);
	(void)s0_sim_peek(board.sim, 0x24010000, now, 1);
	(void)s0_sim_peek(board.sim, 0x24010001 + 1501, now + 1, 1);
	assert_memory_equal(now, beside, 2);
	board_free(&board);
	s0_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			two_mib_on_rom_0x91_and_again_and_one_byte_changed),
		cmocka_unit_test(
			two_mib_on_rom_0x92_and_again_and_one_byte_changed),
		cmocka_unit_test(a_device_is_reset_between_two_operations),
		cmocka_unit_test(an_unchanged_image_erases_nothing_and_says_so),
		cmocka_unit_test(
			segments_that_share_a_flash_word_are_both_intact),
		cmocka_unit_test(
			a_write_protected_sector_is_found_before_harm_is_done),
		cmocka_unit_test(
			a_blank_write_protected_sector_is_found_by_verifying),
		cmocka_unit_test(a_read_protected_chip_is_left_alone),
		cmocka_unit_test(
			without_an_erase_only_erased_words_are_written),
		cmocka_unit_test(ram_is_written_only_when_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
