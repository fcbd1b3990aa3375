/* SPDX-License-Identifier: MIT */
/* What bad situations lead to (fact sheet 1.4). */
#include "sim_bench.h"

/* A command that runs into an error: DNBUSY first, then this. */
static void expect_error(struct bench *bench, uint8_t opcode, uint32_t address,
			 unsigned status)
{
	assert_int_equal(bench_command(bench, opcode, address), S0_SIM_ACK);
	assert_int_equal(bench->data[4], 4);
	assert_int_equal(bench->data[0], 0);
	bench_expect(bench, status, 10);
	bench_clrstatus(bench);
	bench_expect(bench, 0, 2);
}

/* rows: A-08 E-01 H-09 I-02 I-06 I-08 I-09 */
static void bad_addresses_are_err_target(void **state)
{
	static const uint32_t bad[] = {
		0x00000000, /* ITCM */
		0x07ffffff, 0x08200000, 0x10000000, 0x1ff20000,
		0x20000000, /* the ROM's own */
		0x200040ff, 0x20020000, 0x24000000, 0x24004fff,
		0x24080000, 0x30000000, /* SRAM1: broken on these ROMs */
		0x38000000, 0x38800000, 0x52002000, 0x5c001000,
		0xffffffff,
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bench *bench = bench_make(state, "stm32h743");

		expect_error(bench, 0x21, bad[i], 0x01);
		expect_error(bench, 0x41, bad[i], 0x01);
	}
}

/* rows: I-03 */
static void known_memory_that_is_no_flash_cannot_be_erased(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	expect_error(bench, 0x41, 0x20004100, 0x01);
	expect_error(bench, 0x41, 0x1ff00000, 0x01);
	expect_error(bench, 0x41, WINDOW, 0x01);
}

/* rows: E-01 I-03 */
static void writes_outside_known_memory_are_err_target(void **state)
{
	static const uint32_t places[] = {
		0x081ffc08, /* runs over the end of the flash */
		0x2001fc08,
		0x2407fc08,
		0x1ff00000,
	};

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct bench *bench = bench_make(state, "stm32h743");
		uint8_t block[1024] = { 0 };

		bench_set_address(bench, places[i]);
		bench_dnload(bench, 2, block, sizeof(block));
		bench_expect(bench, 0, 4);
		bench_expect(bench, 0x01, 10);
	}
}

/* rows: E-01 */
static void an_address_checked_at_the_operation_fails_there(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,addr_check=operation");

	bench_set_address(bench, 0x30000000);
	bench_dnload(bench, 2, "12345678", 8);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0x01, 10);
}

/* rows: D-10 E-08 P-06 */
static void a_refused_read_stalls_and_says_why(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,addr_check=operation");

	assert_int_equal(bench_read(bench, 0x30000000, 64), S0_SIM_STALL);
	bench_expect(bench, 0x01, 10);
	bench_clrstatus(bench);
	assert_int_equal(bench_read(bench, 0x081fffe0, 64), S0_SIM_STALL);
	bench_expect(bench, 0x01, 10);
	bench = bench_make(state, "stm32h743,addr_check=operation,"
				  "upload_error=state15");
	assert_int_equal(bench_read(bench, 0x30000000, 64), S0_SIM_STALL);
	assert_int_equal(bench_state(bench), 15);
}

/* rows: A-08 E-03 E-04 K-10 */
static void read_protection_forbids_everything_but_addresses(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rdp=1");

	bench_set_address(bench, BANK_1);
	expect_error(bench, 0x41, BANK_1, 0x0b);
	assert_int_equal(bench_byte_command(bench, 0x41), S0_SIM_ACK);
	bench_expect(bench, 0x0b, 10);
	bench_clrstatus(bench);
	bench_dnload(bench, 2, "12345678", 8);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0x0b, 10);
	bench_clrstatus(bench);
	assert_int_equal(bench_read(bench, BANK_1, 64), S0_SIM_STALL);
	bench_expect(bench, 0x0b, 10);
	bench_clrstatus(bench);
	assert_int_equal(bench_read(bench, 0x1ff1e800, 12), S0_SIM_STALL);
	bench_expect(bench, 0x0b, 10);
	bench_clrstatus(bench);
	/* the option bytes stay accessible */
	assert_int_equal(bench_read(bench, WINDOW, 308), S0_SIM_ACK);
	assert_int_equal(bench->data[1], 0xbb);
}

/* rows: A-07 E-05 K-06 */
static void a_protected_sector_is_skipped_without_a_word(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,wrp=0x0001");
	uint64_t before;

	s0_sim_poke(bench->sim, BANK_1, "content", 7);
	before = s0_sim_now_us(bench->sim);
	bench_erase(bench, BANK_1);
	assert_true(s0_sim_now_us(bench->sim) - before < 1000);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
	bench_write(bench, BANK_1 + 32, "12345678", 8);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 32),
			 S0_SIM_WORD_ERASED);
	bench_write(bench, BANK_1 + 0x20000, "12345678", 8);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0x20000),
			 S0_SIM_WORD_PROGRAMMED);
	bench = bench_make(state, "stm32h743,wrp=0x8000,wrp_reports=error,"
				  "rom=0x92");
	expect_error(bench, 0x41, 0x081e0000, 0x0b);
}

/* rows: E-05 */
static void a_protected_sector_may_tell_of_a_write_too(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,wrp=0x0002,"
						"wrp_reports=error");

	bench_set_address(bench, BANK_1 + 0x20000);
	bench_dnload(bench, 2, "12345678", 8);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0x0b, 10);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0x20000),
			 S0_SIM_WORD_ERASED);
}

/* rows: E-05 */
static void a_block_over_a_protected_border_is_written_in_part(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,wrp=0x0002");
	uint8_t block[64] = { 0 };

	bench_write(bench, BANK_1 + 0x20000 - 32, block, sizeof(block));
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0x1ffe0),
			 S0_SIM_WORD_PROGRAMMED);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0x20000),
			 S0_SIM_WORD_ERASED);
}

/* rows: J-10 */
static void one_protected_sector_keeps_its_bank_from_a_mass_erase(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,wrp=0x0100");

	s0_sim_poke(bench->sim, BANK_1, "1", 1);
	s0_sim_poke(bench->sim, BANK_2 + 0x20000, "2", 1);
	assert_int_equal(bench_byte_command(bench, 0x41), S0_SIM_ACK);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2 + 0x20000),
			 S0_SIM_WORD_PROGRAMMED);
}

/* Neither the ROM nor the flash clears the error: later writes fail as well. */
/* rows: C-14 C-15 D-06 D-21 E-06 J-09 */
static void an_unaligned_write_spoils_the_ones_behind_it(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_set_address(bench, BANK_1);
	bench_dnload(bench, 2, "1234", 4);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0, 4);
	bench_clrstatus(bench);
	bench_clrstatus(bench);
	bench_dnload(bench, 2, "12345678", 8);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0, 4);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	s0_sim_power_cycle(bench->sim);
	bench_write(bench, BANK_1, "12345678", 8);
	bench = bench_make(state, "stm32h743,fail_mode=errVENDOR");
	bench_set_address(bench, BANK_1 + 4);
	bench_dnload(bench, 2, "12345678", 8);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0x0b, 10);
}

/* rows: D-24 */
static void an_unknown_command_stalls_the_getstatus(void **state)
{
	static const struct {
		uint8_t bytes[6];
		uint16_t length;
	} unknown[] = {
		{ { 0x42 }, 1 },
		{ { 0x21 }, 1 },
		{ { 0x92, 0, 0, 0, 8 }, 5 },
		{ { 0x21, 0, 0 }, 3 },
		{ { 0x21, 0, 0, 0, 8, 0 }, 6 },
	};

	for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		struct bench *bench = bench_make(state, "stm32h743");

		bench_dnload(bench, 0, unknown[i].bytes, unknown[i].length);
		assert_int_equal(bench_getstatus(bench), S0_SIM_STALL);
		bench_expect(bench, 0x0f, 10);
		bench_clrstatus(bench);
		bench_expect(bench, 0, 2);
	}
}

/* rows: C-07 */
static void block_1_is_taken_and_ignored(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_dnload(bench, 1, "12345678", 8);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0, 5);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
}

/* rows: C-11 */
static void a_read_longer_than_the_transfer_size_is_clipped(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	assert_int_equal(bench_upload(bench, 2, 2048), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_addresses_are_err_target),
		cmocka_unit_test(
			known_memory_that_is_no_flash_cannot_be_erased),
		cmocka_unit_test(writes_outside_known_memory_are_err_target),
		cmocka_unit_test(
			an_address_checked_at_the_operation_fails_there),
		cmocka_unit_test(a_refused_read_stalls_and_says_why),
		cmocka_unit_test(
			read_protection_forbids_everything_but_addresses),
		cmocka_unit_test(a_protected_sector_is_skipped_without_a_word),
		cmocka_unit_test(a_protected_sector_may_tell_of_a_write_too),
		cmocka_unit_test(
			a_block_over_a_protected_border_is_written_in_part),
		cmocka_unit_test(
			one_protected_sector_keeps_its_bank_from_a_mass_erase),
		cmocka_unit_test(an_unaligned_write_spoils_the_ones_behind_it),
		cmocka_unit_test(an_unknown_command_stalls_the_getstatus),
		cmocka_unit_test(block_1_is_taken_and_ignored),
		cmocka_unit_test(
			a_read_longer_than_the_transfer_size_is_clipped),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
