/* SPDX-License-Identifier: MIT */
/* Flash array (fact sheet 2.4), ECC damage (3.5). */
#include "sim_bench.h"

#include <string.h>

/* rows: J-01 J-02 */
static void programming_takes_a_whole_word(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t found[64];

	bench_write(bench, BANK_1 + 8, "12345678", 8);
	bench_peek(bench, BANK_1, found, 64);
	assert_memory_equal(found, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_memory_equal(found + 8, "12345678\xff", 9);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 31),
			 S0_SIM_WORD_PROGRAMMED);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 32),
			 S0_SIM_WORD_ERASED);
	/* the rest of the word is consumed: this is an overwrite */
	bench_write(bench, BANK_1 + 16, "abcdefgh", 8);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_DAMAGED);
}

/* Second programming of a word, by what it holds and what is written. */
/* rows: A-09 E-07 J-03 */
static void a_word_programmed_twice_is_damaged(void **state)
{
	static const struct {
		uint8_t first, second, content;
		s0_sim_word word;
	} table[] = {
		{ 0xf0, 0x0f, 0x00, S0_SIM_WORD_DAMAGED },
		{ 0xf0, 0xf0, 0xf0, S0_SIM_WORD_DAMAGED },
		{ 0xf0, 0x00, 0x00, S0_SIM_WORD_PROGRAMMED },
		{ 0xff, 0x55, 0x55, S0_SIM_WORD_DAMAGED },
		{ 0xff, 0xff, 0xff, S0_SIM_WORD_DAMAGED },
		{ 0x00, 0x00, 0x00, S0_SIM_WORD_PROGRAMMED },
		{ 0x00, 0xff, 0x00, S0_SIM_WORD_DAMAGED },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, "stm32h743");
		uint8_t word[32], found[32];

		memset(word, table[i].first, 32);
		bench_write(bench, BANK_1, word, 32);
		assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
				 S0_SIM_WORD_PROGRAMMED);
		memset(word, table[i].second, 32);
		bench_write(bench, BANK_1, word, 32);
		assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
				 table[i].word);
		memset(word, table[i].content, 32);
		bench_peek(bench, BANK_1, found, 32);
		assert_memory_equal(found, word, 32);
	}
}

/* rows: E-09 P-08 */
static void reading_a_damaged_word_kills_the_bootloader(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_damage(bench->sim, BANK_1 + 0x20000);
	assert_int_equal(bench_read(bench, BANK_1, 64), S0_SIM_ACK);
	assert_int_equal(bench_read(bench, BANK_1 + 0x1ffc0, 128),
			 S0_SIM_SILENT);
	assert_true(s0_sim_hung(bench->sim));
	assert_true(s0_sim_attached(bench->sim));
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	assert_int_equal(bench_control(bench, 0x80, 6, 0x0100, 0, 18),
			 S0_SIM_SILENT);
	s0_sim_power_cycle(bench->sim);
	bench_erase(bench, BANK_1 + 0x20000);
	assert_int_equal(bench_read(bench, BANK_1 + 0x20000, 64), S0_SIM_ACK);
}

/* rows: C-02 I-01 */
static void an_erase_takes_one_sector_and_no_more(void **state)
{
	for (unsigned i = 0; i < 16; i++) {
		struct bench *bench = bench_make(state, "stm32h743,rom=0x92");

		for (unsigned j = 0; j < 16; j++) {
			s0_sim_poke(bench->sim, BANK_1 + j * 0x20000, "a", 1);
			s0_sim_poke(bench->sim, BANK_1 + j * 0x20000 + 0x1ffff,
				    "z", 1);
		}
		bench_erase(bench, BANK_1 + i * 0x20000 + 0x12345);
		for (unsigned j = 0; j < 16; j++) {
			s0_sim_word want = i == j ? S0_SIM_WORD_ERASED
						  : S0_SIM_WORD_PROGRAMMED;
			uint32_t sector = BANK_1 + j * 0x20000;

			assert_int_equal(s0_sim_word_state(bench->sim, sector),
					 want);
			assert_int_equal(
				s0_sim_word_state(bench->sim, sector + 0x1ffff),
				want);
		}
	}
}

/* rows: I-01 */
static void a_block_may_run_from_bank_1_into_bank_2(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t block[64], found[64];

	for (unsigned i = 0; i < 64; i++)
		block[i] = (uint8_t)(i + 1);
	bench_write(bench, BANK_2 - 32, block, 64);
	bench_peek(bench, BANK_2 - 32, found, 64);
	assert_memory_equal(found, block, 64);
	bench_expect_read(bench, BANK_2 - 32, block, 64);
}

static void poking_leaves_words_without_damage(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t blank[64];

	memset(blank, 0xff, sizeof(blank));
	s0_sim_damage(bench->sim, BANK_1);
	assert_int_equal(s0_sim_poke(bench->sim, BANK_1 + 4, "1234", 4), 4);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
	assert_int_equal(s0_sim_poke(bench->sim, BANK_1, blank, 64), 64);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(s0_sim_poke(bench->sim, 0x081ffff0, blank, 64), 16);
	assert_int_equal(s0_sim_poke(bench->sim, 0x1ff00000, blank, 64), 0);
	assert_int_equal(s0_sim_peek(bench->sim, 0x30000000, blank, 64), 0);
	assert_int_equal(s0_sim_peek(bench->sim, WINDOW, bench->data, 400),
			 308);
	assert_int_equal(s0_sim_word_state(bench->sim, 0x24000000),
			 S0_SIM_WORD_NONE);
}

static void counters_count_what_the_array_did(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	struct s0_sim_counters counters;
	uint8_t block[1024] = { 0 };

	bench_erase(bench, BANK_1);
	bench_write(bench, BANK_1, block, 1000);
	bench_write(bench, BANK_1, "12345678", 8);
	bench_byte_command(bench, 0x41);
	s0_sim_get_counters(bench->sim, &counters);
	assert_int_equal(counters.sector_erases, 1);
	assert_int_equal(counters.mass_erases, 1);
	assert_int_equal(counters.words_programmed, 33);
	assert_int_equal(counters.words_damaged, 1);
	assert_int_equal(counters.set_addresses, 2);
	assert_int_equal(counters.program_us, 3300);
	assert_int_equal(counters.erase_us, 5905000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programming_takes_a_whole_word),
		cmocka_unit_test(a_word_programmed_twice_is_damaged),
		cmocka_unit_test(reading_a_damaged_word_kills_the_bootloader),
		cmocka_unit_test(an_erase_takes_one_sector_and_no_more),
		cmocka_unit_test(a_block_may_run_from_bank_1_into_bank_2),
		cmocka_unit_test(poking_leaves_words_without_damage),
		cmocka_unit_test(counters_count_what_the_array_did),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
