/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "trace_hand.h"

#include <string.h>

#include "base/bytes.h"
#include "sim/sim.h"

void hand_begin(struct hand *hand, const char *selector)
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

struct s0_trace *hand_end(struct hand *hand)
{
	struct s0_trace_outcome outcome = { 0, S0_OK, S0_UNTOUCHED, "" };

	hand->link->ops->close(hand->link);
	s0_recorder_add_outcome(hand->recorder, &outcome);
	s0_recorder_free(hand->recorder);
	return parse(&hand->text);
}

s0_code hand_one(struct hand *hand, uint8_t type, uint8_t request,
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
void hand_dnload(struct hand *hand, uint16_t block, const void *bytes,
		 uint16_t length)
{
	uint8_t data[1024], status[6];

	memcpy(data, bytes, length);
	assert_int_equal(hand_one(hand, 0x21, 1, block, data, length), S0_OK);
	assert_int_equal(hand_one(hand, 0xa1, 3, 0, status, 6), S0_OK);
	assert_int_equal(hand_one(hand, 0xa1, 3, 0, status, 6), S0_OK);
	assert_int_equal(status[4], 5);
}

void hand_command(struct hand *hand, uint8_t opcode, uint32_t address)
{
	uint8_t data[5] = { opcode };

	put_le32(data + 1, address);
	hand_dnload(hand, 0, data, 5);
}

void hand_read(struct hand *hand, uint32_t address, uint16_t block,
	       uint16_t length)
{
	uint8_t data[1024];

	hand_command(hand, 0x21, address);
	assert_int_equal(hand_one(hand, 0x21, 6, 0, NULL, 0), S0_OK);
	assert_int_equal(hand_one(hand, 0xa1, 2, block, data, length), S0_OK);
	assert_int_equal(hand_one(hand, 0x21, 6, 0, NULL, 0), S0_OK);
}

void hand_check_same_as(const struct s0_trace *trace, const char *description)
{
	struct s0_trace_check_options options = { .description = description,
						  .times = true };
	struct s0_trace_checked checked;

	if (s0_trace_check(trace, &options, &checked, NULL) != S0_OK)
		print_message("# transfer %u, %s: recorded %s, found %s\n",
			      (unsigned)checked.difference.transfer,
			      checked.difference.field,
			      checked.difference.recorded,
			      checked.difference.found);
	assert_string_equal(checked.difference.field, "");
}

void hand_check_same(const struct s0_trace *trace)
{
	hand_check_same_as(trace, NULL);
}

void hand_done(struct hand *hand, struct s0_trace *trace)
{
	s0_trace_free(trace);
	text_free(&hand->text);
}

void hand_check_differs(const struct s0_trace *trace, const char *description,
			const char *field, const char *recorded)
{
	struct s0_trace_check_options options = { .description = description };
	struct s0_trace_checked checked;

	assert_int_equal(s0_trace_check(trace, &options, &checked, NULL),
			 S0_E_DIFFERENT);
	assert_string_equal(checked.difference.field, field);
	if (!strstr(checked.difference.recorded, recorded))
		print_message("# %s\n", checked.difference.recorded);
	assert_non_null(strstr(checked.difference.recorded, recorded));
}
