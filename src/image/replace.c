/* SPDX-License-Identifier: MIT */
#include "image/replace.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "image/store.h"

/* Room for so many pieces, and some more. */
static bool reserve(struct s0_image *image, size_t count)
{
	size_t capacity = count + count / 2;
	struct s0_piece *pieces;

	if (count <= image->piece_capacity)
		return true;
	pieces = realloc(image->pieces, capacity * sizeof *pieces);
	if (!pieces)
		return false;
	image->pieces = pieces;
	image->piece_capacity = capacity;
	return true;
}

bool image_splice(struct s0_image *image, size_t first, size_t end,
		  const struct s0_piece *pieces, size_t count)
{
	size_t behind = image->piece_count - end;
	struct s0_piece *at;

	if (!reserve(image, first + count + behind))
		return false;
	if (!count && !behind) {
		image->piece_count = first;
		return true;
	}
	at = image->pieces + first;
	memmove(at + count, image->pieces + end, behind * sizeof *at);
	if (count)
		memcpy(at, pieces, count * sizeof *at);
	image->piece_count = first + count + behind;
	return true;
}

/* Cut the piece that goes over an address in two. */
static bool cut(struct s0_image *image, uint64_t address)
{
	size_t i = address > UINT32_MAX
			   ? image->piece_count
			   : s0_image_find(image, (uint32_t)address);
	struct s0_piece halves[2];
	uint32_t length;

	if (i == image->piece_count || image->pieces[i].address >= address)
		return true;
	halves[0] = halves[1] = image->pieces[i];
	length = (uint32_t)(address - halves[0].address);
	halves[0].length = length;
	halves[1].address += length;
	halves[1].bytes += length;
	halves[1].length -= length;
	return image_splice(image, i, i + 1, halves, 2);
}

/* The chunks of another image go behind the one that is being filled. */
static void take_chunks(struct s0_image *image, struct s0_image *other)
{
	struct chunk *last = other->chunk;

	if (!last)
		return;
	while (last->previous)
		last = last->previous;
	if (image->chunk) {
		last->previous = image->chunk->previous;
		image->chunk->previous = other->chunk;
	} else {
		image->chunk = other->chunk;
		image->used = other->used;
	}
	image->total += other->total;
	other->chunk = NULL;
	other->used = 0;
	other->total = 0;
}

s0_code image_replace(struct s0_image *image, uint32_t address, uint64_t end,
		      struct s0_image *other, struct s0_error *err)
{
	size_t first, last;

	if (!cut(image, address) || !cut(image, end))
		return error_memory(err);
	first = s0_image_find(image, address);
	last = end > UINT32_MAX ? image->piece_count
				: s0_image_find(image, (uint32_t)end);
	if (!image_splice(image, first, last, other ? other->pieces : NULL,
			  other ? other->piece_count : 0))
		return error_memory(err);
	if (other) {
		take_chunks(image, other);
		other->piece_count = 0;
	}
	return S0_OK;
}
