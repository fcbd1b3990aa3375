/* SPDX-License-Identifier: MIT */
/* The virtual chip is asked what a recorded device was asked. */
#include "device/trace_check.h"
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/image.h>

#include "base/bytes.h"
#include "base/error.h"

enum { DNLOAD = 1, UPLOAD = 2 };
enum { GET_DESCRIPTOR = 6, SET_CONFIGURATION = 9, SET_INTERFACE = 11 };

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
	case S0_SIM_ERROR:
	case S0_SIM_OVERFLOW:
		return S0_E_PROTOCOL;
	default:
		return S0_E_GONE;
	}
}

static void note_fault(void *payload, const struct s0_sim_record *record)
{
	struct check *check = payload;

	check->struck = record->fault;
}

static void follow_pointer(struct check *check, const struct trace_event *event)
{
	if (event->request_type == 0x21 && event->request == DNLOAD &&
	    event->value == 0 && event->length == 5 &&
	    event->code != S0_E_REFUSED &&
	    (event->data[0] == 0x21 || event->data[0] == 0x41))
		check->pointer = get_le32(event->data + 1);
}

/* Memory was taken to hold what was read first, wrong bit included: then the
 * answer that the same fault strikes now is what it held. */
static void mend_bit_error(struct check *check, const struct trace_event *event)
{
	uint32_t address = check->pointer + (event->value - 2u) * check->block;
	uint8_t held;

	if (check->struck != S0_SIM_FAULT_BIT_ERROR ||
	    event->request != UPLOAD || event->value < 2)
		return;
	for (uint32_t at = 0; at < event->data_length; at++) {
		uint8_t *found = &check->data[at];
		unsigned wrong = *found ^ event->data[at];

		if (wrong == 0)
			continue;
		if ((wrong & (wrong - 1)) == 0 &&
		    s0_sim_peek(check->sim, address + at, &held, 1) == 1 &&
		    held == event->data[at]) {
			(void)s0_sim_poke(check->sim, address + at, found, 1);
			*found = event->data[at];
		}
		break;
	}
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
		(void)check_same_code(check, event, S0_E_GONE);
		return;
	}
	advance_to(check, event->start_us);
	memset(check->data, 0, event->length);
	if (!in && event->length)
		memcpy(check->data, event->data, event->length);
	check->told_to_leave |= trace_asks_to_leave(event);
	follow_pointer(check, event);
	start_us = s0_sim_now_us(check->sim);
	s0_sim_control(check->sim, &setup, check->data, &reply);
	code = code_of(&reply, event->ms * UINT64_C(1000));
	check->gone = code == S0_E_GONE;
	if (!check_same_code(check, event, code))
		return;
	if (in && reply.length == event->data_length)
		mend_bit_error(check, event);
	if (code == S0_OK &&
	    check_same_number(check, event, "length", event->moved,
			      reply.length) &&
	    (!in || check_same_data(check, event, reply.length)))
		check_same_time(check, event,
				s0_sim_now_us(check->sim) - start_us);
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
	if (check_same_code(check, event, ask(check, &setup, &length)) &&
	    event->code == S0_OK)
		(void)check_same_data(check, event, length);
}

static void check_set_alt(struct check *check, const struct trace_event *event)
{
	struct s0_sim_setup setup = { .request_type = 0x01,
				      .request = SET_INTERFACE,
				      .value = event->value,
				      .index = check->interface };
	size_t length;

	advance_to(check, event->start_us);
	(void)check_same_code(check, event, ask(check, &setup, &length));
}

/* A device that does not come back by itself was plugged in again, or reset, by
 * a person. */
static void check_reopen(struct check *check, const struct trace_event *event)
{
	advance_to(check, event->end_us);
	if (event->code != S0_OK) {
		if (s0_sim_attached(check->sim))
			check_differs(check, event, "return", "it stayed away",
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
	check_same_descriptor(check, event, key, bytes, then, code, length);
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
	case TRACE_RESET:
		advance_to(check, event->start_us);
		sim_usb_reset(check->sim);
		configure(check);
		(void)check_same_code(check, event,
				      s0_sim_hung(check->sim) ? S0_E_GONE
							      : S0_OK);
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
		s0_sim_set_log(check->sim, note_fault, check);
		check->pointer = 0x08000000; /* AN3156: after enumeration */
		check->block = past.block;
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

static s0_code check_with(const struct s0_trace *trace,
			  const struct s0_trace_check_options *options,
			  struct s0_trace_checked *checked,
			  double *ret_poll_factor, struct s0_error *err)
{
	struct check *check = calloc(1, sizeof *check);
	s0_code code;

	if (!check)
		return error_memory(err);
	memset(checked, 0, sizeof *checked);
	check->trace = trace;
	check->options = options;
	check->checked = checked;
	code = check_all(check, err);
	*ret_poll_factor = check->poll_factor;
	free(check);
	return code;
}

/* Are the times alone others, all by one factor? Short ones are rounded, so a
 * longer one may tell it better. */
static void look_for_scale(const struct s0_trace *trace,
			   const struct s0_trace_check_options *options,
			   double factor, struct s0_trace_checked *checked)
{
	char description[sizeof checked->description + 32];
	struct s0_trace_check_options scaled = *options;
	struct s0_trace_checked again;
	double scale = 1;
	s0_code code = S0_E_DIFFERENT;

	if (strstr(checked->description, "time_scale="))
		return;
	scaled.description = description;
	for (int tries = 0; tries < 3 && code == S0_E_DIFFERENT && factor > 0;
	     tries++) {
		scale *= factor;
		(void)snprintf(description, sizeof description,
			       "%s,time_scale=%.6f", checked->description,
			       scale);
		code = check_with(trace, &scaled, &again, &factor, NULL);
	}
	if (code == S0_OK || (code == S0_E_DIFFERENT && factor == 0 &&
			      again.difference.line > checked->difference.line))
		(void)snprintf(
			checked->difference.hint,
			sizeof checked->difference.hint,
			"the recorded chip's times are %.3g times these: "
			"check with a profile with time_scale=%.6g",
			scale, scale);
}

s0_code s0_trace_check(const struct s0_trace *trace,
		       const struct s0_trace_check_options *options,
		       struct s0_trace_checked *ret_checked,
		       struct s0_error *err)
{
	static const struct s0_trace_check_options usual = { 0 };
	double factor;
	s0_code code;

	options = options ? options : &usual;
	code = check_with(trace, options, ret_checked, &factor, err);
	if (code == S0_E_DIFFERENT && factor > 0)
		look_for_scale(trace, options, factor, ret_checked);
	return code;
}
