/* SPDX-License-Identifier: MIT */
/* The DFU state machine: fact sheet 1.3, every state times every request. */
#include "sim_bench.h"

#include <stdio.h>
#include <string.h>

enum event {
	DNLOAD_DATA,
	DNLOAD_ZERO,
	UPLOAD_COMMANDS,
	UPLOAD_COMMANDS_SHORT,
	UPLOAD_DATA,
	UPLOAD_BLOCK_1,
	UPLOAD_ZERO,
	CLRSTATUS,
	ABORT,
	GETSTATE,
	GETSTATUS,
	DETACH,
	EVENTS
};

/*
 * What comes of it: A acknowledged, S stalled, then the state. GETSTATUS: state
 * in the reply > state after. "off": acknowledged, then off the bus; "gone":
 * never completed.
 */
struct row {
	const char *state;
	const char *result[EVENTS];
};

static const struct row table[] = {
	{ "idle",
	  { "A3", "A6", "A2", "A9", "A9", "S15", "A2", "A10", "A2", "A2", "2>2",
	    "off" } },
	{ "dnload-sync, pending",
	  { "S3", "S3", "S3", "S3", "S3", "S3", "A2", "A10", "A2", "A3", "4>3",
	    "off" } },
	{ "dnload-sync",
	  { "S3", "S3", "S3", "S3", "S3", "S3", "A2", "A10", "A2", "A3", "5>5",
	    "off" } },
	{ "dnbusy",
	  { "S4", "S4", "S4", "S4", "S4", "S4", "A2", "A10", "A4", "A4", "4>4",
	    "A4" } },
	{ "dnload-idle",
	  { "A3", "A6", "S5", "S5", "S5", "S5", "A2", "A10", "A2", "A5", "5>5",
	    "off" } },
	{ "manifest-sync",
	  { "S6", "S6", "S6", "S6", "S6", "S6", "A2", "A10", "A2", "A6", "gone",
	    "off" } },
	{ "manifest",
	  { "S7", "S7", "S7", "S7", "S7", "S7", "A2", "A10", "A7", "A7", "7>7",
	    "A7" } },
	{ "upload-idle",
	  { "S9", "S9", "A2", "A9", "A9", "S15", "A2", "A10", "A2", "A9", "9>9",
	    "off" } },
	{ "error",
	  { "S10", "S10", "S10", "S10", "S10", "S10", "A2", "A2", "A10", "A10",
	    "10>10", "A10" } },
	{ "15",
	  { "S15", "S15", "S15", "S15", "S15", "S15", "A2", "A10", "A15", "A15",
	    "15>15", "A15" } },
};

#define STATES (sizeof(table) / sizeof(table[0]))

static void go_to(struct bench *bench, const char *state)
{
	static const uint8_t set_address[5] = { 0x21, 0, 0, 0, 8 };

	if (strcmp(state, "dnload-sync, pending") == 0)
		bench_dnload(bench, 0, set_address, 5);
	else if (strcmp(state, "dnload-sync") == 0)
		bench_command(bench, 0x21, BANK_1);
	else if (strcmp(state, "dnbusy") == 0)
		bench_command(bench, 0x41, BANK_2);
	else if (strcmp(state, "dnload-idle") == 0)
		bench_set_address(bench, BANK_1);
	else if (strcmp(state, "manifest-sync") == 0)
		bench_dnload(bench, 0, NULL, 0);
	else if (strcmp(state, "upload-idle") == 0)
		bench_upload(bench, 2, 64);
	else if (strcmp(state, "error") == 0)
		bench_clrstatus(bench);
	else if (strcmp(state, "15") == 0)
		bench_upload(bench, 1, 64);
	if (strcmp(state, "manifest") != 0)
		return;
	/* Nothing that a host does lets a healthy chip be found here. */
	bench_dnload(bench, 0, NULL, 0);
	s0_sim_fail_at(bench->sim, s0_sim_transfers(bench->sim) + 1,
		       S0_SIM_FAULT_LIE);
	bench_getstatus(bench);
}

static s0_sim_handshake happen(struct bench *bench, enum event event)
{
	static const uint8_t set_address[5] = { 0x21, 0, 0, 0, 8 };

	switch (event) {
	case DNLOAD_DATA:
		return bench_dnload(bench, 0, set_address, 5);
	case DNLOAD_ZERO:
		return bench_dnload(bench, 0, NULL, 0);
	case UPLOAD_COMMANDS:
		return bench_upload(bench, 0, 64);
	case UPLOAD_COMMANDS_SHORT:
		return bench_upload(bench, 0, 3);
	case UPLOAD_DATA:
		return bench_upload(bench, 2, 64);
	case UPLOAD_BLOCK_1:
		return bench_upload(bench, 1, 64);
	case UPLOAD_ZERO:
		return bench_upload(bench, 2, 0);
	case CLRSTATUS:
		return bench_clrstatus(bench);
	case ABORT:
		return bench_abort(bench);
	case GETSTATE:
		return bench_control(bench, 0xa1, 5, 0, 0, 1);
	case GETSTATUS:
		return bench_getstatus(bench);
	default:
		return bench_control(bench, 0x21, 0, 1000, 0, 0);
	}
}

static void say(struct bench *bench, enum event event, char *text, size_t size)
{
	s0_sim_handshake handshake = happen(bench, event);
	unsigned told = bench->data[4];

	if (handshake == S0_SIM_GONE)
		snprintf(text, size, "gone");
	else if (!s0_sim_attached(bench->sim))
		snprintf(text, size, "off");
	else if (event == GETSTATUS)
		snprintf(text, size, "%u>%u", told, bench_state(bench));
	else
		snprintf(text, size, "%c%u",
			 handshake == S0_SIM_ACK ? 'A' : 'S',
			 bench_state(bench));
}

/* rows: B-01 B-02 C-18 D-01 D-02 D-03 D-04 D-05 D-07 D-08 D-09 D-10 D-11
 * D-12 D-13 D-14 D-15 D-16 D-18 */
static void every_state_answers_every_request_as_the_table_says(void **state)
{
	for (unsigned s = 0; s < STATES; s++)
		for (unsigned e = 0; e < EVENTS; e++) {
			struct bench *bench = bench_make(state, "stm32h743");
			char text[16];

			go_to(bench, table[s].state);
			say(bench, (enum event)e, text, sizeof(text));
			if (strcmp(text, table[s].result[e]) != 0)
				fail_msg("%s, request %u: %s, not %s",
					 table[s].state, e, text,
					 table[s].result[e]);
		}
}

/* rows: D-08 */
static void the_list_of_commands_ends_where_more_than_three_are_asked(
	void **state)
{
	static const struct {
		uint16_t asked, given;
		unsigned state;
	} rows[] = { { 1, 1, 9 }, { 3, 3, 9 }, { 4, 4, 2 }, { 5, 4, 2 } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench *bench = bench_make(state, "stm32h743");

		assert_int_equal(bench_upload(bench, 0, rows[i].asked),
				 S0_SIM_ACK);
		assert_int_equal(bench->reply.length, rows[i].given);
		assert_int_equal(bench_state(bench), rows[i].state);
	}
}

/* rows: A-01 A-02 D-04 D-20 J-13 */
static void the_operation_runs_inside_the_first_getstatus(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	static const uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };
	uint64_t before;

	s0_sim_poke(bench->sim, BANK_1, "content", 7);
	bench_dnload(bench, 0, erase, 5);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
	before = s0_sim_now_us(bench->sim);
	bench_expect(bench, 0, 4);
	assert_int_equal(bench->reply.busy_us, 905000);
	assert_in_range(s0_sim_now_us(bench->sim) - before, 905035, 905036);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	bench_expect(bench, 0, 5);
	assert_int_equal(bench->reply.busy_us, 0);
}

/* rows: B-02 D-05 D-22 P-04 */
static void the_poll_time_depends_on_the_first_byte(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,poll_program_ms=75,"
						"poll_address_ms=5");

	bench_command(bench, 0x41, BANK_1);
	assert_int_equal(bench->data[1] | bench->data[2] << 8, 1000);
	bench_expect(bench, 0, 5);
	assert_int_equal(bench->data[1] | bench->data[2] << 8, 0);
	bench_command(bench, 0x21, BANK_1);
	assert_int_equal(bench->data[1], 5);
	bench_getstatus(bench);
	bench_dnload(bench, 2, "12345678", 8);
	bench_getstatus(bench);
	assert_int_equal(bench->data[1], 75);
}

/* rows: A-06 D-14 D-28 O-07 */
static void clrstatus_outside_an_error_makes_one(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_clrstatus(bench);
	bench_expect(bench, 0x0e, 10);
	bench_clrstatus(bench);
	bench_expect(bench, 0, 2);
	bench = bench_make(state, "stm32h743,clrstatus_outside_error=stall");
	assert_int_equal(bench_clrstatus(bench), S0_SIM_STALL);
	bench_expect(bench, 0, 2);
}

/* rows: C-18 D-10 */
static void state_15_needs_two_clrstatus(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	assert_int_equal(bench_upload(bench, 1, 64), S0_SIM_STALL);
	assert_int_equal(bench_state(bench), 15);
	bench_clrstatus(bench);
	assert_int_equal(bench_state(bench), 10);
	bench_clrstatus(bench);
	assert_int_equal(bench_state(bench), 2);
}

/* rows: D-15 */
static void abort_forgets_a_download_that_has_not_run(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	static const uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };

	s0_sim_poke(bench->sim, BANK_1, "content", 7);
	bench_dnload(bench, 0, erase, 5);
	bench_abort(bench);
	bench_expect(bench, 0, 2);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
}

/* rows: D-17 */
static void getstate_has_no_side_effect(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	static const uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };

	bench_dnload(bench, 0, erase, 5);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(bench_state(bench), 3);
	bench_expect(bench, 0, 4);
}

/* rows: A-03 D-26 */
static void an_overlong_download_latches_the_bootloader(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	uint8_t block[2048] = { 0 };

	assert_int_equal(bench_dnload(bench, 2, block, 2048), S0_SIM_STALL);
	assert_true(s0_sim_hung(bench->sim));
	bench_expect(bench, 0x0f, 10);
	assert_int_equal(bench_clrstatus(bench), S0_SIM_STALL);
	assert_int_equal(bench_dnload(bench, 2, block, 64), S0_SIM_STALL);
	bench_expect(bench, 0x0f, 10);
	s0_sim_power_cycle(bench->sim);
	assert_false(s0_sim_hung(bench->sim));
	bench_expect(bench, 0, 2);
	bench = bench_make(state, "stm32h743,overlong=silent");
	assert_int_equal(bench_dnload(bench, 2, block, 1025), S0_SIM_STALL);
	assert_int_equal(bench_getstatus(bench), S0_SIM_SILENT);
}

/* rows: B-04 */
static void a_chip_without_configuration_never_runs_the_operation(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	static const uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };

	s0_sim_poke(bench->sim, BANK_1, "content", 7);
	bench_control(bench, 0x00, 9, 0, 0, 0);
	bench_dnload(bench, 0, erase, 5);
	bench_expect(bench, 0, 4);
	bench_expect(bench, 0, 4);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
}

/* rows: D-25 */
static void old_roms_start_in_an_error(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,"
						"first_status=errFIRMWARE");

	bench_expect(bench, 0x0a, 10);
	bench_clrstatus(bench);
	bench_expect(bench, 0, 2);
}

/* rows: C-05 C-17 */
static void get_commands_lists_four(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	static const uint8_t commands[4] = { 0x00, 0x21, 0x41, 0x92 };

	assert_int_equal(bench_upload(bench, 0, 64), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 4);
	assert_memory_equal(bench->data, commands, 4);
	assert_int_equal(bench_byte_command(bench, 0x00), S0_SIM_ACK);
	bench_expect(bench, 0, 5);
}

/* rows: B-01 */
static void requests_that_are_not_the_interfaces_stall(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	assert_int_equal(bench_control(bench, 0xa1, 3, 0, 1, 6), S0_SIM_STALL);
	assert_int_equal(bench_control(bench, 0x21, 3, 0, 0, 0), S0_SIM_STALL);
	assert_int_equal(bench_control(bench, 0xa1, 7, 0, 0, 6), S0_SIM_STALL);
	assert_int_equal(bench_control(bench, 0xc0, 1, 0, 0, 6), S0_SIM_STALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_state_answers_every_request_as_the_table_says),
		cmocka_unit_test(
			the_list_of_commands_ends_where_more_than_three_are_asked),
		cmocka_unit_test(the_operation_runs_inside_the_first_getstatus),
		cmocka_unit_test(the_poll_time_depends_on_the_first_byte),
		cmocka_unit_test(clrstatus_outside_an_error_makes_one),
		cmocka_unit_test(state_15_needs_two_clrstatus),
		cmocka_unit_test(abort_forgets_a_download_that_has_not_run),
		cmocka_unit_test(getstate_has_no_side_effect),
		cmocka_unit_test(an_overlong_download_latches_the_bootloader),
		cmocka_unit_test(
			a_chip_without_configuration_never_runs_the_operation),
		cmocka_unit_test(old_roms_start_in_an_error),
		cmocka_unit_test(get_commands_lists_four),
		cmocka_unit_test(requests_that_are_not_the_interfaces_stall),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
