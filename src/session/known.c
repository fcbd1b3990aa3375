/* SPDX-License-Identifier: MIT */
/* Nothing is changed of a device that is not understood. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "session/session.h"

static s0_code several(const struct s0_device_info *info, const char *so,
		       struct s0_error *err)
{
	char names[160] = "";
	size_t used = 0;

	for (size_t i = 0; i < info->candidate_count && used < sizeof names;
	     i++)
		used += (size_t)snprintf(
			names + used, sizeof names - used, "%s%s",
			i == 0				? ""
			: i + 1 < info->candidate_count ? ", "
							: " or ",
			info->candidates[i]->name);
	error_add_cause(err, S0_CAUSE_SEVERAL_CHIPS);
	if (info->rdp > 0)
		return error_set(err, S0_E_PROTECTED,
				 "read-out protection level %d is on: this "
				 "device may be %s, and does not tell which, "
				 "so %s",
				 info->rdp, names, so);
	return error_set(err, S0_E_UNSUPPORTED,
			 "this device may be %s, and does not tell, so %s",
			 names, so);
}

s0_code session_check_chip(const struct s0_device *device, const char *so,
			   struct s0_error *err)
{
	const struct s0_device_info *info = &device->info;

	if (info->chip)
		return S0_OK;
	if (info->candidate_count)
		return several(info, so, err);
	error_add_cause(err, S0_CAUSE_NO_CHIP);
	return error_set(err, S0_E_UNSUPPORTED,
			 "this device's memory layout is of no chip known, so "
			 "%s",
			 so);
}

s0_code session_check_geometry(const struct s0_device *device,
			       struct s0_error *err)
{
	const struct s0_device_info *info = &device->info;

	for (unsigned i = 0; i < info->remark_count; i++)
		if (info->remarks[i].kind == S0_REMARK_CONFLICT)
			return error_set(err, S0_E_CONFLICT,
					 "%s; so its flash is not changed",
					 info->remarks[i].text);
	return S0_OK;
}
