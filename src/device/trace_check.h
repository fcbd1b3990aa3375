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

/* Where the walk through a recorded session is. */
struct check {
	const struct s0_trace *trace;
	const struct s0_trace_check_options *options;
	struct s0_trace_checked *checked;
	struct s0_sim *sim;
	uint64_t base_us; /* model's clock when the device was opened */
	uint8_t interface;
	bool gone; /* for the host, until it opens it again */
	bool told_to_leave;
	bool different;
	double poll_factor;  /* recorded by found, if only those differ; 0 */
	s0_sim_fault struck; /* by the last request */
	uint32_t pointer, block; /* of the DfuSe protocol */
	uint8_t data[UINT16_MAX];
};

/* trace_differ.c: notes the first difference; false if there is one. Of bytes,
 * those that were found are in check->data. */
void check_differs(struct check *check, const struct trace_event *event,
		   const char *field, const char *recorded, const char *found);
bool check_same_number(struct check *check, const struct trace_event *event,
		       const char *field, size_t recorded, size_t found);
bool check_same_code(struct check *check, const struct trace_event *event,
		     s0_code found);
bool check_same_data(struct check *check, const struct trace_event *event,
		     size_t length);
void check_same_time(struct check *check, const struct trace_event *event,
		     uint64_t found_us);
/* bytes, length: recorded; code, found: of the virtual chip's. */
void check_same_descriptor(struct check *check, const struct trace_event *event,
			   const char *key, const uint8_t *bytes, size_t length,
			   s0_code code, size_t found);

#endif
