/* SPDX-License-Identifier: MIT */
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

static bool grow(struct buffer *buffer, size_t needed)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 4096;
	uint8_t *bigger;

	while (capacity < needed)
		capacity *= 2;
	bigger = realloc(buffer->bytes, capacity);
	if (!bigger)
		return false;
	buffer->bytes = bigger;
	buffer->capacity = capacity;
	return true;
}

bool buffer_add(void *payload, const void *bytes, size_t length)
{
	struct buffer *buffer = payload;

	if (length == 0)
		return true;
	if (length > buffer->capacity - buffer->length &&
	    !grow(buffer, buffer->length + length)) {
		buffer->failed = true;
		return false;
	}
	memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	return true;
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){ 0 };
}
