/* SPDX-License-Identifier: MIT */
/* What the facts leave open has both answers (fact sheet 9), and what is known
 * to go wrong on one ROM version goes wrong on it (2.2). */
#include "sim_bench.h"

#include <string.h>

#include "base/bytes.h"

static bool known(struct bench *bench, uint32_t address)
{
	bench_abort(bench);
	bench_command(bench, 0x21, address);
	bench_getstatus(bench);
	if (bench->data[4] == 5)
		return true;
	bench_clrstatus(bench);
	return false;
}

/* rows: H-12 P-10 */
static void older_roms_may_need_all_of_the_axi_ram_or_not(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rom=0x90");

	assert_false(known(bench, 0x24033fff));
	assert_true(known(bench, 0x24034000));
	bench = bench_make(state, "stm32h743,rom=0x90,ram_rule=as-0x92");
	assert_false(known(bench, 0x24004fff));
	assert_true(known(bench, 0x24005000));
	bench = bench_make(state, "stm32h743,rom=0xD2,ram_rule=as-0x92");
	assert_true(known(bench, 0x24005000));
	bench = bench_make(state, "stm32h743,rom=0x91,ram_rule=by-rom");
	assert_true(known(bench, 0x24005000));
}

/* rows: I-06 P-11 */
static void sram4_is_the_hosts_or_not(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	assert_false(known(bench, 0x38000000));
	assert_false(known(bench, 0x38800000));
	bench = bench_make(state, "stm32h743,sram4=yes");
	assert_true(known(bench, 0x3800ffff));
	assert_false(known(bench, 0x38010000));
	assert_true(known(bench, 0x38800fff));
	assert_false(known(bench, 0x38801000));
	bench_abort(bench);
	bench_write(bench, 0x38000000, "12345678", 8);
	bench_expect_read(bench, 0x38000000, "12345678", 8);
	/* a regression takes the backup SRAM with it */
	bench = bench_make(state, "stm32h743,sram4=yes,rdp=1");
	s0_sim_poke(bench->sim, 0x38000000, "1", 1);
	s0_sim_poke(bench->sim, 0x38800000, "2", 1);
	bench_peek(bench, WINDOW, bench->data + 512, 308);
	bench->data[512 + 5] = 0xaa;
	bench_set_address(bench, WINDOW);
	bench_dnload(bench, 2, bench->data + 512, 308);
	bench_getstatus(bench);
	bench_getstatus(bench);
	bench_abort(bench);
	bench_expect_read(bench, 0x38000000, "1", 1);
	bench_expect_read(bench, 0x38800000, "\0", 1);
}

/* rows: E-08 P-06 */
static void a_refused_read_may_bring_nothing_instead_of_a_stall(void **state)
{
	struct bench *bench = bench_make(
		state, "stm32h743,addr_check=operation,upload_error=empty");

	assert_int_equal(bench_read(bench, 0x30000000, 64), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 0);
	bench_expect(bench, 0x01, 10);
	bench = bench_make(state, "stm32h743,rdp=1,upload_error=empty");
	assert_int_equal(bench_read(bench, BANK_1, 64), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 0);
	bench_expect(bench, 0x0b, 10);
}

/* OPENBL: reported dfuERROR, internal state 1. */
/* rows: E-02 */
static void a_bad_address_may_take_two_clrstatus(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_command(bench, 0x21, 0x30000000);
	bench_expect(bench, 0x01, 10);
	bench_clrstatus(bench);
	bench_expect(bench, 0, 2);
	bench = bench_make(state, "stm32h743,target_error=openbl");
	bench_command(bench, 0x21, 0x30000000);
	bench_expect(bench, 0x01, 10);
	assert_int_equal(bench_state(bench), 1);
	bench_expect(bench, 0x01, 10);
	bench_clrstatus(bench);
	bench_expect(bench, 0x0e, 10);
	bench_clrstatus(bench);
	bench_expect(bench, 0, 2);
}

/* rows: E-09 P-08 */
static void a_damaged_word_may_reset_the_chip(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,ecc_read=reset");

	s0_sim_damage(bench->sim, BANK_1);
	assert_int_equal(bench_upload(bench, 2, 64), S0_SIM_GONE);
	assert_false(s0_sim_hung(bench->sim));
	s0_sim_advance_us(bench->sim, 200000);
	bench_expect(bench, 0, 2);
}

/* rows: K-02 P-09 */
static void the_option_register_is_one_of_two(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_expect_read(bench, WINDOW, "\xf0\xaa\xc6\x1b", 4);
	bench = bench_make(state, "stm32h743,optsr=0x17C6AAF0");
	bench_expect_read(bench, WINDOW, "\xf0\xaa\xc6\x17", 4);
}

static void start_at(struct bench *bench, uint32_t stack)
{
	uint8_t vectors[8] = { 0 };

	put_le32(vectors, stack);
	s0_sim_poke(bench->sim, BANK_1, vectors, sizeof(vectors));
	bench_set_address(bench, BANK_1);
	bench_dnload(bench, 0, NULL, 0);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
}

/* AN2606: initial stack pointer at least 16 bytes below the RAM's end. */
/* rows: H-07 */
static void a_jump_fails_with_the_stack_at_the_end_of_ram(void **state)
{
	static const struct {
		const char *description;
		uint32_t stack, started;
	} table[] = {
		{ "stm32h743,rom=0x90", 0x20020000, 0 },
		{ "stm32h743,rom=0x91", 0x24080000, 0 },
		{ "stm32h743,rom=0x92", 0x2001fff4, 0 },
		{ "stm32h743,rom=0x92", 0x2001fff0, BANK_1 },
		{ "stm32h743,rom=0xD2", 0x20020000, BANK_1 },
		{ "stm32h743,rom=0x90,jump_sp=free", 0x20020000, BANK_1 },
		{ "stm32f405", 0x20020000, BANK_1 },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, table[i].description);

		bench_clrstatus(bench);
		if (bench_state(bench) == 10)
			bench_clrstatus(bench);
		start_at(bench, table[i].stack);
		assert_false(s0_sim_attached(bench->sim));
		assert_int_equal(s0_sim_started(bench->sim), table[i].started);
	}
}

/* rows: H-04 H-06 M-15 */
static void some_boards_never_enumerate(void **state)
{
	static const struct {
		const char *description;
		bool attached;
	} table[] = {
		{ "stm32h743,rom=0xD2", true },
		{ "stm32h743,rom=0xD2,crystal=no", false },
		{ "stm32h743,rom=0xD3,crystal=no", true },
		{ "stm32h743,rom=0x91,crystal=no", true },
		{ "stm32f405,crystal=no", false },
		{ "stm32h743,rom=0x90,pb15=low", false },
		{ "stm32h743,rom=0x92,pb15=low", false },
		{ "stm32h743,rom=0xD3,pb15=low", true },
		{ "stm32h743,rom=0x90,extra_reset=yes", false },
		{ "stm32h743,rom=0x91,extra_reset=yes", true },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, table[i].description);

		if (s0_sim_attached(bench->sim) != table[i].attached)
			fail_msg("%s", table[i].description);
	}
}

/* rows: H-08 */
static void an_extra_reset_brings_rom_0x90_up(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,rom=0x90,extra_reset=yes");

	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 200000);
	bench_expect(bench, 0, 2);
	s0_sim_power_cycle(bench->sim);
	assert_false(s0_sim_attached(bench->sim));
}

/* AN2606: disabling PCROP works from V9.1 on. */
/* rows: H-11 */
static void old_roms_cannot_switch_pcrop_off(void **state)
{
	static const struct {
		const char *description;
		uint32_t area;
	} table[] = { { "stm32h743,rom=0x90,rdp=1", 0x80010000 },
		      { "stm32h743,rom=0x91,rdp=1", 0x800000ff } };

	for (unsigned i = 0; i < 2; i++) {
		struct bench *bench = bench_make(state, table[i].description);
		uint8_t window[308];

		bench_peek(bench, WINDOW, window, sizeof(window));
		put_le32(window + 0x10, 0x80010000); /* two units, DMEP */
		bench_set_address(bench, WINDOW);
		bench_dnload(bench, 2, window, sizeof(window));
		bench_getstatus(bench);
		bench_expect(bench, 0, 5);
		put_le32(window + 0x10, 0x800000ff);
		window[5] = 0xaa; /* with a regression */
		bench_dnload(bench, 2, window, sizeof(window));
		bench_getstatus(bench);
		bench_peek(bench, WINDOW, window, sizeof(window));
		assert_int_equal(get_le32(window + 0x0c), table[i].area);
	}
}

static void keys_of_another_chip_are_refused_by_name(void **state)
{
	static const char *const bad[] = {
		"rev=V",	 "busy_bank2=wait",	 "bank2_read=wait",
		"ecc_read=hang", "optsr=0x1bc6aaf0",	 "ram_rule=by-rom",
		"sram4=no",	 "jump_sp=free",	 "extra_reset=no",
		"pb15=low",	 "mass_erase_bug=works",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char description[64] = "stm32f405,", words[96];
		struct s0_error err = S0_ERROR_INIT;
		struct s0_sim *sim;

		strcat(description, bad[i]);
		assert_int_equal(s0_sim_new(description, &sim, &err),
				 S0_E_USAGE);
		strcpy(words, "key '");
		strncat(words, bad[i], strcspn(bad[i], "="));
		strcat(words, "' makes no sense for an stm32f405");
		assert_non_null(strstr(err.message, words));
		/* the chip that has it takes it */
		memcpy(description, "stm32h743,", 10);
		bench_make(state, description);
	}
}

/* rows: P-13 */
static void a_status_that_comes_early_may_be_stalled(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,answer=after,"
						"early_poll=stall");

	bench_command(bench, 0x41, BANK_1);
	s0_sim_advance_us(bench->sim, 950000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_STALL);
	s0_sim_advance_us(bench->sim, 50000);
	bench_expect(bench, 0, 5);
	bench = bench_make(state, "stm32h743,answer=after,early_poll=busy");
	bench_command(bench, 0x41, BANK_1);
	s0_sim_advance_us(bench->sim, 900000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_STALL);
	s0_sim_advance_us(bench->sim, 5000);
	bench_expect(bench, 0, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(older_roms_may_need_all_of_the_axi_ram_or_not),
		cmocka_unit_test(sram4_is_the_hosts_or_not),
		cmocka_unit_test(
			a_refused_read_may_bring_nothing_instead_of_a_stall),
		cmocka_unit_test(a_bad_address_may_take_two_clrstatus),
		cmocka_unit_test(a_damaged_word_may_reset_the_chip),
		cmocka_unit_test(the_option_register_is_one_of_two),
		cmocka_unit_test(a_jump_fails_with_the_stack_at_the_end_of_ram),
		cmocka_unit_test(some_boards_never_enumerate),
		cmocka_unit_test(an_extra_reset_brings_rom_0x90_up),
		cmocka_unit_test(old_roms_cannot_switch_pcrop_off),
		cmocka_unit_test(keys_of_another_chip_are_refused_by_name),
		cmocka_unit_test(a_status_that_comes_early_may_be_stalled),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
