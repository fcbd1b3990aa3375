/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "image/collector.h"
#include "image/merge.h"
#include "image/out.h"
#include "image/reader.h"
#include "image/store.h"

typedef s0_code (*writer_fn)(const struct s0_image *image,
			     const struct s0_image_write_options *options,
			     struct out *out, struct s0_error *err);

static const struct {
	reader_fn read;
	writer_fn write;
	bool text;
} formats[] = {
	[S0_FORMAT_BIN] = { bin_read, bin_write, false },
	[S0_FORMAT_IHEX] = { ihex_read, ihex_write, true },
	[S0_FORMAT_SREC] = { srec_read, srec_write, true },
	[S0_FORMAT_ELF] = { elf_read, NULL, false },
	[S0_FORMAT_DFUSE] = { dfuse_read, dfuse_write, false },
	[S0_FORMAT_UF2] = { uf2_read, uf2_write, false },
};

#define FORMAT_COUNT (sizeof formats / sizeof formats[0])

s0_code s0_image_new(struct s0_image **ret_image, struct s0_error *err)
{
	struct s0_image *image = calloc(1, sizeof *image);

	if (!image)
		return error_memory(err);
	*ret_image = image;
	return S0_OK;
}

void s0_image_free(struct s0_image *image)
{
	if (!image)
		return;
	for (struct chunk *chunk = image->chunk, *next; chunk; chunk = next) {
		next = chunk->previous;
		free(chunk);
	}
	for (struct string *s = image->strings, *next; s; s = next) {
		next = s->previous;
		free(s);
	}
	free(image->pieces);
	free(image->segments);
	free(image);
}

const char *image_keep_string(struct s0_image *image, const char *chars,
			      size_t most)
{
	size_t length = strnlen(chars, most);
	struct string *string = malloc(sizeof *string + length + 1);

	if (!string)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)chars[i];

		string->chars[i] = c < 0x20 || c == 0x7f ? '?' : chars[i];
	}
	string->chars[length] = '\0';
	string->previous = image->strings;
	image->strings = string;
	return string->chars;
}

/* A place in the words that messages use. */
struct place {
	char chars[64];
};

static struct place show_place(const struct reader *reader, bool text,
			       uint64_t offset)
{
	struct place place;
	size_t line, column;

	if (text) {
		reader_find_line(reader, (size_t)offset, &line, &column);
		(void)snprintf(place.chars, sizeof place.chars,
			       "%zu:%zu:", line, column);
	} else {
		(void)snprintf(place.chars, sizeof place.chars,
			       " offset 0x%" PRIx64 ":", offset);
	}
	return place;
}

/* The segment of another file that an address came from; the first. */
static const struct s0_segment *segment_of(const struct s0_image *image,
					   uint32_t address)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct s0_segment *segment = &image->segments[i];

		if (range_within(address, 1, segment->address, segment->length))
			return segment;
	}
	return NULL;
}

/* The bytes differ from an earlier file's. The image is as it was before. */
static s0_code differs_from_image(const struct s0_image *image,
				  struct reader *reader, reader_fn read,
				  bool text, uint32_t address, uint8_t before)
{
	const struct s0_segment *segment = segment_of(image, address);
	struct reader_hit hit =
		reader_locate(reader, read, address, before, text ? 2 : 1);
	struct place place = show_place(reader, text, hit.offset);

	return error_set_at(reader->err, S0_E_OVERLAP, address, 1,
			    "%s:%s 0x%08x is 0x%02x here, but 0x%02x in "
			    "segment %u of %.100s",
			    reader->name, place.chars, address, hit.value,
			    before, segment ? segment->index : 0,
			    segment ? segment->file : "an earlier file");
}

/* The file contradicts itself. Names both places, the later one first, as
 * compilers do. */
static s0_code differs_from_itself(struct reader *reader, reader_fn read,
				   bool text, uint32_t address)
{
	unsigned stride = text ? 2 : 1;
	struct reader_hit first, second;
	struct place here, there;

	first = reader_locate(reader, read, address, -1, stride);
	second = reader_locate(reader, read, address, first.value, stride);
	here = show_place(reader, text, second.offset);
	there = show_place(reader, text, first.offset);
	there.chars[strlen(there.chars) - 1] = '\0';
	return error_set_at(reader->err, S0_E_OVERLAP, address, 1,
			    "%s:%s 0x%08x is 0x%02x here, but 0x%02x at %s:%s",
			    reader->name, here.chars, address, second.value,
			    first.value, reader->name, there.chars);
}

static s0_code report_conflict(const struct s0_image *image,
			       struct reader *reader, reader_fn read, bool text,
			       uint32_t address)
{
	uint8_t before;

	if (s0_image_copy(image, address, 1, &before))
		return differs_from_image(image, reader, read, text, address,
					  before);
	return differs_from_itself(reader, read, text, address);
}

/* Readers note offsets; people count lines. */
static void count_lines(const struct reader *reader,
			const struct collector *collector)
{
	struct s0_image *image = collector->image;
	const uint8_t *at = reader->bytes;
	uint64_t line = 1;

	for (size_t i = collector->segment_count; i < image->segment_count;
	     i++) {
		struct s0_segment *segment = &image->segments[i];
		const uint8_t *end = reader->bytes + segment->place;
		const uint8_t *newline;

		while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
			at = newline + 1;
			line++;
		}
		segment->place = line;
	}
}

/* Read the whole file beside what is there, or leave the image alone. */
static s0_code collect(struct s0_image *image, struct reader *reader,
		       const char *file_name, reader_fn read, bool text)
{
	struct collector collector;
	struct merge merge = { 0 };
	s0_code code = S0_E_MEMORY;

	reader->sink = &collector.sink;
	if (collector_start(&collector, image, file_name, reader->length))
		code = read(reader);
	reader->sink = NULL;
	if (code == S0_OK &&
	    (!collector_finish(&collector) ||
	     !merge_pieces(image->pieces, image->piece_count, collector.pieces,
			   collector.count, collector.unsorted, &merge)))
		code = S0_E_MEMORY;
	if (code == S0_OK && !merge.conflict &&
	    !collector_accept(&collector, &merge)) {
		free(merge.pieces);
		code = S0_E_MEMORY;
	}
	if (code != S0_OK || merge.conflict) {
		collector_undo(&collector);
		if (merge.conflict)
			return report_conflict(image, reader, read, text,
					       merge.conflict_at);
		return code == S0_E_MEMORY ? error_memory(reader->err) : code;
	}
	if (text)
		count_lines(reader, &collector);
	if (merge.doubled)
		reader_warn(reader,
			    "%" PRIu64 " bytes are given twice, with the same "
			    "values; the first at 0x%08x",
			    merge.doubled, merge.doubled_at);
	return S0_OK;
}

static s0_format choose_format(struct reader *reader,
			       const struct s0_image_file *file)
{
	s0_format named = s0_format_of_name(file->name);
	s0_format found = reader->options.format;

	if (found != S0_FORMAT_AUTO)
		return found;
	found = s0_image_recognise(file);
	if (named != S0_FORMAT_AUTO && named != found && found != S0_FORMAT_BIN)
		reader_warn(reader,
			    "the content is %s, though the name says %s",
			    s0_format_name(found), s0_format_name(named));
	return found;
}

s0_code s0_image_read(struct s0_image *image, const struct s0_image_file *file,
		      const struct s0_image_read_options *options,
		      struct s0_error *err)
{
	struct reader reader;
	s0_format format;

	reader_open(&reader, file, options, err);
	format = choose_format(&reader, file);
	if ((unsigned)format >= FORMAT_COUNT)
		return error_set(err, S0_E_BUG, "no such format: %d",
				 (int)format);
	return collect(image, &reader, file->name, formats[format].read,
		       formats[format].text);
}

s0_code s0_image_add(struct s0_image *image, const char *file_name,
		     uint32_t address, const void *bytes, uint32_t length,
		     struct s0_error *err)
{
	struct s0_image_file file = { .name = file_name,
				      .bytes = bytes,
				      .length = length,
				      .address = address };
	struct reader reader;

	if (length && length - 1 > UINT32_MAX - address)
		return error_set_at(err, S0_E_OUTSIDE, address, length,
				    "%u bytes at 0x%08x run past 0xffffffff",
				    length, address);
	reader_open(&reader, &file, NULL, err);
	reader.named_dfu = false;
	return collect(image, &reader, file_name, bin_read, false);
}

size_t s0_image_segment_count(const struct s0_image *image)
{
	return image->segment_count;
}

bool s0_image_segment(const struct s0_image *image, size_t index,
		      struct s0_segment *ret)
{
	if (index >= image->segment_count)
		return false;
	*ret = image->segments[index];
	return true;
}

size_t s0_image_piece_count(const struct s0_image *image)
{
	return image->piece_count;
}

struct s0_piece s0_image_piece(const struct s0_image *image, size_t index)
{
	if (index >= image->piece_count)
		return (struct s0_piece){ 0 };
	return image->pieces[index];
}

uint64_t s0_image_size(const struct s0_image *image)
{
	uint64_t size = 0;

	for (size_t i = 0; i < image->piece_count; i++)
		size += image->pieces[i].length;
	return size;
}

size_t pieces_find(const struct s0_piece *pieces, size_t count,
		   uint32_t address)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (range_end(pieces[middle].address, pieces[middle].length) >
		    address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

size_t s0_image_find(const struct s0_image *image, uint32_t address)
{
	return pieces_find(image->pieces, image->piece_count, address);
}

uint32_t s0_image_copy(const struct s0_image *image, uint32_t address,
		       uint32_t length, void *buffer)
{
	uint64_t end = range_end(address, length);
	uint32_t copied = 0;

	for (size_t i = s0_image_find(image, address);
	     i < image->piece_count && image->pieces[i].address < end; i++) {
		const struct s0_piece *piece = &image->pieces[i];
		uint64_t from = piece->address, to = from + piece->length;

		from = from < address ? address : from;
		to = to > end ? end : to;
		memcpy((uint8_t *)buffer + (from - address),
		       piece->bytes + (from - piece->address),
		       (size_t)(to - from));
		copied += (uint32_t)(to - from);
	}
	return copied;
}

s0_code s0_image_write(const struct s0_image *image, s0_format format,
		       const struct s0_image_write_options *options,
		       s0_sink_fn sink, void *payload, struct s0_error *err)
{
	static const struct s0_image_write_options defaults = { 0 };
	struct out out;
	s0_code code;

	if ((unsigned)format >= FORMAT_COUNT || !formats[format].write)
		return error_set(err, S0_E_UNSUPPORTED, "%s cannot be written",
				 s0_format_name(format));
	if (image->piece_count == 0)
		return error_set(err, S0_E_EMPTY, "the image has no bytes");
	out.sink = sink;
	out.payload = payload;
	out.stopped = false;
	out.used = 0;
	code = formats[format].write(image, options ? options : &defaults, &out,
				     err);
	if (code != S0_OK)
		return code;
	out_flush(&out);
	if (out.stopped)
		return error_set(err, S0_E_FILE, "the output stopped");
	return S0_OK;
}
