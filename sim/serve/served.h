/* SPDX-License-Identifier: MIT */
#ifndef SERVE_SERVED_H
#define SERVE_SERVED_H

/*
 * A virtual chip that is served: its clock in step with the wall, and the
 * control transfers that wait for it.
 *
 * A transfer begins when its turn has come and ends when the wall says so; what
 * is done to the chip meanwhile strikes in the middle of it.
 * Nothing here waits: served_step() does what is due, served_due() says when
 * to come again. All times are microseconds of the server's clock.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/sim.h>
#include <sector0/sim_server.h>

#include "sim/serve/ring.h"

/* Nothing is due. */
#define SERVED_NEVER UINT64_MAX

/* Bounds of what one client can have waiting: as many requests as an operating
 * system has memory for (usbfs: 16 MiB). */
#define SERVED_REQUESTS 4096u
#define SERVED_BYTES	(16u << 20)

/* A control transfer that a client wants. */
struct request {
	struct request *next;
	uint32_t number; /* the client's */
	bool in;
	bool short_is_error;
	int32_t packets; /* to be given back */
	uint32_t room;	 /* IN: bytes that the client has room for */
	struct s0_sim_setup setup;
	uint8_t data[]; /* OUT: setup.length bytes */
};

/* Who uses a chip. */
struct served_user {
	void *payload;
	/* A transfer ended; status as Linux counts errors. */
	void (*done)(void *payload, const struct request *request,
		     int32_t status, const uint8_t *data, uint32_t length);
	/* Can done() be called? */
	bool (*ready)(void *payload);
	/* The chip left the bus; it is released already. */
	void (*gone)(void *payload);
};

struct served {
	struct s0_sim *sim;
	const struct s0_sim_server_options *options;
	char bus_id[16], profile[32];
	unsigned number; /* 1 for 1-1 */
	uint32_t turnaround_us;
	uint64_t origin; /* when the chip's clock was 0 */
	bool no_power;
	bool on_bus;	     /* as far as it was noticed */
	uint32_t generation; /* the enumeration that was noticed */
	struct served_user user;
	bool used;
	struct request *first, **end;
	size_t requests, bytes;
	bool running; /* the first one; the chip may be busy without */
	struct s0_sim_reply reply;
	struct ring log;
	uint8_t data[UINT16_MAX + 1];
};

s0_code served_new(const char *description, unsigned number,
		   const struct s0_sim_server_options *options, uint64_t now,
		   struct served **ret_served, struct s0_error *err);
void served_free(struct served *served);

/* Linux' devid: bus 1, device number. */
uint32_t served_device_id(const struct served *served);

/* Begin to use a chip that is on the bus and free; a reset of the bus. */
void served_import(struct served *served, const struct served_user *user);
void served_release(struct served *served);
void served_bus_reset(struct served *served);

/* Takes the request over. */
void served_submit(struct served *served, struct request *request);
/* Forget a request; false if it is not waiting (any more). */
bool served_unlink(struct served *served, uint32_t number);
/* Is there room for another request with that many bytes? */
bool served_has_room(const struct served *served, size_t bytes);

/* Let the chip's clock catch up with the wall. */
void served_catch_up(struct served *served, uint64_t now);
/* Do what is due. */
void served_step(struct served *served, uint64_t now);
/* When to come again. */
uint64_t served_due(const struct served *served);
/* Is it on the bus? To be called when somebody did something to the chip. */
void served_look(struct served *served, uint64_t now);

void served_describe(const struct served *served,
		     struct s0_sim_server_device *ret_device);

#endif
