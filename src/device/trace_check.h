/* SPDX-License-Identifier: MIT */
#ifndef DEVICE_TRACE_CHECK_H
#define DEVICE_TRACE_CHECK_H

/* The parts of s0_trace_check(). */

#include <sector0/sim.h>

#include "link/trace/trace.h"

/* The events of one opened device: those of `link` from `first`, its
 * TRACE_OPEN, on. */
struct trace_part {
	const struct s0_trace *trace;
	size_t first;
	unsigned link;
};

/* The next event of a part at or behind *index, which is set to it; NULL. */
const struct trace_event *trace_part_next(const struct trace_part *part,
					  size_t *index);

/* trace_past.c: what a device held before it was written to. */
struct trace_past {
	struct s0_map *map;
	struct s0_image *held;	  /* read before anything was written there */
	struct s0_image *touched; /* zeros where something was */
	uint64_t touched_bytes;	  /* that were added to it */
	uint32_t pointer, block;  /* of the DfuSe protocol */
	char layout[128];	  /* the first string of that kind; "" */
	uint8_t serial[255];	  /* string descriptor, raw */
	size_t serial_length;
};
s0_code trace_past_read(const struct trace_part *part, struct trace_past *past,
			struct s0_error *err);
void trace_past_free(struct trace_past *past);
/* May the device leave the bus because of that transfer? */
bool trace_asks_to_leave(const struct trace_event *event);
/* Bytes that it held; false unless all are known. */
bool trace_past_held(const struct trace_past *past, uint32_t address,
		     void *bytes, uint32_t length);

/* trace_deduce.c: the description of a chip like the recorded device. */
s0_code trace_deduce(const struct trace_event *open,
		     const struct trace_past *past, const char *given,
		     char *description, size_t size, struct s0_error *err);

#endif
