/* SPDX-License-Identifier: MIT */
#ifndef CLI_BACKUP_H
#define CLI_BACKUP_H

/* --backup FILE: what will be erased is in a file before it is. */

#include "app.h"

/* Refuse what can be refused before a device is opened. */
s0_code backup_check(struct app *app, struct s0_error *err);

/* Save the sectors that a plan erases, or those that hold a range (0, 0: the
   whole flash). The file is whole and on disk when this returns. Without the
   option nothing is done. */
s0_code backup_plan(struct app *app, const struct s0_plan *plan,
		    struct s0_error *err);
s0_code backup_range(struct app *app, uint32_t address, uint32_t length,
		     struct s0_error *err);

#endif
