/* SPDX-License-Identifier: MIT */
/* The recorder is a link like the others, and what it wrote down gives the same
 * answers again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "link/trace/trace.h"
#include "link_contract.h"
#include "sim/sim.h"
#include "test.h"

/* A trace being written, in memory. */
static bool keep(void *payload, const void *bytes, size_t length)
{
	text_add_bytes(payload, bytes, length);
	return true;
}

static bool throw_away(void *payload, const void *bytes, size_t length)
{
	(void)payload;
	(void)bytes;
	return length > 0;
}

static struct s0_recorder *make_recorder(s0_sink_fn write, void *payload)
{
	static const char *const words[] = { "test", "me" };
	struct s0_trace_head head = { "tests", "2026-01-01T00:00:00Z", words, 2,
				      NULL };
	struct s0_recorder *recorder;

	assert_int_equal(
		s0_recorder_new(&head, write, payload, &recorder, NULL), S0_OK);
	return recorder;
}

/* ---- the contract of every link ---- */

struct fixture {
	struct link_fixture fixture;
	struct s0_sim *sim;
	struct s0_recorder *recorder;
};

static struct usb_link *fixture_open(struct link_fixture *fixture)
{
	static const struct trace_opened told = { "sim:stm32h743", true };
	struct fixture *me = (struct fixture *)fixture;
	struct usb_link *link;

	if (s0_sim_new("stm32h743", &me->sim, NULL) != S0_OK ||
	    sim_link_new(me->sim, false, "sim:stm32h743", &link, NULL) != S0_OK)
		return NULL;
	me->recorder = make_recorder(throw_away, NULL);
	recorder_wrap_link(me->recorder, &told, &link);
	return link;
}

static void fixture_trouble(struct link_fixture *fixture, unsigned nth,
			    enum link_trouble trouble)
{
	static const s0_sim_fault faults[] = {
		[LINK_STALL] = S0_SIM_FAULT_STALL,
		[LINK_SILENT] = S0_SIM_FAULT_SILENT,
		[LINK_UNPLUG] = S0_SIM_FAULT_UNPLUG,
	};
	struct s0_sim *sim = ((struct fixture *)fixture)->sim;

	s0_sim_fail_at(sim, s0_sim_transfers(sim) + nth, faults[trouble]);
}

static void fixture_replug(struct link_fixture *fixture)
{
	s0_sim_replug(((struct fixture *)fixture)->sim);
}

static void fixture_close(struct link_fixture *fixture)
{
	struct fixture *me = (struct fixture *)fixture;

	assert_true(s0_recorder_complete(me->recorder));
	s0_recorder_free(me->recorder);
	s0_sim_free(me->sim);
}

static const struct link_fixture_ops fixture_ops = {
	.open = fixture_open,
	.trouble = fixture_trouble,
	.replug = fixture_replug,
	.close = fixture_close,
};

/* ---- there and back ---- */

/* A session on a link: whatever it does, done twice. What it saw goes into the
 * text. */
struct seen {
	struct text text;
	uint64_t base_us; /* link's clock when it began */
};
typedef void (*session_fn)(struct usb_link *link, struct seen *seen);

static void see(struct seen *seen_, const struct usb_transfer *t)
{
	struct text *seen = &seen_->text;

	text_add(seen, "%s %d %u %llu-%llu", s0_code_name(t->code), t->usb_code,
		 t->moved, (unsigned long long)(t->start_us - seen_->base_us),
		 (unsigned long long)(t->end_us - seen_->base_us));
	for (unsigned i = 0; t->request_type & 0x80 && i < t->moved; i++)
		text_add(seen, " %02x", t->data[i]);
	text_add(seen, "\n");
}

static struct usb_transfer in(uint8_t request, uint16_t value, uint8_t *data,
			      uint16_t length)
{
	return (struct usb_transfer){ .request_type = 0xa1,
				      .request = request,
				      .value = value,
				      .length = length,
				      .data = data,
				      .timeout_ms = 2000 };
}

static struct usb_transfer out(uint8_t request, uint16_t value, uint8_t *data,
			       uint16_t length)
{
	struct usb_transfer transfer = in(request, value, data, length);

	transfer.request_type = 0x21;
	return transfer;
}

static void see_clock(struct usb_link *link, struct seen *seen)
{
	text_add(&seen->text, "%llu\n",
		 (unsigned long long)(link->ops->now_us(link) - seen->base_us));
}

static void run(struct usb_link *link, struct usb_transfer *transfers,
		size_t count, struct seen *seen)
{
	link->ops->run(link, transfers, count);
	for (size_t i = 0; i < count; i++)
		see(seen, &transfers[i]);
}

static void a_bit_of_everything(struct usb_link *link, struct seen *seen)
{
	uint8_t command[5] = { 0x41, 0, 0, 0, 8 }, status[2][6], data[1024];
	struct usb_transfer erase[] = { out(1, 0, command, 5),
					in(3, 0, status[0], 6),
					in(3, 0, status[1], 6) };
	struct usb_transfer read = in(2, 2, data, sizeof data);
	struct usb_transfer abort_it = out(6, 0, NULL, 0);
	struct usb_transfer bad = in(2, 1, data, 64);
	char name[64];

	usb_link_string(link, 6, name, sizeof name);
	text_add(&seen->text, "%s\n", name);
	usb_link_string(link, 77, name, sizeof name);
	text_add(&seen->text, "'%s'\n", name);
	text_add(&seen->text, "%d %d\n", link->ops->set_alt(link, 1, NULL),
		 link->ops->set_alt(link, 9, NULL));
	run(link, erase, 3, seen);
	run(link, &abort_it, 1, seen);
	see_clock(link, seen);
	link->ops->wait_ms(link, 250);
	see_clock(link, seen);
	run(link, &read, 1, seen);
	run(link, &bad, 1, seen);
}

static void a_device_that_is_silent_and_leaves(struct usb_link *link,
					       struct seen *seen)
{
	struct s0_error err = S0_ERROR_INIT;
	uint8_t state[4][1];
	struct usb_transfer batch[3], one = in(5, 0, state[3], 1);

	/* faults: the 2nd is silent, the 5th a brown-out */
	for (int i = 0; i < 3; i++)
		batch[i] = in(5, 0, state[i], 1);
	run(link, batch, 3, seen);
	run(link, &one, 1, seen);
	run(link, batch, 3, seen);
	text_add(&seen->text, "%d\n", link->ops->reopen(link, 20, &err));
	text_add(&seen->text, "%s %d\n", err.message, err.usb_code);
	text_add(&seen->text, "%d\n", link->ops->reopen(link, 5000, NULL));
	text_add(&seen->text, "%u %s\n", link->facts.config_length,
		 link->facts.path);
	run(link, &one, 1, seen);
	text_add(&seen->text, "%d\n", usb_link_reset(link, NULL));
	run(link, &one, 1, seen);
	see_clock(link, seen);
}

static void record(const char *selector, session_fn session, struct text *trace,
		   struct seen *seen)
{
	struct trace_opened told = { selector, true };
	struct s0_recorder *recorder = make_recorder(keep, trace);
	struct s0_trace_outcome outcome = { 0, S0_OK, S0_UNTOUCHED, "" };
	struct s0_sim *sim;
	struct usb_link *link;

	assert_int_equal(s0_sim_new(selector, &sim, NULL), S0_OK);
	assert_int_equal(sim_link_new(sim, true, selector, &link, NULL), S0_OK);
	recorder_wrap_link(recorder, &told, &link);
	seen->base_us = link->ops->now_us(link);
	session(link, seen);
	link->ops->close(link);
	s0_recorder_add_outcome(recorder, &outcome);
	assert_true(s0_recorder_complete(recorder));
	s0_recorder_free(recorder);
}

static struct s0_trace *parse(const struct text *trace)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_trace *parsed = NULL;

	if (s0_trace_parse("t", trace->chars, trace->length, &parsed, &err))
		print_message("# %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	return parsed;
}

static void replay(const struct s0_trace *trace, session_fn session,
		   struct seen *seen, struct s0_trace_difference *ret)
{
	struct s0_trace_outcome outcome = { 0, S0_OK, S0_UNTOUCHED, "" };
	struct s0_replay *replay_;
	const struct trace_event *event;
	struct usb_link *link;

	assert_int_equal(s0_replay_new(trace, &replay_, NULL), S0_OK);
	event = replay_take(replay_, TRACE_OPEN, "open");
	assert_non_null(event);
	assert_int_equal(replay_link_new(replay_, event, &link, NULL), S0_OK);
	seen->base_us = link->ops->now_us(link);
	session(link, seen);
	link->ops->close(link);
	s0_replay_add_outcome(replay_, &outcome);
	memset(ret, 0, sizeof *ret);
	if (s0_replay_difference(replay_))
		*ret = *s0_replay_difference(replay_);
	s0_replay_free(replay_);
}

static void check_round(const char *selector, session_fn session)
{
	struct text text = { 0 };
	struct seen seen = { 0 }, again = { 0 };
	struct s0_trace_difference difference;
	struct s0_trace *trace;

	record(selector, session, &text, &seen);
	trace = parse(&text);
	replay(trace, session, &again, &difference);
	assert_string_equal(difference.recorded, "");
	assert_string_equal(text_chars(&seen.text), text_chars(&again.text));
	s0_trace_free(trace);
	text_free(&text);
	text_free(&seen.text);
	text_free(&again.text);
}

static void a_replay_gives_the_recorded_answers(void **state)
{
	(void)state;
	check_round("sim:stm32h743", a_bit_of_everything);
}

static void time_outs_departures_and_returns_come_again(void **state)
{
	(void)state;
	check_round("sim:stm32h743,fault=silent@2+brown-out@5",
		    a_device_that_is_silent_and_leaves);
}

int main(void)
{
	struct fixture fixture = { .fixture = { .ops = &fixture_ops,
						.patience_ms = 1000 } };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replay_gives_the_recorded_answers),
		cmocka_unit_test(time_outs_departures_and_returns_come_again),
	};
	int failed =
		link_contract_run("link that is recorded", &fixture.fixture);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
