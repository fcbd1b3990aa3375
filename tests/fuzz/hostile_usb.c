/* SPDX-License-Identifier: MIT */
#include "hostile.h"

#include <string.h>

#include "base/error.h"

static uint16_t transfer_size(struct hostile *me)
{
	static const uint16_t odd[] = { 1, 7, 8, 31, 33, 63, 2050, 65535, 0 };
	uint8_t byte = hostile_next(me);

	if (me->flags & HOSTILE_ODD_SIZE)
		return odd[byte % (sizeof odd / sizeof odd[0])];
	return (uint16_t)(64u << byte % 6);
}

void hostile_describe(struct hostile *me)
{
	static const uint8_t device[18] = { 0x12, 1,	0,    2,    0,	  0,
					    0,	  0x40, 0x83, 0x04, 0x11, 0xdf,
					    0,	  2,	1,    2,    3,	  1 };
	static const uint8_t config[36] = {
		9, 2, 0x24, 0, 1,    1,	   2,	 0xc0, 0x32, 9, 4,    0,
		0, 0, 0xfe, 1, 2,    6,	   9,	 4,    0,    1, 0,    0xfe,
		1, 2, 7,    9, 0x21, 0x0b, 0xff, 0,    0,    4, 0x1a, 1
	};
	size_t length = sizeof config;

	memcpy(me->link.facts.device_descriptor, device, sizeof device);
	memcpy(me->config, config, sizeof config);
	me->block = transfer_size(me);
	me->config[32] = (uint8_t)me->block;
	me->config[33] = (uint8_t)(me->block >> 8);
	if (me->flags & HOSTILE_RAW_CONFIG) {
		length = hostile_next(me);
		for (size_t i = 0; i < length; i++)
			me->config[i] = hostile_next(me);
	}
	me->link.facts.config_descriptor = me->config;
	me->link.facts.config_length = (uint16_t)length;
	me->link.facts.speed = "";
	strcpy(me->link.facts.path, "usb:9-9");
}

s0_code hostile_string(struct usb_link *link, uint8_t index, uint8_t raw[255],
		       uint16_t *ret_length, struct s0_error *err)
{
	static const char *const strings[] = {
		"STMicroelectronics",
		"DFU in FS Mode",
		"200364500000",
		"@Internal Flash   /0x08000000/02*128Kg",
		"@Option Bytes   /0x5200201C/01*128 e",
	};
	struct hostile *me = (struct hostile *)link;
	const char *text = strings[index < 4 ? index - 1 : (index - 3) % 5];
	uint16_t length = 2;

	if (me->flags & HOSTILE_RAW_STRINGS) {
		uint8_t come = hostile_next(me);

		if (come == 255)
			return error_set(err, S0_E_REFUSED, "no such string");
		for (uint8_t i = 0; i < come; i++)
			raw[i] = hostile_next(me);
		*ret_length = come;
		return S0_OK;
	}
	for (; *text; text++) {
		raw[length++] = (uint8_t)*text;
		raw[length++] = 0;
	}
	raw[0] = (uint8_t)length;
	raw[1] = 3;
	*ret_length = length;
	return S0_OK;
}
