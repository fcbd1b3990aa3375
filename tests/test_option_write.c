/* SPDX-License-Identifier: MIT */
/* Writing a whole window of option bytes: both readings of the reset that may
 * follow, what the chip rejects, and what is known when it is cut. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "board.h"
#include "session/options.h"
#include "session/session.h"
#include "plan/options.h"

struct writing {
	struct board board;
	uint8_t old[S0_OPTION_MAX], window[S0_OPTION_MAX];
	struct s0_error err;
	struct s0_result result;
	s0_code code;
};

static const struct s0_chip *chip_of(const struct writing *w)
{
	return s0_device_info(w->board.device)->chip;
}

static void lay_out(struct writing *w, const char *description)
{
	*w = (struct writing){ .err = S0_ERROR_INIT };
	board_make(&w->board, description);
	w->board.reconnect_ms = S0_RECONNECT_MS;
}

/* What the device shows, and a window that changes nothing. */
static void start(struct writing *w)
{
	assert_int_equal(board_open(&w->board, &w->err), S0_OK);
	session_begin(w->board.session);
	assert_int_equal(
		session_read_options(w->board.session, w->old, &w->err), S0_OK);
	memcpy(w->window, w->old, sizeof w->window);
	options_keep(chip_of(w), w->window, chip_of(w)->option_length);
}

static void put(struct writing *w, const char *name, uint32_t value)
{
	const struct s0_option_field *field = s0_option_find(chip_of(w), name);

	assert_non_null(field);
	assert_true(s0_option_put(field, w->window, chip_of(w)->option_length,
				  value));
	options_mirror(chip_of(w), w->window, chip_of(w)->option_length);
}

static s0_code finish(struct writing *w)
{
	w->code = session_write_options(w->board.session, w->old, w->window,
					&w->err);
	return session_end(w->board.session, w->code, &w->result, &w->err);
}

/* As the chip itself has it. */
static uint32_t shown(struct writing *w, const char *name)
{
	uint8_t now[S0_OPTION_MAX];
	const struct s0_chip *chip = s0_chip_find("stm32h743");
	uint32_t value = 0xdead;

	if (s0_sim_peek(w->board.sim, chip->option_address, now,
			chip->option_length) != chip->option_length) {
		chip = s0_chip_find("stm32f405");
		assert_int_equal(s0_sim_peek(w->board.sim, chip->option_address,
					     now, chip->option_length),
				 chip->option_length);
	}
	assert_true(s0_option_get(s0_option_find(chip, name), now,
				  chip->option_length, false, &value));
	return value;
}

static void a_change_is_written_and_proven_whether_a_reset_follows_or_not(
	void **state)
{
	static const struct {
		const char *chip, *field;
		uint32_t value;
		unsigned resets;
	} cases[] = {
		{ "stm32h743,ob_write_reset=no", "BOR_LEV", 3, 0 },
		{ "stm32h743,ob_write_reset=yes", "BOR_LEV", 3, 1 },
		{ "stm32h743,ob_write_reset=no", "WRPSn2", 0xf0, 0 },
		{ "stm32h743,ob_write_reset=yes", "BOOT_ADD0", 0x0810, 1 },
		{ "stm32f405", "BOR_LEV", 1, 1 },
		{ "stm32f405,ob_write_reset=no", "nWRP", 0xffe, 0 },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct s0_sim_counters counters;
		struct writing w;

		print_message("# %s %s\n", cases[i].chip, cases[i].field);
		lay_out(&w, cases[i].chip);
		start(&w);
		put(&w, cases[i].field, cases[i].value);
		assert_int_equal(finish(&w), S0_OK);
		assert_int_equal(shown(&w, cases[i].field), cases[i].value);
		s0_sim_get_counters(w.board.sim, &counters);
		assert_int_equal(counters.option_changes, 1);
		assert_int_equal(counters.resets, cases[i].resets);
		assert_int_equal(w.result.options_reset, cases[i].resets > 0);
		/* It was told to: that is no symptom. */
		assert_int_equal(w.result.reconnects, 0);
		assert_null(w.board.session->journal->options);
		board_free(&w.board);
	}
}

static void what_the_device_tells_is_renewed(void **state)
{
	struct writing w;
	(void)state;

	lay_out(&w, "stm32h743");
	start(&w);
	put(&w, "RDP", 0xbb);
	assert_int_equal(finish(&w), S0_OK);
	assert_int_equal(s0_device_info(w.board.device)->rdp, 1);
	assert_int_equal(w.board.device->target->rdp, 1);
	board_free(&w.board);
}

static void what_waits_for_a_reset_is_kept_by_another_change(void **state)
{
	struct writing w;
	(void)state;

	lay_out(&w, "stm32h743,ob_write_reset=no");
	start(&w);
	put(&w, "SWAP_BANK_OPT", 1);
	assert_int_equal(finish(&w), S0_OK);
	board_close(&w.board);
	start(&w);
	put(&w, "BOR_LEV", 2);
	assert_int_equal(finish(&w), S0_OK);
	s0_sim_power_cycle(w.board.sim);
	assert_int_equal(shown(&w, "SWAP_BANK_OPT"), 1);
	assert_int_equal(shown(&w, "BOR_LEV"), 2);
	board_free(&w.board);
}

static void a_rejected_change_is_told_and_harmless(void **state)
{
	struct s0_sim_counters counters;
	struct writing w;
	(void)state;

	lay_out(&w, "stm32h743");
	start(&w);
	put(&w, "SECURITY", 1);
	put(&w, "BOR_LEV", 1);
	assert_int_equal(finish(&w), S0_E_REFUSED);
	assert_int_equal(w.err.cause, S0_CAUSE_OPTIONS_REJECTED);
	assert_int_equal(w.err.aftermath, S0_UNTOUCHED);
	assert_int_equal(shown(&w, "BOR_LEV"), 0);
	board_close(&w.board);
	/* The next is not taken for rejected, too. */
	w.err = (struct s0_error)S0_ERROR_INIT;
	start(&w);
	put(&w, "BOR_LEV", 1);
	assert_int_equal(finish(&w), S0_OK);
	s0_sim_get_counters(w.board.sim, &counters);
	assert_int_equal(counters.option_changes, 1);
	board_close(&w.board);
	/* What the chip had to say of it is cleared with that. */
	start(&w);
	assert_false(s0_option_is_set(&chip_of(&w)->option_error, w.old,
				      chip_of(&w)->option_length));
	board_free(&w.board);
}

static void a_rejected_field_that_is_alone_is_told_as_one(void **state)
{
	struct writing w;
	(void)state;

	lay_out(&w, "stm32h743");
	start(&w);
	put(&w, "SECURITY", 1);
	assert_int_equal(finish(&w), S0_E_REFUSED);
	assert_int_equal(w.err.cause, S0_CAUSE_OPTION_REJECTED);
	board_free(&w.board);
}

static void a_reading_with_a_wrong_bit_is_not_believed(void **state)
{
	uint8_t now[S0_OPTION_MAX];
	struct writing w;
	(void)state;

	lay_out(&w, "stm32h743");
	start(&w);
	for (uint64_t k = 1; k <= 12; k++) {
		s0_sim_fail_at(w.board.sim, s0_sim_transfers(w.board.sim) + k,
			       S0_SIM_FAULT_BIT_ERROR);
		w.err = (struct s0_error)S0_ERROR_INIT;
		if (session_read_options(w.board.session, now, &w.err) != S0_OK)
			continue;
		assert_memory_equal(now, w.old, chip_of(&w)->option_length);
	}
	board_free(&w.board);
}

static void nothing_is_sent_where_the_window_is_not_as_it_was(void **state)
{
	struct s0_sim_counters counters;
	struct writing w;
	(void)state;

	lay_out(&w, "stm32h743");
	start(&w);
	put(&w, "BOR_LEV", 1);
	w.old[0x1c] = 0x7f;
	assert_int_equal(finish(&w), S0_E_MISMATCH);
	assert_int_equal(w.err.aftermath, S0_UNTOUCHED);
	s0_sim_get_counters(w.board.sim, &counters);
	assert_int_equal(counters.option_changes, 0);
	board_free(&w.board);
}

static void one_that_does_not_come_back_leaves_a_note(void **state)
{
	struct s0_image *image;
	struct writing w;
	(void)state;

	lay_out(&w, "stm32h743,ob_write_reset=yes");
	start(&w);
	put(&w, "BOR_LEV", 3);
	s0_sim_set_boot0(w.board.sim, false);
	assert_int_equal(finish(&w), S0_E_GONE);
	assert_int_equal(w.err.cause, S0_CAUSE_OPTIONS_SENT);
	assert_non_null(strstr(w.err.message, "within 10 s"));
	assert_int_equal(w.err.aftermath, S0_UNKNOWN);
	board_close(&w.board);
	s0_sim_set_boot0(w.board.sim, true);
	s0_sim_power_cycle(w.board.sim);
	assert_int_equal(board_open(&w.board, NULL), S0_OK);
	assert_non_null(w.board.session->journal->options);
	assert_int_equal(w.board.session->journal->options_length, 308);
	board_close(&w.board);
	/* Other work leaves the note alone. */
	image = board_image(0x08000000, 500, 1);
	(void)board_flash_ok(&w.board, image, NULL);
	s0_image_free(image);
	assert_int_equal(board_open(&w.board, NULL), S0_OK);
	assert_non_null(w.board.session->journal->options);
	board_free(&w.board);
}

/* The transfer, behind those so far, at which a fault leads to that end. */
static void find_end(const char *chip, const char *field, uint32_t value,
		     const char *fault, s0_cause cause, struct writing *w)
{
	for (unsigned at = 1; at < 60; at++) {
		char what[64];

		lay_out(w, chip);
		start(w);
		put(w, field, value);
		(void)snprintf(what, sizeof what, fault,
			       (unsigned)s0_sim_transfers(w->board.sim) + at);
		assert_int_equal(s0_sim_inject(w->board.sim, what, NULL),
				 S0_OK);
		if (finish(w) != S0_OK && w->err.cause == cause)
			return;
		board_free(&w->board);
	}
	fail_msg("no fault led to cause %d", (int)cause);
}

static void a_torn_state_is_named_and_no_level_is_sent_to_it(void **state)
{
	struct s0_sim_counters counters;
	struct writing w;
	(void)state;

	find_end("stm32h743,ob_torn=erased,ob_write_reset=yes", "BOR_LEV", 3,
		 "brown-out@%u", S0_CAUSE_OPTIONS_MIXED, &w);
	assert_int_equal(w.code, S0_E_MISMATCH);
	assert_int_equal(w.err.aftermath, S0_PARTIAL);
	assert_non_null(strstr(w.err.message, "RDP is 1 instead of 0"));
	assert_non_null(w.board.session->journal->options);
	s0_sim_get_counters(w.board.sim, &counters);
	assert_int_equal(counters.mass_erases, 0);
	board_free(&w.board);
}

static void a_cut_regression_is_not_called_untouched(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct writing w;
	unsigned partial = 0;
	(void)state;

	for (unsigned at = 1; at < 60; at++) {
		char what[64];
		unsigned n;

		lay_out(&w, "stm32h743,rdp=1");
		w.board.reconnect_ms = 0;
		(void)s0_sim_poke(w.board.sim, 0x08000000, "firmware", 9);
		assert_int_equal(board_open(&w.board, NULL), S0_OK);
		n = (unsigned)s0_sim_transfers(w.board.sim) + at;
		(void)snprintf(what, sizeof what, "brown-out@%u+stall@%u", n,
			       n + 4);
		assert_int_equal(s0_sim_inject(w.board.sim, what, NULL), S0_OK);
		err = (struct s0_error)S0_ERROR_INIT;
		if (s0_session_unprotect(w.board.session, NULL, NULL, &err) !=
		    S0_OK) {
			uint8_t now[9];

			(void)s0_sim_peek(w.board.sim, 0x08000000, now, 9);
			if (memcmp(now, "firmware", 9) != 0)
				partial++;
			if (memcmp(now, "firmware", 9) != 0)
				assert_int_not_equal(err.aftermath,
						     S0_UNTOUCHED);
		}
		board_free(&w.board);
	}
	assert_true(partial > 0);
}

static const char *const faults[] = {
	"stall@%u",  "silent@%u",    "lost-reply@%u", "unplug@%u",   "lie@%u",
	"torn@%u",   "brown-out@%u", "hang@%u",	      "nak@%u:1000", "short@%u",
	"replug@%u", "cut@%u",	     "bit-error@%u",  "nak@%u:60000"
};

static void cut_once(const char *chip, bool patient, const char *fault)
{
	struct writing w;

	lay_out(&w, chip);
	if (!patient)
		w.board.reconnect_ms = 0;
	start(&w);
	put(&w, "BOR_LEV", 2);
	put(&w, "RDP", 0xbb);
	assert_int_equal(s0_sim_inject(w.board.sim, fault, NULL), S0_OK);
	(void)finish(&w);
	if (w.code == S0_OK || w.err.aftermath == S0_UNTOUCHED) {
		bool new = w.code == S0_OK;

		if ((shown(&w, "BOR_LEV") == 2) != new)
			print_message("# %s: %s\n", fault, w.err.message);
		assert_int_equal(shown(&w, "BOR_LEV") == 2, new);
		assert_int_equal(shown(&w, "RDP"), new ? 0xbb : 0xaa);
		assert_null(w.board.session->journal->options);
	} else {
		assert_non_null(w.board.session->journal->options);
	}
	board_free(&w.board);
}

static void every_transfer(const char *chip, bool patient, unsigned first)
{
	struct writing w;
	unsigned last;

	lay_out(&w, chip);
	start(&w);
	first += (unsigned)s0_sim_transfers(w.board.sim);
	put(&w, "BOR_LEV", 2);
	put(&w, "RDP", 0xbb);
	assert_int_equal(finish(&w), S0_OK);
	last = (unsigned)s0_sim_transfers(w.board.sim);
	board_free(&w.board);
	for (unsigned at = first + 1; at <= last; at++)
		for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
			char fault[64];

			(void)snprintf(fault, sizeof fault, faults[i], at);
			cut_once(chip, patient, fault);
		}
}

static void whatever_cuts_it_what_is_said_is_true(void **state)
{
	(void)state;
	every_transfer("stm32h743,ob_write_reset=no", true, 0);
	every_transfer("stm32h743,ob_write_reset=yes", false, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_change_is_written_and_proven_whether_a_reset_follows_or_not),
		cmocka_unit_test(what_the_device_tells_is_renewed),
		cmocka_unit_test(
			what_waits_for_a_reset_is_kept_by_another_change),
		cmocka_unit_test(a_rejected_change_is_told_and_harmless),
		cmocka_unit_test(a_rejected_field_that_is_alone_is_told_as_one),
		cmocka_unit_test(a_reading_with_a_wrong_bit_is_not_believed),
		cmocka_unit_test(
			nothing_is_sent_where_the_window_is_not_as_it_was),
		cmocka_unit_test(one_that_does_not_come_back_leaves_a_note),
		cmocka_unit_test(
			a_torn_state_is_named_and_no_level_is_sent_to_it),
		cmocka_unit_test(a_cut_regression_is_not_called_untouched),
		cmocka_unit_test(whatever_cuts_it_what_is_said_is_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
