/* SPDX-License-Identifier: MIT */
#include "sim/serve/usbip.h"

#include <string.h>

#include "base/bytes.h"

static uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

static void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(v >> 16));
	put_be16(p + 2, (uint16_t)v);
}

struct usbip_request usbip_get_request(const uint8_t bytes[USBIP_OP_LENGTH])
{
	struct usbip_request request = { get_be16(bytes), get_be16(bytes + 2) };

	return request;
}

void usbip_put_reply(uint8_t bytes[USBIP_OP_LENGTH], enum usbip_op op,
		     enum usbip_op_status status)
{
	put_be16(bytes, USBIP_VERSION);
	put_be16(bytes + 2, (uint16_t)op);
	put_be32(bytes + 4, (uint32_t)status);
}

void usbip_put_count(uint8_t bytes[4], uint32_t count)
{
	put_be32(bytes, count);
}

/* Closed with a zero byte, rest filled with them. */
static void put_text(uint8_t *bytes, size_t size, const char *text)
{
	size_t length = strlen(text);

	memset(bytes, 0, size);
	memcpy(bytes, text, length < size ? length : size - 1);
}

void usbip_put_device(uint8_t bytes[USBIP_DEVICE_LENGTH],
		      const struct usbip_device *device)
{
	const uint8_t *d = device->descriptor, *c = device->config;

	put_text(bytes, 256, device->path);
	put_text(bytes + 256, USBIP_BUS_ID_LENGTH, device->bus_id);
	put_be32(bytes + 288, device->bus);
	put_be32(bytes + 292, device->number);
	put_be32(bytes + 296, USBIP_SPEED_FULL);
	put_be16(bytes + 300, get_le16(d + 8));	 /* idVendor */
	put_be16(bytes + 302, get_le16(d + 10)); /* idProduct */
	put_be16(bytes + 304, get_le16(d + 12)); /* bcdDevice */
	bytes[306] = d[4];			 /* bDeviceClass */
	bytes[307] = d[5];
	bytes[308] = d[6];
	bytes[309] = c[5];  /* bConfigurationValue */
	bytes[310] = d[17]; /* bNumConfigurations */
	bytes[311] = c[4];  /* bNumInterfaces */
}

static void get_setup(const uint8_t *bytes, struct s0_sim_setup *ret_setup)
{
	ret_setup->request_type = bytes[0];
	ret_setup->request = bytes[1];
	ret_setup->value = get_le16(bytes + 2);
	ret_setup->index = get_le16(bytes + 4);
	ret_setup->length = get_le16(bytes + 6);
}

void usbip_get_command(const uint8_t bytes[USBIP_HEADER_LENGTH],
		       struct usbip_command *ret_command)
{
	memset(ret_command, 0, sizeof(*ret_command));
	ret_command->code = get_be32(bytes);
	ret_command->number = get_be32(bytes + 4);
	ret_command->device = get_be32(bytes + 8);
	ret_command->direction = get_be32(bytes + 12);
	ret_command->endpoint = get_be32(bytes + 16);
	ret_command->victim = get_be32(bytes + 20);
	ret_command->flags = get_be32(bytes + 20);
	ret_command->length = (int32_t)get_be32(bytes + 24);
	ret_command->packets = (int32_t)get_be32(bytes + 32);
	get_setup(bytes + 40, &ret_command->setup);
}

void usbip_put_submitted(uint8_t bytes[USBIP_HEADER_LENGTH], uint32_t number,
			 int32_t status, uint32_t length, int32_t packets)
{
	memset(bytes, 0, USBIP_HEADER_LENGTH);
	put_be32(bytes, USBIP_RET_SUBMIT);
	put_be32(bytes + 4, number);
	put_be32(bytes + 20, (uint32_t)status);
	put_be32(bytes + 24, length);
	put_be32(bytes + 32, (uint32_t)packets);
}

void usbip_put_unlinked(uint8_t bytes[USBIP_HEADER_LENGTH], uint32_t number,
			int32_t status)
{
	memset(bytes, 0, USBIP_HEADER_LENGTH);
	put_be32(bytes, USBIP_RET_UNLINK);
	put_be32(bytes + 4, number);
	put_be32(bytes + 20, (uint32_t)status);
}
