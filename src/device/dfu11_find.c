/* SPDX-License-Identifier: MIT */
/* Devices with a DFU interface: finding and opening them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "device/context.h"
#include "device/dfu11.h"
#include "link/libusb/usb_discover.h"
#include "link/trace/trace.h"

enum { DESC_INTERFACE = 4, DESC_DFU = 0x21 };

/* Between two looks for a device that is on its way to DFU mode. */
#define LOOK_MS 100u

void dfu11_take_found(const struct usb_found *found, struct s0_dfu11_info *info)
{
	*info = (struct s0_dfu11_info){
		.dfu_mode = found->kind == USB_DFU_MODE,
		.accessible = found->accessible,
		.forbidden = found->open_code == USB_OPEN_FORBIDDEN,
		.vendor = found->vendor,
		.product = found->product,
		.bcd_device = found->bcd_device,
		.number = found->number,
		.configuration = found->config,
		.interface = found->interface,
	};
	memcpy(info->path, found->path, sizeof info->path);
	memcpy(info->manufacturer, found->manufacturer,
	       sizeof info->manufacturer);
	memcpy(info->name, found->product_name, sizeof info->name);
	memcpy(info->serial, found->serial, sizeof info->serial);
}

static s0_code take_alternate(struct usb_link *link, const uint8_t *desc,
			      struct s0_dfu11_info *info, struct s0_error *err)
{
	struct s0_dfu11_alternate *to;

	if (info->alternate_count == S0_DFU11_ALTERNATES)
		return S0_OK;
	to = &info->alternates[info->alternate_count++];
	to->number = desc[3];
	return usb_link_ask_string(link, desc[8], to->name, sizeof to->name,
				   err);
}

/* DFU 1.0 has no bcdDFUVersion. */
static void take_functional(const uint8_t *desc, struct s0_dfu11_info *info)
{
	info->attributes = desc[2];
	info->detach_ms = get_le16(desc + 3);
	info->transfer_size = get_le16(desc + 5);
	info->dfu_version = desc[0] >= 9 ? get_le16(desc + 7) : 0x0100;
}

s0_code dfu11_take_link(struct usb_link *link, struct s0_dfu11_info *info,
			struct s0_error *err)
{
	const uint8_t *config = link->facts.config_descriptor;
	uint16_t length = link->facts.config_length;
	bool ours = false;

	info->packet_size = link->facts.device_descriptor[7];
	for (uint16_t at = 0; at + 2 <= length;
	     at = (uint16_t)(at + config[at])) {
		const uint8_t *desc = config + at;
		s0_code code = S0_OK;

		if (desc[0] < 2 || at + desc[0] > length)
			break;
		if (desc[1] == DESC_INTERFACE && desc[0] >= 9) {
			ours = desc[2] == link->facts.interface &&
			       desc[5] == 0xfe && desc[6] == 1;
			if (ours)
				code = take_alternate(link, desc, info, err);
		} else if (desc[1] == DESC_DFU && desc[0] >= 7 && ours) {
			take_functional(desc, info);
		}
		if (code != S0_OK)
			return code;
	}
	return S0_OK;
}

/* One that leaves while it is asked is listed with what is known of it. */
static void look_at(struct usb_host *host, const struct usb_found *found,
		    struct s0_dfu11_info *info)
{
	struct usb_link *link = NULL;

	dfu11_take_found(found, info);
	if (!found->accessible)
		return;
	if (usb_open(host, found, USB_OPEN_LOOK, &link, NULL) != S0_OK) {
		info->accessible = false;
		return;
	}
	(void)dfu11_take_link(link, info, NULL);
	link->ops->close(link);
}

s0_code s0_dfu11_find(struct s0_context *context,
		      struct s0_dfu11_info **ret_list, size_t *ret_count,
		      struct s0_error *err)
{
	struct s0_dfu11_info *list = NULL;
	struct usb_found *found = NULL;
	struct usb_host *host;
	size_t count = 0;
	s0_code code = context_usb(context, &host, err);

	if (code == S0_OK)
		code = usb_list_dfu(host, &found, &count, err);
	if (code != S0_OK)
		return code;
	if (count) {
		list = calloc(count, sizeof *list);
		if (!list)
			code = error_memory(err);
	}
	for (size_t i = 0; list && i < count; i++)
		look_at(host, &found[i], &list[i]);
	free(found);
	if (code != S0_OK)
		return code;
	*ret_list = list;
	*ret_count = count;
	return S0_OK;
}

s0_code s0_dfu11_find_when(struct s0_context *context,
			   s0_dfu11_enough_fn enough, void *payload,
			   struct s0_dfu11_info **ret_list, size_t *ret_count,
			   struct s0_error *err)
{
	struct usb_host *host;
	s0_code code = context_usb(context, &host, err);

	for (;;) {
		struct s0_error why = S0_ERROR_INIT;

		if (code == S0_OK)
			code = s0_dfu11_find(context, ret_list, ret_count, err);
		if (code != S0_OK || !context->patience.appear ||
		    enough(payload, *ret_list, *ret_count))
			return code;
		(void)error_set(&why, S0_E_NO_DEVICE,
				"no device with DFU is the one");
		code = context_wait(context, &why);
		s0_dfu11_free_list(*ret_list);
		*ret_list = NULL;
		*ret_count = 0;
		if (code != S0_OK) {
			if (err && err->code == S0_OK)
				*err = why;
			return code;
		}
		usb_host_rest(host, LOOK_MS);
	}
}

void s0_dfu11_free_list(struct s0_dfu11_info *list)
{
	free(list);
}

/* What is on that path now, if it is what is wanted. */
static s0_code open_at(struct s0_context *context, const char *path,
		       bool in_dfu_mode, struct usb_link **ret_link,
		       struct s0_dfu11_info *ret_found, struct s0_error *err)
{
	struct trace_opened told = { path, false };
	struct usb_found *list = NULL, *one = NULL;
	struct usb_host *host;
	size_t count = 0;
	s0_code code = context_usb(context, &host, err);

	if (code == S0_OK)
		code = usb_list_dfu(host, &list, &count, err);
	if (code != S0_OK)
		return code;
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].path, path) == 0)
			one = &list[i];
	if (one && (one->kind == USB_DFU_MODE || !in_dfu_mode))
		code = usb_open(host, one, USB_OPEN_RUNTIME, ret_link, err);
	else
		code = error_set(err, S0_E_NO_DEVICE,
				 one ? "the device at %s has not gone to DFU "
				       "mode"
				     : "there is no device with DFU at %s",
				 path);
	if (code == S0_OK && one)
		dfu11_take_found(one, ret_found);
	free(list);
	if (code == S0_OK && context->recorder)
		recorder_wrap_link(context->recorder, &told, ret_link);
	return code;
}

s0_code s0_dfu11_open(struct s0_context *context, const char *path,
		      struct s0_dfu11 **ret_dfu, struct s0_error *err)
{
	struct s0_dfu11_info found;
	struct usb_link *link;
	s0_code code;

	if (strncmp(path, "usb:", 4) != 0 || !strchr(path, '-'))
		return error_set(err, S0_E_USAGE,
				 "'%s' names no device: expected usb:BUS-PORT",
				 path);
	if (context->replay)
		return error_set(err, S0_E_UNSUPPORTED,
				 "a trace of plain DFU cannot be replayed");
	code = open_at(context, path, false, &link, &found, err);
	return code == S0_OK
		       ? dfu11_open_link(context, link, &found, ret_dfu, err)
		       : code;
}

static s0_code wait_for_dfu_mode(struct s0_dfu11 *dfu, uint32_t timeout_ms,
				 struct usb_link **ret_link,
				 struct s0_dfu11_info *ret_found,
				 struct s0_error *err)
{
	struct s0_error why;
	struct usb_host *host;
	uint32_t waited_ms = 0;
	s0_code code = context_usb(dfu->context, &host, err);

	if (code != S0_OK)
		return code;
	for (;;) {
		why = (struct s0_error)S0_ERROR_INIT;
		code = open_at(dfu->context, dfu->info.path, true, ret_link,
			       ret_found, &why);
		if (code == S0_OK || waited_ms >= timeout_ms)
			break;
		if (dfu->cancelled) {
			why = (struct s0_error)S0_ERROR_INIT;
			code = error_set(&why, S0_E_CANCELLED,
					 "stopped as asked");
			break;
		}
		usb_host_rest(host, LOOK_MS);
		waited_ms += LOOK_MS;
	}
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

s0_code s0_dfu11_detach(struct s0_dfu11 *dfu, uint32_t timeout_ms,
			struct s0_error *err)
{
	struct s0_dfu11_info found;
	struct usb_link *link;
	s0_code code;

	if (!dfu->link)
		return error_set(err, S0_E_BUG, "the device is not open");
	code = dfu11_detach(&dfu->proto, dfu->info.detach_ms, err);
	if (code != S0_OK)
		return code;
	dfu->link->ops->close(dfu->link);
	dfu->link = NULL;
	if (timeout_ms == 0)
		return S0_OK;
	code = wait_for_dfu_mode(dfu, timeout_ms, &link, &found, err);
	return code == S0_OK ? dfu11_take_up(dfu, link, &found, err) : code;
}
