/* SPDX-License-Identifier: MIT */
#ifndef SIM_MOCK_SIM_H
#define SIM_MOCK_SIM_H

/*
 * A virtual STM32 (sector0/sim.h) on a mock bus. It keeps to the wall clock: a
 * transfer is answered when what the chip does in it has taken its time. With
 * clock=real*F in its description that is F of the time, with clock=virtual
 * nothing is waited for.
 */

#include "mock_usb.h"

struct mock_sim;

/*
 * @param description  As s0_sim_new() takes it.
 * @param answers      For its no_rights, busy and no_node.
 * @return NULL if there is no such chip: *err tells.
 */
struct mock_sim *mock_sim_plug(struct mock_usb *usb, const char *port,
			       const char *description,
			       struct mock_answers answers,
			       struct s0_error *err);
/* After the bus is freed. NULL is allowed. */
void mock_sim_free(struct mock_sim *sim);

/* Let the bus follow the chip: off when it has left, on when it is back. To be
 * called every few milliseconds by the thread that made the bus. */
void mock_sim_tick(struct mock_sim *sim);
/* Inject a fault at the nth DFU class request from now; 1 is the next. */
void mock_sim_fail(struct mock_sim *sim, unsigned nth, s0_sim_fault fault);
/* Pull the plug; put it back. */
void mock_sim_set_plugged(struct mock_sim *sim, bool plugged);

#endif
