/* SPDX-License-Identifier: MIT */
/* -w, -v, -e, -s, -w8/16/32, -fillmemory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/buffer.h"
#include "cli/os.h"
#include "cli/say.h"
#include "compat/cube.h"

/* Indices of sectors of flash, as "sector 0" or "sectors [2 4]". */
static void say_sectors(struct cube *cube, uint32_t first, uint32_t last)
{
	if (first == last)
		cube_say(cube, "Erasing internal memory sector %u\n", first);
	else
		cube_say(cube, "Erasing internal memory sectors [%u %u]\n",
			 first, last);
}

static bool sector_index(const struct s0_map *map, uint32_t address,
			 uint32_t *ret_index)
{
	uint32_t at, start, length;

	*ret_index = 0;
	if (!s0_map_flash_start(map, &at))
		return false;
	for (; s0_map_sector(map, at, &start, &length); (*ret_index)++) {
		if (address - start < length)
			return true;
		at = start + length;
	}
	return false;
}

static bool overlap(uint32_t a, uint32_t a_length, uint32_t b,
		    uint32_t b_length)
{
	return a - b < b_length || b - a < a_length;
}

static void tell_erase(struct cube *cube, const struct s0_plan *plan,
		       size_t number, uint32_t address, uint32_t length)
{
	const struct s0_map *map = s0_device_map(cube->app.device);
	uint32_t first = UINT32_MAX, last = 0, index;

	for (size_t k = 0; k < s0_plan_sector_count(plan); k++) {
		const struct s0_plan_sector *s = s0_plan_sector(plan, k);

		if (!s->erase ||
		    !overlap(address, length, s->address, s->length) ||
		    !sector_index(map, s->address, &index))
			continue;
		first = index < first ? index : first;
		last = index > last ? index : last;
	}
	if (first == UINT32_MAX)
		return;
	cube_say(cube, "Erasing memory corresponding to segment %zu:\n",
		 number);
	say_sectors(cube, first, last);
}

/* What is contiguous is one segment, however the file parts it. */
static void tell_erases(struct cube *cube, const struct s0_image *image,
			const struct s0_plan *plan)
{
	size_t count = s0_image_piece_count(image), number = 0;

	for (size_t i = 0; i < count; number++) {
		struct s0_piece piece = s0_image_piece(image, i++);
		uint32_t length = piece.length;

		while (i < count && s0_image_piece(image, i).address ==
					    piece.address + length)
			length += s0_image_piece(image, i++).length;
		tell_erase(cube, plan, number, piece.address, length);
	}
}

static void tell_file(struct cube *cube, const char *name,
		      const struct s0_image *image)
{
	struct s0_piece piece = s0_image_piece(image, 0);
	uint64_t size = s0_image_size(image);

	cube_say(cube, "\n\nMemory Programming ...\n  File          : %s\n",
		 name);
	if (size >= 1024)
		cube_say(cube, "  Size          : %llu.%02llu KB\n",
			 (unsigned long long)(size / 1024),
			 (unsigned long long)(size % 1024 * 100 / 1024));
	else
		cube_say(cube, "  Size          : %llu Bytes\n",
			 (unsigned long long)size);
	cube_say(cube, "  Address       : 0x%08X\n\n\n", piece.address);
}

static bool run_image(struct cube *cube, const struct s0_image *image,
		      const struct s0_policy *policy, const char *name)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result = { 0 };
	struct s0_plan *plan = NULL;
	char time[24];
	s0_code code =
		s0_session_plan(cube->app.session, image, policy, &plan, &err);

	if (code == S0_OK && name) {
		tell_file(cube, name, image);
		tell_erases(cube, image, plan);
		cube_say(cube, "Download in Progress:\n");
	}
	if (code == S0_OK)
		code = s0_plan_warnings(plan, say_warning, &cube->app, &err);
	if (code == S0_OK)
		code = s0_session_run(cube->app.session, plan, &result, &err);
	s0_plan_free(plan);
	if (code != S0_OK && name)
		(void)cube_fail(cube, "failed to download the File");
	if (code != S0_OK)
		return cube_failed(cube, &err);
	cube->verify_us = result.times.wire_us / 2;
	cube->write_us = result.time_us - cube->verify_us;
	if (!name)
		return true;
	cube_bar_full(cube);
	cube_time(time, cube->write_us);
	cube_say(cube,
		 "\nFile download complete\nTime elapsed during download "
		 "operation: %s\n",
		 time);
	cube->written = true;
	return true;
}

/* FILE [ADDRESS] into an image. */
static bool read_file(struct cube *cube, struct s0_image **ret_image,
		      const char **ret_name)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image_read_options how = { .format = S0_FORMAT_AUTO };
	struct s0_image_file file = { 0 };
	struct blob blob = { 0 };
	const char *name = cube_argument(cube), *address;
	bool placed = false;

	if (!name)
		return cube_fail(cube, "Wrong write command use: a file is "
				       "missing");
	address = cube_argument(cube);
	if (address && !cube_same(address, "incremental")) {
		placed = true;
		if (!cube_number(address, &file.address))
			return cube_fail(cube, "'%s' is no address", address);
	}
	(void)cube_argument(cube); /* "incremental": what is right stays */
	if (os_read_file(name, &blob, &err) != S0_OK) {
		(void)cube_fail(cube, "failed to open the file %s", name);
		return cube_failed(cube, &err);
	}
	file.name = name;
	file.bytes = blob.bytes;
	file.length = blob.length;
	if (s0_image_recognise(&file) == S0_FORMAT_BIN && !placed) {
		os_free_blob(&blob);
		return cube_fail(cube, "Wrong write command use: a binary "
				       "file needs an address");
	}
	if (s0_image_new(ret_image, &err) == S0_OK)
		err.code = s0_image_read(*ret_image, &file, &how, &err);
	os_free_blob(&blob);
	*ret_name = name;
	if (err.code == S0_OK)
		return true;
	(void)cube_fail(cube, "failed to parse the file %s", name);
	return cube_failed(cube, &err);
}

bool cube_write(struct cube *cube)
{
	struct s0_policy policy = { .erase = cube->skip_erase ? S0_ERASE_NONE
							      : S0_ERASE_NEEDED,
				    .write_ram = true };
	struct s0_image *image = NULL;
	const char *name = "";
	bool good;

	cube->written = false;
	cube_say(cube, "\n\nOpening and parsing file: %s\n",
		 cube->at < cube->count ? cube->words[cube->at] : "");
	good = read_file(cube, &image, &name) &&
	       run_image(cube, image, &policy, name);
	s0_image_free(image);
	return good;
}

/* Every write was verified; asked for, it is told. */
bool cube_verify(struct cube *cube)
{
	char time[24];

	(void)cube_argument(cube); /* "fast" */
	if (!cube->written)
		return cube_fail(cube, "Wrong verify command use");
	cube_say(cube, "\nVerifying...\nRead progress:\n");
	cube_bar_full(cube);
	cube_time(time, cube->verify_us);
	cube_say(cube,
		 "Time elapsed during verifying operation: %s\nDownload "
		 "verified successfully\n\n",
		 time);
	return true;
}

static bool erase_sectors(struct cube *cube, uint32_t first, uint32_t last)
{
	const struct s0_map *map = s0_device_map(cube->app.device);
	struct s0_error err = S0_ERROR_INIT;
	uint32_t at, start, length, index = 0, from = 0, to = 0;

	if (!s0_map_flash_start(map, &at))
		return cube_fail(cube, "failed to erase memory");
	for (; s0_map_sector(map, at, &start, &length); index++) {
		if (index == first)
			from = start;
		if (index == last)
			to = start + length;
		at = start + length;
	}
	if (last < first || last >= index)
		return cube_fail(cube, "sector %04u does not exist", last);
	say_sectors(cube, first, last);
	if (s0_session_erase(cube->app.session, from, to - from, NULL, &err) ==
	    S0_OK)
		return true;
	(void)cube_fail(cube, "failed to erase memory");
	return cube_failed(cube, &err);
}

static bool erase_all(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;

	cube_say(cube, "Mass erase ...\n\n");
	if (s0_session_erase(cube->app.session, 0, 0, NULL, &err) == S0_OK) {
		cube_say(cube, "Mass erase successfully achieved\n");
		return true;
	}
	(void)cube_fail(cube, "Mass erase operation failed");
	return cube_failed(cube, &err);
}

/* "all", numbers, "[2" "4]" */
bool cube_erase(struct cube *cube)
{
	const char *word = cube_argument(cube);
	uint32_t first = 0, last;
	bool good = true, open = false;
	char plain[16];

	if (!word || cube_same(word, "all"))
		return erase_all(cube);
	for (; good && word; word = cube_argument(cube)) {
		size_t length = strcspn(word, "]");

		if (*word == '[' && word[1] == '\0')
			continue;
		open |= *word == '[';
		(void)snprintf(plain, sizeof plain, "%.*s",
			       (int)(length - (*word == '[')),
			       word + (*word == '['));
		if (!cube_number(plain, &last))
			return cube_fail(cube, "'%s' is no sector", word);
		if (open && *word == '[')
			first = last;
		else if (open)
			good = erase_sectors(cube, first, last);
		else
			good = erase_sectors(cube, last, last);
		open = open && word[length] != ']';
	}
	if (good && open)
		return cube_fail(cube, "the range [%u … has no end", first);
	return good;
}

bool cube_start(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;
	const char *word = cube_argument(cube);
	uint32_t address = 0, shown = 0x08000000;

	if (word && !cube_number(word, &address))
		return cube_fail(cube, "'%s' is no address", word);
	(void)s0_map_flash_start(s0_device_map(cube->app.device), &shown);
	cube_say(cube, "\nRUNNING Program ...\n  Address:      : 0x%x\n",
		 address ? address : shown);
	if (s0_session_start(cube->app.session, address, NULL, &err) != S0_OK) {
		(void)cube_fail(cube, "Start operation failed");
		return cube_failed(cube, &err);
	}
	cube_say(cube, "Start operation achieved successfully\n");
	return true;
}

static bool write_bytes(struct cube *cube, uint32_t address,
			const struct buffer *buffer)
{
	struct s0_policy policy = { .keep = true, .write_ram = true };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image = NULL;
	bool good;

	if (s0_image_new(&image, &err) != S0_OK ||
	    s0_image_add(image, "the command line", address, buffer->bytes,
			 (uint32_t)buffer->length, &err) != S0_OK) {
		s0_image_free(image);
		return cube_failed(cube, &err);
	}
	good = run_image(cube, image, &policy, NULL);
	s0_image_free(image);
	return good;
}

static bool write_words(struct cube *cube, unsigned size)
{
	struct buffer buffer = { 0 };
	uint32_t address = 0, value = 0;
	const char *word;
	bool good = cube_want(cube, "an address", &address);

	while (good && (word = cube_argument(cube))) {
		uint8_t bytes[4];

		good = cube_number(word, &value) &&
		       (size == 4 || value >> 8 * size == 0);
		if (!good)
			(void)cube_fail(cube, "'%s' is no value of %u bits",
					word, 8 * size);
		for (unsigned i = 0; i < 4; i++)
			bytes[i] = (uint8_t)(value >> 8 * i);
		good = good && buffer_add(&buffer, bytes, size);
	}
	if (good && !buffer.length)
		good = cube_fail(cube, "Wrong write command use: there are no "
				       "values");
	if (good)
		cube_say(cube, "\nDownload in Progress:\n");
	good = good && write_bytes(cube, address, &buffer);
	if (good)
		cube_say(cube, "\nData write complete\nDownload verified "
			       "successfully\n");
	buffer_free(&buffer);
	return good;
}

bool cube_write8(struct cube *cube)
{
	return write_words(cube, 1);
}

bool cube_write16(struct cube *cube)
{
	return write_words(cube, 2);
}

bool cube_write32(struct cube *cube)
{
	return write_words(cube, 4);
}

static bool fill_key(const char *word, const char *key, uint32_t *ret)
{
	size_t length = strlen(key);
	char head[16];

	(void)snprintf(head, sizeof head, "%.*s", (int)length, word);
	return strlen(word) > length && cube_same(head, key) &&
	       cube_number(word + length, ret);
}

/* START size=N pattern=P [dataWidth=8|16|32] */
bool cube_fill(struct cube *cube)
{
	struct buffer buffer = { 0 };
	uint32_t address = 0, size = 0, pattern = 0, width = 32;
	const char *word;
	bool good = cube_want(cube, "an address", &address);

	while (good && (word = cube_argument(cube)))
		if (!fill_key(word, "size=", &size) &&
		    !fill_key(word, "pattern=", &pattern) &&
		    !fill_key(word, "datawidth=", &width))
			good = cube_fail(cube, "'%s' is not understood", word);
	if (good && (!size || size > 0x4000000 ||
		     (width != 8 && width != 16 && width != 32)))
		good = cube_fail(cube, "Wrong fillmemory command use");
	for (uint32_t i = 0; good && i < size; i++) {
		uint8_t byte = (uint8_t)(pattern >> 8 * (i % (width / 8)));

		good = buffer_add(&buffer, &byte, 1);
	}
	if (good)
		cube_say(cube,
			 "\nFilling memory ...\n  Address       : "
			 "0x%08X\n  Size          : %u Bytes\n",
			 address, size);
	good = good && write_bytes(cube, address, &buffer);
	if (good)
		cube_say(cube, "Memory fill operation achieved "
			       "successfully\n");
	buffer_free(&buffer);
	return good;
}
