/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SERVE_BENCH_H
#define TESTS_SERVE_BENCH_H

/*
 * A server of virtual chips with a clock that is moved by hand, and USB/IP
 * clients at socketpairs. Nothing here depends on the wall clock: time passes
 * only while an answer is waited for, from one moment at which something is
 * due to the next.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "test.h"

#include "sim/serve/server.h"

/* No message. */
#define PEER_NOTHING 0
/* The connection was closed. */
#define PEER_CLOSED 0xffffffffu

struct serve_bench {
	struct s0_sim_server *server;
	uint64_t now;	    /* us */
	unsigned events[6]; /* by s0_sim_server_event */
	char told[256];	    /* by the last one */
	char logged[512];   /* last line of the log */
};

/* Devices by their descriptions, up to NULL. */
void serve_start(struct serve_bench *bench, const char *const *devices);
void serve_one(struct serve_bench *bench, const char *description);
void serve_stop(struct serve_bench *bench);
struct s0_sim *serve_chip(struct serve_bench *bench, size_t index);
/* Everything that can be done without time passing. */
void serve_settle(struct serve_bench *bench);
void serve_wait(struct serve_bench *bench, uint64_t us);

/* What is answered to lines of commands: @answer. */
const char *serve_ask(struct serve_bench *bench, const char *lines,
		      char *answer, size_t size);
void serve_expect(struct serve_bench *bench, const char *line,
		  const char *expected);
void serve_expect_part(struct serve_bench *bench, const char *line,
		       const char *part);

/* A connection over loopback, for what a socketpair has not. */
int serve_connect(uint16_t port);
/* Loopback has its own pace: as many rounds as it takes, on no clock. */
void serve_receive(struct serve_bench *bench, int fd, uint8_t *bytes,
		   size_t length);

/* A client's end of a connection. */
struct peer {
	struct serve_bench *bench;
	int fd;
	uint32_t device; /* devid */
	uint32_t number; /* of the last command */
};

/* What a server sends after an import. */
struct answer {
	uint32_t code; /* USBIP_RET_…, PEER_NOTHING or PEER_CLOSED */
	uint32_t number;
	int32_t status;
	uint32_t length;
	int32_t packets;
	uint8_t data[4096];
};

void peer_connect(struct peer *peer, struct serve_bench *bench);
void peer_close(struct peer *peer);
void peer_send(struct peer *peer, const void *bytes, size_t length);
/* How many bytes there are to be read now, up to that many; they are. */
size_t peer_take(struct peer *peer, void *bytes, size_t length);
/* Is the connection closed, and nothing left to be read? */
bool peer_closed(struct peer *peer);

/* An OP_REQ_…, with the version given. */
void peer_ask(struct peer *peer, uint16_t version, uint16_t code,
	      const char *bus_id);
/* Import it; the status of the reply. */
uint32_t peer_import(struct peer *peer, struct serve_bench *bench,
		     const char *bus_id);

struct submit {
	uint32_t endpoint, flags;
	bool in;
	int32_t length; /* transfer_buffer_length; 0: wLength */
	int32_t packets;
	struct s0_sim_setup setup;
	const void *data;
};
/* Queue it; its number. */
uint32_t peer_submit(struct peer *peer, const struct submit *submit);
uint32_t peer_request(struct peer *peer, uint8_t type, uint8_t request,
		      uint16_t value, uint16_t length, const void *data);
uint32_t peer_unlink(struct peer *peer, uint32_t victim);
/* The next answer if it is there already; OUT answers carry no data. */
void peer_look(struct peer *peer, bool in, struct answer *ret_answer);
/* The next answer; time passes. */
void peer_answer(struct peer *peer, bool in, struct answer *ret_answer);
/* Request and answer in one. */
int32_t peer_control(struct peer *peer, uint8_t type, uint8_t request,
		     uint16_t value, uint16_t length, void *data);

/* DfuSe; each asserts what ought to come. */
void peer_dnload(struct peer *peer, uint16_t block, const void *data,
		 uint16_t length);
uint8_t peer_getstatus(struct peer *peer); /* bState */
void peer_command(struct peer *peer, uint8_t command, uint32_t address);
void peer_write(struct peer *peer, uint32_t address, const void *data,
		uint16_t length);

#endif
