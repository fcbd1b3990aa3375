/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_OUT_H
#define IMAGE_OUT_H

/* What the format writers share: buffered output, and a walk over an image. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/image.h>

struct out {
	s0_sink_fn sink;
	void *payload;
	bool stopped; /* the sink has had enough; nothing more is given to it */
	size_t used;
	uint8_t buffer[16384];
};

/* Room for `length` bytes (1024 at most), to be filled and then taken. */
uint8_t *out_room(struct out *out, size_t length);
static inline void out_take(struct out *out, size_t length)
{
	out->used += length;
}
void out_bytes(struct out *out, const void *bytes, size_t length);
void out_fill(struct out *out, uint8_t value, uint64_t length);
void out_flush(struct out *out);

/* Rows of an image: contiguous bytes, however they are stored. */
struct rows {
	const struct s0_image *image;
	size_t piece;	  /* where the next row starts */
	uint32_t offset;  /* bytes of that piece already given */
	uint32_t most;	  /* bytes in a row, 256 at most */
	uint32_t unit;	  /* no row crosses a multiple of this (power of two) */
	uint32_t address; /* the row */
	uint32_t length;
	const uint8_t *bytes;
	uint8_t buffer[256];
};

/* Step to the next row; false when there is none. */
bool rows_next(struct rows *rows);

/* A stretch of addresses without a gap. */
struct run {
	uint32_t address;
	uint64_t length;
	size_t first; /* pieces [first, end) */
	size_t end;
};

/* Step to the next run; zero-initialise before the first. */
bool run_next(const struct s0_image *image, struct run *run);

/* The writers. S0_OK also when the sink stopped: the caller looks at out. */
s0_code bin_write(const struct s0_image *image,
		  const struct s0_image_write_options *options, struct out *out,
		  struct s0_error *err);
s0_code ihex_write(const struct s0_image *image,
		   const struct s0_image_write_options *options,
		   struct out *out, struct s0_error *err);
s0_code srec_write(const struct s0_image *image,
		   const struct s0_image_write_options *options,
		   struct out *out, struct s0_error *err);
s0_code dfuse_write(const struct s0_image *image,
		    const struct s0_image_write_options *options,
		    struct out *out, struct s0_error *err);
s0_code uf2_write(const struct s0_image *image,
		  const struct s0_image_write_options *options, struct out *out,
		  struct s0_error *err);

#endif
