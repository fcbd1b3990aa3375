/* SPDX-License-Identifier: MIT */
/* -c and -l: devices in DFU mode by their number in the list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/os.h"
#include "compat/cube.h"

/* What -c asks for. */
struct wanted {
	unsigned index; /* from 1; 0: not given */
	const char *serial;
	uint32_t vendor, product; /* 0: any */
};

static const char *after(const char *word, const char *key)
{
	size_t length = strlen(key);
	char head[16];

	if (strlen(word) < length)
		return NULL;
	memcpy(head, word, length);
	head[length] = '\0';
	return cube_same(head, key) ? word + length : NULL;
}

/* "usb", "usb1", "USB2" */
static bool take_port(struct cube *cube, const char *port,
		      struct wanted *wanted)
{
	const char *number = after(port, "usb");

	if (!number)
		return cube_fail(cube,
				 "port=%s needs an ST-LINK or a serial "
				 "interface; not supported over USB DFU",
				 port);
	wanted->index = (unsigned)strtoul(number, NULL, 10);
	return true;
}

static bool take_key(struct cube *cube, const char *word, struct wanted *wanted,
		     bool *port)
{
	const char *value;

	if ((value = after(word, "port="))) {
		*port = true;
		return take_port(cube, value, wanted);
	}
	if ((value = after(word, "sn="))) {
		wanted->serial = value;
		return true;
	}
	/* Those are hexadecimal, with and without 0x. */
	if ((value = after(word, "vid=")))
		wanted->vendor = (uint32_t)strtoul(value, NULL, 16);
	else if ((value = after(word, "pid=")))
		wanted->product = (uint32_t)strtoul(value, NULL, 16);
	/* freq, mode, reset …: of other interfaces, without effect here */
	return true;
}

static bool fits(const struct wanted *wanted,
		 const struct s0_candidate *candidate)
{
	if (!candidate->dfu_mode)
		return false;
	if (wanted->serial && !cube_same(wanted->serial, candidate->serial))
		return false;
	return (!wanted->vendor || wanted->vendor == candidate->vendor) &&
	       (!wanted->product || wanted->product == candidate->product);
}

static s0_code choose(struct cube *cube, const struct wanted *wanted,
		      char path[64], struct s0_error *err)
{
	const char *given = getenv("SECTOR0_DEVICE");
	struct s0_candidate *list = NULL;
	size_t count = 0, nth = 0, fitting = 0;
	s0_code code;

	path[0] = '\0';
	if (given && *given)
		return S0_OK;
	code = s0_device_find(cube->app.context, &list, &count, err);
	for (size_t i = 0; code == S0_OK && i < count; i++) {
		nth += list[i].dfu_mode;
		if (!fits(wanted, &list[i]) ||
		    (wanted->index && wanted->index != nth))
			continue;
		if (fitting++ == 0)
			(void)snprintf(path, 64, "%s", list[i].path);
	}
	s0_candidates_free(list);
	if (code != S0_OK || fitting == 1)
		return code;
	err->code = fitting ? S0_E_SEVERAL : S0_E_NO_DEVICE;
	(void)snprintf(err->message, sizeof err->message,
		       fitting ? "%zu devices in DFU mode fit"
			       : "no device in DFU mode fits",
		       fitting);
	if (fitting)
		(void)snprintf(err->hint, sizeof err->hint,
			       "name one by its number: port=usb1");
	return err->code;
}

static void tell_size(struct cube *cube, const struct s0_device_info *info)
{
	uint64_t kib = info->flash_kib;
	bool known = kib != 0 && kib != 0xffff;

	if (!known)
		kib = s0_map_flash_size(s0_device_map(cube->app.device)) / 1024;
	if (kib >= 1024 && kib % 1024 == 0)
		cube_say(cube, "NVM size  : %u MBytes%s\n",
			 (unsigned)(kib / 1024), known ? "" : " (default)");
	else
		cube_say(cube, "NVM size  : %u KBytes%s\n", (unsigned)kib,
			 known ? "" : " (default)");
}

static void tell_device(struct cube *cube)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);

	cube_say(cube, "USB speed   : %s\n",
		 info->speed && info->speed[0] ? info->speed : "--");
	cube_say(cube, "Manuf. ID   : %s\n", info->manufacturer);
	cube_say(cube, "Product ID  : %s\n", info->name);
	cube_say(cube, "SN          : %s\n", info->serial);
	cube_say(cube, "DFU protocol: 1.1\nBoard       : --\n");
	if (info->chip) {
		cube_say(cube, "Device ID   : 0x%X\n", info->chip->device_id);
		cube_say(cube, "Device name : %s\n", info->chip->title);
	} else {
		cube_say(cube, "Device ID   : unknown\n");
	}
	tell_size(cube, info);
	cube_say(cube, "Device type : MCU\nRevision ID : --\n"
		       "Device CPU  : --\n\n");
	if (info->rdp > 0)
		cube_say(cube, "Warning: Device is under Read Out Protection "
			       "or Target is held under reset\n");
}

bool cube_connect(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;
	struct wanted wanted = { 0 };
	const char *word;
	bool port = false;
	char path[64];

	while ((word = cube_argument(cube)))
		if (!take_key(cube, word, &wanted, &port))
			return false;
	if (!port)
		return cube_fail(cube, "Wrong connect command use: port=usb1 "
				       "is missing");
	if (cube->app.device)
		return cube_fail(cube, "a device is connected already");
	if (choose(cube, &wanted, path, &err) == S0_OK) {
		if (path[0])
			cube->app.args.values[OPTION_DEVICE] = path;
		err.code = app_open_session(&cube->app, &err);
		cube->app.args.values[OPTION_DEVICE] = NULL;
	}
	if (err.code == S0_E_NO_DEVICE || err.code == S0_E_SEVERAL)
		(void)cube_fail(cube, "Target device not found");
	if (err.code != S0_OK) {
		cube_say(cube, "Establishing connection with the device "
			       "failed\n");
		return cube_failed(cube, &err);
	}
	s0_session_set_progress(cube->app.session, cube_progress, cube);
	tell_device(cube);
	return true;
}

static void list_one(struct cube *cube, unsigned index,
		     const struct s0_candidate *candidate)
{
	struct s0_error why = S0_ERROR_INIT;
	struct s0_device *device = NULL;
	const struct s0_chip *chip = NULL;
	unsigned bus = 0;

	(void)sscanf(candidate->path, "usb:%u", &bus);
	if (s0_device_open(cube->app.context, candidate->path, &device, &why) ==
	    S0_OK)
		chip = s0_device_info(device)->chip;
	cube_say(cube, "  Device Index           : USB%u\n", index);
	cube_say(cube, "  USB Bus Number         : %03u\n", bus);
	cube_say(cube, "  USB Address Number     : %03u\n", candidate->number);
	cube_say(cube, "  Product ID             : %s\n", candidate->name);
	cube_say(cube, "  Serial number          : %s\n", candidate->serial);
	cube_say(cube, "  Firmware version       : 0x%04x\n",
		 device ? s0_device_info(device)->dfu_version : 0x011a);
	if (chip)
		cube_say(cube, "  Device ID              : 0x%04X\n\n",
			 chip->device_id);
	else
		cube_say(cube, "  Device ID              : unknown\n\n");
	s0_device_close(device);
}

bool cube_list(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_candidate *list = NULL;
	size_t count = 0;
	unsigned found = 0, index = 0;

	while (cube_argument(cube))
		; /* usb, uart, stlink: only the first is there */
	if (s0_device_find(cube->app.context, &list, &count, &err) != S0_OK)
		return cube_failed(cube, &err);
	for (size_t i = 0; i < count; i++)
		found += list[i].dfu_mode;
	cube_say(cube, "=====  DFU Interface   =====\n\n");
	if (!found)
		cube_say(cube, "No STM32 device in DFU mode connected\n");
	else
		cube_say(cube,
			 "Total number of available STM32 device in DFU mode: "
			 "%u\n\n",
			 found);
	for (size_t i = 0; i < count; i++)
		if (list[i].dfu_mode)
			list_one(cube, ++index, &list[i]);
	s0_candidates_free(list);
	return true;
}
