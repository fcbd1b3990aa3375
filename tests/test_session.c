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

/* The floor, by hand: erases, words, blocks out with two GETSTATUS, blocks in
 * (facts 7.1, 51.3 us a packet). */
static uint64_t floor_by_hand(const struct s0_sim_times *times, uint32_t bytes,
			      bool mass)
{
	uint64_t sectors = (bytes + 0x1ffff) / 0x20000;

	return (mass ? times->mass_erase_us : sectors * times->erase_us) +
	       bytes / 32 * times->word_us + bytes / 1024 * 17572ull / 10;
}

/* Time over floor, besides what the bank-2 bug makes it wait. */
static double ratio(const char *description, uint32_t bytes, bool mass)
{
	struct s0_image *image = board_image(FLASH, bytes, 7);
	struct s0_sim_times times;
	struct s0_result r;
	struct board board;
	uint64_t by_hand;

	board_make(&board, description);
	r = board_flash_ok(&board, image, NULL);
	s0_sim_get_times(board.sim, &times);
	print_message(
		"# %s, %u KiB of random data: %.3f virtual s, floor "
		"%.3f s, ratio %.3f (erase %.3f, program %.3f, wire "
		"%.3f, wait %.3f, host %.3f s), %llu transfers\n",
		description, bytes / 1024, (double)r.time_us / 1e6,
		(double)r.floor_us / 1e6,
		(double)r.time_us / (double)r.floor_us,
		(double)r.times.erase_us / 1e6,
		(double)r.times.program_us / 1e6, (double)r.times.wire_us / 1e6,
		(double)r.times.wait_us / 1e6, (double)r.times.host_us / 1e6,
		(unsigned long long)r.transfers);
	/* The parts are the whole, and the chip's parts are the chip's. */
	assert_int_equal(r.times.erase_us + r.times.program_us +
				 r.times.wire_us + r.times.wait_us +
				 r.times.host_us,
			 r.time_us);
	assert_in_range(r.times.program_us, bytes / 32 * 99ull,
			bytes / 32 * 101ull);
	by_hand = floor_by_hand(&times, bytes, mass);
	assert_in_range(r.times.erase_us,
			by_hand -
				floor_by_hand(&(struct s0_sim_times){ 0 },
					      bytes, false) -
				bytes / 32 * times.word_us - 20000,
			by_hand -
				floor_by_hand(&(struct s0_sim_times){ 0 },
					      bytes, false) -
				bytes / 32 * times.word_us + 20000);
	assert_in_range(r.floor_us + 1000, by_hand, by_hand + 2000);
	assert_true(r.mass_erased == mass);
	board_free(&board);
	s0_image_free(image);
	return (double)(r.time_us - r.times.wait_us) / (double)r.floor_us;
}

static void the_time_is_near_the_floor(void **state)
{
	(void)state;
	assert_true(ratio("stm32h743,rom=0x92", MIB2, true) <= 1.04);
	assert_true(ratio("stm32h743,rom=0x92", MIB2 - 1024, true) <= 1.04);
	assert_true(ratio("stm32h743,rom=0x92", MIB2 / 2, false) <= 1.03);
	assert_true(ratio("stm32h743,rom=0x92", 60 * 1024, false) <= 1.03);
	assert_true(ratio("stm32h743,rom=0x91", MIB2, false) <= 1.03);
	assert_true(ratio("stm32h743,rom=0x91", 60 * 1024, false) <= 1.03);
}

struct whole {
	const char *chip;
	unsigned sectors; /* of eight that the image touches */
	bool keep, kept;  /* asked for; is there anything? */
	bool mass;
};

static void the_whole_chip_is_erased_at_once_only_where_that_is_safe(
	void **state)
{
	static const struct whole cases[] = {
		{ "stm32h743,flash_kb=1024,rom=0x92", 8, false, false, true },
		/* its end cannot be seen, or it does not work */
		{ "stm32h743,flash_kb=1024,rom=0x91", 8, false, false, false },
		{ "stm32h743,flash_kb=1024,rom=0xD3", 8, false, false, false },
		/* a sector that the image does not touch */
		{ "stm32h743,flash_kb=1024,rom=0x92", 7, false, false, false },
		/* what stands beside the image, if anything does */
		{ "stm32h743,flash_kb=1024,rom=0x92", 8, true, false, true },
		{ "stm32h743,flash_kb=1024,rom=0x92", 8, true, true, false },
		/* not quicker: one sector */
		{ "stm32h743,flash_kb=128,rom=0x92", 1, false, false, false },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct whole *c = &cases[i];
		struct s0_policy policy = { .keep = c->keep };
		struct s0_image *image;
		struct s0_result result;
		struct board board;

		print_message("# case %zu\n", i);
		assert_int_equal(s0_image_new(&image, NULL), S0_OK);
		for (uint32_t k = 0; k < c->sectors; k++)
			assert_int_equal(s0_image_add(image, "t",
						      FLASH + k % 4 * 0x20000 +
							      k / 4 * 0x100000,
						      "firmware", 8, NULL),
					 S0_OK);
		board_make(&board, c->chip);
		if (c->kept)
			(void)s0_sim_poke(board.sim, FLASH + 0x10000,
					  "settings", 8);
		result = board_flash_ok(&board, image, &policy);
		assert_true(result.mass_erased == c->mass);
		board_assert_holds(&board, image);
		if (c->kept) {
			char settings[8];

			(void)s0_sim_peek(board.sim, FLASH + 0x10000, settings,
					  8);
			assert_memory_equal(settings, "settings", 8);
		}
		board_free(&board);
		s0_image_free(image);
	}
}

/* RM0399: one protected sector keeps its bank from a mass erase, and nothing
 * says so. What was seen there before is still there. */
static void a_mass_erase_that_left_a_bank_alone_is_noticed(void **state)
{
	struct s0_image *image;
	struct s0_error err;
	struct board board;
	(void)state;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	for (uint32_t k = 0; k < 8; k++)
		assert_int_equal(
			s0_image_add(image, "t",
				     FLASH + k % 4 * 0x20000 + k / 4 * 0x100000,
				     "firmware", 8, NULL),
			S0_OK);
	board_make(&board, "stm32h743,flash_kb=1024,rom=0x92,wrp=0x0004");
	for (uint32_t k = 0; k < 4; k++)
		(void)s0_sim_poke(board.sim, FLASH + k * 0x20000, "olden", 5);
	err = board_flash_fails(&board, image, NULL);
	assert_int_equal(err.code, S0_E_NOT_ERASED);
	assert_int_equal(err.address, FLASH + 0x40000);
	assert_int_equal(err.aftermath, S0_PARTIAL);
	assert_int_equal(board_damaged(&board), 0);
	board_free(&board);
	s0_image_free(image);
}

static void poll_times_of_the_device_cost_nothing(void **state)
{
	struct s0_image *image = board_image(FLASH, 60 * 1024, 7);
	static const char *const chips[] = {
		"stm32h743,rom=0x92,poll_erase_ms=0,poll_program_ms=0,"
		"poll_address_ms=0",
		"stm32h743,rom=0x92,poll_erase_ms=16777215,"
		"poll_program_ms=60000,poll_address_ms=75",
	};
	uint64_t times[2];
	(void)state;

	for (int i = 0; i < 2; i++) {
		struct board board;

		board_make(&board, chips[i]);
		times[i] = board_flash_ok(&board, image, NULL).time_us;
		board_free(&board);
	}
	assert_int_equal(times[0], times[1]);
	s0_image_free(image);
}

static void a_write_protected_sector_is_found_before_harm_is_done(void **state)
{
	struct s0_image *image = board_image(FLASH + 0x20000, 4000, 1);
	struct s0_error err;
	struct board board;
	uint8_t old[4000], now[4000];
	(void)state;

	board_make(&board, "stm32h743,wrp=2");
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

	board_make(&board, "stm32h743,wrp=2");
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
		cmocka_unit_test(an_unchanged_image_erases_nothing_and_says_so),
		cmocka_unit_test(
			segments_that_share_a_flash_word_are_both_intact),
		cmocka_unit_test(the_time_is_near_the_floor),
		cmocka_unit_test(
			the_whole_chip_is_erased_at_once_only_where_that_is_safe),
		cmocka_unit_test(
			a_mass_erase_that_left_a_bank_alone_is_noticed),
		cmocka_unit_test(poll_times_of_the_device_cost_nothing),
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
