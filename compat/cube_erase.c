/* SPDX-License-Identifier: MIT */
/* -e: all, sectors by their numbers, data EEPROM. */
#include <stdlib.h>
#include <string.h>

#include "compat/cube.h"

struct run {
	uint32_t first, last; /* sectors */
};

struct runs {
	struct run *list;
	size_t count;
	unsigned numbers; /* in the brackets that are open */
	bool open;
};

/* "[", "]" or a number. */
static bool take_token(struct runs *runs, const char *token)
{
	struct run *run = &runs->list[runs->count];
	uint32_t number = 0;

	if (*token == '[') {
		bool first = !runs->open;

		runs->open = true;
		runs->numbers = 0;
		return first;
	}
	if (*token == ']') {
		bool whole =
			runs->open && runs->numbers && run->first <= run->last;

		runs->open = false;
		runs->count++;
		return whole;
	}
	while (token[0] == '0' && token[1] >= '0' && token[1] <= '9')
		token++; /* they are decimal */
	if (!cube_number(token, &number))
		return false;
	if (!runs->open || runs->numbers == 0)
		run->first = number;
	run->last = number;
	runs->numbers++;
	runs->count += !runs->open;
	return runs->numbers <= 2 || !runs->open;
}

/* "3", "[2", "4]", "[2 4]" taken apart already: brackets stand by themselves or
 * with a number. */
static bool take_word(struct runs *runs, const char *word)
{
	while (*word) {
		size_t length =
			*word == '[' || *word == ']' ? 1 : strcspn(word, "[]");
		char token[16];

		if (length >= sizeof token)
			return false;
		memcpy(token, word, length);
		token[length] = '\0';
		if (!take_token(runs, token))
			return false;
		word += length;
	}
	return true;
}

static bool take_runs(struct cube *cube, const char *word, struct runs *runs)
{
	/* A word of 15 signs has at most 15 runs. */
	runs->list = calloc(16 * (cube->count + 1), sizeof *runs->list);
	if (!runs->list)
		return cube_refuse(cube, "there is not enough memory");
	for (; word; word = cube_argument(cube))
		if (!*word || strlen(word) > 15 || !take_word(runs, word))
			return cube_refuse(cube, "'%s' is no sector", word);
	return !runs->open || cube_refuse(cube, "the range [%u … has no end",
					  runs->list[runs->count].first);
}

static bool erase_failed(struct cube *cube, const char *text,
			 struct s0_error *err)
{
	const struct s0_chip *chip = s0_device_info(cube->app.device)->chip;

	/* The original does not even try; here it is tried, and goes page by
	 * page where the bootloader refuses it. */
	if (text[0] == 'M' && chip && strcmp(chip->family, "stm32wb") == 0)
		(void)cube_fail(cube, "Mass erase command is not available for "
				      "WB devices...");
	else
		(void)cube_fail(cube, "%s", text);
	cube->changed |= err->aftermath != S0_UNTOUCHED;
	return cube_failed(cube, err);
}

/* Sectors that are all there, and so without a hole. */
static bool erase_row(struct cube *cube, const struct run *run)
{
	struct s0_error err = S0_ERROR_INIT;
	uint32_t from = 0, last = 0, length = 0;

	cube_say_sectors(cube, run->first, run->last);
	(void)cube_sector(cube, run->first, &from, &length);
	(void)cube_sector(cube, run->last, &last, &length);
	if (s0_session_erase(cube->app.session, from, last - from + length,
			     NULL, &err) != S0_OK)
		return erase_failed(cube, "failed to erase memory", &err);
	cube->changed = true;
	cube_say_erased(cube);
	return true;
}

static bool not_there(struct cube *cube, uint32_t number)
{
	struct s0_error err = S0_ERROR_INIT;

	cube_say(cube, "sector %04u does not exist\n", number);
	(void)cube_fail(cube, "failed to erase memory");
	err.code = S0_E_OUTSIDE;
	(void)snprintf(err.message, sizeof err.message,
		       "the device has no sector %u", number);
	(void)snprintf(err.hint, sizeof err.hint,
		       "sectors are numbered from 0; -vb 2 lists them");
	return cube_failed(cube, &err);
}

static bool exist(struct cube *cube, const struct runs *runs)
{
	uint32_t address, length;

	for (size_t i = 0; i < runs->count; i++) {
		const struct run *run = &runs->list[i];

		/* The last one first: there is none behind the last. */
		if (!cube_sector(cube, run->last, &address, &length))
			return not_there(cube, run->last);
		for (uint32_t k = run->first; k < run->last; k++)
			if (!cube_sector(cube, k, &address, &length))
				return not_there(cube, k);
	}
	return true;
}

static bool erase_runs(struct cube *cube, const struct runs *runs)
{
	bool good = exist(cube, runs);

	for (size_t i = 0; good && i < runs->count;) {
		struct run run = runs->list[i++];

		while (i < runs->count && runs->list[i].first == run.last + 1)
			run.last = runs->list[i++].last;
		good = erase_row(cube, &run);
	}
	return good;
}

static bool erase_all(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;

	cube_say(cube, "\nMass erase ... \n\n");
	if (s0_session_erase(cube->app.session, 0, 0, NULL, &err) != S0_OK)
		return erase_failed(cube,
				    "Mass erase operation failed.\nPlease "
				    "verify flash protection",
				    &err);
	cube->changed = true;
	cube_say(cube, "Mass erase successfully achieved\n");
	return true;
}

/* Data EEPROM of a bank, 1 or 2. */
static bool eeprom(const struct cube *cube, unsigned bank,
		   uint32_t *ret_address, uint32_t *ret_length)
{
	const struct s0_map *map = s0_device_map(cube->app.device);
	bool two = s0_device_info(cube->app.device)->bank_2 != 0;
	uint32_t start = 0, length = 0;

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		if (area->kind != S0_AREA_EEPROM)
			continue;
		if (length && area->address != start + length)
			break;
		start = length ? start : area->address;
		length += area->length;
	}
	*ret_length = two ? length / 2 : length;
	*ret_address = start + (bank - 1) * *ret_length;
	return length && (bank == 1 || two);
}

/* It has no erase of its own over USB: it is written as an erase leaves it. */
static bool erase_eeprom(struct cube *cube, unsigned bank)
{
	const struct s0_chip *chip = s0_device_info(cube->app.device)->chip;
	struct cube_job job = { 0 };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image = NULL;
	uint32_t address, length;

	if (!chip || !eeprom(cube, bank, &address, &length)) {
		err.code = S0_E_OUTSIDE;
		(void)snprintf(err.message, sizeof err.message,
			       "the device has no data EEPROM of bank %u",
			       bank);
		return erase_failed(cube, "failed to erase memory", &err);
	}
	cube_say(cube, "Erasing data EEPROM of bank %u\n", bank);
	if (s0_image_new(&image, &err) == S0_OK &&
	    s0_image_fill(image, "the command line", address, length,
			  chip->erased, 1, &err) == S0_OK) {
		job.image = image;
		job.silent = true;
		(void)cube_do(cube, &job, &err);
	}
	s0_image_free(image);
	return err.code == S0_OK ||
	       erase_failed(cube, "failed to erase memory", &err);
}

static unsigned eeprom_bank(const char *word)
{
	return cube_same(word, "ed1") ? 1 : cube_same(word, "ed2") ? 2 : 0;
}

/* "all", "ed1" "ed2", or sectors: numbers and ranges "[2" "4]" */
bool cube_erase(struct cube *cube)
{
	const char *word = cube_argument(cube);
	struct runs runs = { 0 };
	bool good;

	if (!word || cube_same(word, "all"))
		return cube_no_more(cube) &&
		       (cube->checking || erase_all(cube));
	if (eeprom_bank(word)) {
		unsigned bank = eeprom_bank(word);
		const char *second = cube_argument(cube);

		if (second && !eeprom_bank(second))
			return cube_refuse(cube, "'%s' is no EEPROM", second);
		return cube_no_more(cube) &&
		       (cube->checking ||
			(erase_eeprom(cube, bank) &&
			 (!second || erase_eeprom(cube, eeprom_bank(second)))));
	}
	good = take_runs(cube, word, &runs) &&
	       (cube->checking || erase_runs(cube, &runs));
	free(runs.list);
	return good;
}
