/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/libusb/internal.h"

#define VENDOR_ST	 0x0483
#define CLASS_DFU	 0xfe /* application specific, with subclass 1 */
#define SUBCLASS_DFU	 0x01
#define PROTOCOL_RUNTIME 0x01
#define PROTOCOL_DFU	 0x02

/* Debug probes of the same maker, which are no board to be programmed; product
 * IDs as in OpenOCD's interface/stlink.cfg. */
static const uint16_t probes[] = { 0x3744, 0x3748, 0x374b, 0x374d,
				   0x374e, 0x374f, 0x3752, 0x3753,
				   0x3754, 0x3755, 0x3757 };

static bool is_probe(const struct usb_found *found)
{
	for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++)
		if (found->vendor == VENDOR_ST && found->product == probes[i])
			return true;
	return false;
}

static bool is_dfu(const struct libusb_interface *interface, uint8_t protocol)
{
	const struct libusb_interface_descriptor *alt = interface->altsetting;

	return interface->num_altsetting > 0 &&
	       alt->bInterfaceClass == CLASS_DFU &&
	       alt->bInterfaceSubClass == SUBCLASS_DFU &&
	       alt->bInterfaceProtocol == protocol;
}

/* The first DFU interface of that protocol, if the device has one. */
static bool find_interface(const struct libusb_config_descriptor *config,
			   uint8_t protocol, struct usb_found *found)
{
	for (int i = 0; i < config->bNumInterfaces; i++) {
		const struct libusb_interface *interface =
			&config->interface[i];

		if (!is_dfu(interface, protocol))
			continue;
		found->interface = interface->altsetting->bInterfaceNumber;
		found->alt_count = (unsigned)interface->num_altsetting;
		return true;
	}
	return false;
}

/* An unconfigured device has no active configuration: then its first one. */
static struct libusb_config_descriptor *get_config(libusb_device *device)
{
	struct libusb_config_descriptor *config = NULL;

	if (libusb_get_active_config_descriptor(device, &config) < 0 &&
	    libusb_get_config_descriptor(device, 0, &config) < 0)
		return NULL;
	return config;
}

bool discover_describe(libusb_device *device, struct usb_found *ret_found)
{
	struct usb_found found = { .kind = USB_RUNTIME };
	struct libusb_device_descriptor d;
	struct libusb_config_descriptor *config;

	if (libusb_get_device_descriptor(device, &d) < 0 ||
	    d.bDeviceClass == LIBUSB_CLASS_HUB)
		return false;
	found.vendor = d.idVendor;
	found.product = d.idProduct;
	found.bcd_device = d.bcdDevice;
	found.number = libusb_get_device_address(device);
	config = get_config(device);
	if (config) {
		found.config = config->bConfigurationValue;
		if (find_interface(config, PROTOCOL_DFU, &found))
			found.kind = USB_DFU_MODE;
		else
			find_interface(config, PROTOCOL_RUNTIME, &found);
		libusb_free_config_descriptor(config);
	}
	host_path(device, found.path);
	found.speed = host_speed(device);
	*ret_found = found;
	return true;
}

typedef bool (*wanted_fn)(const struct usb_found *found);

/* What usb_list() is about. */
static bool is_board(const struct usb_found *found)
{
	return !is_probe(found) &&
	       (found->vendor == VENDOR_ST || found->kind == USB_DFU_MODE);
}

static bool has_dfu(const struct usb_found *found)
{
	return found->alt_count > 0;
}

/* Open it to see whether that is allowed, and to ask for its names. */
static s0_code identify(struct usb_host *host, libusb_device *device,
			struct usb_found *found, struct s0_error *err)
{
	struct libusb_device_descriptor d;
	struct s0_error why = S0_ERROR_INIT;
	struct libusb_link *link;
	s0_code code = open_device(host, found, device, &link, &why);

	if (code == S0_E_MEMORY)
		return error_memory(err);
	found->accessible = !code;
	found->open_code = why.usb_code;
	if (code || libusb_get_device_descriptor(device, &d) < 0)
		return S0_OK;
	usb_link_string(&link->link, d.iProduct, found->product_name,
			sizeof(found->product_name));
	usb_link_string(&link->link, d.iManufacturer, found->manufacturer,
			sizeof(found->manufacturer));
	usb_link_string(&link->link, d.iSerialNumber, found->serial,
			sizeof(found->serial));
	link_close(link);
	return S0_OK;
}

static s0_code list_boards(struct usb_host *host, libusb_device **devices,
			   const char *path, wanted_fn wanted,
			   struct usb_found *list, size_t *count,
			   struct s0_error *err)
{
	unsigned port = path ? host_last_port(path) : 0;

	for (; *devices; devices++) {
		s0_code code;

		if (path && !host_is_at(*devices, path, port))
			continue;
		if (!discover_describe(*devices, &list[*count]) ||
		    !wanted(&list[*count]))
			continue;
		code = identify(host, *devices, &list[*count], err);
		if (code)
			return code;
		(*count)++;
	}
	return S0_OK;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* By bus and ports, as numbers: "usb:1-2" is before "usb:1-10". The system's
 * order is nobody's. */
static int compare(const void *a, const void *b)
{
	const char *p = ((const struct usb_found *)a)->path;
	const char *q = ((const struct usb_found *)b)->path;

	for (;;) {
		unsigned long m, n;
		char *p_end, *q_end;

		while (*p && *p == *q && !is_digit(*p))
			p++, q++;
		if (!is_digit(*p) || !is_digit(*q))
			return strcmp(p, q);
		m = strtoul(p, &p_end, 10);
		n = strtoul(q, &q_end, 10);
		if (m != n)
			return m < n ? -1 : 1;
		p = p_end;
		q = q_end;
	}
}

/* @path: list the board there alone, and ask no other. NULL: all. */
static s0_code list_some(struct usb_host *host, const char *path,
			 wanted_fn wanted, struct usb_found **ret_list,
			 size_t *ret_count, struct s0_error *err)
{
	libusb_device **devices;
	struct usb_found *list;
	size_t count = 0;
	s0_code code;
	ssize_t n = libusb_get_device_list(host->context, &devices);

	if (n < 0)
		return error_set(err, S0_E_NO_USB,
				 "cannot list USB devices: %s",
				 host_words((int)n));
	/* A bus shows its root hub, whatever is plugged in. */
	if (n == 0) {
		libusb_free_device_list(devices, 1);
		return error_set(err, S0_E_NO_USB, "this host has no USB bus");
	}
	list = calloc((size_t)n, sizeof(*list));
	code = list ? list_boards(host, devices, path, wanted, list, &count,
				  err)
		    : error_memory(err);
	libusb_free_device_list(devices, 1);
	if (list)
		qsort(list, count, sizeof(*list), compare);
	if (code || !count) {
		free(list);
		list = NULL;
	}
	if (!code) {
		*ret_list = list;
		*ret_count = count;
	}
	return code;
}

s0_code usb_list(struct usb_host *host, struct usb_found **ret_list,
		 size_t *ret_count, struct s0_error *err)
{
	return list_some(host, NULL, is_board, ret_list, ret_count, err);
}

s0_code usb_list_dfu(struct usb_host *host, struct usb_found **ret_list,
		     size_t *ret_count, struct s0_error *err)
{
	return list_some(host, NULL, has_dfu, ret_list, ret_count, err);
}

s0_code usb_list_at(struct usb_host *host, const char *path,
		    struct usb_found **ret_list, size_t *ret_count,
		    struct s0_error *err)
{
	s0_code code =
		list_some(host, path, is_board, ret_list, ret_count, err);

	if (code == S0_OK && *ret_count == 0)
		return usb_list(host, ret_list, ret_count, err);
	return code;
}
