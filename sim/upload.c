/* SPDX-License-Identifier: MIT */
/* UPLOAD: the list of commands, and memory. */
#include "sim/dfu.h"

#include <string.h>

void sim_dfu_stall(struct s0_sim_reply *reply)
{
	reply->handshake = S0_SIM_STALL;
	reply->length = 0;
}

static void upload_commands(struct s0_sim *sim, uint16_t length, uint8_t *data,
			    struct s0_sim_reply *reply)
{
	static const uint8_t commands[] = { 0x00, 0x21, 0x41, 0x92 };

	reply->length = length < sizeof(commands) ? length : sizeof(commands);
	memcpy(data, commands, reply->length);
	sim_dfu_enter(sim, length > 3 ? IDLE : UPLOAD_IDLE, OK);
}

/* A read that failed: STALL, and the status AN3156 names (or, by key, no data,
 * or the state 15 of usbd_dfu.c). */
static void refuse_upload(struct s0_sim *sim, uint8_t status,
			  struct s0_sim_reply *reply)
{
	if (sim->config.upload_error != SIM_UPLOAD_EMPTY)
		sim_dfu_stall(reply);
	if (sim->config.upload_error == SIM_UPLOAD_STATE15)
		sim_dfu_enter(sim, STATE_15, OK);
	else
		sim_dfu_enter(sim, ERROR, status);
}

static void upload_memory(struct s0_sim *sim, const struct s0_sim_setup *setup,
			  uint8_t *data, struct s0_sim_reply *reply)
{
	uint16_t most = sim->chip->transfer_size;
	uint16_t length = setup->length < most ? setup->length : most;
	uint64_t address = sim_dfu_address(sim, setup->value, setup->length);
	enum sim_outcome outcome = SIM_BAD_ADDRESS;

	if (address <= UINT32_MAX)
		outcome = sim_memory_read(sim, (uint32_t)address, data, length);
	switch (outcome) {
	case SIM_DONE:
		reply->length = length;
		sim_dfu_enter(sim, UPLOAD_IDLE, OK);
		break;
	case SIM_WAIT:
		sim->transfer.again = true;
		break;
	case SIM_HUNG:
		sim->hung = true;
		reply->handshake = S0_SIM_SILENT;
		break;
	case SIM_OFF: /* the bus error resets it */
		reply->handshake = S0_SIM_GONE;
		sim_power_reset(sim);
		break;
	case SIM_FORBIDDEN:
		refuse_upload(sim, ERR_VENDOR, reply);
		break;
	default:
		refuse_upload(sim, ERR_TARGET, reply);
	}
}

void sim_dfu_upload(struct s0_sim *sim, const struct s0_sim_setup *setup,
		    uint8_t *data, struct s0_sim_reply *reply)
{
	if (setup->length == 0) {
		sim_dfu_enter(sim, IDLE, OK);
	} else if (sim->dfu.state != IDLE && sim->dfu.state != UPLOAD_IDLE) {
		sim_dfu_stall(reply);
	} else if (setup->value == 0) {
		upload_commands(sim, setup->length, data, reply);
	} else if (setup->value == 1) {
		sim_dfu_stall(reply);
		sim_dfu_enter(sim, STATE_15, OK);
	} else {
		upload_memory(sim, setup, data, reply);
	}
}
