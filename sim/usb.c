/* SPDX-License-Identifier: MIT */
/* One control transfer: fault, dispatch, wire time. */
#include "sim/sim.h"

#include <string.h>

#define TYPE_MASK  0x60
#define TYPE_CLASS 0x20

/* A STALLed or unanswered transfer: SETUP and a handshake. */
#define STALL_TICKS  226u
#define SILENT_TICKS 140u

static bool is_class(const struct s0_sim_setup *setup)
{
	return (setup->request_type & TYPE_MASK) == TYPE_CLASS;
}

/* A ROM that is busy NAKs until it has ended (answer=after), or tells. */
void sim_usb_dispatch(struct s0_sim *sim, const struct s0_sim_setup *setup,
		      uint8_t *data, struct s0_sim_reply *reply)
{
	if (sim->config.answer == SIM_AFTER)
		sim_job_finish(sim);
	if (!sim->attached)
		reply->handshake = S0_SIM_GONE;
	else if (sim->hung)
		reply->handshake = S0_SIM_SILENT;
	else if (is_class(setup))
		sim_dfu_request(sim, setup, data, reply);
	else if ((setup->request_type & TYPE_MASK) == 0)
		sim_standard_request(sim, setup, data, reply);
	else
		reply->handshake = S0_SIM_STALL;
}

/* By the number of the request, or of the operation that it would start. */
static struct sim_fault_at take_fault(struct s0_sim *sim,
				      const struct s0_sim_setup *setup)
{
	struct sim_fault_at fault = { 0 };
	enum sim_fault_where where = SIM_AT_TRANSFER;
	uint64_t number = 0;
	bool found = sim_fault_take(sim, SIM_AT_TRANSFER,
				    ++sim->counters.transfers, &fault);

	if (sim_dfu_has_operation(sim, setup))
		where = sim_dfu_operation_kind(sim);
	if (where == SIM_AT_ERASE)
		number = sim->erases + 1;
	else if (where == SIM_AT_PROGRAM)
		number = sim->programs + 1;
	if (!found && number != 0)
		found = sim_fault_take(sim, where, number, &fault);
	sim->counters.faults += found;
	return fault;
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
	struct sim_fault_at fault = { 0 };
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
		fault = take_fault(sim, setup);
	sim_act(sim, &fault, setup, data, ret_reply);
	sim->counters.stalls += ret_reply->handshake == S0_SIM_STALL;
	wire = wire_ticks(sim, setup, ret_reply);
	sim->wire += wire;
	sim_time_advance(sim, wire);
	ret_reply->wire_us = up(wire);
	ret_reply->busy_us = up(sim->busy);
	log_transfer(sim, start, setup, data, ret_reply, fault.fault);
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
