/* SPDX-License-Identifier: MIT */
/* Option bytes that cannot be are refused. */
#include <string.h>

#include "base/error.h"
#include "chip/chip_file.h"
#include "chip/chip_internal.h"

/* Where not every value has to have a meaning. */
#define CODE_BITS 4

/* Does a word of 32 bits lie in one of the windows? */
static bool in_window(const struct s0_chip *chip, uint32_t offset)
{
	for (size_t i = 0; i < chip->option_window_count; i++) {
		const struct s0_option_window *w = &chip->option_windows[i];

		if (offset >= w->at &&
		    offset + 4 <= (uint32_t)w->at + w->length)
			return (offset - w->at) % 4 == 0;
	}
	return false;
}

/* The bits of a word that its mirroring leaves for values. */
static uint32_t values_of(const struct s0_option_word *word)
{
	if (word->mirroring == S0_OPTION_MIRROR_BYTES)
		return 0x00ff00ff;
	if (word->mirroring == S0_OPTION_MIRROR_HALVES)
		return 0x0000ffff;
	return 0xffffffff;
}

static s0_code check_word(const struct file_view *view,
			  const struct s0_chip *chip, size_t index)
{
	const struct s0_option_word *word = &chip->option_words[index];

	if (!in_window(chip, word->offset) || !in_window(chip, word->program) ||
	    (word->mirror && !in_window(chip, word->mirror)))
		return FILE_BAD_VALUE(view, "option_word", index,
				      "'%.40s' lies outside the window",
				      word->name);
	if (word->settable & ~values_of(word))
		return FILE_BAD_VALUE(
			view, "option_word", index,
			"'%.40s' has bits %#x that are inverted copies",
			word->name, word->settable & ~values_of(word));
	return S0_OK;
}

/* Where a word lies: at most in three places, each once. */
static size_t places_of(const struct s0_option_word *word, uint16_t places[3])
{
	size_t count = 0;

	places[count++] = word->offset;
	if (word->program != word->offset)
		places[count++] = word->program;
	if (word->mirror)
		places[count++] = word->mirror;
	return count;
}

static bool words_overlap(const struct s0_option_word *a,
			  const struct s0_option_word *b)
{
	uint16_t of_a[3], of_b[3];
	size_t count_a = places_of(a, of_a), count_b = places_of(b, of_b);

	for (size_t i = 0; i < count_a; i++)
		for (size_t j = 0; j < count_b; j++)
			if (of_a[i] == of_b[j])
				return true;
	return false;
}

static s0_code check_words(const struct file_view *view,
			   const struct s0_chip *chip)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < chip->option_word_count; i++) {
		const struct s0_option_word *a = &chip->option_words[i];

		code = check_word(view, chip, i);
		if (code == S0_OK && a->mirror &&
		    (a->mirror == a->offset || a->mirror == a->program))
			return FILE_BAD_VALUE(view, "option_word", i,
					      "'%.40s' is its own copy",
					      a->name);
		for (size_t j = 0; code == S0_OK && j < i; j++) {
			const struct s0_option_word *b = &chip->option_words[j];

			if (strcmp(a->name, b->name) == 0)
				return FILE_BAD_VALUE(
					view, "option_word", i,
					"'%.40s' is there already", a->name);
			if (words_overlap(a, b))
				return FILE_BAD_VALUE(
					view, "option_word", i,
					"'%.40s' overlaps '%.40s'", a->name,
					b->name);
		}
	}
	return code;
}

/* ---- fields -------------------------------------------------------------- */

static uint32_t mask_of(const struct s0_option_field *field)
{
	uint32_t all = field->width < 32 ? (UINT32_C(1) << field->width) - 1
					 : UINT32_MAX;

	return all << field->shift;
}

static const struct s0_option_word *word_of(const struct s0_chip *chip,
					    const struct s0_option_field *field)
{
	size_t i = 0;

	while (chip->option_words[i].program != field->program)
		i++;
	return &chip->option_words[i];
}

/* Bits of a word that some field has. */
static uint32_t taken(const struct s0_chip *chip,
		      const struct s0_option_word *word)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < chip->option_count; i++)
		if (chip->options[i].program == word->program)
			bits |= mask_of(&chip->options[i]);
	return bits;
}

/* Can both mean something at one time? */
static bool at_once(const struct s0_option_field *a,
		    const struct s0_option_field *b)
{
	return !a->when || !b->when || strcmp(a->when, b->when) != 0 ||
	       a->when_value == b->when_value;
}

static s0_code check_bits(const struct file_view *view,
			  const struct s0_chip *chip, size_t index)
{
	const struct s0_option_field *field = &chip->options[index];
	const struct s0_option_word *word;

	if (field->shift + field->width > 32)
		return FILE_BAD_VALUE(view, "option", index,
				      "'%.40s' lies outside its word",
				      field->name);
	word = word_of(chip, field);
	if (mask_of(field) & ~word->settable)
		return FILE_BAD_VALUE(view, "option", index,
				      "'%.40s' has bits that nobody can set",
				      field->name);
	for (size_t i = 0; i < index; i++) {
		const struct s0_option_field *other = &chip->options[i];

		if (other->program == field->program &&
		    (mask_of(field) & mask_of(other)) && at_once(field, other))
			return FILE_BAD_VALUE(view, "option", index,
					      "'%.40s' overlaps '%.40s'",
					      field->name, other->name);
	}
	return S0_OK;
}

/* Where a unit is left out, an area's is a sector. */
static const char *wrong_unit(const struct s0_option_field *field)
{
	if (field->kind == S0_OPTION_BOOT && !field->unit)
		return "needs a unit";
	if (field->kind != S0_OPTION_BOOT &&
	    field->kind != S0_OPTION_AREA_START &&
	    field->kind != S0_OPTION_AREA_END && field->unit)
		return "needs no unit";
	return NULL;
}

/* What a field says that another kind would have to say. */
static const char *wrong_kind(const struct s0_option_field *field)
{
	bool sectors = field->kind == S0_OPTION_SECTORS;
	bool choice = field->kind == S0_OPTION_CHOICE;

	/* A wide field has codes, of which few mean something. */
	if (choice &&
	    (field->width > CODE_BITS
		     ? !field->value_count
		     : field->value_count != (size_t)1 << field->width))
		return "has values without a meaning";
	if (!choice && field->kind != S0_OPTION_RDP && field->value_count)
		return "is no choice and lists values";
	if (field->kind == S0_OPTION_RDP && field->width != 8)
		return "is not a byte";
	if (!sectors &&
	    (field->per || field->first || field->rest || field->ones_protect))
		return "is not of sectors and says how its bits stand for them";
	if (field->kind != S0_OPTION_AREA_START && field->equal_is_whole)
		return "is no start of an area";
	if (!field->bank && (field->kind == S0_OPTION_AREA_START ||
			     field->kind == S0_OPTION_AREA_END))
		return "names no bank";
	return wrong_unit(field);
}

static s0_code check_kind(const struct file_view *view,
			  const struct s0_chip *chip, size_t index)
{
	const struct s0_option_field *field = &chip->options[index];
	const char *wrong = wrong_kind(field);

	return wrong ? FILE_BAD_VALUE(view, "option", index, "'%.40s' %s",
				      field->name, wrong)
		     : S0_OK;
}

/* Is there the field on whose value the meaning of this one hangs? */
static s0_code check_when(const struct file_view *view,
			  const struct s0_chip *chip, size_t index)
{
	const struct s0_option_field *field = &chip->options[index];

	for (size_t i = 0; field->when && i < chip->option_count; i++) {
		const struct s0_option_field *other = &chip->options[i];

		if (strcmp(other->name, field->when) == 0 && !other->when &&
		    (other->width == 32 ||
		     !(field->when_value >> other->width)))
			return S0_OK;
	}
	return field->when ? FILE_BAD_VALUE(view, "option", index,
					    "'%.40s' hangs on '%.40s', which "
					    "cannot be %u",
					    field->name, field->when,
					    field->when_value)
			   : S0_OK;
}

/* Has a field, or one before it, that name already? */
static bool has_name(const struct s0_option_field *field, const char *name)
{
	if (chip_same_word(field->name, name))
		return true;
	for (const char *const *alias = field->aliases; *alias; alias++)
		if (chip_same_word(*alias, name))
			return true;
	return false;
}

static bool is_field_name(const char *name)
{
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789_";

	return strspn(name, all) > 0 && !name[strspn(name, all)] &&
	       strcspn(name, "0123456789_") > 0;
}

static s0_code check_name(const struct file_view *view,
			  const struct s0_chip *chip, size_t index,
			  const char *name, size_t alias)
{
	const struct s0_option_field *field = &chip->options[index];

	if (!is_field_name(name))
		return FILE_BAD_VALUE(view, "option", index,
				      "'%.40s' is no name", name);
	for (size_t i = 0; i < index; i++)
		if (has_name(&chip->options[i], name))
			return FILE_BAD_VALUE(
				view, "option", index,
				"'%.40s' is the name of two options", name);
	/* Its own ones: the name, and the aliases before this one. */
	if (alias && chip_same_word(field->name, name))
		return FILE_BAD_VALUE(view, "option", index,
				      "'%.40s' is its own alias", name);
	for (size_t i = 0; i + 1 < alias; i++)
		if (chip_same_word(field->aliases[i], name))
			return FILE_BAD_VALUE(view, "option", index,
					      "'%.40s' is there already", name);
	return S0_OK;
}

static s0_code check_names(const struct file_view *view,
			   const struct s0_chip *chip, size_t index)
{
	const struct s0_option_field *field = &chip->options[index];
	s0_code code = check_name(view, chip, index, field->name, 0);

	for (size_t i = 0; code == S0_OK && field->aliases[i]; i++)
		code = check_name(view, chip, index, field->aliases[i], i + 1);
	return code;
}

/* ---- all of it ----------------------------------------------------------- */

static s0_code check_left(const struct file_view *view,
			  const struct s0_chip *chip)
{
	for (size_t i = 0; i < chip->option_word_count; i++) {
		const struct s0_option_word *word = &chip->option_words[i];
		uint32_t left = word->settable & ~taken(chip, word);

		if (left)
			return FILE_BAD_VALUE(
				view, "option_word", i,
				"no field has the bits %#010x of '%.40s'", left,
				word->name);
	}
	return S0_OK;
}

static s0_code check_flag(const struct file_view *view,
			  const struct s0_chip *chip, const char *key,
			  const struct s0_option_bit *bit)
{
	if (bit->mask && !in_window(chip, bit->offset))
		return FILE_BAD_VALUE(view, key, 0, "lies outside the window");
	return S0_OK;
}

s0_code file_check_options(const struct file_view *view,
			   const struct s0_chip *chip)
{
	s0_code code = check_words(view, chip);

	for (size_t i = 0; code == S0_OK && i < chip->option_count; i++) {
		code = check_bits(view, chip, i);
		if (code == S0_OK)
			code = check_kind(view, chip, i);
		if (code == S0_OK)
			code = check_when(view, chip, i);
		if (code == S0_OK)
			code = check_names(view, chip, i);
	}
	if (code == S0_OK)
		code = check_left(view, chip);
	if (code == S0_OK)
		code = check_flag(view, chip, "option_busy",
				  &chip->option_busy);
	if (code == S0_OK)
		code = check_flag(view, chip, "option_error",
				  &chip->option_error);
	if (code == S0_OK)
		code = check_flag(view, chip, "option_clear",
				  &chip->option_clear);
	return code;
}
