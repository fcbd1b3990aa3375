/* SPDX-License-Identifier: MIT */
#ifndef SIM_MOCK_PRIVATE_H
#define SIM_MOCK_PRIVATE_H

/* Between mock_usb.c (the bus) and mock_usbfs.c (what usbfs says). */

#include <umockdev.h>

#include "mock_usb.h"

#define MOCK_URBS 64

/* A transfer that a program has handed to usbfs. */
struct mock_urb {
	UMockdevIoctlClient *client;
	UMockdevIoctlData *urb;	   /* struct usbdevfs_urb */
	UMockdevIoctlData *buffer; /* setup packet and data */
	bool started, finished;
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
/* Forget its transfers; the lock is held. */
void mock_usbfs_clear(struct mock_device *device);

#endif
