/* SPDX-License-Identifier: MIT */
#ifndef SERVE_FIFO_H
#define SERVE_FIFO_H

/* Bytes on their way out: added at the end, dropped at the beginning.
 * Zero-initialise; fifo_free() at the end. A failed allocation is remembered,
 * and what is added later is lost: who owns the connection ends it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fifo {
	uint8_t *memory;
	size_t start, length, capacity;
	bool failed;
};

void fifo_add(struct fifo *fifo, const void *bytes, size_t length);
/* The first of fifo->length bytes. */
const uint8_t *fifo_bytes(const struct fifo *fifo);
void fifo_drop(struct fifo *fifo, size_t length);
void fifo_free(struct fifo *fifo);

#endif
