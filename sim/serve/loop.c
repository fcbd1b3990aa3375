/* SPDX-License-Identifier: MIT */
/* One thread, one loop: wait until something happens or is due, read, do what
 * is due, write. Nothing in it blocks but the waiting. */
#include "sim/serve/server.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sim/serve/host.h"

/* Bytes read at once from one client. */
#define CHUNK 65536u

/* Nanoseconds by which a wake-up may be late. */
#define SLACK_NS 1

static void tell(const struct s0_sim_server *server, s0_sim_server_event event,
		 const char *bus_id, const char *text)
{
	if (server->options.status)
		server->options.status(server->options.payload, event, bus_id,
				       text);
}

/* How often it is looked whether the prompt is in the foreground again. */
#define LOOK_US 500000u

/* ---- waiting ------------------------------------------------------------- */

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool impatient(const struct connection *connection)
{
	return connection->client.phase != CLIENT_USING ||
	       client_is_inside(&connection->client);
}

/* The prompt of a terminal whose foreground is another program. */
static bool in_background(const struct console *console)
{
	return console->answer && net_in_background(console->fd);
}

static bool paused(const struct s0_sim_server *server)
{
	return server_now(server) < server->paused_until;
}

static uint64_t next_due(const struct s0_sim_server *server)
{
	uint64_t due = server_attach_due(server);

	if (paused(server))
		due = sooner(due, server->paused_until);
	for (size_t i = 0; i < server->choice.count; i++)
		due = sooner(due, served_due(server->devices[i]));
	for (struct connection *c = server->connections; c; c = c->next)
		if (impatient(c))
			due = sooner(due, c->deadline);
	for (struct console *c = server->consoles; c; c = c->next)
		if (console_wants(c) && in_background(c))
			due = sooner(due, server_now(server) + LOOK_US);
	return due;
}

static void watch(struct s0_sim_server *server)
{
	struct net_wait *wait = server->wait;

	net_clear(wait);
	net_watch(wait, server->wake[0], true, false);
	if (!paused(server)) {
		net_watch(wait, server->listener, true, false);
		net_watch(wait, server->control, true, false);
	}
	for (struct connection *c = server->connections; c; c = c->next)
		net_watch(wait, c->fd, client_wants(&c->client),
			  c->client.out.length > 0);
	for (struct console *c = server->consoles; c; c = c->next)
		net_watch(wait, c->fd, console_wants(c) && !in_background(c),
			  c->out.length > 0);
}

static void rest(struct s0_sim_server *server, bool wait)
{
	uint64_t due = next_due(server), now = server_now(server);

	watch(server);
	if (!wait || due <= now)
		net_sleep(server->wait, 0);
	else
		net_sleep(server->wait,
			  due == SERVED_NEVER ? UINT64_MAX : due - now);
}

/* ---- reading ------------------------------------------------------------- */

static size_t count_connections(const struct s0_sim_server *server)
{
	size_t count = 0;

	for (struct connection *c = server->connections; c; c = c->next)
		count++;
	return count;
}

/* Whoever waits stays in the queue: without a pause that would be reported to
 * us again and again. */
static int let_in(struct s0_sim_server *server, int listener, char *peer,
		  size_t size)
{
	int fd = net_accept(listener, peer, size);

	if (fd == NET_FULL) {
		server->paused_until = server_now(server) + SERVER_PAUSE_US;
		tell(server, S0_SIM_SERVER_REFUSED, "",
		     "too many open files: new connections have to wait");
	}
	return fd;
}

static void accept_client(struct s0_sim_server *server)
{
	char peer[80];
	int fd;

	if (!net_readable(server->wait, server->listener))
		return;
	fd = let_in(server, server->listener, peer, sizeof(peer));
	if (fd < 0)
		return;
	if (count_connections(server) >= SERVER_CLIENTS) {
		net_close(fd);
		tell(server, S0_SIM_SERVER_REFUSED, "",
		     "too many connections at a time");
		return;
	}
	(void)server_connect(server, fd, peer);
}

static void accept_console(struct s0_sim_server *server)
{
	struct console *console;
	size_t count = 0;
	char peer[80];
	int fd;

	if (!net_readable(server->wait, server->control))
		return;
	fd = let_in(server, server->control, peer, sizeof(peer));
	if (fd < 0)
		return;
	for (console = server->consoles; console; console = console->next)
		count++;
	console = count >= SERVER_CONSOLES ? NULL : console_new(fd);
	if (!console) {
		net_close(fd);
		return;
	}
	console->next = server->consoles;
	server->consoles = console;
}

static void tell_import(const struct s0_sim_server *server,
			const struct connection *connection)
{
	tell(server, S0_SIM_SERVER_IMPORTED, connection->client.device->bus_id,
	     connection->peer);
}

static void read_client(struct s0_sim_server *server,
			struct connection *connection)
{
	struct client *client = &connection->client;
	bool used = client->device != NULL;
	uint8_t bytes[CHUNK];
	long length;

	if (!net_readable(server->wait, connection->fd))
		return;
	length = net_read(connection->fd, bytes, sizeof(bytes));
	if (length > 0)
		client_receive(client, bytes, (size_t)length);
	else if (length < 0)
		client_hang_up(client);
	/* A user may be slow, but not silent in a message. */
	if (length > 0 && client->phase == CLIENT_USING)
		connection->deadline = server_now(server) + SERVER_PATIENCE_US;
	if (!used && client->device)
		tell_import(server, connection);
}

static void read_console(struct s0_sim_server *server, struct console *console)
{
	uint8_t bytes[CONSOLE_LINE];
	long length;

	if (!net_readable(server->wait, console->fd) || !console_wants(console))
		return;
	length = net_read(console->fd, bytes, sizeof(bytes));
	if (length > 0)
		console_receive(console, bytes, (size_t)length);
	else if (length < 0)
		console_finish(console);
}

static void read_all(struct s0_sim_server *server)
{
	uint8_t byte;

	if (net_readable(server->wait, server->wake[0]) &&
	    net_read(server->wake[0], &byte, 1) > 0)
		server->quit = true;
	accept_client(server);
	accept_console(server);
	for (struct connection *c = server->connections; c; c = c->next)
		read_client(server, c);
	for (struct console *c = server->consoles; c; c = c->next)
		read_console(server, c);
}

/* ---- doing --------------------------------------------------------------- */

static void step_all(struct s0_sim_server *server)
{
	uint64_t now = server_now(server);

	for (size_t i = 0; i < server->choice.count; i++)
		served_step(server->devices[i], now);
	for (struct console *c = server->consoles; c; c = c->next)
		console_step(c, server);
}

/* ---- writing ------------------------------------------------------------- */

/* False when the other end is not there any more. */
static bool flush(int fd, struct fifo *out)
{
	while (out->length > 0) {
		long length = net_write(fd, fifo_bytes(out), out->length);

		if (length <= 0)
			return length == 0;
		fifo_drop(out, (size_t)length);
	}
	return true;
}

static void close_connection(struct s0_sim_server *server,
			     struct connection *connection)
{
	struct client *client = &connection->client;
	char text[256];

	if (client->complaint) {
		snprintf(text, sizeof(text), "%s %s", connection->peer,
			 client->complaint);
		tell(server, S0_SIM_SERVER_REFUSED, client->bus_id, text);
	}
	if (client->bus_id[0] != '\0')
		tell(server, S0_SIM_SERVER_RELEASED, client->bus_id,
		     connection->peer);
	client_end(client);
	net_close(connection->fd);
	free(connection);
}

static void write_clients(struct s0_sim_server *server)
{
	uint64_t now = server_now(server);
	struct connection **place = &server->connections;

	while (*place) {
		struct connection *connection = *place;
		struct client *client = &connection->client;
		bool there = flush(connection->fd, &client->out);

		if (!impatient(connection))
			connection->deadline = now + SERVER_PATIENCE_US;
		if (there && !client_over(client) &&
		    !(impatient(connection) && now >= connection->deadline)) {
			place = &connection->next;
			continue;
		}
		*place = connection->next;
		close_connection(server, connection);
	}
}

static void write_consoles(struct s0_sim_server *server)
{
	struct console **place = &server->consoles;

	while (*place) {
		struct console *console = *place;
		bool there = flush(console->fd, &console->out);

		if (there && !console_over(console)) {
			place = &console->next;
			continue;
		}
		*place = console->next;
		if (!console->answer)
			net_close(console->fd);
		console_free(console);
	}
}

void server_turn(struct s0_sim_server *server, bool wait)
{
	rest(server, wait);
	read_all(server);
	step_all(server);
	write_clients(server);
	write_consoles(server);
	/* Last, so that a chip's old connection is closed by then. */
	server_attach_returned(server, server_now(server));
}

s0_code s0_sim_server_run(struct s0_sim_server *server, struct s0_error *err)
{
	long slack = host_be_punctual(SLACK_NS);

	(void)err;
	while (!server->quit)
		server_turn(server, true);
	/* What quit asked for has its answer. */
	write_consoles(server);
	(void)host_be_punctual(slack);
	return S0_OK;
}

void s0_sim_server_stop(struct s0_sim_server *server)
{
	static const uint8_t byte = 1;

	(void)net_write(server->wake[1], &byte, 1);
}
