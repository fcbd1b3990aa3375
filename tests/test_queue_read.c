/* SPDX-License-Identifier: MIT */
/*
 * Reads that are handed over many blocks at a time, with an error among them;
 * and failures of the chip's own, which the queue has nothing to do with.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "session/device.h"

#define FLASH  0x08000000u
#define BLOCK  1024u
#define BLOCKS 40u

/* What a reader was given: in order, without a gap, once. */
struct reader {
	const struct board *board;
	uint32_t next;
};

static bool take(void *payload, uint32_t address, const uint8_t *bytes,
		 uint32_t length)
{
	struct reader *reader = payload;
	uint8_t want[2048];

	assert_int_equal(address, reader->next);
	assert_true(length <= sizeof want);
	assert_int_equal(s0_sim_peek(reader->board->sim, address, want, length),
			 length);
	assert_memory_equal(bytes, want, length);
	reader->next = address + length;
	return true;
}

static void open_filled(struct board *board, const char *description)
{
	static uint8_t old[BLOCKS * BLOCK];

	board_make(board, description);
	board_random(old, sizeof old, 3);
	(void)s0_sim_poke(board->sim, FLASH, old, sizeof old);
	assert_int_equal(board_open(board, NULL), S0_OK);
}

static s0_code read(struct board *board, uint32_t address, uint32_t length,
		    uint32_t *ret_done, struct s0_error *err)
{
	struct target *target = board->device->target;
	struct reader reader = { board, address };
	s0_code code = target->ops->read(target, address, length, 0, take,
					 &reader, err);

	*ret_done = reader.next - address;
	return code;
}

static void a_block_that_failed_behind_another_is_read_again(void **state)
{
	static const s0_sim_fault faults[] = {
		S0_SIM_FAULT_STALL,	 S0_SIM_FAULT_SILENT,
		S0_SIM_FAULT_LOST_REPLY, S0_SIM_FAULT_SHORT,
		S0_SIM_FAULT_LIE,
	};
	struct board board;
	(void)state;

	for (unsigned i = 0; i < 5 * (BLOCKS - 1); i++) {
		/* Set Address and its two GETSTATUS, ABORT; the UPLOADs */
		unsigned block = i / 5, behind = block % 16;
		struct s0_error err = S0_ERROR_INIT;
		uint32_t done;

		open_filled(&board, "stm32h743,rom=0x92");
		s0_sim_fail_at(board.sim,
			       s0_sim_transfers(board.sim) + 5 + block,
			       faults[i % 5]);
		(void)read(&board, FLASH, BLOCKS * BLOCK - 3, &done, &err);
		if (behind) {
			assert_int_equal(err.code, S0_OK);
			assert_int_equal(done, BLOCKS * BLOCK - 3);
		} else {
			assert_int_not_equal(err.code, S0_OK);
			assert_int_equal(err.address, FLASH + block * BLOCK);
			assert_int_equal(done, block * BLOCK);
		}
		assert_false(board.device->target->one_at_a_time);
		assert_int_equal(board.device->target->retries.count,
				 behind != 0);
		/* what comes next is not hurt by it */
		err = (struct s0_error)S0_ERROR_INIT;
		assert_int_equal(board.device->target->ops->settle(
					 board.device->target, NULL),
				 S0_OK);
		assert_int_equal(read(&board, FLASH, 5000, &done, &err), S0_OK);
		board_free(&board);
	}
}

static void a_second_failure_is_not_the_queue_s(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct board board;
	uint64_t at;
	uint32_t done;
	(void)state;

	open_filled(&board, "stm32h743,rom=0x92");
	at = s0_sim_transfers(board.sim) + 4;
	/* the fifth block; then, behind the 11 that were withdrawn or not
	 * looked at, what settles it, Set Address, ABORT and the fifth block
	 * again by itself */
	s0_sim_fail_at(board.sim, at + 5, S0_SIM_FAULT_STALL);
	s0_sim_fail_at(board.sim, at + 16 + 3 + 4 + 1, S0_SIM_FAULT_STALL);
	assert_int_equal(read(&board, FLASH, BLOCKS * BLOCK, &done, &err),
			 S0_E_REFUSED);
	assert_int_equal(err.address, FLASH + 4 * BLOCK);
	assert_int_equal(done, 4 * BLOCK);
	assert_false(board.device->target->one_at_a_time);
	assert_int_equal(board.device->target->retries.count, 0);
	board_free(&board);
}

/* Behind the 11 that were not looked at: status, ABORT and status, Set Address
 * with its two, ABORT, the block by itself. */
#define READ_AGAIN (11u + 1 + 2 + 3 + 1 + 1)

static void only_what_fails_twice_in_the_same_place_is_the_queue_s(void **state)
{
	(void)state;

	for (unsigned place = 1; place < 16; place++) {
		struct s0_error err = S0_ERROR_INIT;
		struct target *target;
		struct board board;
		uint64_t at;
		uint32_t done;

		open_filled(&board, "stm32h743,rom=0x92");
		target = board.device->target;
		at = s0_sim_transfers(board.sim) + 4;
		s0_sim_fail_at(board.sim, at + 5, S0_SIM_FAULT_STALL);
		s0_sim_fail_at(board.sim, at + 5 + READ_AGAIN + 1 + place,
			       S0_SIM_FAULT_STALL);
		assert_int_equal(
			read(&board, FLASH, BLOCKS * BLOCK, &done, &err),
			S0_OK);
		assert_int_equal(target->retries.count, 2);
		assert_int_equal(target->retries.first.code, S0_E_REFUSED);
		assert_int_equal(target->retries.first.address,
				 FLASH + 4 * BLOCK);
		assert_int_equal(target->one_at_a_time, place == 4);
		board_free(&board);
	}
}

static void a_damaged_word_is_met_once(void **state)
{
	struct board board;
	(void)state;

	for (unsigned block = 0; block < 20; block++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_sim_counters counters;
		uint32_t done;

		open_filled(&board, "stm32h743,rom=0x92");
		s0_sim_damage(board.sim, FLASH + block * BLOCK + 64);
		assert_int_equal(
			read(&board, FLASH, BLOCKS * BLOCK, &done, &err),
			S0_E_TIMEOUT);
		assert_int_equal(err.cause, S0_CAUSE_UNREADABLE);
		assert_int_equal(err.address, FLASH + block * BLOCK);
		assert_non_null(strstr(err.message, "stopped answering"));
		assert_int_equal(done, block * BLOCK);
		assert_false(board.device->target->one_at_a_time);
		s0_sim_get_counters(board.sim, &counters);
		assert_int_equal(counters.bus_errors, 1);
		board_free(&board);
	}
}

/* Jobs that the chip itself refuses. */
static s0_code read_past_the_end(struct board *board, struct s0_error *err)
{
	uint32_t done;
	s0_code code = read(board, FLASH + 0x200000 - 3 * BLOCK, 9 * BLOCK,
			    &done, err);

	assert_int_equal(done, 3 * BLOCK);
	return code;
}

static s0_code read_flash(struct board *board, struct s0_error *err)
{
	uint32_t done;

	return read(board, FLASH, 4 * BLOCK, &done, err);
}

static s0_code erase(struct board *board, struct s0_error *err)
{
	struct target *target = board->device->target;
	bool blind;

	return target->ops->erase(target, FLASH, &blind, err);
}

static s0_code erase_all(struct board *board, struct s0_error *err)
{
	struct target *target = board->device->target;
	bool blind;

	return target->ops->mass_erase(target, &blind, err);
}

static s0_code write(struct board *board, struct s0_error *err)
{
	static const uint8_t bytes[3 * BLOCK] = { 1, 2, 3 };
	struct target *target = board->device->target;

	return target->ops->write(target, 0x08040000, bytes, sizeof bytes, err);
}

static s0_code write_nowhere(struct board *board, struct s0_error *err)
{
	static const uint8_t bytes[BLOCK] = { 1, 2, 3 };
	struct target *target = board->device->target;

	return target->ops->write(target, 0x30000000, bytes, sizeof bytes, err);
}

static const struct {
	const char *chip;
	s0_code (*job)(struct board *board, struct s0_error *err);
	s0_code code;
} refusals[] = {
	{ "stm32h743", read_past_the_end, S0_E_REFUSED },
	{ "stm32h743,upload_error=state15", read_past_the_end, S0_E_REFUSED },
	{ "stm32h743,upload_error=empty", read_past_the_end, S0_E_PROTOCOL },
	{ "stm32h743,rdp=1", read_flash, S0_E_PROTECTED },
	{ "stm32f405,rdp=1", read_flash, S0_E_PROTECTED },
	{ "stm32h743,rdp=1", erase, S0_E_PROTECTED },
	{ "stm32h743,wrp=1,wrp_reports=error,fail_mode=errVENDOR", erase,
	  S0_E_REFUSED },
	{ "stm32h743,wrp=4,wrp_reports=error,fail_mode=errVENDOR", write,
	  S0_E_REFUSED },
	{ "stm32f405,wrp=64,wrp_reports=error", write, S0_E_REFUSED },
	{ "stm32h743,mass_erase_bug=stall", erase_all, S0_E_REFUSED },
	{ "stm32h743", write_nowhere, S0_E_REFUSED },
	{ "stm32h743,addr_check=operation", write_nowhere, S0_E_REFUSED },
	{ "stm32f405", write_nowhere, S0_E_REFUSED },
};

static void a_refusal_of_the_chip_is_told_as_ever(void **state)
{
	static const char *const ways[] = { "", ",queue=stall", ",queue=lost" };
	(void)state;

	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		struct s0_error first = S0_ERROR_INIT;

		/* 0: one at a time, as it was before anything was queued */
		for (int way = 0; way < 4; way++) {
			struct s0_error err = S0_ERROR_INIT;
			struct board board;
			char text[120];

			(void)snprintf(text, sizeof text, "%s%s",
				       refusals[i].chip,
				       ways[way ? way - 1 : 0]);
			board_make(&board, text);
			assert_int_equal(board_open(&board, NULL), S0_OK);
			if (!way)
				board.device->target->one_at_a_time = true;
			assert_int_equal(refusals[i].job(&board, &err),
					 refusals[i].code);
			if (!way)
				first = err;
			assert_string_equal(err.message, first.message);
			assert_int_equal(err.address, first.address);
			assert_int_equal(err.cause, first.cause);
			/* who refuses every command answers none that could
			 * be lost */
			if (!strstr(text, "f405,rdp=1"))
				assert_int_equal(
					board.device->target->one_at_a_time,
					way != 1);
			board_free(&board);
		}
	}
}

static struct s0_error flash(struct board *board, const struct s0_image *image,
			     const struct s0_policy *policy, bool *ret_slow,
			     unsigned *ret_retries)
{
	struct s0_result result = { 0 };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	s0_code code;

	assert_int_equal(board_open(board, NULL), S0_OK);
	code = s0_session_plan(board->session, image, policy, &plan, &err);
	if (code == S0_OK)
		code = s0_session_run(board->session, plan, &result, &err);
	assert_int_equal(code, err.code);
	if (code == S0_OK)
		assert_int_equal(result.verified_bytes, s0_image_size(image));
	*ret_slow = board->device->target->one_at_a_time;
	*ret_retries = result.retries;
	s0_plan_free(plan);
	board_close(board);
	return err;
}

static void what_differs_is_read_once_more(void **state)
{
	struct s0_image *image = board_image(FLASH, 8 * BLOCK, 9);
	struct s0_error err;
	struct board board;
	uint64_t clean;
	unsigned retries;
	bool slow;
	(void)state;

	board_make(&board, "stm32h743,rom=0x92");
	(void)board_flash_ok(&board, image, NULL);
	clean = s0_sim_transfers(board.sim);
	board_free(&board);
	/* the last block that is verified, before the ABORT */
	board_make(&board, "stm32h743,rom=0x92");
	s0_sim_fail_at(board.sim, clean - 1, S0_SIM_FAULT_BIT_ERROR);
	err = flash(&board, image, NULL, &slow, &retries);
	assert_int_equal(err.code, S0_OK);
	assert_false(slow);
	assert_int_equal(retries, 1);
	board_assert_holds(&board, image);
	board_free(&board);
	/* one that really differs */
	board_make(&board, "stm32h743,rom=0x92,fault=lie@program3");
	err = flash(&board, image, NULL, &slow, &retries);
	assert_int_equal(err.code, S0_E_MISMATCH);
	assert_int_equal(err.aftermath, S0_PARTIAL);
	assert_false(slow);
	err = flash(&board, image, NULL, &slow, &retries);
	assert_int_equal(err.code, S0_OK);
	board_assert_holds(&board, image);
	board_free(&board);
	s0_image_free(image);
}

static void bytes_to_be_kept_are_not_believed_of_a_muddled_queue(void **state)
{
	static const struct s0_policy keep = { .keep = true };
	struct s0_image *old = board_image(FLASH + 2 * BLOCK, 90 * BLOCK, 2);
	struct s0_image *image = board_image(FLASH, BLOCK, 9);
	struct s0_error err;
	struct board board;
	unsigned retries;
	bool slow;
	(void)state;

	board_make(&board, "stm32h743,rom=0x92,queue=wrong");
	(void)board_flash_ok(&board, old, NULL);
	err = flash(&board, image, &keep, &slow, &retries);
	assert_int_equal(err.code, S0_E_PROTOCOL);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	board_assert_holds(&board, old);
	board_free(&board);
	s0_image_free(old);
	s0_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_block_that_failed_behind_another_is_read_again),
		cmocka_unit_test(a_second_failure_is_not_the_queue_s),
		cmocka_unit_test(
			only_what_fails_twice_in_the_same_place_is_the_queue_s),
		cmocka_unit_test(a_damaged_word_is_met_once),
		cmocka_unit_test(a_refusal_of_the_chip_is_told_as_ever),
		cmocka_unit_test(what_differs_is_read_once_more),
		cmocka_unit_test(
			bytes_to_be_kept_are_not_believed_of_a_muddled_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
