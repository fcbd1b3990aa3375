/* SPDX-License-Identifier: MIT */
/* Which device is meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "device/context.h"
#include "device/open.h"
#include "link/libusb/usb_discover.h"
#include "link/trace/trace.h"
#include "sim/sim.h"

static void describe(const struct usb_found *found, struct s0_candidate *to)
{
	memset(to, 0, sizeof *to);
	memcpy(to->path, found->path, sizeof to->path);
	to->vendor = found->vendor;
	to->product = found->product;
	memcpy(to->manufacturer, found->manufacturer, sizeof to->manufacturer);
	memcpy(to->name, found->product_name, sizeof to->name);
	memcpy(to->serial, found->serial, sizeof to->serial);
	to->serial_shared = device_shared_serial(to->serial);
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
			if (found[i].known &&
			    (found[i].kind == USB_DFU_MODE) == dfu)
				describe(&found[i], &list[at++]);
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

/* What a selector asks for. */
struct wanted {
	const char *path;    /* "usb:1-4.2", or NULL */
	const char *serial;  /* or NULL */
	int vendor, product; /* or -1 */
};

static s0_code parse(const char *selector, struct wanted *wanted,
		     struct s0_error *err)
{
	unsigned vendor, product;
	int used = 0;

	*wanted = (struct wanted){ .vendor = -1, .product = -1 };
	if (!selector || !selector[0])
		return S0_OK;
	if (!strncmp(selector, "serial:", 7) && selector[7]) {
		wanted->serial = selector + 7;
		return S0_OK;
	}
	if (sscanf(selector, "usb:%4x:%4x%n", &vendor, &product, &used) == 2 &&
	    !selector[used]) {
		wanted->vendor = (int)vendor;
		wanted->product = (int)product;
		return S0_OK;
	}
	if (!strncmp(selector, "usb:", 4) && strchr(selector, '-')) {
		wanted->path = selector;
		return S0_OK;
	}
	return error_set(err, S0_E_USAGE,
			 "'%s' names no device: expected usb:BUS-PORT, "
			 "usb:VENDOR:PRODUCT, serial:NUMBER or sim:PROFILE",
			 selector);
}

static bool matches(const struct wanted *wanted, const struct usb_found *found)
{
	if (wanted->path)
		return !strcmp(found->path, wanted->path);
	if (wanted->serial)
		return !strcmp(found->serial, wanted->serial);
	if (wanted->vendor >= 0)
		return found->vendor == wanted->vendor &&
		       found->product == wanted->product;
	/* Other makers' products in DFU mode may be anything: they have to be
	 * named. */
	return found->known;
}

static void add_list(struct text *text, const struct wanted *wanted,
		     const struct usb_found *list, size_t count,
		     enum usb_found_kind kind)
{
	const char *comma = "";

	for (size_t i = 0; i < count; i++) {
		if (list[i].kind != kind || !matches(wanted, &list[i]))
			continue;
		text_add(text, "%s%s", comma, list[i].path);
		if (list[i].product_name[0])
			text_add(text, " %s", list[i].product_name);
		comma = ", ";
	}
}

static size_t tally(const struct wanted *wanted, const struct usb_found *list,
		    size_t count, enum usb_found_kind kind)
{
	size_t fit = 0;

	for (size_t i = 0; i < count; i++)
		fit += list[i].kind == kind && matches(wanted, &list[i]);
	return fit;
}

static s0_code none_found(const struct wanted *wanted, const char *selector,
			  const struct usb_found *list, size_t count,
			  struct s0_error *err)
{
	size_t other = tally(wanted, list, count, USB_RUNTIME);
	bool named = selector && selector[0];
	struct text text = { 0 };
	s0_code code;

	if (named)
		text_add(&text, "no device in DFU mode is '%s'", selector);
	else
		text_add(&text, "no device in DFU mode");
	if (other) {
		text_add(&text, "; %zu device%s could be put there (", other,
			 other == 1 ? "" : "s");
		add_list(&text, wanted, list, count, USB_RUNTIME);
		text_add(&text, ")");
		error_add_cause(err, S0_CAUSE_NOT_DFU);
	}
	for (size_t i = 0; named && i < count; i++)
		if (list[i].kind == USB_DFU_MODE)
			error_add_cause(err, S0_CAUSE_OTHER_DEVICE);
	code = error_set(err, S0_E_NO_DEVICE, "%s", text_chars(&text));
	text_free(&text);
	return code;
}

static s0_code several_found(const struct wanted *wanted,
			     const struct usb_found *list, size_t count,
			     size_t fit, struct s0_error *err)
{
	struct text text = { 0 };
	s0_code code;

	if (wanted->serial)
		error_add_cause(err, S0_CAUSE_SAME_SERIAL);
	add_list(&text, wanted, list, count, USB_DFU_MODE);
	code = error_set(err, S0_E_SEVERAL,
			 wanted->serial ? "%zu devices share the serial "
					  "number: %s"
					: "%zu devices are in DFU mode: %s",
			 fit, text_chars(&text));
	text_free(&text);
	return code;
}

static s0_code choose(const struct wanted *wanted, const char *selector,
		      const struct usb_found *list, size_t count,
		      const struct usb_found **ret_found, struct s0_error *err)
{
	size_t fit = tally(wanted, list, count, USB_DFU_MODE);

	if (fit == 0)
		return none_found(wanted, selector, list, count, err);
	if (fit > 1)
		return several_found(wanted, list, count, fit, err);
	for (size_t i = 0; i < count; i++)
		if (list[i].kind == USB_DFU_MODE && matches(wanted, &list[i]))
			*ret_found = &list[i];
	return S0_OK;
}

/* A link to a device, and what belongs to it. */
struct opened {
	struct usb_link *link;
	struct s0_sim *sim; /* made for it, or NULL */
	bool persistent;    /* is it worth remembering? */
	bool virtual_device;
};

static s0_code open_usb(struct s0_context *context, const char *selector,
			struct opened *opened, struct s0_error *err)
{
	const struct usb_found *found = NULL;
	struct usb_found *list = NULL;
	struct usb_host *host;
	struct wanted wanted;
	size_t count = 0;
	s0_code code = parse(selector, &wanted, err);

	if (code == S0_OK)
		code = context_usb(context, &host, err);
	if (code == S0_OK)
		code = wanted.path ? usb_list_at(host, wanted.path, &list,
						 &count, err)
				   : usb_list(host, &list, &count, err);
	if (code == S0_OK)
		code = choose(&wanted, selector, list, count, &found, err);
	if (code == S0_OK)
		code = usb_open(host, found, 0, &opened->link, err);
	free(list);
	opened->persistent = true;
	return code;
}

/* The path by which a virtual chip is chosen again. */
static void sim_path(const char *selector, char path[64])
{
	(void)snprintf(path, 64, "%s%s",
		       strncmp(selector, "sim:", 4) ? "sim:" : "", selector);
}

static s0_code open_sim(const char *selector, struct opened *opened,
			struct s0_error *err)
{
	char path[64];
	s0_code code = s0_sim_new(selector, &opened->sim, err);

	if (code != S0_OK)
		return code;
	sim_path(selector, path);
	code = sim_link_new(opened->sim, false, path, &opened->link, err);
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
		return open_sim(selector, opened, err);
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
