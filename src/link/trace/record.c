/* SPDX-License-Identifier: MIT */
/* Writing a trace: its lines, but for those of a link (record_link.c). */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/error.h"
#include "base/text.h"
#include "link/clock.h"
#include "link/trace/build.h"
#include "link/trace/trace.h"

/* Shorter runs are written out: such are in any code. */
#define TRACE_RUN_LEAST 32

static void text_add_hex(struct text *text, uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";
	char pair[2] = { digits[byte >> 4], digits[byte & 15] };

	text_add_bytes(text, pair, sizeof pair);
}

json_t *build_text(const char *text)
{
	json_t *string;
	char *ascii;

	if (!text)
		return json_null();
	string = json_string(text);
	ascii = string ? NULL : strdup(text);
	if (!ascii)
		return string;
	/* not UTF-8: what can be shown of it */
	for (char *c = ascii; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	string = json_string(ascii);
	free(ascii);
	return string;
}

/* Equal bytes from there on. */
static size_t run_length(const uint8_t *bytes, size_t length)
{
	size_t run = 1;

	while (run < length && bytes[run] == bytes[0])
		run++;
	return run;
}

/* Much of what is read is erased flash: "ff*1024" in place of 2048 digits. */
json_t *build_hex(const uint8_t *bytes, size_t length)
{
	struct text text = { 0 };
	bool digits = false;
	json_t *string;

	for (size_t i = 0; i < length;) {
		size_t run = run_length(bytes + i, length - i);

		if (run < TRACE_RUN_LEAST)
			run = 1;
		if (i > 0 && (run > 1 || !digits))
			text_add(&text, " ");
		digits = run == 1;
		text_add_hex(&text, bytes[i]);
		if (run > 1)
			text_add(&text, "*%zu", run);
		i += run;
	}
	string = text.failed
			 ? NULL
			 : json_stringn_nocheck(text_chars(&text), text.length);
	text_free(&text);
	return string;
}

void build_add(json_t *object, const char *key, json_t *value)
{
	if (object && value)
		(void)json_object_set_new(object, key, value);
	else
		json_decref(value);
}

void build_number(json_t *object, const char *key, uint64_t number)
{
	build_add(object, key, json_integer((json_int_t)number));
}

json_t *build_event(const char *name)
{
	return json_pack("{s:s}", "event", name);
}

/* The facts of a failure, so that it can be given again. */
void build_error(json_t *object, const struct s0_error *err)
{
	build_add(object, "code", json_string(s0_code_name(err->code)));
	if (err->code == S0_OK)
		return;
	build_add(object, "message", build_text(err->message));
	if (err->usb_code)
		build_add(object, "usb_code", json_integer(err->usb_code));
	if (err->cause != S0_CAUSE_NONE)
		build_number(object, "cause", err->cause);
}

void recorder_write(struct s0_recorder *recorder, json_t *object)
{
	char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;
	size_t length = line ? strlen(line) : 0;

	json_decref(object);
	if (!line)
		recorder->failed = true;
	if (!recorder->failed) {
		line[length] = '\n'; /* in place of the NUL: one write a line */
		recorder->failed =
			!recorder->write(recorder->payload, line, length + 1);
	}
	free(line);
	recorder->stops = 0;
}

uint64_t recorder_wall_us(const struct s0_recorder *recorder)
{
	return clock_now_us() - recorder->wall_us;
}

static void write_head(struct s0_recorder *recorder,
		       const struct s0_trace_head *head)
{
	json_t *object = build_event("trace");
	json_t *words = json_array();

	for (size_t i = 0; words && i < head->command_count; i++)
		(void)json_array_append_new(words,
					    build_text(head->command[i]));
	build_number(object, "format", TRACE_FORMAT);
	build_add(object, "program", build_text(head->program));
	build_add(object, "date", build_text(head->date));
	build_add(object, "command", words);
	build_add(object, "selector", build_text(head->selector));
	recorder_write(recorder, object);
}

s0_code s0_recorder_new(const struct s0_trace_head *head, s0_sink_fn write,
			void *payload, struct s0_recorder **ret_recorder,
			struct s0_error *err)
{
	struct s0_recorder *recorder = calloc(1, sizeof *recorder);

	if (!recorder)
		return error_memory(err);
	recorder->write = write;
	recorder->payload = payload;
	recorder->wall_us = clock_now_us();
	write_head(recorder, head);
	if (recorder->failed) {
		free(recorder);
		return error_set(err, S0_E_FILE, "cannot write the trace");
	}
	*ret_recorder = recorder;
	return S0_OK;
}

void s0_recorder_free(struct s0_recorder *recorder)
{
	free(recorder);
}

bool s0_recorder_complete(const struct s0_recorder *recorder)
{
	return !recorder->failed;
}

void s0_recorder_add_input(struct s0_recorder *recorder,
			   const struct s0_trace_input *input)
{
	json_t *object = build_event("input");

	build_add(object, "name", build_text(input->name));
	build_number(object, "length", input->length);
	build_add(object, "sha256", build_hex(input->sha256, 32));
	recorder_write(recorder, object);
}

void s0_recorder_add_outcome(struct s0_recorder *recorder,
			     const struct s0_trace_outcome *outcome)
{
	json_t *object = build_event("outcome");

	build_add(object, "status", json_integer(outcome->status));
	build_add(object, "code", json_string(s0_code_name(outcome->code)));
	/* Only a failure leaves something to be said about the device. */
	build_add(object, "aftermath",
		  outcome->code == S0_OK
			  ? json_null()
			  : json_string(s0_aftermath_name(outcome->aftermath)));
	build_add(object, "message", build_text(outcome->message));
	build_number(object, "wall_us", recorder_wall_us(recorder));
	recorder_write(recorder, object);
}

void recorder_add_open_failure(struct s0_recorder *recorder,
			       const char *selector, const struct s0_error *err)
{
	json_t *object = build_event("open");

	build_add(object, "selector", build_text(selector));
	build_error(object, err);
	recorder_write(recorder, object);
}

static json_t *candidate(const struct s0_candidate *found)
{
	json_t *object = json_object();

	build_add(object, "path", build_text(found->path));
	build_number(object, "vendor", found->vendor);
	build_number(object, "product", found->product);
	build_add(object, "manufacturer", build_text(found->manufacturer));
	build_add(object, "name", build_text(found->name));
	build_add(object, "serial", build_text(found->serial));
	build_add(object, "serial_shared", json_boolean(found->serial_shared));
	build_add(object, "dfu_mode", json_boolean(found->dfu_mode));
	build_add(object, "accessible", json_boolean(found->accessible));
	build_add(object, "forbidden", json_boolean(found->forbidden));
	return object;
}

void recorder_add_found(struct s0_recorder *recorder,
			const struct s0_candidate *found, size_t count,
			const struct s0_error *err)
{
	json_t *object = build_event("find");
	json_t *list = json_array();

	for (size_t i = 0; list && i < count; i++)
		(void)json_array_append_new(list, candidate(&found[i]));
	build_error(object, err);
	build_add(object, "devices", list);
	recorder_write(recorder, object);
}

/* Only the first yes is worth a line: after it, everything ends. */
void recorder_add_stop(struct s0_recorder *recorder, bool stop)
{
	uint64_t asked = ++recorder->stops;
	json_t *object;

	if (!stop || recorder->stopped)
		return;
	recorder->stopped = true;
	object = build_event("cancel");
	build_number(object, "count", asked);
	recorder_write(recorder, object);
}
