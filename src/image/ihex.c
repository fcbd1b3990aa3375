/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "image/hexline.h"
#include "image/out.h"

/* Intel, Hexadecimal Object File Format Specification, revision A (1988):
 * ':' count, 16-bit offset, type, data, checksum (the sum of all is 0). */
enum {
	TYPE_DATA = 0,
	TYPE_END = 1,
	TYPE_SEGMENT = 2, /* base = value * 16 */
	TYPE_START_SEGMENT = 3,
	TYPE_LINEAR = 4, /* base = value * 65536 */
	TYPE_START_LINEAR = 5
};

/* Columns of a record, from 0. */
enum { AT_COUNT = 1, AT_OFFSET = 3, AT_TYPE = 7, AT_DATA = 9 };

struct record {
	unsigned count;
	unsigned offset;
	unsigned type;
	size_t place;	     /* offset of the ':' in the file */
	const uint8_t *data; /* the sink's room: not committed yet */
	const uint8_t *end;  /* of the record in the text */
};

/* Decode one record into the sink's room. False if anything at all is wrong
 * with it: explain() then looks again. */
static bool decode(const uint8_t *at, const uint8_t *end, uint8_t *room,
		   struct record *ret)
{
	uint64_t bad = 0, halves;
	unsigned sum;

	if (end - at < AT_DATA + 2 || at[0] != ':')
		return false;
	halves = hex_decode_8(at + AT_COUNT, &bad);
	ret->count = (unsigned)halves & 0xffu;
	ret->offset = (unsigned)(halves >> 8 & 0xff00) |
		      (unsigned)(halves >> 32 & 0xff);
	ret->type = (unsigned)(halves >> 48);
	if ((size_t)(end - at) < AT_DATA + 2u * ret->count + 2)
		return false;
	at += AT_DATA;
	sum = hex_sum(halves) + hex_decode(at, ret->count, room, &bad);
	at += 2u * ret->count;
	sum += hex_byte(at, &bad);
	ret->data = room;
	ret->end = at + 2;
	return !bad && (sum & 0xffu) == 0 && hexline_ends(at + 2, end);
}

static s0_code check_count(struct reader *reader, size_t place, size_t digits)
{
	size_t has = digits / 2 - 5;
	unsigned count = hexline_byte(reader, place + AT_COUNT, 0);

	if (has < count)
		return reader_text_error(reader, place + AT_DATA + 2 * has + 2,
					 "record is truncated: it has %zu data "
					 "bytes, its byte count says %u",
					 has, count);
	if (has > count)
		return reader_text_error(
			reader, place + AT_COUNT,
			"byte count is %u, expected %zu: so many data bytes "
			"are in the record",
			count, has);
	return S0_OK;
}

/* Say what is wrong with a record that decode() did not like. */
static s0_code explain(struct reader *reader, size_t place)
{
	uint8_t first = reader->bytes[place];
	size_t digits;
	unsigned sum = 0, found;
	s0_code code;

	if (first != ':')
		return reader_text_error(
			reader, place, "a record starts with %s, expected ':'",
			hexline_show(first).chars);
	code = hexline_check(reader, place + AT_COUNT, &digits);
	if (code != S0_OK)
		return code;
	if (digits < 10)
		return reader_text_error(
			reader, place + AT_COUNT + digits,
			"record is truncated: it has %zu digits, expected at "
			"least 10",
			digits);
	code = check_count(reader, place, digits);
	if (code != S0_OK)
		return code;
	for (size_t i = 0; i < digits / 2 - 1; i++)
		sum += hexline_byte(reader, place + AT_COUNT, i);
	found = hexline_byte(reader, place + AT_COUNT, digits / 2 - 1);
	return reader_text_error(reader, place + digits - 1,
				 "checksum is 0x%02x, expected 0x%02x", found,
				 (0u - sum) & 0xffu);
}

static s0_code take_data(struct reader *reader, const struct record *record,
			 uint32_t base)
{
	if (record->count == 0)
		return S0_OK;
	/* Whether the address wraps inside the 64 KiB or carries into the base
	 * is what tools disagree on. */
	if (record->offset + record->count > 0x10000)
		return reader_text_error(
			reader, record->place + AT_OFFSET,
			"%u data bytes at offset 0x%04x run past the end of "
			"their 64 KiB segment",
			record->count, record->offset);
	if (!sink_commit(reader->sink, base + record->offset, record->count,
			 record->place + AT_DATA))
		return error_memory(reader->err);
	return S0_OK;
}

static s0_code expect_count(struct reader *reader, const struct record *record,
			    unsigned count)
{
	if (record->count == count)
		return S0_OK;
	return reader_text_error(
		reader, record->place + AT_COUNT,
		"byte count is %u, expected %u in a record of type %02x",
		record->count, count, record->type);
}

static s0_code take_other(struct reader *reader, const struct record *record,
			  uint32_t *base)
{
	uint32_t value = (uint32_t)record->data[0] << 8 | record->data[1];
	unsigned shift = record->type == TYPE_SEGMENT ? 4 : 16;
	s0_code code;

	switch (record->type) {
	case TYPE_END:
		return expect_count(reader, record, 0);
	case TYPE_SEGMENT:
	case TYPE_LINEAR:
		code = expect_count(reader, record, 2);
		if (code == S0_OK)
			*base = value << shift;
		return code;
	case TYPE_START_SEGMENT:
	case TYPE_START_LINEAR:
		return expect_count(reader, record, 4);
	default:
		return reader_text_error(
			reader, record->place + AT_TYPE,
			"record type is %02x, expected 00 to 05", record->type);
	}
}

static s0_code check_rest(struct reader *reader, const uint8_t *at)
{
	const uint8_t *end = reader->bytes + reader->length;

	at = hexline_skip(at, end);
	if (at == end)
		return S0_OK;
	return reader_text_error(reader, (size_t)(at - reader->bytes),
				 "text after the end-of-file record");
}

s0_code ihex_read(struct reader *reader)
{
	const uint8_t *end = reader->bytes + reader->length;
	struct record record = { .end = reader->bytes };
	struct sink *sink = reader->sink;
	uint32_t base = 0;
	s0_code code = S0_OK;

	while (code == S0_OK) {
		const uint8_t *at = hexline_skip(record.end, end);

		if (at == end)
			return reader_text_error(
				reader, reader->length,
				"the file ends without an end-of-file record "
				"(type 01)");
		if (!sink_make_room(sink))
			return error_memory(reader->err);
		record.place = (size_t)(at - reader->bytes);
		if (!decode(at, end, sink->room, &record))
			return explain(reader, record.place);
		if (record.type == TYPE_DATA)
			code = take_data(reader, &record, base);
		else
			code = take_other(reader, &record, &base);
		if (record.type == TYPE_END && code == S0_OK)
			return check_rest(reader, record.end);
	}
	return code;
}

static void put_record(struct out *out, unsigned type, unsigned offset,
		       const uint8_t *bytes, uint32_t length)
{
	uint8_t *start = out_room(out, AT_DATA + 2 * 16 + 3), *to = start;
	unsigned sum = length + (offset >> 8) + (offset & 0xffu) + type;

	*to++ = ':';
	to = hex_put(to, length);
	to = hex_put(to, offset >> 8);
	to = hex_put(to, offset);
	to = hex_put(to, type);
	to = hex_encode(to, bytes, length, &sum);
	to = hex_put(to, 0u - sum);
	*to++ = '\n';
	out_take(out, (size_t)(to - start));
}

s0_code ihex_write(const struct s0_image *image,
		   const struct s0_image_write_options *options,
		   struct out *out, struct s0_error *err)
{
	struct rows rows = { .image = image, .most = 16, .unit = 0x10000 };
	uint32_t base = 0;

	(void)options;
	(void)err;
	while (rows_next(&rows) && !out->stopped) {
		uint32_t upper = rows.address >> 16;
		uint8_t value[2] = { (uint8_t)(upper >> 8), (uint8_t)upper };

		if (upper != base)
			put_record(out, TYPE_LINEAR, 0, value, sizeof value);
		base = upper;
		put_record(out, TYPE_DATA, rows.address & 0xffff, rows.bytes,
			   rows.length);
	}
	put_record(out, TYPE_END, 0, NULL, 0);
	return S0_OK;
}
