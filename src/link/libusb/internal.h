/* SPDX-License-Identifier: MIT */
#ifndef LINK_LIBUSB_INTERNAL_H
#define LINK_LIBUSB_INTERNAL_H

/* What the files of this folder share. */

#include <libusb.h>

#include "link/libusb/usb_discover.h"

/* Largest data stage: more than any bootloader's transfer size, and as much as
 * Linux and Windows take in one control transfer. */
#define LINK_DATA_MAX 4096

struct usb_host {
	libusb_context *context;
};

/* One transfer of a batch, made once a link. */
struct link_slot {
	struct libusb_transfer *transfer;
	int done;	  /* set by the callback */
	int submit_code;  /* negative: it never went out */
	bool cancelled;	  /* its time was over */
	uint64_t sent_us; /* handed over */
	uint64_t end_us;  /* complete */
	uint8_t buffer[LIBUSB_CONTROL_SETUP_SIZE + LINK_DATA_MAX];
};

struct libusb_link {
	struct usb_link link; /* first, so that one is the other */
	struct usb_host *host;
	libusb_device_handle *handle; /* NULL while there is none */
	struct usb_found found;
	bool looks; /* claims nothing */
	bool claimed;
	bool gone;
	int alt;	 /* selected alternate setting, -1: not known */
	uint16_t langid; /* language of its strings, 0: not known */
	struct link_slot slots[USB_LINK_BATCH];
	uint8_t config[LINK_DATA_MAX];
};

/* host.c */

/* "usb:1-4.2" of a device. */
void host_path(libusb_device *device, char path[64]);
/* Is that its path? Who opens each of many boards asks it of each of them, so
 * a path is put together only where its last port (once told by
 * host_last_port()) is the device's. */
bool host_is_at(libusb_device *device, const char *path, unsigned last_port);
unsigned host_last_port(const char *path);
/* CubeProgrammer's words for a device's speed; static. */
const char *host_speed(libusb_device *device);
/* The code for an error of libusb's. */
s0_code host_code(int usb_code);
/* Words for an error of libusb's, to stand after a colon; static. */
const char *host_words(int usb_code);

/* discover.c */

/* What a device's descriptors tell, without opening it. False if that is no
 * device, or a hub. */
bool discover_describe(libusb_device *device, struct usb_found *ret_found);

/* transfer.c */

/* What usb_link_ops.run promises, with a wIndex of the caller's choice. */
void transfer_run(struct libusb_link *link, struct usb_transfer *transfers,
		  size_t count, uint16_t index);
/* Slots for transfers. @retval S0_E_MEMORY */
s0_code transfer_alloc(struct libusb_link *link, struct s0_error *err);
void transfer_free(struct libusb_link *link);
/* GET_DESCRIPTOR, with an explanation when it fails.
 * @param value  Descriptor type in the high byte, its index in the low one. */
s0_code transfer_get(struct libusb_link *link, uint16_t value, uint16_t index,
		     uint8_t *data, uint16_t length, uint16_t *ret_moved,
		     struct s0_error *err);

/* link.c */

/* A link to a device that is not open yet. */
s0_code link_new(struct usb_host *host, const struct usb_found *found,
		 struct libusb_link **ret_link, struct s0_error *err);
/* Let go of the device; the link stays and says that it is gone. */
void link_drop(struct libusb_link *link);
/* Releases the link itself; NULL is allowed. */
void link_close(struct libusb_link *link);
/* The path as people read it: "1-4.2". */
const char *link_place(const struct libusb_link *link);

/* open.c */

/* A link that can be asked for descriptors, with nothing claimed. */
s0_code open_device(struct usb_host *host, const struct usb_found *found,
		    libusb_device *device, struct libusb_link **ret_link,
		    struct s0_error *err);
/* Open what is on the link's path now, and claim its interface. */
s0_code open_attach(struct libusb_link *link, struct s0_error *err);

#endif
