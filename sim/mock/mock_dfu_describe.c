/* SPDX-License-Identifier: MIT */
/* What a plain DFU device holds, and what its descriptors say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "mock_dfu_model.h"

/* ---- memory -------------------------------------------------------------- */

static bool file_name(const struct dfu_model *model, unsigned alt, char *name,
		      size_t size)
{
	(void)snprintf(name, size, "%s.%u", model->keys.file, alt);
	return model->keys.file[0] != '\0';
}

void dfu_model_load(struct dfu_model *model, unsigned alt)
{
	struct dfu_memory *memory = &model->memory[alt];
	char name[DFU_TEXT + 8];
	FILE *file = NULL;

	memory->bytes = calloc(1, model->keys.size);
	if (!memory->bytes)
		abort();
	if (file_name(model, alt, name, sizeof(name)))
		file = fopen(name, "rb");
	if (!file)
		return;
	memory->length =
		(unsigned)fread(memory->bytes, 1, model->keys.size, file);
	fclose(file);
}

void dfu_model_save(const struct dfu_model *model)
{
	unsigned alt = model->boot.alt;
	char name[DFU_TEXT + 8];
	FILE *file = NULL;

	if (file_name(model, alt, name, sizeof(name)))
		file = fopen(name, "wb");
	if (!file)
		return;
	fwrite(model->memory[alt].bytes, 1, model->memory[alt].length, file);
	fclose(file);
}

/* ---- descriptors --------------------------------------------------------- */

static uint8_t attributes(const struct dfu_keys *keys)
{
	return (uint8_t)((keys->download ? 1 : 0) | (keys->upload ? 2 : 0) |
			 (keys->tolerant ? 4 : 0) |
			 (keys->will_detach ? 8 : 0));
}

static uint16_t put_functional(const struct dfu_keys *keys, uint8_t *to)
{
	to[0] = (uint8_t)keys->length;
	to[1] = 0x21;
	to[2] = attributes(keys);
	put_le16(to + 3, (uint16_t)keys->detach_ms);
	put_le16(to + 5, (uint16_t)keys->xfer);
	put_le16(to + 7, (uint16_t)keys->dfu);
	return (uint16_t)keys->length;
}

static uint16_t put_interface(uint8_t *to, uint8_t number, uint8_t alt,
			      uint8_t protocol, uint8_t string)
{
	const uint8_t bytes[9] = { 9,
				   4,
				   number,
				   alt,
				   0,
				   protocol ? 0xfe : 0xff,
				   protocol ? 1 : 0,
				   protocol,
				   string };

	memcpy(to, bytes, sizeof(bytes));
	return sizeof(bytes);
}

static void make_chip(const struct dfu_keys *keys, struct mock_chip *chip,
		      uint16_t product)
{
	static const uint8_t device[18] = { 18, 1, 0, 2, 0, 0, 0, 64, 0,
					    0,	0, 0, 0, 1, 2, 3, 1,  1 };
	static const uint8_t config[9] = { 9, 2, 0, 0, 1, 1, 0, 0xc0, 0x32 };

	memset(chip, 0, sizeof(*chip));
	memcpy(chip->device, device, sizeof(device));
	/* 14, 15, 16: strings 1, 2, 3 */
	for (uint8_t i = 0; i < 3; i++)
		chip->device[14 + i] = (uint8_t)(i + 1);
	chip->device[17] = 1;
	put_le16(chip->device + 8, (uint16_t)keys->vid);
	put_le16(chip->device + 10, product);
	put_le16(chip->device + 12, (uint16_t)keys->bcd);
	memcpy(chip->config, config, sizeof(config));
	chip->config_length = sizeof(config);
	chip->langid = 0x0409;
	chip->strings[1] = keys->maker;
	chip->strings[2] = keys->product;
	chip->strings[3] = keys->serial;
	chip->alt_count = 1;
}

static void add(struct mock_chip *chip, uint16_t length)
{
	chip->config_length = (uint16_t)(chip->config_length + length);
	put_le16(chip->config + 2, chip->config_length);
}

void dfu_model_describe(struct dfu_model *model)
{
	const struct dfu_keys *keys = &model->keys;
	struct mock_chip *chip = &model->app;

	make_chip(keys, chip, (uint16_t)keys->app_pid);
	chip->config[4] = 2;
	chip->strings[4] = "Run time";
	add(chip,
	    put_interface(chip->config + chip->config_length, 0, 0, 0, 0));
	add(chip, put_interface(chip->config + chip->config_length,
				DFU_RUNTIME_INTERFACE, 0, 1, 4));
	add(chip, put_functional(keys, chip->config + chip->config_length));
	chip = &model->boot;
	make_chip(keys, chip, (uint16_t)keys->pid);
	chip->alt_count = (uint8_t)keys->alts;
	for (uint8_t i = 0; i < keys->alts; i++) {
		chip->strings[4 + i] = keys->names[i];
		add(chip,
		    put_interface(chip->config + chip->config_length, 0, i, 2,
				  (uint8_t)(keys->names[i][0] ? 4 + i : 0)));
	}
	add(chip, put_functional(keys, chip->config + chip->config_length));
}
