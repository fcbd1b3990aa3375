/* SPDX-License-Identifier: MIT */
/* What the option bytes of an H743 protect, swap and start (RM0399 4.3, 4.5). */
#include "option_bench.h"

#include <stdio.h>

#include "base/bytes.h"

/* --- what protects what --------------------------------------------------- */

/* rows: K-20 */
static void an_area_of_one_unit_is_the_whole_bank(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rom=0x92");

	bench_mark(bench, BANK_1 + 0xfff00);
	bench_mark(bench, BANK_2);
	bench_ask(bench, PRAR, 0x00050005);
	bench_abort(bench);
	bench_expect_read(bench, BANK_1 + 0xfff00, "\0\0\0\0", 4);
	bench_expect_read(bench, BANK_2, "x\xff\xff\xff", 4);
	bench_abort(bench);
	bench_erase(bench, BANK_1 + 0xe0000);
	assert_false(bench_is_erased(bench, BANK_1 + 0xfff00));
}

/* rows: K-21 */
static void a_secure_area_is_as_a_pcrop_area_to_the_host(void **state)
{
	static const char *const description =
		"stm32h743,rom=0x92,secure=0x08120000+0x1000,security=%s";

	for (unsigned on = 0; on < 2; on++) {
		char text[96];
		struct bench *bench;

		snprintf(text, sizeof(text), description, on ? "on" : "off");
		bench = bench_make(state, text);
		bench_mark(bench, 0x08120ffc);
		bench_mark(bench, 0x08121000);
		bench_expect_read(bench, 0x08120ffc,
				  on ? "\0\0\0\0x" : "x\xff\xff\xffx", 5);
		bench_abort(bench);
		bench_write(bench, 0x08122000, "12345678", 8);
		assert_int_equal(bench_is_erased(bench, 0x08122000), on);
		bench_erase(bench, 0x08130000);
		assert_int_equal(bench_is_erased(bench, 0x08120ffc), !on);
	}
}

/* rows: K-22 */
static void secure_mode_counts_from_the_next_reset_on(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,secure=0x08000000+512,security=off");

	bench_mark(bench, BANK_1);
	bench_ask(bench, OPTSR, OPEN | SECURITY);
	bench_abort(bench);
	bench_expect_read(bench, BANK_1, "x", 1);
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 200000);
	bench_expect_read(bench, BANK_1, "\0", 1);
}

/* rows: K-23 */
static void a_mass_erase_spares_the_bank_or_the_sectors(void **state)
{
	static const char *const descriptions[] = {
		"stm32h743,rom=0x92,wrp=0x0004",
		"stm32h743,rom=0x92,wrp=0x0004,bank_erase=partial",
		"stm32h743,rom=0x92,pcrop=0x08040000+512,bank_erase=partial",
	};

	for (unsigned i = 0; i < 3; i++) {
		struct bench *bench = bench_make(state, descriptions[i]);

		bench_mark(bench, BANK_1);
		bench_mark(bench, 0x08040000);
		bench_mark(bench, BANK_2);
		bench_byte_command(bench, 0x41);
		bench_expect(bench, 0, 5);
		assert_int_equal(bench_is_erased(bench, BANK_1), i > 0);
		assert_false(bench_is_erased(bench, 0x08040000));
		assert_true(bench_is_erased(bench, BANK_2));
	}
}

/* --- swapped banks -------------------------------------------------------- */

/* rows: K-24 */
static void the_registers_are_swapped_with_the_banks(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,rom=0x92,swap=1,wrp=0x0201,"
		       "pcrop=0x08040000+0x1000,secure=0x08160000+0x1000");

	/* what the keys say of bank 1 is at 0x08100000 now */
	assert_int_equal(bench_option(bench, OPTSR), OPEN | SWAP);
	assert_int_equal(bench_option(bench, WPSN), 0xfd);
	assert_int_equal(bench_option(bench, SET_2 + WPSN), 0xfe);
	assert_int_equal(bench_option(bench, PRAR), NONE);
	assert_int_equal(bench_option(bench, SET_2 + PRAR), 0x040f0400);
	assert_int_equal(bench_option(bench, SCAR), 0x060f0600);
	assert_int_equal(bench_option(bench, SET_2 + SCAR), NONE);
	bench_mark(bench, 0x08020000);
	bench_mark(bench, 0x08100000);
	bench_mark(bench, 0x08140000);
	bench_mark(bench, 0x08120000);
	bench_expect_read(bench, 0x08140000, "\0", 1);
	bench_abort(bench);
	bench_erase(bench, 0x08020000);
	bench_erase(bench, 0x08100000);
	bench_erase(bench, 0x08120000);
	assert_false(bench_is_erased(bench, 0x08020000));
	assert_false(bench_is_erased(bench, 0x08100000));
	assert_true(bench_is_erased(bench, 0x08120000));
}

/* rows: K-04 K-24 */
static void a_protection_stays_with_its_bank_through_a_swap(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rom=0x92");

	bench_mark(bench, BANK_1);
	bench_ask_two(bench, OPTSR, OPEN | SWAP, WPSN, 0xfe);
	assert_int_equal(bench_option(bench, OPTSR), OPEN | SWAP);
	assert_int_equal(bench_option(bench, WPSN), 0xfe); /* not yet */
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 200000);
	assert_int_equal(bench_option(bench, WPSN), 0xff);
	assert_int_equal(bench_option(bench, SET_2 + WPSN), 0xfe);
	bench_erase(bench, BANK_2);
	assert_false(bench_is_erased(bench, BANK_2));
	/* a write goes to the set of the same address */
	bench_ask(bench, SET_2 + WPSN, 0xef);
	assert_int_equal(bench_option(bench, WPSN), 0xff);
	assert_int_equal(bench_option(bench, SET_2 + WPSN), 0xef);
	bench_abort(bench);
	bench_erase(bench, BANK_2);
	assert_true(bench_is_erased(bench, BANK_2));
}

static void a_poked_window_is_in_force_at_once(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rom=0x92");
	uint8_t window[308];

	bench_mark(bench, BANK_2);
	bench_take_window(bench, window);
	put_le32(window + OPTSR + PRG, OPEN | SWAP);
	put_le32(window + WPSN + PRG, 0xfe);
	s0_sim_poke(bench->sim, WINDOW, window, sizeof(window));
	assert_int_equal(bench_option(bench, WPSN), 0xfe);
	assert_int_equal(bench_option(bench, SET_2 + WPSN), 0xff);
	bench_expect_read(bench, BANK_1, "x", 1);
	bench_abort(bench);
	bench_erase(bench, BANK_1);
	assert_false(bench_is_erased(bench, BANK_1));
}

/* --- boot addresses ------------------------------------------------------- */

/* rows: K-28 */
static void boot_addresses_lead_somewhere_or_to_the_factorys(void **state)
{
	static const struct {
		const char *options;
		bool held, attached;
		uint32_t started;
	} table[] = {
		{ "boot_add1=0x1ff0", true, true, 0 },
		{ "boot_add1=0x0810", true, false, 0x08100000 },
		{ "boot_add1=0x2400", true, false, 0x24000000 },
		{ "boot_add1=0x0000", true, false, 0 },
		{ "boot_add1=0x5555", true, true, 0 },
		{ "boot_add1=0x5555,boot_nowhere=dead", true, false, 0 },
		{ "boot_add0=0x0804", false, false, 0x08040000 },
		{ "boot_add0=0x1ff0", false, true, 0 },
		{ "boot_add0=0x5555", false, false, 0x08000000 },
		{ "boot_add0=0x5555,boot_nowhere=dead", false, false, 0 },
		{ "rdp=2,boot_add0=0x0804", false, false, 0x08040000 },
		{ "rdp=2,boot_add0=0x2400", false, false, 0x08000000 },
		{ "rdp=2", true, false, 0x08000000 },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench;
		char text[96];

		snprintf(text, sizeof(text), "stm32h743,%s", table[i].options);
		bench = bench_make(state, text);
		s0_sim_set_boot0(bench->sim, table[i].held);
		s0_sim_power_cycle(bench->sim);
		if (s0_sim_attached(bench->sim) != table[i].attached ||
		    s0_sim_started(bench->sim) != table[i].started)
			fail_msg("%s: %08x", text,
				 (unsigned)s0_sim_started(bench->sim));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_area_of_one_unit_is_the_whole_bank),
		cmocka_unit_test(a_secure_area_is_as_a_pcrop_area_to_the_host),
		cmocka_unit_test(secure_mode_counts_from_the_next_reset_on),
		cmocka_unit_test(a_mass_erase_spares_the_bank_or_the_sectors),
		cmocka_unit_test(the_registers_are_swapped_with_the_banks),
		cmocka_unit_test(
			a_protection_stays_with_its_bank_through_a_swap),
		cmocka_unit_test(a_poked_window_is_in_force_at_once),
		cmocka_unit_test(
			boot_addresses_lead_somewhere_or_to_the_factorys),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
