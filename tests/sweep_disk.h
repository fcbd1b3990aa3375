/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SWEEP_DISK_H
#define TESTS_SWEEP_DISK_H

/* The disk that the records lie on: what is written to it is there for the next
 * process, but only what is synced survives a crash of the host. */

#include <stdbool.h>

#include "link/store.h"

struct store *sweep_disk_new(void);
/* What is on it now: for the next process or, if the host crashed at this
 * moment, after that. The caller closes it. */
struct store *sweep_disk_copy(struct store *disk, bool crashed);

#endif
