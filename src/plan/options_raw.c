/* SPDX-License-Identifier: MIT */
/* Words of option bytes that no field names, or not all of. */
#include "base/bytes.h"
#include "plan/options.h"

/* The next word of which such bits are changed. */
static uint32_t next(const struct s0_chip *chip, const uint8_t *before,
		     const uint8_t *sent, size_t length, size_t *offset)
{
	uint32_t bits = 0;

	for (; *offset + 4 <= length; *offset += 4) {
		bits = (get_le32(before + *offset) ^ get_le32(sent + *offset)) &
		       s0_option_raw_bits(chip, *offset);
		if (bits)
			break;
	}
	return bits;
}

/* Do the changed bits of a window read as in `wanted`? */
static bool reads(const struct s0_chip *chip, const uint8_t *read,
		  const uint8_t *before, const uint8_t *sent,
		  const uint8_t *wanted, size_t length,
		  const struct s0_option_window *part)
{
	uint32_t bits;

	for (size_t at = 0; (bits = next(chip, before, sent, length, &at));
	     at += 4)
		if (options_in(part, at) &&
		    (get_le32(read + s0_option_shown_at(chip, at)) ^
		     get_le32(wanted + at)) &
			    bits)
			return false;
	return true;
}

bool options_raw_show(const struct s0_chip *chip, const uint8_t *read,
		      const uint8_t *before, const uint8_t *sent, size_t length,
		      const struct s0_option_window *part)
{
	return reads(chip, read, before, sent, sent, length, part);
}

bool options_raw_same(const struct s0_chip *chip, const uint8_t *read,
		      const uint8_t *before, const uint8_t *sent, size_t length,
		      const struct s0_option_window *part)
{
	return reads(chip, read, before, sent, before, length, part);
}

void options_raw_tell(const struct s0_chip *chip, const uint8_t *read,
		      const uint8_t *before, const uint8_t *sent, size_t length,
		      struct text *text)
{
	uint32_t bits;

	for (size_t at = 0; (bits = next(chip, before, sent, length, &at));
	     at += 4) {
		uint32_t is = get_le32(read + s0_option_shown_at(chip, at));
		uint32_t wanted = get_le32(sent + at);

		if ((is ^ wanted) & bits)
			text_add(text, "%s0x%08x is 0x%08x instead of 0x%08x",
				 text->length ? ", " : "",
				 s0_option_address(chip, at), is, wanted);
	}
}
