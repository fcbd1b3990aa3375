/* SPDX-License-Identifier: MIT */
/* What a session makes of what the host remembers of a chip. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "session/device.h"

#define FLASH  0x08000000u
#define SECTOR 0x00020000u
#define BYTES  (4 * SECTOR)
/* A block in the middle that no sample of the first runs meets. */
#define HIDDEN (FLASH + SECTOR + 50 * 1024 + 17)

static const struct s0_policy trust = { .trust_last_run = true };

static void count_line(void *payload, const char *line)
{
	unsigned *warnings = payload;

	if (strstr(line, "something else has changed the chip"))
		(*warnings)++;
}

/* As a process does it that trusts the last run. */
static struct s0_result flash_trusting(struct board *board,
				       const struct s0_image *image,
				       unsigned *ret_warnings)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct s0_plan *plan;
	unsigned warnings = 0;

	assert_int_equal(board_open(board, &err), S0_OK);
	s0_session_set_warning(board->session, count_line, &warnings);
	assert_int_equal(
		s0_session_plan(board->session, image, &trust, &plan, &err),
		S0_OK);
	assert_int_equal(s0_session_run(board->session, plan, &result, &err),
			 S0_OK);
	s0_plan_free(plan);
	board_close(board);
	if (ret_warnings)
		*ret_warnings = warnings;
	return result;
}

static void expect_nothing_trusted(struct board *board,
				   const struct s0_image *image)
{
	unsigned warnings;
	struct s0_result result = flash_trusting(board, image, &warnings);

	assert_int_equal(result.trusted_bytes, 0);
	assert_int_equal(warnings, 0);
	board_assert_holds(board, image);
}

static struct s0_image *flash_new(struct board *board, const char *description)
{
	struct s0_image *image = board_image(FLASH, BYTES, 1);

	board_make(board, description);
	(void)board_flash_ok(board, image, NULL);
	return image;
}

static void end(struct board *board, struct s0_image *image)
{
	board_free(board);
	s0_image_free(image);
}

static void what_the_last_run_verified_is_sampled_if_asked(void **state)
{
	struct s0_result all, few;
	struct board board;
	struct s0_image *image = flash_new(&board, "stm32h743,rom=0x92");
	(void)state;

	all = board_flash_ok(&board, image, NULL);
	assert_int_equal(all.verified_bytes, BYTES);
	assert_int_equal(all.trusted_bytes, 0);
	few = flash_trusting(&board, image, NULL);
	assert_int_equal(few.skipped_bytes, BYTES);
	assert_int_equal(few.verified_bytes, 4 * 4 * 1024);
	assert_int_equal(few.trusted_bytes, BYTES - 4 * 4 * 1024);
	assert_int_equal(few.written_bytes, 0);
	print_message("# 512 KiB unchanged: %.3f s, sampled %.3f s\n",
		      (double)all.time_us / 1e6, (double)few.time_us / 1e6);
	assert_true(few.time_us * 10 < all.time_us);
	assert_true(few.floor_us < few.time_us);
	assert_true(few.floor_us > 16 * 843);
	assert_true(all.floor_us > 500 * 843);
	end(&board, image);
}

static void a_small_image_is_read_all_the_same(void **state)
{
	struct s0_image *image = board_image(FLASH + 3, 4 * 1024 - 10, 1);
	struct s0_result result;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743");
	(void)board_flash_ok(&board, image, NULL);
	result = flash_trusting(&board, image, NULL);
	assert_int_equal(result.verified_bytes, 4 * 1024 - 10);
	assert_int_equal(result.trusted_bytes, 0);
	end(&board, image);
}

/* Blocks are counted through all pieces of a sector. */
static void the_last_block_of_the_last_piece_is_sampled(void **state)
{
	struct s0_image *image = board_image(FLASH, 3000, 1);
	uint8_t more[20 * 1024 + 5];
	struct s0_result result;
	struct board board;
	unsigned warnings;
	(void)state;

	board_random(more, sizeof more, 2);
	assert_int_equal(s0_image_add(image, "t", FLASH + 0x8000, more,
				      sizeof more, NULL),
			 S0_OK);
	board_make(&board, "stm32h743");
	(void)board_flash_ok(&board, image, NULL);
	result = flash_trusting(&board, image, &warnings);
	assert_int_equal(warnings, 0);
	assert_int_equal(result.verified_bytes, 3 * 1024 + 5);
	assert_int_equal(result.trusted_bytes,
			 3000 + sizeof more - 3 * 1024 - 5);
	board_poke(&board, FLASH + 0x8000 + sizeof more - 1);
	(void)flash_trusting(&board, image, &warnings);
	assert_int_equal(warnings, 1);
	board_assert_holds(&board, image);
	end(&board, image);
}

static void another_image_is_read_where_it_differs(void **state)
{
	struct s0_result result;
	struct board board;
	struct s0_image *image = flash_new(&board, "stm32h743,rom=0x92");
	struct s0_image *other = board_image_changed(image, HIDDEN);
	(void)state;

	result = flash_trusting(&board, other, NULL);
	board_assert_holds(&board, other);
	assert_int_equal(result.written_bytes, SECTOR);
	assert_int_equal(result.trusted_bytes, 3 * (SECTOR - 4 * 1024));
	/* And that is the last run now. */
	result = flash_trusting(&board, other, NULL);
	assert_int_equal(result.trusted_bytes, 4 * (SECTOR - 4 * 1024));
	result = flash_trusting(&board, image, NULL);
	assert_int_equal(result.trusted_bytes, 3 * (SECTOR - 4 * 1024));
	board_assert_holds(&board, image);
	s0_image_free(other);
	end(&board, image);
}

/* The ends of each sector are sampled always. */
static void a_change_that_a_sample_meets_voids_the_record(void **state)
{
	static const uint32_t places[] = { FLASH, FLASH + SECTOR - 1,
					   FLASH + SECTOR + 1023,
					   FLASH + BYTES - 1024 };
	(void)state;

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct board board;
		struct s0_image *image = flash_new(&board, "stm32h743");
		struct s0_result result;
		struct s0_plan *plan;
		unsigned warnings;

		board_poke(&board, places[i]);
		board_poke(&board, HIDDEN);
		if (i == 0) { /* a look is enough */
			assert_int_equal(board_open(&board, NULL), S0_OK);
			assert_int_equal(s0_session_plan(board.session, image,
							 &trust, &plan, NULL),
					 S0_OK);
			s0_plan_free(plan);
			board_close(&board);
			board_poke(&board, places[i]);
			expect_nothing_trusted(&board, image);
			end(&board, image);
			continue;
		}
		result = flash_trusting(&board, image, &warnings);
		assert_int_equal(warnings, 1);
		assert_int_equal(result.trusted_bytes, 0);
		assert_int_equal(result.skipped_bytes + result.written_bytes,
				 BYTES);
		board_assert_holds(&board, image);
		/* All was verified, so it is a record again. */
		result = flash_trusting(&board, image, &warnings);
		assert_int_equal(warnings, 0);
		assert_int_equal(result.trusted_bytes, 4 * (SECTOR - 4 * 1024));
		end(&board, image);
	}
}

/* This is what --trust-last-run gives up, and what it says. */
static void a_change_that_no_sample_meets_is_trusted_and_told(void **state)
{
	struct board board;
	struct s0_image *image = flash_new(&board, "stm32h743");
	struct s0_result result;
	uint8_t found, wanted;
	(void)state;

	board_poke(&board, HIDDEN);
	result = flash_trusting(&board, image, NULL);
	assert_int_equal(result.trusted_bytes, 4 * (SECTOR - 4 * 1024));
	assert_int_equal(result.verified_bytes, 4 * 4 * 1024);
	assert_int_equal(result.written_bytes, 0);
	(void)s0_sim_peek(board.sim, HIDDEN, &found, 1);
	(void)s0_image_copy(image, HIDDEN, 1, &wanted);
	assert_int_not_equal(found, wanted);
	/* Without it all is read. */
	result = board_flash_ok(&board, image, NULL);
	assert_int_equal(result.written_bytes, SECTOR);
	board_assert_holds(&board, image);
	end(&board, image);
}

static void every_block_gets_its_turn(void **state)
{
	static const uint32_t blocks[] = {
		1, 2, 50, 62, 63, 64, 100, 125, 126
	};
	(void)state;

	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		struct board board;
		struct s0_image *image = flash_new(&board, "stm32h743");
		unsigned warnings = 0, runs = 0;

		board_poke(&board, FLASH + blocks[i] * 1024 + 1023);
		for (; !warnings && runs < 64; runs++)
			(void)flash_trusting(&board, image, &warnings);
		assert_int_equal(warnings, 1);
		board_assert_holds(&board, image);
		end(&board, image);
	}
}

static void what_was_not_verified_is_not_trusted(void **state)
{
	static const struct s0_policy quick = { .no_verify = true };
	struct board board;
	struct s0_image *image = flash_new(&board, "stm32h743");
	struct s0_image *other = board_image_changed(image, HIDDEN);
	struct s0_result result;
	(void)state;

	/* Neither what it has written, nor what it has written over. */
	(void)board_flash_ok(&board, other, &quick);
	result = flash_trusting(&board, image, NULL);
	assert_int_equal(result.written_bytes, SECTOR);
	(void)board_flash_ok(&board, other, &quick);
	result = flash_trusting(&board, other, NULL);
	assert_int_equal(result.trusted_bytes, 3 * (SECTOR - 4 * 1024));
	board_assert_holds(&board, other);
	s0_image_free(other);
	end(&board, image);
}

static void what_was_not_yet_written_is_not_recorded(void **state)
{
	static const struct s0_policy blank = { .erase = S0_ERASE_NONE };
	struct s0_image *image = board_image(FLASH, BYTES, 1);
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct s0_plan *plan;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743");
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(
		s0_session_plan(board.session, image, &blank, &plan, NULL),
		S0_OK);
	s0_session_cancel(board.session);
	assert_int_equal(s0_session_run(board.session, plan, &result, &err),
			 S0_E_CANCELLED);
	s0_plan_free(plan);
	board_close(&board);
	expect_nothing_trusted(&board, image);
	end(&board, image);
}

static void what_was_erased_is_not_trusted(void **state)
{
	(void)state;

	for (int all = 0; all < 2; all++) {
		struct board board;
		struct s0_image *image =
			flash_new(&board, "stm32h743,rom=0x92");
		struct s0_result result;

		assert_int_equal(board_open(&board, NULL), S0_OK);
		assert_int_equal(s0_session_erase(board.session,
						  all ? 0 : FLASH + SECTOR,
						  all ? 0 : 1, &result, NULL),
				 S0_OK);
		board_close(&board);
		result = flash_trusting(&board, image, NULL);
		assert_int_equal(result.written_bytes, all ? BYTES : SECTOR);
		board_assert_holds(&board, image);
		end(&board, image);
	}
}

static void only_what_need_not_be_erased_is_trusted(void **state)
{
	static const struct s0_policy policies[] = {
		{ .trust_last_run = true, .full = true },
		{ .trust_last_run = true, .erase = S0_ERASE_ALL },
		{ .trust_last_run = true, .erase = S0_ERASE_NONE },
	};
	struct board board;
	struct s0_image *image = flash_new(&board, "stm32h743,rom=0x92");
	(void)state;

	for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
		struct s0_result result =
			board_flash_ok(&board, image, &policies[i]);

		assert_int_equal(result.trusted_bytes, 0);
		assert_int_equal(result.verified_bytes, BYTES);
	}
	end(&board, image);
}

static void a_chip_without_unique_id_is_not_trusted(void **state)
{
	struct s0_image *image = board_image(FLASH, BYTES, 1);
	struct s0_result result;
	struct s0_plan *plan;
	struct board board;
	(void)state;

	board_make(&board, "stm32h743");
	assert_int_equal(board_open(&board, NULL), S0_OK);
	s0_session_free(board.session);
	board.device->info.uid[0] = '\0';
	assert_int_equal(s0_session_new(board.device, &board.session, NULL),
			 S0_OK);
	assert_int_equal(
		s0_session_plan(board.session, image, NULL, &plan, NULL),
		S0_OK);
	assert_int_equal(s0_session_run(board.session, plan, &result, NULL),
			 S0_OK);
	s0_plan_free(plan);
	board_close(&board);
	expect_nothing_trusted(&board, image);
	end(&board, image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_the_last_run_verified_is_sampled_if_asked),
		cmocka_unit_test(a_small_image_is_read_all_the_same),
		cmocka_unit_test(the_last_block_of_the_last_piece_is_sampled),
		cmocka_unit_test(another_image_is_read_where_it_differs),
		cmocka_unit_test(a_change_that_a_sample_meets_voids_the_record),
		cmocka_unit_test(
			a_change_that_no_sample_meets_is_trusted_and_told),
		cmocka_unit_test(every_block_gets_its_turn),
		cmocka_unit_test(what_was_not_verified_is_not_trusted),
		cmocka_unit_test(what_was_not_yet_written_is_not_recorded),
		cmocka_unit_test(what_was_erased_is_not_trusted),
		cmocka_unit_test(only_what_need_not_be_erased_is_trusted),
		cmocka_unit_test(a_chip_without_unique_id_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
