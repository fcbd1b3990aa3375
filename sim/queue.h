/* SPDX-License-Identifier: MIT */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include "sim/sim.h"

/* Does a transfer queued behind another fail for that alone? Then *reply says
 * how, and its time has passed. @before: NULL if it is not queued. */
bool sim_queue_strikes(struct s0_sim *sim, const struct usb_transfer *before,
		       struct usb_transfer *transfer,
		       struct s0_sim_reply *reply);

#endif
