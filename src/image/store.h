/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_STORE_H
#define IMAGE_STORE_H

/* What an image is made of; shared by the files of this folder only. */

#include <stddef.h>
#include <stdint.h>

#include <sector0/image.h>

/* Bytes live in chunks that never move or shrink, so pieces can point there.
 * A file's bytes are appended; nothing is ever copied to grow. */
struct chunk {
	struct chunk *previous;
	size_t size;
	uint8_t bytes[];
};

struct string {
	struct string *previous;
	char chars[];
};

struct s0_image {
	struct chunk *chunk; /* the newest */
	size_t used;	     /* bytes used in it */
	uint64_t total;	     /* bytes in all chunks */
	struct string *strings;
	struct s0_piece *pieces;
	size_t piece_count;
	size_t piece_capacity;
	struct s0_segment *segments;
	size_t segment_count;
	size_t segment_capacity;
};

/* Index of the first piece that ends after an address. */
size_t pieces_find(const struct s0_piece *pieces, size_t count,
		   uint32_t address);

/* Put pieces in the place of [first, end). Returns false, with nothing changed,
 * when memory runs out. */
bool image_splice(struct s0_image *image, size_t first, size_t end,
		  const struct s0_piece *pieces, size_t count);

/* Copy at most `most` characters, those that cannot be printed as '?'.
 * Owned by the image; NULL when memory runs out. */
const char *image_keep_string(struct s0_image *image, const char *chars,
			      size_t most);

#endif
