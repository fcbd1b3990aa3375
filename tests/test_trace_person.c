/* SPDX-License-Identifier: MIT */
/* A virtual chip asked what a device was asked that was unplugged, or left by
 * itself. */
#include <string.h>

#include "test.h"
#include "trace_hand.h"

static void a_board_that_a_person_plugs_in_again_goes_on(void **state)
{
	struct s0_trace *trace;
	struct hand hand;
	uint8_t status[6];

	(void)state;
	hand_begin(&hand, "sim:stm32h743,fault=unplug@2");
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, status, 6), S0_OK);
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, status, 6), S0_E_GONE);
	assert_int_equal(hand.link->ops->reopen(hand.link, 50, NULL),
			 S0_E_GONE);
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, status, 6), S0_E_GONE);
	s0_sim_replug(hand.sim);
	assert_int_equal(hand.link->ops->reopen(hand.link, 50, NULL), S0_OK);
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, status, 6), S0_OK);
	hand_read(&hand, 0x08000000, 2, 64);
	trace = hand_end(&hand);
	hand_check_same(trace);
	hand_done(&hand, trace);
}

/* What to do about it is said: from the reopening on, all is compared. */
static void a_board_that_left_unasked_was_perhaps_unplugged(void **state)
{
	static const char fault[] = "stm32h743,rom=0x92,fault=unplug@2";
	struct trace_event *last = NULL;
	struct s0_trace *trace;
	struct hand hand;
	uint8_t status[6];

	(void)state;
	hand_begin(&hand, "sim:stm32h743,rom=0x92,fault=unplug@2");
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, status, 6), S0_OK);
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, status, 6), S0_E_GONE);
	s0_sim_replug(hand.sim);
	assert_int_equal(hand.link->ops->reopen(hand.link, 50, NULL), S0_OK);
	hand_read(&hand, 0x08000000, 2, 64);
	trace = hand_end(&hand);
	hand_check_differs(
		trace, "stm32h743,rom=0x92", "answer",
		"GETSTATUS: E_GONE, which nothing asked for: unplugged, "
		"reset or without power? (fault=unplug@2)");
	hand_check_same_as(trace, fault);
	/* behind it too */
	for (size_t i = 0; i < trace->count; i++)
		if (trace->events[i].request == 3)
			last = &trace->events[i];
	last->data[4] = 0x0a;
	hand_check_differs(trace, fault, "data", "byte 4 is 0x0a");
	hand_done(&hand, trace);
}

static void a_board_that_was_told_to_leave_was_not_unplugged(void **state)
{
	struct s0_trace_checked checked;
	struct s0_trace *trace;
	struct hand hand;
	uint8_t status[6];

	(void)state;
	hand_begin(&hand, "sim:stm32h743,fault=unplug@2");
	assert_int_equal(hand_one(&hand, 0x21, 1, 0, NULL, 0), S0_OK);
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, status, 6), S0_E_GONE);
	trace = hand_end(&hand);
	assert_int_equal(
		s0_trace_check(
			trace,
			&(struct s0_trace_check_options){
				.description = "stm32h743,fault=stall@2" },
			&checked, NULL),
		S0_E_DIFFERENT);
	assert_string_equal(checked.difference.recorded, "GETSTATUS: E_GONE");
	hand_done(&hand, trace);
}

static void a_device_that_comes_back_is_none_that_stays_away(void **state)
{
	struct s0_trace_checked checked;
	struct s0_trace *trace;
	struct hand hand;
	uint8_t status[6];

	(void)state;
	hand_begin(&hand, "sim:stm32h743,fault=torn@1");
	assert_int_equal(hand_one(&hand, 0xa1, 3, 0, status, 6), S0_E_GONE);
	assert_int_equal(hand.link->ops->reopen(hand.link, 500, NULL),
			 S0_E_GONE);
	trace = hand_end(&hand);
	hand_check_same(trace);
	assert_int_equal(
		s0_trace_check(trace,
			       &(struct s0_trace_check_options){
				       .description = "stm32h743,"
						      "fault=brown-out@1" },
			       &checked, NULL),
		S0_E_DIFFERENT);
	assert_string_equal(checked.difference.field, "return");
	hand_done(&hand, trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_board_that_a_person_plugs_in_again_goes_on),
		cmocka_unit_test(
			a_board_that_left_unasked_was_perhaps_unplugged),
		cmocka_unit_test(
			a_board_that_was_told_to_leave_was_not_unplugged),
		cmocka_unit_test(
			a_device_that_comes_back_is_none_that_stays_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
