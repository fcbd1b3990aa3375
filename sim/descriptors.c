/* SPDX-License-Identifier: MIT */
/* Descriptors and strings, as dumps of real parts have them (profiles). */
#include "sim/sim.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

void sim_descriptors_make(struct s0_sim *sim)
{
	memcpy(sim->device, sim->chip->device, sizeof(sim->device));
	/* Dump of 2012 against the ones since (fact sheet 6). */
	if (sim_is(sim->chip, SIM_F405) && sim->config.rom == 0x31)
		sim->device[13] = 0x21;
}

uint16_t sim_descriptors_config_length(const struct s0_sim *sim)
{
	return get_le16(sim->chip->config + 2);
}

/* hex8(w0 + w2) + hex4(w1 >> 16) of three words. The H743's ROM takes them
 * from 0x5C001000 (DBGMCU) instead of the unique ID, so that every chip of one
 * revision has the same. The two words behind IDCODE read 0. */
static void serial_text(const struct s0_sim *sim, char *text, size_t size)
{
	uint32_t w0 = sim->config.rev == SIM_REV_Y ? 0x10036450 : 0x20036450;
	uint32_t w1 = 0, w2 = 0;
	bool same = sim->config.serial == SIM_SERIAL_SAME;

	if (same && sim->chip->strings.same_serial) {
		snprintf(text, size, "%s", sim->chip->strings.same_serial);
		return;
	}
	if (!same) {
		w0 = get_le32(sim->uid);
		w1 = get_le32(sim->uid + 4);
		w2 = get_le32(sim->uid + 8);
	}
	snprintf(text, size, "%08X%04X", (unsigned)(w0 + w2),
		 (unsigned)(w1 >> 16));
}

/* 2 MiB and 1 MiB of the F405 as dumped. The strings of the smaller H743 were
 * not found: these follow ST's grammar and tell the truth. */
static const char *layout(const struct s0_sim *sim)
{
	static const struct {
		uint32_t trait, flash_kb;
		const char *text;
	} table[] = {
		{ SIM_H743, 2048, "@Internal Flash   /0x08000000/16*128Kg" },
		{ SIM_H743, 1024,
		  "@Internal Flash   /0x08000000/4*128Kg"
		  "/0x08100000/4*128Kg" },
		{ SIM_H743, 128, "@Internal Flash   /0x08000000/01*128Kg" },
		{ SIM_F405, 1024,
		  "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg" },
		{ SIM_F405, 512,
		  "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg" },
	};
	const char *text = "";

	if (sim->config.layout[0])
		return sim->config.layout;
	if (sim_is(sim->chip, SIM_DATA))
		return sim->chip->layout;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (sim_is(sim->chip, table[i].trait) &&
		    table[i].flash_kb == sim->config.flash_kb)
			text = table[i].text;
	return text;
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

/* Name of an alternate setting. The F405's first ROM called those from 1 on
 * erasable too. */
static uint16_t encode_name(const struct s0_sim *sim, unsigned alternate,
			    uint8_t raw[255])
{
	const char *name = sim->chip->strings.names[alternate];
	uint16_t length = encode(name ? name : layout(sim), raw);

	if (sim->config.string_length == SIM_LENGTH_LONG)
		raw[0] = (uint8_t)(raw[0] + 2);
	if (!name || !sim_is(sim->chip, SIM_F405) || sim->config.rom != 0x31)
		return length;
	for (unsigned i = 4; i < length; i += 2)
		if (raw[i] == 'e' && raw[i - 2] == ' ')
			raw[i] = 'g';
	return length;
}

uint16_t sim_descriptors_string(const struct s0_sim *sim, uint8_t index,
				uint8_t raw[255])
{
	static const uint8_t languages[4] = { 0x04, 0x03, 0x09, 0x04 };
	unsigned first = sim->chip->strings.first;
	char serial[16];

	switch (index) {
	case 0:
		memcpy(raw, languages, sizeof(languages));
		return sizeof(languages);
	case 1:
		return encode(sim->chip->strings.manufacturer, raw);
	case 2:
		return encode(sim->chip->strings.product, raw);
	case 3:
		serial_text(sim, serial, sizeof(serial));
		return encode(serial, raw);
	}
	if (index >= first && index < first + sim->chip->alternates)
		return encode_name(sim, index - first, raw);
	return 0;
}
