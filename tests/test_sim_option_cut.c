/* SPDX-License-Identifier: MIT */
/* Regressions of the read protection, and changes of option bytes that are cut
 * (RM0399 4.3.14, 4.5.3). */
#include "option_bench.h"

#include <stdio.h>

#include "base/bytes.h"

/* --- regression ----------------------------------------------------------- */

/* rows: K-25 */
static void a_regression_keeps_areas_that_say_so(void **state)
{
	static const struct {
		const char *description;
		bool kept;
	} table[] = {
		{ "stm32h743,rdp=1", false },
		{ "stm32h743,rdp=1,pcrop=0x08040000+512", true },
		{ "stm32h743,rdp=1,pcrop=0x08040000+512:erase", false },
		{ "stm32h743,rdp=1,secure=0x08040000+512", false },
		{ "stm32h743,rdp=1,security=on,secure=0x08040000+512", true },
		{ "stm32h743,rdp=1,security=on,secure=0x08040000+512:erase",
		  false },
		{ "stm32h743,rdp=1,security=on,secure=0x08040000+512,"
		  "pcrop=0x08040000+512:erase",
		  false },
		{ "stm32h743,rdp=1,security=on,secure=0x08040000+512:erase,"
		  "pcrop=0x08040000+512",
		  false },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, table[i].description);
		uint32_t prar = bench_option(bench, PRAR);

		bench_mark(bench, 0x08020000);
		bench_mark(bench, 0x08040000);
		bench_mark(bench, 0x08140000);
		bench_byte_command(bench, 0x92);
		s0_sim_advance_us(bench->sim, 200000);
		assert_int_equal(bench_option(bench, OPTSR) >> 8 & 0xff, 0xaa);
		assert_true(bench_is_erased(bench, 0x08020000));
		assert_true(bench_is_erased(bench, 0x08140000));
		assert_int_equal(bench_option(bench, PRAR), prar);
		if (bench_is_erased(bench, 0x08040000) == table[i].kept)
			fail_msg("%s", table[i].description);
	}
}

/* rows: K-25 */
static void the_erase_bit_may_come_with_the_regression(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,rom=0x92,rdp=1,pcrop=0x08040000+512");

	bench_mark(bench, 0x08040000);
	bench_ask_two(bench, OPTSR, OPEN, PRAR, ERASE | NONE);
	assert_int_equal(bench_option(bench, OPTSR), OPEN);
	assert_true(bench_is_erased(bench, 0x08040000));
	assert_int_equal(bench_option(bench, PRAR), ERASE | NONE);
}

/* rows: K-26 */
static void a_regression_that_is_cut_leaves_the_chip_protected(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rdp=1");
	unsigned left = 0;

	bench_fill(bench, BANK_1, 0x20000);
	bench_dnload(bench, 0, "\x92", 1);
	s0_sim_fail_at(bench->sim, s0_sim_transfers(bench->sim) + 1,
		       S0_SIM_FAULT_BROWN_OUT);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 200000);
	assert_int_equal(bench_option(bench, OPTSR), PROTECTED);
	assert_int_equal(bench_read(bench, BANK_1, 64), S0_SIM_STALL);
	for (uint32_t i = 0; i < 0x20000; i += 32)
		left += !bench_is_erased(bench, BANK_1 + i);
	assert_in_range(left, 1, 0x1000);
	/* and the next one opens it */
	bench_clrstatus(bench);
	bench_byte_command(bench, 0x92);
	s0_sim_advance_us(bench->sim, 200000);
	assert_int_equal(bench_option(bench, OPTSR), OPEN);
}

/* rows: K-09 */
static void level_2_takes_no_read_unprotect(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_mark(bench, BANK_1);
	bench_ask(bench, OPTSR, 0x1bc6ccf0);
	bench_abort(bench);
	bench_byte_command(bench, 0x92);
	s0_sim_advance_us(bench->sim, 200000);
	assert_false(s0_sim_attached(bench->sim));
	assert_int_equal(s0_sim_started(bench->sim), BANK_1);
	assert_int_equal(bench_option(bench, OPTSR) & 0xff00, 0xcc00);
	assert_false(bench_is_erased(bench, BANK_1));
	bench = bench_make(state, "stm32h743,rdp=2");
	assert_false(s0_sim_attached(bench->sim));
}

/* --- a change that is cut ------------------------------------------------- */

/* In its middle, by a power cut or by a reset. */
static struct bench *cut(void **state, const char *description, bool reset)
{
	static const struct s0_sim_setup getstatus = { 0xa1, 3, 0, 0, 6 };
	struct bench *bench = bench_make(state, description);
	uint8_t window[308];

	bench_take_window(bench, window);
	put_le32(window + OPTSR + PRG, 0x1bc6aafc);
	put_le32(window + WPSN + PRG, 0x00);
	put_le32(window + SET_2 + WPSN + PRG, 0x00);
	put_le32(window + BOOT + PRG, 0x1ff00810);
	bench_set_address(bench, WINDOW);
	bench_dnload(bench, 2, window, 308);
	s0_sim_begin(bench->sim, &getstatus, bench->data);
	s0_sim_advance_us(bench->sim, 10000);
	if (reset)
		s0_sim_reset(bench->sim);
	else
		s0_sim_power_cycle(bench->sim);
	assert_true(s0_sim_finish(bench->sim, &bench->reply));
	s0_sim_advance_us(bench->sim, 200000);
	return bench;
}

/* rows: K-27 */
static void a_change_that_is_cut_keeps_the_old_values(void **state)
{
	for (unsigned reset = 0; reset < 2; reset++) {
		struct bench *bench = cut(state, "stm32h743", reset);

		assert_int_equal(bench_option(bench, OPTSR), OPEN);
		assert_int_equal(bench_option(bench, WPSN), 0xff);
		assert_int_equal(bench_option(bench, SET_2 + WPSN), 0xff);
		assert_int_equal(bench_option(bench, BOOT), 0x1ff00800);
	}
}

/* rows: K-27 */
static void a_change_that_is_cut_may_lose_the_old_values(void **state)
{
	for (unsigned reset = 0; reset < 2; reset++) {
		struct bench *bench =
			cut(state, "stm32h743,ob_torn=erased,bor=1", reset);

		assert_int_equal(bench_option(bench, OPTSR), 0x1bc6fff4);
		assert_int_equal(bench_option(bench, WPSN), 0xff);
		assert_int_equal(bench_read(bench, BANK_1, 4), S0_SIM_STALL);
	}
}

/* rows: K-27 */
static void a_change_that_is_cut_may_be_half_done(void **state)
{
	unsigned old = 0;

	for (unsigned seed = 0; seed < 8; seed++) {
		char text[64];
		struct bench *bench;
		uint32_t first, second;

		snprintf(text, sizeof(text), "stm32h743,ob_torn=mixed,seed=%u",
			 seed);
		bench = cut(state, text, seed % 2);
		first = bench_option(bench, WPSN);
		second = bench_option(bench, SET_2 + WPSN);
		assert_true(first == 0 || first == 0xff);
		assert_true(second == 0 || second == 0xff);
		old += (first == 0xff ? 1u : 0) + (second == 0xff ? 1u : 0);
		assert_int_equal(bench_option(bench, OPTSR) & ~0xffu,
				 OPEN & ~0xffu);
	}
	assert_in_range(old, 1, 15);
}

/* rows: K-27 */
static void what_a_cut_left_outlives_the_process(void **state)
{
	struct bench_place place;
	struct bench *bench;
	char text[160];

	bench_make_place(&place);
	snprintf(text, sizeof(text), "%s,ob_torn=erased", place.description);
	cut(state, text, false);
	bench = bench_make(state, place.description);
	assert_int_equal(bench_option(bench, OPTSR), 0x1bc6fff0);
	bench_remove_place(&place);
}

static void a_fault_can_wait_for_a_change_of_option_bytes(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,rom=0x92,rdp=1,fault=brown-out@option2+"
		       "brown-out@option3");

	/* a legal write, and between them what is none */
	bench_ask(bench, WPSN, 0xfe);
	assert_int_equal(bench_option(bench, WPSN), 0xfe);
	bench_abort(bench);
	bench_byte_command(bench, 0x00);
	bench_abort(bench);
	assert_true(s0_sim_attached(bench->sim));
	bench_byte_command(bench, 0x92);
	assert_int_equal(bench->reply.handshake, S0_SIM_GONE);
	assert_int_equal(bench->reply.busy_us, 2500000);
	s0_sim_advance_us(bench->sim, 200000);
	assert_int_equal(bench_option(bench, OPTSR), PROTECTED);
	bench_ask(bench, WPSN, 0xff);
	assert_int_equal(bench->reply.handshake, S0_SIM_GONE);
	assert_int_equal(bench->reply.busy_us, 10000);
	s0_sim_advance_us(bench->sim, 200000);
	assert_int_equal(bench_option(bench, WPSN), 0xfe);
	bench_ask(bench, WPSN, 0xff);
	assert_int_equal(bench_option(bench, WPSN), 0xff);
}

/* rows: K-27 */
static void a_change_that_has_ended_cannot_be_cut(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,ob_torn=erased,ob_write_reset=yes");

	bench_ask(bench, WPSN, 0xfe);
	s0_sim_advance_us(bench->sim, 200000);
	assert_int_equal(bench_option(bench, OPTSR), OPEN);
	assert_int_equal(bench_option(bench, WPSN), 0xfe);
	s0_sim_power_cycle(bench->sim);
	assert_int_equal(bench_option(bench, OPTSR), OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_regression_keeps_areas_that_say_so),
		cmocka_unit_test(the_erase_bit_may_come_with_the_regression),
		cmocka_unit_test(
			a_regression_that_is_cut_leaves_the_chip_protected),
		cmocka_unit_test(level_2_takes_no_read_unprotect),
		cmocka_unit_test(a_change_that_is_cut_keeps_the_old_values),
		cmocka_unit_test(a_change_that_is_cut_may_lose_the_old_values),
		cmocka_unit_test(a_change_that_is_cut_may_be_half_done),
		cmocka_unit_test(what_a_cut_left_outlives_the_process),
		cmocka_unit_test(a_fault_can_wait_for_a_change_of_option_bytes),
		cmocka_unit_test(a_change_that_has_ended_cannot_be_cut),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
