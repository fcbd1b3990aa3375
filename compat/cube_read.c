/* SPDX-License-Identifier: MIT */
/* -r into a file, -r8, -r16, -r32 to the screen. */
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

	if (format == S0_FORMAT_AUTO)
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
	if (code == S0_OK)
		return true;
	(void)cube_fail(cube, "failed to write the file %s", path);
	return cube_failed(cube, &err);
}

static bool upload(struct cube *cube, uint32_t address, uint32_t length,
		   const char *path)
{
	struct buffer buffer = { 0 };
	struct s0_result result = { 0 };
	char time[24];
	bool good;

	cube_say(cube,
		 "\nUPLOADING ...\n  Size          : %u Bytes\n"
		 "  Address       : 0x%08X\n\nRead progress:\n",
		 length, address);
	good = read_memory(cube, address, length, &buffer, &result);
	if (good)
		cube_bar_full(cube);
	good = good && save(cube, address, path, &buffer);
	buffer_free(&buffer);
	if (!good)
		return false;
	cube_time(time, result.time_us);
	cube_say(cube,
		 "\nData read successfully\nTime elapsed during the read "
		 "operation is: %s\n",
		 time);
	return true;
}

static bool has_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[1024];

	if (!slash || slash == path)
		return true;
	return (size_t)snprintf(folder, sizeof folder, "%.*s",
				(int)(slash - path), path) < sizeof folder &&
	       os_exists(folder);
}

/* ADDRESS SIZE FILE */
bool cube_read(struct cube *cube)
{
	uint32_t address = 0, length = 0;
	const char *path;

	if (!cube_want_range(cube, &address, &length))
		return false;
	path = cube_argument(cube);
	if (!path)
		return cube_refuse(cube, "Wrong read command use: a file is "
					 "missing");
	if (s0_format_of_name(path) == S0_FORMAT_ELF)
		return cube_refuse(cube, "memory cannot be saved as ELF: %s",
				   path);
	if (!has_folder(path))
		return cube_refuse(cube, "%s: there is no such folder", path);
	return cube_no_more(cube) &&
	       (cube->checking || upload(cube, address, length, path));
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
	bool good;

	if (!cube_want_range(cube, &address, &length) || !cube_no_more(cube))
		return false;
	if (length > UINT32_MAX - address - (size - 1))
		return cube_refuse(cube, "%u bytes at 0x%08X are no memory",
				   length, address);
	length = (length + size - 1) / size * size;
	if (cube->checking)
		return true;
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
