/* SPDX-License-Identifier: MIT */
/* What a device held before a recorded session wrote to it, from what the
 * session read. */
#include <stdlib.h>
#include <string.h>

#include <sector0/image.h>
#include <sector0/map.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "device/trace_check.h"

enum { DETACH = 0, DNLOAD = 1, UPLOAD = 2 };

/* No sector of any STM32 is larger. */
#define SECTOR_MAX (1024u * 1024u)

/* Nor has one this much memory; a stranger's trace may say so. */
#define TOUCHED_MAX (64u * SECTOR_MAX)

const struct trace_event *trace_part_next(const struct trace_part *part,
					  size_t *index)
{
	const struct s0_trace *trace = part->trace;

	for (; *index < trace->count; ++*index)
		if (trace->events[*index].link == part->link)
			return &trace->events[*index];
	return NULL;
}

/* Nothing that is read there from now on was there before. */
static s0_code touch(struct trace_past *past, uint32_t address, uint64_t length,
		     struct s0_error *err)
{
	uint8_t *zeros;
	s0_code code;

	if (length > UINT64_C(0x100000000) - address)
		length = UINT64_C(0x100000000) - address;
	if (length > SECTOR_MAX)
		length = SECTOR_MAX;
	if (length == 0)
		return S0_OK;
	zeros = calloc(1, (size_t)length);
	if (!zeros)
		return error_memory(err);
	if (s0_image_copy(past->touched, address, (uint32_t)length, zeros) ==
	    length)
		code = S0_OK;
	else if ((past->touched_bytes += length) > TOUCHED_MAX)
		code = error_set(err, S0_E_UNSUPPORTED,
				 "the recorded session changes more memory "
				 "than any STM32 has");
	else
		code = s0_image_add(past->touched, "written", address, zeros,
				    (uint32_t)length, err);
	free(zeros);
	return code;
}

static s0_code touch_sector(struct trace_past *past, uint32_t address,
			    struct s0_error *err)
{
	uint32_t start, length;

	if (!s0_map_sector(past->map, address, &start, &length))
		return S0_OK;
	return touch(past, start, length, err);
}

static s0_code touch_flash(struct trace_past *past, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; i < s0_map_area_count(past->map); i++) {
		const struct s0_area *area = s0_map_area(past->map, i);

		if (area->kind != S0_AREA_FLASH)
			continue;
		for (uint32_t at = 0;
		     code == S0_OK && at < area->length && at < 8 * SECTOR_MAX;
		     at += SECTOR_MAX)
			code = touch(past, area->address + at,
				     area->length - at, err);
	}
	return code;
}

/* Where block n of a DNLOAD or UPLOAD lies. */
static uint32_t place(const struct trace_past *past, uint16_t number)
{
	return past->pointer + (number - 2u) * past->block;
}

static s0_code take_dnload(struct trace_past *past,
			   const struct trace_event *event,
			   struct s0_error *err)
{
	const uint8_t *data = event->data;

	if (event->value >= 2)
		return touch(past, place(past, event->value), event->length,
			     err);
	if (event->value != 0 || event->length == 0)
		return S0_OK;
	if (event->length == 1)
		return data[0] == 0x41 || data[0] == 0x92
			       ? touch_flash(past, err)
			       : S0_OK;
	if (event->length != 5 || (data[0] != 0x21 && data[0] != 0x41))
		return S0_OK;
	past->pointer = get_le32(data + 1);
	return data[0] == 0x41 ? touch_sector(past, past->pointer, err) : S0_OK;
}

/* Bytes that were read, but for those that were touched before. What was read
 * before, and otherwise (RAM, a fault), stays as it was the first time. */
static s0_code take_upload(struct trace_past *past,
			   const struct trace_event *event,
			   struct s0_error *err)
{
	uint32_t address = place(past, event->value), start = 0;
	uint32_t length = event->moved;
	uint8_t *fresh;
	s0_code code = S0_OK;

	if (event->value < 2 || length == 0 ||
	    length - 1 > UINT32_MAX - address)
		return S0_OK;
	fresh = malloc(length);
	if (!fresh)
		return error_memory(err);
	memset(fresh, 1, length);
	(void)s0_image_copy(past->touched, address, length, fresh);
	for (uint32_t at = 0; at <= length && code == S0_OK; at++) {
		if (at < length && fresh[at])
			continue;
		if (at > start)
			code = s0_image_add(past->held, "held", address + start,
					    event->data + start, at - start,
					    NULL);
		if (code == S0_E_OVERLAP)
			code = S0_OK;
		start = at + 1;
	}
	free(fresh);
	return code == S0_OK ? code : error_memory(err);
}

static s0_code take_transfer(struct trace_past *past,
			     const struct trace_event *event,
			     struct s0_error *err)
{
	/* What failed may have been done all the same. */
	if (event->request_type == 0x21 && event->request == DNLOAD &&
	    event->code != S0_E_REFUSED)
		return take_dnload(past, event, err);
	if (event->request_type == 0xa1 && event->request == UPLOAD &&
	    event->code == S0_OK)
		return take_upload(past, event, err);
	return S0_OK;
}

bool trace_asks_to_leave(const struct trace_event *event)
{
	if (event->request_type != 0x21)
		return false;
	if (event->request == DETACH)
		return true;
	/* Leave; Read Unprotect */
	return event->request == DNLOAD &&
	       (event->length == 0 ||
		(event->value == 0 && event->length == 1 &&
		 event->data[0] == 0x92));
}

/* Strings of the alternate settings make the map; in their order, by which the
 * host asks for them. */
static void take_string(struct trace_past *past,
			const struct trace_event *event, uint8_t serial,
			uint8_t *alt)
{
	char name[128] = "";
	size_t used = 0;

	if (event->code != S0_OK || event->data_length < 4)
		return;
	if (serial && event->value == serial) {
		memcpy(past->serial, event->data, event->data_length);
		past->serial_length = event->data_length;
	}
	for (size_t i = 2; i + 1 < event->data_length && used + 1 < sizeof name;
	     i += 2)
		name[used++] = event->data[i + 1] ? '?' : (char)event->data[i];
	name[used] = '\0';
	if (name[0] == '@' && past->layout[0] == '\0')
		memcpy(past->layout, name, sizeof name);
	/* One that is not understood names no memory. */
	if (name[0] == '@' && *alt < 8 &&
	    s0_map_parse(past->map, name, *alt, NULL) == S0_OK)
		(*alt)++;
}

/* wTransferSize of the DFU functional descriptor. */
static uint32_t transfer_size(const uint8_t *config, size_t length)
{
	for (size_t at = 0; at + 2 <= length && config[at] >= 2;
	     at += config[at])
		if (config[at + 1] == 0x21 && config[at] >= 7 &&
		    at + 7 <= length)
			return get_le16(config + at + 5);
	return 0;
}

static s0_code walk(const struct trace_part *part, struct trace_past *past,
		    struct s0_error *err)
{
	const struct trace_event *event = &part->trace->events[part->first];
	uint8_t config[4096], desc[18] = { 0 }, alt = 0;
	s0_code code = S0_OK;

	past->block =
		transfer_size(config, trace_bytes(event, "config_descriptor",
						  config, sizeof config));
	(void)trace_bytes(event, "device_descriptor", desc, sizeof desc);
	past->pointer = 0x08000000; /* AN3156: after enumeration */
	for (size_t i = part->first + 1;
	     code == S0_OK && (event = trace_part_next(part, &i)); i++) {
		if (event->kind == TRACE_STRING)
			take_string(past, event, desc[16], &alt);
		else if (event->kind == TRACE_TRANSFER)
			code = take_transfer(past, event, err);
	}
	return code;
}

s0_code trace_past_read(const struct trace_part *part, struct trace_past *past,
			struct s0_error *err)
{
	s0_code code;

	memset(past, 0, sizeof *past);
	code = s0_map_new(&past->map, err);
	if (code == S0_OK)
		code = s0_image_new(&past->held, err);
	if (code == S0_OK)
		code = s0_image_new(&past->touched, err);
	if (code == S0_OK)
		code = walk(part, past, err);
	if (code != S0_OK)
		trace_past_free(past);
	return code;
}

void trace_past_free(struct trace_past *past)
{
	s0_map_free(past->map);
	s0_image_free(past->held);
	s0_image_free(past->touched);
	memset(past, 0, sizeof *past);
}

bool trace_past_held(const struct trace_past *past, uint32_t address,
		     void *bytes, uint32_t length)
{
	return address &&
	       s0_image_copy(past->held, address, length, bytes) == length;
}
