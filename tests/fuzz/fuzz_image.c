/* SPDX-License-Identifier: MIT */
#include "fuzz_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A few far-apart bytes make a raw binary of 64 MiB: correct, and slow. */
#define SPAN_MAXIMUM (1u << 20)

struct output {
	uint8_t *bytes;
	size_t length;
	size_t capacity;
};

static bool take(void *payload, const void *bytes, size_t length)
{
	struct output *output = payload;

	while (output->length + length > output->capacity) {
		output->capacity = 2 * output->capacity + 4096;
		output->bytes = realloc(output->bytes, output->capacity);
		if (!output->bytes)
			abort();
	}
	memcpy(output->bytes + output->length, bytes, length);
	output->length += length;
	return true;
}

static void stop(const char *why, const struct s0_error *err)
{
	(void)fprintf(stderr, "%s: %s\n", why, err->message);
	abort();
}

static void check_order(const struct s0_image *image)
{
	uint64_t end = 0;

	for (size_t i = 0; i < s0_image_piece_count(image); i++) {
		struct s0_piece piece = s0_image_piece(image, i);

		if (piece.length == 0 || piece.address < end)
			abort();
		end = (uint64_t)piece.address + piece.length;
	}
	if (end > UINT64_C(1) << 32)
		abort();
}

/* Is every byte of one image in the other? */
static void check_within(const struct s0_image *image,
			 const struct s0_image *other)
{
	for (size_t i = 0; i < s0_image_piece_count(image); i++) {
		struct s0_piece piece = s0_image_piece(image, i);
		uint8_t *copy = malloc(piece.length);

		if (!copy ||
		    s0_image_copy(other, piece.address, piece.length, copy) !=
			    piece.length ||
		    memcmp(copy, piece.bytes, piece.length) != 0)
			abort();
		free(copy);
	}
}

static void check_again(const struct s0_image *image, s0_format format,
			const struct output *output)
{
	struct s0_image_read_options options = { .format = format };
	struct s0_image_file file = { .name = "again",
				      .bytes = output->bytes,
				      .length = output->length };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *again;

	file.address = s0_image_piece(image, 0).address;
	if (s0_image_new(&again, &err) != S0_OK ||
	    s0_image_read(again, &file, &options, &err) != S0_OK)
		stop("what was written cannot be read", &err);
	check_order(again);
	check_within(image, again);
	if (format != S0_FORMAT_BIN && format != S0_FORMAT_UF2)
		check_within(again, image);
	s0_image_free(again);
}

static bool too_long(const struct s0_image *image)
{
	struct s0_piece first = s0_image_piece(image, 0);
	struct s0_piece last =
		s0_image_piece(image, s0_image_piece_count(image) - 1);

	return last.address - first.address > SPAN_MAXIMUM;
}

static void round_trip(const struct s0_image *image)
{
	static const s0_format formats[] = { S0_FORMAT_IHEX, S0_FORMAT_SREC,
					     S0_FORMAT_DFUSE, S0_FORMAT_UF2,
					     S0_FORMAT_BIN };

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		struct output output = { 0 };
		struct s0_error err = S0_ERROR_INIT;

		if (formats[i] == S0_FORMAT_BIN && too_long(image))
			continue;
		if (s0_image_write(image, formats[i], NULL, take, &output,
				   &err) != S0_OK)
			stop("what was read cannot be written", &err);
		check_again(image, formats[i], &output);
		free(output.bytes);
	}
}

static void ignore(void *payload, const char *line)
{
	(void)payload;
	(void)line;
}

static void read_one(s0_format format, const uint8_t *bytes, size_t length,
		     bool ignore_checksums)
{
	struct s0_image_read_options options = {
		.format = format,
		.warn = ignore,
		.ignore_checksums = ignore_checksums,
	};
	struct s0_image_file file = { .name = "fuzz",
				      .bytes = bytes,
				      .length = length };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image;

	if (s0_image_new(&image, &err) != S0_OK)
		abort();
	if (s0_image_read(image, &file, &options, &err) != err.code)
		abort();
	if (err.code != S0_OK && s0_image_segment_count(image) != 0)
		abort();
	check_order(image);
	if (s0_image_piece_count(image))
		round_trip(image);
	s0_image_free(image);
}

void fuzz_image(s0_format format, const uint8_t *bytes, size_t length)
{
	read_one(format, bytes, length, false);
	if (format == S0_FORMAT_DFUSE)
		read_one(format, bytes, length, true);
	/* whatever it is, recognising it must be safe */
	read_one(S0_FORMAT_AUTO, bytes, length, false);
}
