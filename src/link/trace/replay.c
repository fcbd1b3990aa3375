/* SPDX-License-Identifier: MIT */
/* Living through a trace again: what is asked must be what was asked then. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/trace/trace.h"

s0_code s0_replay_new(const struct s0_trace *trace,
		      struct s0_replay **ret_replay, struct s0_error *err)
{
	struct s0_replay *replay = calloc(1, sizeof *replay);

	if (!replay)
		return error_memory(err);
	replay->trace = trace;
	*ret_replay = replay;
	return S0_OK;
}

void s0_replay_free(struct s0_replay *replay)
{
	free(replay);
}

const struct s0_trace_difference *s0_replay_difference(
	const struct s0_replay *replay)
{
	return replay->differs ? &replay->difference : NULL;
}

bool s0_replay_over(const struct s0_replay *replay)
{
	return replay->over;
}

uint64_t s0_replay_transfers(const struct s0_replay *replay)
{
	return replay->transfers;
}

void replay_differs(struct s0_replay *replay, const struct trace_event *event,
		    const char *field, const char *recorded, const char *found)
{
	struct s0_trace_difference *difference = &replay->difference;

	if (replay->differs || replay->over)
		return;
	replay->differs = true;
	if (event) {
		difference->line = (size_t)(event - replay->trace->events) + 1;
		difference->transfer = event->number;
	}
	(void)snprintf(difference->field, sizeof difference->field, "%s",
		       field);
	(void)snprintf(difference->recorded, sizeof difference->recorded, "%s",
		       recorded);
	(void)snprintf(difference->found, sizeof difference->found, "%s",
		       found);
}

/* Is it something that is asked for, in an order that matters? */
static bool is_step(const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_FIND:
	case TRACE_OPEN:
	case TRACE_STRING:
	case TRACE_SET_ALT:
	case TRACE_TRANSFER:
	case TRACE_WAIT:
	case TRACE_REOPEN:
	case TRACE_RESET:
	case TRACE_RECORDS_WRITTEN:
		return true;
	default:
		return false;
	}
}

/* The next step; NULL at the end of the trace. */
static const struct trace_event *next_step(struct s0_replay *replay)
{
	const struct s0_trace *trace = replay->trace;

	while (replay->at < trace->count &&
	       !is_step(&trace->events[replay->at]))
		replay->at++;
	return replay->at < trace->count ? &trace->events[replay->at] : NULL;
}

const struct trace_event *replay_take(struct s0_replay *replay,
				      enum trace_kind kind, const char *now)
{
	const struct trace_event *event;
	char words[TRACE_WORDS];

	if (replay->differs || replay->over)
		return NULL;
	replay->stops = 0;
	event = next_step(replay);
	if (event && event->kind == kind) {
		replay->at++;
		if (event->end_us > 0)
			replay->clock_us = event->end_us;
		return event;
	}
	/* Nobody knows what would have been answered to a run that was cut. */
	if (!event && !replay->trace->ended) {
		replay->over = true;
		return NULL;
	}
	(void)snprintf(words, sizeof words, "nothing more");
	if (event)
		trace_event_words(words, event);
	replay_differs(replay, event, "step", words, now);
	return NULL;
}

/* The stop was noticed when it was asked about for the n-th time after the
 * step before, or after the time was asked for. */
bool replay_stop(struct s0_replay *replay)
{
	const struct s0_trace *trace = replay->trace;

	replay->stops++;
	for (size_t i = replay->at; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];

		if (event->kind == TRACE_CANCEL &&
		    replay->stops >= event->count)
			replay->stopped = true;
		if (event->kind == TRACE_CANCEL || event->kind == TRACE_NOW ||
		    is_step(event))
			break;
	}
	return replay->stopped || replay->differs || replay->over;
}

uint64_t replay_now_us(struct s0_replay *replay)
{
	const struct s0_trace *trace = replay->trace;

	for (size_t i = replay->at; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];

		if (event->kind == TRACE_NOW) {
			replay->clock_us = event->end_us;
			replay->at = i + 1;
			replay->stops = 0;
			break;
		}
		if (is_step(event))
			break;
	}
	return replay->clock_us;
}

static bool same_file(const struct trace_event *event,
		      const struct s0_trace_input *input)
{
	return trace_number(event, "length", INT64_MAX) == input->length &&
	       memcmp(event->data, input->sha256, 32) == 0;
}

/* The one of that name; else the same one under another. */
static const struct trace_event *find_input(const struct s0_replay *replay,
					    const struct s0_trace_input *input)
{
	const struct s0_trace *trace = replay->trace;
	const struct trace_event *same = NULL;

	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];

		if (event->kind != TRACE_INPUT)
			continue;
		if (strcmp(trace_text(event, "name"), input->name) == 0)
			return event;
		if (same_file(event, input))
			same = event;
	}
	return same;
}

/* A file in words: its length, and of its sum enough to tell it apart. */
static void file_words(char words[TRACE_WORDS], const char *name,
		       uint64_t length, const uint8_t sha256[32])
{
	if (length == UINT64_MAX)
		(void)snprintf(words, TRACE_WORDS, "%.80s cannot be read",
			       name);
	else
		(void)snprintf(words, TRACE_WORDS,
			       "%.80s of %" PRIu64
			       " bytes, SHA-256 %02x%02x%02x%02x…",
			       name, length, sha256[0], sha256[1], sha256[2],
			       sha256[3]);
}

/* One that could not be read was not recorded, nor one behind a cut. */
static bool add_unknown(struct s0_replay *replay,
			const struct s0_trace_input *input)
{
	const struct trace_event *event = next_step(replay);
	char found[TRACE_WORDS];

	if (input->length == UINT64_MAX || (!event && !replay->trace->ended))
		return true;
	file_words(found, input->name, input->length, input->sha256);
	replay_differs(replay, event, "file", "no such file was read", found);
	return false;
}

bool s0_replay_add_input(struct s0_replay *replay,
			 const struct s0_trace_input *input)
{
	const struct trace_event *event = find_input(replay, input);
	char recorded[TRACE_WORDS], found[TRACE_WORDS];
	uint64_t length;

	if (!event)
		return add_unknown(replay, input);
	if (same_file(event, input))
		return true;
	length = trace_number(event, "length", INT64_MAX);
	file_words(recorded, input->name, length, event->data);
	file_words(found, input->name, input->length, input->sha256);
	replay_differs(replay, event, "file", recorded, found);
	return false;
}

static void outcome_words(char words[TRACE_WORDS],
			  const struct s0_trace_outcome *outcome)
{
	bool failed = outcome->code != S0_OK;

	(void)snprintf(words, TRACE_WORDS, "status %d, %s%s%s", outcome->status,
		       s0_code_name(outcome->code), failed ? ", device " : "",
		       failed ? s0_aftermath_name(outcome->aftermath) : "");
}

static const struct trace_event *outcome_event(const struct s0_replay *replay)
{
	return &replay->trace->events[replay->trace->count - 1];
}

void s0_replay_add_outcome(struct s0_replay *replay,
			   const struct s0_trace_outcome *outcome)
{
	const struct s0_trace_outcome *then = s0_trace_outcome(replay->trace);
	char recorded[TRACE_WORDS], found[TRACE_WORDS];
	const struct trace_event *event;

	if (replay->over)
		return;
	event = next_step(replay);
	if (event) {
		trace_event_words(recorded, event);
		replay_differs(replay, event, "step", recorded, "nothing more");
	}
	if (!then ||
	    (then->status == outcome->status && then->code == outcome->code &&
	     (then->code == S0_OK || then->aftermath == outcome->aftermath)))
		return;
	outcome_words(recorded, then);
	outcome_words(found, outcome);
	replay_differs(replay, outcome_event(replay), "outcome", recorded,
		       found);
}
