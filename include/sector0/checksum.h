/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_CHECKSUM_H
#define SECTOR0_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include <sector0/macros.h>

/**
 * @file
 * CRC-32, SHA-256 and the plain sum of bytes that come in parts.
 *
 *     struct s0_checksum sum;
 *     s0_checksum_start(&sum);
 *     s0_checksum_add(&sum, bytes, length);
 *     s0_checksum_end(&sum);      // sum.crc32, sum.sha256, sum.sum
 */

S0_BEGIN_DECLS

/** A running sum. Plain data: may be copied to fork it. */
struct s0_checksum {
	uint32_t crc32;	    /**< ISO-HDLC, as zlib's and `crc32`'s. */
	uint8_t sha256[32]; /**< FIPS 180-4; valid after s0_checksum_end(). */
	uint64_t length;    /**< Bytes so far. */
	uint32_t sum;	    /**< Of all bytes, modulo 2^32: the checksum
				 of ST's programmers. */
	struct {
		uint32_t state[8];
		uint64_t length;
		uint8_t block[64];
	} inner; /**< Private. */
};

/** Begin a sum of no bytes yet. */
S0_API void s0_checksum_start(struct s0_checksum *sum);
/**
 * Add bytes.
 * @param bytes  Not kept.
 */
S0_API void s0_checksum_add(struct s0_checksum *sum, const void *bytes,
			    size_t length);
/** Finish: sha256 becomes valid. Nothing may be added afterwards. */
S0_API void s0_checksum_end(struct s0_checksum *sum);

S0_END_DECLS

#endif
