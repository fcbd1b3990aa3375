/* SPDX-License-Identifier: MIT */
#ifndef PROTO_DFU11_H
#define PROTO_DFU11_H

/*
 * Plain DFU as the standard has it (USB Device Class Specification for Device
 * Firmware Upgrade, revision 1.1), from the host's side: no addresses, a
 * firmware goes in or comes out from its beginning to its end.
 *
 * Whatever the device does, each of these comes to an end: a device that is
 * busy is waited for at most DFU11_BUSY_MS.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/usb_link.h"

/* bmAttributes of the functional descriptor (table 4.2). */
enum {
	DFU11_CAN_DOWNLOAD = 1,
	DFU11_CAN_UPLOAD = 2,
	DFU11_TOLERANT = 4, /* bitManifestationTolerant */
	DFU11_WILL_DETACH = 8
};

/* No plain DFU device is known to need as long for one block. */
#define DFU11_BUSY_MS 120000u

struct dfu11_status {
	uint8_t status, state;
	uint32_t poll_ms;
};

struct dfu11 {
	struct usb_link *link; /* the caller's */
	uint8_t attributes;
	uint16_t block; /* bytes of a transfer */
	/* Told of each status but those of a block that went well. NULL: no. */
	void (*told)(void *payload, const struct dfu11_status *status);
	/* Asked between transfers, bytes done so far; false: stop. NULL: never. */
	bool (*go_on)(void *payload, uint64_t done);
	void *payload;
	bool begun; /* dfu11_download(): may a block have got there? */
};

/* How a download ended that went well. */
enum dfu11_end {
	DFU11_IDLE,  /* back in dfuIDLE */
	DFU11_WAITS, /* a USB reset starts the firmware */
	DFU11_LEFT   /* gone, or silent: it may start the firmware */
};

s0_code dfu11_get_status(struct dfu11 *dfu, struct dfu11_status *ret_status,
			 struct s0_error *err);
/* To dfuIDLE, from wherever an earlier program left it. */
s0_code dfu11_settle(struct dfu11 *dfu, struct s0_error *err);
/*
 * A firmware, from dfuIDLE. *ret_done: bytes that the device took, set on
 * failure too. A device that is still there after a failure is left in dfuIDLE
 * where it lets itself be brought there.
 */
s0_code dfu11_download(struct dfu11 *dfu, const uint8_t *bytes, size_t length,
		       enum dfu11_end *ret_end, uint64_t *ret_done,
		       struct s0_error *err);
/*
 * What the device gives, from dfuIDLE, until a short block; at most limit
 * bytes. bytes() gets them in order, false stops (S0_OK).
 */
typedef bool (*dfu11_bytes_fn)(void *payload, const void *bytes, size_t length);
s0_code dfu11_upload(struct dfu11 *dfu, uint64_t limit, dfu11_bytes_fn bytes,
		     void *payload, uint64_t *ret_done, struct s0_error *err);
/*
 * DFU_DETACH to a run-time interface, with the time in which it waits for the
 * reset that takes it to DFU mode; and that reset, unless it detaches itself.
 * S0_OK too where it left at once.
 */
s0_code dfu11_detach(struct dfu11 *dfu, uint16_t timeout_ms,
		     struct s0_error *err);

#endif
