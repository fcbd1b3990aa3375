/* SPDX-License-Identifier: MIT */
#include "image/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/range.h"
#include "image/store.h"

static uint64_t piece_end(const struct s0_piece *piece)
{
	return range_end(piece->address, piece->length);
}

static int by_address(const void *left, const void *right)
{
	const struct s0_piece *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return (a->length > b->length) - (a->length < b->length);
}

/*
 * Compare the first `length` bytes of a piece with what was merged before. They
 * are all there: pieces come in order of address, so a gap that was left open
 * lies before this piece.
 */
static bool compare(struct merge *merge, const struct s0_piece *piece,
		    uint32_t length)
{
	size_t i = pieces_find(merge->pieces, merge->count, piece->address);
	uint32_t done = 0;

	while (done < length) {
		const struct s0_piece *other = &merge->pieces[i++];
		uint32_t skipped = piece->address + done - other->address;
		uint32_t n = other->length - skipped;
		const uint8_t *a = other->bytes + skipped;
		const uint8_t *b = piece->bytes + done;

		if (n > length - done)
			n = length - done;
		done += n;
		if (memcmp(a, b, n) == 0)
			continue;
		merge->conflict = true;
		merge->conflict_at = piece->address + done - n;
		while (*a++ == *b++)
			merge->conflict_at++;
		return false;
	}
	return true;
}

static bool append(struct merge *merge, struct s0_piece piece)
{
	struct s0_piece *last = merge->pieces + merge->count - 1;
	uint64_t end = merge->count ? piece_end(last) : 0;

	if (piece.address < end) {
		uint64_t covered = end - piece.address;
		uint32_t n = piece.length < covered ? piece.length
						    : (uint32_t)covered;

		if (!compare(merge, &piece, n))
			return false;
		if (merge->doubled == 0)
			merge->doubled_at = piece.address;
		merge->doubled += n;
		if (n == piece.length)
			return true;
		piece.address += n;
		piece.length -= n;
		piece.bytes += n;
	}
	if (merge->count && piece.address == end &&
	    piece.bytes == last->bytes + last->length)
		last->length += piece.length;
	else
		merge->pieces[merge->count++] = piece;
	return true;
}

/* The old pieces that the new ones may overlap or be joined to. */
static void find_met(const struct s0_piece *old, size_t old_count,
		     const struct s0_piece *more, size_t count,
		     struct merge *ret)
{
	uint64_t end = 0;

	if (!count)
		return;
	ret->first = pieces_find(old, old_count, more[0].address);
	if (ret->first && piece_end(&old[ret->first - 1]) == more[0].address)
		ret->first--;
	for (size_t i = 0; i < count; i++)
		if (piece_end(&more[i]) > end)
			end = piece_end(&more[i]);
	ret->end = end > UINT32_MAX
			   ? old_count
			   : pieces_find(old, old_count, (uint32_t)end);
	if (ret->end < old_count && old[ret->end].address <= end)
		ret->end++;
}

bool merge_pieces(const struct s0_piece *old, size_t old_count,
		  struct s0_piece *more, size_t count, bool unsorted,
		  struct merge *ret)
{
	size_t i, k = 0;
	bool good = true;

	*ret = (struct merge){ 0 };
	if (unsorted)
		qsort(more, count, sizeof *more, by_address);
	find_met(old, old_count, more, count, ret);
	ret->pieces = malloc((ret->end - ret->first + count + 1) *
			     sizeof *ret->pieces);
	if (!ret->pieces)
		return false;
	for (i = ret->first; good && (i < ret->end || k < count);) {
		bool take_old =
			k == count ||
			(i < ret->end && old[i].address <= more[k].address);

		good = append(ret, take_old ? old[i] : more[k]);
		i += take_old;
		k += !take_old;
	}
	if (good)
		return true;
	free(ret->pieces);
	ret->pieces = NULL;
	return true;
}
