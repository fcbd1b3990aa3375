/* SPDX-License-Identifier: MIT */
#ifndef CLI_SIM_H
#define CLI_SIM_H

/* What `sector0 sim` can do; the words begin after its first one. */

#include <stdio.h>

#include "app.h"

s0_code sim_serve_run(struct app *app, struct s0_error *err);
s0_code sim_control_run(struct app *app, struct s0_error *err);
s0_code sim_log_run(struct app *app, struct s0_error *err);

/* The kinds of virtual chips. */
void sim_profiles_print(FILE *out);
json_t *sim_profiles_json(void);

/* TCP port where none is given: USB/IP's own. */
#define SIM_PORT 3240u

/* The port that was asked for, or the usual one. */
s0_code sim_port(const struct app *app, uint16_t *ret_port,
		 struct s0_error *err);
/* The control socket that was asked for, or that of the port. */
s0_code sim_control_path(const struct app *app, uint16_t port, char *path,
			 size_t size, struct s0_error *err);

#endif
