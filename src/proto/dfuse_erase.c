/* SPDX-License-Identifier: MIT */
/*
 * Erasing, and the erase that a ROM cannot see the end of: bootloaders V9.0
 * and V9.1 of the H743 watch the wrong busy flag for bank 2 and say dfuDNBUSY
 * for ever (AN2606; dfu-util tickets 88 and 231; community.st.com td-p/234209).
 * CLRSTATUS frees the state machine, but the array may still be erasing, and
 * the next flash command would hang the chip: so the worst case is waited out
 * first, and the caller proves by reading that the sector is blank. It is what
 * the device does that starts this, not its version or serial number.
 */
#include "base/bytes.h"
#include "base/error.h"
#include "proto/dfuse_internal.h"

/* How long an erase may take that nobody tells the end of: the datasheet's
 * maximum for the setting in use. That is twice the typical time at every
 * setting, so twice what this chip's own sectors took tells a slower setting;
 * without one to go by it is the maximum of the slowest (DS12110 table 150, x8:
 * twice that of x64). A chip that is slower than that is found by the caller's
 * proof, which makes it remembered as slow. */
static uint32_t blind_wait_ms(const struct dfuse *dfu)
{
	const struct target_times *times = &dfu->target.times;
	uint64_t seen = dfu->target.longest_erase_us;

	if (!seen)
		return 2 * times->erase_max_us / 1000;
	if (2 * seen < times->erase_max_us)
		return times->erase_max_us / 1000;
	return (uint32_t)(2 * seen / 1000);
}

static uint32_t at_least(uint32_t us, uint32_t ms)
{
	return us / 1000 > ms ? us / 1000 : ms;
}

/* Split what was waited into erasing and the rest. */
static void count_blind(struct dfuse *dfu, uint64_t waited_us,
			uint32_t typical_us)
{
	struct target_stats *stats = &dfu->target.stats;
	uint64_t erasing = waited_us < typical_us ? waited_us : typical_us;

	stats->erase_us += erasing;
	stats->wait_us += waited_us - erasing;
}

static s0_code erase(struct dfuse *dfu, struct command *command,
		     uint32_t typical_us, bool *ret_blind, struct s0_error *err)
{
	s0_code code = dfuse_command(dfu, command, err);

	*ret_blind = false;
	if (code != S0_OK)
		return code;
	if (command->status.state == STATE_DNBUSY) {
		count_blind(dfu, command->busy_us, typical_us);
		*ret_blind = true;
		/* Its time has been waited: what it says now is the bug. A worn
		 * sector may still be at work, and hold up who reads it. */
		dfu->slow_read = true;
		return dfuse_settle_within(dfu, 0, err);
	}
	dfu->target.stats.erase_us += command->busy_us;
	return S0_OK;
}

s0_code dfuse_erase(struct target *target, uint32_t address, bool *ret_blind,
		    struct s0_error *err)
{
	struct dfuse *dfu = (struct dfuse *)target;
	uint8_t data[5] = { 0x41 };
	struct command command = {
		.data = data,
		.length = sizeof data,
		.timeout_ms = at_least(4 * target->times.erase_max_us,
				       TIMEOUT_ERASE_MS),
		.busy_limit_ms = blind_wait_ms(dfu),
		.usual_us = &dfu->usual_erase_us,
		.what = "to erase the sector",
		.address = address,
		.about = 1,
	};
	s0_code code;

	put_le32(data + 1, address);
	code = erase(dfu, &command, target->times.erase_us, ret_blind, err);
	if (code == S0_OK && !*ret_blind &&
	    command.busy_us > target->longest_erase_us)
		target->longest_erase_us = command.busy_us;
	return code;
}

s0_code dfuse_mass_erase(struct target *target, bool *ret_blind,
			 struct s0_error *err)
{
	struct dfuse *dfu = (struct dfuse *)target;
	uint8_t data[1] = { 0x41 };
	uint32_t timeout_ms =
		at_least(2 * target->times.mass_erase_max_us, TIMEOUT_MASS_MS);
	struct command command = {
		.data = data,
		.length = sizeof data,
		.timeout_ms = timeout_ms,
		.busy_limit_ms = timeout_ms,
		.what = "to erase the whole flash",
	};

	return erase(dfu, &command, target->times.mass_erase_us, ret_blind,
		     err);
}
