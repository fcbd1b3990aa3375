/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_REPLACE_H
#define IMAGE_REPLACE_H

#include <stdint.h>

#include <sector0/image.h>

/*
 * What an image has in [address, end) becomes what `other` has there; at a cost
 * of the pieces there and of a move of those behind. Segments stay as they
 * were.
 * @param other  Its bytes are in the range; is emptied. NULL: nothing.
 * @retval S0_E_MEMORY  Both are as they were.
 */
s0_code image_replace(struct s0_image *image, uint32_t address, uint64_t end,
		      struct s0_image *other, struct s0_error *err);

#endif
