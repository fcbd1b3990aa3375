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

uint64_t sim_act_delay(const struct sim_fault_at *fault)
{
	return fault->fault == S0_SIM_FAULT_NAK ? milliseconds(fault, NAK_MS)
						: 0;
}

static bool is_in(const struct s0_sim_setup *setup)
{
	return (setup->request_type & DIR_IN) != 0;
}

bool sim_act_reaches(const struct s0_sim *sim)
{
	const struct sim_transfer *transfer = &sim->transfer;

	switch (transfer->fault.fault) {
	case S0_SIM_FAULT_STALL:
	case S0_SIM_FAULT_SILENT:
	case S0_SIM_FAULT_UNPLUG:
	case S0_SIM_FAULT_REPLUG:
	case S0_SIM_FAULT_HANG:
		return false;
	case S0_SIM_FAULT_LIE:
		return is_in(&transfer->setup) &&
		       transfer->setup.request != SIM_UPLOAD;
	case S0_SIM_FAULT_TORN:
	case S0_SIM_FAULT_BROWN_OUT:
		return !sim->job.active &&
		       sim_dfu_has_operation(sim, &transfer->setup);
	case S0_SIM_FAULT_CUT:
		return is_in(&transfer->setup) &&
		       !sim_dfu_has_operation(sim, &transfer->setup);
	default:
		return true;
	}
}

static void lie(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;

	if (sim->hung) {
		end(&transfer->reply, S0_SIM_SILENT);
	} else if (sim_act_reaches(sim)) {
		sim->skip_operation = true;
		sim_usb_dispatch(sim);
		sim->skip_operation = false;
	} else if (!is_in(&transfer->setup)) {
		transfer->reply.length = transfer->setup.length;
	}
}

/* In the middle of the operation that this transfer starts or waits for. */
static void plan_cut(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;

	if (sim_act_reaches(sim))
		sim_usb_dispatch(sim);
	transfer->cut = true;
	transfer->until = sim->now;
	if (sim->job.active)
		transfer->until += (sim->job.until - sim->now) / 2;
}

static void lose_reply(struct sim_transfer *transfer)
{
	if (is_in(&transfer->setup) && transfer->setup.length > 0)
		memset(transfer->data, 0, transfer->setup.length);
	if (transfer->reply.handshake != S0_SIM_GONE)
		end(&transfer->reply, S0_SIM_SILENT);
}

static void lose_power(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;

	if (sim->attached)
		sim_power_lose(sim,
			       transfer->fault.fault == S0_SIM_FAULT_BROWN_OUT);
	end(&transfer->reply, S0_SIM_GONE);
}

static uint16_t part_of(const struct sim_fault_at *fault, uint16_t length)
{
	if (fault->argument == SIM_NO_ARGUMENT)
		return length / 2;
	return fault->argument < length ? (uint16_t)fault->argument : length;
}

static void cut_short(struct sim_transfer *transfer)
{
	struct s0_sim_reply *reply = &transfer->reply;

	if (is_in(&transfer->setup) && reply->handshake == S0_SIM_ACK)
		reply->length = part_of(&transfer->fault, reply->length);
}

/* The data stage never ends: what it was to bring about does not happen. */
static void cut_off(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;
	struct s0_sim_reply *reply = &transfer->reply;

	if (!is_in(&transfer->setup))
		reply->length = transfer->setup.length;
	s0_sim_unplug(sim);
	reply->handshake = S0_SIM_GONE;
	reply->length = part_of(&transfer->fault, reply->length);
}

/* A wrong bit that no CRC finds, on its way to the host. */
static void flip(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;
	uint16_t length = transfer->reply.length;
	uint64_t bit = transfer->fault.argument;

	if (!is_in(&transfer->setup) || length == 0)
		return;
	if (bit == SIM_NO_ARGUMENT)
		bit = sim_random(sim);
	bit %= length * 8u;
	transfer->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* Those that keep the device from its work. */
static void refuse(struct s0_sim *sim)
{
	const struct sim_fault_at *fault = &sim->transfer.fault;
	struct s0_sim_reply *reply = &sim->transfer.reply;

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

void sim_act(struct s0_sim *sim)
{
	switch (sim->transfer.fault.fault) {
	case S0_SIM_FAULT_STALL:
	case S0_SIM_FAULT_SILENT:
	case S0_SIM_FAULT_UNPLUG:
	case S0_SIM_FAULT_REPLUG:
	case S0_SIM_FAULT_HANG:
		refuse(sim);
		break;
	case S0_SIM_FAULT_LIE:
		lie(sim);
		break;
	case S0_SIM_FAULT_TORN:
	case S0_SIM_FAULT_BROWN_OUT:
		plan_cut(sim);
		break;
	default:
		if (sim_act_reaches(sim))
			sim_usb_dispatch(sim);
	}
}

void sim_act_end(struct s0_sim *sim)
{
	switch (sim->transfer.fault.fault) {
	case S0_SIM_FAULT_LOST_REPLY:
		lose_reply(&sim->transfer);
		break;
	case S0_SIM_FAULT_TORN:
	case S0_SIM_FAULT_BROWN_OUT:
		lose_power(sim);
		break;
	case S0_SIM_FAULT_SHORT:
		cut_short(&sim->transfer);
		break;
	case S0_SIM_FAULT_CUT:
		cut_off(sim);
		break;
	case S0_SIM_FAULT_BIT_ERROR:
		flip(sim);
		break;
	default:
		break;
	}
}
