/* SPDX-License-Identifier: MIT */
#ifndef SERVE_CLIENT_H
#define SERVE_CLIENT_H

/*
 * One USB/IP connection: bytes in, bytes out, and in between the chip that it
 * imported. Knows nothing of sockets. What it receives may be anything: what
 * breaks the protocol ends the connection, and only that.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/serve/fifo.h"
#include "sim/serve/served.h"
#include "sim/serve/usbip.h"

/* A client that does not take its answers gets no more until it does. */
#define CLIENT_UNSENT (256u << 10)

/* The chips that there are, in the order of their bus ids. */
struct client_choice {
	struct served *const *devices;
	size_t count;
};

enum client_phase {
	CLIENT_ASKING, /* an OP_REQ_… is expected */
	CLIENT_NAMING, /* the bus id of an OP_REQ_IMPORT */
	CLIENT_USING,  /* has imported a chip */
	CLIENT_ENDING  /* to be closed when everything is sent */
};

struct client {
	enum client_phase phase;
	const struct client_choice *choice;
	struct served *device; /* CLIENT_USING */
	char bus_id[16];       /* of the chip that it has or had */
	const char *complaint; /* why it is ended, if it did wrong */
	uint8_t header[USBIP_HEADER_LENGTH];
	size_t have;		 /* bytes of it */
	struct request *request; /* whose data is being received */
	size_t request_have;
	uint64_t skip; /* bytes to be thrown away */
	struct fifo out;
};

void client_start(struct client *client, const struct client_choice *choice);
/* One that has a chip from the beginning, which must be free. */
void client_start_with(struct client *client, struct served *device);
void client_receive(struct client *client, const uint8_t *bytes, size_t length);
/* The other end closed the connection. */
void client_hang_up(struct client *client);
/* Does it want to be read from? */
bool client_wants(const struct client *client);
/* Has it begun a message, and could go on with it? */
bool client_is_inside(const struct client *client);
/* Is there nothing left to be sent, and no more to come? */
bool client_over(const struct client *client);
void client_end(struct client *client);

/* Between client.c and client_ask.c: */
/* An OP_REQ_… has come; the bus id of an OP_REQ_IMPORT has. */
void client_ask(struct client *client);
void client_import(struct client *client);
void client_use(struct client *client, struct served *device);
/* End it when all is sent. @complaint: NULL if it did nothing wrong. */
void client_drop(struct client *client, const char *complaint);

#endif
