/* SPDX-License-Identifier: MIT */
/* Adding to big images: only what is met is looked at. */
#include "test_image_help.h"

#include <stdlib.h>
#include <string.h>

#include "image/merge.h"
#include "image/replace.h"
#include "image/store.h"

enum { MANY = 1000, STRIDE = 16, LENGTH = 4 };

static const uint8_t content[] = "abcdefghijklmnopqrstuvwxyz";

/* Pieces of four bytes, sixteen apart, from 0x1000 on. */
static struct s0_piece *many_pieces(void)
{
	struct s0_piece *pieces = calloc(MANY, sizeof *pieces);

	assert_non_null(pieces);
	for (uint32_t i = 0; i < MANY; i++)
		pieces[i] = (struct s0_piece){ 0x1000 + STRIDE * i, LENGTH,
					       content };
	return pieces;
}

/* One more piece; which of the old ones are looked at, and what they become. */
static void expect_met(uint32_t address, uint32_t length, const uint8_t *bytes,
		       size_t first, size_t end, size_t count)
{
	struct s0_piece *old = many_pieces();
	struct s0_piece more = { address, length, bytes };
	struct merge merge;

	assert_true(merge_pieces(old, MANY, &more, 1, false, &merge));
	assert_false(merge.conflict);
	assert_int_equal(merge.first, first);
	assert_int_equal(merge.end, end);
	assert_int_equal(merge.count, count);
	free(merge.pieces);
	free(old);
}

static void only_the_pieces_that_are_met_are_merged(void **state)
{
	(void)state;
	expect_met(0x0800, LENGTH, content, 0, 0, 1);
	expect_met(0x9000, LENGTH, content, MANY, MANY, 1);
	expect_met(0x1028, LENGTH, content, 3, 3, 1);
	/* one that it equals, and two of which it holds the ends */
	expect_met(0x1030, LENGTH, content, 3, 4, 1);
	expect_met(0x1032, 2, content + 2, 3, 4, 1);
	/* in touch with the one before, and with the one behind */
	expect_met(0x1034, LENGTH, content + 4, 3, 4, 1);
	expect_met(0x103c, LENGTH, content + 20, 4, 5, 2);
	/* up to the very last address */
	expect_met(0xfffffff0, 16, content, MANY, MANY, 1);
}

/* ---- image_replace() ------------------------------------------------------*/

#define BASE 0x08000000u
enum { SIZE = 96 };

/* An image and the plain memory that it must agree with; -1: no byte. */
struct both {
	struct s0_image *image;
	int memory[SIZE];
};

static uint32_t next(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % below;
}

static void add(struct both *both, uint32_t at, uint32_t length, uint8_t first)
{
	uint8_t bytes[SIZE];

	for (uint32_t i = 0; i < length; i++) {
		/* what is there already stays, and does not contradict */
		if (both->memory[at + i] < 0)
			both->memory[at + i] = (uint8_t)(first + i);
		bytes[i] = (uint8_t)both->memory[at + i];
	}
	assert_int_equal(
		s0_image_add(both->image, "x", BASE + at, bytes, length, NULL),
		S0_OK);
}

static void new_both(struct both *both)
{
	assert_int_equal(s0_image_new(&both->image, NULL), S0_OK);
	for (unsigned i = 0; i < SIZE; i++)
		both->memory[i] = -1;
}

static void expect_same(const struct both *both)
{
	uint64_t end = 0;

	for (size_t i = 0; i < s0_image_piece_count(both->image); i++) {
		struct s0_piece piece = s0_image_piece(both->image, i);

		assert_true(piece.address >= end && piece.length > 0);
		end = piece.address + piece.length;
	}
	for (uint32_t i = 0; i < SIZE; i++) {
		uint8_t byte = 0;
		uint32_t got = s0_image_copy(both->image, BASE + i, 1, &byte);

		assert_int_equal(got ? byte : -1, both->memory[i]);
	}
}

static void replace_some(struct both *both, uint32_t *seed)
{
	uint32_t at = next(seed, SIZE), length = next(seed, SIZE + 1 - at);
	struct both other;

	new_both(&other);
	for (unsigned k = next(seed, 3); length && k > 0; k--) {
		uint32_t from = next(seed, length);

		add(&other, at + from, next(seed, length - from) + 1,
		    (uint8_t)next(seed, 256));
	}
	assert_int_equal(
		image_replace(both->image, BASE + at, BASE + at + length,
			      next(seed, 4) ? other.image : NULL, NULL),
		S0_OK);
	/* Emptied, if it was handed over. */
	if (s0_image_piece_count(other.image))
		for (uint32_t i = at; i < at + length; i++)
			other.memory[i] = -1;
	for (uint32_t i = at; i < at + length; i++)
		both->memory[i] = other.memory[i];
	s0_image_free(other.image);
}

static void replaced_ranges_agree_with_a_plain_memory(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		struct both both;

		new_both(&both);
		for (unsigned i = 0; i < 20; i++) {
			uint32_t at = next(&seed, SIZE);

			if (next(&seed, 2))
				add(&both, at, next(&seed, SIZE - at) + 1,
				    (uint8_t)next(&seed, 256));
			else
				replace_some(&both, &seed);
			expect_same(&both);
		}
		s0_image_free(both.image);
	}
}

static void the_last_address_can_be_replaced(void **state)
{
	struct s0_image *image, *other;
	uint8_t byte = 0;

	(void)state;
	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	assert_int_equal(s0_image_new(&other, NULL), S0_OK);
	assert_int_equal(
		s0_image_add(image, "x", 0xfffffff0, content, 16, NULL), S0_OK);
	assert_int_equal(s0_image_add(other, "x", 0xffffffff, "!", 1, NULL),
			 S0_OK);
	assert_int_equal(image_replace(image, 0xfffffff8, UINT64_C(1) << 32,
				       other, NULL),
			 S0_OK);
	assert_int_equal(s0_image_size(image), 9);
	assert_int_equal(s0_image_copy(image, 0xffffffff, 1, &byte), 1);
	assert_int_equal(byte, '!');
	s0_image_free(other);
	s0_image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_pieces_that_are_met_are_merged),
		cmocka_unit_test(replaced_ranges_agree_with_a_plain_memory),
		cmocka_unit_test(the_last_address_can_be_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
