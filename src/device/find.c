/* SPDX-License-Identifier: MIT */
/* Which device is meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/chips.h>

#include "base/error.h"
#include "base/text.h"
#include "device/choose.h"
#include "device/context.h"
#include "device/open.h"
#include "link/libusb/usb_discover.h"
#include "link/trace/trace.h"
#include "sim/sim.h"

static void describe(const struct s0_context *context,
		     const struct usb_found *found, struct s0_candidate *to)
{
	memset(to, 0, sizeof *to);
	memcpy(to->path, found->path, sizeof to->path);
	to->vendor = found->vendor;
	to->product = found->product;
	to->number = found->number;
	memcpy(to->manufacturer, found->manufacturer, sizeof to->manufacturer);
	memcpy(to->name, found->product_name, sizeof to->name);
	memcpy(to->serial, found->serial, sizeof to->serial);
	to->serial_shared = device_shared_serial(context, to->serial);
	to->dfu_mode = found->kind == USB_DFU_MODE;
	to->accessible = found->accessible;
	to->forbidden = found->open_code == USB_OPEN_FORBIDDEN;
}

static s0_code find_usb(struct s0_context *context,
			struct s0_candidate **ret_list, size_t *ret_count,
			struct s0_error *err)
{
	struct usb_host *host;
	struct usb_found *found = NULL;
	struct s0_candidate *list;
	size_t count = 0, at = 0;
	s0_code code = context_usb(context, &host, err);

	if (code == S0_OK)
		code = usb_list(host, &found, &count, err);
	if (code != S0_OK)
		return code;
	list = count ? calloc(count, sizeof *list) : NULL;
	if (count && !list) {
		free(found);
		return error_memory(err);
	}
	for (int dfu = 1; dfu >= 0; dfu--)
		for (size_t i = 0; i < count; i++)
			if (choose_knows(context, &found[i]) &&
			    (found[i].kind == USB_DFU_MODE) == dfu)
				describe(context, &found[i], &list[at++]);
	free(found);
	if (!at) {
		free(list);
		list = NULL;
	}
	*ret_list = list;
	*ret_count = at;
	return S0_OK;
}

s0_code s0_device_find(struct s0_context *context,
		       struct s0_candidate **ret_list, size_t *ret_count,
		       struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	struct s0_candidate *list = NULL;
	size_t count = 0;
	s0_code code;

	if (context->replay)
		code = device_find_replay(context->replay, &list, &count, &why);
	else
		code = find_usb(context, &list, &count, &why);
	if (context->recorder)
		recorder_add_found(context->recorder, list, count, &why);
	if (code != S0_OK) {
		if (err && err->code == S0_OK)
			*err = why;
		return code;
	}
	*ret_list = list;
	*ret_count = count;
	return S0_OK;
}

void s0_candidates_free(struct s0_candidate *list)
{
	free(list);
}

/* A link to a device, and what belongs to it. */
struct opened {
	struct usb_link *link;
	struct s0_sim *sim; /* made for it, or NULL */
	bool persistent;    /* is it worth remembering? */
	bool virtual_device;
};

/* One look at the bus. */
static s0_code open_found(struct usb_host *host, const char *selector,
			  const struct wanted *wanted, struct opened *opened,
			  struct s0_error *err)
{
	const struct usb_found *found = NULL;
	struct usb_found *list = NULL;
	size_t count = 0;
	s0_code code;

	code = wanted->path
		       ? usb_list_at(host, wanted->path, &list, &count, err)
		       : usb_list(host, &list, &count, err);
	if (code == S0_OK)
		code = choose_found(wanted, selector, list, count, &found, err);
	if (code == S0_OK)
		code = usb_open(host, found, 0, &opened->link, err);
	free(list);
	return code;
}

/* Between two looks for a device that is to be plugged in, and how many of
 * them it may take until the system has given it its rights. */
#define LOOK_MS	     250u
#define RIGHTS_LOOKS 8u

static s0_code open_usb(struct s0_context *context, const char *selector,
			struct opened *opened, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	unsigned looks = 0, denied = 0;
	struct usb_host *host;
	struct wanted wanted;
	s0_code code = choose_parse(context, selector, &wanted, err);

	if (code == S0_OK)
		code = context_usb(context, &host, err);
	if (code != S0_OK)
		return code;
	opened->persistent = true;
	for (;; looks++) {
		why = (struct s0_error)S0_ERROR_INIT;
		code = open_found(host, selector, &wanted, opened, &why);
		if (code == S0_E_ACCESS && looks && ++denied < RIGHTS_LOOKS)
			code = S0_E_NO_DEVICE;
		if (code != S0_E_NO_DEVICE)
			break;
		code = context_wait(context, &why);
		if (code != S0_OK)
			break;
		usb_host_rest(host, LOOK_MS);
	}
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

/* The path by which a virtual chip is chosen again. */
static void sim_path(const char *selector, char path[64])
{
	(void)snprintf(path, 64, "%s%s",
		       strncmp(selector, "sim:", 4) ? "sim:" : "", selector);
}

/* Until it is on the bus, or never will be. */
static s0_code wait_for_sim(struct s0_context *context, struct s0_sim *sim,
			    struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = error_set(&why, S0_E_NO_DEVICE,
				 "the virtual chip is not on the bus");

	while (!s0_sim_attached(sim) && s0_sim_due_us(sim) != UINT64_MAX) {
		code = context_wait(context, &why);
		if (code != S0_OK)
			break;
		s0_sim_advance_us(sim, LOOK_MS * 1000);
	}
	if (code != S0_E_CANCELLED)
		return S0_OK;
	if (err && err->code == S0_OK)
		*err = why;
	return code;
}

/* The chip that a file has added under the name in "sim:NAME,key=value…". */
static const struct s0_chip *added_chip(const struct s0_context *context,
					const char *selector)
{
	const char *name = selector + strlen("sim:");
	size_t length = strcspn(name, ",");

	for (size_t i = 0; i < context->chips_count; i++)
		for (size_t k = 0; k < s0_chips_count(context->chips[i]); k++) {
			const struct s0_chip *chip =
				s0_chips_at(context->chips[i], k);

			if (strlen(chip->name) == length &&
			    memcmp(chip->name, name, length) == 0)
				return chip;
		}
	return NULL;
}

static s0_code open_sim(struct s0_context *context, const char *selector,
			struct opened *opened, struct s0_error *err)
{
	char path[64];
	s0_code code = sim_new_of(added_chip(context, selector), selector,
				  &opened->sim, err);

	if (code != S0_OK)
		return code;
	sim_path(selector, path);
	code = wait_for_sim(context, opened->sim, err);
	if (code == S0_OK)
		code = sim_link_new(opened->sim, false, path, &opened->link,
				    err);
	if (code != S0_OK)
		s0_sim_free(opened->sim);
	/* A chip without a file ends with this device: nothing about it is
	 * worth remembering. */
	opened->persistent = strstr(selector, ",file=") != NULL;
	opened->virtual_device = true;
	return code;
}

/* The next device of the trace, however it is asked for. */
static s0_code open_replay(struct s0_replay *replay, struct opened *opened,
			   struct s0_error *err)
{
	const struct trace_event *event =
		replay_take(replay, TRACE_OPEN, "open a device");

	if (!event)
		return error_set(err, S0_E_NO_DEVICE,
				 "the trace has no further device");
	if (event->code != S0_OK)
		return trace_error(event, err);
	replay->links = event->link;
	opened->virtual_device = trace_flag(event, "virtual");
	return replay_link_new(replay, event, &opened->link, err);
}

static s0_code open_link(struct s0_context *context, const char *selector,
			 struct opened *opened, struct s0_error *err)
{
	if (context->replay)
		return open_replay(context->replay, opened, err);
	if (selector && !strncmp(selector, "sim:", 4))
		return open_sim(context, selector, opened, err);
	return open_usb(context, selector, opened, err);
}

/* The same, recorded where that is wished. */
static s0_code open_recorded(struct s0_context *context, const char *selector,
			     struct opened *opened, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = open_link(context, selector, opened, &why);
	struct trace_opened told = { selector, opened->virtual_device };

	if (context->recorder && code == S0_OK)
		recorder_wrap_link(context->recorder, &told, &opened->link);
	else if (context->recorder)
		recorder_add_open_failure(context->recorder, selector, &why);
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

s0_code s0_device_open(struct s0_context *context, const char *selector,
		       struct s0_device **ret_device, struct s0_error *err)
{
	struct opened opened = { 0 };
	s0_code code = open_recorded(context, selector, &opened, err);

	if (code != S0_OK)
		return code;
	code = device_open_link(context, opened.link, opened.persistent,
				ret_device, err);
	if (code != S0_OK) {
		s0_sim_free(opened.sim);
		return code;
	}
	(*ret_device)->sim = opened.sim;
	(*ret_device)->info.virtual_device = opened.virtual_device;
	return S0_OK;
}

s0_code s0_device_open_sim(struct s0_context *context, struct s0_sim *sim,
			   struct s0_device **ret_device, struct s0_error *err)
{
	static const struct trace_opened told = { "sim:", true };
	struct usb_link *link;
	s0_code code = sim_link_new(sim, false, "sim:", &link, err);

	if (code == S0_OK && context->recorder)
		recorder_wrap_link(context->recorder, &told, &link);
	if (code == S0_OK)
		code = device_open_link(context, link, true, ret_device, err);
	if (code == S0_OK)
		(*ret_device)->info.virtual_device = true;
	return code;
}
