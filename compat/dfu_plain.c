/* SPDX-License-Identifier: MIT */
/* Devices of any maker, by plain DFU: opening them, in DFU mode or not. */
#include <stdio.h>
#include <string.h>

#include "cli/failure.h"
#include "cli/os.h"
#include "cli/say.h"
#include "compat/dfu_util.h"

#define ST 0x0483u
/* What it calls DfuSe. */
#define DFUSE 0x011au
/* As much as Linux takes in one transfer. */
#define TRANSFER_MAX 4096u
/* How long a device may take to DFU mode; its own wait is 5 s, or -E. */
#define DETACH_MS 10000u

/* DFU 1.1, 6.1.2, in the words that programs know. */
static const char *const statuses[] = {
	"No error condition is present",
	"File is not targeted for use by this device",
	"File is for this device but fails some vendor-specific test",
	"Device is unable to write memory",
	"Memory erase function failed",
	"Memory erase check failed",
	"Program memory function failed",
	"Programmed memory failed verification",
	"Cannot program memory due to received address that is out of range",
	("Received DFU_DNLOAD with wLength = 0, but device does not think that "
	 "it has all data yet"),
	("Device's firmware is corrupt. It cannot return to run-time (non-DFU) "
	 "operations"),
	"iString indicates a vendor specific error",
	"Device detected unexpected USB reset signalling",
	"Device detected unexpected power on reset",
	"Something went wrong, but the device does not know what it was",
	"Device stalled an unexpected request",
};

/* Names of DfuSe begin with '@'. Libmaple's says that it speaks DfuSe, and does
 * not; some ROMs have a descriptor that is too short to say anything. */
bool dfu_is_plain(const struct dfu_util *dfu, const struct s0_dfu11_info *info)
{
	bool named = false;

	if (!info->accessible)
		return false;
	for (unsigned i = 0; i < info->alternate_count; i++)
		named |= info->alternates[i].name[0] == '@';
	return !named ||
	       (info->dfu_version == 0x0110 && !dfu->dfuse && !dfu->dfuse_file);
}

/* What to do next with a device that nothing is known of but that it speaks
 * DFU: the hints for these failures are for STM32s. */
static void hint_plain(struct s0_error *err)
{
	switch (err->code) {
	case S0_E_NO_DEVICE:
		add_hint(err, "put it into DFU mode as its maker says, and run "
			      "the same command again");
		break;
	case S0_E_GONE:
	case S0_E_TIMEOUT:
	case S0_E_PROTOCOL:
		add_hint(err, "unplug the device, plug it in again, in DFU "
			      "mode, and run the same command again; if it "
			      "stays, try another cable or port");
		break;
	case S0_E_REFUSED:
		add_hint(err, "run the same command again; if it stays, its "
			      "maker's documentation tells what it takes");
		break;
	default:
		break;
	}
}

int dfu_plain_failed(struct dfu_util *dfu, const char *what,
		     struct s0_error *err)
{
	int status = err->code == S0_E_USAGE || err->code == S0_E_EMPTY
			     ? DFU_USAGE
			     : DFU_IO;

	if (dfu->bar.open)
		putchar('\n');
	dfu->bar.open = false;
	if (what)
		dfu_warn("%s", what);
	(void)fflush(stdout);
	if (dfu->meant.vendor != ST)
		hint_plain(err);
	say_error(&dfu->app, err);
	return status;
}

static void tell_state(unsigned state, unsigned status)
{
	const char *name = s0_dfu_state_name((int)state);

	printf("DFU state(%u) = %s, status(%u) = %s\n", state,
	       name ? name : "INVALID", status,
	       status < sizeof statuses / sizeof *statuses ? statuses[status]
							   : "INVALID");
}

/* A block that the device refuses ends the bar. */
static void told(void *payload, const struct s0_dfu11_status *status)
{
	struct dfu_util *dfu = payload;

	if (status->status)
		dfu_bar_break(dfu);
	dfu_bar_end(dfu);
	tell_state(status->state, status->status);
}

/* … and while it is brought to idle what comes next is said too. */
static void told_at_first(void *payload, const struct s0_dfu11_status *status)
{
	const char *state = s0_dfu_state_name(status->state);

	told(payload, status);
	if (!state)
		return;
	if (strcmp(state, "dfuERROR") == 0)
		puts("Clearing status");
	else if (strcmp(state, "dfuDNLOAD-IDLE") == 0 ||
		 strcmp(state, "dfuUPLOAD-IDLE") == 0)
		puts("Aborting previous incomplete transfer");
}

static int settle(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;
	s0_code code;

	puts("Determining device status...");
	s0_dfu11_set_told(dfu->plain, told_at_first, dfu);
	code = s0_dfu11_settle(dfu->plain, &err);
	s0_dfu11_set_told(dfu->plain, told, dfu);
	return code == S0_OK ? DFU_OK
			     : dfu_plain_failed(dfu, "error get_status", &err);
}

static int set_transfer_size(struct dfu_util *dfu)
{
	const struct s0_dfu11_info *info = s0_dfu11_info(dfu->plain);
	struct s0_error err = S0_ERROR_INIT;
	uint32_t bytes = info->transfer_size;

	if (bytes)
		printf("Device returned transfer size %u\n", bytes);
	if (dfu->transfer_size && dfu->transfer_size != bytes) {
		bytes = dfu->transfer_size;
		puts("Warning: Overriding device-reported transfer size");
	}
	if (!bytes) {
		dfu_warn("Transfer size must be specified");
		return DFU_USAGE;
	}
	if (bytes > TRANSFER_MAX) {
		bytes = TRANSFER_MAX;
		printf("Limited transfer size to %u\n", bytes);
	}
	if (bytes < info->packet_size) {
		bytes = info->packet_size;
		printf("Adjusted transfer size to %u\n", bytes);
	}
	return s0_dfu11_set_transfer_size(dfu->plain, bytes, &err) == S0_OK
		       ? DFU_OK
		       : dfu_plain_failed(dfu, NULL, &err);
}

/* bcdDFUVersion, where it means what it says. */
static unsigned version_of(const struct s0_dfu11_info *info)
{
	return info->dfu_version == DFUSE ? 0x0110 : info->dfu_version;
}

static void tell_device(const struct dfu_util *dfu)
{
	const struct s0_dfu11_info *info = s0_dfu11_info(dfu->plain);

	if (dfu->detached) {
		puts("Opening DFU USB Device...");
		return;
	}
	puts("Opening DFU capable USB device...");
	printf("Device ID %04x:%04x\n", info->vendor, info->product);
	printf("%s DFU version %04x\n",
	       info->dfu_mode ? "Device" : "Run-Time device", version_of(info));
}

static int cannot_open(struct dfu_util *dfu, struct s0_error *err)
{
	if (err->code == S0_E_ACCESS) {
		dfu_warn_closed(&dfu->meant);
		return dfu_plain_failed(
			dfu, "No DFU capable USB device available", err);
	}
	if (err->code == S0_E_BUSY)
		return dfu_plain_failed(
			dfu, "Cannot claim interface - LIBUSB_ERROR_BUSY", err);
	return dfu_plain_failed(dfu, NULL, err);
}

static int set_alternate(struct dfu_util *dfu)
{
	const struct s0_dfu11_info *info = s0_dfu11_info(dfu->plain);
	struct s0_error err = S0_ERROR_INIT;
	unsigned number = 0;

	for (unsigned i = info->alternate_count; i-- > 0;)
		if (dfu_fits_alternate(dfu, info->alternates[i].number,
				       info->alternates[i].name))
			number = info->alternates[i].number;
	puts("Claiming USB DFU Interface...");
	printf("Setting Alternate Interface #%u ...\n", number);
	return s0_dfu11_set_alternate(dfu->plain, (uint8_t)number, &err) ==
			       S0_OK
		       ? DFU_OK
		       : dfu_plain_failed(dfu, "Cannot set alternate interface",
					  &err);
}

int dfu_plain_open(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;
	int status;

	if (!dfu->plain && s0_dfu11_open(dfu->app.context, dfu->meant.path,
					 &dfu->plain, &err) != S0_OK)
		return cannot_open(dfu, &err);
	os_catch_signals();
	tell_device(dfu);
	status = set_alternate(dfu);
	if (status == DFU_OK)
		status = settle(dfu);
	if (status != DFU_OK)
		return status;
	printf("DFU mode device DFU version %04x\n",
	       version_of(s0_dfu11_info(dfu->plain)));
	if (dfu->dfuse)
		puts("Warning: DfuSe option used on non-DfuSe device");
	status = set_transfer_size(dfu);
	if (status != DFU_OK || !dfu->dfuse)
		return status;
	(void)fflush(stdout);
	dfu_warn("Failed to parse memory layout: the device has no addresses, "
		 "leave -s out");
	return DFU_IO;
}

/* An application need not know GETSTATUS. */
static void tell_runtime(struct dfu_util *dfu)
{
	struct s0_dfu11_status status;

	puts("Claiming USB DFU (Run-Time) Interface...\n"
	     "Setting Alternate Interface zero...\n"
	     "Determining device status...");
	s0_dfu11_set_told(dfu->plain, NULL, NULL);
	if (s0_dfu11_ask_status(dfu->plain, &status, NULL) == S0_OK)
		tell_state(status.state, status.status);
	else
		puts("Device does not implement get_status, assuming appIDLE");
	puts("Device really in Run-Time Mode, send DFU detach request...");
	puts(s0_dfu11_info(dfu->plain)->attributes & S0_DFU11_WILL_DETACH
		     ? "Device will detach and reattach..."
		     : "Resetting USB...");
	(void)fflush(stdout);
}

static int came_back(struct dfu_util *dfu)
{
	dfu->meant = *s0_dfu11_info(dfu->plain);
	dfu->meant.accessible = true;
	if (!dfu_fits_after_detach(dfu, &dfu->meant)) {
		dfu_warn("Lost device after RESET?");
		return DFU_IO;
	}
	if (!dfu->alt && dfu->meant.alternate_count > 1 &&
	    dfu_is_plain(dfu, &dfu->meant)) {
		dfu_warn("More than one DFU capable USB device found! Try "
			 "`--list' and specify the serial number or disconnect "
			 "all but one device");
		return DFU_IO;
	}
	return DFU_OK;
}

int dfu_plain_detach(struct dfu_util *dfu, bool wait)
{
	struct s0_error err = S0_ERROR_INIT;

	if (s0_dfu11_open(dfu->app.context, dfu->meant.path, &dfu->plain,
			  &err) != S0_OK)
		return cannot_open(dfu, &err);
	os_catch_signals();
	tell_device(dfu);
	tell_runtime(dfu);
	if (s0_dfu11_detach(dfu->plain, wait ? DETACH_MS : 0, &err) != S0_OK) {
		bool lost = err.code == S0_E_NO_DEVICE;

		return dfu_plain_failed(dfu,
					lost ? "Lost device after RESET?"
					     : "error detaching",
					&err);
	}
	dfu->detached = true;
	dfu->runtime_vendor = dfu->meant.vendor;
	dfu->runtime_product = dfu->meant.product;
	return wait ? came_back(dfu) : DFU_OK;
}
