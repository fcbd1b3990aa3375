/* SPDX-License-Identifier: MIT */
/* What an injected fault does to the transfer that it strikes. */
#include "sim/sim.h"

#include <string.h>

#define DIR_IN 0x80

/* Of a fault that says nothing else. */
#define NAK_MS	  1000u
#define REPLUG_MS 1000u

static void end(struct s0_sim_reply *reply, s0_sim_handshake handshake)
{
	reply->handshake = handshake;
	reply->length = 0;
}

static uint64_t milliseconds(const struct sim_fault_at *fault, uint32_t other)
{
	uint64_t ms =
		fault->argument == SIM_NO_ARGUMENT ? other : fault->argument;

	return ms * 1000 * SIM_TICKS_PER_US;
}

static void lose_reply(struct s0_sim *sim, const struct s0_sim_setup *setup,
		       uint8_t *data, struct s0_sim_reply *reply)
{
	sim_usb_dispatch(sim, setup, data, reply);
	if (setup->request_type & DIR_IN && setup->length > 0)
		memset(data, 0, setup->length);
	if (reply->handshake != S0_SIM_GONE)
		end(reply, S0_SIM_SILENT);
}

static void lie(struct s0_sim *sim, const struct s0_sim_setup *setup,
		uint8_t *data, struct s0_sim_reply *reply)
{
	if (sim->hung) {
		end(reply, S0_SIM_SILENT);
	} else if (!(setup->request_type & DIR_IN)) {
		reply->length = setup->length;
	} else if (setup->request != SIM_UPLOAD) {
		sim->skip_operation = true;
		sim_usb_dispatch(sim, setup, data, reply);
		sim->skip_operation = false;
	}
}

/* In the middle of the operation that this transfer starts or waits for. */
static void lose_power(struct s0_sim *sim, const struct s0_sim_setup *setup,
		       uint8_t *data, bool comes_back,
		       struct s0_sim_reply *reply)
{
	sim->comes_back = comes_back;
	if (sim->job.active)
		sim_time_work(sim, (sim->job.until - sim->now) / 2);
	else if (sim_dfu_has_operation(sim, setup)) {
		sim->power_fails = true;
		sim_usb_dispatch(sim, setup, data, reply);
		sim->power_fails = false;
	}
	if (sim->attached)
		sim_power_lose(sim, comes_back);
	end(reply, S0_SIM_GONE);
}

static uint16_t part_of(const struct sim_fault_at *fault, uint16_t length)
{
	if (fault->argument == SIM_NO_ARGUMENT)
		return length / 2;
	return fault->argument < length ? (uint16_t)fault->argument : length;
}

static void cut_short(struct s0_sim *sim, const struct sim_fault_at *fault,
		      const struct s0_sim_setup *setup, uint8_t *data,
		      struct s0_sim_reply *reply)
{
	sim_usb_dispatch(sim, setup, data, reply);
	if (setup->request_type & DIR_IN && reply->handshake == S0_SIM_ACK)
		reply->length = part_of(fault, reply->length);
}

/* The data stage never ends: what it was to bring about does not happen. */
static void cut_off(struct s0_sim *sim, const struct sim_fault_at *fault,
		    const struct s0_sim_setup *setup, uint8_t *data,
		    struct s0_sim_reply *reply)
{
	reply->length = setup->length;
	if (setup->request_type & DIR_IN) {
		reply->length = 0;
		if (!sim_dfu_has_operation(sim, setup))
			sim_usb_dispatch(sim, setup, data, reply);
	}
	s0_sim_unplug(sim);
	reply->handshake = S0_SIM_GONE;
	reply->length = part_of(fault, reply->length);
}

/* A wrong bit that no CRC finds, on its way to the host. */
static void flip(struct s0_sim *sim, const struct sim_fault_at *fault,
		 const struct s0_sim_setup *setup, uint8_t *data,
		 struct s0_sim_reply *reply)
{
	uint64_t bit = fault->argument;

	sim_usb_dispatch(sim, setup, data, reply);
	if (!(setup->request_type & DIR_IN) || reply->length == 0)
		return;
	if (bit == SIM_NO_ARGUMENT)
		bit = sim_random(sim);
	bit %= reply->length * 8u;
	data[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* Those that keep the device from its work. */
static void refuse(struct s0_sim *sim, const struct sim_fault_at *fault,
		   struct s0_sim_reply *reply)
{
	switch (fault->fault) {
	case S0_SIM_FAULT_STALL:
		end(reply, sim->hung ? S0_SIM_SILENT : S0_SIM_STALL);
		break;
	case S0_SIM_FAULT_UNPLUG:
		s0_sim_unplug(sim);
		end(reply, S0_SIM_GONE);
		break;
	case S0_SIM_FAULT_REPLUG:
		sim_power_replug_after(sim, milliseconds(fault, REPLUG_MS));
		end(reply, S0_SIM_GONE);
		break;
	case S0_SIM_FAULT_HANG:
		sim->hung = true;
		end(reply, S0_SIM_SILENT);
		break;
	default:
		end(reply, S0_SIM_SILENT);
	}
}

void sim_act(struct s0_sim *sim, const struct sim_fault_at *fault,
	     const struct s0_sim_setup *setup, uint8_t *data,
	     struct s0_sim_reply *reply)
{
	switch (fault->fault) {
	case S0_SIM_FAULT_STALL:
	case S0_SIM_FAULT_SILENT:
	case S0_SIM_FAULT_UNPLUG:
	case S0_SIM_FAULT_REPLUG:
	case S0_SIM_FAULT_HANG:
		refuse(sim, fault, reply);
		break;
	case S0_SIM_FAULT_LOST_REPLY:
		lose_reply(sim, setup, data, reply);
		break;
	case S0_SIM_FAULT_LIE:
		lie(sim, setup, data, reply);
		break;
	case S0_SIM_FAULT_TORN:
	case S0_SIM_FAULT_BROWN_OUT:
		lose_power(sim, setup, data,
			   fault->fault == S0_SIM_FAULT_BROWN_OUT, reply);
		break;
	case S0_SIM_FAULT_SHORT:
		cut_short(sim, fault, setup, data, reply);
		break;
	case S0_SIM_FAULT_CUT:
		cut_off(sim, fault, setup, data, reply);
		break;
	case S0_SIM_FAULT_BIT_ERROR:
		flip(sim, fault, setup, data, reply);
		break;
	case S0_SIM_FAULT_NAK:
		sim_time_work(sim, milliseconds(fault, NAK_MS));
		sim_usb_dispatch(sim, setup, data, reply);
		break;
	default:
		sim_usb_dispatch(sim, setup, data, reply);
	}
}
