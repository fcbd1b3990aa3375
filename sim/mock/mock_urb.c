/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <string.h>

#include "base/bytes.h"
#include "mock_private.h"

/* The transfers of a device: one after the other, each answered when it is due.
 * The bus's lock is held. */

static void urb_free(struct mock_urb *urb)
{
	g_object_unref(urb->client);
	g_object_unref(urb->urb);
	if (urb->buffer)
		g_object_unref(urb->buffer);
}

void mock_urb_remove(struct mock_device *device, unsigned i)
{
	urb_free(&device->urbs[i]);
	device->urb_count--;
	memmove(&device->urbs[i], &device->urbs[i + 1],
		(device->urb_count - i) * sizeof(device->urbs[0]));
}

void mock_usbfs_clear(struct mock_device *device)
{
	while (device->urb_count)
		mock_urb_remove(device, device->urb_count - 1);
	g_clear_object(&device->claimer);
}

void mock_urbs_forget_vanished(struct mock_device *device)
{
	if (device->claimer &&
	    !umockdev_ioctl_client_get_connected(device->claimer))
		g_clear_object(&device->claimer);
	for (unsigned i = device->urb_count; i-- > 0;)
		if (!umockdev_ioctl_client_get_connected(
			    device->urbs[i].client))
			mock_urb_remove(device, i);
}

void mock_urb_finish(struct mock_urb *urb, int status, int length)
{
	struct usbdevfs_urb *u = (struct usbdevfs_urb *)urb->urb->data;

	u->status = status;
	u->actual_length = length;
	urb->finished = true;
}

static void urb_start(struct mock_device *device, struct mock_urb *urb)
{
	uint8_t *bytes = urb->buffer->data;
	struct s0_sim_setup setup = { bytes[0], bytes[1], get_le16(bytes + 2),
				      get_le16(bytes + 4),
				      get_le16(bytes + 6) };
	struct s0_sim_reply reply = { .handshake = S0_SIM_ACK };
	struct usbdevfs_urb *u = (struct usbdevfs_urb *)urb->urb->data;

	device->answers.control(device->answers.user, &setup,
				bytes + MOCK_SETUP, &reply);
	urb->started = true;
	urb->ready_us = g_get_monotonic_time() + (gint64)reply.busy_us;
	switch (reply.handshake) {
	case S0_SIM_SILENT:
		urb->ready_us = G_MAXINT64;
		break;
	case S0_SIM_GONE:
		urb->leaves = true;
		break;
	case S0_SIM_STALL:
		u->status = -EPIPE;
		break;
	case S0_SIM_ERROR:
		u->status = -EPROTO;
		break;
	case S0_SIM_OVERFLOW:
		u->status = -EOVERFLOW;
		break;
	default:
		u->status = 0;
		u->actual_length = reply.length;
	}
}

void mock_urbs_advance(struct mock_device *device)
{
	for (unsigned i = 0; i < device->urb_count; i++) {
		struct mock_urb *urb = &device->urbs[i];

		if (urb->finished)
			continue;
		if (device->attached && !urb->started)
			urb_start(device, urb);
		if (device->attached && urb->ready_us > g_get_monotonic_time())
			return;
		if (urb->leaves)
			device->attached = false; /* mock_usb_unplug() tells
						     others */
		if (!device->attached)
			mock_urb_finish(urb, -ESHUTDOWN, 0);
		else
			urb->finished = true;
	}
}

int mock_urbs_find_finished(const struct mock_device *device,
			    UMockdevIoctlClient *client, unsigned *ret_count)
{
	*ret_count = 0;
	for (unsigned i = 0; i < device->urb_count; i++) {
		if (device->urbs[i].client != client)
			continue;
		(*ret_count)++;
		if (device->urbs[i].finished)
			return (int)i;
	}
	return -1;
}

gint64 mock_urbs_next_ready(const struct mock_device *device)
{
	for (unsigned i = 0; i < device->urb_count; i++)
		if (!device->urbs[i].finished)
			return device->urbs[i].ready_us;
	return 0;
}
