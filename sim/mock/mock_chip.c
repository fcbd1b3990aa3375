/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/bytes.h"
#include "mock_chip.h"

enum { GET_DESCRIPTOR = 6, SET_CONFIGURATION = 9, SET_INTERFACE = 11 };

static uint16_t answer_bytes(uint8_t *data, uint16_t wanted, const void *bytes,
			     size_t length)
{
	if (length > wanted)
		length = wanted;
	memcpy(data, bytes, length);
	return (uint16_t)length;
}

static void get_string(struct mock_chip *chip, const struct s0_sim_setup *setup,
		       uint8_t *data, struct s0_sim_reply *reply)
{
	uint8_t index = (uint8_t)setup->value;
	const char *s = index < CHIP_STRINGS ? chip->strings[index] : NULL;
	uint8_t raw[255] = { 4, 3 };
	size_t length = 4;

	chip->string_gets++;
	if (index == 0) {
		put_le16(raw + 2, chip->langid);
	} else if (!s || setup->index != chip->langid) {
		reply->handshake = S0_SIM_STALL;
		return;
	} else {
		length = 2 + 2 * strlen(s);
		raw[0] = (uint8_t)((int)length + chip->string_length);
		for (size_t i = 0; s[i]; i++)
			raw[2 + 2 * i] = (uint8_t)s[i];
	}
	reply->length = answer_bytes(data, setup->length, raw, length);
}

static void standard(struct mock_chip *chip, const struct s0_sim_setup *setup,
		     uint8_t *data, struct s0_sim_reply *reply)
{
	switch (setup->request << 8 | setup->value >> 8) {
	case GET_DESCRIPTOR << 8 | 1:
		reply->length = answer_bytes(data, setup->length, chip->device,
					     sizeof(chip->device));
		break;
	case GET_DESCRIPTOR << 8 | 2:
		reply->length = answer_bytes(data, setup->length, chip->config,
					     chip->config_length);
		break;
	case GET_DESCRIPTOR << 8 | 3:
		get_string(chip, setup, data, reply);
		break;
	case SET_CONFIGURATION << 8:
		break;
	case SET_INTERFACE << 8:
		chip->interface_sets++;
		chip->alt = (uint8_t)setup->value;
		if (chip->alt >= chip->alt_count)
			reply->handshake = S0_SIM_STALL;
		break;
	default:
		reply->handshake = S0_SIM_STALL;
	}
}

static void class_request(struct mock_chip *chip,
			  const struct s0_sim_setup *setup, uint8_t *data,
			  struct s0_sim_reply *reply)
{
	chip->values[chip->count++ % CHIP_LOG] = setup->value;
	chip->index = setup->index;
	reply->length = setup->length;
	if (setup->request_type & 0x80) {
		memset(data, setup->value & 0xff, setup->length);
	} else {
		memcpy(chip->data, data, setup->length);
		chip->data_length = setup->length;
	}
	switch (setup->value & 0xff00) {
	case CHIP_STALL:
		reply->handshake = S0_SIM_STALL;
		break;
	case CHIP_SILENT:
		reply->handshake = S0_SIM_SILENT;
		break;
	case CHIP_SHORT:
		reply->length--;
		break;
	case CHIP_UNPLUG:
		reply->handshake = S0_SIM_GONE;
		break;
	case CHIP_SLOW:
		reply->busy_us = CHIP_SLOW_US;
		break;
	}
}

void mock_chip_control(void *user, const struct s0_sim_setup *setup,
		       uint8_t *data, struct s0_sim_reply *reply)
{
	if ((setup->request_type & 0x60) == 0)
		standard(user, setup, data, reply);
	else
		class_request(user, setup, data, reply);
}

/* Strings 1, 2, 3 are manufacturer, product and serial number. */
static void chip_make(struct mock_chip *chip, uint16_t vendor, uint16_t product,
		      const uint8_t *config, uint16_t length)
{
	static const uint8_t device[18] = { 18, 1, 0, 2, 0, 0, 0, 64, 0,
					    0,	0, 0, 0, 2, 1, 2, 3,  1 };

	memset(chip, 0, sizeof(*chip));
	memcpy(chip->device, device, sizeof(device));
	put_le16(chip->device + 8, vendor);
	put_le16(chip->device + 10, product);
	memcpy(chip->config, config, length);
	chip->config_length = length;
	chip->alt_count = 1;
	chip->langid = 0x0409;
}

void mock_chip_stm32h743(struct mock_chip *chip)
{
	static const uint8_t config[] = {
		9, 2,  36, 0,	1, 1,	 2, 0xc0, 0x32, /* 100 mA */
		9, 4,  0,  0,	0, 0xfe, 1, 2,	  6,	/* flash */
		9, 4,  0,  1,	0, 0xfe, 1, 2,	  7,	/* options */
		9, 33, 11, 255, 0, 0,	 4, 0x1a, 1	/* 1024 bytes */
	};

	chip_make(chip, 0x0483, 0xdf11, config, sizeof(config));
	chip->alt_count = 2;
	chip->strings[1] = "STMicroelectronics";
	chip->strings[2] = "DFU in FS Mode";
	chip->strings[3] = "200364500000";
	chip->strings[6] = "@Internal Flash   /0x08000000/16*128Kg";
	chip->strings[7] = "@Option Bytes   /0x5200201C/01*128 e";
}

void mock_chip_vcp(struct mock_chip *chip)
{
	static const uint8_t config[] = {
		9, 2,  67,   0,	   2,  1,  0,  0xc0, 0x32, /* */
		9, 4,  0,    0,	   1,  2,  2,  1,    0,	   /* CDC */
		5, 36, 0,    0x10, 1,			   /* header */
		5, 36, 1,    0,	   1,			   /* calls */
		4, 36, 2,    2,				   /* ACM */
		5, 36, 6,    0,	   1,			   /* union */
		7, 5,  0x82, 3,	   8,  0,  16,		   /* */
		9, 4,  1,    0,	   2,  10, 0,  0,    0,	   /* data */
		7, 5,  1,    2,	   64, 0,  0,		   /* */
		7, 5,  0x81, 2,	   64, 0,  0		   /* */
	};

	chip_make(chip, 0x0483, 0x5740, config, sizeof(config));
	chip->strings[1] = "STMicroelectronics";
	chip->strings[2] = "STM32 Virtual ComPort";
	chip->strings[3] = "208E33754D4D";
}

/* A vendor's interface, and behind it one to switch to DFU mode with. */
static const uint8_t runtime_config[] = {
	9, 2,  36, 0,	2, 1,	 0, 0x80, 0xfa, /* 500 mA */
	9, 4,  0,  0,	0, 0xff, 0, 0,	  0,	/* its own */
	9, 4,  1,  0,	0, 0xfe, 1, 1,	  0,	/* run-time DFU */
	9, 33, 8,  232, 3, 64,	 0, 0x10, 1	/* 64 bytes */
};

void mock_chip_camera(struct mock_chip *chip)
{
	chip_make(chip, 0x0bda, 0x5634, runtime_config, sizeof(runtime_config));
	chip->strings[1] = "CN0HK46KLG00";
	chip->strings[2] = "Integrated_Webcam_HD";
	chip->strings[3] = "200901010001";
}

void mock_chip_runtime(struct mock_chip *chip)
{
	chip_make(chip, 0x0483, 0xa38f, runtime_config, sizeof(runtime_config));
	chip->strings[1] = "A maker";
	chip->strings[2] = "A product";
	chip->strings[3] = "1";
}
