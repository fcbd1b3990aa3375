/* SPDX-License-Identifier: MIT */
/* The store contract of src/link/store.h on both stores, and the clock. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "link/clock.h"
#include "link/store.h"

struct fixture {
	char folder[32], file[64];
	struct store *store;
};

static int open_memory(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (!fixture)
		return -1;
	*state = fixture;
	return memory_store_new(&fixture->store, NULL) == S0_OK ? 0 : -1;
}

static int open_file(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (!fixture)
		return -1;
	*state = fixture;
	strcpy(fixture->folder, "/tmp/sector0-XXXXXX");
	if (!mkdtemp(fixture->folder))
		return -1;
	snprintf(fixture->file, sizeof(fixture->file), "%s/a/b/store",
		 fixture->folder);
	return file_store_open(fixture->file, &fixture->store, NULL) == S0_OK
		       ? 0
		       : -1;
}

static int close_store(void **state)
{
	struct fixture *fixture = *state;
	char path[64];

	if (fixture->store)
		fixture->store->ops->close(fixture->store);
	unlink(fixture->file);
	snprintf(path, sizeof(path), "%s/a/b", fixture->folder);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/a", fixture->folder);
	rmdir(path);
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

static struct store *store_of(void **state)
{
	return ((struct fixture *)*state)->store;
}

static void put(struct store *store, uint64_t offset, const char *text)
{
	assert_int_equal(
		store->ops->write(store, offset, text, strlen(text), NULL),
		S0_OK);
}

static void expect(struct store *store, uint64_t offset, const char *bytes,
		   size_t there, size_t asked)
{
	char found[64];
	size_t length = 99;

	assert_int_equal(
		store->ops->read(store, offset, found, asked, &length, NULL),
		S0_OK);
	assert_int_equal(length, there);
	assert_memory_equal(found, bytes, there);
}

static void a_new_store_is_empty(void **state)
{
	expect(store_of(state), 0, "", 0, 10);
	expect(store_of(state), 1000, "", 0, 10);
}

static void what_is_written_can_be_read(void **state)
{
	struct store *store = store_of(state);

	put(store, 0, "hello world");
	put(store, 6, "store");
	expect(store, 0, "hello store", 11, 11);
	expect(store, 6, "sto", 3, 3);
}

static void reading_is_short_only_at_the_end(void **state)
{
	struct store *store = store_of(state);

	put(store, 0, "12345");
	expect(store, 0, "12345", 5, 10);
	expect(store, 3, "45", 2, 10);
	expect(store, 5, "", 0, 10);
}

static void a_hole_reads_as_zeros(void **state)
{
	struct store *store = store_of(state);

	put(store, 0, "a");
	put(store, 4, "b");
	expect(store, 0, "a\0\0\0b", 5, 10);
	put(store, 100000, "z");
	expect(store, 99999, "\0z", 2, 2);
}

static void resizing_cuts_and_extends(void **state)
{
	struct store *store = store_of(state);

	put(store, 0, "12345");
	assert_int_equal(store->ops->resize(store, 2, NULL), S0_OK);
	expect(store, 0, "12", 2, 10);
	assert_int_equal(store->ops->resize(store, 4, NULL), S0_OK);
	expect(store, 0, "12\0\0", 4, 10);
}

static void syncing_and_locking_succeed(void **state)
{
	struct store *store = store_of(state);

	put(store, 0, "12345");
	assert_int_equal(store->ops->lock(store, NULL), S0_OK);
	assert_int_equal(store->ops->sync(store, NULL), S0_OK);
	assert_int_equal(store->ops->sync(store, NULL), S0_OK);
}

static void writing_nothing_changes_nothing(void **state)
{
	struct store *store = store_of(state);

	put(store, 50, "");
	expect(store, 0, "", 0, 10);
}

static void a_file_keeps_what_was_written(void **state)
{
	struct fixture *fixture = *state;

	put(fixture->store, 0, "12345");
	fixture->store->ops->close(fixture->store);
	fixture->store = NULL;
	assert_int_equal(file_store_open(fixture->file, &fixture->store, NULL),
			 S0_OK);
	expect(fixture->store, 0, "12345", 5, 10);
}

static void a_locked_file_is_busy_until_it_is_closed(void **state)
{
	struct fixture *fixture = *state;
	struct store *other;
	struct s0_error err = S0_ERROR_INIT;

	assert_int_equal(fixture->store->ops->lock(fixture->store, NULL),
			 S0_OK);
	assert_int_equal(file_store_open(fixture->file, &other, NULL), S0_OK);
	assert_int_equal(other->ops->lock(other, &err), S0_E_BUSY);
	assert_non_null(strstr(err.message, fixture->file));
	fixture->store->ops->close(fixture->store);
	fixture->store = NULL;
	assert_int_equal(other->ops->lock(other, NULL), S0_OK);
	other->ops->close(other);
}

static void a_file_that_cannot_be_made_is_named(void **state)
{
	static const char *const paths[] = { "/dev/null/store", "/tmp", "",
					     "/proc/sector0/store" };
	struct store *store;

	(void)state;
	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct s0_error err = S0_ERROR_INIT;

		assert_int_equal(file_store_open(paths[i], &store, &err),
				 S0_E_FILE);
		assert_non_null(strstr(err.message, paths[i]));
	}
}

static void a_full_disk_is_said(void **state)
{
	struct store *store;
	struct s0_error err = S0_ERROR_INIT;

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		return;
	assert_int_equal(file_store_open("/dev/full", &store, NULL), S0_OK);
	assert_int_equal(store->ops->write(store, 0, "1", 1, &err), S0_E_FILE);
	assert_non_null(strstr(err.message, "/dev/full"));
	store->ops->close(store);
}

static void the_clock_goes_on(void **state)
{
	uint64_t before = clock_now_us(), after;

	(void)state;
	clock_sleep_us(20000);
	after = clock_now_us();
	assert_true(after - before >= 20000);
	clock_sleep_us(0);
	assert_true(clock_now_us() >= after);
}

#define RULE(test, open)                                                       \
	cmocka_unit_test_setup_teardown(test, open, close_store)
#define BOTH(test) RULE(test, open_memory), RULE(test, open_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_new_store_is_empty),
		BOTH(what_is_written_can_be_read),
		BOTH(reading_is_short_only_at_the_end),
		BOTH(a_hole_reads_as_zeros),
		BOTH(resizing_cuts_and_extends),
		BOTH(syncing_and_locking_succeed),
		BOTH(writing_nothing_changes_nothing),
		RULE(a_file_keeps_what_was_written, open_file),
		RULE(a_locked_file_is_busy_until_it_is_closed, open_file),
		cmocka_unit_test(a_file_that_cannot_be_made_is_named),
		cmocka_unit_test(a_full_disk_is_said),
		cmocka_unit_test(the_clock_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
