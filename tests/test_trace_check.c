/* SPDX-License-Identifier: MIT */
/* What a recorded session tells about the memory before it, and the virtual
 * chip asked the same again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "device/trace_check.h"
#include "sim/sim.h"
#include "test.h"
#include "trace_hand.h"

static void past_of(struct s0_trace *trace, struct trace_past *past)
{
	struct trace_part part = { trace, 1, 1 };

	assert_int_equal(trace->events[1].kind, TRACE_OPEN);
	assert_int_equal(trace_past_read(&part, past, NULL), S0_OK);
}

static const uint8_t bytes[32] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void ask_layout(struct hand *hand)
{
	char name[128];

	usb_link_string(hand->link, 6, name, sizeof name);
	assert_int_equal(name[0], '@');
}

static void what_is_read_first_was_there_before(void **state)
{
	struct trace_past past;
	struct s0_trace *trace;
	struct hand hand;
	uint8_t found[32];

	(void)state;
	hand_begin(&hand, "sim:stm32h743,rom=0x92");
	(void)s0_sim_poke(hand.sim, 0x08040400, bytes, 32);
	hand_read(&hand, 0x08040000, 3, 32);
	trace = hand_end(&hand);
	past_of(trace, &past);
	assert_true(trace_past_held(&past, 0x08040400, found, 32));
	assert_memory_equal(found, bytes, 32);
	assert_false(trace_past_held(&past, 0x080403ff, found, 2));
	assert_false(trace_past_held(&past, 0x08040410, found, 32));
	trace_past_free(&past);
	hand_check_same(trace);
	hand_done(&hand, trace);
}

static void what_was_written_was_not_there_before(void **state)
{
	struct trace_past past;
	struct s0_trace *trace;
	struct hand hand;
	uint8_t found[32];

	(void)state;
	hand_begin(&hand, "sim:stm32h743,rom=0x92");
	hand_command(&hand, 0x21, 0x08040000);
	hand_dnload(&hand, 4, bytes, 32);
	hand_read(&hand, 0x08040000, 4, 64);
	trace = hand_end(&hand);
	past_of(trace, &past);
	assert_false(trace_past_held(&past, 0x08040800, found, 1));
	assert_false(trace_past_held(&past, 0x0804081f, found, 1));
	assert_true(trace_past_held(&past, 0x08040820, found, 32));
	assert_int_equal(found[0], 0xff);
	trace_past_free(&past);
	hand_check_same(trace);
	hand_done(&hand, trace);
}

static void what_was_erased_was_not_so_before(void **state)
{
	struct trace_past past;
	struct s0_trace *trace;
	struct hand hand;
	uint8_t found[32];

	(void)state;
	hand_begin(&hand, "sim:stm32h743,rom=0x92");
	(void)s0_sim_poke(hand.sim, 0x08040000, bytes, 32);
	ask_layout(&hand);
	hand_command(&hand, 0x41, 0x08040000);
	hand_read(&hand, 0x08040000, 2, 32);
	hand_read(&hand, 0x08060000, 2, 32);
	hand_dnload(&hand, 0, "\x41", 1);
	hand_read(&hand, 0x08080000, 2, 32);
	trace = hand_end(&hand);
	past_of(trace, &past);
	assert_false(trace_past_held(&past, 0x08040000, found, 1));
	assert_true(trace_past_held(&past, 0x08060000, found, 32));
	assert_false(trace_past_held(&past, 0x08080000, found, 1));
	trace_past_free(&past);
	hand_check_same(trace);
	hand_done(&hand, trace);
}

/* A board is rarely as it left the factory: BOR_LEV in OPTSR, current and to be
 * programmed. */
static void option_bytes_are_as_they_were_read(void **state)
{
	uint8_t window[308], data[308];
	struct s0_trace *trace;
	struct hand hand;

	(void)state;
	hand_begin(&hand, "sim:stm32h743,rom=0x92");
	assert_int_equal(s0_sim_peek(hand.sim, 0x5200201c, window, 308), 308);
	window[0] ^= 0x0c;
	window[4] ^= 0x0c;
	assert_int_equal(s0_sim_poke(hand.sim, 0x5200201c, window, 307), 0);
	assert_int_equal(s0_sim_poke(hand.sim, 0x5200201c, window, 308), 308);
	hand_command(&hand, 0x21, 0x5200201c);
	assert_int_equal(hand_one(&hand, 0x21, 6, 0, NULL, 0), S0_OK);
	assert_int_equal(hand_one(&hand, 0xa1, 2, 2, data, 308), S0_OK);
	assert_int_equal(data[0], window[0]);
	assert_int_equal(data[4], window[4]);
	trace = hand_end(&hand);
	hand_check_same(trace);
	hand_done(&hand, trace);
}

/* PB15 low: this ROM never comes to the bus. */
static void a_chip_without_descriptors_answers_otherwise(void **state)
{
	struct s0_trace *trace;
	struct hand hand;

	(void)state;
	hand_begin(&hand, "sim:stm32h743");
	trace = hand_end(&hand);
	hand_check_same(trace);
	hand_check_differs(trace, "stm32h743,pb15=low", "device_descriptor",
			   "one");
	hand_done(&hand, trace);
}

/* A stranger's layout: many large sectors, each erased. */
static void a_trace_of_endless_erases_is_refused(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_trace_checked checked;
	struct trace_event *erase = NULL;
	struct s0_trace *trace;
	struct hand hand;

	(void)state;
	hand_begin(&hand, "sim:stm32h743,layout=@x/0x08000000/99*1Mg");
	ask_layout(&hand);
	for (unsigned i = 0; i < 99; i++) {
		uint8_t data[5] = { 0x41 };

		put_le32(data + 1, 0x08000000u + i / 3 * 0x100000);
		(void)hand_one(&hand, 0x21, 1, 0, data, 5);
	}
	trace = hand_end(&hand);
	/* refused ones change nothing */
	for (size_t i = 0; i < trace->count; i++)
		trace->events[i].code = S0_OK;
	/* 33 sectors, each three times, are no more than 33 MiB */
	assert_int_not_equal(s0_trace_check(trace, NULL, &checked, &err),
			     S0_E_UNSUPPORTED);
	for (size_t i = 0, n = 0; i < trace->count; i++) {
		erase = &trace->events[i];
		if (erase->kind == TRACE_TRANSFER)
			put_le32(erase->data + 1,
				 0x08000000u + (uint32_t)n++ * 0x100000u);
	}
	err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(s0_trace_check(trace, NULL, &checked, &err),
			 S0_E_UNSUPPORTED);
	assert_non_null(strstr(err.message, "more memory than any STM32"));
	hand_done(&hand, trace);
}

static void what_a_host_took_back_is_not_asked(void **state)
{
	uint8_t answers[3][6];
	struct usb_transfer batch[3];
	struct s0_trace *trace;
	struct hand hand;

	(void)state;
	hand_begin(&hand, "sim:stm32h743,fault=silent@1+stall@3");
	for (int i = 0; i < 3; i++)
		batch[i] = (struct usb_transfer){ .request_type = 0xa1,
						  .request = 3,
						  .data = answers[i],
						  .length = 6,
						  .timeout_ms = 100 };
	hand.link->ops->run(hand.link, batch, 3);
	assert_int_equal(batch[2].code, S0_E_TIMEOUT);
	/* the second and the third that the device sees */
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, answers[0], 6), S0_OK);
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, answers[0], 6),
			 S0_E_REFUSED);
	trace = hand_end(&hand);
	hand_check_same(trace);
	hand_done(&hand, trace);
}

static void times_count_from_the_opening(void **state)
{
	struct s0_trace *trace;
	struct hand hand;
	uint8_t status[6];

	(void)state;
	hand_begin(&hand, "sim:stm32h743");
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, status, 6), S0_OK);
	trace = hand_end(&hand);
	assert_int_equal(trace->events[2].kind, TRACE_BEGIN);
	assert_int_equal(trace->events[3].kind, TRACE_TRANSFER);
	assert_true(trace->events[3].end_us < 1000);
	hand_done(&hand, trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_first_was_there_before),
		cmocka_unit_test(what_was_written_was_not_there_before),
		cmocka_unit_test(what_was_erased_was_not_so_before),
		cmocka_unit_test(option_bytes_are_as_they_were_read),
		cmocka_unit_test(a_chip_without_descriptors_answers_otherwise),
		cmocka_unit_test(a_trace_of_endless_erases_is_refused),
		cmocka_unit_test(what_a_host_took_back_is_not_asked),
		cmocka_unit_test(times_count_from_the_opening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
