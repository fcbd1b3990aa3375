/* SPDX-License-Identifier: MIT */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

/* --record FILE, and the command's part in living through such a file again. */

#include "app.h"
#include "os.h"

/* Begin the trace that --record names, if it does; the context is there. */
s0_code record_begin(struct app *app, int argc, char **argv,
		     struct s0_error *err);

/* Tell the trace, or compare with it, a file that was read, or that could not
   be (@code). Returns the code, or that of a difference. */
s0_code record_input(struct app *app, const char *name, const struct blob *blob,
		     s0_code code, struct s0_error *err);

/* Tell the trace how it all ended, or compare. After everything is closed. */
void record_end(struct app *app, int status, const struct s0_error *err);

#endif
