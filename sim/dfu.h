/* SPDX-License-Identifier: MIT */
#ifndef SIM_DFU_H
#define SIM_DFU_H

/* Between the parts of the state machine. */

#include "sim/sim.h"

enum {
	IDLE = 2,
	DNLOAD_SYNC = 3,
	DNBUSY = 4,
	DNLOAD_IDLE = 5,
	MANIFEST_SYNC = 6,
	MANIFEST = 7,
	UPLOAD_IDLE = 9,
	ERROR = 10,
	STATE_15 = 15 /* a status code stored as a state */
};

enum {
	OK = 0x00,
	ERR_TARGET = 0x01,
	ERR_FILE = 0x02,
	ERR_FIRMWARE = 0x0a,
	ERR_VENDOR = 0x0b,
	ERR_UNKNOWN = 0x0e,
	ERR_STALLED = 0x0f
};

void sim_dfu_enter(struct s0_sim *sim, uint8_t state, uint8_t status);
void sim_dfu_stall(struct s0_sim_reply *reply);
void sim_dfu_upload(struct s0_sim *sim, const struct s0_sim_setup *setup,
		    uint8_t *data, struct s0_sim_reply *reply);

#endif
