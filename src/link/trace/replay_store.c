/* SPDX-License-Identifier: MIT */
/* The host's records as a recorded session found them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/trace/trace.h"

struct replay_store {
	struct store store;
	struct store *inner; /* in memory */
	struct s0_replay *replay;
	unsigned link;
	uint64_t uses;		/* since it was opened */
	bool compared;		/* the trace says what was written */
	struct records_sum sum; /* since it was synced */
};

static struct replay_store *of(struct store *store)
{
	return (struct replay_store *)store;
}

/* Did this use fail then? */
static s0_code used(struct store *store, s0_code code, struct s0_error *err)
{
	const struct s0_trace *trace = of(store)->replay->trace;

	of(store)->uses++;
	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];

		if (event->kind == TRACE_RECORDS_FAILED &&
		    event->link == of(store)->link &&
		    event->count == of(store)->uses)
			return trace_error(event, err);
	}
	return code;
}

static void written_words(char words[TRACE_WORDS], uint64_t count,
			  uint64_t bytes, const uint8_t sha256[32])
{
	(void)snprintf(words, TRACE_WORDS,
		       "%" PRIu64 " write%s to the records, %" PRIu64
		       " bytes, SHA-256 %02x%02x%02x%02x…",
		       count, count == 1 ? "" : "s", bytes, sha256[0],
		       sha256[1], sha256[2], sha256[3]);
}

/* What was written must be what was written then, and safe at the same point:
 * before the device is touched. */
static void compare_written(struct replay_store *me, bool synced)
{
	char recorded[TRACE_WORDS], found[TRACE_WORDS];
	const struct trace_event now = { .kind = TRACE_RECORDS_WRITTEN,
					 .count = me->sum.count,
					 .synced = synced };
	const struct trace_event *event;
	uint8_t digest[32];

	sha256_end(&me->sum.sha, digest);
	trace_event_words(found, &now);
	event = replay_take(me->replay, TRACE_RECORDS_WRITTEN, found);
	if (event && event->synced != synced) {
		trace_event_words(recorded, event);
		replay_differs(me->replay, event, "step", recorded, found);
	} else if (event && memcmp(event->data, digest, sizeof digest) != 0) {
		written_words(recorded, event->count, event->bytes,
			      event->data);
		written_words(found, me->sum.count, me->sum.bytes, digest);
		replay_differs(me->replay, event, "records", recorded, found);
	}
	records_sum_start(&me->sum);
}

static s0_code store_read(struct store *store, uint64_t offset, void *bytes,
			  size_t length, size_t *ret_length,
			  struct s0_error *err)
{
	struct store *inner = of(store)->inner;

	return used(
		store,
		inner->ops->read(inner, offset, bytes, length, ret_length, err),
		err);
}

static s0_code store_write(struct store *store, uint64_t offset,
			   const void *bytes, size_t length,
			   struct s0_error *err)
{
	struct store *inner = of(store)->inner;

	records_sum_write(&of(store)->sum, offset, bytes, length);
	return used(store, inner->ops->write(inner, offset, bytes, length, err),
		    err);
}

static s0_code store_resize(struct store *store, uint64_t length,
			    struct s0_error *err)
{
	struct store *inner = of(store)->inner;

	records_sum_cut(&of(store)->sum, length);
	return used(store, inner->ops->resize(inner, length, err), err);
}

static s0_code store_sync(struct store *store, struct s0_error *err)
{
	struct store *inner = of(store)->inner;

	if (of(store)->compared)
		compare_written(of(store), true);
	return used(store, inner->ops->sync(inner, err), err);
}

static s0_code store_lock(struct store *store, struct s0_error *err)
{
	struct store *inner = of(store)->inner;

	return used(store, inner->ops->lock(inner, err), err);
}

static void store_close(struct store *store)
{
	if (of(store)->compared && of(store)->sum.count)
		compare_written(of(store), false);
	of(store)->inner->ops->close(of(store)->inner);
	free(store);
}

/* What the records of the device that was opened last held; those of a second
 * session on it come behind those of the first. */
static s0_code fill(struct replay_store *me, struct s0_error *err)
{
	const struct s0_trace *trace = me->replay->trace;

	for (size_t i = me->replay->records_from; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];

		if (event->kind != TRACE_RECORDS || event->link != me->link)
			continue;
		me->replay->records_from = i + 1;
		me->compared = event->told;
		me->store.date_s =
			(uint32_t)trace_number(event, "date_s", UINT32_MAX);
		return me->inner->ops->write(me->inner, 0, event->data,
					     event->data_length, err);
	}
	return S0_OK;
}

s0_code replay_records(struct s0_replay *replay, struct store **ret_store,
		       struct s0_error *err)
{
	static const struct store_ops ops = {
		.read = store_read,
		.write = store_write,
		.resize = store_resize,
		.sync = store_sync,
		.lock = store_lock,
		.close = store_close,
	};
	struct replay_store *me = calloc(1, sizeof *me);
	s0_code code;

	if (!me)
		return error_memory(err);
	me->store.ops = &ops;
	me->replay = replay;
	me->link = replay->links;
	records_sum_start(&me->sum);
	code = memory_store_new(&me->inner, err);
	if (code == S0_OK)
		code = fill(me, err);
	if (code != S0_OK) {
		if (me->inner)
			me->inner->ops->close(me->inner);
		free(me);
		return code;
	}
	*ret_store = &me->store;
	return S0_OK;
}
