/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_COLLECTOR_H
#define IMAGE_COLLECTOR_H

/* The sink that fills an image, as a transaction: until collector_accept() the
 * image's pieces are as they were, and collector_undo() takes back the rest. */

#include <stdbool.h>

#include "image/merge.h"
#include "image/sink.h"
#include "image/store.h"

struct collector {
	struct sink sink; /* first: a sink is cast back to its collector */
	struct s0_image *image;
	const char *file_name; /* owned by the image */
	size_t most;	       /* bytes that may come: the length of the file */
	struct s0_piece *pieces; /* what this file adds, in the file's order */
	size_t count;
	size_t capacity;
	bool unsorted;
	uint8_t *start;	  /* first byte of the piece being filled */
	uint64_t address; /* of that byte */
	/* the image before */
	struct chunk *chunk;
	uint64_t total;
	struct string *strings;
	size_t segment_count;
};

/* Returns false when memory runs out; collector_undo() is due all the same. */
bool collector_start(struct collector *collector, struct s0_image *image,
		     const char *file_name, size_t file_length);
/* No more bytes will come: close what is open. */
bool collector_finish(struct collector *collector);
/* Keep what was collected; the merged pieces are taken over. Returns false when
 * memory runs out: collector_undo() is due, and the pieces stay the caller's. */
bool collector_accept(struct collector *collector, const struct merge *merge);
/* Put the image back as it was. */
void collector_undo(struct collector *collector);

#endif
