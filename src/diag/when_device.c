/* SPDX-License-Identifier: MIT */
/* What a device tells about itself. */
#include <string.h>

#include "base/range.h"
#include "chip/chip_internal.h"
#include "diag/diag.h"

bool diag_option(const struct s0_facts *facts, const char *name,
		 uint32_t *ret_value)
{
	const struct s0_device_info *info = facts->device;

	return info && info->chip &&
	       chip_option(info->chip, name, info->options, info->option_length,
			   ret_value);
}

const struct s0_rom *diag_rom(const struct s0_facts *facts)
{
	const struct s0_device_info *info = facts->device;

	return info && info->chip && info->rom
		       ? s0_chip_rom(info->chip, info->rom)
		       : NULL;
}

bool when_rdp1(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->device || facts->device->rdp != 1 ||
	    facts->device->rdp_by_refusal)
		return false;
	text_add(evidence, "the option bytes say RDP level 1");
	return true;
}

bool when_rdp_refuses(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->device || !facts->device->rdp_by_refusal)
		return false;
	text_add(evidence, "reading option bytes and flash is refused, as at "
			   "RDP level 1");
	return true;
}

bool when_rdp2(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->device || facts->device->rdp != 2)
		return false;
	text_add(evidence, "the option bytes say RDP level 2");
	return true;
}

/* They close nothing before secure mode is on. */
bool when_secure(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_option_field *security =
		facts->device && facts->device->chip
			? s0_option_with(facts->device->chip,
					 S0_OPTION_SECURITY, NULL)
			: NULL;
	uint32_t on;

	return security &&
	       s0_option_get(security, facts->device->options,
			     facts->device->option_length, false, &on) &&
	       on && diag_areas(facts, S0_OPTION_SECURE_AREA, evidence);
}

/* The field of the option bytes that plays a role, and its value; NULL where
 * there is none or the device did not tell. */
static const struct s0_option_field *told(const struct s0_facts *facts,
					  s0_option_role role,
					  uint32_t *ret_value)
{
	const struct s0_device_info *info = facts->device;
	const struct s0_option_field *field =
		info && info->chip ? s0_option_with(info->chip, role, NULL)
				   : NULL;

	return field && s0_option_get(field, info->options, info->option_length,
				      false, ret_value)
		       ? field
		       : NULL;
}

bool when_watchdog(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_option_field *field;
	uint32_t value;

	/* Whether it bites has been seen there. */
	if (facts->stress)
		return false;
	field = told(facts, S0_OPTION_WATCHDOG, &value);
	if (!field || value)
		return false;
	text_add(evidence,
		 "%s is 0 in the option bytes: the independent watchdog runs "
		 "in hardware",
		 field->name);
	return true;
}

bool when_boot_address(const struct s0_facts *facts, struct text *evidence)
{
	uint32_t value;
	const struct s0_option_field *field =
		told(facts, S0_OPTION_BOOT_LOW, &value);

	if (!field || value == field->factory)
		return false;
	text_add(evidence, "%s is 0x%04x: 0x%08x", field->name, value,
		 value * field->unit);
	return true;
}

bool when_swapped(const struct s0_facts *facts, struct text *evidence)
{
	uint32_t value;
	const struct s0_option_field *field =
		told(facts, S0_OPTION_SWAP_BANKS, &value);

	if (!field || !value)
		return false;
	text_add(evidence, "%s is 1", field->name);
	return true;
}

bool when_transfer_size(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_device_info *info = facts->device;

	if (!info || !info->chip ||
	    info->transfer_size % info->chip->flash_word == 0)
		return false;
	text_add(evidence,
		 "it takes %u bytes a transfer, its flash word has %u",
		 info->transfer_size, info->chip->flash_word);
	return true;
}

/* Printable, and no replacement character, which stands for rubbish. */
static bool clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f)
			return false;
	return true;
}

/* Does a layout break off, or have rubbish in it? */
static bool broken_layout(const char *name)
{
	struct s0_map *map = NULL;
	bool broken = name[0] != '@';

	if (!broken && s0_map_new(&map, NULL) == S0_OK)
		broken = s0_map_parse(map, name, 0, NULL) != S0_OK;
	s0_map_free(map);
	return broken;
}

bool when_descriptors(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_device_info *info = facts->device;

	if (!info)
		return false;
	if (!clean(info->name) || !clean(info->manufacturer) ||
	    !clean(info->serial))
		text_add(evidence, "its names have characters that none of "
				   "ST's bootloaders sends");
	for (unsigned i = 0; i < info->memory_count; i++)
		if (broken_layout(info->memories[i]))
			text_add(evidence,
				 "%salternate setting %u has no whole memory "
				 "layout "
				 "in its name ('%.40s')",
				 evidence->length ? "; " : "", i,
				 info->memories[i]);
	if (!info->name[0] && !info->serial[0])
		text_add(evidence, "%sit has no names at all",
			 evidence->length ? "; " : "");
	return evidence->length > 0;
}

/* What came cut or garbled tells of the link, not of the chip. */
static bool speaks_rubbish(const struct s0_facts *facts)
{
	struct text words = { 0 };
	bool rubbish = when_descriptors(facts, &words);

	text_free(&words);
	return rubbish;
}

bool when_whole_layout(const struct s0_facts *facts, struct text *evidence)
{
	(void)evidence;
	return !speaks_rubbish(facts);
}

bool when_unknown_chip(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_device_info *info = facts->device;

	if (!info || info->chip || info->candidate_count ||
	    speaks_rubbish(facts))
		return false;
	text_add(evidence, "its flash is named '%s'",
		 info->memory_count ? info->memories[0] : "");
	return true;
}

bool when_clone(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_device_info *info = facts->device;

	if (!info || (info->vendor == 0x0483 && info->product == 0xdf11))
		return false;
	text_add(evidence, "USB ID %04x:%04x, ST's is 0483:df11", info->vendor,
		 info->product);
	return true;
}

bool when_rom_limits(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_rom *rom = diag_rom(facts);

	if (!rom || !rom->limits[0] || !strcmp(rom->limits, "-"))
		return false;
	text_add(evidence, "bootloader %s: %s", rom->name, rom->limits);
	return true;
}

/* What the bootloader's layout calls flash; the map is cut to the register. */
bool when_smaller(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_device_info *info = facts->device;
	struct s0_map *named = NULL;
	uint32_t size = 0;

	if (!info || !info->chip || !info->flash_kib ||
	    info->flash_kib >= 0xffff || s0_map_new(&named, NULL) != S0_OK)
		return false;
	for (unsigned i = 0; i < info->memory_count; i++)
		if (s0_map_parse(named, info->memories[i], (uint8_t)i, NULL) ==
		    S0_OK)
			size = s0_map_flash_size(named);
	s0_map_free(named);
	if (size <= info->flash_kib * 1024u)
		return false;
	text_add(evidence,
		 "its layout names %u KiB of flash, its size register says %u",
		 size / 1024u, info->flash_kib);
	return true;
}

bool when_shared_serial(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->device || !facts->device->serial_shared)
		return false;
	text_add(evidence, "serial number %s", facts->device->serial);
	return true;
}

bool when_not_told(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_device_info *info = facts->device;
	const char *comma = "it did not tell its ";

	if (!info || !info->chip || info->rdp > 0)
		return false;
	if (!info->uid[0] && info->chip->uid_address) {
		text_add(evidence, "%sunique ID", comma);
		comma = ", ";
	}
	if (!info->flash_kib && info->chip->flash_size_address) {
		text_add(evidence, "%sflash size", comma);
		comma = ", ";
	}
	if (!info->rom && info->chip->version_address) {
		text_add(evidence, "%sbootloader version", comma);
		comma = ", ";
	}
	if (!info->option_length && s0_option_length(info->chip))
		text_add(evidence, "%soption bytes", comma);
	return evidence->length > 0;
}

bool when_saved(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->saved)
		return false;
	text_add(evidence,
		 "this host has saved something of %zu sector%s, the first at "
		 "0x%08x",
		 facts->saved, facts->saved == 1 ? "" : "s", facts->saved_at);
	return true;
}

/* What was saved comes first: it is the only copy. */
bool when_noted(const struct s0_facts *facts, struct text *evidence)
{
	if (facts->noted <= facts->saved)
		return false;
	text_add(evidence,
		 "this host has noted %zu sector%s, the first at 0x%08x",
		 facts->noted, facts->noted == 1 ? "" : "s", facts->noted_at);
	return true;
}

bool when_left_open(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->left_open)
		return false;
	text_add(evidence,
		 "a run was stopped after it had erased %zu sector%s, the "
		 "first at 0x%08x, and none has finished them since",
		 facts->left_open, facts->left_open == 1 ? "" : "s",
		 facts->left_open_at);
	return true;
}

bool when_noted_unreadable(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->unreadable)
		return false;
	text_add(evidence,
		 "reading %zu sector%s stopped the bootloader before, the "
		 "first at 0x%08x",
		 facts->unreadable, facts->unreadable == 1 ? "" : "s",
		 facts->unreadable_at);
	return true;
}
