/* SPDX-License-Identifier: MIT */
#include "chip/geometry.h"

#include <stdio.h>

#include "base/text.h"
#include "chip/map.h"
#include "chip/shape.h"

/* A geometry against what the option bytes say. */
enum match { NO, YES, PERHAPS };

struct judging {
	const struct geometry_facts *facts;
	struct geometry_verdict *verdict;
	struct shape named; /* by the bootloader */
	struct shape usual; /* by every bootloader of this chip */
	struct shape use;   /* what it is */
	unsigned kib;	    /* of the part, 0: not told */
	unsigned size_kib;  /* the same, else what is named */
};

static enum match field_says(const struct geometry_facts *facts,
			     const struct s0_geometry *geometry)
{
	const struct s0_option_field *field;
	uint32_t value;

	if (!geometry->field)
		return YES;
	field = s0_option_find(facts->chip, geometry->field);
	if (!field || !s0_option_get(field, facts->options,
				     facts->option_length, false, &value))
		return PERHAPS;
	return value == geometry->value ? YES : NO;
}

/* Is it of parts of this size, and is none for just this size beside it? */
static bool of_size(const struct judging *j, const struct s0_geometry *geometry)
{
	const struct s0_chip *chip = j->facts->chip;

	if (geometry->flash_kib)
		return geometry->flash_kib == j->size_kib;
	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *other = &chip->geometries[i];

		if (other->flash_kib == j->size_kib &&
		    (!geometry->field || !other->field ||
		     other->value == geometry->value))
			return false;
	}
	return true;
}

static void cut(const struct judging *j, const struct s0_geometry *geometry,
		struct shape *ret)
{
	struct shape whole;

	shape_of_geometry(geometry, &whole);
	shape_cut(&whole, j->facts->chip, geometry->banks, j->kib, ret);
}

static bool depends(const struct s0_chip *chip)
{
	for (size_t i = 0; i < chip->geometry_count; i++)
		if (chip->geometries[i].field)
			return true;
	return false;
}

/* The true geometry; NULL with *ret_open: it hangs on what was not told. */
static const struct s0_geometry *choose(const struct judging *j, bool *ret_open)
{
	const struct s0_chip *chip = j->facts->chip;
	const struct s0_geometry *found = NULL;
	struct shape first, other;

	*ret_open = false;
	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *geometry = &chip->geometries[i];
		enum match match = field_says(j->facts, geometry);

		if (!of_size(j, geometry) || match == NO)
			continue;
		if (match == YES)
			return geometry;
		cut(j, geometry, found ? &other : &first);
		if (found && !shape_same(&first, &other))
			*ret_open = true;
		found = found ? found : geometry;
	}
	return *ret_open ? NULL : found;
}

/* What the bootloader of any part of this chip says. */
static void usual(struct judging *j)
{
	struct s0_map *map;

	if (s0_map_new(&map, NULL) != S0_OK)
		return;
	for (const char *const *layout = j->facts->chip->layouts;
	     layout && *layout; layout++)
		if (s0_map_parse(map, *layout, 0, NULL) != S0_OK)
			continue; /* the same once more: STM32G0B1 */
	shape_of_map(map, &j->usual);
	s0_map_free(map);
}

static void print(const struct shape *shape, char buffer[100])
{
	shape_print(shape, buffer, 100);
}

/* "nDBANK = 0 and 2048 KiB of flash" */
static void add_reason(struct text *text, const struct judging *j,
		       const struct s0_geometry *geometry)
{
	if (geometry->field)
		text_add(text, "%s = %u", geometry->field, geometry->value);
	if (geometry->field && j->kib)
		text_add(text, " and ");
	if (j->kib || !geometry->field)
		text_add(text, "%u KiB of flash", j->size_kib);
}

static void say(char to[320], struct text *text)
{
	(void)snprintf(to, 320, "%s", text_chars(text));
	text_free(text);
}

static void note_less(struct judging *j)
{
	struct text text = { 0 };

	if (!j->kib || shape_bytes(&j->use) / 1024 >= j->kib ||
	    j->kib - shape_bytes(&j->use) / 1024 <
		    j->use.runs[j->use.count - 1].bytes / 1024)
		return;
	text_add(&text,
		 "the bootloader names %u KiB of flash, the size register "
		 "says %u: what is not named is left alone",
		 shape_bytes(&j->named) / 1024, j->kib);
	say(j->verdict->note, &text);
}

/* Is it what the bootloader says on every part, and known to be wrong? */
static bool is_blind(const struct judging *j)
{
	const unsigned quirks = S0_QUIRK_DESCRIPTOR_BLIND | S0_QUIRK_PAGES_HALF;

	return (j->facts->chip->quirks & quirks) &&
	       (shape_same(&j->named, &j->usual) ||
		shape_begins(&j->named, &j->usual));
}

/* The flash is not what is named, and it is known why. */
static void note_why(struct judging *j)
{
	char named[100], is[100];
	struct text text = { 0 };

	print(&j->named, named);
	print(&j->use, is);
	text_add(&text, "the bootloader names %s, ", named);
	if (is_blind(j))
		text_add(&text, "as it does on every part; ");
	else
		text_add(&text, "the size register says %u KiB; ", j->kib);
	text_add(&text, "the flash is %s", is);
	say(j->verdict->note, &text);
}

static void plain_conflict(struct judging *j, const struct shape *is)
{
	char words[2][100];
	struct text text = { 0 };

	print(&j->named, words[0]);
	print(is, words[1]);
	text_add(&text, "the bootloader names %s; the chip's data say %s",
		 words[0], words[1]);
	if (j->kib)
		text_add(&text, " for %u KiB of flash", j->kib);
	say(j->verdict->conflict, &text);
}

/* One geometry, whatever the option bytes say: the device's own word is cut to
 * the size of the part. What that does not explain is a conflict. */
static void judge_plain(struct judging *j)
{
	const struct s0_chip *chip = j->facts->chip;
	const struct s0_geometry *g = j->verdict->geometry;
	unsigned banks = g ? g->banks : chip->bank_bytes ? 2 : 1;
	struct shape is, part;

	shape_cut(&j->named, chip, banks, j->kib, &part);
	is = part;
	if (g)
		cut(j, g, &is);
	j->use = is;
	if (shape_same(&j->named, &is)) {
		note_less(j);
	} else if (shape_begins(&j->named, &is)) {
		j->use = j->named;
		note_less(j);
	} else if (shape_same(&part, &is) || is_blind(j)) {
		note_why(j);
	} else {
		plain_conflict(j, &is);
	}
}

/* Is what is named that of the chip in another mode, or known to be wrong? */
static bool is_other(const struct judging *j)
{
	const struct s0_chip *chip = j->facts->chip;
	struct shape whole, part;

	for (size_t i = 0; i < chip->geometry_count; i++) {
		shape_of_geometry(&chip->geometries[i], &whole);
		shape_cut(&whole, chip, chip->geometries[i].banks, j->size_kib,
			  &part);
		if (shape_same(&j->named, &whole) ||
		    shape_same(&j->named, &part))
			return true;
	}
	return is_blind(j);
}

static void judge_modes(struct judging *j)
{
	const struct s0_geometry *g = j->verdict->geometry;
	struct shape is, named;
	char words[2][100];
	struct text text = { 0 };

	cut(j, g, &is);
	shape_cut(&j->named, j->facts->chip, g->banks, j->kib, &named);
	j->use = is;
	if (shape_same(&j->named, &is))
		return;
	if (shape_same(&named, &is)) {
		note_why(j);
		return;
	}
	if (shape_begins(&j->named, &is)) {
		j->use = j->named;
		note_less(j);
		return;
	}
	print(&j->named, words[0]);
	print(&is, words[1]);
	text_add(&text, "the bootloader names %s; ", words[0]);
	add_reason(&text, j, g);
	text_add(&text, " mean%s %s", g->field && !j->kib ? "s" : "", words[1]);
	if (is_other(j)) {
		text_add(&text, ": the option bytes are believed");
		say(j->verdict->warning, &text);
	} else {
		say(j->verdict->conflict, &text);
	}
}

/* What decides was not told, or says what is not known. */
static void undecided(struct judging *j, bool open)
{
	const struct s0_chip *chip = j->facts->chip;
	struct text text = { 0 };
	char words[100];

	print(&j->named, words);
	text_add(&text, "the bootloader names %s", words);
	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *g = &chip->geometries[i];
		struct shape is;

		if (!of_size(j, g) || (open && field_says(j->facts, g) == NO))
			continue;
		cut(j, g, &is);
		print(&is, words);
		text_add(&text, "; ");
		add_reason(&text, j, g);
		text_add(&text, " would be %s", words);
	}
	text_add(&text, open ? ": the option bytes are not told"
			     : ": what the chip says fits none");
	say(j->verdict->conflict, &text);
}

static void judge(struct judging *j)
{
	const struct s0_chip *chip = j->facts->chip;
	bool open;

	j->verdict->geometry = choose(j, &open);
	if (!depends(chip)) {
		if (!j->verdict->geometry && chip->geometry_count)
			j->verdict->geometry = &chip->geometries[0];
		judge_plain(j);
	} else if (j->verdict->geometry) {
		judge_modes(j);
	} else {
		undecided(j, open);
	}
}

/* Where the second bank of what it is starts. */
static uint32_t second_bank(const struct judging *j)
{
	const struct s0_chip *chip = j->facts->chip;
	uint32_t start = j->use.runs[0].address;
	unsigned kib = j->kib ? j->kib : shape_bytes(&j->use) / 1024;
	const struct s0_geometry *g = j->verdict->geometry;
	const struct s0_sectors *last = &j->use.runs[j->use.count - 1];
	uint32_t second = start;

	if ((g ? g->banks : chip->bank_bytes ? 2 : 1) < 2)
		return 0;
	if (chip->bank_bytes)
		second = start + chip->bank_bytes;
	else if (chip->banks == S0_BANKS_HALF)
		second = start + kib * 512;
	/* An STM32H750 has one sector in all. */
	return second > start &&
			       second < last->address + (uint64_t)last->count *
								last->bytes
		       ? second
		       : 0;
}

s0_code geometry_apply(const struct geometry_facts *facts, struct s0_map *map,
		       struct geometry_verdict *ret, struct s0_error *err)
{
	struct judging j = { .facts = facts, .verdict = ret };

	*ret = (struct geometry_verdict){ 0 };
	shape_of_map(map, &j.named);
	if (!j.named.count)
		return S0_OK;
	j.kib = facts->flash_kib < 0xffff ? facts->flash_kib : 0;
	j.size_kib = j.kib ? j.kib : shape_bytes(&j.named) / 1024;
	usual(&j);
	judge(&j);
	if (ret->conflict[0])
		return S0_OK;
	ret->bank_2 = second_bank(&j);
	return shape_same(&j.named, &j.use) ? S0_OK
					    : shape_put(&j.use, map, err);
}
