/* SPDX-License-Identifier: MIT */
/* -blankcheck, -checksum, -fchecksum. */
#include "cli/ranges.h"
#include "compat/cube.h"

/* One range, or where its length is 0 the whole flash. */
static bool ranges(struct cube *cube, struct range given,
		   struct ranges *ret_ranges)
{
	struct s0_error err = S0_ERROR_INIT;

	return ranges_of(&cube->app, given, ret_ranges, &err) == S0_OK ||
	       cube_failed(cube, &err);
}

/* As in stm32duino/Arduino_Core_STM32, issue 1637, of 2022. */
bool cube_blank(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;
	struct ranges flash = { 0 };

	if (!cube_no_more(cube))
		return false;
	if (cube->checking)
		return true;
	cube_say(cube, "\n\nFlash memory blank checking...\n");
	if (!ranges(cube, (struct range){ 0 }, &flash))
		return false;
	for (size_t i = 0; err.code == S0_OK && i < flash.count; i++)
		err.code = s0_session_blank(cube->app.session,
					    flash.list[i].address,
					    flash.list[i].length, NULL, &err);
	ranges_free(&flash);
	if (err.code == S0_OK) {
		cube_say(cube, "\nFlash memory is empty.\n");
		return true;
	}
	/* It was asked what there is, and this is the answer. */
	if (err.code == S0_E_NOT_BLANK) {
		cube_say(cube,
			 "\nWarning: Flash memory is not empty at 0x%08X.\n",
			 err.address);
		return true;
	}
	(void)cube_fail(cube, "Data read failed");
	return cube_failed(cube, &err);
}

static bool sum_memory(struct cube *cube, struct range given)
{
	struct s0_error err = S0_ERROR_INIT;
	struct ranges all = { 0 };
	struct s0_checksum sum;

	if (!ranges(cube, given, &all))
		return false;
	s0_checksum_start(&sum);
	for (size_t i = 0; err.code == S0_OK && i < all.count; i++)
		err.code = s0_session_checksum(
			cube->app.session, all.list[i].address,
			all.list[i].length, &sum, NULL, &err);
	if (err.code == S0_OK)
		cube_say(cube,
			 "\nMemory checksum\n  Address       : 0x%08X\n"
			 "  Size          : %u Bytes\n  Checksum      : "
			 "0x%08X\n",
			 all.list[0].address, (unsigned)sum.length, sum.sum);
	ranges_free(&all);
	if (err.code == S0_OK)
		return true;
	(void)cube_fail(cube, "Data read failed");
	return cube_failed(cube, &err);
}

/* [ADDRESS SIZE]: the sum of all bytes. */
bool cube_checksum(struct cube *cube)
{
	struct range given = { 0 };
	const char *word = cube_argument(cube);

	if (word) {
		cube->at--;
		if (!cube_want_range(cube, &given.address, &given.length))
			return false;
	}
	return cube_no_more(cube) &&
	       (cube->checking || sum_memory(cube, given));
}

/* The sum of what the file holds, piece by piece as version 2.19 shows it
 * (qa-community.st.com 149894). */
static void sum_file(struct cube *cube, const char *name,
		     const struct s0_image *image)
{
	uint32_t total = 0;

	cube_say(cube, "\nFile checksum\n  File          : %s\n", name);
	for (size_t i = 0; i < s0_image_piece_count(image); i++) {
		struct s0_piece piece = s0_image_piece(image, i);
		struct s0_checksum sum;

		s0_checksum_start(&sum);
		s0_checksum_add(&sum, piece.bytes, piece.length);
		total += sum.sum;
		cube_say(cube,
			 "  [%zu] Address=0x%08X, Size=0x%X, Checksum=0x%08X\n",
			 i, piece.address, piece.length, sum.sum);
	}
	cube_say(cube, "  Checksum      : 0x%08X\n", total);
}

bool cube_file_checksum(struct cube *cube)
{
	size_t file = cube->at;
	const char *name = cube_argument(cube);

	if (!name)
		return cube_refuse(cube, "Wrong fchecksum command use: a file "
					 "is missing");
	if (!cube_no_more(cube) || !cube_read_file(cube, file, 0x08000000))
		return false;
	if (!cube->checking)
		sum_file(cube, name, cube->images[file]);
	return true;
}
