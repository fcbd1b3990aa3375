/* SPDX-License-Identifier: MIT */
/*
 * Transfers are handed over together where an error in the first leaves nothing
 * worse behind than if the others had waited for it (docs/protocol.md, "What is
 * queued"). A device, hub or host controller that cannot take that is noticed
 * by what it does, and gets one transfer at a time from then on.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/wire.h"
#include "proto/dfuse_internal.h"

static uint32_t wire_us10(const struct usb_transfer *t)
{
	if (t->request == DFU_GETSTATUS)
		return wire_status_us10();
	return wire_data_us10(t->length);
}

static const char *request_name(uint8_t request)
{
	static const char *const names[] = {
		[DFU_DNLOAD] = "DNLOAD",       [DFU_UPLOAD] = "UPLOAD",
		[DFU_GETSTATUS] = "GETSTATUS", [DFU_CLRSTATUS] = "CLRSTATUS",
		[DFU_ABORT] = "ABORT",
	};

	return names[request];
}

static void log_transfer(const struct dfuse *dfu, const struct usb_transfer *t)
{
	char line[160];

	(void)snprintf(line, sizeof line,
		       "%-9s value %u, %u of %u bytes, %s, %llu us",
		       request_name(t->request), t->value,
		       t->request_type & 0x80 ? t->moved : t->length, t->length,
		       s0_code_name(t->code),
		       (unsigned long long)(t->end_us - t->start_us));
	if (t->request == DFU_GETSTATUS && t->code == S0_OK && t->moved == 6)
		(void)snprintf(line + strlen(line), sizeof line - strlen(line),
			       ": %s, %s", dfuse_status_name(t->data[0]),
			       dfuse_state_name(t->data[4]));
	dfu->target.log(dfu->target.log_payload, line);
}

/* One by one, as the link would do it: behind silence there is no use. */
static void run_singly(struct usb_link *link, struct usb_transfer *transfers,
		       size_t count)
{
	bool silent = false;

	for (size_t i = 0; i < count; i++) {
		if (silent) {
			transfers[i].code = S0_E_TIMEOUT;
			transfers[i].usb_code = 0;
			transfers[i].moved = 0;
			transfers[i].start_us = transfers[i - 1].end_us;
			transfers[i].end_us = transfers[i - 1].end_us;
			continue;
		}
		link->ops->run(link, &transfers[i], 1);
		silent = transfers[i].code == S0_E_TIMEOUT;
	}
}

static void tally(struct dfuse *dfu, const struct usb_transfer *t)
{
	struct target_stats *stats = &dfu->target.stats;

	switch (t->code) {
	case S0_OK:
		stats->lost += dfu->ended == S0_E_TIMEOUT;
		stats->cut_short += !dfuse_came(t);
		break;
	case S0_E_GONE:
		stats->dropped += dfu->ended != S0_E_GONE;
		break;
	case S0_E_REFUSED:
		stats->refused++;
		break;
	case S0_E_TIMEOUT:
		break;
	default:
		stats->errors++;
	}
	dfu->ended = t->code;
}

void dfuse_run(struct dfuse *dfu, struct usb_transfer *transfers, size_t count)
{
	struct target_stats *stats = &dfu->target.stats;

	if (dfu->target.one_at_a_time)
		run_singly(dfu->link, transfers, count);
	else
		dfu->link->ops->run(dfu->link, transfers, count);
	for (size_t i = 0; i < count; i++) {
		stats->transfers++;
		stats->wire_us10 += wire_us10(&transfers[i]);
		stats->last_us = transfers[i].end_us;
		tally(dfu, &transfers[i]);
		if (dfu->target.log)
			log_transfer(dfu, &transfers[i]);
	}
}

void dfuse_add_request(const struct usb_transfer *t, struct s0_error *err)
{
	bool counted = t->request == DFU_DNLOAD || t->request == DFU_UPLOAD;

	error_add_usb(err, t->usb_code);
	error_add_request(err, t->request, counted ? t->value : S0_NO_FACT);
	if (t->code == S0_E_TIMEOUT)
		error_add_wait(err, (uint64_t)t->timeout_ms * 1000, 0);
}

s0_code dfuse_transfer_error(const struct usb_transfer *t, struct s0_error *err)
{
	const char *name = request_name(t->request);

	dfuse_add_request(t, err);
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
		return error_set(err, t->code,
				 "the USB link failed during %s (code %d)",
				 name, t->usb_code);
	}
}

bool dfuse_came(const struct usb_transfer *t)
{
	return t->code == S0_OK &&
	       (!(t->request_type & 0x80) || t->moved == t->length);
}

void dfuse_distrust(struct dfuse *dfu)
{
	dfu->target.one_at_a_time = true;
	if (dfu->target.log)
		dfu->target.log(dfu->target.log_payload,
				"from here on one transfer at a time");
}

/* A STALL of the second behind dfuDNBUSY means that it came too early. */
static bool too_early(const struct usb_transfer *asks, size_t count)
{
	return count > 1 && asks[0].data[4] == STATE_DNBUSY &&
	       asks[1].code == S0_E_REFUSED;
}

/*
 * Asking is safe to repeat: it starts what was to be started and has not been,
 * or waits for it. The DNLOAD in front is not sent again, whatever became of
 * it. Any other state says that the device had seen what it refused.
 */
void dfuse_ask_again(struct dfuse *dfu, const struct command *command,
		     struct usb_transfer *asks, size_t count)
{
	struct s0_error why = S0_ERROR_INIT;
	struct usb_transfer failed;
	struct status status;

	if (count && dfuse_came(asks)) {
		if (!too_early(asks, count))
			dfuse_ask_again(dfu, command, asks + 1, count - 1);
		return;
	}
	if (!count || asks->code == S0_E_GONE)
		return;
	failed = *asks;
	(void)dfuse_parse_status(asks, &status, &why);
	dfuse_run(dfu, asks, 1);
	if (!dfuse_came(asks) || (asks->data[4] != STATE_DNBUSY &&
				  asks->data[4] != STATE_DNLOAD_IDLE)) {
		*asks = failed;
		return;
	}
	why.address = command->address;
	why.length = command->address != 0;
	target_note_retries(&dfu->target, 1, &why);
	dfu->suspected = !dfu->target.one_at_a_time;
	dfuse_run(dfu, asks + 1, count - 1);
}

/* One that is lost again behind another, and comes again by itself. */
void dfuse_try_queue(struct dfuse *dfu)
{
	uint8_t answers[2][6] = { { 0 } };
	struct usb_transfer asks[2] = {
		dfuse_ask_status(answers[0], TIMEOUT_ALIVE_MS),
		dfuse_ask_status(answers[1], TIMEOUT_ALIVE_MS),
	};

	dfu->suspected = false;
	dfuse_run(dfu, asks, 2);
	if (!dfuse_came(&asks[0]) || dfuse_came(&asks[1]))
		return;
	dfuse_run(dfu, &asks[1], 1);
	if (dfuse_came(&asks[1]))
		dfuse_distrust(dfu);
}
