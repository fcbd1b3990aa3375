/* SPDX-License-Identifier: MIT */
/* Numbers, texts and lists of a chip. */
#include <string.h>

#include "base/error.h"
#include "chip/chip_file.h"

/* ---- one number a line --------------------------------------------------- */

static const struct number {
	const char *key;
	size_t at, size;
	uint32_t least, most;
} numbers[] = {
#define NUMBER(field, least, most)                                             \
	{                                                                      \
#field, offsetof(struct s0_chip, field),                       \
			sizeof((struct s0_chip *)NULL)->field, least, most     \
	}
#define TIME(field)                                                            \
	{                                                                      \
#field, offsetof(struct s0_chip, timing.field),                \
			sizeof((struct s0_chip *)NULL)->timing.field, 0,       \
			UINT32_MAX                                             \
	}
	NUMBER(device_id, 0, 0xfff),
	NUMBER(shorter_layout, 0, 1),
	NUMBER(flash_word, 1, 256),
	NUMBER(align, 1, 256),
	NUMBER(ecc, 0, 1),
	NUMBER(dumped, 0, 1),
	NUMBER(erased, 0, 0xff),
	NUMBER(uid_address, 0, UINT32_MAX),
	NUMBER(flash_size_address, 0, UINT32_MAX),
	NUMBER(version_address, 0, UINT32_MAX),
	TIME(mass_erase_us),
	TIME(mass_erase_max_us),
	TIME(word_us),
	TIME(turnaround_us),
#undef NUMBER
#undef TIME
};

static void put(void *at, size_t size, uint32_t value)
{
	uint16_t half = (uint16_t)value;
	uint8_t byte = (uint8_t)value;

	if (size == sizeof value)
		memcpy(at, &value, size);
	else if (size == sizeof half)
		memcpy(at, &half, size);
	else
		memcpy(at, &byte, size); /* a bool too */
}

_Static_assert(sizeof(bool) == 1, "see put()");

static s0_code read_numbers(const struct file_view *view, struct s0_chip *chip)
{
	s0_code code = S0_OK;

	for (size_t i = 0;
	     code == S0_OK && i < sizeof numbers / sizeof numbers[0]; i++) {
		const struct number *number = &numbers[i];
		size_t at = view_find(view, number->key, 0);
		struct file_words words;

		if (at == view->count)
			continue;
		words = words_of(view->file, view->lines[at], "number");
		put((char *)chip + number->at, number->size,
		    words_number(&words, number->least, number->most));
		code = words_end(&words);
	}
	return code;
}

/* ---- names --------------------------------------------------------------- */

static s0_code read_names(const struct file_view *view, struct s0_chip *chip)
{
	size_t at = view_find(view, "aliases", 0), count = 0;
	const struct file_line *line =
		at < view->count ? view->lines[at] : NULL;
	const char **aliases = store_array(view->file->store,
					   (line ? strlen(line->value) : 0) + 1,
					   sizeof *aliases);
	struct file_words words;

	if (!aliases)
		return error_memory(view->file->err);
	chip->aliases = aliases;
	chip->title = view->lines[view_find(view, "title", 0)]->value;
	if (!line)
		return S0_OK;
	words = words_of(view->file, line, "name …");
	while (words_more(&words)) {
		const char *name = words_word(&words);

		if (!file_is_name(name))
			words_bad(&words, name,
				  "'%.40s' is no name, expected [a-z_0-9]",
				  name);
		for (size_t i = 0; i <= count; i++)
			if (strcmp(i ? aliases[i - 1] : chip->name, name) == 0)
				words_bad(&words, name,
					  "'%.40s' is there already", name);
		aliases[count++] = name;
	}
	return words.code;
}

static s0_code read_usb(const struct file_view *view, struct s0_chip *chip)
{
	struct file_words words =
		words_of(view->file, view->lines[view_find(view, "usb", 0)],
			 "vendor product bcd transfer_size name");

	chip->vendor = (uint16_t)words_number(&words, 1, 0xffff);
	chip->product = (uint16_t)words_number(&words, 1, 0xffff);
	chip->bcd_device = (uint16_t)words_number(&words, 0, 0xffff);
	chip->transfer_size = (uint16_t)words_number(&words, 0, 0x8000);
	chip->product_name = words_rest(&words);
	if (strcmp(chip->product_name, "-") == 0)
		chip->product_name = NULL;
	return words.code;
}

/* ---- lists --------------------------------------------------------------- */

static s0_code read_erase_times(const struct file_view *view,
				struct s0_chip *chip)
{
	struct s0_erase_time *times = chip->timing.erase;
	size_t count = 0;

	for (size_t i = view_find(view, "erase", 0); i < view->count;
	     i = view_find(view, "erase", i + 1)) {
		struct file_words words =
			words_of(view->file, view->lines[i],
				 "sector_bytes typical_us max_us");

		if (count == S0_ERASE_TIMES)
			return file_bad(view->file, view->lines[i], NULL,
					"more than %d erase times",
					S0_ERASE_TIMES);
		times[count].sector_bytes = words_number(&words, 1, UINT32_MAX);
		times[count].typical_us = words_number(&words, 1, UINT32_MAX);
		times[count].max_us = words_number(&words, 1, UINT32_MAX);
		if (words_end(&words) != S0_OK)
			return words.code;
		if (count &&
		    times[count].sector_bytes <= times[count - 1].sector_bytes)
			return file_bad(view->file, view->lines[i],
					view->lines[i]->value,
					"sector sizes do not rise");
		if (times[count].max_us < times[count].typical_us)
			return file_bad(view->file, view->lines[i],
					view->lines[i]->value,
					"the typical erase is longer than the "
					"maximum");
		count++;
	}
	return S0_OK;
}

static s0_code read_uf2(const struct file_view *view, struct s0_chip *chip)
{
	uint32_t *families = store_array(view->file->store,
					 view_count(view, "uf2_family") + 1,
					 sizeof *families);
	size_t count = 0;

	if (!families)
		return error_memory(view->file->err);
	chip->uf2_families = families;
	for (size_t i = view_find(view, "uf2_family", 0); i < view->count;
	     i = view_find(view, "uf2_family", i + 1)) {
		struct file_words words =
			words_of(view->file, view->lines[i], "number");

		families[count++] = words_number(&words, 1, UINT32_MAX);
		if (words_end(&words) != S0_OK)
			return words.code;
	}
	return S0_OK;
}

static s0_code read_serials(const struct file_view *view, struct s0_chip *chip)
{
	const char **serials = store_array(
		view->file->store, view_count(view, "shared_serial") + 1,
		sizeof *serials);
	size_t count = 0;

	if (!serials)
		return error_memory(view->file->err);
	chip->shared_serials = serials;
	for (size_t i = view_find(view, "shared_serial", 0); i < view->count;
	     i = view_find(view, "shared_serial", i + 1))
		serials[count++] = view->lines[i]->value;
	return S0_OK;
}

/* ---- what bootloaders do ------------------------------------------------- */

static const char *const quirks[] = {
	"descriptor-blind", "early-poll-stalls",   "pages-half",
	"same-names",	    "leave-needs-address", "clrstatus-stalls"
};

#define QUIRKS (sizeof quirks / sizeof quirks[0])

const char *s0_quirk_name(unsigned quirk)
{
	for (size_t i = 0; i < QUIRKS; i++)
		if (quirk == 1u << i)
			return quirks[i];
	return "?";
}

static s0_code read_quirks(const struct file_view *view, struct s0_chip *chip)
{
	s0_code code = S0_OK;

	for (size_t i = view_find(view, "quirk", 0);
	     code == S0_OK && i < view->count;
	     i = view_find(view, "quirk", i + 1)) {
		struct file_words words =
			words_of(view->file, view->lines[i], "name reason");

		chip->quirks |=
			1u << words_one_of(&words, quirks, QUIRKS, "quirk");
		(void)words_rest(&words);
		code = words.code;
	}
	return code;
}

/* The bootloader version that a line names first; NULL when refused. */
static struct s0_rom *rom_of(struct file_words *words, struct s0_rom *roms,
			     size_t count)
{
	uint32_t version = words_number(words, 0, 0xff);

	for (size_t i = 0; words->code == S0_OK && i < count; i++)
		if (roms[i].version == version)
			return &roms[i];
	words_bad(words, "", "no version %#x, expected one of a 'rom' line",
		  version);
	return NULL;
}

static s0_code read_limits(const struct file_view *view, struct s0_rom *roms,
			   size_t count)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < view->count; i++) {
		const struct file_line *line = view->lines[i];
		bool gap = strcmp(line->key, "stack_gap") == 0;
		struct file_words words = words_of(
			view->file, line, gap ? "version bytes" : "version");
		struct s0_rom *rom;

		if (!gap && strcmp(line->key, "no_mass_erase") != 0)
			continue;
		rom = rom_of(&words, roms, count);
		if (rom && gap)
			rom->stack_gap = (uint8_t)words_number(&words, 1, 255);
		else if (rom)
			rom->no_mass_erase = true;
		code = words_end(&words);
	}
	return code;
}

static s0_code read_rom(const struct file_view *view,
			const struct file_line *line, struct s0_rom *roms,
			size_t count)
{
	struct file_words words =
		words_of(view->file, line, "version name first limits");
	struct s0_rom *rom = &roms[count];

	rom->version = (uint8_t)words_number(&words, 0, 0xff);
	for (size_t i = 0; i < count; i++)
		if (roms[i].version == rom->version)
			words_bad(&words, "", "version %#x is there already",
				  rom->version);
	rom->name = words_word(&words);
	rom->blind_erase_from = words_number(&words, 0, UINT32_MAX);
	rom->limits = words_rest(&words);
	if (strcmp(rom->limits, "-") == 0)
		rom->limits = "";
	return words.code;
}

static s0_code read_roms(const struct file_view *view, struct s0_chip *chip)
{
	size_t count = view_count(view, "rom");
	struct s0_rom *roms =
		store_array(view->file->store, count, sizeof *roms);
	s0_code code = S0_OK;

	if (!roms)
		return error_memory(view->file->err);
	chip->roms = roms;
	for (size_t i = view_find(view, "rom", 0);
	     code == S0_OK && i < view->count;
	     i = view_find(view, "rom", i + 1))
		code = read_rom(view, view->lines[i], roms, chip->rom_count++);
	return code == S0_OK ? read_limits(view, roms, count) : code;
}

s0_code file_read_values(const struct file_view *view, struct s0_chip *chip)
{
	static file_reader *const readers[] = { read_names,  read_numbers,
						read_usb,    read_erase_times,
						read_uf2,    read_serials,
						read_quirks, read_roms };
	s0_code code = S0_OK;

	for (size_t i = 0;
	     code == S0_OK && i < sizeof readers / sizeof readers[0]; i++)
		code = readers[i](view, chip);
	return code;
}
