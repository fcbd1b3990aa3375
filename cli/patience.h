/* SPDX-License-Identifier: MIT */
#ifndef CLI_PATIENCE_H
#define CLI_PATIENCE_H

#include "app.h"

/* --wait and --reconnect, into the context. */
s0_code patience_set(struct app *app, struct s0_error *err);

#endif
