/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_SINK_H
#define IMAGE_SINK_H

/*
 * Where a format reader puts the bytes it finds. Two sinks exist: the collector
 * (collector.h) that fills an image, and the locator (reader.c) that the same
 * reader is run into once more to find which records cover an address.
 *
 * A reader decodes straight into sink->room, then commits. Bytes that continue
 * the ones before cost no call: that is where the speed comes from.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SINK_ROOM = 256 }; /* more than one record of any text format */

/* Address that nothing continues. */
#define SINK_NOWHERE UINT64_MAX

/* A segment that the format itself marks out. */
struct sink_segment {
	unsigned index;
	const char *section; /* copied */
	unsigned target;     /* of a .dfu file; and what it is for */
	uint8_t alternate;
	uint32_t address;
	uint32_t memory_length;
	uint64_t place; /* offset in the file of the first byte or digit */
};

struct sink {
	uint8_t *room; /* the next bytes go here */
	size_t left;   /* bytes free at room */
	uint64_t next; /* address that continues the bytes before */
	const struct sink_ops *ops;
};

/* All return false when memory runs out. */
struct sink_ops {
	/* Make room: SINK_ROOM bytes at least, `wanted` at best. */
	bool (*grow)(struct sink *sink, size_t wanted);
	/* The bytes at room belong at an address that continues nothing. */
	bool (*jump)(struct sink *sink, uint32_t address, uint32_t length,
		     uint64_t place);
	/* What comes next is a segment of its own. */
	bool (*begin)(struct sink *sink, const struct sink_segment *segment);
};

/* Make sure that SINK_ROOM bytes can be decoded to sink->room. */
static inline bool sink_make_room(struct sink *sink)
{
	return sink->left >= SINK_ROOM || sink->ops->grow(sink, SINK_ROOM);
}

static inline void sink_advance(struct sink *sink, uint32_t length)
{
	sink->room += length;
	sink->left -= length;
	sink->next += length;
}

/* `length` bytes (1 to sink->left) that stand at room belong at an address;
 * they lie at offset `place` in the file. */
static inline bool sink_commit(struct sink *sink, uint32_t address,
			       uint32_t length, uint64_t place)
{
	if (address != sink->next)
		return sink->ops->jump(sink, address, length, place);
	sink_advance(sink, length);
	return true;
}

static inline bool sink_begin(struct sink *sink,
			      const struct sink_segment *segment)
{
	return sink->ops->begin(sink, segment);
}

/* Copy bytes of a binary file that lie at offset `place` in it. The caller has
 * checked that they do not run past 0xffffffff. */
bool sink_add(struct sink *sink, uint32_t address, const uint8_t *bytes,
	      uint32_t length, uint64_t place);

#endif
