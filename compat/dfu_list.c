/* SPDX-License-Identifier: MIT */
/* dfu-util -l. */
#include <stdio.h>
#include <stdlib.h>

#include "compat/dfu_util.h"

static const char *or_unknown(const char *text)
{
	return text[0] ? text : "UNKNOWN";
}

static void list_alternate(const struct s0_dfu11_info *info, unsigned number,
			   const char *name)
{
	printf("Found %s: [%04x:%04x] ver=%04x, devnum=%u, cfg=%u, intf=%u, "
	       "path=\"%s\", alt=%u, name=\"%s\", serial=\"%s\"\n",
	       info->dfu_mode ? "DFU" : "Runtime", info->vendor, info->product,
	       info->bcd_device, info->number, info->configuration,
	       info->interface, dfu_path(info->path), number, or_unknown(name),
	       or_unknown(info->serial));
}

/* Programs look for "Cannot open DFU device", and for the code. */
void dfu_warn_closed(const struct s0_dfu11_info *info)
{
	dfu_warn("Cannot open DFU device %04x:%04x found on devnum %u (%s)",
		 info->vendor, info->product, info->number,
		 info->forbidden ? "LIBUSB_ERROR_ACCESS"
				 : "LIBUSB_ERROR_NO_DEVICE");
}

static void list_one(const struct dfu_util *dfu,
		     const struct s0_dfu11_info *info)
{
	if (info->dfu_mode ? !dfu_fits(dfu, info, false)
			   : !dfu_fits_runtime(dfu, info))
		return;
	if (!info->accessible) {
		dfu_warn_closed(info);
		return;
	}
	for (unsigned i = info->alternate_count; i-- > 0;) {
		const struct s0_dfu11_alternate *alternate =
			&info->alternates[i];

		if (!info->dfu_mode ||
		    dfu_fits_alternate(dfu, alternate->number, alternate->name))
			list_alternate(info, alternate->number,
				       alternate->name);
	}
}

/* The device of SECTOR0_DEVICE, which need not be on a bus. */
static int list_selected(struct dfu_util *dfu, const char *selector)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_device *device = NULL;
	const struct s0_device_info *info;
	struct s0_dfu11_info shown = { .dfu_mode = true };

	if (s0_device_open(dfu->app.context, selector, &device, &err) != S0_OK)
		return dfu_failed(dfu, &err);
	info = s0_device_info(device);
	shown.vendor = info->vendor;
	shown.product = info->product;
	shown.bcd_device = info->bcd_device;
	shown.number = info->number;
	shown.configuration = info->configuration;
	shown.interface = info->interface;
	(void)snprintf(shown.path, sizeof shown.path, "%s", info->path);
	(void)snprintf(shown.serial, sizeof shown.serial, "%s", info->serial);
	for (unsigned i = info->memory_count; i-- > 0;)
		if (dfu_fits_alternate(dfu, info->alternates[i],
				       info->memories[i]))
			list_alternate(&shown, info->alternates[i],
				       info->memories[i]);
	s0_device_close(device);
	return DFU_OK;
}

int dfu_list(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;
	const char *selector = getenv("SECTOR0_DEVICE");
	struct s0_dfu11_info *list = NULL;
	size_t count = 0;

	if (selector && *selector)
		return list_selected(dfu, selector);
	if (s0_dfu11_find(dfu->app.context, &list, &count, &err) != S0_OK)
		/* Without a bus its list is empty. */
		return err.code == S0_E_NO_USB ? DFU_OK : dfu_failed(dfu, &err);
	for (size_t i = 0; i < count; i++)
		list_one(dfu, &list[i]);
	s0_dfu11_free_list(list);
	return DFU_OK;
}
