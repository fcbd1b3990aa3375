/* SPDX-License-Identifier: MIT */
/* USB/IP as a kernel speaks it, and when answers come. */
#include "serve_bench.h"

#include <string.h>

#include "base/bytes.h"

#define GET_DESCRIPTOR	  6
#define SET_CONFIGURATION 9
#define GETSTATUS	  3

static const char *const two[] = { "stm32h743", "stm32h743,seed=2", NULL };

/* 35.2 us: the chip's clock is finer than the server's. */
#define WIRE_GETSTATUS 35u

static void the_list_names_every_device_on_the_bus(void **state)
{
	static const uint8_t expected[24] = {
		0, 0,	 0,    1,    0, 0,
		0, 2,	 0,    0,    0, 2, /* bus 1, device 2 */
		4, 0x83, 0xdf, 0x11, 2, 0,
		0, 0,	 0,    1,    1, 1,
	};
	static const uint8_t interface[4] = { 0xfe, 1, 2, 0 };
	uint8_t bytes[12 + 2 * 316];
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_start(&bench, two);
	peer_connect(&peer, &bench);
	peer_ask(&peer, 0x0111, 0x8005, NULL);
	assert_int_equal(peer_take(&peer, bytes, sizeof(bytes)), sizeof(bytes));
	assert_memory_equal(bytes, "\1\x11\0\5\0\0\0\0\0\0\0\2", 12);
	assert_string_equal((char *)bytes + 12 + 256, "1-1");
	assert_memory_equal(bytes + 12 + 312, interface, 4);
	assert_string_equal((char *)bytes + 12 + 316 + 256, "1-2");
	assert_memory_equal(bytes + 12 + 316 + 288, expected, 24);
	assert_true(peer_closed(&peer));
	peer_close(&peer);
	s0_sim_unplug(serve_chip(&bench, 0));
	peer_connect(&peer, &bench);
	peer_ask(&peer, 0x0111, 0x8005, NULL);
	assert_int_equal(peer_take(&peer, bytes, sizeof(bytes)), 12 + 316);
	assert_string_equal((char *)bytes + 12 + 256, "1-2");
	peer_close(&peer);
	serve_stop(&bench);
}

/* The requests of hub_port_init() and usb_new_device(). */
static void a_kernel_can_enumerate_it(void **state)
{
	uint8_t data[512], config[64];
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	assert_int_equal(bench.events[S0_SIM_SERVER_IMPORTED], 1);
	assert_string_equal(bench.told, "1-1: a test");
	/* 64 bytes of a descriptor of 18 */
	peer_request(&peer, 0x80, GET_DESCRIPTOR, 0x0100, 64, NULL);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.length, 18);
	assert_int_equal(get_le16(answer.data + 8), 0x0483);
	assert_int_equal(
		peer_control(&peer, 0x80, GET_DESCRIPTOR, 0x0200, 9, config),
		0);
	assert_int_equal(config[0], 9);
	assert_int_equal(get_le16(config + 2), 36);
	assert_int_equal(
		peer_control(&peer, 0x80, GET_DESCRIPTOR, 0x0200, 36, config),
		0);
	assert_int_equal(config[35], 1);
	/* device qualifier: a full-speed device has none */
	assert_int_equal(
		peer_control(&peer, 0x80, GET_DESCRIPTOR, 0x0600, 10, data),
		USBIP_EPIPE);
	assert_int_equal(peer_control(&peer, 0, SET_CONFIGURATION, 1, 0, NULL),
			 0);
	assert_int_equal(peer_control(&peer, 0x80, 8, 0, 1, data), 0);
	assert_int_equal(data[0], 1);
	assert_int_equal(peer_getstatus(&peer), 2);
	peer_close(&peer);
	assert_int_equal(bench.events[S0_SIM_SERVER_RELEASED], 1);
	serve_stop(&bench);
}

static void an_answer_comes_when_the_chip_would_have_given_it(void **state)
{
	uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_control(&peer, 0, SET_CONFIGURATION, 1, 0, NULL);
	peer_dnload(&peer, 0, erase, sizeof(erase));
	serve_wait(&bench, 12345);
	peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	serve_wait(&bench, 905000);
	peer_look(&peer, true, &answer);
	assert_int_equal(answer.code, PEER_NOTHING);
	serve_wait(&bench, WIRE_GETSTATUS - 1);
	peer_look(&peer, true, &answer);
	assert_int_equal(answer.code, PEER_NOTHING);
	serve_wait(&bench, 1);
	peer_look(&peer, true, &answer);
	assert_int_equal(answer.code, USBIP_RET_SUBMIT);
	assert_int_equal(answer.data[4], 4);
	assert_int_equal(peer_getstatus(&peer), 5);
	assert_int_equal(s0_sim_word_state(serve_chip(&bench, 0), 0x08000000),
			 S0_SIM_WORD_ERASED);
	peer_close(&peer);
	serve_stop(&bench);
}

static void the_chips_clock_is_the_walls(void **state)
{
	struct serve_bench bench;
	struct peer peer;
	uint64_t start;

	(void)state;
	serve_one(&bench, "stm32h743");
	start = bench.now;
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	serve_wait(&bench, 70000000);
	peer_getstatus(&peer);
	assert_in_range(s0_sim_now_us(serve_chip(&bench, 0)), 70000000,
			70000000 + WIRE_GETSTATUS + 1);
	assert_int_equal(bench.now - start,
			 s0_sim_now_us(serve_chip(&bench, 0)));
	peer_close(&peer);
	serve_stop(&bench);
}

static uint64_t time_of_getstatus(const char *description)
{
	struct serve_bench bench;
	struct peer peer;
	uint64_t start;

	serve_one(&bench, description);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	start = bench.now;
	peer_getstatus(&peer);
	start = bench.now - start;
	peer_close(&peer);
	serve_stop(&bench);
	return start;
}

static void turn_around_is_charged_where_it_is_asked_for(void **state)
{
	uint64_t plain = time_of_getstatus("stm32h743");

	(void)state;
	assert_int_equal(plain, WIRE_GETSTATUS);
	assert_int_equal(time_of_getstatus("stm32h743,turnaround_us=250"),
			 plain + 250);
	assert_int_equal(time_of_getstatus("stm32h743,turnaround_us=0"), plain);
}

static void times_are_scaled_down_to_nothing(void **state)
{
	struct serve_bench bench;
	struct peer peer;
	uint64_t start;

	(void)state;
	serve_one(&bench, "stm32h743,time_scale=0");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_control(&peer, 0, SET_CONFIGURATION, 1, 0, NULL);
	start = bench.now;
	peer_command(&peer, 0x41, 0x08000000);
	/* a DNLOAD and two GETSTATUS on the wire */
	assert_in_range(bench.now - start, 74 + 2 * WIRE_GETSTATUS,
			74 + 2 * (WIRE_GETSTATUS + 1));
	peer_close(&peer);
	serve_stop(&bench);
}

static void what_is_written_is_read_back(void **state)
{
	struct serve_bench bench;
	uint8_t out[1024], in[1024];
	struct peer peer;

	(void)state;
	for (unsigned i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7 + i / 256);
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_control(&peer, 0, SET_CONFIGURATION, 1, 0, NULL);
	peer_command(&peer, 0x41, 0x08020000);
	peer_write(&peer, 0x08020000, out, sizeof(out));
	assert_int_equal(peer_control(&peer, 0x21, 6, 0, 0, NULL), 0);
	assert_int_equal(peer_control(&peer, 0xa1, 2, 2, 1024, in), 0);
	assert_memory_equal(in, out, sizeof(out));
	peer_close(&peer);
	s0_sim_peek(serve_chip(&bench, 0), 0x08020000, in, sizeof(in));
	assert_memory_equal(in, out, sizeof(out));
	serve_stop(&bench);
}

static void answers_say_how_long_they_are(void **state)
{
	static const struct {
		int32_t room;
		uint32_t flags;
		int32_t status;
		uint32_t length;
	} rows[] = {
		{ 18, USBIP_SHORT_NOT_OK, 0, 18 },
		{ 64, 0, 0, 18 },
		{ 64, USBIP_SHORT_NOT_OK, USBIP_EREMOTEIO, 18 },
		{ 64, 0x0200, 0, 18 }, /* another flag */
		{ 17, 0, USBIP_EOVERFLOW, 17 },
	};
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct submit submit = {
			.in = true,
			.flags = rows[i].flags,
			.length = rows[i].room,
			.setup = { 0x80, GET_DESCRIPTOR, 0x0100, 0, 64 },
		};
		struct answer answer;

		peer_submit(&peer, &submit);
		peer_answer(&peer, true, &answer);
		assert_int_equal(answer.code, USBIP_RET_SUBMIT);
		assert_int_equal(answer.status, rows[i].status);
		assert_int_equal(answer.length, rows[i].length);
	}
	peer_close(&peer);
	serve_stop(&bench);
}

static void a_stall_is_epipe_and_moves_nothing(void **state)
{
	uint8_t data[4];
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743,fault=stall@2");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_getstatus(&peer);
	peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.status, USBIP_EPIPE);
	assert_int_equal(answer.length, 0);
	/* a vendor's request, out */
	memset(data, 0, sizeof(data));
	peer_request(&peer, 0x40, 1, 0, sizeof(data), data);
	peer_answer(&peer, false, &answer);
	assert_int_equal(answer.status, USBIP_EPIPE);
	assert_int_equal(answer.length, 0);
	assert_int_equal(peer_getstatus(&peer), 2);
	peer_close(&peer);
	serve_stop(&bench);
}

static void answers_come_in_order_back_to_back(void **state)
{
	uint32_t numbers[8];
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;
	uint64_t start;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	start = bench.now;
	for (unsigned i = 0; i < 8; i++)
		numbers[i] = peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	for (unsigned i = 0; i < 8; i++) {
		peer_answer(&peer, true, &answer);
		assert_int_equal(answer.number, numbers[i]);
	}
	assert_in_range(bench.now - start, 8 * WIRE_GETSTATUS,
			8 * (WIRE_GETSTATUS + 1));
	peer_close(&peer);
	serve_stop(&bench);
}

static void two_devices_are_independent(void **state)
{
	uint8_t erase[5] = { 0x41, 0, 0, 0, 8 };
	struct serve_bench bench;
	struct answer answer;
	struct peer one, other;
	uint64_t start;

	(void)state;
	serve_start(&bench, two);
	assert_int_equal(peer_import(&one, &bench, "1-1"), 0);
	assert_int_equal(peer_import(&other, &bench, "1-2"), 0);
	peer_control(&one, 0, SET_CONFIGURATION, 1, 0, NULL);
	peer_control(&other, 0, SET_CONFIGURATION, 1, 0, NULL);
	peer_dnload(&one, 0, erase, sizeof(erase));
	start = bench.now;
	peer_request(&one, 0xa1, GETSTATUS, 0, 6, NULL);
	peer_write(&other, 0x08000000, "another chip's word, 32 bytes ..", 32);
	/* 32 bytes are programmed in a tenth of a millisecond. */
	assert_in_range(bench.now - start, 100, 1000);
	peer_answer(&one, true, &answer);
	assert_int_equal(answer.status, 0);
	assert_in_range(bench.now - start, 905000, 905100);
	assert_int_equal(s0_sim_word_state(serve_chip(&bench, 0), 0x08000000),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(s0_sim_word_state(serve_chip(&bench, 1), 0x08000000),
			 S0_SIM_WORD_PROGRAMMED);
	peer_close(&one);
	peer_close(&other);
	serve_stop(&bench);
}

static void requests_are_logged(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_start(&bench, two);
	assert_int_equal(peer_import(&peer, &bench, "1-2"), 0);
	peer_getstatus(&peer);
	assert_non_null(strstr(bench.logged, "1-2 0.00"));
	assert_non_null(strstr(bench.logged, " #1 GETSTATUS "));
	assert_int_equal(bench.server->devices[0]->log.end, 0);
	assert_int_equal(bench.server->devices[1]->log.end, 1);
	peer_close(&peer);
	serve_stop(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_names_every_device_on_the_bus),
		cmocka_unit_test(a_kernel_can_enumerate_it),
		cmocka_unit_test(
			an_answer_comes_when_the_chip_would_have_given_it),
		cmocka_unit_test(the_chips_clock_is_the_walls),
		cmocka_unit_test(turn_around_is_charged_where_it_is_asked_for),
		cmocka_unit_test(times_are_scaled_down_to_nothing),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(answers_say_how_long_they_are),
		cmocka_unit_test(a_stall_is_epipe_and_moves_nothing),
		cmocka_unit_test(answers_come_in_order_back_to_back),
		cmocka_unit_test(two_devices_are_independent),
		cmocka_unit_test(requests_are_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
