/* SPDX-License-Identifier: MIT */
/* Where commands come from, and logs go to. */
#include "serve_bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void the_log_has_the_last_requests(void **state)
{
	char answer[8192];
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	serve_expect(&bench, "log", "ok\n");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	for (unsigned i = 0; i < 5; i++)
		peer_getstatus(&peer);
	serve_ask(&bench, "log 2\nstarted", answer, sizeof(answer));
	assert_null(strstr(answer, " #3 "));
	assert_non_null(strstr(answer, " #4 GETSTATUS "));
	assert_non_null(strstr(answer, " #5 GETSTATUS "));
	assert_string_equal(answer + strlen(answer) - 9, "ok\nno\nok\n");
	serve_expect(&bench, "log 0", "ok\n");
	serve_expect_part(&bench, "log 1-1", " #1 GETSTATUS ");
	peer_close(&peer);
	serve_stop(&bench);
}

/* More than fits: handed out as it is taken; what falls out meanwhile is
 * named. */
static void who_reads_a_log_slowly_is_told_what_was_lost(void **state)
{
	struct serve_bench bench;
	struct console *console = console_new(-1);
	struct served *served;
	char line[64];
	uint64_t next;

	(void)state;
	serve_one(&bench, "stm32h743");
	served = bench.server->devices[0];
	for (unsigned i = 0; i < RING_LINES + 10; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		ring_add(&served->log, line);
	}
	console_receive(console, (const uint8_t *)"log follow\n", 11);
	console_step(console, bench.server);
	assert_memory_equal(fifo_bytes(&console->out), "line 10\n", 8);
	assert_in_range(console->out.length, CONSOLE_UNSENT,
			CONSOLE_UNSENT + 100);
	next = console->log_next;
	for (unsigned i = 0; i < RING_LINES; i++) {
		snprintf(line, sizeof(line), "later %u", i);
		ring_add(&served->log, line);
	}
	fifo_drop(&console->out, console->out.length);
	console_step(console, bench.server);
	snprintf(line, sizeof(line), "(%u requests lost)\nlater 0\n",
		 RING_LINES + 10 - (unsigned)next);
	assert_memory_equal(fifo_bytes(&console->out), line, strlen(line));
	assert_false(console_over(console));
	console_finish(console);
	fifo_drop(&console->out, console->out.length);
	assert_true(console_over(console));
	console_free(console);
	serve_stop(&bench);
}

static void a_log_can_be_followed(void **state)
{
	struct serve_bench bench;
	struct console *console = console_new(-1);
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	peer_getstatus(&peer);
	console_receive(console, (const uint8_t *)"log 0 follow\nlist\n", 18);
	console_step(console, bench.server);
	assert_int_equal(console->out.length, 0);
	peer_getstatus(&peer);
	console_step(console, bench.server);
	fifo_add(&console->out, "", 1);
	assert_non_null(strstr((const char *)fifo_bytes(&console->out),
			       " #2 GETSTATUS "));
	console_free(console);
	peer_close(&peer);
	serve_stop(&bench);
}

/* ---- where commands come from -------------------------------------------- */

static int connect_local(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void the_control_socket_is_its_owners(void **state)
{
	char folder[] = "/tmp/sector0-XXXXXX", path[64], answer[64];
	struct s0_error err = S0_ERROR_INIT;
	struct serve_bench bench, other;
	struct stat status;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/control", folder);
	serve_one(&bench, "stm32h743");
	assert_int_equal(s0_sim_server_control(bench.server, path, NULL),
			 S0_OK);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	fd = connect_local(path);
	assert_int_equal(write(fd, "started\n", 8), 8);
	serve_settle(&bench);
	assert_int_equal(recv(fd, answer, sizeof(answer), MSG_DONTWAIT), 6);
	assert_memory_equal(answer, "no\nok\n", 6);
	/* A second server does not take it away. */
	serve_one(&other, "stm32h743");
	assert_int_equal(s0_sim_server_control(other.server, path, &err),
			 S0_E_BUSY);
	serve_stop(&other);
	assert_int_equal(write(fd, "quit\n", 5), 5);
	assert_int_equal(s0_sim_server_run(bench.server, NULL), S0_OK);
	assert_int_equal(recv(fd, answer, sizeof(answer), MSG_DONTWAIT), 3);
	serve_stop(&bench);
	close(fd);
	assert_int_equal(access(path, F_OK), -1);
	rmdir(folder);
}

static void a_socket_that_was_left_over_is_replaced(void **state)
{
	char folder[] = "/tmp/sector0-XXXXXX", path[64];
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct s0_error err = S0_ERROR_INIT;
	struct serve_bench bench;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/control", folder);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	close(fd);
	serve_one(&bench, "stm32h743");
	assert_int_equal(s0_sim_server_control(bench.server, path, NULL),
			 S0_OK);
	serve_stop(&bench);
	/* What is no socket is left alone. */
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	serve_one(&bench, "stm32h743");
	assert_int_equal(s0_sim_server_control(bench.server, path, &err),
			 S0_E_FILE);
	serve_stop(&bench);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
	rmdir(folder);
}

struct answers {
	char text[256];
};

static void take_answer(void *payload, const char *line)
{
	struct answers *answers = payload;
	size_t used = strlen(answers->text);

	snprintf(answers->text + used, sizeof(answers->text) - used, "%s|",
		 line);
}

static void the_prompt_may_end_and_the_server_goes_on(void **state)
{
	struct answers answers = { "" };
	struct serve_bench bench;
	struct peer peer;
	int fds[2];

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(s0_sim_server_set_input(bench.server, fds[0],
						 take_answer, &answers, NULL),
			 S0_OK);
	assert_int_equal(write(fds[1], "started\nword 0", 14), 14);
	serve_settle(&bench);
	assert_string_equal(answers.text, "no|ok|");
	assert_int_equal(write(fds[1], "x08000000\nlog follow\n", 21), 21);
	serve_settle(&bench);
	assert_string_equal(answers.text,
			    "no|ok|erased|ok|error: a log is followed by "
			    "'sector0 sim log --follow'|");
	close(fds[1]);
	serve_settle(&bench);
	assert_null(bench.server->consoles);
	assert_int_equal(peer_import(&peer, &bench, "1-1"), 0);
	assert_int_equal(peer_getstatus(&peer), 2);
	peer_close(&peer);
	serve_stop(&bench);
	/* It was only lent. */
	assert_int_equal(fcntl(fds[0], F_GETFD) < 0, 0);
	close(fds[0]);
}

static void a_stop_before_the_beginning_counts(void **state)
{
	struct serve_bench bench;

	(void)state;
	serve_one(&bench, "stm32h743");
	s0_sim_server_stop(bench.server);
	assert_int_equal(s0_sim_server_run(bench.server, NULL), S0_OK);
	serve_stop(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_log_has_the_last_requests),
		cmocka_unit_test(who_reads_a_log_slowly_is_told_what_was_lost),
		cmocka_unit_test(a_log_can_be_followed),
		cmocka_unit_test(the_control_socket_is_its_owners),
		cmocka_unit_test(a_socket_that_was_left_over_is_replaced),
		cmocka_unit_test(the_prompt_may_end_and_the_server_goes_on),
		cmocka_unit_test(a_stop_before_the_beginning_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
