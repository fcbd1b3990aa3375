/* SPDX-License-Identifier: MIT */
/* Option bytes of chips made from data: windows, complements, protections, and
 * a file that keeps them. */
#include "made_up_chips.h"

#include <string.h>

#include "base/bytes.h"

#define FIRST  0x1fff7800u
#define SECOND 0x1ffff800u

static void read_window(struct bench *bench, uint8_t window[32])
{
	assert_int_equal(bench_read(bench, FIRST, 32), S0_SIM_ACK);
	memcpy(window, bench->data, 32);
	bench_abort(bench);
}

/* A word and the complement behind it. */
static void put_word(uint8_t *window, unsigned at, uint32_t value)
{
	put_le32(window + at, value);
	put_le32(window + at + 4, ~value);
}

/* Taken, and the chip has not been reset for it. */
static void write_window(struct bench *bench, const uint8_t window[32])
{
	bench_write(bench, FIRST, window, 32);
	bench_abort(bench);
}

static uint32_t word_at(struct bench *bench, unsigned at)
{
	uint8_t window[32];

	read_window(bench, window);
	return get_le32(window + at);
}

static void a_new_chip_has_the_words_of_its_data(void **state)
{
	struct bench *bench = made_up_make(state, made_up_options, QUIET);
	uint8_t window[32];

	read_window(bench, window);
	assert_int_equal(get_le32(window) & 0x000101ff, 0x000001aa);
	assert_int_equal(get_le32(window + 4), ~get_le32(window));
	assert_int_equal(get_le32(window + 0x10) & 0xffff, 0x00ff);
	assert_int_equal(get_le32(window + 0x18), 0xff80007f);
}

static void each_window_is_written_by_itself(void **state)
{
	static const uint8_t more[8] = { 0, 0, 0, 0, 0x34 };
	struct bench *bench = made_up_make(state, made_up_options, QUIET);

	bench_write(bench, SECOND, more, sizeof(more));
	bench_read(bench, SECOND, 8);
	assert_int_equal(get_le32(bench->data), 0x34);
	assert_int_equal(get_le32(bench->data + 4), 0x34);
	bench_abort(bench);
	/* not a whole window: nothing happens */
	bench_write(bench, SECOND, "\0\0\0\0", 4);
	bench_read(bench, SECOND, 8);
	assert_int_equal(get_le32(bench->data), 0x34);
}

static void a_word_whose_complement_does_not_fit_keeps_its_value(void **state)
{
	struct bench *bench = made_up_make(state, made_up_options, QUIET);
	uint32_t old = word_at(bench, 0);
	uint8_t window[32];

	read_window(bench, window);
	put_le32(window, old & ~0x100u);
	write_window(bench, window);
	assert_int_equal(word_at(bench, 0), old);
	put_word(window, 0, old & ~0x100u);
	write_window(bench, window);
	assert_int_equal(word_at(bench, 0), old & ~0x100u);

	bench = made_up_make(state, made_up_options,
			     QUIET ",ob_complement=made");
	put_le32(window + 4, 0);
	write_window(bench, window);
	assert_int_equal(word_at(bench, 0), old & ~0x100u);
	assert_int_equal(word_at(bench, 4), ~(old & ~0x100u));
}

static void expect_erase(struct bench *bench, uint32_t address, bool goes)
{
	static const uint8_t word[8] = { 1 };

	s0_sim_poke(bench->sim, address, word, 8);
	bench_erase(bench, address);
	assert_int_equal(s0_sim_word_state(bench->sim, address),
			 goes ? S0_SIM_WORD_ERASED : S0_SIM_WORD_PROGRAMMED);
}

static void a_bit_protects_its_sectors_and_the_last_one_the_rest(void **state)
{
	struct bench *bench =
		made_up_make(state, made_up_options, QUIET ",NWRP=0x7d");

	expect_erase(bench, BANK_1 + 3 * 0x800, true);
	expect_erase(bench, BANK_1 + 4 * 0x800, false);
	expect_erase(bench, BANK_1 + 7 * 0x800, false);
	expect_erase(bench, BANK_1 + 8 * 0x800, true);
	expect_erase(bench, BANK_1 + 27 * 0x800, true);
	expect_erase(bench, BANK_1 + 28 * 0x800, false);
	expect_erase(bench, BANK_1 + 63 * 0x800, false);
}

static void an_area_protects_the_pages_of_its_bank(void **state)
{
	struct bench *bench = made_up_make(state, made_up_options,
					   QUIET ",WRPA_START=2,WRPA_END=3");

	expect_erase(bench, BANK_1 + 2 * 0x800, true);
	expect_erase(bench, BANK_1 + 33 * 0x800, true);
	expect_erase(bench, BANK_1 + 34 * 0x800, false);
	expect_erase(bench, BANK_1 + 35 * 0x800, false);
	expect_erase(bench, BANK_1 + 36 * 0x800, true);
}

static void a_pcrop_area_reads_as_zeros(void **state)
{
	static const uint8_t word[8] = { 1, 2 }, none[8] = { 0 };
	struct bench *bench = made_up_make(state, made_up_options,
					   QUIET ",PCROP_START=1,PCROP_END=1");

	s0_sim_poke(bench->sim, BANK_1 + 0x7f8, word, 8);
	s0_sim_poke(bench->sim, BANK_1 + 0x800, word, 8);
	bench_expect_read(bench, BANK_1 + 0x7f8, word, 8);
	bench_abort(bench);
	bench_expect_read(bench, BANK_1 + 0x800, none, 8);
	bench_abort(bench);
	expect_erase(bench, BANK_1 + 0x800, false);
}

static void level_1_forbids_and_a_regression_erases(void **state)
{
	static const uint8_t word[8] = { 1 };
	struct bench *bench =
		made_up_make(state, made_up_options, QUIET ",rdp=1");

	s0_sim_poke(bench->sim, BANK_1, word, 8);
	assert_int_equal(bench_read(bench, BANK_1, 8), S0_SIM_STALL);
	bench_expect(bench, 0x0b, 10);
	bench_clrstatus(bench);
	bench_byte_command(bench, 0x92);
	s0_sim_advance_us(bench->sim, 1000000);
	assert_true(s0_sim_attached(bench->sim));
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(word_at(bench, 0) & 0xff, 0xaa);
}

static void level_2_is_never_on_the_bus(void **state)
{
	struct bench *bench =
		made_up_make(state, made_up_options, QUIET ",rdp=2");

	assert_false(s0_sim_attached(bench->sim));
}

static void the_banks_are_swapped_from_a_reset_on(void **state)
{
	static const uint8_t word[8] = { 1 };
	struct bench *bench = made_up_make(state, made_up_options, QUIET);
	uint32_t old = word_at(bench, 0);
	uint8_t window[32];

	s0_sim_poke(bench->sim, BANK_1, word, 8);
	read_window(bench, window);
	put_word(window, 0, old | 0x10000u);
	write_window(bench, window);
	bench_expect_read(bench, BANK_1, word, 8);
	s0_sim_power_cycle(bench->sim);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0x10000),
			 S0_SIM_WORD_PROGRAMMED);
}

static void the_hardware_watchdog_is_an_option(void **state)
{
	struct bench *bench = made_up_make(state, made_up_options,
					   QUIET ",watchdog=hardware");

	assert_int_equal(word_at(bench, 0) & 0x100, 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, made_up_forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_chip_has_the_words_of_its_data),
		TEST(each_window_is_written_by_itself),
		TEST(a_word_whose_complement_does_not_fit_keeps_its_value),
		TEST(a_bit_protects_its_sectors_and_the_last_one_the_rest),
		TEST(an_area_protects_the_pages_of_its_bank),
		TEST(a_pcrop_area_reads_as_zeros),
		TEST(level_1_forbids_and_a_regression_erases),
		TEST(level_2_is_never_on_the_bus),
		TEST(the_banks_are_swapped_from_a_reset_on),
		TEST(the_hardware_watchdog_is_an_option),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
