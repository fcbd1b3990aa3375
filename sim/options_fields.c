/* SPDX-License-Identifier: MIT */
/* Fields of the option bytes as a chip's data has them: their values, and which
 * sectors they protect. */
#include "sim/options.h"

#include <ctype.h>
#include <stddef.h>

static size_t word_of(const struct s0_chip *chip,
		      const struct s0_option_field *field)
{
	size_t i = 0;

	while (i < chip->option_word_count && i < SIM_OPTION_WORDS &&
	       chip->option_words[i].offset != field->offset)
		i++;
	return i < chip->option_word_count ? i : SIM_OPTION_WORDS;
}

static uint32_t mask_of(const struct s0_option_field *field)
{
	return field->width < 32 ? (1u << field->width) - 1 : UINT32_MAX;
}

uint32_t sim_field_get(const struct s0_chip *chip,
		       const struct s0_option_field *field,
		       const struct sim_option_words *words)
{
	size_t i = word_of(chip, field);

	if (i == SIM_OPTION_WORDS)
		return field->factory;
	return words->value[i] >> field->shift & mask_of(field);
}

void sim_field_put(const struct s0_chip *chip,
		   const struct s0_option_field *field,
		   struct sim_option_words *words, uint32_t value)
{
	size_t i = word_of(chip, field);
	uint32_t mask = mask_of(field) << field->shift;

	if (i < SIM_OPTION_WORDS)
		words->value[i] = (words->value[i] & ~mask) |
				  (value << field->shift & mask);
}

static bool same(const char *a, const char *b)
{
	while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b))
		a++, b++;
	return *a == *b;
}

const struct s0_option_field *sim_field_find(const struct s0_chip *chip,
					     const char *name)
{
	for (size_t i = 0; i < chip->option_count; i++)
		if (same(chip->options[i].name, name))
			return &chip->options[i];
	return NULL;
}

/* Fields that mean something else while another field is otherwise. */
static bool counts(const struct s0_sim *sim,
		   const struct s0_option_field *field)
{
	const struct s0_chip *chip = sim->chip->data;
	const struct s0_option_field *other =
		field->when ? sim_field_find(chip, field->when) : NULL;

	return !other || sim_field_get(chip, other, &sim->options.words) ==
				 field->when_value;
}

/* ---- write protection by bits -------------------------------------------- */

static uint32_t per(const struct s0_option_field *field)
{
	return field->per ? field->per : 1;
}

/* Which of the field's bits is about that sector; false: none. */
static bool bit_of(const struct s0_option_field *field, uint32_t sector,
		   unsigned *ret_bit)
{
	uint32_t end = field->first + field->width * per(field);

	if (sector < field->first || (sector >= end && !field->rest))
		return false;
	*ret_bit = sector < end ? (sector - field->first) / per(field)
				: field->width - 1u;
	return true;
}

static bool bit_protects(const struct s0_sim *sim,
			 const struct s0_option_field *field, uint32_t sector)
{
	uint32_t value =
		sim_field_get(sim->chip->data, field, &sim->options.words);
	unsigned bit;

	return bit_of(field, sector, &bit) &&
	       (value >> bit & 1) == field->ones_protect;
}

bool sim_field_protects(const struct s0_sim *sim, uint32_t place)
{
	const struct s0_chip *chip = sim->chip->data;
	unsigned bank = place / sim->chip->bank_size;
	uint32_t number = sim_profile_sector(sim->chip, place).index;
	uint32_t all = number + bank * sim_profile_sectors(sim->chip);

	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];

		if (field->kind != S0_OPTION_SECTORS ||
		    field->group != S0_OPTION_WRITE_PROTECTION ||
		    (field->bank && field->bank != bank + 1) ||
		    !counts(sim, field))
			continue;
		if (bit_protects(sim, field, field->bank ? number : all))
			return true;
	}
	return false;
}

/* ---- areas ---------------------------------------------------------------- */

/* The end that belongs to a start: the next one of its kind. */
static const struct s0_option_field *end_of(const struct s0_chip *chip,
					    const struct s0_option_field *start)
{
	for (const struct s0_option_field *field = start + 1;
	     field < chip->options + chip->option_count; field++)
		if (field->kind == S0_OPTION_AREA_END &&
		    field->group == start->group && field->bank == start->bank)
			return field;
	return NULL;
}

static uint32_t unit_of(const struct s0_sim *sim,
			const struct s0_option_field *field)
{
	return field->unit ? field->unit : sim->chip->groups[0].size;
}

static bool area_has(const struct s0_sim *sim,
		     const struct s0_option_field *start, uint32_t place,
		     uint32_t length)
{
	const struct s0_chip *chip = sim->chip->data;
	const struct s0_option_field *end = end_of(chip, start);
	uint64_t unit = unit_of(sim, start), base, first, last;

	if (!end || start->bank > sim->chip->banks_present ||
	    !counts(sim, start))
		return false;
	base = start->bank == 2 ? sim->chip->bank_size : 0;
	first = sim_field_get(chip, start, &sim->options.words);
	last = sim_field_get(chip, end, &sim->options.words);
	if (first > last)
		return false;
	if (first == last && start->equal_is_whole) {
		first = 0;
		last = sim->chip->bank_size / unit - 1;
	}
	first = base + first * unit;
	last = base + last * unit + unit - 1;
	return place <= last && place + (uint64_t)length > first;
}

bool sim_field_area_has(const struct s0_sim *sim, s0_option_group group,
			uint32_t place, uint32_t length)
{
	const struct s0_chip *chip = sim->chip->data;

	for (size_t i = 0; i < chip->option_count; i++)
		if (chip->options[i].kind == S0_OPTION_AREA_START &&
		    chip->options[i].group == group &&
		    area_has(sim, &chip->options[i], place, length))
			return true;
	return false;
}
