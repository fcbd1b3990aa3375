/* SPDX-License-Identifier: MIT */
/* Words of option bytes that no field names, or not all of. */
#include "base/bytes.h"
#include "plan/options.h"

/* Bits that a word, or what mirrors it, has there. */
static uint32_t known(const struct s0_option_word *word, size_t offset)
{
	bool copy = word->mirroring == S0_OPTION_MIRROR_COMPLEMENT ||
		    (word->mirroring == S0_OPTION_MIRROR_COPY && word->mirror);

	if (copy && word->mirror == offset)
		return ~UINT32_C(0);
	if (word->program != offset)
		return 0;
	if (word->mirroring == S0_OPTION_MIRROR_BYTES)
		return word->settable | 0xff00ff00;
	if (word->mirroring == S0_OPTION_MIRROR_HALVES)
		return word->settable | 0xffff0000;
	return word->settable;
}

uint32_t options_raw_bits(const struct s0_chip *chip, size_t offset)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < chip->option_word_count; i++)
		bits |= known(&chip->option_words[i], offset);
	return ~bits;
}

/* Where a word that is programmed there shows. */
static size_t shown_at(const struct s0_chip *chip, size_t offset)
{
	for (size_t i = 0; i < chip->option_word_count; i++)
		if (chip->option_words[i].program == offset)
			return chip->option_words[i].offset;
	return offset;
}

/* The next word of which such bits are changed. */
static uint32_t next(const struct s0_chip *chip, const uint8_t *before,
		     const uint8_t *sent, size_t length, size_t *offset)
{
	uint32_t bits = 0;

	for (; *offset + 4 <= length; *offset += 4) {
		bits = (get_le32(before + *offset) ^ get_le32(sent + *offset)) &
		       options_raw_bits(chip, *offset);
		if (bits)
			break;
	}
	return bits;
}

bool options_raw_show(const struct s0_chip *chip, const uint8_t *read,
		      const uint8_t *before, const uint8_t *sent, size_t length,
		      const struct s0_option_window *part)
{
	uint32_t bits;

	for (size_t at = 0; (bits = next(chip, before, sent, length, &at));
	     at += 4)
		if (options_in(part, at) &&
		    (get_le32(read + shown_at(chip, at)) ^
		     get_le32(sent + at)) &
			    bits)
			return false;
	return true;
}

bool options_raw_same(const struct s0_chip *chip, const uint8_t *read,
		      const uint8_t *before, const uint8_t *sent, size_t length,
		      const struct s0_option_window *part)
{
	uint32_t bits;

	for (size_t at = 0; (bits = next(chip, before, sent, length, &at));
	     at += 4)
		if (options_in(part, at) &&
		    (get_le32(read + shown_at(chip, at)) ^
		     get_le32(before + at)) &
			    bits)
			return false;
	return true;
}

void options_raw_tell(const struct s0_chip *chip, const uint8_t *read,
		      const uint8_t *before, const uint8_t *sent, size_t length,
		      struct text *text)
{
	uint32_t bits;

	for (size_t at = 0; (bits = next(chip, before, sent, length, &at));
	     at += 4) {
		uint32_t is = get_le32(read + shown_at(chip, at));
		uint32_t wanted = get_le32(sent + at);

		if ((is ^ wanted) & bits)
			text_add(text, "%s0x%08x is 0x%08x instead of 0x%08x",
				 text->length ? ", " : "",
				 s0_option_address(chip, at), is, wanted);
	}
}
