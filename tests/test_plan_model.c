/* SPDX-License-Identifier: MIT */
/* What must be true of every plan, whatever the image. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_help.h"

#define FLASH	0x08000000u
#define SIZE	0x200000u
#define SECTOR	0x20000u
#define WORD	32u
#define WORDS	(SIZE / WORD)
#define SECTORS (SIZE / SECTOR)

struct model {
	struct s0_image *image;
	struct s0_map *map;
	struct s0_plan *plan;
	uint8_t want[SIZE];	/* 0xff where the image has nothing */
	uint8_t covered[SIZE];	/* by the image */
	uint8_t verified[SIZE]; /* by so many verify steps */
	uint8_t written[WORDS];
	uint8_t erased[SECTORS];
	uint32_t seed;
};

static uint32_t next(struct model *m, uint32_t below)
{
	m->seed = m->seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(m->seed >> 4) * below >> 28);
}

static void add_segment(struct model *m)
{
	static const uint32_t edges[] = { 0, 1, 31, 32, 33, 511, 512, 1024 };
	uint32_t at = next(m, SECTORS) * SECTOR + next(m, SECTOR);
	uint32_t length = edges[next(m, 8)] + next(m, 3) * 700;
	bool blank = next(m, 3) == 0;
	uint8_t bytes[4096];

	if (next(m, 4) == 0) /* across a border */
		at = (1 + next(m, SECTORS - 1)) * SECTOR - next(m, 64);
	if (at + length > SIZE)
		length = SIZE - at;
	for (uint32_t i = 0; i < length; i++) {
		/* What is there already must not be contradicted. */
		bytes[i] = m->covered[at + i] ? m->want[at + i]
			   : blank	      ? 0xff
					      : plan_byte(at + i);
		m->want[at + i] = bytes[i];
		m->covered[at + i] = 1;
	}
	assert_int_equal(
		s0_image_add(m->image, "t", FLASH + at, bytes, length, NULL),
		S0_OK);
}

static struct model *make(uint32_t seed, const struct s0_policy *policy)
{
	struct model *m = calloc(1, sizeof *m);
	s0_code code;

	assert_non_null(m);
	m->seed = seed;
	memset(m->want, 0xff, sizeof m->want);
	m->map = plan_map();
	assert_int_equal(s0_image_new(&m->image, NULL), S0_OK);
	for (uint32_t i = 1 + next(m, 12); i; i--)
		add_segment(m);
	code = s0_plan_new(m->image, m->map, s0_chip_find("h743"), policy,
			   &m->plan, NULL);
	assert_int_equal(code, s0_image_size(m->image) ? S0_OK : S0_E_EMPTY);
	return m;
}

static void drop(struct model *m)
{
	s0_plan_free(m->plan);
	s0_image_free(m->image);
	s0_map_free(m->map);
	free(m);
}

static void take_write(struct model *m, const struct s0_step *step,
		       bool must_be_erased)
{
	uint32_t at = step->address - FLASH;

	assert_int_equal(step->address % WORD, 0);
	assert_int_equal(step->length % WORD, 0);
	assert_true(step->length > 0);
	assert_int_equal(at / SECTOR, (at + step->length - 1) / SECTOR);
	assert_true(!must_be_erased || m->erased[at / SECTOR]);
	for (uint32_t i = 0; i < step->length; i += WORD)
		m->written[(at + i) / WORD]++;
}

static void take_step(struct model *m, const struct s0_step *step,
		      bool must_be_erased)
{
	uint32_t at = step->address - FLASH;

	assert_true(at + (uint64_t)step->length <= SIZE);
	switch (step->kind) {
	case S0_STEP_ERASE:
		assert_int_equal(step->length, SECTOR);
		assert_int_equal(at % SECTOR, 0);
		m->erased[at / SECTOR]++;
		break;
	case S0_STEP_MASS_ERASE:
		for (size_t i = 0; i < SECTORS; i++)
			m->erased[i]++;
		break;
	case S0_STEP_WRITE:
		take_write(m, step, must_be_erased);
		break;
	case S0_STEP_VERIFY:
		for (uint32_t i = 0; i < step->length; i++)
			m->verified[at + i]++;
		/* Only what is complete by now is verified. */
		for (uint32_t i = 0; i < step->length; i++)
			assert_true(m->want[at + i] == 0xff ||
				    m->written[(at + i) / WORD] == 1);
		break;
	case S0_STEP_START:
		break;
	}
}

static void check_bytes(const struct model *m, bool verify)
{
	for (uint32_t at = 0; at < SIZE; at++) {
		assert_true(m->verified[at] <= 1);
		if (m->covered[at])
			assert_int_equal(m->verified[at], verify);
	}
	for (uint32_t i = 0; i < WORDS; i++) {
		bool blank = true;

		for (uint32_t k = 0; k < WORD; k++)
			blank &= m->want[i * WORD + k] == 0xff;
		assert_true(m->written[i] <= 1);
		if (!blank)
			assert_int_equal(m->written[i], 1);
	}
}

static void check_sectors(const struct model *m, s0_erase_policy erase)
{
	for (uint32_t i = 0; i < SECTORS; i++) {
		bool touched = false;

		for (uint32_t k = 0; k < SECTOR; k++)
			touched |= m->covered[i * SECTOR + k];
		assert_int_equal(m->erased[i], erase == S0_ERASE_ALL ? 1
					       : erase == S0_ERASE_NONE
						       ? 0
						       : touched);
	}
}

static void check_order(const struct model *m)
{
	uint32_t vector = s0_image_piece(m->image, 0).address;
	uint32_t sector = vector - vector % SECTOR;
	bool last = false;

	for (size_t i = 0; i < s0_plan_step_count(m->plan); i++) {
		const struct s0_step *step = s0_plan_step(m->plan, i);
		bool own = step->address >= sector &&
			   step->address - sector < SECTOR;

		if (i == 0)
			assert_true(own || step->kind == S0_STEP_MASS_ERASE);
		if (step->kind != S0_STEP_WRITE && step->kind != S0_STEP_VERIFY)
			continue;
		/* Once it is its turn, nothing else comes. */
		assert_true(own || !last);
		last |= own;
	}
}

static void check_summary(const struct model *m)
{
	struct s0_plan_summary sum;
	uint64_t steps = 0;

	s0_plan_summarise(m->plan, &sum);
	assert_int_equal(sum.image_bytes, s0_image_size(m->image));
	assert_true(sum.write_bytes <= sum.image_bytes);
	assert_true(sum.estimate_us >= sum.floor_us);
	for (size_t i = 0; i < s0_plan_step_count(m->plan); i++)
		steps += s0_plan_step(m->plan, i)->estimate_us;
	assert_true(sum.estimate_us + 1 >= steps);
}

static void check(uint32_t seed, struct s0_policy policy)
{
	struct model *m = make(seed, &policy);
	bool erase = policy.erase != S0_ERASE_NONE;

	if (m->plan) {
		for (size_t i = 0; i < s0_plan_step_count(m->plan); i++)
			take_step(m, s0_plan_step(m->plan, i), erase);
		check_bytes(m, !policy.no_verify);
		check_sectors(m, policy.erase);
		if (erase)
			check_order(m);
		check_summary(m);
	}
	drop(m);
}

static void every_byte_is_written_once_and_verified_once(void **state)
{
	static const uint32_t blocks[] = { 0, 64, 1024, 2048, 2050, 1, 65535 };
	(void)state;

	for (uint32_t seed = 0; seed < 60; seed++) {
		struct s0_policy policy = {
			.block = blocks[seed % 7],
			.erase = (s0_erase_policy)(seed % 3),
			.no_verify = seed % 11 == 0,
			.full = seed % 5 == 0,
			.rom = seed % 2 ? 0x91 : 0x92,
		};

		check(seed, policy);
	}
}

static void transfers_carry_whole_flash_words(void **state)
{
	static const struct {
		uint32_t block, used;
	} cases[] = { { 0, 1024 },     { 64, 64 },     { 1024, 1024 },
		      { 2048, 2048 },  { 2050, 2048 }, { 1, 32 },
		      { 65535, 65504 } };
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct s0_policy policy = { .block = cases[i].block };
		struct model *m = make(5, &policy);

		assert_int_equal(m->plan->policy.block, cases[i].used);
		drop(m);
	}
}

/* So many one-byte segments, each so far from the one before. */
static struct s0_plan *plan_of_many(struct s0_image *image,
				    const struct s0_map *map, uint32_t count,
				    uint32_t step)
{
	struct s0_image_file file = { .name = "t.s37" };
	struct s0_error err = S0_ERROR_INIT;
	struct text text = { 0 };
	struct s0_plan *plan;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = FLASH + i * step, sum = 6;

		for (int k = 0; k < 32; k += 8)
			sum += at >> k & 0xff;
		text_add(&text, "S306%08X00%02X\n", at, 0xff - (sum & 0xff));
	}
	text_add(&text, "S70508000000F2\n");
	file.bytes = text_chars(&text);
	file.length = text.length;
	if (s0_image_read(image, &file, NULL, &err) != S0_OK)
		print_message("# %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	text_free(&text);
	assert_int_equal(s0_plan_new(image, map, s0_chip_find("h743"), NULL,
				     &plan, NULL),
			 S0_OK);
	return plan;
}

static void a_hundred_thousand_segments_make_few_steps(void **state)
{
	struct s0_map *map = plan_map();
	struct s0_image *image;
	struct s0_plan *plan;
	(void)state;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	plan = plan_of_many(image, map, 100000, 20);
	assert_int_equal(s0_plan_segment_count(plan), 100000);
	assert_int_equal(s0_plan_sector_count(plan), 16);
	/* Erase, write, the vector table by itself, two ranges to verify. */
	assert_int_equal(s0_plan_step_count(plan), 16 + 16 + 1 + 2);
	s0_plan_free(plan);
	s0_image_free(image);
	s0_map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_written_once_and_verified_once),
		cmocka_unit_test(transfers_carry_whole_flash_words),
		cmocka_unit_test(a_hundred_thousand_segments_make_few_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
