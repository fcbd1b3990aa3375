/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/clock.h"
#include "link/libusb/internal.h"

s0_code usb_host_new(struct usb_host **ret_host, struct s0_error *err)
{
	struct usb_host *host = calloc(1, sizeof(*host));
	int r;

	if (!host)
		return error_memory(err);
	r = libusb_init(&host->context);
	if (r < 0) {
		free(host);
		error_set(err, S0_E_NO_USB, "cannot use USB on this host: %s",
			  host_words(r));
		error_add_usb(err, r);
		return S0_E_NO_USB;
	}
	*ret_host = host;
	return S0_OK;
}

void usb_host_rest(struct usb_host *host, uint32_t ms)
{
	(void)host;
	clock_sleep_us((uint64_t)ms * 1000);
}

void usb_host_free(struct usb_host *host)
{
	if (!host)
		return;
	libusb_exit(host->context);
	free(host);
}

void host_path(libusb_device *device, char path[64])
{
	uint8_t ports[7]; /* USB 3.0 allows no deeper tree */
	int count = libusb_get_port_numbers(device, ports, sizeof(ports));
	int length = snprintf(path, 64, "usb:%u",
			      (unsigned)libusb_get_bus_number(device));

	for (int i = 0; i < count; i++)
		length += snprintf(path + length, 64 - (size_t)length, "%c%u",
				   i ? '.' : '-', (unsigned)ports[i]);
	/* Some systems do not tell ports: the address is unique, though it
	 * changes when the device is plugged in again. */
	if (count <= 0)
		snprintf(path + length, 64 - (size_t)length, "@%u",
			 (unsigned)libusb_get_device_address(device));
}

unsigned host_last_port(const char *path)
{
	const char *last = path + strlen(path);

	while (last > path && last[-1] >= '0' && last[-1] <= '9')
		last--;
	return (unsigned)strtoul(last, NULL, 10);
}

bool host_is_at(libusb_device *device, const char *path, unsigned last_port)
{
	uint8_t port = libusb_get_port_number(device); /* 0: not known */
	char here[64];

	if (port && port != last_port)
		return false;
	host_path(device, here);
	return !strcmp(here, path);
}

/* The first is what STM32CubeProgrammer prints for an H743. */
const char *host_speed(libusb_device *device)
{
	switch (libusb_get_device_speed(device)) {
	case LIBUSB_SPEED_FULL:
		return "Full Speed (12MBit/s)";
	case LIBUSB_SPEED_HIGH:
		return "High Speed (480MBit/s)";
	case LIBUSB_SPEED_LOW:
		return "Low Speed (1.5MBit/s)";
	case LIBUSB_SPEED_SUPER:
		return "Super Speed (5000MBit/s)";
	default:
		return "";
	}
}

static const struct {
	int usb_code;
	s0_code code;
	const char *words;
} meanings[] = {
	{ LIBUSB_ERROR_ACCESS, S0_E_ACCESS, "permission denied" },
	{ LIBUSB_ERROR_NOT_SUPPORTED, S0_E_ACCESS,
	  "it has no driver that can be used" },
	{ LIBUSB_ERROR_NO_DEVICE, S0_E_GONE, "it is not there any more" },
	{ LIBUSB_ERROR_NOT_FOUND, S0_E_REFUSED, "it has no such thing" },
	{ LIBUSB_ERROR_BUSY, S0_E_BUSY, "another program holds it" },
	{ LIBUSB_ERROR_TIMEOUT, S0_E_TIMEOUT, "it did not answer in time" },
	{ LIBUSB_ERROR_PIPE, S0_E_REFUSED, "it refused" },
	{ LIBUSB_ERROR_NO_MEM, S0_E_MEMORY, "out of memory" },
	{ LIBUSB_ERROR_IO, S0_E_PROTOCOL, "input/output error" },
	{ LIBUSB_ERROR_OVERFLOW, S0_E_PROTOCOL, "it sent too much" },
};

s0_code host_code(int usb_code)
{
	if (usb_code >= 0)
		return S0_OK;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].usb_code == usb_code)
			return meanings[i].code;
	return S0_E_PROTOCOL;
}

const char *host_words(int usb_code)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].usb_code == usb_code)
			return meanings[i].words;
	return libusb_error_name(usb_code);
}
