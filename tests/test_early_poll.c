/* SPDX-License-Identifier: MIT */
/*
 * ROMs that stall a GETSTATUS for coming too early (early_poll=): it is asked
 * again later, and neither the queue is blamed for it nor a refusal hidden.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "board.h"
#include "session/device.h"

#define FLASH 0x08000000u
#define MOST  400u

static const char *const chips[] = {
	"stm32h743,rom=0x92",
	"stm32h743,rom=0x91",
	"stm32h743,answer=after",
	"stm32h743,rom=0x92,answer=poll",
	"stm32f405",
	"stm32f405,answer=poll",
	"stm32f405,answer=before",
};

static const char *const ways[] = {
	"early_poll=stall",
	"early_poll=busy",
	"early_poll=stall,queue=stall",
	"early_poll=busy,queue=lost",
	"early_poll=stall,poll_erase_ms=0,poll_program_ms=0,poll_address_ms=0",
	"early_poll=busy,poll_erase_ms=0,poll_program_ms=0,poll_address_ms=0",
	"early_poll=stall,poll_erase_ms=9000,poll_program_ms=4000",
	"early_poll=busy,poll_erase_ms=16777215,poll_program_ms=65535",
};

static void warned(void *payload, const char *line)
{
	(void)line;
	++*(unsigned *)payload;
}

/* Returns the retries. */
static unsigned flash(struct board *board, const struct s0_image *image,
		      const struct s0_policy *policy, unsigned *warnings)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result = { .retries = 0 };
	struct s0_plan *plan = NULL;
	s0_code code;

	*warnings = 0;
	assert_int_equal(board_open(board, &err), S0_OK);
	s0_session_set_warning(board->session, warned, warnings);
	code = s0_session_plan(board->session, image, policy, &plan, &err);
	if (code == S0_OK)
		code = s0_session_run(board->session, plan, &result, &err);
	if (code != S0_OK)
		print_message("# %s\n", err.message);
	assert_int_equal(code, S0_OK);
	s0_plan_free(plan);
	board_close(board);
	board_assert_holds(board, image);
	return result.retries;
}

static void a_stall_that_means_busy_is_waited_out(void **state)
{
	static const struct s0_policy policies[] = {
		{ .start = false }, { .erase = S0_ERASE_ALL }
	};
	size_t pairs = sizeof ways / sizeof *ways * 2;
	(void)state;

	for (size_t i = 0; i < sizeof chips / sizeof *chips * pairs; i++) {
		const char *way = ways[i % pairs / 2];
		struct s0_image *image = board_image(FLASH, 5001, 1);
		struct s0_sim_counters did;
		char description[160];
		struct board board;
		unsigned warnings;

		(void)snprintf(description, sizeof description, "%s,%s",
			       chips[i / pairs], way);
		board_make(&board, description);
		(void)flash(&board, image, &policies[i % 2], &warnings);
		s0_sim_get_counters(board.sim, &did);
		if (warnings != (strstr(way, "queue") != NULL))
			print_message("# %s\n", description);
		assert_int_equal(warnings, strstr(way, "queue") != NULL);
		assert_int_equal(did.words_damaged, 0);
		board_free(&board);
		s0_image_free(image);
	}
}

static unsigned stalls(const char *description, uint32_t bytes)
{
	struct s0_image *image = board_image(FLASH, bytes, 1);
	struct s0_sim_counters did;
	struct board board;
	unsigned warnings, retries;

	board_make(&board, description);
	retries = flash(&board, image, NULL, &warnings);
	s0_sim_get_counters(board.sim, &did);
	assert_int_equal(retries + warnings, 0);
	board_free(&board);
	s0_image_free(image);
	return (unsigned)did.stalls;
}

static void who_stalls_is_asked_when_the_last_was_over(void **state)
{
	unsigned few = stalls("stm32f405,early_poll=stall", 8 * 2048);
	unsigned many = stalls("stm32f405,early_poll=stall", 24 * 2048);
	(void)state;

	print_message("# %u and %u stalls\n", few, many);
	/* none for the 16 further blocks and the two more sectors, once it is
	 * known that it tells when its time is over and not before */
	assert_true(few > 0 && many - few <= 4);
	assert_int_equal(stalls("stm32f405,early_poll=ok", 24 * 2048), 0);
}

/* A mass erase of the F405 says 100 ms and takes 16 s. */
static void a_stall_is_believed_for_as_long_as_the_operation_may_take(
	void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image = board_image(FLASH, 500, 1);
	struct board board;
	uint64_t start;
	(void)state;

	board_make(&board, "stm32f405,answer=poll,early_poll=busy");
	assert_int_equal(board_open(&board, NULL), S0_OK);
	assert_int_equal(
		s0_session_erase(board.session, FLASH, 0x100000, NULL, &err),
		S0_OK);
	board_free(&board);

	board_make(&board, "stm32h743,rom=0x92,early_poll=stall,"
			   "poll_program_ms=16777215");
	assert_int_equal(board_open(&board, NULL), S0_OK);
	board_close(&board);
	start = s0_sim_now_us(board.sim);
	err = board_flash_fails(&board, image, NULL);
	assert_int_equal(err.code, S0_E_REFUSED);
	assert_non_null(strstr(err.message, "stalled GETSTATUS"));
	assert_true(err.waited_ms >= 5000);
	assert_in_range(s0_sim_now_us(board.sim) - start, 5000000, 30000000);
	board_free(&board);
	s0_image_free(image);
}

static void what_another_program_began_is_waited_for(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof chips / sizeof *chips * 2; i++) {
		struct s0_sim_setup setup = { 0x21, 1, 0, 0, 5 };
		uint8_t data[6] = { 0x41, 0, 0, 0, 8 };
		struct s0_image *image = board_image(FLASH, 500, 1);
		struct s0_sim_reply reply;
		char description[96];
		struct board board;
		unsigned warnings;

		(void)snprintf(description, sizeof description, "%s,%s",
			       chips[i / 2], ways[i % 2]);
		board_make(&board, description);
		if (strstr(description, "f405"))
			assert_int_equal(board_open(&board, NULL), S0_OK);
		board_close(&board);
		s0_sim_control(board.sim, &setup, data, &reply);
		setup = (struct s0_sim_setup){ 0xa1, 3, 0, 0, 6 };
		s0_sim_control(board.sim, &setup, data, &reply);
		assert_int_equal(data[4], 4);
		(void)flash(&board, image, NULL, &warnings);
		board_free(&board);
		s0_image_free(image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stall_that_means_busy_is_waited_out),
		cmocka_unit_test(who_stalls_is_asked_when_the_last_was_over),
		cmocka_unit_test(
			a_stall_is_believed_for_as_long_as_the_operation_may_take),
		cmocka_unit_test(what_another_program_began_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
