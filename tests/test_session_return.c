/* SPDX-License-Identifier: MIT */
/* Devices that leave and come back, or do not, and what else may pass. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "session/session.h"
#include "sim/sim.h"

#define FLASH 0x08000000u

static const struct s0_policy keep = { .keep = true };

/* What it came to when nobody else could help. */
static struct s0_error fails(struct bench *bench, const char *fault)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;

	assert_int_equal(s0_sim_inject(bench->board.sim, fault, NULL), S0_OK);
	assert_int_not_equal(bench_flash(bench, &keep, &result, &err), S0_OK);
	return err;
}

static bool swap_chip(struct bench *bench)
{
	bench->board.sim->uid[3] = 0x77;
	return true;
}

static void another_chip_on_the_same_path_is_refused(void **state)
{
	struct s0_error err;
	struct bench bench;
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92");
	bench.meanwhile = swap_chip;
	err = fails(&bench, "replug@program2:1500");
	assert_int_equal(err.code, S0_E_GONE);
	assert_int_equal(err.cause, S0_CAUSE_OTHER_DEVICE);
	assert_int_equal(err.aftermath, S0_UNKNOWN);
	assert_non_null(strstr(err.message, "is another chip: its unique ID"));
	/* Nothing was done to it but being asked: two sectors were erased. */
	assert_int_equal(bench.board.sim->counters.sector_erases, 2);
	bench_clear_away(&bench);
}

static bool release_boot0(struct bench *bench)
{
	s0_sim_set_boot0(bench->board.sim, false);
	return true;
}

static void what_comes_back_as_an_application_is_not_waited_for_longer(
	void **state)
{
	struct s0_error err;
	struct bench bench;
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92");
	bench.meanwhile = release_boot0;
	err = fails(&bench, "replug@program2:500");
	assert_int_equal(err.code, S0_E_GONE);
	assert_int_equal(err.aftermath, S0_UNKNOWN);
	assert_non_null(strstr(err.message, "did not come back within 10 s"));
	assert_in_range(err.waited_ms, 9900, 10100);
	assert_int_equal(bench.waits, 1);
	bench_clear_away(&bench);
}

static void it_is_waited_for_as_long_as_was_said(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct bench bench;
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92");
	assert_int_equal(
		s0_sim_inject(bench.board.sim, "replug@program2:9900", NULL),
		S0_OK);
	assert_int_equal(bench_flash(&bench, &keep, &result, &err), S0_OK);
	assert_int_equal(result.reconnects, 1);
	assert_true(result.times.wait_us >= 9900000);
	assert_true(result.times.wait_us <= 10100000);
	assert_non_null(strstr(bench.waiting, "waiting up to 10 s for it at "));
	assert_int_equal(result.times.erase_us + result.times.program_us +
				 result.times.wire_us + result.times.wait_us +
				 result.times.proof_us + result.times.host_us,
			 result.time_us);
	assert_int_equal(bench.warnings, 1);
	assert_non_null(strstr(bench.warning, "it took 1 reconnect: "));
	assert_non_null(strstr(bench.warning, "(write at 0x080"));
	bench_clear_away(&bench);
	bench_lay_out(&bench, "stm32h743,rom=0x92");
	err = fails(&bench, "replug@program2:10300");
	assert_int_equal(err.code, S0_E_GONE);
	bench_clear_away(&bench);
	bench_lay_out(&bench, "stm32h743,rom=0x92");
	bench.board.reconnect_ms = 0;
	err = fails(&bench, "replug@program2:10");
	assert_int_equal(err.code, S0_E_GONE);
	assert_int_equal(bench.waits, 0);
	bench_clear_away(&bench);
}

static bool again_at_the_first_erase(struct bench *bench)
{
	assert_int_equal(
		s0_sim_inject(bench->board.sim, "replug@erase1:100", NULL),
		S0_OK);
	return true;
}

static void a_loop_of_drops_is_bounded(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct bench bench;
	(void)state;

	/* Ever a little further: three times, then it is enough. */
	bench_lay_out(&bench, "stm32h743,rom=0x92");
	err = fails(&bench, "replug@program1:100+replug@program3:100+"
			    "replug@program6:100+replug@program10:100");
	assert_int_equal(err.code, S0_E_GONE);
	assert_int_equal(err.retries, 3);
	bench_clear_away(&bench);
	/* Always in the same place: once more is allowed. */
	bench_lay_out(&bench, "stm32h743,rom=0x92");
	bench.meanwhile = again_at_the_first_erase;
	err = fails(&bench, "replug@erase1:100");
	assert_int_equal(err.retries, 2);
	assert_int_equal(bench.board.sim->counters.sector_erases, 0);
	bench_clear_away(&bench);
}

static bool no(struct bench *bench)
{
	(void)bench;
	return false;
}

static void a_stop_while_it_waits_is_obeyed_at_once(void **state)
{
	struct s0_error err;
	struct bench bench;
	uint64_t before;
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92");
	bench.meanwhile = no;
	before = s0_sim_now_us(bench.board.sim);
	err = fails(&bench, "unplug@program2");
	assert_int_equal(err.code, S0_E_CANCELLED);
	assert_int_equal(err.aftermath, S0_UNKNOWN);
	assert_true(s0_sim_now_us(bench.board.sim) - before < 3000000);
	/* What was cut keeps its note. */
	s0_sim_replug(bench.board.sim);
	bench.meanwhile = NULL;
	assert_int_equal(board_open(&bench.board, NULL), S0_OK);
	assert_int_equal(bench.board.session->journal->count, 2);
	bench_clear_away(&bench);
}

/* Asked before each look at the path, and when there is none left. */
static bool until_the_third(void *payload, const char *what)
{
	(void)what;
	return ++*(unsigned *)payload < 3;
}

static void a_stop_while_opening_waits_is_told_as_that(void **state)
{
	/* The first request of DFU; the wait's second look is its last. */
	static const uint32_t limits_ms[] = { 500, 3600000 };
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		unsigned asked = 0;
		struct s0_patience patience = { .reconnect_ms = limits_ms[i],
						.waiting = until_the_third,
						.payload = &asked };
		struct s0_error err = S0_ERROR_INIT;
		struct board board;

		board_make(&board, "stm32h743,rom=0x92,fault=unplug@1");
		board.patience = &patience;
		assert_int_equal(board_open(&board, &err), S0_E_CANCELLED);
		assert_int_equal(err.code, S0_E_CANCELLED);
		assert_int_equal(err.aftermath, S0_UNTOUCHED);
		assert_string_equal(err.message,
				    "stopped as asked while the device was "
				    "waited for: the device left the bus "
				    "during ABORT");
		assert_int_equal(asked, 3);
		assert_true(s0_sim_now_us(board.sim) < 700000);
		board_free(&board);
	}
}

static void what_was_not_programmed_is_programmed_again(void **state)
{
	static const char *const faults[] = { "lie@program2", "lie@erase1" };
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_result result;
		struct bench bench;

		bench_lay_out(&bench, "stm32h743,rom=0x92");
		assert_int_equal(
			s0_sim_inject(bench.board.sim, faults[i], NULL), S0_OK);
		assert_int_equal(bench_flash(&bench, &keep, &result, &err),
				 S0_OK);
		assert_int_equal(result.retries, 1);
		board_assert_holds(&bench.board, bench.image);
		board_assert_holds(&bench.board, bench.neighbours);
		bench_clear_away(&bench);
	}
}

static void write_protection_is_not_tried_again(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct bench bench;
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92,wrp=1");
	assert_int_not_equal(bench_flash(&bench, &keep, &result, &err), S0_OK);
	assert_int_equal(err.code, S0_E_PROTECTED);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	assert_int_equal(err.retries, 0);
	bench_clear_away(&bench);
}

static void what_was_finished_is_not_done_again(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct s0_policy plain = { 0 };
	struct bench bench;
	(void)state;

	/* Sector 1 is written before sector 0, which is cut. */
	bench_lay_out(&bench, "stm32h743,rom=0x92");
	assert_int_equal(
		s0_sim_inject(bench.board.sim, "brown-out@program4", NULL),
		S0_OK);
	assert_int_equal(bench_flash(&bench, &plain, &result, &err), S0_OK);
	assert_int_equal(result.reconnects, 1);
	assert_int_equal(bench.board.sim->counters.sector_erases, 3);
	assert_true(result.written_bytes < 5500 + 3000);
	assert_int_equal(result.verified_bytes, 5500);
	bench_clear_away(&bench);
}

/* Something at a moment of a run. */
struct moment {
	struct bench *bench;
	s0_stage stage;
	const char *fault; /* at the second transfer from then; NULL: a stop */
	bool returned;	   /* not before it has been away */
};

static void at_moment(void *payload, const struct s0_progress *progress)
{
	struct moment *moment = payload;
	struct s0_sim *sim = moment->bench->board.sim;
	char fault[64];

	if (!moment->bench || progress->stage != moment->stage ||
	    (moment->returned && !moment->bench->waits))
		return;
	if (!moment->fault) {
		s0_session_cancel(moment->bench->board.session);
		return;
	}
	(void)snprintf(fault, sizeof fault, moment->fault,
		       (unsigned)s0_sim_transfers(sim) + 2);
	assert_int_equal(s0_sim_inject(sim, fault, NULL), S0_OK);
	moment->stage = S0_STAGE_START; /* once */
}

static s0_code flash_with(struct bench *bench, struct moment *moment,
			  struct s0_result *result, struct s0_error *err)
{
	struct s0_plan *plan = NULL;
	s0_code code;

	assert_int_equal(bench_start(bench, NULL), S0_OK);
	s0_session_set_progress(bench->board.session, at_moment, moment);
	assert_int_equal(s0_session_plan(bench->board.session, bench->image,
					 NULL, &plan, NULL),
			 S0_OK);
	code = s0_session_run(bench->board.session, plan, result, err);
	s0_plan_free(plan);
	board_close(&bench->board);
	return code;
}

static void what_was_written_is_not_written_again(void **state)
{
	struct s0_result result;
	struct bench bench;
	struct moment moment = { .bench = &bench,
				 .stage = S0_STAGE_VERIFY,
				 .fault = "replug@%u:100" };
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92");
	assert_int_equal(flash_with(&bench, &moment, &result, NULL), S0_OK);
	assert_int_equal(result.reconnects, 1);
	assert_int_equal(bench.board.sim->counters.sector_erases, 3);
	assert_int_equal(result.written_bytes, 5500);
	assert_int_equal(result.verified_bytes, 5500);
	bench_clear_away(&bench);
}

static void a_stop_after_a_return_forgets_no_sector_that_was_cut(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct bench bench;
	struct moment moment = { .bench = &bench,
				 .stage = S0_STAGE_SURVEY,
				 .returned = true };
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92");
	assert_int_equal(
		s0_sim_inject(bench.board.sim, "brown-out@program2", NULL),
		S0_OK);
	assert_int_equal(flash_with(&bench, &moment, &result, &err),
			 S0_E_CANCELLED);
	assert_int_equal(err.aftermath, S0_PARTIAL);
	assert_true(board_damaged(&bench.board) > 0);
	assert_int_equal(bench_flash(&bench, &keep, &result, &err),
			 S0_E_UNREADABLE);
	err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(
		bench_flash(&bench, &(struct s0_policy){ 0 }, &result, &err),
		S0_OK);
	assert_int_equal(result.reconnects, 0);
	assert_int_equal(board_damaged(&bench.board), 0);
	bench_clear_away(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_chip_on_the_same_path_is_refused),
		cmocka_unit_test(
			what_comes_back_as_an_application_is_not_waited_for_longer),
		cmocka_unit_test(it_is_waited_for_as_long_as_was_said),
		cmocka_unit_test(a_loop_of_drops_is_bounded),
		cmocka_unit_test(a_stop_while_it_waits_is_obeyed_at_once),
		cmocka_unit_test(a_stop_while_opening_waits_is_told_as_that),
		cmocka_unit_test(what_was_not_programmed_is_programmed_again),
		cmocka_unit_test(write_protection_is_not_tried_again),
		cmocka_unit_test(what_was_finished_is_not_done_again),
		cmocka_unit_test(what_was_written_is_not_written_again),
		cmocka_unit_test(
			a_stop_after_a_return_forgets_no_sector_that_was_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
