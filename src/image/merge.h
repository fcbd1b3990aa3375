/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_MERGE_H
#define IMAGE_MERGE_H

/* Puts the pieces of a new file beside those of an image. */

#include <stdbool.h>

#include <sector0/image.h>

struct merge {
	struct s0_piece *pieces; /* sorted, without overlaps; to be freed */
	size_t count;
	size_t first, end;   /* the old pieces [first, end) that they replace */
	uint64_t doubled;    /* bytes that came twice with one value */
	uint32_t doubled_at; /* the first of them */
	bool conflict;	     /* bytes came twice with two values */
	uint32_t conflict_at;
};

/*
 * Only the old pieces that the new ones meet are looked at: adding to an image
 * in order of address costs the same however big it is.
 * @param old   Sorted, without overlaps.
 * @param more  In any order; is sorted here if `unsorted`.
 * @return false when memory runs out. A conflict is told in ret->conflict;
 *         ret->pieces then is NULL.
 */
bool merge_pieces(const struct s0_piece *old, size_t old_count,
		  struct s0_piece *more, size_t count, bool unsorted,
		  struct merge *ret);

#endif
