/* SPDX-License-Identifier: MIT */
#ifndef LINK_OS_HOLDER_H
#define LINK_OS_HOLDER_H

/* Which other process has a file or a device node. Linux tells (/proc): a user
 * sees the own processes, root all. */

#include <stdbool.h>

#define HOLDER_SIZE 96

/* @locked: only who has a lock on it, not who merely has it open.
 * @ret_holder: "NAME (process 123)", or "" where nobody is seen. */
void holder_find(const char *path, bool locked, char ret_holder[HOLDER_SIZE]);

#endif
