/* SPDX-License-Identifier: MIT */
#ifndef SIM_PROFILE_DATA_H
#define SIM_PROFILE_DATA_H

/* Between profile_data.c and profile_usb.c. */

#include "sim/profile.h"

/* Descriptors and strings. */
void sim_profile_make_usb(struct sim_profile *profile);
/* Alternate setting 0's name, as of this part. */
void sim_profile_name_layout(struct sim_profile *profile, uint32_t flash_kb,
			     uint32_t bank_mode);

#endif
