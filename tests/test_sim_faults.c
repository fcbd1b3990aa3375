/* SPDX-License-Identifier: MIT */
/* Injected faults, each against what sim.h says of it, and the bench's own
 * doings: plug, unplug, power. */
#include "sim_bench.h"

#include <string.h>

static const uint8_t erase_1[5] = { 0x41, 0, 0, 0, 8 };

static void fail_next(struct bench *bench, s0_sim_fault fault)
{
	s0_sim_fail_at(bench->sim, s0_sim_transfers(bench->sim) + 1, fault);
}

/* A sector full of bytes, and a DNLOAD that asks to erase it. */
static struct bench *make_full(void **state, const char *description)
{
	struct bench *bench = bench_make(state, description);
	uint8_t block[1024];

	memset(block, 0x55, sizeof(block));
	for (unsigned i = 0; i < 0x20000; i += 1024)
		s0_sim_poke(bench->sim, BANK_1 + i, block, sizeof(block));
	bench_dnload(bench, 0, erase_1, 5);
	return bench;
}

static s0_sim_word word(struct bench *bench)
{
	return s0_sim_word_state(bench->sim, BANK_1);
}

/* rows: O-02 */
static void a_stall_does_nothing(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	fail_next(bench, S0_SIM_FAULT_STALL);
	assert_int_equal(bench_getstatus(bench), S0_SIM_STALL);
	assert_int_equal(word(bench), S0_SIM_WORD_PROGRAMMED);
	assert_int_equal(bench_state(bench), 3);
	bench_expect(bench, 0, 4); /* once only */
	assert_int_equal(word(bench), S0_SIM_WORD_ERASED);
}

static void silence_does_nothing(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	fail_next(bench, S0_SIM_FAULT_SILENT);
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	assert_int_equal(word(bench), S0_SIM_WORD_PROGRAMMED);
	assert_false(s0_sim_hung(bench->sim));
	assert_int_equal(bench_state(bench), 3);
}

static void a_lost_reply_has_full_effect(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	fail_next(bench, S0_SIM_FAULT_LOST_REPLY);
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	assert_int_equal(bench->reply.busy_us, 905000);
	assert_int_equal(bench->reply.length, 0);
	assert_int_equal(word(bench), S0_SIM_WORD_ERASED);
	bench_expect(bench, 0, 5);
}

static void an_unplug_does_nothing_and_lasts(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	fail_next(bench, S0_SIM_FAULT_UNPLUG);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	assert_int_equal(word(bench), S0_SIM_WORD_PROGRAMMED);
	s0_sim_advance_us(bench->sim, 60000000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_replug(bench->sim);
	bench_expect(bench, 0, 2);
}

static void a_lie_is_an_operation_that_was_skipped(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	fail_next(bench, S0_SIM_FAULT_LIE);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0, 5);
	assert_int_equal(word(bench), S0_SIM_WORD_PROGRAMMED);
	fail_next(bench, S0_SIM_FAULT_LIE);
	assert_int_equal(bench_dnload(bench, 0, erase_1, 5), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 5);
	assert_int_equal(bench_state(bench), 5);
	bench_abort(bench);
	fail_next(bench, S0_SIM_FAULT_LIE);
	assert_int_equal(bench_upload(bench, 2, 64), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 0);
}

static void a_hang_lasts_until_a_power_cycle(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	fail_next(bench, S0_SIM_FAULT_HANG);
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	assert_true(s0_sim_hung(bench->sim));
	assert_int_equal(bench_abort(bench), S0_SIM_SILENT);
	assert_int_equal(word(bench), S0_SIM_WORD_PROGRAMMED);
	s0_sim_replug(bench->sim); /* it is attached: nothing */
	assert_true(s0_sim_hung(bench->sim));
	s0_sim_power_cycle(bench->sim);
	bench_expect(bench, 0, 2);
}

struct tally {
	unsigned erased, programmed, damaged;
};

static struct tally count(struct bench *bench, uint32_t address, unsigned words)
{
	struct tally tally = { 0, 0, 0 };

	for (unsigned i = 0; i < words; i++)
		switch (s0_sim_word_state(bench->sim, address + i * 32)) {
		case S0_SIM_WORD_ERASED:
			tally.erased++;
			break;
		case S0_SIM_WORD_PROGRAMMED:
			tally.programmed++;
			break;
		default:
			tally.damaged++;
		}
	return tally;
}

/* rows: J-06 L-12 */
static void a_torn_erase_leaves_a_mixture(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");
	struct tally tally;

	fail_next(bench, S0_SIM_FAULT_TORN);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	assert_false(s0_sim_attached(bench->sim));
	tally = count(bench, BANK_1, 4096);
	assert_in_range(tally.erased, 400, 3600);
	assert_in_range(tally.programmed, 400, 3600);
	assert_in_range(tally.damaged, 400, 3600);
	s0_sim_advance_us(bench->sim, 60000000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_replug(bench->sim);
	bench_erase(bench, BANK_1);
	assert_int_equal(count(bench, BANK_1, 4096).erased, 4096);
}

static bool reads_blank(struct bench *bench)
{
	uint8_t found[1024];

	for (unsigned i = 0; i < 0x20000; i += sizeof(found)) {
		bench_peek(bench, BANK_1 + i, found, sizeof(found));
		for (unsigned j = 0; j < sizeof(found); j++)
			if (found[j] != 0xff)
				return false;
	}
	return true;
}

static struct bench *make_torn(void **state, char seed)
{
	char description[] = "stm32h743,seed=_";
	struct bench *bench;

	description[sizeof(description) - 2] = seed;
	bench = make_full(state, description);
	fail_next(bench, S0_SIM_FAULT_TORN);
	bench_getstatus(bench);
	return bench;
}

static void some_torn_erases_read_blank_and_are_not(void **state)
{
	unsigned blank = 0;

	for (char seed = '0'; seed <= '9'; seed++) {
		struct bench *bench = make_torn(state, seed);

		if (!reads_blank(bench))
			continue;
		blank++;
		assert_true(count(bench, BANK_1, 4096).programmed > 100);
		assert_int_equal(count(bench, BANK_1, 4096).damaged, 0);
	}
	assert_in_range(blank, 1, 9);
}

static void the_same_seed_tears_the_same_way(void **state)
{
	static uint8_t first[0x20000], second[0x20000];
	struct bench *bench = make_torn(state, '7');

	bench_peek(bench, BANK_1, first, sizeof(first));
	bench = make_torn(state, '7');
	bench_peek(bench, BANK_1, second, sizeof(second));
	assert_memory_equal(first, second, sizeof(first));
	bench = make_torn(state, '8');
	bench_peek(bench, BANK_1, second, sizeof(second));
	assert_true(memcmp(first, second, sizeof(first)) != 0);
}

/* rows: J-06 */
static void a_torn_write_is_done_half_done_and_not_done(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,seed=3");
	uint8_t block[1024] = { 0 };
	struct tally tally;
	unsigned i = 0;

	bench_dnload(bench, 2, block, sizeof(block));
	fail_next(bench, S0_SIM_FAULT_BROWN_OUT);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	tally = count(bench, BANK_1, 32);
	assert_int_equal(tally.damaged, 1);
	assert_true(tally.erased + tally.programmed == 31);
	for (; s0_sim_word_state(bench->sim, BANK_1 + i * 32) ==
	       S0_SIM_WORD_PROGRAMMED;
	     i++)
		;
	assert_int_equal(i, tally.programmed);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + i * 32),
			 S0_SIM_WORD_DAMAGED);
}

/* rows: L-11 */
static void a_brown_out_comes_back_by_itself(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	s0_sim_poke(bench->sim, 0x24005000, "1", 1);
	fail_next(bench, S0_SIM_FAULT_BROWN_OUT);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 99000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 1000);
	assert_true(s0_sim_attached(bench->sim));
	bench_expect(bench, 0, 2);
	assert_true(count(bench, BANK_1, 4096).damaged > 0 ||
		    reads_blank(bench));
	bench_peek(bench, 0x24005000, bench->data, 1);
	assert_int_equal(bench->data[0], 0);
}

static void torn_without_an_operation_changes_nothing(void **state)
{
	static const s0_sim_fault faults[] = { S0_SIM_FAULT_TORN,
					       S0_SIM_FAULT_BROWN_OUT };

	for (unsigned i = 0; i < 2; i++) {
		struct bench *bench = bench_make(state, "stm32h743");

		s0_sim_poke(bench->sim, BANK_1, "1", 1);
		fail_next(bench, faults[i]);
		assert_int_equal(bench_dnload(bench, 0, erase_1, 5),
				 S0_SIM_GONE);
		assert_false(s0_sim_attached(bench->sim));
		assert_int_equal(word(bench), S0_SIM_WORD_PROGRAMMED);
		s0_sim_replug(bench->sim);
		bench_expect(bench, 0, 2);
		bench_command(bench, 0x21, BANK_1); /* no array operation */
		fail_next(bench, faults[i]);
		assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
		assert_false(s0_sim_attached(bench->sim));
	}
}

static void a_torn_mass_erase_spoils_both_banks(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,seed=5");
	static const uint8_t mass[1] = { 0x41 };
	uint8_t block[1024] = { 0 };

	for (unsigned i = 0; i < 0x20000; i += 1024) {
		s0_sim_poke(bench->sim, BANK_1 + i, block, 1024);
		s0_sim_poke(bench->sim, BANK_2 + i, block, 1024);
	}
	bench_dnload(bench, 0, mass, 1);
	fail_next(bench, S0_SIM_FAULT_TORN);
	bench_getstatus(bench);
	assert_true(count(bench, BANK_1, 4096).erased > 0);
	assert_true(count(bench, BANK_2, 4096).erased > 0);
	assert_true(count(bench, BANK_1, 4096).erased < 4096);
	assert_true(count(bench, BANK_2, 4096).erased < 4096);
}

/* rows: J-07 */
static void a_torn_unprotect_stays_protected(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rdp=1");
	static const uint8_t unprotect[1] = { 0x92 };

	bench_dnload(bench, 0, unprotect, 1);
	fail_next(bench, S0_SIM_FAULT_TORN);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_replug(bench->sim);
	assert_int_equal(bench_read(bench, BANK_1, 8), S0_SIM_STALL);
}

static void a_power_cycle_tears_the_busy_bank_2(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t block[1024] = { 0 };

	for (unsigned i = 0; i < 0x20000; i += 1024)
		s0_sim_poke(bench->sim, BANK_2 + i, block, 1024);
	bench_command(bench, 0x41, BANK_2);
	s0_sim_power_cycle(bench->sim);
	bench_expect(bench, 0, 2);
	assert_true(count(bench, BANK_2, 4096).erased < 4096);
	assert_true(count(bench, BANK_2, 4096).erased > 0);
}

static void unplugging_lets_a_running_erase_end(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_poke(bench->sim, BANK_2, "2", 1);
	bench_command(bench, 0x41, BANK_2);
	s0_sim_unplug(bench->sim);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_PROGRAMMED);
	s0_sim_replug(bench->sim);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_ERASED);
}

static void faults_can_be_told_in_the_description(void **state)
{
	struct bench *bench = bench_make(
		state, "sim:stm32h743,fault=stall@2+lost-reply@3+hang@0x4");

	assert_int_equal(bench_getstatus(bench), S0_SIM_ACK);
	assert_int_equal(bench_getstatus(bench), S0_SIM_STALL);
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	assert_false(s0_sim_hung(bench->sim));
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	assert_true(s0_sim_hung(bench->sim));
	assert_int_equal(s0_sim_transfers(bench->sim), 4);
}

static void transfer_0_takes_all_faults_back(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,fault=stall@1");

	s0_sim_fail_at(bench->sim, 2, S0_SIM_FAULT_HANG);
	s0_sim_fail_at(bench->sim, 0, S0_SIM_FAULT_NONE);
	assert_int_equal(bench_getstatus(bench), S0_SIM_ACK);
	assert_int_equal(bench_getstatus(bench), S0_SIM_ACK);
}

static void every_fault_has_a_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < S0_SIM_FAULT_COUNT; i++) {
		const char *name = s0_sim_fault_name((s0_sim_fault)i);
		s0_sim_fault fault;

		assert_true(sim_fault_parse(name, strlen(name), &fault));
		assert_int_equal(fault, i);
	}
	assert_string_equal(s0_sim_fault_name(S0_SIM_FAULT_COUNT), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stall_does_nothing),
		cmocka_unit_test(silence_does_nothing),
		cmocka_unit_test(a_lost_reply_has_full_effect),
		cmocka_unit_test(an_unplug_does_nothing_and_lasts),
		cmocka_unit_test(a_lie_is_an_operation_that_was_skipped),
		cmocka_unit_test(a_hang_lasts_until_a_power_cycle),
		cmocka_unit_test(a_torn_erase_leaves_a_mixture),
		cmocka_unit_test(some_torn_erases_read_blank_and_are_not),
		cmocka_unit_test(the_same_seed_tears_the_same_way),
		cmocka_unit_test(a_torn_write_is_done_half_done_and_not_done),
		cmocka_unit_test(a_brown_out_comes_back_by_itself),
		cmocka_unit_test(torn_without_an_operation_changes_nothing),
		cmocka_unit_test(a_torn_mass_erase_spoils_both_banks),
		cmocka_unit_test(a_torn_unprotect_stays_protected),
		cmocka_unit_test(a_power_cycle_tears_the_busy_bank_2),
		cmocka_unit_test(unplugging_lets_a_running_erase_end),
		cmocka_unit_test(faults_can_be_told_in_the_description),
		cmocka_unit_test(transfer_0_takes_all_faults_back),
		cmocka_unit_test(every_fault_has_a_name),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
