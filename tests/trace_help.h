/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TRACE_HELP_H
#define TESTS_TRACE_HELP_H

/* Recording a session and living through it again. */

#include <sector0/session.h>

#include "base/text.h"
#include "link/trace/trace.h"

/* What a user does with a device; the same for the recording and the replay.
 * When stop_at bytes are written, a stop is asked for; 0: never. */
struct job {
	uint64_t stop_at;
	uint32_t address; /* where it writes; 0: bank 1 */
	struct s0_session *session;
	struct s0_error err;
	struct s0_result result;
};

void job_run(struct s0_context *context, const char *selector, struct job *job);

/* Do a job and add what was recorded to a text. state: directory of the host's
 * records, or NULL. */
void record(struct text *trace, const char *selector, const char *state,
	    struct job *job);
/* Do it again; the number of transfers that were the same. */
uint64_t replay(const struct s0_trace *trace, struct job *job,
		struct s0_trace_difference *ret_difference);

/* A recorder that adds to a text. */
struct s0_recorder *recorder_on(struct text *trace);
/* The text must be a trace. */
struct s0_trace *parse(const struct text *text);
/* A text that is recorded anew, and its trace. */
struct s0_trace *make_trace(struct text *text, const char *selector,
			    uint32_t address);

#endif
