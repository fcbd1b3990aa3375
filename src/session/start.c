/* SPDX-License-Identifier: MIT */
/* Leaving the bootloader for the firmware. */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/session.h"

static bool take_first(void *payload, uint32_t address, const uint8_t *bytes,
		       uint32_t length)
{
	(void)address;
	memcpy(payload, bytes, length < 8 ? length : 8);
	return true;
}

void session_check_stack(struct s0_session *session, uint32_t stack)
{
	const struct s0_device_info *info = &session->device->info;
	const struct s0_map *map = session->device->map;
	const struct s0_rom *rom =
		info->chip ? s0_chip_rom(info->chip, info->rom) : NULL;

	for (size_t i = 0; rom && i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		uint64_t end = range_end(area->address, area->length);

		if ((area->kind != S0_AREA_RAM &&
		     area->kind != S0_AREA_ROM_RAM) ||
		    stack > end || stack + (uint64_t)rom->stack_gap <= end ||
		    s0_map_find(map, (uint32_t)end))
			continue;
		session_warn(session,
			     "bootloader %s may not start this firmware: its "
			     "stack begins at 0x%08x, less than %u bytes "
			     "below the end of a RAM; if it does not run, "
			     "reset the board",
			     rom->name, stack, rom->stack_gap);
		return;
	}
}

/* There must be a vector table to start from: stack pointer and reset vector
 * that are not erased. What may not or cannot be read is believed. */
static s0_code check_start(struct s0_session *session, uint32_t address,
			   struct s0_error *err)
{
	const struct s0_device *device = session->device;
	const struct s0_area *area = s0_map_find(device->map, address);
	uint8_t erased = device->info.chip ? device->info.chip->erased : 0xff;
	struct target *target = session->target;
	uint8_t first[8] = { 0 };

	if (!area || address % 4 ||
	    (area->kind != S0_AREA_FLASH && area->kind != S0_AREA_RAM))
		return error_set_at(err, S0_E_OUTSIDE, address, 4,
				    "no firmware can start at 0x%08x: that is "
				    "%s",
				    address,
				    !area	  ? "where there is no memory"
				    : address % 4 ? "no multiple of 4"
						  : "neither flash nor RAM");
	if (journal_find(session->journal, address - (address - area->address) %
							     area->sector_size))
		return S0_OK;
	if (target->ops->read(target, address, sizeof first, NULL, take_first,
			      first, NULL) != S0_OK)
		return target->ops->settle(target, err);
	if (!bytes_all(first, sizeof first, erased)) {
		session_check_stack(session, get_le32(first));
		return S0_OK;
	}
	return error_set_at(err, S0_E_EMPTY, address, sizeof first,
			    "there is nothing to start at 0x%08x: it is erased",
			    address);
}

static s0_code start_on(struct s0_session *session, void *work,
			struct s0_error *err)
{
	struct target *target = session->target;
	const uint32_t *address = work;
	s0_code code = check_start(session, *address, err);

	if (code == S0_OK)
		code = target->ops->leave(target, *address,
					  &session->result.start_silent, err);
	session->result.started = code == S0_OK;
	return code;
}

/* It may start all the same, and may be what is wanted. */
static void warn_not_whole(struct s0_session *session)
{
	uint32_t cut_at = UINT32_MAX, open_at = UINT32_MAX;
	size_t cut = s0_session_noted(session, &cut_at);
	size_t count = cut + s0_session_left_open(session, &open_at);

	if (count)
		session_warn(session,
			     "an earlier run was %s in %zu sector%s, the first "
			     "at 0x%08x, and none has finished them since: the "
			     "firmware may not be whole",
			     cut ? "cut" : "stopped", count,
			     count == 1 ? "" : "s",
			     cut_at < open_at ? cut_at : open_at);
}

s0_code s0_session_start(struct s0_session *session, uint32_t address,
			 struct s0_result *ret_result, struct s0_error *err)
{
	s0_code code;

	if (!address && !s0_map_flash_start(session->device->map, &address))
		return error_set(err, S0_E_UNSUPPORTED,
				 "this device names no flash to start from");
	session_begin(session);
	warn_not_whole(session);
	session_stage(session, S0_STAGE_START, 1);
	code = session_persist(session, start_on, &address, err);
	return session_end(session, code, ret_result, err);
}
