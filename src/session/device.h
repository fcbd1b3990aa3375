/* SPDX-License-Identifier: MIT */
#ifndef SESSION_DEVICE_H
#define SESSION_DEVICE_H

/* An open device as a session sees it: something that can be read, erased and
 * written by address, and what is known about it. src/device/ puts it
 * together. */

#include <sector0/device.h>

#include "link/store.h"
#include "proto/target.h"

struct s0_device {
	struct s0_context *context;
	struct target *target;
	struct s0_map *map;
	struct s0_device_info info;
	/* Opens where the host keeps its records of this chip. */
	s0_code (*open_records)(struct s0_device *device,
				struct store **ret_store, struct s0_error *err);
	/* Is a stop wanted? Told whether one was asked for; NULL: then it is. */
	bool (*stop)(struct s0_device *device, bool asked);
	char *records_path; /* file for them; NULL: in memory */
	struct s0_sim
		*sim; /* made for this device and freed with it, or NULL */
};

#endif
