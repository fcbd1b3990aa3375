/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_READER_H
#define IMAGE_READER_H

/* What every format reader gets, and how it says what is wrong with a file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/image.h>

#include "image/sink.h"

struct reader {
	const char *name; /* the file's, shortened for messages */
	char name_buffer[128];
	const uint8_t *bytes; /* never NULL */
	size_t length;
	uint32_t address; /* raw binary only */
	bool named_dfu;	  /* the name ends in .dfu */
	struct s0_image_read_options options;
	struct sink *sink;
	struct s0_error *err;
};

/* A reader of one format: everything in the file goes to reader->sink. */
typedef s0_code (*reader_fn)(struct reader *reader);

void reader_open(struct reader *reader, const struct s0_image_file *file,
		 const struct s0_image_read_options *options,
		 struct s0_error *err);

/* Fail at an offset of a text file: `NAME:LINE:COLUMN: …` */
s0_code reader_text_error(struct reader *reader, size_t offset,
			  const char *format, ...) S0_PRINTF(3, 4);
/* Fail at an offset of a binary file: `NAME: offset 0x…: …` */
s0_code reader_error(struct reader *reader, s0_code code, uint64_t offset,
		     const char *format, ...) S0_PRINTF(4, 5);
/* Say `NAME: …` to the caller's warn function. */
void reader_warn(struct reader *reader, const char *format, ...)
	S0_PRINTF(2, 3);
/* A wrong size or checksum: an error, or a warning if those are ignored. */
s0_code reader_doubt(struct reader *reader, uint64_t offset, const char *format,
		     ...) S0_PRINTF(3, 4);

/* Line and column, from 1, of an offset in a text. */
void reader_find_line(const struct reader *reader, size_t offset,
		      size_t *ret_line, size_t *ret_column);

/* Where a file gives a byte for an address. */
struct reader_hit {
	bool found;
	uint8_t value;
	uint64_t offset;
};

/*
 * Read the file again, to find the first place that gives an address.
 * @param not_value  0 to 255: only a place that gives another value; else -1.
 * @param stride     Bytes of file for a byte of data: 2 in text, else 1.
 */
struct reader_hit reader_locate(const struct reader *reader, reader_fn read,
				uint32_t address, int not_value,
				unsigned stride);

/* The readers. */
s0_code bin_read(struct reader *reader);
s0_code ihex_read(struct reader *reader);
s0_code srec_read(struct reader *reader);
s0_code elf_read(struct reader *reader);
s0_code dfuse_read(struct reader *reader);
s0_code uf2_read(struct reader *reader);

/* Does a file end in the suffix of a plain DFU 1.1 file? */
bool dfuse_plain_suffix(const uint8_t *bytes, size_t length);
/* CRC over all but the last 4 bytes, as DFU suffixes have it. */
uint32_t dfuse_crc(const uint8_t *bytes, size_t length);

#endif
