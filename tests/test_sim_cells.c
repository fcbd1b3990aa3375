/* SPDX-License-Identifier: MIT */
/* Worn sectors, and cells that do not keep what they are given. */
#include "sim_bench.h"

#include <stdio.h>
#include <string.h>

static struct s0_sim_counters counters(struct bench *bench)
{
	struct s0_sim_counters counters;

	s0_sim_get_counters(bench->sim, &counters);
	return counters;
}

/* Bits that read 1, of a block that was written with zeros. */
static unsigned read_wrong(struct bench *bench, uint32_t address)
{
	unsigned bits = 0;

	assert_int_equal(bench_read(bench, address, 1024), S0_SIM_ACK);
	for (unsigned i = 0; i < 1024; i++)
		for (unsigned bit = 0; bit < 8; bit++)
			bits += bench->data[i] >> bit & 1;
	return bits;
}

static const uint8_t zeros[1024];

/* rows: Q-11 J-15 */
static void a_worn_sector_takes_longer_to_erase(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,worn=1+9:8");

	bench_command(bench, 0x41, 0x08000000);
	assert_int_equal(bench->reply.busy_us, 905000);
	bench_expect(bench, 0, 5);
	bench_command(bench, 0x41, 0x08020000);
	assert_int_equal(bench->reply.busy_us, 4 * 905000);
	bench_expect(bench, 0, 5);
	bench_dnload(bench, 0, "\x41\x00\x00\x12\x08", 5);
	bench_getstatus(bench); /* of bank 2 ROM 0x91 does not see the end */
	s0_sim_advance_us(bench->sim, 8 * 905000 - 20000);
	assert_int_equal(counters(bench).sector_erases, 2);
	s0_sim_advance_us(bench->sim, 20000);
	assert_int_equal(counters(bench).sector_erases, 3);
	bench = bench_make(state, "stm32h743,worn=1+9:8");
	bench_byte_command(bench, 0x41);
	assert_int_equal(bench->reply.busy_us, 8 * 5000000);
	bench = bench_make_old(state, "stm32f405,worn=11:2");
	bench_erase(bench, 0x080e0000);
	assert_int_equal(counters(bench).erase_us, 2 * 2000000);
}

/* rows: Q-11 */
static void a_worn_sector_takes_twice_as_long_to_write(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,worn=1");

	bench_write(bench, 0x08000000, zeros, 1024);
	assert_int_equal(counters(bench).program_us, 3200);
	bench_write(bench, 0x08020000, zeros, 1024);
	assert_int_equal(counters(bench).program_us, 3 * 3200);
}

/* rows: Q-12 */
static void without_ecc_a_stuck_cell_is_a_wrong_bit(void **state)
{
	struct bench *bench = bench_make_old(
		state, "stm32f405,cells=stuck-1@0x08000010:3+stuck-0@sector1");
	uint8_t back[1024], sector[0x4000];
	unsigned cleared = 0;

	bench_write(bench, BANK_1, zeros, 1024);
	assert_int_equal(read_wrong(bench, BANK_1), 3);
	assert_int_equal(bench->data[16], 7); /* not programmed */
	assert_int_equal(read_wrong(bench, BANK_1), 3);
	bench_peek(bench, BANK_1, back, sizeof(back));
	assert_memory_equal(back, bench->data, sizeof(back));
	bench_abort(bench);
	bench_erase(bench, BANK_1 + 0x4000);
	bench_peek(bench, BANK_1 + 0x4000, sector, sizeof(sector));
	for (unsigned i = 0; i < sizeof(sector) * 8; i++)
		cleared += !(sector[i / 8] >> i % 8 & 1);
	assert_int_equal(cleared, 1); /* not erased */
}

/* rows: Q-12 */
static void without_ecc_a_weak_cell_reads_one_or_the_other(void **state)
{
	struct bench *bench =
		bench_make_old(state, "stm32f405,cells=weak@0x08000010:8");
	unsigned least = 9, most = 0;

	bench_abort(bench);
	assert_int_equal(read_wrong(bench, BANK_1), 8192); /* erased */
	bench_abort(bench);
	bench_write(bench, BANK_1, zeros, 1024);
	for (unsigned i = 0; i < 20; i++) {
		unsigned bits = read_wrong(bench, BANK_1);

		least = bits < least ? bits : least;
		most = bits > most ? bits : most;
	}
	assert_in_range(least, 0, 3);
	assert_in_range(most, 5, 8);
	/* who looks into the array sees what was put into it */
	bench_peek(bench, BANK_1, bench->data, 1024);
	assert_memory_equal(bench->data, zeros, 1024);
}

/* rows: Q-12 */
static void with_ecc_one_stuck_cell_is_mended(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,cells=stuck-1@0x08000010");

	bench_write(bench, BANK_1, zeros, 1024);
	assert_int_equal(read_wrong(bench, BANK_1), 0);
	assert_int_equal(counters(bench).corrected, 1);
	/* and a wrong bit that comes on top of it is one too many */
	s0_sim_flip_bit(bench->sim, BANK_1 + 1, 0);
	assert_int_equal(bench_upload(bench, 2, 64), S0_SIM_SILENT);
	assert_int_equal(counters(bench).bus_errors, 1);
}

/* rows: Q-12 */
static void with_ecc_two_stuck_cells_of_a_word_cannot_be_read(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,cells=stuck-1@0x08000010:2");

	assert_int_equal(bench_upload(bench, 2, 1024), S0_SIM_ACK);
	bench_abort(bench);
	bench_write(bench, BANK_1, zeros, 1024);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_DAMAGED);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 32),
			 S0_SIM_WORD_PROGRAMMED);
	assert_int_equal(bench_read(bench, BANK_1 + 32, 64), S0_SIM_ACK);
	/* also when the read does not reach the cells themselves */
	assert_int_equal(bench_read(bench, BANK_1, 8), S0_SIM_SILENT);
	assert_true(s0_sim_hung(bench->sim));
}

/* rows: Q-12 */
static void an_ecc_cell_cannot_be_read_once_it_is_programmed(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,ecc_read=reset,cells=ecc@0x08000400");

	assert_int_equal(bench_upload(bench, 3, 1024), S0_SIM_ACK);
	bench_abort(bench);
	bench_write(bench, BANK_1 + 1024, zeros, 1024);
	assert_int_equal(bench_read(bench, BANK_1, 1024), S0_SIM_ACK);
	assert_int_equal(bench_upload(bench, 3, 1024), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 100000);
	bench_erase(bench, BANK_1); /* and again */
	bench_write(bench, BANK_1 + 1024, zeros, 1024);
	assert_int_equal(bench_read(bench, BANK_1 + 1024, 8), S0_SIM_GONE);
}

static void a_sectors_cells_are_chosen_by_the_seed(void **state)
{
	uint8_t first[0x4000], other[0x4000];

	for (unsigned seed = 1; seed <= 2; seed++) {
		char text[64];
		struct bench *bench;
		unsigned bits = 0;

		snprintf(text, sizeof(text),
			 "stm32f405,cells=stuck-0@sector2:20,seed=%u", seed);
		for (unsigned again = 0; again < 2; again++) {
			bench = bench_make(state, text);
			bench_peek(bench, 0x08008000, again ? other : first,
				   sizeof(first));
			if (again)
				assert_memory_equal(first, other,
						    sizeof(first));
		}
		for (unsigned i = 0; i < sizeof(first) * 8; i++)
			bits += !(first[i / 8] >> i % 8 & 1);
		assert_in_range(bits, 18, 20); /* two may be the same one */
	}
	bench_peek(bench_make(state, "stm32f405,cells=stuck-0@sector2:20"),
		   0x08008000, other, sizeof(other));
	assert_memory_not_equal(first, other, sizeof(first));
}

static void cells_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {
		"stm32h743,cells=stuck-2@0x08000000",
		"stm32h743,cells=stuck-1",
		"stm32h743,cells=stuck-1@0x07ffffff",
		"stm32h743,cells=stuck-1@0x08200000",
		"stm32h743,cells=stuck-1@sector16",
		"stm32h743,cells=stuck-1@sector",
		"stm32h743,cells=stuck-1@sector1:0",
		"stm32h743,cells=stuck-1@sector1:65",
		"stm32h743,cells=stuck-1@sector1+",
		"stm32h743,cells=",
		"stm32f405,cells=ecc@sector1",
		"stm32f405,cells=weak@sector12",
		"stm32h743,worn=16",
		"stm32h743,worn=1:0",
		"stm32h743,worn=1:101",
		"stm32h743,worn=",
		"stm32f405,worn=12",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_sim *sim;

		if (s0_sim_new(bad[i], &sim, &err) != S0_E_USAGE)
			fail_msg("%s: taken", bad[i]);
		assert_non_null(strstr(err.message, "it takes "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worn_sector_takes_longer_to_erase),
		cmocka_unit_test(a_worn_sector_takes_twice_as_long_to_write),
		cmocka_unit_test(without_ecc_a_stuck_cell_is_a_wrong_bit),
		cmocka_unit_test(
			without_ecc_a_weak_cell_reads_one_or_the_other),
		cmocka_unit_test(with_ecc_one_stuck_cell_is_mended),
		cmocka_unit_test(
			with_ecc_two_stuck_cells_of_a_word_cannot_be_read),
		cmocka_unit_test(
			an_ecc_cell_cannot_be_read_once_it_is_programmed),
		cmocka_unit_test(a_sectors_cells_are_chosen_by_the_seed),
		cmocka_unit_test(cells_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
