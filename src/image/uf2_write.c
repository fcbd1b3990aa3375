/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/bytes.h"
#include "base/range.h"
#include "image/out.h"
#include "image/store.h"
#include "image/uf2.h"

/* Step to the next aligned block that holds bytes of the image. */
static bool next_block(const struct s0_image *image, uint64_t *at)
{
	size_t i;

	if (*at > UINT32_MAX)
		return false;
	i = s0_image_find(image, (uint32_t)*at);
	if (i == image->piece_count)
		return false;
	if (*at < image->pieces[i].address)
		*at = round_down(image->pieces[i].address, UF2_PAYLOAD);
	return true;
}

static void put_block(const struct s0_image *image, struct out *out,
		      uint8_t block[UF2_BLOCK], uint32_t address)
{
	put_le32(block + UF2_AT_ADDRESS, address);
	memset(block + UF2_AT_DATA, 0xff, UF2_PAYLOAD);
	(void)s0_image_copy(image, address, UF2_PAYLOAD, block + UF2_AT_DATA);
	out_bytes(out, block, UF2_BLOCK);
}

s0_code uf2_write(const struct s0_image *image,
		  const struct s0_image_write_options *options, struct out *out,
		  struct s0_error *err)
{
	uint32_t family = options->uf2_family, total = 0, number = 0;
	uint8_t block[UF2_BLOCK] = { 0 };

	(void)err;
	for (uint64_t at = 0; next_block(image, &at); at += UF2_PAYLOAD)
		total++;
	put_le32(block, UF2_MAGIC_0);
	put_le32(block + UF2_AT_MAGIC_1, UF2_MAGIC_1);
	put_le32(block + UF2_AT_FLAGS, UF2_HAS_FAMILY);
	put_le32(block + UF2_AT_SIZE, UF2_PAYLOAD);
	put_le32(block + UF2_AT_TOTAL, total);
	put_le32(block + UF2_AT_FAMILY, family ? family : S0_UF2_STM32H7);
	put_le32(block + UF2_AT_MAGIC_END, UF2_MAGIC_END);
	for (uint64_t at = 0; next_block(image, &at) && !out->stopped;
	     at += UF2_PAYLOAD) {
		put_le32(block + UF2_AT_NUMBER, number++);
		put_block(image, out, block, (uint32_t)at);
	}
	return S0_OK;
}
