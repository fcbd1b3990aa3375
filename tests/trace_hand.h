/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TRACE_HAND_H
#define TESTS_TRACE_HAND_H

/* Recording by hand, request by request, what the virtual chip is then asked
 * again. */

#include <sector0/sim.h>

#include "trace_help.h"

/* A session on a link, recorded by hand. */
struct hand {
	struct text text;
	struct s0_recorder *recorder;
	struct s0_sim *sim;
	struct usb_link *link;
};

void hand_begin(struct hand *hand, const char *selector);
struct s0_trace *hand_end(struct hand *hand);
s0_code hand_one(struct hand *hand, uint8_t type, uint8_t request,
		 uint16_t value, uint8_t *data, uint16_t length);
void hand_dnload(struct hand *hand, uint16_t block, const void *bytes,
		 uint16_t length);
void hand_command(struct hand *hand, uint8_t opcode, uint32_t address);
void hand_read(struct hand *hand, uint32_t address, uint16_t block,
	       uint16_t length);
void hand_check_same_as(const struct s0_trace *trace, const char *description);
void hand_check_same(const struct s0_trace *trace);
void hand_done(struct hand *hand, struct s0_trace *trace);
void hand_check_differs(const struct s0_trace *trace, const char *description,
			const char *field, const char *recorded);

#endif
