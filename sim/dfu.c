/* SPDX-License-Identifier: MIT */
/* The DFU state machine, as in fact sheet 1.3 (usbd_dfu.c), with the results
 * of 1.4 (AN3156). */
#include "sim/sim.h"

#include <string.h>

#include "base/bytes.h"

enum {
	IDLE = 2,
	DNLOAD_SYNC = 3,
	DNBUSY = 4,
	DNLOAD_IDLE = 5,
	MANIFEST_SYNC = 6,
	MANIFEST = 7,
	UPLOAD_IDLE = 9,
	ERROR = 10,
	STATE_15 = 15 /* a status code stored as a state */
};

enum {
	OK = 0x00,
	ERR_TARGET = 0x01,
	ERR_FIRMWARE = 0x0a,
	ERR_VENDOR = 0x0b,
	ERR_UNKNOWN = 0x0e,
	ERR_STALLED = 0x0f
};

void sim_dfu_reset(struct s0_sim *sim)
{
	bool first = sim->config.first_status == SIM_FIRST_ERR_FIRMWARE;

	memset(&sim->dfu, 0, sizeof(sim->dfu));
	sim->dfu.state = first ? ERROR : IDLE;
	sim->dfu.status = first ? ERR_FIRMWARE : OK;
	sim->dfu.pointer = SIM_FLASH_BASE;
}

uint64_t sim_dfu_address(const struct s0_sim *sim, uint16_t block,
			 uint16_t length)
{
	uint32_t unit = sim->config.addr_rule == SIM_ADDR_CONSTANT
				? SIM_TRANSFER_SIZE
				: length;

	return sim->dfu.pointer + (uint64_t)(block - 2u) * unit;
}

static void enter(struct s0_sim *sim, uint8_t state, uint8_t status)
{
	sim->dfu.state = state;
	sim->dfu.status = status;
	sim->dfu.poll_ms = 0;
}

static void stall(struct s0_sim_reply *reply)
{
	reply->handshake = S0_SIM_STALL;
	reply->length = 0;
}

/* Too long for the ROM's buffer: it latches in dfuERROR until a power cycle
 * (field report), or dies. */
static void take_overlong(struct s0_sim *sim, struct s0_sim_reply *reply)
{
	enter(sim, ERROR, ERR_STALLED);
	sim->dfu.pending = false;
	sim->dfu.latched = true;
	sim->hung = sim->config.overlong == SIM_OVERLONG_SILENT;
	stall(reply);
}

static void dnload(struct s0_sim *sim, const struct s0_sim_setup *setup,
		   const uint8_t *data, struct s0_sim_reply *reply)
{
	struct sim_dfu *dfu = &sim->dfu;

	if (dfu->state != IDLE && dfu->state != DNLOAD_IDLE) {
		stall(reply);
		return;
	}
	if (setup->length > SIM_TRANSFER_SIZE) {
		take_overlong(sim, reply);
		return;
	}
	reply->length = setup->length;
	if (setup->length == 0) {
		enter(sim, MANIFEST_SYNC, OK);
		return;
	}
	memcpy(dfu->buffer, data, setup->length);
	dfu->block = setup->value;
	dfu->length = setup->length;
	dfu->pending = true;
	enter(sim, DNLOAD_SYNC, OK);
}

static void upload_commands(struct s0_sim *sim, uint16_t length, uint8_t *data,
			    struct s0_sim_reply *reply)
{
	static const uint8_t commands[] = { 0x00, 0x21, 0x41, 0x92 };

	reply->length = length < sizeof(commands) ? length : sizeof(commands);
	memcpy(data, commands, reply->length);
	enter(sim, length > 3 ? IDLE : UPLOAD_IDLE, OK);
}

/* A read that failed: STALL, and the status AN3156 names (or, by key, the
 * state 15 of usbd_dfu.c). */
static void refuse_upload(struct s0_sim *sim, uint8_t status,
			  struct s0_sim_reply *reply)
{
	stall(reply);
	if (sim->config.upload_error == SIM_UPLOAD_STATE15)
		enter(sim, STATE_15, OK);
	else
		enter(sim, ERROR, status);
}

static void upload_memory(struct s0_sim *sim, const struct s0_sim_setup *setup,
			  uint8_t *data, struct s0_sim_reply *reply)
{
	uint16_t length = setup->length < SIM_TRANSFER_SIZE ? setup->length
							    : SIM_TRANSFER_SIZE;
	uint64_t address = sim_dfu_address(sim, setup->value, setup->length);
	enum sim_outcome outcome = SIM_BAD_ADDRESS;

	if (address <= UINT32_MAX)
		outcome = sim_memory_read(sim, (uint32_t)address, data, length);
	switch (outcome) {
	case SIM_DONE:
		reply->length = length;
		enter(sim, UPLOAD_IDLE, OK);
		break;
	case SIM_HUNG:
		sim->hung = true;
		reply->handshake = S0_SIM_SILENT;
		break;
	case SIM_FORBIDDEN:
		refuse_upload(sim, ERR_VENDOR, reply);
		break;
	default:
		refuse_upload(sim, ERR_TARGET, reply);
	}
}

static void upload(struct s0_sim *sim, const struct s0_sim_setup *setup,
		   uint8_t *data, struct s0_sim_reply *reply)
{
	if (setup->length == 0) {
		enter(sim, IDLE, OK);
	} else if (sim->dfu.state != IDLE && sim->dfu.state != UPLOAD_IDLE) {
		stall(reply);
	} else if (setup->value == 0) {
		upload_commands(sim, setup->length, data, reply);
	} else if (setup->value == 1) {
		stall(reply);
		enter(sim, STATE_15, OK);
	} else {
		upload_memory(sim, setup, data, reply);
	}
}

static void put_status(const struct s0_sim *sim, uint8_t bytes[6])
{
	bytes[0] = sim->dfu.status;
	put_le16(bytes + 1, (uint16_t)sim->dfu.poll_ms);
	bytes[3] = (uint8_t)(sim->dfu.poll_ms >> 16);
	bytes[4] = sim->dfu.state;
	bytes[5] = 0;
}

/* By the first byte of a command alone. */
static uint32_t poll_time(const struct s0_sim *sim)
{
	if (sim->dfu.block == 0 && sim->dfu.buffer[0] == 0x41)
		return sim->config.poll_erase_ms;
	if (sim->dfu.block == 0 && sim->dfu.buffer[0] == 0x21)
		return sim->config.poll_address_ms;
	return sim->config.poll_program_ms;
}

static void end_operation(struct s0_sim *sim, enum sim_outcome outcome,
			  struct s0_sim_reply *reply)
{
	switch (outcome) {
	case SIM_DONE:
		enter(sim, DNLOAD_SYNC, OK);
		break;
	case SIM_FAILED:
		/* usbd_dfu.c up to v2.11.1 returns early: busy for ever. */
		if (sim->config.fail_mode == SIM_FAIL_ERR_VENDOR)
			enter(sim, ERROR, ERR_VENDOR);
		break;
	case SIM_BAD_ADDRESS:
		enter(sim, ERROR, ERR_TARGET);
		break;
	case SIM_FORBIDDEN:
		enter(sim, ERROR, ERR_VENDOR);
		break;
	case SIM_UNSUPPORTED:
		enter(sim, ERROR, ERR_STALLED);
		stall(reply);
		break;
	case SIM_HUNG:
		sim->hung = true;
		reply->handshake = S0_SIM_SILENT;
		reply->length = 0;
		break;
	case SIM_OFF:
		break;
	}
}

/* The six bytes are sent first, then the operation runs, then the status
 * stage is acknowledged. */
static void run_operation(struct s0_sim *sim, struct s0_sim_reply *reply)
{
	sim->dfu.pending = false;
	if (sim->skip_operation)
		end_operation(sim, SIM_DONE, reply);
	else
		end_operation(sim, sim_operation_run(sim), reply);
}

static bool executable(const struct s0_sim *sim, uint32_t address)
{
	enum sim_memory memory = sim_memory_find(sim, address, 8);

	return memory == SIM_FLASH || memory == SIM_RAM;
}

/* AN3156: jump through the vector table at the pointer, or a system reset
 * where there can be none. The status stage never completes. */
static void leave(struct s0_sim *sim, struct s0_sim_reply *reply)
{
	uint32_t pointer = sim->dfu.pointer;

	reply->handshake = S0_SIM_GONE;
	reply->length = 0;
	if (!executable(sim, pointer) ||
	    sim->config.leave == SIM_LEAVE_RE_ENTER) {
		sim_power_reset(sim);
		return;
	}
	sim_power_start(sim, sim->config.leave == SIM_LEAVE_JUMP ? pointer : 0);
}

static void getstatus(struct s0_sim *sim, uint16_t length, uint8_t *data,
		      struct s0_sim_reply *reply)
{
	struct sim_dfu *dfu = &sim->dfu;
	bool run = false, go = false;
	uint8_t bytes[6];

	if (dfu->state == DNLOAD_SYNC && dfu->pending) {
		enter(sim, DNBUSY, OK);
		dfu->poll_ms = sim_time_poll_ms(sim, poll_time(sim));
		/* The core drives the class only when it is configured. */
		run = sim->configuration != 0;
	} else if (dfu->state == DNLOAD_SYNC) {
		enter(sim, DNLOAD_IDLE, OK);
	} else if (dfu->state == MANIFEST_SYNC) {
		enter(sim, MANIFEST, OK);
		dfu->poll_ms = 1;
		go = !sim->skip_operation && sim->configuration != 0;
	}
	put_status(sim, bytes);
	reply->length = length < sizeof(bytes) ? length : sizeof(bytes);
	memcpy(data, bytes, reply->length);
	if (run)
		run_operation(sim, reply);
	if (go)
		leave(sim, reply);
}

static void clrstatus(struct s0_sim *sim, struct s0_sim_reply *reply)
{
	if (sim->dfu.state == ERROR) {
		enter(sim, IDLE, OK);
	} else if (sim->config.clrstatus_outside_error == SIM_CLRSTATUS_STALL) {
		stall(reply);
	} else {
		sim->dfu.pending = false;
		enter(sim, ERROR, ERR_UNKNOWN);
	}
}

static bool idle_like(uint8_t state)
{
	return state == IDLE || state == DNLOAD_SYNC || state == DNLOAD_IDLE ||
	       state == MANIFEST_SYNC || state == UPLOAD_IDLE;
}

/* Acknowledged in every state; without effect in some. */
static void abort_transfer(struct s0_sim *sim)
{
	if (!idle_like(sim->dfu.state))
		return;
	sim->dfu.pending = false;
	enter(sim, IDLE, OK);
}

/* bitWillDetach: off the bus and on again. */
static void detach(struct s0_sim *sim)
{
	if (!idle_like(sim->dfu.state))
		return;
	enter(sim, IDLE, OK);
	sim_power_reconnect(sim);
}

static bool well_formed(const struct s0_sim_setup *setup)
{
	bool in = setup->request == SIM_UPLOAD ||
		  setup->request == SIM_GETSTATUS ||
		  setup->request == SIM_GETSTATE;

	return setup->request_type == (in ? 0xa1 : 0x21) && setup->index == 0 &&
	       setup->request <= SIM_ABORT;
}

void sim_dfu_request(struct s0_sim *sim, const struct s0_sim_setup *setup,
		     uint8_t *data, struct s0_sim_reply *reply)
{
	bool asks = setup->request == SIM_GETSTATUS ||
		    setup->request == SIM_GETSTATE;

	if (!well_formed(setup) || (sim->dfu.latched && !asks)) {
		stall(reply);
		return;
	}
	switch (setup->request) {
	case SIM_DETACH:
		detach(sim);
		break;
	case SIM_DNLOAD:
		dnload(sim, setup, data, reply);
		break;
	case SIM_UPLOAD:
		upload(sim, setup, data, reply);
		break;
	case SIM_GETSTATUS:
		getstatus(sim, setup->length, data, reply);
		break;
	case SIM_CLRSTATUS:
		clrstatus(sim, reply);
		break;
	case SIM_GETSTATE:
		reply->length = setup->length < 1 ? 0 : 1;
		if (reply->length == 1)
			data[0] = sim->dfu.state;
		break;
	case SIM_ABORT:
		abort_transfer(sim);
		break;
	}
}

bool sim_dfu_has_operation(const struct s0_sim *sim,
			   const struct s0_sim_setup *setup)
{
	return setup->request == SIM_GETSTATUS && sim->dfu.pending &&
	       sim->dfu.state == DNLOAD_SYNC;
}
