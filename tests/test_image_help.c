/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"

void bytes_add(struct bytes *bytes, const void *more, size_t length)
{
	if (bytes->length + length >= bytes->capacity) {
		bytes->capacity = 2 * (bytes->length + length + 1);
		bytes->at = realloc(bytes->at, bytes->capacity);
	}
	assert_non_null(bytes->at);
	if (length)
		memcpy(bytes->at + bytes->length, more, length);
	bytes->length += length;
}

void bytes_add_le16(struct bytes *bytes, uint16_t value)
{
	uint8_t le[2];

	put_le16(le, value);
	bytes_add(bytes, le, sizeof le);
}

void bytes_add_le32(struct bytes *bytes, uint32_t value)
{
	uint8_t le[4];

	put_le32(le, value);
	bytes_add(bytes, le, sizeof le);
}

void bytes_free(struct bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct bytes){ 0 };
}

bool bytes_sink(void *payload, const void *more, size_t length)
{
	bytes_add(payload, more, length);
	return true;
}

static void note_warning(void *payload, const char *line)
{
	text_add(payload, "warning: %s\n", line);
}

/* Runs are printed, not pieces: where pieces touch is no one's business. */
static void print_bytes(const struct s0_image *image, struct text *text)
{
	uint64_t end = UINT64_MAX;

	for (size_t i = 0; i < s0_image_piece_count(image); i++) {
		struct s0_piece piece = s0_image_piece(image, i);

		if (piece.address != end)
			text_add(text, "%s0x%08x:", i ? "\n" : "",
				 piece.address);
		for (uint32_t k = 0; k < piece.length && k < 64; k++)
			text_add(text, " %02x", piece.bytes[k]);
		end = (uint64_t)piece.address + piece.length;
	}
	if (s0_image_piece_count(image))
		text_add(text, "\n");
}

void image_print(const struct s0_image *image, struct text *text)
{
	struct s0_segment s;

	for (size_t i = 0; s0_image_segment(image, i, &s); i++)
		text_add(text, "segment %u %s%s0x%08x %u/%u at %" PRIu64 "\n",
			 s.index, s.section, s.section[0] ? " " : "", s.address,
			 s.length, s.memory_length, s.place);
	print_bytes(image, text);
}

struct text image_try(struct s0_image *image, struct s0_image_file file,
		      struct s0_image_read_options options)
{
	struct s0_error err = S0_ERROR_INIT;
	struct text text = { 0 };
	s0_code code;

	options.warn = note_warning;
	options.payload = &text;
	code = s0_image_read(image, &file, &options, &err);
	assert_int_equal(code, err.code);
	if (code == S0_OK)
		image_print(image, &text);
	else
		text_add(&text, "%s: %s\n", s0_code_name(code), err.message);
	return text;
}

void expect_options(struct s0_image_file file,
		    struct s0_image_read_options options, const char *expected)
{
	struct s0_image *image;
	struct text text;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	text = image_try(image, file, options);
	assert_string_equal(text_chars(&text), expected);
	text_free(&text);
	s0_image_free(image);
}

void expect_bytes(const char *name, const void *bytes, size_t length,
		  const char *expected)
{
	struct s0_image_file file = { .name = name,
				      .bytes = bytes,
				      .length = length,
				      .address = 0x08000000 };

	expect_options(file, (struct s0_image_read_options){ 0 }, expected);
}

void expect_text(const char *name, const char *content, const char *expected)
{
	expect_bytes(name, content, strlen(content), expected);
}

struct s0_image *image_of(const char *name, const void *bytes, size_t length)
{
	struct s0_image_file file = { .name = name,
				      .bytes = bytes,
				      .length = length,
				      .address = 0x08000000 };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, &err), S0_OK);
	if (s0_image_read(image, &file, NULL, &err) != S0_OK)
		print_error("%s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	return image;
}

struct bytes elf_file(const struct elf_segment *segments, uint16_t count)
{
	static const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };
	static const uint32_t words[] = { 1, 0x08000000, 52, 0, 0x05000200 };
	uint16_t halves[] = { 52, 32, count, 40, 0, 0 };
	struct bytes file = { 0 };

	bytes_add(&file, ident, sizeof ident);
	bytes_add_le16(&file, 2);  /* executable */
	bytes_add_le16(&file, 40); /* ARM */
	for (size_t i = 0; i < 5; i++)
		bytes_add_le32(&file, words[i]);
	for (size_t i = 0; i < 6; i++)
		bytes_add_le16(&file, halves[i]);
	for (uint16_t i = 0; i < count; i++) {
		bytes_add_le32(&file, segments[i].type);
		bytes_add_le32(&file, segments[i].offset);
		bytes_add_le32(&file, segments[i].vaddr);
		bytes_add_le32(&file, segments[i].paddr);
		bytes_add_le32(&file, segments[i].filesz);
		bytes_add_le32(&file, segments[i].memsz);
		bytes_add_le32(&file, 5);
		bytes_add_le32(&file, 4);
	}
	return file;
}

void dfuse_start(struct bytes *bytes, uint8_t targets)
{
	bytes_add(bytes, "DfuSe\x01", 6);
	bytes_add_le32(bytes, 0);
	bytes_add(bytes, &targets, 1);
}

void dfuse_target(struct bytes *bytes, const char *name, uint32_t size,
		  uint32_t elements)
{
	char padded[255] = "";

	memcpy(padded, name, strlen(name));
	bytes_add(bytes, "Target\0", 7);
	bytes_add_le32(bytes, name[0] != '\0');
	bytes_add(bytes, padded, sizeof padded);
	bytes_add_le32(bytes, size);
	bytes_add_le32(bytes, elements);
}

void dfuse_element(struct bytes *bytes, uint32_t address, const char *data)
{
	bytes_add_le32(bytes, address);
	bytes_add_le32(bytes, (uint32_t)strlen(data));
	bytes_add(bytes, data, strlen(data));
}

void dfu_suffix(struct bytes *bytes, uint16_t version)
{
	bytes_add_le16(bytes, 0);
	bytes_add_le16(bytes, 0xdf11);
	bytes_add_le16(bytes, 0x0483);
	bytes_add_le16(bytes, version);
	bytes_add(bytes, "UFD\x10", 4);
	bytes_add_le32(bytes, ~(uint32_t)crc32_z(0, bytes->at, bytes->length));
}

void dfuse_end(struct bytes *bytes)
{
	put_le32(bytes->at + 6, (uint32_t)bytes->length);
	dfu_suffix(bytes, 0x011a);
}

void uf2_add(struct bytes *bytes, struct uf2_block block)
{
	uint8_t data[476];
	const uint32_t words[] = { 0x0a324655,	  0x9e5d5157,  block.flags,
				   block.address, block.size,  block.number,
				   block.total,	  block.family };

	for (size_t i = 0; i < 8; i++)
		bytes_add_le32(bytes, words[i]);
	memset(data, block.fill, sizeof data);
	bytes_add(bytes, data, sizeof data);
	bytes_add_le32(bytes, 0x0ab16f30);
}
