/* SPDX-License-Identifier: MIT */
/* Reading a trace, line by line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/error.h"
#include "link/trace/read.h"

static struct trace_event *grow(struct s0_trace *trace, struct s0_error *err)
{
	struct trace_event *more;
	size_t capacity = trace->capacity ? trace->capacity * 2 : 64;

	if (trace->count == trace->capacity) {
		more = realloc(trace->events, capacity * sizeof *more);
		if (!more) {
			(void)error_memory(err);
			return NULL;
		}
		trace->events = more;
		trace->capacity = capacity;
	}
	more = &trace->events[trace->count++];
	memset(more, 0, sizeof *more);
	return more;
}

static s0_code read_line(struct s0_trace *trace, const char *text,
			 size_t length, struct s0_error *err)
{
	json_error_t why;
	json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
	size_t line = trace->count + 1;
	struct trace_event *event;

	if (!json_is_object(object)) {
		json_decref(object);
		if (line == 1)
			return error_set(err, S0_E_FORMAT, "'%s' is no trace",
					 trace->name);
		return error_set(err, S0_E_FORMAT, "%s:%zu:%d: %s", trace->name,
				 line, object ? 1 : why.column,
				 object ? "no JSON object" : why.text);
	}
	event = grow(trace, err);
	if (!event) {
		json_decref(object);
		return S0_E_MEMORY;
	}
	event->text = text;
	event->text_length = length;
	event->object = object;
	return trace_read_event(trace, event, line, err);
}

static s0_code read_all(struct s0_trace *trace, const char *text, size_t length,
			struct s0_error *err)
{
	const char *end = text + length;
	s0_code code = S0_OK;

	while (code == S0_OK && text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		/* Cut while it was written. */
		if (!stop)
			break;
		code = read_line(trace, text, (size_t)(stop - text), err);
		text = stop + 1;
	}
	if (code == S0_OK && trace->count == 0)
		code = error_set(err, S0_E_FORMAT, "'%s' is no trace",
				 trace->name);
	return code;
}

/* Runs of equal bytes are short in the file and long in memory. A link's
 * records may be this long, however short they are written; of the rest, a
 * transfer's line is at least an eighth of what it moves (2048 bytes). */
#define BYTES_BASE ((size_t)64 << 20)
#define BYTES_FOLD 8

static size_t budget(size_t length)
{
	if (length > (SIZE_MAX - BYTES_BASE) / BYTES_FOLD)
		return SIZE_MAX;
	return BYTES_BASE + length * BYTES_FOLD;
}

s0_code s0_trace_parse(const char *name, const void *bytes_, size_t length,
		       struct s0_trace **ret_trace, struct s0_error *err)
{
	struct s0_trace *trace = calloc(1, sizeof *trace);
	s0_code code;

	if (!trace)
		return error_memory(err);
	(void)snprintf(trace->name, sizeof trace->name, "%s", name);
	trace->bytes_left = budget(length);
	code = read_all(trace, bytes_, length, err);
	if (code == S0_OK)
		*ret_trace = trace;
	else
		s0_trace_free(trace);
	return code;
}

void s0_trace_free(struct s0_trace *trace)
{
	if (!trace)
		return;
	for (size_t i = 0; i < trace->count; i++) {
		free(trace->events[i].data);
		json_decref(trace->events[i].object);
	}
	free(trace->events);
	free(trace->words);
	free(trace);
}

const struct s0_trace_head *s0_trace_head(const struct s0_trace *trace)
{
	return &trace->head;
}

const struct s0_trace_outcome *s0_trace_outcome(const struct s0_trace *trace)
{
	return trace->ended ? &trace->outcome : NULL;
}

size_t s0_trace_count(const struct s0_trace *trace)
{
	return trace->count;
}

const char *s0_trace_line(const struct s0_trace *trace, size_t index,
			  size_t *ret_length)
{
	if (index >= trace->count)
		return NULL;
	*ret_length = trace->events[index].text_length;
	return trace->events[index].text;
}
