/* SPDX-License-Identifier: MIT */
/* Commands of the prompt and of the control socket. */
#include "serve_bench.h"

#include <string.h>

static const char *const two[] = { "stm32h743", "stm32h743,seed=2", NULL };

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *line, *answer;
	} rows[] = {
		{ "", "" },
		{ " \t ", "" },
		{ "frobnicate", "error: 'frobnicate' is no command; 'help' "
				"lists them\n" },
		{ "list x", "error: usage: list\n" },
		{ "power 1-1", "error: usage: power on|off|cycle [DEVICE]\n" },
		{ "power up 1-1", "error: 'power' does not know 'up'\n" },
		{ "power on off 1-1",
		  "error: usage: power on|off|cycle [DEVICE]\n" },
		{ "boot0 1 1-1", "error: 'boot0' does not know '1'\n" },
		{ "reset", "error: there are 2 devices: name one, as 1-1\n" },
		{ "reset 1-3", "error: there is no device '1-3'\n" },
		{ "reset 1-", "error: there are 2 devices: name one, as "
			      "1-1\n" },
		{ "word x 1-1", "error: 'word' does not know 'x'\n" },
		{ "peek 0x100000000 1-1",
		  "error: 'peek' does not know '0x100000000'\n" },
		{ "peek 0 5000 1-1",
		  "error: a length is 1 to 4096, not '5000'\n" },
		{ "log 3 x 1-1", "error: 'log' does not know 'x'\n" },
		{ "fault stall@0 1-1",
		  "error: 'stall@0' is no request to come: there were 0 so "
		  "far\n" },
		{ "fault stall@+0 1-1",
		  "error: 'stall@+0' is no request to come: there were 0 so "
		  "far\n" },
		{ "fault stall@+x 1-1",
		  "error: 'stall@+x' is no request to come: there were 0 so "
		  "far\n" },
	};
	char line[512];
	struct serve_bench bench;

	(void)state;
	serve_start(&bench, two);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		serve_expect(&bench, rows[i].line, rows[i].answer);
	serve_expect_part(&bench, "fault nonsense@1 1-1",
			  "error: 'nonsense@1' is no list of faults");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	serve_expect(&bench, line, "error: the line is too long\n");
	serve_stop(&bench);
}

static void several_lines_are_several_commands(void **state)
{
	struct serve_bench bench;

	(void)state;
	serve_one(&bench, "stm32h743");
	serve_expect(&bench, "started\nword 0x08000000\r\n\nstarted",
		     "no\nok\nerased\nok\nno\nok\n");
	serve_expect_part(&bench, "help", "  power on|off|cycle [DEVICE]");
	serve_stop(&bench);
}

static void the_list_tells_who_uses_a_chip_or_why_nobody_can(void **state)
{
	char answer[1024];
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_start(&bench, two);
	assert_int_equal(peer_import(&peer, &bench, "1-2"), 0);
	serve_ask(&bench, "list", answer, sizeof(answer));
	assert_non_null(strstr(answer,
			       "1-1  stm32h743  serial 200364500000  unique "
			       "id c10002000c39313538323436  free\n"));
	assert_non_null(strstr(answer, "  used by a test\nok\n"));
	serve_expect(&bench, "unplug 1-1", "ok\n");
	serve_expect_part(&bench, "list", "  off the bus\n");
	serve_expect(&bench, "power off 1-2", "ok\n");
	serve_expect_part(&bench, "list", "  no power\n");
	assert_true(peer_closed(&peer));
	peer_close(&peer);
	serve_stop(&bench);
}

static void the_plug_is_pulled_and_put_in(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	serve_expect(&bench, "unplug", "ok\n");
	assert_true(peer_closed(&peer));
	peer_close(&peer);
	assert_int_equal(bench.events[S0_SIM_SERVER_LEFT], 1);
	/* A reset does not put it in. */
	serve_expect(&bench, "reset", "ok\n");
	serve_wait(&bench, 1000000);
	assert_false(s0_sim_attached(serve_chip(&bench, 0)));
	serve_expect(&bench, "replug", "ok\n");
	assert_int_equal(bench.events[S0_SIM_SERVER_BACK], 1);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_close(&peer);
	serve_stop(&bench);
}

static void without_power_nothing_helps_but_power(void **state)
{
	struct serve_bench bench;

	(void)state;
	serve_one(&bench, "stm32h743");
	serve_expect(&bench, "power off", "ok\n");
	serve_expect(&bench, "reset", "error: 1-1 has no power\n");
	serve_expect(&bench, "replug", "error: 1-1 has no power\n");
	serve_expect(&bench, "unplug", "ok\n");
	serve_wait(&bench, 1000000);
	assert_false(s0_sim_attached(serve_chip(&bench, 0)));
	serve_expect(&bench, "power on", "ok\n");
	assert_true(s0_sim_attached(serve_chip(&bench, 0)));
	serve_expect(&bench, "power off\npower cycle", "ok\nok\n");
	assert_true(s0_sim_attached(serve_chip(&bench, 0)));
	serve_stop(&bench);
}

static void power_on_does_nothing_to_what_has_power(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	serve_expect(&bench, "power on", "ok\n");
	assert_int_equal(peer_getstatus(&peer), 2);
	serve_expect(&bench, "power cycle", "ok\n");
	assert_true(peer_closed(&peer));
	peer_close(&peer);
	serve_stop(&bench);
}

/* The firmware is what BOOT0 released starts. */
static void boot0_decides_what_a_reset_starts(void **state)
{
	static const uint8_t vectors[8] = { 0, 0, 2, 0x20, 9, 0, 0, 8 };
	struct serve_bench bench;

	(void)state;
	serve_one(&bench, "stm32h743");
	s0_sim_poke(serve_chip(&bench, 0), 0x08000000, vectors, 8);
	serve_expect(&bench, "boot0 released\nreset", "ok\nok\n");
	assert_int_equal(bench.events[S0_SIM_SERVER_LEFT], 1);
	serve_wait(&bench, 200000);
	serve_expect(&bench, "started", "0x08000000\nok\n");
	serve_expect_part(&bench, "list", "runs the firmware at 0x08000000\n");
	serve_expect(&bench, "boot0 held\nreset", "ok\nok\n");
	serve_wait(&bench, 99000);
	assert_int_equal(bench.events[S0_SIM_SERVER_BACK], 0);
	serve_wait(&bench, 1100);
	assert_int_equal(bench.events[S0_SIM_SERVER_BACK], 1);
	serve_expect(&bench, "started", "no\nok\n");
	serve_stop(&bench);
}

static void faults_are_counted_absolutely_or_from_now(void **state)
{
	uint8_t status[6];
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_getstatus(&peer);
	peer_getstatus(&peer);
	serve_expect(&bench, "fault stall@+2", "stall@4\nok\n");
	serve_expect(&bench, "fault stall@3", "stall@3\nok\n");
	serve_expect(&bench, "fault stall@2",
		     "error: 'stall@2' is no request to "
		     "come: there were 2 so far\n");
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(peer_control(&peer, 0xa1, 3, 0, 6, status),
				 USBIP_EPIPE);
	assert_int_equal(peer_getstatus(&peer), 2);
	serve_expect_part(&bench, "counters", "transfers 5\n");
	peer_close(&peer);
	serve_stop(&bench);
}

static void memory_is_looked_at_without_a_transfer(void **state)
{
	static const uint8_t bytes[20] = { 1, 2, 3, [19] = 0xfe };
	struct serve_bench bench;

	(void)state;
	serve_one(&bench, "stm32h743");
	s0_sim_poke(serve_chip(&bench, 0), 0x08000040, bytes, sizeof(bytes));
	s0_sim_damage(serve_chip(&bench, 0), 0x08000080);
	serve_expect(
		&bench, "peek 0x08000040 20",
		"0x08000040  01 02 03 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
		"0x08000050  00 00 00 fe\nok\n");
	serve_expect_part(&bench, "peek 0x08000020", " ff ff ff ff\nok\n");
	serve_expect(&bench, "peek 0x70000000", "no memory\nok\n");
	serve_expect(&bench, "word 0x08000045", "programmed\nok\n");
	serve_expect(&bench, "word 0x08000080", "damaged\nok\n");
	serve_expect(&bench, "word 0x24000000", "no flash\nok\n");
	serve_expect(&bench, "word 0x08000060", "erased\nok\n");
	s0_sim_flip_bit(serve_chip(&bench, 0), 0x08000060, 0);
	serve_expect(&bench, "word 0x08000060", "flawed\nok\n");
	serve_stop(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(several_lines_are_several_commands),
		cmocka_unit_test(
			the_list_tells_who_uses_a_chip_or_why_nobody_can),
		cmocka_unit_test(the_plug_is_pulled_and_put_in),
		cmocka_unit_test(without_power_nothing_helps_but_power),
		cmocka_unit_test(power_on_does_nothing_to_what_has_power),
		cmocka_unit_test(boot0_decides_what_a_reset_starts),
		cmocka_unit_test(faults_are_counted_absolutely_or_from_now),
		cmocka_unit_test(memory_is_looked_at_without_a_transfer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
