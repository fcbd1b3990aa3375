/* SPDX-License-Identifier: MIT */
/* What a person at the bench does to the chip, and what a log of its transfers
 * says. */
#include "sim_bench.h"

#include <string.h>

/* --- NRST and BOOT0 --- */

static void full_sector(struct bench *bench)
{
	uint8_t block[1024];

	memset(block, 0x55, sizeof(block));
	for (unsigned i = 0; i < 0x20000; i += 1024)
		s0_sim_poke(bench->sim, BANK_2 + i, block, sizeof(block));
}

static unsigned damaged_words(struct bench *bench)
{
	unsigned damaged = 0;

	for (unsigned i = 0; i < 0x20000; i += 32)
		damaged += s0_sim_word_state(bench->sim, BANK_2 + i) ==
			   S0_SIM_WORD_DAMAGED;
	return damaged;
}

/* rows: H-03 J-06 L-09 */
static void a_reset_tears_what_runs_and_comes_back(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,seed=2");

	full_sector(bench);
	bench_command(bench, 0x41, BANK_2); /* still erasing after this */
	s0_sim_reset(bench->sim);
	assert_false(s0_sim_attached(bench->sim));
	assert_true(damaged_words(bench) > 100);
	s0_sim_advance_us(bench->sim, 99000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 2000);
	bench_expect(bench, 0, 2);
}

static void a_reset_keeps_ram_and_ends_a_hang(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t found[4];

	s0_sim_poke(bench->sim, 0x24010000, "kept", 4);
	s0_sim_fail_at(bench->sim, 1, S0_SIM_FAULT_HANG);
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
	s0_sim_reset(bench->sim);
	assert_false(s0_sim_hung(bench->sim));
	s0_sim_advance_us(bench->sim, 200000);
	bench_expect(bench, 0, 2);
	bench_peek(bench, 0x24010000, found, 4);
	assert_memory_equal(found, "kept", 4);
}

static void a_reset_does_not_plug_it_in(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_unplug(bench->sim);
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 60000000);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_replug(bench->sim);
	bench_expect(bench, 0, 2);
}

/* rows: H-01 */
static void boot0_decides_what_a_reset_starts(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_set_boot0(bench->sim, false);
	assert_true(s0_sim_attached(bench->sim)); /* only at a reset */
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 200000);
	assert_false(s0_sim_attached(bench->sim));
	assert_int_equal(s0_sim_started(bench->sim), BANK_1);
	s0_sim_set_boot0(bench->sim, true);
	s0_sim_power_cycle(bench->sim);
	assert_int_equal(s0_sim_started(bench->sim), 0);
	bench_expect(bench, 0, 2);
	s0_sim_set_boot0(bench->sim, false);
	s0_sim_power_cycle(bench->sim);
	assert_int_equal(s0_sim_started(bench->sim), BANK_1);
	s0_sim_replug(bench->sim);
	assert_false(s0_sim_attached(bench->sim));
}

/* AN2606, pattern 10: BOOT_ADD0 = 0x1FF0 and BOOT0 low is the bootloader. */
/* rows: H-01 */
static void the_boot_option_may_lead_to_the_bootloader_too(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,ob_write_reset=yes");
	uint8_t window[308];

	bench_peek(bench, WINDOW, window, sizeof(window));
	memcpy(window + 0x28, "\xf0\x1f\x10\x08", 4);
	bench_set_address(bench, WINDOW);
	bench_dnload(bench, 2, window, sizeof(window));
	bench_getstatus(bench);
	s0_sim_advance_us(bench->sim, 200000);
	/* BOOT_ADD1 is 0x0810 now: BOOT0 high starts bank 2 */
	assert_int_equal(s0_sim_started(bench->sim), BANK_2);
	s0_sim_set_boot0(bench->sim, false);
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 200000);
	bench_expect(bench, 0, 2);
}

static void firmware_that_cannot_be_read_does_not_start(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	s0_sim_damage(bench->sim, BANK_1);
	s0_sim_set_boot0(bench->sim, false);
	s0_sim_power_cycle(bench->sim);
	assert_false(s0_sim_attached(bench->sim));
	assert_int_equal(s0_sim_started(bench->sim), 0);
}

/* bitWillDetach is the USB side's: the array works on. */
/* rows: D-19 */
static void a_detach_tears_nothing(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,busy_bank2=wait");

	full_sector(bench);
	bench_command(bench, 0x41, BANK_2);
	bench_clrstatus(bench);
	bench_clrstatus(bench);
	bench_control(bench, 0x21, 0, 1000, 0, 0);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 200000);
	bench_expect(bench, 0, 2);
	s0_sim_advance_us(bench->sim, 1000000);
	assert_int_equal(damaged_words(bench), 0);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_ERASED);
}

/* --- time_scale --- */

static void every_time_of_the_chip_is_scaled(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,time_scale=0.5");
	struct s0_sim_times times;

	s0_sim_get_times(bench->sim, &times);
	assert_int_equal(times.erase_us, 452500);
	assert_int_equal(times.mass_erase_us, 2500000);
	assert_int_equal(times.word_us, 50);
	assert_int_equal(times.turnaround_us, 250);
	bench_command(bench, 0x41, BANK_1);
	assert_int_equal(bench->reply.busy_us, 452500);
	assert_int_equal(bench->data[1] | bench->data[2] << 8, 500);
	bench_getstatus(bench);
	bench_dnload(bench, 2, "12345678", 8);
	bench_getstatus(bench);
	assert_int_equal(bench->reply.busy_us, 50);
	assert_int_equal(bench->data[1], 25);
	bench_abort(bench);
	assert_int_equal(bench_command(bench, 0x41, BANK_2), S0_SIM_ACK);
	assert_int_equal(bench->reply.busy_us, 8000);
	s0_sim_reset(bench->sim);
	s0_sim_advance_us(bench->sim, 51000);
	assert_true(s0_sim_attached(bench->sim));
}

static void a_scale_of_nothing_is_at_once_and_still_tears(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,time_scale=0,seed=2");

	full_sector(bench);
	bench_command(bench, 0x41, BANK_1);
	assert_in_range(bench->reply.busy_us, 0, 1);
	assert_int_equal(bench->data[1] | bench->data[2], 0);
	bench_expect(bench, 0, 5);
	s0_sim_fail_at(bench->sim, s0_sim_transfers(bench->sim) + 2,
		       S0_SIM_FAULT_BROWN_OUT);
	assert_int_equal(bench_command(bench, 0x41, BANK_2), S0_SIM_GONE);
	assert_true(damaged_words(bench) > 100);
}

static void a_scale_is_a_number_up_to_1000(void **state)
{
	static const char *const bad[] = { "",	  "-1",	 "x",	  ".5", "1001",
					   "1e3", "1,5", "0.5.5", "1 ", "nan" };

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char description[64] = "stm32h743,time_scale=";
		struct s0_error err = S0_ERROR_INIT;
		struct s0_sim *sim;

		strcat(description, bad[i]);
		assert_int_equal(s0_sim_new(description, &sim, &err),
				 S0_E_USAGE);
	}
	bench_make(state, "stm32h743,time_scale=1000");
	bench_make(state, "stm32h743,time_scale=0.001");
}

/* --- the log --- */

struct log {
	unsigned count;
	struct s0_sim_record last;
	uint8_t data[1024];
	char line[200];
};

static void note(void *payload, const struct s0_sim_record *record)
{
	struct log *log = payload;

	log->count++;
	log->last = *record;
	assert_true(record->length <= sizeof(log->data));
	if (record->length > 0)
		memcpy(log->data, record->data, record->length);
	s0_sim_record_print(record, log->line, sizeof(log->line));
}

static void every_transfer_is_logged_once(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	struct log log = { 0 };
	static const uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };
	uint64_t before;

	bench_getstatus(bench);
	s0_sim_set_log(bench->sim, note, &log);
	bench_control(bench, 0x80, 6, 0x0100, 0, 18);
	assert_int_equal(log.count, 1);
	assert_int_equal(log.last.number, 2);
	assert_int_equal(log.last.length, 18);
	bench_dnload(bench, 0, erase, 5);
	assert_int_equal(log.last.number, 3);
	assert_memory_equal(log.data, erase, 5);
	assert_int_equal(log.last.state, 3);
	before = s0_sim_now_us(bench->sim);
	bench_getstatus(bench);
	assert_int_equal(log.last.start_us, before);
	assert_int_equal(log.last.end_us, s0_sim_now_us(bench->sim));
	assert_int_equal(log.data[4], 4);
	s0_sim_fail_at(bench->sim, s0_sim_transfers(bench->sim) + 1,
		       S0_SIM_FAULT_UNPLUG);
	bench_clrstatus(bench);
	assert_int_equal(log.last.fault, S0_SIM_FAULT_UNPLUG);
	assert_int_equal(log.last.handshake, S0_SIM_GONE);
	assert_int_equal(log.count, 4);
	bench_getstatus(bench); /* does not reach it */
	assert_int_equal(log.count, 4);
	s0_sim_replug(bench->sim);
	s0_sim_set_log(bench->sim, NULL, NULL);
	bench_getstatus(bench);
	assert_int_equal(log.count, 4);
}

static void a_record_is_a_line_of_text(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	struct log log = { 0 };
	char small[20];
	static const uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };

	s0_sim_set_log(bench->sim, note, &log);
	s0_sim_advance_us(bench->sim, 61234567);
	bench_dnload(bench, 0, erase, 5);
	assert_string_equal(log.line,
			    "61.234567 #1 DNLOAD value=0x0000 index=0 length=5 "
			    "data=4100000008 -> ok status=0 state=3 73 us");
	assert_int_equal(s0_sim_record_print(&log.last, small, sizeof(small)),
			 19);
	assert_string_equal(small, "61.234567 #1 DNLOAD");
	bench_abort(bench);
	s0_sim_poke(bench->sim, BANK_1, "123456789", 9);
	bench_upload(bench, 2, 9);
	assert_non_null(strstr(log.line, "UPLOAD value=0x0002"));
	assert_non_null(strstr(log.line, "data=313233343536373839 -> ok"));
	memset(bench->data, 0, sizeof(bench->data));
	bench_upload(bench, 2, 1024);
	assert_non_null(strstr(log.line, "data=313233343536373839ffffffffffffff"
					 "... 1024 bytes crc32=baffde4f"));
	s0_sim_fail_at(bench->sim, s0_sim_transfers(bench->sim) + 1,
		       S0_SIM_FAULT_STALL);
	bench_getstatus(bench);
	assert_non_null(strstr(log.line, "-> STALL status=0 state=9 "
					 "fault=stall"));
	bench_control(bench, 0x80, 6, 0x0100, 0, 18);
	assert_non_null(strstr(log.line, "GET_DESCRIPTOR value=0x0100"));
	bench_control(bench, 0xc0, 0x51, 1, 2, 3);
	assert_non_null(strstr(log.line, "request c0/51 value=0x0001 index=2"));
	assert_int_equal(s0_sim_record_print(&log.last, small, 0), 0);
}

static void count_records(void *payload, const struct s0_sim_record *record)
{
	unsigned *count = payload;

	(void)record;
	(*count)++;
}

/* As s0_sim_control(), with the time in between for whoever wants it. */
static void a_transfer_has_a_beginning_and_an_end(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	static const uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };
	const struct s0_sim_setup getstatus = { 0xa1, 3, 0, 0, 6 };
	unsigned records = 0;
	uint64_t start;

	assert_true(s0_sim_due_us(bench->sim) == UINT64_MAX);
	bench_dnload(bench, 0, erase, sizeof(erase));
	s0_sim_set_log(bench->sim, count_records, &records);
	start = s0_sim_now_us(bench->sim);
	s0_sim_begin(bench->sim, &getstatus, bench->data);
	assert_int_equal(s0_sim_now_us(bench->sim), start);
	assert_false(s0_sim_finish(bench->sim, &bench->reply));
	assert_in_range(s0_sim_due_us(bench->sim) - start, 905000, 905001);
	s0_sim_advance_us(bench->sim, 905000);
	assert_false(s0_sim_finish(bench->sim, &bench->reply));
	assert_int_equal(records, 0);
	s0_sim_advance_us(bench->sim, 36);
	assert_true(s0_sim_finish(bench->sim, &bench->reply));
	assert_int_equal(records, 1);
	assert_int_equal(bench->reply.handshake, S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 6);
	assert_int_equal(bench->reply.busy_us, 905000);
	assert_int_equal(bench->reply.wire_us, 36);
	assert_int_equal(bench->data[4], 4);
	assert_true(s0_sim_due_us(bench->sim) == UINT64_MAX);
	bench_expect(bench, 0, 5);
	s0_sim_set_log(bench->sim, NULL, NULL);
}

static void the_next_transfer_waits_for_the_one_that_began(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	static const uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };
	const struct s0_sim_setup getstatus = { 0xa1, 3, 0, 0, 6 };
	unsigned records = 0;
	uint8_t other[6];

	bench_dnload(bench, 0, erase, sizeof(erase));
	s0_sim_set_log(bench->sim, count_records, &records);
	s0_sim_begin(bench->sim, &getstatus, other);
	bench_expect(bench, 0, 5);
	assert_int_equal(other[4], 4);
	assert_int_equal(records, 2);
	s0_sim_set_log(bench->sim, NULL, NULL);
	assert_true(s0_sim_now_us(bench->sim) > 905000);
}

static void a_transfer_ends_with_the_chip_that_leaves(void **state)
{
	const struct s0_sim_setup getstatus = { 0xa1, 3, 0, 0, 6 };
	void (*const leave[])(struct s0_sim *) = { s0_sim_unplug, s0_sim_reset,
						   s0_sim_power_cycle };

	for (unsigned i = 0; i < 3; i++) {
		struct bench *bench = bench_make(state, "stm32h743");

		s0_sim_fail_at(bench->sim, 1, S0_SIM_FAULT_NAK);
		s0_sim_begin(bench->sim, &getstatus, bench->data);
		s0_sim_advance_us(bench->sim, 500000);
		leave[i](bench->sim);
		assert_true(s0_sim_finish(bench->sim, &bench->reply));
		assert_int_equal(bench->reply.handshake, S0_SIM_GONE);
		assert_int_equal(bench->reply.busy_us, 500000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reset_tears_what_runs_and_comes_back),
		cmocka_unit_test(a_transfer_has_a_beginning_and_an_end),
		cmocka_unit_test(
			the_next_transfer_waits_for_the_one_that_began),
		cmocka_unit_test(a_transfer_ends_with_the_chip_that_leaves),
		cmocka_unit_test(a_reset_keeps_ram_and_ends_a_hang),
		cmocka_unit_test(a_reset_does_not_plug_it_in),
		cmocka_unit_test(boot0_decides_what_a_reset_starts),
		cmocka_unit_test(
			the_boot_option_may_lead_to_the_bootloader_too),
		cmocka_unit_test(firmware_that_cannot_be_read_does_not_start),
		cmocka_unit_test(a_detach_tears_nothing),
		cmocka_unit_test(every_time_of_the_chip_is_scaled),
		cmocka_unit_test(a_scale_of_nothing_is_at_once_and_still_tears),
		cmocka_unit_test(a_scale_is_a_number_up_to_1000),
		cmocka_unit_test(every_transfer_is_logged_once),
		cmocka_unit_test(a_record_is_a_line_of_text),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
