/* SPDX-License-Identifier: MIT */
/* The independent watchdog in hardware mode, while the bootloader runs. */
#include "sim_bench.h"

#include <string.h>

#define MINUTE 60000000u

static uint64_t bites(struct bench *bench)
{
	struct s0_sim_counters counters;

	s0_sim_get_counters(bench->sim, &counters);
	return counters.watchdog_resets;
}

/* rows: Q-08 */
static void a_rom_that_refreshes_it_lives_with_it(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,watchdog=hardware");

	s0_sim_advance_us(bench->sim, 10 * MINUTE);
	bench_erase(bench, BANK_1);
	s0_sim_advance_us(bench->sim, 10 * MINUTE);
	bench_expect(bench, 0, 5);
	assert_int_equal(bites(bench), 0);
}

/* rows: Q-08 */
static void it_frees_a_chip_that_hangs(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,watchdog=hardware,fault=hang@2");

	bench_expect(bench, 0, 2);
	s0_sim_advance_us(bench->sim, 1000000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	s0_sim_advance_us(bench->sim, 32767000);
	assert_true(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 2000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 100000);
	bench_expect(bench, 0, 2);
	assert_int_equal(bites(bench), 1);
	bench = bench_make(state, "stm32h743,fault=hang@1");
	bench_getstatus(bench);
	s0_sim_advance_us(bench->sim, 10 * MINUTE);
	assert_true(s0_sim_hung(bench->sim));
}

/* rows: Q-08 */
static void it_frees_a_chip_that_met_a_damaged_word(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,watchdog=hardware,watchdog_ms=1000");

	s0_sim_damage(bench->sim, BANK_1);
	assert_int_equal(bench_upload(bench, 2, 1024), S0_SIM_SILENT);
	s0_sim_advance_us(bench->sim, 1100000);
	bench_expect(bench, 0, 2);
	assert_int_equal(bites(bench), 1);
}

/* rows: Q-09 */
static void one_that_nobody_refreshes_resets_twice_a_second(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,watchdog=hardware,watchdog_rom=ignore");

	s0_sim_advance_us(bench->sim, 511000);
	bench_expect(bench, 0, 2);
	s0_sim_advance_us(bench->sim, 1000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 100000);
	bench_expect(bench, 0, 2);
	s0_sim_advance_us(bench->sim, 6120000); /* ten times 512 + 100 ms */
	assert_int_equal(bites(bench), 11);
}

/* rows: Q-09 */
static void it_bites_in_the_middle_of_an_erase(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,watchdog=hardware,watchdog_rom=ignore");
	unsigned left = 0;

	bench_fill(bench, BANK_1, 0x20000);
	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_GONE);
	assert_in_range(bench->reply.busy_us, 511000, 512000);
	for (uint32_t i = 0; i < 0x20000; i += 32)
		left += s0_sim_word_state(bench->sim, BANK_1 + i) !=
			S0_SIM_WORD_ERASED;
	assert_true(left > 100); /* torn */
}

/* rows: Q-08 */
static void an_operation_longer_than_its_time_is_cut(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,watchdog=hardware,watchdog_ms=500");

	s0_sim_advance_us(bench->sim, MINUTE); /* it is refreshed till then */
	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_GONE);
	assert_int_equal(bites(bench), 1);
	/* A ROM that tells of its work meanwhile has a CPU that is free. */
	bench = bench_make(
		state,
		"stm32h743,watchdog=hardware,watchdog_ms=500,answer=poll");
	bench_command(bench, 0x41, BANK_1);
	s0_sim_advance_us(bench->sim, 1000000);
	bench_expect(bench, 0, 5);
	assert_int_equal(bites(bench), 0);
}

/* rows: Q-10 K-12 */
static void the_option_bit_starts_it_at_the_next_reset(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,watchdog_ms=500");
	uint8_t window[308];

	bench_peek(bench, WINDOW, window, sizeof(window));
	assert_int_equal(window[0] & 0x10, 0x10);
	window[4] &= 0xef; /* IWDG1_SW of OPTSR_PRG */
	s0_sim_poke(bench->sim, WINDOW, window, sizeof(window));
	bench_erase(bench, BANK_1);
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 200000);
	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_GONE);
	bench = bench_make(state, "stm32h743,watchdog=hardware");
	bench_peek(bench, WINDOW, window, sizeof(window));
	assert_int_equal(window[0] & 0x10, 0);
	bench = bench_make_old(state, "stm32f405,watchdog=hardware");
	bench_peek(bench, 0x1fffc000u, window, 16);
	assert_int_equal(window[0], 0xcf); /* WDG_SW is bit 5 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rom_that_refreshes_it_lives_with_it),
		cmocka_unit_test(it_frees_a_chip_that_hangs),
		cmocka_unit_test(it_frees_a_chip_that_met_a_damaged_word),
		cmocka_unit_test(
			one_that_nobody_refreshes_resets_twice_a_second),
		cmocka_unit_test(it_bites_in_the_middle_of_an_erase),
		cmocka_unit_test(an_operation_longer_than_its_time_is_cut),
		cmocka_unit_test(the_option_bit_starts_it_at_the_next_reset),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
