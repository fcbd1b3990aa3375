/* SPDX-License-Identifier: MIT */
#ifndef TESTS_USB_USB_BENCH_H
#define TESTS_USB_USB_BENCH_H

#include "test.h"
#include "link/libusb/usb_discover.h"
#include "mock_chip.h"

/* One H743 on port 4, opened. */
struct usb_bench {
	struct mock_usb *usb;
	struct mock_device *device;
	struct mock_chip chip;
	struct usb_host *host;
	struct usb_link *link;
};

/* Fixtures of cmocka's; *state is a struct usb_bench. */
int usb_bench_open(void **state);
int usb_bench_close(void **state);

/* A transfer with a second's patience. */
struct usb_transfer usb_bench_in(uint16_t value, uint8_t *data,
				 uint16_t length);
struct usb_transfer usb_bench_out(uint16_t value, uint8_t *data,
				  uint16_t length);
/* @return Its code. */
s0_code usb_bench_run(struct usb_bench *bench, struct usb_transfer *t);

#endif
