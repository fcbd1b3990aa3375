/* SPDX-License-Identifier: MIT */
#ifndef PROTO_DFU11_INTERNAL_H
#define PROTO_DFU11_INTERNAL_H

#include "proto/dfu.h"
#include "proto/dfu11.h"

#define DFU11_OUT 0x21
#define DFU11_IN  0xa1

/* Of a request without work, and of one in which a device may erase (as an
 * STM32F4's ROM, which takes up to 32 s for all of its flash). */
#define DFU11_TIMEOUT_MS      5000u
#define DFU11_TIMEOUT_WORK_MS 35000u

s0_code dfu11_transfer_error(const struct usb_transfer *t,
			     struct s0_error *err);
s0_code dfu11_run(struct dfu11 *dfu, struct usb_transfer *t,
		  struct s0_error *err);
/* A request without data. */
s0_code dfu11_send(struct dfu11 *dfu, uint8_t request, uint16_t value,
		   struct s0_error *err);
/* GETSTATUS, of which nobody is told. */
s0_code dfu11_ask(struct dfu11 *dfu, uint32_t timeout_ms,
		  struct dfu11_status *ret_status, struct s0_error *err);
void dfu11_tell(struct dfu11 *dfu, const struct dfu11_status *status);
bool dfu11_go_on(struct dfu11 *dfu, uint64_t done);
/* Let a busy device work; S0_E_TIMEOUT when *left_ms are over, S0_E_CANCELLED. */
s0_code dfu11_pause(struct dfu11 *dfu, uint32_t ms, uint64_t done,
		    uint32_t *left_ms, struct s0_error *err);
/* What a status that is a failure says. */
s0_code dfu11_refused(const struct dfu11_status *status, const char *what,
		      struct s0_error *err);

#endif
