/* SPDX-License-Identifier: MIT */
/* An open device with plain DFU. */
#include "device/dfu11.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* As much as Linux and Windows take in one control transfer. */
#define BLOCK_MAX 4096u

static void on_status(void *payload, const struct dfu11_status *status)
{
	const struct s0_dfu11 *dfu = payload;
	struct s0_dfu11_status now = { .status = status->status,
				       .state = status->state,
				       .poll_ms = status->poll_ms };

	if (dfu->told)
		dfu->told(dfu->told_payload, &now);
}

static void report(struct s0_dfu11 *dfu, uint64_t done)
{
	struct usb_link *link = dfu->link;

	if (dfu->reported && dfu->now.done == done)
		return;
	dfu->reported = true;
	dfu->now.done = done;
	dfu->now.time_us = link->ops->now_us(link) - dfu->start_us;
	if (dfu->progress && dfu->now.total)
		dfu->progress(dfu->progress_payload, &dfu->now);
}

static bool on_progress(void *payload, uint64_t done)
{
	struct s0_dfu11 *dfu = payload;

	report(dfu, done);
	return !dfu->cancelled;
}

static void begin(struct s0_dfu11 *dfu, s0_stage stage, uint64_t total)
{
	dfu->now = (struct s0_progress){ .stage = stage, .total = total };
	dfu->reported = false;
	dfu->start_us = dfu->link->ops->now_us(dfu->link);
}

static void end(struct s0_dfu11 *dfu)
{
	dfu->now.total = 0;
}

s0_code dfu11_take_up(struct s0_dfu11 *dfu, struct usb_link *link,
		      const struct s0_dfu11_info *found, struct s0_error *err)
{
	s0_code code;

	dfu->link = link;
	dfu->info = *found;
	code = dfu11_take_link(link, &dfu->info, err);
	if (code != S0_OK)
		return code;
	if (!dfu->info.dfu_version) {
		error_add_cause(err, S0_CAUSE_DESCRIPTORS);
		return error_set(err, S0_E_FORMAT,
				 "the device at %s has no DFU functional "
				 "descriptor",
				 dfu->info.path);
	}
	dfu->proto.link = link;
	dfu->proto.attributes = dfu->info.attributes;
	dfu->proto.block = dfu->info.transfer_size < BLOCK_MAX
				   ? dfu->info.transfer_size
				   : BLOCK_MAX;
	return S0_OK;
}

s0_code dfu11_open_link(struct s0_context *context, struct usb_link *link,
			const struct s0_dfu11_info *found,
			struct s0_dfu11 **ret_dfu, struct s0_error *err)
{
	struct s0_dfu11 *dfu = calloc(1, sizeof *dfu);
	s0_code code;

	if (!dfu) {
		link->ops->close(link);
		return error_memory(err);
	}
	dfu->context = context;
	dfu->proto.told = on_status;
	dfu->proto.go_on = on_progress;
	dfu->proto.payload = dfu;
	code = dfu11_take_up(dfu, link, found, err);
	if (code != S0_OK) {
		s0_dfu11_close(dfu);
		return code;
	}
	*ret_dfu = dfu;
	return S0_OK;
}

void s0_dfu11_close(struct s0_dfu11 *dfu)
{
	if (dfu && dfu->link)
		dfu->link->ops->close(dfu->link);
	free(dfu);
}

const struct s0_dfu11_info *s0_dfu11_info(const struct s0_dfu11 *dfu)
{
	return &dfu->info;
}

void s0_dfu11_set_told(struct s0_dfu11 *dfu, s0_dfu11_status_fn told,
		       void *payload)
{
	dfu->told = told;
	dfu->told_payload = payload;
}

void s0_dfu11_set_progress(struct s0_dfu11 *dfu, s0_progress_fn progress,
			   void *payload)
{
	dfu->progress = progress;
	dfu->progress_payload = payload;
}

void s0_dfu11_cancel(struct s0_dfu11 *dfu)
{
	dfu->cancelled = 1;
}

s0_code s0_dfu11_set_transfer_size(struct s0_dfu11 *dfu, uint32_t bytes,
				   struct s0_error *err)
{
	if (bytes == 0 || bytes > BLOCK_MAX)
		return error_set(err, S0_E_USAGE,
				 "%u bytes cannot be transferred at a time",
				 (unsigned)bytes);
	dfu->proto.block = (uint16_t)bytes;
	return S0_OK;
}

/* A device that was let go of is gone. */
static s0_code check_open(const struct s0_dfu11 *dfu, struct s0_error *err)
{
	return dfu->link ? S0_OK
			 : error_set(err, S0_E_GONE,
				     "the device at %s is not open any more",
				     dfu->info.path);
}

s0_code s0_dfu11_set_alternate(struct s0_dfu11 *dfu, uint8_t number,
			       struct s0_error *err)
{
	s0_code code = check_open(dfu, err);

	return code == S0_OK ? dfu->link->ops->set_alt(dfu->link, number, err)
			     : code;
}

s0_code s0_dfu11_ask_status(struct s0_dfu11 *dfu,
			    struct s0_dfu11_status *ret_status,
			    struct s0_error *err)
{
	struct dfu11_status status;
	s0_code code = check_open(dfu, err);

	if (code == S0_OK)
		code = dfu11_get_status(&dfu->proto, &status, err);
	if (code == S0_OK)
		*ret_status =
			(struct s0_dfu11_status){ .status = status.status,
						  .state = status.state,
						  .poll_ms = status.poll_ms };
	return code;
}

s0_code s0_dfu11_settle(struct s0_dfu11 *dfu, struct s0_error *err)
{
	s0_code code = check_open(dfu, err);

	return code == S0_OK ? dfu11_settle(&dfu->proto, err) : code;
}

/* What bmAttributes says that it cannot is left to it to refuse: dfu-util does
 * so too, and devices whose bits are wrong work with it. */
static s0_code ready(const struct s0_dfu11 *dfu, struct s0_error *err)
{
	s0_code code = check_open(dfu, err);

	if (code != S0_OK || dfu->proto.block)
		return code;
	error_add_cause(err, S0_CAUSE_DESCRIPTORS);
	return error_set(err, S0_E_FORMAT,
			 "the device at %s names no transfer size",
			 dfu->info.path);
}

static s0_aftermath aftermath(const struct s0_dfu11 *dfu, s0_code code)
{
	if (!dfu->proto.begun)
		return S0_UNTOUCHED;
	return code == S0_E_GONE || code == S0_E_TIMEOUT ||
			       code == S0_E_PROTOCOL
		       ? S0_UNKNOWN
		       : S0_PARTIAL;
}

s0_code s0_dfu11_download(struct s0_dfu11 *dfu, const void *bytes,
			  size_t length, s0_dfu11_end *ret_end,
			  struct s0_error *err)
{
	static const s0_dfu11_end ends[] = { [DFU11_IDLE] = S0_DFU11_IDLE,
					     [DFU11_WAITS] = S0_DFU11_WAITS,
					     [DFU11_LEFT] = S0_DFU11_LEFT };
	struct s0_error why = S0_ERROR_INIT;
	enum dfu11_end how = DFU11_IDLE;
	uint64_t done = 0;
	s0_code code = ready(dfu, &why);

	if (code == S0_OK) {
		begin(dfu, S0_STAGE_WRITE, length);
		code = dfu11_download(&dfu->proto, bytes, length, &how, &done,
				      &why);
		end(dfu);
		if (code != S0_OK)
			why.aftermath = aftermath(dfu, code);
	}
	if (code == S0_OK && ret_end)
		*ret_end = ends[how];
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

/* The sink, and whether it has had enough. */
struct drain {
	s0_sink_fn sink;
	void *payload;
	bool stopped;
};

static bool drain_bytes(void *payload, const void *bytes, size_t length)
{
	struct drain *drain = payload;

	drain->stopped = !drain->sink(drain->payload, bytes, length);
	return !drain->stopped;
}

s0_code s0_dfu11_upload(struct s0_dfu11 *dfu, uint32_t limit, s0_sink_fn sink,
			void *payload, uint64_t *ret_bytes,
			struct s0_error *err)
{
	struct drain drain = { .sink = sink, .payload = payload };
	uint64_t done = 0;
	s0_code code = ready(dfu, err);

	if (code != S0_OK)
		return code;
	if (!limit)
		limit = UINT32_MAX;
	begin(dfu, S0_STAGE_READ, limit);
	code = dfu11_upload(&dfu->proto, limit, drain_bytes, &drain, &done,
			    err);
	if (code == S0_OK)
		report(dfu, done);
	end(dfu);
	if (ret_bytes)
		*ret_bytes = done;
	if (code == S0_OK && drain.stopped)
		return error_set(err, S0_E_FILE,
				 "what was read cannot be written");
	return code;
}

s0_code s0_dfu11_ask_detach(struct s0_dfu11 *dfu, struct s0_error *err)
{
	struct dfu11 alone = dfu->proto;
	s0_code code = check_open(dfu, err);

	alone.attributes |= DFU11_WILL_DETACH; /* no reset */
	return code == S0_OK ? dfu11_detach(&alone, dfu->info.detach_ms, err)
			     : code;
}

s0_code s0_dfu11_reset(struct s0_dfu11 *dfu, struct s0_error *err)
{
	s0_code code = check_open(dfu, err);

	return code == S0_OK ? usb_link_reset(dfu->link, err) : code;
}
