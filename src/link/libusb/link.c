/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "link/clock.h"
#include "link/libusb/internal.h"

#define ENGLISH 0x0409 /* as a language ID of USB */
/* How often reopen() looks at the bus. */
#define LOOK_US 20000

const char *link_place(const struct libusb_link *link)
{
	return link->found.path + strlen("usb:");
}

static struct libusb_link *as_libusb(struct usb_link *base)
{
	return (struct libusb_link *)base;
}

void link_drop(struct libusb_link *link)
{
	if (link->claimed)
		libusb_release_interface(link->handle, link->found.interface);
	link->claimed = false;
	if (link->handle)
		libusb_close(link->handle);
	link->handle = NULL;
	link->gone = true;
}

void link_close(struct libusb_link *link)
{
	if (!link)
		return;
	link_drop(link);
	transfer_free(link);
	free(link);
}

static void close_link(struct usb_link *base)
{
	link_close(as_libusb(base));
}

static void run(struct usb_link *base, struct usb_transfer *transfers,
		size_t count)
{
	transfer_run(as_libusb(base), transfers, count, base->facts.interface);
}

static uint64_t now_us(struct usb_link *base)
{
	(void)base;
	return clock_now_us();
}

static void wait_ms(struct usb_link *base, uint32_t ms)
{
	(void)base;
	clock_sleep_us((uint64_t)ms * 1000);
}

static s0_code set_alt(struct usb_link *base, uint8_t alt, struct s0_error *err)
{
	struct libusb_link *link = as_libusb(base);
	int r = LIBUSB_ERROR_NO_DEVICE;
	s0_code code;

	if (link->alt == alt && !link->gone)
		return S0_OK;
	if (!link->gone)
		r = libusb_set_interface_alt_setting(
			link->handle, base->facts.interface, alt);
	code = host_code(r);
	if (!code) {
		link->alt = alt;
		return S0_OK;
	}
	link->alt = -1;
	link->gone = code == S0_E_GONE;
	error_set(err, code,
		  "cannot select alternate setting %u of the device at usb %s: "
		  "%s",
		  alt, link_place(link), host_words(r));
	error_add_usb(err, r);
	return code;
}

/* English if it is in the device's list, else the list's first. A device that
 * has no list is asked in English. */
static uint16_t find_language(struct libusb_link *link)
{
	uint8_t raw[255];
	uint16_t length, first;

	if (transfer_get(link, LIBUSB_DT_STRING << 8, 0, raw, sizeof(raw),
			 &length, NULL) ||
	    length < 4)
		return ENGLISH;
	first = get_le16(raw + 2);
	for (uint16_t i = 2; i + 1 < length; i = (uint16_t)(i + 2))
		if (get_le16(raw + i) == ENGLISH)
			return ENGLISH;
	return first ? first : ENGLISH;
}

static s0_code string(struct usb_link *base, uint8_t index, uint8_t raw[255],
		      uint16_t *ret_length, struct s0_error *err)
{
	struct libusb_link *link = as_libusb(base);

	if (!link->langid)
		link->langid = find_language(link);
	return transfer_get(link, (uint16_t)(LIBUSB_DT_STRING << 8 | index),
			    link->langid, raw, 255, ret_length, err);
}

/* A node may exist before the system has given it its rights, and a device may
 * first come back as something else: nothing is final before the time is up. */
static s0_code reopen(struct usb_link *base, uint32_t timeout_ms,
		      struct s0_error *err)
{
	struct libusb_link *link = as_libusb(base);
	uint64_t deadline = clock_now_us() + (uint64_t)timeout_ms * 1000;
	struct s0_error why;
	s0_code code;

	link_drop(link);
	for (;;) {
		error_clear(&why);
		code = open_attach(link, &why);
		if (!code || clock_now_us() >= deadline)
			break;
		clock_sleep_us(LOOK_US);
	}
	if (!code)
		return S0_OK;
	if (code != S0_E_ACCESS && code != S0_E_BUSY)
		code = S0_E_GONE;
	error_set(err, code, "the device did not come back within %u ms: %s",
		  (unsigned)timeout_ms, why.message);
	error_add_usb(err, why.usb_code);
	return code;
}

/* A device whose descriptors are others afterwards is enumerated anew: libusb
 * has lost it then, and says "not found". */
static s0_code reset(struct usb_link *base, struct s0_error *err)
{
	struct libusb_link *link = as_libusb(base);
	int r = LIBUSB_ERROR_NO_DEVICE;
	s0_code code;

	if (!link->gone)
		r = libusb_reset_device(link->handle);
	if (r == LIBUSB_ERROR_NOT_FOUND)
		r = LIBUSB_ERROR_NO_DEVICE;
	link->alt = -1;
	code = host_code(r);
	if (!code)
		return S0_OK;
	link->gone = link->gone || code == S0_E_GONE;
	error_set(err, code, "cannot reset the device at usb %s: %s",
		  link_place(link), host_words(r));
	error_add_usb(err, r);
	return code;
}

static const struct usb_link_ops ops = {
	.run = run,
	.set_alt = set_alt,
	.string = string,
	.now_us = now_us,
	.wait_ms = wait_ms,
	.reopen = reopen,
	.reset = reset,
	.close = close_link,
};

s0_code link_new(struct usb_host *host, const struct usb_found *found,
		 struct libusb_link **ret_link, struct s0_error *err)
{
	struct libusb_link *link = calloc(1, sizeof(*link));

	if (!link)
		return error_memory(err);
	link->link.ops = &ops;
	link->host = host;
	link->found = *found;
	link->gone = true;
	link->alt = -1;
	memcpy(link->link.facts.path, found->path, sizeof(found->path));
	link->link.facts.speed = found->speed;
	link->link.facts.interface = found->interface;
	link->link.facts.config_descriptor = link->config;
	if (transfer_alloc(link, err)) {
		link_close(link);
		return S0_E_MEMORY;
	}
	*ret_link = link;
	return S0_OK;
}
