/* SPDX-License-Identifier: MIT */
/*
 * The state machine of DFU 1.1, appendix A.2 ("a DFU-compliant device's"), read
 * as strictly as it is written: a request that has no place in a state is
 * stalled, and the state is dfuERROR.
 */
#include <stdlib.h>
#include <string.h>

#include "mock_dfu_model.h"

enum { DETACH, DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT };
enum {
	OK = 0,
	ERR_ADDRESS = 8,
	ERR_NOTDONE = 9,
	ERR_FIRMWARE = 10,
	ERR_STALLEDPKT = 15
};

#define CLASS_IN 0xa1
/* From the end of the request that sends it away. */
#define LEAVE_US 10000

/* ---- states -------------------------------------------------------------- */

static void stall(struct dfu_model *model, uint8_t status,
		  struct s0_sim_reply *reply)
{
	model->state = model->in_dfu_mode ? DFU_ERROR : APP_IDLE;
	model->status = model->in_dfu_mode ? status : OK;
	reply->handshake = S0_SIM_STALL;
}

/* What has come to its end by itself. */
static void settle(struct dfu_model *model)
{
	if (model->now_us < model->until_us)
		return;
	if (model->state == DFU_DNBUSY)
		model->state = DFU_DNLOAD_SYNC;
	else if (model->state == APP_DETACH && !model->leaves)
		model->state = APP_IDLE;
	if (model->state != DFU_MANIFEST)
		return;
	model->manifested = true;
	model->corrupt = false;
	model->state = model->keys.tolerant ? DFU_MANIFEST_SYNC
					    : DFU_MANIFEST_WAIT_RESET;
	if (model->keys.tolerant || !model->keys.will_detach ||
	    !model->keys.app || model->leaves)
		return;
	model->leaves = true;
	model->leaves_us = model->now_us + LEAVE_US;
}

static void detach(struct dfu_model *model, const struct s0_sim_setup *setup)
{
	unsigned ms = setup->value < model->keys.detach_ms
			      ? setup->value
			      : model->keys.detach_ms;

	model->state = APP_DETACH;
	model->until_us = model->now_us + ms * UINT64_C(1000);
	model->leaves = model->keys.will_detach;
	model->leaves_us = model->now_us + LEAVE_US;
}

static bool begins(struct dfu_model *model)
{
	if (model->state != DFU_IDLE)
		return false;
	model->at = 0;
	model->block = 0;
	return true;
}

static void end_download(struct dfu_model *model, struct s0_sim_reply *reply)
{
	if (model->state != DFU_DNLOAD_IDLE) {
		stall(model, ERR_STALLEDPKT, reply);
		return;
	}
	model->state = DFU_MANIFEST_SYNC;
	model->manifested = false;
}

static void download(struct dfu_model *model, const struct s0_sim_setup *setup,
		     const uint8_t *data, struct s0_sim_reply *reply)
{
	struct dfu_memory *memory = &model->memory[model->boot.alt];

	if (setup->length == 0 && model->keys.download) {
		end_download(model, reply);
		return;
	}
	if (begins(model))
		memory->length = 0;
	else if (model->state != DFU_DNLOAD_IDLE)
		model->block = (uint16_t)(setup->value + 1); /* never right */
	if (!model->keys.download || setup->length > model->keys.xfer ||
	    setup->value != model->block) {
		stall(model, ERR_STALLEDPKT, reply);
		return;
	}
	model->corrupt = true;
	model->block++;
	model->state = DFU_DNLOAD_SYNC;
	model->polls = model->keys.busy;
	model->blocks++;
	if (setup->length > model->keys.size - model->at)
		model->status = ERR_ADDRESS;
	else if (model->keys.error && model->blocks == model->keys.error_at)
		model->status = (uint8_t)model->keys.error;
	if (model->status != OK)
		return;
	memcpy(memory->bytes + model->at, data, setup->length);
	model->at += setup->length;
	memory->length = model->at;
	dfu_model_save(model);
}

static void upload(struct dfu_model *model, const struct s0_sim_setup *setup,
		   uint8_t *data, struct s0_sim_reply *reply)
{
	struct dfu_memory *memory = &model->memory[model->boot.alt];
	uint32_t rest;

	if (!begins(model) && model->state != DFU_UPLOAD_IDLE)
		model->block = (uint16_t)(setup->value + 1);
	if (!model->keys.upload || setup->length > model->keys.xfer ||
	    setup->value != model->block) {
		stall(model, ERR_STALLEDPKT, reply);
		return;
	}
	rest = memory->length - model->at;
	reply->length = (uint16_t)(rest < setup->length ? rest : setup->length);
	memcpy(data, memory->bytes + model->at, reply->length);
	model->at += reply->length;
	model->block++;
	model->state =
		reply->length < setup->length ? DFU_IDLE : DFU_UPLOAD_IDLE;
}

/* Where asking for the status has the device go on. */
static unsigned go_on(struct dfu_model *model)
{
	unsigned poll_ms = model->keys.poll_ms;

	if (model->state == DFU_DNLOAD_SYNC && model->status != OK) {
		model->state = DFU_ERROR;
	} else if (model->state == DFU_DNLOAD_SYNC && model->polls) {
		model->polls--;
		model->state = DFU_DNBUSY;
		model->until_us = model->now_us + poll_ms * UINT64_C(1000);
		return poll_ms;
	} else if (model->state == DFU_DNLOAD_SYNC) {
		model->state = DFU_DNLOAD_IDLE;
	} else if (model->state == DFU_MANIFEST_SYNC && model->manifested) {
		model->state = DFU_IDLE;
	} else if (model->state == DFU_MANIFEST_SYNC && model->keys.error &&
		   !model->keys.error_at) {
		model->status = (uint8_t)model->keys.error;
		model->state = DFU_ERROR;
	} else if (model->state == DFU_MANIFEST_SYNC) {
		model->state = DFU_MANIFEST;
		poll_ms = model->keys.manifest_ms;
		model->until_us = model->now_us + poll_ms * UINT64_C(1000);
		return poll_ms;
	}
	return 0;
}

static void get_status(struct dfu_model *model,
		       const struct s0_sim_setup *setup, uint8_t *data,
		       struct s0_sim_reply *reply)
{
	uint8_t answer[6] = { 0 };
	unsigned poll_ms = go_on(model);

	answer[0] = model->status;
	answer[1] = (uint8_t)poll_ms;
	answer[2] = (uint8_t)(poll_ms >> 8);
	answer[3] = (uint8_t)(poll_ms >> 16);
	answer[4] = (uint8_t)model->state;
	reply->length = setup->length < 6 ? setup->length : 6;
	memcpy(data, answer, reply->length);
}

static void clear_or_abort(struct dfu_model *model, uint8_t request,
			   struct s0_sim_reply *reply)
{
	bool allowed = request == CLRSTATUS
			       ? model->state == DFU_ERROR
			       : model->state == DFU_IDLE ||
					 model->state == DFU_DNLOAD_SYNC ||
					 model->state == DFU_DNLOAD_IDLE ||
					 model->state == DFU_MANIFEST_SYNC ||
					 model->state == DFU_UPLOAD_IDLE;

	if (!allowed) {
		stall(model, ERR_STALLEDPKT, reply);
		return;
	}
	model->state = DFU_IDLE;
	model->status = OK;
}

static void in_dfu_mode(struct dfu_model *model,
			const struct s0_sim_setup *setup, uint8_t *data,
			struct s0_sim_reply *reply)
{
	bool waits = model->state == DFU_MANIFEST_WAIT_RESET;

	if (model->state == DFU_DNBUSY || model->state == DFU_MANIFEST ||
	    (waits && (model->keys.mute || setup->request != GETSTATUS)))
		stall(model, ERR_STALLEDPKT, reply);
	else if (setup->request == DNLOAD)
		download(model, setup, data, reply);
	else if (setup->request == UPLOAD)
		upload(model, setup, data, reply);
	else if (setup->request == GETSTATUS)
		get_status(model, setup, data, reply);
	else if (setup->request == CLRSTATUS || setup->request == ABORT)
		clear_or_abort(model, setup->request, reply);
	else if (setup->request == GETSTATE && setup->length) {
		data[0] = (uint8_t)model->state;
		reply->length = 1;
	} else
		stall(model, ERR_STALLEDPKT, reply);
}

static void in_application(struct dfu_model *model,
			   const struct s0_sim_setup *setup, uint8_t *data,
			   struct s0_sim_reply *reply)
{
	if (setup->index != DFU_RUNTIME_INTERFACE)
		stall(model, OK, reply);
	else if (setup->request == DETACH && model->state == APP_IDLE)
		detach(model, setup);
	else if (setup->request == GETSTATUS)
		get_status(model, setup, data, reply);
	else if (setup->request == GETSTATE && setup->length) {
		data[0] = (uint8_t)model->state;
		reply->length = 1;
	} else
		stall(model, OK, reply);
}

/* ---- requests ------------------------------------------------------------ */

/* Is it struck before it is carried out? */
static bool struck(struct dfu_model *model, struct s0_sim_reply *reply)
{
	static const s0_sim_handshake handshakes[] = { S0_SIM_STALL,
						       S0_SIM_SILENT,
						       S0_SIM_GONE };

	model->requests++;
	for (unsigned i = 0; i < model->keys.fault_count; i++)
		if (model->keys.faults[i].at == model->requests &&
		    model->keys.faults[i].kind != DFU_SHORT) {
			reply->handshake =
				handshakes[model->keys.faults[i].kind];
			return true;
		}
	return false;
}

static bool cut_short(const struct dfu_model *model)
{
	for (unsigned i = 0; i < model->keys.fault_count; i++)
		if (model->keys.faults[i].at == model->requests &&
		    model->keys.faults[i].kind == DFU_SHORT)
			return true;
	return false;
}

void dfu_model_control(void *user, const struct s0_sim_setup *setup,
		       uint8_t *data, struct s0_sim_reply *reply)
{
	struct dfu_model *model = user;
	struct mock_chip *chip =
		model->in_dfu_mode ? &model->boot : &model->app;

	if ((setup->request_type & 0x60) == 0) {
		if (setup->request == 9) /* SET_CONFIGURATION */
			chip->alt = 0;
		mock_chip_control(chip, setup, data, reply);
		return;
	}
	settle(model);
	if (struck(model, reply))
		return;
	if ((setup->request_type & 0x7f) != 0x21)
		stall(model, ERR_STALLEDPKT, reply);
	else if (model->in_dfu_mode)
		in_dfu_mode(model, setup, data, reply);
	else
		in_application(model, setup, data, reply);
	if (reply->handshake != S0_SIM_ACK)
		return;
	if (setup->request_type != CLASS_IN)
		reply->length = setup->length;
	else if (reply->length && cut_short(model))
		reply->length--;
}

static void change_mode(struct dfu_model *model)
{
	model->in_dfu_mode = !model->in_dfu_mode;
	model->state = model->in_dfu_mode ? DFU_IDLE : APP_IDLE;
	model->status = OK;
	model->leaves = false;
	model->boot.alt = 0;
}

bool dfu_model_reset(struct dfu_model *model)
{
	settle(model);
	if (model->in_dfu_mode ? model->keys.app && !model->corrupt
			       : model->state == APP_DETACH) {
		change_mode(model);
		return false;
	}
	if (!model->in_dfu_mode)
		return true;
	model->state = model->corrupt ? DFU_ERROR : DFU_IDLE;
	model->status = model->corrupt ? ERR_FIRMWARE : OK;
	return true;
}

bool dfu_model_leaves(struct dfu_model *model)
{
	settle(model);
	if (!model->leaves || model->now_us < model->leaves_us)
		return false;
	change_mode(model);
	return true;
}

void dfu_model_make(struct dfu_model *model, const struct dfu_keys *keys,
		    bool runtime)
{
	memset(model, 0, sizeof(*model));
	model->keys = *keys;
	model->in_dfu_mode = !runtime;
	model->state = runtime ? APP_IDLE : DFU_IDLE;
	dfu_model_describe(model);
	for (unsigned i = 0; i < keys->alts; i++)
		dfu_model_load(model, i);
}

void dfu_model_free(struct dfu_model *model)
{
	for (unsigned i = 0; i < DFU_ALTS; i++)
		free(model->memory[i].bytes);
}
