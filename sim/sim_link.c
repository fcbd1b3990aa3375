/* SPDX-License-Identifier: MIT */
/*
 * A virtual chip as a link, for a host program in the same process. It plays
 * the host controller and the operating system: time-outs, enumeration, and
 * the turn-around between the end of one transfer and the start of the next.
 */
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/queue.h"

/* USB 2.0, 7.1.7.5: a root port's reset, and then the device's time to recover. */
#define RESET_US 60000u

/* Steps in which a device that left is looked for. */
#define LOOK_US 10000u

/* What libusb calls an error of the host controller, and babble. */
#define USB_IO	     (-1)
#define USB_OVERFLOW (-8)

#define GET_DESCRIPTOR	  6
#define SET_CONFIGURATION 9
#define SET_INTERFACE	  11

struct sim_link {
	struct usb_link link;
	struct s0_sim *sim;
	bool own;
	bool gone;
	uint32_t generation; /* the enumeration that was opened */
	uint8_t config[SIM_DESCRIPTORS_MAX];
};

static struct sim_link *of(struct usb_link *link)
{
	return (struct sim_link *)link;
}

static uint64_t link_now_us(struct usb_link *link)
{
	return s0_sim_now_us(of(link)->sim);
}

static void link_wait_ms(struct usb_link *link, uint32_t ms)
{
	s0_sim_advance_us(of(link)->sim, (uint64_t)ms * 1000);
}

static bool here(const struct sim_link *me)
{
	return !me->gone && s0_sim_attached(me->sim) &&
	       me->sim->generation == me->generation;
}

static s0_code gone(struct sim_link *me, struct s0_error *err)
{
	me->gone = true;
	return error_set(err, S0_E_GONE, "the device left the bus");
}

/* With clock=real the host's own time is already in the clock. */
static void turn_around(struct sim_link *me)
{
	s0_sim_advance_us(me->sim, me->link.facts.turnaround_us);
}

/* A transfer that the device never ends costs its time-out. */
static void wait_out(struct sim_link *me, const struct usb_transfer *transfer)
{
	uint64_t end = transfer->start_us + transfer->timeout_ms * 1000ull;
	uint64_t now = s0_sim_now_us(me->sim);

	if (now < end)
		s0_sim_advance_us(me->sim, end - now);
}

static s0_code result(struct sim_link *me, struct usb_transfer *transfer,
		      const struct s0_sim_reply *reply)
{
	uint64_t limit_us = transfer->timeout_ms * 1000ull;

	switch (reply->handshake) {
	case S0_SIM_ACK:
		/* The device did it, but the host had given up. */
		if (reply->busy_us + reply->wire_us > limit_us)
			return S0_E_TIMEOUT;
		transfer->moved = reply->length;
		return S0_OK;
	case S0_SIM_STALL:
		return S0_E_REFUSED;
	case S0_SIM_SILENT:
		wait_out(me, transfer);
		return S0_E_TIMEOUT;
	case S0_SIM_ERROR:
		transfer->usb_code = USB_IO;
		return S0_E_PROTOCOL;
	case S0_SIM_OVERFLOW:
		transfer->usb_code = USB_OVERFLOW;
		return S0_E_PROTOCOL;
	default:
		return gone(me, NULL);
	}
}

/* @before: what it is queued behind, or NULL. */
static s0_code run_one(struct sim_link *me, const struct usb_transfer *before,
		       struct usb_transfer *transfer)
{
	struct s0_sim_setup setup = {
		.request_type = transfer->request_type,
		.request = transfer->request,
		.value = transfer->value,
		.index = me->link.facts.interface,
		.length = transfer->length,
	};
	struct s0_sim_reply reply;

	if (!here(me))
		return gone(me, NULL);
	if (!sim_queue_strikes(me->sim, before, transfer, &reply))
		s0_sim_control(me->sim, &setup, transfer->data, &reply);
	return result(me, transfer, &reply);
}

/* What is queued behind a transfer that timed out has waited as long: the host
 * controller takes all of them back, the device never sees them. */
static void link_run(struct usb_link *link, struct usb_transfer *transfers,
		     size_t count)
{
	struct sim_link *me = of(link);
	bool silent = false;

	turn_around(me);
	for (size_t i = 0; i < count; i++) {
		struct usb_transfer *transfer = &transfers[i];

		transfer->usb_code = 0;
		transfer->moved = 0;
		transfer->start_us = link_now_us(link);
		transfer->code =
			silent ? S0_E_TIMEOUT
			       : run_one(me, i ? transfer - 1 : NULL, transfer);
		transfer->end_us = link_now_us(link);
		silent = silent || transfer->code == S0_E_TIMEOUT;
	}
}

static s0_code broken(const char *what, s0_sim_handshake handshake,
		      struct s0_error *err)
{
	bool babble = handshake == S0_SIM_OVERFLOW;
	s0_code code = error_set(
		err, S0_E_PROTOCOL, "the USB transfer of %s failed: %s", what,
		babble ? "it sent too much" : "input/output error");

	error_add_usb(err, babble ? USB_OVERFLOW : USB_IO);
	return code;
}

/* A standard request, made by the operating system. */
static s0_code ask(struct sim_link *me, const struct s0_sim_setup *setup,
		   uint8_t *data, uint16_t *ret_length, const char *what,
		   struct s0_error *err)
{
	struct s0_sim_reply reply;

	if (!here(me))
		return gone(me, err);
	turn_around(me);
	s0_sim_control(me->sim, setup, data, &reply);
	*ret_length = reply.length;
	switch (reply.handshake) {
	case S0_SIM_ACK:
		return S0_OK;
	case S0_SIM_STALL:
		return error_set(err, S0_E_REFUSED, "the device refused %s",
				 what);
	case S0_SIM_SILENT:
		/* usb_control_msg() of an operating system waits 5 s */
		s0_sim_advance_us(me->sim, 5000000);
		return error_set(err, S0_E_TIMEOUT,
				 "the device did not answer %s", what);
	case S0_SIM_ERROR:
	case S0_SIM_OVERFLOW:
		return broken(what, reply.handshake, err);
	default:
		return gone(me, err);
	}
}

static s0_code link_set_alt(struct usb_link *link, uint8_t alt,
			    struct s0_error *err)
{
	struct s0_sim_setup setup = {
		.request_type = 0x01,
		.request = SET_INTERFACE,
		.value = alt,
		.index = link->facts.interface,
	};
	uint16_t moved;

	return ask(of(link), &setup, NULL, &moved, "the alternate setting",
		   err);
}

static s0_code link_string(struct usb_link *link, uint8_t index,
			   uint8_t raw[255], uint16_t *ret_length,
			   struct s0_error *err)
{
	struct s0_sim_setup setup = {
		.request_type = 0x80,
		.request = GET_DESCRIPTOR,
		.value = (uint16_t)(0x0300 | index),
		.index = index == 0 ? 0 : 0x0409,
		.length = 255,
	};
	uint16_t length = 0;
	s0_code code =
		ask(of(link), &setup, raw, &length, "a string descriptor", err);

	if (code == S0_OK)
		*ret_length = length;
	return code;
}

/* Enumerated and configured by the operating system, claimed by us. */
static void open_device(struct sim_link *me)
{
	struct s0_sim_setup setup = {
		.request = SET_CONFIGURATION,
		.value = 1,
	};
	struct s0_sim_reply reply;

	me->gone = false;
	me->generation = me->sim->generation;
	s0_sim_control(me->sim, &setup, NULL, &reply);
}

/* The operating system enumerates it again; one that hangs is lost to it. */
static s0_code link_reset(struct usb_link *link, struct s0_error *err)
{
	struct sim_link *me = of(link);

	if (!here(me))
		return gone(me, err);
	sim_usb_reset(me->sim);
	s0_sim_advance_us(me->sim, RESET_US);
	if (!here(me) || s0_sim_hung(me->sim))
		return gone(me, err);
	open_device(me);
	return S0_OK;
}

static s0_code link_reopen(struct usb_link *link, uint32_t timeout_ms,
			   struct s0_error *err)
{
	struct sim_link *me = of(link);
	uint64_t end = link_now_us(link) + timeout_ms * 1000ull;

	while (!s0_sim_attached(me->sim)) {
		uint64_t now = link_now_us(link);

		if (now >= end)
			return error_set(err, S0_E_GONE,
					 "the device did not come back within "
					 "%u ms",
					 (unsigned)timeout_ms);
		s0_sim_advance_us(me->sim,
				  end - now < LOOK_US ? end - now : LOOK_US);
	}
	open_device(me);
	return S0_OK;
}

static void link_close(struct usb_link *link)
{
	struct sim_link *me = of(link);

	if (me->own)
		s0_sim_free(me->sim);
	free(me);
}

static const struct usb_link_ops ops = {
	.run = link_run,
	.set_alt = link_set_alt,
	.string = link_string,
	.now_us = link_now_us,
	.wait_ms = link_wait_ms,
	.reopen = link_reopen,
	.reset = link_reset,
	.close = link_close,
};

static void fill_facts(struct sim_link *me, const char *path)
{
	struct usb_link_facts *facts = &me->link.facts;
	struct s0_sim_times times;

	s0_sim_get_times(me->sim, &times);
	snprintf(facts->path, sizeof(facts->path), "%s", path);
	facts->speed = "Full Speed (12MBit/s)";
	memcpy(facts->device_descriptor, me->sim->device, 18);
	facts->config_descriptor = me->sim->chip->config;
	facts->config_length = sim_descriptors_config_length(me->sim);
	facts->turnaround_us = times.turnaround_us;
	sim_times_facts(me->sim, facts);
	facts->word_us = times.word_us;
	facts->mass_erase_us = times.mass_erase_us;
}

/* An operating system asks three times, and takes what came if it is short. */
static s0_code read_config(struct sim_link *me, struct s0_error *err)
{
	struct s0_sim_setup setup = {
		.request_type = 0x80,
		.request = GET_DESCRIPTOR,
		.value = 0x0200,
		.length = sizeof(me->config),
	};
	uint16_t length = 0;
	s0_code code = S0_E_PROTOCOL;

	for (unsigned i = 0; i < 3 && code != S0_OK && code != S0_E_GONE; i++) {
		error_clear(err);
		code = ask(me, &setup, me->config, &length,
			   "its configuration descriptor", err);
	}
	me->link.facts.config_descriptor = me->config;
	me->link.facts.config_length = length;
	return code;
}

s0_code sim_link_new(struct s0_sim *sim, bool own, const char *path,
		     struct usb_link **ret_link, struct s0_error *err)
{
	struct sim_link *me;
	s0_code code = S0_OK;

	if (!s0_sim_attached(sim))
		return error_set(err, S0_E_NO_DEVICE,
				 "the virtual chip is not on the bus");
	me = calloc(1, sizeof(*me));
	if (!me)
		return error_memory(err);
	me->link.ops = &ops;
	me->sim = sim;
	me->own = own;
	fill_facts(me, path);
	open_device(me);
	if (sim->noisy)
		code = read_config(me, err);
	if (code) {
		free(me); /* and the chip stays with its owner */
		return code;
	}
	*ret_link = &me->link;
	return S0_OK;
}
