/* SPDX-License-Identifier: MIT */
/* Chips with a flash word that stops the bootloader when it is read, by a reset
 * or by hanging it. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "board.h"
#include "sim/sim.h"

#define FLASH	0x08000000u
#define SECTOR	0x00020000u
#define WORD	(FLASH + 0x1400)
#define RESETS	"stm32h743,rom=0x92,ecc_read=reset"
#define HANGS	"stm32h743,rom=0x92"
#define FOR_BAD ",cells=ecc@0x08001400"

static const struct s0_policy plain = { 0 };
static const struct s0_policy keep = { .keep = true };
static const struct s0_policy back = { .rollback = true };

struct shop {
	struct board board;
	struct s0_image *image, *other;
	char warnings[2048];
	uint64_t drop_at; /* transfer of the next run; 0: none */
};

static void shop_make(struct shop *shop, const char *chip, bool damage)
{
	memset(shop, 0, sizeof *shop);
	board_make(&shop->board, chip);
	shop->board.reconnect_ms = 10000;
	shop->image = board_image(FLASH, 20000, 1);
	shop->other = board_image_changed(shop->image, FLASH + 19000);
	if (damage) {
		struct s0_piece p = s0_image_piece(shop->image, 0);

		(void)s0_sim_poke(shop->board.sim, FLASH, p.bytes, p.length);
		s0_sim_damage(shop->board.sim, WORD);
	}
}

static void shop_free(struct shop *shop)
{
	s0_image_free(shop->image);
	s0_image_free(shop->other);
	board_free(&shop->board);
}

static void hear(void *payload, const char *line)
{
	struct shop *shop = payload;
	size_t used = strlen(shop->warnings);

	(void)snprintf(shop->warnings + used, sizeof shop->warnings - used,
		       "%s\n", line);
}

static void open_board(struct shop *shop)
{
	shop->warnings[0] = '\0';
	assert_int_equal(board_open(&shop->board, NULL), S0_OK);
	s0_session_set_warning(shop->board.session, hear, shop);
}

/* Plan and run in a process of its own. */
static struct s0_error flash(struct shop *shop, const struct s0_policy *policy,
			     struct s0_result *result)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	char fault[64];
	s0_code code;

	open_board(shop);
	(void)snprintf(fault, sizeof fault, "replug@%llu:100",
		       (unsigned long long)(s0_sim_transfers(shop->board.sim) +
					    shop->drop_at));
	if (shop->drop_at)
		assert_int_equal(s0_sim_inject(shop->board.sim, fault, NULL),
				 S0_OK);
	code = s0_session_plan(shop->board.session, shop->other, policy, &plan,
			       &err);
	if (code == S0_OK)
		code = s0_plan_warnings(plan, hear, shop, &err);
	if (code == S0_OK)
		code = s0_session_run(shop->board.session, plan, result, &err);
	assert_int_equal(code, err.code);
	s0_plan_free(plan);
	board_close(&shop->board);
	return err;
}

static uint64_t bus_errors(const struct shop *shop)
{
	struct s0_sim_counters counters;

	s0_sim_get_counters(shop->board.sim, &counters);
	return counters.bus_errors;
}

static void assert_says(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("'%s' does not say '%s'", text, words);
}

static void assert_says_nothing_of_a_cut(const char *text)
{
	if (strstr(text, "was cut in the sector"))
		fail_msg("'%s' tells of a run that never was", text);
}

static void what_stops_it_twice_is_erased_without_being_read(void **state)
{
	struct s0_result result = { 0 };
	struct s0_error err;
	struct shop shop;
	(void)state;

	shop_make(&shop, RESETS, true);
	err = flash(&shop, &plain, &result);
	assert_int_equal(err.code, S0_OK);
	assert_int_equal(result.reconnects, 2);
	assert_int_equal(bus_errors(&shop), 2);
	assert_says(shop.warnings, "2 reconnects: reading 0x08001400 stops");
	assert_says(shop.warnings, "damaged");
	assert_says(shop.warnings, "reading the sector at 0x08000000 stopped");
	assert_says_nothing_of_a_cut(shop.warnings);
	board_assert_holds(&shop.board, shop.other);
	/* It is over with that. */
	err = flash(&shop, &keep, &result);
	assert_int_equal(err.code, S0_OK);
	assert_string_equal(shop.warnings, "");
	shop_free(&shop);
}

static void runs_that_do_not_wait_find_out_together(void **state)
{
	struct s0_result result = { 0 };
	struct s0_error err;
	struct shop shop;
	(void)state;

	shop_make(&shop, RESETS, true);
	shop.board.reconnect_ms = 0;
	err = flash(&shop, &plain, &result);
	assert_int_equal(err.code, S0_E_GONE);
	s0_sim_power_cycle(shop.board.sim);
	err = flash(&shop, &plain, &result);
	assert_int_equal(err.code, S0_E_UNREADABLE);
	assert_int_equal(err.aftermath, S0_UNTOUCHED);
	assert_int_equal(err.address, FLASH + 0x1400);
	assert_says(err.message, "in the sector at 0x08000000");
	s0_sim_power_cycle(shop.board.sim);
	err = flash(&shop, &plain, &result);
	assert_int_equal(err.code, S0_OK);
	assert_int_equal(bus_errors(&shop), 2);
	board_assert_holds(&shop.board, shop.other);
	shop_free(&shop);
}

static void what_cannot_be_read_cannot_be_kept(void **state)
{
	const struct s0_policy *const policies[] = { &keep, &back };
	(void)state;

	for (unsigned i = 0; i < 2; i++) {
		struct s0_result result = { 0 };
		struct s0_error err;
		struct shop shop;

		shop_make(&shop, RESETS, true);
		for (unsigned turn = 0; turn < 2; turn++) {
			err = flash(&shop, policies[i], &result);
			assert_int_equal(err.code, S0_E_UNREADABLE);
			assert_int_equal(err.cause, S0_CAUSE_UNREADABLE);
			assert_int_equal(err.aftermath, S0_UNTOUCHED);
			assert_says(err.message,
				    "reading 0x08001400 stops the bootloader");
			assert_says(err.message, i ? "saved" : "kept");
			assert_int_equal(bus_errors(&shop), 2);
		}
		assert_int_equal(shop.board.sim->counters.sector_erases, 0);
		shop_free(&shop);
	}
}

static void a_word_that_stays_bad_ends_it_with_the_reason(void **state)
{
	struct s0_result result = { 0 };
	struct s0_error err;
	struct shop shop;
	uint64_t before;
	(void)state;

	shop_make(&shop, RESETS FOR_BAD, false);
	err = flash(&shop, &plain, &result);
	assert_int_equal(err.code, S0_E_UNREADABLE);
	assert_int_equal(err.aftermath, S0_PARTIAL);
	assert_says(err.message, "0x08001400 stops the bootloader each time");
	assert_says(err.message, "the sector at 0x08000000 was erased");
	assert_int_equal(bus_errors(&shop), 3);
	for (unsigned process = 0; process < 3; process++) {
		before = bus_errors(&shop);
		s0_sim_power_cycle(shop.board.sim);
		err = flash(&shop, &plain, &result);
		assert_int_equal(err.code, S0_E_UNREADABLE);
		assert_says(err.message, "was erased");
		assert_int_equal(bus_errors(&shop), before + 1);
	}
	shop_free(&shop);
}

static bool swallow(void *payload, const void *bytes, size_t length)
{
	(void)payload, (void)bytes, (void)length;
	return true;
}

static void assert_noted(struct shop *shop, size_t begun, size_t unreadable)
{
	uint32_t first = 0;

	open_board(shop);
	assert_int_equal(s0_session_noted(shop->board.session, NULL), begun);
	assert_int_equal(s0_session_unreadable(shop->board.session, &first),
			 unreadable);
	assert_int_equal(first, unreadable ? FLASH : 0);
	assert_int_equal(s0_session_unfinished_count(shop->board.session),
			 begun);
	board_close(&shop->board);
}

/* At any transfer of a run that finds all in order. */
static void chance_is_no_damage(void **state)
{
	struct s0_result result = { 0 };
	struct s0_error err;
	struct shop shop;
	uint64_t erases;
	(void)state;

	shop_make(&shop, RESETS, false);
	assert_int_equal(flash(&shop, &plain, &result).code, S0_OK);
	erases = shop.board.sim->counters.sector_erases;
	for (uint64_t k = 1; k <= 24; k++) {
		shop.board.reconnect_ms = k % 2 ? 10000 : 0;
		shop.drop_at = k;
		err = flash(&shop, &plain, &result);
		shop.drop_at = 0;
		assert_int_equal(err.code, k % 2 ? S0_OK : S0_E_GONE);
		s0_sim_power_cycle(shop.board.sim);
		assert_noted(&shop, 0, 0);
		assert_int_equal(flash(&shop, &keep, &result).code, S0_OK);
	}
	assert_int_equal(shop.board.sim->counters.sector_erases, erases);
	shop_free(&shop);
}

/* A drop by chance at the place, then one more long after, is twice chance. */
static void a_place_that_was_read_since_is_not_counted(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct shop shop;
	(void)state;

	shop_make(&shop, RESETS, true);
	shop.board.reconnect_ms = 0;
	for (unsigned i = 0; i < 3; i++) {
		s0_sim_damage(shop.board.sim, WORD);
		open_board(&shop);
		err = (struct s0_error)S0_ERROR_INIT;
		assert_int_not_equal(s0_session_read(shop.board.session, FLASH,
						     SECTOR, swallow, NULL,
						     NULL, &err),
				     S0_OK);
		assert_int_equal(err.code, S0_E_GONE);
		board_close(&shop.board);
		s0_sim_power_cycle(shop.board.sim);
		(void)s0_sim_poke(shop.board.sim, WORD, "put right by others",
				  19);
		open_board(&shop);
		assert_int_equal(s0_session_read(shop.board.session, FLASH,
						 SECTOR, swallow, NULL, NULL,
						 NULL),
				 S0_OK);
		board_close(&shop.board);
	}
	assert_noted(&shop, 0, 0);
	shop_free(&shop);
}

static void a_sector_that_was_read_after_all_can_be_kept(void **state)
{
	struct s0_result result = { 0 };
	struct s0_error err = S0_ERROR_INIT;
	struct shop shop;
	(void)state;

	shop_make(&shop, RESETS, true);
	open_board(&shop);
	assert_int_not_equal(s0_session_read(shop.board.session, FLASH, SECTOR,
					     swallow, NULL, NULL, &err),
			     S0_OK);
	assert_int_equal(err.code, S0_E_UNREADABLE);
	board_close(&shop.board);
	s0_sim_power_cycle(shop.board.sim);
	assert_noted(&shop, 0, 1);
	(void)s0_sim_poke(shop.board.sim, WORD, "put right by others", 19);
	open_board(&shop);
	assert_int_equal(s0_session_read(shop.board.session, FLASH, SECTOR,
					 swallow, NULL, NULL, NULL),
			 S0_OK);
	assert_says(shop.warnings, "has stopped the bootloader before");
	assert_says_nothing_of_a_cut(shop.warnings);
	board_close(&shop.board);
	assert_noted(&shop, 0, 0);
	assert_int_equal(flash(&shop, &keep, &result).code, S0_OK);
	shop_free(&shop);
}

static void two_reads_that_hung_are_no_cut_run(void **state)
{
	struct s0_result result = { 0 };
	struct s0_error err;
	struct shop shop;
	(void)state;

	shop_make(&shop, HANGS, true);
	shop.board.reconnect_ms = 0;
	err = flash(&shop, &keep, &result);
	assert_int_equal(err.code, S0_E_TIMEOUT);
	for (unsigned turn = 0; turn < 3; turn++) {
		s0_sim_power_cycle(shop.board.sim);
		assert_noted(&shop, 0, 1);
		err = flash(&shop, &keep, &result);
		assert_int_equal(err.code, S0_E_UNREADABLE);
		assert_says_nothing_of_a_cut(err.message);
		assert_says(err.message, "stops the bootloader each time");
		assert_int_equal(bus_errors(&shop), 2);
	}
	s0_sim_power_cycle(shop.board.sim);
	err = flash(&shop, &(struct s0_policy){ .erase = S0_ERASE_NONE },
		    &result);
	assert_int_equal(err.code, S0_E_NOT_ERASED);
	assert_says_nothing_of_a_cut(err.message);
	err = flash(&shop, &plain, &result);
	assert_int_equal(err.code, S0_OK);
	assert_says_nothing_of_a_cut(shop.warnings);
	assert_noted(&shop, 0, 0);
	board_assert_holds(&shop.board, shop.other);
	shop_free(&shop);
}

/* Two replies that got lost at two places are a bad cable. */
static void reads_that_hung_at_two_places_are_tried_again(void **state)
{
	struct s0_result result = { 0 };
	struct s0_error err;
	struct shop shop;
	uint8_t kept[20];
	(void)state;

	shop_make(&shop, HANGS, true);
	shop.board.reconnect_ms = 0;
	assert_int_equal(flash(&shop, &keep, &result).code, S0_E_TIMEOUT);
	s0_sim_power_cycle(shop.board.sim);
	(void)s0_sim_poke(shop.board.sim, WORD, "put right by others", 19);
	s0_sim_damage(shop.board.sim, WORD + 0x8000);
	assert_int_equal(flash(&shop, &keep, &result).code, S0_E_TIMEOUT);
	s0_sim_power_cycle(shop.board.sim);
	(void)s0_sim_poke(shop.board.sim, WORD + 0x8000, "and again, all of it",
			  20);
	err = flash(&shop, &keep, &result);
	assert_int_equal(err.code, S0_OK);
	(void)s0_sim_peek(shop.board.sim, WORD + 0x8000, kept, sizeof kept);
	assert_memory_equal(kept, "and again, all of it", sizeof kept);
	shop_free(&shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_stops_it_twice_is_erased_without_being_read),
		cmocka_unit_test(runs_that_do_not_wait_find_out_together),
		cmocka_unit_test(what_cannot_be_read_cannot_be_kept),
		cmocka_unit_test(a_word_that_stays_bad_ends_it_with_the_reason),
		cmocka_unit_test(chance_is_no_damage),
		cmocka_unit_test(a_place_that_was_read_since_is_not_counted),
		cmocka_unit_test(a_sector_that_was_read_after_all_can_be_kept),
		cmocka_unit_test(two_reads_that_hung_are_no_cut_run),
		cmocka_unit_test(reads_that_hung_at_two_places_are_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
