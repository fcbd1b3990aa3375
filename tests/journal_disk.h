/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_DISK_H
#define JOURNAL_DISK_H

/* What the tests of the journal write on. */

#include "test.h"

#include <stdbool.h>

#include "session/journal.h"

/* Bytes that outlive the journals on them, and a disk that may be full. */
struct disk {
	struct store *bytes;
	unsigned writes; /* further ones that succeed */
	bool sync_fails;
	unsigned synced;
};

void disk_make(struct disk *disk);
void disk_free(struct disk *disk);
/* What is on it; its length, which must be below size. */
size_t disk_load(const struct disk *disk, uint8_t *bytes, size_t size);
/* Put that on it, and nothing else. */
void disk_fill(struct disk *disk, const uint8_t *bytes, size_t length);
/* A journal on it, as a new process opens it; must succeed. */
struct journal *disk_open(struct disk *disk);

#endif
