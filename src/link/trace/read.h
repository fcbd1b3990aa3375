/* SPDX-License-Identifier: MIT */
#ifndef LINK_TRACE_READ_H
#define LINK_TRACE_READ_H

#include "link/trace/trace.h"

/* Fill in an event from its object, which it holds; the object goes unless it
 * will be looked into later. line: its number, for messages. */
s0_code trace_read_event(struct s0_trace *trace, struct trace_event *event,
			 size_t line, struct s0_error *err);

#endif
