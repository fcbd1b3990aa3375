/* SPDX-License-Identifier: MIT */
/* A control transfer as a line of text. */
#include "sim/sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include <sector0/checksum.h>

#define SHOWN 16 /* bytes of data */

struct line {
	char *chars;
	size_t size, length;
};

S0_PRINTF(2, 3)
static void add(struct line *line, const char *format, ...)
{
	va_list args;
	int length;

	if (line->length + 1 >= line->size)
		return;
	va_start(args, format);
	length = vsnprintf(line->chars + line->length,
			   line->size - line->length, format, args);
	va_end(args);
	if (length > 0)
		line->length += (size_t)length;
	if (line->length >= line->size)
		line->length = line->size - 1;
}

static const char *class_request(const struct s0_sim_setup *setup)
{
	static const char *const names[] = { "DETACH",	  "DNLOAD",
					     "UPLOAD",	  "GETSTATUS",
					     "CLRSTATUS", "GETSTATE",
					     "ABORT" };

	if ((setup->request_type & 0x60) != 0x20 || setup->request > SIM_ABORT)
		return NULL;
	return names[setup->request];
}

static const char *standard_request(const struct s0_sim_setup *setup)
{
	static const char *const names[] = {
		[0] = "GET_STATUS",	   [1] = "CLEAR_FEATURE",
		[3] = "SET_FEATURE",	   [5] = "SET_ADDRESS",
		[6] = "GET_DESCRIPTOR",	   [8] = "GET_CONFIGURATION",
		[9] = "SET_CONFIGURATION", [10] = "GET_INTERFACE",
		[11] = "SET_INTERFACE",
	};

	if ((setup->request_type & 0x60) != 0 ||
	    setup->request >= sizeof(names) / sizeof(names[0]))
		return NULL;
	return names[setup->request];
}

static void add_request(struct line *line, const struct s0_sim_setup *setup)
{
	const char *name = class_request(setup);

	if (!name)
		name = standard_request(setup);
	if (name)
		add(line, "%s", name);
	else
		add(line, "request %02x/%02x", setup->request_type,
		    setup->request);
	add(line, " value=0x%04x index=%u length=%u", setup->value,
	    setup->index, setup->length);
}

static void add_data(struct line *line, const struct s0_sim_record *record)
{
	struct s0_checksum sum;

	if (record->length == 0 || !record->data)
		return;
	add(line, " data=");
	for (unsigned i = 0; i < record->length && i < SHOWN; i++)
		add(line, "%02x", record->data[i]);
	if (record->length <= SHOWN)
		return;
	s0_checksum_start(&sum);
	s0_checksum_add(&sum, record->data, record->length);
	add(line, "... %u bytes crc32=%08" PRIx32, record->length, sum.crc32);
}

size_t s0_sim_record_print(const struct s0_sim_record *record, char *line,
			   size_t size)
{
	static const char *const results[] = { "ok",   "STALL", "silent",
					       "gone", "error", "overflow" };
	struct line out = { line, size, 0 };
	unsigned handshake = (unsigned)record->handshake;

	if (size == 0)
		return 0;
	line[0] = '\0';
	add(&out, "%" PRIu64 ".%06u #%" PRIu64 " ", record->start_us / 1000000,
	    (unsigned)(record->start_us % 1000000), record->number);
	add_request(&out, &record->setup);
	add_data(&out, record);
	add(&out, " -> %s status=%u state=%u",
	    handshake < 6 ? results[handshake] : "?", record->status,
	    record->state);
	if (record->fault != S0_SIM_FAULT_NONE)
		add(&out, " fault=%s", s0_sim_fault_name(record->fault));
	add(&out, " %" PRIu64 " us", record->end_us - record->start_us);
	return out.length;
}
