/* SPDX-License-Identifier: MIT */
/* Notes on option bytes: a change that was begun, and write protection that is
 * to be put back. */
#include "test.h"

#include <string.h>

#include "journal_disk.h"

#define LENGTH 308u

static void fill(uint8_t *window, uint8_t with)
{
	memset(window, with, LENGTH);
}

static void protection_is_to_be_put_back_until_it_is(void **state)
{
	uint8_t first[LENGTH], second[LENGTH];
	struct journal *journal;
	struct disk disk;
	(void)state;

	fill(first, 1);
	fill(second, 2);
	disk_make(&disk);
	journal = disk_open(&disk);
	assert_null(journal->lifted);
	assert_int_equal(journal_lift(journal, first, LENGTH, NULL), S0_OK);
	/* Whatever cuts the host, too. */
	assert_int_equal(disk.synced, 1);
	assert_int_equal(journal_lift(journal, second, LENGTH, NULL), S0_OK);
	/* Nothing but that is left: it stays. */
	assert_int_equal(journal_tidy(journal, NULL), S0_OK);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_int_equal(journal->lifted_length, LENGTH);
	assert_memory_equal(journal->lifted, second, LENGTH);
	assert_int_equal(journal_lift_done(journal, NULL), S0_OK);
	assert_null(journal->lifted);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_null(journal->lifted);
	assert_int_equal(disk_load(&disk, first, sizeof first), 0);
	journal_close(journal);
	disk_free(&disk);
}

static void a_change_that_ends_does_not_end_the_other_note(void **state)
{
	uint8_t first[LENGTH], second[LENGTH];
	struct journal *journal;
	struct disk disk;
	(void)state;

	fill(first, 1);
	fill(second, 2);
	disk_make(&disk);
	journal = disk_open(&disk);
	assert_int_equal(journal_lift(journal, first, LENGTH, NULL), S0_OK);
	assert_int_equal(
		journal_begin_options(journal, first, second, LENGTH, NULL),
		S0_OK);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_int_equal(journal->options_length, LENGTH);
	assert_memory_equal(journal->options + LENGTH, second, LENGTH);
	assert_int_equal(journal_options_done(journal, NULL), S0_OK);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_null(journal->options);
	assert_memory_equal(journal->lifted, first, LENGTH);
	journal_close(journal);
	disk_free(&disk);
}

static void a_full_disk_is_told_before_protection_is_taken_off(void **state)
{
	uint8_t window[LENGTH];
	struct journal *journal;
	struct disk disk;
	(void)state;

	fill(window, 1);
	disk_make(&disk);
	journal = disk_open(&disk);
	disk.writes = 0;
	assert_int_equal(journal_lift(journal, window, LENGTH, NULL),
			 S0_E_FILE);
	assert_null(journal->lifted);
	disk.writes = 10;
	disk.sync_fails = true;
	assert_int_equal(journal_lift(journal, window, LENGTH, NULL),
			 S0_E_FILE);
	assert_null(journal->lifted);
	journal_close(journal);
	disk_free(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protection_is_to_be_put_back_until_it_is),
		cmocka_unit_test(
			a_change_that_ends_does_not_end_the_other_note),
		cmocka_unit_test(
			a_full_disk_is_told_before_protection_is_taken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
