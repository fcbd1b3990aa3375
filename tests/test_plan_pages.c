/* SPDX-License-Identifier: MIT */
/*
 * Plans for chips that are made differently: pages of 128 bytes, flash that is
 * erased to 0x00, flash words and alignments of all sizes. What they would
 * leave in the memory is worked out here, from the steps alone.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_family.h"

static struct s0_image *some_image(struct chip *c)
{
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	for (uint32_t i = 1 + family_next(c, 10); i; i--) {
		uint32_t length =
			1 + family_next(c, family_next(c, 2) ? 40 : 9000);
		uint32_t at = family_next(c, c->bytes - length);

		family_add(c, image, at, length, family_next(c, 4) == 0);
	}
	return image;
}

/* What a session would say of the sectors: some hold the image already. */
static struct s0_survey *look(struct chip *c, const struct s0_plan *base,
			      bool keep)
{
	struct s0_survey *survey;

	assert_int_equal(survey_new(&survey, NULL), S0_OK);
	for (size_t i = 0; i < s0_plan_sector_count(base); i++) {
		const struct s0_plan_sector *s = s0_plan_sector(base, i);
		uint32_t at = s->address - FLASH;
		struct survey_sector *sector =
			survey_add(survey, s->address, s->length);
		bool same = family_next(c, 3) == 0;

		assert_non_null(sector);
		sector->content = same ? S0_CONTENT_SAME : S0_CONTENT_DIFFERENT;
		sector->evidence = s->address;
		for (uint32_t k = at; k < at + s->length; k++) {
			if (same && c->covered[k])
				c->holds[k] = c->want[k];
			if (same || c->covered[k])
				continue;
			if (keep)
				assert_int_equal(
					s0_image_add(survey->content, "device",
						     FLASH + k, &c->holds[k], 1,
						     NULL),
					S0_OK);
		}
	}
	return survey;
}

static void write_step(struct chip *c, const struct s0_plan *plan,
		       const struct s0_step *step)
{
	uint32_t unit = c->family->word > c->family->align ? c->family->word
							   : c->family->align;
	uint32_t at = step->address - FLASH;
	uint8_t *bytes = malloc(step->length);

	assert_non_null(bytes);
	assert_int_equal(step->address % unit, 0);
	assert_int_equal(step->length % unit, 0);
	assert_true(step->length <= 16384);
	plan_fill(plan, step->address, step->length, bytes);
	for (uint32_t i = 0; i < step->length; i++) {
		assert_int_equal(c->holds[at + i], c->family->erased);
		assert_int_equal(c->times[at + i]++, 0);
		c->holds[at + i] = bytes[i];
	}
	free(bytes);
}

static void carry_out(struct chip *c, const struct s0_plan *plan)
{
	for (size_t i = 0; i < s0_plan_step_count(plan); i++) {
		const struct s0_step *step = s0_plan_step(plan, i);
		uint32_t at = step->address - FLASH;

		switch (step->kind) {
		case S0_STEP_ERASE:
			assert_int_equal(step->length, c->family->page);
			memset(c->holds + at, c->family->erased, step->length);
			break;
		case S0_STEP_MASS_ERASE:
			memset(c->holds, c->family->erased, c->bytes);
			break;
		case S0_STEP_WRITE:
			write_step(c, plan, step);
			break;
		case S0_STEP_VERIFY:
			for (uint32_t k = at; k < at + step->length; k++)
				assert_true(!c->covered[k] ||
					    c->holds[k] == c->want[k]);
			break;
		case S0_STEP_START:
			break;
		}
	}
}

/* All that was there before stays, is the image's, or is erased with it. */
static void check(const struct chip *c, const uint8_t *before, bool keep)
{
	for (uint32_t i = 0; i < c->bytes; i++) {
		bool beside = !c->covered[i];

		if (!beside)
			assert_int_equal(c->holds[i], c->want[i]);
		else if (keep || c->holds[i] != c->family->erased)
			assert_int_equal(c->holds[i], before[i]);
	}
}

/* The block with the vector table comes very last, and alone. */
static void check_vector(const struct s0_plan *plan, uint32_t unit)
{
	uint32_t vector = plan->vector_address - plan->vector_address % unit;
	const struct s0_step *last = NULL;
	bool written = false;

	for (size_t i = 0; i < s0_plan_step_count(plan); i++) {
		const struct s0_step *step = s0_plan_step(plan, i);

		if (step->kind != S0_STEP_WRITE)
			continue;
		last = step;
		written |= vector - step->address < step->length;
	}
	if (written)
		assert_int_equal(last->address, vector);
}

static void try_one(const struct family *family, uint32_t seed, bool keep,
		    bool full)
{
	struct chip *c = family_make(family, seed);
	struct s0_image *image = some_image(c);
	struct s0_policy policy = { .block = family->block,
				    .keep = keep,
				    .full = full && !keep };
	struct s0_plan *base = NULL, *plan = NULL;
	uint8_t *before = malloc(MOST);

	assert_non_null(before);
	assert_int_equal(
		s0_plan_new(image, c->map, &c->data, &policy, &base, NULL),
		S0_OK);
	assert_int_equal(plan_new_surveyed(image, c->map, &c->data,
					   look(c, base, keep), &policy, &plan,
					   NULL),
			 S0_OK);
	memcpy(before, c->holds, MOST);
	carry_out(c, plan);
	check(c, before, keep);
	check_vector(plan, plan_unit(&c->data));
	s0_plan_free(base);
	s0_plan_free(plan);
	s0_image_free(image);
	free(before);
	family_drop(c);
}

static void every_kind_of_flash_ends_up_as_the_image_says(void **state)
{
	(void)state;

	for (size_t i = 0; i < FAMILIES; i++)
		for (uint32_t seed = 0; seed < 24; seed++)
			try_one(&families[i], seed, seed % 2, seed % 3 == 0);
}

static struct s0_plan *whole(struct chip *c, struct s0_image *image)
{
	struct s0_policy policy = { .block = c->family->block };
	struct s0_plan *plan;

	family_add(c, image, 0, c->bytes, false);
	assert_int_equal(
		s0_plan_new(image, c->map, &c->data, &policy, &plan, NULL),
		S0_OK);
	return plan;
}

static void so_many_pages_are_few_lines_and_few_writes(void **state)
{
	struct chip *c = family_make(&families[FAMILY_L0], 1);
	struct lines lines = { .count = 0 };
	struct s0_image *image;
	struct s0_plan *plan;
	size_t writes = 0;
	(void)state;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	plan = whole(c, image);
	assert_int_equal(s0_plan_sector_count(plan), 1536);
	for (size_t i = 0; i < s0_plan_step_count(plan); i++)
		writes += s0_plan_step(plan, i)->kind == S0_STEP_WRITE;
	/* 12 of 16 KiB, and the page with the vector table */
	assert_int_equal(writes, 13);
	assert_int_equal(s0_plan_print(plan, family_line, &lines, NULL), S0_OK);
	assert_string_equal(
		text_chars(&lines.text),
		"segment 0  0x08000000  192 KiB  Internal Flash  t: write\n"
		"sector  0x08000000  128 bytes  erase, write 128 bytes, last\n"
		"sectors 0x08000080  1535 of 128 bytes  erase, write 196480 "
		"bytes\n"
		"total   erase 1536 sectors, write 192 KiB\n");
	carry_out(c, plan);
	text_free(&lines.text);
	s0_plan_free(plan);
	s0_image_free(image);
	family_drop(c);
}

/* What is blank in such flash is 0x00, and 0xff is not. */
static void erased_is_what_the_chip_says(void **state)
{
	struct chip *c = family_make(&families[FAMILY_L0], 1);
	struct s0_policy policy = { .block = 2048 };
	struct s0_plan_summary sum;
	uint8_t bytes[256];
	struct s0_image *image;
	struct s0_plan *plan;
	(void)state;

	memset(bytes, 0x00, 128);
	memset(bytes + 128, 0xff, 128);
	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	assert_int_equal(s0_image_add(image, "t", FLASH, bytes, 256, NULL),
			 S0_OK);
	assert_int_equal(
		s0_plan_new(image, c->map, &c->data, &policy, &plan, NULL),
		S0_OK);
	s0_plan_summarise(plan, &sum);
	assert_int_equal(sum.write_bytes, 128);
	assert_int_equal(s0_plan_sector(plan, 0)->write_bytes, 0);
	assert_int_equal(s0_plan_sector(plan, 1)->write_bytes, 128);
	s0_plan_free(plan);
	s0_image_free(image);
	family_drop(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_flash_ends_up_as_the_image_says),
		cmocka_unit_test(so_many_pages_are_few_lines_and_few_writes),
		cmocka_unit_test(erased_is_what_the_chip_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
