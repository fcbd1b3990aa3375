/* SPDX-License-Identifier: MIT */
#include "image/reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* A long path must not push what happened out of the message. */
static void shorten(struct reader *reader, const char *name)
{
	size_t length = strlen(name), size = sizeof reader->name_buffer;

	if (length < size)
		(void)snprintf(reader->name_buffer, size, "%s", name);
	else
		(void)snprintf(reader->name_buffer, size, "...%s",
			       name + length - (size - 4));
	reader->name = reader->name_buffer;
}

void reader_open(struct reader *reader, const struct s0_image_file *file,
		 const struct s0_image_read_options *options,
		 struct s0_error *err)
{
	*reader = (struct reader){
		.bytes = (const uint8_t *)(file->length ? file->bytes : ""),
		.length = file->length,
		.address = file->address,
		.named_dfu = s0_format_of_name(file->name) == S0_FORMAT_DFUSE,
		.err = err,
	};
	if (options)
		reader->options = *options;
	shorten(reader, file->name);
}

void reader_find_line(const struct reader *reader, size_t offset,
		      size_t *ret_line, size_t *ret_column)
{
	const uint8_t *start = reader->bytes, *at = start + offset, *end;

	*ret_line = 1;
	while ((end = memchr(start, '\n', (size_t)(at - start)))) {
		start = end + 1;
		++*ret_line;
	}
	*ret_column = (size_t)(at - start) + 1;
}

s0_code reader_text_error(struct reader *reader, size_t offset,
			  const char *format, ...)
{
	char what[320];
	size_t line, column;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	reader_find_line(reader, offset, &line, &column);
	error_add_cause(reader->err, S0_CAUSE_BROKEN_FILE);
	return error_set(reader->err, S0_E_FORMAT, "%s:%zu:%zu: %s",
			 reader->name, line, column, what);
}

s0_code reader_error(struct reader *reader, s0_code code, uint64_t offset,
		     const char *format, ...)
{
	char what[320];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (code == S0_E_FORMAT)
		error_add_cause(reader->err, S0_CAUSE_BROKEN_FILE);
	return error_set(reader->err, code, "%s: offset 0x%" PRIx64 ": %s",
			 reader->name, offset, what);
}

static void warn(struct reader *reader, const char *what)
{
	char line[512];

	if (!reader->options.warn)
		return;
	(void)snprintf(line, sizeof line, "%s: %s", reader->name, what);
	reader->options.warn(reader->options.payload, line);
}

void reader_warn(struct reader *reader, const char *format, ...)
{
	char what[320];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	warn(reader, what);
}

s0_code reader_doubt(struct reader *reader, uint64_t offset, const char *format,
		     ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (!reader->options.ignore_checksums)
		return reader_error(reader, S0_E_FORMAT, offset, "%s", what);
	reader_warn(reader, "offset 0x%" PRIx64 ": %s", offset, what);
	return S0_OK;
}

bool sink_add(struct sink *sink, uint32_t address, const uint8_t *bytes,
	      uint32_t length, uint64_t place)
{
	while (length) {
		uint32_t n = length;

		if (sink->left == 0 && !sink->ops->grow(sink, length))
			return false;
		if (n > sink->left)
			n = (uint32_t)sink->left;
		memcpy(sink->room, bytes, n);
		if (!sink_commit(sink, address, n, place))
			return false;
		address += n;
		bytes += n;
		length -= n;
		place += n;
	}
	return true;
}

struct locator {
	struct sink sink; /* first */
	uint32_t address;
	int not_value;
	unsigned stride;
	struct reader_hit hit;
	uint8_t scratch[4 * SINK_ROOM];
};

static bool locator_grow(struct sink *sink, size_t wanted)
{
	struct locator *locator = (struct locator *)sink;

	(void)wanted;
	sink->room = locator->scratch;
	sink->left = sizeof locator->scratch;
	return true;
}

static bool locator_jump(struct sink *sink, uint32_t address, uint32_t length,
			 uint64_t place)
{
	struct locator *locator = (struct locator *)sink;
	uint32_t skipped = locator->address - address;

	if (locator->hit.found || locator->address < address ||
	    skipped >= length || sink->room[skipped] == locator->not_value)
		return true;
	locator->hit = (struct reader_hit){
		.found = true,
		.value = sink->room[skipped],
		.offset = place + (uint64_t)skipped * locator->stride,
	};
	return true;
}

static bool locator_begin(struct sink *sink, const struct sink_segment *segment)
{
	(void)sink;
	(void)segment;
	return true;
}

static const struct sink_ops locator_ops = { locator_grow, locator_jump,
					     locator_begin };

struct reader_hit reader_locate(const struct reader *reader, reader_fn read,
				uint32_t address, int not_value,
				unsigned stride)
{
	struct reader again = *reader;
	struct locator locator = {
		.sink = { .next = SINK_NOWHERE, .ops = &locator_ops },
		.address = address,
		.not_value = not_value,
		.stride = stride,
	};

	again.sink = &locator.sink;
	again.options.warn = NULL;
	again.err = NULL;
	(void)read(&again);
	return locator.hit;
}
