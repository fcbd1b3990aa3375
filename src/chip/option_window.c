/* SPDX-License-Identifier: MIT */
/* Where option bytes lie, and what says a word's value a second time. */
#include <sector0/chip.h>

#include "base/bytes.h"

bool s0_option_window(const struct s0_chip *chip, size_t index,
		      struct s0_option_window *ret_window)
{
	if (index < chip->option_window_count) {
		*ret_window = chip->option_windows[index];
		return true;
	}
	if (chip->option_window_count || index || !chip->option_length)
		return false;
	*ret_window = (struct s0_option_window){
		.address = chip->option_address,
		.length = chip->option_length,
	};
	return true;
}

uint32_t s0_option_length(const struct s0_chip *chip)
{
	struct s0_option_window window;
	uint32_t length = 0;

	for (size_t i = 0; s0_option_window(chip, i, &window); i++)
		length = (uint32_t)window.at + window.length;
	return length;
}

uint32_t s0_option_address(const struct s0_chip *chip, size_t offset)
{
	struct s0_option_window window;

	for (size_t i = 0; s0_option_window(chip, i, &window); i++)
		if (offset - window.at < window.length)
			return window.address + (uint32_t)(offset - window.at);
	return 0;
}

bool s0_option_offset(const struct s0_chip *chip, uint32_t address,
		      size_t *ret_offset)
{
	struct s0_option_window window;

	for (size_t i = 0; s0_option_window(chip, i, &window); i++) {
		uint32_t within = address - window.address;

		if (address % 4 || address < window.address ||
		    within + 4u > window.length)
			continue;
		*ret_offset = window.at + within;
		return true;
	}
	return false;
}

bool s0_option_word_fits(const struct s0_option_word *word,
			 const uint8_t *window, size_t length)
{
	uint32_t value;

	if (word->program + 4u > length || word->mirror + 4u > length)
		return true;
	value = get_le32(window + word->program);
	switch (word->mirroring) {
	case S0_OPTION_MIRROR_COMPLEMENT:
		return get_le32(window + word->mirror) == ~value;
	case S0_OPTION_MIRROR_BYTES:
		return ((value ^ value >> 8) & 0x00ff00ff) == 0x00ff00ff;
	case S0_OPTION_MIRROR_HALVES:
		return ((value ^ value >> 16) & 0xffff) == 0xffff;
	case S0_OPTION_MIRROR_COPY:
		break;
	}
	return true;
}

void s0_option_word_mirror(const struct s0_option_word *word, uint8_t *window,
			   size_t length)
{
	uint32_t value;

	if (word->program + 4u > length || word->mirror + 4u > length)
		return;
	value = get_le32(window + word->program);
	switch (word->mirroring) {
	case S0_OPTION_MIRROR_COPY:
		if (word->mirror)
			put_le32(window + word->mirror, value);
		break;
	case S0_OPTION_MIRROR_COMPLEMENT:
		put_le32(window + word->mirror, ~value);
		break;
	case S0_OPTION_MIRROR_BYTES:
		value &= 0x00ff00ff;
		value |= (~value & 0x00ff00ff) << 8;
		put_le32(window + word->program, value);
		break;
	case S0_OPTION_MIRROR_HALVES:
		value &= 0xffff;
		put_le32(window + word->program, value | ~value << 16);
		break;
	}
}

const struct s0_option_word *s0_option_word_of(
	const struct s0_chip *chip, const struct s0_option_field *field)
{
	for (size_t i = 0; i < chip->option_word_count; i++)
		if (chip->option_words[i].program == field->program)
			return &chip->option_words[i];
	return NULL;
}
