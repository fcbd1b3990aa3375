/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONFIRM_H
#define CLI_CONFIRM_H

#include "app.h"

/*
 * Ask whether it may be done, where a person can answer and --yes has not.
 * @question  "Change 2 fields?"
 * @what      "'option set' changes the chip"; for who cannot be asked.
 */
s0_code confirm(struct app *app, const char *question, const char *what,
		struct s0_error *err);

#endif
