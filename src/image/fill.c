/* SPDX-License-Identifier: MIT */
/* Words by hand: one, or the same again and again. */
#include <stdlib.h>

#include <sector0/image.h>

#include "base/error.h"

s0_code s0_image_fill(struct s0_image *image, const char *file_name,
		      uint32_t address, uint32_t length, uint64_t value,
		      unsigned width, struct s0_error *err)
{
	uint8_t *bytes;
	s0_code code;

	if ((width != 1 && width != 2 && width != 4 && width != 8) || !length)
		return error_set(err, S0_E_BUG,
				 "words of %u bytes are to fill %u", width,
				 length);
	bytes = malloc(length);
	if (!bytes)
		return error_memory(err);
	for (uint32_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(value >> 8 * (i % width));
	code = s0_image_add(image, file_name, address, bytes, length, err);
	free(bytes);
	return code;
}
