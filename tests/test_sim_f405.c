/* SPDX-License-Identifier: MIT */
/* The STM32F405, a chip with an old ROM: from the fact sheet's sections 1.3,
 * 3.2 and 6, RM0090 and DS8626. */
#include "sim_bench.h"

#include <string.h>

#include "base/bytes.h"

/* --- USB --- */

/* dfu-util's log of a discovery board: the fields it prints. */
/* rows: M-08 */
static void descriptors_are_the_dump(void **state)
{
	static const uint8_t device[18] = { 0x12, 0x01, 0x00, 0x01, 0,	  0,
					    0,	  0x40, 0x83, 0x04, 0x11, 0xdf,
					    0x00, 0x22, 1,    2,    3,	  1 };
	static const uint8_t head[9] = { 9, 2, 54, 0, 1, 1, 0, 0xc0, 50 };
	static const uint8_t functional[9] = { 9,    0x21, 0x0b, 0xff, 0,
					       0x00, 0x08, 0x1a, 0x01 };
	struct bench *bench = bench_make_old(state, "stm32f405");

	bench_control(bench, 0x80, 6, 0x0100, 0, 18);
	assert_memory_equal(bench->data, device, 18);
	bench_control(bench, 0x80, 6, 0x0200, 0, 255);
	assert_int_equal(bench->reply.length, 54);
	assert_memory_equal(bench->data, head, 9);
	for (unsigned i = 0; i < 4; i++) {
		const uint8_t alternate[9] = { 9,    4, 0, (uint8_t)i,	    0,
					       0xfe, 1, 2, (uint8_t)(4 + i) };

		assert_memory_equal(bench->data + 9 + 9 * i, alternate, 9);
	}
	assert_memory_equal(bench->data + 45, functional, 9);
	bench_control(bench, 0x81, 6, 0x2100, 0, 9);
	assert_memory_equal(bench->data, functional, 9);
	assert_int_equal(bench_control(bench, 0x01, 11, 3, 0, 0), S0_SIM_ACK);
	assert_int_equal(bench_control(bench, 0x01, 11, 4, 0, 0), S0_SIM_STALL);
	bench_make_old(state, "stm32f405,rom=0x31");
	bench_control(bench, 0x80, 6, 0x0100, 0, 18);
	assert_int_equal(get_le16(bench->data + 12), 0x2100);
}

static void expect_text(struct bench *bench, unsigned index,
			const char *expected)
{
	assert_int_equal(bench_control(bench, 0x80, 6,
				       (uint16_t)(0x0300 | index), 0x0409, 255),
			 S0_SIM_ACK);
	assert_int_equal(bench->data[0], 2 + 2 * strlen(expected));
	for (size_t i = 0; i < strlen(expected); i++)
		assert_int_equal(bench->data[2 + 2 * i], expected[i]);
}

/* rows: M-09 M-11 */
static void strings_are_the_dump(void **state)
{
	struct bench *bench =
		bench_make_old(state, "stm32f405,uid=010000000200BBAA03000000");

	expect_text(bench, 1, "STMicroelectronics");
	expect_text(bench, 2, "STM32  BOOTLOADER");
	expect_text(bench, 3, "00000004AABB");
	expect_text(bench, 4,
		    "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg");
	expect_text(bench, 5, "@Option Bytes  /0x1FFFC000/01*016 e");
	expect_text(bench, 6, "@OTP Memory /0x1FFF7800/01*512 e,01*016 e");
	expect_text(bench, 7, "@Device Feature/0xFFFF0000/01*004 e");
	assert_int_equal(bench_control(bench, 0x80, 6, 0x0308, 0x0409, 255),
			 S0_SIM_STALL);
	bench = bench_make_old(state,
			       "stm32f405,rom=0x31,flash_kb=512,serial=same");
	expect_text(bench, 3, "STM32FxSTM32");
	expect_text(bench, 4,
		    "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg");
	expect_text(bench, 6, "@OTP Memory /0x1FFF7800/01*512 g,01*016 g");
}

/* --- when it answers --- */

/* F745 log: the first GETSTATUS comes at once, the second waits. */
/* rows: L-07 */
static void the_second_getstatus_waits_for_the_operation(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");
	uint64_t start;

	bench_fill(bench, BANK_1, 0x4000);
	assert_int_equal(bench_command(bench, 0x41, BANK_1), S0_SIM_ACK);
	start = s0_sim_now_us(bench->sim);
	assert_int_equal(bench->reply.busy_us, 0);
	assert_int_equal(bench->data[0] | bench->data[4] << 8, 4 << 8);
	assert_int_equal(bench_poll_ms(bench), 100);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
	s0_sim_advance_us(bench->sim, 100000);
	bench_expect(bench, 0, 5);
	assert_in_range(s0_sim_now_us(bench->sim) - start, 400000, 400100);
	assert_in_range(bench->reply.busy_us, 299000, 300000);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(bench_poll_ms(bench), 0);
}

static void what_the_host_slept_it_does_not_wait_again(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");

	bench_command(bench, 0x41, BANK_1);
	s0_sim_advance_us(bench->sim, 500000);
	bench_expect(bench, 0, 5);
	assert_int_equal(bench->reply.busy_us, 0);
}

/* rows: D-20 */
static void any_request_waits_not_only_getstatus(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");

	bench_command(bench, 0x41, BANK_1);
	assert_int_equal(bench_control(bench, 0x80, 6, 0x0100, 0, 18),
			 S0_SIM_ACK);
	assert_in_range(bench->reply.busy_us, 399000, 400000);
	assert_int_equal(bench_state(bench), 3);
}

static void a_rom_may_say_that_it_is_busy(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405,answer=poll");

	bench_command(bench, 0x41, BANK_1);
	for (unsigned i = 0; i < 3; i++) {
		s0_sim_advance_us(bench->sim, 100000);
		bench_expect(bench, 0, 4);
		assert_int_equal(bench->reply.busy_us, 0);
		assert_int_equal(bench_poll_ms(bench), 100);
	}
	assert_int_equal(bench_dnload(bench, 2, "1234", 4), S0_SIM_STALL);
	assert_int_equal(bench_abort(bench), S0_SIM_ACK);
	assert_int_equal(bench_state(bench), 4);
	s0_sim_advance_us(bench->sim, 101000);
	bench_expect(bench, 0, 5);
}

static void what_ends_later_does_not_change_the_state_again(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405,answer=poll");

	bench_command(bench, 0x41, BANK_1);
	bench_clrstatus(bench);
	bench_clrstatus(bench);
	bench_expect(bench, 0, 2);
	s0_sim_advance_us(bench->sim, 500000);
	bench_expect(bench, 0, 2);
}

static void the_h743_can_answer_in_all_three_ways(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,answer=before");

	bench_command(bench, 0x41, BANK_1);
	assert_int_equal(bench->reply.busy_us, 905000);
	bench = bench_make(state, "stm32h743,answer=after");
	bench_command(bench, 0x41, BANK_1);
	assert_int_equal(bench->reply.busy_us, 0);
	bench_expect(bench, 0, 5);
	assert_in_range(bench->reply.busy_us, 904900, 905000);
	bench = bench_make(state, "stm32h743,answer=poll");
	bench_command(bench, 0x41, BANK_1);
	bench_expect(bench, 0, 4);
	s0_sim_advance_us(bench->sim, 905000);
	bench_expect(bench, 0, 5);
	/* the bug of its bank 2 shows in each */
	bench_command(bench, 0x41, BANK_2);
	s0_sim_advance_us(bench->sim, 2000000);
	bench_expect(bench, 0, 4);
}

/* rows: C-14 M-04 */
static void a_failure_shows_in_the_second_getstatus(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");

	bench_command(bench, 0x41, 0x20004000);
	assert_int_equal(bench->data[4], 4);
	bench_expect(bench, 0x01, 10);
	bench_clrstatus(bench);
	bench_set_address(bench, BANK_1);
	bench_dnload(bench, 2, "123", 3); /* alignment 4 */
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0x0b, 10);
}

static void a_reset_tears_an_operation_that_nobody_waits_for(void **state)
{
	struct bench *bench = bench_make_old(state, "stm32f405");
	uint8_t word[4];
	unsigned other = 0;

	bench_fill(bench, BANK_1, 0x4000);
	bench_command(bench, 0x41, BANK_1);
	s0_sim_advance_us(bench->sim, 200000);
	s0_sim_reset(bench->sim);
	for (uint32_t i = 0; i < 0x4000; i += 4) {
		bench_peek(bench, BANK_1 + i, word, 4);
		other += memcmp(word, "\x55\x55\x55\x55", 4) != 0;
		assert_true(s0_sim_word_state(bench->sim, BANK_1 + i) !=
			    S0_SIM_WORD_DAMAGED);
	}
	assert_true(other > 100);
	s0_sim_advance_us(bench->sim, 200000);
	bench_expect(bench, 0x0a, 10); /* as after any reset */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_are_the_dump),
		cmocka_unit_test(strings_are_the_dump),
		cmocka_unit_test(the_second_getstatus_waits_for_the_operation),
		cmocka_unit_test(what_the_host_slept_it_does_not_wait_again),
		cmocka_unit_test(any_request_waits_not_only_getstatus),
		cmocka_unit_test(a_rom_may_say_that_it_is_busy),
		cmocka_unit_test(
			what_ends_later_does_not_change_the_state_again),
		cmocka_unit_test(the_h743_can_answer_in_all_three_ways),
		cmocka_unit_test(a_failure_shows_in_the_second_getstatus),
		cmocka_unit_test(
			a_reset_tears_an_operation_that_nobody_waits_for),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
