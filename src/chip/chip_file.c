/* SPDX-License-Identifier: MIT */
/* A file's sections, and the lines that hold for each of its chips. */
#include <string.h>
#include <stdlib.h>

#include "base/error.h"
#include "chip/chip_file.h"

#define CHIPS_MAX 128

/* ---- what may stand where ------------------------------------------------ */

static s0_code check_place(const struct chip_file *file,
			   const struct file_line *line, unsigned where,
			   bool in_option)
{
	static const char *const places[] = { [KEY_FAMILY] = "a family's head",
					      [KEY_CHIP] = "a chip's section",
					      [KEY_SET] = "a set of options" };
	unsigned how = line->about->how;

	if (!(how & where))
		return file_bad(file, line, NULL, "'%s' has no place in %s",
				line->key, places[where]);
	if ((how & KEY_OPTION) && !in_option)
		return file_bad(file, line, NULL, "'%s' belongs to no option",
				line->key);
	return S0_OK;
}

/* Is there a line before this one with the same key, in the same part? */
static bool is_again(const struct chip_file *file, size_t first, size_t index)
{
	for (size_t i = first; i < index; i++)
		if (file->lines[i].about == file->lines[index].about)
			return true;
	return false;
}

static s0_code check_start(const struct chip_file *file, size_t index,
			   unsigned where)
{
	const struct file_line *line = &file->lines[index];
	struct file_words words = words_of(file, line, "name");
	const char *name = words_word(&words);

	if (!file_is_name(name))
		words_bad(&words, name,
			  "'%.40s' is no name, expected [a-z_0-9]", name);
	if (where == KEY_CHIP && file_is(line, "option_set"))
		return file_bad(file, line, NULL,
				"a set of options behind the first chip");
	for (size_t i = 0; i < index; i++)
		if (file->lines[i].about == line->about &&
		    strcmp(file->lines[i].value, name) == 0)
			words_bad(&words, name, "'%.40s' is there already",
				  name);
	return words_end(&words);
}

static s0_code check_places(const struct chip_file *file)
{
	unsigned where = KEY_FAMILY;
	bool in_option = false;
	size_t first = 0;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < file->count; i++) {
		const struct file_line *line = &file->lines[i];

		if (file_is(line, "chip") || file_is(line, "option_set")) {
			code = check_start(file, i, where);
			where = file_is(line, "chip") ? KEY_CHIP : KEY_SET;
			first = i + 1;
			in_option = false;
			continue;
		}
		in_option = (line->about->how & KEY_OPTION)
				    ? in_option
				    : file_is(line, "option");
		code = check_place(file, line, where, in_option);
		if (code == S0_OK && (line->about->how & KEY_ONCE) &&
		    is_again(file, first, i))
			code = file_bad(file, line, NULL,
					"'%s' is there already", line->key);
	}
	return code;
}

/* ---- chips --------------------------------------------------------------- */

static s0_code keep_lines(const struct file_view *view,
			  const struct s0_chip_text *text, struct s0_chip *chip)
{
	uint16_t *numbers =
		store_array(view->file->store, view->count, sizeof *numbers);

	if (!numbers)
		return error_memory(view->file->err);
	for (size_t i = 0; i < view->count; i++)
		numbers[i] = (uint16_t)(view->lines[i] - view->file->lines);
	chip->text = text;
	chip->lines = numbers;
	chip->line_count = view->count;
	return S0_OK;
}

static s0_code read_chip(const struct chip_file *file, size_t start,
			 const struct s0_chip_text *text, struct s0_chip *chip)
{
	struct file_view view;
	s0_code code = file_view(file, start, &view);

	chip->name = file->lines[start].value;
	if (code == S0_OK)
		code = keep_lines(&view, text, chip);
	if (code == S0_OK)
		code = file_read_values(&view, chip);
	if (code == S0_OK)
		code = file_read_layout(&view, chip);
	if (code == S0_OK)
		code = file_read_options(&view, chip);
	return code == S0_OK ? file_check(&view, chip) : code;
}

/* "chips/stm32h7.chip" is of family "stm32h7". */
static const char *family_of(const struct chip_file *file)
{
	const char *slash = strrchr(file->name, '/');
	const char *start = slash ? slash + 1 : file->name;
	const char *dot = strrchr(start, '.');

	return store_text(file->store, start,
			  dot ? (size_t)(dot - start) : strlen(start));
}

static const struct s0_chip_text *text_of(const struct chip_file *file,
					  const char *strings)
{
	struct s0_chip_text *text = store_array(file->store, 1, sizeof *text);
	struct s0_chip_text_line *lines =
		store_array(file->store, file->count, sizeof *lines);

	if (!text || !lines)
		return NULL;
	for (size_t i = 0; i < file->count; i++) {
		const struct file_line *line = &file->lines[i];

		lines[i] = (struct s0_chip_text_line){
			.key = (uint32_t)(line->key - strings),
			.value = (uint32_t)(line->value - strings),
			.source = (uint32_t)(line->source - strings),
			.kind = (uint8_t)line->kind
		};
	}
	*text = (struct s0_chip_text){ strings, lines };
	return text;
}

static s0_code check_clashes(const struct chip_file *file,
			     const struct s0_chips *chips,
			     const struct file_line *line)
{
	const struct s0_chip *last = &chips->chips[chips->count - 1];

	for (size_t i = 0; i + 1 < chips->count; i++) {
		const char *clash = s0_chips_clash(&chips->chips[i], last);

		if (clash)
			return file_bad(file, line, NULL,
					"'%.40s' is of two chips, '%.40s' and "
					"'%.40s'",
					clash, chips->chips[i].name,
					last->name);
	}
	return S0_OK;
}

/* Is every set of options some chip's? What nobody takes nobody reads. */
static s0_code check_sets(const struct chip_file *file,
			  const struct s0_chips *chips)
{
	for (size_t i = 0; i < file->count; i++) {
		bool used = !file_is(&file->lines[i], "option_set");

		for (size_t j = 0; !used && j < chips->count; j++) {
			const struct s0_chip *chip = &chips->chips[j];

			for (size_t k = 0; k < chip->line_count; k++)
				used = used || chip->lines[k] == i + 1;
		}
		if (!used)
			return file_bad(file, &file->lines[i], NULL,
					"no chip takes the options '%.40s'",
					file->lines[i].value);
	}
	return S0_OK;
}

static s0_code read_chips(struct chip_file *file, const char *strings,
			  struct s0_chips *chips)
{
	const struct s0_chip_text *text = text_of(file, strings);
	const char *family = family_of(file);
	s0_code code = S0_OK;
	size_t count = 0;

	for (size_t i = 0; i < file->count; i++)
		count += file_is(&file->lines[i], "chip");
	if (!count || count > CHIPS_MAX)
		return file_bad(file, NULL, NULL,
				"%zu chips, expected 1 to %d, each begun by "
				"'chip = NAME'",
				count, CHIPS_MAX);
	chips->chips = store_array(file->store, count, sizeof *chips->chips);
	if (!text || !family || !chips->chips)
		return error_memory(file->err);
	for (size_t i = 0; code == S0_OK && i < file->count; i++) {
		if (!file_is(&file->lines[i], "chip"))
			continue;
		chips->chips[chips->count].family = family;
		code = read_chip(file, i, text, &chips->chips[chips->count++]);
		if (code == S0_OK)
			code = check_clashes(file, chips, &file->lines[i]);
	}
	return code == S0_OK ? check_sets(file, chips) : code;
}

static s0_code parse(struct chip_file *file, const void *text, size_t length,
		     struct s0_chips *chips)
{
	char *copy;
	s0_code code;

	if (length > S0_CHIPS_MAX)
		return file_bad(file, NULL, NULL, "more than %zu bytes",
				S0_CHIPS_MAX);
	copy = store_text(file->store, text, length);
	if (!copy)
		return error_memory(file->err);
	code = file_read_lines(file, copy, length);
	if (code == S0_OK)
		code = check_places(file);
	if (code == S0_OK)
		code = file_read_sources(file);
	return code == S0_OK ? read_chips(file, copy, chips) : code;
}

s0_code s0_chips_parse(const char *name, const void *text, size_t length,
		       struct s0_chips **ret_chips, struct s0_error *err)
{
	struct s0_chips *chips = calloc(1, sizeof *chips);
	struct chip_file file = { .name = name, .err = err };
	s0_code code;

	if (!chips)
		return error_memory(err);
	file.store = &chips->store;
	code = parse(&file, text, length, chips);
	if (code != S0_OK) {
		s0_chips_free(chips);
		return code;
	}
	*ret_chips = chips;
	return S0_OK;
}

size_t s0_chips_count(const struct s0_chips *chips)
{
	return chips->count;
}

const struct s0_chip *s0_chips_at(const struct s0_chips *chips, size_t index)
{
	return index < chips->count ? &chips->chips[index] : NULL;
}

void s0_chips_free(struct s0_chips *chips)
{
	if (!chips)
		return;
	store_free(&chips->store);
	free(chips);
}
