/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "image/out.h"
#include "image/reader.h"
#include "image/store.h"

/*
 * ST's UM0391, DfuSe file format, as fwupd and dfu-util implement it: prefix,
 * targets (a prefix and elements each), and the suffix of DFU 1.1 with another
 * version number. All numbers are little-endian.
 */
enum {
	PREFIX_SIZE = 11,
	TARGET_SIZE = 274,
	ELEMENT_SIZE = 8,
	SUFFIX_SIZE = 16,
	NAME_SIZE = 255,
	DFU_DFUSE = 0x011a,
	DFU_PLAIN = 0x0100
};

/* Offsets in the prefix, the target prefix, and the suffix. */
enum { AT_VERSION = 5, AT_IMAGE_SIZE = 6, AT_TARGETS = 10 };
enum {
	AT_ALTERNATE = 6,
	AT_NAMED = 7,
	AT_NAME = 11,
	AT_TARGET_SIZE = 266,
	AT_ELEMENTS = 270
};
enum { AT_DFU = 6, AT_UFD = 8, AT_LENGTH = 11, AT_CRC = 12 };

uint32_t dfuse_crc(const uint8_t *bytes, size_t length)
{
	/* Without the final inversion that zlib does: "JAMCRC". */
	return ~(uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, length - 4);
}

static bool has_suffix(const uint8_t *bytes, size_t length)
{
	return length >= SUFFIX_SIZE &&
	       memcmp(bytes + length - SUFFIX_SIZE + AT_UFD, "UFD", 3) == 0;
}

bool dfuse_plain_suffix(const uint8_t *bytes, size_t length)
{
	return has_suffix(bytes, length) && memcmp(bytes, "DfuSe", 5) != 0 &&
	       get_le16(bytes + length - SUFFIX_SIZE + AT_DFU) == DFU_PLAIN;
}

/* The file while it is read. */
struct parse {
	struct reader *reader;
	size_t at;	  /* next byte */
	size_t end;	  /* where the suffix starts */
	unsigned element; /* running number, across targets */
	unsigned target;
	uint8_t alternate;
};

static s0_code check_suffix(struct parse *parse)
{
	struct reader *reader = parse->reader;
	size_t at = reader->length - SUFFIX_SIZE;
	const uint8_t *suffix = reader->bytes + at;
	uint32_t found, expected;
	s0_code code = S0_OK;

	if (!has_suffix(reader->bytes, reader->length)) {
		parse->end = reader->length;
		return reader_doubt(reader, reader->length,
				    "no DFU suffix at the end of the file, "
				    "expected 16 bytes with 'UFD' in them");
	}
	parse->end = at;
	if (get_le16(suffix + AT_DFU) != DFU_DFUSE)
		code = reader_doubt(reader, at + AT_DFU,
				    "DFU version is 0x%04x, expected 0x%04x",
				    get_le16(suffix + AT_DFU), DFU_DFUSE);
	if (code == S0_OK && suffix[AT_LENGTH] != SUFFIX_SIZE)
		code = reader_doubt(reader, at + AT_LENGTH,
				    "length of the suffix is %u, expected %u",
				    suffix[AT_LENGTH], SUFFIX_SIZE);
	found = get_le32(suffix + AT_CRC);
	expected = dfuse_crc(reader->bytes, reader->length);
	if (code == S0_OK && found != expected)
		code = reader_doubt(reader, at + AT_CRC,
				    "CRC is 0x%08x, expected 0x%08x", found,
				    expected);
	return code;
}

static s0_code check_prefix(struct parse *parse)
{
	struct reader *reader = parse->reader;
	const uint8_t *bytes = reader->bytes;
	uint32_t size;
	s0_code code;

	if (reader->length < 5 || memcmp(bytes, "DfuSe", 5) != 0)
		return reader_error(reader, S0_E_FORMAT, 0,
				    "no DfuSe signature, expected 'DfuSe'");
	if (reader->length < PREFIX_SIZE + SUFFIX_SIZE)
		return reader_error(reader, S0_E_FORMAT, reader->length,
				    "the file is truncated: it has %zu bytes, "
				    "expected at least %u",
				    reader->length, PREFIX_SIZE + SUFFIX_SIZE);
	if (bytes[AT_VERSION] != 1)
		return reader_error(reader, S0_E_UNSUPPORTED, AT_VERSION,
				    "DfuSe format version is %u, expected 1",
				    bytes[AT_VERSION]);
	code = check_suffix(parse);
	size = get_le32(bytes + AT_IMAGE_SIZE);
	if (code == S0_OK && size != parse->end)
		code = reader_doubt(reader, AT_IMAGE_SIZE,
				    "image size is %u, expected %zu", size,
				    parse->end);
	parse->at = PREFIX_SIZE;
	return code;
}

static s0_code expect_room(struct parse *parse, size_t size, const char *what)
{
	size_t left = parse->end - parse->at;

	if (left >= size)
		return S0_OK;
	return reader_error(parse->reader, S0_E_FORMAT, parse->at,
			    "%s is truncated: %zu bytes are left, expected %zu",
			    what, left, size);
}

static s0_code read_element(struct parse *parse, const char *name)
{
	struct reader *reader = parse->reader;
	struct sink_segment segment = { .index = parse->element,
					.section = name,
					.target = parse->target,
					.alternate = parse->alternate };
	s0_code code = expect_room(parse, ELEMENT_SIZE, "element header");
	uint32_t size;

	if (code != S0_OK)
		return code;
	segment.address = get_le32(reader->bytes + parse->at);
	size = get_le32(reader->bytes + parse->at + 4);
	parse->at += ELEMENT_SIZE;
	segment.place = parse->at;
	code = expect_room(parse, size, "element");
	if (code != S0_OK)
		return code;
	if (size && size - 1 > UINT32_MAX - segment.address)
		return reader_error(
			reader, S0_E_FORMAT, parse->at - ELEMENT_SIZE,
			"element %u, %u bytes at 0x%08x, runs past 0xffffffff",
			parse->element, size, segment.address);
	if (!sink_begin(reader->sink, &segment) ||
	    !sink_add(reader->sink, segment.address, reader->bytes + parse->at,
		      size, parse->at))
		return error_memory(reader->err);
	parse->at += size;
	parse->element++;
	return S0_OK;
}

static s0_code read_target(struct parse *parse)
{
	struct reader *reader = parse->reader;
	const uint8_t *prefix = reader->bytes + parse->at;
	size_t start = parse->at;
	char name[NAME_SIZE + 1] = "";
	s0_code code = expect_room(parse, TARGET_SIZE, "target prefix");
	uint32_t size, elements;

	if (code != S0_OK)
		return code;
	if (memcmp(prefix, "Target", 6) != 0)
		return reader_error(reader, S0_E_FORMAT, start,
				    "no target signature, expected 'Target'");
	if (get_le32(prefix + AT_NAMED))
		memcpy(name, prefix + AT_NAME, NAME_SIZE);
	parse->alternate = prefix[AT_ALTERNATE];
	size = get_le32(prefix + AT_TARGET_SIZE);
	elements = get_le32(prefix + AT_ELEMENTS);
	parse->at += TARGET_SIZE;
	while (elements-- && code == S0_OK)
		code = read_element(parse, name);
	if (code == S0_OK && parse->at - start - TARGET_SIZE != size)
		code = reader_doubt(reader, start + AT_TARGET_SIZE,
				    "target size is %u, expected %zu", size,
				    parse->at - start - TARGET_SIZE);
	return code;
}

s0_code dfuse_read(struct reader *reader)
{
	struct parse parse = { .reader = reader };
	s0_code code = check_prefix(&parse);
	unsigned targets;

	if (code != S0_OK)
		return code;
	targets = reader->bytes[AT_TARGETS];
	for (; parse.target < targets && code == S0_OK; parse.target++)
		code = read_target(&parse);
	if (code == S0_OK && parse.at != parse.end)
		code = reader_doubt(
			reader, parse.at,
			"%zu bytes between the last target and the suffix, "
			"expected none",
			parse.end - parse.at);
	return code;
}

/* A file while it is written: its CRC runs along. */
struct writer {
	struct out *out;
	uint32_t crc;
};

static void put(struct writer *writer, const void *bytes, size_t length)
{
	writer->crc = (uint32_t)crc32_z(writer->crc, bytes, length);
	out_bytes(writer->out, bytes, length);
}

static void put_prefixes(struct writer *writer, uint64_t size, uint32_t count,
			 const char *title)
{
	uint8_t prefix[PREFIX_SIZE] = "DfuSe\x01";
	uint8_t target[TARGET_SIZE] = "Target";
	size_t length = title ? strnlen(title, NAME_SIZE - 1) : 0;

	put_le32(prefix + AT_IMAGE_SIZE,
		 (uint32_t)size + TARGET_SIZE + PREFIX_SIZE);
	prefix[AT_TARGETS] = 1;
	put(writer, prefix, sizeof prefix);
	put_le32(target + AT_NAMED, length > 0);
	if (length)
		memcpy(target + AT_NAME, title, length);
	put_le32(target + AT_TARGET_SIZE, (uint32_t)size);
	put_le32(target + AT_ELEMENTS, count);
	put(writer, target, sizeof target);
}

static void put_suffix(struct writer *writer)
{
	/* bcdDevice 0: any, which is what ST's own tools write, 0483:df11. */
	uint8_t suffix[SUFFIX_SIZE] = { 0x00, 0x00, 0x11, 0xdf,
					0x83, 0x04, 0x1a, 0x01,
					'U',  'F',  'D',  SUFFIX_SIZE };

	put(writer, suffix, AT_CRC);
	put_le32(suffix + AT_CRC, ~writer->crc);
	put(writer, suffix + AT_CRC, 4);
}

s0_code dfuse_write(const struct s0_image *image,
		    const struct s0_image_write_options *options,
		    struct out *out, struct s0_error *err)
{
	struct writer writer = { .out = out };
	struct run run = { 0 };
	uint64_t size = 0;
	uint32_t count = 0;

	for (; run_next(image, &run); count++)
		size += ELEMENT_SIZE + run.length;
	if (size > UINT32_MAX - TARGET_SIZE - PREFIX_SIZE)
		return error_set(err, S0_E_UNSUPPORTED,
				 "a DfuSe file cannot hold %" PRIu64 " bytes",
				 size);
	put_prefixes(&writer, size, count, options->title);
	run = (struct run){ 0 };
	while (run_next(image, &run) && !out->stopped) {
		uint8_t head[ELEMENT_SIZE];

		put_le32(head, run.address);
		put_le32(head + 4, (uint32_t)run.length);
		put(&writer, head, sizeof head);
		for (size_t i = run.first; i < run.end; i++)
			put(&writer, image->pieces[i].bytes,
			    image->pieces[i].length);
	}
	put_suffix(&writer);
	return S0_OK;
}
