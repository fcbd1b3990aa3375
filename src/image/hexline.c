/* SPDX-License-Identifier: MIT */
#include "image/hexline.h"

#include <stdio.h>

#define BAD4  HEX_BAD, HEX_BAD, HEX_BAD, HEX_BAD
#define BAD16 BAD4, BAD4, BAD4, BAD4
#define BAD26 BAD16, BAD4, BAD4, HEX_BAD, HEX_BAD

const uint8_t hex_digit[256] = { BAD16, BAD16,	 BAD16,	  0,	   1,	  2,
				 3,	4,	 5,	  6,	   7,	  8,
				 9, /* '0' to '9' */
				 BAD4,	HEX_BAD, HEX_BAD, HEX_BAD, 10,	  11,
				 12,	13,	 14,	  15, /* 'A'.. */
				 BAD26, 10,	 11,	  12,	   13,	  14,
				 15, /* 'a' to 'f' */
				 BAD16, BAD4,	 BAD4,	  HEX_BAD, /* to 127 */
				 BAD16, BAD16,	 BAD16,	  BAD16,   BAD16, BAD16,
				 BAD16, BAD16 };

#define PAIRS(h)                                                               \
	h "0" h "1" h "2" h "3" h "4" h "5" h "6" h "7" h "8" h "9" h "A" h    \
	  "B" h "C" h "D" h "E" h "F"

const char hex_pairs[513] =
	PAIRS("0") PAIRS("1") PAIRS("2") PAIRS("3") PAIRS("4") PAIRS("5")
		PAIRS("6") PAIRS("7") PAIRS("8") PAIRS("9") PAIRS("A")
			PAIRS("B") PAIRS("C") PAIRS("D") PAIRS("E") PAIRS("F");

unsigned hex_decode_rest(const uint8_t *digits, size_t count, uint8_t *out,
			 uint64_t *bad)
{
	uint64_t sums = 0;
	unsigned sum = 0;

	for (; count >= 4; count -= 4, digits += 8, out += 4) {
		uint64_t halves = hex_decode_8(digits, bad);

		sums += halves;
		put_le32(out, hex_pack(halves));
	}
	for (; count; count--, digits += 2, out++) {
		unsigned byte = hex_byte(digits, bad);

		sum += byte;
		*out = (uint8_t)byte;
	}
	return sum + hex_sum(sums);
}

struct hexline_char hexline_show(uint8_t c)
{
	struct hexline_char shown;
	const char *format = c > 0x20 && c < 0x7f ? "'%c'" : "byte 0x%02x";

	if (c == ' ')
		(void)snprintf(shown.chars, sizeof shown.chars, "a space");
	else
		(void)snprintf(shown.chars, sizeof shown.chars, format, c);
	return shown;
}

/* Offset where the line ends, blanks before the end left out. */
static size_t line_end(const struct reader *reader, size_t offset)
{
	size_t end = offset;

	while (end < reader->length && reader->bytes[end] != '\n')
		end++;
	while (end > offset && hexline_is_blank(reader->bytes[end - 1]))
		end--;
	return end;
}

s0_code hexline_check(struct reader *reader, size_t offset, size_t *ret_count)
{
	size_t end = line_end(reader, offset);

	for (size_t i = offset; i < end; i++) {
		uint8_t c = reader->bytes[i];

		if (hex_digit[c] == HEX_BAD)
			return reader_text_error(
				reader, i, "%s is not a hexadecimal digit",
				hexline_show(c).chars);
	}
	if ((end - offset) % 2)
		return reader_text_error(
			reader, end,
			"odd number of hexadecimal digits in the record (%zu)",
			end - offset);
	*ret_count = end - offset;
	return S0_OK;
}

unsigned hexline_byte(const struct reader *reader, size_t offset, size_t index)
{
	uint64_t bad = 0;

	return hex_byte(reader->bytes + offset + 2 * index, &bad);
}
