/* SPDX-License-Identifier: MIT */
/* What the host remembers of a chip: it may get lost, but is never wrong. */
#include "test.h"

#include <string.h>

#include "journal_disk.h"

#define A      0x08000000u
#define B      0x08020000u
#define C      0x08040000u
#define D      0x08060000u
#define SECTOR DISK_SECTOR
#define HELD   (JOURNAL_RECORD + JOURNAL_DIGEST)

static void tidy(struct journal *journal)
{
	assert_int_equal(journal_tidy(journal, NULL), S0_OK);
}

static void begin(struct journal *journal, uint32_t address)
{
	assert_int_equal(journal_begin(journal, address, SECTOR, NULL, NULL),
			 S0_OK);
}

static void done(struct journal *journal, uint32_t address)
{
	assert_int_equal(journal_done(journal, address, NULL), S0_OK);
}

static void facts_are_known_to_the_next_process(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open_known(&disk);
	assert_int_equal(journal_erase_us(journal, SECTOR), 0);
	journal_saw_erase(journal, SECTOR, 905000);
	journal_saw_erase(journal, SECTOR, 903000);
	journal_saw_erase(journal, 0x4000, 250000);
	journal_saw_erase(journal, 0x10000, UINT64_MAX);
	disk_hold(journal, A, 1);
	disk_hold(journal, B, 2);
	disk_hold(journal, B, 3);
	journal->facts.runs = 7;
	tidy(journal);
	journal_close(journal);
	journal = disk_open_known(&disk);
	assert_int_equal(journal_erase_us(journal, SECTOR), 905000);
	assert_int_equal(journal_erase_us(journal, 0x4000), 250000);
	assert_int_equal(journal_erase_us(journal, 0x10000), UINT32_MAX);
	assert_int_equal(journal_erase_us(journal, 0x8000), 0);
	assert_int_equal(disk_held(journal, A), 1);
	assert_int_equal(disk_held(journal, B), 3);
	assert_int_equal(disk_held(journal, C), 0);
	assert_int_equal(journal->facts.runs, 7);
	/* The same again is no news. */
	disk_watch(&disk);
	disk_hold(journal, A, 1);
	journal_saw_erase(journal, SECTOR, 905000);
	tidy(journal);
	assert_int_equal(disk.use_count, 0);
	journal_close(journal);
	disk_free(&disk);
}

static void a_chip_that_is_not_known_is_not_remembered(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	disk_watch(&disk);
	disk_hold(journal, A, 1);
	journal_saw_erase(journal, SECTOR, 905000);
	assert_int_equal(disk_held(journal, A), 0);
	/* … but how long its erases take is known while it is open. */
	assert_int_equal(journal_erase_us(journal, SECTOR), 905000);
	tidy(journal);
	assert_int_equal(disk.use_count, 0);
	begin(journal, A);
	done(journal, A);
	tidy(journal);
	journal_close(journal);
	assert_int_equal(disk_load(&disk, (uint8_t[8]){ 0 }, 8), 0);
	disk_free(&disk);
}

static void what_a_sector_held_is_void_before_it_changes(void **state)
{
	struct journal *journal, *other;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open_known(&disk);
	disk_hold(journal, A, 1);
	disk_hold(journal, B, 2);
	disk_hold(journal, C, 3);
	tidy(journal);
	begin(journal, A);
	journal_suspect(journal, C, SECTOR, NOTE_SUSPECT);
	/* What is noted is not right, whoever says so. */
	disk_hold(journal, A, 4);
	assert_int_equal(disk_held(journal, A), 0);
	other = disk_open_known(&disk);
	for (int i = 0; i < 2; i++) {
		const struct journal *which = i ? other : journal;

		assert_int_equal(disk_held(which, A), 0);
		assert_int_equal(disk_held(which, B), 2);
		assert_int_equal(disk_held(which, C), 0);
		assert_non_null(journal_find(which, A));
	}
	journal_close(other);
	done(journal, A);
	done(journal, C);
	tidy(journal);
	journal_close(journal);
	journal = disk_open_known(&disk);
	assert_int_equal(disk_held(journal, A), 0);
	assert_int_equal(disk_held(journal, B), 2);
	assert_null(journal_find(journal, A));
	journal_close(journal);
	disk_free(&disk);
}

static void distrust_is_on_disk_and_leaves_notes_alone(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open_known(&disk);
	disk_hold(journal, A, 1);
	disk_hold(journal, B, 2);
	journal_saw_erase(journal, SECTOR, 905000);
	tidy(journal);
	begin(journal, C);
	disk_watch(&disk);
	assert_int_equal(journal_distrust(journal, NULL), S0_OK);
	assert_int_equal(disk.uses[disk.use_count - 1].length, 0); /* sync */
	assert_int_equal(disk_held(journal, A), 0);
	journal_close(journal);
	journal = disk_open_known(&disk);
	assert_int_equal(disk_held(journal, A), 0);
	assert_int_equal(disk_held(journal, B), 0);
	assert_non_null(journal_find(journal, C));
	assert_int_equal(journal_erase_us(journal, SECTOR), 905000);
	journal_close(journal);
	disk_free(&disk);
}

static void a_thousand_runs_do_not_make_it_grow(void **state)
{
	uint8_t bytes[1024];
	struct disk disk;
	(void)state;

	disk_make(&disk);
	for (unsigned run = 0; run < 1000; run++) {
		struct journal *journal = disk_open_known(&disk);

		journal_saw_erase(journal, SECTOR, 900000 + run);
		for (uint32_t at = A; at <= D; at += SECTOR) {
			begin(journal, at);
			done(journal, at);
			disk_hold(journal, at, (uint8_t)(1 + run % 255));
		}
		journal->facts.runs++;
		journal->facts.changed = true;
		tidy(journal);
		journal_close(journal);
		assert_int_equal(disk_load(&disk, bytes, sizeof bytes),
				 2 * JOURNAL_RECORD + 4 * HELD);
	}
	disk_free(&disk);
}

static void a_damaged_fact_is_lost_with_what_stands_behind_it(void **state)
{
	uint8_t bytes[256];
	struct journal *journal;
	struct disk disk;
	size_t length;
	(void)state;

	disk_make(&disk);
	journal = disk_open_known(&disk);
	disk_hold(journal, A, 1);
	journal_saw_erase(journal, SECTOR, 905000);
	disk_hold(journal, B, 2);
	tidy(journal);
	begin(journal, C);
	journal_close(journal);
	length = disk_load(&disk, bytes, sizeof bytes);
	assert_int_equal(length, 2 * JOURNAL_RECORD + 2 * HELD);
	for (size_t at = 0; at < length; at++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes[at] ^= (uint8_t)(1 << bit);
			disk_fill(&disk, bytes, length);
			bytes[at] ^= (uint8_t)(1 << bit);
			journal = disk_open_known(&disk);
			assert_int_equal(journal_erase_us(journal, SECTOR),
					 at < 20 ? 0 : 905000);
			assert_int_equal(disk_held(journal, A),
					 at < 72 ? 0 : 1);
			assert_int_equal(disk_held(journal, B),
					 at < 124 ? 0 : 2);
			assert_null(journal_find(journal, C));
			journal_close(journal);
		}
	}
	disk_free(&disk);
}

static void facts_that_cannot_be_written_are_no_failure(void **state)
{
	(void)state;

	for (int sync = 0; sync < 2; sync++) {
		struct journal *journal;
		struct disk disk;

		disk_make(&disk);
		journal = disk_open_known(&disk);
		disk_hold(journal, A, 1);
		disk.writes = sync ? 100 : 0;
		disk.sync_fails = sync;
		tidy(journal);
		/* The next time they are. */
		disk.writes = 100;
		disk.sync_fails = false;
		tidy(journal);
		begin(journal, B);
		journal_close(journal);
		journal = disk_open_known(&disk);
		assert_int_equal(disk_held(journal, A), 1);
		assert_non_null(journal_find(journal, B));
		journal_close(journal);
		disk_free(&disk);
	}
}

static void of_facts_torn_in_writing_none_comes_back(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open_known(&disk);
	journal->facts.runs = 1;
	disk_hold(journal, A, 1);
	disk_hold(journal, B, 2);
	disk_hold(journal, C, 3);
	disk.writes = 0;
	tidy(journal);
	disk.writes = 100;
	/* As long as the first fact: the second stands behind it. */
	begin(journal, A);
	journal_close(journal);
	journal = disk_open_known(&disk);
	assert_non_null(journal_find(journal, A));
	assert_int_equal(disk_held(journal, A), 0);
	journal_close(journal);
	disk_free(&disk);
}

static void what_a_cut_run_left_over_is_tidied_by_the_next(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open_known(&disk);
	disk_hold(journal, B, 2);
	tidy(journal);
	begin(journal, A);
	done(journal, A);
	journal_close(journal);
	journal = disk_open_known(&disk);
	tidy(journal);
	journal_close(journal);
	assert_int_equal(disk_load(&disk, (uint8_t[256]){ 0 }, 256), HELD);
	disk_free(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_known_to_the_next_process),
		cmocka_unit_test(a_chip_that_is_not_known_is_not_remembered),
		cmocka_unit_test(what_a_sector_held_is_void_before_it_changes),
		cmocka_unit_test(distrust_is_on_disk_and_leaves_notes_alone),
		cmocka_unit_test(a_thousand_runs_do_not_make_it_grow),
		cmocka_unit_test(
			a_damaged_fact_is_lost_with_what_stands_behind_it),
		cmocka_unit_test(facts_that_cannot_be_written_are_no_failure),
		cmocka_unit_test(of_facts_torn_in_writing_none_comes_back),
		cmocka_unit_test(
			what_a_cut_run_left_over_is_tidied_by_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
