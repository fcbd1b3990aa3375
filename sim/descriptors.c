/* SPDX-License-Identifier: MIT */
/* Dump of a real STM32H743 (fact sheet 2.1), byte for byte. */
#include "sim/sim.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

static const uint8_t device[18] = {
	0x12, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x40, 0x83,
	0x04, 0x11, 0xdf, 0x00, 0x02, 0x01, 0x02, 0x03, 0x01,
};

static const uint8_t config[36] = {
	/* configuration */
	0x09,
	0x02,
	0x24,
	0x00,
	0x01,
	0x01,
	0x02,
	0xc0,
	0x32,
	/* interface 0, alternate setting 0, string 6 */
	0x09,
	0x04,
	0x00,
	0x00,
	0x00,
	0xfe,
	0x01,
	0x02,
	0x06,
	/* alternate setting 1, string 7 */
	0x09,
	0x04,
	0x00,
	0x01,
	0x00,
	0xfe,
	0x01,
	0x02,
	0x07,
	/* DFU functional: attributes 0x0B, 255 ms, 1024 bytes, 1.1a */
	0x09,
	0x21,
	0x0b,
	0xff,
	0x00,
	0x00,
	0x04,
	0x1a,
	0x01,
};

const uint8_t *sim_descriptors_device(void)
{
	return device;
}

const uint8_t *sim_descriptors_config(uint16_t *ret_length)
{
	*ret_length = sizeof(config);
	return config;
}

/* hex8(w0 + w2) + hex4(w1 >> 16) of three words. The ROM takes them from
 * 0x5C001000 (DBGMCU) instead of the unique ID, so that every chip of one
 * revision has the same. The two words behind IDCODE read 0. */
static void serial_text(const struct s0_sim *sim, char *text, size_t size)
{
	uint32_t w0 = sim->config.rev == SIM_REV_Y ? 0x10036450 : 0x20036450;
	uint32_t w1 = 0, w2 = 0;

	if (sim->config.serial == SIM_SERIAL_UID) {
		w0 = get_le32(sim->uid);
		w1 = get_le32(sim->uid + 4);
		w2 = get_le32(sim->uid + 8);
	}
	snprintf(text, size, "%08X%04X", (unsigned)(w0 + w2),
		 (unsigned)(w1 >> 16));
}

/* 2 MiB as dumped. The strings of the smaller parts were not found: these
 * follow ST's grammar and tell the truth. */
static const char *layout(const struct s0_sim *sim)
{
	if (sim->config.layout[0])
		return sim->config.layout;
	switch (sim->config.flash_kb) {
	case 128:
		return "@Internal Flash   /0x08000000/01*128Kg";
	case 1024:
		return "@Internal Flash   /0x08000000/4*128Kg"
		       "/0x08100000/4*128Kg";
	default:
		return "@Internal Flash   /0x08000000/16*128Kg";
	}
}

static uint16_t encode(const char *text, uint8_t raw[255])
{
	size_t length = strlen(text);

	if (length > 126)
		length = 126;
	raw[0] = (uint8_t)(2 + 2 * length);
	raw[1] = 3;
	for (size_t i = 0; i < length; i++)
		put_le16(raw + 2 + 2 * i, (uint8_t)text[i]);
	return raw[0];
}

uint16_t sim_descriptors_string(const struct s0_sim *sim, uint8_t index,
				uint8_t raw[255])
{
	static const uint8_t languages[4] = { 0x04, 0x03, 0x09, 0x04 };
	char serial[16];

	switch (index) {
	case 0:
		memcpy(raw, languages, sizeof(languages));
		return sizeof(languages);
	case 1:
		return encode("STMicroelectronics", raw);
	case 2:
		return encode("DFU in FS Mode", raw);
	case 3:
		serial_text(sim, serial, sizeof(serial));
		return encode(serial, raw);
	case 6:
		return encode(layout(sim), raw);
	case 7:
		return encode("@Option Bytes   /0x5200201C/01*128 e", raw);
	default:
		return 0;
	}
}
