/* SPDX-License-Identifier: MIT */
/* From what was read in a stress test to counts, each rule at its boundary. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "session/device.h"
#include "session/stress.h"

#define FLASH  0x08000000u
#define LENGTH 6400u

struct judging {
	struct s0_device device;
	struct s0_session session;
	struct s0_stress all;
	struct s0_stress_round round;
	struct stress s;
	uint8_t before[LENGTH], wanted[LENGTH], read[LENGTH], again[LENGTH];
};

static struct judging *judging(void)
{
	struct judging *j = calloc(1, sizeof *j);

	assert_non_null(j);
	j->device.info.chip = s0_chip_find("stm32h743");
	j->session.device = &j->device;
	j->s = (struct stress){ .session = &j->session,
				.all = &j->all,
				.round = &j->round,
				.address = FLASH,
				.length = LENGTH,
				.word = 32,
				.before = j->before,
				.wanted = j->wanted,
				.read = j->read,
				.again = j->again };
	memset(j->before, 0xff, LENGTH);
	memset(j->read, 0xff, LENGTH);
	return j;
}

static void much_that_does_not_change_is_no_matter_of_cells(void **state)
{
	struct judging *j = judging();

	(void)state;
	/* 99 bytes: fewer than one in 64. */
	memset(j->before, 0, 99);
	memset(j->read, 0, 99);
	assert_false(stress_judge_erased(&j->s));
	assert_int_equal(j->round.left, 99);
	assert_true(j->round.unchanged);
	assert_int_equal(j->all.places, 4);
	free(j);
	j = judging();
	memset(j->before, 0, 100);
	memset(j->read, 0, 100);
	assert_false(stress_judge_erased(&j->s));
	assert_int_equal(j->all.places, 0);
	/* Where some of it did change, all that is left is looked at. */
	j->read[0] = 1;
	j->round.left = 0;
	assert_false(stress_judge_erased(&j->s));
	assert_int_equal(j->all.places, 4);
	free(j);
}

/* One round in which that byte came out wrong, or right. */
static void once(struct judging *j, bool wrong, bool repeated)
{
	memset(j->wanted, 0x55, LENGTH);
	memset(j->read, 0x55, LENGTH);
	if (wrong)
		j->read[40] = 0x54;
	memcpy(j->again, j->read, LENGTH);
	assert_int_equal(stress_judge_programmed(&j->s), !wrong);
	stress_judge_round(&j->s, repeated);
}

static void wrong_twice_is_repeated_and_right_twice_is_cleared(void **state)
{
	struct judging *j = judging();

	(void)state;
	once(j, true, false);
	assert_int_equal(j->all.places, 1);
	assert_int_equal(j->s.bad[0].address, FLASH + 32);
	assert_int_equal(j->all.repeated, 0);
	once(j, true, true);
	assert_int_equal(j->all.repeated, 1);
	assert_int_equal(j->all.most_repeats, 2);
	/* Another pattern is no test of it. */
	once(j, false, false);
	once(j, false, false);
	once(j, false, true);
	assert_int_equal(j->all.cleared, 0);
	once(j, false, true);
	assert_int_equal(j->all.cleared, 1);
	free(j);
	j = judging();
	for (int i = 0; i < 3; i++)
		once(j, true, true);
	assert_int_equal(j->all.most_repeats, 3);
	for (int i = 0; i < 4; i++)
		once(j, false, true);
	assert_int_equal(j->all.cleared, 0);
	assert_int_equal(j->all.repeated, 1);
	free(j);
}

static void wrong_bits_are_counted_by_their_kind(void **state)
{
	struct judging *j = judging();

	(void)state;
	memset(j->wanted, 0x0f, LENGTH);
	memset(j->read, 0x0f, LENGTH);
	j->read[0] = 0x3f;
	j->read[1] = 0x08;
	memcpy(j->again, j->read, LENGTH);
	j->again[2] = 0;
	assert_false(stress_judge_programmed(&j->s));
	assert_int_equal(j->round.high, 2);
	assert_int_equal(j->round.low, 3);
	assert_int_equal(j->round.unstable, 1);
	assert_true(stress_is_wrong(&j->round));
	j->round.unchanged = true;
	assert_false(stress_is_wrong(&j->round));
	free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			much_that_does_not_change_is_no_matter_of_cells),
		cmocka_unit_test(
			wrong_twice_is_repeated_and_right_twice_is_cleared),
		cmocka_unit_test(wrong_bits_are_counted_by_their_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
