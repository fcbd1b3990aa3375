/* SPDX-License-Identifier: MIT */
#include "sim/serve/served.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/serve/usbip.h"
#include "sim/sim.h"

static void tell(const struct served *served, s0_sim_server_event event,
		 const char *text)
{
	if (served->options->status)
		served->options->status(served->options->payload, event,
					served->bus_id, text);
}

static void log_record(void *payload, const struct s0_sim_record *record)
{
	struct served *served = payload;
	char line[512];

	s0_sim_record_print(record, line, sizeof(line));
	ring_add(&served->log, line);
	if (served->options->log)
		served->options->log(served->options->payload, served->bus_id,
				     line);
}

/* The word before the first comma, without "sim:". */
static void set_profile(struct served *served, const char *description)
{
	if (strncmp(description, "sim:", 4) == 0)
		description += 4;
	snprintf(served->profile, sizeof(served->profile), "%.*s",
		 (int)strcspn(description, ","), description);
}

static s0_code set_up(struct served *served, const char *description,
		      struct s0_error *err)
{
	s0_code code = s0_sim_new(description, &served->sim, err);
	struct s0_sim_times times;

	if (code)
		return code;
	if (served->sim->config.real_scale > 0)
		return error_set(err, S0_E_USAGE,
				 "a chip that is served keeps to the wall "
				 "clock by itself: use time_scale= instead of "
				 "clock=");
	/* The host's own time passes by itself; more only if asked for. */
	s0_sim_get_times(served->sim, &times);
	if (strstr(description, ",turnaround_us="))
		served->turnaround_us = times.turnaround_us;
	served->on_bus = s0_sim_attached(served->sim);
	served->generation = served->sim->generation;
	s0_sim_set_log(served->sim, log_record, served);
	return S0_OK;
}

s0_code served_new(const char *description, unsigned number,
		   const struct s0_sim_server_options *options, uint64_t now,
		   struct served **ret_served, struct s0_error *err)
{
	struct served *served = calloc(1, sizeof(*served));
	s0_code code;

	if (!served)
		return error_memory(err);
	served->end = &served->first;
	served->options = options;
	served->number = number;
	served->origin = now;
	snprintf(served->bus_id, sizeof(served->bus_id), "1-%u", number);
	set_profile(served, description);
	code = set_up(served, description, err);
	if (code) {
		served_free(served);
		return code;
	}
	*ret_served = served;
	return S0_OK;
}

static void drop_requests(struct served *served)
{
	while (served->first) {
		struct request *request = served->first;

		served->first = request->next;
		free(request);
	}
	served->end = &served->first;
	served->requests = 0;
	served->bytes = 0;
	served->running = false;
}

void served_free(struct served *served)
{
	if (!served)
		return;
	drop_requests(served);
	s0_sim_free(served->sim);
	ring_free(&served->log);
	free(served);
}

uint32_t served_device_id(const struct served *served)
{
	return 1u << 16 | served->number;
}

/* The device is addressed and configured anew. */
void served_bus_reset(struct served *served)
{
	sim_usb_reset(served->sim);
}

void served_import(struct served *served, const struct served_user *user)
{
	served->user = *user;
	served->used = true;
	served_bus_reset(served);
}

void served_release(struct served *served)
{
	drop_requests(served);
	served->used = false;
}

bool served_has_room(const struct served *served, size_t bytes)
{
	return served->requests < SERVED_REQUESTS &&
	       served->bytes + bytes <= SERVED_BYTES;
}

static size_t size_of(const struct request *request)
{
	return sizeof(*request) + (request->in ? 0 : request->setup.length);
}

void served_submit(struct served *served, struct request *request)
{
	request->next = NULL;
	*served->end = request;
	served->end = &request->next;
	served->requests++;
	served->bytes += size_of(request);
}

static void remove_at(struct served *served, struct request **place)
{
	struct request *request = *place;

	*place = request->next;
	if (!request->next)
		served->end = place;
	served->requests--;
	served->bytes -= size_of(request);
	free(request);
}

/* The chip goes on with one that has begun; nobody is told how it ends. */
bool served_unlink(struct served *served, uint32_t number)
{
	struct request **place = &served->first;

	while (*place && (*place)->number != number)
		place = &(*place)->next;
	if (!*place)
		return false;
	if (place == &served->first)
		served->running = false;
	remove_at(served, place);
	return true;
}

/* Wall time at which the chip's clock has its present value. */
static uint64_t chip_time(const struct served *served)
{
	return served->origin + s0_sim_now_us(served->sim);
}

static uint64_t wall_time(const struct served *served, uint64_t ticks)
{
	return served->origin + ticks / SIM_TICKS_PER_US;
}

/* The chip's clock is finer than the wall's: what is due within this
 * microsecond is due now. */
void served_catch_up(struct served *served, uint64_t now)
{
	struct s0_sim *sim = served->sim;
	uint64_t chip = chip_time(served), due;

	if (now > chip)
		s0_sim_advance_us(sim, now - chip);
	while ((due = sim_usb_due(sim)) != UINT64_MAX &&
	       wall_time(served, due) <= now)
		sim_time_advance(sim, due - sim->now);
}

static void start(struct served *served, uint64_t now)
{
	struct request *request = served->first;

	served_catch_up(served, now);
	if (served->turnaround_us > 0)
		s0_sim_advance_us(served->sim, served->turnaround_us);
	if (!request->in)
		memcpy(served->data, request->data, request->setup.length);
	s0_sim_begin(served->sim, &request->setup, served->data);
	served->running = true;
}

static int32_t status_of(const struct request *request,
			 const struct s0_sim_reply *reply)
{
	if (reply->handshake == S0_SIM_STALL)
		return USBIP_EPIPE;
	if (reply->handshake == S0_SIM_ERROR)
		return USBIP_EPROTO;
	if (reply->handshake == S0_SIM_OVERFLOW)
		return USBIP_EOVERFLOW;
	if (!request->in)
		return 0;
	if (reply->length > request->room)
		return USBIP_EOVERFLOW;
	if (reply->length < request->room && request->short_is_error)
		return USBIP_EREMOTEIO;
	return 0;
}

static void finish(struct served *served)
{
	struct request *request = served->first;
	uint32_t length = served->reply.length;

	if (request->in && length > request->room)
		length = request->room;
	served->running = false;
	served->user.done(served->user.payload, request,
			  status_of(request, &served->reply), served->data,
			  length);
	remove_at(served, &served->first);
}

/* The host's end of the cable notices. */
static void leave(struct served *served)
{
	if (!served->used)
		return;
	served_release(served);
	served->user.gone(served->user.payload);
}

/* A new enumeration means that it was away, however briefly. */
void served_look(struct served *served, uint64_t now)
{
	const struct s0_sim *sim = served->sim;

	/* What goes on without transfers may end in a reset. */
	served_catch_up(served, now);
	if (served->on_bus &&
	    (!s0_sim_attached(sim) || sim->generation != served->generation)) {
		served->on_bus = false;
		tell(served, S0_SIM_SERVER_LEFT, "left the bus");
		leave(served);
	}
	if (!served->on_bus && s0_sim_attached(sim)) {
		served->on_bus = true;
		served->generation = sim->generation;
		tell(served, S0_SIM_SERVER_BACK, "is on the bus");
	}
}

/* Does its request wait for ever? */
static bool silent(const struct served *served)
{
	const struct sim_transfer *transfer = &served->sim->transfer;

	return served->running && !transfer->active &&
	       transfer->reply.handshake == S0_SIM_SILENT;
}

void served_step(struct served *served, uint64_t now)
{
	for (;;) {
		served_look(served, now);
		if (served->sim->transfer.active || silent(served) ||
		    now < chip_time(served))
			return;
		if (served->running &&
		    s0_sim_finish(served->sim, &served->reply) &&
		    served->reply.handshake != S0_SIM_GONE)
			finish(served);
		served->running = false;
		if (!served->first || !served->user.ready(served->user.payload))
			return;
		start(served, now);
	}
}

/* Has it something to do once the chip's clock is not ahead any more? */
static bool pending(const struct served *served)
{
	if (served->on_bus != s0_sim_attached(served->sim))
		return true;
	if (served->sim->transfer.active || silent(served))
		return false;
	return served->running ||
	       (served->first && served->user.ready(served->user.payload));
}

uint64_t served_due(const struct served *served)
{
	const struct s0_sim *sim = served->sim;
	uint64_t due = sim_time_due(sim);

	if (pending(served))
		return chip_time(served);
	if (due == UINT64_MAX)
		return SERVED_NEVER;
	return wall_time(served, due) + (due != sim_usb_due(sim));
}

static void copy_serial(const struct s0_sim *sim, char *serial, size_t size)
{
	uint8_t raw[255];
	uint16_t length = sim_descriptors_string(sim, sim->device[16], raw);
	size_t used = 0;

	for (unsigned i = 2; i + 1 < length && used + 1 < size; i += 2)
		serial[used++] = (char)raw[i];
	serial[used] = '\0';
}

void served_describe(const struct served *served,
		     struct s0_sim_server_device *ret_device)
{
	memset(ret_device, 0, sizeof(*ret_device));
	memcpy(ret_device->bus_id, served->bus_id, sizeof(served->bus_id));
	memcpy(ret_device->profile, served->profile, sizeof(served->profile));
	copy_serial(served->sim, ret_device->serial,
		    sizeof(ret_device->serial));
	memcpy(ret_device->uid, served->sim->uid, sizeof(ret_device->uid));
	ret_device->attached = s0_sim_attached(served->sim);
	ret_device->imported = served->used;
}
