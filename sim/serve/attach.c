/* SPDX-License-Identifier: MIT */
/*
 * Handing chips to this machine's own kernel. A chip is attached once for each
 * time that it comes to the bus: who detaches it by hand wants that.
 */
#include "sim/serve/server.h"

#include <stdio.h>

#include "base/error.h"
#include "sim/serve/host.h"
#include "sim/sim.h"

static void tell(const struct s0_sim_server *server, s0_sim_server_event event,
		 const char *bus_id, const char *text)
{
	if (server->options.status)
		server->options.status(server->options.payload, event, bus_id,
				       text);
}

static s0_code attach(struct s0_sim_server *server, size_t index,
		      struct s0_error *err)
{
	struct served *served = server->devices[index];
	struct connection *connection;
	unsigned port;
	char text[32];
	int fds[2];
	s0_code code = net_pair(fds, err);

	if (code)
		return code;
	code = server->attach(fds[1], served_device_id(served), &port, err);
	net_close(fds[1]);
	if (code) {
		net_close(fds[0]);
		return code;
	}
	snprintf(text, sizeof(text), "vhci port %u", port);
	connection = server_connect(server, fds[0], text);
	if (!connection)
		return error_memory(err);
	client_start_with(&connection->client, served);
	server->attachments[index].generation = served->sim->generation;
	tell(server, S0_SIM_SERVER_IMPORTED, served->bus_id, text);
	return S0_OK;
}

s0_code server_attach_all(struct s0_sim_server *server, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < server->choice.count; i++)
		if (s0_sim_attached(server->devices[i]->sim))
			code = attach(server, i, err);
	return code;
}

s0_code s0_sim_server_attach(struct s0_sim_server *server, struct s0_error *err)
{
	s0_code code = host_can_attach(err);

	if (code)
		return code;
	server->attach = host_attach;
	return server_attach_all(server, err);
}

static bool wanted(const struct s0_sim_server *server, size_t index)
{
	const struct served *served = server->devices[index];

	return server->attach && !served->used &&
	       s0_sim_attached(served->sim) &&
	       served->sim->generation != server->attachments[index].generation;
}

static void try_again(struct s0_sim_server *server, size_t index, uint64_t now)
{
	struct attachment *attachment = &server->attachments[index];
	struct s0_error err = S0_ERROR_INIT;

	if (attach(server, index, &err) == S0_OK) {
		attachment->failures = 0;
		attachment->not_before = 0;
		return;
	}
	attachment->not_before = now + SERVER_RETRY_US;
	if (++attachment->failures == SERVER_RETRIES)
		tell(server, S0_SIM_SERVER_NOT_ATTACHED,
		     server->devices[index]->bus_id, err.message);
}

void server_attach_returned(struct s0_sim_server *server, uint64_t now)
{
	for (size_t i = 0; i < server->choice.count; i++)
		if (wanted(server, i) &&
		    now >= server->attachments[i].not_before)
			try_again(server, i, now);
}

uint64_t server_attach_due(const struct s0_sim_server *server)
{
	uint64_t due = SERVED_NEVER;

	for (size_t i = 0; i < server->choice.count; i++)
		if (wanted(server, i) &&
		    server->attachments[i].not_before < due)
			due = server->attachments[i].not_before;
	return due;
}
