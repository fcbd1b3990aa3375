/* SPDX-License-Identifier: MIT */
/* sector0 chips: which chips are known. */
#include "chips.h"

#include <stdio.h>
#include <string.h>

#include "app.h"
#include "failure.h"
#include "inputs.h"
#include "json.h"
#include "text.h"

/* "512 1024", "V3.1 V9.1": words behind each other. */
static void add_word(char *line, size_t size, const char *word)
{
	size_t end = strlen(line);

	(void)snprintf(line + end, size - end, "%s%s", end ? " " : "", word);
}

static void print_row(const struct s0_chip *chip)
{
	static const char *const banks[] = { "1", "2", "2" };
	char sizes[80] = "", roms[80] = "", id[16] = "-", word[16];

	for (size_t i = 0; chip->sizes_kib[i]; i++) {
		(void)snprintf(word, sizeof word, "%u", chip->sizes_kib[i]);
		add_word(sizes, sizeof sizes, word);
	}
	for (size_t i = 0; i < chip->rom_count; i++)
		add_word(roms, sizeof roms, chip->roms[i].name);
	if (chip->device_id)
		(void)snprintf(id, sizeof id, "0x%03x", chip->device_id);
	text_print(stdout, chip->name);
	printf("%*s %-7s %-19s %-5s %-21s ",
	       (int)(strlen(chip->name) < 11 ? 11 - strlen(chip->name) : 0), "",
	       id, sizes, banks[chip->banks], roms[0] ? roms : "-");
	text_print(stdout, chip->title);
	putchar('\n');
}

/* Does a chip before this one have the same family? */
static bool is_again(const struct s0_context *context, size_t index)
{
	const char *family = s0_context_chip_at(context, index)->family;

	while (index-- > 0)
		if (strcmp(s0_context_chip_at(context, index)->family,
			   family) == 0)
			return true;
	return false;
}

static void print_footer(const struct s0_context *context)
{
	size_t count = 0, families = 0, names = 0;
	const struct s0_chip *chip;

	for (; (chip = s0_context_chip_at(context, count)); count++) {
		families += !is_again(context, count);
		names++;
		for (const char *const *at = chip->aliases; *at; at++)
			names++;
	}
	printf("%zu chips of %zu families, by %zu names; 'sector0 chips NAME' "
	       "tells all about one\n",
	       count, families, names);
}

static void list(struct app *app)
{
	const struct s0_chip *chip;

	if (!app->json)
		printf("%-11s %-7s %-19s %-5s %-21s %s\n", "name", "ID",
		       "flash, KiB", "banks", "bootloaders", "parts");
	for (size_t i = 0; (chip = s0_context_chip_at(app->context, i)); i++) {
		if (app->json)
			json_chip(chip, false);
		else
			print_row(chip);
	}
	if (!app->json)
		print_footer(app->context);
}

static void finish(struct app *app, size_t count)
{
	if (app->json)
		json_event("result", json_pack("{s:b, s:I}", "ok", 1, "count",
					       (json_int_t)count));
}

s0_code chips_run(struct app *app, struct s0_error *err)
{
	bool sources = app->args.seen[OPTION_SOURCES] > 0;
	const struct s0_chip *chip;

	if (app->args.word_count > 0 && sources)
		return fail_usage(err, "'--sources' takes no chip's name");
	if (sources) {
		chips_show_sources(app->context, app->json);
		return S0_OK;
	}
	if (app->args.word_count == 0) {
		list(app);
		finish(app, s0_context_chip_count(app->context));
		return S0_OK;
	}
	if (chip_called(app, app->args.words[0], &chip, err) != S0_OK)
		return err->code;
	if (app->json)
		json_chip(chip, true);
	else
		chips_show(chip);
	finish(app, 1);
	return S0_OK;
}
