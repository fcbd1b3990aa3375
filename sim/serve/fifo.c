/* SPDX-License-Identifier: MIT */
#include "sim/serve/fifo.h"

#include <stdlib.h>
#include <string.h>

static bool reserve(struct fifo *fifo, size_t more)
{
	size_t need = fifo->length + more;
	size_t capacity = fifo->capacity ? fifo->capacity : 4096;
	uint8_t *memory;

	if (fifo->failed)
		return false;
	if (fifo->start + need <= fifo->capacity)
		return true;
	while (capacity < need)
		capacity *= 2;
	memory = malloc(capacity);
	if (!memory) {
		fifo->failed = true;
		return false;
	}
	if (fifo->length > 0)
		memcpy(memory, fifo->memory + fifo->start, fifo->length);
	free(fifo->memory);
	fifo->memory = memory;
	fifo->capacity = capacity;
	fifo->start = 0;
	return true;
}

void fifo_add(struct fifo *fifo, const void *bytes, size_t length)
{
	if (length == 0 || !reserve(fifo, length))
		return;
	memcpy(fifo->memory + fifo->start + fifo->length, bytes, length);
	fifo->length += length;
}

const uint8_t *fifo_bytes(const struct fifo *fifo)
{
	return fifo->memory + fifo->start;
}

void fifo_drop(struct fifo *fifo, size_t length)
{
	fifo->start += length;
	fifo->length -= length;
	if (fifo->length == 0)
		fifo->start = 0;
}

void fifo_free(struct fifo *fifo)
{
	free(fifo->memory);
	*fifo = (struct fifo){ 0 };
}
