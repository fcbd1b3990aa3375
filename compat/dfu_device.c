/* SPDX-License-Identifier: MIT */
/* Opening the device that dfu-util's options mean. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/failure.h"
#include "compat/dfu_util.h"

/* By number or by the whole name; without -a the first one that is flash: it
 * is what an image goes to. */
static bool choose_alternate(struct dfu_util *dfu)
{
	const struct s0_device_info *info = s0_device_info(dfu->app.device);

	if (!dfu->alt)
		return true;
	for (unsigned i = 0; i < info->memory_count; i++)
		if (dfu_fits_alternate(dfu, info->alternates[i],
				       info->memories[i])) {
			dfu->chosen = (uint8_t)i;
			return true;
		}
	dfu_warn("No DFU capable USB device available");
	return false;
}

static bool other_interface(const struct dfu_util *dfu)
{
	const struct s0_device_info *info = s0_device_info(dfu->app.device);

	return (dfu->configuration >= 0 &&
		dfu->configuration != info->configuration) ||
	       (dfu->interface >= 0 && dfu->interface != info->interface);
}

static void tell_device(const struct dfu_util *dfu)
{
	const struct s0_device_info *info = s0_device_info(dfu->app.device);
	const char *name = info->memories[dfu->chosen];

	if (dfu->detached) {
		puts("Opening DFU USB Device...");
	} else {
		puts("Opening DFU capable USB device...");
		printf("Device ID %04x:%04x\n", info->vendor, info->product);
		printf("Device DFU version %04x\n", info->dfu_version);
	}
	puts("Claiming USB DFU Interface...");
	printf("Setting Alternate Interface #%u ...\n",
	       info->alternates[dfu->chosen]);
	puts("Determining device status...");
	puts("DFU state(2) = dfuIDLE, status(0) = No error condition is "
	     "present");
	printf("DFU mode device DFU version %04x\n", info->dfu_version);
	printf("Device returned transfer size %u\n", info->transfer_size);
	if (dfu->transfer_size && dfu->transfer_size != info->transfer_size)
		dfu_warn("Warning: the transfer size that the device reports "
			 "is used, not %u",
			 dfu->transfer_size);
	if (*name == '@' && !dfu->detach && (!dfu->upload || dfu->to.placed))
		printf("DfuSe interface name: \"%.*s\"\n",
		       (int)strcspn(name + 1, "/"), name + 1);
}

static int open_dfuse(struct dfu_util *dfu, const char *selector)
{
	struct s0_error err = S0_ERROR_INIT;

	dfu->app.args.values[OPTION_DEVICE] = selector;
	if (app_open_session(&dfu->app, &err) != S0_OK) {
		if (err.code == S0_E_ACCESS) {
			dfu_warn_closed(&dfu->meant);
			dfu_warn("No DFU capable USB device available");
		} else if (err.code == S0_E_BUSY) {
			dfu_warn("Cannot claim interface - LIBUSB_ERROR_BUSY");
		}
		return dfu_failed(dfu, &err);
	}
	s0_session_set_progress(dfu->app.session, dfu_bar, dfu);
	if (!dfu->detached && other_interface(dfu)) {
		dfu_warn("No DFU capable USB device available");
		return DFU_IO;
	}
	if (!choose_alternate(dfu))
		return DFU_IO;
	tell_device(dfu);
	return DFU_OK;
}

static int no_node(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;

	dfu_warn_closed(&dfu->meant);
	dfu_warn("No DFU capable USB device available");
	(void)fail(&err, S0_E_NO_DEVICE,
		   "the device at %s (%04x:%04x) has no device node",
		   dfu->meant.path, dfu->meant.vendor, dfu->meant.product);
	err.cause = S0_CAUSE_NO_NODE;
	return dfu_failed(dfu, &err);
}

int dfu_open(struct dfu_util *dfu)
{
	const char *selector = getenv("SECTOR0_DEVICE");
	int status;

	if (selector && *selector)
		return open_dfuse(dfu, selector);
	status = dfu->meant.path[0] ? DFU_OK : dfu_choose(dfu);
	if (status == DFU_OK && !dfu->meant.accessible && !dfu->meant.forbidden)
		return no_node(dfu);
	if (status == DFU_OK && !dfu->meant.dfu_mode)
		status = dfu_plain_detach(dfu, true);
	if (status != DFU_OK)
		return status;
	if (dfu_is_plain(dfu, &dfu->meant))
		return dfu_plain_open(dfu);
	s0_dfu11_close(dfu->plain);
	dfu->plain = NULL;
	return open_dfuse(dfu, dfu->meant.path);
}
