/* SPDX-License-Identifier: MIT */
/* Values of option bytes as text, and what they mean. */
#include <sector0/option.h>

#include <stdio.h>
#include <string.h>

#include <sector0/chip.h>

#include "base/text.h"
#include "chip/chip_internal.h"

static const char *const group_names[S0_OPTION_GROUPS] = {
	[S0_OPTION_READ_PROTECTION] = "read protection",
	[S0_OPTION_BROWN_OUT] = "brown-out reset",
	[S0_OPTION_USER] = "user configuration",
	[S0_OPTION_WRITE_PROTECTION] = "write protection",
	[S0_OPTION_PCROP] = "PCROP",
	[S0_OPTION_SECURE_AREA] = "secure area",
	[S0_OPTION_BOOT_ADDRESS] = "boot",
};

static const struct {
	unsigned guard;
	const char *name;
} guards[] = {
	{ S0_ALLOW_ERASE, "erase" },
	{ S0_ALLOW_PCROP, "pcrop" },
	{ S0_ALLOW_SECURE, "secure" },
	{ S0_ALLOW_BOOT, "boot" },
	{ S0_ALLOW_LOW_VOLTAGE, "low-voltage" },
	{ S0_ALLOW_PART, "part" },
	{ S0_ALLOW_PERMANENT, "permanent" },
	{ S0_ALLOW_RAW, "raw" },
	{ S0_ALLOW_COMPLEMENT, "complement" },
};

const char *s0_option_group_name(s0_option_group group)
{
	return (size_t)group < S0_OPTION_GROUPS ? group_names[group] : "?";
}

const char *s0_option_guard_name(unsigned guard)
{
	for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++)
		if (guards[i].guard == guard)
			return guards[i].name;
	return "?";
}

unsigned s0_option_guard_find(const char *name)
{
	for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++)
		if (strcmp(guards[i].name, name) == 0)
			return guards[i].guard;
	return 0;
}

/* What is printed, and where to. */
struct output {
	const struct s0_chip *chip;
	const uint8_t *window; /* may be NULL */
	size_t length;
	const struct s0_option_field *field;
	uint32_t value;
	char *text, *meaning;
};

#define TEXT(out, ...) (void)snprintf((out)->text, S0_OPTION_TEXT, __VA_ARGS__)
#define MEANING(out, ...)                                                      \
	(void)snprintf((out)->meaning, S0_OPTION_MEANING, __VA_ARGS__)

/* What the data says of the value. */
static void by_data(const struct output *out)
{
	const struct s0_option_field *field = out->field;

	for (size_t i = 0; i < field->value_count; i++) {
		const struct s0_option_value *v = &field->values[i];

		if (v->value != out->value)
			continue;
		if (v->word)
			TEXT(out, "%s", v->word);
		MEANING(out, "%s", v->meaning);
	}
}

static void print_number(const struct output *out)
{
	TEXT(out, "%u", out->value);
	MEANING(out, "%s", "");
	by_data(out);
}

static void print_rdp(const struct output *out)
{
	static const char *const levels[] = {
		"level 0: memory is not protected",
		"level 1: the bootloader cannot read or change memory",
		"level 2: no bootloader, no debugging, for ever",
	};
	unsigned level = s0_option_level(out->value);

	TEXT(out, "%u", level);
	MEANING(out, "%s", levels[level]);
	by_data(out);
}

/* "0-3,5"; the sectors whose bits protect. At most 16 runs: 32 bits. */
static unsigned list_sectors(const struct output *out)
{
	const struct s0_option_field *field = out->field;
	uint32_t closed = out->value ^ s0_option_open(field);
	unsigned per = field->per ? field->per : 1, count = 0;
	char *at = out->text;
	size_t left = S0_OPTION_TEXT;

	for (unsigned bit = 0; bit < field->width; bit++) {
		unsigned first = bit, from;
		int done;

		while (bit < field->width && closed >> bit & 1)
			bit++;
		if (bit == first)
			continue;
		from = field->first + first * per;
		done = snprintf(
			at, left, (bit - first) * per > 1 ? "%s%u-%u" : "%s%u",
			count ? "," : "", from, field->first + bit * per - 1);
		at += done;
		left -= (size_t)done;
		count += bit - first;
	}
	return count;
}

static void print_sectors(const struct output *out)
{
	const struct s0_option_field *field = out->field;
	unsigned per = field->per ? field->per : 1;
	unsigned count = list_sectors(out);
	bool last =
		field->rest &&
		(out->value ^ s0_option_open(field)) >> (field->width - 1) & 1;

	if (count == 0 || count == field->width)
		TEXT(out, "%s", count ? "all" : "none");
	if (count && field->group == S0_OPTION_PCROP)
		MEANING(out,
			"%u of %u sectors can be run, and neither read "
			"nor changed%s",
			count * per, field->width * per,
			last ? ", and all behind" : "");
	else if (count)
		MEANING(out, "%u of %u sectors cannot be erased or written%s",
			count * per, field->width * per,
			last ? ", nor those behind" : "");
	else if (field->group == S0_OPTION_PCROP)
		MEANING(out, "%s", "no sector is in PCROP");
	else
		MEANING(out, "%s", "no sector is write-protected");
}

static void print_boot(const struct output *out)
{
	const char *place =
		s0_option_boot_place(out->chip, out->field, out->value);

	TEXT(out, "0x%04x", out->value);
	MEANING(out, "0x%08x, %s", out->value * out->field->unit,
		place ? place : "where nothing is known to be");
}

/* The other end of the area: as it is to be, where the value is that to be. */
static bool other_end(const struct output *out, uint32_t *ret_value)
{
	const struct s0_option_field *field = out->field;
	const struct s0_option_field *other = chip_other_end(out->chip, field);
	uint32_t now, then;

	return out->window && other &&
	       s0_option_get(field, out->window, out->length, false, &now) &&
	       s0_option_get(field, out->window, out->length, true, &then) &&
	       s0_option_get(other, out->window, out->length,
			     out->value != now && out->value == then,
			     ret_value);
}

/* Is an area of one unit the whole bank? */
static bool equal_is_whole(const struct output *out)
{
	const struct s0_option_field *start =
		out->field->kind == S0_OPTION_AREA_START
			? out->field
			: chip_other_end(out->chip, out->field);

	return start && start->equal_is_whole;
}

static void print_place(const struct output *out, const char *word, bool end)
{
	const struct s0_option_field *field = out->field;
	uint32_t at = out->value * field->unit + (end ? field->unit - 1 : 0);
	struct chip_banks banks;

	chip_banks(out->chip, NULL, out->window, out->length, &banks);
	if (!field->unit && banks.count > 1)
		MEANING(out, "%s page %u of bank %u", word, out->value,
			field->bank);
	else if (!field->unit)
		MEANING(out, "%s page %u", word, out->value);
	else if (chip_bank_known(out->chip, field))
		MEANING(out, "%s 0x%08x", word,
			banks.start[field->bank > 1] + at);
	else
		MEANING(out, "%s byte 0x%05x of bank %u", word, at,
			field->bank);
}

static void print_area(const struct output *out)
{
	bool end = out->field->kind == S0_OPTION_AREA_END;
	uint32_t other;
	bool known = other_end(out, &other);

	TEXT(out, "0x%03x", out->value);
	if (known && (end ? other > out->value : out->value > other))
		MEANING(out, "no area: the start lies behind the end");
	else if (known && other == out->value && equal_is_whole(out))
		MEANING(out, "the whole bank: start and end are the same");
	else
		print_place(out, end ? "to" : "from", end);
}

void s0_option_print(const struct s0_chip *chip, const uint8_t *window,
		     size_t length, const struct s0_option_field *field,
		     uint32_t value, char text[S0_OPTION_TEXT],
		     char meaning[S0_OPTION_MEANING])
{
	char unseen[S0_OPTION_MEANING];
	const struct output out = { chip,
				    window,
				    length,
				    field,
				    value,
				    text,
				    meaning ? meaning : unseen };

	switch (field->kind) {
	case S0_OPTION_RDP:
		print_rdp(&out);
		break;
	case S0_OPTION_SECTORS:
		print_sectors(&out);
		break;
	case S0_OPTION_BOOT:
		print_boot(&out);
		break;
	case S0_OPTION_AREA_START:
	case S0_OPTION_AREA_END:
		print_area(&out);
		break;
	case S0_OPTION_WORD:
		TEXT(&out, "0x%08x", value);
		MEANING(&out, "%s", "");
		break;
	case S0_OPTION_NUMBER:
	case S0_OPTION_CHOICE:
		print_number(&out);
		break;
	}
}
