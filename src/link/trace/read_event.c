/* SPDX-License-Identifier: MIT */
/* Reading one line of a trace. Whatever a file holds, what comes out is whole
 * and within its bounds, or there is an error with its line. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/error.h"
#include "link/trace/read.h"

/* Where a line is being read. */
struct reader {
	struct s0_trace *trace;
	const json_t *object;
	struct trace_event *event;
	size_t line;
	struct s0_error *err;
	s0_code code;
};

static void complain(struct reader *r, const char *key, const char *what)
{
	if (r->code != S0_OK)
		return;
	r->code = error_set(r->err, S0_E_FORMAT, "%s:%zu: '%s' %s",
			    r->trace->name, r->line, key, what);
}

static uint64_t number(struct reader *r, const char *key, uint64_t most)
{
	const json_t *value = json_object_get(r->object, key);
	json_int_t found = json_integer_value(value);

	if (!json_is_integer(value))
		complain(r, key,
			 value ? "is not a whole number" : "is missing");
	else if (found < 0 || (uint64_t)found > most)
		complain(r, key, "is out of range");
	else
		return (uint64_t)found;
	return 0;
}

/* No session takes 35 years. */
#define TIME_MAX_US (UINT64_C(1) << 50)

/* What all of them hold is bounded, so that a short file is a short trace. */
static void bytes(struct reader *r, const char *key)
{
	const json_t *value = json_object_get(r->object, key);
	const char *text = json_string_value(value);
	size_t length;

	if (!value)
		return;
	length = text ? trace_hex(text, NULL, SIZE_MAX / 32) : SIZE_MAX;
	if (length == SIZE_MAX) {
		complain(r, key, "is not bytes in hexadecimal digits");
		return;
	}
	if (length > r->trace->bytes_left) {
		complain(r, key, "makes more bytes than such a file may hold");
		return;
	}
	r->trace->bytes_left -= length;
	r->event->data = malloc(length + 1);
	if (!r->event->data) {
		r->code = error_memory(r->err);
		return;
	}
	r->event->data_length = trace_hex(text, r->event->data, length);
}

static s0_code code_of(struct reader *r)
{
	const char *name =
		json_string_value(json_object_get(r->object, "code"));

	for (unsigned code = 0; name && code <= S0_E_UNREADABLE; code++)
		if (strcmp(name, s0_code_name((s0_code)code)) == 0)
			return (s0_code)code;
	complain(r, "code", name ? "is not known" : "is missing");
	return S0_E_BUG;
}

static void usb_code(struct reader *r)
{
	const json_t *value = json_object_get(r->object, "usb_code");
	json_int_t found = json_integer_value(value);

	if (value && (!json_is_integer(value) || found < -100000 || found > 0))
		complain(r, "usb_code", "is out of range");
	else
		r->event->usb_code = (int)found;
}

static void times(struct reader *r)
{
	r->event->start_us = number(r, "start_us", TIME_MAX_US);
	r->event->end_us = number(r, "end_us", TIME_MAX_US);
	if (r->event->end_us < r->event->start_us)
		complain(r, "end_us", "is before 'start_us'");
}

static void batch(struct reader *r)
{
	const json_t *value = json_object_get(r->object, "batch");
	json_int_t at = json_integer_value(json_array_get(value, 0));
	json_int_t all = json_integer_value(json_array_get(value, 1));

	r->event->batch_of = 1;
	if (!value)
		return;
	if (all < 1 || all > UINT8_MAX || at < 1 || at > all) {
		complain(r, "batch", "is not [which, of how many]");
		return;
	}
	r->event->batch_at = (uint8_t)(at - 1);
	r->event->batch_of = (uint8_t)all;
}

static void read_transfer(struct reader *r)
{
	struct trace_event *event = r->event;
	bool in;

	event->number = number(r, "number", UINT32_MAX);
	event->request_type = (uint8_t)number(r, "request_type", 0xff);
	event->request = (uint8_t)number(r, "request", 0xff);
	event->value = (uint16_t)number(r, "value", 0xffff);
	event->length = (uint16_t)number(r, "length", 0xffff);
	event->ms = (uint32_t)number(r, "timeout_ms", UINT32_MAX);
	event->moved = (uint16_t)number(r, "moved", event->length);
	event->code = code_of(r);
	usb_code(r);
	batch(r);
	times(r);
	in = event->request_type & 0x80;
	bytes(r, in ? "in" : "out");
	if (event->data_length != (in ? event->moved : event->length))
		complain(r, in ? "in" : "out", "has another length");
}

static void read_string(struct reader *r)
{
	r->event->value = (uint16_t)number(r, "index", 0xff);
	r->event->code = code_of(r);
	times(r);
	bytes(r, "in");
	if (r->event->data_length > 255)
		complain(r, "in", "is longer than a descriptor");
}

static void read_set_alt(struct reader *r)
{
	r->event->value = (uint16_t)number(r, "alt", 0xff);
	r->event->code = code_of(r);
	times(r);
}

static void read_wait(struct reader *r)
{
	r->event->ms = (uint32_t)number(r, "ms", UINT32_MAX);
	times(r);
}

static void read_now(struct reader *r)
{
	r->event->start_us = number(r, "us", TIME_MAX_US);
	r->event->end_us = r->event->start_us;
}

static void read_reopen(struct reader *r)
{
	r->event->ms = (uint32_t)number(r, "timeout_ms", UINT32_MAX);
	r->event->code = code_of(r);
	times(r);
}

static void read_reset(struct reader *r)
{
	r->event->code = code_of(r);
	times(r);
}

static void read_code(struct reader *r)
{
	r->event->code = code_of(r);
}

/* One that failed has no link. */
static void read_open(struct reader *r)
{
	r->event->code = code_of(r);
	if (r->event->code == S0_OK)
		r->event->link = (unsigned)number(r, "link", UINT32_MAX);
}

static void read_records(struct reader *r)
{
	bytes(r, "held");
	r->event->told = trace_flag(r->event, "writes");
}

static void read_count(struct reader *r)
{
	r->event->count = number(r, "count", UINT32_MAX);
}

static void read_begin(struct reader *r)
{
	read_count(r);
	r->event->number = number(r, "number", UINT32_MAX);
}

static void read_failed(struct reader *r)
{
	read_count(r);
	r->event->code = code_of(r);
}

static void digest(struct reader *r)
{
	bytes(r, "sha256");
	if (r->event->data_length != 32)
		complain(r, "sha256", "is not 32 bytes");
}

static void read_written(struct reader *r)
{
	read_count(r);
	r->event->bytes = number(r, "bytes", INT64_MAX);
	r->event->synced = trace_flag(r->event, "synced");
	digest(r);
}

static void read_input(struct reader *r)
{
	(void)number(r, "length", INT64_MAX);
	if (!json_is_string(json_object_get(r->object, "name")))
		complain(r, "name", "is missing");
	digest(r);
}

static void read_nothing(struct reader *r)
{
	(void)r;
}

static void read_outcome(struct reader *r)
{
	struct s0_trace_outcome *outcome = &r->trace->outcome;
	const char *name =
		json_string_value(json_object_get(r->object, "aftermath"));
	const char *message =
		json_string_value(json_object_get(r->object, "message"));

	outcome->status = (int)number(r, "status", 255);
	outcome->code = code_of(r);
	outcome->message = message ? message : "";
	outcome->aftermath = outcome->code == S0_OK ? S0_UNTOUCHED : S0_UNKNOWN;
	for (int i = S0_UNTOUCHED; name && i <= S0_RESTORED; i++)
		if (strcmp(name, s0_aftermath_name((s0_aftermath)i)) == 0)
			outcome->aftermath = (s0_aftermath)i;
	r->trace->ended = true;
}

static void read_head(struct reader *r)
{
	struct s0_trace_head *head = &r->trace->head;
	const json_t *words = json_object_get(r->object, "command");
	size_t count = json_array_size(words);

	if (number(r, "format", INT64_MAX) > TRACE_FORMAT && r->code == S0_OK)
		r->code = error_set(r->err, S0_E_UNSUPPORTED,
				    "'%s' is in a later format than this "
				    "program knows",
				    r->trace->name);
	head->program = trace_text(r->event, "program");
	head->date = trace_text(r->event, "date");
	head->selector = trace_text(r->event, "selector");
	head->program = head->program ? head->program : "";
	head->date = head->date ? head->date : "";
	r->trace->words = calloc(count + 1, sizeof *r->trace->words);
	if (!r->trace->words) {
		r->code = error_memory(r->err);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		r->trace->words[i] =
			json_string_value(json_array_get(words, i));
		if (!r->trace->words[i]) {
			complain(r, "command", "is not a list of words");
			return;
		}
	}
	head->command = r->trace->words;
	head->command_count = count;
}

/* linked: it is of a link; kept: its object is looked into later. */
static const struct shape {
	const char *name;
	enum trace_kind kind;
	void (*read)(struct reader *r);
	bool linked, kept;
} shapes[] = {
	{ "trace", TRACE_HEAD, read_head, false, true },
	{ "input", TRACE_INPUT, read_input, false, true },
	{ "find", TRACE_FIND, read_code, false, true },
	{ "open", TRACE_OPEN, read_open, false, true },
	{ "string", TRACE_STRING, read_string, true, true },
	{ "set_alt", TRACE_SET_ALT, read_set_alt, true, true },
	{ "begin", TRACE_BEGIN, read_begin, true, true },
	{ "transfer", TRACE_TRANSFER, read_transfer, true, false },
	{ "wait", TRACE_WAIT, read_wait, true, false },
	{ "now", TRACE_NOW, read_now, true, false },
	{ "reopen", TRACE_REOPEN, read_reopen, true, true },
	{ "reset", TRACE_RESET, read_reset, true, true },
	{ "close", TRACE_CLOSE, read_nothing, true, false },
	{ "records", TRACE_RECORDS, read_records, true, true },
	{ "records_written", TRACE_RECORDS_WRITTEN, read_written, true, false },
	{ "records_failed", TRACE_RECORDS_FAILED, read_failed, true, true },
	{ "cancel", TRACE_CANCEL, read_count, false, false },
	{ "outcome", TRACE_OUTCOME, read_outcome, false, true },
	{ "", TRACE_OTHER, read_nothing, false, false },
};

#define OTHER (sizeof shapes / sizeof shapes[0] - 1)

static const struct shape *shape_of(const json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "event"));
	size_t i = 0;

	while (i < OTHER && (!name || strcmp(shapes[i].name, name) != 0))
		i++;
	return &shapes[i];
}

/* Only the first line is a head, and nothing comes after the outcome. */
static s0_code check_place(struct reader *r)
{
	bool head = r->event->kind == TRACE_HEAD;

	if (head != (r->line == 1))
		return error_set(r->err, S0_E_FORMAT,
				 head ? "%s:%zu: a second beginning"
				      : "'%s' is no trace: line %zu is no "
					"beginning of one",
				 r->trace->name, r->line);
	if (r->trace->ended)
		return error_set(r->err, S0_E_FORMAT,
				 "%s:%zu: something comes after the outcome",
				 r->trace->name, r->line);
	return S0_OK;
}

s0_code trace_read_event(struct s0_trace *trace, struct trace_event *event,
			 size_t line, struct s0_error *err)
{
	const struct shape *shape = shape_of(event->object);
	struct reader r = { .trace = trace,
			    .object = event->object,
			    .event = event,
			    .line = line,
			    .err = err };

	event->kind = shape->kind;
	r.code = check_place(&r);
	if (r.code == S0_OK && shape->linked)
		event->link = (unsigned)number(&r, "link", UINT32_MAX);
	if (r.code == S0_OK)
		shape->read(&r);
	if (!shape->kept) {
		json_decref(event->object);
		event->object = NULL;
	}
	return r.code;
}
