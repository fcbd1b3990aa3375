/* SPDX-License-Identifier: MIT */
/* -r, -r8/16/32, -blankcheck, -checksum, -fchecksum. */
#include <stdio.h>
#include <string.h>

#include "cli/buffer.h"
#include "cli/os.h"
#include "compat/cube.h"

static bool read_memory(struct cube *cube, uint32_t address, uint32_t length,
			struct buffer *buffer, struct s0_result *ret_result)
{
	struct s0_error err = S0_ERROR_INIT;

	if (s0_session_read(cube->app.session, address, length, buffer_add,
			    buffer, ret_result, &err) == S0_OK)
		return true;
	(void)cube_fail(cube, "Data read failed");
	return cube_failed(cube, &err);
}

static bool save(struct cube *cube, uint32_t address, const char *path,
		 const struct buffer *buffer)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image = NULL;
	struct output output;
	s0_format format = s0_format_of_name(path);
	s0_code code = s0_image_new(&image, &err);

	if (format == S0_FORMAT_AUTO || format == S0_FORMAT_ELF)
		format = S0_FORMAT_BIN;
	if (code == S0_OK)
		code = s0_image_add(image, "memory", address, buffer->bytes,
				    (uint32_t)buffer->length, &err);
	if (code == S0_OK)
		code = os_begin_output(path, &output, &err);
	if (code == S0_OK) {
		code = s0_image_write(image, format, NULL, os_write, &output,
				      &err);
		if (os_end_output(&output, code == S0_OK, &err) != S0_OK)
			code = err.code;
	}
	s0_image_free(image);
	return code == S0_OK || cube_failed(cube, &err);
}

/* ADDRESS SIZE FILE */
bool cube_read(struct cube *cube)
{
	struct buffer buffer = { 0 };
	struct s0_result result = { 0 };
	uint32_t address = 0, length = 0;
	const char *path;
	char time[24];
	bool good = cube_want(cube, "an address", &address) &&
		    cube_want(cube, "a size", &length);

	path = good ? cube_argument(cube) : NULL;
	if (good && !path)
		good = cube_fail(cube,
				 "Wrong read command use: a file is missing");
	if (good)
		cube_say(cube,
			 "\nUPLOADING ...\n  Size          : %u Bytes\n"
			 "  Address       : 0x%08X\n\nRead progress:\n",
			 length, address);
	good = good && read_memory(cube, address, length, &buffer, &result) &&
	       save(cube, address, path, &buffer);
	buffer_free(&buffer);
	if (!good)
		return false;
	cube_bar_full(cube);
	cube_time(time, result.time_us);
	cube_say(cube,
		 "\nData read successfully\nTime elapsed during the read "
		 "operation is: %s\n",
		 time);
	return true;
}

static void show(struct cube *cube, uint32_t address, unsigned size,
		 const struct buffer *buffer)
{
	for (size_t i = 0; i < buffer->length; i += size) {
		if (i % 16 == 0)
			cube_say(cube, "%s0x%08X :", i ? "\n" : "",
				 (unsigned)(address + i));
		cube_say(cube, " ");
		for (unsigned k = size; k-- > 0;)
			cube_say(cube, "%02X", buffer->bytes[i + k]);
	}
	cube_say(cube, "\n\n");
}

static bool read_words(struct cube *cube, unsigned size)
{
	struct buffer buffer = { 0 };
	uint32_t address = 0, length = 0;
	bool good = cube_want(cube, "an address", &address) &&
		    cube_want(cube, "a size", &length);

	if (!good)
		return false;
	length = (length + size - 1) / size * size;
	cube_say(cube,
		 "\nReading %u-bit memory content\n  Size          : %u Bytes\n"
		 "  Address:      : 0x%08X\n\n",
		 8 * size, length, address);
	good = read_memory(cube, address, length, &buffer, NULL);
	if (good)
		show(cube, address, size, &buffer);
	buffer_free(&buffer);
	return good;
}

bool cube_read8(struct cube *cube)
{
	return read_words(cube, 1);
}

bool cube_read16(struct cube *cube)
{
	return read_words(cube, 2);
}

bool cube_read32(struct cube *cube)
{
	return read_words(cube, 4);
}

/* The whole flash where it has no holes in it. */
static void whole_flash(const struct cube *cube, uint32_t *ret_address,
			uint32_t *ret_length)
{
	const struct s0_map *map = s0_device_map(cube->app.device);
	uint32_t at = 0, start, length;

	(void)s0_map_flash_start(map, &at);
	*ret_address = at;
	while (s0_map_sector(map, at, &start, &length))
		at = start + length;
	*ret_length = at - *ret_address;
}

bool cube_blank(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;
	uint32_t address, length;

	whole_flash(cube, &address, &length);
	if (s0_session_blank(cube->app.session, address, length, NULL, &err) ==
	    S0_OK) {
		cube_say(cube, "\nBlank check: memory is blank\n");
		return true;
	}
	if (err.code != S0_E_NOT_BLANK)
		return cube_failed(cube, &err);
	cube_say(cube, "\nMemory is not blank: first address 0x%08X\n",
		 err.address);
	return true;
}

static uint32_t sum_of(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += bytes[i];
	return sum;
}

/* [ADDRESS SIZE]: the sum of all bytes. */
bool cube_checksum(struct cube *cube)
{
	struct buffer buffer = { 0 };
	const char *word = cube_argument(cube);
	uint32_t address, length;
	bool good = true;

	whole_flash(cube, &address, &length);
	if (word)
		good = cube_number(word, &address) &&
		       cube_want(cube, "a size", &length);
	if (!good)
		return cube_fail(cube, "Wrong checksum command use");
	good = read_memory(cube, address, length, &buffer, NULL);
	if (good)
		cube_say(cube,
			 "\nMemory checksum\n  Address       : 0x%08X\n"
			 "  Size          : %u Bytes\n  Checksum      : "
			 "0x%08X\n",
			 address, length, sum_of(buffer.bytes, buffer.length));
	buffer_free(&buffer);
	return good;
}

bool cube_file_checksum(struct cube *cube)
{
	struct s0_image_read_options how = { .format = S0_FORMAT_AUTO };
	struct s0_error err = S0_ERROR_INIT;
	const char *name = cube_argument(cube);
	struct s0_image *image = NULL;
	struct blob blob = { 0 };
	uint32_t sum = 0;

	if (!name)
		return cube_fail(cube, "Wrong fchecksum command use: a file is "
				       "missing");
	if (os_read_file(name, &blob, &err) == S0_OK &&
	    s0_image_new(&image, &err) == S0_OK) {
		struct s0_image_file file = { .name = name,
					      .bytes = blob.bytes,
					      .length = blob.length,
					      .address = 0x08000000 };

		err.code = s0_image_read(image, &file, &how, &err);
	}
	for (size_t i = 0; err.code == S0_OK && i < s0_image_piece_count(image);
	     i++) {
		struct s0_piece piece = s0_image_piece(image, i);

		sum += sum_of(piece.bytes, piece.length);
	}
	s0_image_free(image);
	os_free_blob(&blob);
	if (err.code != S0_OK)
		return cube_failed(cube, &err);
	cube_say(cube,
		 "\nFile checksum\n  File          : %s\n  Checksum      "
		 ": 0x%08X\n",
		 name, sum);
	return true;
}
