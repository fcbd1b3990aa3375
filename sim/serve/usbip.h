/* SPDX-License-Identifier: MIT */
#ifndef SERVE_USBIP_H
#define SERVE_USBIP_H

/*
 * Messages of USB/IP 1.1.1 and their bytes: Documentation/usb/
 * usbip_protocol.rst of Linux. Numbers are big endian, but for the SETUP
 * packet, which is as on the bus. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include <sector0/sim.h>

#define USBIP_VERSION 0x0111u

/* Lengths in bytes. */
#define USBIP_OP_LENGTH	       8u
#define USBIP_BUS_ID_LENGTH    32u
#define USBIP_DEVICE_LENGTH    312u
#define USBIP_INTERFACE_LENGTH 4u
#define USBIP_HEADER_LENGTH    48u
#define USBIP_ISO_LENGTH       16u

enum usbip_op {
	USBIP_REP_IMPORT = 0x0003,
	USBIP_REP_DEVLIST = 0x0005,
	USBIP_REQ_IMPORT = 0x8003,
	USBIP_REQ_DEVLIST = 0x8005,
};

/* Status of a reply. The protocol's text knows 0 and 1; the tools know more
 * (tools/usb/usbip/libsrc/usbip_common.h). */
enum usbip_op_status {
	USBIP_OK = 0,
	USBIP_DEVICE_BUSY = 2,
	USBIP_NO_DEVICE = 4,
};

enum usbip_command_code {
	USBIP_CMD_SUBMIT = 1,
	USBIP_CMD_UNLINK = 2,
	USBIP_RET_SUBMIT = 3,
	USBIP_RET_UNLINK = 4,
};

enum { USBIP_OUT = 0, USBIP_IN = 1 };

/* transfer_flags: a short IN is an error. */
#define USBIP_SHORT_NOT_OK 0x0001u

/* enum usb_device_speed of Linux: full speed. */
#define USBIP_SPEED_FULL 2u

/* Linux' error numbers, whatever this machine's are. */
enum {
	USBIP_EINVAL = -22,
	USBIP_EPIPE = -32,
	USBIP_EPROTO = -71,
	USBIP_EOVERFLOW = -75,
	USBIP_ECONNRESET = -104,
	USBIP_EREMOTEIO = -121,
};

struct usbip_request {
	uint16_t version, code;
};

/* A CMD_SUBMIT or CMD_UNLINK. */
struct usbip_command {
	uint32_t code, number; /* number: seqnum */
	uint32_t device, direction, endpoint;
	/* CMD_SUBMIT */
	uint32_t flags;
	int32_t length; /* transfer_buffer_length */
	int32_t packets;
	struct s0_sim_setup setup;
	/* CMD_UNLINK */
	uint32_t victim;
};

/* What DEVLIST and IMPORT tell of a device. */
struct usbip_device {
	const char *path, *bus_id;
	uint32_t bus, number;
	const uint8_t *descriptor; /* device descriptor, 18 bytes */
	const uint8_t *config;	   /* configuration descriptor, 9 bytes */
};

struct usbip_request usbip_get_request(const uint8_t bytes[USBIP_OP_LENGTH]);
void usbip_put_reply(uint8_t bytes[USBIP_OP_LENGTH], enum usbip_op op,
		     enum usbip_op_status status);
void usbip_put_count(uint8_t bytes[4], uint32_t count);
void usbip_put_device(uint8_t bytes[USBIP_DEVICE_LENGTH],
		      const struct usbip_device *device);

void usbip_get_command(const uint8_t bytes[USBIP_HEADER_LENGTH],
		       struct usbip_command *ret_command);
void usbip_put_submitted(uint8_t bytes[USBIP_HEADER_LENGTH], uint32_t number,
			 int32_t status, uint32_t length, int32_t packets);
void usbip_put_unlinked(uint8_t bytes[USBIP_HEADER_LENGTH], uint32_t number,
			int32_t status);

#endif
