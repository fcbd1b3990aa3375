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
	struct disk_use *uses; /* since disk_watch() */
	size_t use_count;
	bool watched;
};

/* What was done to a disk: a resize, a write, or (neither) a sync. */
struct disk_use {
	bool resize;
	uint64_t offset; /* of a write; length of a resize */
	uint8_t bytes[512];
	size_t length; /* of a write, else 0 */
};

void disk_make(struct disk *disk);
void disk_free(struct disk *disk);
/* What is on it; its length, which must be below size. */
size_t disk_load(const struct disk *disk, uint8_t *bytes, size_t size);
/* Put that on it, and nothing else. */
void disk_fill(struct disk *disk, const uint8_t *bytes, size_t length);
/* From now on write down what is done to it. */
void disk_watch(struct disk *disk);
/* A journal on it, as a new process opens it; must succeed. */
struct journal *disk_open(struct disk *disk);
/* Likewise, of a chip that is known by its unique ID. */
struct journal *disk_open_known(struct disk *disk);

#define DISK_SECTOR 0x20000u
/* Have a journal hold a digest of nothing but this byte. */
void disk_hold(struct journal *journal, uint32_t address, uint8_t what);
/* Which byte it holds; 0 if that is not known. */
uint8_t disk_held(const struct journal *journal, uint32_t address);

#endif
