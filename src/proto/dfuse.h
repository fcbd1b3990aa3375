/* SPDX-License-Identifier: MIT */
#ifndef PROTO_DFUSE_H
#define PROTO_DFUSE_H

/* DfuSe (AN3156, DFU 1.1) over a USB link, as a target. */

#include "link/usb_link.h"
#include "proto/target.h"

/*
 * The link is taken over, on failure too. No transfer is made: settle() is the
 * first.
 * @param transfer_size  wTransferSize of the functional descriptor.
 */
s0_code dfuse_new(struct usb_link *link, uint32_t transfer_size,
		  struct target **ret_target, struct s0_error *err);

/* "errTARGET", "dfuDNBUSY": words for bStatus and bState. Static. */
const char *dfuse_status_name(unsigned status);
const char *dfuse_state_name(unsigned state);

#endif
