/* SPDX-License-Identifier: MIT */
/* Clients that mean harm, or do not know better: whatever they send, it ends
 * their own connection and nothing else. */
#include "serve_bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define SET_CONFIGURATION 9
#define GETSTATUS	  3

static const char *const two[] = { "stm32h743", "stm32h743,seed=2", NULL };

static void expect_nothing(struct peer *peer)
{
	struct answer answer;

	peer_look(peer, true, &answer);
	assert_int_equal(answer.code, PEER_NOTHING);
}

static void only_endpoint_0_is_there(void **state)
{
	static const uint8_t data[200000];
	struct submit rows[] = {
		{ .endpoint = 1, .in = true, .length = 64 },
		{ .endpoint = 15, .in = true, .length = 0x7fffffff },
		{ .endpoint = 2, .length = 200000, .data = data },
		{ .endpoint = 1, .in = true, .length = 64, .packets = -1 },
	};
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t number = peer_submit(&peer, &rows[i]);

		peer_look(&peer, false, &answer);
		assert_int_equal(answer.number, number);
		assert_int_equal(answer.status, USBIP_EPIPE);
		assert_int_equal(answer.length, 0);
		assert_int_equal(answer.packets, rows[i].packets);
		assert_int_equal(peer_getstatus(&peer), 2);
	}
	peer_close(&peer);
	serve_stop(&bench);
}

/* Two packets, in and out: their descriptors are skipped, not obeyed. */
static void isochronous_descriptors_are_skipped(void **state)
{
	static const uint8_t descriptors[32] = { 0, 0, 0, 1, 0, 0, 0, 2 };
	static const uint8_t data[100];
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	for (unsigned in = 0; in < 2; in++) {
		struct submit submit = { .endpoint = 3,
					 .in = in,
					 .length = 100,
					 .packets = 2,
					 .data = data };

		peer_submit(&peer, &submit);
		peer_send(&peer, descriptors, sizeof(descriptors));
		peer_look(&peer, false, &answer);
		assert_int_equal(answer.status, USBIP_EPIPE);
		assert_int_equal(answer.packets, 0);
		assert_int_equal(peer_getstatus(&peer), 2);
	}
	peer_close(&peer);
	serve_stop(&bench);
}

static void a_data_stage_is_as_its_setup_says_or_refused(void **state)
{
	static const uint8_t data[100];
	const struct submit rows[] = {
		/* OUT with more and with fewer bytes than wLength */
		{ .length = 100, .setup = { 0x21, 1, 2, 0, 99 }, .data = data },
		{ .length = 99, .setup = { 0x21, 1, 2, 0, 100 }, .data = data },
		/* OUT data for an IN request, and the other way round */
		{ .setup = { 0xa1, 3, 0, 0, 6 }, .data = data },
		{ .in = true, .setup = { 0x21, 1, 2, 0, 32 } },
		/* bytes where wLength says none */
		{ .length = 8, .setup = { 0x21, 6, 0, 0, 0 }, .data = data },
	};
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		peer_submit(&peer, &rows[i]);
		peer_look(&peer, false, &answer);
		assert_int_equal(answer.code, USBIP_RET_SUBMIT);
		assert_int_equal(answer.status, USBIP_EINVAL);
		assert_int_equal(answer.length, 0);
	}
	/* The device has heard of none of them. */
	assert_int_equal(bench.server->devices[0]->log.end, 0);
	assert_int_equal(peer_getstatus(&peer), 2);
	peer_close(&peer);
	serve_stop(&bench);
}

/* Bytes in any portion are the same messages. */
static void messages_may_come_in_pieces(void **state)
{
	uint8_t bytes[48 + 5] = { 0, 0, 0, 1, 0, 0, 0, 77, 0, 1, 0, 1, 0, 0,
				  0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 5 };
	static const uint8_t setup[13] = { 0x21, 1,    0, 0, 0, 0, 5,
					   0,	 0x21, 0, 0, 0, 8 };
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;

	(void)state;
	memcpy(bytes + 40, setup, sizeof(setup));
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		expect_nothing(&peer);
		peer_send(&peer, bytes + i, 1);
		serve_wait(&bench, 1000000);
	}
	peer_answer(&peer, false, &answer);
	assert_int_equal(answer.number, 77);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.length, 5);
	peer_control(&peer, 0, SET_CONFIGURATION, 1, 0, NULL);
	peer_close(&peer);
	serve_stop(&bench);
}

/* ---- malformed ----------------------------------------------------------- */

struct bad {
	const char *what;
	bool imported;
	const char *bytes; /* a byte each two digits; blanks are skipped */
};

static const struct bad bad[] = {
	{ "version 1.0.6", false, "0106 8005 00000000" },
	{ "version 0", false, "0000 8003 00000000" },
	{ "unknown request", false, "0111 8004 00000000" },
	{ "a reply", false, "0111 0005 00000000" },
	{ "HTTP", false, "474554202f204854" },
	{ "unknown message", true, "00000005 00000001 00010001" },
	{ "a reply to us", true, "00000003 00000001 00010001" },
	{ "message 0", true, "00000000 00000001 00010001" },
	{ "another device", true, "00000001 00000001 00010002" },
	{ "bus 2", true, "00000002 00000001 00020001" },
	{ "direction 2", true, "00000001 00000001 00010001 00000002" },
	{ "endpoint 16", true, "00000001 00000001 00010001 00000001 00000010" },
	{ "negative length", true,
	  "00000001 00000001 00010001 00000001 00000000 00000000 80000000" },
	{ "length -1", true,
	  "00000001 00000001 00010001 00000000 00000000 00000000 ffffffff" },
	{ "64 MiB for an endpoint that is not there", true,
	  "00000001 00000001 00010001 00000000 00000001 00000000 04000000" },
	{ "-2 packets", true,
	  "00000001 00000001 00010001 00000001 00000001 00000000 00000000 "
	  "00000000 fffffffe" },
	{ "1025 packets", true,
	  "00000001 00000001 00010001 00000001 00000001 00000000 00000000 "
	  "00000000 00000401" },
};

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t parse(const char *text, uint8_t *bytes)
{
	size_t count = 0;

	for (; *text; text++)
		if (*text != ' ') {
			bytes[count++] =
				(uint8_t)(digit(text[0]) << 4 | digit(text[1]));
			text++;
		}
	return count;
}

static void try_bad(const struct bad *row, struct serve_bench *bench)
{
	unsigned before = bench->events[S0_SIM_SERVER_REFUSED];
	uint8_t bytes[48] = { 0 };
	struct peer peer;

	if (row->imported)
		assert_int_equal(peer_import(&peer, bench, "1-1"), 0);
	else
		peer_connect(&peer, bench);
	parse(row->bytes, bytes);
	peer_send(&peer, bytes, row->imported ? 48 : 8);
	if (!peer_closed(&peer))
		fail_msg("%s was accepted", row->what);
	assert_int_equal(bench->events[S0_SIM_SERVER_REFUSED], before + 1);
	peer_close(&peer);
}

static void nonsense_ends_the_connection_and_nothing_else(void **state)
{
	struct serve_bench bench;
	struct peer other;

	(void)state;
	serve_start(&bench, two);
	assert_int_equal(peer_import(&other, &bench, "1-2"), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		try_bad(&bad[i], &bench);
		assert_int_equal(peer_getstatus(&other), 2);
	}
	assert_int_equal(bench.server->devices[0]->log.end, 0);
	assert_false(bench.server->devices[0]->used);
	peer_close(&other);
	serve_stop(&bench);
}

/* A bus id is 32 bytes; none of them has to be zero. */
static void bus_ids_need_not_end(void **state)
{
	static const char *const names[] = { "11111111111111111111111111111111",
					     "1-1                             ",
					     "1-", "", "1-1\x01" };
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_start(&bench, two);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(peer_import(&peer, &bench, names[i]),
				 USBIP_NO_DEVICE);
		peer_close(&peer);
	}
	serve_stop(&bench);
}

static void a_message_that_stops_half_way_frees_the_device(void **state)
{
	static const uint8_t half[48 + 3] = {
		0, 0, 0, 1, 0,	      0,	   0,	     1,
		0, 1, 0, 1, [27] = 9, [40] = 0x21, [41] = 1, [46] = 9
	};
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	for (size_t length = 1; length <= sizeof(half); length++) {
		assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
		peer_send(&peer, half, length);
		peer_close(&peer);
		assert_false(bench.server->devices[0]->used);
	}
	assert_int_equal(bench.server->devices[0]->log.end, 0);
	assert_null(bench.server->connections);
	serve_stop(&bench);
}

static void who_does_not_say_what_he_wants_is_sent_away(void **state)
{
	struct serve_bench bench;
	struct peer silent, half, user;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&user, &bench, "1-1"), 0);
	peer_connect(&silent, &bench);
	peer_connect(&half, &bench);
	peer_send(&half, "\1\x11\x80", 3);
	serve_wait(&bench, SERVER_PATIENCE_US - 1);
	assert_false(peer_closed(&silent));
	assert_false(peer_closed(&half));
	serve_wait(&bench, 1);
	assert_true(peer_closed(&silent));
	assert_true(peer_closed(&half));
	serve_wait(&bench, 3600000000u);
	assert_int_equal(peer_getstatus(&user), 2);
	peer_close(&silent);
	peer_close(&half);
	peer_close(&user);
	serve_stop(&bench);
}

static void make_small(struct connection *connection)
{
	int small = 16384;

	assert_int_equal(setsockopt(connection->fd, SOL_SOCKET, SO_SNDBUF,
				    &small, sizeof(small)),
			 0);
}

/* Its device waits for it, as one whose host has no buffers; others do not. */
static void who_does_not_take_his_answers_gets_no_more(void **state)
{
	struct serve_bench bench;
	struct peer lazy, other;
	struct answer answer;
	uint64_t asked;
	unsigned count = 0;

	(void)state;
	serve_start(&bench, two);
	assert_int_equal(peer_import(&lazy, &bench, "1-1"), 0);
	assert_int_equal(peer_import(&other, &bench, "1-2"), 0);
	make_small(bench.server->connections->next);
	for (unsigned i = 0; i < 400; i++) {
		peer_request(&lazy, 0xa1, 2, 2, 1024, NULL);
		serve_wait(&bench, 10000);
	}
	asked = s0_sim_transfers(serve_chip(&bench, 0));
	assert_in_range(asked, CLIENT_UNSENT / 1100, 399);
	assert_in_range(bench.server->connections->next->client.out.length, 0,
			CLIENT_UNSENT + 2000);
	serve_wait(&bench, 10000000);
	assert_int_equal(s0_sim_transfers(serve_chip(&bench, 0)), asked);
	assert_int_equal(peer_getstatus(&other), 2);
	for (peer_answer(&lazy, true, &answer); answer.code == USBIP_RET_SUBMIT;
	     peer_answer(&lazy, true, &answer))
		assert_int_equal(answer.number, ++count);
	assert_int_equal(count, 400);
	peer_close(&lazy);
	peer_close(&other);
	serve_stop(&bench);
}

/* Thousands of requests in one portion are not answered in one. */
static void a_flood_is_answered_as_answers_are_taken(void **state)
{
	uint8_t bytes[48] = { 0, 0, 0, 1, [9] = 1, 0, 1, [15] = 1, [26] = 4 };
	static const uint8_t upload[8] = { 0xa1, 2, 2, 0, 0, 0, 0, 4 };
	struct serve_bench bench;
	struct client client;

	(void)state;
	memcpy(bytes + 40, upload, sizeof(upload));
	serve_one(&bench, "stm32h743");
	client_start_with(&client, bench.server->devices[0]);
	for (unsigned i = 0; i < 1000; i++)
		client_receive(&client, bytes, sizeof(bytes));
	serve_wait(&bench, 1000000);
	for (unsigned i = 0; i < 1000; i++)
		serve_wait(&bench, 10000);
	assert_in_range(client.out.length, CLIENT_UNSENT, CLIENT_UNSENT + 1100);
	client_end(&client);
	serve_stop(&bench);
}

/* Also one that used its device for long. */
static void who_loses_his_device_still_gets_what_was_answered(void **state)
{
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;
	unsigned count = 0;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	make_small(bench.server->connections);
	serve_wait(&bench, 3600000000u);
	for (unsigned i = 0; i < 100; i++) {
		peer_request(&peer, 0xa1, 2, 2, 1024, NULL);
		serve_wait(&bench, 10000);
	}
	assert_int_not_equal(bench.server->connections->client.out.length, 0);
	serve_expect(&bench, "unplug", "ok\n");
	serve_wait(&bench, SERVER_PATIENCE_US / 2);
	for (peer_answer(&peer, true, &answer); answer.code == USBIP_RET_SUBMIT;
	     peer_answer(&peer, true, &answer))
		count++;
	assert_int_equal(answer.code, PEER_CLOSED);
	assert_int_equal(count, 100);
	peer_close(&peer);
	serve_stop(&bench);
}

static void bytes_on_their_way_keep_their_order(void **state)
{
	struct fifo fifo = { 0 };
	uint8_t bytes[3000];

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		for (unsigned i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)(round * 3000 + i) * 7;
		fifo_add(&fifo, bytes, sizeof(bytes));
		if (round % 2 == 0)
			continue;
		for (unsigned i = 0; i < 5000; i++)
			assert_int_equal(fifo_bytes(&fifo)[i],
					 (uint8_t)(round / 2 * 5000 + i) * 7 &
						 0xff);
		fifo_drop(&fifo, 5000);
	}
	assert_int_equal(fifo.length, 20000);
	fifo_free(&fifo);
}

static void nobody_has_more_than_his_share_waiting(void **state)
{
	struct serve_bench bench;
	struct peer greedy, other;

	(void)state;
	serve_start(&bench, two);
	assert_int_equal(s0_sim_inject(serve_chip(&bench, 0), "silent@1", NULL),
			 S0_OK);
	assert_int_equal(peer_import(&greedy, &bench, "1-1"), 0);
	assert_int_equal(peer_import(&other, &bench, "1-2"), 0);
	for (unsigned i = 0; i < SERVED_REQUESTS; i++)
		peer_request(&greedy, 0xa1, GETSTATUS, 0, 6, NULL);
	expect_nothing(&greedy);
	peer_request(&greedy, 0xa1, GETSTATUS, 0, 6, NULL);
	assert_true(peer_closed(&greedy));
	assert_int_equal(peer_getstatus(&other), 2);
	peer_close(&greedy);
	assert_int_equal(peer_import(&greedy, &bench, "1-1"), 0);
	assert_int_equal(peer_getstatus(&greedy), 2);
	peer_close(&greedy);
	peer_close(&other);
	serve_stop(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_endpoint_0_is_there),
		cmocka_unit_test(isochronous_descriptors_are_skipped),
		cmocka_unit_test(a_data_stage_is_as_its_setup_says_or_refused),
		cmocka_unit_test(messages_may_come_in_pieces),
		cmocka_unit_test(nonsense_ends_the_connection_and_nothing_else),
		cmocka_unit_test(bus_ids_need_not_end),
		cmocka_unit_test(
			a_message_that_stops_half_way_frees_the_device),
		cmocka_unit_test(who_does_not_say_what_he_wants_is_sent_away),
		cmocka_unit_test(who_does_not_take_his_answers_gets_no_more),
		cmocka_unit_test(a_flood_is_answered_as_answers_are_taken),
		cmocka_unit_test(
			who_loses_his_device_still_gets_what_was_answered),
		cmocka_unit_test(bytes_on_their_way_keep_their_order),
		cmocka_unit_test(nobody_has_more_than_his_share_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
