/* SPDX-License-Identifier: MIT */
/* Whether a virtual chip answered as it was recorded, and how it differs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "device/trace_check.h"

enum { GETSTATUS = 3 };

/* By how much any two durations may differ: hosts are not real-time. */
#define SLACK_US 2000

void check_differs(struct check *check, const struct trace_event *event,
		   const char *field, const char *recorded, const char *found)
{
	struct s0_trace_difference *difference = &check->checked->difference;

	if (check->different)
		return;
	check->different = true;
	difference->line = (size_t)(event - check->trace->events) + 1;
	difference->transfer = event->number;
	if (event->kind == TRACE_STRING)
		(void)snprintf(difference->subject, sizeof difference->subject,
			       "string %u", event->value);
	(void)snprintf(difference->field, sizeof difference->field, "%s",
		       field);
	(void)snprintf(difference->recorded, sizeof difference->recorded, "%s",
		       recorded);
	(void)snprintf(difference->found, sizeof difference->found, "%s",
		       found);
}

bool check_same_number(struct check *check, const struct trace_event *event,
		       const char *field, size_t recorded, size_t found)
{
	char then[32], now[32];

	if (recorded == found)
		return true;
	(void)snprintf(then, sizeof then, "%zu", recorded);
	(void)snprintf(now, sizeof now, "%zu", found);
	check_differs(check, event, field, then, now);
	return false;
}

bool check_same_code(struct check *check, const struct trace_event *event,
		     s0_code found)
{
	bool lost = event->code == S0_E_GONE && !check->told_to_leave;
	char words[TRACE_WORDS], then[192], fault[40] = "";

	if (event->code == found)
		return true;
	trace_event_words(words, event);
	if (event->kind == TRACE_TRANSFER)
		(void)snprintf(fault, sizeof fault,
			       " (fault=unplug@%" PRIu64 ")",
			       s0_sim_transfers(check->sim));
	(void)snprintf(then, sizeof then, "%.60s: %s%s%s", words,
		       s0_code_name(event->code),
		       lost ? ", which nothing asked for: unplugged, reset "
			      "or without power?"
			    : "",
		       lost ? fault : "");
	check_differs(check, event, "answer", then, s0_code_name(found));
	return false;
}

/* The text of a string descriptor; none where it is none. */
static bool text_of(const uint8_t *raw, size_t length, char text[128])
{
	size_t used = 0;

	if (length < 4 || length % 2 || raw[0] != length || raw[1] != 3)
		return false;
	for (size_t i = 2; i < length; i += 2) {
		if (raw[i + 1] || raw[i] < 0x20 || raw[i] > 0x7e)
			return false;
		text[used++] = (char)raw[i];
	}
	text[used] = '\0';
	return true;
}

static bool differ_in_text(struct check *check, const struct trace_event *event,
			   size_t length)
{
	char recorded[128], found[128], then[136], now[136];

	if (event->kind != TRACE_STRING || event->value == 0 ||
	    !text_of(event->data, event->data_length, recorded) ||
	    !text_of(check->data, length, found))
		return false;
	(void)snprintf(then, sizeof then, "\"%s\"", recorded);
	(void)snprintf(now, sizeof now, "\"%s\"", found);
	check_differs(check, event, "text", then, now);
	return true;
}

/* Are they of one GETSTATUS each, and only the poll times differ? */
static double poll_factor(const uint8_t *then, const uint8_t *now)
{
	uint32_t recorded = get_le24(then + 1), found = get_le24(now + 1);

	if (then[0] != now[0] || then[4] != now[4] || then[5] != now[5] ||
	    recorded == 0 || found == 0)
		return 0;
	return (double)recorded / found;
}

bool check_same_data(struct check *check, const struct trace_event *event,
		     size_t length)
{
	char words[TRACE_WORDS], then[TRACE_WORDS], now[32];
	size_t at = 0;

	if (length == event->data_length &&
	    (length == 0 || memcmp(event->data, check->data, length) == 0))
		return true;
	if (differ_in_text(check, event, length) ||
	    !check_same_number(check, event, "length", event->data_length,
			       length))
		return false;
	while (event->data[at] == check->data[at])
		at++;
	trace_event_words(words, event);
	(void)snprintf(then, sizeof then, "%.100s, byte %zu is 0x%02x", words,
		       at, event->data[at]);
	(void)snprintf(now, sizeof now, "0x%02x", check->data[at]);
	check_differs(check, event, "data", then, now);
	if (event->kind == TRACE_TRANSFER && event->request == GETSTATUS &&
	    length == 6)
		check->poll_factor = poll_factor(event->data, check->data);
	return false;
}

void check_same_descriptor(struct check *check, const struct trace_event *event,
			   const char *key, const uint8_t *bytes, size_t length,
			   s0_code code, size_t found)
{
	char then[64], now[32];
	size_t at = 0;

	while (at < length && at < found && bytes[at] == check->data[at])
		at++;
	if (at == length && at == found)
		return;
	if (code != S0_OK) {
		check_differs(check, event, key, "one", s0_code_name(code));
		return;
	}
	(void)snprintf(then, sizeof then, "%zu bytes", length);
	(void)snprintf(now, sizeof now, "%zu bytes", found);
	if (at < length && at < found) {
		(void)snprintf(then, sizeof then, "byte %zu is 0x%02x", at,
			       bytes[at]);
		(void)snprintf(now, sizeof now, "0x%02x", check->data[at]);
	}
	check_differs(check, event, key, then, now);
}

void check_same_time(struct check *check, const struct trace_event *event,
		     uint64_t found_us)
{
	uint64_t then_us = event->end_us - event->start_us;
	uint64_t more = then_us > found_us ? then_us : found_us;
	uint64_t apart =
		then_us > found_us ? then_us - found_us : found_us - then_us;
	char then[TRACE_WORDS], now[32], words[TRACE_WORDS];

	if (!check->options->times ||
	    apart <= SLACK_US + more / 100 * check->options->percent)
		return;
	trace_event_words(words, event);
	(void)snprintf(then, sizeof then, "%.100s: %" PRIu64 " us", words,
		       then_us);
	(void)snprintf(now, sizeof now, "%" PRIu64 " us", found_us);
	check_differs(check, event, "time", then, now);
}
