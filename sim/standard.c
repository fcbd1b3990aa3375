/* SPDX-License-Identifier: MIT */
/* Standard requests (USB 2.0 chapter 9), as far as a host needs them to
 * enumerate a full-speed device with one configuration. */
#include "sim/sim.h"

#include <string.h>

enum {
	GET_STATUS = 0,
	CLEAR_FEATURE = 1,
	SET_FEATURE = 3,
	SET_ADDRESS = 5,
	GET_DESCRIPTOR = 6,
	GET_CONFIGURATION = 8,
	SET_CONFIGURATION = 9,
	GET_INTERFACE = 10,
	SET_INTERFACE = 11
};

enum { DEVICE = 1, CONFIG = 2, STRING = 3, DFU_FUNCTIONAL = 0x21 };

static void stall(struct s0_sim_reply *reply)
{
	reply->handshake = S0_SIM_STALL;
	reply->length = 0;
}

static void send(const struct s0_sim_setup *setup, const void *bytes,
		 uint16_t length, uint8_t *data, struct s0_sim_reply *reply)
{
	if (length > setup->length)
		length = setup->length;
	reply->length = length;
	if (length > 0)
		memcpy(data, bytes, length);
}

static void get_descriptor(const struct s0_sim *sim,
			   const struct s0_sim_setup *setup, uint8_t *data,
			   struct s0_sim_reply *reply)
{
	uint8_t raw[255];
	const uint8_t *config = sim->chip->config;
	uint16_t length = sim_descriptors_config_length(sim);
	const uint8_t *functional; /* the last one */
	uint16_t string;

	switch (setup->value >> 8) {
	case DEVICE:
		send(setup, sim->device, 18, data, reply);
		return;
	case CONFIG:
		if ((setup->value & 0xff) != 0)
			break;
		send(setup, config, length, data, reply);
		return;
	case STRING:
		string =
			sim_descriptors_string(sim, (uint8_t)setup->value, raw);
		if (string == 0)
			break;
		send(setup, raw, string, data, reply);
		return;
	case DFU_FUNCTIONAL:
		if (sim_is(sim->chip, SIM_STRICT))
			break;
		functional = config + length - sim->chip->functional;
		send(setup, functional, functional[0], data, reply);
		return;
	}
	/* A device qualifier too: the device knows full speed only. */
	stall(reply);
}

/* As after a SET_CONFIGURATION: alternate setting 0, class started anew. */
static void set_configuration(struct s0_sim *sim, uint16_t value,
			      struct s0_sim_reply *reply)
{
	if (value > 1) {
		stall(reply);
		return;
	}
	if (sim->configuration != value)
		sim_dfu_reset(sim);
	sim->configuration = (uint8_t)value;
	sim->alternate = 0;
}

static void set_interface(struct s0_sim *sim, const struct s0_sim_setup *setup,
			  struct s0_sim_reply *reply)
{
	if (sim->configuration == 0 || setup->index != 0 ||
	    setup->value >= sim->chip->alternates)
		stall(reply);
	else
		sim->alternate = (uint8_t)setup->value;
}

/* To the host: 0x80 device, 0x81 interface, 0x82 endpoint. */
static void get(const struct s0_sim *sim, const struct s0_sim_setup *setup,
		uint8_t *data, struct s0_sim_reply *reply)
{
	static const uint8_t self_powered[2] = { 1, 0 }, nothing[2] = { 0, 0 };
	bool device = setup->request_type == 0x80;

	switch (setup->request) {
	case GET_STATUS:
		send(setup, device ? self_powered : nothing, 2, data, reply);
		break;
	case GET_DESCRIPTOR:
		get_descriptor(sim, setup, data, reply);
		break;
	case GET_CONFIGURATION:
		send(setup, &sim->configuration, 1, data, reply);
		break;
	case GET_INTERFACE:
		if (sim->configuration == 0 || setup->index != 0)
			stall(reply);
		else
			send(setup, &sim->alternate, 1, data, reply);
		break;
	default:
		stall(reply);
	}
}

void sim_standard_request(struct s0_sim *sim, const struct s0_sim_setup *setup,
			  uint8_t *data, struct s0_sim_reply *reply)
{
	if (setup->request_type & 0x80) {
		get(sim, setup, data, reply);
		return;
	}
	reply->length = setup->length;
	switch (setup->request) {
	case SET_ADDRESS:
		break;
	case SET_CONFIGURATION:
		set_configuration(sim, setup->value, reply);
		break;
	case SET_INTERFACE:
		set_interface(sim, setup, reply);
		break;
	case CLEAR_FEATURE:
	case SET_FEATURE:
		/* Only the halt of endpoint 0 exists: the device cannot wake
		 * its host up. */
		if (setup->request_type != 0x02)
			stall(reply);
		break;
	default:
		stall(reply);
	}
}
