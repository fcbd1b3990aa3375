/* SPDX-License-Identifier: MIT */
/*
 * Devices, hubs and host controllers that cannot take several transfers at
 * once, and single errors among those that were handed over together: what the
 * host makes of them, and that a chip's own failure is not taken for it.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "session/device.h"

#define FLASH 0x08000000u
#define BLOCK 1024u
#define MOST  4000u

enum { DNLOAD = 1, UPLOAD = 2, GETSTATUS = 3 };

/* What the chip saw, and what the user was told. */
struct run {
	struct board board;
	uint8_t requests[MOST];
	size_t count;
	unsigned blocks; /* DNLOADs of data */
	unsigned warnings;
	unsigned told, blamed; /* of them: of retries, of the queue */
	char warning[512];     /* the last */
	bool singly;	       /* from the beginning */
	bool slow;	       /* found to take one transfer at a time */
	struct s0_error err;
	struct s0_result result;
	struct s0_sim_counters did;
};

static void log_one(void *payload, const struct s0_sim_record *record)
{
	struct run *run = payload;

	if ((record->setup.request_type & 0x60) != 0x20)
		return;
	if (run->count < MOST)
		run->requests[run->count++] = record->setup.request;
	run->blocks +=
		record->setup.request == DNLOAD && record->setup.value >= 2;
}

static void warned(void *payload, const char *line)
{
	struct run *run = payload;

	if (strstr(line, "it took "))
		run->told++;
	else
		assert_non_null(strstr(line, "handed over together"));
	run->warnings++;
	run->blamed += strstr(line, "one at a time") != NULL;
	(void)snprintf(run->warning, sizeof run->warning, "%s", line);
}

static void make(struct run *run, const char *description)
{
	memset(run, 0, sizeof *run);
	board_make(&run->board, description);
	s0_sim_set_log(run->board.sim, log_one, run);
}

static s0_code open_run(struct run *run)
{
	s0_code code;

	run->err = (struct s0_error)S0_ERROR_INIT;
	run->result = (struct s0_result){ 0 };
	run->count = run->blocks = 0;
	run->warnings = run->told = run->blamed = 0;
	code = board_open(&run->board, &run->err);
	if (code != S0_OK)
		return code;
	s0_session_set_warning(run->board.session, warned, run);
	if (run->singly)
		run->board.device->target->one_at_a_time = true;
	return S0_OK;
}

static void close_run(struct run *run)
{
	s0_sim_get_counters(run->board.sim, &run->did);
	run->slow =
		run->board.device && run->board.device->target->one_at_a_time;
	board_close(&run->board);
}

static s0_code flash(struct run *run, const struct s0_image *image,
		     const struct s0_policy *policy)
{
	struct s0_plan *plan = NULL;
	s0_code code = open_run(run);

	if (code == S0_OK)
		code = s0_session_plan(run->board.session, image, policy, &plan,
				       &run->err);
	if (code == S0_OK)
		code = s0_session_run(run->board.session, plan, &run->result,
				      &run->err);
	if (code == S0_OK)
		assert_int_equal(run->told > 0, run->result.retries > 0);
	s0_plan_free(plan);
	close_run(run);
	return code;
}

static void flash_ok(struct run *run, const struct s0_image *image,
		     const struct s0_policy *policy)
{
	if (flash(run, image, policy) != S0_OK)
		print_message("# %s\n", run->err.message);
	assert_int_equal(run->err.code, S0_OK);
	board_assert_holds(&run->board, image);
}

static const char *const chips[] = {
	"stm32h743,rom=0x91",	  "stm32h743,rom=0x92",
	"stm32f405,answer=after", "stm32f405,answer=poll",
	"stm32h743,answer=after", "stm32h743,rom=0x91,answer=poll",
};

/* 100 KiB in bank 1; on an H743 in bank 2 as well. */
static struct s0_image *some_image(const char *chip)
{
	struct s0_image *image = board_image(FLASH, 100001, 3);
	uint8_t more[3000];

	board_random(more, sizeof more, 4);
	if (strstr(chip, "h743"))
		assert_int_equal(s0_image_add(image, "t", FLASH + 0x100000,
					      more, sizeof more, NULL),
				 S0_OK);
	return image;
}

static void who_takes_one_at_a_time_is_programmed_right(void **state)
{
	static const char *const ways[] = { "stall", "lost", "wrong" };
	static const struct s0_policy go = { .start = true };
	static struct run usual, slow;
	(void)state;

	for (size_t i = 0; i < sizeof chips / sizeof *chips * 3; i++) {
		struct s0_image *image = some_image(chips[i / 3]);
		char description[80];

		make(&usual, chips[i / 3]);
		flash_ok(&usual, image, NULL);
		assert_int_equal(usual.warnings, 0);
		assert_false(usual.slow);
		(void)snprintf(description, sizeof description, "%s,queue=%s",
			       chips[i / 3], ways[i % 3]);
		make(&slow, description);
		flash_ok(&slow, image, NULL);
		assert_int_equal(slow.warnings, 1);
		assert_int_equal(slow.blamed, 1);
		assert_null(strstr(slow.warning, "symptom"));
		assert_true(slow.slow);
		/* nothing was done twice */
		assert_int_equal(slow.blocks, usual.blocks);
		assert_int_equal(slow.did.words_programmed,
				 usual.did.words_programmed);
		assert_int_equal(slow.did.sector_erases,
				 usual.did.sector_erases);
		assert_int_equal(slow.did.words_damaged, 0);
		flash_ok(&slow, image, &go);
		assert_int_equal(s0_sim_started(slow.board.sim), FLASH);
		board_free(&slow.board);
		board_free(&usual.board);
		s0_image_free(image);
	}
}

/* The size of what is written in the tests that strike at each request. */
static struct s0_image *small_image(void)
{
	return board_image(FLASH, 3 * BLOCK, 8);
}

/* Requests and data blocks of a run that nothing happens to. */
static void clean_run(struct run *run, const char *chip)
{
	struct s0_image *image = small_image();

	make(run, chip);
	flash_ok(run, image, NULL);
	board_free(&run->board);
	s0_image_free(image);
}

static void a_status_that_was_lost_is_asked_again(void **state)
{
	static const s0_sim_fault faults[] = { S0_SIM_FAULT_STALL,
					       S0_SIM_FAULT_SILENT,
					       S0_SIM_FAULT_LOST_REPLY,
					       S0_SIM_FAULT_SHORT };
	static struct run clean, run;
	struct s0_image *image = small_image();
	unsigned struck = 0, told = 0;
	(void)state;

	for (size_t c = 0; c < 4; c++) {
		clean_run(&clean, chips[c]);
		for (size_t at = 2; at < clean.count; at++) {
			bool behind = clean.requests[at] == GETSTATUS &&
				      (clean.requests[at - 1] == DNLOAD ||
				       clean.requests[at - 2] == DNLOAD);

			if (!behind)
				continue;
			struck++;
			make(&run, chips[c]);
			s0_sim_fail_at(run.board.sim, at + 1, faults[at % 4]);
			flash_ok(&run, image, NULL);
			assert_false(run.slow);
			assert_int_equal(run.blamed, 0);
			/* A stall may mean that it is busy. */
			if (faults[at % 4] != S0_SIM_FAULT_STALL)
				assert_int_equal(run.told, 1);
			assert_int_equal(run.result.retries, run.told);
			assert_int_equal(run.warnings, run.told);
			if (run.told)
				assert_non_null(strstr(run.warning,
						       "it took 1 retry: the "
						       "device "));
			told += run.told;
			assert_int_equal(run.blocks, clean.blocks);
			assert_int_equal(run.did.words_programmed,
					 clean.did.words_programmed);
			assert_int_equal(run.did.sector_erases,
					 clean.did.sector_erases);
			board_free(&run.board);
		}
	}
	print_message("# %u struck, %u told\n", struck, told);
	assert_true(struck > 100);
	assert_true(told > struck * 3 / 4);
	s0_image_free(image);
}

static void same_end(struct run *a, struct run *b)
{
	static uint8_t one[0x20000], other[0x20000];

	assert_int_equal(a->err.code, b->err.code);
	assert_string_equal(a->err.message, b->err.message);
	assert_int_equal(a->err.address, b->err.address);
	assert_int_equal(a->err.aftermath, b->err.aftermath);
	assert_int_equal(a->blocks, b->blocks);
	(void)s0_sim_peek(a->board.sim, FLASH, one, sizeof one);
	(void)s0_sim_peek(b->board.sim, FLASH, other, sizeof other);
	assert_memory_equal(one, other, sizeof one);
	/* behind what is said to be written nothing is */
	if (a->err.code != S0_OK && a->err.address == FLASH + BLOCK)
		for (size_t i = BLOCK; i < sizeof one; i++)
			assert_int_equal(one[i], 0xff);
}

static void a_dnload_that_failed_is_not_sent_again(void **state)
{
	static const s0_sim_fault faults[] = { S0_SIM_FAULT_STALL,
					       S0_SIM_FAULT_SILENT,
					       S0_SIM_FAULT_LOST_REPLY };
	static struct run clean, queued, single;
	struct s0_image *image = small_image();
	unsigned failed = 0;
	(void)state;

	for (size_t c = 0; c < 4; c++) {
		clean_run(&clean, chips[c]);
		for (size_t i = 0; i < clean.count * 3; i++) {
			if (clean.requests[i / 3] != DNLOAD)
				continue;
			make(&queued, chips[c]);
			make(&single, chips[c]);
			single.singly = true;
			s0_sim_fail_at(queued.board.sim, i / 3 + 1,
				       faults[i % 3]);
			s0_sim_fail_at(single.board.sim, i / 3 + 1,
				       faults[i % 3]);
			(void)flash(&queued, image, NULL);
			(void)flash(&single, image, NULL);
			same_end(&queued, &single);
			assert_false(queued.slow);
			assert_int_equal(queued.blamed, 0);
			failed += queued.err.code != S0_OK;
			flash_ok(&queued, image, NULL);
			board_free(&queued.board);
			board_free(&single.board);
		}
	}
	print_message("# %u runs failed\n", failed);
	assert_true(failed > 50);
	s0_image_free(image);
}

/* A mass erase that is asked about one GETSTATUS at a time: 16 s for one. */
static void one_status_at_a_time_is_given_a_mass_erase_s_time(void **state)
{
	static const char *const ways[] = { "stall", "lost", "wrong" };
	struct s0_image *image = board_image(FLASH, 0x100000, 3);
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct board board;
		char chip[64];

		(void)snprintf(chip, sizeof chip, "stm32f405,queue=%s",
			       ways[i]);
		board_make(&board, chip);
		assert_true(board_flash_ok(&board, image, NULL).mass_erased);
		board_assert_holds(&board, image);
		board_free(&board);
	}
	s0_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			one_status_at_a_time_is_given_a_mass_erase_s_time),
		cmocka_unit_test(who_takes_one_at_a_time_is_programmed_right),
		cmocka_unit_test(a_status_that_was_lost_is_asked_again),
		cmocka_unit_test(a_dnload_that_failed_is_not_sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
