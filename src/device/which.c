/* SPDX-License-Identifier: MIT */
#include "device/which.h"

#include <stdio.h>
#include <string.h>

#include <sector0/chips.h>

#include "base/error.h"
#include "device/context.h"

_Static_assert(S0_CANDIDATES == CHIP_CANDIDATES, "all are told");

static s0_code cannot_be(const struct s0_device *device,
			 const struct which *which, struct s0_error *err)
{
	char names[128];

	candidates_print(&which->all, names, sizeof names);
	error_add_cause(err, S0_CAUSE_OTHER_LAYOUT);
	return error_set(err, S0_E_UNSUPPORTED,
			 "the device at %s cannot be %s: its memory is that of "
			 "%s",
			 device->info.path, which->told->name,
			 which->all.count ? names : "another");
}

/* One that is like no chip is taken for what the caller says, if its flash is
 * where that chip has it. */
static s0_code take_told(const struct s0_device *device, struct which *which,
			 struct s0_error *err)
{
	const struct s0_chip *chip = which->told;
	uint32_t start;

	if (!candidates_have(&which->all, chip)) {
		if (which->all.count ||
		    !s0_map_flash_start(device->map, &start) ||
		    start != chip->flash_address)
			return cannot_be(device, which, err);
		which->kind = S0_REMARK_WARNING;
		(void)snprintf(which->remark, sizeof which->remark,
			       "what the device says of itself is like no chip "
			       "known; it is taken for %s, as told",
			       chip->name);
	}
	which->c = (struct candidates){ { chip }, 1, 1 };
	return S0_OK;
}

/* A board may have a bootloader of its own, in front of other flash. */
static void note_stranger(const struct s0_device *device, struct which *which)
{
	uint32_t start;

	which->kind = S0_REMARK_NOTE;
	if (s0_map_flash_start(device->map, &start) && start != 0x08000000)
		(void)snprintf(which->remark, sizeof which->remark,
			       "its flash is at 0x%08x: this is a board's own "
			       "bootloader, and none of an STM32's ROM",
			       start);
}

/* An alternate setting whose name does not come may be what tells one chip from
 * another. */
static bool lacks_name(const struct s0_device_info *info)
{
	for (unsigned i = 0; i < info->memory_count; i++)
		if (!info->memories[i][0])
			return true;
	return false;
}

s0_code which_begin(const struct s0_device *device, struct which *which,
		    struct s0_error *err)
{
	const struct s0_device_info *info = &device->info;
	const struct s0_chip *chip;

	*which = (struct which){ .told = device->context->chip };
	which->said = (struct chip_told){
		.map = device->map,
		.vendor = info->vendor,
		.product = info->product,
		.bcd_device = info->bcd_device,
		.transfer_size = info->transfer_size,
		.first = info->memories[0],
	};
	for (size_t i = 0; !lacks_name(info) &&
			   (chip = s0_context_chip_at(device->context, i));
	     i++)
		candidates_add(&which->all, chip, &which->said);
	candidates_compare(&which->all, &which->said);
	which->c = which->all;
	if (which->told)
		return take_told(device, which, err);
	if (!which->c.count)
		note_stranger(device, which);
	return S0_OK;
}

void which_take_size(struct which *which, const struct s0_chip *at,
		     unsigned kib)
{
	if (kib)
		candidates_take_size(&which->c, at->flash_size_address, kib);
}

bool which_next_version(struct which *which)
{
	const struct candidates *c = &which->all;

	if (which->told) {
		which->address = which->told->version_address;
		return !which->next++ && which->address;
	}
	for (; !which->known && !which->version.protected &&
	       which->next < c->count;
	     which->next++) {
		const struct s0_chip *chip = c->chips[which->next];
		bool asked = !chip->version_address ||
			     !candidates_have(&which->c, chip);

		/* What fell out by its size was not asked. */
		for (size_t i = 0; i < which->next; i++)
			asked = asked ||
				(candidates_have(&which->c, c->chips[i]) &&
				 c->chips[i]->version_address ==
					 chip->version_address);
		if (asked)
			continue;
		which->address = chip->version_address;
		which->next++;
		return true;
	}
	return false;
}

void which_take_version(struct which *which)
{
	unsigned version = which->version.version;

	if (!which->version.told)
		return;
	which->known =
		candidates_take_version(&which->c, which->address, version);
	if (which->known || !which->rom)
		which->rom = version;
}

void which_prefer(struct which *which)
{
	/* What is read protected says nothing: no spelling makes up for it. */
	if (which->version.protected)
		candidates_doubt(&which->c);
	else if (!which->known)
		candidates_prefer(&which->c, &which->said);
}

bool which_asks_alike(const struct which *which, const struct s0_chip *chip)
{
	for (size_t i = 0; i < which->c.count; i++) {
		const struct s0_chip *one = which->c.chips[i];

		if (one->uid_address != chip->uid_address ||
		    one->flash_size_address != chip->flash_size_address)
			return false;
	}
	return true;
}

/* Does another chip of these strings say what this one cannot? */
static void doubt(struct which *which, const struct s0_device_info *info)
{
	struct candidates others = which->all;
	const struct s0_chip *chip = which->told;
	char names[128];

	if (which->known || !info->rom || which->remark[0] ||
	    !candidates_take_version(&others, chip->version_address, info->rom))
		return;
	candidates_print(&others, names, sizeof names);
	which->kind = S0_REMARK_WARNING;
	(void)snprintf(which->remark, sizeof which->remark,
		       "the bootloader version, 0x%02x, is that of %s; it is "
		       "taken for %s, as told",
		       info->rom, names, chip->name);
}

static void say_by(const struct which *which, const struct s0_chip *chip,
		   struct s0_device_info *info)
{
	const bool size = info->flash_kib && chip->sizes_kib &&
			  chip->sizes_kib[0] &&
			  chip_has_size(chip, info->flash_kib);
	const bool maker = chip->vendor && chip->vendor != 0x0483;

	(void)snprintf(info->identified_by, sizeof info->identified_by,
		       "%smemory layout%s%s", maker ? "USB IDs, " : "",
		       !which->known ? ""
		       : size	     ? ", bootloader version"
				     : " and bootloader version",
		       size ? " and flash size" : "");
}

void which_end(struct which *which, struct s0_device_info *info)
{
	const struct candidates *c = &which->c;
	const struct s0_chip *chip;

	/* What may fit alone is not enough. */
	chip = c->count == 1 && (which->known || c->fit) ? c->chips[0] : NULL;
	info->chip = chip;
	info->sureness = chip	    ? S0_SURENESS_LIKELY
			 : c->count ? S0_SURENESS_SEVERAL
				    : S0_SURENESS_NONE;
	if (c->count && c->chips[0])
		say_by(which, c->chips[0], info);
	if (which->told) {
		info->sureness = S0_SURENESS_TOLD;
		info->identified_by[0] = '\0';
		doubt(which, info);
	} else if (chip && which->known &&
		   chip_has_size(chip, info->flash_kib)) {
		info->sureness = S0_SURENESS_CERTAIN;
	}
	for (size_t i = 0; !chip && i < c->count; i++)
		info->candidates[info->candidate_count++] = c->chips[i];
}

const char *s0_sureness_name(s0_sureness sureness)
{
	static const char *const names[] = { "none", "several", "likely",
					     "certain", "told" };

	return (size_t)sureness < sizeof names / sizeof names[0]
		       ? names[sureness]
		       : "?";
}

const char *s0_remark_name(s0_remark_kind kind)
{
	static const char *const names[] = { "note", "warning", "conflict" };

	return (size_t)kind < sizeof names / sizeof names[0] ? names[kind]
							     : "?";
}
