/* SPDX-License-Identifier: MIT */
#ifndef SIM_MOCK_CHIP_H
#define SIM_MOCK_CHIP_H

/*
 * Devices with descriptors and no more behind them than the tests of a link
 * need: what a class request is answered is said by its wValue.
 */

#include "mock_usb.h"

/* High half of wValue; the low half is free. */
enum mock_chip_order {
	CHIP_ACK = 0x0000,
	CHIP_STALL = 0x0100,
	CHIP_SILENT = 0x0200, /* never answered */
	CHIP_SHORT = 0x0300,  /* one byte less than asked for */
	CHIP_UNPLUG = 0x0400, /* off the bus */
	CHIP_SLOW = 0x0500    /* answered after CHIP_SLOW_US */
};
#define CHIP_SLOW_US 60000

#define CHIP_STRINGS 8
#define CHIP_LOG     128

struct mock_chip {
	uint8_t device[18];
	uint8_t config[128];
	uint16_t config_length;
	const char *strings[CHIP_STRINGS]; /* ASCII; [0] is not used */
	uint16_t langid;		   /* others are refused */
	int string_length; /* added to a string's bLength, a known ROM slip */
	uint8_t alt, alt_count;
	/* class requests so far, and the data of the last OUT one */
	uint16_t values[CHIP_LOG];
	uint16_t index;
	unsigned count;
	unsigned interface_sets; /* SET_INTERFACE requests */
	unsigned string_gets;
	uint8_t data[4096];
	uint16_t data_length;
};

/* An STM32H743 in its ROM bootloader, by the dump of a real one. */
void mock_chip_stm32h743(struct mock_chip *chip);
/* An application on an STM32 that is a serial port: 0483:5740. */
void mock_chip_vcp(struct mock_chip *chip);
/* A laptop's camera with a run-time DFU interface. */
void mock_chip_camera(struct mock_chip *chip);
/* An application on an STM32 with a run-time DFU interface. */
void mock_chip_runtime(struct mock_chip *chip);

/* As a mock_control; user is the chip. */
void mock_chip_control(void *user, const struct s0_sim_setup *setup,
		       uint8_t *data, struct s0_sim_reply *reply);

#endif
