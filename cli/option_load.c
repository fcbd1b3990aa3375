/* SPDX-License-Identifier: MIT */
/* `option load`: a file that `option save` or a person has written. */
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "option.h"
#include "os.h"
#include "say.h"

/* Where it is in the file. */
struct place {
	const char *path;
	unsigned line;
};

static s0_code fail_at(const struct place *place, size_t column,
		       const struct s0_error *why, struct s0_error *err)
{
	s0_code code = why->code == S0_E_USAGE ? S0_E_FORMAT : why->code;

	return fail(err, code, "%s:%u:%zu: %s",
		    strcmp(place->path, "-") == 0 ? "standard input"
						  : place->path,
		    place->line, column + 1, why->message);
}

static s0_code malformed(const struct place *place, size_t column,
			 const char *what, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;

	(void)fail(&why, S0_E_FORMAT, "%s", what);
	return fail_at(place, column, &why, err);
}

static size_t blanks(const char *text)
{
	return strspn(text, " \t");
}

/* Without blanks behind it. */
static void cut_blanks(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(" \t\r", text[length - 1]))
		text[--length] = '\0';
}

/* "NAME = VALUE" -> both, and where they stand in the line. */
static s0_code split(const struct place *place, char *line, size_t columns[2],
		     struct s0_error *err)
{
	char *equals = strchr(line, '=');

	columns[0] = blanks(line);
	if (!equals || (size_t)(equals - line) == columns[0])
		return malformed(place, columns[0],
				 "neither NAME = VALUE, [group] nor a comment",
				 err);
	columns[1] = (size_t)(equals - line) + 1;
	columns[1] += blanks(line + columns[1]);
	*equals = '\0';
	cut_blanks(line);
	cut_blanks(line + columns[1]);
	if (!line[columns[1]])
		return malformed(place, columns[1], "there is no value", err);
	return S0_OK;
}

/* The same twice is no mistake. */
static s0_code check_again(const struct place *place, size_t column,
			   const struct option_changes *changes,
			   const struct s0_option_change *change,
			   struct s0_error *err)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->list[i].field == change->field &&
		    changes->list[i].address == change->address &&
		    changes->list[i].value != change->value)
			return malformed(place, column,
					 change->field
						 ? "another value stands above "
						   "for this field"
						 : "another value stands above "
						   "for this word",
					 err);
	return S0_OK;
}

/* "0x1ffff800 = 0x00ff55aa": what fields have of it, they say. */
static s0_code take_word(struct app *app, const struct place *place,
			 const char *line, const size_t columns[2],
			 struct option_changes *changes, struct s0_error *err)
{
	const struct s0_device_info *info = s0_device_info(app->device);
	struct s0_error why = S0_ERROR_INIT;
	struct s0_option_change change;
	size_t offset = 0;

	if (s0_option_parse_word(info->chip, line + columns[0],
				 line + columns[1], &change, &why) != S0_OK)
		return fail_at(place, columns[0], &why, err);
	if (check_again(place, columns[0], changes, &change, err) != S0_OK)
		return err->code;
	(void)s0_option_offset(info->chip, change.address, &offset);
	change.mask = s0_option_raw_bits(info->chip, offset);
	return option_changes_add(changes, &change, err);
}

static s0_code take_field(struct app *app, const struct place *place,
			  const char *line, const size_t columns[2],
			  struct option_changes *changes, struct s0_error *err)
{
	const struct s0_device_info *info = s0_device_info(app->device);
	const char *name = line + columns[0];
	struct s0_option_change change = { 0 };
	struct s0_error why = S0_ERROR_INIT;

	if (name[0] == '0')
		return take_word(app, place, line, columns, changes, err);
	change.field = s0_option_find(info->chip, name);
	if (!change.field) {
		(void)fail(&why, S0_E_UNSUPPORTED, "%s has no option '%s'",
			   info->chip->name, name);
		return fail_at(place, columns[0], &why, err);
	}
	if (s0_option_parse_value(info->chip, info->options,
				  info->option_length, change.field,
				  line + columns[1], &change.value,
				  &why) != S0_OK)
		return fail_at(place, columns[1], &why, err);
	if (check_again(place, columns[0], changes, &change, err) != S0_OK)
		return err->code;
	return option_changes_add(changes, &change, err);
}

/* The fields of the two banks are as they are read in the file's order of the
 * banks. Where the chip has the other, a reset will exchange them (RM0399). */
static void order_banks(struct app *app, struct option_changes *changes)
{
	const struct s0_device_info *info = s0_device_info(app->device);
	const struct s0_option_field *swap =
		s0_option_with(info->chip, S0_OPTION_SWAP_BANKS, NULL);
	bool other_order = false;
	uint32_t now;

	for (size_t i = 0; i < changes->count; i++)
		other_order |=
			swap && changes->list[i].field == swap &&
			s0_option_get(swap, info->options, info->option_length,
				      false, &now) &&
			changes->list[i].value != now;
	for (size_t i = 0; other_order && i < changes->count; i++) {
		struct s0_option_change *change = &changes->list[i];
		const struct s0_option_field *field = change->field;
		const struct s0_option_field *twin =
			field && field->bank
				? s0_option_at(info->chip, field->group,
					       field->kind, 3u - field->bank)
				: NULL;

		if (twin)
			change->field = twin;
	}
	if (other_order)
		say_note(app, "the file has the banks in the other order: what "
			      "it says of each is set in the other one, and "
			      "the reset that swaps them puts that right");
}

static s0_code take_chip(struct app *app, const struct place *place,
			 const char *line, size_t column, bool *known,
			 struct s0_error *err)
{
	const struct s0_chip *chip = s0_device_info(app->device)->chip;
	struct s0_error why = S0_ERROR_INIT;

	*known = s0_context_chip_find(app->context, line) == chip;
	if (*known)
		return S0_OK;
	(void)fail(&why, S0_E_UNSUPPORTED,
		   "the option bytes are for '%s', and the device is a %s",
		   line, chip->name);
	return fail_at(place, column, &why, err);
}

static s0_code take_line(struct app *app, const struct place *place, char *line,
			 bool *chip_known, struct option_changes *changes,
			 struct s0_error *err)
{
	size_t columns[2] = { 0 };
	s0_code code;

	line[strcspn(line, "#")] = '\0';
	cut_blanks(line);
	if (!line[blanks(line)] || line[blanks(line)] == '[')
		return S0_OK;
	code = split(place, line, columns, err);
	if (code != S0_OK)
		return code;
	if (strcmp(line + columns[0], "chip") == 0)
		return take_chip(app, place, line + columns[1], columns[1],
				 chip_known, err);
	if (!*chip_known)
		return malformed(place, columns[0],
				 "the chip must be named first: chip = "
				 "stm32h743",
				 err);
	return take_field(app, place, line, columns, changes, err);
}

static s0_code from_file(struct app *app, struct option_changes *changes,
			 struct s0_error *err)
{
	struct place place = { app->args.words[1], 0 };
	bool chip_known = false;
	struct blob blob;
	s0_code code = os_read_file(place.path, &blob, err);
	const char *at, *end;
	char line[512];

	if (code != S0_OK)
		return code;
	at = blob.bytes;
	end = at + blob.length;
	/* What some editors begin a text with. */
	if (blob.length >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	while (code == S0_OK && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((stop ? stop : end) - at);

		place.line++;
		if (length >= sizeof line || memchr(at, '\0', length)) {
			code = malformed(&place, 0, "this is no text", err);
			break;
		}
		memcpy(line, at, length);
		line[length] = '\0';
		code = take_line(app, &place, line, &chip_known, changes, err);
		at += length + 1;
	}
	place.line += place.line == 0;
	if (code == S0_OK && !chip_known)
		code = malformed(&place, 0, "no chip is named", err);
	if (code == S0_OK)
		order_banks(app, changes);
	os_free_blob(&blob);
	return code;
}

s0_code option_load(struct app *app, struct s0_error *err)
{
	return option_change(app, from_file, err);
}
