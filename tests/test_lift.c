/* SPDX-License-Identifier: MIT */
/* Write protection that is taken off for a run is put back, whatever cuts it. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "session/device.h"

#define FLASH  0x08000000u
#define SECTOR 0x20000u
#define MARGIN 3000u

/* Where a sector's neighbours are, bytes that are to be kept. */
#define NEXT 0x3000u

struct chip {
	const char *description;
	const char *name;
	uint32_t sector; /* another that the image needs, protected */
};

static const struct chip chips[] = {
	{ "stm32h743,rom=0x92,wrp=0x0102,ob_write_reset=no", "h743",
	  0x08100000 },
	{ "stm32h743,rom=0x91,wrp=0x0102,ob_write_reset=yes", "h743",
	  0x08100000 },
	{ "stm32h743,rom=0x92,wrp=0x0081,swap=1", "h743", 0x08100000 },
	{ "stm32f405,wrp=0x021", "f405", 0x08020000 },
};

struct lifting {
	const struct chip *chip;
	struct board board;
	struct s0_image *image, *kept;
	struct s0_error err;
	struct s0_result result;
	char warnings[2048];
	uint32_t protection[2];
};

/* The write protection, as the chip itself has it. */
static void look(const struct lifting *l, uint32_t protection[2])
{
	const struct s0_chip *chip = s0_chip_find(l->chip->name);
	uint8_t window[S0_OPTION_MAX];

	assert_int_equal(s0_sim_peek(l->board.sim, chip->option_address, window,
				     chip->option_length),
			 chip->option_length);
	for (unsigned bank = 1; bank <= 2; bank++) {
		const struct s0_option_field *field =
			s0_option_at(chip, S0_OPTION_WRITE_PROTECTION,
				     S0_OPTION_SECTORS, bank);

		protection[bank - 1] = 0;
		if (field)
			assert_true(s0_option_get(field, window,
						  chip->option_length, false,
						  &protection[bank - 1]));
	}
}

static bool is_back(const struct lifting *l)
{
	uint32_t now[2];

	look(l, now);
	return memcmp(now, l->protection, sizeof now) == 0;
}

static void add(struct s0_image *image, struct s0_sim *sim, uint32_t address,
		uint32_t seed)
{
	uint8_t bytes[MARGIN];

	board_random(bytes, sizeof bytes, seed);
	assert_int_equal(
		s0_image_add(image, "t", address, bytes, sizeof bytes, NULL),
		S0_OK);
	if (sim)
		(void)s0_sim_poke(sim, address, bytes, sizeof bytes);
}

static void lay_out(struct lifting *l, const struct chip *chip)
{
	*l = (struct lifting){ .chip = chip, .err = S0_ERROR_INIT };
	board_make(&l->board, chip->description);
	assert_int_equal(s0_image_new(&l->image, NULL), S0_OK);
	assert_int_equal(s0_image_new(&l->kept, NULL), S0_OK);
	add(l->kept, l->board.sim, FLASH + NEXT, 1);
	add(l->kept, l->board.sim, chip->sector + NEXT, 2);
	add(l->image, NULL, FLASH, 3);
	add(l->image, NULL, chip->sector, 4);
	look(l, l->protection);
}

static void clear_away(struct lifting *l)
{
	board_free(&l->board);
	s0_image_free(l->image);
	s0_image_free(l->kept);
}

static void hear(void *payload, const char *line)
{
	struct lifting *l = payload;
	size_t used = strlen(l->warnings);

	(void)snprintf(l->warnings + used, sizeof l->warnings - used, "%s\n",
		       line);
}

static s0_code open_it(struct lifting *l, bool lift)
{
	s0_code code;

	l->err = (struct s0_error)S0_ERROR_INIT;
	l->warnings[0] = '\0';
	code = board_open(&l->board, &l->err);
	if (code != S0_OK)
		return code;
	s0_session_set_warning(l->board.session, hear, l);
	s0_session_lift_protection(l->board.session, lift);
	return code;
}

/* Of a session that is open; closes it. */
static s0_code run(struct lifting *l, const struct s0_policy *policy)
{
	struct s0_plan *plan = NULL;
	s0_code code = s0_session_plan(l->board.session, l->image, policy,
				       &plan, &l->err);

	if (code == S0_OK)
		code = s0_session_run(l->board.session, plan, &l->result,
				      &l->err);
	s0_plan_free(plan);
	board_close(&l->board);
	return code;
}

static const struct s0_policy keep = { .keep = true };

static s0_code flash(struct lifting *l, bool lift)
{
	s0_code code = open_it(l, lift);

	return code == S0_OK ? run(l, &keep) : code;
}

static void flash_ok(struct lifting *l)
{
	s0_code code = flash(l, true);

	if (code != S0_OK)
		print_message("# %s\n", l->err.message);
	assert_int_equal(code, S0_OK);
	board_assert_holds(&l->board, l->image);
	board_assert_holds(&l->board, l->kept);
	assert_true(is_back(l));
	assert_int_equal(open_it(l, false), S0_OK);
	assert_false(s0_session_lifted(l->board.session));
	board_close(&l->board);
}

static void protected_sectors_are_opened_and_closed_again(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
		struct s0_sim_counters before, after;
		struct lifting l;

		print_message("# %s\n", chips[i].description);
		lay_out(&l, &chips[i]);
		assert_int_equal(flash(&l, false), S0_E_PROTECTED);
		assert_int_equal(l.err.cause, S0_CAUSE_WRITE_PROTECTED);
		assert_int_equal(l.err.aftermath, S0_UNTOUCHED);
		s0_sim_get_counters(l.board.sim, &before);
		assert_int_equal(before.option_changes, 0);
		flash_ok(&l);
		assert_int_equal(l.result.lifted_sectors,
				 chips[i].sector == 0x08020000 ? 2 : 1);
		s0_sim_get_counters(l.board.sim, &after);
		assert_int_equal(after.option_changes, 2);
		/* Nothing to change any more: nothing is opened. */
		flash_ok(&l);
		assert_int_equal(l.result.lifted_sectors, 0);
		s0_sim_get_counters(l.board.sim, &after);
		assert_int_equal(after.option_changes, 2);
		clear_away(&l);
	}
}

static void an_erase_opens_what_it_needs(void **state)
{
	static const struct {
		uint32_t address, length;
		unsigned opened;
	} cases[] = {
		{ FLASH + SECTOR + 5, 1, 1 },
		{ FLASH + SECTOR - 1, SECTOR + 2, 1 },
		{ FLASH + 2 * SECTOR, 1, 0 },
		{ 0, 0, 2 },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct lifting l;
		uint8_t byte;

		lay_out(&l, &chips[0]);
		(void)s0_sim_poke(l.board.sim, FLASH + SECTOR, "olden", 5);
		assert_int_equal(open_it(&l, true), S0_OK);
		assert_int_equal(
			s0_session_erase(l.board.session, cases[i].address,
					 cases[i].length, &l.result, &l.err),
			S0_OK);
		assert_int_equal(l.result.lifted_sectors, cases[i].opened);
		assert_true(is_back(&l));
		board_close(&l.board);
		(void)s0_sim_peek(l.board.sim, FLASH + SECTOR, &byte, 1);
		assert_int_equal(byte, cases[i].opened ? 0xff : 'o');
		clear_away(&l);
	}
}

static void stop(void *payload, const struct s0_progress *progress)
{
	struct lifting *l = payload;

	if (progress->stage == S0_STAGE_WRITE)
		s0_session_cancel(l->board.session);
}

static void a_stop_does_not_keep_it_open(void **state)
{
	struct lifting l;
	(void)state;

	lay_out(&l, &chips[1]);
	assert_int_equal(open_it(&l, true), S0_OK);
	s0_session_set_progress(l.board.session, stop, &l);
	assert_int_equal(run(&l, &keep), S0_E_CANCELLED);
	assert_int_equal(l.err.aftermath, S0_PARTIAL);
	assert_true(is_back(&l));
	assert_non_null(strstr(l.err.message, "stopped as asked: "));
	flash_ok(&l);
	clear_away(&l);
}

static void it_is_closed_before_the_firmware_is_started(void **state)
{
	struct s0_policy policy = { .keep = true, .start = true };
	struct lifting l;
	(void)state;

	lay_out(&l, &chips[0]);
	assert_int_equal(open_it(&l, true), S0_OK);
	assert_int_equal(run(&l, &policy), S0_OK);
	assert_true(is_back(&l));
	assert_int_equal(s0_sim_started(l.board.sim), FLASH);
	clear_away(&l);
}

/* A run that was killed, or lost its device, once all was erased. */
static void cut(struct lifting *l)
{
	lay_out(l, &chips[0]);
	assert_int_equal(open_it(l, true), S0_OK);
	assert_int_equal(s0_sim_inject(l->board.sim, "unplug@program2", NULL),
			 S0_OK);
	assert_int_not_equal(run(l, &keep), S0_OK);
	assert_false(is_back(l));
	assert_int_not_equal(l->err.aftermath, S0_UNTOUCHED);
	assert_int_equal(l->err.cause, S0_CAUSE_LIFTED);
	assert_non_null(strstr(l->err.message,
			       "write protection was taken off and is not "
			       "back"));
	assert_non_null(strstr(l->err.message,
			       ": 'sector0 option set WRPSn1=1 WRPSn2=0'"));
	s0_sim_replug(l->board.sim);
}

static void after_a_cut_run_the_next_puts_it_back(void **state)
{
	struct s0_image *other = board_image(FLASH + 3 * SECTOR, 100, 5);
	struct lifting l;
	struct s0_image *image;
	(void)state;

	/* The same again, which needs it once more. */
	cut(&l);
	flash_ok(&l);
	clear_away(&l);
	/* One that does not take protection off counts it as there. */
	cut(&l);
	assert_int_equal(flash(&l, false), S0_E_PROTECTED);
	assert_false(is_back(&l));
	/* Another that touches none of these sectors. */
	image = l.image;
	l.image = other;
	assert_int_equal(flash(&l, false), S0_OK);
	l.image = image;
	assert_true(is_back(&l));
	assert_non_null(strstr(l.warnings, "they have it again\n"));
	clear_away(&l);
	/* An erase. */
	cut(&l);
	assert_int_equal(open_it(&l, false), S0_OK);
	assert_int_equal(s0_session_erase(l.board.session, FLASH + 4 * SECTOR,
					  1, NULL, &l.err),
			 S0_OK);
	assert_true(is_back(&l));
	assert_false(s0_session_lifted(l.board.session));
	clear_away(&l);
	s0_image_free(other);
}

static void recover_brings_back_bytes_and_protection(void **state)
{
	struct lifting l;
	(void)state;

	cut(&l);
	assert_int_equal(open_it(&l, false), S0_OK);
	assert_true(s0_session_lifted(l.board.session));
	assert_int_equal(s0_session_recover(l.board.session, NULL, &l.err),
			 S0_OK);
	assert_true(is_back(&l));
	assert_false(s0_session_lifted(l.board.session));
	board_assert_holds(&l.board, l.kept);
	clear_away(&l);
}

static bool pass(void *payload, const void *bytes, size_t length)
{
	(void)payload;
	(void)bytes;
	(void)length;
	return true;
}

static void a_reader_is_told(void **state)
{
	struct lifting l;
	(void)state;

	cut(&l);
	assert_int_equal(open_it(&l, false), S0_OK);
	assert_int_equal(s0_session_read(l.board.session, FLASH + 4 * SECTOR,
					 16, pass, NULL, NULL, &l.err),
			 S0_OK);
	assert_non_null(strstr(l.warnings, "'sector0 option set WRPSn1=1 "
					   "WRPSn2=0'"));
	assert_false(is_back(&l));
	clear_away(&l);
}

static void without_records_nothing_is_opened(void **state)
{
	struct lifting l;
	(void)state;

	lay_out(&l, &chips[0]);
	assert_int_equal(open_it(&l, true), S0_OK);
	l.board.device->info.uid[0] = '\0';
	assert_int_equal(run(&l, &(struct s0_policy){ 0 }), S0_E_UNSUPPORTED);
	assert_int_equal(l.err.aftermath, S0_UNTOUCHED);
	assert_true(is_back(&l));
	clear_away(&l);
}

/* Each fault at each transfer (some of them, where not all are asked for). */

static const char *const faults[] = {
	"stall",     "silent", "lost-reply", "unplug", "lie", "torn",
	"brown-out", "hang",   "short",	     "replug", "cut", "bit-error",
};

struct tally {
	unsigned cuts, well, closed, open, untouched, recovered;
};

static void check(struct lifting *l, s0_code code, struct tally *tally)
{
	bool back = is_back(l);

	tally->cuts++;
	if (code == S0_OK) {
		tally->well++;
		assert_true(back);
		board_assert_holds(&l->board, l->image);
		board_assert_holds(&l->board, l->kept);
		return;
	}
	tally->closed += back;
	tally->open += !back;
	if (l->err.aftermath == S0_UNTOUCHED) {
		tally->untouched++;
		assert_true(back);
		board_assert_holds(&l->board, l->kept);
	}
	if (!back) {
		assert_non_null(strstr(l->err.message, "sector0 option set"));
		assert_true(l->err.cause == S0_CAUSE_LIFTED ||
			    l->err.cause == S0_CAUSE_SAVED);
	}
}

static void strike(struct lifting *l, uint64_t at, const char *fault,
		   uint32_t reconnect_ms, bool recover, struct tally *tally)
{
	char text[64];
	s0_code code;

	lay_out(l, l->chip);
	l->board.reconnect_ms = reconnect_ms;
	assert_int_equal(open_it(l, true), S0_OK);
	(void)snprintf(
		text, sizeof text, "%s@%llu", fault,
		(unsigned long long)(s0_sim_transfers(l->board.sim) + at));
	assert_int_equal(s0_sim_inject(l->board.sim, text, NULL), S0_OK);
	code = run(l, &keep);
	check(l, code, tally);
	s0_sim_unplug(l->board.sim);
	s0_sim_power_cycle(l->board.sim);
	s0_sim_replug(l->board.sim);
	l->board.reconnect_ms = S0_RECONNECT_MS;
	if (recover) {
		/* It may be protected again by now. */
		tally->recovered++;
		assert_int_equal(open_it(l, true), S0_OK);
		assert_int_equal(
			s0_session_recover(l->board.session, NULL, &l->err),
			S0_OK);
		board_close(&l->board);
		assert_true(is_back(l));
		board_assert_holds(&l->board, l->kept);
	}
	flash_ok(l);
	clear_away(l);
}

/* Transfers of a whole run; *ret_plan: of those, until it is planned. */
static uint64_t count(struct lifting *l, uint64_t *ret_plan)
{
	struct s0_plan *plan = NULL;
	uint64_t before, after;

	lay_out(l, l->chip);
	assert_int_equal(open_it(l, true), S0_OK);
	before = s0_sim_transfers(l->board.sim);
	assert_int_equal(
		s0_session_plan(l->board.session, l->image, &keep, &plan, NULL),
		S0_OK);
	*ret_plan = s0_sim_transfers(l->board.sim) - before;
	assert_int_equal(s0_session_run(l->board.session, plan, NULL, NULL),
			 S0_OK);
	after = s0_sim_transfers(l->board.sim);
	s0_plan_free(plan);
	clear_away(l);
	return after - before;
}

/* Where protection is taken off, and where it is put back, each transfer. */
#define NEAR 24u

static uint64_t next(uint64_t at, uint64_t plan, uint64_t most, uint64_t step)
{
	uint64_t to = at + step;

	if (at < plan && to > plan)
		return plan;
	if ((at >= plan && at < plan + NEAR) || at + NEAR >= most)
		return at + 1;
	return to > most - NEAR ? most - NEAR : to;
}

static void a_run_that_is_cut_says_what_is_open(void **state)
{
	const char *word = getenv("SECTOR0_SWEEP_CUTS");
	unsigned wanted = word ? (unsigned)atoi(word) : 16;
	(void)state;

	for (size_t c = 0; c < sizeof chips / sizeof chips[0]; c++) {
		struct tally tally = { 0 };
		struct lifting l = { .chip = &chips[c] };
		uint64_t plan, most = count(&l, &plan);
		uint64_t step = wanted ? most / wanted + 1 : 1;

		for (size_t f = 0; f < sizeof faults / sizeof *faults; f++)
			for (uint64_t at = 1 + f % step; at <= most;
			     at = next(at, plan, most, step))
				for (unsigned i = 0; i < (wanted ? 1 : 2);
				     i++) {
					bool wait = (at + f + i) % 2;

					l.chip = &chips[c];
					print_message(
						"# %s@%llu %d\n", faults[f],
						(unsigned long long)at, wait);
					strike(&l, at, faults[f],
					       wait ? S0_RECONNECT_MS : 0,
					       (at / 2 + f) % 2, &tally);
				}
		print_message("# %s: %llu transfers, %u cuts: %u went well, %u "
			      "protected (%u untouched), %u named, %u by "
			      "recover\n",
			      chips[c].description, (unsigned long long)most,
			      tally.cuts, tally.well, tally.closed,
			      tally.untouched, tally.open, tally.recovered);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protected_sectors_are_opened_and_closed_again),
		cmocka_unit_test(an_erase_opens_what_it_needs),
		cmocka_unit_test(a_stop_does_not_keep_it_open),
		cmocka_unit_test(it_is_closed_before_the_firmware_is_started),
		cmocka_unit_test(after_a_cut_run_the_next_puts_it_back),
		cmocka_unit_test(recover_brings_back_bytes_and_protection),
		cmocka_unit_test(a_reader_is_told),
		cmocka_unit_test(without_records_nothing_is_opened),
		cmocka_unit_test(a_run_that_is_cut_says_what_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
