/* SPDX-License-Identifier: MIT */
/* Memory map (fact sheet 2.3), option window (2.5). */
#include "sim_bench.h"

#include <string.h>

#include "base/bytes.h"

/* rows: H-02 I-04 */
static void the_information_block_can_be_read(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rom=0x92,"
						"uid=000102030405060708090A0B");
	static const uint8_t uid[12] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
	static const uint8_t size[2] = { 0x00, 0x08 }, rom[1] = { 0x92 };

	bench_expect_read(bench, 0x1ff1e800, uid, 12);
	bench_expect_read(bench, 0x1ff1e880, size, 2);
	bench_expect_read(bench, 0x1ff1e7fe, rom, 1);
	for (unsigned i = 0; i < 3; i++) {
		bench_read(bench, 0x1ff1e820 + i * 0x20, 2);
		assert_int_not_equal(get_le16(bench->data), 0xffff);
	}
	bench = bench_make(state, "stm32h743,flash_kb=1024");
	bench_expect_read(bench, 0x1ff1e880, "\x00\x04", 2);
	bench = bench_make(state, "stm32h743,flash_kb=128");
	bench_expect_read(bench, 0x1ff1e880, "\x80\x00", 2);
}

/* First and last byte of what the host may use, with one byte each beside. */
/* rows: A-10 H-12 I-05 I-07 */
static void the_host_may_use_these_windows(void **state)
{
	static const struct {
		const char *description;
		uint32_t first, last;
	} table[] = {
		{ "stm32h743", 0x08000000, 0x081fffff },
		{ "stm32h743,flash_kb=1024", 0x08000000, 0x0807ffff },
		{ "stm32h743,flash_kb=1024", 0x08100000, 0x0817ffff },
		{ "stm32h743,flash_kb=128", 0x08000000, 0x0801ffff },
		{ "stm32h743", 0x1ff00000, 0x1ff1ffff },
		{ "stm32h743", 0x20004100, 0x2001ffff },
		{ "stm32h743,rom=0x92", 0x24005000, 0x2407ffff },
		{ "stm32h743,rom=0x91", 0x24005000, 0x2407ffff },
		{ "stm32h743,rom=0x90", 0x24034000, 0x2407ffff },
		{ "stm32h743,rom=0xD2", 0x24034000, 0x2407ffff },
		{ "stm32h743,rom=0xD3", 0x24034000, 0x2407ffff },
		{ "stm32h743", 0x5200201c, 0x5200214f },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, table[i].description);

		assert_int_equal(bench_read(bench, table[i].first, 1),
				 S0_SIM_ACK);
		assert_int_equal(bench_read(bench, table[i].last, 1),
				 S0_SIM_ACK);
		bench_abort(bench);
		bench_command(bench, 0x21, table[i].first - 1);
		bench_expect(bench, 1, 10);
		bench_clrstatus(bench);
		bench_command(bench, 0x21, table[i].last + 1);
		bench_expect(bench, 1, 10);
	}
}

/* rows: I-05 */
static void ram_is_written_and_lost_with_the_supply(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_write(bench, 0x24005000, "12345678", 8);
	assert_int_equal(bench->reply.busy_us, 0);
	bench_expect_read(bench, 0x24005000, "12345678", 8);
	s0_sim_power_cycle(bench->sim);
	bench_expect_read(bench, 0x24005000, "\0\0\0\0\0\0\0\0", 8);
	bench_abort(bench);
	bench_set_address(bench, 0x20004100);
	bench_dnload(bench, 2, "123", 3);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0, 4); /* not a multiple of 4 */
}

/* What a new chip has in the window, by offset. */
/* rows: G-03 K-01 K-02 */
static void the_option_window_is_as_from_the_factory(void **state)
{
	static const struct {
		uint16_t offset;
		uint32_t value;
	} table[] = {
		{ 0x00, 0x1bc6aaf0 },  { 0x04, 0x1bc6aaf0 },
		{ 0x08, 0 },	       { 0x0c, 0x000000ff },
		{ 0x10, 0x000000ff },  { 0x14, 0x000000ff },
		{ 0x18, 0x000000ff },  { 0x1c, 0x000000ff },
		{ 0x20, 0x000000ff },  { 0x24, 0x1ff00800 },
		{ 0x28, 0x1ff00800 },  { 0x2c, 0 },
		{ 0x30, 0 },	       { 0x34, 0 },
		{ 0x44, 0 },	       { 0x100, 0x1bc6aaf0 },
		{ 0x104, 0x1bc6aaf0 }, { 0x108, 0 },
		{ 0x10c, 0x000000ff }, { 0x110, 0x000000ff },
		{ 0x114, 0x000000ff }, { 0x118, 0x000000ff },
		{ 0x11c, 0x000000ff }, { 0x120, 0x000000ff },
		{ 0x124, 0x1ff00800 }, { 0x128, 0x1ff00800 },
		{ 0x12c, 0 },	       { 0x130, 0 },
	};
	struct bench *bench = bench_make(state, "stm32h743");

	assert_int_equal(bench_read(bench, WINDOW, 308), S0_SIM_ACK);
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(get_le32(bench->data + table[i].offset),
				 table[i].value);
	}
	assert_int_equal(bench_read(bench, WINDOW, 128), S0_SIM_ACK);
}

static void put_options(struct bench *bench, uint32_t address,
			const uint8_t *window, uint16_t length)
{
	bench_abort(bench);
	bench_write(bench, address, window, length);
	bench_abort(bench);
}

static uint32_t option(struct bench *bench, uint32_t offset)
{
	uint8_t word[4];

	bench_peek(bench, WINDOW + offset, word, 4);
	return get_le32(word);
}

static void take_window(struct bench *bench, uint8_t window[308])
{
	assert_int_equal(bench_read(bench, WINDOW, 308), S0_SIM_ACK);
	memcpy(window, bench->data, 308);
}

/* rows: C-16 K-03 */
static void options_are_written_as_a_whole_window(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t window[308];

	take_window(bench, window);
	put_le32(window + 0x04, 0x1bc6aafc); /* BOR_LEV 3 */
	put_le32(window + 0x28, 0x1ff00810);
	put_le32(window + 0x20, 0xfe);
	put_le32(window + 0x120, 0x7f);
	put_options(bench, WINDOW, window, 304);
	put_options(bench, WINDOW + 4, window + 4, 304);
	assert_int_equal(option(bench, 0), 0x1bc6aaf0);
	put_options(bench, WINDOW, window, 308);
	assert_int_equal(option(bench, 0), 0x1bc6aafc);
	assert_int_equal(option(bench, 0x24), 0x1ff00810);
	assert_int_equal(option(bench, 0x1c), 0xfe);
	assert_int_equal(option(bench, 0x11c), 0x7f);
	s0_sim_power_cycle(bench->sim);
	assert_int_equal(option(bench, 0), 0x1bc6aafc);
	/* the protection works at once */
	bench_write(bench, BANK_1, "12345678", 8);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
}

/* PRG words that no chip accepts. */
/* rows: K-05 */
static void illegal_changes_raise_optchangeerr(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t window[308];

	take_window(bench, window);
	put_le32(window + 0x04, 0x1be6aaf0); /* SECURITY */
	put_options(bench, WINDOW, window, 308);
	assert_int_equal(option(bench, 0), 0x1bc6aaf0 | 1u << 30);
	put_le32(window + 0x04, 0x1bc6aaf0);
	put_le32(window + 0x08, 1u << 30);
	put_options(bench, WINDOW, window, 308);
	assert_int_equal(option(bench, 0), 0x1bc6aaf0);
	put_le32(window + 0x10, 0x000f0000); /* PCROP over 4 KiB */
	put_options(bench, WINDOW, window, 308);
	assert_int_equal(option(bench, 0x0c), 0x000f0000);
	put_le32(window + 0x10, 0x000000ff);
	put_options(bench, WINDOW, window, 308);
	assert_int_equal(option(bench, 0x0c), 0x000f0000);
	assert_int_equal(option(bench, 0), 0x1bc6aaf0 | 1u << 30);
}

/* rows: K-05 */
static void a_pcrop_area_may_only_grow(void **state)
{
	static const struct {
		uint32_t asked;
		bool legal;
	} rows[] = {
		{ 0x000f0005, false }, /* a later start */
		{ 0x000e0004, false }, /* an earlier end */
		{ 0x000f0004, true },  { 0x00100004, true },
		{ 0x000f0003, true },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench *bench = bench_make(state, "stm32h743");
		uint8_t window[308];

		take_window(bench, window);
		put_le32(window + 0x10, 0x000f0004);
		put_options(bench, WINDOW, window, 308);
		put_le32(window + 0x10, rows[i].asked);
		put_options(bench, WINDOW, window, 308);
		assert_int_equal(option(bench, 0x0c),
				 rows[i].legal ? rows[i].asked : 0x000f0004);
		assert_int_equal(option(bench, 0) >> 30 & 1, !rows[i].legal);
	}
}

/* rows: J-11 K-07 */
static void a_pcrop_area_reads_as_zeros_and_cannot_be_changed(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t window[308];

	s0_sim_poke(bench->sim, BANK_1 + 0xff0, "abcdefghijklmnopqrst", 20);
	take_window(bench, window);
	put_le32(window + 0x10, 0x000f0000);
	put_options(bench, WINDOW, window, 308);
	bench_expect_read(bench, BANK_1 + 0xffc, "\0\0\0\0qrst", 8);
	bench_abort(bench);
	bench_erase(bench, BANK_1);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0xff0),
			 S0_SIM_WORD_PROGRAMMED);
}

/* rows: K-08 K-11 */
static void read_protection_can_be_set_and_falls_with_an_erase(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,wrp=0xffff");
	uint8_t window[308], found[4];

	s0_sim_poke(bench->sim, BANK_1, "1", 1);
	s0_sim_poke(bench->sim, BANK_2, "2", 1);
	s0_sim_poke(bench->sim, 0x38800000, "kept", 4); /* backup SRAM */
	take_window(bench, window);
	put_le32(window + 0x04, 0x1bc6bbf0);
	put_options(bench, WINDOW, window, 308);
	assert_int_equal(bench_read(bench, BANK_1, 8), S0_SIM_STALL);
	bench_clrstatus(bench);
	bench_peek(bench, 0x38800000, found, 4);
	assert_memory_equal(found, "kept", 4);
	put_le32(window + 0x04, 0x1bc6aaf0);
	put_options(bench, WINDOW, window, 308);
	assert_int_equal(option(bench, 0x1c), 0); /* WRP is still set */
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_ERASED);
	bench_peek(bench, 0x38800000, found, 4);
	assert_memory_equal(found, "\0\0\0\0", 4);
	assert_int_equal(bench_read(bench, BANK_1, 8), S0_SIM_ACK);
}

/* rows: K-09 */
static void level_2_is_for_ever(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t window[308];

	take_window(bench, window);
	put_le32(window + 0x04, 0x1bc6ccf0);
	put_options(bench, WINDOW, window, 308);
	put_le32(window + 0x04, 0x1bc6aaf0);
	put_options(bench, WINDOW, window, 308);
	assert_int_equal(option(bench, 0), 0x1bc6ccf0 | 1u << 30);
	put_le32(window + 0x04, 0x9bc6ccf0); /* SWAP_BANK_OPT alone */
	put_le32(window + 0x08, 1u << 30);
	put_options(bench, WINDOW, window, 308);
	assert_int_equal(option(bench, 0), 0x9bc6ccf0);
	s0_sim_power_cycle(bench->sim);
	assert_false(s0_sim_attached(bench->sim));
}

/* rows: K-04 */
static void swapped_banks_take_effect_at_the_next_reset(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t window[308], found[1];

	s0_sim_poke(bench->sim, BANK_1, "1", 1);
	s0_sim_poke(bench->sim, BANK_2, "2", 1);
	take_window(bench, window);
	put_le32(window + 0x04, 0x9bc6aaf0);
	put_options(bench, WINDOW, window, 308);
	bench_peek(bench, BANK_1, found, 1);
	assert_int_equal(found[0], '1');
	s0_sim_power_cycle(bench->sim);
	bench_peek(bench, BANK_1, found, 1);
	assert_int_equal(found[0], '2');
}

/* rows: F-09 P-02 */
static void writing_options_resets_where_the_key_says_so(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,ob_write_reset=yes");
	uint8_t window[308];

	take_window(bench, window);
	put_le32(window + 0x04, 0x1bc6aafc);
	bench_abort(bench);
	bench_set_address(bench, WINDOW);
	bench_dnload(bench, 2, window, 308);
	bench_expect(bench, 0, 4);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 100000);
	bench_expect(bench, 0, 2);
	assert_int_equal(option(bench, 0), 0x1bc6aafc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_information_block_can_be_read),
		cmocka_unit_test(the_host_may_use_these_windows),
		cmocka_unit_test(ram_is_written_and_lost_with_the_supply),
		cmocka_unit_test(the_option_window_is_as_from_the_factory),
		cmocka_unit_test(options_are_written_as_a_whole_window),
		cmocka_unit_test(illegal_changes_raise_optchangeerr),
		cmocka_unit_test(a_pcrop_area_may_only_grow),
		cmocka_unit_test(
			a_pcrop_area_reads_as_zeros_and_cannot_be_changed),
		cmocka_unit_test(
			read_protection_can_be_set_and_falls_with_an_erase),
		cmocka_unit_test(level_2_is_for_ever),
		cmocka_unit_test(swapped_banks_take_effect_at_the_next_reset),
		cmocka_unit_test(writing_options_resets_where_the_key_says_so),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
