/* SPDX-License-Identifier: MIT */
/* -l: what is there, interface by interface. */
#include <stdio.h>
#include <stdlib.h>

#include "compat/cube.h"

enum { LIST_USB = 1, LIST_JLINK = 2, LIST_STLINK = 4, LIST_UART = 8 };

static unsigned what_is_listed(const char *word)
{
	static const struct {
		const char *name;
		unsigned what;
	} names[] = {
		{ "usb", LIST_USB },
		{ "dfu", LIST_USB },
		{ "jlink", LIST_JLINK },
		{ "j-link", LIST_JLINK },
		{ "stlink", LIST_STLINK },
		{ "st-link", LIST_STLINK },
		{ "stlink-only", LIST_STLINK },
		{ "shared", LIST_STLINK },
		{ "uart", LIST_UART },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (cube_same(word, names[i].name))
			return names[i].what;
	return 0;
}

static void list_one(struct cube *cube, unsigned index, const char *selector,
		     const struct s0_candidate *candidate)
{
	struct s0_error why = S0_ERROR_INIT;
	struct s0_device *device = NULL;
	const struct s0_device_info *info = NULL;
	unsigned bus = 0;

	(void)sscanf(selector, "usb:%u", &bus);
	if (s0_device_open(cube->app.context, selector, &device, &why) == S0_OK)
		info = s0_device_info(device);
	cube_say(cube, "  Device Index           : USB%u\n", index);
	cube_say(cube, "  USB Bus Number         : %03u\n", bus);
	cube_say(cube, "  USB Address Number     : %03u\n",
		 candidate ? candidate->number
		 : info	   ? info->number
			   : 0);
	cube_say(cube, "  Product ID             : %s\n",
		 candidate ? candidate->name
		 : info	   ? info->name
			   : "");
	cube_say(cube, "  Serial number          : %s\n",
		 candidate ? candidate->serial
		 : info	   ? info->serial
			   : "");
	cube_say(cube, "  Firmware version       : 0x%04x\n",
		 info ? info->dfu_version : 0x011a);
	if (info && info->chip && info->chip->device_id)
		cube_say(cube, "  Device ID              : 0x%04X\n\n",
			 info->chip->device_id);
	else
		cube_say(cube, "  Device ID              : unknown\n\n");
	s0_device_close(device);
}

static bool list_usb(struct cube *cube)
{
	const char *given = getenv("SECTOR0_DEVICE");
	bool alone = given && *given;
	struct s0_error err = S0_ERROR_INIT;
	struct s0_candidate *list = NULL;
	size_t count = 0;
	unsigned found = alone, index = 0;

	cube_say(cube, "=====  DFU Interface   =====\n\n");
	if (!alone &&
	    s0_device_find(cube->app.context, &list, &count, &err) != S0_OK) {
		(void)cube_fail(cube, "DEV_USB_COMM_ERR");
		return cube_failed(cube, &err);
	}
	for (size_t i = 0; i < count; i++)
		found += list[i].dfu_mode;
	if (!found)
		cube_say(cube, "No STM32 device in DFU mode connected\n\n");
	else
		cube_say(cube,
			 "Total number of available STM32 device in DFU mode: "
			 "%u\n\n",
			 found);
	if (alone)
		list_one(cube, 1, given, NULL);
	for (size_t i = 0; i < count; i++)
		if (list[i].dfu_mode)
			list_one(cube, ++index, list[i].path, &list[i]);
	s0_candidates_free(list);
	return true;
}

/* The other interfaces' blocks, as of version 2.19: nothing is looked for, and
 * that is said where no program reads it. */
static void list_others(struct cube *cube, unsigned what)
{
	if (what & LIST_JLINK)
		cube_say(cube, "===== J-Link Interface =====\n"
			       "No J-Link/flasher probe detected.\n\n");
	if (what & LIST_STLINK)
		cube_say(cube, "===== STLink Interface =====\n"
			       "No ST-Link detected!\n\n");
	if (what & LIST_UART)
		cube_say(cube, "=====  UART Interface  =====\n\n"
			       "Total number of serial ports available: 0\n\n");
	if (what & ~(unsigned)LIST_USB)
		cube_note(cube, "only USB DFU is looked at: probes and serial "
				"ports are none of sector0's interfaces");
}

bool cube_list(struct cube *cube)
{
	unsigned what = 0;
	const char *word;

	while ((word = cube_argument(cube))) {
		unsigned one = what_is_listed(word);

		if (!one)
			return cube_refuse(cube, "'%s' is no interface", word);
		what |= one;
	}
	if (cube->checking)
		return true;
	if (!what)
		what = LIST_USB | LIST_JLINK | LIST_STLINK | LIST_UART;
	if ((what & LIST_USB) && !list_usb(cube))
		return false;
	list_others(cube, what);
	return true;
}
