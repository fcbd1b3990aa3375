/* SPDX-License-Identifier: MIT */
/* A store that could not be opened: it is empty, and takes nothing. */
#include "link/store.h"

#include <stdlib.h>

#include "base/error.h"

struct no_store {
	struct store store;
	struct s0_error why;
};

static s0_code refuse(struct store *store, struct s0_error *err)
{
	const struct no_store *none = (const struct no_store *)store;

	if (err && err->code == S0_OK) {
		error_add_cause(err, none->why.cause);
		return error_set(err, none->why.code, "%s", none->why.message);
	}
	return none->why.code;
}

static s0_code read_nothing(struct store *store, uint64_t offset, void *bytes,
			    size_t length, size_t *ret_length,
			    struct s0_error *err)
{
	(void)store, (void)offset, (void)bytes, (void)length, (void)err;
	*ret_length = 0;
	return S0_OK;
}

static s0_code write(struct store *store, uint64_t offset, const void *bytes,
		     size_t length, struct s0_error *err)
{
	(void)offset, (void)bytes, (void)length;
	return refuse(store, err);
}

static s0_code resize(struct store *store, uint64_t length,
		      struct s0_error *err)
{
	(void)length;
	return refuse(store, err);
}

static s0_code lock(struct store *store, struct s0_error *err)
{
	(void)store, (void)err;
	return S0_OK;
}

static void close_it(struct store *store)
{
	free(store);
}

static const struct store_ops ops = { .read = read_nothing,
				      .write = write,
				      .resize = resize,
				      .sync = refuse,
				      .lock = lock,
				      .close = close_it };

s0_code no_store_new(const struct s0_error *why, struct store **ret_store,
		     struct s0_error *err)
{
	struct no_store *none = calloc(1, sizeof *none);

	if (!none)
		return error_memory(err);
	none->store.ops = &ops;
	none->why = *why;
	*ret_store = &none->store;
	return S0_OK;
}
