/* SPDX-License-Identifier: MIT */
#include "hostile.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

enum { DNLOAD = 1, UPLOAD = 2, GETSTATUS = 3, CLRSTATUS = 4, ABORT = 6 };
enum { IDLE = 2, DNLOAD_SYNC = 3, DNLOAD_IDLE = 5, UPLOAD_IDLE = 9 };

/* The window of the option bytes; its second byte is RDP. */
#define OPTIONS 0x5200201cu

/* What the byte before a transfer makes of it; more than these: it behaves. */
enum {
	STALLED = 1,
	SILENT,
	GONE,
	BROKEN,
	SHORT,	 /* argument: how much comes */
	STRANGE, /* six arguments: what GETSTATUS says */
	GARBLED, /* argument: changes the data of an UPLOAD */
	SLOW,	 /* argument: seconds / 8 */
	FORGOTTEN,
	BUSY,  /* dfuDNBUSY, argument: poll time, high byte */
	EMPTY, /* from here on UPLOADs are answered by nothing */
	MISBEHAVIOURS
};

uint8_t hostile_next(struct hostile *me)
{
	if (!me->left)
		return 0;
	me->left--;
	return *me->input++;
}

static bool in_flash(uint32_t address)
{
	return address >= HOSTILE_FLASH &&
	       address - HOSTILE_FLASH < HOSTILE_BYTES;
}

/* The command that a DNLOAD left behind. */
static void carry_out(struct hostile *me)
{
	uint32_t at = get_le32(me->command + 1) - HOSTILE_FLASH;

	me->pending = false;
	if (me->command[0] == 0x21) {
		me->pointer = get_le32(me->command + 1);
	} else if (me->command[0] == 0x41 && at < HOSTILE_BYTES) {
		memset(me->flash + at / 0x20000 * 0x20000, 0xff, 0x20000);
		me->now_us += 900000;
	} else if (me->command[0] == 0x42) {
		memset(me->flash, 0xff, sizeof me->flash);
		me->now_us += 5000000;
	}
	me->state = DNLOAD_IDLE;
}

static void take_command(struct hostile *me, const struct usb_transfer *t)
{
	if (!t->length || t->length > sizeof me->command)
		return;
	memset(me->command, 0, sizeof me->command);
	memcpy(me->command, t->data, t->length);
	if (t->length == 1 && me->command[0] == 0x41)
		me->command[0] = 0x42;
}

static uint32_t data_address(const struct hostile *me,
			     const struct usb_transfer *t)
{
	return me->pointer + (uint32_t)(t->value - 2) * me->block;
}

static void download(struct hostile *me, const struct usb_transfer *t)
{
	uint32_t at = data_address(me, t);

	me->state = DNLOAD_SYNC;
	me->command[0] = 0;
	me->pending = true;
	if (t->value == 0)
		take_command(me, t);
	if (t->value < 2)
		return;
	/* No flash word may come in two parts. */
	if (t->length % 32)
		abort();
	for (uint32_t i = 0; i < t->length; i++)
		if (in_flash(at + i))
			me->flash[at + i - HOSTILE_FLASH] &= t->data[i];
}

/* Note which bytes of the image went over right. */
static void note(struct hostile *me, uint32_t at, const struct usb_transfer *t)
{
	for (uint32_t i = 0; i < HOSTILE_IMAGE; i++) {
		uint32_t k = HOSTILE_AT + i - at;

		if (k < t->length)
			me->right[i] = t->data[k] == me->image[i];
	}
}

static void upload(struct hostile *me, struct usb_transfer *t, uint8_t change)
{
	uint32_t at = data_address(me, t), offset = at - HOSTILE_FLASH;

	me->state = UPLOAD_IDLE;
	if (offset < HOSTILE_BYTES && t->length <= HOSTILE_BYTES - offset)
		memcpy(t->data, me->flash + offset, t->length);
	else
		memset(t->data, 0, t->length);
	if (at == OPTIONS && t->length > 1)
		t->data[1] = 0xaa; /* no read-out protection */
	for (uint32_t i = change % 16; change && i < t->length; i += 16)
		t->data[i] ^= change;
	note(me, at, t);
}

static void get_status(struct hostile *me, struct usb_transfer *t)
{
	if (me->pending)
		carry_out(me);
	memset(t->data, 0, t->length);
	if (t->length == 6) {
		t->data[0] = me->status;
		t->data[4] = me->state;
	}
}

static void behave(struct hostile *me, struct usb_transfer *t, uint8_t change)
{
	t->moved = t->length;
	switch (t->request) {
	case DNLOAD:
		download(me, t);
		break;
	case UPLOAD:
		upload(me, t, change);
		break;
	case GETSTATUS:
		get_status(me, t);
		break;
	case CLRSTATUS:
	case ABORT:
		me->status = 0;
		me->state = IDLE;
		break;
	default:
		abort();
	}
}

static void say(struct hostile *me, struct usb_transfer *t, uint8_t manner)
{
	if (t->request != GETSTATUS)
		return;
	for (uint16_t i = 0; manner == STRANGE && i < t->length; i++)
		t->data[i] = hostile_next(me);
	if (manner == BUSY) {
		t->data[3] = hostile_next(me);
		t->data[4] = 4;
	}
}

static s0_code run_one(struct hostile *me, struct usb_transfer *t)
{
	uint8_t manner = hostile_next(me), change = 0;

	switch (manner) {
	case STALLED:
		return S0_E_REFUSED;
	case SILENT:
		me->now_us += t->timeout_ms * 1000ull;
		return S0_E_TIMEOUT;
	case GONE:
		me->gone = true;
		return S0_E_GONE;
	case BROKEN:
		t->usb_code = -1;
		return S0_E_PROTOCOL;
	case SLOW:
		me->now_us += hostile_next(me) * 125000ull;
		break;
	case GARBLED:
		change = hostile_next(me);
		break;
	case EMPTY:
		me->empty = true;
		break;
	case FORGOTTEN:
		t->moved = t->request_type & 0x80 ? 0 : t->length;
		return S0_OK;
	default:
		break;
	}
	if (me->empty && t->request == UPLOAD)
		return S0_OK;
	behave(me, t, change);
	if (manner == STRANGE || manner == BUSY)
		say(me, t, manner);
	if (manner == SHORT && t->length)
		t->moved = (uint16_t)(hostile_next(me) % t->length);
	return S0_OK;
}

static void run(struct usb_link *link, struct usb_transfer *transfers,
		size_t count)
{
	struct hostile *me = (struct hostile *)link;
	bool silent = false;

	if (count > USB_LINK_BATCH)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct usb_transfer *t = &transfers[i];

		t->start_us = me->now_us;
		t->moved = 0;
		t->usb_code = 0;
		t->code = me->gone ? S0_E_GONE
			  : silent ? S0_E_TIMEOUT
				   : run_one(me, t);
		me->now_us += 50;
		me->transfers++;
		t->end_us = me->now_us;
		silent |= t->code == S0_E_TIMEOUT;
	}
}

static s0_code set_alt(struct usb_link *link, uint8_t alt, struct s0_error *err)
{
	(void)link;
	(void)alt;
	(void)err;
	return S0_OK;
}

static uint64_t now_us(struct usb_link *link)
{
	return ((struct hostile *)link)->now_us;
}

static void wait_ms(struct usb_link *link, uint32_t ms)
{
	((struct hostile *)link)->now_us += ms * 1000ull;
}

static s0_code reopen(struct usb_link *link, uint32_t timeout_ms,
		      struct s0_error *err)
{
	((struct hostile *)link)->now_us += timeout_ms * 1000ull;
	return error_set(err, S0_E_GONE, "the device left the bus");
}

static void close_link(struct usb_link *link)
{
	*((struct hostile *)link)->closed = true;
	free(link);
}

struct hostile *hostile_new(const uint8_t *input, size_t length, bool *closed)
{
	static const struct usb_link_ops ops = {
		.run = run,
		.set_alt = set_alt,
		.string = hostile_string,
		.now_us = now_us,
		.wait_ms = wait_ms,
		.reopen = reopen,
		.close = close_link,
	};
	struct hostile *me = calloc(1, sizeof *me);

	if (!me)
		abort();
	*closed = false;
	me->link.ops = &ops;
	me->input = input;
	me->left = length;
	me->closed = closed;
	me->flags = hostile_next(me);
	me->state = IDLE;
	memset(me->flash, me->flags & HOSTILE_DIRTY ? 0x5a : 0xff,
	       sizeof me->flash);
	for (uint32_t i = 0; i < HOSTILE_IMAGE; i++)
		me->image[i] = (uint8_t)(i * 7 + 1);
	hostile_describe(me);
	return me;
}
