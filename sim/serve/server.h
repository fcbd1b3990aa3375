/* SPDX-License-Identifier: MIT */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

/*
 * Inside of a server. Who does what:
 *  usbip.c    messages of the protocol
 *  served.c   a chip, its clock, and the transfers that wait for it
 *  client.c   a USB/IP connection; client_ask.c: until it has a chip
 *  order.c    commands of the prompt and of the control socket
 *  console.c  where commands come from, and their answers go to
 *  server.c   making, freeing, adding
 *  attach.c   handing chips to this machine's own kernel
 *  loop.c     one round: wait, read, do what is due, write
 *  net.c      sockets
 *  host_*.c   what only one operating system has
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/sim_server.h>

#include "sim/serve/client.h"
#include "sim/serve/console.h"
#include "sim/serve/net.h"
#include "sim/serve/served.h"

/* Connections at a time; more are turned away. */
#define SERVER_CLIENTS	64u
#define SERVER_CONSOLES 32u

/* Time for a client to say what it wants, and to take its last answer. */
#define SERVER_PATIENCE_US 10000000u
/* Until a chip that could not be attached is tried again (a kernel needs a
 * moment to free a port), and how often before that is told. */
#define SERVER_RETRY_US 200000u
#define SERVER_RETRIES	5u
/* No connection is taken for this long when descriptors have run out. */
#define SERVER_PAUSE_US 1000000u

struct connection {
	struct connection *next;
	int fd;
	char peer[80];
	uint64_t deadline; /* while it neither imported nor closed */
	struct client client;
};

/* A chip and this machine's kernel. */
struct attachment {
	uint32_t generation; /* enumeration that it was given; 0: none */
	uint64_t not_before; /* us */
	unsigned failures;   /* in a row */
};

struct s0_sim_server {
	struct s0_sim_server_options options;
	struct served *devices[S0_SIM_SERVER_DEVICES];
	struct client_choice choice;
	struct connection *connections;
	struct console *consoles;
	struct net_wait *wait;
	int listener, control, wake[2];
	uint64_t paused_until; /* us; nobody is let in before */
	uint16_t port;
	char *control_path;
	/* host_attach(), or a test's; NULL: nothing is attached */
	s0_code (*attach)(int fd, uint32_t device_id, unsigned *ret_port,
			  struct s0_error *err);
	struct attachment attachments[S0_SIM_SERVER_DEVICES];
	bool quit;
};

uint64_t server_now(const struct s0_sim_server *server);
/* A connection that is open already; takes it over, also when it fails. */
struct connection *server_connect(struct s0_sim_server *server, int fd,
				  const char *peer);
/* One round; @wait: until something is due or happens. */
void server_turn(struct s0_sim_server *server, bool wait);
/* Attach the chips that are on the bus. */
s0_code server_attach_all(struct s0_sim_server *server, struct s0_error *err);
/* Those that have come (back) to the bus; when that is due. */
void server_attach_returned(struct s0_sim_server *server, uint64_t now);
uint64_t server_attach_due(const struct s0_sim_server *server);
/* For people: who uses a chip, or why nobody can. */
void server_say_state(const struct s0_sim_server *server,
		      const struct served *served, char *text, size_t size);

#endif
