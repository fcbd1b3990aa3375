/* SPDX-License-Identifier: MIT */
#ifndef SERVE_ORDER_H
#define SERVE_ORDER_H

/* Commands of the prompt and of the control socket. */

#include <stdbool.h>
#include <stdint.h>

#include <sector0/sim_server.h>

#include "base/text.h"
#include "sim/serve/served.h"

/* A log that the command asked for, to be handed out by the console. */
struct order_log {
	bool may_follow;	     /* in: can it be followed here? */
	const struct served *device; /* NULL: none was asked for */
	uint64_t lines;		     /* at most, the last ones */
	bool follow;
};

/*
 * Carry out a line.
 * @lines: the answer's lines are added to it.
 * @log: set if the answer is a log.
 */
s0_code order_run(struct s0_sim_server *server, const char *line,
		  struct text *lines, struct order_log *log,
		  struct s0_error *err);

#endif
