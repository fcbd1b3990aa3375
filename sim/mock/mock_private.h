/* SPDX-License-Identifier: MIT */
#ifndef SIM_MOCK_PRIVATE_H
#define SIM_MOCK_PRIVATE_H

/* Between mock_usb.c (the bus), mock_usbfs.c (what usbfs says) and mock_urb.c
 * (the transfers of a device). */

#include <umockdev.h>

#include "mock_usb.h"

#define MOCK_URBS 64
/* Bytes of a setup packet. */
#define MOCK_SETUP 8

/* A transfer that a program has handed to usbfs. */
struct mock_urb {
	UMockdevIoctlClient *client;
	UMockdevIoctlData *urb;	   /* struct usbdevfs_urb */
	UMockdevIoctlData *buffer; /* setup packet and data */
	bool started, finished;
	bool leaves;	 /* the device is off the bus when it is ready */
	gint64 ready_us; /* G_MAXINT64: never */
};

struct mock_device {
	struct mock_usb *usb;
	struct mock_answers answers;
	char port[32]; /* "4.2" */
	char node[32]; /* "/dev/bus/usb/001/002" */
	char *syspath; /* NULL while it is off the bus */
	bool attached;
	UMockdevIoctlBase *handler;
	UMockdevIoctlClient *claimer; /* who holds interface 0 */
	struct mock_urb urbs[MOCK_URBS];
	unsigned urb_count;
};

#define MOCK_DEVICES 64

struct mock_usb {
	UMockdevTestbed *testbed;
	GMutex lock;
	unsigned devnum; /* last one given */
	struct mock_device *devices[MOCK_DEVICES];
	unsigned device_count;
	int guard; /* closing it makes the guard clean up */
	int guard_pid;
};

/* Have usbfs ioctls of the device's node answered. */
void mock_usbfs_attach(struct mock_device *device);

/* From here on the bus's lock is held. */

/* Forget its transfers. */
void mock_usbfs_clear(struct mock_device *device);
/* End a transfer for its program; take the i-th out of the queue. */
void mock_urb_finish(struct mock_urb *urb, int status, int length);
void mock_urb_remove(struct mock_device *device, unsigned i);
/* The default pipe carries one transfer after the other: start and end what is
 * to be started and ended now. */
void mock_urbs_advance(struct mock_device *device);
/* umockdev does not tell when a program has closed its file, but knows. */
void mock_urbs_forget_vanished(struct mock_device *device);
/* The client's first finished transfer, or -1; how many it has in *ret_count. */
int mock_urbs_find_finished(const struct mock_device *device,
			    UMockdevIoctlClient *client, unsigned *ret_count);
/* When the first transfer of the queue is answered. */
gint64 mock_urbs_next_ready(const struct mock_device *device);

#endif
