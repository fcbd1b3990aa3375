/* SPDX-License-Identifier: MIT */
/* Clients that give up or vanish, chips that fall silent or leave. Whatever
 * one of them does, the others do not notice. */
#include "serve_bench.h"

#include <string.h>

#define SET_CONFIGURATION 9
#define GETSTATUS	  3

static const char *const two[] = { "stm32h743", "stm32h743,seed=2", NULL };

static uint32_t begin_erase(struct peer *peer, uint32_t sector)
{
	uint8_t erase[5] = { 0x41, 0, 0, (uint8_t)(2 * sector), 8 };

	peer_control(peer, 0, SET_CONFIGURATION, 1, 0, NULL);
	peer_dnload(peer, 0, erase, sizeof(erase));
	return peer_request(peer, 0xa1, GETSTATUS, 0, 6, NULL);
}

static void expect_unlinked(struct peer *peer, uint32_t victim, int32_t status)
{
	uint32_t number = peer_unlink(peer, victim);
	struct answer answer;

	peer_look(peer, false, &answer);
	assert_int_equal(answer.code, USBIP_RET_UNLINK);
	assert_int_equal(answer.number, number);
	assert_int_equal(answer.status, status);
}

static void expect_nothing(struct peer *peer)
{
	struct answer answer;

	peer_look(peer, true, &answer);
	assert_int_equal(answer.code, PEER_NOTHING);
}

static void a_host_that_gives_up_does_not_stop_an_erase(void **state)
{
	static const uint8_t byte = 0;
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;
	uint64_t start;
	uint32_t number;

	(void)state;
	serve_one(&bench, "stm32h743");
	s0_sim_poke(serve_chip(&bench, 0), 0x08020000, &byte, 1);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	start = bench.now;
	number = begin_erase(&peer, 1);
	serve_wait(&bench, 300000);
	expect_unlinked(&peer, number, USBIP_ECONNRESET);
	/* The next request waits for the erase, like on a cable. */
	number = peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	serve_wait(&bench, 600000);
	expect_nothing(&peer);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.number, number);
	assert_int_equal(answer.data[4], 5);
	assert_in_range(bench.now - start, 905000, 906000);
	expect_nothing(&peer);
	assert_int_equal(s0_sim_word_state(serve_chip(&bench, 0), 0x08020000),
			 S0_SIM_WORD_ERASED);
	peer_close(&peer);
	serve_stop(&bench);
}

static void what_has_not_begun_is_never_seen_by_the_device(void **state)
{
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;
	uint32_t erase, waiting[3];

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	erase = begin_erase(&peer, 1);
	for (unsigned i = 0; i < 3; i++)
		waiting[i] = peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	expect_unlinked(&peer, waiting[2], USBIP_ECONNRESET);
	expect_unlinked(&peer, waiting[0], USBIP_ECONNRESET);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.number, erase);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.number, waiting[1]);
	serve_wait(&bench, 1000000);
	expect_nothing(&peer);
	/* Set configuration, DNLOAD, two GETSTATUS. */
	assert_int_equal(bench.server->devices[0]->log.end, 4);
	peer_close(&peer);
	serve_stop(&bench);
}

static void what_is_answered_cannot_be_taken_back(void **state)
{
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;
	uint32_t number;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	number = peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.number, number);
	expect_unlinked(&peer, number, 0);
	expect_unlinked(&peer, 4711, 0);
	assert_int_equal(peer_getstatus(&peer), 2);
	peer_close(&peer);
	serve_stop(&bench);
}

static void only_taking_it_back_ends_a_request_to_a_silent_device(void **state)
{
	static const char *const devices[] = { "stm32h743,fault=silent@1",
					       "stm32h743,seed=2", NULL };
	struct serve_bench bench;
	struct peer mute, other;
	struct answer answer;
	uint32_t number, next;

	(void)state;
	serve_start(&bench, devices);
	assert_int_equal(peer_import(&mute, &bench, "1-1"), 0);
	assert_int_equal(peer_import(&other, &bench, "1-2"), 0);
	number = peer_request(&mute, 0xa1, GETSTATUS, 0, 6, NULL);
	next = peer_request(&mute, 0xa1, GETSTATUS, 0, 6, NULL);
	serve_wait(&bench, 3600000000u);
	expect_nothing(&mute);
	assert_int_equal(peer_getstatus(&other), 2);
	expect_unlinked(&mute, number, USBIP_ECONNRESET);
	peer_answer(&mute, true, &answer);
	assert_int_equal(answer.number, next);
	assert_int_equal(answer.status, 0);
	peer_close(&mute);
	peer_close(&other);
	serve_stop(&bench);
}

static void one_client_at_a_time(void **state)
{
	struct serve_bench bench;
	struct peer peer, other;

	(void)state;
	serve_start(&bench, two);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	assert_int_equal(peer_import(&other, &bench, "1-1"), USBIP_DEVICE_BUSY);
	assert_true(peer_closed(&other));
	assert_string_equal(bench.told,
			    ": a test asked for a device that is in use");
	peer_close(&other);
	assert_int_equal(peer_import(&other, &bench, "1-3"), USBIP_NO_DEVICE);
	assert_true(peer_closed(&other));
	peer_close(&other);
	assert_int_equal(bench.events[S0_SIM_SERVER_REFUSED], 2);
	assert_int_equal(peer_getstatus(&peer), 2);
	peer_close(&peer);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_close(&peer);
	serve_stop(&bench);
}

/* What a client leaves: memory, and nothing of its session. */
static void going_away_is_a_reset_of_the_bus(void **state)
{
	uint8_t data[32], configuration = 9;
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	memset(data, 0x5a, sizeof(data));
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_control(&peer, 0, SET_CONFIGURATION, 1, 0, NULL);
	peer_write(&peer, 0x08000000, data, sizeof(data));
	assert_int_equal(peer_getstatus(&peer), 5);
	peer_close(&peer);
	serve_wait(&bench, 1000);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	assert_int_equal(peer_control(&peer, 0x80, 8, 0, 1, &configuration), 0);
	assert_int_equal(configuration, 0);
	peer_control(&peer, 0, SET_CONFIGURATION, 1, 0, NULL);
	assert_int_equal(peer_getstatus(&peer), 2);
	assert_int_equal(s0_sim_word_state(serve_chip(&bench, 0), 0x08000000),
			 S0_SIM_WORD_PROGRAMMED);
	peer_close(&peer);
	serve_stop(&bench);
}

/* Linux's stub driver takes this as a reset of the port; so do we. */
static void the_port_can_be_reset(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_control(&peer, 0, SET_CONFIGURATION, 1, 0, NULL);
	peer_command(&peer, 0x21, 0x08000000);
	assert_int_equal(peer_control(&peer, 0x23, 3, 4, 0, NULL), 0);
	assert_int_equal(peer_getstatus(&peer), 2);
	peer_close(&peer);
	serve_stop(&bench);
}

static void closing_in_the_middle_leaves_the_erase_running(void **state)
{
	struct serve_bench bench;
	struct peer peer;
	uint64_t start;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	start = bench.now;
	begin_erase(&peer, 1);
	serve_wait(&bench, 100000);
	peer_close(&peer);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	assert_int_equal(peer_getstatus(&peer), 2);
	assert_in_range(bench.now - start, 905000, 906000);
	peer_close(&peer);
	serve_stop(&bench);
}

static void a_chip_that_leaves_closes_its_connection(void **state)
{
	struct serve_bench bench;
	struct answer answer;
	struct peer peer, other;

	(void)state;
	serve_start(&bench, two);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	assert_int_equal(peer_import(&other, &bench, "1-2"), 0);
	assert_int_equal(s0_sim_inject(serve_chip(&bench, 0), "unplug@2", NULL),
			 S0_OK);
	peer_getstatus(&peer);
	peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.code, PEER_CLOSED);
	assert_int_equal(bench.events[S0_SIM_SERVER_LEFT], 1);
	assert_int_equal(bench.events[S0_SIM_SERVER_RELEASED], 1);
	peer_close(&peer);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), USBIP_NO_DEVICE);
	peer_close(&peer);
	s0_sim_replug(serve_chip(&bench, 0));
	serve_settle(&bench);
	assert_int_equal(bench.events[S0_SIM_SERVER_BACK], 1);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	assert_int_equal(peer_getstatus(&peer), 2);
	assert_int_equal(peer_getstatus(&other), 2);
	peer_close(&peer);
	peer_close(&other);
	serve_stop(&bench);
}

/* A hand at the cable is not made to wait for the erase. */
static void a_plug_that_is_pulled_is_noticed_at_once(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	begin_erase(&peer, 1);
	serve_wait(&bench, 100000);
	serve_expect(&bench, "unplug", "ok\n");
	assert_true(peer_closed(&peer));
	peer_close(&peer);
	serve_stop(&bench);
}

/* It leaves when the supply fails, not when it was asked, and comes back by
 * itself. */
static void a_brown_out_is_seen_when_it_happens(void **state)
{
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;
	uint64_t start;

	(void)state;
	serve_one(&bench, "stm32h743,fault=brown-out@2");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	begin_erase(&peer, 1);
	start = bench.now;
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.code, PEER_CLOSED);
	assert_in_range(bench.now - start, 1000, 904000);
	peer_close(&peer);
	start = bench.now;
	serve_wait(&bench, 99000);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), USBIP_NO_DEVICE);
	peer_close(&peer);
	serve_wait(&bench, 1100);
	assert_int_equal(bench.events[S0_SIM_SERVER_BACK], 1);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_close(&peer);
	serve_stop(&bench);
}

static void begin_option_write(struct peer *peer)
{
	uint8_t window[308];

	assert_int_equal(s0_sim_peek(serve_chip(peer->bench, 0), 0x5200201c,
				     window, sizeof(window)),
			 sizeof(window));
	window[4] ^= 0x0c; /* BOR_LEV: nothing is done for what is so already */
	peer_control(peer, 0, SET_CONFIGURATION, 1, 0, NULL);
	peer_command(peer, 0x21, 0x5200201c);
	peer_dnload(peer, 2, window, sizeof(window));
}

/* It ends with what the ROM does by itself, after the answer. */
static void a_reset_that_nobody_asked_for_is_noticed(void **state)
{
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;
	uint64_t start;

	(void)state;
	serve_one(&bench, "stm32h743,answer=poll,ob_write_reset=yes");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	begin_option_write(&peer);
	start = bench.now;
	assert_int_equal(peer_getstatus(&peer), 4);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.code, PEER_CLOSED);
	assert_in_range(bench.now - start, 20000, 20100);
	peer_close(&peer);
	serve_wait(&bench, 101000);
	assert_int_equal(bench.events[S0_SIM_SERVER_BACK], 1);
	serve_stop(&bench);
}

/* Nobody heard the answer, but the bus tells. */
static void a_silent_chip_that_leaves_is_noticed(void **state)
{
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743,answer=poll,ob_write_reset=yes,"
			  "fault=lost-reply@5");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	begin_option_write(&peer);
	peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	serve_wait(&bench, 10000);
	expect_nothing(&peer);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.code, PEER_CLOSED);
	peer_close(&peer);
	serve_stop(&bench);
}

/* Gone and back at once, between two requests: still another enumeration. */
static void a_power_cycle_closes_the_connection(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_getstatus(&peer);
	s0_sim_power_cycle(serve_chip(&bench, 0));
	serve_settle(&bench);
	assert_true(peer_closed(&peer));
	assert_int_equal(bench.events[S0_SIM_SERVER_LEFT], 1);
	assert_int_equal(bench.events[S0_SIM_SERVER_BACK], 1);
	peer_close(&peer);
	serve_stop(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_gives_up_does_not_stop_an_erase),
		cmocka_unit_test(
			what_has_not_begun_is_never_seen_by_the_device),
		cmocka_unit_test(what_is_answered_cannot_be_taken_back),
		cmocka_unit_test(
			only_taking_it_back_ends_a_request_to_a_silent_device),
		cmocka_unit_test(one_client_at_a_time),
		cmocka_unit_test(going_away_is_a_reset_of_the_bus),
		cmocka_unit_test(the_port_can_be_reset),
		cmocka_unit_test(
			closing_in_the_middle_leaves_the_erase_running),
		cmocka_unit_test(a_chip_that_leaves_closes_its_connection),
		cmocka_unit_test(a_plug_that_is_pulled_is_noticed_at_once),
		cmocka_unit_test(a_brown_out_is_seen_when_it_happens),
		cmocka_unit_test(a_reset_that_nobody_asked_for_is_noticed),
		cmocka_unit_test(a_silent_chip_that_leaves_is_noticed),
		cmocka_unit_test(a_power_cycle_closes_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
