/* SPDX-License-Identifier: MIT */
/* A link that writes down what passes through another. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/trace/build.h"

struct record_link {
	struct usb_link link;
	struct usb_link *inner;
	struct s0_recorder *recorder;
	unsigned number;
	uint64_t base_us; /* inner clock when it was opened */
};

static struct record_link *of(struct usb_link *link)
{
	return (struct record_link *)link;
}

static uint64_t since(const struct record_link *me, uint64_t us)
{
	return us > me->base_us ? us - me->base_us : 0;
}

static uint64_t now(struct record_link *me)
{
	return since(me, me->inner->ops->now_us(me->inner));
}

static json_t *begin(const struct record_link *me, const char *event)
{
	json_t *object = build_event(event);

	build_number(object, "link", me->number);
	return object;
}

static void add_times(struct record_link *me, json_t *object, uint64_t start_us,
		      uint64_t end_us)
{
	build_number(object, "start_us", start_us);
	build_number(object, "end_us", end_us);
	build_number(object, "wall_us", recorder_wall_us(me->recorder));
	recorder_write(me->recorder, object);
}

static void add_answer(json_t *object, const struct usb_transfer *transfer)
{
	build_add(object, "code", json_string(s0_code_name(transfer->code)));
	if (transfer->usb_code)
		build_add(object, "usb_code", json_integer(transfer->usb_code));
	build_number(object, "moved", transfer->moved);
	if (transfer->request_type & 0x80 && transfer->moved)
		build_add(object, "in",
			  build_hex(transfer->data, transfer->moved));
}

static void add_transfer(struct record_link *me,
			 const struct usb_transfer *transfer, size_t at,
			 size_t of_all)
{
	json_t *object = begin(me, "transfer");

	build_number(object, "number", ++me->recorder->transfers);
	if (of_all > 1)
		build_add(object, "batch",
			  json_pack("[I, I]", (json_int_t)at + 1,
				    (json_int_t)of_all));
	build_add(object, "name",
		  json_string(s0_trace_request_name(transfer->request)));
	build_number(object, "request_type", transfer->request_type);
	build_number(object, "request", transfer->request);
	build_number(object, "value", transfer->value);
	build_number(object, "length", transfer->length);
	build_number(object, "timeout_ms", transfer->timeout_ms);
	if (!(transfer->request_type & 0x80) && transfer->length)
		build_add(object, "out",
			  build_hex(transfer->data, transfer->length));
	add_answer(object, transfer);
	add_times(me, object, since(me, transfer->start_us),
		  since(me, transfer->end_us));
}

/* What is asked stands in the trace before it is: a run that is killed then
 * leaves what was never answered. */
static void add_begin(struct record_link *me,
		      const struct usb_transfer *transfer, size_t count)
{
	bool out = !(transfer->request_type & 0x80);
	json_t *object = begin(me, "begin");
	char words[TRACE_WORDS];

	trace_request_words(words, transfer->request_type, transfer->request,
			    transfer->value, transfer->length,
			    out ? transfer->data : NULL);
	build_number(object, "number", me->recorder->transfers + 1);
	build_number(object, "count", count);
	build_add(object, "name",
		  json_string(s0_trace_request_name(transfer->request)));
	if (words[0] != '\0')
		build_add(object, "words", build_text(words));
	recorder_write(me->recorder, object);
}

static void link_run(struct usb_link *link, struct usb_transfer *transfers,
		     size_t count)
{
	struct record_link *me = of(link);

	if (count > 0)
		add_begin(me, &transfers[0], count);
	me->inner->ops->run(me->inner, transfers, count);
	for (size_t i = 0; i < count; i++)
		add_transfer(me, &transfers[i], i, count);
}

static s0_code link_set_alt(struct usb_link *link, uint8_t alt,
			    struct s0_error *err)
{
	struct record_link *me = of(link);
	struct s0_error why = S0_ERROR_INIT;
	uint64_t start_us = now(me);
	s0_code code = me->inner->ops->set_alt(me->inner, alt, &why);
	json_t *object = begin(me, "set_alt");

	build_number(object, "alt", alt);
	build_error(object, &why);
	add_times(me, object, start_us, now(me));
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

static s0_code link_string(struct usb_link *link, uint8_t index,
			   uint8_t raw[255], uint16_t *ret_length,
			   struct s0_error *err)
{
	struct record_link *me = of(link);
	struct s0_error why = S0_ERROR_INIT;
	uint64_t start_us = now(me);
	uint16_t length = 0;
	s0_code code =
		me->inner->ops->string(me->inner, index, raw, &length, &why);
	json_t *object = begin(me, "string");

	build_number(object, "index", index);
	build_error(object, &why);
	if (code == S0_OK)
		build_add(object, "in", build_hex(raw, length));
	add_times(me, object, start_us, now(me));
	if (code == S0_OK)
		*ret_length = length;
	else if (err && err->code == S0_OK)
		*err = why;
	return code;
}

/* Decisions hang on the time too, so each look at the clock is kept. */
static uint64_t link_now_us(struct usb_link *link)
{
	struct record_link *me = of(link);
	uint64_t us = me->inner->ops->now_us(me->inner);
	json_t *object = begin(me, "now");

	build_number(object, "us", since(me, us));
	recorder_write(me->recorder, object);
	return us;
}

static void link_wait_ms(struct usb_link *link, uint32_t ms)
{
	struct record_link *me = of(link);
	uint64_t start_us = now(me);
	json_t *object = begin(me, "wait");

	build_number(object, "ms", ms);
	me->inner->ops->wait_ms(me->inner, ms);
	add_times(me, object, start_us, now(me));
}

/* [[bytes of a sector, us], …] */
static json_t *erase_times(const struct usb_link_facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < USB_ERASE_TIMES; i++)
		if (facts->erase[i].sector_bytes)
			(void)json_array_append_new(
				list,
				json_pack("[I, I]",
					  (json_int_t)facts->erase[i]
						  .sector_bytes,
					  (json_int_t)facts->erase[i].us));
	return list;
}

static void add_facts(json_t *object, const struct usb_link_facts *facts)
{
	build_add(object, "path", build_text(facts->path));
	build_add(object, "speed", build_text(facts->speed));
	build_add(object, "device_descriptor",
		  build_hex(facts->device_descriptor,
			    sizeof facts->device_descriptor));
	build_add(object, "config_descriptor",
		  build_hex(facts->config_descriptor, facts->config_length));
	build_number(object, "interface", facts->interface);
	build_number(object, "turnaround_us", facts->turnaround_us);
	build_add(object, "erase_us", erase_times(facts));
	build_number(object, "word_us", facts->word_us);
	build_number(object, "mass_erase_us", facts->mass_erase_us);
}

static s0_code link_reopen(struct usb_link *link, uint32_t timeout_ms,
			   struct s0_error *err)
{
	struct record_link *me = of(link);
	struct s0_error why = S0_ERROR_INIT;
	uint64_t start_us = now(me);
	s0_code code = me->inner->ops->reopen(me->inner, timeout_ms, &why);
	json_t *object = begin(me, "reopen");

	build_number(object, "timeout_ms", timeout_ms);
	build_error(object, &why);
	if (code == S0_OK) {
		link->facts = me->inner->facts;
		add_facts(object, &link->facts);
	}
	add_times(me, object, start_us, now(me));
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

static s0_code link_reset(struct usb_link *link, struct s0_error *err)
{
	struct record_link *me = of(link);
	struct s0_error why = S0_ERROR_INIT;
	uint64_t start_us = now(me);
	s0_code code = usb_link_reset(me->inner, &why);
	json_t *object = begin(me, "reset");

	build_error(object, &why);
	add_times(me, object, start_us, now(me));
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

static void link_close(struct usb_link *link)
{
	struct record_link *me = of(link);
	uint64_t us = now(me);

	add_times(me, begin(me, "close"), us, us);
	me->inner->ops->close(me->inner);
	free(me);
}

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

static void add_open(struct record_link *me, const struct trace_opened *opened)
{
	json_t *object = begin(me, "open");

	build_add(object, "selector", build_text(opened->selector));
	build_add(object, "virtual", json_boolean(opened->virtual_device));
	build_add(object, "code", json_string("OK"));
	add_facts(object, &me->link.facts);
	add_times(me, object, 0, 0);
}

void recorder_wrap_link(struct s0_recorder *recorder,
			const struct trace_opened *opened,
			struct usb_link **link)
{
	struct record_link *me = calloc(1, sizeof *me);

	if (!me) {
		recorder->failed = true;
		return;
	}
	me->link.ops = &ops;
	me->link.facts = (*link)->facts;
	me->inner = *link;
	me->recorder = recorder;
	me->number = ++recorder->links;
	me->base_us = me->inner->ops->now_us(me->inner);
	add_open(me, opened);
	*link = &me->link;
}
