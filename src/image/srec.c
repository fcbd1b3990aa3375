/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "image/hexline.h"
#include "image/out.h"

/* Motorola M68000 family programmer's reference manual, appendix C: 'S' type,
 * count (address, data and checksum), address, data, checksum (the ones'
 * complement of the sum of count, address and data). */

/* Columns of a record, from 0. */
enum { AT_TYPE = 1, AT_COUNT = 2, AT_ADDRESS = 4 };

/* Bytes of address of each type, 0 for the reserved S4. */
static const uint8_t address_bytes[10] = { 2, 2, 3, 4, 0, 2, 3, 4, 3, 2 };

struct record {
	unsigned type;
	uint32_t address;
	unsigned length;    /* of the data */
	size_t place;	    /* offset of the 'S' in the file */
	const uint8_t *end; /* of the record in the text */
};

/* What came so far. */
struct seen {
	unsigned types; /* bit n: an Sn record */
	size_t data_records;
	size_t odd_headers;
};

/* Four bytes, as in most records, at once. Returns where the data begin. */
static inline const uint8_t *decode_address(const uint8_t *at, unsigned width,
					    uint32_t *ret_address,
					    unsigned *sum, uint64_t *bad)
{
	uint32_t address = 0;

	if (width == 4) {
		uint64_t halves = hex_decode_8(at, bad);

		*sum += hex_sum(halves);
		*ret_address = (uint32_t)(halves & 0xff) << 24 |
			       (uint32_t)(halves >> 16 & 0xff) << 16 |
			       (uint32_t)(halves >> 32 & 0xff) << 8 |
			       (uint32_t)(halves >> 48);
		return at + 8;
	}
	for (; width--; at += 2) {
		unsigned byte = hex_byte(at, bad);

		*sum += byte;
		address = address << 8 | byte;
	}
	*ret_address = address;
	return at;
}

/* Decode one record, its data into the sink's room. False if anything at all
 * is wrong with it: explain() then looks again. */
static bool decode(const uint8_t *at, const uint8_t *end, uint8_t *room,
		   struct record *ret)
{
	uint64_t bad = 0;
	unsigned count, width, sum;

	if (end - at < AT_ADDRESS || at[0] != 'S')
		return false;
	ret->type = at[AT_TYPE] - (unsigned)'0';
	width = ret->type < 10 ? address_bytes[ret->type] : 0;
	count = sum = hex_byte(at + AT_COUNT, &bad);
	at += AT_ADDRESS;
	if (width == 0 || count < width + 1 || (size_t)(end - at) < 2u * count)
		return false;
	ret->length = count - width - 1;
	at = decode_address(at, width, &ret->address, &sum, &bad);
	sum += hex_decode(at, ret->length, room, &bad);
	at += 2u * ret->length;
	sum += hex_byte(at, &bad);
	ret->end = at + 2;
	return !bad && (sum & 0xffu) == 0xffu && hexline_ends(at + 2, end);
}

static s0_code check_count(struct reader *reader, size_t place, size_t has)
{
	unsigned type = reader->bytes[place + AT_TYPE] - (unsigned)'0';
	unsigned count = hexline_byte(reader, place + AT_COUNT, 0);
	unsigned least = address_bytes[type] + 1u;

	if (has < count)
		return reader_text_error(
			reader, place + AT_ADDRESS + 2 * has,
			"record is truncated: it has %zu bytes, its byte count "
			"says %u",
			has, count);
	if (has > count)
		return reader_text_error(
			reader, place + AT_COUNT,
			"byte count is %u, expected %zu: so many bytes are in "
			"the record",
			count, has);
	if (count < least)
		return reader_text_error(
			reader, place + AT_COUNT,
			"byte count is %u, expected at least %u in an S%u "
			"record",
			count, least, type);
	return S0_OK;
}

static s0_code check_start(struct reader *reader, size_t place)
{
	uint8_t first = reader->bytes[place], type;

	if (first != 'S')
		return reader_text_error(
			reader, place, "a record starts with %s, expected 'S'",
			hexline_show(first).chars);
	if (place + AT_TYPE == reader->length)
		return reader_text_error(reader, reader->length,
					 "record is truncated: no type");
	type = reader->bytes[place + AT_TYPE];
	if (type < '0' || type > '9' || type == '4')
		return reader_text_error(
			reader, place + AT_TYPE,
			"record type is %s, expected 0 to 3 or 5 to 9",
			hexline_show(type).chars);
	return S0_OK;
}

/* Say what is wrong with a record that decode() did not like. */
static s0_code explain(struct reader *reader, size_t place)
{
	size_t digits, bytes;
	unsigned sum = 0, found;
	s0_code code = check_start(reader, place);

	if (code == S0_OK)
		code = hexline_check(reader, place + AT_COUNT, &digits);
	if (code != S0_OK)
		return code;
	if (digits == 0)
		return reader_text_error(reader, place + AT_COUNT,
					 "record is truncated: no byte count");
	bytes = digits / 2 - 1;
	code = check_count(reader, place, bytes);
	if (code != S0_OK)
		return code;
	for (size_t i = 0; i < bytes; i++)
		sum += hexline_byte(reader, place + AT_COUNT, i);
	found = hexline_byte(reader, place + AT_COUNT, bytes);
	return reader_text_error(reader, place + AT_COUNT + 2 * bytes,
				 "checksum is 0x%02x, expected 0x%02x", found,
				 ~sum & 0xffu);
}

static s0_code take_data(struct reader *reader, const struct record *record)
{
	size_t width = address_bytes[record->type];

	if (record->length == 0)
		return S0_OK;
	if (record->length - 1 > UINT32_MAX - record->address)
		return reader_text_error(
			reader, record->place + AT_ADDRESS,
			"%u data bytes at 0x%08x run past 0xffffffff",
			record->length, record->address);
	if (!sink_commit(reader->sink, record->address, record->length,
			 record->place + AT_ADDRESS + 2 * width))
		return error_memory(reader->err);
	return S0_OK;
}

static s0_code check_other(struct reader *reader, const struct record *record,
			   size_t data_records)
{
	if (record->type == 0)
		return S0_OK;
	if (record->length)
		return reader_text_error(
			reader, record->place + AT_COUNT,
			"byte count is %u, expected %u in an S%u record",
			record->length + address_bytes[record->type] + 1u,
			address_bytes[record->type] + 1u, record->type);
	if (record->type > 6 || record->address == data_records)
		return S0_OK;
	return reader_text_error(reader, record->place + AT_ADDRESS,
				 "record count is %u, expected %zu: so many "
				 "data records came before",
				 record->address, data_records);
}

static s0_code check_rest(struct reader *reader, const uint8_t *at)
{
	const uint8_t *end = reader->bytes + reader->length;

	at = hexline_skip(at, end);
	if (at == end)
		return S0_OK;
	return reader_text_error(reader, (size_t)(at - reader->bytes),
				 "text after the end record");
}

/* The checksum leaves out the type: one wrong digit there moves or drops a whole
 * record. Nothing forbids what such a file then looks like, so only warn. */
static void warn_about_types(struct reader *reader, const struct seen *seen)
{
	unsigned types = seen->types & 0xeu;

	if (types & (types - 1))
		reader_warn(reader, "data records of different types: S1, S2 "
				    "and S3 mark addresses of 2, 3 and 4 "
				    "bytes");
	if (seen->odd_headers)
		reader_warn(reader,
			    "%zu header records (S0) that are not the first or "
			    "have an address",
			    seen->odd_headers);
}

static s0_code take_record(struct reader *reader, const struct record *record,
			   struct seen *seen)
{
	if (record->type == 0 && (seen->types || record->address))
		seen->odd_headers++;
	seen->types |= 1u << record->type;
	if (record->type < 1 || record->type > 3)
		return check_other(reader, record, seen->data_records);
	seen->data_records++;
	return take_data(reader, record);
}

s0_code srec_read(struct reader *reader)
{
	const uint8_t *end = reader->bytes + reader->length;
	struct record record = { .end = reader->bytes };
	struct sink *sink = reader->sink;
	struct seen seen = { 0 };
	s0_code code = S0_OK;

	while (code == S0_OK && record.type < 7) {
		const uint8_t *at = hexline_skip(record.end, end);

		if (at == end)
			return reader_text_error(
				reader, reader->length,
				"the file ends without an end record (S7, S8 "
				"or S9)");
		if (!sink_make_room(sink))
			return error_memory(reader->err);
		record.place = (size_t)(at - reader->bytes);
		if (!decode(at, end, sink->room, &record))
			return explain(reader, record.place);
		code = take_record(reader, &record, &seen);
	}
	if (code == S0_OK)
		code = check_rest(reader, record.end);
	if (code == S0_OK)
		warn_about_types(reader, &seen);
	return code;
}

static void put_record(struct out *out, unsigned type, uint32_t address,
		       const uint8_t *bytes, uint32_t length)
{
	unsigned width = address_bytes[type], sum = length + width + 1;
	uint8_t *start = out_room(out, AT_ADDRESS + 2 * 255 + 1), *to = start;

	*to++ = 'S';
	*to++ = (uint8_t)('0' + type);
	to = hex_put(to, sum);
	while (width--) {
		unsigned byte = address >> 8 * width & 0xffu;

		sum += byte;
		to = hex_put(to, byte);
	}
	to = hex_encode(to, bytes, length, &sum);
	to = hex_put(to, ~sum);
	*to++ = '\n';
	out_take(out, (size_t)(to - start));
}

s0_code srec_write(const struct s0_image *image,
		   const struct s0_image_write_options *options,
		   struct out *out, struct s0_error *err)
{
	struct rows rows = { .image = image, .most = 16, .unit = 1u << 31 };
	const char *title = options->title ? options->title : "";
	size_t length = strlen(title);
	uint32_t count = 0;

	(void)err;
	if (length > 252) /* what the byte count leaves */
		length = 252;
	put_record(out, 0, 0, (const uint8_t *)title, (uint32_t)length);
	for (; rows_next(&rows) && !out->stopped; count++)
		put_record(out, 3, rows.address, rows.bytes, rows.length);
	if (count < 1u << 16)
		put_record(out, 5, count, NULL, 0);
	else if (count < 1u << 24)
		put_record(out, 6, count, NULL, 0);
	put_record(out, 7, 0, NULL, 0);
	return S0_OK;
}
