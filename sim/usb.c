/* SPDX-License-Identifier: MIT */
/*
 * One control transfer: it waits until the bootloader looks at it, then its
 * operation runs, then its end is on the wire. Faults come in between. Each
 * goes on when it is due: sim_usb_settle() is part of time passing.
 */
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

void sim_usb_dispatch(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;
	const struct s0_sim_setup *setup = &transfer->setup;
	struct s0_sim_reply *reply = &transfer->reply;

	if (!sim->attached)
		reply->handshake = S0_SIM_GONE;
	else if (sim->hung)
		reply->handshake = S0_SIM_SILENT;
	else if (is_class(setup))
		sim_dfu_request(sim, setup, transfer->data, reply);
	else if ((setup->request_type & TYPE_MASK) == 0)
		sim_standard_request(sim, setup, transfer->data, reply);
	else
		reply->handshake = S0_SIM_STALL;
}

/* By the number of the request, or of the operation that it would start. */
static struct sim_fault_at take_fault(struct s0_sim *sim,
				      const struct s0_sim_setup *setup)
{
	struct sim_fault_at fault = { 0 };
	enum sim_fault_where where = SIM_AT_TRANSFER;
	bool operation = sim_dfu_has_operation(sim, setup);
	uint64_t number = 0;
	bool found = sim_fault_take(sim, SIM_AT_TRANSFER,
				    ++sim->counters.transfers, &fault);

	if (operation)
		where = sim_dfu_operation_kind(sim);
	if (where == SIM_AT_ERASE)
		number = sim->erases + 1;
	else if (where == SIM_AT_PROGRAM)
		number = sim->programs + 1;
	if (!found && number != 0)
		found = sim_fault_take(sim, where, number, &fault);
	if (!found && operation && sim_dfu_changes_options(sim))
		found = sim_fault_take(sim, SIM_AT_OPTION,
				       sim->option_changes + 1, &fault);
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
	if (reply->handshake >= S0_SIM_ERROR)
		return 3 * SILENT_TICKS;
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

static void log_transfer(struct s0_sim *sim)
{
	const struct sim_transfer *transfer = &sim->transfer;
	struct s0_sim_record record = {
		.number = sim->controls,
		.start_us = transfer->start / SIM_TICKS_PER_US,
		.end_us = sim->now / SIM_TICKS_PER_US,
		.setup = transfer->setup,
		.data = transfer->data,
		.length = transfer->reply.length,
		.handshake = transfer->reply.handshake,
		.fault = transfer->fault.fault,
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

/* ---- from begin to end --------------------------------------------------- */

/* A ROM that is busy NAKs until it has ended, or tells (answer=poll). */
static bool bootloader_busy(const struct s0_sim *sim)
{
	return sim->job.active && sim->config.answer != SIM_POLL;
}

/* It carries out one operation at a time, however it answers. */
static bool queued_behind_job(const struct s0_sim *sim)
{
	return sim_act_reaches(sim) && sim->job.active &&
	       !sim_early_stalls(sim, &sim->transfer.setup) &&
	       (bootloader_busy(sim) ||
		sim_dfu_has_operation(sim, &sim->transfer.setup));
}

static bool waits_for_its_job(const struct s0_sim *sim)
{
	return sim->transfer.operation && bootloader_busy(sim) &&
	       sim->config.answer == SIM_BEFORE;
}

uint64_t sim_usb_due(const struct s0_sim *sim)
{
	const struct sim_transfer *transfer = &sim->transfer;
	uint64_t until = transfer->until;

	if (!transfer->active)
		return UINT64_MAX;
	if (transfer->stage == SIM_QUEUED && queued_behind_job(sim))
		return sim->job.until > until ? sim->job.until : until;
	if (transfer->stage == SIM_WORKING && !transfer->cut)
		return waits_for_its_job(sim) ? sim->job.until : sim->now;
	return until;
}

/* The bootloader looks at it. */
static bool look(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;

	if (sim->now < transfer->until || queued_behind_job(sim))
		return false;
	if (transfer->noise == SIM_NOISE_NONE || !sim_noise_swallows(sim))
		sim_act(sim);
	if (!transfer->again)
		transfer->stage = SIM_WORKING;
	transfer->again = false;
	return true;
}

/* What it began is over, or goes on without it. */
static bool decide(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;
	struct s0_sim_reply *reply = &transfer->reply;
	uint64_t wire, delay;

	if (transfer->cut ? sim->now < transfer->until : waits_for_its_job(sim))
		return false;
	if (transfer->operation && !sim->job.active)
		sim_dfu_conclude(sim, reply);
	sim_act_end(sim);
	delay = sim_noise_end(sim);
	sim->counters.stalls += reply->handshake == S0_SIM_STALL;
	wire = wire_ticks(sim, &transfer->setup, reply) + delay;
	sim->wire += wire;
	reply->wire_us = up(wire);
	reply->busy_us = up(sim->now - transfer->start);
	transfer->stage = SIM_ON_WIRE;
	transfer->until = sim->now + wire;
	return true;
}

static bool end(struct s0_sim *sim)
{
	if (sim->now < sim->transfer.until)
		return false;
	sim->transfer.active = false;
	log_transfer(sim);
	return true;
}

static bool go_on(struct s0_sim *sim)
{
	if (!sim->transfer.active)
		return false;
	switch (sim->transfer.stage) {
	case SIM_QUEUED:
		return look(sim);
	case SIM_WORKING:
		return decide(sim);
	default:
		return end(sim);
	}
}

void sim_usb_settle(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;

	if (transfer->inside)
		return;
	transfer->inside = true;
	while (go_on(sim))
		;
	transfer->inside = false;
	if (!sim->bus_reset || transfer->active || bootloader_busy(sim))
		return;
	sim->bus_reset = false;
	sim->configuration = 0;
	sim->alternate = 0;
	sim_dfu_reset(sim);
}

void sim_usb_break(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;

	if (!transfer->active || transfer->inside)
		return;
	transfer->active = false;
	transfer->reply = (struct s0_sim_reply){
		.handshake = S0_SIM_GONE,
		.busy_us = up(sim->now - transfer->start),
	};
	log_transfer(sim);
}

/* A hung one notices nothing. */
void sim_usb_reset(struct s0_sim *sim)
{
	sim->bus_reset = !s0_sim_hung(sim);
	sim_usb_settle(sim);
}

void s0_sim_begin(struct s0_sim *sim, const struct s0_sim_setup *setup,
		  uint8_t *data)
{
	struct sim_transfer *transfer = &sim->transfer;

	sim_time_catch_up(sim);
	while (transfer->active)
		sim_time_advance(sim, sim_time_due(sim) - sim->now);
	*transfer = (struct sim_transfer){ .setup = *setup, .data = data };
	if (!sim->attached) {
		transfer->reply.handshake = S0_SIM_GONE;
		return;
	}
	sim->controls++;
	if (is_class(setup))
		transfer->fault = take_fault(sim, setup);
	if (sim->noisy && transfer->fault.fault == S0_SIM_FAULT_NONE)
		sim_noise_draw(sim);
	transfer->active = true;
	transfer->start = sim->now;
	transfer->until = sim->now + sim_act_delay(&transfer->fault);
	sim_usb_settle(sim);
	sim_watchdog_settle(sim);
}

bool s0_sim_finish(struct s0_sim *sim, struct s0_sim_reply *ret_reply)
{
	sim_time_catch_up(sim);
	if (sim->transfer.active)
		return false;
	*ret_reply = sim->transfer.reply;
	return true;
}

void s0_sim_control(struct s0_sim *sim, const struct s0_sim_setup *setup,
		    uint8_t *data, struct s0_sim_reply *ret_reply)
{
	s0_sim_begin(sim, setup, data);
	while (sim->transfer.active)
		sim_time_advance(sim, sim_time_due(sim) - sim->now);
	*ret_reply = sim->transfer.reply;
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
