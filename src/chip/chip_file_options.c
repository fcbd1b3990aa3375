/* SPDX-License-Identifier: MIT */
/* Option bytes: words, fields and what their values mean. */
#include <string.h>

#include "base/error.h"
#include "chip/chip_file.h"
#include "chip/chip_internal.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const char *const kinds[] = {
	[S0_OPTION_NUMBER] = "number",
	[S0_OPTION_CHOICE] = "choice",
	[S0_OPTION_RDP] = "rdp",
	[S0_OPTION_SECTORS] = "sectors",
	[S0_OPTION_BOOT] = "boot",
	[S0_OPTION_AREA_START] = "area-start",
	[S0_OPTION_AREA_END] = "area-end",
};

static const char *const groups[] = {
	[S0_OPTION_READ_PROTECTION] = "read-protection",
	[S0_OPTION_BROWN_OUT] = "brown-out",
	[S0_OPTION_USER] = "user",
	[S0_OPTION_WRITE_PROTECTION] = "write-protection",
	[S0_OPTION_PCROP] = "pcrop",
	[S0_OPTION_SECURE_AREA] = "secure-area",
	[S0_OPTION_BOOT_ADDRESS] = "boot-address",
};

static const char *const roles[] = {
	[S0_OPTION_NO_ROLE] = "-",
	[S0_OPTION_WATCHDOG] = "watchdog",
	[S0_OPTION_SWAP_BANKS] = "swap-banks",
	[S0_OPTION_SECURITY] = "security",
	[S0_OPTION_ERASED_TOO] = "erased-too",
	[S0_OPTION_BOOT_LOW] = "boot-low",
	[S0_OPTION_BOOT_HIGH] = "boot-high",
	[S0_OPTION_BANK_MODE] = "bank-mode",
};

static const char *const guards[] = { "-",	  "erase", "pcrop",
				      "secure",	  "boot",  "low-voltage",
				      "permanent" };
static const unsigned guard_bits[] = { 0,
				       S0_ALLOW_ERASE,
				       S0_ALLOW_PCROP,
				       S0_ALLOW_SECURE,
				       S0_ALLOW_BOOT,
				       S0_ALLOW_LOW_VOLTAGE,
				       S0_ALLOW_PERMANENT };

static unsigned read_guard(struct file_words *words)
{
	return guard_bits[words_one_of(words, guards, COUNT(guards), "guard")];
}

/* ---- a field ------------------------------------------------------------- */

static bool has_value(const struct s0_option_field *field, uint32_t value,
		      const char *word)
{
	for (size_t i = 0; i < field->value_count; i++) {
		const struct s0_option_value *other = &field->values[i];

		if (other->value == value ||
		    (word && other->word && strcmp(other->word, word) == 0))
			return true;
	}
	return false;
}

static s0_code read_value(const struct file_view *view,
			  const struct file_line *line,
			  struct s0_option_field *field,
			  struct s0_option_value *ret_value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
	struct file_words words =
		words_of(view->file, line, "number word guard meaning");
	const char *word;

	ret_value->value = words_number(
		&words, 0,
		field->width < 32 ? (UINT32_C(1) << field->width) - 1
				  : UINT32_MAX);
	word = words_word(&words);
	if (strcmp(word, "-") == 0)
		word = NULL;
	else if (*word == '-' || word[strspn(word, letters)])
		words_bad(&words, word, "'%.40s' is no word, expected [a-z-]",
			  word);
	ret_value->word = word;
	if (has_value(field, ret_value->value, word))
		words_bad(&words, "", "'%.40s' has that value already",
			  field->name);
	ret_value->guard = read_guard(&words);
	ret_value->meaning = words_rest(&words);
	return words.code;
}

/* Names that take their place among those of the field. */
static s0_code read_aliases(const struct file_view *view,
			    const struct file_line *line, const char **aliases,
			    size_t *count)
{
	struct file_words words = words_of(view->file, line, "name …");

	while (words_more(&words))
		aliases[(*count)++] = words_word(&words);
	return words.code;
}

/* How the bits of a field of sectors stand for them; true if the key is of
 * that. */
static bool read_bits(struct file_words *words, const char *key,
		      struct s0_option_field *field)
{
	if (strcmp(key, "per") == 0)
		field->per = (uint8_t)words_number(words, 1, 0xff);
	else if (strcmp(key, "first") == 0)
		field->first = (uint16_t)words_number(words, 0, 0xffff);
	else if (strcmp(key, "rest") == 0)
		field->rest = words_number(words, 0, 1);
	else if (strcmp(key, "protects") == 0)
		field->ones_protect = words_number(words, 0, 1);
	else
		return false;
	return true;
}

static s0_code read_about_field(const struct file_view *view,
				const struct file_line *line,
				struct s0_option_field *field)
{
	static const char *const areas[] = { "unit", "whole" };
	struct file_words words = words_of(view->file, line, line->key);

	if (read_bits(&words, line->key, field))
		return words_end(&words);
	if (file_is(line, "role")) {
		field->role = (s0_option_role)words_one_of(
			&words, roles, COUNT(roles), "role");
	} else if (file_is(line, "guard")) {
		field->guard |= read_guard(&words);
	} else if (file_is(line, "unit")) {
		field->unit = words_number(&words, 0, UINT32_MAX);
	} else if (file_is(line, "equal")) {
		field->equal_is_whole = words_one_of(&words, areas, 2, "area");
	} else if (file_is(line, "when")) {
		words.form = "field value";
		field->when = words_word(&words);
		field->when_value = words_number(&words, 0, UINT32_MAX);
	} else {
		field->only = words_rest(&words);
		field->guard |= S0_ALLOW_PART;
	}
	return words_end(&words);
}

/* The lines that belong to the field at `at`; sets where they end. */
static s0_code read_field_lines(const struct file_view *view, size_t *at,
				struct s0_option_field *field)
{
	size_t end = *at + 1, names = 0, count = 0, room = 1;
	struct s0_option_value *values;
	const char **aliases;
	s0_code code = S0_OK;

	while (end < view->count && (view->lines[end]->about->how & KEY_OPTION))
		room += strlen(view->lines[end++]->value);
	values = store_array(view->file->store, end - *at, sizeof *values);
	aliases = store_array(view->file->store, room, sizeof *aliases);
	if (!values || !aliases)
		return error_memory(view->file->err);
	field->values = values;
	field->aliases = aliases;
	for (size_t i = *at + 1; code == S0_OK && i < end; i++) {
		const struct file_line *line = view->lines[i];

		if (file_is(line, "alias")) {
			code = read_aliases(view, line, aliases, &names);
		} else if (file_is(line, "value")) {
			code = read_value(view, line, field, &values[count]);
			field->value_count = ++count;
		} else {
			code = read_about_field(view, line, field);
		}
	}
	if (!count)
		field->values = NULL;
	*at = end;
	return code;
}

static s0_code read_field(const struct file_view *view, size_t *at,
			  const struct s0_chip *chip,
			  struct s0_option_field *field)
{
	static const char form[] =
		"name word shift width kind group bank about";
	struct file_words words = words_of(view->file, view->lines[*at], form);
	const struct s0_option_word *word = NULL;
	const char *name;

	field->name = words_word(&words);
	name = words_word(&words);
	for (size_t i = 0; i < chip->option_word_count; i++)
		if (strcmp(chip->option_words[i].name, name) == 0)
			word = &chip->option_words[i];
	if (!word)
		words_bad(&words, name, "unknown word '%.40s'", name);
	field->shift = (uint8_t)words_number(&words, 0, 31);
	field->width = (uint8_t)words_number(&words, 1, 32);
	field->kind = (s0_option_kind)words_one_of(&words, kinds, COUNT(kinds),
						   "kind");
	field->group = (s0_option_group)words_one_of(&words, groups,
						     COUNT(groups), "group");
	field->bank = (uint8_t)words_number(&words, 0, 2);
	field->about = words_rest(&words);
	if (words.code != S0_OK || !word)
		return words.code;
	field->offset = word->offset;
	field->program = word->program;
	return read_field_lines(view, at, field);
}

/* ---- words --------------------------------------------------------------- */

/* `0`, an offset, `~OFFSET`, `~bytes` or `~halves`. */
static void read_mirror(struct file_words *words, struct s0_option_word *word)
{
	words->at += strspn(words->at, " \t");
	if (strncmp(words->at, "~bytes ", 7) == 0) {
		(void)words_word(words);
		word->mirroring = S0_OPTION_MIRROR_BYTES;
		return;
	}
	if (strncmp(words->at, "~halves ", 8) == 0) {
		(void)words_word(words);
		word->mirroring = S0_OPTION_MIRROR_HALVES;
		return;
	}
	if (*words->at == '~') {
		words->at++;
		word->mirroring = S0_OPTION_MIRROR_COMPLEMENT;
	}
	word->mirror = (uint16_t)words_number(
		words, word->mirroring == S0_OPTION_MIRROR_COMPLEMENT,
		S0_OPTION_MAX - 1);
}

static s0_code read_word(const struct file_view *view,
			 const struct file_line *line,
			 struct s0_option_word *word, uint32_t *ret_factory)
{
	struct file_words words =
		words_of(view->file, line,
			 "name current program mirror settable factory");

	word->name = words_word(&words);
	word->offset = (uint16_t)words_number(&words, 0, S0_OPTION_MAX - 1);
	word->program = (uint16_t)words_number(&words, 0, S0_OPTION_MAX - 1);
	if (words.code == S0_OK)
		read_mirror(&words, word);
	word->settable = words_number(&words, 0, UINT32_MAX);
	*ret_factory = words_number(&words, 0, UINT32_MAX);
	return words_end(&words);
}

static s0_code read_bit(const struct file_view *view, const char *key,
			struct s0_option_bit *bit)
{
	size_t at = view_find(view, key, 0);
	struct file_words words;

	if (at == view->count)
		return S0_OK;
	if (view_count(view, key) > 1)
		return file_bad(view->file, view_line(view, key, 1), NULL,
				"'%s' is there already", key);
	words = words_of(view->file, view->lines[at], "offset bit");
	bit->offset = (uint16_t)words_number(&words, 0, S0_OPTION_MAX - 1);
	bit->mask = UINT32_C(1) << words_number(&words, 0, 31);
	return words_end(&words);
}

/* ---- a chip's ------------------------------------------------------------ */

static s0_code read_words(const struct file_view *view, struct s0_chip *chip,
			  uint32_t **ret_factory)
{
	size_t count = view_count(view, "option_word");
	struct s0_option_word *words =
		store_array(view->file->store, count, sizeof *words);
	uint32_t *factory =
		store_array(view->file->store, count, sizeof *factory);
	s0_code code = S0_OK;

	if (!words || !factory)
		return error_memory(view->file->err);
	chip->option_words = words;
	for (size_t i = view_find(view, "option_word", 0);
	     code == S0_OK && i < view->count;
	     i = view_find(view, "option_word", i + 1)) {
		size_t at = chip->option_word_count++;

		code = read_word(view, view->lines[i], &words[at],
				 &factory[at]);
	}
	*ret_factory = factory;
	return code;
}

/* A field's part of the value that its word has in a new chip. */
static uint32_t factory_of(const struct s0_chip *chip, const uint32_t *factory,
			   const struct s0_option_field *field)
{
	uint32_t mask = field->width < 32 ? (UINT32_C(1) << field->width) - 1
					  : UINT32_MAX;

	for (size_t i = 0; i < chip->option_word_count; i++)
		if (chip->option_words[i].program == field->program)
			return factory[i] >> field->shift & mask;
	return 0;
}

static s0_code read_fields(const struct file_view *view, struct s0_chip *chip,
			   const uint32_t *factory)
{
	struct s0_option_field *fields = store_array(
		view->file->store, view_count(view, "option"), sizeof *fields);
	s0_code code = S0_OK;

	if (!fields)
		return error_memory(view->file->err);
	chip->options = fields;
	for (size_t i = view_find(view, "option", 0);
	     code == S0_OK && i < view->count;
	     i = view_find(view, "option", i)) {
		struct s0_option_field *field = &fields[chip->option_count++];

		code = read_field(view, &i, chip, field);
		field->factory = factory_of(chip, factory, field);
	}
	return code;
}

s0_code file_read_options(const struct file_view *view, struct s0_chip *chip)
{
	uint32_t *factory = NULL;
	s0_code code = read_words(view, chip, &factory);

	if (code != S0_OK || !factory)
		return code;
	code = read_fields(view, chip, factory);
	if (code == S0_OK)
		code = read_bit(view, "option_busy", &chip->option_busy);
	if (code == S0_OK)
		code = read_bit(view, "option_error", &chip->option_error);
	if (code == S0_OK)
		code = read_bit(view, "option_clear", &chip->option_clear);
	return code;
}
