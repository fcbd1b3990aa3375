/* SPDX-License-Identifier: MIT */
#include "plan/options.h"

#include <string.h>

#include "base/bytes.h"

/* RM0399 4.4.3: option bytes take effect when they are programmed, but for
 * the order of the banks. */
bool option_is_late(const struct s0_option_field *field)
{
	return field->role == S0_OPTION_SWAP_BANKS;
}

static uint32_t late_bits(const struct s0_chip *chip,
			  const struct s0_option_word *word)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];

		if (field->program == word->program && option_is_late(field))
			bits |= ((UINT32_C(1) << field->width) - 1)
				<< field->shift;
	}
	return bits;
}

static bool inside(const struct s0_option_word *word, size_t length)
{
	return word->offset + 4u <= length && word->program + 4u <= length &&
	       word->mirror + 4u <= length;
}

void options_mirror(const struct s0_chip *chip, uint8_t *window, size_t length)
{
	for (size_t i = 0; i < chip->option_word_count; i++)
		if (inside(&chip->option_words[i], length))
			s0_option_word_mirror(&chip->option_words[i], window,
					      length);
}

void options_keep(const struct s0_chip *chip, uint8_t *window, size_t length)
{
	const struct s0_option_bit *clear = &chip->option_clear;

	for (size_t i = 0; i < chip->option_word_count; i++) {
		const struct s0_option_word *word = &chip->option_words[i];

		if (inside(word, length))
			memcpy(window + word->program, window + word->offset,
			       4);
	}
	options_mirror(chip, window, length);
	if (s0_option_is_set(&chip->option_error, window, length) &&
	    clear->mask && clear->offset + 4u <= length)
		put_le32(window + clear->offset,
			 get_le32(window + clear->offset) | clear->mask);
}

static bool word_shows(const struct s0_chip *chip,
		       const struct s0_option_word *word, const uint8_t *read,
		       const uint8_t *sent)
{
	uint32_t wanted = get_le32(sent + word->program);
	uint32_t now = get_le32(read + word->offset);
	uint32_t next = get_le32(read + word->program);
	uint32_t late = late_bits(chip, word);

	return ((now ^ wanted) & word->settable & ~late) == 0 &&
	       (((now ^ wanted) & late) == 0 || ((next ^ wanted) & late) == 0);
}

bool options_in(const struct s0_option_window *part, size_t offset)
{
	return !part || offset - part->at < part->length;
}

bool options_show_in(const struct s0_chip *chip, const uint8_t *read,
		     const uint8_t *sent, size_t length,
		     const struct s0_option_window *part)
{
	for (size_t i = 0; i < chip->option_word_count; i++) {
		const struct s0_option_word *word = &chip->option_words[i];

		if (inside(word, length) && options_in(part, word->program) &&
		    (!s0_option_word_fits(word, read, length) ||
		     !word_shows(chip, word, read, sent)))
			return false;
	}
	return true;
}

bool options_show(const struct s0_chip *chip, const uint8_t *read,
		  const uint8_t *sent, size_t length)
{
	return options_show_in(chip, read, sent, length, NULL);
}

static bool is_like(const struct s0_option_field *a,
		    const struct s0_option_field *b)
{
	return a->group == b->group && a->kind == b->kind && a->role == b->role;
}

/* The same field of bank 2, of one of bank 1: the first of its like, … */
static const struct s0_option_field *twin(const struct s0_chip *chip,
					  const struct s0_option_field *field)
{
	size_t before = 0;

	for (const struct s0_option_field *f = chip->options; f < field; f++)
		before += f->bank == 1 && is_like(f, field);
	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *other = &chip->options[i];

		if (other->bank == 2 && is_like(other, field) && !before--)
			return other;
	}
	return NULL;
}

void options_exchange(const struct s0_chip *chip, uint8_t *window,
		      size_t length)
{
	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];
		const struct s0_option_field *other =
			field->bank == 1 ? twin(chip, field) : NULL;
		uint32_t first, second;

		if (!other ||
		    !s0_option_get(field, window, length, true, &first) ||
		    !s0_option_get(other, window, length, true, &second))
			continue;
		(void)s0_option_put(field, window, length, second);
		(void)s0_option_put(other, window, length, first);
	}
}

bool options_show_exchanged(const struct s0_chip *chip, const uint8_t *read,
			    const uint8_t *before, const uint8_t *sent,
			    size_t length)
{
	uint8_t window[S0_OPTION_MAX];

	if (s0_option_swapped(chip, read, length) ==
	    s0_option_swapped(chip, before, length))
		return false;
	memcpy(window, sent, length);
	options_exchange(chip, window, length);
	return options_show(chip, read, window, length);
}

bool options_same_in(const struct s0_chip *chip, const uint8_t *a,
		     const uint8_t *b, size_t length,
		     const struct s0_option_window *part)
{
	for (size_t i = 0; i < chip->option_word_count; i++) {
		const struct s0_option_word *word = &chip->option_words[i];

		if (inside(word, length) && options_in(part, word->program) &&
		    ((get_le32(a + word->offset) ^ get_le32(b + word->offset)) &
		     word->settable) != 0)
			return false;
	}
	return true;
}

bool options_same(const struct s0_chip *chip, const uint8_t *a,
		  const uint8_t *b, size_t length)
{
	return options_same_in(chip, a, b, length, NULL);
}

unsigned options_level(const struct s0_chip *chip, const uint8_t *window,
		       size_t length, bool programmed)
{
	const struct s0_option_field *field =
		s0_option_at(chip, S0_OPTION_READ_PROTECTION, S0_OPTION_RDP, 0);
	uint32_t value;

	return field && s0_option_get(field, window, length, programmed, &value)
		       ? s0_option_level(value)
		       : 0;
}

void options_tell(const struct s0_chip *chip, const uint8_t *read,
		  const uint8_t *sent, size_t length, struct text *text)
{
	const char *comma = "";

	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];
		char is[S0_OPTION_TEXT], wanted[S0_OPTION_TEXT];
		uint32_t now, then;

		if (!s0_option_get(field, read, length, false, &now) ||
		    !s0_option_get(field, sent, length, true, &then) ||
		    now == then)
			continue;
		s0_option_print(chip, NULL, 0, field, now, is, NULL);
		s0_option_print(chip, NULL, 0, field, then, wanted, NULL);
		text_add(text, "%s%s is %s instead of %s", comma, field->name,
			 is, wanted);
		comma = ", ";
	}
}

unsigned options_count(const struct s0_chip *chip, const uint8_t *before,
		       const uint8_t *sent, size_t length)
{
	unsigned count = 0;

	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];
		uint32_t from, to;

		count += s0_option_get(field, before, length, true, &from) &&
			 s0_option_get(field, sent, length, true, &to) &&
			 from != to;
	}
	return count;
}
