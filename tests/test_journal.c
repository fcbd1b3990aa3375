/* SPDX-License-Identifier: MIT */
/* The host's records of what it has begun: they survive what hosts do. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "journal_disk.h"

#define A      0x08000000u
#define B      0x08020000u
#define C      0x08040000u
#define SECTOR 0x20000u
#define RECORD 20u /* bytes of one without payload */

static struct s0_image *image_of(uint32_t address, const char *bytes)
{
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	assert_int_equal(s0_image_add(image, "t", address, bytes,
				      (uint32_t)strlen(bytes), NULL),
			 S0_OK);
	return image;
}

static void begin(struct journal *journal, uint32_t sector,
		  uint32_t kept_address, const char *kept)
{
	struct s0_image *image = kept ? image_of(kept_address, kept) : NULL;

	assert_int_equal(journal_begin(journal, sector, SECTOR, image, NULL),
			 S0_OK);
	s0_image_free(image);
}

static void show_note(struct text *text, const struct journal *journal,
		      uint32_t address, const char *name)
{
	const struct note *note = journal_find(journal, address);

	if (note)
		text_add(text, "%s%s ", name,
			 note->kind == NOTE_SUSPECT ? "?" : "");
	if (note)
		assert_int_equal(note->length, SECTOR);
}

/* "A B? | 08000010 bytes": noted sectors, kept bytes. */
static void expect(const struct journal *journal, const char *expected)
{
	struct text text = { 0 };

	show_note(&text, journal, A, "A");
	show_note(&text, journal, B, "B");
	show_note(&text, journal, C, "C");
	text_add(&text, "|");
	for (size_t i = 0; i < s0_image_piece_count(journal->kept); i++) {
		struct s0_piece piece = s0_image_piece(journal->kept, i);

		text_add(&text, " %08x %.*s", piece.address, (int)piece.length,
			 (const char *)piece.bytes);
	}
	assert_string_equal(text_chars(&text), expected);
	text_free(&text);
}

static void expect_reopened(struct disk *disk, const char *expected)
{
	struct journal *journal = disk_open(disk);

	expect(journal, expected);
	journal_close(journal);
}

static void what_was_begun_is_known_to_the_next_process(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	expect_reopened(&disk, "|");
	journal = disk_open(&disk);
	begin(journal, A, 0, NULL);
	assert_int_equal(disk.synced, 1);
	begin(journal, B, B + 16, "kept");
	assert_int_equal(disk.synced, 2);
	journal_suspect(journal, C, SECTOR, NOTE_SUSPECT);
	assert_int_equal(disk.synced, 3);
	expect(journal, "A B C? | 08020010 kept");
	journal_close(journal);
	expect_reopened(&disk, "A B C? | 08020010 kept");
	disk_free(&disk);
}

static void what_is_done_is_forgotten_with_its_bytes(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	begin(journal, A, A, "first");
	begin(journal, B, B, "second");
	assert_int_equal(journal_done(journal, A, NULL), S0_OK);
	expect(journal, "B | 08020000 second");
	/* Not noted: nothing to do. */
	assert_int_equal(journal_done(journal, C, NULL), S0_OK);
	assert_int_equal(journal_tidy(journal, NULL), S0_OK);
	journal_close(journal);
	expect_reopened(&disk, "B | 08020000 second");
	/* Begun again without any: the old ones do not come back. */
	journal = disk_open(&disk);
	begin(journal, A, 0, NULL);
	journal_close(journal);
	expect_reopened(&disk, "A B | 08020000 second");
	journal = disk_open(&disk);
	assert_int_equal(journal_done(journal, A, NULL), S0_OK);
	assert_int_equal(journal_done(journal, B, NULL), S0_OK);
	assert_int_equal(journal_tidy(journal, NULL), S0_OK);
	journal_close(journal);
	assert_int_equal(disk_load(&disk, (uint8_t[8]){ 0 }, 8), 0);
	disk_free(&disk);
}

static void a_begun_sector_is_no_mere_suspect(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	begin(journal, A, 0, NULL);
	journal_suspect(journal, A, SECTOR, NOTE_SUSPECT);
	expect(journal, "A |");
	journal_suspect(journal, B, SECTOR, NOTE_SUSPECT);
	begin(journal, B, 0, NULL);
	expect(journal, "A B |");
	journal_close(journal);
	expect_reopened(&disk, "A B |");
	disk_free(&disk);
}

static void only_the_bytes_of_the_sector_are_kept_for_it(void **state)
{
	struct journal *journal;
	struct s0_image *keep;
	struct disk disk;
	(void)state;

	/* One piece that lies in three sectors. */
	disk_make(&disk);
	assert_int_equal(s0_image_new(&keep, NULL), S0_OK);
	{
		uint8_t *bytes = malloc(SECTOR + 8);

		assert_non_null(bytes);
		memset(bytes, 'x', SECTOR + 8);
		memcpy(bytes, "enda", 4);
		memcpy(bytes + SECTOR + 4, "newc", 4);
		assert_int_equal(
			s0_image_add(keep, "t", B - 4, bytes, SECTOR + 8, NULL),
			S0_OK);
		free(bytes);
	}
	journal = disk_open(&disk);
	assert_int_equal(journal_begin(journal, A, SECTOR, keep, NULL), S0_OK);
	expect(journal, "A | 0801fffc enda");
	assert_int_equal(journal_begin(journal, C, SECTOR, keep, NULL), S0_OK);
	expect(journal, "A C | 0801fffc enda 08040000 newc");
	journal_close(journal);
	expect_reopened(&disk, "A C | 0801fffc enda 08040000 newc");
	s0_image_free(keep);
	disk_free(&disk);
}

static void newer_kept_bytes_replace_older_ones(void **state)
{
	uint8_t bytes[256];
	struct journal *journal;
	struct disk disk;
	(void)state;

	/* Cut behind the kept bytes: their sector was never begun. */
	disk_make(&disk);
	journal = disk_open(&disk);
	begin(journal, A, A + 2, "old one");
	journal_close(journal);
	assert_int_equal(disk_load(&disk, bytes, sizeof bytes), 2 * RECORD + 7);
	disk_fill(&disk, bytes, RECORD + 7);
	/* By the next run it holds something else, which is kept in turn. */
	journal = disk_open(&disk);
	expect(journal, "|");
	begin(journal, A, A, "newer");
	journal_close(journal);
	expect_reopened(&disk, "A | 08000000 newer");
	disk_free(&disk);
}

static void a_sector_begun_again_keeps_what_it_holds_now(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	begin(journal, A, A + 2, "old one");
	begin(journal, B, B, "other");
	begin(journal, A, A, "newer");
	expect(journal, "A B | 08000000 newer 08020000 other");
	/* Nothing to keep is no reason to throw away what was kept. */
	begin(journal, A, 0, NULL);
	begin(journal, B, A, "elsewhere");
	expect(journal, "A B | 08000000 newer 08020000 other");
	journal_close(journal);
	expect_reopened(&disk, "A B | 08000000 newer 08020000 other");
	disk_free(&disk);
}

static void a_journal_cut_anywhere_keeps_what_was_whole(void **state)
{
	static const struct {
		size_t end; /* of the record */
		const char *then;
	} records[] = { { 0, "|" },
			{ 20, "A |" },
			{ 44, "A |" },
			{ 64, "A B | 08020000 kept" },
			{ 84, "B | 08020000 kept" },
			{ 104, "B C? | 08020000 kept" },
			{ 124, "C? |" } };
	uint8_t bytes[256];
	struct journal *journal;
	struct disk disk;
	size_t length, record = 0;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	begin(journal, A, 0, NULL);
	begin(journal, B, B, "kept");
	assert_int_equal(journal_done(journal, A, NULL), S0_OK);
	journal_suspect(journal, C, SECTOR, NOTE_SUSPECT);
	assert_int_equal(journal_done(journal, B, NULL), S0_OK);
	journal_close(journal);
	length = disk_load(&disk, bytes, sizeof bytes);
	assert_int_equal(length, 124);
	for (size_t cut = 0; cut <= length; cut++) {
		if (record < 6 && cut == records[record + 1].end)
			record++;
		disk_fill(&disk, bytes, cut);
		expect_reopened(&disk, records[record].then);
		/* And it goes on from there. */
		journal = disk_open(&disk);
		begin(journal, A, 0, NULL);
		journal_close(journal);
		journal = disk_open(&disk);
		assert_non_null(journal_find(journal, A));
		journal_close(journal);
	}
	disk_free(&disk);
}

static void flipped_bytes_end_the_row_and_nothing_else(void **state)
{
	uint8_t bytes[256];
	struct journal *journal;
	struct disk disk;
	size_t length;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	begin(journal, A, 0, NULL);
	begin(journal, B, B, "kept");
	begin(journal, C, 0, NULL);
	journal_close(journal);
	length = disk_load(&disk, bytes, sizeof bytes);
	assert_int_equal(length, 84);
	for (size_t at = 0; at < length; at++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes[at] ^= (uint8_t)(1 << bit);
			disk_fill(&disk, bytes, length);
			expect_reopened(&disk, at < 20	 ? "|"
					       : at < 64 ? "A |"
							 : "A B | 08020000 "
							   "kept");
			bytes[at] ^= (uint8_t)(1 << bit);
		}
	}
	disk_free(&disk);
}

/* What stands behind a damaged record is void: it must not come back to life
 * when the damaged one is written over, and undo what is noted after it. */
static void records_behind_a_damaged_one_stay_void(void **state)
{
	uint8_t bytes[256];
	struct journal *journal;
	struct disk disk;
	size_t length;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	begin(journal, B, 0, NULL);
	begin(journal, A, 0, NULL);
	assert_int_equal(journal_done(journal, B, NULL), S0_OK);
	journal_close(journal);
	length = disk_load(&disk, bytes, sizeof bytes);
	bytes[RECORD + 5] ^= 1; /* the note on A */
	disk_fill(&disk, bytes, length);
	journal = disk_open(&disk);
	expect(journal, "B |");
	begin(journal, B, 0, NULL); /* as long as the damaged one */
	journal_close(journal);
	expect_reopened(&disk, "B |");
	disk_free(&disk);
}

static void nothing_begins_when_it_cannot_be_noted(void **state)
{
	struct s0_image *keep = image_of(A, "kept");
	(void)state;

	/* Four writes: header, bytes, header. */
	for (unsigned writes = 0; writes < 3; writes++) {
		struct s0_error err = S0_ERROR_INIT;
		struct journal *journal;
		struct disk disk;

		disk_make(&disk);
		journal = disk_open(&disk);
		disk.writes = writes;
		assert_int_equal(journal_begin(journal, A, SECTOR, keep, &err),
				 S0_E_FILE);
		assert_string_equal(err.message, "the disk is full");
		assert_null(journal_find(journal, A));
		assert_int_equal(disk.synced, 0);
		journal_suspect(journal, B, SECTOR,
				NOTE_SUSPECT); /* says nothing */
		journal_close(journal);
		expect_reopened(&disk, "|");
		disk_free(&disk);
	}
	s0_image_free(keep);
}

static void nothing_begins_when_the_note_may_not_be_on_disk(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	disk.sync_fails = true;
	assert_int_equal(journal_begin(journal, A, SECTOR, NULL, &err),
			 S0_E_FILE);
	assert_string_equal(err.message, "the disk is gone");
	assert_null(journal_find(journal, A));
	disk.sync_fails = false;
	begin(journal, B, B, "kept");
	journal_close(journal);
	expect_reopened(&disk, "B | 08020000 kept");
	disk_free(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_begun_is_known_to_the_next_process),
		cmocka_unit_test(what_is_done_is_forgotten_with_its_bytes),
		cmocka_unit_test(a_begun_sector_is_no_mere_suspect),
		cmocka_unit_test(only_the_bytes_of_the_sector_are_kept_for_it),
		cmocka_unit_test(newer_kept_bytes_replace_older_ones),
		cmocka_unit_test(a_sector_begun_again_keeps_what_it_holds_now),
		cmocka_unit_test(a_journal_cut_anywhere_keeps_what_was_whole),
		cmocka_unit_test(flipped_bytes_end_the_row_and_nothing_else),
		cmocka_unit_test(records_behind_a_damaged_one_stay_void),
		cmocka_unit_test(nothing_begins_when_it_cannot_be_noted),
		cmocka_unit_test(
			nothing_begins_when_the_note_may_not_be_on_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
