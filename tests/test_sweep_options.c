/* SPDX-License-Identifier: MIT */
/*
 * Cut changes of option bytes, and the regression of the read-out protection,
 * at every transfer in every way. Right after each cut what was said is true:
 * no false success, "untouched" to the bit; a state that is neither old nor new
 * is told with the fields, by this run or by the next. Then running it again
 * does it; the only help is a replug where the device is gone, and a power
 * cycle where it has hung.
 *
 * SECTOR0_SWEEP_CUTS in the environment: 0 cuts at every transfer, else at
 * every third, beginning elsewhere for each fault.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

static const char *const faults[] = {
	"stall@%llu",	  "silent@%llu",   "lost-reply@%llu", "unplug@%llu",
	"lie@%llu",	  "torn@%llu",	   "brown-out@%llu",  "hang@%llu",
	"nak@%llu:1000",  "short@%llu",	   "replug@%llu",     "cut@%llu",
	"bit-error@%llu", "nak@%llu:60000"
};
#define FAULTS (sizeof faults / sizeof faults[0])

enum patience { AT_ONCE, RETURNS, PATIENCES };

/* What is done to which chip. No changes: unprotect. */
struct job {
	const char *chip, *name;
	const char *changes[4];
	unsigned allow;
};

static const struct job jobs[] = {
	{ "stm32h743,ob_write_reset=no",
	  "stm32h743",
	  { "BOR_LEV=2", "WRP1=0-1", "WRP2=7" },
	  0 },
	{ "stm32h743,ob_write_reset=yes",
	  "stm32h743",
	  { "BOR_LEV=2", "WRP1=0-1", "WRP2=7" },
	  0 },
	{ "stm32h743,ob_write_reset=yes,ob_torn=mixed",
	  "stm32h743",
	  { "BOR_LEV=2", "WRP1=0-1", "WRP2=7" },
	  0 },
	{ "stm32h743,ob_write_reset=no,ob_torn=erased",
	  "stm32h743",
	  { "BOR_LEV=2", "WRP1=0-1" },
	  0 },
	{ "stm32h743", "stm32h743", { "RDP=1", "BOR_LEV=1" }, 0 },
	{ "stm32h743,rdp=1",
	  "stm32h743",
	  { "RDP=0", "BOR_LEV=1" },
	  S0_ALLOW_ERASE },
	{ "stm32f405", "stm32f405", { "BOR_LEV=1", "nWRP=0,11" }, 0 },
	{ "stm32h743,rdp=1", "stm32h743", { NULL }, 0 },
	{ "stm32h743,rdp=1,ob_torn=mixed", "stm32h743", { NULL }, 0 },
	{ "stm32f405,rdp=1", "stm32f405", { NULL }, 0 },
};

struct tally {
	unsigned cuts, failed, untouched, partial, unknown, told, neither;
};

struct episode {
	const struct job *job;
	enum patience patience;
	struct board board;
	char fault[48];
	struct s0_error err;
	s0_code code;
	unsigned waits;
	bool said; /* that an earlier change was cut */
	uint8_t old[S0_OPTION_MAX], new[S0_OPTION_MAX];
};

static const struct s0_chip *chip_of(const struct episode *e)
{
	return s0_chip_find(e->job->name);
}

static void peek(const struct episode *e, uint8_t *window)
{
	const struct s0_chip *chip = chip_of(e);

	assert_int_equal(s0_sim_peek(e->board.sim, chip->option_address, window,
				     chip->option_length),
			 chip->option_length);
}

/* Is each field's current value that of the other window? */
static bool same(const struct episode *e, const uint8_t *a, const uint8_t *b)
{
	const struct s0_chip *chip = chip_of(e);

	for (size_t i = 0; i < chip->option_count; i++) {
		uint32_t one = 0, other = 0;

		(void)s0_option_get(&chip->options[i], a, chip->option_length,
				    false, &one);
		(void)s0_option_get(&chip->options[i], b, chip->option_length,
				    false, &other);
		if (one != other)
			return false;
	}
	return true;
}

static bool is(const struct episode *e, const uint8_t *window)
{
	uint8_t now[S0_OPTION_MAX];

	peek(e, now);
	return same(e, now, window);
}

/* Does each field that the job asks for have its value? */
static bool done(const struct episode *e)
{
	const struct s0_chip *chip = chip_of(e);
	uint8_t now[S0_OPTION_MAX];

	peek(e, now);
	if (!e->job->changes[0]) {
		uint32_t rdp = 0;

		(void)s0_option_get(s0_option_find(chip, "RDP"), now,
				    chip->option_length, false, &rdp);
		return rdp == 0xaa;
	}
	for (size_t i = 0; e->job->changes[i]; i++) {
		struct s0_option_change change;
		uint32_t value = 0;

		assert_int_equal(s0_option_parse(chip, NULL, 0,
						 e->job->changes[i], &change,
						 NULL),
				 S0_OK);
		(void)s0_option_get(change.field, now, chip->option_length,
				    false, &value);
		if (value != change.value)
			return false;
	}
	return true;
}

static bool waiting(void *payload, const char *what)
{
	struct episode *e = payload;

	(void)what;
	if (++e->waits % 3 || e->patience != RETURNS)
		return true;
	if (s0_sim_hung(e->board.sim))
		s0_sim_power_cycle(e->board.sim);
	s0_sim_replug(e->board.sim);
	return true;
}

static void warn(void *payload, const char *line)
{
	struct episode *e = payload;

	e->said |=
		strstr(line, "an earlier change of the option bytes") != NULL;
}

static s0_code set(struct episode *e, struct s0_session *session)
{
	const struct s0_device_info *info = s0_device_info(e->board.device);
	struct s0_option_change changes[4];
	struct s0_option_plan *plan = NULL;
	size_t count = 0;
	s0_code code = S0_OK;

	for (; code == S0_OK && e->job->changes[count]; count++)
		code = s0_option_parse(
			chip_of(e), info->options, info->option_length,
			e->job->changes[count], &changes[count], &e->err);
	if (code == S0_OK)
		code = s0_option_plan_new(chip_of(e), NULL, info->options,
					  info->option_length, changes, count,
					  &plan, &e->err);
	if (code == S0_OK)
		code = s0_session_set_options(session, plan, e->job->allow,
					      NULL, &e->err);
	s0_option_plan_free(plan);
	return code;
}

static void run(struct episode *e)
{
	struct s0_patience patience = {
		.reconnect_ms = e->patience == AT_ONCE ? 0 : S0_RECONNECT_MS,
		.waiting = waiting,
		.payload = e,
	};

	e->err = (struct s0_error)S0_ERROR_INIT;
	e->said = false;
	e->board.patience = &patience;
	e->code = board_open(&e->board, &e->err);
	e->board.patience = NULL;
	if (e->code == S0_OK) {
		s0_session_set_warning(e->board.session, warn, e);
		if (e->job->changes[0])
			e->code = s0_session_read_options(e->board.session,
							  &e->err);
		if (e->code == S0_OK)
			e->code = e->job->changes[0]
					  ? set(e, e->board.session)
					  : s0_session_unprotect(
						    e->board.session, NULL,
						    NULL, &e->err);
	}
	board_close(&e->board);
}

static void lay_out(struct episode *e)
{
	static const uint8_t firmware[] = "firmware";

	board_make(&e->board, e->job->chip);
	/* At level 1 it does not say which of three chips it is. */
	if (strstr(e->job->chip, "f405,rdp=1"))
		assert_int_equal(
			s0_context_set_chip(e->board.context, "f405", NULL),
			S0_OK);
	(void)s0_sim_poke(e->board.sim, 0x08000000, firmware, sizeof firmware);
	peek(e, e->old);
}

static bool flash_is_whole(const struct episode *e)
{
	uint8_t now[9];

	(void)s0_sim_peek(e->board.sim, 0x08000000, now, sizeof now);
	return memcmp(now, "firmware", sizeof now) == 0;
}

static void check_first(struct episode *e, struct tally *t)
{
	if (e->code == S0_OK) {
		if (!done(e) || !is(e, e->new))
			print_message("# %s %s: false success\n", e->job->chip,
				      e->fault);
		assert_true(done(e) && is(e, e->new));
		return;
	}
	t->failed++;
	assert_true(strlen(e->err.message) > 0);
	t->untouched += e->err.aftermath == S0_UNTOUCHED;
	t->partial += e->err.aftermath == S0_PARTIAL;
	t->unknown += e->err.aftermath == S0_UNKNOWN;
	if (e->err.aftermath == S0_UNTOUCHED) {
		if (!is(e, e->old) || !flash_is_whole(e))
			print_message("# %s %s: not untouched: %s\n",
				      e->job->chip, e->fault, e->err.message);
		assert_true(is(e, e->old) && flash_is_whole(e));
	}
}

static void help(struct episode *e)
{
	if (s0_sim_hung(e->board.sim))
		s0_sim_power_cycle(e->board.sim);
	s0_sim_fail_at(e->board.sim, 0, S0_SIM_FAULT_NONE);
	s0_sim_advance_us(e->board.sim, 30000000);
	s0_sim_replug(e->board.sim);
}

static void cut(const struct job *job, enum patience patience,
		const uint8_t *new, const char *fault, unsigned long long at,
		struct tally *t)
{
	struct episode e = { .job = job, .patience = patience };
	bool told, neither;

	lay_out(&e);
	memcpy(e.new, new, sizeof e.new);
	(void)snprintf(e.fault, sizeof e.fault, fault, at);
	assert_int_equal(s0_sim_inject(e.board.sim, e.fault, NULL), S0_OK);
	t->cuts++;
	run(&e);
	check_first(&e, t);
	told = e.err.cause == S0_CAUSE_OPTIONS_MIXED;
	help(&e);
	neither = !is(&e, e.old) && !is(&e, e.new);
	run(&e);
	if (e.code != S0_OK || !done(&e))
		print_message("# %s %s: the next run says: %s\n", job->chip,
			      e.fault, e.err.message);
	assert_int_equal(e.code, S0_OK);
	assert_true(done(&e) && (neither || is(&e, e.new)));
	t->neither += neither;
	t->told += e.said;
	if (neither && job->changes[0] && !told && !e.said)
		print_message("# %s %s: nobody says that it is neither\n",
			      job->chip, e.fault);
	assert_true(!neither || !job->changes[0] || told || e.said);
	board_free(&e.board);
}

static uint64_t clean(const struct job *job, uint8_t *new)
{
	struct episode e = { .job = job, .patience = RETURNS };
	uint64_t transfers;

	lay_out(&e);
	run(&e);
	if (e.code != S0_OK)
		print_message("# %s: %s\n", job->chip, e.err.message);
	assert_int_equal(e.code, S0_OK);
	assert_true(done(&e));
	assert_false(is(&e, e.old));
	peek(&e, new);
	transfers = s0_sim_transfers(e.board.sim);
	board_free(&e.board);
	return transfers;
}

static void sweep(const struct job *job, bool all)
{
	uint8_t new[S0_OPTION_MAX] = { 0 };
	uint64_t transfers = clean(job, new);
	struct tally t = { 0 };

	for (unsigned p = 0; p < PATIENCES; p++)
		for (size_t f = 0; f < FAULTS; f++)
			for (uint64_t at = all ? 1 : 1 + (f + p) % 3;
			     at <= transfers; at += all ? 1 : 3)
				cut(job, (enum patience)p, new, faults[f], at,
				    &t);
	print_message("# %s, %s: %llu transfers, %u cuts, %u failed (%u "
		      "untouched, %u partial, %u unknown), %u told by the next "
		      "run, %u neither old nor new\n",
		      job->chip, job->changes[0] ? "set" : "unprotect",
		      (unsigned long long)transfers, t.cuts, t.failed,
		      t.untouched, t.partial, t.unknown, t.told, t.neither);
}

static void every_cut_is_told_truly_and_mended_by_the_next_run(void **state)
{
	const char *word = getenv("SECTOR0_SWEEP_CUTS");
	bool all = word && atoi(word) == 0;
	(void)state;

	for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
		sweep(&jobs[i], all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_cut_is_told_truly_and_mended_by_the_next_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
