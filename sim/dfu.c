/* SPDX-License-Identifier: MIT */
/* The DFU state machine, as in fact sheet 1.3 (usbd_dfu.c), with the results
 * of 1.4 (AN3156). */
#include "sim/dfu.h"

#include <string.h>

#include "base/bytes.h"

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
				? sim->chip->transfer_size
				: length;

	return sim->dfu.pointer + (uint64_t)(block - 2u) * unit;
}

void sim_dfu_enter(struct s0_sim *sim, uint8_t state, uint8_t status)
{
	sim->dfu.state = state;
	sim->dfu.status = status;
	sim->dfu.poll_ms = 0;
	sim->dfu.openbl = false;
}

/* Too long for the ROM's buffer: it latches in dfuERROR until a power cycle
 * (field report), or dies, or says errFILE (another one). */
static void take_overlong(struct s0_sim *sim, struct s0_sim_reply *reply)
{
	uint32_t how = sim->config.overlong;

	sim_dfu_enter(sim, ERROR,
		      how == SIM_OVERLONG_ERR_FILE ? ERR_FILE : ERR_STALLED);
	sim->dfu.pending = false;
	sim->dfu.latched = how != SIM_OVERLONG_ERR_FILE;
	sim->hung = how == SIM_OVERLONG_SILENT;
	sim_dfu_stall(reply);
}

static void dnload(struct s0_sim *sim, const struct s0_sim_setup *setup,
		   const uint8_t *data, struct s0_sim_reply *reply)
{
	struct sim_dfu *dfu = &sim->dfu;

	if (dfu->state != IDLE && dfu->state != DNLOAD_IDLE) {
		sim_dfu_stall(reply);
		return;
	}
	if (setup->length > sim->chip->transfer_size) {
		take_overlong(sim, reply);
		return;
	}
	reply->length = setup->length;
	if (setup->length == 0) {
		sim_dfu_enter(sim, MANIFEST_SYNC, OK);
		return;
	}
	memcpy(dfu->buffer, data, setup->length);
	dfu->block = setup->value;
	dfu->length = setup->length;
	dfu->pending = true;
	sim_dfu_enter(sim, DNLOAD_SYNC, OK);
}

static void put_status(const struct s0_sim *sim, uint8_t bytes[6])
{
	bytes[0] = sim->dfu.status;
	put_le16(bytes + 1, (uint16_t)sim->dfu.poll_ms);
	bytes[3] = (uint8_t)(sim->dfu.poll_ms >> 16);
	bytes[4] = sim->dfu.openbl ? ERROR : sim->dfu.state;
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

/* OPENBL stores the status as the state and reports dfuERROR: the first
 * CLRSTATUS then is one outside of an error. */
static void fail_target(struct s0_sim *sim)
{
	bool openbl = sim->config.target_error == SIM_TARGET_OPENBL;

	sim_dfu_enter(sim, openbl ? ERR_TARGET : ERROR, ERR_TARGET);
	sim->dfu.openbl = openbl;
}

void sim_dfu_end(struct s0_sim *sim, enum sim_outcome outcome)
{
	if (outcome == SIM_HUNG)
		sim->hung = true;
	/* The host may have gone elsewhere meanwhile (answer=poll). */
	if (sim->dfu.state != DNBUSY)
		return;
	switch (outcome) {
	case SIM_DONE:
		sim_dfu_enter(sim, DNLOAD_SYNC, OK);
		break;
	case SIM_FAILED:
		/* usbd_dfu.c up to v2.11.1 returns early: busy for ever. */
		if (sim->config.fail_mode == SIM_FAIL_ERR_VENDOR)
			sim_dfu_enter(sim, ERROR, ERR_VENDOR);
		break;
	case SIM_BAD_ADDRESS:
		fail_target(sim);
		break;
	case SIM_FORBIDDEN:
		sim_dfu_enter(sim, ERROR, ERR_VENDOR);
		break;
	case SIM_UNSUPPORTED:
		sim_dfu_enter(sim, ERROR, ERR_STALLED);
		break;
	default:
		break;
	}
}

/* The six bytes are sent first, then the operation runs. With answer=before
 * the status stage is acknowledged only after it. */
static void run_operation(struct s0_sim *sim)
{
	enum sim_fault_where kind = sim_dfu_operation_kind(sim);

	sim->dfu.pending = false;
	sim->erases += kind == SIM_AT_ERASE;
	sim->programs += kind == SIM_AT_PROGRAM;
	sim->option_changes += sim_dfu_changes_options(sim);
	if (sim->skip_operation) {
		sim_dfu_end(sim, SIM_DONE);
		return;
	}
	sim->transfer.operation = true;
	sim_job_start(sim);
}

void sim_dfu_conclude(struct s0_sim *sim, struct s0_sim_reply *reply)
{
	if (sim->job.outcome == SIM_UNSUPPORTED) {
		sim_dfu_stall(reply);
	} else if (sim->job.outcome == SIM_HUNG) {
		reply->handshake = S0_SIM_SILENT;
		reply->length = 0;
	}
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
	uint8_t stack[4] = { 0 };

	reply->handshake = S0_SIM_GONE;
	reply->length = 0;
	if (!executable(sim, pointer) ||
	    sim->config.leave == SIM_LEAVE_RE_ENTER) {
		sim_power_reset(sim);
		return;
	}
	(void)s0_sim_peek(sim, pointer, stack, sizeof(stack));
	if (sim->config.leave != SIM_LEAVE_JUMP ||
	    !sim_memory_stack_fits(sim, get_le32(stack)))
		pointer = 0;
	sim_power_start(sim, pointer);
}

static void getstatus(struct s0_sim *sim, uint16_t length, uint8_t *data,
		      struct s0_sim_reply *reply)
{
	struct sim_dfu *dfu = &sim->dfu;
	bool run = false, go = false;
	uint8_t bytes[6];

	if (dfu->state == DNLOAD_SYNC && dfu->pending) {
		sim_dfu_enter(sim, DNBUSY, OK);
		dfu->poll_ms = sim_time_poll_ms(sim, poll_time(sim));
		dfu->poll_end = sim->now + (uint64_t)dfu->poll_ms * 1000 *
						   SIM_TICKS_PER_US;
		/* The core drives the class only when it is configured. */
		run = sim->configuration != 0;
	} else if (dfu->state == DNLOAD_SYNC) {
		sim_dfu_enter(sim, DNLOAD_IDLE, OK);
	} else if (dfu->state == MANIFEST_SYNC) {
		sim_dfu_enter(sim, MANIFEST, OK);
		dfu->poll_ms = 1;
		go = !sim->skip_operation && sim->configuration != 0 &&
		     (dfu->aimed || !sim_is(sim->chip, SIM_AIMED));
	}
	put_status(sim, bytes);
	reply->length = length < sizeof(bytes) ? length : sizeof(bytes);
	memcpy(data, bytes, reply->length);
	if (run)
		run_operation(sim);
	if (go)
		leave(sim, reply);
}

static void clrstatus(struct s0_sim *sim, struct s0_sim_reply *reply)
{
	if (sim->dfu.state == ERROR) {
		sim_dfu_enter(sim, IDLE, OK);
	} else if (sim->config.clrstatus_outside_error == SIM_CLRSTATUS_STALL) {
		sim_dfu_stall(reply);
	} else {
		sim->dfu.pending = false;
		sim_dfu_enter(sim, ERROR, ERR_UNKNOWN);
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
	sim_dfu_enter(sim, IDLE, OK);
}

/* bitWillDetach: off the bus and on again. */
static void detach(struct s0_sim *sim)
{
	if (!idle_like(sim->dfu.state))
		return;
	sim_dfu_enter(sim, IDLE, OK);
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
		sim_dfu_stall(reply);
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
		sim_dfu_upload(sim, setup, data, reply);
		break;
	case SIM_GETSTATUS:
		if (sim_early_stalls(sim, setup)) {
			sim_dfu_stall(reply);
			break;
		}
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

enum sim_fault_where sim_dfu_operation_kind(const struct s0_sim *sim)
{
	if (sim->dfu.block >= 2)
		return SIM_AT_PROGRAM;
	return sim->dfu.block == 0 && sim->dfu.buffer[0] == 0x41
		       ? SIM_AT_ERASE
		       : SIM_AT_TRANSFER;
}

bool sim_dfu_changes_options(const struct s0_sim *sim)
{
	const struct sim_dfu *dfu = &sim->dfu;
	uint64_t address;

	if (dfu->block < 2)
		return dfu->block == 0 && dfu->length == 1 &&
		       dfu->buffer[0] == 0x92;
	address = sim_dfu_address(sim, dfu->block, dfu->length);
	return address <= UINT32_MAX &&
	       sim_memory_window(sim, (uint32_t)address) != NULL;
}
