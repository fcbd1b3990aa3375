/* SPDX-License-Identifier: MIT */
#ifndef CLI_SAY_H
#define CLI_SAY_H

/* What is said beside the result: on standard error, or as JSON events. */

#include "app.h"

/* Fill in the hint of a failure, from what is known of the device too. */
void say_explain(const struct app *app, struct s0_error *err);

/* Worth knowing; silenced by --quiet. */
void say_note(struct app *app, const char *format, ...) S0_PRINTF(2, 3);
/* Worth a thought; never silenced. As a s0_line_fn: payload is the app. */
void say_warning(void *payload, const char *line);
/* Likewise, on standard error alone: the result has been told already. */
void say_aside(struct app *app, const char *line);
/* A line of the debug log, a s0_log_fn. */
void say_debug(void *payload, const char *line);
/* The failure that ends the run, said once. */
void say_error(struct app *app, struct s0_error *err);

#endif
