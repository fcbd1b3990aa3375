/* SPDX-License-Identifier: MIT */
/* Single jobs on a device that leaves and comes back. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "sim/sim.h"

#define FLASH 0x08000000u

static const struct s0_policy keep = { .keep = true };

struct bytes {
	uint8_t bytes[0x20000];
	size_t count;
};

static bool collect(void *payload, const void *bytes, size_t length)
{
	struct bytes *to = payload;

	assert_true(to->count + length <= sizeof to->bytes);
	memcpy(to->bytes + to->count, bytes, length);
	to->count += length;
	return true;
}

static void reading_goes_on_where_it_was(void **state)
{
	static struct bytes got;
	struct s0_result result;
	struct bench bench;
	uint64_t base;
	uint8_t want[0x20000];
	char fault[64];
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92");
	assert_int_equal(bench_start(&bench, NULL), S0_OK);
	base = s0_sim_transfers(bench.board.sim);
	(void)snprintf(fault, sizeof fault, "brown-out@%u+short@%u:10+stall@%u",
		       (unsigned)base + 40, (unsigned)base + 90,
		       (unsigned)base + 120);
	assert_int_equal(s0_sim_inject(bench.board.sim, fault, NULL), S0_OK);
	got.count = 0;
	assert_int_equal(s0_session_read(bench.board.session, FLASH + 0x20000,
					 sizeof want - 3, collect, &got,
					 &result, NULL),
			 S0_OK);
	(void)s0_sim_peek(bench.board.sim, FLASH + 0x20000, want, sizeof want);
	assert_int_equal(got.count, sizeof want - 3);
	assert_memory_equal(got.bytes, want, sizeof want - 3);
	assert_int_equal(result.reconnects, 1);
	assert_true(result.transfers < 240);
	assert_int_equal(bench.warnings, 1);
	bench_clear_away(&bench);
}

static void comparing_and_blank_checks_go_on_too(void **state)
{
	struct s0_policy compare = { .compare = true };
	struct s0_plan *plan = NULL;
	struct s0_result result;
	struct bench bench;
	char fault[64];
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92");
	assert_int_equal(bench_flash(&bench, &keep, &result, NULL), S0_OK);
	assert_int_equal(bench_start(&bench, NULL), S0_OK);
	assert_int_equal(s0_session_plan(bench.board.session, bench.image,
					 &compare, &plan, NULL),
			 S0_OK);
	(void)snprintf(fault, sizeof fault, "replug@%u:100",
		       (unsigned)s0_sim_transfers(bench.board.sim) + 7);
	assert_int_equal(s0_sim_inject(bench.board.sim, fault, NULL), S0_OK);
	assert_int_equal(s0_session_compare(bench.board.session, plan, NULL,
					    NULL, &result, NULL),
			 S0_OK);
	assert_int_equal(result.reconnects, 1);
	assert_int_equal(result.verified_bytes, 5500);
	s0_plan_free(plan);
	(void)snprintf(fault, sizeof fault, "replug@%u:100",
		       (unsigned)s0_sim_transfers(bench.board.sim) + 50);
	assert_int_equal(s0_sim_inject(bench.board.sim, fault, NULL), S0_OK);
	assert_int_equal(s0_session_blank(bench.board.session, FLASH + 0x40000,
					  0x20000, &result, NULL),
			 S0_OK);
	assert_int_equal(result.reconnects, 1);
	assert_true(result.transfers < 170);
	bench_clear_away(&bench);
}

static void an_erase_goes_on_with_the_sector_that_was_cut(void **state)
{
	struct s0_result result;
	struct bench bench;
	(void)state;

	bench_lay_out(&bench, "stm32h743,rom=0x92");
	assert_int_equal(bench_start(&bench, NULL), S0_OK);
	assert_int_equal(
		s0_sim_inject(bench.board.sim, "brown-out@erase2", NULL),
		S0_OK);
	assert_int_equal(s0_session_erase(bench.board.session, FLASH, 0x60000,
					  &result, NULL),
			 S0_OK);
	assert_int_equal(result.reconnects, 1);
	assert_int_equal(s0_session_erased_count(bench.board.session), 3);
	assert_int_equal(bench.board.sim->counters.sector_erases, 3);
	assert_int_equal(board_damaged(&bench.board), 0);
	bench_clear_away(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_goes_on_where_it_was),
		cmocka_unit_test(comparing_and_blank_checks_go_on_too),
		cmocka_unit_test(an_erase_goes_on_with_the_sector_that_was_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
