/* SPDX-License-Identifier: MIT */
#include "link/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct memory_store {
	struct store store;
	uint8_t *bytes;
	size_t length, capacity;
};

static s0_code store_read(struct store *store, uint64_t offset, void *bytes,
			  size_t length, size_t *ret_length,
			  struct s0_error *err)
{
	struct memory_store *memory = (struct memory_store *)store;
	size_t there = 0;

	(void)err;
	if (offset < memory->length) {
		there = memory->length - (size_t)offset;
		if (there > length)
			there = length;
		memcpy(bytes, memory->bytes + offset, there);
	}
	*ret_length = there;
	return S0_OK;
}

static s0_code grow(struct memory_store *memory, uint64_t length,
		    struct s0_error *err)
{
	size_t capacity = memory->capacity ? memory->capacity : 4096;
	uint8_t *bytes;

	if (length > SIZE_MAX / 2)
		return error_memory(err);
	if (length <= memory->capacity)
		return S0_OK;
	while (capacity < length)
		capacity *= 2;
	bytes = realloc(memory->bytes, capacity);
	if (!bytes)
		return error_memory(err);
	memory->bytes = bytes;
	memory->capacity = capacity;
	return S0_OK;
}

static s0_code store_resize(struct store *store, uint64_t length,
			    struct s0_error *err)
{
	struct memory_store *memory = (struct memory_store *)store;
	s0_code code = grow(memory, length, err);

	if (code)
		return code;
	if (length > memory->length)
		memset(memory->bytes + memory->length, 0,
		       (size_t)length - memory->length);
	memory->length = (size_t)length;
	return S0_OK;
}

static s0_code store_write(struct store *store, uint64_t offset,
			   const void *bytes, size_t length,
			   struct s0_error *err)
{
	struct memory_store *memory = (struct memory_store *)store;

	if (length == 0)
		return S0_OK;
	if (offset > UINT64_MAX - length)
		return error_memory(err);
	if (offset + length > memory->length) {
		s0_code code = store_resize(store, offset + length, err);

		if (code)
			return code;
	}
	memcpy(memory->bytes + offset, bytes, length);
	return S0_OK;
}

static s0_code store_sync(struct store *store, struct s0_error *err)
{
	(void)store;
	(void)err;
	return S0_OK;
}

/* Nobody else can hold it. */
static s0_code store_lock(struct store *store, struct s0_error *err)
{
	return store_sync(store, err);
}

static void store_close(struct store *store)
{
	struct memory_store *memory = (struct memory_store *)store;

	free(memory->bytes);
	free(memory);
}

static const struct store_ops ops = {
	.read = store_read,
	.write = store_write,
	.resize = store_resize,
	.sync = store_sync,
	.lock = store_lock,
	.close = store_close,
};

s0_code memory_store_new(struct store **ret_store, struct s0_error *err)
{
	struct memory_store *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return error_memory(err);
	memory->store.ops = &ops;
	*ret_store = &memory->store;
	return S0_OK;
}
