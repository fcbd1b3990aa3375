/* SPDX-License-Identifier: MIT */
#include "chip/chip_store.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct chip_block {
	struct chip_block *before;
	_Alignas(max_align_t) unsigned char bytes[];
};

void *store_array(struct chip_store *store, size_t count, size_t size)
{
	struct chip_block *block;

	if (!count)
		count = 1;
	if (count > (SIZE_MAX - sizeof *block) / size)
		return NULL;
	block = calloc(1, sizeof *block + count * size);
	if (!block)
		return NULL;
	block->before = store->last;
	store->last = block;
	return block->bytes;
}

char *store_text(struct chip_store *store, const char *chars, size_t length)
{
	char *copy = store_array(store, length + 1, 1);

	if (copy)
		memcpy(copy, chars, length);
	return copy;
}

void store_free(struct chip_store *store)
{
	while (store->last) {
		struct chip_block *block = store->last;

		store->last = block->before;
		free(block);
	}
}
