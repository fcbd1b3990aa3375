/* SPDX-License-Identifier: MIT */
/* What chips made from data do: flash that is erased to zeros, words that are
 * refused, EEPROM, one-time memory, layouts, clones. */
#include "made_up_chips.h"

#include <string.h>

#include "base/bytes.h"

static void expect_layout(struct bench *bench, const char *text)
{
	uint8_t first;

	bench_control(bench, 0x80, 6, 0x200, 0, 255);
	first = bench->data[9 + 8];
	bench_control(bench, 0x80, 6, (uint16_t)(0x300 | first), 0x409, 255);
	assert_int_equal(bench->reply.length, 2 + 2 * strlen(text));
	for (size_t i = 0; text[i]; i++)
		assert_int_equal(bench->data[2 + 2 * i], text[i]);
}

static void write_status(struct bench *bench, uint32_t address,
			 const void *bytes, uint16_t length, unsigned status,
			 unsigned state)
{
	bench_set_address(bench, address);
	bench_dnload(bench, 2, bytes, length);
	bench_getstatus(bench);
	bench_expect(bench, status, state);
}

/* ---- flash ----------------------------------------------------------------- */

static void where_erased_is_zero_programming_sets_bits(void **state)
{
	static const uint8_t word[8] = { 0x0f, 0, 0, 0x80 }, none[8] = { 0 };
	struct bench *bench = made_up_make(state, made_up_zeros, QUIET);

	bench_expect_read(bench, BANK_1, none, 8);
	bench_abort(bench);
	bench_write(bench, BANK_1, word, 8);
	bench_expect_read(bench, BANK_1, word, 8);
	bench_abort(bench);
	bench_erase(bench, BANK_1 + 100);
	bench_expect_read(bench, BANK_1, none, 8);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
}

static void the_last_of_1536_pages_is_erased_alone(void **state)
{
	static const uint8_t word[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct bench *bench = made_up_make(state, made_up_zeros, QUIET);
	uint32_t last = BANK_1 + 1535 * 128;

	bench_write(bench, last, word, 8);
	bench_write(bench, last - 8, word, 8);
	bench_erase(bench, last);
	assert_int_equal(s0_sim_word_state(bench->sim, last),
			 S0_SIM_WORD_ERASED);
	bench_expect_read(bench, last - 8, word, 8);
}

static void a_halfword_that_holds_something_stays_as_it_is(void **state)
{
	static const uint8_t old[4] = { 0x0f, 0xff, 0xff, 0xff };
	static const uint8_t new[4] = { 0x0e, 0xff, 0x55, 0x55 };
	static const uint8_t both[4] = { 0x0f, 0xff, 0x55, 0x55 };
	static const uint8_t zero[4] = { 0 };
	struct bench *bench = made_up_make(state, made_up_plain, QUIET);

	bench_write(bench, BANK_1, old, 4);
	bench_write(bench, BANK_1, new, 4);
	bench_expect_read(bench, BANK_1, both, 4);
	bench_abort(bench);
	bench_write(bench, BANK_1, zero, 4);
	bench_expect_read(bench, BANK_1, zero, 4);
}

static void an_overwritten_word_is_refused_or_damaged_by_key(void **state)
{
	static const uint8_t old[8] = { 1 }, new[8] = { 2 };
	struct bench *bench = made_up_make(state, made_up_refusing, QUIET);

	bench_write(bench, BANK_1, old, 8);
	bench_write(bench, BANK_1, new, 8);
	bench_expect_read(bench, BANK_1, old, 8);

	bench = made_up_make(state, made_up_refusing,
			     QUIET ",overwrite=error,"
				   "fail_mode=errVENDOR");
	bench_write(bench, BANK_1, old, 8);
	write_status(bench, BANK_1, new, 8, 0x0b, 10);

	bench = made_up_make(state, made_up_refusing,
			     QUIET ",overwrite=damage");
	bench_write(bench, BANK_1, old, 8);
	bench_write(bench, BANK_1, new, 8);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_DAMAGED);
}

static void writes_keep_to_the_chips_alignment(void **state)
{
	static const uint8_t bytes[8] = { 1 };
	struct bench *bench = made_up_make(state, made_up_refusing,
					   QUIET ",fail_mode=errVENDOR");

	write_status(bench, BANK_1 + 4, bytes, 8, 0x0b, 10);
}

static void eeprom_takes_every_byte_without_an_erase(void **state)
{
	static const uint8_t first[3] = { 0xff, 0x55, 1 }, second[1] = { 0xaa };
	static const uint8_t both[3] = { 0xff, 0xaa, 1 };
	uint32_t at = 0x08080000 + 6 * 1024 - 3;
	struct bench *bench = made_up_make(state, made_up_zeros, QUIET);

	bench_write(bench, at, first, 3);
	bench_write(bench, at + 1, second, 1);
	bench_expect_read(bench, at, both, 3);
	bench_abort(bench);
	bench_command(bench, 0x41, at);
	bench_expect(bench, 1, 10); /* it is no flash */
}

static void one_time_memory_is_written_once(void **state)
{
	static const uint8_t old[8] = { 1 }, new[8] = { 0 };
	struct bench *bench = made_up_make(state, made_up_refusing, QUIET);

	bench_write(bench, 0x1fff73f8, old, 8);
	bench_write(bench, 0x1fff73f8, new, 8);
	bench_expect_read(bench, 0x1fff73f8, old, 1);
}

/* ---- the ROMs --------------------------------------------------------------- */

static void older_usb_stalls_who_asks_too_early(void **state)
{
	struct bench *bench =
		made_up_make(state, made_up_plain, "x,first_status=ok");

	bench_dnload(bench, 0, "\x21\0\0\0\x08", 5);
	assert_int_equal(bench_getstatus(bench), S0_SIM_ACK);
	assert_int_equal(bench_getstatus(bench), S0_SIM_STALL);
	s0_sim_advance_us(bench->sim, bench_poll_ms(bench) * 1000 + 200000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_ACK);
}

static void the_newest_rom_clears_in_an_error_only(void **state)
{
	struct bench *bench = made_up_make(state, made_up_newest, "x");

	assert_int_equal(bench_clrstatus(bench), S0_SIM_STALL);
	bench_expect(bench, 0, 2);
	/* and has its functional descriptor in the configuration alone */
	bench_control(bench, 0x80, 6, 0x2100, 0, 9);
	assert_int_equal(bench->reply.handshake, S0_SIM_STALL);
}

static void who_needs_an_address_does_not_leave_without(void **state)
{
	struct bench *bench = made_up_make(state, made_up_newest, "x");

	bench_dnload(bench, 2, NULL, 0);
	bench_getstatus(bench);
	assert_true(s0_sim_attached(bench->sim));
	bench = made_up_make(state, made_up_newest, "x");
	bench_set_address(bench, BANK_1);
	bench_dnload(bench, 2, NULL, 0);
	bench_getstatus(bench);
	assert_false(s0_sim_attached(bench->sim));
}

static void a_version_that_the_data_lack_is_refused(void **state)
{
	struct bench *bench =
		made_up_make(state, made_up_plain, QUIET ",rom=0x90");
	struct s0_error err = S0_ERROR_INIT;
	struct sim_config config;
	uint8_t version = 0x90;

	bench_expect_read(bench, 0x1fff6ffe, &version, 1);
	assert_int_equal(sim_config_parse_chip(s0_chips_at(made_up_chips, 0),
					       "x,rom=0x91", &config, &err),
			 S0_E_USAGE);
	bench = made_up_make(state, made_up_plain, QUIET);
	version = 0x92;
	bench_expect_read(bench, 0x1fff6ffe, &version, 1);
}

/* ---- layouts --------------------------------------------------------------- */

static void a_smaller_part_says_so_in_the_same_style(void **state)
{
	static const uint8_t kib[2] = { 16, 0 };
	struct bench *bench =
		made_up_make(state, made_up_plain, QUIET ",flash_kb=16");

	expect_layout(bench, "@Internal Flash  /0x08000000/008*0002Kg");
	bench_expect_read(bench, 0x1fff75e0, kib, 2);
	bench_abort(bench);
	bench_command(bench, 0x41, BANK_1 + 16 * 1024);
	bench_expect(bench, 1, 10);
}

static void a_clone_has_sectors_that_nothing_changes(void **state)
{
	static const uint8_t bytes[4] = { 1 },
			     blank[4] = { 255, 255, 255, 255 };
	struct bench *bench =
		made_up_make(state, made_up_clone, QUIET ",flash_kb=64");

	expect_layout(bench, "@Internal Flash   /0x08000000/08*04Ka,08*04Kg");
	bench_control(bench, 0x80, 6, 0x200, 0, 255);
	assert_int_equal(bench->reply.length, 9 + 9 + 7);
	assert_int_equal(bench->data[18], 7);
	bench_write(bench, BANK_1, bytes, 4);
	bench_expect_read(bench, BANK_1, blank, 4);
	bench_abort(bench);
	bench_write(bench, BANK_1 + 0x8000, bytes, 4);
	bench_expect_read(bench, BANK_1 + 0x8000, bytes, 4);
	bench_abort(bench);
	assert_int_equal(bench_byte_command(bench, 0x41), S0_SIM_ACK);
	bench_expect(bench, 0, 5);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0x8000),
			 S0_SIM_WORD_ERASED);
}

static void a_clones_pages_are_half_of_what_it_says(void **state)
{
	static const uint8_t bytes[4] = { 1 };
	struct bench *bench =
		made_up_make(state, made_up_halved, QUIET ",flash_kb=64");

	expect_layout(bench, "@Internal Flash  /0x08000000/32*002Kg");
	bench_write(bench, BANK_1, bytes, 4);
	bench_write(bench, BANK_1 + 1024, bytes, 4);
	bench_erase(bench, BANK_1);
	bench_expect_read(bench, BANK_1 + 1024, bytes, 4);
}

static void a_host_that_switches_the_banks_has_other_sectors(void **state)
{
	uint8_t window[16] = { 0xaa };
	static const uint8_t bytes[8] = { 1 };
	struct bench *bench = made_up_make(state, made_up_switched, QUIET);

	expect_layout(bench, "@Internal Flash   /0x08000000/64*02Kg");
	bench_write(bench, BANK_1 + 0x800, bytes, 8);
	bench_erase(bench, BANK_1);
	bench_expect_read(bench, BANK_1 + 0x800, bytes, 8);
	bench_abort(bench);
	bench_write(bench, 0x40022040, window, sizeof(window));
	expect_layout(bench, "@Internal Flash   /0x08000000/32*04Kg");
	bench_erase(bench, BANK_1);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 0x800),
			 S0_SIM_WORD_ERASED);
	made_up_make(state, made_up_switched, QUIET ",DBANK=0,flash_kb=64");
	expect_layout(bench, "@Internal Flash   /0x08000000/16*04Kg");
}

#define TEST(name) cmocka_unit_test_teardown(name, made_up_forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(where_erased_is_zero_programming_sets_bits),
		TEST(the_last_of_1536_pages_is_erased_alone),
		TEST(a_halfword_that_holds_something_stays_as_it_is),
		TEST(an_overwritten_word_is_refused_or_damaged_by_key),
		TEST(writes_keep_to_the_chips_alignment),
		TEST(eeprom_takes_every_byte_without_an_erase),
		TEST(one_time_memory_is_written_once),
		TEST(older_usb_stalls_who_asks_too_early),
		TEST(the_newest_rom_clears_in_an_error_only),
		TEST(who_needs_an_address_does_not_leave_without),
		TEST(a_version_that_the_data_lack_is_refused),
		TEST(a_smaller_part_says_so_in_the_same_style),
		TEST(a_clone_has_sectors_that_nothing_changes),
		TEST(a_clones_pages_are_half_of_what_it_says),
		TEST(a_host_that_switches_the_banks_has_other_sectors),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
