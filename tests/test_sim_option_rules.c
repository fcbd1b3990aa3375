/* SPDX-License-Identifier: MIT */
/* Which changes of its option bytes an H743 takes (RM0399 4.4.3). */
#include "option_bench.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

/* rows: K-05 K-13 */
static void a_rejected_change_leaves_what_was_asked_in_prg(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,pcrop=0x08000000+0x1000");

	/* WPSN alone would be legal */
	bench_ask_two(bench, PRAR, NONE, WPSN, 0x7f);
	assert_int_equal(bench_option(bench, OPTSR), OPEN | ERROR);
	assert_int_equal(bench_option(bench, PRAR), 0x000f0000);
	assert_int_equal(bench_option(bench, PRAR + PRG), NONE);
	assert_int_equal(bench_option(bench, WPSN), 0xff);
	assert_int_equal(bench_option(bench, WPSN + PRG), 0x7f);
	s0_sim_power_cycle(bench->sim);
	assert_int_equal(bench_option(bench, PRAR + PRG), 0x000f0000);
	assert_int_equal(bench_option(bench, WPSN + PRG), 0xff);
}

/* rows: K-14 */
static void the_error_flag_stays_until_it_is_cleared(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_ask(bench, OPTSR, OPEN | SECURITY);
	bench_ask(bench, WPSN, 0xfe); /* legal, and the flag stays */
	assert_int_equal(bench_option(bench, WPSN), 0xfe);
	assert_int_equal(bench_option(bench, OPTSR), OPEN | ERROR);
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 200000);
	assert_int_equal(bench_option(bench, OPTSR), OPEN | ERROR);
	bench_ask_two(bench, WPSN, 0xff, WPSN, 0xff);
	assert_int_equal(bench_option(bench, OPTSR), OPEN);
	bench_ask(bench, OPTSR, OPEN | SECURITY);
	s0_sim_power_cycle(bench->sim);
	assert_int_equal(bench_option(bench, OPTSR), OPEN);
}

/* rows: K-14 */
static void the_rom_may_have_cleared_the_error_flag(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,ob_error=cleared");

	bench_ask(bench, OPTSR, OPEN | SECURITY);
	assert_int_equal(bench_option(bench, OPTSR), OPEN);
	assert_int_equal(bench_option(bench, OPTSR + PRG), OPEN | SECURITY);
}

/* rows: K-15 */
static void a_rejected_change_resets_as_any_other(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,ob_write_reset=yes,ob_torn=erased");

	bench_ask(bench, OPTSR, OPEN | SECURITY);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 200000);
	assert_true(s0_sim_attached(bench->sim));
	assert_int_equal(bench_option(bench, OPTSR), OPEN | ERROR);
}

/* rows: K-16 */
static void nothing_is_programmed_where_nothing_changes(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	struct s0_sim_counters counters;
	uint8_t window[308];

	bench_take_window(bench, window);
	bench_send_window(bench, window);
	assert_int_equal(bench->reply.busy_us, 0);
	window[WPSN + PRG] = 0xfe;
	bench_send_window(bench, window);
	assert_int_equal(bench->reply.busy_us, 20000);
	s0_sim_get_counters(bench->sim, &counters);
	assert_int_equal(counters.option_changes, 1);
}

/* Register, value before, value asked, legal, legal with a regression. */
struct change {
	uint32_t offset, before, asked;
	bool legal, with_regression;
};

static bool is_taken(struct bench *bench, const struct change *change,
		     bool regression)
{
	if (regression)
		bench_ask_two(bench, change->offset, change->asked, OPTSR,
			      (bench_option(bench, OPTSR) & ~0xff00u) | 0xaa00);
	else
		bench_ask(bench, change->offset, change->asked);
	return bench_option(bench, change->offset) == change->asked &&
	       !(bench_option(bench, OPTSR) & ERROR);
}

/* A chip of ROM V9.2 whose register has that value. */
static void prepare(struct bench *bench, const struct change *change)
{
	uint8_t window[308];

	bench_take_window(bench, window);
	put_le32(window + change->offset + PRG, change->before);
	assert_int_equal(s0_sim_poke(bench->sim, WINDOW, window, 308), 308);
	assert_int_equal(bench_option(bench, change->offset), change->before);
}

static void check(void **state, const char *description,
		  const struct change *change)
{
	for (unsigned regression = 0; regression < 2; regression++) {
		bool legal =
			regression ? change->with_regression : change->legal;
		char text[96];
		struct bench *bench;

		snprintf(text, sizeof(text), "%s,rdp=%u", description,
			 regression);
		bench = bench_make(state, text);
		prepare(bench, change);
		/* secure areas are made before secure mode counts */
		s0_sim_power_cycle(bench->sim);
		if (is_taken(bench, change, regression) != legal)
			fail_msg("%s: %x: %x to %x", text,
				 (unsigned)change->offset,
				 (unsigned)change->before,
				 (unsigned)change->asked);
	}
}

/* rows: K-05 K-07 K-17 */
static void protected_areas_fall_with_what_is_in_them(void **state)
{
	static const struct change changes[] = {
		/* gone or smaller: a regression that erases */
		{ PRAR, 0x000f0004, NONE, false, false },
		{ PRAR, 0x000f0004, ERASE | NONE, false, true },
		{ PRAR, ERASE | 0x000f0004, NONE, false, true },
		{ PRAR, 0x000f0004, 0x000e0004, false, false },
		{ PRAR, ERASE | 0x000f0004, 0x000f0005, false, true },
		/* larger: at any time */
		{ PRAR, 0x000f0004, 0x00100003, true, true },
		{ PRAR, NONE, 0x000f0004, true, true },
		/* start and end the same: all of the bank */
		{ PRAR, 0x000f0004, 0x00050005, true, true },
		{ PRAR, 0x00050005, 0x0ffe0000, false, false },
		/* DMEP: may be set, not cleared */
		{ PRAR, 0x000f0004, ERASE | 0x000f0004, true, true },
		{ PRAR, ERASE | 0x000f0004, 0x000f0004, false, true },
		{ PRAR, ERASE | NONE, NONE, false, true },
		/* bank 2 */
		{ SET_2 + PRAR, 0x000f0004, NONE, false, false },
		{ SET_2 + PRAR, 0x000f0004, ERASE | NONE, false, true },
	};

	for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		check(state, "stm32h743,rom=0x92", &changes[i]);
}

/* rows: K-18 */
static void secure_areas_are_not_the_bootloaders_to_move(void **state)
{
	static const struct change on[] = {
		{ SCAR, 0x000f0004, NONE, false, false },
		{ SCAR, 0x000f0004, ERASE | NONE, false, true },
		{ SCAR, ERASE | 0x000f0004, ERASE | NONE, false, true },
		{ SCAR, 0x000f0004, 0x00100004, false, false },
		{ SCAR, NONE, 0x000f0004, false, false },
		{ SCAR, 0x000f0004, ERASE | 0x000f0004, true, true },
		{ SCAR, ERASE | 0x000f0004, 0x000f0004, false, true },
		{ SET_2 + SCAR, 0x000f0004, NONE, false, false },
	};
	/* without secure mode: numbers that mean nothing */
	static const struct change off[] = {
		{ SCAR, NONE, 0x000f0004, true, true },
		{ SCAR, 0x000f0004, NONE, true, true },
		{ SCAR, ERASE | NONE, NONE, false, true },
	};

	for (unsigned i = 0; i < sizeof(on) / sizeof(on[0]); i++)
		check(state, "stm32h743,rom=0x92,security=on", &on[i]);
	for (unsigned i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		check(state, "stm32h743,rom=0x92", &off[i]);
}

/* rows: K-19 */
static void secure_mode_is_left_when_nothing_is_secured(void **state)
{
	static const struct {
		const char *description;
		uint32_t asked;
		bool legal;
	} table[] = {
		{ "stm32h743", OPEN | SECURITY, false },
		{ "stm32h743,security=off", OPEN | SECURITY, true },
		{ "stm32h743,security=on", OPEN, true },
		{ "stm32h743,security=on,pcrop=0x08000000+512", OPEN, false },
		{ "stm32h743,security=on,secure=0x08100000+512", OPEN, false },
		{ "stm32h743,security=on,rdp=1,pcrop=0x08000000+512", OPEN,
		  false },
		{ "stm32h743,security=on,rdp=1,pcrop=0x08000000+512:erase",
		  OPEN, true },
		{ "stm32h743,security=on,rdp=1,secure=0x08100000+512", OPEN,
		  false },
		{ "stm32h743,security=on,rdp=1,secure=0x08100000+512:erase",
		  OPEN, true },
		{ "stm32h743,security=on,pcrop=0x08000000+512:erase", OPEN,
		  false },
		{ "stm32h743,security=on,secure=0x08000000+512:erase", OPEN,
		  false },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, table[i].description);

		bench_ask(bench, OPTSR, table[i].asked);
		if ((bench_option(bench, OPTSR) == table[i].asked) !=
		    table[i].legal)
			fail_msg("%s", table[i].description);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_rejected_change_leaves_what_was_asked_in_prg),
		cmocka_unit_test(the_error_flag_stays_until_it_is_cleared),
		cmocka_unit_test(the_rom_may_have_cleared_the_error_flag),
		cmocka_unit_test(a_rejected_change_resets_as_any_other),
		cmocka_unit_test(nothing_is_programmed_where_nothing_changes),
		cmocka_unit_test(protected_areas_fall_with_what_is_in_them),
		cmocka_unit_test(secure_areas_are_not_the_bootloaders_to_move),
		cmocka_unit_test(secure_mode_is_left_when_nothing_is_secured),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
