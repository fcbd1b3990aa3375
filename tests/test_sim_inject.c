/* SPDX-License-Identifier: MIT */
/* Faults that take an argument, strike in an operation, or are left to the
 * seed; and single wrong bits. */
#include "sim_bench.h"

#include <string.h>

static void inject(struct bench *bench, const char *faults)
{
	struct s0_error err = S0_ERROR_INIT;

	if (s0_sim_inject(bench->sim, faults, &err) != S0_OK)
		fail_msg("%s: %s", faults, err.message);
}

static struct bench *make_full(void **state, const char *description)
{
	struct bench *bench = bench_make(state, description);
	uint8_t block[1024];

	memset(block, 0x55, sizeof(block));
	for (unsigned i = 0; i < 0x40000; i += 1024)
		s0_sim_poke(bench->sim, BANK_1 + i, block, sizeof(block));
	return bench;
}

static struct s0_sim_counters counters(struct bench *bench)
{
	struct s0_sim_counters counters;

	s0_sim_get_counters(bench->sim, &counters);
	return counters;
}

/* --- the new kinds --- */

/* rows: O-01 */
static void a_nak_only_costs_time(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,fault=nak@1:250");

	bench_expect(bench, 0, 2);
	assert_int_equal(bench->reply.busy_us, 250000);
	assert_in_range(s0_sim_now_us(bench->sim), 250035, 250036);
	inject(bench, "nak@2");
	bench_expect(bench, 0, 2);
	assert_int_equal(bench->reply.busy_us, 1000000);
	inject(bench, "nak@3:0");
	bench_expect(bench, 0, 2);
	assert_int_equal(bench->reply.busy_us, 0);
}

/* rows: O-08 */
static void a_short_reply_is_done_and_cut(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	inject(bench, "short@1:10+short@2+short@3:9999+short@4:2");
	assert_int_equal(bench_upload(bench, 2, 64), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 10);
	assert_int_equal(bench->data[9], 0x55);
	bench_upload(bench, 2, 64);
	assert_int_equal(bench->reply.length, 32);
	bench_upload(bench, 2, 64);
	assert_int_equal(bench->reply.length, 64);
	bench_getstatus(bench);
	assert_int_equal(bench->reply.length, 2);
	inject(bench, "short@5:1");
	assert_int_equal(bench_abort(bench), S0_SIM_ACK);
	assert_int_equal(bench_state(bench), 2);
	inject(bench, "short@7:1"); /* a DNLOAD has no reply */
	assert_int_equal(bench_dnload(bench, 2, "12345678", 8), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 8);
}

static void a_replug_comes_back_by_itself(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");
	static const uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };

	bench_dnload(bench, 0, erase, 5);
	inject(bench, "replug@2:300");
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_advance_us(bench->sim, 299000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 1000);
	assert_true(s0_sim_attached(bench->sim));
	bench_expect(bench, 0, 2);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
}

static void a_reset_does_not_hinder_a_replug(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,fault=replug@1:300");

	bench_getstatus(bench);
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 299000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 1000);
	bench_expect(bench, 0, 2);
}

/* rows: O-03 */
static void a_cut_comes_after_that_many_bytes(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");
	uint8_t block[1024] = { 0 };

	inject(bench, "cut@1:100");
	assert_int_equal(bench_dnload(bench, 2, block, 1024), S0_SIM_GONE);
	assert_int_equal(bench->reply.length, 100);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 60000000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_replug(bench->sim);
	bench_expect(bench, 0, 2);
	inject(bench, "cut@3");
	assert_int_equal(bench_upload(bench, 2, 512), S0_SIM_GONE);
	assert_int_equal(bench->reply.length, 256);
	assert_int_equal(bench->data[255], 0x55);
	s0_sim_replug(bench->sim);
	bench_dnload(bench, 0, "\x41\0\0\0\x8", 5);
	inject(bench, "cut@5:3"); /* of the status: its operation never runs */
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_replug(bench->sim);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
}

static void a_bit_error_is_one_bit_of_the_reply(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");
	unsigned wrong = 0;

	inject(bench, "bit-error@1:77+bit-error@2");
	bench_upload(bench, 2, 64);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(bench->data[i], i == 9 ? 0x75 : 0x55);
	bench_upload(bench, 2, 64);
	for (unsigned i = 0; i < 64; i++)
		for (unsigned bit = 0; bit < 8; bit++)
			wrong += (bench->data[i] ^ 0x55) >> bit & 1;
	assert_int_equal(wrong, 1);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
	bench_expect_read(bench, BANK_1, "\x55\x55", 2);
}

/* --- where they strike --- */

/* rows: L-11 O-04 */
static void a_fault_can_wait_for_an_erase_or_a_write(void **state)
{
	struct bench *bench = make_full(
		state, "stm32h743,fault=brown-out@erase2+brown-out@program3");

	bench_erase(bench, BANK_1);
	bench_set_address(bench, BANK_1);
	assert_int_equal(bench_command(bench, 0x41, BANK_1 + 0x20000),
			 S0_SIM_GONE);
	assert_in_range(bench->reply.busy_us, 452000, 453000);
	s0_sim_advance_us(bench->sim, 200000);
	bench_expect(bench, 0, 2);
	assert_true(counters(bench).words_damaged > 0);
	bench_write(bench, BANK_1, "12345678", 8);
	bench_write(bench, BANK_1 + 32, "12345678", 8);
	bench_set_address(bench, BANK_1 + 64);
	bench_dnload(bench, 2, "12345678", 8);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 64),
			 S0_SIM_WORD_DAMAGED);
	assert_int_equal(counters(bench).faults, 2);
}

static void an_operation_that_did_not_begin_is_not_counted(void **state)
{
	struct bench *bench =
		make_full(state, "stm32h743,fault=stall@erase1+torn@erase2");

	bench_dnload(bench, 0, "\x41\0\0\0\x8", 5);
	assert_int_equal(bench_getstatus(bench), S0_SIM_STALL);
	bench_expect(bench, 0, 4); /* the first one, at last */
	bench_expect(bench, 0, 5);
	bench_dnload(bench, 0, "\x41\0\0\x2\x8", 5);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
}

/* rows: O-04 */
static void a_power_cut_is_in_the_middle_however_the_rom_answers(void **state)
{
	static const char *const descriptions[] = {
		"stm32h743,answer=before,fault=torn@erase1",
		"stm32h743,answer=after,fault=torn@erase1",
		"stm32h743,answer=poll,fault=torn@erase1",
		"stm32h743,answer=after,fault=torn@3", /* the one that waits */
	};

	for (unsigned i = 0; i < 4; i++) {
		struct bench *bench = make_full(state, descriptions[i]);
		s0_sim_handshake first = bench_command(bench, 0x41, BANK_1);

		if (i == 3) {
			assert_int_equal(first, S0_SIM_ACK);
			first = bench_getstatus(bench);
		}
		assert_int_equal(first, S0_SIM_GONE);
		assert_in_range(s0_sim_now_us(bench->sim), 452000, 453000);
		assert_false(s0_sim_attached(bench->sim));
		assert_true(counters(bench).words_damaged > 0 ||
			    s0_sim_word_state(bench->sim, BANK_1) !=
				    S0_SIM_WORD_ERASED);
		s0_sim_replug(bench->sim);
		bench_expect(bench, 0, 2);
	}
}

/* What struck, and when, of 300 requests. */
static uint64_t struck(struct bench *bench, uint64_t *ret_at)
{
	for (uint64_t i = 1; i <= 300; i++) {
		bench_getstatus(bench);
		if (counters(bench).faults > 0) {
			*ret_at = i;
			return bench->reply.handshake;
		}
		if (!s0_sim_attached(bench->sim))
			break;
	}
	fail_msg("no fault struck");
	return 0;
}

static void the_seed_chooses_what_is_left_to_it(void **state)
{
	static const char *const same[] = {
		"stm32h743,seed=4,fault=stall@any200",
		"stm32h743,fault=stall@any200,seed=4",
		"stm32h743,fault=stall@any200,seed=5",
	};
	uint64_t at[3], kinds = 0;

	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(struck(bench_make(state, same[i]), &at[i]),
				 S0_SIM_STALL);
		assert_in_range(at[i], 1, 200);
	}
	assert_true(at[0] == at[1]);
	assert_true(at[0] != at[2]);
	for (char seed = '0'; seed <= '9'; seed++) {
		char description[] = "stm32h743,fault=any@3,seed=_";

		description[sizeof(description) - 2] = seed;
		kinds |= 1u << struck(bench_make(state, description), at);
		assert_true(at[0] == 3);
	}
	assert_true((kinds & (kinds - 1)) != 0); /* of more than one kind */
}

static void lists_of_faults_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"stall",
		"stall@",
		"stall@0",
		"stall@x",
		"stall@1:",
		"stall@1:x",
		"stall@1:-1",
		"@1",
		"boom@1",
		"stall@erase",
		"stall@erase0",
		"stall@1+",
		"stall@any0",
		"nak@program",
		"stall@1+stall@2+stall@3+stall@4+stall@5+stall@6+stall@7+"
		"stall@8+stall@9+stall@10+stall@11+stall@12+stall@13+stall@14+"
		"stall@15+stall@16+stall@17",
	};
	struct bench *bench = bench_make(state, "stm32h743");

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct s0_error err = S0_ERROR_INIT;

		assert_int_equal(s0_sim_inject(bench->sim, bad[i], &err),
				 S0_E_USAGE);
		assert_non_null(strstr(err.message, "KIND@K"));
	}
	for (unsigned i = 0; i < 20; i++)
		bench_expect(bench, 0, 2);
}

/* --- single wrong bits in the array --- */

/* rows: J-04 O-05 */
static void one_wrong_bit_is_mended_and_counted(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	s0_sim_flip_bit(bench->sim, BANK_1 + 40, 3);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 32),
			 S0_SIM_WORD_FLAWED);
	assert_int_equal(bench_upload(bench, 2, 128), S0_SIM_ACK);
	assert_int_equal(bench->data[40], 0x55);
	assert_int_equal(counters(bench).corrected, 1);
	assert_int_equal(counters(bench).bus_errors, 0);
	bench_upload(bench, 3, 128); /* elsewhere */
	assert_int_equal(counters(bench).corrected, 1);
	bench_abort(bench);
	bench_erase(bench, BANK_1);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 32),
			 S0_SIM_WORD_ERASED);
}

/* rows: J-04 O-05 */
static void two_wrong_bits_are_a_bus_error(void **state)
{
	struct bench *bench = make_full(state, "stm32h743");

	s0_sim_flip_bit(bench->sim, BANK_1 + 40, 3);
	s0_sim_flip_bit(bench->sim, BANK_1 + 41, 3);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 32),
			 S0_SIM_WORD_DAMAGED);
	assert_int_equal(bench_upload(bench, 2, 128), S0_SIM_SILENT);
	assert_int_equal(counters(bench).bus_errors, 1);
	assert_true(s0_sim_hung(bench->sim));
}

static void programming_over_a_flaw_damages(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_flip_bit(bench->sim, BANK_1, 0);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_FLAWED);
	bench_write(bench, BANK_1, "12345678", 8);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_DAMAGED);
}

static void a_flaw_outlives_the_process(void **state)
{
	struct bench_place place;
	struct bench *bench;

	bench_make_place(&place);
	bench = bench_make(state, place.description);
	s0_sim_flip_bit(bench->sim, BANK_2, 7);
	bench = bench_make(state, place.description);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_FLAWED);
	bench_remove_place(&place);
}

/* --- counters --- */

static void what_happens_is_counted(void **state)
{
	struct bench *bench = make_full(state, "stm32h743,ob_write_reset=yes");
	uint8_t window[308];

	bench_upload(bench, 1, 4); /* reserved: STALL */
	bench_clrstatus(bench);
	bench_clrstatus(bench);
	assert_int_equal(counters(bench).stalls, 1);
	bench_peek(bench, WINDOW, window, sizeof(window));
	window[4] ^= 4; /* BOR_LEV */
	bench_set_address(bench, WINDOW);
	bench_dnload(bench, 2, window, sizeof(window));
	bench_getstatus(bench);
	assert_int_equal(counters(bench).option_changes, 1);
	assert_int_equal(counters(bench).resets, 1);
	s0_sim_advance_us(bench->sim, 200000);
	s0_sim_reset(bench->sim);
	assert_int_equal(counters(bench).resets, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nak_only_costs_time),
		cmocka_unit_test(a_short_reply_is_done_and_cut),
		cmocka_unit_test(a_replug_comes_back_by_itself),
		cmocka_unit_test(a_reset_does_not_hinder_a_replug),
		cmocka_unit_test(a_cut_comes_after_that_many_bytes),
		cmocka_unit_test(a_bit_error_is_one_bit_of_the_reply),
		cmocka_unit_test(a_fault_can_wait_for_an_erase_or_a_write),
		cmocka_unit_test(
			an_operation_that_did_not_begin_is_not_counted),
		cmocka_unit_test(
			a_power_cut_is_in_the_middle_however_the_rom_answers),
		cmocka_unit_test(the_seed_chooses_what_is_left_to_it),
		cmocka_unit_test(lists_of_faults_that_are_none_are_refused),
		cmocka_unit_test(one_wrong_bit_is_mended_and_counted),
		cmocka_unit_test(two_wrong_bits_are_a_bus_error),
		cmocka_unit_test(programming_over_a_flaw_damages),
		cmocka_unit_test(a_flaw_outlives_the_process),
		cmocka_unit_test(what_happens_is_counted),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
