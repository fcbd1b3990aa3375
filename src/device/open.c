/* SPDX-License-Identifier: MIT */
/* Opening a device: a link, a protocol on it, and what it tells. */
#include "device/open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "chip/chip_internal.h"
#include "device/context.h"
#include "link/trace/trace.h"
#include "proto/dfuse.h"

static s0_code open_records(struct s0_device *device, struct store **ret_store,
			    struct s0_error *err)
{
	struct s0_context *context = device->context;
	struct s0_error *why = &device->no_records;
	s0_code code;

	if (context->replay)
		return replay_records(context->replay, ret_store, err);
	if (!device->records_path)
		code = memory_store_new(ret_store, err);
	else
		code = file_store_open(device->records_path, ret_store, why);
	/* What changes nothing can do without. */
	if (code == S0_E_FILE) {
		why->cause = S0_CAUSE_NO_RECORDS;
		code = no_store_new(why, ret_store, err);
	} else if (code != S0_OK && err && why->code != S0_OK)
		*err = *why;
	if (code == S0_OK)
		(*ret_store)->date_s = context->date_s;
	if (code == S0_OK && context->recorder)
		recorder_wrap_records(context->recorder, ret_store);
	return code;
}

/* A stop comes from outside, as the device's answers do. */
static bool stop(struct s0_device *device, bool asked)
{
	struct s0_context *context = device->context;

	if (context->replay)
		return replay_stop(context->replay) || asked;
	if (context->recorder)
		recorder_add_stop(context->recorder, asked);
	return asked;
}

/* The record of a chip is found by its unique ID; where that cannot be read,
 * by where it is plugged in. */
static s0_code name_records(struct s0_device *device, struct s0_error *err)
{
	const char *dir = device->context->state_dir;
	const char *key =
		device->info.uid[0] ? device->info.uid : device->info.path;
	struct text path = { 0 };

	if (!dir)
		return S0_OK;
	text_add(&path, "%s/" RECORDS_FOLDER "/", dir);
	for (; *key; key++)
		text_add(&path, "%c",
			 *key == '/' || *key == ':' || *key == '\\' ? '-'
								    : *key);
	text_add(&path, RECORDS_SUFFIX);
	if (path.failed)
		return error_memory(err);
	device->records_path = path.chars;
	return S0_OK;
}

static void log_line(void *payload, const char *line)
{
	context_log(payload, "%s", line);
}

static s0_code make_target(struct s0_device *device, struct s0_error *err)
{
	s0_code code = dfuse_new(device->link, device->info.transfer_size,
				 &device->target, err);

	if (code != S0_OK)
		device->link = NULL; /* taken over and closed */
	else if (device->context->log) {
		device->target->log = log_line;
		device->target->log_payload = device->context;
	}
	return code;
}

/* What it tells, from the beginning. */
static s0_code ask_all(struct s0_device *device, struct s0_error *err)
{
	s0_code code;

	s0_map_free(device->map);
	device->map = NULL;
	device->info = (struct s0_device_info){ 0 };
	code = s0_map_new(&device->map, err);
	if (code == S0_OK)
		code = device_read_descriptors(device, device->link, err);
	if (code == S0_OK && !device->target)
		code = make_target(device, err);
	return code == S0_OK ? device_identify(device, device->link, err)
			     : code;
}

static bool go_on(void *payload)
{
	return !stop(payload, false);
}

static bool may_pass(s0_code code)
{
	return code == S0_E_GONE || code == S0_E_TIMEOUT ||
	       code == S0_E_PROTOCOL || code == S0_E_REFUSED;
}

/* Wait for it after that failure, which is replaced when a stop ends the
 * waiting; else it stays what there is to be told. */
static s0_code wait_for(struct s0_device *device, struct s0_error *why)
{
	struct s0_error own = S0_ERROR_INIT;
	s0_code code = device_reopen(device, why->code, device->reconnect_ms,
				     go_on, device, &own);
	size_t used = strlen(own.message);

	if (code != S0_E_CANCELLED)
		return code == S0_OK ? code : why->code;
	(void)snprintf(own.message + used, sizeof own.message - used, ": %s",
		       why->message);
	*why = own;
	return code;
}

/* Nothing has been done to it yet: whatever is on its path afterwards is taken
 * for what was meant. */
static s0_code ask(struct s0_device *device, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT, first;
	s0_code code = ask_all(device, &why);

	first = why;
	if (may_pass(code) && device->reconnect_ms) {
		code = wait_for(device, &why);
		if (code == S0_OK) {
			device->trouble = first;
			device->reconnects = first.code == S0_E_GONE;
			device->retries = first.code != S0_E_GONE;
			why = (struct s0_error)S0_ERROR_INIT;
			code = ask_all(device, &why);
		}
	}
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

static s0_code fill_in(struct s0_device *device, bool persistent,
		       struct s0_error *err)
{
	s0_code code = ask(device, err);

	if (code == S0_OK && persistent)
		code = name_records(device, err);
	return code;
}

s0_code device_open_link(struct s0_context *context, struct usb_link *link,
			 bool persistent, struct s0_device **ret_device,
			 struct s0_error *err)
{
	struct s0_device *device = calloc(1, sizeof *device);
	s0_code code;

	if (!device) {
		link->ops->close(link);
		return error_memory(err);
	}
	device->context = context;
	device->open_records = open_records;
	device->stop = stop;
	device->link = link;
	device_set_return(device);
	code = fill_in(device, persistent, err);
	if (code != S0_OK) {
		s0_device_close(device);
		return code;
	}
	*ret_device = device;
	return S0_OK;
}

void s0_device_close(struct s0_device *device)
{
	if (!device)
		return;
	if (device->target)
		device->target->ops->close(device->target);
	else if (device->link)
		device->link->ops->close(device->link);
	s0_map_free(device->map);
	s0_sim_free(device->sim);
	free(device->records_path);
	free(device);
}

s0_code s0_device_reset(struct s0_device *device, struct s0_error *err)
{
	s0_code code = usb_link_reset(device->link, err);

	return code == S0_OK ? device->target->ops->settle(device->target, err)
			     : code;
}

const struct s0_device_info *s0_device_info(const struct s0_device *device)
{
	return &device->info;
}

const struct s0_map *s0_device_map(const struct s0_device *device)
{
	return device->map;
}

bool s0_device_option(const struct s0_device *device, const char *name,
		      uint32_t *ret_value)
{
	const struct s0_device_info *info = &device->info;

	return info->chip && chip_option(info->chip, name, info->options,
					 info->option_length, ret_value);
}
