/* SPDX-License-Identifier: MIT */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

/* The parts of `sector0 trace`. */

#include "app.h"

s0_code trace_show(struct app *app, const struct s0_trace *trace,
		   struct s0_error *err);

/* Something is not as recorded: the event, and the failure. @now names what
   does it otherwise. */
s0_code trace_fail_different(struct app *app,
			     const struct s0_trace_difference *difference,
			     const char *now, struct s0_error *err);

#endif
