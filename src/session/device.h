/* SPDX-License-Identifier: MIT */
#ifndef SESSION_DEVICE_H
#define SESSION_DEVICE_H

/* An open device as a session sees it: something that can be read, erased and
 * written by address, and what is known about it. src/device/ puts it
 * together. */

#include <sector0/device.h>

#include "link/store.h"
#include "proto/target.h"

struct usb_link;

struct s0_device {
	struct s0_context *context;
	struct usb_link
		*link; /* the target's; none of the session's business */
	struct target *target;
	struct s0_map *map;
	struct s0_device_info info;
	/* Opens where the host keeps its records of this chip. */
	s0_code (*open_records)(struct s0_device *device,
				struct store **ret_store, struct s0_error *err);
	/*
	 * Take up what is on its path now, after it left the bus (why:
	 * S0_E_GONE) or fell silent; says what it waits for. S0_E_GONE and
	 * others if there is nothing within timeout_ms, S0_E_CANCELLED when
	 * go_on() or the user does not want to wait.
	 */
	s0_code (*reopen)(struct s0_device *device, s0_code why,
			  uint32_t timeout_ms, bool (*go_on)(void *payload),
			  void *payload, struct s0_error *err);
	/* Bring what is there to idle, and prove that it is the same chip;
	 * S0_E_GONE with S0_CAUSE_OTHER_DEVICE if it is another. */
	s0_code (*recognise)(struct s0_device *device, struct s0_error *err);
	/* Its flash is cut otherwise now, by the option bytes of info: have the
	 * map, and what info says of it, anew. */
	s0_code (*renew)(struct s0_device *device, struct s0_error *err);
	/* That is being changed: its layout may be another afterwards. */
	bool layout_may_change;
	unsigned own_remarks; /* of info, those that are not of its map */
	/* Its read-out protection is being changed: that it tells its unique ID
	 * at one time and not at another proves nothing. */
	bool uid_may_hide;
	uint32_t reconnect_ms; /* struct s0_patience */
	/* While it was opened: what was got over, and how; until a session
	 * tells of it. */
	struct s0_error trouble;
	unsigned reconnects, retries;
	/* Is a stop wanted? Told whether one was asked for; NULL: then it is. */
	bool (*stop)(struct s0_device *device, bool asked);
	char *records_path; /* file for them; NULL: in memory */
	/* Why they could not be opened: then nothing may be changed. */
	struct s0_error no_records;
	struct s0_sim
		*sim; /* made for this device and freed with it, or NULL */
};

#endif
