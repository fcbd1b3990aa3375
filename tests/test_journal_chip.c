/* SPDX-License-Identifier: MIT */
/* A journal is of one chip, whatever the name of its file. */
#include "test.h"

#include "journal_disk.h"

#define A      0x08000000u
#define B      0x08020000u
#define SECTOR DISK_SECTOR

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

/* As the next process finds it. */
static bool is_of(struct disk *disk, const char *uid)
{
	struct journal *journal = disk_open(disk);
	bool is = journal_is_of(journal, uid);

	journal_close(journal);
	return is;
}

static void a_journal_knows_its_chip_from_the_first_note_on(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	assert_true(journal_is_of(journal, "aa11"));
	begin(journal, A);
	begin(journal, B);
	journal_close(journal);
	assert_true(is_of(&disk, "aa11"));
	assert_false(is_of(&disk, "aa12"));
	/* One that hides its ID, at level 1, may be this one. */
	assert_true(is_of(&disk, ""));
	/* … and with the facts, which take the place of the notes. */
	journal = disk_open(&disk);
	assert_true(journal_is_of(journal, "aa11"));
	assert_int_equal(journal->count, 2);
	assert_int_equal(journal->end, 24 + 2 * JOURNAL_RECORD);
	done(journal, A);
	done(journal, B);
	journal_saw_erase(journal, SECTOR, 905000);
	tidy(journal);
	assert_int_equal(journal->end, 24 + JOURNAL_RECORD);
	begin(journal, A);
	assert_int_equal(journal->end, 24 + 2 * JOURNAL_RECORD);
	journal_close(journal);
	assert_false(is_of(&disk, "aa12"));
	journal = disk_open(&disk);
	assert_int_equal(journal_erase_us(journal, SECTOR), 905000);
	assert_int_equal(journal->count, 1);
	journal_close(journal);
	disk_free(&disk);
}

/* Nothing is left of a journal without notes and facts. */
static void a_chip_alone_is_no_journal(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	assert_true(journal_is_of(journal, "aa11"));
	begin(journal, A);
	done(journal, A);
	tidy(journal);
	assert_int_equal(journal->end, 0);
	begin(journal, A);
	journal_close(journal);
	assert_false(is_of(&disk, "aa12"));
	disk_free(&disk);
}

/* It was written before there was such a record. */
static void an_older_journal_gets_its_chip_with_the_next_note(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	begin(journal, A);
	journal_close(journal);
	assert_true(is_of(&disk, "aa12"));
	journal = disk_open(&disk);
	assert_true(journal_is_of(journal, "aa11"));
	assert_int_equal(journal->count, 1);
	begin(journal, B);
	journal_close(journal);
	assert_false(is_of(&disk, "aa12"));
	disk_free(&disk);
}

/* What a write that failed took back is written with the next. */
static void a_chip_that_was_not_written_is_written_later(void **state)
{
	for (unsigned writes = 0; writes < 2; writes++) {
		struct journal *journal;
		struct disk disk;

		disk_make(&disk);
		journal = disk_open(&disk);
		assert_true(journal_is_of(journal, "aa11"));
		disk.writes = writes;
		assert_int_equal(journal_begin(journal, A, SECTOR, NULL, NULL),
				 S0_E_FILE);
		disk.writes = 100;
		begin(journal, B);
		journal_close(journal);
		assert_false(is_of(&disk, "aa12"));
		journal = disk_open(&disk);
		assert_int_equal(journal->count, 1);
		assert_non_null(journal_find(journal, B));
		journal_close(journal);
		disk_free(&disk);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_journal_knows_its_chip_from_the_first_note_on),
		cmocka_unit_test(a_chip_alone_is_no_journal),
		cmocka_unit_test(
			an_older_journal_gets_its_chip_with_the_next_note),
		cmocka_unit_test(a_chip_that_was_not_written_is_written_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
