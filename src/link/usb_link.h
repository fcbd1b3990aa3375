/* SPDX-License-Identifier: MIT */
#ifndef LINK_USB_LINK_H
#define LINK_USB_LINK_H

/*
 * The seam between a DFU protocol and whatever carries it.
 *
 * Everything the protocol needs from the world goes through here, time
 * included: a link decides what a millisecond is, so tests never wait.
 * Implemented by libusb and by the virtual STM32; a trace or a saboteur wraps
 * any of the others.
 *
 * Contract, checked by tests/link_contract.c for every implementation:
 *  - run() moves whole control transfers to the interface the link has
 *    claimed. It is handed one or several, which go out back to back in their
 *    order, and each reports for itself. A transfer that fails does not stop
 *    the ones behind it, except that after S0_E_GONE all are S0_E_GONE, and
 *    that behind a S0_E_TIMEOUT they are withdrawn and are S0_E_TIMEOUT too
 *    (a device that is silent for one would be for all, each its own time).
 *  - code is S0_OK (then moved is what was moved, less than length only when
 *    the device sent a short packet), S0_E_REFUSED for a STALL, S0_E_TIMEOUT
 *    for silence, S0_E_GONE when the device has left the bus: then every
 *    further transfer is S0_E_GONE until reopen() succeeds. Anything else the
 *    host controller reports is S0_E_PROTOCOL.
 *  - start_us and end_us are the transfer's own time on now_us()'s clock:
 *    handed-over to complete, or previous one's end to complete within a batch.
 *  - no call prints, retries or sleeps on its own.
 */

#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>

/* Largest batch that run() must take. */
#define USB_LINK_BATCH 32

struct usb_transfer {
	/* filled in by the caller */
	uint8_t request_type; /* bmRequestType: 0x21 out, 0xa1 in */
	uint8_t request;      /* bRequest */
	uint16_t value;	      /* wValue; wIndex is the link's interface */
	uint16_t length;      /* wLength, bytes */
	uint8_t *data;	      /* length bytes, read (out) or written (in) */
	uint32_t timeout_ms;  /* from when it is at the head of the queue */
	/* filled in by the link */
	s0_code code;
	int usb_code; /* negative code of the USB layer, 0 if none */
	uint16_t moved;
	uint64_t start_us, end_us;
};

/* Sizes of sectors whose erase time a link may know. */
#define USB_ERASE_TIMES 4

/* What is known about the device without a DFU transfer. */
struct usb_link_facts {
	char path[64]; /* "usb:1-4.2", "sim:…": how to choose this device */
	const char *speed; /* "Full Speed (12MBit/s)" and the like, or "" */
	uint8_t device_descriptor[18];
	const uint8_t *config_descriptor; /* with its interfaces; link's own */
	uint16_t config_length;
	uint8_t interface;	/* number of the claimed interface */
	uint8_t number;		/* the device's on its bus, 0 if not known */
	uint32_t turnaround_us; /* known host turn-around, 0 if not known */
	/* A virtual device's own times; 0 on real ones. */
	struct usb_erase_time {
		uint32_t sector_bytes, us;
	} erase[USB_ERASE_TIMES]; /* by size of the sector; 0: no more */
	uint32_t word_us;	  /* one flash word */
	uint32_t mass_erase_us;
};

struct usb_link;

struct usb_link_ops {
	void (*run)(struct usb_link *link, struct usb_transfer *transfers,
		    size_t count);
	/* SET_INTERFACE of the claimed interface. */
	s0_code (*set_alt)(struct usb_link *link, uint8_t alt,
			   struct s0_error *err);
	/* A string descriptor, raw: UTF-16LE with its two-byte header;
	 * *ret_length is what came. */
	s0_code (*string)(struct usb_link *link, uint8_t index,
			  uint8_t raw[255], uint16_t *ret_length,
			  struct s0_error *err);
	uint64_t (*now_us)(struct usb_link *link);
	void (*wait_ms)(struct usb_link *link, uint32_t ms);
	/* After S0_E_GONE: wait for the device to come back on the same path
	 * and open it again. S0_E_GONE when it did not within timeout_ms. */
	s0_code (*reopen)(struct usb_link *link, uint32_t timeout_ms,
			  struct s0_error *err);
	/* Reset its port; NULL where a link cannot (usb_link_reset()). */
	s0_code (*reset)(struct usb_link *link, struct s0_error *err);
	/* Releases the link itself. */
	void (*close)(struct usb_link *link);
};

struct usb_link {
	const struct usb_link_ops *ops;
	struct usb_link_facts facts;
};

/*
 * A string descriptor as UTF-8. Tolerates a wrong bLength (as some ROMs send)
 * and replaces what is no character; "" for index 0 or when refused.
 */
void usb_link_string(struct usb_link *link, uint8_t index, char *utf8,
		     size_t size);

/* The same, but S0_E_GONE or S0_E_TIMEOUT when that is why there is none. */
s0_code usb_link_ask_string(struct usb_link *link, uint8_t index, char *utf8,
			    size_t size, struct s0_error *err);

/*
 * USB reset of the device's port: it is on its path afterwards, configured and
 * claimed as before, with alternate setting 0 and what a reset leaves of its
 * protocol.
 * @retval S0_E_GONE  It left, or came back as something else (a DFU device that
 *                    a reset takes to another mode): reopen().
 * @retval S0_E_UNSUPPORTED  Not over this link.
 */
s0_code usb_link_reset(struct usb_link *link, struct s0_error *err);

/* Wire time of a full-speed control transfer, microseconds x 10, by the
 * formulas of docs/protocol.md (51.3 us a 64-byte packet). */
uint32_t usb_wire_us10(uint8_t request_type, uint8_t request, uint16_t length);

#endif
