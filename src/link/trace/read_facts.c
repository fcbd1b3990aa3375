/* SPDX-License-Identifier: MIT */
/* What is read of an event only where it is needed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/error.h"
#include "link/trace/trace.h"

const char *trace_text(const struct trace_event *event, const char *key)
{
	return json_string_value(json_object_get(event->object, key));
}

uint64_t trace_number(const struct trace_event *event, const char *key,
		      uint64_t most)
{
	json_int_t found =
		json_integer_value(json_object_get(event->object, key));

	return found > 0 && (uint64_t)found <= most ? (uint64_t)found : 0;
}

bool trace_flag(const struct trace_event *event, const char *key)
{
	return json_is_true(json_object_get(event->object, key));
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The number behind a '*', past which *at is moved; 0: none that is right. */
static size_t run_length(const char **at, size_t most)
{
	size_t run = 0;

	while (**at >= '0' && **at <= '9' && run <= most)
		run = run * 10 + (size_t)(*(*at)++ - '0');
	return run <= most && (**at == ' ' || **at == '\0') ? run : 0;
}

size_t trace_hex(const char *text, uint8_t *bytes, size_t size)
{
	size_t length = 0;

	while (*text) {
		int high = digit(text[0]);
		int low = high < 0 ? -1 : digit(text[1]);
		size_t run = 1;

		if (low < 0)
			return SIZE_MAX;
		text += 2;
		if (*text == '*') {
			text++;
			run = run_length(&text, size - length);
		}
		if (run == 0 || run > size - length)
			return SIZE_MAX;
		if (bytes)
			memset(bytes + length, high << 4 | low, run);
		length += run;
		if (*text == ' ' && text[1])
			text++;
	}
	return length;
}

size_t trace_bytes(const struct trace_event *event, const char *key,
		   uint8_t *bytes, size_t size)
{
	const char *text = trace_text(event, key);
	size_t length = text ? trace_hex(text, bytes, size) : 0;

	return length == SIZE_MAX ? 0 : length;
}

s0_code trace_error(const struct trace_event *event, struct s0_error *err)
{
	const char *message = trace_text(event, "message");
	const json_t *usb = json_object_get(event->object, "usb_code");
	json_int_t usb_code = json_integer_value(usb);

	if (event->code == S0_OK)
		return S0_OK;
	error_set(err, event->code, "%s", message ? message : "as recorded");
	if (usb_code < 0 && usb_code > -100000)
		error_add_usb(err, (int)usb_code);
	error_add_cause(err,
			(s0_cause)trace_number(event, "cause", S0_CAUSE_LAST));
	return event->code;
}

static uint32_t item(const json_t *list, size_t index)
{
	json_int_t found = json_integer_value(json_array_get(list, index));

	return found > 0 && found <= UINT32_MAX ? (uint32_t)found : 0;
}

static void take_erase_times(const struct trace_event *event,
			     struct usb_link_facts *facts)
{
	const json_t *list = json_object_get(event->object, "erase_us");

	for (size_t i = 0; i < USB_ERASE_TIMES; i++) {
		const json_t *pair = json_array_get(list, i);

		facts->erase[i].sector_bytes = item(pair, 0);
		facts->erase[i].us = item(pair, 1);
	}
}

s0_code trace_facts(const struct trace_event *event,
		    struct usb_link_facts *facts, uint8_t **ret_config,
		    struct s0_error *err)
{
	const char *path = trace_text(event, "path");
	const char *speed = trace_text(event, "speed");
	uint8_t *config = malloc(UINT16_MAX);

	if (!config)
		return error_memory(err);
	memset(facts, 0, sizeof *facts);
	(void)snprintf(facts->path, sizeof facts->path, "%s", path ? path : "");
	facts->speed = speed ? speed : "";
	(void)trace_bytes(event, "device_descriptor", facts->device_descriptor,
			  sizeof facts->device_descriptor);
	facts->config_length = (uint16_t)trace_bytes(event, "config_descriptor",
						     config, UINT16_MAX);
	facts->config_descriptor = config;
	facts->interface = (uint8_t)trace_number(event, "interface", 0xff);
	facts->turnaround_us =
		(uint32_t)trace_number(event, "turnaround_us", UINT32_MAX);
	take_erase_times(event, facts);
	facts->word_us = (uint32_t)trace_number(event, "word_us", UINT32_MAX);
	facts->mass_erase_us =
		(uint32_t)trace_number(event, "mass_erase_us", UINT32_MAX);
	*ret_config = config;
	return S0_OK;
}

size_t trace_list_count(const struct trace_event *event, const char *key)
{
	return json_array_size(json_object_get(event->object, key));
}

struct trace_event trace_list_at(const struct trace_event *event,
				 const char *key, size_t index)
{
	return (struct trace_event){
		.object = json_array_get(json_object_get(event->object, key),
					 index)
	};
}
