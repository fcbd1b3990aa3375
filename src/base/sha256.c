/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <string.h>

static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static uint32_t big_endian(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* One of the 64 rounds; k: its constant and its word. Instead of moving all
 * eight variables on, the caller names them one place further. */
static inline void turn(uint32_t a, uint32_t b, uint32_t c, uint32_t *d,
			uint32_t e, uint32_t f, uint32_t g, uint32_t *h,
			uint32_t k)
{
	uint32_t t = *h + k + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
		     (g ^ (e & (f ^ g)));

	*d += t;
	*h = t + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
	     ((a & b) | (c & (a | b)));
}

static void add_block(struct sha256 *sha, const uint8_t *block)
{
	uint32_t w[64], s[8];

	for (int i = 0; i < 16; i++)
		w[i] = big_endian(block + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		       (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
	memcpy(s, sha->state, sizeof s);
	for (int i = 0; i < 64; i += 8) {
		uint32_t k[8];

		for (int n = 0; n < 8; n++)
			k[n] = constants[i + n] + w[i + n];
		turn(s[0], s[1], s[2], &s[3], s[4], s[5], s[6], &s[7], k[0]);
		turn(s[7], s[0], s[1], &s[2], s[3], s[4], s[5], &s[6], k[1]);
		turn(s[6], s[7], s[0], &s[1], s[2], s[3], s[4], &s[5], k[2]);
		turn(s[5], s[6], s[7], &s[0], s[1], s[2], s[3], &s[4], k[3]);
		turn(s[4], s[5], s[6], &s[7], s[0], s[1], s[2], &s[3], k[4]);
		turn(s[3], s[4], s[5], &s[6], s[7], s[0], s[1], &s[2], k[5]);
		turn(s[2], s[3], s[4], &s[5], s[6], s[7], s[0], &s[1], k[6]);
		turn(s[1], s[2], s[3], &s[4], s[5], s[6], s[7], &s[0], k[7]);
	}
	for (int i = 0; i < 8; i++)
		sha->state[i] += s[i];
}

void sha256_start(struct sha256 *sha)
{
	static const uint32_t initial[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(sha->state, initial, sizeof initial);
	sha->length = 0;
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t length)
{
	const uint8_t *p = bytes;

	while (length) {
		size_t used = (size_t)(sha->length % 64);
		size_t part = length < 64 - used ? length : 64 - used;

		memcpy(sha->block + used, p, part);
		sha->length += part;
		p += part;
		length -= part;
		if (used + part == 64)
			add_block(sha, sha->block);
	}
}

void sha256_end(struct sha256 *sha, uint8_t digest[32])
{
	uint64_t bits = sha->length * 8;
	uint8_t tail[8];

	for (int i = 0; i < 8; i++)
		tail[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(sha, "\x80", 1);
	while (sha->length % 64 != 56)
		sha256_add(sha, "", 1);
	sha256_add(sha, tail, 8);
	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}
