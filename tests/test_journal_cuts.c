/* SPDX-License-Identifier: MIT */
/* A power cut anywhere while the host's record of a chip is written. */
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

/* One run: A is written and not verified, B is written and verified, C and D
 * are found to be right, and so is what an erase takes. */
static void run(struct journal *journal)
{
	begin(journal, A);
	begin(journal, B);
	done(journal, B);
	done(journal, A);
	disk_hold(journal, B, 22);
	disk_hold(journal, C, 3);
	disk_hold(journal, D, 4);
	journal_saw_erase(journal, SECTOR, 905000);
	tidy(journal);
}

static void apply(struct disk *disk, const struct disk_use *use, size_t from,
		  size_t to)
{
	struct store *store = disk->bytes;

	if (use->resize)
		assert_int_equal(store->ops->resize(store, use->offset, NULL),
				 S0_OK);
	else if (to > from)
		assert_int_equal(store->ops->write(store, use->offset + from,
						   use->bytes + from, to - from,
						   NULL),
				 S0_OK);
}

/* What the next process may find when the power went behind `begun` syncs. */
static void check_after_cut(struct disk *disk, unsigned synced)
{
	struct journal *journal = disk_open_known(disk);
	uint64_t us = journal_erase_us(journal, SECTOR);

	assert_true(us == 0 || us == 905000);
	/* The first sync is of the note on A, the second of that on B. */
	if (synced >= 1)
		assert_int_equal(disk_held(journal, A), 0);
	else
		assert_true(disk_held(journal, A) == 0 ||
			    disk_held(journal, A) == 1);
	if (synced >= 2)
		assert_true(disk_held(journal, B) == 0 ||
			    disk_held(journal, B) == 22);
	else
		assert_true(disk_held(journal, B) == 0 ||
			    disk_held(journal, B) == 2);
	assert_true(disk_held(journal, C) == 0 || disk_held(journal, C) == 3);
	assert_true(disk_held(journal, D) == 0 || disk_held(journal, D) == 4);
	journal_close(journal);
}

static size_t uses_up_to_sync(const struct disk *disk, size_t at)
{
	while (at > 0 &&
	       (disk->uses[at - 1].resize || disk->uses[at - 1].length > 0))
		at--;
	return at;
}

static unsigned syncs_up_to(const struct disk *disk, size_t end)
{
	unsigned syncs = 0;

	for (size_t i = 0; i < end; i++)
		syncs += !disk->uses[i].resize && !disk->uses[i].length;
	return syncs;
}

struct cut_run {
	struct disk real, copy;
	uint8_t before[512];
	size_t length;
};

/* The power went at use `end`: what was synced is on disk, of the rest any
 * part; of the last write only what lies before (or behind) a split. */
static void cut_at(struct cut_run *c, size_t end)
{
	const struct disk_use *uses = c->real.uses;
	size_t safe = uses_up_to_sync(&c->real, end), left = end - safe;
	size_t last = end ? uses[end - 1].length : 0;

	assert_true(left < 10);
	for (unsigned mask = 0; mask < 1u << left; mask++) {
		for (size_t split = 0; split <= 2 * last + 1; split++) {
			size_t at = split / 2;

			disk_fill(&c->copy, c->before, c->length);
			for (size_t i = 0; i < end; i++) {
				bool torn = i == end - 1;
				bool front = split % 2 == 0;

				if (i >= safe && !(mask >> (i - safe) & 1))
					continue;
				apply(&c->copy, &uses[i],
				      torn && !front ? at : 0,
				      torn && front ? at : uses[i].length);
			}
			check_after_cut(&c->copy, syncs_up_to(&c->real, end));
		}
	}
}

static void no_cut_of_the_power_leaves_what_is_not_so(void **state)
{
	struct journal *journal;
	struct cut_run c;
	(void)state;

	disk_make(&c.real);
	disk_make(&c.copy);
	journal = disk_open_known(&c.real);
	disk_hold(journal, A, 1);
	disk_hold(journal, B, 2);
	tidy(journal);
	c.length = disk_load(&c.real, c.before, sizeof c.before);
	disk_watch(&c.real);
	run(journal);
	assert_int_equal(disk_held(journal, B), 22);
	journal_close(journal);
	/* two notes with their syncs, two ends, the cut, its sync, the facts */
	assert_int_equal(c.real.use_count, 9);
	for (size_t end = 0; end <= c.real.use_count; end++)
		cut_at(&c, end);
	disk_free(&c.real);
	disk_free(&c.copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_cut_of_the_power_leaves_what_is_not_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
