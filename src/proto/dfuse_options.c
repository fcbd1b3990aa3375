/* SPDX-License-Identifier: MIT */
/*
 * Option bytes, which are written as one block of exactly their length at
 * exactly their address: whatever else is sent there is ignored without a word
 * (AN3156). A reset may follow at once, later or never: AN3156 says that there
 * is one, and in a footnote that it is only on F0, F2, F4, F7 and some L4s. So
 * one that leaves the bus once it has taken the command has not failed.
 */
#include <string.h>

#include "base/error.h"
#include "proto/dfuse_internal.h"

static uint32_t mass_ms(const struct target *target)
{
	uint32_t ms = 2 * target->times.mass_erase_max_us / 1000;

	return ms > TIMEOUT_MASS_MS ? ms : TIMEOUT_MASS_MS;
}

/* A command behind which the device may reset. */
static s0_code run(struct dfuse *dfu, struct command *command, bool *ret_left,
		   struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = dfuse_command(dfu, command, &why);

	if (code == S0_OK && command->status.state == STATE_DNBUSY) {
		error_add_dfu(&why, command->status.status,
			      command->status.state);
		code = error_set(&why, S0_E_TIMEOUT,
				 "the device is still busy %u ms after the "
				 "command %s",
				 command->busy_limit_ms, command->what);
	}
	if (code == S0_OK)
		code = dfuse_settle(&dfu->target, &why);
	*ret_left = code == S0_E_GONE && why.request != DFU_DNLOAD;
	if (*ret_left)
		return S0_OK;
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

s0_code dfuse_write_options(struct target *target, uint32_t address,
			    const uint8_t *bytes, uint32_t length, bool erases,
			    bool *ret_left, struct s0_error *err)
{
	struct dfuse *dfu = (struct dfuse *)target;
	struct command command = {
		.data = dfu->buffer,
		.length = (uint16_t)length,
		.block = 2,
		.timeout_ms = erases ? mass_ms(target) : TIMEOUT_ERASE_MS,
		.busy_limit_ms = erases ? mass_ms(target) : TIMEOUT_ERASE_MS,
		.what = "to write option bytes",
		.address = address,
		.about = length,
	};
	s0_code code;

	if (length > target->block)
		return error_set(err, S0_E_UNSUPPORTED,
				 "the bootloader takes %u bytes at once, the "
				 "option bytes are %u",
				 target->block, length);
	code = dfuse_point_at(dfu, address, err);
	if (code != S0_OK)
		return code;
	memcpy(dfu->buffer, bytes, length);
	return run(dfu, &command, ret_left, err);
}

s0_code dfuse_unprotect(struct target *target, bool *ret_left,
			struct s0_error *err)
{
	struct dfuse *dfu = (struct dfuse *)target;
	uint8_t data[1] = { 0x92 };
	struct command command = {
		.data = data,
		.length = sizeof data,
		.timeout_ms = mass_ms(target),
		.busy_limit_ms = mass_ms(target),
		.what = "to take the read-out protection off",
	};

	return run(dfu, &command, ret_left, err);
}
