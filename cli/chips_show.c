/* SPDX-License-Identifier: MIT */
/* sector0 chips NAME: all that is known about one chip. */
#include "chips.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

/* What is shown together; keys between blanks. */
static const struct {
	const char *title, *keys;
} groups[] = {
	{ "identity", " aliases device_id usb shared_serial uid_address "
		      "flash_size_address version_address uf2_family " },
	{ "bootloader", " rom no_mass_erase stack_gap quirk layout dumped " },
	{ "flash", " geometry banks sizes shorter_layout flash_word align ecc "
		   "erased " },
	{ "times", " erase mass_erase_us mass_erase_max_us word_us "
		   "turnaround_us " },
	{ "other memory", " area " },
	{ "option bytes", " option_window options option_word option_busy "
			  "option_error option_clear option alias role guard "
			  "unit only per first rest protects equal when "
			  "value " },
};

static const char *const labels[][2] = {
	{ "aliases", "names" },
	{ "device_id", "device ID" },
	{ "usb", "USB" },
	{ "shared_serial", "serial many share" },
	{ "uid_address", "unique ID at" },
	{ "flash_size_address", "flash size at" },
	{ "version_address", "bootloader ID at" },
	{ "uf2_family", "UF2 family" },
	{ "rom", "version" },
	{ "no_mass_erase", "no mass erase" },
	{ "stack_gap", "gap below stack" },
	{ "layout", "memory" },
	{ "dumped", "read of a device" },
	{ "geometry", "sectors" },
	{ "sizes", "sizes, KiB" },
	{ "shorter_layout", "smaller parts less" },
	{ "flash_word", "flash word, bytes" },
	{ "align", "aligned at, bytes" },
	{ "ecc", "ECC" },
	{ "erase", "erase" },
	{ "mass_erase_us", "mass erase" },
	{ "mass_erase_max_us", "at most" },
	{ "word_us", "flash word" },
	{ "turnaround_us", "host" },
	{ "option_window", "window" },
	{ "options", "sets" },
	{ "option_word", "word" },
	{ "option_busy", "busy bit" },
	{ "option_error", "error bit" },
	{ "option_clear", "clears it" },
	{ "option", "field" },
};

static bool is_in(const char *keys, const char *key)
{
	char word[40];

	(void)snprintf(word, sizeof word, " %s ", key);
	return strstr(keys, word) != NULL;
}

static const char *label_of(const char *key)
{
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		if (strcmp(labels[i][0], key) == 0)
			return labels[i][1];
	return key;
}

/* ---- values -------------------------------------------------------------- */

#define VALUE_MAX 512

static void put_time(char *text, uint64_t us)
{
	if (us >= 10000)
		(void)snprintf(text, 24, "%llu ms",
			       (unsigned long long)us / 1000);
	else
		(void)snprintf(text, 24, "%llu us", (unsigned long long)us);
}

static void put_sectors(char *text, size_t size, const struct s0_geometry *g)
{
	size_t used = strlen(text);

	for (size_t i = 0; i < g->sector_count && used < size; i++) {
		char bytes[32];

		text_size(bytes, sizeof bytes, g->sectors[i].bytes);
		used += (size_t)snprintf(text + used, size - used,
					 "%s%u * %s at 0x%08x", i ? ", " : "",
					 g->sectors[i].count, bytes,
					 g->sectors[i].address);
	}
}

static void put_geometry(char text[VALUE_MAX], const struct s0_geometry *g)
{
	char field[64] = "", part[32] = "";

	if (g->field)
		(void)snprintf(field, sizeof field, "%.32s=%u: ", g->field,
			       g->value);
	if (g->flash_kib)
		(void)snprintf(part, sizeof part,
			       "parts of %u KiB: ", g->flash_kib);
	(void)snprintf(text, VALUE_MAX, "%s%s%s: ", part, field,
		       g->banks > 1 ? "two banks" : "one bank");
	put_sectors(text, VALUE_MAX, g);
}

static void put_usb(char text[VALUE_MAX], const struct s0_chip *chip)
{
	char release[32] = "any release", bytes[48] = "";

	if (chip->bcd_device)
		(void)snprintf(release, sizeof release, "release 0x%04x",
			       chip->bcd_device);
	if (chip->transfer_size)
		(void)snprintf(bytes, sizeof bytes, ", %u bytes a transfer",
			       chip->transfer_size);
	(void)snprintf(text, VALUE_MAX, "%04x:%04x, %s%s%s%s%s", chip->vendor,
		       chip->product, release, bytes,
		       chip->product_name ? ", '" : "",
		       chip->product_name ? chip->product_name : "",
		       chip->product_name ? "'" : "");
}

static void put_area(char text[VALUE_MAX], const struct s0_area *area)
{
	static const char *const kinds[] = {
		[S0_AREA_OTP] = "one-time programmable",
		[S0_AREA_EEPROM] = "data EEPROM",
		[S0_AREA_RAM] = "RAM for the host",
		[S0_AREA_ROM_RAM] = "the bootloader's, or out of its reach",
		[S0_AREA_SYSTEM] = "read only",
		[S0_AREA_OTHER] = "other"
	};
	const char *kind = (unsigned)area->kind < sizeof kinds / sizeof *kinds
				   ? kinds[area->kind]
				   : NULL;
	char bytes[32];

	text_size(bytes, sizeof bytes, area->length);
	(void)snprintf(text, VALUE_MAX, "0x%08x  %-9s  %s: %s", area->address,
		       bytes, area->name, kind ? kind : "?");
}

static void put_rom(char text[VALUE_MAX], const struct s0_rom *rom)
{
	(void)snprintf(text, VALUE_MAX, "%s (0x%02x)%s%s", rom->name,
		       rom->version, rom->limits[0] ? ": " : "", rom->limits);
}

static void put_erase(char text[VALUE_MAX], const struct s0_erase_time *time)
{
	char bytes[32], typical[24], most[24];

	text_size(bytes, sizeof bytes, time->sector_bytes);
	put_time(typical, time->typical_us);
	put_time(most, time->max_us);
	(void)snprintf(text, VALUE_MAX, "%s: %s, at most %s", bytes, typical,
		       most);
}

/* "NUMBER WORD GUARD MEANING" */
static void put_option_value(char text[VALUE_MAX], const char *value)
{
	const char *at[3];
	int length[3];

	for (size_t i = 0; i < 3; i++) {
		at[i] = value;
		length[i] = (int)strcspn(value, " \t");
		value += length[i];
		value += strspn(value, " \t");
	}
	if (at[1][0] == '-')
		length[1] = 0;
	(void)snprintf(text, VALUE_MAX, "%.*s%s%.*s: %s", length[0], at[0],
		       length[1] ? " " : "", length[1], at[1], value);
	if (at[2][0] != '-')
		(void)snprintf(text + strlen(text), VALUE_MAX - strlen(text),
			       " (needs leave: %.*s)", length[2], at[2]);
}

static void put_field(char text[VALUE_MAX], const struct s0_option_field *field)
{
	(void)snprintf(text, VALUE_MAX, "%-16s %2u bit%s at 0x%03x:%u  %s",
		       field->name, field->width, field->width > 1 ? "s" : " ",
		       field->offset, field->shift, field->about);
}

/* The value of a line, whose key has `nth` lines before it. */
static void put_value(char text[VALUE_MAX], const struct s0_chip *chip,
		      const struct s0_chip_line *line, size_t nth)
{
	const char *key = line->key;

	if (strcmp(key, "usb") == 0)
		put_usb(text, chip);
	else if (strcmp(key, "geometry") == 0 && nth < chip->geometry_count)
		put_geometry(text, &chip->geometries[nth]);
	else if (strcmp(key, "area") == 0 && nth < chip->area_count)
		put_area(text, &chip->areas[nth]);
	else if (strcmp(key, "rom") == 0 && nth < chip->rom_count)
		put_rom(text, &chip->roms[nth]);
	else if (strcmp(key, "erase") == 0 && nth < S0_ERASE_TIMES)
		put_erase(text, &chip->timing.erase[nth]);
	else if (strcmp(key, "option") == 0 && nth < chip->option_count)
		put_field(text, &chip->options[nth]);
	else if (strcmp(key, "value") == 0)
		put_option_value(text, line->value);
	else if (is_in(" dumped ecc shorter_layout ", key))
		(void)snprintf(text, VALUE_MAX,
			       line->value[0] == '0' ? "no" : "yes");
	else if (strcmp(key, "mass_erase_us") == 0)
		put_time(text, chip->timing.mass_erase_us);
	else if (strcmp(key, "mass_erase_max_us") == 0)
		put_time(text, chip->timing.mass_erase_max_us);
	else if (strcmp(key, "word_us") == 0)
		put_time(text, chip->timing.word_us);
	else if (strcmp(key, "turnaround_us") == 0)
		put_time(text, chip->timing.turnaround_us);
	else
		(void)snprintf(text, VALUE_MAX, "%s", line->value);
}

/* ---- lines --------------------------------------------------------------- */

static size_t lines_before(const struct s0_chip *chip, size_t index)
{
	struct s0_chip_line line, before;
	size_t count = 0;

	(void)s0_chip_line(chip, index, &line);
	for (size_t i = 0; i < index && s0_chip_line(chip, i, &before); i++)
		count += strcmp(before.key, line.key) == 0;
	return count;
}

static void print_line(const struct s0_chip *chip, size_t index,
		       const struct s0_chip_line *line)
{
	/* What belongs to a field stands below it. */
	static const char deeper[] = " alias role guard unit only per first "
				     "rest protects equal when value ";
	char text[VALUE_MAX];

	put_value(text, chip, line, lines_before(chip, index));
	printf(is_in(deeper, line->key) ? "    %-17s  " : "  %-19s  ",
	       label_of(line->key));
	text_print(stdout, text);
	if (line->sourced) {
		fputs("  [", stdout);
		text_print(stdout, line->source);
		putchar(']');
	}
	putchar('\n');
}

/* The lines of these keys, in the order of the file. */
static size_t print_lines(const struct s0_chip *chip, const char *keys)
{
	struct s0_chip_line line;
	size_t count = 0;

	for (size_t i = 0; s0_chip_line(chip, i, &line); i++) {
		if (!is_in(keys, line.key))
			continue;
		print_line(chip, i, &line);
		count++;
	}
	return count;
}

/* Key after key; but the option bytes as the file has them. */
static void print_group(const struct s0_chip *chip, const char *title,
			const char *keys)
{
	char key[40];

	printf("\n%s\n", title);
	if (is_in(keys, "option")) {
		if (!print_lines(chip, keys))
			printf("  not known\n");
		return;
	}
	while (*(keys += strspn(keys, " "))) {
		int length = (int)strcspn(keys, " ");

		(void)snprintf(key, sizeof key, " %.*s ", length, keys);
		(void)print_lines(chip, key);
		keys += length;
	}
}

/* ---- sources ------------------------------------------------------------- */

/* Is a source named in the line of some value? */
static bool is_named(const struct s0_chip *chip, const char *key, size_t length)
{
	struct s0_chip_line line;

	for (size_t i = 0; s0_chip_line(chip, i, &line); i++) {
		const char *at = line.sourced ? line.source : "";

		while (*at) {
			if (strncmp(at, key, length) == 0 &&
			    strchr(" \t,:;()", at[length]))
				return true;
			at += strcspn(at, ",;");
			at += strspn(at, ",; \t");
		}
	}
	return false;
}

static void print_sources(const struct s0_chip *chip)
{
	struct source_counts counts = { 0 };
	struct s0_chip_line line;

	printf("\nsources\n");
	for (size_t i = 0; s0_chip_line(chip, i, &line); i++) {
		size_t length = strcspn(line.value, " \t");

		if (strcmp(line.key, "source") != 0 ||
		    !is_named(chip, line.value, length))
			continue;
		printf("  %-19.*s  ", (int)length, line.value);
		text_print(stdout, line.value + length +
					   strspn(line.value + length, " \t"));
		putchar('\n');
	}
	chips_count(chip, &counts);
	printf("\n%zu values:", chips_values(&counts));
	for (size_t i = 0; i < S0_SOURCE_KINDS; i++)
		printf("%s %zu %s", i ? "," : "", counts.of[i],
		       s0_source_name((s0_source_kind)i));
	putchar('\n');
}

void chips_show(const struct s0_chip *chip)
{
	text_print(stdout, chip->name);
	fputs("  ", stdout);
	text_print(stdout, chip->title);
	fputs(" (family ", stdout);
	text_print(stdout, chip->family);
	fputs(")\n", stdout);
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		print_group(chip, groups[i].title, groups[i].keys);
	print_sources(chip);
}
