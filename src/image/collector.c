/* SPDX-License-Identifier: MIT */
#include "image/collector.h"

#include <stdlib.h>
#include <string.h>

/* Chunks are of the file's length or this, whichever is less, as no file holds
 * more bytes than it is long; big images grow by an eighth of what they have. */
#define CHUNK_USUAL 65536u
#define CHUNK_SHARE 8u

static bool push_piece(struct collector *c, uint32_t address, uint32_t length)
{
	size_t capacity = c->capacity ? c->capacity + c->capacity / 2 : 16;
	struct s0_piece *pieces;

	if (c->count == c->capacity) {
		pieces = realloc(c->pieces, capacity * sizeof *pieces);
		if (!pieces)
			return false;
		c->pieces = pieces;
		c->capacity = capacity;
	}
	if (c->count && address < c->pieces[c->count - 1].address)
		c->unsorted = true;
	c->pieces[c->count++] = (struct s0_piece){ address, length, c->start };
	return true;
}

static bool close_piece(struct collector *c)
{
	if (c->start == c->sink.room)
		return true;
	return push_piece(c, (uint32_t)c->address,
			  (uint32_t)(c->sink.room - c->start));
}

static void open_piece(struct collector *c, uint64_t address)
{
	c->start = c->sink.room;
	c->address = address;
	c->sink.next = address;
}

static bool grow(struct sink *sink, size_t wanted)
{
	struct collector *c = (struct collector *)sink;
	struct s0_image *image = c->image;
	size_t size = (size_t)(image->total / CHUNK_SHARE);
	struct chunk *chunk;

	if (size < CHUNK_USUAL)
		size = c->most < CHUNK_USUAL ? c->most : CHUNK_USUAL;
	if (size < SINK_ROOM)
		size = SINK_ROOM;
	if (size < wanted)
		size = wanted;
	chunk = malloc(sizeof *chunk + size);
	if (!chunk || !close_piece(c)) {
		free(chunk);
		return false;
	}
	chunk->previous = image->chunk;
	chunk->size = size;
	image->chunk = chunk;
	image->total += size;
	sink->room = chunk->bytes;
	sink->left = size;
	open_piece(c, sink->next);
	return true;
}

/* A segment's length is what came between its begin and the next. */
static void close_segment(struct collector *c)
{
	struct s0_image *image = c->image;
	struct s0_segment *segment;
	uint64_t length;

	if (image->segment_count == c->segment_count)
		return;
	segment = &image->segments[image->segment_count - 1];
	length = c->sink.next - segment->address;
	segment->length = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
	if (segment->memory_length < segment->length)
		segment->memory_length = segment->length;
}

static bool reserve_segment(struct s0_image *image)
{
	size_t capacity = image->segment_capacity;
	struct s0_segment *segments;

	if (image->segment_count < capacity)
		return true;
	capacity = capacity ? capacity + capacity / 2 : 8;
	segments = realloc(image->segments, capacity * sizeof *segments);
	if (!segments)
		return false;
	image->segments = segments;
	image->segment_capacity = capacity;
	return true;
}

static bool begin(struct sink *sink, const struct sink_segment *from)
{
	struct collector *c = (struct collector *)sink;
	const char *section = "";

	if (from->section[0])
		section = image_keep_string(c->image, from->section,
					    strlen(from->section));
	if (!section || !close_piece(c) || !reserve_segment(c->image))
		return false;
	close_segment(c);
	c->image->segments[c->image->segment_count++] = (struct s0_segment){
		.file = c->file_name,
		.index = from->index,
		.section = section,
		.target = from->target,
		.alternate = from->alternate,
		.address = from->address,
		.memory_length = from->memory_length,
		.place = from->place,
	};
	open_piece(c, from->address);
	return true;
}

static bool jump(struct sink *sink, uint32_t address, uint32_t length,
		 uint64_t place)
{
	struct collector *c = (struct collector *)sink;
	size_t count = c->image->segment_count - c->segment_count;
	struct sink_segment segment = {
		.index = (unsigned)count,
		.section = "",
		.address = address,
		.place = place,
	};

	if (!begin(sink, &segment))
		return false;
	sink_advance(sink, length);
	return true;
}

static const struct sink_ops collector_ops = { grow, jump, begin };

bool collector_start(struct collector *c, struct s0_image *image,
		     const char *file_name, size_t file_length)
{
	*c = (struct collector){
		.sink = { .next = SINK_NOWHERE, .ops = &collector_ops },
		.image = image,
		.most = file_length,
		.chunk = image->chunk,
		.total = image->total,
		.strings = image->strings,
		.segment_count = image->segment_count,
	};
	if (image->chunk) {
		c->sink.room = image->chunk->bytes + image->used;
		c->sink.left = image->chunk->size - image->used;
	}
	open_piece(c, SINK_NOWHERE);
	c->file_name = image_keep_string(image, file_name, strlen(file_name));
	return c->file_name != NULL;
}

bool collector_finish(struct collector *c)
{
	if (!close_piece(c))
		return false;
	close_segment(c);
	return true;
}

bool collector_accept(struct collector *c, const struct merge *merge)
{
	struct s0_image *image = c->image;

	if (merge->end - merge->first < image->piece_count) {
		if (!image_splice(image, merge->first, merge->end,
				  merge->pieces, merge->count))
			return false;
		free(merge->pieces);
	} else {
		free(image->pieces);
		image->pieces = merge->pieces;
		image->piece_count = merge->count;
		image->piece_capacity = merge->count;
	}
	free(c->pieces);
	if (image->chunk)
		image->used = (size_t)(c->sink.room - image->chunk->bytes);
	return true;
}

void collector_undo(struct collector *c)
{
	struct s0_image *image = c->image;

	free(c->pieces);
	while (image->chunk != c->chunk) {
		struct chunk *previous = image->chunk->previous;

		free(image->chunk);
		image->chunk = previous;
	}
	while (image->strings != c->strings) {
		struct string *previous = image->strings->previous;

		free(image->strings);
		image->strings = previous;
	}
	image->total = c->total;
	image->segment_count = c->segment_count;
}
