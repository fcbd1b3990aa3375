/* SPDX-License-Identifier: MIT */
#include "serve_bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"

static uint64_t now_us(void *payload)
{
	return ((struct serve_bench *)payload)->now;
}

static void on_status(void *payload, s0_sim_server_event event,
		      const char *bus_id, const char *text)
{
	struct serve_bench *bench = payload;

	assert_in_range(event, 0, 5);
	bench->events[event]++;
	snprintf(bench->told, sizeof(bench->told), "%s: %s", bus_id, text);
}

static void on_log(void *payload, const char *bus_id, const char *line)
{
	struct serve_bench *bench = payload;

	snprintf(bench->logged, sizeof(bench->logged), "%s %.400s", bus_id,
		 line);
}

void serve_start(struct serve_bench *bench, const char *const *devices)
{
	struct s0_sim_server_options options = { now_us, on_status, on_log,
						 bench };

	memset(bench, 0, sizeof(*bench));
	bench->now = 5000000;
	assert_int_equal(s0_sim_server_new(&options, &bench->server, NULL),
			 S0_OK);
	for (; *devices; devices++)
		assert_int_equal(
			s0_sim_server_add(bench->server, *devices, NULL),
			S0_OK);
}

void serve_one(struct serve_bench *bench, const char *description)
{
	const char *const devices[] = { description, NULL };

	serve_start(bench, devices);
}

void serve_stop(struct serve_bench *bench)
{
	s0_sim_server_free(bench->server);
}

struct s0_sim *serve_chip(struct serve_bench *bench, size_t index)
{
	return bench->server->devices[index]->sim;
}

/* What one round reads, the next one may have to write. */
void serve_settle(struct serve_bench *bench)
{
	for (unsigned i = 0; i < 4; i++)
		server_turn(bench->server, false);
}

void serve_wait(struct serve_bench *bench, uint64_t us)
{
	bench->now += us;
	serve_settle(bench);
}

/* To the next moment at which a chip has something to do; false if none. */
static bool serve_pass(struct serve_bench *bench)
{
	uint64_t next = SERVED_NEVER;

	for (size_t i = 0; i < bench->server->choice.count; i++) {
		uint64_t due = served_due(bench->server->devices[i]);

		if (due < next)
			next = due;
	}
	if (next == SERVED_NEVER)
		return false;
	assert_true(next > bench->now);
	serve_wait(bench, next - bench->now);
	return true;
}

const char *serve_ask(struct serve_bench *bench, const char *lines,
		      char *answer, size_t size)
{
	struct console *console = console_new(-1);
	size_t length;

	assert_non_null(console);
	console_receive(console, (const uint8_t *)lines, strlen(lines));
	console_finish(console);
	console_step(console, bench->server);
	length = console->out.length < size ? console->out.length : size - 1;
	if (length > 0)
		memcpy(answer, fifo_bytes(&console->out), length);
	answer[length] = '\0';
	console_free(console);
	serve_settle(bench);
	return answer;
}

void serve_expect(struct serve_bench *bench, const char *line,
		  const char *expected)
{
	char answer[8192];

	assert_string_equal(serve_ask(bench, line, answer, sizeof(answer)),
			    expected);
}

void serve_expect_part(struct serve_bench *bench, const char *line,
		       const char *part)
{
	char answer[8192];

	if (!strstr(serve_ask(bench, line, answer, sizeof(answer)), part))
		fail_msg("'%s' is not in the answer to '%s':\n%s", part, line,
			 answer);
}

void peer_connect(struct peer *peer, struct serve_bench *bench)
{
	int fds[2];

	*peer = (struct peer){ .bench = bench };
	assert_int_equal(net_pair(fds, NULL), S0_OK);
	peer->fd = fds[1];
	assert_non_null(server_connect(bench->server, fds[0], "a test"));
}

void peer_close(struct peer *peer)
{
	close(peer->fd);
	peer->fd = -1;
	serve_settle(peer->bench);
}

void peer_send(struct peer *peer, const void *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = send(peer->fd, (const uint8_t *)bytes + done,
				 length - done, MSG_NOSIGNAL | MSG_DONTWAIT);

		assert_true(n > 0 || errno == EAGAIN);
		done += n > 0 ? (size_t)n : 0;
		serve_settle(peer->bench);
	}
}

size_t peer_take(struct peer *peer, void *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = recv(peer->fd, (uint8_t *)bytes + done,
				 length - done, MSG_DONTWAIT);

		if (n <= 0)
			break;
		done += (size_t)n;
		serve_settle(peer->bench);
	}
	return done;
}

bool peer_closed(struct peer *peer)
{
	uint8_t byte;

	return recv(peer->fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void put_be32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

void peer_ask(struct peer *peer, uint16_t version, uint16_t code,
	      const char *bus_id)
{
	uint8_t bytes[40] = { 0 };

	put_be32(bytes, (uint32_t)version << 16 | code);
	if (bus_id)
		memcpy(bytes + 8, bus_id, strlen(bus_id));
	peer_send(peer, bytes, bus_id ? 40 : 8);
}

uint32_t peer_import(struct peer *peer, struct serve_bench *bench,
		     const char *bus_id)
{
	uint8_t reply[8], device[312];

	peer_connect(peer, bench);
	peer_ask(peer, 0x0111, 0x8003, bus_id);
	assert_int_equal(peer_take(peer, reply, 8), 8);
	assert_int_equal(get_be32(reply), 0x01110003);
	if (get_be32(reply + 4) == 0) {
		assert_int_equal(peer_take(peer, device, 312), 312);
		assert_string_equal((char *)device + 256, bus_id);
		peer->device =
			get_be32(device + 288) << 16 | get_be32(device + 292);
	}
	return get_be32(reply + 4);
}

uint32_t peer_submit(struct peer *peer, const struct submit *submit)
{
	const struct s0_sim_setup *setup = &submit->setup;
	int32_t length = submit->length ? submit->length : setup->length;
	uint8_t bytes[48] = { 0 };

	put_be32(bytes, 1);
	put_be32(bytes + 4, ++peer->number);
	put_be32(bytes + 8, peer->device);
	put_be32(bytes + 12, submit->in);
	put_be32(bytes + 16, submit->endpoint);
	put_be32(bytes + 20, submit->flags);
	put_be32(bytes + 24, (uint32_t)length);
	put_be32(bytes + 32, (uint32_t)submit->packets);
	bytes[40] = setup->request_type;
	bytes[41] = setup->request;
	put_le16(bytes + 42, setup->value);
	put_le16(bytes + 44, setup->index);
	put_le16(bytes + 46, setup->length);
	peer_send(peer, bytes, sizeof(bytes));
	if (!submit->in && submit->data)
		peer_send(peer, submit->data, (size_t)length);
	return peer->number;
}

uint32_t peer_request(struct peer *peer, uint8_t type, uint8_t request,
		      uint16_t value, uint16_t length, const void *data)
{
	const struct submit submit = {
		.in = (type & 0x80) != 0,
		.setup = { type, request, value, 0, length },
		.data = data,
	};

	return peer_submit(peer, &submit);
}

uint32_t peer_unlink(struct peer *peer, uint32_t victim)
{
	uint8_t bytes[48] = { 0 };

	put_be32(bytes, 2);
	put_be32(bytes + 4, ++peer->number);
	put_be32(bytes + 8, peer->device);
	put_be32(bytes + 20, victim);
	peer_send(peer, bytes, sizeof(bytes));
	return peer->number;
}

void peer_look(struct peer *peer, bool in, struct answer *ret_answer)
{
	static const uint8_t zeros[12];
	uint8_t bytes[48];
	size_t length = peer_take(peer, bytes, sizeof(bytes));

	memset(ret_answer, 0, sizeof(*ret_answer));
	if (length == 0) {
		ret_answer->code =
			peer_closed(peer) ? PEER_CLOSED : PEER_NOTHING;
		return;
	}
	assert_int_equal(length, sizeof(bytes));
	ret_answer->code = get_be32(bytes);
	assert_in_range(ret_answer->code, USBIP_RET_SUBMIT, USBIP_RET_UNLINK);
	ret_answer->number = get_be32(bytes + 4);
	/* devid, direction and ep are 0 in what a server sends */
	assert_memory_equal(bytes + 8, zeros, 12);
	ret_answer->status = (int32_t)get_be32(bytes + 20);
	ret_answer->length = get_be32(bytes + 24);
	ret_answer->packets = (int32_t)get_be32(bytes + 32);
	if (!in || ret_answer->code != USBIP_RET_SUBMIT)
		return;
	assert_true(ret_answer->length <= sizeof(ret_answer->data));
	assert_int_equal(peer_take(peer, ret_answer->data, ret_answer->length),
			 ret_answer->length);
}

void peer_answer(struct peer *peer, bool in, struct answer *ret_answer)
{
	serve_settle(peer->bench);
	peer_look(peer, in, ret_answer);
	while (ret_answer->code == PEER_NOTHING && serve_pass(peer->bench))
		peer_look(peer, in, ret_answer);
}

int32_t peer_control(struct peer *peer, uint8_t type, uint8_t request,
		     uint16_t value, uint16_t length, void *data)
{
	bool in = (type & 0x80) != 0;
	uint32_t number =
		peer_request(peer, type, request, value, length, data);
	struct answer answer;

	peer_answer(peer, in, &answer);
	assert_int_equal(answer.code, USBIP_RET_SUBMIT);
	assert_int_equal(answer.number, number);
	if (in && data)
		memcpy(data, answer.data, answer.length);
	return answer.status;
}

void peer_dnload(struct peer *peer, uint16_t block, const void *data,
		 uint16_t length)
{
	uint8_t bytes[1024];

	memcpy(bytes, data, length);
	assert_int_equal(peer_control(peer, 0x21, 1, block, length, bytes), 0);
}

uint8_t peer_getstatus(struct peer *peer)
{
	uint8_t status[6];

	assert_int_equal(peer_control(peer, 0xa1, 3, 0, 6, status), 0);
	return status[4];
}

void peer_command(struct peer *peer, uint8_t command, uint32_t address)
{
	uint8_t bytes[5] = { command };

	put_le32(bytes + 1, address);
	peer_dnload(peer, 0, bytes, sizeof(bytes));
	assert_int_equal(peer_getstatus(peer), 4);
	assert_int_equal(peer_getstatus(peer), 5);
}

void peer_write(struct peer *peer, uint32_t address, const void *data,
		uint16_t length)
{
	peer_command(peer, 0x21, address);
	peer_dnload(peer, 2, data, length);
	assert_int_equal(peer_getstatus(peer), 4);
	assert_int_equal(peer_getstatus(peer), 5);
}

int serve_connect(uint16_t port)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)),
			 0);
	return fd;
}

void serve_receive(struct serve_bench *bench, int fd, uint8_t *bytes,
		   size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n;

		server_turn(bench->server, false);
		n = recv(fd, bytes + done, length - done, MSG_DONTWAIT);
		assert_true(n != 0);
		done += n > 0 ? (size_t)n : 0;
	}
}
