/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "image/out.h"
#include "image/reader.h"
#include "image/store.h"

/* A longer raw binary is a mistake: a stray byte far away from the rest. */
#define BIN_SPAN_MAXIMUM (64u << 20)

/* A plain DFU 1.1 file is a raw binary with a suffix that dfu-util would have
 * stripped before sending. */
static s0_code strip_suffix(struct reader *reader)
{
	size_t payload = reader->length - 16, at = reader->length - 4;
	uint32_t found = get_le32(reader->bytes + at);
	uint32_t expected = dfuse_crc(reader->bytes, reader->length);
	s0_code code = S0_OK;

	if (found != expected)
		code = reader_doubt(
			reader, at,
			"CRC of the DFU suffix is 0x%08x, expected 0x%08x",
			found, expected);
	if (code != S0_OK)
		return code;
	reader_warn(reader, "no DfuSe file but a raw binary with a DFU suffix; "
			    "the 16 bytes of the suffix are left out");
	reader->length = payload;
	return S0_OK;
}

s0_code bin_read(struct reader *reader)
{
	struct sink_segment segment = { .section = "",
					.address = reader->address };
	uint64_t room = (UINT64_C(1) << 32) - reader->address;

	if (reader->named_dfu &&
	    dfuse_plain_suffix(reader->bytes, reader->length)) {
		s0_code code = strip_suffix(reader);

		if (code != S0_OK)
			return code;
	}
	if (reader->length > room || reader->length > UINT32_MAX)
		return reader_error(reader, S0_E_OUTSIDE, room,
				    "%zu bytes at 0x%08x run past 0xffffffff",
				    reader->length, reader->address);
	if (!sink_begin(reader->sink, &segment) ||
	    !sink_add(reader->sink, reader->address, reader->bytes,
		      (uint32_t)reader->length, 0))
		return error_memory(reader->err);
	return S0_OK;
}

s0_code bin_write(const struct s0_image *image,
		  const struct s0_image_write_options *options, struct out *out,
		  struct s0_error *err)
{
	const struct s0_piece *pieces = image->pieces;
	const struct s0_piece *last = &pieces[image->piece_count - 1];
	uint64_t at = pieces[0].address;
	uint64_t end = range_end(last->address, last->length);

	(void)options;
	if (end - at > BIN_SPAN_MAXIMUM)
		return error_set(
			err, S0_E_UNSUPPORTED,
			"a raw binary from 0x%08x to 0x%08x would be %" PRIu64
			" bytes long, more than 64 MiB",
			(unsigned)at, (unsigned)(end - 1), end - at);
	for (size_t i = 0; i < image->piece_count && !out->stopped; i++) {
		out_fill(out, 0xff, pieces[i].address - at);
		out_bytes(out, pieces[i].bytes, pieces[i].length);
		at = range_end(pieces[i].address, pieces[i].length);
	}
	return S0_OK;
}
