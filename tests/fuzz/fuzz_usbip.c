/* SPDX-License-Identifier: MIT */

/* A USB/IP client that may send anything, to a virtual chip. What comes back
 * must be whole messages, no more of them than were asked for, and the chip
 * must be free afterwards.
 *
 *	byte 0	bit 0: begin with the chip imported; the rest: bytes a portion
 *	byte 1	which portion is followed by an unplug and a replug; 0: none
 *	then	what the client sends
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct world {
	struct s0_sim_server_options options;
	struct served *device;
	struct client_choice choice;
	struct client client;
	uint64_t now;
	bool imported; /* by now the answers are those of a device */
	size_t answers;
};

static void need(bool good)
{
	if (!good)
		abort();
}

static uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* Length of the first reply of two: a list, or an import's. */
static size_t check_reply(struct world *world, const uint8_t *out, size_t left)
{
	uint32_t status = get_be32(out + 4);

	need(left >= 8 && out[0] == 1 && out[1] == 0x11 && out[2] == 0);
	if (out[3] == USBIP_REP_DEVLIST) {
		need(status == 0 && left == 12 + 316 * get_be32(out + 8));
		return left;
	}
	need(out[3] == USBIP_REP_IMPORT);
	if (status != 0)
		return 8;
	world->imported = true;
	return 8 + 312;
}

static size_t check_answer(struct world *world, const uint8_t *out, size_t left)
{
	uint32_t code, length;

	need(left >= USBIP_HEADER_LENGTH);
	code = get_be32(out);
	length = get_be32(out + 24);
	need(code == USBIP_RET_SUBMIT || code == USBIP_RET_UNLINK);
	need(get_be32(out + 8) == 0 && get_be32(out + 12) == 0);
	world->answers++;
	if (code == USBIP_RET_UNLINK)
		return USBIP_HEADER_LENGTH;
	need(length <= UINT16_MAX && (int32_t)get_be32(out + 20) <= 0);
	/* Whether data follows only the client knows: OUT has none. Here it is
	 * taken to be there if what follows is no message. */
	if (left == USBIP_HEADER_LENGTH ||
	    (left >= 2 * USBIP_HEADER_LENGTH &&
	     get_be32(out + USBIP_HEADER_LENGTH) == USBIP_RET_SUBMIT &&
	     get_be32(out + USBIP_HEADER_LENGTH + 8) == 0))
		return USBIP_HEADER_LENGTH;
	return USBIP_HEADER_LENGTH + length;
}

/* Everything that there is to be sent is one message after the other. */
static void take_output(struct world *world)
{
	struct fifo *out = &world->client.out;
	size_t at = 0;

	while (at < out->length) {
		const uint8_t *next = fifo_bytes(out) + at;
		size_t left = out->length - at;

		at += world->imported ? check_answer(world, next, left)
				      : check_reply(world, next, left);
	}
	need(at == out->length || world->imported);
	fifo_drop(out, out->length);
}

static void pass_time(struct world *world)
{
	for (unsigned i = 0; i < 200; i++) {
		uint64_t due = served_due(world->device);

		served_step(world->device, world->now);
		take_output(world);
		if (due == SERVED_NEVER)
			return;
		if (due > world->now)
			world->now = due;
	}
}

static void start(struct world *world, bool imported)
{
	memset(world, 0, sizeof(*world));
	need(served_new("stm32h743,time_scale=0.001", 1, &world->options, 0,
			&world->device, NULL) == S0_OK);
	world->choice = (struct client_choice){ &world->device, 1 };
	world->imported = imported;
	if (imported)
		client_start_with(&world->client, world->device);
	else
		client_start(&world->client, &world->choice);
}

static void disturb(struct world *world)
{
	s0_sim_unplug(world->device->sim);
	served_look(world->device, world->now);
	need(!world->device->used);
	s0_sim_replug(world->device->sim);
	served_look(world->device, world->now);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct world world;
	size_t portion, count = 0;

	if (length < 2 || length > 65536)
		return 0;
	start(&world, bytes[0] & 1);
	portion = bytes[0] >> 1 ? bytes[0] >> 1 : length;
	for (size_t at = 2; at < length; at += portion) {
		size_t now = length - at < portion ? length - at : portion;

		client_receive(&world.client, bytes + at, now);
		need(world.client.phase != CLIENT_USING ||
		     world.client.device == world.device);
		pass_time(&world);
		if (++count == bytes[1])
			disturb(&world);
	}
	need(world.answers <= length / USBIP_HEADER_LENGTH);
	client_end(&world.client);
	need(!world.device->used && !world.device->first);
	served_free(world.device);
	return 0;
}
