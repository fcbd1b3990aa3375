/* SPDX-License-Identifier: MIT */
#include "link/usb_link.h"

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"

/* What stands for something that is no character: U+FFFD. */
#define REPLACEMENT 0xfffdu

static bool is_high(uint32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* Next character of UTF-16LE text; moves *at past it. */
static uint32_t next_character(const uint8_t *raw, size_t end, size_t *at)
{
	uint32_t unit = get_le16(raw + *at);

	*at += 2;
	if (is_high(unit) && *at + 2 <= end && is_low(get_le16(raw + *at))) {
		uint32_t low = get_le16(raw + *at);

		*at += 2;
		return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	}
	/* Control characters would reach the user's terminal. */
	if (is_high(unit) || is_low(unit) || (unit > 0 && unit < 0x20) ||
	    (unit >= 0x7f && unit < 0xa0))
		return REPLACEMENT;
	return unit;
}

static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Bytes of the descriptor that hold text. bLength is believed only where it is
 * possible: an H7B3 ROM sends one that does not fit what it sends. */
static size_t text_end(const uint8_t *raw, uint16_t came)
{
	size_t end = came;

	if (raw[0] >= 2 && raw[0] < came)
		end = raw[0];
	return end - end % 2;
}

s0_code usb_link_ask_string(struct usb_link *link, uint8_t index, char *utf8,
			    size_t size, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	uint8_t raw[255];
	uint16_t came = 0;
	size_t used = 0;
	s0_code code;

	if (size == 0)
		return S0_OK;
	utf8[0] = '\0';
	if (index == 0)
		return S0_OK;
	code = link->ops->string(link, index, raw, &came, &why);
	if (code == S0_E_GONE || code == S0_E_TIMEOUT) {
		if (err && err->code == S0_OK)
			*err = why;
		return code;
	}
	if (code != S0_OK || came < 2)
		return S0_OK;
	for (size_t at = 2, end = text_end(raw, came); at + 2 <= end;) {
		char bytes[4];
		uint32_t c = next_character(raw, end, &at);
		size_t length = encode(c, bytes);

		if (c == 0 || used + length >= size)
			break;
		for (size_t i = 0; i < length; i++)
			utf8[used++] = bytes[i];
	}
	utf8[used] = '\0';
	return S0_OK;
}

void usb_link_string(struct usb_link *link, uint8_t index, char *utf8,
		     size_t size)
{
	(void)usb_link_ask_string(link, index, utf8, size, NULL);
}

s0_code usb_link_reset(struct usb_link *link, struct s0_error *err)
{
	if (!link->ops->reset)
		return error_set(err, S0_E_UNSUPPORTED,
				 "a device cannot be reset over this link");
	return link->ops->reset(link, err);
}

/* bRequest of the DFU class whose answers are a few bytes (DFU 1.1). */
#define GETSTATUS 3
#define GETSTATE  5

uint32_t usb_wire_us10(uint8_t request_type, uint8_t request, uint16_t length)
{
	const uint32_t setup = 140, packet = 513, status = 86;

	if (length == 0)
		return setup + status;
	if (request_type == 0xa1 &&
	    (request == GETSTATUS || request == GETSTATE))
		return setup + 126 + status;
	return setup + (length + 63u) / 64u * packet + status;
}
