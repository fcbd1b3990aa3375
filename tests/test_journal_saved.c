/* SPDX-License-Identifier: MIT */
/* What is recorded before anything is begun, and forgotten together. */
#include "test.h"

#include <string.h>

#include "journal_disk.h"

#define A      0x08000000u
#define B      0x08020000u
#define SECTOR 0x20000u

static struct s0_image *image_of(uint32_t address, const char *bytes)
{
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	assert_int_equal(s0_image_add(image, "t", address, bytes,
				      (uint32_t)strlen(bytes), NULL),
			 S0_OK);
	return image;
}

static s0_code save(struct journal *journal, uint32_t sector,
		    enum note_kind kind, const char *bytes)
{
	struct s0_image *image = image_of(sector + 8, bytes);
	s0_code code = journal_save(journal, sector, SECTOR, kind, image, NULL);

	s0_image_free(image);
	return code;
}

static void begin(struct journal *journal, uint32_t sector)
{
	assert_int_equal(journal_begin(journal, sector, SECTOR, NULL, NULL),
			 S0_OK);
}

/* Kind of a sector's note (0: none), and whether it has those bytes. */
static int state_of(const struct journal *journal, uint32_t sector,
		    const char *bytes)
{
	const struct note *note = journal_find(journal, sector);
	char is[32] = "";
	uint32_t length = (uint32_t)strlen(bytes);

	if (note && s0_image_copy(journal->kept, sector + 8, length, is))
		assert_string_equal(is, bytes);
	return note ? (int)note->kind : 0;
}

static void assert_has(const struct journal *journal, uint32_t sector,
		       const char *bytes)
{
	char is[32] = "";

	assert_int_equal(s0_image_copy(journal->kept, sector + 8,
				       (uint32_t)strlen(bytes), is),
			 strlen(bytes));
	assert_string_equal(is, bytes);
}

static void what_is_ready_counts_once_it_is_begun(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	assert_int_equal(save(journal, A, NOTE_OLD, "first"), S0_OK);
	assert_int_equal(save(journal, B, NOTE_SAVED, "second"), S0_OK);
	assert_null(journal_find(journal, A));
	assert_int_equal(s0_image_piece_count(journal->kept), 0);
	begin(journal, A);
	assert_has(journal, A, "first");
	journal_close(journal);
	journal = disk_open(&disk);
	assert_int_equal(state_of(journal, A, "first"), NOTE_OLD);
	assert_has(journal, A, "first");
	assert_int_equal(state_of(journal, B, "second"), 0);
	/* Nothing of B comes back to life with a plain note on it … */
	begin(journal, B);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_int_equal(state_of(journal, B, ""), NOTE_BEGUN);
	assert_int_equal(s0_image_piece_count(journal->kept), 1);
	/* … and A stays what it is however often it is begun. */
	begin(journal, A);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_int_equal(state_of(journal, A, "first"), NOTE_OLD);
	assert_has(journal, A, "first");
	journal_close(journal);
	disk_free(&disk);
}

static void what_a_later_run_records_takes_its_place(void **state)
{
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	assert_int_equal(save(journal, A, NOTE_SAVED, "stale"), S0_OK);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_int_equal(save(journal, A, NOTE_SAVED, "new"), S0_OK);
	begin(journal, A);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_has(journal, A, "new");
	assert_int_equal(s0_image_size(journal->kept), 3);
	journal_close(journal);
	disk_free(&disk);
}

/* A row of two sectors recorded, both begun, both forgotten. */
static size_t fill(struct disk *disk, uint8_t *bytes, size_t size,
		   size_t *ret_begun)
{
	uint32_t both[] = { A, B };
	struct journal *journal = disk_open(disk);

	assert_int_equal(save(journal, A, NOTE_OLD, "first"), S0_OK);
	assert_int_equal(save(journal, B, NOTE_OLD_KEPT, "second"), S0_OK);
	begin(journal, A);
	begin(journal, B);
	*ret_begun = disk_load(disk, bytes, size);
	disk->synced = 0;
	assert_int_equal(journal_all_done(journal, both, 2, NULL), S0_OK);
	assert_int_equal(disk->synced, 1);
	assert_null(journal_find(journal, A));
	assert_null(journal_find(journal, B));
	journal_close(journal);
	return disk_load(disk, bytes, size);
}

static void cut_anywhere_all_are_forgotten_or_none(void **state)
{
	uint8_t bytes[512];
	struct disk disk;
	size_t begun, length;
	(void)state;

	disk_make(&disk);
	length = fill(&disk, bytes, sizeof bytes, &begun);
	assert_int_equal(length - begun, 20 + 8);
	for (size_t cut = 0; cut <= length; cut++) {
		struct journal *journal;
		int a, b;

		disk_fill(&disk, bytes, cut);
		journal = disk_open(&disk);
		a = state_of(journal, A, "first");
		b = state_of(journal, B, "second");
		if (cut >= begun && cut < length) {
			assert_int_equal(a, NOTE_OLD);
			assert_int_equal(b, NOTE_OLD_KEPT);
			assert_has(journal, B, "second");
		}
		if (a == NOTE_OLD)
			assert_has(journal, A, "first");
		if (cut == length)
			assert_true(a == 0 && b == 0);
		journal_close(journal);
	}
	disk_free(&disk);
}

/* A disk that is full at the n-th write: nothing is begun then, and whatever
 * is begun has its bytes. */
static void a_full_disk_begins_nothing_without_its_bytes(void **state)
{
	(void)state;
	for (unsigned writes = 0; writes < 9; writes++) {
		struct journal *journal;
		struct disk disk;
		s0_code code;

		disk_make(&disk);
		journal = disk_open(&disk);
		disk.writes = writes;
		code = save(journal, A, NOTE_OLD, "first");
		if (code == S0_OK)
			code = save(journal, B, NOTE_OLD, "second");
		assert_int_equal(code, writes < 6 ? S0_E_FILE : S0_OK);
		if (code == S0_OK &&
		    journal_begin(journal, A, SECTOR, NULL, NULL) == S0_OK)
			(void)journal_begin(journal, B, SECTOR, NULL, NULL);
		journal_close(journal);
		disk.writes = 1000;
		journal = disk_open(&disk);
		assert_int_equal(state_of(journal, A, "first"),
				 writes < 7 ? 0 : NOTE_OLD);
		assert_int_equal(state_of(journal, B, "second"),
				 writes < 8 ? 0 : NOTE_OLD);
		if (writes >= 7)
			assert_has(journal, A, "first");
		if (writes >= 8)
			assert_has(journal, B, "second");
		journal_close(journal);
		disk_free(&disk);
	}
}

static void the_last_can_be_forgotten_on_a_full_disk(void **state)
{
	uint32_t both[] = { A, B };
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	assert_int_equal(save(journal, A, NOTE_OLD, "first"), S0_OK);
	begin(journal, A);
	begin(journal, B);
	disk.writes = 0;
	/* Not where others stay: they need the row. */
	assert_int_equal(journal_all_done(journal, both, 1, NULL), S0_E_FILE);
	assert_int_equal(journal_all_done(journal, both, 2, NULL), S0_OK);
	assert_int_equal(journal_tidy(journal, NULL), S0_OK);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_int_equal(journal->count, 0);
	journal_close(journal);
	disk_free(&disk);
}

static void that_a_sector_was_blank_is_recorded_too(void **state)
{
	struct s0_image *none;
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	assert_int_equal(s0_image_new(&none, NULL), S0_OK);
	assert_int_equal(journal_save(journal, A, SECTOR, NOTE_OLD, none, NULL),
			 S0_OK);
	begin(journal, A);
	s0_image_free(none);
	journal_close(journal);
	journal = disk_open(&disk);
	assert_true(journal_has_kept(journal, journal_find(journal, A)));
	journal_close(journal);
	disk_free(&disk);
}

/* A journal that is written anew has no stamp any more. */
static void what_is_saved_after_a_tidying_is_stamped_too(void **state)
{
	const struct stamp stamp = { .time_s = 4711, .banks = 2 };
	struct journal *journal;
	struct disk disk;
	(void)state;

	disk_make(&disk);
	journal = disk_open(&disk);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(journal_set_stamp(journal, &stamp, NULL),
				 S0_OK);
		assert_int_equal(save(journal, A, NOTE_SAVED, "saved"), S0_OK);
		begin(journal, A);
		if (i)
			break;
		assert_int_equal(journal_done(journal, A, NULL), S0_OK);
		assert_int_equal(journal_tidy(journal, NULL), S0_OK);
	}
	journal_close(journal);
	journal = disk_open(&disk);
	assert_int_equal(journal_find(journal, A)->stamp.time_s, 4711);
	assert_int_equal(journal_find(journal, A)->stamp.banks, 2);
	journal_close(journal);
	disk_free(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ready_counts_once_it_is_begun),
		cmocka_unit_test(what_a_later_run_records_takes_its_place),
		cmocka_unit_test(cut_anywhere_all_are_forgotten_or_none),
		cmocka_unit_test(a_full_disk_begins_nothing_without_its_bytes),
		cmocka_unit_test(the_last_can_be_forgotten_on_a_full_disk),
		cmocka_unit_test(that_a_sector_was_blank_is_recorded_too),
		cmocka_unit_test(what_is_saved_after_a_tidying_is_stamped_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
