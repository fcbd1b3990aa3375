/* SPDX-License-Identifier: MIT */
/* What dfu-util does without a file, or at the end of a run. */
#include <stdio.h>

#include "compat/dfu_util.h"

int dfu_unprotect(struct dfu_util *dfu)
{
	struct s0_unprotection done;
	struct s0_error err = S0_ERROR_INIT;
	const char *hidden = app_hidden_chip(&dfu->app);
	s0_code code = S0_OK;

	puts("Device disconnects, erases flash and resets now");
	if (hidden)
		code = app_reopen_session(&dfu->app, hidden, &err);
	if (code == S0_OK)
		code = s0_session_unprotect(dfu->app.session, &done, NULL,
					    &err);
	if (code != S0_OK)
		return dfu_failed(dfu, &err);
	if (!hidden || !dfu->download)
		return DFU_OK;
	dfu_warn("%s is not written yet: now that the chip can be told from "
		 "others, run this again without 'unprotect'",
		 dfu->download);
	return dfu->strict ? DFU_OK : DFU_IO;
}

/* It calls a device that left without a word a failure, but not a GD32. */
static bool left_badly(const struct dfu_util *dfu,
		       const struct s0_result *result)
{
	const struct s0_device_info *info = s0_device_info(dfu->app.device);

	return dfu->strict && result->start_silent &&
	       !(info->vendor == 0x28e9 && info->product == 0x0189);
}

int dfu_start(struct dfu_util *dfu, uint32_t address)
{
	struct s0_result result = { 0 };
	struct s0_error err = S0_ERROR_INIT;

	puts("Submitting leave request...");
	if (s0_session_start(dfu->app.session, address, &result, &err) !=
	    S0_OK) {
		(void)dfu_failed(dfu, &err);
		return DFU_IO;
	}
	puts("Transitioning to dfuMANIFEST state");
	if (!left_badly(dfu, &result))
		return DFU_OK;
	dfu_warn("Error during download get_status");
	return DFU_IO;
}

int dfu_leave(struct dfu_util *dfu)
{
	return dfu_start(dfu, dfu->to.placed ? dfu->to.address : 0);
}

int dfu_reset(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;

	if (!dfu->reset)
		return DFU_OK;
	puts("Resetting USB to switch back to Run-Time mode");
	return s0_device_reset(dfu->app.device, &err) == S0_OK
		       ? DFU_OK
		       : dfu_failed(dfu, &err);
}

/* -s alone: its modifiers are commands. */
int dfu_command(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;

	if (dfu->to.unprotect)
		return dfu_unprotect(dfu);
	if (dfu->to.mass_erase) {
		puts("Performing mass erase, this can take a moment");
		if (s0_session_erase(dfu->app.session, 0, 0, NULL, &err) !=
		    S0_OK)
			return dfu_failed(dfu, &err);
	}
	puts("DfuSe command mode");
	return dfu->to.leave ? dfu_leave(dfu) : dfu_reset(dfu);
}
