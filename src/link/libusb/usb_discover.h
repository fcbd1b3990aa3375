/* SPDX-License-Identifier: MIT */
#ifndef LINK_LIBUSB_USB_DISCOVER_H
#define LINK_LIBUSB_USB_DISCOVER_H

/*
 * STM32 bootloaders on this host's USB: finding them, and a usb_link to one.
 * libusb itself is seen only in this folder.
 *
 * Rights, claims and missing devices are told apart here; which board is meant
 * when there are several is the device layer's decision.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>
#include "link/usb_link.h"

/* The host's USB, opened once. Outlives every link made from it; one thread at
 * a time. */
struct usb_host;

enum usb_found_kind {
	USB_DFU_MODE, /* in its bootloader: usb_open() takes it */
	USB_RUNTIME   /* an STM32's maker's product, not in DFU mode */
};

/* open_code where the system says that this user may not (libusb's
 * LIBUSB_ERROR_ACCESS). */
#define USB_OPEN_FORBIDDEN (-3)

/* One board. A string is "" where the device has none or cannot be asked. */
struct usb_found {
	char path[64]; /* "usb:1-4.2": bus-port.port */
	uint16_t vendor, product, bcd_device;
	uint8_t config;	   /* bConfigurationValue */
	uint8_t number;	   /* on its bus, changes when it is plugged in */
	uint8_t interface; /* first DFU interface; 0 if it has none */
	enum usb_found_kind kind;
	bool accessible; /* it could be opened just now */
	int open_code;	 /* what libusb said to that: 0 or negative */
	char product_name[128], manufacturer[128], serial[128];
	unsigned alt_count; /* alternate settings of the DFU interface */
	const char *speed;  /* as in struct usb_link_facts */
};

/*
 * @retval S0_E_NO_USB  The USB library cannot work on this host.
 * @retval S0_E_MEMORY
 */
s0_code usb_host_new(struct usb_host **ret_host, struct s0_error *err);

/* Let a moment pass between two looks at the bus. */
void usb_host_rest(struct usb_host *host, uint32_t ms);

/* NULL is allowed. */
void usb_host_free(struct usb_host *host);

/*
 * All boards: those in DFU mode, of unknown makers too, and those of ST's
 * vendor ID that are not in DFU mode, debug probes left out. Run-time DFU
 * interfaces of other makers' products (cameras) are left out.
 * @param ret_list  To be freed with free(); in the order of the bus; NULL
 *                  when there is none.
 * @retval S0_OK        Also when there is none.
 * @retval S0_E_NO_USB  This host has no USB bus at all.
 * @retval S0_E_MEMORY
 */
s0_code usb_list(struct usb_host *host, struct usb_found **ret_list,
		 size_t *ret_count, struct s0_error *err);

/*
 * The same for one path: if a board is there it alone is asked and listed, so
 * that opening one of many costs no more than opening the only one; else all
 * are.
 */
s0_code usb_list_at(struct usb_host *host, const char *path,
		    struct usb_found **ret_list, size_t *ret_count,
		    struct s0_error *err);

/*
 * All devices with a DFU interface, in DFU mode or at run time, of whatever
 * maker: alt_count is not 0.
 */
s0_code usb_list_dfu(struct usb_host *host, struct usb_found **ret_list,
		     size_t *ret_count, struct s0_error *err);

/* Flags of usb_open(). */
#define USB_OPEN_RUNTIME 1u /* a run-time DFU interface will do */
#define USB_OPEN_LOOK                                                          \
	2u /* in either mode, to read its descriptors: nothing
			     * is claimed, and no class request goes out */

/*
 * Open a board and claim its DFU interface; a kernel driver gives way.
 * @param found  As usb_list() told; path, vendor and product are looked up
 *               again, for the bus may have changed since.
 * @param flags  0, or of those above.
 * @retval S0_E_ACCESS     The system refuses to open it.
 * @retval S0_E_BUSY       Another program holds its interface.
 * @retval S0_E_NO_DEVICE  It is not there any more, or not in DFU mode.
 * @retval S0_E_FORMAT     Its configuration descriptor is malformed.
 * @retval S0_E_PROTOCOL, S0_E_REFUSED, S0_E_TIMEOUT, S0_E_GONE, S0_E_MEMORY
 */
s0_code usb_open(struct usb_host *host, const struct usb_found *found,
		 uint32_t flags, struct usb_link **ret_link,
		 struct s0_error *err);

#endif
