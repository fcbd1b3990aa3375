/* SPDX-License-Identifier: MIT */
/* What a device tells about itself when it is asked. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "chip/chip_internal.h"
#include "chip/geometry.h"
#include "device/context.h"
#include "device/open.h"
#include "device/which.h"

/* What the device says itself: it will not another time either. */
static bool is_refusal(const struct s0_error *why)
{
	return why->code == S0_E_PROTECTED || why->dfu_status > 0;
}

static s0_code ask_once(struct s0_device *device, struct taken *taken,
			uint32_t length, struct s0_error *why,
			struct s0_error *err)
{
	struct target *target = device->target;
	uint32_t address = taken->address;
	s0_code code;

	taken->length = 0;
	code = target->ops->read(target, address, length, NULL, taken_bytes,
				 taken, why);
	if (code == S0_OK)
		return S0_OK;
	context_log(device->context, "not told: %s", why->message);
	if (code == S0_E_GONE || code == S0_E_TIMEOUT) {
		if (err && err->code == S0_OK)
			*err = *why;
		return code;
	}
	return target->ops->settle(target, err);
}

/* What fails without a reason is asked so often. */
#define ASK_TRIES 3u

/* Read for identification. A refusal is never fatal: *ret_told is false, and
 * the first of all is left in *why. */
static s0_code ask_why(struct s0_device *device, uint32_t address,
		       uint8_t *bytes, uint32_t length, bool *ret_told,
		       struct s0_error *first, struct s0_error *err)
{
	struct taken taken = { .bytes = bytes, .address = address };
	bool refused = false;
	s0_code code = S0_OK;

	*ret_told = false;
	for (unsigned tries = 0; address && code == S0_OK && !refused &&
				 !*ret_told && tries < ASK_TRIES;
	     tries++) {
		struct s0_error why = S0_ERROR_INIT;

		code = ask_once(device, &taken, length, &why, err);
		*ret_told = why.code == S0_OK && taken.length == length;
		refused = is_refusal(&why);
		if (first->code == S0_OK)
			*first = why;
		if (*ret_told && tries)
			target_note_retries(device->target, tries, first);
	}
	return code;
}

static s0_code ask(struct s0_device *device, uint32_t address, uint8_t *bytes,
		   uint32_t length, bool *ret_told, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;

	return ask_why(device, address, bytes, length, ret_told, &why, err);
}

/* The host's records hang on it: a refusal is not taken at once, and it is
 * believed when two readings in a row agree. A Set Address that was lost would
 * have other bytes pass for it. */
#define UID_TRIES 5

static s0_code ask_uid(struct s0_device *device, struct s0_error *err)
{
	uint8_t uid[2][12] = { { 0 } };
	bool told = false, before = false, sure = false;
	uint32_t address = device->info.chip->uid_address;
	struct s0_error why = S0_ERROR_INIT;
	unsigned tries = 0;
	s0_code code = S0_OK;

	for (; code == S0_OK && !sure && tries < UID_TRIES; tries++) {
		before = told;
		memcpy(uid[1], uid[0], sizeof uid[1]);
		code = ask_why(device, address, uid[0], sizeof uid[0], &told,
			       &why, err);
		sure = told && before && memcmp(uid[0], uid[1], 12) == 0;
		if (told && before && !sure)
			(void)error_set_at(&why, S0_E_PROTOCOL, address,
					   sizeof uid[0],
					   "the unique ID was read twice, and "
					   "was not the same");
	}
	if (sure && tries > 2)
		target_note_retries(device->target, tries - 2, &why);
	/* All the same is no identity: nothing was programmed there. */
	if (sure && bytes_all(uid[0], sizeof uid[0], uid[0][0]))
		sure = false;
	for (unsigned k = 0; sure && k < sizeof uid[0]; k++)
		(void)snprintf(device->info.uid + 2 * k, 3, "%02x", uid[0][k]);
	return code;
}

static s0_code ask_flash_size(struct s0_device *device, struct s0_error *err)
{
	uint8_t word[4];
	bool told;
	s0_code code = ask(device, device->info.chip->flash_size_address, word,
			   sizeof word, &told, err);

	if (told)
		device->info.flash_kib = get_le16(word);
	return code;
}

s0_code device_ask_version(struct s0_device *device, uint32_t address,
			   struct told_version *ret, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	uint8_t word[4];
	s0_code code = ask_why(device, address & ~UINT32_C(3), word,
			       sizeof word, &ret->told, &why, err);

	ret->version = ret->told ? word[address % 4] : 0;
	ret->protected = why.cause == S0_CAUSE_READ_OUT;
	return code;
}

/* At level 1 some bootloaders refuse the option bytes too. What is refused is
 * the command, with errVENDOR (AN3156, read memory): at level 0 flash is read.
 */
static s0_code ask_flash(struct s0_device *device, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	uint32_t start = 0;
	uint8_t word[4];
	bool told;
	s0_code code;

	if (!s0_map_flash_start(device->map, &start))
		return S0_OK;
	code = ask_why(device, start, word, sizeof word, &told, &why, err);
	device->info.rdp_by_refusal = why.cause == S0_CAUSE_READ_OUT;
	if (device->info.rdp_by_refusal)
		device->info.rdp = 1;
	return code;
}

/* What is told of the windows, up to the first that is not. */
static s0_code ask_windows(struct s0_device *device, struct s0_error *why,
			   struct s0_error *err)
{
	struct s0_device_info *info = &device->info;
	struct s0_option_window window;
	bool told = true;
	s0_code code = S0_OK;

	for (size_t i = 0;
	     code == S0_OK && told && s0_option_window(info->chip, i, &window);
	     i++) {
		code = ask_why(device, window.address,
			       info->options + window.at, window.length, &told,
			       why, err);
		if (told)
			info->option_length = window.at + window.length;
	}
	return code;
}

static s0_code ask_options(struct s0_device *device, struct s0_error *err)
{
	struct s0_device_info *info = &device->info;
	const struct s0_option_field *rdp = s0_option_at(
		info->chip, S0_OPTION_READ_PROTECTION, S0_OPTION_RDP, 0);
	struct s0_error why = S0_ERROR_INIT;
	uint32_t value;
	s0_code code;

	if (s0_option_length(info->chip) > S0_OPTION_MAX)
		return S0_OK;
	code = ask_windows(device, &why, err);
	if (rdp && s0_option_get(rdp, info->options, info->option_length, false,
				 &value))
		info->rdp = (int)s0_option_level(value);
	else if (code == S0_OK && why.cause == S0_CAUSE_READ_OUT)
		code = ask_flash(device, err);
	device->target->rdp = info->rdp;
	return code;
}

static void take_erase_times(struct s0_timing *timing,
			     const struct usb_link_facts *facts)
{
	for (size_t i = 0; i < S0_ERASE_TIMES; i++)
		for (size_t k = 0; k < USB_ERASE_TIMES; k++)
			if (timing->erase[i].sector_bytes != 0 &&
			    timing->erase[i].sector_bytes ==
				    facts->erase[k].sector_bytes)
				timing->erase[i].typical_us =
					facts->erase[k].us;
}

/* The chip's data, except where the device is one whose times are known. */
static void set_times(struct s0_device *device, const struct usb_link *link)
{
	struct s0_timing *timing = &device->info.timing;
	struct target_times *times = &device->target->times;
	const struct s0_erase_time *largest;

	if (!device->info.chip)
		return;
	*timing = device->info.chip->timing;
	if (link->facts.turnaround_us)
		timing->turnaround_us = link->facts.turnaround_us;
	if (link->facts.mass_erase_us) {
		take_erase_times(timing, &link->facts);
		timing->mass_erase_us = link->facts.mass_erase_us;
		timing->word_us = link->facts.word_us;
	}
	/* What the protocol waits for is the slowest sector, by the chip's
	 * data. */
	largest = s0_timing_erase(&device->info.chip->timing, UINT32_MAX);
	times->erase_us = largest->typical_us;
	times->erase_max_us = largest->max_us;
	times->mass_erase_us = timing->mass_erase_us;
	times->mass_erase_max_us = timing->mass_erase_max_us;
}

s0_code device_ask_identity(struct s0_device *device, struct s0_error *err)
{
	s0_code code = ask_uid(device, err);

	return code == S0_OK ? ask_flash_size(device, err) : code;
}

static void add_remark(struct s0_device_info *info, s0_remark_kind kind,
		       const char *text)
{
	struct s0_remark *remark;

	if (!text[0] || info->remark_count >= S0_REMARKS)
		return;
	remark = &info->remarks[info->remark_count++];
	remark->kind = kind;
	(void)snprintf(remark->text, sizeof remark->text, "%s", text);
}

/* How its flash is made: the map is what the bootloader names until then. */
static s0_code take_geometry(struct s0_device *device, struct s0_error *err)
{
	struct s0_device_info *info = &device->info;
	const struct geometry_facts facts = {
		.chip = info->chip,
		.flash_kib = info->flash_kib,
		.options = info->options,
		.option_length = info->option_length,
	};
	struct geometry_verdict verdict;
	s0_code code = geometry_apply(&facts, device->map, &verdict, err);

	if (code != S0_OK)
		return code;
	info->geometry = verdict.geometry;
	info->bank_2 = verdict.bank_2;
	add_remark(info, S0_REMARK_CONFLICT, verdict.conflict);
	add_remark(info, S0_REMARK_WARNING, verdict.warning);
	add_remark(info, S0_REMARK_NOTE, verdict.note);
	return S0_OK;
}

s0_code device_take_memory(struct s0_device *device, struct s0_error *err)
{
	s0_code code;

	device->own_remarks = device->info.remark_count;
	code = take_geometry(device, err);
	return code == S0_OK
		       ? chip_add_areas(device->info.chip, device->map, err)
		       : code;
}

/* One of the candidates answers for all until it is known which it is. */
static s0_code ask_which(struct s0_device *device, struct which *which,
			 struct s0_error *err)
{
	const struct s0_chip *first = which->c.chips[0];
	s0_code code = device_ask_identity(device, err);

	if (code == S0_OK)
		which_take_size(which, first, device->info.flash_kib);
	while (code == S0_OK && which_next_version(which)) {
		code = device_ask_version(device, which->address,
					  &which->version, err);
		which_take_version(which);
	}
	device->info.rom = which->rom;
	which_prefer(which);
	if (code != S0_OK || which_asks_alike(which, first))
		return code;
	/* It was none of the first one's. */
	device->info.chip = which->c.chips[0];
	device->info.uid[0] = '\0';
	device->info.flash_kib = 0;
	if (which->c.count > 1 && !which_asks_alike(which, which->c.chips[0]))
		return S0_OK;
	code = device_ask_identity(device, err);
	which_take_size(which, device->info.chip, device->info.flash_kib);
	return code;
}

s0_code device_identify(struct s0_device *device, struct usb_link *link,
			struct s0_error *err)
{
	struct s0_device_info *info = &device->info;
	struct which which;
	s0_code code = which_begin(device, &which, err);

	if (code != S0_OK)
		return code;
	info->chip = which.c.count ? which.c.chips[0] : NULL;
	set_times(device, link);
	code = device->target->ops->settle(device->target, err);
	if (code == S0_OK && info->chip)
		code = ask_which(device, &which, err);
	if (code != S0_OK)
		return code;
	which_end(&which, info);
	add_remark(info, which.kind, which.remark);
	set_times(device, link);
	if (!info->chip) {
		/* What would tell which one it is cannot be read. */
		info->rdp_by_refusal = which.version.protected;
		if (info->rdp_by_refusal)
			device->target->rdp = info->rdp = 1;
		return S0_OK;
	}
	code = ask_options(device, err);
	return code == S0_OK ? device_take_memory(device, err) : code;
}
