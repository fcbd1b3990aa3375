/* SPDX-License-Identifier: MIT */
/* A poor supply: VDD that sags, a brown-out in an erase, operations that end
 * and are not complete. */
#include "sim_bench.h"

#include <stdio.h>
#include <string.h>

static struct s0_sim_counters counters(struct bench *bench)
{
	struct s0_sim_counters counters;

	s0_sim_get_counters(bench->sim, &counters);
	return counters;
}

/* How many words of that sector are in this state. */
static unsigned words(struct bench *bench, uint32_t sector, s0_sim_word state)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < 0x20000; i += 32)
		count += s0_sim_word_state(bench->sim, sector + i) == state;
	return count;
}

static struct bench *make_full(void **state, const char *description)
{
	struct bench *bench = bench_make(state, description);

	bench_fill(bench, BANK_1, 0x20000);
	return bench;
}

/* Blocks of 1024 bytes behind each other; how many until the chip is gone. */
static unsigned write_blocks(struct bench *bench, unsigned count,
			     uint32_t pause_us)
{
	static const uint8_t block[1024] = { 1, 2, 3, 4 };
	unsigned i;

	bench_set_address(bench, BANK_1);
	for (i = 0; i < count; i++) {
		bench_dnload(bench, (uint16_t)(2 + i), block, sizeof(block));
		if (bench_getstatus(bench) != S0_SIM_ACK)
			break;
		bench_expect(bench, 0, 5);
		s0_sim_advance_us(bench->sim, pause_us);
	}
	return i;
}

/* --- VDD sags --- */

static void a_good_supply_changes_nothing(void **state)
{
	struct bench *bench = make_full(state, "stm32h743,supply=ok");
	uint64_t start = s0_sim_now_us(bench->sim);

	bench_erase(bench, BANK_1);
	assert_int_equal(write_blocks(bench, 128, 0), 128);
	assert_int_equal(counters(bench).brown_outs, 0);
	assert_int_equal(counters(bench).incomplete, 0);
	bench = make_full(state, "stm32h743");
	bench_erase(bench, BANK_1);
	write_blocks(bench, 128, 0);
	assert_int_equal(s0_sim_now_us(bench->sim) - start,
			 s0_sim_now_us(bench->sim));
}

/* 35 mA through 40 ohms are 1.4 V; half of it is too much. */

/* rows: Q-01 Q-03 L-11 */
static void a_sag_below_the_level_resets_in_the_erase(void **state)
{
	struct bench *bench =
		make_full(state, "stm32h743,bor=3,source_mohm=40000");

	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_GONE);
	/* ln 2 times 20 ms, in slices of 10 ms */
	assert_in_range(bench->reply.busy_us, 10000, 20000);
	assert_false(s0_sim_attached(bench->sim));
	assert_int_equal(counters(bench).brown_outs, 1);
	assert_true(words(bench, BANK_1, S0_SIM_WORD_DAMAGED) +
			    words(bench, BANK_1, S0_SIM_WORD_PROGRAMMED) >
		    100);
	s0_sim_advance_us(bench->sim, 99000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 1000);
	bench_expect(bench, 0, 2);
	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_GONE);
}

/* rows: Q-02 J-17 */
static void a_lower_parallelism_takes_less_current(void **state)
{
	struct bench *bench =
		make_full(state, "stm32h743,bor=3,source_mohm=40000,psize=x8");

	bench_erase(bench, BANK_1);
	assert_int_equal(words(bench, BANK_1, S0_SIM_WORD_ERASED), 4096);
	assert_int_equal(counters(bench).brown_outs, 0);
	/* 11.5 mA are 0.46 V, 20 mA are 0.8 V: 3.3 V less that */
	bench = make_full(state, "stm32h743,bor=3,source_mohm=40000,psize=x16");
	bench_erase(bench, BANK_1);
	bench = make_full(state, "stm32h743,bor=3,source_mohm=40000,psize=x32");
	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_GONE);
}

/* rows: Q-03 */
static void single_blocks_pass_where_a_burst_fails(void **state)
{
	const char *board = "stm32h743,bor=3,source_mohm=40000";
	struct bench *bench = bench_make(state, board);
	unsigned count;

	assert_int_equal(write_blocks(bench, 64, 100000), 64);
	bench = bench_make(state, board);
	count = write_blocks(bench, 64, 0);
	assert_in_range(count, 2, 20);
	assert_int_equal(bench->reply.handshake, S0_SIM_GONE);
	/* with half the source resistance a burst passes, an erase does not */
	bench = bench_make(state, "stm32h743,bor=3,source_mohm=20000");
	assert_int_equal(write_blocks(bench, 64, 0), 64);
	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_GONE);
}

/* 1.795 V: more than the 1.62 V of the reset, less than the 1.8 V of x64. */
#define TOO_LOW "stm32h743,source_mohm=43000"

/* rows: Q-04 */
static void below_the_least_voltage_an_erase_is_incomplete(void **state)
{
	struct bench *bench = make_full(state, TOO_LOW);

	bench_erase(bench, BANK_1); /* and says nothing of it */
	assert_in_range(words(bench, BANK_1, S0_SIM_WORD_PROGRAMMED), 20, 130);
	assert_int_equal(words(bench, BANK_1, S0_SIM_WORD_DAMAGED), 0);
	assert_int_equal(counters(bench).incomplete, 1);
	bench = make_full(state, TOO_LOW ",incomplete=bits");
	bench_erase(bench, BANK_1);
	assert_in_range(words(bench, BANK_1, S0_SIM_WORD_DAMAGED), 20, 130);
	assert_int_equal(words(bench, BANK_1, S0_SIM_WORD_PROGRAMMED), 0);
	bench = make_full(state, TOO_LOW ",psize=x32"); /* 1.62 V is enough */
	bench_erase(bench, BANK_1);
	assert_int_equal(words(bench, BANK_1, S0_SIM_WORD_ERASED), 4096);
}

/* rows: Q-04 */
static void below_the_least_voltage_words_are_not_programmed(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,vdd_mv=1750");
	uint8_t block[1024], back[1024];
	unsigned blank;

	memset(block, 0, sizeof(block));
	bench_write(bench, BANK_1, block, sizeof(block));
	blank = words(bench, BANK_1, S0_SIM_WORD_ERASED) - (4096 - 32);
	assert_in_range(blank, 1, 8);
	bench_peek(bench, BANK_1, back, sizeof(back));
	for (unsigned i = 0; i < 1024; i++)
		blank -= i % 32 == 0 && back[i] == 0xff;
	assert_int_equal(blank, 0);
	/* of a single word, that one */
	bench_write(bench, BANK_1 + 0x1000, block, 32);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0x1000),
			 S0_SIM_WORD_ERASED);
	bench = bench_make(state, "stm32h743,vdd_mv=1750,incomplete=bits");
	bench_write(bench, BANK_1, block, sizeof(block));
	assert_in_range(words(bench, BANK_1, S0_SIM_WORD_DAMAGED), 1, 8);
	bench = bench_make(state, "stm32h743,vdd_mv=1800");
	bench_write(bench, BANK_1, block, sizeof(block));
	bench_expect_read(bench, BANK_1, block, sizeof(block));
}

/* rows: Q-04 */
static void an_f405_at_2_5_volts_needs_x16(void **state)
{
	static const uint8_t range_3 = 3, range_2 = 2;
	struct bench *bench =
		bench_make_old(state, "stm32f405,vdd_mv=2500,incomplete=bits");
	uint8_t block[1024], back[1024];

	memset(block, 0, sizeof(block));
	bench_write(bench, BANK_1, block, sizeof(block)); /* x8 */
	bench_write(bench, 0xffff0000u, &range_2, 1);
	bench_write(bench, BANK_1 + 2048, block, sizeof(block));
	assert_int_equal(counters(bench).incomplete, 0);
	bench_write(bench, 0xffff0000u, &range_3, 1);
	bench_write(bench, BANK_1 + 4096, block, sizeof(block));
	assert_int_equal(counters(bench).incomplete, 1);
	bench_peek(bench, BANK_1 + 2048, back, sizeof(back));
	assert_memory_equal(back, block, sizeof(back));
	/* Bits that should be 0 read 1; without ECC it can be read. */
	bench_peek(bench, BANK_1 + 4096, back, sizeof(back));
	assert_memory_not_equal(back, block, sizeof(back));
}

/* rows: Q-03 */
static void a_board_that_sags_fails_every_few_erases(void **state)
{
	static const char *const boards[] = {
		"stm32h743,supply=sagging-vdd,seed=%u",
		"stm32f405,supply=sagging-vdd,seed=%u,erase_ms=905"
	};

	for (unsigned board = 0; board < 2; board++) {
		uint64_t failed = 0, browned_out = 0, blocks = 0;

		for (unsigned seed = 1; seed <= 50; seed++) {
			char text[64];
			struct bench *bench;

			snprintf(text, sizeof(text), boards[board], seed);
			bench = board ? bench_make_old(state, text)
				      : bench_make(state, text);
			blocks += write_blocks(bench, 8, 50000);
			assert_int_equal(counters(bench).brown_outs, 0);
			assert_int_equal(counters(bench).incomplete, 0);
			bench_command(bench, 0x41, BANK_1);
			bench_getstatus(bench); /* older ROMs wait here */
			browned_out += counters(bench).brown_outs == 1;
			failed += counters(bench).brown_outs +
					  counters(bench).incomplete >
				  0;
		}
		assert_int_equal(blocks, 50 * 8);
		assert_in_range(failed, 15, 35);
		assert_in_range(browned_out, 5, failed - 2);
	}
}

static void one_seed_is_one_board(void **state)
{
	uint64_t ended[2] = { 0, 0 };
	const char *board = "stm32h743,bor=1,supply=sagging-vdd,seed=12";

	for (unsigned i = 0; i < 2; i++) {
		struct bench *bench = make_full(state, board);

		bench_command(bench, 0x41, BANK_1);
		ended[i] = bench->reply.busy_us;
		assert_int_equal(counters(bench).brown_outs, 1);
	}
	assert_int_equal(ended[0], ended[1]);
}

/* rows: Q-03 */
static void too_little_for_the_level_is_no_chip_on_the_bus(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,vdd_mv=2650,bor=3");

	assert_false(s0_sim_attached(bench->sim));
	bench = bench_make(state, "stm32h743,vdd_mv=2710,bor=3");
	assert_true(s0_sim_attached(bench->sim));
	bench = bench_make(state, "stm32f405,vdd_mv=2900,bor=3");
	assert_false(s0_sim_attached(bench->sim));
	bench = bench_make(state, "stm32f405,vdd_mv=2250,bor=0");
	assert_true(s0_sim_attached(bench->sim));
}

/* rows: Q-05 K-12 */
static void the_option_bytes_hold_the_level(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,bor=2");
	uint8_t window[308];

	bench_peek(bench, WINDOW, window, sizeof(window));
	assert_int_equal(window[0] >> 2 & 3, 2);
	/* written, it works from the next reset on */
	bench = bench_make(state, "stm32h743,source_mohm=40000");
	bench_peek(bench, WINDOW, window, sizeof(window));
	bench_erase(bench, BANK_1);
	window[4] |= 3 << 2; /* BOR_LEV of OPTSR_PRG */
	s0_sim_poke(bench->sim, WINDOW, window, sizeof(window));
	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_GONE);
	bench = bench_make_old(state, "stm32f405,bor=1");
	bench_peek(bench, 0x1fffc000u, window, 16);
	assert_int_equal(window[0] >> 2 & 3, 2); /* it counts down */
}

static void it_returns_when_the_board_says(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,bor=3,source_mohm=40000,back_ms=2500");

	bench_command(bench, 0x41, BANK_1);
	s0_sim_advance_us(bench->sim, 2499000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 2000);
	bench_expect(bench, 0, 2);
}

static void with_boot0_only_tapped_it_returns_as_its_firmware(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,bor=3,source_mohm=40000,boot0=tapped");

	bench_fill(bench, BANK_2, 1024);
	bench_expect(bench, 0, 2);
	bench_command(bench, 0x41, 0x08020000);
	s0_sim_advance_us(bench->sim, 10000000);
	assert_false(s0_sim_attached(bench->sim));
	assert_int_equal(s0_sim_started(bench->sim), BANK_1);
}

/* Two banks take twice the current. */
static void a_mass_erase_sags_more(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,source_mohm=30000,psize=x64");

	bench_erase(bench, BANK_1); /* 1.05 V */
	assert_int_equal(bench_byte_command(bench, 0x41), S0_SIM_GONE);
	assert_int_equal(counters(bench).brown_outs, 1);
}

static void a_program_that_ends_leaves_the_brown_out_to_the_chip(void **state)
{
	struct bench_place place;
	struct bench *bench;
	char text[192];

	bench_make_place(&place);
	snprintf(text, sizeof(text), "%s,bor=3,source_mohm=40000,answer=poll",
		 place.description);
	bench = make_full(state, text);
	bench_command(bench, 0x41, BANK_1);
	bench = bench_make(state, place.description); /* torn meanwhile */
	assert_true(words(bench, BANK_1, S0_SIM_WORD_ERASED) < 4096);
	bench_remove_place(&place);
}

static void keys_of_the_board_take_what_they_say(void **state)
{
	static const struct {
		const char *description, *words;
	} table[] = {
		{ "stm32h743,supply=bad", "it takes ok|sagging-vdd|weak-vcap" },
		{ "stm32h743,vdd_mv=1499", "'1499' is no value of 'vdd_mv'" },
		{ "stm32h743,vdd_mv=3601", "it takes 1500..3600" },
		{ "stm32h743,source_mohm=-1", "it takes 0..1000000" },
		{ "stm32h743,dips_mv=3601", "it takes 0..3600" },
		{ "stm32h743,bor=4", "it takes 0..3" },
		{ "stm32h743,incomplete=no", "it takes words|bits" },
		{ "stm32h743,vcap_permille=1001", "it takes 0..1000" },
		{ "stm32h743,vcap_fault=x", "it takes mixed|hang|reset" },
		{ "stm32h743,boot0=x", "it takes held|tapped" },
		{ "stm32h743,back_ms=0", "it takes 1..600000" },
		{ "stm32h743,watchdog=on", "it takes software|hardware" },
		{ "stm32h743,watchdog_rom=x", "it takes refresh|ignore" },
		{ "stm32h743,watchdog_ms=600001", "it takes 0..600000" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_sim *sim;

		assert_int_equal(s0_sim_new(table[i].description, &sim, &err),
				 S0_E_USAGE);
		if (!strstr(err.message, table[i].words))
			fail_msg("%s: no '%s'", err.message, table[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_supply_changes_nothing),
		cmocka_unit_test(a_sag_below_the_level_resets_in_the_erase),
		cmocka_unit_test(a_lower_parallelism_takes_less_current),
		cmocka_unit_test(single_blocks_pass_where_a_burst_fails),
		cmocka_unit_test(
			below_the_least_voltage_an_erase_is_incomplete),
		cmocka_unit_test(
			below_the_least_voltage_words_are_not_programmed),
		cmocka_unit_test(an_f405_at_2_5_volts_needs_x16),
		cmocka_unit_test(a_board_that_sags_fails_every_few_erases),
		cmocka_unit_test(one_seed_is_one_board),
		cmocka_unit_test(
			too_little_for_the_level_is_no_chip_on_the_bus),
		cmocka_unit_test(the_option_bytes_hold_the_level),
		cmocka_unit_test(it_returns_when_the_board_says),
		cmocka_unit_test(
			with_boot0_only_tapped_it_returns_as_its_firmware),
		cmocka_unit_test(a_mass_erase_sags_more),
		cmocka_unit_test(
			a_program_that_ends_leaves_the_brown_out_to_the_chip),
		cmocka_unit_test(keys_of_the_board_take_what_they_say),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
