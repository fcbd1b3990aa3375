/* SPDX-License-Identifier: MIT */
/* The host's records as a recorded session found them. */
#include <stdlib.h>

#include "base/error.h"
#include "link/trace/trace.h"

struct replay_store {
	struct store store;
	struct store *inner; /* in memory */
	struct s0_replay *replay;
	unsigned link;
	uint64_t uses; /* since it was opened */
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

	return used(store, inner->ops->write(inner, offset, bytes, length, err),
		    err);
}

static s0_code store_resize(struct store *store, uint64_t length,
			    struct s0_error *err)
{
	struct store *inner = of(store)->inner;

	return used(store, inner->ops->resize(inner, length, err), err);
}

static s0_code store_sync(struct store *store, struct s0_error *err)
{
	struct store *inner = of(store)->inner;

	return used(store, inner->ops->sync(inner, err), err);
}

static s0_code store_lock(struct store *store, struct s0_error *err)
{
	struct store *inner = of(store)->inner;

	return used(store, inner->ops->lock(inner, err), err);
}

static void store_close(struct store *store)
{
	of(store)->inner->ops->close(of(store)->inner);
	free(store);
}

/* What the records of the device that was opened last held. */
static s0_code fill(struct replay_store *me, struct s0_error *err)
{
	const struct s0_trace *trace = me->replay->trace;
	s0_code code = S0_OK;

	for (size_t i = 0; i < trace->count && code == S0_OK; i++) {
		const struct trace_event *event = &trace->events[i];

		if (event->kind == TRACE_RECORDS && event->link == me->link)
			code = me->inner->ops->write(me->inner, 0, event->data,
						     event->data_length, err);
	}
	return code;
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
