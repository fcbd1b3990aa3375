/* SPDX-License-Identifier: MIT */
#ifndef CLI_BUFFER_H
#define CLI_BUFFER_H

/* Bytes that grow as they come. Zero-initialise; buffer_free() at the end. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *bytes;
	size_t length;
	size_t capacity;
	bool failed; /* an allocation did */
};

/* A s0_sink_fn; payload is a struct buffer. */
bool buffer_add(void *buffer, const void *bytes, size_t length);
void buffer_free(struct buffer *buffer);

#endif
