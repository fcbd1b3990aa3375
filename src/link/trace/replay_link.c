/* SPDX-License-Identifier: MIT */
/* A link that gives the answers of a trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/trace/trace.h"

struct replay_link {
	struct usb_link link;
	struct s0_replay *replay;
	uint8_t *config; /* its configuration descriptor */
};

static struct replay_link *of(struct usb_link *link)
{
	return (struct replay_link *)link;
}

/* After a difference nobody knows what the device would have said: it is gone,
 * so that whoever asks comes to an end. */
static s0_code no_answer(struct s0_error *err)
{
	return error_set(err, S0_E_GONE, "the trace has no answer to this");
}

static void describe(char words[TRACE_WORDS],
		     const struct usb_transfer *transfer)
{
	struct trace_event event = {
		.kind = TRACE_TRANSFER,
		.request_type = transfer->request_type,
		.request = transfer->request,
		.value = transfer->value,
		.length = transfer->length,
		.data = transfer->data,
	};

	trace_event_words(words, &event);
}

static const char *header_field(const struct trace_event *event,
				const struct usb_transfer *transfer)
{
	if (event->request_type != transfer->request_type ||
	    event->request != transfer->request)
		return "request";
	if (event->value != transfer->value)
		return "value";
	if (event->length != transfer->length)
		return "length";
	return NULL;
}

static bool same_header(struct s0_replay *replay,
			const struct trace_event *event,
			const struct usb_transfer *transfer)
{
	const char *field = header_field(event, transfer);
	char recorded[TRACE_WORDS], found[TRACE_WORDS];

	if (!field)
		return true;
	trace_event_words(recorded, event);
	describe(found, transfer);
	replay_differs(replay, event, field, recorded, found);
	return false;
}

static bool same_data(struct s0_replay *replay, const struct trace_event *event,
		      const struct usb_transfer *transfer)
{
	char words[TRACE_WORDS], recorded[TRACE_WORDS], found[TRACE_WORDS];
	unsigned at = 0;

	if (transfer->request_type & 0x80 || transfer->length == 0)
		return true;
	while (at < transfer->length && event->data[at] == transfer->data[at])
		at++;
	if (at == transfer->length)
		return true;
	trace_event_words(words, event);
	(void)snprintf(recorded, sizeof recorded, "%.100s, byte %u is 0x%02x",
		       words, at, event->data[at]);
	describe(words, transfer);
	(void)snprintf(found, sizeof found, "%.100s, byte %u is 0x%02x", words,
		       at, transfer->data[at]);
	replay_differs(replay, event, "data", recorded, found);
	return false;
}

/* Handed over together, or one after the other: that is a decision too. And a
 * time-out counts where it was waited for. */
static bool same_handling(struct s0_replay *replay,
			  const struct trace_event *event,
			  const struct usb_transfer *transfer, size_t at,
			  size_t count)
{
	char recorded[TRACE_WORDS], found[TRACE_WORDS];

	if (event->batch_at != at || event->batch_of != count) {
		(void)snprintf(recorded, sizeof recorded,
			       "%u of %u handed over together",
			       event->batch_at + 1u, event->batch_of);
		(void)snprintf(found, sizeof found,
			       "%zu of %zu handed over together", at + 1,
			       count);
		replay_differs(replay, event, "batch", recorded, found);
		return false;
	}
	if (event->code == S0_E_TIMEOUT && event->ms != transfer->timeout_ms) {
		(void)snprintf(recorded, sizeof recorded, "%u ms",
			       (unsigned)event->ms);
		(void)snprintf(found, sizeof found, "%u ms",
			       (unsigned)transfer->timeout_ms);
		replay_differs(replay, event, "time-out", recorded, found);
		return false;
	}
	return true;
}

static void answer(const struct trace_event *event,
		   struct usb_transfer *transfer)
{
	transfer->code = event->code;
	transfer->usb_code = event->usb_code;
	transfer->moved = event->moved;
	transfer->start_us = event->start_us;
	transfer->end_us = event->end_us;
	if (event->request_type & 0x80 && event->moved > 0)
		memcpy(transfer->data, event->data, event->moved);
}

static bool run_one(struct replay_link *me, struct usb_transfer *transfer,
		    size_t at, size_t count)
{
	struct s0_replay *replay = me->replay;
	const struct trace_event *event;
	char words[TRACE_WORDS];

	describe(words, transfer);
	event = replay_take(replay, TRACE_TRANSFER, words);
	if (!event || !same_header(replay, event, transfer) ||
	    !same_data(replay, event, transfer) ||
	    !same_handling(replay, event, transfer, at, count))
		return false;
	answer(event, transfer);
	replay->transfers++;
	return true;
}

static void link_run(struct usb_link *link, struct usb_transfer *transfers,
		     size_t count)
{
	struct replay_link *me = of(link);

	for (size_t i = 0; i < count; i++) {
		if (run_one(me, &transfers[i], i, count))
			continue;
		transfers[i].code = S0_E_GONE;
		transfers[i].usb_code = 0;
		transfers[i].moved = 0;
		transfers[i].start_us = me->replay->clock_us;
		transfers[i].end_us = me->replay->clock_us;
	}
}

/* Something with one number, which must be the recorded one. */
static const struct trace_event *take_numbered(struct replay_link *me,
					       struct trace_event now)
{
	const struct trace_event *event;
	char recorded[TRACE_WORDS], found[TRACE_WORDS];

	trace_event_words(found, &now);
	event = replay_take(me->replay, now.kind, found);
	if (!event || (event->value == now.value && event->ms == now.ms))
		return event;
	trace_event_words(recorded, event);
	replay_differs(me->replay, event, "step", recorded, found);
	return NULL;
}

static s0_code link_set_alt(struct usb_link *link, uint8_t alt,
			    struct s0_error *err)
{
	const struct trace_event *event = take_numbered(
		of(link),
		(struct trace_event){ .kind = TRACE_SET_ALT, .value = alt });

	return event ? trace_error(event, err) : no_answer(err);
}

static s0_code link_string(struct usb_link *link, uint8_t index,
			   uint8_t raw[255], uint16_t *ret_length,
			   struct s0_error *err)
{
	const struct trace_event *event = take_numbered(
		of(link),
		(struct trace_event){ .kind = TRACE_STRING, .value = index });

	if (!event)
		return no_answer(err);
	if (event->code != S0_OK)
		return trace_error(event, err);
	if (event->data_length > 0)
		memcpy(raw, event->data, event->data_length);
	*ret_length = (uint16_t)event->data_length;
	return S0_OK;
}

static uint64_t link_now_us(struct usb_link *link)
{
	return replay_now_us(of(link)->replay);
}

static void link_wait_ms(struct usb_link *link, uint32_t ms)
{
	if (!take_numbered(of(link), (struct trace_event){ .kind = TRACE_WAIT,
							   .ms = ms }))
		of(link)->replay->clock_us += ms * UINT64_C(1000);
}

static s0_code take_facts(struct replay_link *me,
			  const struct trace_event *event, struct s0_error *err)
{
	uint8_t *before = me->config;
	s0_code code = trace_facts(event, &me->link.facts, &me->config, err);

	if (code == S0_OK)
		free(before);
	return code;
}

static s0_code link_reopen(struct usb_link *link, uint32_t timeout_ms,
			   struct s0_error *err)
{
	struct replay_link *me = of(link);
	const struct trace_event *event =
		take_numbered(me, (struct trace_event){ .kind = TRACE_REOPEN,
							.ms = timeout_ms });

	if (!event)
		return no_answer(err);
	if (event->code != S0_OK)
		return trace_error(event, err);
	return take_facts(me, event, err);
}

static s0_code link_reset(struct usb_link *link, struct s0_error *err)
{
	const struct trace_event *event =
		replay_take(of(link)->replay, TRACE_RESET, "reset");

	return event ? trace_error(event, err) : no_answer(err);
}

static void link_close(struct usb_link *link)
{
	free(of(link)->config);
	free(of(link));
}

s0_code replay_link_new(struct s0_replay *replay,
			const struct trace_event *event,
			struct usb_link **ret_link, struct s0_error *err)
{
	static const struct usb_link_ops ops = {
		.run = link_run,
		.set_alt = link_set_alt,
		.string = link_string,
		.now_us = link_now_us,
		.wait_ms = link_wait_ms,
		.reopen = link_reopen,
		.reset = link_reset,
		.close = link_close,
	};
	struct replay_link *me = calloc(1, sizeof *me);
	s0_code code;

	if (!me)
		return error_memory(err);
	me->link.ops = &ops;
	me->replay = replay;
	replay->clock_us = 0;
	code = take_facts(me, event, err);
	if (code != S0_OK) {
		free(me);
		return code;
	}
	*ret_link = &me->link;
	return S0_OK;
}
