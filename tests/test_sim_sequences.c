/* SPDX-License-Identifier: MIT */
/* The sequences (fact sheet 1.5), and the bank-2 log of 3.1. */
#include "sim_bench.h"

#include "base/bytes.h"

/* rows: C-01 C-08 C-09 F-02 P-01 */
static void the_block_number_counts_in_transfer_sizes(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t found[8];

	bench_set_address(bench, BANK_1);
	bench_dnload(bench, 5, "12345678", 8);
	bench_expect(bench, 0, 4);
	bench_peek(bench, BANK_1 + 3 * 1024, found, 8);
	assert_memory_equal(found, "12345678", 8);
	bench_abort(bench);
	assert_int_equal(bench_upload(bench, 5, 8), S0_SIM_ACK);
	assert_memory_equal(bench->data, "12345678", 8);
	bench = bench_make(state, "stm32h743,addr_rule=request-length");
	bench_set_address(bench, BANK_1);
	bench_dnload(bench, 5, "12345678", 8);
	bench_expect(bench, 0, 4);
	bench_peek(bench, BANK_1 + 3 * 8, found, 8);
	assert_memory_equal(found, "12345678", 8);
}

/* rows: C-13 */
static void an_erase_moves_the_pointer(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	static const char *const descriptions[] = {
		"stm32h743", "stm32h743,erase_moves_pointer=no"
	};

	for (unsigned i = 0; i < 2; i++) {
		bench = bench_make(state, descriptions[i]);
		bench_set_address(bench, BANK_1);
		bench_erase(bench, BANK_1 + 0x20000);
		bench_dnload(bench, 2, "12345678", 8);
		bench_expect(bench, 0, 4);
		assert_int_equal(s0_sim_word_state(bench->sim,
						   BANK_1 + (i ? 0 : 0x20000)),
				 S0_SIM_WORD_PROGRAMMED);
	}
}

/* rows: C-12 */
static void the_pointer_starts_at_the_flash(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_poke(bench->sim, BANK_1, "content", 7);
	assert_int_equal(bench_upload(bench, 2, 8), S0_SIM_ACK);
	assert_memory_equal(bench->data, "content\xff", 8);
}

/* rows: C-06 F-04 F-05 */
static void leaving_jumps_to_the_pointer(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_set_address(bench, BANK_1 + 0x20000);
	assert_int_equal(bench_dnload(bench, 0, NULL, 0), S0_SIM_ACK);
	assert_int_equal(bench_state(bench), 6);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	assert_false(s0_sim_attached(bench->sim));
	assert_int_equal(s0_sim_started(bench->sim), BANK_1 + 0x20000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_replug(bench->sim);
	bench_expect(bench, 0, 2);
}

/* rows: A-11 L-10 */
static void leaving_does_not_always_work(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,leave=vanish");

	bench_dnload(bench, 0, NULL, 0);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	assert_int_equal(s0_sim_started(bench->sim), 0);
	s0_sim_advance_us(bench->sim, 10000000);
	assert_false(s0_sim_attached(bench->sim));
	bench = bench_make(state, "stm32h743,leave=re-enter");
	bench_dnload(bench, 0, NULL, 0);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 100000);
	bench_expect(bench, 0, 2);
	/* not executable: a system reset, and BOOT0 is still held */
	bench = bench_make(state, "stm32h743");
	bench_set_address(bench, WINDOW);
	bench_dnload(bench, 0, NULL, 0);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 100000);
	assert_int_equal(s0_sim_started(bench->sim), 0);
	bench_expect(bench, 0, 2);
}

/* rows: F-05 */
static void nothing_is_started_in_system_memory(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_set_address(bench, 0x1ff09800); /* the bootloader itself */
	bench_dnload(bench, 0, NULL, 0);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 100000);
	assert_int_equal(s0_sim_started(bench->sim), 0);
	bench_expect(bench, 0, 2);
}

/* rows: C-04 F-07 */
static void read_unprotect_erases_and_opens_the_chip(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rdp=1,wrp=0xffff");

	s0_sim_poke(bench->sim, BANK_1, "1", 1);
	s0_sim_poke(bench->sim, BANK_2, "2", 1);
	assert_int_equal(bench_byte_command(bench, 0x92), S0_SIM_ACK);
	assert_int_equal(bench->data[4], 4);
	/* the erase, and then the option bytes */
	assert_int_equal(bench->reply.busy_us, 5020000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 100000);
	bench_expect(bench, 0, 2);
	assert_int_equal(bench_read(bench, BANK_1, 64), S0_SIM_ACK);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_ERASED);
}

/* rows: F-08 */
static void read_unprotect_of_an_open_chip_keeps_the_flash(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t found[1];

	s0_sim_poke(bench->sim, BANK_1, "1", 1);
	s0_sim_poke(bench->sim, 0x24005000, "2", 1);
	assert_int_equal(bench_byte_command(bench, 0x92), S0_SIM_ACK);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	bench_peek(bench, BANK_1, found, 1);
	assert_int_equal(found[0], '1');
	bench_peek(bench, 0x24005000, found, 1);
	assert_int_equal(found[0], 0);
}

/* rows: C-03 H-05 L-05 P-05 */
static void mass_erase_works_except_on_rom_d3(void **state)
{
	static const struct {
		const char *description;
		s0_sim_handshake handshake;
		uint64_t busy_us;
		s0_sim_word word;
	} table[] = {
		{ "stm32h743", S0_SIM_ACK, 5000000, S0_SIM_WORD_ERASED },
		{ "stm32h743,rom=0x92", S0_SIM_ACK, 5000000,
		  S0_SIM_WORD_ERASED },
		{ "stm32h743,rom=0xD2", S0_SIM_ACK, 5000000,
		  S0_SIM_WORD_ERASED },
		{ "stm32h743,rom=0xD3", S0_SIM_ACK, 0, S0_SIM_WORD_PROGRAMMED },
		{ "stm32h743,mass_erase_bug=stall", S0_SIM_STALL, 16000,
		  S0_SIM_WORD_PROGRAMMED },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, table[i].description);

		s0_sim_poke(bench->sim, BANK_2, "2", 1);
		assert_int_equal(bench_byte_command(bench, 0x41),
				 table[i].handshake);
		assert_int_equal(bench->reply.busy_us, table[i].busy_us);
		assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
				 table[i].word);
	}
}

/* The log of fact sheet 3.1, step by step. */
/* rows: A-05 L-03 */
static void bank_2_on_rom_91_sticks_and_can_be_freed(void **state)
{
	static const struct {
		char request; /* s GETSTATUS, c CLRSTATUS */
		uint64_t busy_us;
		unsigned status, poll_ms, state;
	} log[] = {
		{ 's', 16000, 0, 1000, 4 }, { 's', 0, 0, 1000, 4 },
		{ 's', 0, 0, 1000, 4 },	    { 'c', 0, 0, 0, 0 },
		{ 's', 0, 0x0e, 0, 10 },    { 'c', 0, 0, 0, 0 },
		{ 's', 0, 0, 0, 2 },
	};
	static const uint8_t erase[5] = { 0x41, 0, 0, 0x10, 8 };
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_poke(bench->sim, BANK_2, "2", 1);
	bench_dnload(bench, 0, erase, 5);
	for (unsigned i = 0; i < sizeof(log) / sizeof(log[0]); i++) {
		if (log[i].request == 'c') {
			assert_int_equal(bench_clrstatus(bench), S0_SIM_ACK);
			continue;
		}
		bench_expect(bench, log[i].status, log[i].state);
		assert_int_equal(get_le24(bench->data + 1), log[i].poll_ms);
		assert_int_equal(bench->reply.busy_us, log[i].busy_us);
	}
	/* the array is still erasing */
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_PROGRAMMED);
	s0_sim_advance_us(bench->sim, 905000);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_ERASED);
	bench_write(bench, BANK_2, "12345678", 8);
}

static void free_bank_2(struct bench *bench)
{
	bench_command(bench, 0x41, BANK_2);
	bench_clrstatus(bench);
	bench_clrstatus(bench);
	bench_expect(bench, 0, 2);
}

/* rows: L-04 O-06 */
static void a_flash_command_to_the_busy_bank_2_hangs(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	free_bank_2(bench);
	assert_int_equal(bench_command(bench, 0x41, BANK_2 + 0x20000),
			 S0_SIM_SILENT);
	assert_true(s0_sim_hung(bench->sim));
	s0_sim_advance_us(bench->sim, 60000000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	s0_sim_power_cycle(bench->sim);
	bench_expect(bench, 0, 2);
	bench = bench_make(state, "stm32h743,busy_bank2=wait");
	free_bank_2(bench);
	bench_set_address(bench, BANK_2 + 0x20000);
	bench_dnload(bench, 2, "12345678", 8);
	bench_expect(bench, 0, 4);
	assert_true(bench->reply.busy_us > 800000);
}

/* rows: J-05 */
static void bank_1_and_reads_do_not_mind_the_busy_bank_2(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	free_bank_2(bench);
	bench_write(bench, BANK_1, "12345678", 8);
	assert_int_equal(bench_read(bench, BANK_1, 8), S0_SIM_ACK);
	assert_int_equal(bench->reply.busy_us, 0);
	assert_int_equal(bench_read(bench, BANK_2, 8), S0_SIM_ACK);
	assert_true(bench->reply.busy_us > 800000);
	assert_int_equal(bench->data[0], 0xff);
	bench = bench_make(state, "stm32h743,bank2_read=hang");
	free_bank_2(bench);
	assert_int_equal(bench_read(bench, BANK_2, 8), S0_SIM_SILENT);
	assert_true(s0_sim_hung(bench->sim));
}

/* rows: H-10 */
static void only_roms_90_and_91_have_the_bank_2_bug(void **state)
{
	static const struct {
		const char *description;
		unsigned state;
	} table[] = {
		{ "stm32h743,rom=0x90", 4 }, { "stm32h743,rom=0x91", 4 },
		{ "stm32h743,rom=0x92", 5 }, { "stm32h743,rom=0xD2,rev=Y", 5 },
		{ "stm32h743,rom=0xD3", 5 },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, table[i].description);

		bench_command(bench, 0x41, BANK_2);
		bench_expect(bench, 0, table[i].state);
	}
}

/* rows: D-19 */
static void detaching_takes_it_off_the_bus_and_back(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	assert_int_equal(bench_control(bench, 0x21, 0, 255, 0, 0), S0_SIM_ACK);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 100000);
	bench_expect(bench, 0, 2);
}

/* rows: B-03 */
static void the_alternate_setting_decides_nothing(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_poke(bench->sim, BANK_1, "content", 7);
	assert_int_equal(bench_control(bench, 0x01, 11, 1, 0, 0), S0_SIM_ACK);
	bench_expect_read(bench, BANK_1, "content", 7);
	assert_int_equal(bench_control(bench, 0x01, 11, 0, 0, 0), S0_SIM_ACK);
	bench_expect_read(bench, WINDOW, "\xf0\xaa\xc6\x1b", 4);
}

/* 65533 blocks behind the pointer. */
/* rows: C-10 */
static void the_last_block_number_is_65535(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_set_address(bench, 0x2001f000);
	bench_dnload(bench, 0xffff, "12345678", 8);
	bench_getstatus(bench);
	bench_expect(bench, 0, 5);
	bench_expect_read(bench, 0x2001f000 + 65533 * 1024, "12345678", 8);
}

/* rows: C-19 */
static void reading_leaves_the_pointer_alone(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_poke(bench->sim, BANK_1 + 0x4000, "first", 5);
	s0_sim_poke(bench->sim, BANK_1 + 0x4000 + 3 * 1024, "fourth", 6);
	bench_set_address(bench, BANK_1 + 0x4000);
	bench_abort(bench);
	for (unsigned i = 0; i < 2; i++) {
		bench_upload(bench, 5, 6);
		assert_memory_equal(bench->data, "fourth", 6);
		bench_upload(bench, 2, 5);
		assert_memory_equal(bench->data, "first", 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_alternate_setting_decides_nothing),
		cmocka_unit_test(the_last_block_number_is_65535),
		cmocka_unit_test(reading_leaves_the_pointer_alone),
		cmocka_unit_test(the_block_number_counts_in_transfer_sizes),
		cmocka_unit_test(an_erase_moves_the_pointer),
		cmocka_unit_test(the_pointer_starts_at_the_flash),
		cmocka_unit_test(leaving_jumps_to_the_pointer),
		cmocka_unit_test(leaving_does_not_always_work),
		cmocka_unit_test(nothing_is_started_in_system_memory),
		cmocka_unit_test(read_unprotect_erases_and_opens_the_chip),
		cmocka_unit_test(
			read_unprotect_of_an_open_chip_keeps_the_flash),
		cmocka_unit_test(mass_erase_works_except_on_rom_d3),
		cmocka_unit_test(bank_2_on_rom_91_sticks_and_can_be_freed),
		cmocka_unit_test(a_flash_command_to_the_busy_bank_2_hangs),
		cmocka_unit_test(bank_1_and_reads_do_not_mind_the_busy_bank_2),
		cmocka_unit_test(only_roms_90_and_91_have_the_bank_2_bug),
		cmocka_unit_test(detaching_takes_it_off_the_bus_and_back),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
