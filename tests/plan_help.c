/* SPDX-License-Identifier: MIT */
#include "plan_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

uint8_t plan_byte(uint32_t address)
{
	return (uint8_t)((address * 2654435761u >> 24) % 255);
}

static const char *add_word(struct s0_image *image, const char *word)
{
	struct s0_error err = S0_ERROR_INIT;
	uint32_t address, length = 0;
	uint8_t *bytes;
	char *end;

	address = (uint32_t)strtoul(word + 1, &end, 16);
	if (*end == '+')
		length = (uint32_t)strtoul(end + 1, &end, 10);
	bytes = malloc(length ? length : 1);
	assert_non_null(bytes);
	for (uint32_t i = 0; i < length; i++)
		bytes[i] = *word == 'b' ? 0xff : plan_byte(address + i);
	if (s0_image_add(image, "t.hex", address, bytes, length, &err) != S0_OK)
		print_message("# %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	free(bytes);
	return end;
}

struct s0_image *plan_image(const char *words)
{
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	while (*words) {
		if (*words == ' ')
			words++;
		else
			words = add_word(image, words);
	}
	return image;
}

struct s0_map *plan_map(void)
{
	struct s0_map *map;

	assert_int_equal(s0_chip_map(s0_chip_find("h743"), &map, NULL), S0_OK);
	return map;
}

/* The estimate is checked elsewhere. */
static void add_line(void *payload, const char *line)
{
	const char *end = strstr(line, ", about ");

	text_add(payload, "%.*s\n", end ? (int)(end - line) : 320, line);
}

static void add_warning(void *payload, const char *line)
{
	text_add(payload, "! %s\n", line);
}

static void add_plan(struct text *text, const struct s0_plan *plan)
{
	assert_int_equal(s0_plan_print(plan, add_line, text, NULL), S0_OK);
	for (size_t i = 0; i < s0_plan_step_count(plan); i++) {
		const struct s0_step *step = s0_plan_step(plan, i);

		text_add(text, "- %s %08x %u\n", s0_step_name(step->kind),
			 step->address, step->length);
	}
	assert_int_equal(s0_plan_warnings(plan, add_warning, text, NULL),
			 S0_OK);
}

struct text plan_try_surveyed(const char *words, struct s0_survey *survey,
			      const struct s0_policy *policy)
{
	struct s0_image *image = plan_image(words);
	struct s0_error err = S0_ERROR_INIT;
	struct s0_map *map = plan_map();
	struct s0_plan *plan = NULL;
	struct text text = { 0 };
	s0_code code;

	code = plan_new_surveyed(image, map, s0_chip_find("h743"), survey,
				 policy, &plan, &err);
	assert_int_equal(code, err.code);
	if (code == S0_OK)
		add_plan(&text, plan);
	else
		text_add(&text, "%s at %08x+%u cause %d: %s\n",
			 s0_code_name(code), err.address, err.length,
			 (int)err.cause, err.message);
	assert_true(code == S0_OK || !plan);
	s0_plan_free(plan);
	s0_map_free(map);
	s0_image_free(image);
	return text;
}

struct text plan_try(const char *words, const struct s0_policy *policy)
{
	return plan_try_surveyed(words, NULL, policy);
}

void expect_plan(const char *words, struct s0_policy policy,
		 const char *expected)
{
	struct text text = plan_try(words, &policy);

	print_message("# %s\n", words);
	assert_string_equal(text_chars(&text), expected);
	text_free(&text);
}

void expect_steps(const char *words, struct s0_policy policy,
		  const char *expected)
{
	struct text text = plan_try(words, &policy);
	const char *steps = strstr(text_chars(&text), "- ");

	print_message("# %s\n", words);
	assert_non_null(steps);
	assert_string_equal(steps, expected);
	text_free(&text);
}
