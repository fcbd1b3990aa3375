/* SPDX-License-Identifier: MIT */
/* The virtual chip is asked what a recorded device was asked. */
#include "device/trace_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/image.h>

#include "base/bytes.h"
#include "base/error.h"

enum { GET_DESCRIPTOR = 6, SET_CONFIGURATION = 9, SET_INTERFACE = 11 };

/* By how much any two durations may differ: hosts are not real-time. */
#define SLACK_US 2000

struct check {
	const struct s0_trace *trace;
	const struct s0_trace_check_options *options;
	struct s0_trace_checked *checked;
	struct s0_sim *sim;
	uint64_t base_us; /* model's clock when the device was opened */
	uint8_t interface;
	bool gone; /* for the host, until it opens it again */
	bool told_to_leave;
	bool different;
	uint8_t data[UINT16_MAX];
};

static void differs(struct check *check, const struct trace_event *event,
		    const char *field, const char *recorded, const char *found)
{
	struct s0_trace_difference *difference = &check->checked->difference;

	if (check->different)
		return;
	check->different = true;
	difference->line = (size_t)(event - check->trace->events) + 1;
	difference->transfer = event->number;
	(void)snprintf(difference->field, sizeof difference->field, "%s",
		       field);
	(void)snprintf(difference->recorded, sizeof difference->recorded, "%s",
		       recorded);
	(void)snprintf(difference->found, sizeof difference->found, "%s",
		       found);
}

static void advance_to(struct check *check, uint64_t us)
{
	uint64_t now = s0_sim_now_us(check->sim) - check->base_us;

	if (now < us)
		s0_sim_advance_us(check->sim, us - now);
}

static void configure(struct check *check)
{
	struct s0_sim_setup setup = { .request = SET_CONFIGURATION,
				      .value = 1 };
	struct s0_sim_reply reply;

	s0_sim_control(check->sim, &setup, NULL, &reply);
	check->gone = false;
	check->told_to_leave = false;
}

/* How a host with that time-out sees the end of a transfer. */
static s0_code code_of(const struct s0_sim_reply *reply, uint64_t timeout_us)
{
	switch (reply->handshake) {
	case S0_SIM_ACK:
		return reply->busy_us + reply->wire_us > timeout_us
			       ? S0_E_TIMEOUT
			       : S0_OK;
	case S0_SIM_STALL:
		return S0_E_REFUSED;
	case S0_SIM_SILENT:
		return S0_E_TIMEOUT;
	default:
		return S0_E_GONE;
	}
}

static bool same_number(struct check *check, const struct trace_event *event,
			const char *field, size_t recorded, size_t found)
{
	char then[32], now[32];

	if (recorded == found)
		return true;
	(void)snprintf(then, sizeof then, "%zu", recorded);
	(void)snprintf(now, sizeof now, "%zu", found);
	differs(check, event, field, then, now);
	return false;
}

static bool same_code(struct check *check, const struct trace_event *event,
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
	differs(check, event, "answer", then, s0_code_name(found));
	return false;
}

static bool same_data(struct check *check, const struct trace_event *event,
		      size_t length)
{
	char words[TRACE_WORDS], then[TRACE_WORDS], now[32];
	size_t at = 0;

	if (!same_number(check, event, "length", event->data_length, length))
		return false;
	while (at < length && event->data[at] == check->data[at])
		at++;
	if (at == length)
		return true;
	trace_event_words(words, event);
	(void)snprintf(then, sizeof then, "%.100s, byte %zu is 0x%02x", words,
		       at, event->data[at]);
	(void)snprintf(now, sizeof now, "0x%02x", check->data[at]);
	differs(check, event, "data", then, now);
	return false;
}

static void same_time(struct check *check, const struct trace_event *event,
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
	differs(check, event, "time", then, now);
}

/* A transfer of the class. Those that a host takes back, and those to a device
 * that has left, never reach it. */
static void check_transfer(struct check *check, const struct trace_event *event,
			   bool withdrawn)
{
	struct s0_sim_setup setup = { .request_type = event->request_type,
				      .request = event->request,
				      .value = event->value,
				      .index = check->interface,
				      .length = event->length };
	bool in = event->request_type & 0x80;
	struct s0_sim_reply reply;
	uint64_t start_us;
	s0_code code;

	if (withdrawn)
		return;
	if (check->gone) {
		(void)same_code(check, event, S0_E_GONE);
		return;
	}
	advance_to(check, event->start_us);
	memset(check->data, 0, event->length);
	if (!in && event->length)
		memcpy(check->data, event->data, event->length);
	check->told_to_leave |= trace_asks_to_leave(event);
	start_us = s0_sim_now_us(check->sim);
	s0_sim_control(check->sim, &setup, check->data, &reply);
	code = code_of(&reply, event->ms * UINT64_C(1000));
	check->gone = code == S0_E_GONE;
	if (!same_code(check, event, code))
		return;
	if (code == S0_OK &&
	    same_number(check, event, "length", event->moved, reply.length) &&
	    (!in || same_data(check, event, reply.length)))
		same_time(check, event, s0_sim_now_us(check->sim) - start_us);
	check->checked->transfers += !check->different;
}

/* A standard request, as the operating system makes it. */
static s0_code ask(struct check *check, const struct s0_sim_setup *setup,
		   size_t *ret_length)
{
	struct s0_sim_reply reply;
	s0_code code;

	*ret_length = 0;
	if (check->gone)
		return S0_E_GONE;
	s0_sim_control(check->sim, setup, check->data, &reply);
	code = code_of(&reply, UINT64_MAX);
	check->gone = code == S0_E_GONE;
	if (code == S0_OK)
		*ret_length = reply.length;
	return code;
}

static void check_string(struct check *check, const struct trace_event *event)
{
	struct s0_sim_setup setup = {
		.request_type = 0x80,
		.request = GET_DESCRIPTOR,
		.value = (uint16_t)(0x0300 | (event->value & 0xff)),
		.index = event->value == 0 ? 0 : 0x0409,
		.length = 255,
	};
	size_t length;

	advance_to(check, event->start_us);
	if (same_code(check, event, ask(check, &setup, &length)) &&
	    event->code == S0_OK)
		(void)same_data(check, event, length);
}

static void check_set_alt(struct check *check, const struct trace_event *event)
{
	struct s0_sim_setup setup = { .request_type = 0x01,
				      .request = SET_INTERFACE,
				      .value = event->value,
				      .index = check->interface };
	size_t length;

	advance_to(check, event->start_us);
	(void)same_code(check, event, ask(check, &setup, &length));
}

/* A device that does not come back by itself was plugged in again, or reset, by
 * a person. */
static void check_reopen(struct check *check, const struct trace_event *event)
{
	advance_to(check, event->end_us);
	if (event->code != S0_OK) {
		if (s0_sim_attached(check->sim))
			differs(check, event, "return", "it stayed away",
				"it came back");
		return;
	}
	if (!s0_sim_attached(check->sim))
		s0_sim_replug(check->sim);
	configure(check);
}

static void check_descriptor(struct check *check,
			     const struct trace_event *event, uint8_t type,
			     const char *key)
{
	struct s0_sim_setup setup = { .request_type = 0x80,
				      .request = GET_DESCRIPTOR,
				      .value = (uint16_t)(type << 8),
				      .length = 4096 };
	uint8_t bytes[4096];
	size_t then = trace_bytes(event, key, bytes, sizeof bytes);
	size_t length;
	s0_code code;

	if (check->different)
		return;
	code = ask(check, &setup, &length);
	if (then == length && memcmp(bytes, check->data, length) == 0)
		return;
	differs(check, event, key, code == S0_OK ? "another one" : "one",
		code == S0_OK ? "the virtual chip's" : s0_code_name(code));
}

static void check_event(struct check *check, const struct trace_event *event,
			const struct trace_event *before)
{
	switch (event->kind) {
	case TRACE_STRING:
		check_string(check, event);
		break;
	case TRACE_SET_ALT:
		check_set_alt(check, event);
		break;
	case TRACE_TRANSFER:
		check_transfer(check, event,
			       event->batch_at > 0 && before &&
				       before->code == S0_E_TIMEOUT &&
				       event->code == S0_E_TIMEOUT);
		break;
	case TRACE_REOPEN:
		check_reopen(check, event);
		break;
	default:
		break;
	}
}

/* Memory as it was before. */
static void fill(struct check *check, const struct trace_past *past)
{
	for (size_t i = 0; i < s0_image_piece_count(past->held); i++) {
		struct s0_piece piece = s0_image_piece(past->held, i);

		(void)s0_sim_poke(check->sim, piece.address, piece.bytes,
				  piece.length);
	}
}

static void walk(struct check *check, const struct trace_part *part)
{
	const struct trace_event *open = &part->trace->events[part->first];
	const struct trace_event *event, *before = NULL;

	check->interface = (uint8_t)trace_number(open, "interface", 0xff);
	configure(check);
	check_descriptor(check, open, 1, "device_descriptor");
	check_descriptor(check, open, 2, "config_descriptor");
	check->base_us = s0_sim_now_us(check->sim);
	for (size_t i = part->first + 1;
	     !check->different && (event = trace_part_next(part, &i)); i++) {
		check_event(check, event, before);
		before = event->kind == TRACE_TRANSFER ? event : NULL;
	}
}

static s0_code check_part(struct check *check, const struct trace_part *part,
			  struct s0_error *err)
{
	char *description = check->checked->description;
	struct trace_past past;
	s0_code code = trace_past_read(part, &past, err);

	if (code != S0_OK)
		return code;
	code = trace_deduce(&part->trace->events[part->first], &past,
			    check->options->description, description,
			    sizeof check->checked->description, err);
	if (code == S0_OK)
		code = s0_sim_new(description, &check->sim, err);
	if (code == S0_OK) {
		fill(check, &past);
		walk(check, part);
		s0_sim_free(check->sim);
	}
	trace_past_free(&past);
	return code;
}

static s0_code check_all(struct check *check, struct s0_error *err)
{
	const struct s0_trace *trace = check->trace;
	s0_code code = S0_OK;

	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];
		struct trace_part part = { trace, i, event->link };

		if (event->kind != TRACE_OPEN || event->code != S0_OK)
			continue;
		code = check_part(check, &part, err);
		if (code != S0_OK || check->different)
			break;
	}
	if (code == S0_OK && check->different)
		code = error_set(err, S0_E_DIFFERENT,
				 "the virtual chip answers otherwise");
	return code;
}

s0_code s0_trace_check(const struct s0_trace *trace,
		       const struct s0_trace_check_options *options,
		       struct s0_trace_checked *ret_checked,
		       struct s0_error *err)
{
	static const struct s0_trace_check_options usual = { 0 };
	struct check *check = calloc(1, sizeof *check);
	s0_code code;

	if (!check)
		return error_memory(err);
	memset(ret_checked, 0, sizeof *ret_checked);
	check->trace = trace;
	check->options = options ? options : &usual;
	check->checked = ret_checked;
	code = check_all(check, err);
	free(check);
	return code;
}
