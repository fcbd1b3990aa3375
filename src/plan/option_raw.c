/* SPDX-License-Identifier: MIT */
/* Words of option bytes that somebody asks for as they are. What fields are in
 * them is judged as if it had been asked for by name. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "chip/chip_internal.h"
#include "plan/option_plan.h"
#include "plan/options.h"

/* A word that only shows what is in force cannot be programmed. */
static s0_code check_place(const struct s0_chip *chip, uint32_t address,
			   size_t offset, struct s0_error *err)
{
	for (size_t i = 0; i < chip->option_word_count; i++) {
		const struct s0_option_word *word = &chip->option_words[i];

		if (word->offset == offset && word->program != offset)
			return error_set(
				err, S0_E_UNSUPPORTED,
				"0x%08x shows what is in force; what "
				"is programmed is at 0x%08x",
				address,
				s0_option_address(chip, word->program));
	}
	return S0_OK;
}

/* A field's part of a word that is asked for. */
static bool implied(const struct s0_option_plan *plan,
		    const struct s0_option_field *field,
		    const struct s0_option_change *raw, uint32_t *ret_value)
{
	uint32_t mask = s0_option_greatest(field) << field->shift;

	*ret_value = (raw->value & mask) >> field->shift;
	return (raw->mask & mask) == mask &&
	       s0_option_applies(plan->chip, field, plan->before, plan->length,
				 false);
}

/* A choice whose values are codes has none between them (by name such a value
 * is not understood). */
static s0_code check_choice(const struct s0_option_plan *plan,
			    const struct s0_option_change *raw,
			    const struct s0_option_change *change,
			    struct s0_error *err)
{
	const struct s0_option_field *field = change->field;
	uint32_t now;

	if (field->kind != S0_OPTION_CHOICE ||
	    chip_option_listed(field, change->value) ||
	    (s0_option_get(field, plan->before, plan->length, false, &now) &&
	     now == change->value))
		return S0_OK;
	return error_set(err, S0_E_PROTECTED,
			 "0x%08x=0x%08x is refused: 0x%x is no value of %s",
			 raw->address, raw->value, change->value, field->name);
}

s0_code option_raw_fields(const struct s0_option_plan *plan,
			  const struct s0_option_change *raw,
			  struct s0_option_change *ret_changes, size_t *count,
			  struct s0_error *err)
{
	const struct s0_chip *chip = plan->chip;
	size_t offset;
	s0_code code;

	if (!s0_option_offset(chip, raw->address, &offset))
		return error_set(err, S0_E_UNSUPPORTED,
				 "0x%08x is no word of the option bytes of %s",
				 raw->address, chip->name);
	code = check_place(chip, raw->address, offset, err);
	for (size_t i = 0; code == S0_OK && i < chip->option_count; i++) {
		struct s0_option_change change = { .field = &chip->options[i] };

		if (change.field->program != offset ||
		    !implied(plan, change.field, raw, &change.value))
			continue;
		code = check_choice(plan, raw, &change, err);
		ret_changes[(*count)++] = change;
	}
	return code;
}

void option_raw_add(struct s0_option_plan *plan,
		    const struct s0_option_change *raw)
{
	struct option_raw *word = &plan->raw[plan->raw_count];
	uint32_t bits, old;
	size_t offset = 0;

	(void)s0_option_offset(plan->chip, raw->address, &offset);
	bits = s0_option_raw_bits(plan->chip, offset) & raw->mask;
	old = get_le32(plan->window + offset);
	if (!((old ^ raw->value) & bits))
		return;
	put_le32(plan->window + offset, (old & ~bits) | (raw->value & bits));
	(void)snprintf(word->name, sizeof word->name, "0x%08" PRIx32,
		       raw->address);
	word->field = (struct s0_option_field){
		.name = word->name,
		.aliases = &plan->no_alias,
		.about = "a word of the option bytes as it is",
		.kind = S0_OPTION_WORD,
		.group = S0_OPTION_USER,
		.offset = (uint16_t)s0_option_shown_at(plan->chip, offset),
		.program = (uint16_t)offset,
		.width = 32,
	};
	plan->raw_count++;
	plan->steps[plan->count++] = (struct s0_option_step){
		.field = &word->field,
		.from = get_le32(plan->before + word->field.offset),
		.to = get_le32(plan->window + offset),
	};
}

s0_code option_raw_check(const struct s0_option_plan *plan,
			 const struct s0_option_change *raw,
			 struct s0_error *err)
{
	size_t offset = 0;
	uint32_t value;

	(void)s0_option_offset(plan->chip, raw->address, &offset);
	value = get_le32(plan->window + offset);
	if (!((value ^ raw->value) & raw->mask))
		return S0_OK;
	return error_set(err, S0_E_PROTECTED,
			 "0x%08x=0x%08x is refused: a complement that the chip "
			 "needs is not kept by it; 0x%08x would keep it",
			 raw->address, raw->value, value);
}

/* Bits that are the complement of others, in what there is: of bytes and halves
 * of a word, and of the word beside it. A set. */
static unsigned pattern(const struct s0_chip *chip, const uint8_t *window,
			size_t length, size_t offset)
{
	uint32_t word = get_le32(window + offset);
	uint32_t bytes = (word ^ word >> 8) & 0x00ff00ff;
	struct s0_option_window part = { 0 };
	unsigned set = 0;
	size_t beside;

	for (size_t i = 0; s0_option_window(chip, i, &part); i++)
		if (options_in(&part, offset))
			break;
	beside = part.at + ((offset - part.at) ^ 4);
	set |= (bytes & 0xff) == 0xff ? 1 : 0;
	set |= bytes >> 16 == 0xff ? 2 : 0;
	set |= ((word ^ word >> 16) & 0xffff) == 0xffff ? 4 : 0;
	if (beside + 4 <= length && options_in(&part, beside) &&
	    get_le32(window + beside) == ~word)
		set |= 8;
	return set;
}

void option_raw_judge(const struct s0_option_plan *plan,
		      struct s0_option_step *step)
{
	const struct s0_chip *chip = plan->chip;
	size_t offset = step->field->program;
	const uint8_t *to = plan->window + offset;
	char text[96];

	(void)snprintf(text, sizeof text,
		       "the bytes become %02x %02x %02x %02x; what they mean "
		       "is not known",
		       to[0], to[1], to[2], to[3]);
	option_say(step, S0_ALLOW_RAW, text);
	if (pattern(chip, plan->before, plan->length, offset) &
	    ~pattern(chip, plan->window, plan->length, offset))
		option_say(step, S0_ALLOW_COMPLEMENT,
			   "they were a value and its complement, and are not "
			   "any more");
	if (!s0_option_at(chip, S0_OPTION_READ_PROTECTION, S0_OPTION_RDP, 0) &&
	    !s0_option_at(chip, S0_OPTION_READ_PROTECTION, S0_OPTION_CHOICE, 0))
		option_say(step, S0_ALLOW_PERMANENT,
			   "where the read protection is, is not known: it may "
			   "be for ever");
}
