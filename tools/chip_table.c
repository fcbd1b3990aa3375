/* SPDX-License-Identifier: MIT */

/* Compiles files of chips into one const table (src/chip/chip_table.h):
 *
 *	chip_table OUT.c FILE.chip…
 *
 * Built for the machine that builds, with the reader that the library has too.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/chips.h>

#include "base/text.h"

/* What is there once is written once: equal arrays, and equal texts of lines. */
struct list {
	char **texts;
	size_t count, room;
};

struct table {
	struct text arrays; /* the arrays' definitions */
	struct text rows;   /* of chip_table */
	struct text lines;  /* of all files */
	struct list bodies; /* of the arrays, in their order */
	struct list strings;
	size_t *offsets; /* of the strings */
	size_t length;	 /* of all of them */
	size_t line_count;
};

static void die(const char *what, const char *name)
{
	(void)fprintf(stderr, "error: %s%s%s\n", name, *name ? ": " : "", what);
	exit(1);
}

static void *grow(void *old, size_t count, size_t size)
{
	void *array = realloc(old, count * size);

	if (!array)
		die("out of memory", "");
	return array;
}

/* Index of a text in a list, where it is from now on. */
static size_t list_put(struct list *list, const char *text)
{
	size_t length = strlen(text) + 1;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->texts[i], text) == 0)
			return i;
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->texts =
			grow(list->texts, list->room, sizeof *list->texts);
	}
	list->texts[list->count] = grow(NULL, length, 1);
	memcpy(list->texts[list->count], text, length);
	return list->count++;
}

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->texts[i]);
	free(list->texts);
}

/* ---- C ------------------------------------------------------------------- */

static void add_quoted(struct text *out, const char *text)
{
	if (!text) {
		text_add(out, "NULL");
		return;
	}
	text_add(out, "\"");
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			text_add(out, "\\%03o", (unsigned char)*text);
		else
			text_add(out, strchr("\\\"?", *text) ? "\\%c" : "%c",
				 *text);
	}
	text_add(out, "\"");
}

/* Define an array, unless there is an equal one, and add its name; takes body.
 */
static void add_array(struct table *table, struct text *out, const char *type,
		      struct text *body)
{
	struct text all = { 0 };
	size_t before = table->bodies.count, index;

	if (body->failed || out->failed)
		die("out of memory", "");
	if (!body->length) {
		text_add(out, "NULL");
		text_free(body);
		return;
	}
	text_add(&all, "%s\n%s", type, text_chars(body));
	index = list_put(&table->bodies, text_chars(&all));
	if (index == before)
		text_add(&table->arrays, "static const %s a%zu[] = {\n%s};\n",
			 type, index, text_chars(body));
	text_add(out, "a%zu", index);
	text_free(&all);
	text_free(body);
}

/* A NULL-terminated list of strings. */
static void add_strings(struct table *table, struct text *out,
			const char *const *strings)
{
	struct text body = { 0 };

	for (; *strings; strings++) {
		add_quoted(&body, *strings);
		text_add(&body, ",\n");
	}
	text_add(&body, "NULL,\n");
	add_array(table, out, "char *const", &body);
}

/* ---- parts of a chip ----------------------------------------------------- */

static void add_geometries(struct table *table, const struct s0_chip *chip)
{
	struct text body = { 0 };

	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *g = &chip->geometries[i];
		struct text sectors = { 0 };

		for (size_t j = 0; j < g->sector_count; j++)
			text_add(&sectors, "{ %#x, %u, %#x },\n",
				 g->sectors[j].address, g->sectors[j].count,
				 g->sectors[j].bytes);
		text_add(&body, "{ ");
		add_quoted(&body, g->field);
		text_add(&body, ", %#x, %u, %u, ", g->value, g->flash_kib,
			 g->banks);
		add_quoted(&body, g->layout);
		text_add(&body, ", ");
		add_array(table, &body, "struct s0_sectors", &sectors);
		text_add(&body, ", %zu },\n", g->sector_count);
	}
	text_add(&table->rows, ".geometries = ");
	add_array(table, &table->rows, "struct s0_geometry", &body);
	text_add(&table->rows, ", .geometry_count = %zu,\n",
		 chip->geometry_count);
}

static void add_areas(struct table *table, const struct s0_chip *chip)
{
	struct text body = { 0 };

	for (size_t i = 0; i < chip->area_count; i++) {
		const struct s0_area *a = &chip->areas[i];

		text_add(&body, "{ ");
		add_quoted(&body, a->name);
		text_add(&body, ", %d, %#x, %#x, %#x, %u, 0, false },\n",
			 (int)a->kind, a->address, a->length, a->sector_size,
			 a->can);
	}
	text_add(&table->rows, ".areas = ");
	add_array(table, &table->rows, "struct s0_area", &body);
	text_add(&table->rows, ", .area_count = %zu,\n", chip->area_count);
}

static void add_roms(struct table *table, const struct s0_chip *chip)
{
	struct text body = { 0 };

	for (size_t i = 0; i < chip->rom_count; i++) {
		const struct s0_rom *rom = &chip->roms[i];

		text_add(&body, "{ %#x, ", rom->version);
		add_quoted(&body, rom->name);
		text_add(&body, ", ");
		add_quoted(&body, rom->limits);
		text_add(&body, ", %#x, %d, %u },\n", rom->blind_erase_from,
			 rom->no_mass_erase, rom->stack_gap);
	}
	text_add(&table->rows, ".roms = ");
	add_array(table, &table->rows, "struct s0_rom", &body);
	text_add(&table->rows, ", .rom_count = %zu,\n", chip->rom_count);
}

static void add_numbers(struct table *table, const struct s0_chip *chip)
{
	struct text sizes = { 0 }, families = { 0 };

	for (size_t i = 0; chip->sizes_kib[i]; i++)
		text_add(&sizes, "%u, ", chip->sizes_kib[i]);
	text_add(&sizes, "0\n");
	for (size_t i = 0; chip->uf2_families[i]; i++)
		text_add(&families, "%#x, ", chip->uf2_families[i]);
	text_add(&families, "0\n");
	text_add(&table->rows, ".sizes_kib = ");
	add_array(table, &table->rows, "uint16_t", &sizes);
	text_add(&table->rows, ", .uf2_families = ");
	add_array(table, &table->rows, "uint32_t", &families);
	text_add(&table->rows, ",\n");
}

/* ---- option bytes -------------------------------------------------------- */

static void add_values(struct table *table, struct text *out,
		       const struct s0_option_field *field)
{
	struct text body = { 0 };

	for (size_t i = 0; i < field->value_count; i++) {
		const struct s0_option_value *v = &field->values[i];

		text_add(&body, "{ %#x, ", v->value);
		add_quoted(&body, v->word);
		text_add(&body, ", ");
		add_quoted(&body, v->meaning);
		text_add(&body, ", %#x },\n", v->guard);
	}
	add_array(table, out, "struct s0_option_value", &body);
	text_add(out, ", %zu, %u, %u, %d, %d, %d, ", field->value_count,
		 field->per, field->first, field->rest, field->ones_protect,
		 field->equal_is_whole);
	add_quoted(out, field->when);
	text_add(out, ", %u },\n", field->when_value);
}

static void add_fields(struct table *table, const struct s0_chip *chip)
{
	struct text body = { 0 };

	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *f = &chip->options[i];

		text_add(&body, "{ ");
		add_quoted(&body, f->name);
		text_add(&body, ", ");
		add_strings(table, &body, f->aliases);
		text_add(&body, ", ");
		add_quoted(&body, f->about);
		text_add(&body, ", ");
		add_quoted(&body, f->only);
		text_add(&body,
			 ", %d, %d, %d, %u, %#x, %#x, %u, %u, %#x, %#x, %#x, ",
			 (int)f->kind, (int)f->group, (int)f->role, f->bank,
			 f->offset, f->program, f->shift, f->width, f->unit,
			 f->factory, f->guard);
		add_values(table, &body, f);
	}
	text_add(&table->rows, ".options = ");
	add_array(table, &table->rows, "struct s0_option_field", &body);
	text_add(&table->rows, ", .option_count = %zu,\n", chip->option_count);
}

static void add_words(struct table *table, const struct s0_chip *chip)
{
	struct text body = { 0 };

	for (size_t i = 0; i < chip->option_word_count; i++) {
		const struct s0_option_word *w = &chip->option_words[i];

		text_add(&body, "{ ");
		add_quoted(&body, w->name);
		text_add(&body, ", %#x, %#x, %#x, %d, %#x },\n", w->offset,
			 w->program, w->mirror, (int)w->mirroring, w->settable);
	}
	text_add(&table->rows, ".option_words = ");
	add_array(table, &table->rows, "struct s0_option_word", &body);
	text_add(&table->rows, ", .option_word_count = %zu,\n",
		 chip->option_word_count);
}

static void add_windows(struct table *table, const struct s0_chip *chip)
{
	struct text body = { 0 };

	for (size_t i = 0; i < chip->option_window_count; i++)
		text_add(&body, "{ %#x, %u, %u },\n",
			 chip->option_windows[i].address,
			 chip->option_windows[i].length,
			 chip->option_windows[i].at);
	text_add(&table->rows, ".option_windows = ");
	add_array(table, &table->rows, "struct s0_option_window", &body);
	text_add(&table->rows, ", .option_window_count = %zu,\n",
		 chip->option_window_count);
	text_add(&table->rows,
		 ".option_busy = { %#x, %#x }, .option_error = { %#x, %#x }, "
		 ".option_clear = { %#x, %#x },\n",
		 chip->option_busy.offset, chip->option_busy.mask,
		 chip->option_error.offset, chip->option_error.mask,
		 chip->option_clear.offset, chip->option_clear.mask);
}

/* ---- lines --------------------------------------------------------------- */

/* Where a text is among the strings of all lines. */
static size_t string_at(struct table *table, const char *text)
{
	size_t before = table->strings.count;
	size_t index = list_put(&table->strings, text);

	if (index == before) {
		table->offsets =
			grow(table->offsets, index + 1, sizeof *table->offsets);
		table->offsets[index] = table->length;
		table->length += strlen(text) + 1;
	}
	return table->offsets[index];
}

static void add_line(struct table *table, const struct s0_chip_line *line)
{
	text_add(&table->lines, "{ %zu, %zu, %zu, %d },\n",
		 string_at(table, line->key), string_at(table, line->value),
		 string_at(table, line->source),
		 line->sourced ? (int)line->kind : (int)S0_SOURCE_KINDS);
}

/* The lines of a family that some of its chips have, and each chip's. */
static void add_lines(struct table *table, const struct s0_chip *chip,
		      size_t *seen)
{
	struct text body = { 0 };
	struct s0_chip_line line;

	for (size_t i = 0; s0_chip_line(chip, i, &line); i++) {
		size_t *number = &seen[chip->lines[i]];

		if (!*number) {
			add_line(table, &line);
			*number = ++table->line_count;
		}
		text_add(&body, "%zu,%c", *number - 1,
			 i % 16 == 15 ? '\n' : ' ');
	}
	text_add(&table->rows, ".text = &text, .lines = ");
	add_array(table, &table->rows, "uint16_t", &body);
	text_add(&table->rows, ", .line_count = %zu,\n", chip->line_count);
}

/* ---- a chip -------------------------------------------------------------- */

static void add_text(struct table *table, const char *key, const char *text)
{
	text_add(&table->rows, ".%s = ", key);
	add_quoted(&table->rows, text);
	text_add(&table->rows, ", ");
}

static void add_list(struct table *table, const char *key,
		     const char *const *list)
{
	text_add(&table->rows, ".%s = ", key);
	add_strings(table, &table->rows, list);
	text_add(&table->rows, ",\n");
}

static void add_scalars(struct table *table, const struct s0_chip *chip)
{
	struct text *rows = &table->rows;

#define NUMBER(field)                                                          \
	text_add(rows, "." #field " = %#x,\n", (unsigned)chip->field)
	NUMBER(vendor);
	NUMBER(product);
	NUMBER(bcd_device);
	NUMBER(transfer_size);
	NUMBER(dumped);
	NUMBER(banks);
	NUMBER(align);
	NUMBER(ecc);
	NUMBER(quirks);
	NUMBER(device_id);
	NUMBER(shorter_layout);
	NUMBER(flash_word);
	NUMBER(erased);
	NUMBER(flash_address);
	NUMBER(flash_bytes);
	NUMBER(bank_bytes);
	NUMBER(uid_address);
	NUMBER(flash_size_address);
	NUMBER(version_address);
	NUMBER(option_address);
	NUMBER(option_length);
	NUMBER(timing.mass_erase_us);
	NUMBER(timing.mass_erase_max_us);
	NUMBER(timing.word_us);
	NUMBER(timing.turnaround_us);
#undef NUMBER
	for (size_t i = 0; i < S0_ERASE_TIMES; i++)
		text_add(rows, ".timing.erase[%zu] = { %#x, %u, %u },\n", i,
			 chip->timing.erase[i].sector_bytes,
			 chip->timing.erase[i].typical_us,
			 chip->timing.erase[i].max_us);
}

static void add_chip(struct table *table, const struct s0_chip *chip,
		     size_t *seen)
{
	text_add(&table->rows, "{\n");
	add_text(table, "name", chip->name);
	add_text(table, "family", chip->family);
	add_text(table, "title", chip->title);
	add_text(table, "product_name", chip->product_name);
	add_list(table, "aliases", chip->aliases);
	add_list(table, "layouts", chip->layouts);
	add_list(table, "shared_serials", chip->shared_serials);
	add_scalars(table, chip);
	add_numbers(table, chip);
	add_geometries(table, chip);
	add_areas(table, chip);
	add_roms(table, chip);
	add_windows(table, chip);
	add_words(table, chip);
	add_fields(table, chip);
	add_lines(table, chip, seen);
	text_add(&table->rows, "},\n");
}

/* ---- files --------------------------------------------------------------- */

static struct s0_chips *read_file(const char *path)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_chips *chips = NULL;
	char *bytes = grow(NULL, S0_CHIPS_MAX + 1, 1);
	FILE *file = fopen(path, "rb");
	size_t length;

	if (!file)
		die("cannot be read", path);
	length = fread(bytes, 1, S0_CHIPS_MAX + 1, file);
	if (ferror(file))
		die("cannot be read", path);
	(void)fclose(file);
	if (s0_chips_parse(path, bytes, length, &chips, &err) != S0_OK)
		die(err.message, "");
	free(bytes);
	return chips;
}

static void check_clashes(struct s0_chips *const *files, size_t count)
{
	const struct s0_chip *a, *b;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			for (size_t k = 0; (a = s0_chips_at(files[i], k)); k++)
				for (size_t l = 0;
				     (b = s0_chips_at(files[j], l)); l++)
					if (s0_chips_clash(a, b)) {
						(void)fprintf(stderr,
							      "%s and %s: ",
							      a->name, b->name);
						die("is of both of them",
						    s0_chips_clash(a, b));
					}
}

static size_t add_file(struct table *table, const struct s0_chips *chips)
{
	static size_t seen[65536];
	const struct s0_chip *chip;
	size_t count = 0;

	memset(seen, 0, sizeof seen);
	for (; (chip = s0_chips_at(chips, count)); count++)
		add_chip(table, chip, seen);
	return count;
}

static void print_table(FILE *out, const struct table *table, size_t count)
{
	(void)fprintf(out, "/* SPDX-License-Identifier: MIT */\n"
			   "/* Made by tools/chip_table.c of chips/. */\n"
			   "#include \"chip/chip_table.h\"\n\n"
			   "#pragma GCC diagnostic ignored "
			   "\"-Woverlength-strings\"\n"
			   "static const char strings[] =\n");
	for (size_t i = 0; i < table->strings.count; i++) {
		struct text quoted = { 0 };

		add_quoted(&quoted, table->strings.texts[i]);
		(void)fprintf(out, "%s \"\\0\"\n", text_chars(&quoted));
		text_free(&quoted);
	}
	(void)fprintf(
		out,
		";\n"
		"static const struct s0_chip_text_line lines[] = {\n%s};\n"
		"static const struct s0_chip_text text = "
		"{ strings, lines };\n"
		"%s\nconst struct s0_chip chip_table[] = {\n%s};\n\n"
		"const size_t chip_table_length = %zu;\n",
		text_chars(&table->lines), text_chars(&table->arrays),
		text_chars(&table->rows), count);
}

static void write_table(const char *path, const struct table *table,
			size_t count)
{
	FILE *out = fopen(path, "w");

	if (table->lines.failed || table->arrays.failed || table->rows.failed)
		die("out of memory", "");
	if (!out)
		die("cannot be written", path);
	print_table(out, table, count);
	if (ferror(out) || fclose(out) != 0)
		die("cannot be written", path);
}

int main(int argc, char **argv)
{
	struct table table = { 0 };
	size_t files = argc > 2 ? (size_t)argc - 2 : 0, count = 0;
	struct s0_chips **chips = grow(NULL, files + 1, sizeof(void *));

	if (!files)
		die("usage: chip_table OUT.c FILE.chip...", "");
	for (size_t i = 0; i < files; i++)
		chips[i] = read_file(argv[i + 2]);
	check_clashes(chips, files);
	for (size_t i = 0; i < files; i++)
		count += add_file(&table, chips[i]);
	write_table(argv[1], &table, count);
	for (size_t i = 0; i < files; i++)
		s0_chips_free(chips[i]);
	free(chips);
	text_free(&table.arrays);
	text_free(&table.rows);
	text_free(&table.lines);
	list_free(&table.bodies);
	list_free(&table.strings);
	free(table.offsets);
	return 0;
}
