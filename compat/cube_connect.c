/* SPDX-License-Identifier: MIT */
/* -c: a device in DFU mode by its number in the list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "compat/cube.h"

/* What -c asks for. */
struct wanted {
	uint32_t index; /* from 1; 0: not given */
	const char *serial;
	uint32_t vendor, product; /* 0: any */
	bool port;
};

/* "usb", "usb1", "USB2" */
static bool take_port(struct cube *cube, const char *port,
		      struct wanted *wanted)
{
	const char *number = cube_after(port, "usb");

	wanted->port = true;
	if (!number)
		return cube_refuse(cube,
				   "port=%s needs an ST-LINK or a serial "
				   "interface; not supported over USB DFU",
				   port);
	if (!*number)
		return true;
	return (cube_number(number, &wanted->index) && wanted->index) ||
	       cube_refuse(cube, "'%s' is no port: usb1 is the first", port);
}

/* Those are hexadecimal, with and without 0x. */
static bool take_id(struct cube *cube, const char *word, const char *digits,
		    uint32_t *ret)
{
	char *end;
	unsigned long value = strtoul(digits, &end, 16);

	if (!*digits)
		return true; /* a variable of the caller's that is not set */
	if (end == digits || *end || value > 0xffff)
		return cube_refuse(cube, "'%s' is no USB ID", word);
	*ret = (uint32_t)value;
	return true;
}

/* Of other interfaces: without effect here. */
static bool is_other(const char *word)
{
	static const char *const keys[] = {
		"freq=",   "index=", "ap=",	   "mode=",	 "reset=",
		"br=",	   "p=",     "db=",	   "sb=",	 "fc=",
		"rts=",	   "dtr=",   "noinit=",	   "tcpport=",	 "lpm=",
		"dlpm=",   "speed=", "targetsel=", "getauthid=", "shared",
		"console", "lpm",    "dlpm",	   "getauthid",
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *rest = cube_after(word, keys[i]);

		if (rest && (!*rest || rest[-1] == '='))
			return true;
	}
	return false;
}

static bool take_key(struct cube *cube, const char *word, struct wanted *wanted)
{
	const char *value;

	if ((value = cube_after(word, "port=")))
		return take_port(cube, value, wanted);
	if ((value = cube_after(word, "sn=")) ||
	    (value = cube_after(word, "serial="))) {
		wanted->serial = *value ? value : NULL;
		return true;
	}
	if ((value = cube_after(word, "vid=")))
		return take_id(cube, word, value, &wanted->vendor);
	if ((value = cube_after(word, "pid=")))
		return take_id(cube, word, value, &wanted->product);
	return is_other(word) ||
	       cube_refuse(cube, "'%s' is not understood behind -c", word);
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

/* "(default)" stands behind what the largest part has in sessions with STM32F2,
 * F4 and H7 parts, and not in those with an STM32WB55 (all of 1 or 2 MiB). */
static bool is_default(const struct s0_device_info *info, uint64_t kib)
{
	const uint16_t *size = info->chip ? info->chip->sizes_kib : NULL;

	if (info->chip && strcmp(info->chip->family, "stm32wb") == 0)
		return false;
	for (; size && *size; size++)
		if (*size > kib)
			return false;
	return true;
}

static void say_size(struct cube *cube, const struct s0_device_info *info)
{
	uint64_t kib = info->flash_kib;
	const char *unit = "KBytes", *behind;

	if (kib == 0 || kib == 0xffff)
		kib = s0_map_flash_size(s0_device_map(cube->app.device)) / 1024;
	behind = is_default(info, kib) ? " (default)" : "";
	if (kib >= 1024 && kib % 1024 == 0) {
		kib /= 1024;
		unit = "MBytes";
	}
	cube_say(cube, "NVM size  : %u %s%s\n", (unsigned)kib, unit, behind);
}

/* The chip that it is, or one of several that it may be where they are one to
 * a reader of these lines. */
static const struct s0_chip *chip_of(const struct s0_device_info *info)
{
	if (info->chip || !info->candidate_count)
		return info->chip;
	for (size_t i = 1; i < info->candidate_count; i++)
		if (info->candidates[i]->device_id !=
		    info->candidates[0]->device_id)
			return NULL;
	return info->candidates[0];
}

static void say_chip(struct cube *cube, const struct s0_device_info *info)
{
	const struct s0_chip *chip = chip_of(info);

	if (!chip && !info->candidate_count) {
		cube_say(cube, "IAP\n\n");
		return;
	}
	if (!chip || !chip->device_id || info->rdp > 0) {
		cube_say(cube, "Device ID   : unknown\n%s",
			 info->rdp > 0 ? "" : "\n");
		return;
	}
	cube_say(cube, "Device ID   : 0x%X\nDevice name : %s\n",
		 chip->device_id, cube_device_name(chip));
	say_size(cube, info);
	cube_say(cube,
		 "Device type : MCU\nRevision ID : --\nDevice CPU  : %s\n\n",
		 cube_cpu_name(chip));
}

static void say_device(struct cube *cube)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);

	cube_say(cube, "USB speed   : %s\n",
		 info->speed && info->speed[0] ? info->speed : "--");
	cube_say(cube, "Manuf. ID   : %s\n", info->manufacturer);
	cube_say(cube, "Product ID  : %s\n", info->name);
	cube_say(cube, "SN          : %s\n", info->serial);
	cube_say(cube, "DFU protocol: 1.1\nBoard       : --\n");
	say_chip(cube, info);
	if (cube->verbosity > 1)
		cube_say_areas(cube);
}

/* Such a device tells nothing: only what takes that off, or the option bytes,
 * is a reason to be connected with it. */
static bool check_protection(struct cube *cube)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);
	const struct cube_command *next = cube_next(cube);
	struct s0_error err = S0_ERROR_INIT;

	if (info->rdp <= 0)
		return true;
	if (next &&
	    (next->role == CUBE_UNPROTECT || next->role == CUBE_OPTION)) {
		cube_say(cube, "\n");
		return true;
	}
	cube_say(cube, "Warning: Device is under Read Out Protection or Target "
		       "is held under reset\n");
	(void)cube_fail(cube, "a read Operation failed, please check if any "
			      "memory protection mechanism is active.");
	(void)snprintf(err.hint, sizeof err.hint,
		       "-rdu takes it off, which erases all flash");
	err.code = S0_E_PROTECTED;
	err.cause = S0_CAUSE_READ_OUT;
	(void)snprintf(err.message, sizeof err.message,
		       "read-out protection level %d is on", info->rdp);
	return cube_failed(cube, &err);
}

static bool open_device(struct cube *cube, const struct wanted *wanted)
{
	struct s0_error err = S0_ERROR_INIT;

	if (choose(cube, wanted, cube->path, &err) == S0_OK) {
		if (cube->path[0])
			cube->app.args.values[OPTION_DEVICE] = cube->path;
		err.code = app_open_session(&cube->app, &err);
	}
	if (err.code == S0_OK)
		return true;
	if (err.code == S0_E_NO_DEVICE)
		(void)cube_fail(cube, "Target device not found");
	else if (err.code == S0_E_SEVERAL)
		(void)cube_fail(cube, "several target devices found");
	else
		(void)cube_fail(cube, "DEV_USB_COMM_ERR");
	cube_say(cube, "Establishing connection with the device failed\n");
	return cube_failed(cube, &err);
}

s0_code cube_reopen(struct cube *cube, const char *chip, struct s0_error *err)
{
	s0_code code = app_reopen_session(&cube->app, chip, err);

	if (code == S0_OK)
		s0_session_set_progress(cube->app.session, cube_progress, cube);
	return code;
}

bool cube_connect(struct cube *cube)
{
	struct wanted wanted = { 0 };
	const char *word;

	while ((word = cube_argument(cube)))
		if (!take_key(cube, word, &wanted))
			return false;
	if (!wanted.port)
		return cube_refuse(cube, "Wrong connect command use: port=usb1 "
					 "is missing");
	if (cube->connected)
		return cube_refuse(cube, "a device is connected already");
	cube->connected = true;
	if (cube->checking)
		return true;
	if (!open_device(cube, &wanted))
		return false;
	/* From here on a failure tells how the device is. */
	cube->app.command = command_find("flash");
	s0_session_set_progress(cube->app.session, cube_progress, cube);
	say_device(cube);
	return check_protection(cube);
}
