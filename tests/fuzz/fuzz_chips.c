/* SPDX-License-Identifier: MIT */

/* A file of chips. One that is read must have what every chip has, and lines
 * that can be told. */

#include <stdlib.h>
#include <string.h>

#include <sector0/chips.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_line(const struct s0_chip_line *line)
{
	if (!*line->key || !*line->value || (line->sourced && !*line->source) ||
	    (unsigned)line->kind >= S0_SOURCE_KINDS)
		abort();
}

static void check_options(const struct s0_chip *chip)
{
	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];

		if (s0_option_find(chip, field->name) != field ||
		    field->offset + 4 > chip->option_length ||
		    field->program + 4 > chip->option_length ||
		    field->shift + field->width > 32)
			abort();
	}
}

static void check(const struct s0_chip *chip)
{
	struct s0_chip_line line;
	struct s0_map *map = NULL;

	if (!*chip->name || !chip->geometry_count || !chip->layouts[0] ||
	    !chip->sizes_kib[0] || !chip->flash_bytes)
		abort();
	for (size_t i = 0; s0_chip_line(chip, i, &line); i++)
		check_line(&line);
	check_options(chip);
	if (s0_chip_map(chip, &map, NULL) != S0_OK)
		abort();
	s0_map_free(map);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_chips *chips = NULL;
	s0_code code = s0_chips_parse("f.chip", bytes, length, &chips, &err);

	if (code != S0_OK) {
		if (chips || code != err.code ||
		    (code == S0_E_FORMAT &&
		     strncmp(err.message, "f.chip:", 7) != 0))
			abort();
		return 0;
	}
	if (!s0_chips_count(chips))
		abort();
	for (size_t i = 0; i < s0_chips_count(chips); i++)
		check(s0_chips_at(chips, i));
	s0_chips_free(chips);
	return 0;
}
