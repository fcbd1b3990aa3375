/* SPDX-License-Identifier: MIT */
/* Chips that were left in a bad state by what came before. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

#define FLASH  0x08000000u
#define SECTOR 0x00020000u

static const struct s0_policy keep = { .keep = true };
static const struct s0_policy none = { .erase = S0_ERASE_NONE };

static uint8_t class_request(struct board *board, uint8_t type, uint8_t request,
			     uint16_t value, uint8_t *data, uint16_t length)
{
	struct s0_sim_setup setup = { type, request, value, 0, length };
	struct s0_sim_reply reply;

	s0_sim_control(board->sim, &setup, data, &reply);
	return (uint8_t)reply.handshake;
}

static uint8_t state(struct board *board)
{
	uint8_t status[6] = { 0 };

	(void)class_request(board, 0xa1, 3, 0, status, sizeof status);
	return status[4];
}

/* Cut a run at its k-th transfer, the first k that changes something. */
static void cut_run(struct board *board, const struct s0_image *image,
		    const struct s0_policy *policy, uint64_t into)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;

	s0_sim_fail_at(board->sim, s0_sim_transfers(board->sim) + into,
		       S0_SIM_FAULT_UNPLUG);
	assert_int_not_equal(board_flash(board, image, policy, &result, &err),
			     S0_OK);
	s0_sim_fail_at(board->sim, 0, S0_SIM_FAULT_NONE);
	s0_sim_advance_us(board->sim, 20000000);
	s0_sim_replug(board->sim);
	assert_int_not_equal(err.aftermath, S0_UNTOUCHED);
}

static uint64_t transfers_of(const char *description,
			     const struct s0_image *before,
			     const struct s0_image *image,
			     const struct s0_policy *policy)
{
	struct board board;
	uint64_t base;

	board_make(&board, description);
	if (before)
		(void)board_flash_ok(&board, before, NULL);
	base = s0_sim_transfers(board.sim);
	(void)board_flash_ok(&board, image, policy);
	base = s0_sim_transfers(board.sim) - base;
	board_free(&board);
	return base;
}

static void kept_bytes_of_many_full_sectors_outlive_a_cut(void **state_)
{
	static const char chip[] = "stm32h743,rom=0x92";
	struct s0_image *old = board_image(FLASH, 8 * SECTOR, 1), *image;
	struct board board;
	uint64_t n;
	(void)state_;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(s0_image_add(image, "t",
					      FLASH + i * SECTOR + 64,
					      "sixteen bytes...", 16, NULL),
				 S0_OK);
	n = transfers_of(chip, old, image, &keep);
	for (unsigned part = 2; part < 10; part += 3) {
		uint8_t *want = malloc(8 * SECTOR), *is = malloc(8 * SECTOR);

		assert_non_null(want);
		assert_non_null(is);
		board_make(&board, chip);
		(void)board_flash_ok(&board, old, NULL);
		(void)s0_image_copy(old, FLASH, 8 * SECTOR, want);
		(void)s0_image_copy(image, FLASH, 8 * SECTOR, want);
		cut_run(&board, image, &keep, n - n * part / 20);
		(void)board_flash_ok(&board, image, &keep);
		(void)s0_sim_peek(board.sim, FLASH, is, 8 * SECTOR);
		assert_memory_equal(is, want, 8 * SECTOR);
		board_free(&board);
		free(want);
		free(is);
	}
	s0_image_free(old);
	s0_image_free(image);
}

static void without_an_erase_a_cut_sector_is_refused(void **state_)
{
	struct s0_image *image = board_image(FLASH, 5000, 1);
	struct s0_image *other = board_image(FLASH + 8192, 500, 2);
	struct s0_error err;
	struct board board;
	(void)state_;

	board_make(&board, "stm32h743,rom=0x92");
	cut_run(&board, image, NULL,
		transfers_of("stm32h743,rom=0x92", NULL, image, NULL) - 12);
	err = board_flash_fails(&board, other, &none);
	assert_int_equal(err.code, S0_E_NOT_ERASED);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	(void)board_flash_ok(&board, image, NULL);
	(void)board_flash_ok(&board, other, &none);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
	s0_image_free(other);
}

static void full_does_not_make_words_look_blank(void **state_)
{
	static const struct s0_policy both = { .erase = S0_ERASE_NONE,
					       .full = true };
	struct s0_image *image = board_image(FLASH, 5000, 1);
	struct s0_image *other = board_image(FLASH, 5000, 2);
	struct board board;
	(void)state_;

	board_make(&board, "stm32h743,rom=0x92");
	(void)board_flash_ok(&board, image, NULL);
	assert_int_equal(board_flash_fails(&board, other, &both).code,
			 S0_E_NOT_ERASED);
	assert_int_equal(board_damaged(&board), 0);
	board_free(&board);
	s0_image_free(image);
	s0_image_free(other);
}

static void a_cut_write_without_an_erase_is_noted_too(void **state_)
{
	struct s0_image *image = board_image(FLASH, 5000, 1);
	uint64_t n = transfers_of("stm32h743,rom=0x92", NULL, image, &none);
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct board board;
	(void)state_;

	board_make(&board, "stm32h743,rom=0x92");
	s0_sim_fail_at(board.sim, n - 20, S0_SIM_FAULT_TORN);
	assert_int_not_equal(board_flash(&board, image, &none, &result, &err),
			     S0_OK);
	assert_int_not_equal(err.aftermath, S0_UNTOUCHED);
	s0_sim_replug(board.sim);
	(void)board_flash_ok(&board, image, NULL);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
}

static void saved_bytes_do_not_outlive_an_erase_of_all(void **state_)
{
	static const struct s0_policy all = { .erase = S0_ERASE_ALL };
	struct s0_image *old = board_image(FLASH + 0x10000, 500, 3);
	struct s0_image *image = board_image(FLASH, 5000, 1);
	struct board board;
	uint8_t now[500];
	(void)state_;

	board_make(&board, "stm32h743,rom=0x92");
	(void)board_flash_ok(&board, old, NULL);
	cut_run(&board, image, &keep,
		transfers_of("stm32h743,rom=0x92", old, image, &keep) - 12);
	(void)board_flash_ok(&board, image, &all);
	(void)s0_sim_peek(board.sim, FLASH + 0x10000, now, sizeof now);
	for (size_t i = 0; i < sizeof now; i++)
		assert_int_equal(now[i], 0xff);
	board_free(&board);
	s0_image_free(old);
	s0_image_free(image);
}

static void a_command_left_pending_by_others_is_not_carried_out(void **state_)
{
	uint8_t erase[5] = { 0x41, 0x00, 0x00, 0x00, 0x08 };
	struct s0_image *image = board_image(FLASH, 500, 1);
	struct board board;
	(void)state_;

	board_make(&board, "stm32h743");
	(void)board_flash_ok(&board, image, NULL);
	assert_int_equal(class_request(&board, 0x21, 1, 0, erase, 5),
			 S0_SIM_ACK);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	board_close(&board);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
}

static void the_device_is_idle_after_success_and_after_failure(void **state_)
{
	static const struct s0_policy quick = { .no_verify = true };
	struct s0_image *image = board_image(FLASH, 5000, 1);
	struct board board;
	(void)state_;

	board_make(&board, "stm32h743,rom=0x92");
	(void)board_flash_ok(&board, image, &quick);
	assert_int_equal(state(&board), 2);
	s0_sim_fail_at(board.sim, s0_sim_transfers(board.sim) + 60,
		       S0_SIM_FAULT_STALL);
	(void)board_flash_fails(&board, image,
				&(struct s0_policy){ .full = true });
	assert_int_equal(state(&board), 2);
	board_free(&board);
	s0_image_free(image);
}

static void bank_2_is_erased_where_clrstatus_is_stalled(void **state_)
{
	struct s0_image *image = board_image(FLASH + 0x100000, 5000, 1);
	struct s0_image *small = board_image(FLASH, 50, 1);
	struct board board;
	(void)state_;

	/* A worn part, and nothing seen of bank 1 to go by. */
	board_make(&board, "stm32h743,rom=0x91,erase_ms=9800");
	(void)board_flash_ok(&board, image, NULL);
	board_assert_holds(&board, image);
	board_free(&board);
	board_make(&board, "stm32h743,rom=0x92,clrstatus_outside_error=stall");
	(void)board_flash_ok(&board, small, NULL);
	board_free(&board);
	s0_image_free(image);
	s0_image_free(small);
}

static void a_refusal_after_the_erase_was_begun_is_not_untouched(void **state_)
{
	struct s0_image *image = board_image(FLASH + 0x100000, 5000, 1);
	struct s0_error err;
	struct board board;
	(void)state_;

	board_make(&board, "stm32h743,rom=0x91,fail_mode=errVENDOR");
	err = board_flash_fails(&board, image, NULL);
	assert_int_not_equal(err.aftermath, S0_UNTOUCHED);
	board_free(&board);
	s0_image_free(image);
}

static void nothing_is_started_that_did_not_leave(void **state_)
{
	struct s0_image *image = board_image(FLASH, 500, 1);
	struct s0_error err = S0_ERROR_INIT;
	struct board board;
	uint64_t base;
	(void)state_;

	board_make(&board, "stm32h743");
	(void)board_flash_ok(&board, image, NULL);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	base = s0_sim_transfers(board.sim);
	assert_int_equal(s0_session_start(board.session, 0, NULL, NULL), S0_OK);
	base = s0_sim_transfers(board.sim) - base;
	board_close(&board);
	s0_sim_power_cycle(board.sim);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	s0_sim_fail_at(board.sim, s0_sim_transfers(board.sim) + base - 1,
		       S0_SIM_FAULT_LIE);
	assert_int_equal(s0_session_start(board.session, 0, NULL, &err),
			 S0_E_REFUSED);
	assert_int_equal(err.cause, S0_CAUSE_NEEDS_RESET);
	board_free(&board);
	s0_image_free(image);
}

static void an_erase_that_was_ignored_is_not_reported_as_done(void **state_)
{
	struct s0_image *old = board_image(FLASH, 500, 1);
	struct s0_error err = S0_ERROR_INIT;
	struct board board;
	(void)state_;

	board_make(&board, "stm32h743");
	board.unseen_wrp = 1;
	for (size_t i = 0; i < s0_image_piece_count(old); i++) {
		struct s0_piece p = s0_image_piece(old, i);

		(void)s0_sim_poke(board.sim, p.address, p.bytes, p.length);
	}
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_session_erase(board.session, FLASH, 1, NULL, &err),
			 S0_E_NOT_ERASED);
	assert_int_equal(err.cause, S0_CAUSE_NO_EFFECT);
	board_assert_holds(&board, old);
	board_free(&board);
	s0_image_free(old);
}

static void a_smaller_part_has_its_own_map(void **state_)
{
	struct board board;
	(void)state_;

	board_make(&board, "stm32h743,flash_kb=1024");
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(s0_map_flash_size(s0_device_map(board.device)),
			 1024 * 1024);
	assert_null(s0_map_find(s0_device_map(board.device), FLASH + 0x80000));
	assert_non_null(
		s0_map_find(s0_device_map(board.device), FLASH + 0x100000));
	board_free(&board);
}

/* A lost Set Address, a bit that fell over: other bytes must not pass for the
 * unique ID, on which the host's records hang. */
static void the_unique_id_is_believed_when_it_was_read_twice(void **state)
{
	static const s0_sim_fault faults[] = { S0_SIM_FAULT_LIE,
					       S0_SIM_FAULT_BIT_ERROR,
					       S0_SIM_FAULT_LOST_REPLY,
					       S0_SIM_FAULT_STALL };
	char uid[25] = "";
	(void)state;

	for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++)
		for (uint64_t at = 0; at < 40; at++) {
			struct s0_error err = S0_ERROR_INIT;
			struct board board;

			board_make(&board, "stm32h743,rom=0x92");
			s0_sim_poke(board.sim, 0x08000000, "some firmware", 13);
			if (at)
				s0_sim_fail_at(board.sim, at, faults[k]);
			if (board_open(&board, &err) == S0_OK) {
				const char *told =
					s0_device_info(board.device)->uid;

				if (!at)
					memcpy(uid, told, sizeof uid);
				assert_string_equal(told, uid);
				assert_int_equal(strlen(told), 24);
				board_close(&board);
			}
			board_free(&board);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_unique_id_is_believed_when_it_was_read_twice),
		cmocka_unit_test(kept_bytes_of_many_full_sectors_outlive_a_cut),
		cmocka_unit_test(without_an_erase_a_cut_sector_is_refused),
		cmocka_unit_test(full_does_not_make_words_look_blank),
		cmocka_unit_test(a_cut_write_without_an_erase_is_noted_too),
		cmocka_unit_test(saved_bytes_do_not_outlive_an_erase_of_all),
		cmocka_unit_test(
			a_command_left_pending_by_others_is_not_carried_out),
		cmocka_unit_test(
			the_device_is_idle_after_success_and_after_failure),
		cmocka_unit_test(bank_2_is_erased_where_clrstatus_is_stalled),
		cmocka_unit_test(
			a_refusal_after_the_erase_was_begun_is_not_untouched),
		cmocka_unit_test(nothing_is_started_that_did_not_leave),
		cmocka_unit_test(
			an_erase_that_was_ignored_is_not_reported_as_done),
		cmocka_unit_test(a_smaller_part_has_its_own_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
