/* SPDX-License-Identifier: MIT */
/* Ports, addresses, and this machine's own kernel. */
#include "serve_bench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "sim/serve/host.h"

static void it_listens_on_any_port_that_is_free(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct serve_bench bench, other;
	uint8_t reply[12];
	uint16_t port;
	int fd;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(s0_sim_server_port(bench.server), 0);
	assert_int_equal(
		s0_sim_server_listen(bench.server, "127.0.0.1", 0, NULL),
		S0_OK);
	port = s0_sim_server_port(bench.server);
	assert_in_range(port, 1024, 65535);
	fd = serve_connect(port);
	assert_int_equal(write(fd, "\1\x11\x80\5\0\0\0\0", 8), 8);
	serve_receive(&bench, fd, reply, sizeof(reply));
	assert_int_equal(reply[11], 1);
	close(fd);
	serve_one(&other, "stm32h743");
	assert_int_equal(
		s0_sim_server_listen(other.server, "127.0.0.1", port, &err),
		S0_E_BUSY);
	assert_non_null(strstr(err.message, "another program listens on port"));
	serve_stop(&other);
	serve_stop(&bench);
}

static void addresses_must_be_this_machines(void **state)
{
	static const char *const wrong[] = { "", "localhost.invalid",
					     "127.0.0.1.1", "eth0", "::g" };
	struct serve_bench bench;

	(void)state;
	serve_one(&bench, "stm32h743");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
			s0_sim_server_listen(bench.server, wrong[i], 0, NULL),
			S0_E_USAGE);
	/* TEST-NET-1: nobody's */
	assert_int_equal(
		s0_sim_server_listen(bench.server, "192.0.2.1", 0, NULL),
		S0_E_UNSUPPORTED);
	serve_stop(&bench);
}

static void connections_have_an_end(void **state)
{
	struct peer peers[SERVER_CLIENTS], user;
	struct serve_bench bench;
	uint8_t byte;
	int fd;

	(void)state;
	serve_one(&bench, "stm32h743");
	assert_int_equal(
		s0_sim_server_listen(bench.server, "127.0.0.1", 0, NULL),
		S0_OK);
	assert_int_equal(peer_import(&user, &bench, "1-1"), 0);
	for (unsigned i = 1; i < SERVER_CLIENTS; i++)
		peer_connect(&peers[i], &bench);
	fd = serve_connect(s0_sim_server_port(bench.server));
	while (bench.events[S0_SIM_SERVER_REFUSED] == 0)
		server_turn(bench.server, false);
	assert_string_equal(bench.told, ": too many connections at a time");
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	assert_int_equal(peer_getstatus(&user), 2);
	for (unsigned i = 1; i < SERVER_CLIENTS; i++)
		peer_close(&peers[i]);
	peer_close(&user);
	close(fd);
	serve_stop(&bench);
}

static void descriptions_are_checked(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_sim_server_device device;
	struct serve_bench bench;

	(void)state;
	serve_one(&bench, "sim:stm32h743,rev=Y");
	assert_int_equal(s0_sim_server_add(bench.server, "z80", NULL),
			 S0_E_USAGE);
	assert_int_equal(
		s0_sim_server_add(bench.server, "stm32h743,clock=real", &err),
		S0_E_USAGE);
	assert_non_null(strstr(err.message, "time_scale"));
	assert_int_equal(s0_sim_server_device_count(bench.server), 1);
	assert_true(s0_sim_server_device(bench.server, 0, &device));
	assert_string_equal(device.bus_id, "1-1");
	assert_string_equal(device.profile, "stm32h743");
	assert_string_equal(device.serial, "100364500000");
	assert_true(device.attached);
	assert_false(device.imported);
	assert_false(s0_sim_server_device(bench.server, 1, &device));
	for (unsigned i = 1; i < S0_SIM_SERVER_DEVICES; i++)
		assert_int_equal(
			s0_sim_server_add(bench.server, "stm32h743", NULL),
			S0_OK);
	assert_int_equal(s0_sim_server_add(bench.server, "stm32h743", NULL),
			 S0_E_UNSUPPORTED);
	serve_stop(&bench);
}

/* ---- the kernel's side --------------------------------------------------- */

/* A folder such as vhci-hcd makes in sysfs. */
struct vhci {
	char folder[32], attach[64], status[64], more[64];
};

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void make_vhci(struct vhci *vhci, const char *status, const char *more)
{
	strcpy(vhci->folder, "/tmp/sector0-XXXXXX");
	assert_non_null(mkdtemp(vhci->folder));
	snprintf(vhci->attach, sizeof(vhci->attach), "%s/attach", vhci->folder);
	snprintf(vhci->status, sizeof(vhci->status), "%s/status", vhci->folder);
	snprintf(vhci->more, sizeof(vhci->more), "%s/status.1", vhci->folder);
	write_file(vhci->attach, "");
	write_file(vhci->status, status);
	if (more)
		write_file(vhci->more, more);
}

static void remove_vhci(const struct vhci *vhci)
{
	unlink(vhci->attach);
	unlink(vhci->status);
	unlink(vhci->more);
	rmdir(vhci->folder);
}

#define HEAD "hub port sta spd dev      sockfd local_busid\n"
#define FREE "000 00000000 000000 0-0\n"
#define USED "002 00010001 000003 1-1\n"

static void the_first_free_port_is_taken(void **state)
{
	static const struct {
		const char *status, *more;
		unsigned port;
	} rows[] = {
		{ HEAD "hs  0000 004 " FREE "hs  0001 004 " FREE, NULL, 0 },
		{ HEAD "hs  0000 006 " USED "hs  0001 004 " FREE, NULL, 1 },
		{ HEAD "ss  0000 004 " FREE "hs  0008 004 " FREE, NULL, 8 },
		{ HEAD "hs  0000 006 " USED,
		  HEAD "hs  0016 007 " FREE "hs  0017 004 " FREE, 17 },
		/* Linux before 4.13 */
		{ "prt sta spd bus dev socket           local_busid\n"
		  "000 006 000 000 000 0000000000000000 0-0\n"
		  "001 004 000 000 000 0000000000000000 0-0\n",
		  NULL, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[64] = "", expected[64];
		struct vhci vhci;
		unsigned port;
		FILE *file;

		make_vhci(&vhci, rows[i].status, rows[i].more);
		assert_int_equal(
			host_attach_at(vhci.folder, 7, 0x10003, &port, NULL),
			S0_OK);
		assert_int_equal(port, rows[i].port);
		file = fopen(vhci.attach, "r");
		assert_non_null(fgets(text, sizeof(text), file));
		fclose(file);
		/* port, socket, devid, full speed */
		snprintf(expected, sizeof(expected), "%u 7 65539 2",
			 rows[i].port);
		assert_string_equal(text, expected);
		remove_vhci(&vhci);
	}
}

static void what_is_missing_is_named(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct vhci vhci;
	unsigned port;

	(void)state;
	make_vhci(&vhci, HEAD "hs  0000 006 " USED "ss  0008 004 " FREE, NULL);
	assert_int_equal(host_attach_at(vhci.folder, 7, 1, &port, &err),
			 S0_E_BUSY);
	remove_vhci(&vhci);
	err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(host_attach_at(vhci.folder, 7, 1, &port, &err),
			 S0_E_NO_USB);
	assert_non_null(strstr(err.message, "vhci-hcd is not loaded"));
}

/* A kernel that has one port, and keeps what it is given. */
struct kernel {
	int fd; /* of the last device; -1: none */
	unsigned count;
	bool full;
};

static struct kernel *kernel_of_test(void)
{
	static struct kernel kernel;

	return &kernel;
}

static s0_code take(int fd, uint32_t device_id, unsigned *ret_port,
		    struct s0_error *err)
{
	struct kernel *kernel = kernel_of_test();

	assert_int_equal(device_id, 0x10001);
	if (kernel->full)
		return error_set(err, S0_E_BUSY, "all ports are in use");
	kernel->fd = dup(fd);
	kernel->count++;
	*ret_port = 3;
	return S0_OK;
}

static void a_chip_that_comes_back_is_attached_again(void **state)
{
	struct kernel *kernel = kernel_of_test();
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	*kernel = (struct kernel){ .fd = -1 };
	serve_one(&bench, "stm32h743");
	bench.server->attach = take;
	assert_int_equal(server_attach_all(bench.server, NULL), S0_OK);
	assert_string_equal(bench.told, "1-1: vhci port 3");
	peer = (struct peer){ &bench, kernel->fd, 0x10001, 0 };
	assert_int_equal(peer_getstatus(&peer), 2);
	serve_expect(&bench, "unplug", "ok\n");
	assert_true(peer_closed(&peer));
	peer_close(&peer);
	assert_int_equal(kernel->count, 1);
	serve_expect(&bench, "replug", "ok\n");
	assert_int_equal(kernel->count, 2);
	peer = (struct peer){ &bench, kernel->fd, 0x10001, 0 };
	assert_int_equal(peer_getstatus(&peer), 2);
	/* Detached by hand it stays so, until it comes back again. */
	peer_close(&peer);
	serve_wait(&bench, 10000000);
	assert_int_equal(kernel->count, 2);
	serve_expect(&bench, "reset", "ok\n");
	serve_wait(&bench, 100100);
	assert_int_equal(kernel->count, 3);
	close(kernel->fd);
	serve_stop(&bench);
}

static void a_port_that_is_not_free_yet_is_waited_for(void **state)
{
	struct kernel *kernel = kernel_of_test();
	struct serve_bench bench;

	(void)state;
	*kernel = (struct kernel){ .fd = -1 };
	serve_one(&bench, "stm32h743");
	bench.server->attach = take;
	assert_int_equal(server_attach_all(bench.server, NULL), S0_OK);
	kernel->full = true;
	close(kernel->fd);
	serve_expect(&bench, "power cycle", "ok\n");
	for (unsigned i = 1; i < SERVER_RETRIES; i++) {
		assert_int_equal(bench.events[S0_SIM_SERVER_NOT_ATTACHED], 0);
		serve_wait(&bench, SERVER_RETRY_US);
	}
	assert_int_equal(bench.events[S0_SIM_SERVER_NOT_ATTACHED], 1);
	assert_string_equal(bench.told, "1-1: all ports are in use");
	serve_wait(&bench, SERVER_RETRY_US);
	kernel->full = false;
	serve_wait(&bench, SERVER_RETRY_US - 1);
	assert_int_equal(kernel->count, 1);
	serve_wait(&bench, 1);
	assert_int_equal(kernel->count, 2);
	assert_int_equal(bench.events[S0_SIM_SERVER_NOT_ATTACHED], 1);
	close(kernel->fd);
	serve_stop(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_listens_on_any_port_that_is_free),
		cmocka_unit_test(addresses_must_be_this_machines),
		cmocka_unit_test(connections_have_an_end),
		cmocka_unit_test(descriptions_are_checked),
		cmocka_unit_test(the_first_free_port_is_taken),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(a_chip_that_comes_back_is_attached_again),
		cmocka_unit_test(a_port_that_is_not_free_yet_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
