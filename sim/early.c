/* SPDX-License-Identifier: MIT */
/*
 * ROMs that stall a GETSTATUS for coming too early (early_poll=): reported of
 * the F0, F3 and L4 (dfu-util forgives an L4 three), and of F7 writes (fwupd).
 * Nothing else comes of it: the operation goes on. With `stall` they do what
 * DFU 1.1 allows, and with `busy` the reported time is a lie as well.
 */
#include "sim/dfu.h"

bool sim_early_stalls(const struct s0_sim *sim,
		      const struct s0_sim_setup *setup)
{
	const struct sim_dfu *dfu = &sim->dfu;
	bool begun = dfu->state == DNBUSY ||
		     (dfu->state == DNLOAD_SYNC && !dfu->pending);

	if (setup->request_type != 0xa1 || setup->request != SIM_GETSTATUS ||
	    !begun)
		return false;
	switch (sim->config.early_poll) {
	case SIM_EARLY_STALL:
		return sim->now < dfu->poll_end;
	case SIM_EARLY_BUSY:
		return sim->job.active;
	default:
		return false;
	}
}
