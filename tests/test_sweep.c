/* SPDX-License-Identifier: MIT */
/*
 * Cut a programming run at its transfers, in every way that there is. Right
 * after each cut: what was said is true (no false success, "untouched" and
 * "restored" to the byte), and all that was to be kept is in flash or in the
 * host's records. Then running it again repairs the device, or recover puts
 * back what was there; the repair is cut in turn. The only help is a replug
 * where the device is gone, and a power cycle where it has hung.
 *
 * Called with a chip (sweep_job.c has the names) and what is wanted of the run:
 * keep, rollback, backup; mass: a little of each sector, so that all is erased
 * at once; most: likewise, but for a sector that is blank; blank: nothing has to
 * be erased.
 *
 * SECTOR0_SWEEP_CUTS in the environment: so many cuts a fault, spread over the
 * run, with every long row of reads taken as a few. 0: at every transfer.
 * SECTOR0_SWEEP_SEED: another choice of what is left to chance: where a second
 * fault strikes, how it is repaired, where the repair is cut.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "sweep_cut.h"

static unsigned wanted(void)
{
	const char *word = getenv("SECTOR0_SWEEP_CUTS");

	return word ? (unsigned)atoi(word) : 16;
}

/* The transfers worth a cut, in order: of a row of reads its ends, and some. */
static size_t choose(const struct sweep *sweep, bool all, uint64_t *ret_at)
{
	const bool *reads = sweep->reads;
	size_t count = 0, row = 0;

	for (uint64_t at = 1; at <= sweep->transfers; at++) {
		bool inside = at > 1 && at < sweep->transfers &&
			      reads[at - 1] && reads[at] && reads[at + 1];

		row = reads[at] ? row + 1 : 0;
		if (all || !inside || row % 32 == 0)
			ret_at[count++] = at;
	}
	return count;
}

/* In which lane. */
typedef void (*cut_fn)(struct sweep *sweep, uint64_t at, unsigned fault,
		       struct sweep_tally *tally);

static void cut_once(struct sweep *sweep, uint64_t at, unsigned fault,
		     struct sweep_tally *tally)
{
	sweep_cut(sweep, at, fault, tally);
}

/* Each kind comes after each. */
static void cut_twice(struct sweep *sweep, uint64_t at, unsigned fault,
		      struct sweep_tally *tally)
{
	sweep_cut_twice(sweep, at, fault, (tally->cuts + fault) % SWEEP_FAULTS,
			tally);
}

static void sweep_fault(struct sweep *sweep, cut_fn cut, unsigned fault,
			const uint64_t *at, size_t count,
			struct sweep_tally *tally)
{
	size_t cuts = wanted() && wanted() < count ? wanted() : count;
	/* Each fault and each patience begins at another place. */
	size_t start = (fault * 5 + (unsigned)sweep->patience * 3) % 16;

	for (size_t i = 0; i < cuts; i++)
		cut(sweep,
		    at[(i * 16 + (cuts < count ? start : 0)) * count /
		       (cuts * 16)],
		    fault, tally);
}

static void add(struct sweep_tally *all, const struct sweep_tally *tally)
{
	all->cuts += tally->cuts;
	all->failed += tally->failed;
	all->survived += tally->survived;
	all->struck_twice += tally->struck_twice;
	all->twice += tally->twice;
	all->refused += tally->refused;
}

static void sweep_faults_at(struct sweep *sweep, cut_fn cut, const uint64_t *at,
			    size_t count)
{
	struct sweep_tally all = { 0 };

	for (unsigned fault = 0; fault < SWEEP_FAULTS; fault++) {
		struct sweep_tally t = { 0 };

		sweep_fault(sweep, cut, fault, at, count, &t);
		print_message("# %-16s %u cuts, %u survived, %u without any "
			      "ado, %u failed (%u untouched, %u restored, %u "
			      "partial, %u unknown), %u hung\n",
			      sweep_faults[fault], t.cuts, t.survived,
			      t.unnoticed, t.failed, t.untouched, t.restored,
			      t.partial, t.unknown, t.hung);
		add(&all, &t);
	}
	print_message("# %s: %llu transfers, %zu of them chosen; %u cuts, %u "
		      "survived, %u failed, %u struck twice; %u were cut once "
		      "more, %u refused\n",
		      sweep->job.chip->name,
		      (unsigned long long)sweep->transfers, count, all.cuts,
		      all.survived, all.failed, all.struck_twice, all.twice,
		      all.refused);
	assert_true(cut != cut_twice || all.struck_twice > all.cuts / 4);
}

static void sweep_all(struct sweep *sweep, enum sweep_patience patience,
		      cut_fn cut)
{
	uint64_t *at;
	size_t count;

	sweep->patience = patience;
	sweep_clean(sweep);
	at = malloc((sweep->transfers + 1) * sizeof *at);
	assert_non_null(at);
	count = choose(sweep, wanted() == 0, at);
	assert_true(count > 30);
	sweep_faults_at(sweep, cut, at, count);
	free(at);
}

static void a_cut_is_reported_and_repaired_by_running_again(void **state)
{
	sweep_all(*state, SWEEP_AT_ONCE, cut_once);
}

static void a_device_that_returns_is_gone_on_with(void **state)
{
	sweep_all(*state, SWEEP_RETURNS, cut_once);
}

static void one_that_is_waited_for_in_vain_is_repaired_later(void **state)
{
	sweep_all(*state, SWEEP_STAYS_OUT, cut_once);
}

static void a_second_fault_is_got_over_as_well(void **state)
{
	sweep_all(*state, SWEEP_RETURNS, cut_twice);
}

static void a_rollback_that_is_cut_loses_nothing(void **state)
{
	struct sweep *sweep = *state;

	if (sweep->job.policy.rollback)
		sweep_all(sweep, SWEEP_AT_ONCE, cut_twice);
}

static uint64_t torn_at(const struct sweep *sweep, unsigned part)
{
	uint64_t begins = sweep->begins + 1;

	return begins + (sweep->leaves - begins) * part / 4;
}

/* After a run that was cut early, in the middle, late. */
static void a_recover_that_is_cut_twice_loses_nothing(void **state)
{
	struct sweep *sweep = *state;
	struct sweep_tally all = { 0 };
	uint64_t cuts = 0;

	if (!sweep->job.policy.keep && !sweep->job.policy.rollback)
		return;
	sweep->patience = SWEEP_AT_ONCE;
	sweep_clean(sweep);
	for (unsigned part = 0; part < 4; part++) {
		uint64_t torn = torn_at(sweep, part);
		uint64_t count = sweep_recovery(sweep, torn);
		uint64_t step = wanted() ? count * 8 / wanted() + 1 : 1;

		cuts += count > 0;
		for (unsigned fault = 0; fault < SWEEP_FAULTS; fault++)
			for (uint64_t i = fault % step; i < count; i += step)
				sweep_cut_recovery(sweep, torn, 1 + i, fault,
						   &all);
	}
	print_message("# %u cuts of recover, %u failed; %u were cut once "
		      "more\n",
		      all.cuts, all.failed, all.twice);
	assert_true(cuts > 2);
}

static int make(void **state)
{
	struct sweep *sweep = *state;
	const char *seed = getenv("SECTOR0_SWEEP_SEED");

	sweep->seed = seed ? (uint32_t)atoi(seed) : 0;
	sweep_job_make(&sweep->job);
	sweep->now = malloc(sweep->job.size);
	assert_non_null(sweep->now);
	return 0;
}

static int unmake(void **state)
{
	struct sweep *sweep = *state;

	sweep_job_free(&sweep->job);
	free(sweep->now);
	free(sweep->reads);
	sweep->reads = NULL;
	return 0;
}

static bool understand(struct sweep_job *job, const char *word)
{
	bool most = strcmp(word, "most") == 0;

	if (strcmp(word, "keep") == 0)
		job->policy.keep = true;
	else if (strcmp(word, "rollback") == 0)
		job->policy.rollback = true;
	else if (strcmp(word, "backup") == 0)
		job->backup = true;
	else if (strcmp(word, "blank") == 0)
		job->blank = true;
	else if (most || strcmp(word, "mass") == 0)
		job->mass = true;
	else
		return false;
	job->most |= most;
	return true;
}

#define TEST(f)                                                                \
	cmocka_unit_test_prestate_setup_teardown(f, make, unmake, &sweep)

int main(int argc, char **argv)
{
	static struct sweep sweep;
	const struct CMUnitTest tests[] = {
		TEST(a_cut_is_reported_and_repaired_by_running_again),
		TEST(a_device_that_returns_is_gone_on_with),
		TEST(one_that_is_waited_for_in_vain_is_repaired_later),
		TEST(a_second_fault_is_got_over_as_well),
		TEST(a_rollback_that_is_cut_loses_nothing),
		TEST(a_recover_that_is_cut_twice_loses_nothing),
	};

	sweep.job.policy.start = true;
	sweep.job.chip = sweep_chip_find(argc > 1 ? argv[1] : "0x91");
	if (!sweep.job.chip)
		return 2;
	for (int i = 2; i < argc; i++)
		if (!understand(&sweep.job, argv[i]))
			return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
