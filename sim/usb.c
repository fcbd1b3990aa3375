/* SPDX-License-Identifier: MIT */
/* One control transfer: fault, dispatch, wire time. */
#include "sim/sim.h"

#include <string.h>

#define TYPE_MASK  0x60
#define TYPE_CLASS 0x20
#define DIR_IN	   0x80

/* A STALLed or unanswered transfer: SETUP and a handshake. */
#define STALL_TICKS  226u
#define SILENT_TICKS 140u

static bool is_class(const struct s0_sim_setup *setup)
{
	return (setup->request_type & TYPE_MASK) == TYPE_CLASS;
}

static void dispatch(struct s0_sim *sim, const struct s0_sim_setup *setup,
		     uint8_t *data, struct s0_sim_reply *reply)
{
	if (sim->hung)
		reply->handshake = S0_SIM_SILENT;
	else if (is_class(setup))
		sim_dfu_request(sim, setup, data, reply);
	else if ((setup->request_type & TYPE_MASK) == 0)
		sim_standard_request(sim, setup, data, reply);
	else
		reply->handshake = S0_SIM_STALL;
}

static void end(struct s0_sim_reply *reply, s0_sim_handshake handshake)
{
	reply->handshake = handshake;
	reply->length = 0;
}

static void lose_reply(struct s0_sim *sim, const struct s0_sim_setup *setup,
		       uint8_t *data, struct s0_sim_reply *reply)
{
	dispatch(sim, setup, data, reply);
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
		dispatch(sim, setup, data, reply);
		sim->skip_operation = false;
	}
}

static void lose_power(struct s0_sim *sim, const struct s0_sim_setup *setup,
		       uint8_t *data, bool comes_back,
		       struct s0_sim_reply *reply)
{
	sim->comes_back = comes_back;
	if (sim_dfu_has_operation(sim, setup)) {
		sim->power_fails = true;
		dispatch(sim, setup, data, reply);
		sim->power_fails = false;
	}
	if (sim->attached)
		sim_power_lose(sim, comes_back);
	end(reply, S0_SIM_GONE);
}

static void act(struct s0_sim *sim, s0_sim_fault fault,
		const struct s0_sim_setup *setup, uint8_t *data,
		struct s0_sim_reply *reply)
{
	switch (fault) {
	case S0_SIM_FAULT_STALL:
		end(reply, sim->hung ? S0_SIM_SILENT : S0_SIM_STALL);
		break;
	case S0_SIM_FAULT_SILENT:
		end(reply, S0_SIM_SILENT);
		break;
	case S0_SIM_FAULT_LOST_REPLY:
		lose_reply(sim, setup, data, reply);
		break;
	case S0_SIM_FAULT_UNPLUG:
		s0_sim_unplug(sim);
		end(reply, S0_SIM_GONE);
		break;
	case S0_SIM_FAULT_LIE:
		lie(sim, setup, data, reply);
		break;
	case S0_SIM_FAULT_TORN:
	case S0_SIM_FAULT_BROWN_OUT:
		lose_power(sim, setup, data, fault == S0_SIM_FAULT_BROWN_OUT,
			   reply);
		break;
	case S0_SIM_FAULT_HANG:
		sim->hung = true;
		end(reply, S0_SIM_SILENT);
		break;
	default:
		dispatch(sim, setup, data, reply);
	}
}

static uint64_t wire_ticks(const struct s0_sim *sim,
			   const struct s0_sim_setup *setup,
			   const struct s0_sim_reply *reply)
{
	uint32_t per_packet = sim->config.usb_us_per_packet;
	uint32_t packets = (reply->length + 63u) / 64u;
	uint64_t ticks;

	if (reply->handshake == S0_SIM_STALL)
		return STALL_TICKS;
	if (reply->handshake == S0_SIM_SILENT)
		return SILENT_TICKS;
	ticks = usb_wire_us10(setup->request_type, setup->request,
			      reply->length);
	/* 51 stands for the exact 51.3 us of a full packet. */
	if (per_packet != 51 && reply->length >= 64)
		ticks = ticks + packets * per_packet * 10 - packets * 513;
	return ticks;
}

static uint64_t up(uint64_t ticks)
{
	return (ticks + SIM_TICKS_PER_US - 1) / SIM_TICKS_PER_US;
}

static uint32_t up32(uint64_t ticks)
{
	uint64_t us = up(ticks);

	return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

static void log_transfer(struct s0_sim *sim, uint64_t start,
			 const struct s0_sim_setup *setup, const uint8_t *data,
			 const struct s0_sim_reply *reply, s0_sim_fault fault)
{
	struct s0_sim_record record = {
		.number = sim->controls,
		.start_us = start / SIM_TICKS_PER_US,
		.end_us = sim->now / SIM_TICKS_PER_US,
		.setup = *setup,
		.data = data,
		.length = reply->length,
		.handshake = reply->handshake,
		.fault = fault,
		.status = sim->dfu.status,
		.state = sim->dfu.state,
	};

	if (sim->log)
		sim->log(sim->log_payload, &record);
}

void s0_sim_set_log(struct s0_sim *sim, s0_sim_log_fn log, void *payload)
{
	sim->log = log;
	sim->log_payload = payload;
}

void s0_sim_control(struct s0_sim *sim, const struct s0_sim_setup *setup,
		    uint8_t *data, struct s0_sim_reply *ret_reply)
{
	s0_sim_fault fault = S0_SIM_FAULT_NONE;
	uint64_t wire, start;

	memset(ret_reply, 0, sizeof(*ret_reply));
	sim_time_catch_up(sim);
	if (!sim->attached) {
		ret_reply->handshake = S0_SIM_GONE;
		return;
	}
	sim->controls++;
	sim->busy = 0;
	start = sim->now;
	if (is_class(setup))
		fault = sim_fault_take(sim, ++sim->counters.transfers);
	act(sim, fault, setup, data, ret_reply);
	wire = wire_ticks(sim, setup, ret_reply);
	sim->wire += wire;
	sim_time_advance(sim, wire);
	ret_reply->wire_us = up(wire);
	ret_reply->busy_us = up(sim->busy);
	log_transfer(sim, start, setup, data, ret_reply, fault);
}

uint64_t s0_sim_transfers(const struct s0_sim *sim)
{
	return sim->counters.transfers;
}

void s0_sim_get_counters(const struct s0_sim *sim,
			 struct s0_sim_counters *ret_counters)
{
	*ret_counters = sim->counters;
	ret_counters->wire_us = up(sim->wire);
}

void s0_sim_get_times(const struct s0_sim *sim, struct s0_sim_times *ret_times)
{
	const struct s0_sim_times *times = &sim->config.times;

	ret_times->erase_us = up32(sim_time_ticks(sim, times->erase_us));
	ret_times->mass_erase_us =
		up32(sim_time_ticks(sim, times->mass_erase_us));
	ret_times->word_us = up32(sim_time_ticks(sim, times->word_us));
	ret_times->turnaround_us = times->turnaround_us;
}
