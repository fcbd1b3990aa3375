/* SPDX-License-Identifier: MIT */
/* What is no flash and is written all the same, or is not. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "plan_family.h"

/* A plan for an L0 with data EEPROM that holds @holds at its start. */
static struct text try_eeprom(struct chip *c, uint32_t at, const char *bytes,
			      const char *holds, struct s0_policy policy)
{
	struct s0_area area = { .name = "Data EEPROM",
				.kind = S0_AREA_EEPROM,
				.address = EEPROM,
				.length = 6144,
				.sector_size = 4,
				.can = S0_CAN_READ | S0_CAN_WRITE };
	struct s0_survey *survey = NULL;
	struct s0_error err = S0_ERROR_INIT;
	struct lines lines = { .count = 0 };
	struct s0_image *image;
	struct s0_plan *plan;

	policy.block = 2048;
	assert_int_equal(s0_map_add(c->map, &area, NULL), S0_OK);
	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	assert_int_equal(s0_image_add(image, "t", EEPROM + at, bytes,
				      (uint32_t)strlen(bytes), NULL),
			 S0_OK);
	if (holds) {
		assert_int_equal(survey_new(&survey, NULL), S0_OK);
		assert_int_equal(s0_image_add(survey->content, "device", EEPROM,
					      holds, (uint32_t)strlen(holds),
					      NULL),
				 S0_OK);
	}
	if (plan_new_surveyed(image, c->map, &c->data, survey, &policy, &plan,
			      &err) != S0_OK) {
		text_add(&lines.text, "%s", err.message);
		s0_image_free(image);
		return lines.text;
	}
	assert_int_equal(s0_plan_print(plan, family_line, &lines, NULL), S0_OK);
	for (size_t i = 0; i < s0_plan_step_count(plan); i++) {
		const struct s0_step *step = s0_plan_step(plan, i);

		text_add(&lines.text, "- %s %08x %u\n",
			 s0_step_name(step->kind), step->address, step->length);
	}
	s0_plan_free(plan);
	s0_image_free(image);
	return lines.text;
}

static void expect_eeprom(uint32_t at, const char *bytes, const char *holds,
			  struct s0_policy policy, const char *expected)
{
	struct chip *c = family_make(&families[FAMILY_L0], 1);
	struct text text = try_eeprom(c, at, bytes, holds, policy);

	assert_string_equal(text_chars(&text), expected);
	text_free(&text);
	family_drop(c);
}

static void data_eeprom_is_written_where_it_differs(void **state)
{
	(void)state;

	expect_eeprom(2, "abcdefgh", NULL, (struct s0_policy){ .start = false },
		      "segment 0  0x08080002  8 bytes  Data EEPROM  t: write\n"
		      "eeprom  0x08080000  6 KiB  write without erase 8 "
		      "bytes\n"
		      "total   erase 0 sectors, write 8 bytes\n"
		      "- write 08080000 12\n- verify 08080000 12\n");
	expect_eeprom(2, "abcdefgh", "..abcdXfgh..",
		      (struct s0_policy){ .start = false },
		      "segment 0  0x08080002  8 bytes  Data EEPROM  t: write\n"
		      "eeprom  0x08080000  6 KiB  write without erase 4 bytes, "
		      "4 bytes already right\n"
		      "total   erase 0 sectors, write 4 bytes, already right "
		      "4 bytes, lose 0 bytes\n"
		      "- write 08080004 4\n- verify 08080004 4\n");
	expect_eeprom(0, "abcdefgh", "abcdefgh",
		      (struct s0_policy){ .start = true },
		      "segment 0  0x08080000  8 bytes  Data EEPROM  t: write\n"
		      "eeprom  0x08080000  6 KiB  8 bytes already right, skip\n"
		      "total   erase 0 sectors, write 0 bytes, already right "
		      "8 bytes, lose 0 bytes\n"
		      "start   0x08000000\n- start 08000000 0\n");
	expect_eeprom(0, "abcdefgh", "abcdefgh",
		      (struct s0_policy){ .full = true },
		      "segment 0  0x08080000  8 bytes  Data EEPROM  t: write\n"
		      "eeprom  0x08080000  6 KiB  write without erase 8 "
		      "bytes\n"
		      "total   erase 0 sectors, write 8 bytes, lose 0 bytes\n"
		      "- write 08080000 8\n- verify 08080000 8\n");
}

static void a_rollback_has_no_data_eeprom_in_it(void **state)
{
	(void)state;
	expect_eeprom(0, "abcd", NULL, (struct s0_policy){ .rollback = true },
		      "segment 0 of t has 4 bytes in 'Data EEPROM', which a "
		      "rollback could not put back");
}

/* Nobody has written down what a mass erase does to it. */
static void a_mass_erase_is_not_used_beside_data_eeprom(void **state)
{
	struct chip *c = family_make(&families[FAMILY_F1], 1);
	struct s0_policy policy = { .erase = S0_ERASE_ALL };
	struct s0_area area = { .name = "Data EEPROM",
				.kind = S0_AREA_EEPROM,
				.address = EEPROM,
				.length = 6144,
				.sector_size = 4,
				.can = S0_CAN_READ | S0_CAN_WRITE };
	struct s0_image *image;
	struct s0_plan *plan;
	(void)state;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	family_add(c, image, 0, 100, false);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(s0_plan_new(image, c->map, &c->data, &policy,
					     &plan, NULL),
				 S0_OK);
		assert_int_equal(s0_plan_step(plan, 0)->kind,
				 i ? S0_STEP_ERASE : S0_STEP_MASS_ERASE);
		s0_plan_free(plan);
		assert_int_equal(s0_map_add(c->map, &area, NULL), S0_OK);
	}
	s0_image_free(image);
	family_drop(c);
}

static void what_can_be_programmed_once_is_left_alone(void **state)
{
	struct chip *c = family_make(&families[FAMILY_G4], 1);
	struct s0_area area = { .name = "OTP Memory",
				.kind = S0_AREA_OTP,
				.address = 0x1fff7000,
				.length = 1024,
				.sector_size = 1024,
				.can = S0_CAN_READ | S0_CAN_WRITE };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image;
	struct s0_plan *plan;
	(void)state;

	assert_int_equal(s0_map_add(c->map, &area, NULL), S0_OK);
	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	assert_int_equal(s0_image_add(image, "t", 0x1fff7000, "abcd", 4, NULL),
			 S0_OK);
	assert_int_equal(
		s0_plan_new(image, c->map, &c->data, NULL, &plan, &err),
		S0_E_OUTSIDE);
	assert_string_equal(err.message,
			    "segment 0 of t (4 bytes at 0x1fff7000) is in 'OTP "
			    "Memory', which can be programmed only once, so it "
			    "is left alone");
	s0_image_free(image);
	family_drop(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_eeprom_is_written_where_it_differs),
		cmocka_unit_test(a_rollback_has_no_data_eeprom_in_it),
		cmocka_unit_test(a_mass_erase_is_not_used_beside_data_eeprom),
		cmocka_unit_test(what_can_be_programmed_once_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
