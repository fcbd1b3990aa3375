/* SPDX-License-Identifier: MIT */
#ifndef CHIP_CHIP_STORE_H
#define CHIP_CHIP_STORE_H

/*
 * Memory that is freed all at once: a file of chips is hundreds of small arrays
 * that live as long as each other. Zero-initialise.
 */

#include <stddef.h>

struct chip_block;

struct chip_store {
	struct chip_block *last;
};

/* Zeroed; one entry at least. NULL: out of memory. */
void *store_array(struct chip_store *store, size_t count, size_t size);

/* A copy with a NUL behind it. NULL: out of memory. */
char *store_text(struct chip_store *store, const char *chars, size_t length);

void store_free(struct chip_store *store);

#endif
