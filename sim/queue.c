/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a transfer that was handed over before the one in front of it
 * had ended, where the device, a hub or the host controller cannot take that
 * (queue=). Nobody has reported one: the three ways are inferred. The
 * bootloader does not get to see such a transfer.
 */
#include "sim/queue.h"

#include <string.h>

/* SETUP and a handshake, as in usb.c. */
#define STALL_US  23u
#define SILENT_US 14u

/* The answer of the one in front, which lies there still. */
static bool stale(const struct usb_transfer *before, struct usb_transfer *t,
		  struct s0_sim_reply *reply)
{
	if (!(t->request_type & 0x80) || before->request != t->request ||
	    before->code != S0_OK)
		return false;
	reply->handshake = S0_SIM_ACK;
	reply->length = before->moved < t->length ? before->moved : t->length;
	memcpy(t->data, before->data, reply->length);
	reply->wire_us =
		(usb_wire_us10(t->request_type, t->request, reply->length) +
		 9) /
		10;
	return true;
}

bool sim_queue_strikes(struct s0_sim *sim, const struct usb_transfer *before,
		       struct usb_transfer *transfer,
		       struct s0_sim_reply *reply)
{
	bool strikes = before != NULL;

	*reply = (struct s0_sim_reply){ .wire_us = STALL_US };
	switch (sim->config.queue) {
	case SIM_QUEUE_STALL:
		reply->handshake = S0_SIM_STALL;
		break;
	case SIM_QUEUE_LOST:
		reply->handshake = S0_SIM_SILENT;
		reply->wire_us = SILENT_US;
		break;
	case SIM_QUEUE_WRONG:
		strikes = strikes && stale(before, transfer, reply);
		break;
	default:
		strikes = false;
	}
	if (strikes)
		s0_sim_advance_us(sim, reply->wire_us);
	return strikes;
}
