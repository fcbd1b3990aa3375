/* SPDX-License-Identifier: MIT */
#ifndef LINK_STORE_H
#define LINK_STORE_H

/*
 * The seam to something that keeps bytes: a file, or memory in tests. Used for
 * the host's records (journal) and for a virtual chip's memory. Handed in by
 * the caller; the operating system's code is in link/os/file_store.c.
 *
 * Contract:
 *  - read() fills as much as there is: *ret_length < length only at the end;
 *  - write() extends the store when it must; a hole reads as zeros;
 *  - sync() returns when what was written will survive a power cut;
 *  - lock() fails with S0_E_BUSY when another process holds it, and ends with
 *    close() or with the process;
 *  - close() releases the store itself.
 */

#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>

struct store;

struct store_ops {
	s0_code (*read)(struct store *store, uint64_t offset, void *bytes,
			size_t length, size_t *ret_length,
			struct s0_error *err);
	s0_code (*write)(struct store *store, uint64_t offset,
			 const void *bytes, size_t length,
			 struct s0_error *err);
	s0_code (*resize)(struct store *store, uint64_t length,
			  struct s0_error *err);
	s0_code (*sync)(struct store *store, struct s0_error *err);
	s0_code (*lock)(struct store *store, struct s0_error *err);
	void (*close)(struct store *store);
};

struct store {
	const struct store_ops *ops;
	uint32_t date_s; /* today's, s since 1970 UTC; 0: not known */
};

/* A store in memory; what it holds ends with close(). link/memory_store.c */
s0_code memory_store_new(struct store **ret_store, struct s0_error *err);

/* In place of one that could not be opened: it is empty, and fails with `why`
 * when something is to be written. link/no_store.c */
s0_code no_store_new(const struct s0_error *why, struct store **ret_store,
		     struct s0_error *err);

/* A file, made if it is not there, its folders too. link/os/file_store.c */
s0_code file_store_open(const char *path, struct store **ret_store,
			struct s0_error *err);

/* The names in a folder, sorted; none if it is not there. link/os/folder.c */
typedef void (*store_name_fn)(void *payload, const char *name);
s0_code file_store_list(const char *folder, store_name_fn name, void *payload,
			struct s0_error *err);

#endif
