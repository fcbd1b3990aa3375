/* SPDX-License-Identifier: MIT */
#include "image/out.h"

#include <string.h>

#include "base/range.h"
#include "image/store.h"

void out_flush(struct out *out)
{
	if (out->used && !out->stopped)
		out->stopped = !out->sink(out->payload, out->buffer, out->used);
	out->used = 0;
}

uint8_t *out_room(struct out *out, size_t length)
{
	if (out->used + length > sizeof out->buffer)
		out_flush(out);
	return out->buffer + out->used;
}

void out_bytes(struct out *out, const void *bytes, size_t length)
{
	if (out->stopped)
		return;
	if (length <= sizeof out->buffer - out->used) {
		memcpy(out->buffer + out->used, bytes, length);
		out->used += length;
		return;
	}
	out_flush(out);
	if (!out->stopped)
		out->stopped = !out->sink(out->payload, bytes, length);
}

void out_fill(struct out *out, uint8_t value, uint64_t length)
{
	uint8_t block[1024];

	memset(block, value, sizeof block);
	while (length && !out->stopped) {
		size_t n = sizeof block;

		if (n > length)
			n = (size_t)length;
		out_bytes(out, block, n);
		length -= n;
	}
}

/* Bytes that may follow in one row from an address on. */
static uint32_t row_room(const struct rows *rows, uint32_t address)
{
	uint32_t room = rows->unit - (address & (rows->unit - 1));

	return room < rows->most ? room : rows->most;
}

/* A row that goes over the end of its piece is put together in the buffer. */
static void join_row(struct rows *rows, uint32_t room)
{
	const struct s0_piece *pieces = rows->image->pieces;
	uint64_t end = rows->address;

	rows->length = 0;
	rows->bytes = rows->buffer;
	while (rows->piece < rows->image->piece_count && room) {
		const struct s0_piece *piece = &pieces[rows->piece];
		uint32_t n = piece->length - rows->offset;

		if (range_end(piece->address, rows->offset) != end)
			return;
		n = n < room ? n : room;
		memcpy(rows->buffer + rows->length, piece->bytes + rows->offset,
		       n);
		rows->length += n;
		rows->offset += n;
		room -= n;
		end += n;
		if (rows->offset == piece->length) {
			rows->offset = 0;
			rows->piece++;
		}
	}
}

bool rows_next(struct rows *rows)
{
	const struct s0_piece *piece;
	uint32_t room;

	if (rows->piece == rows->image->piece_count)
		return false;
	piece = &rows->image->pieces[rows->piece];
	rows->address = piece->address + rows->offset;
	room = row_room(rows, rows->address);
	if (piece->length - rows->offset > room) {
		rows->bytes = piece->bytes + rows->offset;
		rows->length = room;
		rows->offset += room;
	} else {
		join_row(rows, room);
	}
	return true;
}

bool run_next(const struct s0_image *image, struct run *run)
{
	size_t i = run->end;
	const struct s0_piece *pieces = image->pieces;

	if (i == image->piece_count)
		return false;
	*run = (struct run){ .address = pieces[i].address, .first = i };
	while (i < image->piece_count &&
	       pieces[i].address == run->address + run->length)
		run->length += pieces[i++].length;
	run->end = i;
	return true;
}
