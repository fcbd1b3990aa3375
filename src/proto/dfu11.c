/* SPDX-License-Identifier: MIT */
/*
 * The states of DFU 1.1 (appendix A.2) from the host's side. A request with no
 * place in a state makes the device stall it and be in dfuERROR, so each is
 * sent only where the standard has a place for it.
 */
#include "proto/dfu11_internal.h"

#include "base/bytes.h"
#include "base/error.h"

/* So many steps lead from any state to dfuIDLE, and as many again. */
#define SETTLE_TRIES 8
/* A stop is noticed this often while a device is busy. */
#define SLICE_MS 250u

static void add_request(const struct usb_transfer *t, struct s0_error *err)
{
	bool block = t->request == DFU_DNLOAD || t->request == DFU_UPLOAD;

	error_add_usb(err, t->usb_code);
	error_add_request(err, t->request, block ? t->value : S0_NO_FACT);
}

s0_code dfu11_transfer_error(const struct usb_transfer *t, struct s0_error *err)
{
	const char *name = s0_request_name(t->request);

	add_request(t, err);
	switch (t->code) {
	case S0_E_GONE:
		return error_set(err, t->code,
				 "the device left the bus during %s", name);
	case S0_E_TIMEOUT:
		return error_set(err, t->code,
				 "the device did not answer %s within %u ms",
				 name, t->timeout_ms);
	case S0_E_REFUSED:
		return error_set(err, t->code, "the device stalled %s", name);
	default:
		return error_set(err, S0_E_PROTOCOL,
				 "the USB link failed during %s (code %d)",
				 name, t->usb_code);
	}
}

s0_code dfu11_run(struct dfu11 *dfu, struct usb_transfer *t,
		  struct s0_error *err)
{
	dfu->link->ops->run(dfu->link, t, 1);
	return t->code == S0_OK ? S0_OK : dfu11_transfer_error(t, err);
}

s0_code dfu11_send(struct dfu11 *dfu, uint8_t request, uint16_t value,
		   struct s0_error *err)
{
	struct usb_transfer t = { .request_type = DFU11_OUT,
				  .request = request,
				  .value = value,
				  .timeout_ms = DFU11_TIMEOUT_MS };

	return dfu11_run(dfu, &t, err);
}

s0_code dfu11_ask(struct dfu11 *dfu, uint32_t timeout_ms,
		  struct dfu11_status *ret_status, struct s0_error *err)
{
	uint8_t answer[6] = { 0 };
	struct usb_transfer t = { .request_type = DFU11_IN,
				  .request = DFU_GETSTATUS,
				  .length = sizeof answer,
				  .data = answer,
				  .timeout_ms = timeout_ms };
	s0_code code = dfu11_run(dfu, &t, err);

	if (code != S0_OK)
		return code;
	if (t.moved != sizeof answer) {
		add_request(&t, err);
		return error_set(err, S0_E_PROTOCOL,
				 "the device answered GETSTATUS with %u bytes "
				 "instead of 6",
				 t.moved);
	}
	ret_status->status = answer[0];
	ret_status->poll_ms = get_le24(answer + 1);
	ret_status->state = answer[4];
	return S0_OK;
}

void dfu11_tell(struct dfu11 *dfu, const struct dfu11_status *status)
{
	if (dfu->told)
		dfu->told(dfu->payload, status);
}

bool dfu11_go_on(struct dfu11 *dfu, uint64_t done)
{
	return !dfu->go_on || dfu->go_on(dfu->payload, done);
}

s0_code dfu11_get_status(struct dfu11 *dfu, struct dfu11_status *ret_status,
			 struct s0_error *err)
{
	s0_code code = dfu11_ask(dfu, DFU11_TIMEOUT_MS, ret_status, err);

	if (code == S0_OK)
		dfu11_tell(dfu, ret_status);
	return code;
}

s0_code dfu11_pause(struct dfu11 *dfu, uint32_t ms, uint64_t done,
		    uint32_t *left_ms, struct s0_error *err)
{
	uint32_t slice;

	/* One that names no time is not asked without a pause for ever. */
	if (ms == 0)
		ms = 1;
	for (; ms > 0 && *left_ms > 0; ms -= slice) {
		slice = ms < SLICE_MS ? ms : SLICE_MS;
		if (!dfu11_go_on(dfu, done))
			return error_set(err, S0_E_CANCELLED,
					 "stopped as asked");
		dfu->link->ops->wait_ms(dfu->link, slice);
		*left_ms -= slice < *left_ms ? slice : *left_ms;
	}
	if (*left_ms)
		return S0_OK;
	error_add_cause(err, S0_CAUSE_WEDGED);
	return error_set(err, S0_E_TIMEOUT,
			 "the device is still busy after %u s",
			 DFU11_BUSY_MS / 1000);
}

s0_code dfu11_refused(const struct dfu11_status *status, const char *what,
		      struct s0_error *err)
{
	const char *state = s0_dfu_state_name(status->state);
	const char *reason = s0_dfu_status_name(status->status);

	error_add_dfu(err, status->status, status->state);
	return error_set(err, S0_E_REFUSED,
			 "the device refused %s (status %s, state %s)", what,
			 reason ? reason : "unknown",
			 state ? state : "unknown");
}

static s0_code cannot_settle(const struct dfu11_status *status,
			     struct s0_error *err)
{
	const char *state = s0_dfu_state_name(status->state);

	error_add_dfu(err, status->status, status->state);
	if (status->state == STATE_APP_IDLE ||
	    status->state == STATE_APP_DETACH)
		error_add_cause(err, S0_CAUSE_NOT_DFU);
	else
		error_add_cause(err, S0_CAUSE_WEDGED);
	return error_set(err, S0_E_PROTOCOL,
			 "the device does not come to dfuIDLE (state %s)",
			 state ? state : "unknown");
}

/* One step towards dfuIDLE. S0_E_REFUSED: there is none. */
static s0_code towards_idle(struct dfu11 *dfu,
			    const struct dfu11_status *status,
			    uint32_t *left_ms, struct s0_error *err)
{
	switch (status->state) {
	case STATE_ERROR:
		return dfu11_send(dfu, DFU_CLRSTATUS, 0, err);
	case STATE_DNLOAD_SYNC:
	case STATE_DNLOAD_IDLE:
	case STATE_MANIFEST_SYNC:
	case STATE_UPLOAD_IDLE:
		return dfu11_send(dfu, DFU_ABORT, 0, err);
	case STATE_DNBUSY:
	case STATE_MANIFEST:
		return dfu11_pause(dfu, status->poll_ms, 0, left_ms, err);
	default:
		return cannot_settle(status, err);
	}
}

/* Where the device was busy, being asked stalls and makes it dfuERROR: then it
 * is asked once more. */
s0_code dfu11_settle(struct dfu11 *dfu, struct s0_error *err)
{
	struct dfu11_status status = { .state = STATE_ERROR };
	uint32_t left_ms = DFU11_BUSY_MS;
	bool stalled = false;
	s0_code code;

	for (unsigned tries = 0; tries < SETTLE_TRIES;
	     tries += status.state != STATE_DNBUSY) {
		struct s0_error why = S0_ERROR_INIT;

		code = dfu11_get_status(dfu, &status, &why);
		if (code == S0_E_REFUSED && !stalled) {
			stalled = true;
			continue;
		}
		if (code == S0_OK && status.state == STATE_IDLE)
			return S0_OK;
		if (code == S0_OK)
			code = towards_idle(dfu, &status, &left_ms, &why);
		if (code != S0_OK) {
			if (err && err->code == S0_OK)
				*err = why;
			return code;
		}
	}
	return cannot_settle(&status, err);
}

/* The standard has the host wait at most what the device names. It may be gone
 * before it has acknowledged. */
s0_code dfu11_detach(struct dfu11 *dfu, uint16_t timeout_ms,
		     struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = dfu11_send(dfu, DFU_DETACH, timeout_ms, &why);

	if (code == S0_E_GONE)
		return S0_OK;
	if (code == S0_OK && !(dfu->attributes & DFU11_WILL_DETACH)) {
		code = usb_link_reset(dfu->link, &why);
		if (code == S0_E_GONE)
			return S0_OK;
	}
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}
