/* SPDX-License-Identifier: MIT */
/* A trace for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "link/trace/trace.h"
#include "proto/dfuse_internal.h"

/* Bytes of data that are shown at each end. */
#define SHOWN 8

struct printing {
	const struct s0_trace *trace;
	s0_line_fn line;
	void *payload;
	struct text text; /* the line being made */
};

static s0_code flush(struct printing *p, struct s0_error *err)
{
	s0_code code = p->text.failed ? error_memory(err) : S0_OK;

	if (code == S0_OK)
		p->line(p->payload, text_chars(&p->text));
	text_free(&p->text);
	memset(&p->text, 0, sizeof p->text);
	return code;
}

static void add_data(struct text *text, const uint8_t *data, size_t length)
{
	bool all = length <= 2 * SHOWN + 2;

	for (size_t i = 0; i < (all ? length : SHOWN); i++)
		text_add(text, "%s%02x", i ? " " : "", data[i]);
	if (all)
		return;
	text_add(text, " …");
	for (size_t i = length - SHOWN; i < length; i++)
		text_add(text, " %02x", data[i]);
}

static bool is_status(const struct trace_event *event)
{
	return event->request_type == 0xa1 && event->request == DFU_GETSTATUS &&
	       event->moved == 6;
}

static bool is_state(const struct trace_event *event)
{
	return event->request_type == 0xa1 && event->request == 5 &&
	       event->moved == 1;
}

/* What came back, or what went out where nothing does. */
static void add_answer(struct text *text, const struct trace_event *event)
{
	bool in = event->request_type & 0x80;

	if (event->code != S0_OK) {
		text_add(text, "  %s", s0_code_name(event->code));
		if (event->usb_code)
			text_add(text, " (%d)", event->usb_code);
		return;
	}
	if (is_status(event)) {
		text_add(text, "  %s, %s", dfuse_status_name(event->data[0]),
			 dfuse_state_name(event->data[4]));
		if (get_le24(event->data + 1))
			text_add(text, ", poll %" PRIu32 " ms",
				 get_le24(event->data + 1));
		return;
	}
	if (is_state(event)) {
		text_add(text, "  %s", dfuse_state_name(event->data[0]));
		return;
	}
	if (in && event->moved < event->length)
		text_add(text, "  only %u bytes", event->moved);
	/* A command's bytes are in its words. */
	if (event->data_length > 0 && (in || event->value != 0)) {
		text_add(text, "  ");
		add_data(text, event->data, event->data_length);
	}
}

static void add_time(struct text *text, const struct trace_event *event)
{
	text_add(text, "%12.3f ", (double)event->start_us / 1000);
}

static void add_duration(struct text *text, const struct trace_event *event)
{
	text_add(text, " %10.3f ms",
		 (double)(event->end_us - event->start_us) / 1000);
}

static void add_words(struct text *text, const struct trace_event *event)
{
	char words[TRACE_WORDS];

	trace_event_words(words, event);
	text_add(text, "  %-34s", words);
}

static void add_transfer(struct text *text, const struct trace_event *event)
{
	add_time(text, event);
	text_add(text, "%6" PRIu64 " %c", event->number,
		 event->batch_at > 0   ? '|'
		 : event->batch_of > 1 ? '+'
				       : ' ');
	add_words(text, event);
	add_duration(text, event);
	add_answer(text, event);
}

static void add_failure(struct text *text, const struct trace_event *event)
{
	struct s0_error err = S0_ERROR_INIT;

	if (trace_error(event, &err) != S0_OK)
		text_add(text, "  %s: %s", s0_code_name(err.code), err.message);
}

static void add_other(struct text *text, const struct trace_event *event)
{
	add_time(text, event);
	text_add(text, "%8s", "");
	add_words(text, event);
	add_duration(text, event);
	if (event->object)
		add_failure(text, event);
	if (event->kind == TRACE_STRING && event->code == S0_OK) {
		text_add(text, "  ");
		for (size_t i = 2; i + 1 < event->data_length; i += 2)
			text_add(text, "%c",
				 event->data[i + 1] || event->data[i] < 0x20 ||
						 event->data[i] > 0x7e
					 ? '?'
					 : event->data[i]);
	}
}

static void add_head(struct text *text, const struct s0_trace_head *head)
{
	text_add(text, "recorded by %s, %s: sector0", head->program,
		 head->date);
	for (size_t i = 0; i < head->command_count; i++)
		text_add(text, " %s", head->command[i]);
	if (head->selector)
		text_add(text, " (SECTOR0_DEVICE=%s)", head->selector);
}

static void add_open(struct text *text, const struct trace_event *event)
{
	uint8_t desc[18] = { 0 };
	const char *path = trace_text(event, "path");
	const char *speed = trace_text(event, "speed");

	text_add(text, "open");
	if (event->code != S0_OK) {
		add_failure(text, event);
		return;
	}
	(void)trace_bytes(event, "device_descriptor", desc, sizeof desc);
	text_add(text, " %u: %s  %04x:%04x  %s", event->link, path ? path : "?",
		 get_le16(desc + 8), get_le16(desc + 10), speed ? speed : "");
}

static void add_input(struct text *text, const struct trace_event *event)
{
	text_add(text, "file %s: %" PRIu64 " bytes, SHA-256 ",
		 trace_text(event, "name"),
		 trace_number(event, "length", INT64_MAX));
	for (size_t i = 0; i < event->data_length; i++)
		text_add(text, "%02x", event->data[i]);
}

static void add_outcome(struct text *text,
			const struct s0_trace_outcome *outcome)
{
	text_add(text, "ended with status %d", outcome->status);
	if (outcome->code != S0_OK)
		text_add(text, ", %s, device %s: %s",
			 s0_code_name(outcome->code),
			 s0_aftermath_name(outcome->aftermath),
			 outcome->message);
}

static void add_begin(struct text *text, const struct trace_event *event)
{
	const char *name = trace_text(event, "name");
	const char *words = trace_text(event, "words");
	char all[TRACE_WORDS];

	(void)snprintf(all, sizeof all, "%.20s%s%.100s", name ? name : "?",
		       words ? " " : "", words ? words : "");
	text_add(text, "%12s %6" PRIu64 " %c  %-34s  never answered", "",
		 event->number, event->count > 1 ? '+' : ' ', all);
	if (event->count > 1)
		text_add(text, ", nor what was asked with it: %" PRIu64,
			 event->count - 1);
}

static void add_event(struct printing *p, const struct trace_event *event)
{
	struct text *text = &p->text;

	switch (event->kind) {
	case TRACE_HEAD:
		add_head(text, &p->trace->head);
		break;
	case TRACE_INPUT:
		add_input(text, event);
		break;
	case TRACE_FIND:
		text_add(text, "look for devices: %zu",
			 trace_list_count(event, "devices"));
		add_failure(text, event);
		break;
	case TRACE_OPEN:
		add_open(text, event);
		break;
	case TRACE_BEGIN:
		add_begin(text, event);
		break;
	case TRACE_TRANSFER:
		add_transfer(text, event);
		break;
	case TRACE_CLOSE:
		text_add(text, "close %u", event->link);
		break;
	case TRACE_RECORDS:
		text_add(text, "the host's records hold %zu bytes",
			 event->data_length);
		break;
	case TRACE_RECORDS_WRITTEN:
		text_add(text,
			 "the host's records: %" PRIu64 " write%s, %" PRIu64
			 " bytes%s",
			 event->count, event->count == 1 ? "" : "s",
			 event->bytes, event->synced ? ", synced" : "");
		break;
	case TRACE_RECORDS_FAILED:
		text_add(text, "the host's records fail");
		add_failure(text, event);
		break;
	case TRACE_CANCEL:
		text_add(text, "stopped as asked");
		break;
	case TRACE_OUTCOME:
		add_outcome(text, &p->trace->outcome);
		break;
	default:
		add_other(text, event);
	}
}

/* Looks at the clock are for the replay; what a later program writes is not
 * understood; and transfers that came to an end say that they began. */
static bool is_shown(const struct s0_trace *trace, size_t index)
{
	enum trace_kind kind = trace->events[index].kind;

	if (kind == TRACE_BEGIN)
		return index + 1 == trace->count ||
		       trace->events[index + 1].kind != TRACE_TRANSFER;
	return kind != TRACE_NOW && kind != TRACE_OTHER;
}

s0_code s0_trace_print(const struct s0_trace *trace, s0_line_fn line,
		       void *payload, struct s0_error *err)
{
	struct printing p = { .trace = trace,
			      .line = line,
			      .payload = payload };
	s0_code code = S0_OK;

	for (size_t i = 0; i < trace->count && code == S0_OK; i++) {
		if (!is_shown(trace, i))
			continue;
		add_event(&p, &trace->events[i]);
		code = flush(&p, err);
	}
	if (code == S0_OK && !trace->ended) {
		text_add(&p.text, "the recording was cut here");
		code = flush(&p, err);
	}
	return code;
}

static void tally(struct s0_trace_tally *tally, const struct trace_event *event)
{
	tally->transfers++;
	tally->failed += event->code != S0_OK;
	tally->bytes += event->moved;
	tally->time_us += event->end_us - event->start_us;
}

void s0_trace_summarise(const struct s0_trace *trace,
			struct s0_trace_summary *ret_summary)
{
	struct s0_trace_summary sum = { 0 };
	uint64_t before_us = 0; /* of the devices before */

	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];

		if (event->kind == TRACE_OPEN && event->code == S0_OK) {
			sum.opened++;
			before_us = sum.time_us;
		}
		if (event->link && before_us + event->end_us > sum.time_us)
			sum.time_us = before_us + event->end_us;
		if (event->kind == TRACE_WAIT) {
			sum.waits++;
			sum.wait_us += event->end_us - event->start_us;
		}
		if (event->kind != TRACE_TRANSFER)
			continue;
		tally(&sum.all, event);
		if (event->request < 7)
			tally(&sum.requests[event->request], event);
	}
	*ret_summary = sum;
}
