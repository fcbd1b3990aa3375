/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/bytes.h"
#include "mock_private.h"

/* What the kernel's usbfs says to a program. Handlers run in umockdev's own
 * thread; the bus's lock is held but while waiting. */

#define SETUP	   8
#define SPEED_FULL 2 /* of enum usb_device_speed */
/* How long an empty-handed REAPURB is held back: a mock node always polls as
 * ready, so that libusb would spin. */
#define HOLD_US 1000

/* How long a program that has ended may still seem to be there. */
#define VANISH_MS 50

static void urb_free(struct mock_urb *urb)
{
	g_object_unref(urb->client);
	g_object_unref(urb->urb);
	if (urb->buffer)
		g_object_unref(urb->buffer);
}

static void urb_remove(struct mock_device *device, unsigned i)
{
	urb_free(&device->urbs[i]);
	device->urb_count--;
	memmove(&device->urbs[i], &device->urbs[i + 1],
		(device->urb_count - i) * sizeof(device->urbs[0]));
}

void mock_usbfs_clear(struct mock_device *device)
{
	while (device->urb_count)
		urb_remove(device, device->urb_count - 1);
	g_clear_object(&device->claimer);
}

/* umockdev does not tell when a program has closed its file, but knows. */
static void forget_vanished(struct mock_device *device)
{
	if (device->claimer &&
	    !umockdev_ioctl_client_get_connected(device->claimer))
		g_clear_object(&device->claimer);
	for (unsigned i = device->urb_count; i-- > 0;)
		if (!umockdev_ioctl_client_get_connected(
			    device->urbs[i].client))
			urb_remove(device, i);
}

static void urb_finish(struct mock_urb *urb, int status, int length)
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

	device->answers.control(device->answers.user, &setup, bytes + SETUP,
				&reply);
	urb->started = true;
	urb->ready_us = g_get_monotonic_time() + (gint64)reply.busy_us;
	switch (reply.handshake) {
	case S0_SIM_SILENT:
		urb->ready_us = G_MAXINT64;
		break;
	case S0_SIM_GONE:
		device->attached = false; /* mock_usb_unplug() tells others */
		break;
	case S0_SIM_STALL:
		u->status = -EPIPE;
		break;
	default:
		u->status = 0;
		u->actual_length = reply.length;
	}
}

/* The default pipe carries one transfer after the other. */
static void device_advance(struct mock_device *device)
{
	for (unsigned i = 0; i < device->urb_count; i++) {
		struct mock_urb *urb = &device->urbs[i];

		if (urb->finished)
			continue;
		if (device->attached && !urb->started)
			urb_start(device, urb);
		if (!device->attached)
			urb_finish(urb, -ESHUTDOWN, 0);
		else if (urb->ready_us <= g_get_monotonic_time())
			urb->finished = true;
		else
			return;
	}
}

static int submit(struct mock_device *device, UMockdevIoctlClient *client)
{
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
	UMockdevIoctlData *data;
	struct usbdevfs_urb *u;
	struct mock_urb urb = { .client = client };

	data = umockdev_ioctl_data_resolve(arg, 0, sizeof(*u), NULL);
	if (!data || device->urb_count == MOCK_URBS)
		return ENOMEM;
	u = (struct usbdevfs_urb *)data->data;
	if (u->type != USBDEVFS_URB_TYPE_CONTROL || u->buffer_length < SETUP)
		return EINVAL;
	urb.urb = g_object_ref(data);
	urb.buffer = umockdev_ioctl_data_resolve(
		data, offsetof(struct usbdevfs_urb, buffer),
		(gsize)u->buffer_length, NULL);
	if (!urb.buffer ||
	    get_le16(urb.buffer->data + 6) > u->buffer_length - SETUP) {
		g_object_unref(urb.urb);
		return EINVAL;
	}
	g_object_ref(urb.buffer);
	g_object_ref(client);
	u->actual_length = 0;
	device->urbs[device->urb_count++] = urb;
	device_advance(device);
	return 0;
}

static int discard(struct mock_device *device, UMockdevIoctlClient *client)
{
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
	gulong address;

	memcpy(&address, arg->data, sizeof(address));
	for (unsigned i = 0; i < device->urb_count; i++) {
		struct mock_urb *urb = &device->urbs[i];

		if (urb->client != client || urb->finished ||
		    urb->urb->client_addr != address)
			continue;
		urb_finish(urb, -ENOENT, 0);
		device_advance(device);
		return 0;
	}
	return EINVAL;
}

/* The client's first finished transfer; how many it has in *ret_count. */
static int find_finished(struct mock_device *device,
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

static int reap(struct mock_device *device, UMockdevIoctlClient *client)
{
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
	gint64 until = g_get_monotonic_time() + HOLD_US;
	unsigned count;
	int i;

	for (;;) {
		device_advance(device);
		i = find_finished(device, client, &count);
		if (i >= 0 || !count || !device->attached ||
		    g_get_monotonic_time() >= until)
			break;
		g_mutex_unlock(&device->usb->lock);
		g_usleep(50);
		g_mutex_lock(&device->usb->lock);
	}
	if (i < 0)
		return device->attached ? EAGAIN : ENODEV;
	arg = umockdev_ioctl_data_resolve(arg, 0, sizeof(void *), NULL);
	umockdev_ioctl_data_set_ptr(arg, 0, device->urbs[i].urb);
	urb_remove(device, (unsigned)i);
	return 0;
}

/* A program's end reaches this thread a moment later than the next program
 * is started; with a kernel that cannot be seen. */
static void wait_for_end(struct mock_device *device)
{
	for (int ms = 0; ms < VANISH_MS && device->claimer; ms++) {
		g_mutex_unlock(&device->usb->lock);
		g_main_context_iteration(g_main_context_get_thread_default(),
					 FALSE);
		g_usleep(1000);
		g_mutex_lock(&device->usb->lock);
		forget_vanished(device);
	}
}

static int claim(struct mock_device *device, UMockdevIoctlClient *client)
{
	if (device->claimer && device->claimer != client)
		wait_for_end(device);
	if (device->answers.busy ||
	    (device->claimer && device->claimer != client))
		return EBUSY;
	if (!device->claimer)
		device->claimer = g_object_ref(client);
	return 0;
}

/* Refused as by the kernel: -EPIPE for what the device stalls. */
static int standard_out(struct mock_device *device, uint8_t type,
			uint8_t request, uint16_t value, uint16_t index)
{
	struct s0_sim_setup setup = { type, request, value, index, 0 };
	struct s0_sim_reply reply = { .handshake = S0_SIM_ACK };
	uint8_t none[1];

	device->answers.control(device->answers.user, &setup, none, &reply);
	return reply.handshake == S0_SIM_ACK	 ? 0
	       : reply.handshake == S0_SIM_STALL ? EPIPE
						 : ETIMEDOUT;
}

static int set_interface(struct mock_device *device,
			 UMockdevIoctlClient *client)
{
	struct usbdevfs_setinterface *set;
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
		umockdev_ioctl_client_get_arg(client), 0, sizeof(*set), NULL);

	set = (struct usbdevfs_setinterface *)data->data;
	if (device->claimer != client)
		return EINVAL;
	return standard_out(device, 0x01, 11, (uint16_t)set->altsetting,
			    (uint16_t)set->interface);
}

static int capabilities(UMockdevIoctlClient *client)
{
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
		umockdev_ioctl_client_get_arg(client), 0, sizeof(uint32_t),
		NULL);

	put_le32(data->data, USBDEVFS_CAP_REAP_AFTER_DISCONNECT);
	return 0;
}

/* 0 or an errno; *ret is what ioctl() returns when it is 0. */
static int answer(struct mock_device *device, UMockdevIoctlClient *client,
		  glong *ret)
{
	gulong request = umockdev_ioctl_client_get_request(client);

	if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY)
		return reap(device, client);
	if (!device->attached)
		return ENODEV;
	switch (request) {
	case USBDEVFS_GET_CAPABILITIES:
		return capabilities(client);
	case USBDEVFS_GET_SPEED:
		*ret = SPEED_FULL;
		return 0;
	case USBDEVFS_SUBMITURB:
		return submit(device, client);
	case USBDEVFS_DISCARDURB:
		return discard(device, client);
	case USBDEVFS_CLAIMINTERFACE:
	case USBDEVFS_DISCONNECT_CLAIM:
		return claim(device, client);
	case USBDEVFS_RELEASEINTERFACE:
		if (device->claimer == client)
			g_clear_object(&device->claimer);
		return 0;
	case USBDEVFS_SETINTERFACE:
		return set_interface(device, client);
	case USBDEVFS_SETCONFIGURATION:
	case USBDEVFS_RESET:
	case USBDEVFS_CLEAR_HALT:
		return 0;
	case USBDEVFS_GETDRIVER:
	case USBDEVFS_IOCTL: /* to a kernel driver: there is none */
		return ENODATA;
	default:
		return ENOTTY;
	}
}

static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client,
			 struct mock_device *device)
{
	glong ret = 0;
	int error;

	(void)base;
	g_mutex_lock(&device->usb->lock);
	forget_vanished(device);
	error = answer(device, client, &ret);
	g_mutex_unlock(&device->usb->lock);
	umockdev_ioctl_client_complete(client, error ? -1 : ret, error);
	return TRUE;
}

void mock_usbfs_attach(struct mock_device *device)
{
	device->handler = umockdev_ioctl_base_new();
	g_signal_connect(device->handler, "handle-ioctl", G_CALLBACK(on_ioctl),
			 device);
	umockdev_testbed_attach_ioctl(device->usb->testbed, device->node,
				      device->handler, NULL);
}
