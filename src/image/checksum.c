/* SPDX-License-Identifier: MIT */
#include <sector0/checksum.h>

#include <assert.h>
#include <string.h>
#include <zlib.h>

#include "base/sha256.h"

static_assert(sizeof(struct sha256) == sizeof(((struct s0_checksum *)0)->inner),
	      "the public record must hold the private one");

void s0_checksum_start(struct s0_checksum *sum)
{
	struct sha256 sha;

	memset(sum, 0, sizeof *sum);
	sha256_start(&sha);
	memcpy(&sum->inner, &sha, sizeof sha);
}

void s0_checksum_add(struct s0_checksum *sum, const void *bytes, size_t length)
{
	struct sha256 sha;

	sum->crc32 = (uint32_t)crc32_z(sum->crc32, bytes, length);
	sum->length += length;
	for (size_t i = 0; i < length; i++)
		sum->sum += ((const uint8_t *)bytes)[i];
	memcpy(&sha, &sum->inner, sizeof sha);
	sha256_add(&sha, bytes, length);
	memcpy(&sum->inner, &sha, sizeof sha);
}

void s0_checksum_end(struct s0_checksum *sum)
{
	struct sha256 sha;

	memcpy(&sha, &sum->inner, sizeof sha);
	sha256_end(&sha, sum->sha256);
}
