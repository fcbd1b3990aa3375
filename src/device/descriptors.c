/* SPDX-License-Identifier: MIT */
/* What a device's descriptors say. */
#include <stdio.h>
#include <string.h>

#include <sector0/chips.h>

#include "base/bytes.h"
#include "base/error.h"
#include "device/context.h"
#include "device/open.h"

enum { DESC_INTERFACE = 4, DESC_DFU = 0x21 };

bool device_shared_serial(const struct s0_context *context, const char *serial)
{
	const struct s0_chip *chip;

	for (size_t i = 0; (chip = s0_context_chip_at(context, i)); i++) {
		const char *const *known = chip->shared_serials;

		for (; *known; known++)
			if (!strcmp(*known, serial))
				return true;
	}
	return false;
}

static s0_code take_alt(struct s0_device *device, struct usb_link *link,
			const uint8_t *desc, struct s0_error *err)
{
	struct s0_device_info *info = &device->info;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code;
	char *name;

	if (info->memory_count >=
	    sizeof info->memories / sizeof info->memories[0])
		return S0_OK;
	info->alternates[info->memory_count] = desc[3];
	name = info->memories[info->memory_count++];
	code = usb_link_ask_string(link, desc[8], name,
				   sizeof info->memories[0], err);
	if (code == S0_OK &&
	    s0_map_parse(device->map, name, desc[3], &why) != S0_OK)
		context_log(device->context, "alternate setting %u: %s",
			    desc[3], why.message);
	return code;
}

static void take_functional(struct s0_device_info *info, const uint8_t *desc)
{
	info->transfer_size = get_le16(desc + 5);
	if (desc[0] >= 9)
		info->dfu_version = get_le16(desc + 7);
}

/* A name that does not come, or breaks off: plain DFU has names of its own. */
static bool has_broken_layout(const struct s0_device_info *info)
{
	for (unsigned i = 0; i < info->memory_count; i++)
		if (info->memories[i][0] == '@' || !info->memories[i][0])
			return true;
	return false;
}

/* Where a microcontroller has an address, these have a number of 8 bits. */
static bool has_partitions(const struct s0_map *map)
{
	for (size_t i = 0; i < s0_map_area_count(map); i++)
		if (s0_map_area(map, i)->address > 0xff)
			return false;
	return true;
}

static s0_code check_config(const struct s0_device *device,
			    const struct usb_link *link, struct s0_error *err)
{
	if (!device->info.transfer_size)
		error_add_cause(err, S0_CAUSE_DESCRIPTORS);
	else if (!s0_map_area_count(device->map))
		error_add_cause(err, has_broken_layout(&device->info)
					     ? S0_CAUSE_DESCRIPTORS
					     : S0_CAUSE_NOT_DFUSE);
	if (!device->info.transfer_size)
		return error_set(err, S0_E_FORMAT,
				 "the device at %s has no DFU functional "
				 "descriptor",
				 link->facts.path);
	if (!s0_map_area_count(device->map))
		return error_set(err, S0_E_UNSUPPORTED,
				 "the device at %s names no memory layout: it "
				 "does not speak DfuSe",
				 link->facts.path);
	if (!has_partitions(device->map))
		return S0_OK;
	error_add_cause(err, S0_CAUSE_PARTITIONS);
	return error_set(err, S0_E_UNSUPPORTED,
			 "the device at %s names partitions ('%s' and so on), "
			 "as the loaders of an STM32MP1 or MP2 do, and no "
			 "memory of a microcontroller",
			 link->facts.path, device->info.memories[0]);
}

static s0_code walk_config(struct s0_device *device, struct usb_link *link,
			   struct s0_error *err)
{
	const uint8_t *config = link->facts.config_descriptor;
	uint16_t length = link->facts.config_length, at = 0;
	bool ours = false;
	s0_code code;

	while (at + 2 <= length) {
		const uint8_t *desc = config + at;

		if (desc[0] < 2 || at + desc[0] > length)
			break;
		if (desc[1] == DESC_INTERFACE && desc[0] >= 9) {
			ours = desc[2] == link->facts.interface &&
			       desc[5] == 0xfe && desc[6] == 1;
			code = ours ? take_alt(device, link, desc, err) : S0_OK;
			if (code != S0_OK)
				return code;
		} else if (desc[1] == DESC_DFU && desc[0] >= 7 && ours) {
			take_functional(&device->info, desc);
		}
		at = (uint16_t)(at + desc[0]);
	}
	return check_config(device, link, err);
}

s0_code device_read_descriptors(struct s0_device *device, struct usb_link *link,
				struct s0_error *err)
{
	struct s0_device_info *info = &device->info;
	const uint8_t *desc = link->facts.device_descriptor;
	s0_code code;

	(void)snprintf(info->path, sizeof info->path, "%s", link->facts.path);
	info->speed = link->facts.speed ? link->facts.speed : "";
	info->vendor = get_le16(desc + 8);
	info->product = get_le16(desc + 10);
	info->bcd_device = get_le16(desc + 12);
	info->number = link->facts.number;
	info->interface = link->facts.interface;
	if (link->facts.config_length > 5)
		info->configuration = link->facts.config_descriptor[5];
	code = usb_link_ask_string(link, desc[14], info->manufacturer,
				   sizeof info->manufacturer, err);
	if (code == S0_OK)
		code = usb_link_ask_string(link, desc[15], info->name,
					   sizeof info->name, err);
	if (code == S0_OK)
		code = usb_link_ask_string(link, desc[16], info->serial,
					   sizeof info->serial, err);
	if (code != S0_OK)
		return code;
	info->serial_shared =
		device_shared_serial(device->context, info->serial);
	info->rdp = -1;
	return walk_config(device, link, err);
}
