/* SPDX-License-Identifier: MIT */
/* The STM32F405's flash, memories and protections: fact sheet section 6,
 * RM0090, DS8626, AN2606. */
#include "sim_bench.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define FEATURE 0xffff0000u
#define OTP	0x1fff7800u
#define OPTIONS 0x1fffc000u

/* --- the array --- */

static uint64_t erase_us(struct bench *bench, uint32_t address)
{
	uint64_t start = s0_sim_now_us(bench->sim);

	bench_erase(bench, address);
	return (s0_sim_now_us(bench->sim) - start) / 1000 * 1000;
}

/* DS8626: 16, 64 and 128 KiB at x8, x16 and x32. */
/* rows: L-08 M-12 */
static void erase_times_are_the_data_sheets(void **state)
{
	static const struct {
		const char *description;
		unsigned ms[3], mass_ms;
	} table[] = {
		{ "stm32f405", { 400, 1200, 2000 }, 16000 },
		{ "stm32f405,psize=x16", { 300, 700, 1300 }, 11000 },
		{ "stm32f405,psize=x32", { 250, 550, 1000 }, 8000 },
		{ "stm32f405,erase_ms=max", { 800, 2400, 4000 }, 32000 },
		{ "stm32f405,erase_ms=70", { 70, 70, 70 }, 16000 },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench =
			bench_make_old(state, table[i].description);

		assert_int_equal(erase_us(bench, 0x0800c000),
				 table[i].ms[0] * 1000);
		assert_int_equal(erase_us(bench, 0x08010000),
				 table[i].ms[1] * 1000);
		assert_int_equal(erase_us(bench, 0x08020000),
				 table[i].ms[2] * 1000);
		/* It claims 100 ms. */
		bench_byte_command(bench, 0x41);
		assert_int_equal(bench_poll_ms(bench), 100);
		bench_getstatus(bench);
		assert_in_range(bench->reply.busy_us,
				table[i].mass_ms * 1000 - 100,
				table[i].mass_ms * 1000);
	}
}

/* rows: C-02 M-03 */
static void an_erase_takes_its_sector_and_no_other(void **state)
{
	static const struct {
		uint32_t address, start, size;
	} table[] = { { 0x08003fff, 0x08000000, 0x4000 },
		      { 0x0800c000, 0x0800c000, 0x4000 },
		      { 0x08012345, 0x08010000, 0x10000 },
		      { 0x08020000, 0x08020000, 0x20000 },
		      { 0x080fffff, 0x080e0000, 0x20000 } };

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make_old(state, "stm32f405");
		uint32_t end = table[i].start + table[i].size;

		bench_fill(bench, BANK_1, 0x100000);
		bench_erase(bench, table[i].address);
		for (uint32_t a = BANK_1; a < 0x08100000; a += 1024)
			assert_int_equal(s0_sim_word_state(bench->sim, a) ==
						 S0_SIM_WORD_ERASED,
					 a >= table[i].start && a < end);
	}
}

/* x8: 2048 bytes at 16 us a byte. */
/* rows: M-10 M-12 */
static void device_feature_sets_the_width(void **state)
{
	static const struct {
		uint8_t range;
		unsigned us;
	} table[] = { { 0, 32768 }, { 1, 16384 }, { 2, 16384 },
		      { 3, 8192 },  { 4, 4096 },  { 5, 4096 } };
	struct bench *bench = bench_make_old(state, "stm32f405");
	uint8_t block[2048] = { 0 };

	bench_set_address(bench, BANK_1);
	bench_dnload(bench, 2, block, 2048);
	bench_getstatus(bench);
	assert_int_equal(bench_poll_ms(bench), 104);
	bench_getstatus(bench);
	assert_in_range(bench->reply.busy_us, 32700, 32768);
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bench_write(bench, FEATURE, &table[i].range, 1);
		bench_set_address(bench, BANK_1 + 0x4000);
		bench_dnload(bench, 2, block, 2048);
		bench_getstatus(bench);
		bench_getstatus(bench);
		assert_in_range(bench->reply.busy_us, table[i].us - 68,
				table[i].us);
	}
	assert_int_equal(bench_read(bench, FEATURE, 4), S0_SIM_ACK);
	assert_int_equal(bench->data[0], 4);
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 200000);
	bench_clrstatus(bench);
	assert_int_equal(bench_read(bench, FEATURE, 4), S0_SIM_ACK);
	assert_int_equal(bench->data[0], 0);
}

/* rows: J-01 M-13 */
static void a_second_programming_only_clears_bits(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");

	bench_write(bench, BANK_1, "\xf0\xff\x0f\xaa", 4);
	bench_write(bench, BANK_1, "\x3c\xff\xff\xa0", 4);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
	bench_expect_read(bench, BANK_1, "\x30\xff\x0f\xa0", 4);
	bench_abort(bench);
	bench_write(bench, BANK_1 + 4, "\xff\xff\xff\xff", 4);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 4),
			 S0_SIM_WORD_ERASED);
	s0_sim_damage(bench->sim, BANK_1);
	bench_expect_read(bench, BANK_1, "\x30\xff\x0f\xa0", 4);
	s0_sim_flip_bit(bench->sim, BANK_1, 0);
	bench_expect_read(bench, BANK_1, "\x31\xff\x0f\xa0", 4);
}

/* rows: C-08 */
static void blocks_are_2048_bytes(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");
	uint8_t block[2052] = { 0 };

	bench_set_address(bench, BANK_1);
	assert_int_equal(bench_dnload(bench, 4, block, 8), S0_SIM_ACK);
	bench_getstatus(bench);
	bench_expect(bench, 0, 5);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 4096),
			 S0_SIM_WORD_PROGRAMMED);
	assert_int_equal(bench_dnload(bench, 2, block, 2049), S0_SIM_STALL);
}

/* --- memories --- */

/* rows: M-02 */
static void the_map_is_an2606s(void **state)
{
	static const struct {
		uint32_t address;
		bool known;
	} table[] = {
		{ 0x08000000, true },  { 0x080fffff, true },
		{ 0x08100000, false }, { 0x20000000, false },
		{ 0x20002fff, false }, { 0x20003000, true },
		{ 0x2001ffff, true },  { 0x20020000, false },
		{ 0x10000000, false }, /* CCM */
		{ 0x1fff0000, true },  { 0x1fff77de, true },
		{ 0x1fff7800, true },  { 0x1fff7a0f, true },
		{ 0x1fff7a10, true },  { 0x1fffc000, true },
		{ 0x1fffc010, false }, { 0x5200201c, false },
		{ 0x1ff1e800, false }, { 0xffff0000, true },
		{ 0xffff0003, true },  { 0xffff0004, false },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make_old(state, "stm32f405");

		bench_command(bench, 0x21, table[i].address);
		bench_expect(bench, table[i].known ? 0 : 1,
			     table[i].known ? 5 : 10);
	}
}

/* rows: M-01 M-07 */
static void the_information_block_is_the_f4s(void **state)
{
	struct bench *bench = bench_make_old(
		state, "stm32f405,uid=0102030405060708090a0b0c,rom=0x31");

	bench_expect_read(bench, 0x1fff7a10, "\1\2\3\4\5\6\7\x8\x9\xa\xb\xc",
			  12);
	bench_expect_read(bench, 0x1fff7a22, "\x00\x04", 2);
	bench_expect_read(bench, 0x1fff77de, "\x31", 1);
}

/* rows: M-06 */
static void otp_can_be_written_once_and_locked(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");

	bench_write(bench, OTP + 32, "\x12\x34\x56\x78", 4);
	bench_expect_read(bench, OTP + 32, "\x12\x34\x56\x78", 4);
	bench_abort(bench);
	bench_write(bench, OTP + 32, "\xf0\xff\xff\xff", 4);
	bench_expect_read(bench, OTP + 32, "\x10\x34\x56\x78", 4);
	bench_abort(bench);
	bench_write(bench, OTP + 512, "\xff\x00\xff\xff", 4); /* block 1 */
	bench_abort(bench);
	bench_write(bench, OTP + 32, "\0\0\0\0", 4);
	bench_expect_read(bench, OTP + 32, "\x10\x34\x56\x78", 4);
	bench_abort(bench);
	bench_write(bench, OTP + 512 + 12, "\xff\xff\xff\0", 4); /* block 15 */
	bench_abort(bench);
	bench_write(bench, OTP + 508, "\0\0\0\0", 4);
	bench_expect_read(bench, OTP + 508, "\xff\xff\xff\xff", 4);
	bench_abort(bench);
	bench_command(bench, 0x41, OTP);
	bench_expect(bench, 0x01, 10);
}

/* --- protections --- */

/* rows: C-16 F-09 M-05 */
static void option_bytes_are_written_as_a_whole_and_reset_it(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");
	uint8_t window[16];

	assert_int_equal(bench_read(bench, OPTIONS, 16), S0_SIM_ACK);
	memcpy(window, bench->data, 16);
	assert_int_equal(window[1], 0xaa);
	assert_int_equal(get_le16(window + 8) & 0xfff, 0xfff);
	bench_abort(bench);
	put_le16(window + 8, 0xfffe); /* protect sector 0 */
	bench_set_address(bench, OPTIONS);
	bench_dnload(bench, 2, window, 15); /* nothing happens */
	bench_getstatus(bench);
	bench_expect(bench, 0, 5);
	bench_dnload(bench, 2, window, 16);
	bench_getstatus(bench);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 200000);
	bench_expect(bench, 0x0a, 10);
	bench_clrstatus(bench);
	bench_fill(bench, BANK_1, 0x8000);
	bench_erase(bench, BANK_1);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
	bench_erase(bench, BANK_1 + 0x4000);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0x4000),
			 S0_SIM_WORD_ERASED);
}

/* betaflight-configurator: an old ROM refuses the address already. */
/* rows: E-04 */
static void read_protection_refuses_even_the_address(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405,rdp=1");

	bench_command(bench, 0x21, BANK_1);
	bench_expect(bench, 0x0b, 10);
	bench = bench_make_old(state,
			       "stm32f405,rdp=1,rdp_set_address=allowed");
	bench_set_address(bench, BANK_1);
	bench_abort(bench);
	assert_int_equal(bench_upload(bench, 2, 64), S0_SIM_STALL);
	bench_expect(bench, 0x0b, 10);
	bench = bench_make(state, "stm32h743,rdp=1,rdp_set_address=errVENDOR");
	bench_command(bench, 0x21, BANK_1);
	bench_expect(bench, 0x0b, 10);
}

/* rows: F-07 */
static void read_unprotect_erases_and_opens(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405,rdp=1");

	bench_fill(bench, BANK_1, 0x4000);
	bench_byte_command(bench, 0x92);
	assert_int_equal(bench->data[4], 4);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	assert_in_range(bench->reply.busy_us, 15920000, 16020000);
	s0_sim_advance_us(bench->sim, 200000);
	bench_clrstatus(bench);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	bench_expect_read(bench, BANK_1, "\xff\xff\xff\xff", 4);
}

/* A change of the level, half-way in the erase or in what follows it. */
static void cut_unprotect(struct bench *bench, uint64_t us)
{
	static const struct s0_sim_setup getstatus = { 0xa1, 3, 0, 0, 6 };

	bench_dnload(bench, 0, "\x92", 1);
	bench_getstatus(bench);
	s0_sim_begin(bench->sim, &getstatus, bench->data);
	s0_sim_advance_us(bench->sim, us);
	s0_sim_power_cycle(bench->sim);
	assert_true(s0_sim_finish(bench->sim, &bench->reply));
	bench_clrstatus(bench);
}

/* rows: K-26 K-27 M-17 */
static void a_cut_read_unprotect_leaves_it_protected(void **state)
{
	static const struct {
		const char *description;
		uint64_t us;
		bool erased;
		uint16_t level_and_user;
	} table[] = {
		{ "stm32f405,rdp=1", 8000000, false, 0xbbef },
		{ "stm32f405,rdp=1", 16010000, true, 0xbbef },
		{ "stm32f405,rdp=1,ob_torn=erased", 16010000, true, 0xffef },
		{ "stm32f405,rdp=1", 16030000, true, 0xaaef },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench =
			bench_make_old(state, table[i].description);
		uint8_t word[4];

		bench_fill(bench, BANK_1, 0x10000);
		cut_unprotect(bench, table[i].us);
		bench_peek(bench, 0x1fffc000, word, 4);
		assert_int_equal(get_le16(word), table[i].level_and_user);
		bench_peek(bench, BANK_1, word, 4);
		if (table[i].erased)
			assert_int_equal(get_le32(word), 0xffffffff);
	}
}

/* rows: M-17 */
static void level_2_takes_it_off_the_bus(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");
	uint8_t window[16];

	bench_peek(bench, 0x1fffc000, window, 16);
	window[1] = 0xcc;
	bench_set_address(bench, 0x1fffc000);
	bench_dnload(bench, 2, window, 16);
	bench_getstatus(bench);
	s0_sim_advance_us(bench->sim, 300000);
	assert_false(s0_sim_attached(bench->sim));
	assert_int_equal(s0_sim_started(bench->sim), BANK_1);
	bench_peek(bench, 0x1fffc000, window, 16);
	assert_int_equal(window[1], 0xcc);
}

/* rows: F-04 */
static void it_starts_what_is_in_its_flash(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");

	bench_set_address(bench, BANK_1);
	bench_dnload(bench, 0, NULL, 0);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	assert_int_equal(s0_sim_started(bench->sim), BANK_1);
	s0_sim_set_boot0(bench->sim, false);
	s0_sim_power_cycle(bench->sim);
	assert_int_equal(s0_sim_started(bench->sim), BANK_1);
}

static void its_file_keeps_all_of_it(void **state)
{
	struct bench_place place;
	struct bench *bench;
	char description[160];

	bench_make_place(&place);
	snprintf(description, sizeof(description), "stm32f405,file=%.63s",
		 place.file);
	bench = bench_make_old(state, description);
	bench_write(bench, 0x080ffffc, "last", 4);
	bench_write(bench, OTP, "\x0f\xff\xff\xff", 4);
	bench = bench_make_old(state, description);
	bench_expect_read(bench, 0x080ffffc, "last", 4);
	bench_expect_read(bench, OTP, "\x0f\xff\xff\xff", 4);
	bench_remove_place(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(erase_times_are_the_data_sheets),
		cmocka_unit_test(an_erase_takes_its_sector_and_no_other),
		cmocka_unit_test(device_feature_sets_the_width),
		cmocka_unit_test(a_second_programming_only_clears_bits),
		cmocka_unit_test(blocks_are_2048_bytes),
		cmocka_unit_test(the_map_is_an2606s),
		cmocka_unit_test(the_information_block_is_the_f4s),
		cmocka_unit_test(otp_can_be_written_once_and_locked),
		cmocka_unit_test(
			option_bytes_are_written_as_a_whole_and_reset_it),
		cmocka_unit_test(read_protection_refuses_even_the_address),
		cmocka_unit_test(read_unprotect_erases_and_opens),
		cmocka_unit_test(a_cut_read_unprotect_leaves_it_protected),
		cmocka_unit_test(level_2_takes_it_off_the_bus),
		cmocka_unit_test(it_starts_what_is_in_its_flash),
		cmocka_unit_test(its_file_keeps_all_of_it),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
