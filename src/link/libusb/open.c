/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "link/libusb/internal.h"
#include "link/os/usb_node.h"

/* Opening: from a place on the bus to a claimed interface. */

#define CONFIG_HEADER 9

/* What a failed step means, for a message: for one that is in use, by whom. */
static void explain(const struct libusb_link *link, int usb_code,
		    char ret_words[160])
{
	struct usb_node node = { .missing = false };

	if (host_code(usb_code) == S0_E_BUSY)
		usb_node_look(link->found.path, &node);
	(void)snprintf(ret_words, 160, "%s%s",
		       node.holder[0] ? "it is in use by " : "",
		       node.holder[0] ? node.holder : host_words(usb_code));
}

/* Record a failed step of opening. */
static s0_code open_failed(const struct libusb_link *link, const char *step,
			   int usb_code, struct s0_error *err)
{
	s0_code code = host_code(usb_code);
	char words[160];

	explain(link, usb_code, words);
	if (code == S0_E_GONE)
		code = S0_E_NO_DEVICE;
	error_set(err, code, "cannot %s the device at usb %s (%04x:%04x): %s",
		  step, link_place(link), link->found.vendor,
		  link->found.product, words);
	error_add_usb(err, usb_code);
	/* It was on the list a moment ago: what lacks is its device node. */
	if (code == S0_E_NO_DEVICE)
		error_add_cause(err, S0_CAUSE_NO_NODE);
	return code;
}

static void fill_descriptor(libusb_device *device, uint8_t raw[18])
{
	struct libusb_device_descriptor d;

	if (libusb_get_device_descriptor(device, &d) < 0)
		return;
	raw[0] = d.bLength;
	raw[1] = d.bDescriptorType;
	put_le16(raw + 2, d.bcdUSB);
	raw[4] = d.bDeviceClass;
	raw[5] = d.bDeviceSubClass;
	raw[6] = d.bDeviceProtocol;
	raw[7] = d.bMaxPacketSize0;
	put_le16(raw + 8, d.idVendor);
	put_le16(raw + 10, d.idProduct);
	put_le16(raw + 12, d.bcdDevice);
	raw[14] = d.iManufacturer;
	raw[15] = d.iProduct;
	raw[16] = d.iSerialNumber;
	raw[17] = d.bNumConfigurations;
}

/* GET_DESCRIPTOR counts configurations from 0, SET_CONFIGURATION does not. */
static uint8_t config_index(libusb_device *device, uint8_t value)
{
	struct libusb_config_descriptor *config;

	for (uint8_t i = 0;
	     libusb_get_config_descriptor(device, i, &config) == 0; i++) {
		bool same = config->bConfigurationValue == value;

		libusb_free_config_descriptor(config);
		if (same)
			return i;
	}
	return 0;
}

/* Raw, for libusb has only its own parse; its header tells how long it is. */
static s0_code read_config(struct libusb_link *link, struct s0_error *err)
{
	libusb_device *device = libusb_get_device(link->handle);
	uint16_t value = (uint16_t)(LIBUSB_DT_CONFIG << 8 |
				    config_index(device, link->found.config));
	uint16_t moved, total;
	s0_code code = transfer_get(link, value, 0, link->config, CONFIG_HEADER,
				    &moved, err);

	if (code)
		return code;
	total = moved < CONFIG_HEADER ? 0 : get_le16(link->config + 2);
	if (total < CONFIG_HEADER)
		error_add_cause(err, S0_CAUSE_DESCRIPTORS);
	if (total < CONFIG_HEADER)
		return error_set(err, S0_E_FORMAT,
				 "the configuration descriptor of the device "
				 "at usb %s is cut short",
				 link_place(link));
	if (total > sizeof(link->config)) /* some ROMs say 0xffff */
		total = sizeof(link->config);
	code = transfer_get(link, value, 0, link->config, total, &moved, err);
	link->link.facts.config_length = moved;
	return code;
}

/* A device that nobody has configured does nothing of what it is told. */
static int configure(struct libusb_link *link)
{
	int current;

	if (libusb_get_configuration(link->handle, &current) < 0 ||
	    current == link->found.config || !link->found.config)
		return 0;
	return libusb_set_configuration(link->handle, link->found.config);
}

static s0_code claim(struct libusb_link *link, struct s0_error *err)
{
	int r = configure(link);

	if (r < 0)
		return open_failed(link, "configure", r, err);
	/* Not every system has drivers that must give way. */
	(void)libusb_set_auto_detach_kernel_driver(link->handle, 1);
	r = libusb_claim_interface(link->handle, link->found.interface);
	if (r < 0)
		return open_failed(link, "claim", r, err);
	link->claimed = true;
	link->alt = -1;
	link->langid = 0;
	return read_config(link, err);
}

static s0_code open_handle(struct libusb_link *link, libusb_device *device,
			   struct s0_error *err)
{
	int r = libusb_open(device, &link->handle);

	if (r < 0)
		return open_failed(link, "open", r, err);
	link->gone = false;
	fill_descriptor(device, link->link.facts.device_descriptor);
	return S0_OK;
}

/* The device on the link's path, if it is the one that is meant. */
static s0_code attach_device(struct libusb_link *link, libusb_device *device,
			     struct s0_error *err)
{
	struct usb_found found;
	s0_code code;

	if (!discover_describe(device, &found) ||
	    found.kind != link->found.kind ||
	    found.vendor != link->found.vendor ||
	    found.product != link->found.product)
		return error_set(err, S0_E_NO_DEVICE,
				 "the device at usb %s is not %04x:%04x %s any "
				 "more",
				 link_place(link), link->found.vendor,
				 link->found.product,
				 link->found.kind == USB_DFU_MODE
					 ? "in DFU mode"
					 : "with its firmware running");
	link->found.interface = found.interface;
	link->found.config = found.config;
	link->link.facts.interface = found.interface;
	link->link.facts.number = found.number;
	link->link.facts.speed = found.speed;
	code = open_handle(link, device, err);
	if (!code)
		code = link->looks ? read_config(link, err) : claim(link, err);
	if (code)
		link_drop(link);
	return code;
}

s0_code open_attach(struct libusb_link *link, struct s0_error *err)
{
	libusb_device **devices;
	libusb_device *device = NULL;
	unsigned port = host_last_port(link->found.path);
	s0_code code;
	ssize_t n = libusb_get_device_list(link->host->context, &devices);

	if (n < 0)
		return open_failed(link, "find", (int)n, err);
	for (ssize_t i = 0; i < n && !device; i++)
		if (host_is_at(devices[i], link->found.path, port))
			device = devices[i];
	if (device)
		code = attach_device(link, device, err);
	else
		code = error_set(err, S0_E_NO_DEVICE,
				 "there is no device at usb %s any more",
				 link_place(link));
	libusb_free_device_list(devices, 1);
	return code;
}

s0_code open_device(struct usb_host *host, const struct usb_found *found,
		    libusb_device *device, struct libusb_link **ret_link,
		    struct s0_error *err)
{
	struct libusb_link *link = NULL;
	s0_code code = link_new(host, found, &link, err);

	if (!code)
		code = open_handle(link, device, err);
	if (code)
		link_close(link);
	else
		*ret_link = link;
	return code;
}

/* A device that the system shows but has no node for (as in a container), has
 * been struck off libusb's list when usb_list() tried to open it. */
static s0_code unlisted(const struct libusb_link *link, struct s0_error *err)
{
	if (link->found.accessible ||
	    link->found.open_code != LIBUSB_ERROR_NO_DEVICE)
		return S0_OK;
	error_set(err, S0_E_NO_DEVICE,
		  "cannot open the device at usb %s (%04x:%04x): its device "
		  "node is missing, or it was just unplugged",
		  link_place(link), link->found.vendor, link->found.product);
	error_add_usb(err, link->found.open_code);
	return S0_E_NO_DEVICE;
}

s0_code usb_open(struct usb_host *host, const struct usb_found *found,
		 uint32_t flags, struct usb_link **ret_link,
		 struct s0_error *err)
{
	struct libusb_link *link = NULL;
	s0_code code;

	if (flags & ~(USB_OPEN_RUNTIME | USB_OPEN_LOOK))
		return error_set(err, S0_E_BUG, "unknown flags 0x%x", flags);
	if (found->kind != USB_DFU_MODE && (!flags || !found->alt_count))
		return error_set(err, S0_E_NO_DEVICE,
				 "the device at usb %s (%04x:%04x) is not in "
				 "DFU mode",
				 found->path + strlen("usb:"), found->vendor,
				 found->product);
	code = link_new(host, found, &link, err);
	if (!code) {
		link->looks = flags & USB_OPEN_LOOK;
		code = unlisted(link, err);
	}
	if (!code)
		code = open_attach(link, err);
	if (code)
		link_close(link);
	else
		*ret_link = &link->link;
	return code;
}
