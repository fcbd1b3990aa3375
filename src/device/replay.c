/* SPDX-License-Identifier: MIT */
/* Devices as a trace has them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "device/open.h"
#include "link/trace/trace.h"

static void take_text(const struct trace_event *found, const char *key,
		      char *text, size_t size)
{
	const char *there = trace_text(found, key);

	(void)snprintf(text, size, "%s", there ? there : "");
}

static struct s0_candidate recorded(const struct trace_event *found)
{
	struct s0_candidate one = { 0 };

	take_text(found, "path", one.path, sizeof one.path);
	one.vendor = (uint16_t)trace_number(found, "vendor", 0xffff);
	one.product = (uint16_t)trace_number(found, "product", 0xffff);
	take_text(found, "manufacturer", one.manufacturer,
		  sizeof one.manufacturer);
	take_text(found, "name", one.name, sizeof one.name);
	take_text(found, "serial", one.serial, sizeof one.serial);
	one.serial_shared = trace_flag(found, "serial_shared");
	one.dfu_mode = trace_flag(found, "dfu_mode");
	one.accessible = trace_flag(found, "accessible");
	one.forbidden = trace_flag(found, "forbidden");
	return one;
}

s0_code device_find_replay(struct s0_replay *replay,
			   struct s0_candidate **ret_list, size_t *ret_count,
			   struct s0_error *err)
{
	const struct trace_event *event =
		replay_take(replay, TRACE_FIND, "look for devices");
	size_t count;

	if (!event)
		return error_set(err, S0_E_NO_USB, "the trace has no bus");
	if (event->code != S0_OK)
		return trace_error(event, err);
	count = trace_list_count(event, "devices");
	*ret_list = count ? calloc(count, sizeof **ret_list) : NULL;
	if (count && !*ret_list)
		return error_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct trace_event found = trace_list_at(event, "devices", i);

		(*ret_list)[i] = recorded(&found);
	}
	*ret_count = count;
	return S0_OK;
}
