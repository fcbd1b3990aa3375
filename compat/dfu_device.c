/* SPDX-License-Identifier: MIT */
/* Which device dfu-util's options mean, and its listing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/os.h"
#include "cli/say.h"
#include "compat/dfu_util.h"

/* Its paths have no "usb:". */
static const char *shown_path(const char *path)
{
	return strncmp(path, "usb:", 4) == 0 ? path + 4 : path;
}

static void list_memories(const struct s0_device_info *info)
{
	for (unsigned i = info->memory_count; i-- > 0;)
		printf("Found DFU: [%04x:%04x] ver=%04x, devnum=%u, cfg=%u, "
		       "intf=%u, path=\"%s\", alt=%u, name=\"%s\", "
		       "serial=\"%s\"\n",
		       info->vendor, info->product, info->bcd_device,
		       info->number, info->configuration, info->interface,
		       shown_path(info->path), info->alternates[i],
		       info->memories[i],
		       info->serial[0] ? info->serial : "UNKNOWN");
}

/* What cannot be opened: programs look for the two words. */
static void list_closed(const struct s0_candidate *candidate,
			const struct s0_error *why)
{
	if (!candidate->dfu_mode) {
		printf("Found Runtime: [%04x:%04x] devnum=%u, path=\"%s\", "
		       "serial=\"%s\"\n",
		       candidate->vendor, candidate->product, candidate->number,
		       shown_path(candidate->path),
		       candidate->serial[0] ? candidate->serial : "UNKNOWN");
		return;
	}
	dfu_warn("Cannot open DFU device %04x:%04x found on devnum %u (%s)",
		 candidate->vendor, candidate->product, candidate->number,
		 why->code == S0_E_ACCESS ? "LIBUSB_ERROR_ACCESS"
					  : why->message);
}

static void list_one(struct dfu_util *dfu, const char *selector,
		     const struct s0_candidate *candidate)
{
	struct s0_error why = S0_ERROR_INIT;
	struct s0_device *device = NULL;

	if ((!candidate || candidate->dfu_mode) &&
	    s0_device_open(dfu->app.context, selector, &device, &why) == S0_OK)
		list_memories(s0_device_info(device));
	else if (candidate)
		list_closed(candidate, &why);
	s0_device_close(device);
}

int dfu_list(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_candidate *list = NULL;
	const char *selector = getenv("SECTOR0_DEVICE");
	size_t count = 0;

	if (selector && *selector) {
		list_one(dfu, selector, NULL);
		return DFU_OK;
	}
	if (s0_device_find(dfu->app.context, &list, &count, &err) != S0_OK)
		return dfu_failed(dfu, &err);
	for (size_t i = 0; i < count; i++)
		list_one(dfu, list[i].path, &list[i]);
	s0_candidates_free(list);
	return DFU_OK;
}

/* "VID:PID", either of which may be missing, in hexadecimal. */
static bool ids_fit(const char *ids, size_t length, uint16_t vendor,
		    uint16_t product)
{
	char words[32], *colon;

	if (length == 0 || length >= sizeof words)
		return length == 0;
	memcpy(words, ids, length);
	words[length] = '\0';
	colon = strchr(words, ':');
	if (colon)
		*colon++ = '\0';
	if (words[0] && strcmp(words, "*") != 0 &&
	    strtoul(words, NULL, 16) != vendor)
		return false;
	return !colon || !*colon || strcmp(colon, "*") == 0 || *colon == '-' ||
	       strtoul(colon, NULL, 16) == product;
}

/*
 * -d RUN-TIME[,DFU]: behind the comma are the IDs in DFU mode. dfu-util takes
 * any device in DFU mode where there is no comma, since the IDs before it may
 * be those of the firmware; here they count, unless nothing has them.
 */
static bool fits(const struct dfu_util *dfu,
		 const struct s0_candidate *candidate, bool by_first)
{
	const char *comma = dfu->device ? strchr(dfu->device, ',') : NULL;
	const char *serial = dfu->serial ? strchr(dfu->serial, ',') : NULL;

	if (!candidate->dfu_mode)
		return false;
	if (dfu->device && comma &&
	    !ids_fit(comma + 1, strlen(comma + 1), candidate->vendor,
		     candidate->product))
		return false;
	if (dfu->device && !comma && by_first &&
	    !ids_fit(dfu->device, strlen(dfu->device), candidate->vendor,
		     candidate->product))
		return false;
	serial = serial ? serial + 1 : dfu->serial;
	if (serial && *serial && strcmp(serial, candidate->serial) != 0)
		return false;
	if (dfu->number >= 0 && dfu->number != candidate->number)
		return false;
	return !dfu->path ||
	       strcmp(dfu->path, shown_path(candidate->path)) == 0;
}

static size_t count_fitting(const struct dfu_util *dfu,
			    const struct s0_candidate *list, size_t count,
			    bool by_first, size_t *ret_which)
{
	size_t fitting = 0;

	for (size_t i = 0; i < count; i++)
		if (fits(dfu, &list[i], by_first)) {
			*ret_which = i;
			fitting++;
		}
	return fitting;
}

/* One look at the bus; how many are meant. */
static int look(struct dfu_util *dfu, char path[64], size_t *ret_fitting)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_candidate *list = NULL;
	size_t count = 0, which = 0;

	if (s0_device_find(dfu->app.context, &list, &count, &err) != S0_OK)
		return dfu_failed(dfu, &err);
	*ret_fitting = count_fitting(dfu, list, count, true, &which);
	if (*ret_fitting == 0)
		*ret_fitting = count_fitting(dfu, list, count, false, &which);
	if (*ret_fitting == 1)
		memcpy(path, list[which].path, sizeof list[which].path);
	s0_candidates_free(list);
	return DFU_OK;
}

static bool waiting(void *payload, const char *what)
{
	(void)payload;
	(void)what;
	return !os_stopped();
}

/* Let the opening wait: a selector for what the options say. */
static void wait_for_it(struct dfu_util *dfu, char path[64])
{
	struct s0_patience patience = { .appear = true,
					.reconnect_ms = S0_RECONNECT_MS,
					.waiting = waiting };
	const char *ids = dfu->device ? strchr(dfu->device, ',') : NULL;
	const char *serial = dfu->serial ? strchr(dfu->serial, ',') : NULL;

	puts("Waiting for device, exit with ctrl-C");
	(void)fflush(stdout);
	s0_context_set_patience(dfu->app.context, &patience);
	serial = serial ? serial + 1 : dfu->serial;
	path[0] = '\0';
	if (dfu->path)
		(void)snprintf(path, 64, "usb:%s", dfu->path);
	else if (serial && *serial)
		(void)snprintf(path, 64, "serial:%s", serial);
	else if (ids && strchr(ids, ':'))
		(void)snprintf(path, 64, "usb:%04lx:%04lx",
			       strtoul(ids + 1, NULL, 16),
			       strtoul(strchr(ids, ':') + 1, NULL, 16));
}

static int find(struct dfu_util *dfu, char path[64])
{
	size_t fitting = 0;
	int status = look(dfu, path, &fitting);

	if (status != DFU_OK || fitting == 1)
		return status;
	if (fitting == 0 && dfu->wait) {
		wait_for_it(dfu, path);
		return DFU_OK;
	}
	if (fitting == 0)
		dfu_warn("No DFU capable USB device available");
	else
		dfu_warn("More than one DFU capable USB device found! Try "
			 "`--list' and specify the serial number or disconnect "
			 "all but one device");
	return DFU_IO;
}

/* By number or by the whole name; without -a the first one that is flash: it
 * is what an image goes to. */
static bool choose_alternate(struct dfu_util *dfu)
{
	const struct s0_device_info *info = s0_device_info(dfu->app.device);
	char *end = NULL;
	unsigned long number = dfu->alt ? strtoul(dfu->alt, &end, 0) : 0;
	bool by_number = dfu->alt && *dfu->alt && *end == '\0';

	if (!dfu->alt)
		return true;
	for (unsigned i = 0; i < info->memory_count; i++)
		if (by_number ? info->alternates[i] == number
			      : strcmp(info->memories[i], dfu->alt) == 0) {
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

	puts("Opening DFU capable USB device...");
	printf("Device ID %04x:%04x\n", info->vendor, info->product);
	printf("Device DFU version %04x\n", info->dfu_version);
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

int dfu_open(struct dfu_util *dfu)
{
	const char *selector = getenv("SECTOR0_DEVICE");
	struct s0_error err = S0_ERROR_INIT;
	char path[64] = "";
	int status;

	if (!selector || !*selector) {
		status = find(dfu, path);
		if (status != DFU_OK)
			return status;
		selector = path;
	}
	dfu->app.args.values[OPTION_DEVICE] = selector;
	if (app_open_session(&dfu->app, &err) != S0_OK) {
		if (err.code == S0_E_ACCESS)
			dfu_warn(
				"Cannot open DFU device (LIBUSB_ERROR_ACCESS)");
		return dfu_failed(dfu, &err);
	}
	s0_session_set_progress(dfu->app.session, dfu_bar, dfu);
	if (other_interface(dfu)) {
		dfu_warn("No DFU capable USB device available");
		return DFU_IO;
	}
	if (!choose_alternate(dfu))
		return DFU_IO;
	tell_device(dfu);
	return DFU_OK;
}
