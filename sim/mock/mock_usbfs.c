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

#define SPEED_FULL 2 /* of enum usb_device_speed */
/* How long an empty-handed REAPURB is held back: a mock node always polls as
 * ready, so that libusb would spin. */
#define HOLD_US 1000
/* The kernel's patience with a request that it makes itself. */
#define SYSTEM_US 5000000

/* A port's reset, and the device's time to recover (USB 2.0, 7.1.7.5). */
#define RESET_US 60000

/* How long a program that has ended may still seem to be there. */
#define VANISH_MS 50

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
	if (u->type != USBDEVFS_URB_TYPE_CONTROL ||
	    u->buffer_length < MOCK_SETUP)
		return EINVAL;
	urb.urb = g_object_ref(data);
	urb.buffer = umockdev_ioctl_data_resolve(
		data, offsetof(struct usbdevfs_urb, buffer),
		(gsize)u->buffer_length, NULL);
	if (!urb.buffer ||
	    get_le16(urb.buffer->data + 6) > u->buffer_length - MOCK_SETUP) {
		g_object_unref(urb.urb);
		return EINVAL;
	}
	g_object_ref(urb.buffer);
	g_object_ref(client);
	u->actual_length = 0;
	device->urbs[device->urb_count++] = urb;
	mock_urbs_advance(device);
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
		mock_urb_finish(urb, -ENOENT, 0);
		mock_urbs_advance(device);
		return 0;
	}
	return EINVAL;
}

/* The client's first finished transfer, or -1. What is nearly due is waited for
 * here, so that it is not late; for anything else the program is to ask again
 * at *ret_due, and this thread serves others. */
static int await(struct mock_device *device, UMockdevIoctlClient *client,
		 gint64 *ret_due)
{
	gint64 until = g_get_monotonic_time() + HOLD_US;
	unsigned count;
	int i;

	for (;;) {
		mock_urbs_advance(device);
		i = mock_urbs_find_finished(device, client, &count);
		if (i >= 0 || !count || !device->attached ||
		    g_get_monotonic_time() >= until)
			return i;
		if (mock_urbs_next_ready(device) > until + HOLD_US) {
			*ret_due = until;
			return i;
		}
		g_mutex_unlock(&device->usb->lock);
		g_usleep(50);
		g_mutex_lock(&device->usb->lock);
	}
}

static int reap(struct mock_device *device, UMockdevIoctlClient *client,
		gint64 *ret_due)
{
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
	int i = await(device, client, ret_due);

	if (i < 0)
		return device->attached ? EAGAIN : ENODEV;
	arg = umockdev_ioctl_data_resolve(arg, 0, sizeof(void *), NULL);
	umockdev_ioctl_data_set_ptr(arg, 0, device->urbs[i].urb);
	mock_urb_remove(device, (unsigned)i);
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
		mock_urbs_forget_vanished(device);
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
static int standard_out(struct mock_device *device,
			const struct s0_sim_setup *setup, gint64 *ret_due)
{
	struct s0_sim_reply reply = { .handshake = S0_SIM_ACK };
	gint64 now = g_get_monotonic_time();
	uint8_t none[1];

	device->answers.control(device->answers.user, setup, none, &reply);
	if (reply.handshake == S0_SIM_SILENT || reply.busy_us > SYSTEM_US) {
		*ret_due = now + SYSTEM_US;
		return ETIMEDOUT;
	}
	*ret_due = now + (gint64)reply.busy_us;
	return reply.handshake == S0_SIM_ACK	    ? 0
	       : reply.handshake == S0_SIM_STALL    ? EPIPE
	       : reply.handshake == S0_SIM_ERROR    ? EPROTO
	       : reply.handshake == S0_SIM_OVERFLOW ? EOVERFLOW
						    : ENODEV;
}

static int set_interface(struct mock_device *device,
			 UMockdevIoctlClient *client, gint64 *ret_due)
{
	struct usbdevfs_setinterface *set;
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
		umockdev_ioctl_client_get_arg(client), 0, sizeof(*set), NULL);
	struct s0_sim_setup setup = { 0x01, 11, 0, 0, 0 };

	set = (struct usbdevfs_setinterface *)data->data;
	if (device->claimer != client)
		return EINVAL;
	setup.value = (uint16_t)set->altsetting;
	setup.index = (uint16_t)set->interface;
	return standard_out(device, &setup, ret_due);
}

static int capabilities(UMockdevIoctlClient *client)
{
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
		umockdev_ioctl_client_get_arg(client), 0, sizeof(uint32_t),
		NULL);

	put_le32(data->data, USBDEVFS_CAP_REAP_AFTER_DISCONNECT);
	return 0;
}

/* The kernel enumerates it again: configured as before, and with alternate
 * setting 0. libusb has let go of its interfaces. */
static int reset(struct mock_device *device, gint64 *ret_due)
{
	struct s0_sim_setup setup = { 0x00, 9, 1, 0, 0 };
	int error;

	if (device->answers.reset &&
	    !device->answers.reset(device->answers.user)) {
		device->attached = false;
		mock_urbs_advance(device);
		return ENODEV;
	}
	error = standard_out(device, &setup, ret_due);
	if (!error)
		*ret_due += RESET_US;
	return error ? ENODEV : 0;
}

/* 0 or an errno; *ret is what ioctl() returns when it is 0, *ret_due when: 0
 * is at once. */
static int answer(struct mock_device *device, UMockdevIoctlClient *client,
		  glong *ret, gint64 *ret_due)
{
	gulong request = umockdev_ioctl_client_get_request(client);

	if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY)
		return reap(device, client, ret_due);
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
		return set_interface(device, client, ret_due);
	case USBDEVFS_RESET:
		return reset(device, ret_due);
	case USBDEVFS_SETCONFIGURATION:
	case USBDEVFS_CLEAR_HALT:
		return 0;
	case USBDEVFS_GETDRIVER:
	case USBDEVFS_IOCTL: /* to a kernel driver: there is none */
		return ENODATA;
	default:
		return ENOTTY;
	}
}

/* An ioctl that returns later. */
struct later {
	UMockdevIoctlClient *client;
	glong ret;
	int error;
};

static void later_free(void *payload)
{
	struct later *later = payload;

	g_object_unref(later->client);
	g_free(later);
}

static gboolean on_due(void *payload)
{
	struct later *later = payload;

	umockdev_ioctl_client_complete(later->client, later->ret, later->error);
	return G_SOURCE_REMOVE;
}

static void complete_at(gint64 due, UMockdevIoctlClient *client, glong ret,
			int error)
{
	gint64 left_us = due - g_get_monotonic_time();
	struct later *later;
	GSource *source;

	if (left_us <= 0) {
		umockdev_ioctl_client_complete(client, ret, error);
		return;
	}
	later = g_new(struct later, 1);
	*later = (struct later){ g_object_ref(client), ret, error };
	source = g_timeout_source_new((guint)(left_us / 1000 + 1));
	g_source_set_callback(source, on_due, later, later_free);
	g_source_attach(source, g_main_context_get_thread_default());
	g_source_unref(source);
}

static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client,
			 struct mock_device *device)
{
	gint64 due = 0;
	glong ret = 0;
	int error;

	(void)base;
	g_mutex_lock(&device->usb->lock);
	mock_urbs_forget_vanished(device);
	error = answer(device, client, &ret, &due);
	g_mutex_unlock(&device->usb->lock);
	complete_at(due, client, error ? -1 : ret, error);
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
