/* SPDX-License-Identifier: MIT */
/*
 * Cut a programming run at every single transfer, in every way: it must fail
 * honestly, and running it again must repair the device, with the bytes that
 * were to be kept intact. The second run gets no help but a replug where the
 * device is gone.
 *
 * The run: two sectors in each bank, --keep, two segments that share a flash
 * word, a short tail, --start. Called with the ROM's version: test_sweep 0x91;
 * "test_sweep 0x92 mass" programs a little of each sector of a 1 MiB part
 * instead, keeping nothing, so that all of it is erased at once; "most" leaves
 * out one sector, which is blank.
 * SECTOR0_SWEEP_STRIDE=7 in the environment cuts at every seventh transfer
 * only, from a start that differs for each fault: for a second compiler.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

#define FLASH 0x08000000u
#define SIZE  0x00200000u

struct sweep {
	char description[64];
	struct s0_image *image; /* to be programmed */
	struct s0_image *keep;	/* stands beside it and must stay */
	uint8_t *before;	/* the whole flash before the run */
	uint8_t *now;
	bool mass, most;
	struct s0_policy policy;
};

struct tally {
	unsigned cuts, failed, untouched, partial, unknown, hung;
};

static void add(struct s0_image *image, uint32_t address, uint32_t length,
		uint32_t seed)
{
	uint8_t bytes[4096];

	assert_true(length <= sizeof bytes);
	board_random(bytes, length, seed);
	assert_int_equal(s0_image_add(image, "t", address, bytes, length, NULL),
			 S0_OK);
}

static void fill_images(struct sweep *sweep)
{
	if (sweep->mass) {
		for (uint32_t i = 0; i < 8; i++) {
			if (sweep->most && i == 3)
				continue;
			add(sweep->image,
			    FLASH + i % 4 * 0x20000 + i / 4 * 0x100000, 300,
			    20 + i);
		}
		return;
	}
	add(sweep->image, 0x08000000, 3000, 1); /* a short tail */
	add(sweep->image, 0x08020010, 20, 2);	/* 0x10..0x23 … */
	add(sweep->image, 0x08020024, 1200, 3); /* … share a flash word */
	add(sweep->image, 0x08100400, 2048, 4); /* bank 2 */
	add(sweep->image, 0x08130000 - 100, 100, 5); /* and its next sector */
	add(sweep->keep, 0x08010000, 64, 6);
	add(sweep->keep, 0x08020000, 16, 7); /* in a word of the image's */
	add(sweep->keep, 0x0803ffe0, 32, 8);
	add(sweep->keep, 0x08100000, 100, 9);
	add(sweep->keep, 0x08120000, 2000, 10);
	add(sweep->keep, 0x08040000, 512, 11); /* an untouched sector */
}

static int make(void **state)
{
	struct sweep *sweep = *state;

	assert_int_equal(s0_image_new(&sweep->image, NULL), S0_OK);
	assert_int_equal(s0_image_new(&sweep->keep, NULL), S0_OK);
	sweep->before = malloc(SIZE);
	sweep->now = malloc(SIZE);
	assert_non_null(sweep->before);
	assert_non_null(sweep->now);
	sweep->policy =
		(struct s0_policy){ .keep = !sweep->mass, .start = true };
	fill_images(sweep);
	return 0;
}

static int unmake(void **state)
{
	struct sweep *sweep = *state;

	s0_image_free(sweep->image);
	s0_image_free(sweep->keep);
	free(sweep->before);
	free(sweep->now);
	return 0;
}

/* A board that holds other firmware in the touched sectors. */
static void set_up(const struct sweep *sweep, struct board *board)
{
	uint8_t old[4096];

	board_make(board, sweep->description);
	board_random(old, sizeof old, 99);
	(void)s0_sim_poke(board->sim, 0x08000000, old, 2900);
	(void)s0_sim_poke(board->sim, 0x08020010, old, 500);
	(void)s0_sim_poke(board->sim, 0x08100400, old, 2048);
	(void)s0_sim_poke(board->sim, 0x08130000 - 100, old, 64);
	for (size_t i = 0; i < s0_image_piece_count(sweep->keep); i++) {
		struct s0_piece p = s0_image_piece(sweep->keep, i);

		(void)s0_sim_poke(board->sim, p.address, p.bytes, p.length);
	}
}

static uint64_t transfers_of_a_clean_run(const struct sweep *sweep)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_sim_counters counters;
	struct s0_result result;
	struct board board;
	uint64_t transfers;

	set_up(sweep, &board);
	if (board_flash(&board, sweep->image, &sweep->policy, &result, &err) !=
	    S0_OK)
		print_message("# %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	board_assert_holds(&board, sweep->image);
	board_assert_holds(&board, sweep->keep);
	assert_int_equal(board_damaged(&board), 0);
	assert_int_equal(s0_sim_started(board.sim), FLASH);
	transfers = s0_sim_transfers(board.sim);
	s0_sim_get_counters(board.sim, &counters);
	assert_int_equal(counters.mass_erases, sweep->mass ? 1 : 0);
	board_free(&board);
	return transfers;
}

static void check_failure(struct sweep *sweep, const struct board *board,
			  const struct s0_error *err, struct tally *tally)
{
	tally->failed++;
	assert_true(strlen(err->message) > 0);
	tally->untouched += err->aftermath == S0_UNTOUCHED;
	tally->partial += err->aftermath == S0_PARTIAL;
	tally->unknown += err->aftermath == S0_UNKNOWN;
	if (err->aftermath != S0_UNTOUCHED)
		return;
	(void)s0_sim_peek(board->sim, FLASH, sweep->now, SIZE);
	if (memcmp(sweep->now, sweep->before, SIZE) != 0)
		assert_memory_equal(sweep->now, sweep->before, SIZE);
}

/* All the help there is: plug in what is gone, power-cycle what has hung. */
static void replug(struct board *board, struct tally *tally)
{
	if (s0_sim_hung(board->sim)) {
		tally->hung++;
		s0_sim_power_cycle(board->sim);
	}
	s0_sim_advance_us(board->sim, 200000);
	s0_sim_replug(board->sim);
}

/* A mass erase that was cut may have damaged the blank sector beside the image;
 * no later run may touch it unasked, but says how to ask. */
static void erase_beside(struct board *board)
{
	struct s0_unfinished left;

	assert_int_equal(board_open(board, NULL), S0_OK);
	for (size_t i = 0; s0_session_unfinished(board->session, i, &left);)
		if (left.address == FLASH + 3 * 0x20000)
			assert_int_equal(
				s0_session_erase(board->session, left.address,
						 left.length, NULL, NULL),
				S0_OK);
		else
			i++;
	board_close(board);
}

static void cut(struct sweep *sweep, uint64_t at, s0_sim_fault fault,
		struct tally *tally)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct board board;

	set_up(sweep, &board);
	(void)s0_sim_peek(board.sim, FLASH, sweep->before, SIZE);
	s0_sim_fail_at(board.sim, at, fault);
	tally->cuts++;
	if (board_flash(&board, sweep->image, &sweep->policy, &result, &err) ==
	    S0_OK) {
		board_assert_holds(&board, sweep->image);
		board_assert_holds(&board, sweep->keep);
		assert_true(result.started);
		/* A device that vanished: nobody can tell why. */
		assert_true(s0_sim_started(board.sim) == FLASH ||
			    !s0_sim_attached(board.sim));
	} else
		check_failure(sweep, &board, &err, tally);
	replug(&board, tally);
	if (sweep->most)
		erase_beside(&board);
	err = (struct s0_error)S0_ERROR_INIT;
	if (board_flash(&board, sweep->image, &sweep->policy, &result, &err) !=
	    S0_OK)
		print_message("# cut at %llu by %s: the second run says: %s\n",
			      (unsigned long long)at, s0_sim_fault_name(fault),
			      err.message);
	assert_int_equal(err.code, S0_OK);
	board_assert_holds(&board, sweep->image);
	board_assert_holds(&board, sweep->keep);
	assert_int_equal(board_damaged(&board), 0);
	assert_int_equal(s0_sim_started(board.sim), FLASH);
	board_free(&board);
}

static void any_cut_is_reported_and_repaired_by_running_again(void **state)
{
	struct sweep *sweep = *state;
	uint64_t transfers = transfers_of_a_clean_run(sweep);
	const char *word = getenv("SECTOR0_SWEEP_STRIDE");
	unsigned stride = word && atoi(word) > 0 ? (unsigned)atoi(word) : 1;
	struct tally all = { 0 };

	assert_true(transfers >= 60);
	for (int fault = S0_SIM_FAULT_NONE + 1; fault < S0_SIM_FAULT_COUNT;
	     fault++) {
		struct tally tally = { 0 };

		/* what came later is kin to what was there: every fourth */
		unsigned step = fault > S0_SIM_FAULT_HANG ? 4 * stride : stride;

		for (uint64_t at = 1 + (unsigned)fault % step; at <= transfers;
		     at += step)
			cut(sweep, at, (s0_sim_fault)fault, &tally);
		print_message("# %s: %u cuts, %u failed: %u untouched, %u "
			      "partly written, %u unknown; %u hung\n",
			      s0_sim_fault_name((s0_sim_fault)fault),
			      tally.cuts, tally.failed, tally.untouched,
			      tally.partial, tally.unknown, tally.hung);
		all.cuts += tally.cuts;
		all.hung += fault == S0_SIM_FAULT_HANG ? 0 : tally.hung;
	}
	print_message("# %s: %llu transfers, %u cuts, every one repaired by "
		      "running again; %u needed a power cycle\n",
		      sweep->description, (unsigned long long)transfers,
		      all.cuts, all.hung);
}

int main(int argc, char **argv)
{
	static struct sweep sweep;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate_setup_teardown(
			any_cut_is_reported_and_repaired_by_running_again, make,
			unmake, &sweep),
	};

	sweep.most = argc > 2 && strcmp(argv[2], "most") == 0;
	sweep.mass = sweep.most || (argc > 2 && strcmp(argv[2], "mass") == 0);
	(void)snprintf(sweep.description, sizeof sweep.description,
		       "stm32h743,rom=%s%s", argc > 1 ? argv[1] : "0x91",
		       sweep.mass ? ",flash_kb=1024" : "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
