/* SPDX-License-Identifier: MIT */
#ifndef SIM_MOCK_DFU_H
#define SIM_MOCK_DFU_H

/* A plain DFU device (mock_dfu_model.h) on a mock bus, by the wall clock. */

#include "mock_usb.h"

struct mock_dfu;

/* @param kind  "dfu", "dfu-runtime" or "maple", and keys behind a comma.
 * @return NULL if it makes no sense: the key is put into ret_wrong. */
struct mock_dfu *mock_dfu_plug(struct mock_usb *usb, const char *port,
			       const char *kind, char ret_wrong[256]);
/* After the bus is freed. NULL is allowed. */
void mock_dfu_free(struct mock_dfu *dfu);
/* Let the bus follow the device; as mock_sim_tick(). */
void mock_dfu_tick(struct mock_dfu *dfu);
/* It has left, and what comes back in its place is this virtual STM32: told
 * once; else NULL. */
const char *mock_dfu_becomes(struct mock_dfu *dfu);
/* Its port, as it was given. */
const char *mock_dfu_port(const struct mock_dfu *dfu);

#endif
