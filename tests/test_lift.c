/* SPDX-License-Identifier: MIT */
/* Write protection that is taken off for a run is put back. */
#include "lifting.h"

#include <string.h>

#include <sector0/option_session.h>

#include "plan/options.h"
#include "session/device.h"
#include "session/options.h"

static void protected_sectors_are_opened_and_closed_again(void **state)
{
	(void)state;

	for (size_t i = 0; i < LIFTING_CHIPS; i++) {
		struct s0_sim_counters before, after;
		struct lifting l;

		print_message("# %s\n", lifting_chips[i].description);
		lifting_make(&l, &lifting_chips[i]);
		assert_int_equal(lifting_flash(&l, false), S0_E_PROTECTED);
		assert_int_equal(l.err.cause, S0_CAUSE_WRITE_PROTECTED);
		assert_int_equal(l.err.aftermath, S0_UNTOUCHED);
		s0_sim_get_counters(l.board.sim, &before);
		assert_int_equal(before.option_changes, 0);
		lifting_flash_ok(&l);
		assert_int_equal(l.result.lifted_sectors,
				 lifting_chips[i].sector == 0x08020000 ? 2 : 1);
		s0_sim_get_counters(l.board.sim, &after);
		assert_int_equal(after.option_changes, 2);
		/* Nothing to change any more: nothing is opened. */
		lifting_flash_ok(&l);
		assert_int_equal(l.result.lifted_sectors, 0);
		s0_sim_get_counters(l.board.sim, &after);
		assert_int_equal(after.option_changes, 2);
		lifting_free(&l);
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

		lifting_make(&l, &lifting_chips[0]);
		(void)s0_sim_poke(l.board.sim, FLASH + SECTOR, "olden", 5);
		assert_int_equal(lifting_open(&l, true), S0_OK);
		assert_int_equal(
			s0_session_erase(l.board.session, cases[i].address,
					 cases[i].length, &l.result, &l.err),
			S0_OK);
		assert_int_equal(l.result.lifted_sectors, cases[i].opened);
		assert_true(lifting_is_back(&l));
		board_close(&l.board);
		(void)s0_sim_peek(l.board.sim, FLASH + SECTOR, &byte, 1);
		assert_int_equal(byte, cases[i].opened ? 0xff : 'o');
		lifting_free(&l);
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

	lifting_make(&l, &lifting_chips[1]);
	assert_int_equal(lifting_open(&l, true), S0_OK);
	s0_session_set_progress(l.board.session, stop, &l);
	assert_int_equal(lifting_run(&l, &lifting_keep), S0_E_CANCELLED);
	assert_int_equal(l.err.aftermath, S0_PARTIAL);
	assert_true(lifting_is_back(&l));
	assert_non_null(strstr(l.err.message, "stopped as asked: "));
	lifting_flash_ok(&l);
	lifting_free(&l);
}

static void it_is_closed_before_the_firmware_is_started(void **state)
{
	struct s0_policy policy = { .keep = true, .start = true };
	struct lifting l;
	(void)state;

	lifting_make(&l, &lifting_chips[0]);
	assert_int_equal(lifting_open(&l, true), S0_OK);
	assert_int_equal(lifting_run(&l, &policy), S0_OK);
	assert_true(lifting_is_back(&l));
	assert_int_equal(s0_sim_started(l.board.sim), FLASH);
	lifting_free(&l);
}

/* A run that was killed, or lost its device, once all was erased. */
static void cut(struct lifting *l)
{
	lifting_make(l, &lifting_chips[0]);
	assert_int_equal(lifting_open(l, true), S0_OK);
	assert_int_equal(s0_sim_inject(l->board.sim, "unplug@program2", NULL),
			 S0_OK);
	assert_int_not_equal(lifting_run(l, &lifting_keep), S0_OK);
	assert_false(lifting_is_back(l));
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
	lifting_flash_ok(&l);
	lifting_free(&l);
	/* One that does not take protection off counts it as there. */
	cut(&l);
	assert_int_equal(lifting_flash(&l, false), S0_E_PROTECTED);
	assert_false(lifting_is_back(&l));
	/* Another that touches none of these sectors. */
	image = l.image;
	l.image = other;
	assert_int_equal(lifting_flash(&l, false), S0_OK);
	l.image = image;
	assert_true(lifting_is_back(&l));
	assert_non_null(strstr(l.warnings, "they have it again\n"));
	lifting_free(&l);
	/* An erase. */
	cut(&l);
	assert_int_equal(lifting_open(&l, false), S0_OK);
	assert_int_equal(s0_session_erase(l.board.session, FLASH + 4 * SECTOR,
					  1, NULL, &l.err),
			 S0_OK);
	assert_true(lifting_is_back(&l));
	assert_false(s0_session_lifted(l.board.session));
	lifting_free(&l);
	s0_image_free(other);
}

static void a_stress_test_closes_what_was_left_open_and_stays_out(void **state)
{
	const uint32_t free_one = FLASH + 4 * SECTOR, open_one = FLASH + SECTOR;
	struct s0_stress *stress = NULL;
	struct lifting l;
	(void)state;

	cut(&l);
	assert_int_equal(lifting_open(&l, true), S0_OK);
	assert_int_equal(s0_session_stress(l.board.session, &open_one, 1,
					   &stress, &l.err),
			 S0_E_PROTECTED);
	assert_false(lifting_is_back(&l));
	assert_int_equal(s0_session_stress(l.board.session, &free_one, 1,
					   &stress, &l.err),
			 S0_OK);
	assert_true(lifting_is_back(&l));
	assert_false(s0_session_lifted(l.board.session));
	s0_stress_free(stress);
	board_close(&l.board);
	lifting_free(&l);
}

static bool pass(void *payload, const void *bytes, size_t length)
{
	(void)payload;
	(void)bytes;
	(void)length;
	return true;
}

static s0_code set(struct lifting *l, const char *setting)
{
	const struct s0_device_info *info = s0_device_info(l->board.device);
	struct s0_option_plan *plan = NULL;
	struct s0_option_change change;
	s0_code code;

	assert_int_equal(s0_session_read_options(l->board.session, NULL),
			 S0_OK);
	l->warnings[0] = '\0';
	code = s0_option_parse(info->chip, info->options, info->option_length,
			       setting, &change, &l->err);
	assert_int_equal(code, S0_OK);
	code = s0_option_plan_new(info->chip, NULL, info->options,
				  info->option_length, &change, 1, &plan,
				  &l->err);
	assert_int_equal(code, S0_OK);
	code = s0_session_set_options(l->board.session, plan, 0, NULL, &l->err);
	s0_option_plan_free(plan);
	return code;
}

static void who_sets_options_is_told_what_becomes_of_it(void **state)
{
	struct lifting l;
	(void)state;

	cut(&l);
	assert_int_equal(lifting_open(&l, false), S0_OK);
	assert_int_equal(set(&l, "SWAP_BANK_OPT=on"), S0_E_REFUSED);
	assert_int_equal(l.err.aftermath, S0_UNTOUCHED);
	l.err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(set(&l, "BOR_LEV=3"), S0_OK);
	assert_true(s0_session_lifted(l.board.session));
	assert_int_equal(set(&l, "WRPSn1=7"), S0_OK);
	assert_non_null(strstr(l.warnings, "what was set now counts"));
	assert_false(s0_session_lifted(l.board.session));
	lifting_free(&l);
}

/* By somebody else: the note must not protect what lies there now. */
static void it_is_not_put_back_on_the_other_bank(void **state)
{
	uint8_t old[S0_OPTION_MAX], window[S0_OPTION_MAX];
	const struct s0_chip *h743 = s0_chip_find("h743");
	uint32_t length = h743->option_length;
	struct lifting l;
	(void)state;

	cut(&l);
	assert_int_equal(lifting_open(&l, false), S0_OK);
	session_begin(l.board.session);
	assert_int_equal(session_read_options(l.board.session, old, NULL),
			 S0_OK);
	memcpy(window, old, sizeof window);
	options_keep(h743, window, length);
	assert_true(s0_option_put(s0_option_find(h743, "SWAP_BANK_OPT"), window,
				  length, 1));
	options_mirror(h743, window, length);
	assert_int_equal(
		session_write_options(l.board.session, old, window, &l.err),
		S0_OK);
	board_close(&l.board);
	s0_sim_power_cycle(l.board.sim);
	assert_int_equal(lifting_open(&l, true), S0_OK);
	assert_int_equal(s0_session_erase(l.board.session, FLASH + 4 * SECTOR,
					  1, NULL, &l.err),
			 S0_E_DIFFERENT);
	assert_int_equal(l.err.cause, S0_CAUSE_SWAPPED);
	assert_int_equal(l.err.aftermath, S0_UNTOUCHED);
	l.err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(s0_session_read(l.board.session, FLASH + 4 * SECTOR,
					 16, pass, NULL, NULL, &l.err),
			 S0_OK);
	assert_non_null(strstr(l.warnings, "the banks were swapped since"));
	assert_int_equal(set(&l, "SWAP_BANK_OPT=off"), S0_OK);
	board_close(&l.board);
	s0_sim_power_cycle(l.board.sim);
	lifting_flash_ok(&l);
	lifting_free(&l);
}

/* Level 1 hides the unique ID: who went back to 0 had no record of it. */
static void a_cut_change_of_the_level_may_have_been_undone(void **state)
{
	static const struct {
		const char *field;
		uint32_t value;
		bool undone;
	} cases[] = { { "RDP", 0xbb, true }, { "BOR_LEV", 3, false } };
	const struct s0_chip *h743 = s0_chip_find("h743");
	const uint32_t length = h743->option_length;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		uint8_t old[S0_OPTION_MAX], window[S0_OPTION_MAX];
		struct lifting l;

		lifting_make(&l, &lifting_chips[0]);
		assert_int_equal(lifting_open(&l, false), S0_OK);
		assert_int_equal(
			session_read_options(l.board.session, old, NULL),
			S0_OK);
		options_keep(h743, old, length);
		memcpy(window, old, sizeof window);
		assert_true(s0_option_put(s0_option_find(h743, cases[i].field),
					  window, length, cases[i].value));
		assert_int_equal(journal_begin_options(l.board.session->journal,
						       old, window, length,
						       NULL),
				 S0_OK);
		assert_int_equal(s0_session_read_options(l.board.session, NULL),
				 S0_OK);
		assert_non_null(strstr(l.warnings, "it has not been made"));
		assert_int_equal(strstr(l.warnings, "or was undone") != NULL,
				 cases[i].undone);
		lifting_free(&l);
	}
}

static void recover_brings_back_bytes_and_protection(void **state)
{
	struct lifting l;
	(void)state;

	cut(&l);
	assert_int_equal(lifting_open(&l, false), S0_OK);
	assert_true(s0_session_lifted(l.board.session));
	assert_int_equal(s0_session_recover(l.board.session, NULL, &l.err),
			 S0_OK);
	assert_true(lifting_is_back(&l));
	assert_false(s0_session_lifted(l.board.session));
	board_assert_holds(&l.board, l.kept);
	lifting_free(&l);
}

static void a_reader_is_told(void **state)
{
	struct lifting l;
	(void)state;

	cut(&l);
	assert_int_equal(lifting_open(&l, false), S0_OK);
	assert_int_equal(s0_session_read(l.board.session, FLASH + 4 * SECTOR,
					 16, pass, NULL, NULL, &l.err),
			 S0_OK);
	assert_non_null(strstr(l.warnings, "'sector0 option set WRPSn1=1 "
					   "WRPSn2=0'"));
	assert_false(lifting_is_back(&l));
	lifting_free(&l);
}

static void without_records_nothing_is_opened(void **state)
{
	struct lifting l;
	(void)state;

	lifting_make(&l, &lifting_chips[0]);
	assert_int_equal(lifting_open(&l, true), S0_OK);
	l.board.device->info.uid[0] = '\0';
	assert_int_equal(lifting_run(&l, &(struct s0_policy){ 0 }),
			 S0_E_UNSUPPORTED);
	assert_int_equal(l.err.aftermath, S0_UNTOUCHED);
	assert_true(lifting_is_back(&l));
	lifting_free(&l);
}

/* What was asked for then is still in the registers to program. */
static void a_change_that_the_chip_refused_does_not_come_along(void **state)
{
	static const struct lifting_chip chip = {
		"stm32h743,rom=0x92,wrp=0x0102,pcrop=0x08080000+0x2000", "h743",
		0x08100000
	};
	uint8_t old[S0_OPTION_MAX], window[S0_OPTION_MAX];
	const struct s0_chip *h743 = s0_chip_find("h743");
	struct lifting l;
	(void)state;

	lifting_make(&l, &chip);
	assert_int_equal(lifting_open(&l, false), S0_OK);
	session_begin(l.board.session);
	assert_int_equal(session_read_options(l.board.session, old, NULL),
			 S0_OK);
	memcpy(window, old, sizeof window);
	options_keep(h743, window, h743->option_length);
	assert_true(s0_option_put(s0_option_find(h743, "PROT_AREA_END1"),
				  window, h743->option_length, 0x801));
	assert_int_equal(
		session_write_options(l.board.session, old, window, &l.err),
		S0_E_REFUSED);
	board_close(&l.board);
	lifting_flash_ok(&l);
	lifting_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protected_sectors_are_opened_and_closed_again),
		cmocka_unit_test(an_erase_opens_what_it_needs),
		cmocka_unit_test(a_stop_does_not_keep_it_open),
		cmocka_unit_test(it_is_closed_before_the_firmware_is_started),
		cmocka_unit_test(after_a_cut_run_the_next_puts_it_back),
		cmocka_unit_test(
			a_stress_test_closes_what_was_left_open_and_stays_out),
		cmocka_unit_test(who_sets_options_is_told_what_becomes_of_it),
		cmocka_unit_test(it_is_not_put_back_on_the_other_bank),
		cmocka_unit_test(
			a_cut_change_of_the_level_may_have_been_undone),
		cmocka_unit_test(recover_brings_back_bytes_and_protection),
		cmocka_unit_test(a_reader_is_told),
		cmocka_unit_test(without_records_nothing_is_opened),
		cmocka_unit_test(
			a_change_that_the_chip_refused_does_not_come_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
