/* SPDX-License-Identifier: MIT */
/* What the server does without: clients that vanish, descriptors. */
#include "serve_bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Both ends are here: only the options can be looked at. */
static void a_client_that_vanishes_is_noticed(void **state)
{
#ifdef __linux__
	static const int rows[][2] = { { TCP_KEEPIDLE, 10 },
				       { TCP_KEEPINTVL, 5 },
				       { TCP_KEEPCNT, 3 },
				       { TCP_USER_TIMEOUT, 25000 } };
	struct serve_bench bench;
	int fd, value;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(
		s0_sim_server_listen(bench.server, "127.0.0.1", 0, NULL),
		S0_OK);
	fd = serve_connect(s0_sim_server_port(bench.server));
	serve_settle(&bench);
	assert_non_null(bench.server->connections);
	for (unsigned i = 0; i < 4; i++) {
		socklen_t size = sizeof(value);

		assert_int_equal(getsockopt(bench.server->connections->fd,
					    IPPROTO_TCP, rows[i][0], &value,
					    &size),
				 0);
		assert_int_equal(value, rows[i][1]);
	}
	close(fd);
	serve_stop(&bench);
#else
	(void)state;
	skip();
#endif
}

static int limit_files(rlim_t count)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = count < limit.rlim_max ? count : limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

static void without_descriptors_a_client_waits_and_nothing_spins(void **state)
{
	uint8_t reply[12];
	struct serve_bench bench;
	struct rlimit before;
	struct peer user;
	int fd;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(
		s0_sim_server_listen(bench.server, "127.0.0.1", 0, NULL),
		S0_OK);
	assert_int_equal(peer_import(&user, &bench, "1-1"), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	fd = serve_connect(s0_sim_server_port(bench.server));
	assert_int_equal(limit_files(3), 0);
	for (unsigned i = 0; i < 20; i++)
		serve_settle(&bench);
	assert_int_equal(bench.events[S0_SIM_SERVER_REFUSED], 1);
	assert_int_equal(peer_getstatus(&user), 2);
	serve_wait(&bench, SERVER_PAUSE_US);
	assert_int_equal(bench.events[S0_SIM_SERVER_REFUSED], 2);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	serve_wait(&bench, SERVER_PAUSE_US / 2);
	assert_null(bench.server->connections->next);
	serve_wait(&bench, SERVER_PAUSE_US / 2);
	assert_int_equal(write(fd, "\1\x11\x80\5\0\0\0\0", 8), 8);
	serve_receive(&bench, fd, reply, sizeof(reply));
	assert_int_equal(reply[11], 1);
	close(fd);
	peer_close(&user);
	serve_stop(&bench);
}

/* Between messages a user may be silent for ever, in one for ten seconds. */
static void who_falls_silent_in_a_message_loses_the_device(void **state)
{
	static const uint8_t half[48 + 3] = {
		0, 0, 0, 1, 0,	      0,	   0,	     1,
		0, 1, 0, 1, [27] = 9, [40] = 0x21, [41] = 1, [46] = 9
	};
	static const size_t lengths[] = { 1, 6, 47, sizeof(half) };
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
		serve_wait(&bench, 3 * SERVER_PATIENCE_US);
		assert_int_equal(peer_getstatus(&peer), 2);
		peer_send(&peer, half, lengths[i]);
		serve_wait(&bench, SERVER_PATIENCE_US - 1);
		assert_true(bench.server->devices[0]->used);
		serve_wait(&bench, 1);
		assert_true(peer_closed(&peer));
		assert_false(bench.server->devices[0]->used);
		peer_close(&peer);
	}
	serve_stop(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			who_falls_silent_in_a_message_loses_the_device),
		cmocka_unit_test(a_client_that_vanishes_is_noticed),
		cmocka_unit_test(
			without_descriptors_a_client_waits_and_nothing_spins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
