/* SPDX-License-Identifier: MIT */
/*
 * The DfuSe state machine from the host's side; docs/protocol.md tells it in
 * words. Facts about the ROMs: AN3156 rev 18, ST's usbd_dfu.c (the code base
 * of the newer ROMs), and reports of users named there.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/wire.h"
#include "proto/dfuse_internal.h"

static const char *const status_names[] = {
	"OK",	      "errTARGET",	 "errFILE",	"errWRITE",
	"errERASE",   "errCHECK_ERASED", "errPROG",	"errVERIFY",
	"errADDRESS", "errNOTDONE",	 "errFIRMWARE", "errVENDOR",
	"errUSBR",    "errPOR",		 "errUNKNOWN",	"errSTALLEDPKT",
};

static const char *const state_names[] = {
	"appIDLE",	    "appDETACH",   "dfuIDLE",
	"dfuDNLOAD-SYNC",   "dfuDNBUSY",   "dfuDNLOAD-IDLE",
	"dfuMANIFEST-SYNC", "dfuMANIFEST", "dfuMANIFEST-WAIT-RESET",
	"dfuUPLOAD-IDLE",   "dfuERROR",
};

const char *dfuse_status_name(unsigned status)
{
	return status < sizeof status_names / sizeof status_names[0]
		       ? status_names[status]
		       : "unknown status";
}

const char *dfuse_state_name(unsigned state)
{
	return state < sizeof state_names / sizeof state_names[0]
		       ? state_names[state]
		       : "unknown state";
}

static struct usb_transfer out(uint8_t request, uint16_t value, uint8_t *data,
			       uint16_t length, uint32_t timeout_ms)
{
	return (struct usb_transfer){ .request_type = 0x21,
				      .request = request,
				      .value = value,
				      .data = data,
				      .length = length,
				      .timeout_ms = timeout_ms };
}

struct usb_transfer dfuse_ask_status(uint8_t answer[6], uint32_t timeout_ms)
{
	return (struct usb_transfer){ .request_type = 0xa1,
				      .request = DFU_GETSTATUS,
				      .data = answer,
				      .length = 6,
				      .timeout_ms = timeout_ms };
}

s0_code dfuse_simple(struct dfuse *dfu, uint8_t request, uint32_t timeout_ms,
		     struct s0_error *err)
{
	struct usb_transfer t = out(request, 0, NULL, 0, timeout_ms);

	dfuse_run(dfu, &t, 1);
	return t.code == S0_OK ? S0_OK : dfuse_transfer_error(&t, err);
}

s0_code dfuse_parse_status(const struct usb_transfer *t,
			   struct status *ret_status, struct s0_error *err)
{
	if (t->code != S0_OK)
		return dfuse_transfer_error(t, err);
	if (t->moved != 6)
		return error_set(err, S0_E_PROTOCOL,
				 "the device answered GETSTATUS with %u "
				 "bytes instead of 6",
				 t->moved);
	ret_status->status = t->data[0];
	ret_status->poll_ms = get_le24(t->data + 1);
	ret_status->state = t->data[4];
	return S0_OK;
}

s0_code dfuse_get_status(struct dfuse *dfu, uint32_t timeout_ms,
			 struct status *ret_status, struct s0_error *err)
{
	uint8_t answer[6];
	struct usb_transfer t = dfuse_ask_status(answer, timeout_ms);

	dfuse_run(dfu, &t, 1);
	return dfuse_parse_status(&t, ret_status, err);
}

/* AN3156: read-out protection is answered with errVENDOR. Newer ROMs say so of
 * any operation that failed (ST's usbd_dfu.c 2.11.2), so it is believed where
 * the option bytes do not deny it; else it may be write protection. */
s0_code dfuse_refused(struct dfuse *dfu, const struct status *status,
		      const char *what, uint32_t address, uint32_t length,
		      struct s0_error *err)
{
	bool vendor = status->status == DFU_ERR_VENDOR;
	bool protected = vendor && dfu->target.rdp != 0;
	char at[24] = "";

	error_add_dfu(err, status->status, status->state);
	error_add_request(err, DFU_DNLOAD, S0_NO_FACT);
	if (vendor)
		error_add_cause(err, protected ? S0_CAUSE_READ_OUT
					       : S0_CAUSE_NO_EFFECT);
	if (address || length)
		(void)snprintf(at, sizeof at, " at 0x%08x", address);
	/* The link or what is between may have one. */
	if (status->status == DFU_STATUS_OK)
		return error_set_at(err, S0_E_REFUSED, address, length,
				    "the device gives no reason why it refused "
				    "%s%s (state %s)",
				    what, at, dfuse_state_name(status->state));
	return error_set_at(err, protected ? S0_E_PROTECTED : S0_E_REFUSED,
			    address, length,
			    "the device refused %s%s (status %s, state %s)",
			    what, at, dfuse_status_name(status->status),
			    dfuse_state_name(status->state));
}

bool dfuse_go_on(struct dfuse *dfu, uint32_t done)
{
	return !dfu->target.go_on ||
	       dfu->target.go_on(dfu->target.payload, done);
}

s0_code dfuse_cancelled(struct dfuse *dfu, struct s0_error *err)
{
	(void)dfuse_settle(&dfu->target, NULL);
	return error_set(err, S0_E_CANCELLED, "stopped as asked");
}

/* One step towards dfuIDLE from the state the device is in. */
static s0_code towards_idle(struct dfuse *dfu, const struct status *status,
			    struct s0_error *err)
{
	struct s0_error ignored = S0_ERROR_INIT;
	s0_code code;

	switch (status->state) {
	case STATE_DNLOAD_SYNC:
	case STATE_DNLOAD_IDLE:
	case STATE_MANIFEST_SYNC:
	case STATE_UPLOAD_IDLE:
		return dfuse_simple(dfu, DFU_ABORT, TIMEOUT_MS, err);
	default:
		/* dfuERROR, and what a ROM gets stuck in: there CLRSTATUS
		 * leads to dfuERROR first, or is stalled (STM32C5). */
		code = dfuse_simple(dfu, DFU_CLRSTATUS, TIMEOUT_MS, &ignored);
		if (code == S0_OK || code == S0_E_REFUSED)
			return S0_OK;
		if (err && err->code == S0_OK)
			*err = ignored;
		return code;
	}
}

s0_code dfuse_settle_within(struct dfuse *dfu, uint32_t busy_limit_ms,
			    struct s0_error *err)
{
	struct s0_error ignored = S0_ERROR_INIT;
	struct status status = { 0 };
	s0_code code;

	/* ABORT first: a GETSTATUS would carry out a command that an earlier
	 * program left pending. Where ABORT is refused it changes nothing. */
	code = dfuse_simple(dfu, DFU_ABORT, TIMEOUT_SETTLE_MS, &ignored);
	if (code != S0_OK && code != S0_E_REFUSED) {
		if (err && err->code == S0_OK)
			*err = ignored;
		return code;
	}
	for (int tries = 0; tries < 8; tries++) {
		code = dfuse_status_or_busy(dfu, busy_limit_ms, &status, err);
		if (code != S0_OK)
			return code;
		if (status.state == STATE_IDLE && status.status == 0)
			return S0_OK;
		code = towards_idle(dfu, &status, err);
		if (code != S0_OK)
			return code;
	}
	error_add_dfu(err, status.status, status.state);
	error_add_cause(err, S0_CAUSE_WEDGED);
	return error_set(err, S0_E_PROTOCOL,
			 "the bootloader does not come back to dfuIDLE (status "
			 "%s, state %s)",
			 dfuse_status_name(status.status),
			 dfuse_state_name(status.state));
}

s0_code dfuse_settle(struct target *target, struct s0_error *err)
{
	/* An erase that another program began may still be running, in the
	 * slowest setting. */
	return dfuse_settle_within((struct dfuse *)target,
				   2 * target->times.erase_max_us / 1000, err);
}

/* A stalled DNLOAD: the device tells why in its status, if it does. */
static s0_code dnload_refused(struct dfuse *dfu, const struct usb_transfer *t,
			      const struct command *command,
			      struct s0_error *err)
{
	struct status status;

	if (t[0].code == S0_E_REFUSED &&
	    dfuse_parse_status(&t[1], &status, NULL) == S0_OK)
		return dfuse_refused(dfu, &status, command->what,
				     command->address, command->about, err);
	return dfuse_transfer_error(&t[0], err);
}

/* When the next one of its kind is to be looked at, of which this one was seen
 * to be over after that time: a little earlier, for it was over before the look.
 * Not where the device refuses to tell until the time is over that it had named,
 * which shows in a STALL just before. */
static uint64_t next_look_us(const struct dfuse *dfu, uint64_t took_us,
			     uint64_t told_us, uint64_t usual_us)
{
	bool refused = dfu->stalled_ms * UINT64_C(1000) + 2000 + told_us / 16 >=
		       told_us;

	if (told_us && took_us >= told_us && took_us - told_us < 2000 &&
	    ((dfu->stalled_ms && refused) || usual_us == told_us))
		return told_us;
	return took_us - took_us / 32;
}

static s0_code wait_until_done(struct dfuse *dfu, struct command *command,
			       struct s0_error *err)
{
	uint64_t start = dfu->link->ops->now_us(dfu->link), took;
	uint64_t told_us = command->status.poll_ms * UINT64_C(1000);
	s0_code code = dfuse_wait_while_busy(
		dfu, &command->status,
		command->usual_us ? *command->usual_us : 0,
		command->busy_limit_ms, command->timeout_ms, err);

	took = dfu->link->ops->now_us(dfu->link) - start;
	command->busy_us += took;
	if (command->usual_us && code == S0_OK &&
	    command->status.state == STATE_DNLOAD_IDLE)
		*command->usual_us =
			next_look_us(dfu, took, told_us, *command->usual_us);
	return code;
}

/* The operation runs inside the first GETSTATUS on most ROMs, inside the second
 * on older ones (fwupd pull 1944). */
static uint64_t time_inside(const struct usb_transfer *asks)
{
	uint64_t longest = asks[0].end_us - asks[0].start_us;

	if (asks[1].end_us - asks[1].start_us > longest)
		longest = asks[1].end_us - asks[1].start_us;
	return longest > wire_status_us10() / 10
		       ? longest - wire_status_us10() / 10
		       : 0;
}

s0_code dfuse_command(struct dfuse *dfu, struct command *command,
		      struct s0_error *err)
{
	uint8_t first[6] = { 0 }, second[6] = { 0 };
	struct usb_transfer t[3] = {
		out(DFU_DNLOAD, command->block, command->data, command->length,
		    TIMEOUT_MS),
		dfuse_ask_status(first, command->timeout_ms),
		dfuse_ask_status(second, command->timeout_ms),
	};
	size_t asks = dfu->asks_late ? 1 : 2;
	s0_code code;

	/* Safe to queue: after a refused DNLOAD the two only ask. The next
	 * DNLOAD is never among them. */
	dfuse_run(dfu, t, 1 + asks);
	if (t[0].code != S0_OK)
		return dnload_refused(dfu, t, command, err);
	dfuse_ask_again(dfu, command, t + 1, asks);
	code = dfuse_parse_status(&t[1], &command->status, err);
	if (code == S0_OK && asks == 2 && command->status.state != STATE_ERROR)
		code = dfuse_second_status(dfu, &t[2], &command->status, err);
	if (code != S0_OK)
		return code;
	command->busy_us = time_inside(t + 1);
	if (command->status.state == STATE_DNBUSY)
		code = wait_until_done(dfu, command, err);
	if (code == S0_OK && command->status.state == STATE_DNLOAD_IDLE &&
	    dfu->suspected)
		dfuse_try_queue(dfu);
	if (code != S0_OK || command->status.state == STATE_DNLOAD_IDLE ||
	    command->status.state == STATE_DNBUSY)
		return code;
	return dfuse_refused(dfu, &command->status, command->what,
			     command->address, command->about, err);
}

s0_code dfuse_set_address(struct dfuse *dfu, uint32_t address,
			  struct s0_error *err)
{
	uint8_t data[5] = { 0x21 };
	struct command command = { .data = data,
				   .length = sizeof data,
				   .timeout_ms = TIMEOUT_MS,
				   .busy_limit_ms = TIMEOUT_MS,
				   .usual_us = &dfu->usual_point_us,
				   .what = "the address pointer",
				   .address = address };
	s0_code code;

	put_le32(data + 1, address);
	code = dfuse_command(dfu, &command, err);
	if (code == S0_OK && command.status.state == STATE_DNBUSY)
		return dfuse_refused(dfu, &command.status, command.what,
				     address, 0, err);
	return code;
}
