/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_HEXLINE_H
#define IMAGE_HEXLINE_H

/* Lines of hexadecimal digits, which Intel HEX and S-record share. */

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/bytes.h"
#include "image/reader.h"

/* Value of a digit; HEX_BAD for a character that is none. */
#define HEX_BAD 0x80u
extern const uint8_t hex_digit[256];

/* The two digits of every byte, one after the other. */
extern const char hex_pairs[513];

/* A byte in each of the eight, or a half word in each of the four. */
#define HEX_EACH(byte)	    (UINT64_C(0x0101010101010101) * (byte))
#define HEX_EACH_HALF(half) (UINT64_C(0x0001000100010001) * (half))

/*
 * Decode eight digits at once into four half words, first digits lowest.
 * Bit 6 tells letters from '0' to '9'; the upper half of the character and the
 * range of the value tell whether it was a digit at all.
 * @param bad  Gets bits set if any character was no digit.
 */
static inline uint64_t hex_decode_8(const uint8_t *digits, uint64_t *bad)
{
	uint64_t x = get_le64(digits);
	uint64_t letter = x >> 6 & HEX_EACH(1);
	uint64_t value = (x & HEX_EACH(0x0f)) + letter * 9;
	uint64_t upper = HEX_EACH(0x30) + (letter << 4);
	uint64_t upper_mask = HEX_EACH(0xf0) - (letter << 5);

	*bad |= (x ^ upper) & upper_mask;
	*bad |= value & HEX_EACH(0x10);
	*bad |= ((value + HEX_EACH(6)) ^ letter << 4) & HEX_EACH(0x10);
	return (value << 4 | value >> 8) & HEX_EACH_HALF(0xff);
}

/* Sum of four half words, whose total fits in one. */
static inline unsigned hex_sum(uint64_t halves)
{
	return (unsigned)(halves * HEX_EACH_HALF(1) >> 48);
}

/* Decode one byte. */
static inline unsigned hex_byte(const uint8_t *digits, uint64_t *bad)
{
	unsigned high = hex_digit[digits[0]], low = hex_digit[digits[1]];

	*bad |= (high | low) & HEX_BAD;
	return (high << 4 | low) & 0xffu;
}

/* The four bytes of hex_decode_8(). */
static inline uint32_t hex_pack(uint64_t halves)
{
	halves = (halves | halves >> 8) & UINT64_C(0x0000ffff0000ffff);
	return (uint32_t)(halves | halves >> 16);
}

/* Decode 32 digits into 16 bytes, all at once where the processor can.
 * Returns the sum of the bytes. */
#ifdef __SSE2__
static inline __m128i hex_values(__m128i x, __m128i *bad)
{
	__m128i digit = _mm_sub_epi8(x, _mm_set1_epi8('0'));
	__m128i letter = _mm_sub_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)),
				      _mm_set1_epi8('a'));
	__m128i is_digit =
		_mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
	__m128i is_letter =
		_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
	__m128i value = _mm_or_si128(
		_mm_and_si128(digit, is_digit),
		_mm_and_si128(_mm_add_epi8(letter, _mm_set1_epi8(10)),
			      is_letter));

	*bad = _mm_or_si128(*bad,
			    _mm_andnot_si128(_mm_or_si128(is_digit, is_letter),
					     _mm_set1_epi8(1)));
	value = _mm_or_si128(_mm_slli_epi16(value, 4),
			     _mm_srli_epi16(value, 8));
	return _mm_and_si128(value, _mm_set1_epi16(0xff));
}

static inline unsigned hex_decode_32(const uint8_t *digits, uint8_t *out,
				     uint64_t *bad)
{
	__m128i first = _mm_loadu_si128((const void *)digits);
	__m128i second = _mm_loadu_si128((const void *)(digits + 16));
	__m128i none = _mm_setzero_si128(), bytes, sums;

	bytes = _mm_packus_epi16(hex_values(first, &none),
				 hex_values(second, &none));
	_mm_storeu_si128((void *)out, bytes);
	*bad |= (unsigned)_mm_movemask_epi8(_mm_slli_epi16(none, 7));
	sums = _mm_sad_epu8(bytes, _mm_setzero_si128());
	return (unsigned)_mm_cvtsi128_si32(sums) +
	       (unsigned)_mm_extract_epi16(sums, 4);
}
#else
static inline unsigned hex_decode_32(const uint8_t *digits, uint8_t *out,
				     uint64_t *bad)
{
	uint64_t sums = 0;

	for (size_t i = 0; i < 4; i++) {
		uint64_t halves = hex_decode_8(digits + 8 * i, bad);

		sums += halves;
		put_le32(out + 4 * i, hex_pack(halves));
	}
	return hex_sum(sums);
}
#endif

/* The same for any number of digits; out of line, so that the usual lengths,
 * multiples of 16, stay fast. */
unsigned hex_decode_rest(const uint8_t *digits, size_t count, uint8_t *out,
			 uint64_t *bad);

/*
 * Decode `count` bytes (255 at most) from twice as many characters.
 * @param bad  Not 0 any more if any character was no digit.
 * @return The sum of the bytes.
 */
static inline unsigned hex_decode(const uint8_t *digits, size_t count,
				  uint8_t *out, uint64_t *bad)
{
	unsigned sum = 0;

	for (; count >= 16; count -= 16, digits += 32, out += 16)
		sum += hex_decode_32(digits, out, bad);
	if (count)
		sum += hex_decode_rest(digits, count, out, bad);
	return sum;
}

/* Write a byte as two digits; returns where the next goes. */
static inline uint8_t *hex_put(uint8_t *to, unsigned byte)
{
	to[0] = (uint8_t)hex_pairs[2 * (byte & 0xffu)];
	to[1] = (uint8_t)hex_pairs[2 * (byte & 0xffu) + 1];
	return to + 2;
}

/* Write 16 bytes as digits; returns their sum. */
#ifdef __SSE2__
static inline __m128i hex_digits(__m128i values)
{
	__m128i letter = _mm_cmpgt_epi8(values, _mm_set1_epi8(9));

	values = _mm_add_epi8(values, _mm_set1_epi8('0'));
	return _mm_add_epi8(
		values, _mm_and_si128(letter, _mm_set1_epi8('A' - '9' - 1)));
}

static inline unsigned hex_encode_16(uint8_t *to, const uint8_t *bytes)
{
	__m128i x = _mm_loadu_si128((const void *)bytes);
	__m128i half = _mm_set1_epi8(0x0f);
	__m128i high = hex_digits(_mm_and_si128(_mm_srli_epi16(x, 4), half));
	__m128i low = hex_digits(_mm_and_si128(x, half));
	__m128i sums = _mm_sad_epu8(x, _mm_setzero_si128());

	_mm_storeu_si128((void *)to, _mm_unpacklo_epi8(high, low));
	_mm_storeu_si128((void *)(to + 16), _mm_unpackhi_epi8(high, low));
	return (unsigned)_mm_cvtsi128_si32(sums) +
	       (unsigned)_mm_extract_epi16(sums, 4);
}
#else
static inline unsigned hex_encode_16(uint8_t *to, const uint8_t *bytes)
{
	unsigned sum = 0;

	for (size_t i = 0; i < 16; i++) {
		sum += bytes[i];
		to = hex_put(to, bytes[i]);
	}
	return sum;
}
#endif

/* Write bytes; they are added to *sum. Returns where the next go. */
static inline uint8_t *hex_encode(uint8_t *to, const uint8_t *bytes,
				  size_t count, unsigned *sum)
{
	for (; count >= 16; count -= 16, bytes += 16, to += 32)
		*sum += hex_encode_16(to, bytes);
	for (; count; count--, bytes++) {
		*sum += *bytes;
		to = hex_put(to, *bytes);
	}
	return to;
}

static inline bool hexline_is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Past spaces, tabs and line ends. */
static inline const uint8_t *hexline_skip(const uint8_t *at, const uint8_t *end)
{
	while (at < end && hexline_is_blank(*at))
		at++;
	return at;
}

/* Does a record end here: nothing but blanks before the line's end? */
static inline bool hexline_ends(const uint8_t *at, const uint8_t *end)
{
	while (at < end && *at != '\n')
		if (!hexline_is_blank(*at++))
			return false;
	return true;
}

/*
 * The careful second look at the digits of a line, which go from an offset to
 * the line's end.
 * @param ret_count  Their number, even.
 * @retval S0_E_FORMAT  A character that is no digit, or an odd number.
 */
s0_code hexline_check(struct reader *reader, size_t offset, size_t *ret_count);

/* Byte number `index` of digits that hexline_check() found good. */
unsigned hexline_byte(const struct reader *reader, size_t offset, size_t index);

/* A character for a message: 'x', or "byte 0x07". */
struct hexline_char {
	char chars[16];
};
struct hexline_char hexline_show(uint8_t c);

#endif
