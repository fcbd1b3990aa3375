/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <stdlib.h>

#include "sweep_disk.h"

struct disk {
	struct store store;
	struct store *now, *safe;
};

static struct disk *of(struct store *store)
{
	return (struct disk *)store;
}

static s0_code d_read(struct store *s, uint64_t offset, void *bytes,
		      size_t length, size_t *got, struct s0_error *err)
{
	struct store *now = of(s)->now;

	return now->ops->read(now, offset, bytes, length, got, err);
}

static s0_code d_write(struct store *s, uint64_t offset, const void *bytes,
		       size_t length, struct s0_error *err)
{
	struct store *now = of(s)->now;

	return now->ops->write(now, offset, bytes, length, err);
}

static s0_code d_resize(struct store *s, uint64_t length, struct s0_error *err)
{
	struct store *now = of(s)->now;

	return now->ops->resize(now, length, err);
}

static struct store *copy_of(struct store *from)
{
	uint8_t bytes[4096];
	struct store *copy;
	uint64_t at = 0;
	size_t got;

	assert_int_equal(memory_store_new(&copy, NULL), S0_OK);
	do {
		assert_int_equal(from->ops->read(from, at, bytes, sizeof bytes,
						 &got, NULL),
				 S0_OK);
		assert_int_equal(copy->ops->write(copy, at, bytes, got, NULL),
				 S0_OK);
		at += got;
	} while (got == sizeof bytes);
	return copy;
}

static s0_code d_sync(struct store *s, struct s0_error *err)
{
	struct disk *disk = of(s);

	(void)err;
	disk->safe->ops->close(disk->safe);
	disk->safe = copy_of(disk->now);
	return S0_OK;
}

static s0_code d_lock(struct store *s, struct s0_error *err)
{
	(void)s;
	(void)err;
	return S0_OK;
}

static void d_close(struct store *s)
{
	struct disk *disk = of(s);

	disk->now->ops->close(disk->now);
	disk->safe->ops->close(disk->safe);
	free(disk);
}

struct store *sweep_disk_new(void)
{
	static const struct store_ops ops = { d_read, d_write, d_resize,
					      d_sync, d_lock,  d_close };
	struct disk *disk = malloc(sizeof *disk);

	assert_non_null(disk);
	disk->store.ops = &ops;
	assert_int_equal(memory_store_new(&disk->now, NULL), S0_OK);
	assert_int_equal(memory_store_new(&disk->safe, NULL), S0_OK);
	return &disk->store;
}

struct store *sweep_disk_copy(struct store *disk, bool crashed)
{
	return copy_of(crashed ? of(disk)->safe : of(disk)->now);
}
