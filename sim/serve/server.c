/* SPDX-License-Identifier: MIT */
#include "sim/serve/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/clock.h"

uint64_t server_now(const struct s0_sim_server *server)
{
	if (server->options.now_us)
		return server->options.now_us(server->options.payload);
	return clock_now_us();
}

s0_code s0_sim_server_new(const struct s0_sim_server_options *options,
			  struct s0_sim_server **ret_server,
			  struct s0_error *err)
{
	struct s0_sim_server *server = calloc(1, sizeof(*server));
	s0_code code;

	if (!server)
		return error_memory(err);
	if (options)
		server->options = *options;
	server->choice.devices = server->devices;
	server->listener = server->control = -1;
	server->wake[0] = server->wake[1] = -1;
	server->wait = net_wait_new();
	code = server->wait ? net_pipe(server->wake, err) : error_memory(err);
	if (code) {
		s0_sim_server_free(server);
		return code;
	}
	*ret_server = server;
	return S0_OK;
}

static void free_connections(struct s0_sim_server *server)
{
	while (server->connections) {
		struct connection *connection = server->connections;

		server->connections = connection->next;
		client_end(&connection->client);
		net_close(connection->fd);
		free(connection);
	}
}

static void free_consoles(struct s0_sim_server *server)
{
	while (server->consoles) {
		struct console *console = server->consoles;

		server->consoles = console->next;
		if (!console->answer)
			net_close(console->fd);
		console_free(console);
	}
}

void s0_sim_server_free(struct s0_sim_server *server)
{
	if (!server)
		return;
	free_connections(server);
	free_consoles(server);
	for (size_t i = 0; i < server->choice.count; i++)
		served_free(server->devices[i]);
	net_close(server->listener);
	net_close(server->control);
	if (server->control >= 0)
		net_remove(server->control_path);
	free(server->control_path);
	net_close(server->wake[0]);
	net_close(server->wake[1]);
	net_wait_free(server->wait);
	free(server);
}

s0_code s0_sim_server_add(struct s0_sim_server *server, const char *description,
			  struct s0_error *err)
{
	size_t count = server->choice.count;
	s0_code code;

	if (count == S0_SIM_SERVER_DEVICES)
		return error_set(err, S0_E_UNSUPPORTED,
				 "one server has at most %d devices",
				 S0_SIM_SERVER_DEVICES);
	code = served_new(description, (unsigned)count + 1, &server->options,
			  server_now(server), &server->devices[count], err);
	if (code)
		return code;
	server->choice.count++;
	return S0_OK;
}

s0_code s0_sim_server_listen(struct s0_sim_server *server, const char *address,
			     uint16_t port, struct s0_error *err)
{
	if (server->listener >= 0)
		return error_set(err, S0_E_BUG, "the server listens already");
	return net_listen(address, port, &server->listener, &server->port, err);
}

uint16_t s0_sim_server_port(const struct s0_sim_server *server)
{
	return server->port;
}

s0_code s0_sim_server_control(struct s0_sim_server *server, const char *path,
			      struct s0_error *err)
{
	char *copy;
	s0_code code;

	if (server->control >= 0)
		return error_set(err, S0_E_BUG,
				 "the server has a control socket already");
	copy = strdup(path);
	if (!copy)
		return error_memory(err);
	code = net_listen_local(path, &server->control, err);
	if (code) {
		free(copy);
		return code;
	}
	server->control_path = copy;
	return S0_OK;
}

s0_code s0_sim_server_set_input(struct s0_sim_server *server, int fd,
				s0_sim_server_answer_fn answer, void *payload,
				struct s0_error *err)
{
	struct console *console;

	if (!net_usable(fd))
		return error_set(err, S0_E_BUG, "no such file descriptor: %d",
				 fd);
	console = console_new(fd);
	if (!console)
		return error_memory(err);
	console->answer = answer;
	console->payload = payload;
	console->next = server->consoles;
	server->consoles = console;
	return S0_OK;
}

struct connection *server_connect(struct s0_sim_server *server, int fd,
				  const char *peer)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		net_close(fd);
		return NULL;
	}
	connection->fd = fd;
	snprintf(connection->peer, sizeof(connection->peer), "%s", peer);
	connection->deadline = server_now(server) + SERVER_PATIENCE_US;
	client_start(&connection->client, &server->choice);
	connection->next = server->connections;
	server->connections = connection;
	return connection;
}

size_t s0_sim_server_device_count(const struct s0_sim_server *server)
{
	return server->choice.count;
}

bool s0_sim_server_device(const struct s0_sim_server *server, size_t index,
			  struct s0_sim_server_device *ret_device)
{
	if (index >= server->choice.count)
		return false;
	served_describe(server->devices[index], ret_device);
	return true;
}

static const char *peer_of(const struct s0_sim_server *server,
			   const struct served *served)
{
	for (const struct connection *c = server->connections; c; c = c->next)
		if (c->client.device == served)
			return c->peer;
	return "nobody";
}

void server_say_state(const struct s0_sim_server *server,
		      const struct served *served, char *text, size_t size)
{
	uint32_t started = s0_sim_started(served->sim);

	if (served->no_power)
		snprintf(text, size, "no power");
	else if (started != 0)
		snprintf(text, size, "runs the firmware at 0x%08x",
			 (unsigned)started);
	else if (!s0_sim_attached(served->sim))
		snprintf(text, size, "off the bus");
	else if (served->used)
		snprintf(text, size, "used by %s%s", peer_of(server, served),
			 s0_sim_hung(served->sim) ? ", hangs" : "");
	else
		snprintf(text, size, "free%s",
			 s0_sim_hung(served->sim) ? ", hangs" : "");
}
