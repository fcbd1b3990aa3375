/* SPDX-License-Identifier: MIT */
/* The host's records in a trace: what they held when they were opened, and
 * which use of them failed. What a session writes to them it decides itself: of
 * that there is a sum, before anything else is done to the device. */
#include <stdlib.h>

#include "base/error.h"
#include "link/trace/build.h"

/* No journal is larger; one that is cannot be replayed. */
#define HELD_MAX ((size_t)64 << 20)

struct record_store {
	struct store store;
	struct store *inner;
	struct s0_recorder *recorder;
	unsigned link;
	uint64_t uses;		/* since it was opened */
	struct records_sum sum; /* since it was synced */
};

static struct record_store *of(struct store *store)
{
	return (struct record_store *)store;
}

/* One that failed is written down, so that a replay can let it fail again. */
static s0_code used(struct record_store *me, s0_code code,
		    const struct s0_error *why, struct s0_error *err)
{
	json_t *object;

	me->uses++;
	if (code == S0_OK)
		return code;
	object = build_event("records_failed");
	build_number(object, "link", me->link);
	build_number(object, "count", me->uses);
	build_error(object, why);
	recorder_write(me->recorder, object);
	if (err && err->code == S0_OK)
		*err = *why;
	return code;
}

/* In the trace this stands where it was synced among the transfers. */
static void add_written(struct record_store *me, bool synced)
{
	json_t *object = build_event("records_written");
	uint8_t digest[32];

	sha256_end(&me->sum.sha, digest);
	build_number(object, "link", me->link);
	build_number(object, "count", me->sum.count);
	build_number(object, "bytes", me->sum.bytes);
	build_add(object, "sha256", build_hex(digest, sizeof digest));
	build_add(object, "synced", json_boolean(synced));
	recorder_write(me->recorder, object);
	records_sum_start(&me->sum);
}

static s0_code store_read(struct store *store, uint64_t offset, void *bytes,
			  size_t length, size_t *ret_length,
			  struct s0_error *err)
{
	struct store *inner = of(store)->inner;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = inner->ops->read(inner, offset, bytes, length,
					ret_length, &why);

	return used(of(store), code, &why, err);
}

static s0_code store_write(struct store *store, uint64_t offset,
			   const void *bytes, size_t length,
			   struct s0_error *err)
{
	struct store *inner = of(store)->inner;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = inner->ops->write(inner, offset, bytes, length, &why);

	records_sum_write(&of(store)->sum, offset, bytes, length);
	return used(of(store), code, &why, err);
}

static s0_code store_resize(struct store *store, uint64_t length,
			    struct s0_error *err)
{
	struct store *inner = of(store)->inner;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = inner->ops->resize(inner, length, &why);

	records_sum_cut(&of(store)->sum, length);
	return used(of(store), code, &why, err);
}

static s0_code store_sync(struct store *store, struct s0_error *err)
{
	struct store *inner = of(store)->inner;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = inner->ops->sync(inner, &why);

	add_written(of(store), true);
	return used(of(store), code, &why, err);
}

/* All that a store holds; NULL if it cannot be had. */
static uint8_t *read_all(struct store *store, size_t *ret_length)
{
	size_t capacity = 4096, length = 0, got = 1;
	uint8_t *bytes = malloc(capacity);

	while (bytes && got > 0 && length < HELD_MAX) {
		uint8_t *more;

		if (store->ops->read(store, length, bytes + length,
				     capacity - length, &got, NULL) != S0_OK)
			break;
		length += got;
		if (length < capacity)
			continue;
		more = realloc(bytes, capacity *= 2);
		if (!more)
			break;
		bytes = more;
	}
	if (bytes && got > 0) {
		free(bytes);
		bytes = NULL;
	}
	*ret_length = length;
	return bytes;
}

static void add_held(struct record_store *me)
{
	json_t *object = build_event("records");
	size_t length = 0;
	uint8_t *bytes = read_all(me->inner, &length);

	if (bytes)
		build_add(object, "held", build_hex(bytes, length));
	build_number(object, "link", me->link);
	build_add(object, "writes", json_true());
	if (me->store.date_s)
		build_number(object, "date_s", me->store.date_s);
	free(bytes);
	recorder_write(me->recorder, object);
}

/* Only now nobody else changes them. */
static s0_code store_lock(struct store *store, struct s0_error *err)
{
	struct record_store *me = of(store);
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = me->inner->ops->lock(me->inner, &why);

	if (code == S0_OK)
		add_held(me);
	return used(me, code, &why, err);
}

static void store_close(struct store *store)
{
	struct record_store *me = of(store);

	if (me->sum.count)
		add_written(me, false);
	me->inner->ops->close(me->inner);
	free(me);
}

static const struct store_ops ops = {
	.read = store_read,
	.write = store_write,
	.resize = store_resize,
	.sync = store_sync,
	.lock = store_lock,
	.close = store_close,
};

void recorder_wrap_records(struct s0_recorder *recorder, struct store **store)
{
	struct record_store *me = calloc(1, sizeof *me);

	if (!me) {
		recorder->failed = true;
		return;
	}
	me->store.ops = &ops;
	me->inner = *store;
	me->store.date_s = me->inner->date_s;
	me->recorder = recorder;
	me->link = recorder->links;
	records_sum_start(&me->sum);
	*store = &me->store;
}
