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
#include "trace_help.h"

/* A session on a link, recorded by hand. */
struct hand {
	struct text text;
	struct s0_recorder *recorder;
	struct s0_sim *sim;
	struct usb_link *link;
};

static void begin(struct hand *hand, const char *selector)
{
	struct trace_opened told = { selector, true };

	memset(hand, 0, sizeof *hand);
	hand->recorder = recorder_on(&hand->text);
	assert_int_equal(s0_sim_new(selector, &hand->sim, NULL), S0_OK);
	s0_sim_advance_us(hand->sim, 3600 * UINT64_C(1000000));
	assert_int_equal(
		sim_link_new(hand->sim, true, selector, &hand->link, NULL),
		S0_OK);
	recorder_wrap_link(hand->recorder, &told, &hand->link);
}

static struct s0_trace *end(struct hand *hand)
{
	struct s0_trace_outcome outcome = { 0, S0_OK, S0_UNTOUCHED, "" };

	hand->link->ops->close(hand->link);
	s0_recorder_add_outcome(hand->recorder, &outcome);
	s0_recorder_free(hand->recorder);
	return parse(&hand->text);
}

static s0_code one(struct hand *hand, uint8_t type, uint8_t request,
		   uint16_t value, uint8_t *data, uint16_t length)
{
	struct usb_transfer transfer = { .request_type = type,
					 .request = request,
					 .value = value,
					 .data = data,
					 .length = length,
					 .timeout_ms = 60000 };

	hand->link->ops->run(hand->link, &transfer, 1);
	return transfer.code;
}

/* DNLOAD, and the two GETSTATUS in which it is done. */
static void dnload(struct hand *hand, uint16_t block, const void *bytes,
		   uint16_t length)
{
	uint8_t data[1024], status[6];

	memcpy(data, bytes, length);
	assert_int_equal(one(hand, 0x21, 1, block, data, length), S0_OK);
	assert_int_equal(one(hand, 0xa1, 3, 0, status, 6), S0_OK);
	assert_int_equal(one(hand, 0xa1, 3, 0, status, 6), S0_OK);
	assert_int_equal(status[4], 5);
}

static void command(struct hand *hand, uint8_t opcode, uint32_t address)
{
	uint8_t data[5] = { opcode };

	put_le32(data + 1, address);
	dnload(hand, 0, data, 5);
}

static void read_at(struct hand *hand, uint32_t address, uint16_t block,
		    uint16_t length)
{
	uint8_t data[1024];

	command(hand, 0x21, address);
	assert_int_equal(one(hand, 0x21, 6, 0, NULL, 0), S0_OK);
	assert_int_equal(one(hand, 0xa1, 2, block, data, length), S0_OK);
	assert_int_equal(one(hand, 0x21, 6, 0, NULL, 0), S0_OK);
}

static void past_of(struct s0_trace *trace, struct trace_past *past)
{
	struct trace_part part = { trace, 1, 1 };

	assert_int_equal(trace->events[1].kind, TRACE_OPEN);
	assert_int_equal(trace_past_read(&part, past, NULL), S0_OK);
}

static void check_same(const struct s0_trace *trace)
{
	struct s0_trace_check_options options = { .times = true };
	struct s0_trace_checked checked;

	if (s0_trace_check(trace, &options, &checked, NULL) != S0_OK)
		print_message("# transfer %u, %s: recorded %s, found %s\n",
			      (unsigned)checked.difference.transfer,
			      checked.difference.field,
			      checked.difference.recorded,
			      checked.difference.found);
	assert_string_equal(checked.difference.field, "");
}

static void done(struct hand *hand, struct s0_trace *trace)
{
	s0_trace_free(trace);
	text_free(&hand->text);
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
	begin(&hand, "sim:stm32h743,rom=0x92");
	(void)s0_sim_poke(hand.sim, 0x08040400, bytes, 32);
	read_at(&hand, 0x08040000, 3, 32);
	trace = end(&hand);
	past_of(trace, &past);
	assert_true(trace_past_held(&past, 0x08040400, found, 32));
	assert_memory_equal(found, bytes, 32);
	assert_false(trace_past_held(&past, 0x080403ff, found, 2));
	assert_false(trace_past_held(&past, 0x08040410, found, 32));
	trace_past_free(&past);
	check_same(trace);
	done(&hand, trace);
}

static void what_was_written_was_not_there_before(void **state)
{
	struct trace_past past;
	struct s0_trace *trace;
	struct hand hand;
	uint8_t found[32];

	(void)state;
	begin(&hand, "sim:stm32h743,rom=0x92");
	command(&hand, 0x21, 0x08040000);
	dnload(&hand, 4, bytes, 32);
	read_at(&hand, 0x08040000, 4, 64);
	trace = end(&hand);
	past_of(trace, &past);
	assert_false(trace_past_held(&past, 0x08040800, found, 1));
	assert_false(trace_past_held(&past, 0x0804081f, found, 1));
	assert_true(trace_past_held(&past, 0x08040820, found, 32));
	assert_int_equal(found[0], 0xff);
	trace_past_free(&past);
	check_same(trace);
	done(&hand, trace);
}

static void what_was_erased_was_not_so_before(void **state)
{
	struct trace_past past;
	struct s0_trace *trace;
	struct hand hand;
	uint8_t found[32];

	(void)state;
	begin(&hand, "sim:stm32h743,rom=0x92");
	(void)s0_sim_poke(hand.sim, 0x08040000, bytes, 32);
	ask_layout(&hand);
	command(&hand, 0x41, 0x08040000);
	read_at(&hand, 0x08040000, 2, 32);
	read_at(&hand, 0x08060000, 2, 32);
	dnload(&hand, 0, "\x41", 1);
	read_at(&hand, 0x08080000, 2, 32);
	trace = end(&hand);
	past_of(trace, &past);
	assert_false(trace_past_held(&past, 0x08040000, found, 1));
	assert_true(trace_past_held(&past, 0x08060000, found, 32));
	assert_false(trace_past_held(&past, 0x08080000, found, 1));
	trace_past_free(&past);
	check_same(trace);
	done(&hand, trace);
}

/* A board is rarely as it left the factory: BOR_LEV in OPTSR, current and to be
 * programmed. */
static void option_bytes_are_as_they_were_read(void **state)
{
	uint8_t window[308], data[308];
	struct s0_trace *trace;
	struct hand hand;

	(void)state;
	begin(&hand, "sim:stm32h743,rom=0x92");
	assert_int_equal(s0_sim_peek(hand.sim, 0x5200201c, window, 308), 308);
	window[0] ^= 0x0c;
	window[4] ^= 0x0c;
	assert_int_equal(s0_sim_poke(hand.sim, 0x5200201c, window, 307), 0);
	assert_int_equal(s0_sim_poke(hand.sim, 0x5200201c, window, 308), 308);
	command(&hand, 0x21, 0x5200201c);
	assert_int_equal(one(&hand, 0x21, 6, 0, NULL, 0), S0_OK);
	assert_int_equal(one(&hand, 0xa1, 2, 2, data, 308), S0_OK);
	assert_int_equal(data[0], window[0]);
	assert_int_equal(data[4], window[4]);
	trace = end(&hand);
	check_same(trace);
	done(&hand, trace);
}

static void a_board_that_a_person_plugs_in_again_goes_on(void **state)
{
	struct s0_trace *trace;
	struct hand hand;
	uint8_t status[6];

	(void)state;
	begin(&hand, "sim:stm32h743,fault=unplug@2");
	assert_int_equal(one(&hand, 0xa1, 3, 0, status, 6), S0_OK);
	assert_int_equal(one(&hand, 0xa1, 3, 0, status, 6), S0_E_GONE);
	assert_int_equal(hand.link->ops->reopen(hand.link, 50, NULL),
			 S0_E_GONE);
	assert_int_equal(one(&hand, 0xa1, 3, 0, status, 6), S0_E_GONE);
	s0_sim_replug(hand.sim);
	assert_int_equal(hand.link->ops->reopen(hand.link, 50, NULL), S0_OK);
	assert_int_equal(one(&hand, 0xa1, 3, 0, status, 6), S0_OK);
	read_at(&hand, 0x08000000, 2, 64);
	trace = end(&hand);
	check_same(trace);
	done(&hand, trace);
}

static void a_device_that_comes_back_is_none_that_stays_away(void **state)
{
	struct s0_trace_checked checked;
	struct s0_trace *trace;
	struct hand hand;
	uint8_t status[6];

	(void)state;
	begin(&hand, "sim:stm32h743,fault=torn@1");
	assert_int_equal(one(&hand, 0xa1, 3, 0, status, 6), S0_E_GONE);
	assert_int_equal(hand.link->ops->reopen(hand.link, 500, NULL),
			 S0_E_GONE);
	trace = end(&hand);
	check_same(trace);
	assert_int_equal(
		s0_trace_check(trace,
			       &(struct s0_trace_check_options){
				       .description = "stm32h743,"
						      "fault=brown-out@1" },
			       &checked, NULL),
		S0_E_DIFFERENT);
	assert_string_equal(checked.difference.field, "return");
	done(&hand, trace);
}

static void what_a_host_took_back_is_not_asked(void **state)
{
	uint8_t answers[3][6];
	struct usb_transfer batch[3];
	struct s0_trace *trace;
	struct hand hand;

	(void)state;
	begin(&hand, "sim:stm32h743,fault=silent@1+stall@3");
	for (int i = 0; i < 3; i++)
		batch[i] = (struct usb_transfer){ .request_type = 0xa1,
						  .request = 3,
						  .data = answers[i],
						  .length = 6,
						  .timeout_ms = 100 };
	hand.link->ops->run(hand.link, batch, 3);
	assert_int_equal(batch[2].code, S0_E_TIMEOUT);
	/* the second and the third that the device sees */
	assert_int_equal(one(&hand, 0xa1, 3, 0, answers[0], 6), S0_OK);
	assert_int_equal(one(&hand, 0xa1, 3, 0, answers[0], 6), S0_E_REFUSED);
	trace = end(&hand);
	check_same(trace);
	done(&hand, trace);
}

static void times_count_from_the_opening(void **state)
{
	struct s0_trace *trace;
	struct hand hand;
	uint8_t status[6];

	(void)state;
	begin(&hand, "sim:stm32h743");
	assert_int_equal(one(&hand, 0xa1, 3, 0, status, 6), S0_OK);
	trace = end(&hand);
	assert_int_equal(trace->events[2].kind, TRACE_TRANSFER);
	assert_true(trace->events[2].end_us < 1000);
	done(&hand, trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_first_was_there_before),
		cmocka_unit_test(what_was_written_was_not_there_before),
		cmocka_unit_test(what_was_erased_was_not_so_before),
		cmocka_unit_test(option_bytes_are_as_they_were_read),
		cmocka_unit_test(a_board_that_a_person_plugs_in_again_goes_on),
		cmocka_unit_test(
			a_device_that_comes_back_is_none_that_stays_away),
		cmocka_unit_test(what_a_host_took_back_is_not_asked),
		cmocka_unit_test(times_count_from_the_opening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
