/* SPDX-License-Identifier: MIT */
#ifndef DEVICE_DFU11_H
#define DEVICE_DFU11_H

#include <signal.h>

#include <sector0/dfu11.h>

#include "proto/dfu11.h"

struct usb_found;

struct s0_dfu11 {
	struct s0_context *context;
	struct usb_link *link; /* NULL once it was let go of */
	struct s0_dfu11_info info;
	struct dfu11 proto;
	s0_dfu11_status_fn told;
	void *told_payload;
	s0_progress_fn progress;
	void *progress_payload;
	struct s0_progress now;
	bool reported;
	uint64_t start_us;
	volatile sig_atomic_t cancelled;
};

/* What was found, as far as that goes without opening it. */
void dfu11_take_found(const struct usb_found *found,
		      struct s0_dfu11_info *info);
/* What its descriptors and strings say. */
s0_code dfu11_take_link(struct usb_link *link, struct s0_dfu11_info *info,
			struct s0_error *err);

/* dfu11.c: a device on a link, which is taken over, on failure too. */
s0_code dfu11_open_link(struct s0_context *context, struct usb_link *link,
			const struct s0_dfu11_info *found,
			struct s0_dfu11 **ret_dfu, struct s0_error *err);
/* Take up the link of what is on the path now. */
s0_code dfu11_take_up(struct s0_dfu11 *dfu, struct usb_link *link,
		      const struct s0_dfu11_info *found, struct s0_error *err);

#endif
