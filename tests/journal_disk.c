/* SPDX-License-Identifier: MIT */
#include "journal_disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct opened {
	struct store store;
	struct disk *disk;
};

static struct disk *disk_of(struct store *store)
{
	return ((struct opened *)store)->disk;
}

static void add_use(struct disk *disk, bool resize, uint64_t offset,
		    const void *bytes, size_t length)
{
	struct disk_use *use;

	if (!disk->watched)
		return;
	disk->uses =
		realloc(disk->uses, (disk->use_count + 1) * sizeof *disk->uses);
	assert_non_null(disk->uses);
	use = &disk->uses[disk->use_count++];
	*use = (struct disk_use){ .resize = resize,
				  .offset = offset,
				  .length = length };
	assert_true(length <= sizeof use->bytes);
	if (length)
		memcpy(use->bytes, bytes, length);
}

static s0_code d_read(struct store *s, uint64_t offset, void *bytes,
		      size_t length, size_t *got, struct s0_error *err)
{
	struct store *real = disk_of(s)->bytes;

	return real->ops->read(real, offset, bytes, length, got, err);
}

static s0_code d_write(struct store *s, uint64_t offset, const void *bytes,
		       size_t length, struct s0_error *err)
{
	struct store *real = disk_of(s)->bytes;

	/* What fails is torn. */
	if (!disk_of(s)->writes) {
		(void)real->ops->write(real, offset, bytes, length / 2, NULL);
		return error_set(err, S0_E_FILE, "the disk is full");
	}
	disk_of(s)->writes--;
	add_use(disk_of(s), false, offset, bytes, length);
	return real->ops->write(real, offset, bytes, length, err);
}

static s0_code d_resize(struct store *s, uint64_t length, struct s0_error *err)
{
	struct store *real = disk_of(s)->bytes;

	add_use(disk_of(s), true, length, NULL, 0);
	return real->ops->resize(real, length, err);
}

static s0_code d_sync(struct store *s, struct s0_error *err)
{
	if (disk_of(s)->sync_fails)
		return error_set(err, S0_E_FILE, "the disk is gone");
	disk_of(s)->synced++;
	add_use(disk_of(s), false, 0, NULL, 0);
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
	free(s);
}

void disk_make(struct disk *disk)
{
	*disk = (struct disk){ .writes = 1000000 };
	assert_int_equal(memory_store_new(&disk->bytes, NULL), S0_OK);
}

void disk_free(struct disk *disk)
{
	disk->bytes->ops->close(disk->bytes);
	free(disk->uses);
}

void disk_watch(struct disk *disk)
{
	disk->watched = true;
	disk->use_count = 0;
}

size_t disk_load(const struct disk *disk, uint8_t *bytes, size_t size)
{
	size_t length;

	assert_int_equal(disk->bytes->ops->read(disk->bytes, 0, bytes, size,
						&length, NULL),
			 S0_OK);
	assert_true(length < size);
	return length;
}

void disk_fill(struct disk *disk, const uint8_t *bytes, size_t length)
{
	struct store *store = disk->bytes;

	assert_int_equal(store->ops->resize(store, 0, NULL), S0_OK);
	assert_int_equal(store->ops->write(store, 0, bytes, length, NULL),
			 S0_OK);
}

struct journal *disk_open(struct disk *disk)
{
	static const struct store_ops ops = { d_read, d_write, d_resize,
					      d_sync, d_lock,  d_close };
	struct opened *opened = malloc(sizeof *opened);
	struct s0_error err = S0_ERROR_INIT;
	struct journal *journal;

	assert_non_null(opened);
	opened->store.ops = &ops;
	opened->disk = disk;
	if (journal_open(&opened->store, &journal, &err) != S0_OK)
		print_message("# %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	return journal;
}

struct journal *disk_open_known(struct disk *disk)
{
	struct journal *journal = disk_open(disk);

	journal->remembers = true;
	return journal;
}

void disk_hold(struct journal *journal, uint32_t address, uint8_t what)
{
	uint8_t digest[JOURNAL_DIGEST];

	memset(digest, what, sizeof digest);
	journal_hold(journal, address, DISK_SECTOR, digest);
}

uint8_t disk_held(const struct journal *journal, uint32_t address)
{
	const struct held *found = journal_held(journal, address);

	if (!found)
		return 0;
	assert_int_equal(found->length, DISK_SECTOR);
	for (size_t i = 1; i < JOURNAL_DIGEST; i++)
		assert_int_equal(found->digest[i], found->digest[0]);
	return found->digest[0];
}
