/* SPDX-License-Identifier: MIT */
/* Plain DFU: a firmware in, a firmware out. */
#include "proto/dfu11_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static void pass_on(const struct s0_error *why, struct s0_error *err)
{
	if (err && err->code == S0_OK)
		*err = *why;
}

/* What was begun is given up; the failure that led here stays. */
static void give_up(struct dfu11 *dfu, s0_code code)
{
	struct dfu11 quiet = *dfu;

	if (code == S0_E_GONE || code == S0_E_TIMEOUT)
		return;
	quiet.told = NULL;
	quiet.go_on = NULL;
	(void)dfu11_settle(&quiet, NULL);
}

/* A stalled block: its status tells why, if it does. */
static s0_code block_refused(struct dfu11 *dfu, const struct usb_transfer *t,
			     const char *what, struct s0_error *err)
{
	struct dfu11_status status;

	if (t->code == S0_E_REFUSED &&
	    dfu11_ask(dfu, DFU11_TIMEOUT_MS, &status, NULL) == S0_OK) {
		error_add_request(err, t->request, t->value);
		return dfu11_refused(&status, what, err);
	}
	return dfu11_transfer_error(t, err);
}

/* Until what was sent is worked in; the status that is no dfuDNBUSY. */
static s0_code wait_for_block(struct dfu11 *dfu, uint64_t done,
			      struct dfu11_status *ret_status,
			      struct s0_error *err)
{
	uint32_t left_ms = DFU11_BUSY_MS;

	for (;;) {
		s0_code code =
			dfu11_ask(dfu, DFU11_TIMEOUT_WORK_MS, ret_status, err);

		if (code != S0_OK || (ret_status->state != STATE_DNBUSY &&
				      ret_status->state != STATE_DNLOAD_SYNC))
			return code;
		code = dfu11_pause(dfu, ret_status->poll_ms, done, &left_ms,
				   err);
		if (code != S0_OK)
			return code;
	}
}

static s0_code send_block(struct dfu11 *dfu, uint16_t number,
			  const uint8_t *bytes, uint16_t length,
			  struct s0_error *err)
{
	struct usb_transfer t = { .request_type = DFU11_OUT,
				  .request = DFU_DNLOAD,
				  .value = number,
				  .length = length,
				  .data = (uint8_t *)(uintptr_t)bytes,
				  .timeout_ms = DFU11_TIMEOUT_WORK_MS };

	dfu->link->ops->run(dfu->link, &t, 1);
	dfu->begun = dfu->begun || t.code != S0_E_REFUSED;
	if (t.code != S0_OK)
		return block_refused(dfu, &t,
				     length ? "a block of the firmware"
					    : "the end of the firmware",
				     err);
	return S0_OK;
}

static s0_code download_block(struct dfu11 *dfu, uint16_t number,
			      const uint8_t *bytes, uint16_t length,
			      uint64_t *done, struct s0_error *err)
{
	struct dfu11_status status = { 0 };
	s0_code code;

	if (!dfu11_go_on(dfu, *done))
		return error_set(err, S0_E_CANCELLED, "stopped as asked");
	code = send_block(dfu, number, bytes, length, err);
	if (code != S0_OK)
		return code;
	code = wait_for_block(dfu, *done, &status, err);
	if (code != S0_OK)
		return code;
	if (status.status != 0 || status.state != STATE_DNLOAD_IDLE) {
		dfu11_tell(dfu, &status);
		error_add_request(err, DFU_DNLOAD, number);
		return dfu11_refused(&status, "a block of the firmware", err);
	}
	*done += length;
	return S0_OK;
}

/* May it be that far, and answer no more? It need not say so before it starts
 * the firmware, or waits for a reset, where it does not tolerate being asked
 * (3.2: bitManifestationTolerant). */
static bool may_be_silent(const struct dfu11 *dfu, s0_code code)
{
	return code == S0_E_GONE ||
	       (!(dfu->attributes & DFU11_TOLERANT) &&
		(code == S0_E_TIMEOUT || code == S0_E_REFUSED));
}

static s0_code manifest(struct dfu11 *dfu, uint16_t number, uint64_t done,
			enum dfu11_end *ret_end, struct s0_error *err)
{
	uint32_t left_ms = DFU11_BUSY_MS;
	struct dfu11_status status;
	s0_code code = send_block(dfu, number, NULL, 0, err);

	while (code == S0_OK) {
		struct s0_error why = S0_ERROR_INIT;

		code = dfu11_ask(dfu, DFU11_TIMEOUT_MS, &status, &why);
		if (may_be_silent(dfu, code)) {
			*ret_end = code == S0_E_GONE ? DFU11_LEFT : DFU11_WAITS;
			return S0_OK;
		}
		if (code != S0_OK) {
			pass_on(&why, err);
			return code;
		}
		dfu11_tell(dfu, &status);
		if (status.status != 0)
			return dfu11_refused(&status, "the firmware", err);
		if (status.state == STATE_IDLE ||
		    status.state == STATE_WAIT_RESET) {
			*ret_end = status.state == STATE_IDLE ? DFU11_IDLE
							      : DFU11_WAITS;
			return S0_OK;
		}
		if (status.state != STATE_MANIFEST &&
		    status.state != STATE_MANIFEST_SYNC)
			return dfu11_refused(&status, "the end of the firmware",
					     err);
		code = dfu11_pause(dfu, status.poll_ms, done, &left_ms, err);
	}
	return code;
}

s0_code dfu11_download(struct dfu11 *dfu, const uint8_t *bytes, size_t length,
		       enum dfu11_end *ret_end, uint64_t *ret_done,
		       struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	uint64_t done = 0;
	uint16_t number = 0; /* wraps, as dfu-util's does */
	s0_code code = S0_OK;

	dfu->begun = false;
	*ret_done = 0;
	if (length == 0)
		return error_set(err, S0_E_EMPTY,
				 "there is nothing to download");
	while (code == S0_OK && done < length) {
		size_t rest = length - (size_t)done;

		code = download_block(dfu, number, bytes + done,
				      rest < dfu->block ? (uint16_t)rest
							: dfu->block,
				      &done, &why);
		if (code == S0_OK)
			number++;
	}
	if (code == S0_OK && !dfu11_go_on(dfu, done))
		code = error_set(&why, S0_E_CANCELLED, "stopped as asked");
	if (code == S0_OK)
		code = manifest(dfu, number, done, ret_end, &why);
	*ret_done = done;
	if (code != S0_OK) {
		give_up(dfu, code);
		pass_on(&why, err);
	}
	return code;
}

/* Where bytes were left in the device, it is told that no more are wanted. */
static s0_code end_upload(struct dfu11 *dfu, bool more, struct s0_error *err)
{
	return more ? dfu11_send(dfu, DFU_ABORT, 0, err) : S0_OK;
}

static s0_code upload_blocks(struct dfu11 *dfu, uint8_t *buffer, uint64_t limit,
			     dfu11_bytes_fn bytes, void *payload,
			     uint64_t *done, struct s0_error *err)
{
	for (uint16_t number = 0; *done < limit; number++) {
		struct usb_transfer t = { .request_type = DFU11_IN,
					  .request = DFU_UPLOAD,
					  .value = number,
					  .length = dfu->block,
					  .data = buffer,
					  .timeout_ms = DFU11_TIMEOUT_WORK_MS };
		uint16_t wanted;

		if (!dfu11_go_on(dfu, *done))
			return error_set(err, S0_E_CANCELLED,
					 "stopped as asked");
		dfu->link->ops->run(dfu->link, &t, 1);
		if (t.code != S0_OK)
			return block_refused(dfu, &t, "to give its firmware",
					     err);
		wanted = limit - *done < t.moved ? (uint16_t)(limit - *done)
						 : t.moved;
		if (wanted && !bytes(payload, buffer, wanted))
			return end_upload(dfu, t.moved == dfu->block, err);
		*done += wanted;
		if (t.moved < dfu->block)
			return S0_OK;
	}
	return end_upload(dfu, true, err);
}

s0_code dfu11_upload(struct dfu11 *dfu, uint64_t limit, dfu11_bytes_fn bytes,
		     void *payload, uint64_t *ret_done, struct s0_error *err)
{
	uint8_t *buffer = malloc(dfu->block);
	struct s0_error why = S0_ERROR_INIT;
	uint64_t done = 0;
	s0_code code;

	if (!buffer)
		return error_memory(err);
	code = upload_blocks(dfu, buffer, limit, bytes, payload, &done, &why);
	free(buffer);
	*ret_done = done;
	if (code != S0_OK) {
		give_up(dfu, code);
		pass_on(&why, err);
	}
	return code;
}
