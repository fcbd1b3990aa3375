/* SPDX-License-Identifier: MIT */
/* Recorded sessions: a replay comes to the same, or says what is not as it
 * was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "trace_help.h"

/* The replay must see the same errors, results and times. */
static void check_round(const char *selector, uint64_t stop_at)
{
	struct job then = { .stop_at = stop_at }, now = { 0 };
	struct s0_trace_difference difference;
	struct s0_trace_summary sum;
	struct text text = { 0 };
	struct s0_trace *trace;

	record(&text, selector, NULL, &then);
	trace = parse(&text);
	s0_trace_summarise(trace, &sum);
	assert_int_equal(replay(trace, &now, &difference), sum.all.transfers);
	assert_string_equal(difference.recorded, "");
	assert_int_equal(now.err.code, then.err.code);
	assert_int_equal(now.err.aftermath, then.err.aftermath);
	assert_string_equal(now.err.message, then.err.message);
	assert_memory_equal(&now.result, &then.result, sizeof now.result);
	s0_trace_free(trace);
	text_free(&text);
}

static void a_session_runs_again_to_the_same_result(void **state)
{
	(void)state;
	check_round("sim:stm32h743,rom=0x92", 0);
}

static void a_failure_comes_again_with_its_facts(void **state)
{
	static const char *const faults[] = { "stall",	"silent", "lost-reply",
					      "unplug", "lie",	  "torn",
					      "hang" };
	char selector[64];

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		for (unsigned at = 5; at < 200; at += 61) {
			(void)snprintf(selector, sizeof selector,
				       "sim:stm32h743,fault=%s@%u", faults[i],
				       at);
			check_round(selector, 0);
		}
}

/* Nobody presses Ctrl-C in the replay. */
static void a_stop_comes_again_where_it_came(void **state)
{
	(void)state;
	check_round("sim:stm32h743", 1);
	check_round("sim:stm32h743", 3000);
	check_round("sim:stm32h743", 6000);
}

static void a_device_that_cannot_be_opened_cannot_be_opened_again(void **state)
{
	(void)state;
	check_round("sim:stm99", 0);
	check_round("no such selector", 0);
}

static void a_trace_says_what_happened(void **state)
{
	struct text text = { 0 };
	struct job job = { 0 };
	struct s0_trace *trace;
	const char *line;
	size_t length = 0;

	(void)state;
	record(&text, "sim:stm32h743", NULL, &job);
	trace = parse(&text);
	assert_string_equal(s0_trace_head(trace)->program, "tests");
	assert_int_equal(s0_trace_head(trace)->command_count, 2);
	assert_string_equal(s0_trace_head(trace)->command[1], "b c");
	assert_string_equal(s0_trace_head(trace)->selector, "sim:x");
	assert_non_null(s0_trace_outcome(trace));
	line = s0_trace_line(trace, s0_trace_count(trace) - 1, &length);
	assert_memory_equal(line, "{\"event\":\"outcome\"", 18);
	assert_int_equal(line[length - 1], '}');
	s0_trace_free(trace);
	text_free(&text);
}

static void collect(void *payload, const char *line)
{
	text_add(payload, "%s\n", line);
}

static void commands_are_shown_by_their_names(void **state)
{
	struct text text = { 0 }, shown = { 0 };
	struct job job = { 0 };
	struct s0_trace *trace;

	(void)state;
	record(&text, "sim:stm32h743,fault=stall@9", NULL, &job);
	trace = parse(&text);
	assert_int_equal(s0_trace_print(trace, collect, &shown, NULL), S0_OK);
	assert_non_null(strstr(shown.chars, "DNLOAD Set Address 0x08020000 "));
	assert_non_null(strstr(shown.chars, "DNLOAD Erase 0x08020000 "));
	assert_non_null(strstr(shown.chars, "DNLOAD block 2, 1024 bytes "));
	assert_non_null(strstr(shown.chars, "  OK, dfuDNBUSY, poll 1000 ms\n"));
	assert_non_null(strstr(shown.chars, "  E_REFUSED\n"));
	assert_non_null(
		strstr(shown.chars, "@Internal Flash   /0x08000000/16*128Kg"));
	assert_non_null(strstr(shown.chars, "ended with status 0\n"));
	s0_trace_free(trace);
	text_free(&text);
	text_free(&shown);
}

static struct trace_event *find(struct s0_trace *trace, enum trace_kind kind,
				uint8_t request, unsigned nth)
{
	for (size_t i = 0; i < trace->count; i++) {
		struct trace_event *event = &trace->events[i];

		if (event->kind == kind &&
		    (kind != TRACE_TRANSFER || event->request == request) &&
		    nth-- == 0)
			return event;
	}
	fail_msg("no such event");
	return NULL;
}

static void check_found_at(struct s0_trace *trace, uint32_t address,
			   const char *field, const char *recorded,
			   const char *found)
{
	struct s0_trace_difference difference;
	struct job job = { .address = address };

	(void)replay(trace, &job, &difference);
	assert_string_equal(difference.field, field);
	if (!strstr(difference.recorded, recorded) ||
	    !strstr(difference.found, found))
		print_message("# recorded %s; now %s\n", difference.recorded,
			      difference.found);
	assert_non_null(strstr(difference.recorded, recorded));
	assert_non_null(strstr(difference.found, found));
}

static void check_found(struct s0_trace *trace, const char *field,
			const char *recorded, const char *found)
{
	check_found_at(trace, 0, field, recorded, found);
}

static void a_difference_is_named_by_its_field(void **state)
{
	struct text text;
	struct s0_trace *trace;
	struct trace_event *event;

	(void)state;
	trace = make_trace(&text, "sim:stm32h743", 0);
	event = find(trace, TRACE_TRANSFER, 2, 20);
	event->value++;
	check_found(trace, "value", "UPLOAD block", "UPLOAD block");
	event->value--;
	event->request = 1;
	event->request_type = 0x21;
	check_found(trace, "request", "DNLOAD", "UPLOAD");
	event->request = 2;
	event->request_type = 0xa1;
	event->batch_of = 1;
	check_found(trace, "batch", "of 1 ", " of ");
	s0_trace_free(trace);
	text_free(&text);

	trace = make_trace(&text, "sim:stm32h743", 0);
	find(trace, TRACE_TRANSFER, 1, 9)->data[3] ^= 0x10;
	check_found(trace, "data", "byte 3 is 0x", "byte 3 is 0x");
	s0_trace_free(trace);
	text_free(&text);

	trace = make_trace(&text, "sim:stm32h743", 0);
	find(trace, TRACE_TRANSFER, 2, 4)->length = 4;
	check_found(trace, "length", "4 bytes", "308 bytes");
	s0_trace_free(trace);
	text_free(&text);
}

static void strings_and_time_outs_are_compared_too(void **state)
{
	struct text text;
	struct s0_trace *trace =
		make_trace(&text, "sim:stm32h743,fault=silent@11", 0);
	struct trace_event *event;

	(void)state;
	event = find(trace, TRACE_STRING, 0, 1);
	event->value = 9;
	check_found(trace, "step", "string 9", "string 2");
	event->value = 2;
	for (event = trace->events; event->code != S0_E_TIMEOUT; event++)
		;
	event->ms += 1000;
	check_found(trace, "time-out", "6000 ms", "5000 ms");
	s0_trace_free(trace);
	text_free(&text);
}

static void waits_are_compared(void **state)
{
	struct text text;
	struct s0_trace *trace =
		make_trace(&text, "sim:stm32h743,rom=0x91", 0x08120000);
	struct trace_event *event = NULL;

	(void)state;
	for (size_t i = 0; i < trace->count && !event; i++)
		if (trace->events[i].kind == TRACE_WAIT)
			event = &trace->events[i];
	if (event) {
		event->ms++;
		check_found_at(trace, 0x08120000, "step", "wait ", "wait ");
	}
	s0_trace_free(trace);
	text_free(&text);
	assert_non_null(event);
}

/* Notes of what is about to be changed are safe before it is. */
static void what_is_written_to_the_records_is_compared(void **state)
{
	struct text text;
	struct s0_trace *trace = make_trace(&text, "sim:stm32h743", 0);
	struct trace_event *first = find(trace, TRACE_RECORDS_WRITTEN, 0, 0);
	struct trace_event *last = first;

	(void)state;
	for (struct trace_event *at = trace->events;
	     at < trace->events + trace->count; at++)
		if (at->kind == TRACE_RECORDS_WRITTEN)
			last = at;
	assert_true(first->synced && first->bytes >= 20);
	assert_true(find(trace, TRACE_TRANSFER, 1, 20) > first);
	assert_false(last->synced);
	first->data[31] ^= 1;
	check_found(trace, "records", "bytes, SHA-256 ", "bytes, SHA-256 ");
	first->data[31] ^= 1;
	first->synced = false;
	check_found(trace, "step", "close the records, ", "sync the records, ");
	first->synced = true;
	first->kind = TRACE_OTHER;
	check_found(trace, "step", "DNLOAD ", "sync the records, ");
	first->kind = TRACE_RECORDS_WRITTEN;
	last->kind = TRACE_OTHER;
	check_found(trace, "step", "nothing more", "close the records, ");
	s0_trace_free(trace);
	text_free(&text);
}

/* Those of earlier programs say nothing of it. */
static void a_trace_without_what_was_written_is_replayed_too(void **state)
{
	struct s0_trace_difference difference;
	struct job job = { 0 };
	struct text text;
	struct s0_trace *trace = make_trace(&text, "sim:stm32h743", 0);

	(void)state;
	for (size_t i = 0; i < trace->count; i++) {
		trace->events[i].told = false;
		if (trace->events[i].kind == TRACE_RECORDS_WRITTEN)
			trace->events[i].kind = TRACE_OTHER;
	}
	assert_true(replay(trace, &job, &difference) > 0);
	assert_string_equal(difference.recorded, "");
	s0_trace_free(trace);
	text_free(&text);
}

static void another_outcome_is_a_difference(void **state)
{
	struct text text;
	struct s0_trace *trace = make_trace(&text, "sim:stm32h743", 0);

	(void)state;
	trace->outcome.aftermath = S0_PARTIAL;
	trace->outcome.code = S0_E_GONE;
	check_found(trace, "outcome", "E_GONE, device partial", "OK");
	s0_trace_free(trace);
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_runs_again_to_the_same_result),
		cmocka_unit_test(a_failure_comes_again_with_its_facts),
		cmocka_unit_test(a_stop_comes_again_where_it_came),
		cmocka_unit_test(
			a_device_that_cannot_be_opened_cannot_be_opened_again),
		cmocka_unit_test(a_trace_says_what_happened),
		cmocka_unit_test(commands_are_shown_by_their_names),
		cmocka_unit_test(a_difference_is_named_by_its_field),
		cmocka_unit_test(strings_and_time_outs_are_compared_too),
		cmocka_unit_test(waits_are_compared),
		cmocka_unit_test(what_is_written_to_the_records_is_compared),
		cmocka_unit_test(
			a_trace_without_what_was_written_is_replayed_too),
		cmocka_unit_test(another_outcome_is_a_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
