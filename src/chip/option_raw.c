/* SPDX-License-Identifier: MIT */
/* Words of option bytes that no field names, or not all of. */
#include <sector0/chip.h>

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

uint32_t s0_option_raw_bits(const struct s0_chip *chip, size_t offset)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < chip->option_word_count; i++)
		bits |= known(&chip->option_words[i], offset);
	return ~bits;
}

size_t s0_option_shown_at(const struct s0_chip *chip, size_t offset)
{
	for (size_t i = 0; i < chip->option_word_count; i++)
		if (chip->option_words[i].program == offset)
			return chip->option_words[i].offset;
	return offset;
}

bool s0_option_partial(const struct s0_chip *chip)
{
	for (size_t i = 0; i < chip->option_count; i++)
		if (chip->options[i].group == S0_OPTION_WRITE_PROTECTION)
			return false;
	return s0_option_length(chip) > 0;
}
