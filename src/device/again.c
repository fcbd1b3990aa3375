/* SPDX-License-Identifier: MIT */
/* A device that left the bus, and what is on its path afterwards. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "device/context.h"
#include "device/open.h"

/* How long one look at the path takes: a stop is noticed in between. */
#define LOOK_MS 250u

static bool waiting(const struct s0_device *device, s0_code why)
{
	const struct s0_patience *patience = &device->context->patience;
	char what[256];

	if (!patience->waiting || !patience->reconnect_ms)
		return true;
	(void)snprintf(what, sizeof what,
		       why == S0_E_GONE
			       ? "the device left the bus; waiting up to %g s "
				 "for it at %s"
			       : "the device does not answer; waiting up to %g "
				 "s for it at %s to be powered off and on "
				 "(with BOOT0 high)",
		       patience->reconnect_ms / 1000.0,
		       device->link->facts.path);
	return patience->waiting(patience->payload, what);
}

/* Asked once for each look, so that a recording can tell at which it was. */
static bool stop_wanted(struct s0_device *device, s0_code why,
			bool (*go_on)(void *), void *payload)
{
	if (waiting(device, why))
		return !go_on(payload);
	return !device->stop || device->stop(device, true);
}

static s0_code stopped(struct s0_error *err)
{
	return error_set(err, S0_E_CANCELLED,
			 "stopped as asked while the device was waited for");
}

s0_code device_reopen(struct s0_device *device, s0_code why,
		      uint32_t timeout_ms, bool (*go_on)(void *), void *payload,
		      struct s0_error *err)
{
	struct usb_link *link = device->link;
	struct s0_error last;
	s0_code code;

	/* By the number of looks, each of which takes its time: a recording
	 * that has come to its end has a clock that stands still. */
	for (uint32_t left = timeout_ms;; left -= LOOK_MS) {
		uint32_t look = left < LOOK_MS ? left : LOOK_MS;

		last = (struct s0_error)S0_ERROR_INIT;
		if (stop_wanted(device, why, go_on, payload))
			return stopped(err);
		code = link->ops->reopen(link, look, &last);
		if (code == S0_OK || left <= LOOK_MS)
			break;
	}
	if (code != S0_OK && stop_wanted(device, why, go_on, payload))
		return stopped(err);
	if (code != S0_OK && err && err->code == S0_OK)
		*err = last;
	return code;
}

static s0_code another(const struct s0_device *device, const char *what,
		       const char *now, const char *before,
		       struct s0_error *err)
{
	error_add_cause(err, S0_CAUSE_OTHER_DEVICE);
	return error_set(err, S0_E_GONE,
			 "what is at %s now is another chip: its %s is '%s' "
			 "instead of '%s'",
			 device->info.path, what, now, before);
}

/* What every bootloader of this chip tells the same. */
static s0_code compare_descriptors(const struct s0_device *before,
				   const struct s0_device *now,
				   struct s0_error *err)
{
	const struct s0_device_info *was = &before->info, *is = &now->info;
	unsigned count = was->memory_count > is->memory_count
				 ? was->memory_count
				 : is->memory_count;

	for (unsigned i = 0; i < count && !before->layout_may_change; i++)
		if (strcmp(was->memories[i], is->memories[i]) != 0)
			return another(before, "memory layout", is->memories[i],
				       was->memories[i], err);
	if (was->vendor == is->vendor && was->product == is->product &&
	    was->bcd_device == is->bcd_device &&
	    was->transfer_size == is->transfer_size)
		return S0_OK;
	return another(before, "descriptor", is->name, was->name, err);
}

/* The unique ID decides; where a chip has none to tell, all the rest must be
 * the same. */
static s0_code compare(const struct s0_device *before,
		       const struct s0_device *now, struct s0_error *err)
{
	const struct s0_device_info *was = &before->info, *is = &now->info;
	s0_code code = compare_descriptors(before, now, err);

	if (code != S0_OK)
		return code;
	if (before->uid_may_hide && (!was->uid[0] || !is->uid[0]))
		return S0_OK;
	if (was->uid[0] && !is->uid[0])
		return error_set(err, S0_E_PROTOCOL,
				 "the device that came back at %s does not "
				 "tell its unique ID",
				 was->path);
	if (strcmp(was->uid, is->uid) != 0)
		return another(before, "unique ID", is->uid, was->uid, err);
	/* Some make up another serial number at each power-on. */
	if (!was->uid[0] && strcmp(was->serial, is->serial) != 0)
		return another(before, "serial number", is->serial, was->serial,
			       err);
	if (!was->uid[0] && was->flash_kib != is->flash_kib) {
		error_add_cause(err, S0_CAUSE_OTHER_DEVICE);
		return error_set(err, S0_E_GONE,
				 "what is at %s now is another chip: it has %u "
				 "KiB of flash instead of %u",
				 was->path, is->flash_kib, was->flash_kib);
	}
	return S0_OK;
}

static s0_code recognise(struct s0_device *device, struct s0_error *err)
{
	struct s0_device now = { .context = device->context,
				 .link = device->link,
				 .target = device->target };
	s0_code code = s0_map_new(&now.map, err);

	if (code == S0_OK)
		code = device_read_descriptors(&now, now.link, err);
	if (code == S0_OK)
		code = now.target->ops->settle(now.target, err);
	now.info.chip = device->info.chip;
	if (code == S0_OK && now.info.chip)
		code = device_ask_identity(&now, err);
	if (code == S0_OK)
		code = compare(device, &now, err);
	s0_map_free(now.map);
	return code;
}

/* By what the descriptors say now: some bootloaders follow the option bytes
 * with them. */
static s0_code renew(struct s0_device *device, struct s0_error *err)
{
	struct s0_device now = { .context = device->context,
				 .link = device->link,
				 .info = device->info };
	struct s0_map *old = device->map;
	s0_code code = s0_map_new(&now.map, err);

	now.info.memory_count = 0;
	now.info.remark_count = device->own_remarks;
	if (code == S0_OK)
		code = device_read_descriptors(&now, now.link, err);
	now.info.rdp = device->info.rdp;
	if (code == S0_OK)
		code = device_take_memory(&now, err);
	if (code != S0_OK) {
		s0_map_free(now.map);
		return code;
	}
	device->map = now.map;
	device->info = now.info;
	s0_map_free(old);
	return S0_OK;
}

void device_set_return(struct s0_device *device)
{
	device->reopen = device_reopen;
	device->recognise = recognise;
	device->renew = renew;
	device->reconnect_ms = device->context->patience.reconnect_ms;
}
