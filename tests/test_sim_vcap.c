/* SPDX-License-Identifier: MIT */
/* A core that its weak VCAP upsets. */
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

/* rows: Q-06 */
static void a_weak_vcap_can_hang_the_cpu_at_an_erase(void **state)
{
	struct bench *bench = make_full(
		state, "stm32h743,vcap_permille=1000,vcap_fault=hang");

	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_SILENT);
	assert_true(s0_sim_hung(bench->sim));
	assert_true(s0_sim_attached(bench->sim));
	assert_int_equal(counters(bench).cpu_faults, 1);
	s0_sim_advance_us(bench->sim, 60000000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	/* The array needs no CPU to go on. */
	assert_int_equal(words(bench, BANK_1, S0_SIM_WORD_ERASED), 4096);
	s0_sim_power_cycle(bench->sim);
	bench_expect(bench, 0, 2);
}

/* rows: Q-06 */
static void a_weak_vcap_can_reset_the_chip_at_an_erase(void **state)
{
	struct bench *bench = make_full(
		state, "stm32h743,vcap_permille=1000,vcap_fault=reset");

	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_GONE);
	assert_in_range(bench->reply.busy_us, 90, 110); /* at its beginning */
	assert_int_equal(counters(bench).resets, 1);
	s0_sim_advance_us(bench->sim, 100000);
	bench_expect(bench, 0, 2);
	assert_true(words(bench, BANK_1, S0_SIM_WORD_ERASED) < 4096);
}

/* rows: Q-06 */
static void a_weak_vcap_fails_now_and_then(void **state)
{
	uint64_t hangs = 0, resets = 0, writes = 0;

	for (unsigned seed = 1; seed <= 100; seed++) {
		char text[64];
		struct bench *bench;

		snprintf(text, sizeof(text),
			 "stm32h743,supply=weak-vcap,seed=%u", seed);
		bench = bench_make(state, text);
		bench_command(bench, 0x41, BANK_1);
		hangs += counters(bench).cpu_faults;
		resets += counters(bench).resets;
		bench = bench_make(state, text);
		writes += write_blocks(bench, 4, 0) < 4;
	}
	assert_in_range(hangs, 4, 16);
	assert_in_range(resets, 1, 8);
	assert_in_range(writes, 0, 4); /* of 400 blocks */
}

/* rows: Q-07 */
static void what_is_read_under_load_may_have_a_wrong_bit(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,vcap_permille=1000,vcap_fault=reset,seed=5");
	uint8_t block[1024], differs = 0;
	unsigned wrong = 0, rested = 0;

	memset(block, 0x5a, sizeof(block));
	for (unsigned i = 0; i < 300; i++) {
		uint32_t address = BANK_1 + i * 1024;

		s0_sim_poke(bench->sim, address, block, sizeof(block));
		bench_set_address(bench, BANK_2 + i * 32);
		bench_dnload(bench, 2, block, 32);
		if (bench_getstatus(bench) != S0_SIM_ACK)
			s0_sim_advance_us(bench->sim, 200000);
		bench_read(bench, address, sizeof(block));
		differs = 0;
		for (unsigned k = 0; k < sizeof(block); k++)
			differs |= bench->data[k] ^ block[k];
		wrong += differs != 0;
		s0_sim_advance_us(bench->sim, 30000);
		bench_read(bench, address, sizeof(block));
		rested += memcmp(bench->data, block, sizeof(block)) != 0;
		bench_abort(bench);
	}
	assert_in_range(wrong, 1, 15);
	assert_int_equal(rested, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_weak_vcap_can_hang_the_cpu_at_an_erase),
		cmocka_unit_test(a_weak_vcap_can_reset_the_chip_at_an_erase),
		cmocka_unit_test(a_weak_vcap_fails_now_and_then),
		cmocka_unit_test(what_is_read_under_load_may_have_a_wrong_bit),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
