/* SPDX-License-Identifier: MIT */
/*
 * The chip as another program left it, in every state of DFU: it is looked at
 * and programmed, or the user is told to cycle its power; and nothing that was
 * left pending is carried out unasked.
 */
#include "test.h"

#include <string.h>

#include "base/bytes.h"
#include "board.h"
#include "sim/sim.h"

#define FLASH 0x08000000u

enum { SYNC = 3, BUSY = 4, MANIFEST_SYNC = 6, ERROR = 10, VENDOR = 11 };

static const char *const chips[] = {
	"stm32h743,rom=0x92",
	"stm32h743,rom=0x91",
	"stm32h743,rom=0x90",
	"stm32f405",
	"stm32f405,answer=poll",
	"stm32h743,rom=0x92,upload_error=state15,target_error=openbl",
	"stm32h743,rom=0x92,first_status=errFIRMWARE",
	"stm32h743,rom=0x92,erase_moves_pointer=no",
	"stm32h743,rom=0x92,clrstatus_outside_error=stall",
	"stm32f405,clrstatus_outside_error=stall",
};

/* What a DNLOAD left behind: bytes of a command, or of a block. */
struct left {
	uint16_t block, length;
	uint8_t bytes[8];
};

static const struct left nothing;
static const struct left pending[] = {
	{ 0, 5, { 0x41, 0, 0, 0, 8 } }, /* erase the first sector */
	{ 0, 1, { 0x41 } },		/* mass erase */
	{ 0, 1, { 0x92 } },		/* read unprotect */
	{ 0, 5, { 0x21, 0, 0, 1, 8 } }, /* Set Address */
	{ 2, 8, { 0 } },		/* write over the vector table */
	{ 9, 8, { 1, 2, 3 } },
};

static void leave_it(struct board *board, uint8_t state, uint8_t status,
		     const struct left *left)
{
	struct sim_dfu *dfu = &board->sim->dfu;

	dfu->state = state;
	dfu->status = status;
	dfu->pending = left->length != 0;
	dfu->block = left->block;
	dfu->length = left->length;
	memcpy(dfu->buffer, left->bytes, sizeof left->bytes);
}

/* Where CLRSTATUS is stalled nothing leads out of a state that ABORT does not
 * end. */
static bool may_be_stuck(const char *chip, uint8_t state)
{
	bool aborted = state == 2 || state == 3 || state == 5 || state == 6 ||
		       state == 9;

	return strstr(chip, "clrstatus") && state != ERROR && !aborted;
}

static void says_power_cycle(struct s0_error *err)
{
	assert_int_equal(err->code, S0_E_PROTOCOL);
	assert_int_equal(err->cause, S0_CAUSE_WEDGED);
	assert_int_equal(err->aftermath, S0_UNTOUCHED);
	s0_error_explain(err);
	assert_non_null(strstr(err->hint, "power the board off and on"));
}

static void try_state(const char *chip, uint8_t state, uint8_t status,
		      const struct left *left, unsigned *stuck)
{
	struct s0_image *old = board_image(FLASH, 500, 1);
	struct s0_image *image = board_image(FLASH, 700, 2);
	struct s0_error err = S0_ERROR_INIT;
	struct s0_sim_counters did, before;
	struct board board;
	s0_code code;

	board_make(&board, chip);
	(void)board_flash_ok(&board, old, NULL);
	s0_sim_get_counters(board.sim, &before);
	leave_it(&board, state, status, left);
	code = board_open(&board, &err);
	board_close(&board);
	board_assert_holds(&board, old);
	s0_sim_get_counters(board.sim, &did);
	assert_int_equal(did.sector_erases, before.sector_erases);
	assert_int_equal(did.words_programmed, before.words_programmed);
	if (code != S0_OK) {
		if (!may_be_stuck(chip, state))
			print_message("# %s, state %u: %s\n", chip, state,
				      err.message);
		assert_true(may_be_stuck(chip, state));
		says_power_cycle(&err);
		++*stuck;
		s0_sim_power_cycle(board.sim);
	} else {
		leave_it(&board, state, status, left);
	}
	(void)board_flash_ok(&board, image, NULL);
	board_assert_holds(&board, image);
	assert_int_equal(board_damaged(&board), 0);
	board_free(&board);
	s0_image_free(old);
	s0_image_free(image);
}

static void every_state_is_left_or_named(void **state)
{
	static const uint8_t states[] = { 0, 1, 2, SYNC, BUSY, 5,  6,
					  7, 8, 9, 11,	 15,   42, 255 };
	unsigned stuck = 0;
	(void)state;

	for (size_t c = 0; c < sizeof chips / sizeof *chips; c++) {
		for (size_t i = 0; i < sizeof states; i++)
			try_state(chips[c], states[i], 0, &nothing, &stuck);
		for (uint8_t status = 0; status < 18; status++)
			try_state(chips[c], ERROR, status, &nothing, &stuck);
	}
	print_message("# %u times a power cycle was needed\n", stuck);
	/* 0, 1, 4, 7, 8, 11, 15, 42, 255, on two chips */
	assert_int_equal(stuck, 2 * 9);
}

static void nothing_left_pending_is_carried_out(void **state)
{
	unsigned stuck = 0;
	(void)state;

	for (size_t c = 0; c < sizeof chips / sizeof *chips; c++)
		for (size_t i = 0; i < sizeof pending / sizeof *pending; i++)
			try_state(chips[c], SYNC, 0, &pending[i], &stuck);
	assert_int_equal(stuck, 0);
}

static void a_command_to_leave_that_is_pending_starts_nothing(void **state)
{
	struct board board;
	(void)state;

	for (size_t c = 0; c < sizeof chips / sizeof *chips; c++) {
		board_make(&board, chips[c]);
		leave_it(&board, MANIFEST_SYNC, 0, &nothing);
		assert_int_equal(board_open(&board, NULL), S0_OK);
		assert_true(s0_sim_attached(board.sim));
		board_free(&board);
	}
}

/* It is in dfuERROR until its power is cycled (an over-long DNLOAD). */
static void a_latched_error_is_named(void **state)
{
	(void)state;

	for (size_t c = 0; c < sizeof chips / sizeof *chips; c++) {
		struct s0_error err = S0_ERROR_INIT;
		struct board board;

		board_make(&board, chips[c]);
		leave_it(&board, ERROR, 15, &nothing);
		board.sim->dfu.latched = true;
		assert_int_not_equal(board_open(&board, &err), S0_OK);
		says_power_cycle(&err);
		s0_sim_power_cycle(board.sim);
		assert_int_equal(board_open(&board, NULL), S0_OK);
		board_free(&board);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_is_left_or_named),
		cmocka_unit_test(nothing_left_pending_is_carried_out),
		cmocka_unit_test(
			a_command_to_leave_that_is_pending_starts_nothing),
		cmocka_unit_test(a_latched_error_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
