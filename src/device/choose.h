/* SPDX-License-Identifier: MIT */
#ifndef DEVICE_CHOOSE_H
#define DEVICE_CHOOSE_H

#include "link/libusb/usb_discover.h"

struct s0_context;

/* What a selector asks for. */
struct wanted {
	const char *path;		  /* "usb:1-4.2", or NULL */
	const char *serial;		  /* or NULL */
	int vendor, product;		  /* or -1 */
	const struct s0_context *context; /* whose chips are known */
};

/* Is it ST's, or has a chip's bootloader these IDs? Other makers' products in
 * DFU mode may be anything: they have to be named. */
bool choose_knows(const struct s0_context *context,
		  const struct usb_found *found);

/* S0_E_USAGE for what is no selector. Strings stay the selector's. */
s0_code choose_parse(const struct s0_context *context, const char *selector,
		     struct wanted *ret_wanted, struct s0_error *err);
/* The one board of a list that is meant; else S0_E_NO_DEVICE, S0_E_SEVERAL. */
s0_code choose_found(const struct wanted *wanted, const char *selector,
		     const struct usb_found *list, size_t count,
		     const struct usb_found **ret_found, struct s0_error *err);

#endif
