/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/clock.h"
#include "link/libusb/internal.h"

/* For descriptors, which a device answers at once or never. */
#define GET_TIMEOUT_MS 1000
/* How often to look for a transfer that was taken back. */
#define COLLECT_US 100000

static void LIBUSB_CALL completed(struct libusb_transfer *transfer)
{
	struct link_slot *slot = transfer->user_data;

	slot->end_us = clock_now_us();
	slot->done = 1;
}

static void slot_fail(struct link_slot *slot, int usb_code)
{
	slot->submit_code = usb_code;
	slot->end_us = clock_now_us();
	slot->done = 1;
}

static void slot_submit(struct libusb_link *link, struct link_slot *slot,
			const struct usb_transfer *t, uint16_t index)
{
	uint8_t *data = slot->buffer + LIBUSB_CONTROL_SETUP_SIZE;
	int r;

	slot->done = 0;
	slot->submit_code = 0;
	slot->cancelled = false;
	slot->sent_us = clock_now_us();
	if (t->length > LINK_DATA_MAX) {
		slot_fail(slot, LIBUSB_ERROR_INVALID_PARAM);
		return;
	}
	libusb_fill_control_setup(slot->buffer, t->request_type, t->request,
				  t->value, index, t->length);
	if (!(t->request_type & LIBUSB_ENDPOINT_IN) && t->length)
		memcpy(data, t->data, t->length);
	/* No timeout of libusb's: that one runs from here, though transfers in
	 * front of this one may take long and are none of its business. */
	libusb_fill_control_transfer(slot->transfer, link->handle, slot->buffer,
				     completed, slot, 0);
	r = libusb_submit_transfer(slot->transfer);
	if (r < 0)
		slot_fail(slot, r);
}

/* Take back what is under way, the last one first: so the device sees none of
 * those that stand behind the one it is silent for. */
static void withdraw(struct link_slot *slots, size_t count)
{
	while (count--) {
		if (slots[count].done || slots[count].cancelled)
			continue;
		slots[count].cancelled = true;
		libusb_cancel_transfer(slots[count].transfer);
	}
}

/* Wait for the first of some. Every transfer comes back, cancelled ones too:
 * its buffer is libusb's until then. */
static void slot_wait(struct libusb_link *link, struct link_slot *slots,
		      size_t count, uint32_t timeout_ms)
{
	uint64_t deadline = clock_now_us() + (uint64_t)timeout_ms * 1000;

	while (!slots->done) {
		uint64_t now = clock_now_us();
		uint64_t left = deadline > now ? deadline - now : 0;
		struct timeval wait;

		if (!left)
			withdraw(slots, count);
		if (slots->cancelled)
			left = COLLECT_US;
		wait.tv_sec = (long)(left / 1000000);
		wait.tv_usec = (long)(left % 1000000);
		libusb_handle_events_timeout_completed(link->host->context,
						       &wait, &slots->done);
	}
}

/* What became of a transfer, in libusb's codes for calls. */
static int slot_result(const struct link_slot *slot)
{
	if (slot->submit_code)
		return slot->submit_code;
	switch (slot->transfer->status) {
	case LIBUSB_TRANSFER_COMPLETED:
		return LIBUSB_SUCCESS;
	case LIBUSB_TRANSFER_STALL:
		return LIBUSB_ERROR_PIPE;
	case LIBUSB_TRANSFER_NO_DEVICE:
		return LIBUSB_ERROR_NO_DEVICE;
	case LIBUSB_TRANSFER_TIMED_OUT:
		return LIBUSB_ERROR_TIMEOUT;
	case LIBUSB_TRANSFER_OVERFLOW:
		return LIBUSB_ERROR_OVERFLOW;
	case LIBUSB_TRANSFER_CANCELLED:
		return slot->cancelled ? LIBUSB_ERROR_TIMEOUT : LIBUSB_ERROR_IO;
	default:
		return LIBUSB_ERROR_IO;
	}
}

/* What a control transfer may end in; the rest is the host controller's. */
static s0_code transfer_code(int usb_code)
{
	switch (usb_code) {
	case LIBUSB_SUCCESS:
	case LIBUSB_ERROR_PIPE:
	case LIBUSB_ERROR_TIMEOUT:
	case LIBUSB_ERROR_NO_DEVICE:
		return host_code(usb_code);
	default:
		return S0_E_PROTOCOL;
	}
}

/* A transfer that never went out. */
static void transfer_void(struct usb_transfer *t, int usb_code, uint64_t now_us)
{
	t->code = host_code(usb_code);
	t->usb_code = usb_code;
	t->moved = 0;
	t->start_us = now_us;
	t->end_us = now_us;
}

static void transfer_report(struct libusb_link *link,
			    const struct link_slot *slot,
			    struct usb_transfer *t, uint64_t previous_us)
{
	int actual = slot->submit_code ? 0 : slot->transfer->actual_length;

	if (link->gone) {
		transfer_void(t, LIBUSB_ERROR_NO_DEVICE, slot->end_us);
		return;
	}
	t->usb_code = slot_result(slot);
	t->code = transfer_code(t->usb_code);
	t->moved = (uint16_t)actual;
	if (t->request_type & LIBUSB_ENDPOINT_IN && t->moved)
		memcpy(t->data, slot->buffer + LIBUSB_CONTROL_SETUP_SIZE,
		       t->moved);
	t->start_us = slot->sent_us > previous_us ? slot->sent_us : previous_us;
	t->end_us = slot->end_us > t->start_us ? slot->end_us : t->start_us;
	link->gone = t->code == S0_E_GONE;
}

static void run_batch(struct libusb_link *link, struct usb_transfer *transfers,
		      size_t count, uint16_t index)
{
	uint64_t previous_us = 0;

	for (size_t i = 0; i < count; i++)
		slot_submit(link, &link->slots[i], &transfers[i], index);
	for (size_t i = 0; i < count; i++) {
		slot_wait(link, &link->slots[i], count - i,
			  transfers[i].timeout_ms);
		transfer_report(link, &link->slots[i], &transfers[i],
				previous_us);
		previous_us = transfers[i].end_us;
	}
}

void transfer_run(struct libusb_link *link, struct usb_transfer *transfers,
		  size_t count, uint16_t index)
{
	int void_code = 0;

	while (count) {
		size_t n = count < USB_LINK_BATCH ? count : USB_LINK_BATCH;

		if (link->gone)
			void_code = LIBUSB_ERROR_NO_DEVICE;
		if (!void_code)
			run_batch(link, transfers, n, index);
		for (size_t i = 0; void_code && i < n; i++)
			transfer_void(&transfers[i], void_code, clock_now_us());
		if (transfers[n - 1].code == S0_E_TIMEOUT)
			void_code = LIBUSB_ERROR_TIMEOUT;
		transfers += n;
		count -= n;
	}
}

s0_code transfer_get(struct libusb_link *link, uint16_t value, uint16_t index,
		     uint8_t *data, uint16_t length, uint16_t *ret_moved,
		     struct s0_error *err)
{
	struct usb_transfer t = {
		.request_type = LIBUSB_ENDPOINT_IN,
		.request = LIBUSB_REQUEST_GET_DESCRIPTOR,
		.value = value,
		.length = length,
		.data = data,
		.timeout_ms = GET_TIMEOUT_MS,
	};

	transfer_run(link, &t, 1, index);
	if (t.code) {
		error_set(err, t.code,
			  "cannot read descriptor 0x%04x of the device at "
			  "usb %s: %s",
			  value, link->found.path + 4, host_words(t.usb_code));
		error_add_usb(err, t.usb_code);
		return t.code;
	}
	*ret_moved = t.moved;
	return S0_OK;
}

s0_code transfer_alloc(struct libusb_link *link, struct s0_error *err)
{
	for (size_t i = 0; i < USB_LINK_BATCH; i++) {
		link->slots[i].transfer = libusb_alloc_transfer(0);
		if (!link->slots[i].transfer)
			return error_memory(err);
	}
	return S0_OK;
}

void transfer_free(struct libusb_link *link)
{
	for (size_t i = 0; i < USB_LINK_BATCH; i++)
		libusb_free_transfer(link->slots[i].transfer);
}
