/* SPDX-License-Identifier: MIT */
/* What is told of chips of the table, and files that keep them. */
#include "sim_bench.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define QUIET "early_poll=ok,first_status=ok"

static void get_string(struct bench *bench, uint8_t index)
{
	bench_control(bench, 0x80, 6, (uint16_t)(0x300 | index), 0x409, 255);
	assert_int_equal(bench->reply.handshake, S0_SIM_ACK);
}

static void expect_text(struct bench *bench, uint8_t index, const char *text)
{
	get_string(bench, index);
	assert_int_equal(bench->reply.length, 2 + 2 * strlen(text));
	for (size_t i = 0; text[i]; i++)
		assert_int_equal(bench->data[2 + 2 * i], text[i]);
}

static void expect_erase(struct bench *bench, uint32_t address, uint32_t other,
			 bool goes)
{
	static const uint8_t word[4] = { 1 };

	s0_sim_poke(bench->sim, other, word, sizeof(word));
	bench_erase(bench, address);
	assert_int_equal(s0_sim_word_state(bench->sim, other),
			 goes ? S0_SIM_WORD_ERASED : S0_SIM_WORD_PROGRAMMED);
}

/* Reports of F767 boards whose firmware was cut to pieces. */
static void an_f767_with_two_banks_says_that_it_has_one(void **state)
{
	static const char layout[] = "@Internal Flash  /0x08000000/04*032Kg,"
				     "01*128Kg,07*256Kg";
	struct bench *bench = bench_make(state, "stm32f767," QUIET);

	expect_text(bench, 4, layout);
	expect_erase(bench, BANK_1, BANK_1 + 0x7ffc, true);
	expect_erase(bench, 0x08040000, 0x0807fffc, true);
	bench = bench_make(state, "stm32f767,nDBANK=0," QUIET);
	expect_text(bench, 4, layout);
	expect_erase(bench, BANK_1, BANK_1 + 0x3ffc, true);
	expect_erase(bench, BANK_1, BANK_1 + 0x4000, false);
	expect_erase(bench, 0x08040000, 0x08060000, false);
	expect_erase(bench, BANK_2, BANK_2 + 0x3ffc, true);
	expect_erase(bench, BANK_2, BANK_2 + 0x4000, false);
}

/* The second bank of a small part lies behind a hole. */
static void a_g474_that_is_switched_has_its_second_bank(void **state)
{
	static const uint8_t bytes[8] = { 1, 2, 3 };
	struct bench *bench =
		bench_make(state, "stm32g474,flash_kb=128,DBANK=0");
	uint8_t window[48];
	uint32_t optr;

	bench_peek(bench, 0x1fff7800, window, sizeof(window));
	optr = get_le32(window) | 1u << 22;
	put_le32(window, optr);
	put_le32(window + 4, ~optr);
	assert_int_equal(s0_sim_word_state(bench->sim, 0x0804fff8),
			 S0_SIM_WORD_NONE);
	s0_sim_poke(bench->sim, 0x1fff7800, window, sizeof(window));
	assert_int_equal(s0_sim_word_state(bench->sim, 0x0804fff8),
			 S0_SIM_WORD_ERASED);
	s0_sim_poke(bench->sim, 0x0804fff8, bytes, sizeof(bytes));
	bench_expect_read(bench, 0x0804fff8, bytes, sizeof(bytes));
	bench_abort(bench);
	bench_erase(bench, 0x0804f800);
	assert_int_equal(s0_sim_word_state(bench->sim, 0x0804fff8),
			 S0_SIM_WORD_ERASED);
}

static void an_f429_says_that_its_strings_are_longer(void **state)
{
	struct bench *bench = bench_make(state, "stm32f429");

	get_string(bench, 4);
	assert_int_equal(bench->data[0], bench->reply.length + 2);
	get_string(bench, 2);
	assert_int_equal(bench->data[0], bench->reply.length);
	bench = bench_make(state, "stm32f429,string_length=true");
	get_string(bench, 4);
	assert_int_equal(bench->data[0], bench->reply.length);
}

static void serial_numbers_are_those_that_were_seen(void **state)
{
	expect_text(bench_make(state, "stm32f072"), 3, "FFFFFFFEFFFF");
	expect_text(bench_make(state, "stm32f105"), 3, "STM32");
	expect_text(bench_make(state, "stm32f722"), 3, "STM32FxSTM32");
	expect_text(bench_make(state, "stm32g431,uid="
				      "010000000000020000000000"),
		    3, "000000010002");
}

static void a_gd32_programs_nothing_twice_and_dies_when_it_leaves(void **state)
{
	static const uint8_t old[4] = { 1, 2, 3, 4 }, new[4] = { 5, 6, 7, 8 };
	struct bench *bench = bench_make(state, "gd32vf103," QUIET);

	bench_write(bench, BANK_1, old, 4);
	bench_write(bench, BANK_1, new, 4);
	bench_expect_read(bench, BANK_1, old, 4);
	bench_abort(bench);
	bench_dnload(bench, 2, NULL, 0);
	bench_getstatus(bench);
	assert_false(s0_sim_attached(bench->sim));
	assert_int_equal(s0_sim_started(bench->sim), 0);
}

static void who_resets_after_option_bytes_goes_off_the_bus(void **state)
{
	static const struct {
		const char *name;
		uint32_t window;
		uint16_t length;
		bool resets;
	} chips[] = { { "stm32f072", 0x1ffff800, 16, true },
		      { "stm32f411", 0x1fffc000, 16, true },
		      { "stm32f303xc", 0x1ffff800, 16, false } };

	for (unsigned i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
		char text[64];
		struct bench *bench;
		uint8_t window[16];

		snprintf(text, sizeof(text), "%s," QUIET, chips[i].name);
		bench = bench_make(state, text);
		bench_peek(bench, chips[i].window, window, 16);
		bench_set_address(bench, chips[i].window);
		bench_dnload(bench, 2, window, chips[i].length);
		bench_getstatus(bench);
		assert_int_equal(s0_sim_attached(bench->sim), !chips[i].resets);
	}
}

/* Behind the registers that are known there is nothing; what a host read it may
 * write back. */
static void all_that_a_string_names_can_be_read_and_written_back(void **state)
{
	static const uint8_t nothing[16] = { 0 };
	struct bench *bench = bench_make(state, "stm32u575," QUIET);
	uint8_t window[64];
	uint32_t value;

	assert_int_equal(bench_read(bench, 0x40022040, 64), S0_SIM_ACK);
	memcpy(window, bench->data, 64);
	bench_abort(bench);
	assert_memory_equal(window + 48, nothing, 16);
	value = get_le32(window) ^ 0x400; /* BOR_LEV */
	put_le32(window, value);
	bench_write(bench, 0x40022040, window, 64);
	bench_peek(bench, 0x40022040, window, 48);
	assert_int_equal(get_le32(window), value);
	assert_int_not_equal(bench_read(bench, 0x40022040, 65), S0_SIM_ACK);
}

static void an_unknown_key_or_profile_is_refused(void **state)
{
	static const char *const wrong[] = {
		"stm32f072,nDBANK=0",	"stm32f767,nDBANK=2",
		"stm32f767,nDBANK",	"stm32f072,flash_kb=32",
		"stm32f767,psize=x128", "stm32f999",
		"stm32f767,rom=0x31",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct s0_sim *sim;

		if (s0_sim_new(wrong[i], &sim, NULL) != S0_E_USAGE)
			fail_msg("%s was taken", wrong[i]);
	}
}

/* ---- files ----------------------------------------------------------------- */

static void describe(struct bench_place *place, const char *profile)
{
	snprintf(place->description, sizeof(place->description),
		 "%s," QUIET ",file=%.63s", profile, place->file);
}

static void its_memories_outlive_the_chip(void **state)
{
	static const uint8_t page[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct bench_place place;
	struct bench *bench;
	uint8_t window[32], found[32];
	struct s0_sim *other;

	bench_make_place(&place);
	describe(&place, "stm32l072");
	bench = bench_make(state, place.description);
	bench_write(bench, BANK_1 + 191 * 1024, page, 8);
	bench_write(bench, 0x08080004, page, 8);
	bench_peek(bench, 0x1ff80000, window, 32);
	put_le32(window + 8, 0xfffe0001);
	bench_write(bench, 0x1ff80000, window, 32);
	bench = bench_make(state, place.description);
	bench_expect_read(bench, BANK_1 + 191 * 1024, page, 8);
	bench_abort(bench);
	bench_expect_read(bench, 0x08080004, page, 8);
	bench_abort(bench);
	bench_peek(bench, 0x1ff80000, found, 32);
	assert_memory_equal(found, window, 32);
	describe(&place, "stm32l151xc");
	bench_make(state, "stm32l072");
	assert_int_equal(s0_sim_new(place.description, &other, NULL),
			 S0_E_FORMAT);
	bench_remove_place(&place);
}

/* A page far beyond the first 32, and only that one. */
static void a_killed_erase_comes_back_torn(void **state)
{
	static const uint8_t word[4] = { 1, 2, 3, 4 };
	struct s0_sim_setup setup = { 0xa1, 3, 0, 0, 6 };
	uint32_t page = BANK_1 + 700 * 128;
	struct bench_place place;
	struct bench *bench;
	unsigned left = 0;

	bench_make_place(&place);
	describe(&place, "stm32l072");
	bench = bench_make(state, place.description);
	for (unsigned i = 0; i < 3 * 128; i += 4)
		s0_sim_poke(bench->sim, page - 128 + i, word, 4);
	bench_dnload(bench, 0, "\x41\x00\x5e\x01\x08", 5);
	s0_sim_begin(bench->sim, &setup, bench->data);
	bench->sim->store->ops->close(bench->sim->store);
	bench->sim->store = NULL; /* as a kill */
	bench = bench_make(state, place.description);
	for (unsigned i = 0; i < 128; i += 4) {
		left += s0_sim_word_state(bench->sim, page + i) ==
			S0_SIM_WORD_PROGRAMMED;
		assert_int_equal(s0_sim_word_state(bench->sim, page - 128 + i),
				 S0_SIM_WORD_PROGRAMMED);
		assert_int_equal(s0_sim_word_state(bench->sim, page + 128 + i),
				 S0_SIM_WORD_PROGRAMMED);
	}
	assert_true(left < 32);
	bench_remove_place(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_f767_with_two_banks_says_that_it_has_one),
		cmocka_unit_test(a_g474_that_is_switched_has_its_second_bank),
		cmocka_unit_test(an_f429_says_that_its_strings_are_longer),
		cmocka_unit_test(serial_numbers_are_those_that_were_seen),
		cmocka_unit_test(
			a_gd32_programs_nothing_twice_and_dies_when_it_leaves),
		cmocka_unit_test(
			who_resets_after_option_bytes_goes_off_the_bus),
		cmocka_unit_test(
			all_that_a_string_names_can_be_read_and_written_back),
		cmocka_unit_test(an_unknown_key_or_profile_is_refused),
		cmocka_unit_test(its_memories_outlive_the_chip),
		cmocka_unit_test(a_killed_erase_comes_back_torn),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
