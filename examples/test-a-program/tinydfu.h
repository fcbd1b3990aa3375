/* SPDX-License-Identifier: MIT */
#ifndef TINYDFU_H
#define TINYDFU_H

#include <stddef.h>
#include <stdint.h>

/*
 * The program under test: a small DfuSe writer as any project might have one.
 * It knows nothing of sector0. All it asks for is one function that does a
 * control transfer: libusb_control_transfer() in the product, the virtual
 * STM32 in its tests.
 */

/* Bytes moved, or negative: TINYDFU_STALL and so on. */
typedef int (*tinydfu_control)(void *user, uint8_t request_type,
			       uint8_t request, uint16_t value, uint8_t *data,
			       uint16_t length);
typedef void (*tinydfu_wait)(void *user, unsigned ms);

struct tinydfu {
	tinydfu_control control;
	tinydfu_wait wait;
	void *user;
	uint16_t transfer_size; /* wTransferSize, at most 2048 */
};

enum {
	TINYDFU_OK = 0,
	TINYDFU_STALL = -1,
	TINYDFU_TIMEOUT = -2,
	TINYDFU_GONE = -3,
	TINYDFU_REFUSED = -4, /* the device said so in its status */
	TINYDFU_BUSY = -5     /* dfuDNBUSY for longer than anything takes */
};

int tinydfu_erase(const struct tinydfu *dfu, uint32_t address);
int tinydfu_write(const struct tinydfu *dfu, uint32_t address,
		  const uint8_t *bytes, size_t length);
int tinydfu_read(const struct tinydfu *dfu, uint32_t address, uint8_t *bytes,
		 size_t length);

#endif
