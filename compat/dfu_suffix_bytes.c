/* SPDX-License-Identifier: MIT */
/* The suffix of a firmware file, as bytes. */
#include <string.h>

#include <sector0/checksum.h>

#include "compat/dfu_suffix.h"

enum {
	AT_DEVICE = 0,
	AT_PRODUCT = 2,
	AT_VENDOR = 4,
	AT_VERSION = 6,
	AT_SIGNATURE = 8,
	AT_LENGTH = 11,
	AT_CRC = 12
};

static uint16_t get_16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t get_32(const uint8_t *bytes)
{
	return get_16(bytes) | (uint32_t)get_16(bytes + 2) << 16;
}

static void put_16(uint8_t *bytes, unsigned value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

/* Without the last inversion of what zip files have. */
static uint32_t sum_of(const void *bytes, size_t length, const uint8_t *more,
		       size_t more_length)
{
	struct s0_checksum sum;

	s0_checksum_start(&sum);
	s0_checksum_add(&sum, bytes, length);
	if (more_length)
		s0_checksum_add(&sum, more, more_length);
	return ~sum.crc32;
}

bool dfu_suffix_is_there(const void *bytes, size_t length)
{
	const uint8_t *end = (const uint8_t *)bytes + length;

	return length >= DFU_SUFFIX_SIZE &&
	       memcmp(end - DFU_SUFFIX_SIZE + AT_SIGNATURE, "UFD", 3) == 0;
}

const char *dfu_suffix_read(const void *bytes, size_t length,
			    struct dfu_suffix *ret_suffix)
{
	const uint8_t *at = bytes;
	struct dfu_suffix suffix;

	if (length < DFU_SUFFIX_SIZE)
		return "File too short for DFU suffix";
	if (!dfu_suffix_is_there(bytes, length))
		return "Invalid DFU suffix signature";
	at += length - DFU_SUFFIX_SIZE;
	suffix = (struct dfu_suffix){
		.device = get_16(at + AT_DEVICE),
		.product = get_16(at + AT_PRODUCT),
		.vendor = get_16(at + AT_VENDOR),
		.version = get_16(at + AT_VERSION),
		.length = at[AT_LENGTH],
		.crc = get_32(at + AT_CRC),
	};
	if (suffix.crc != sum_of(bytes, length - 4, NULL, 0))
		return "DFU suffix CRC does not match";
	if (suffix.length < DFU_SUFFIX_SIZE || suffix.length > length)
		return "Unsupported DFU suffix length";
	*ret_suffix = suffix;
	return NULL;
}

void dfu_suffix_make(struct dfu_suffix *suffix, const void *bytes,
		     size_t length, uint8_t ret_bytes[DFU_SUFFIX_SIZE])
{
	static const uint8_t signature[3] = { 'U', 'F', 'D' };

	put_16(ret_bytes + AT_DEVICE, suffix->device);
	put_16(ret_bytes + AT_PRODUCT, suffix->product);
	put_16(ret_bytes + AT_VENDOR, suffix->vendor);
	put_16(ret_bytes + AT_VERSION, suffix->version);
	memcpy(ret_bytes + AT_SIGNATURE, signature, sizeof signature);
	ret_bytes[AT_LENGTH] = suffix->length = DFU_SUFFIX_SIZE;
	suffix->crc = sum_of(bytes, length, ret_bytes, AT_CRC);
	put_16(ret_bytes + AT_CRC, suffix->crc & 0xffff);
	put_16(ret_bytes + AT_CRC + 2, suffix->crc >> 16);
}
