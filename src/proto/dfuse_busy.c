/* SPDX-License-Identifier: MIT */
/*
 * A device that is busy says so, or stalls the GETSTATUS that came too early:
 * the F0, F3 and L4 do (dfu-util forgives an L4 three times), and F7s when they
 * write (fwupd issue 2696). Which of the two is found out by what it does.
 */
#include "base/error.h"
#include "proto/dfuse_internal.h"

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* A STALL is dfuDNBUSY, told in another way; why it was is left in *stall. */
static s0_code ask(struct dfuse *dfu, uint32_t timeout_ms,
		   struct status *status, struct s0_error *stall,
		   struct s0_error *err)
{
	s0_code code;

	*stall = (struct s0_error)S0_ERROR_INIT;
	code = dfuse_get_status(dfu, timeout_ms, status, stall);
	if (code == S0_E_REFUSED)
		return S0_OK;
	if (code != S0_OK && err && err->code == S0_OK)
		*err = *stall;
	return code;
}

/* Behind a STALL twice as long as so far, but not past the end of the time that
 * the device has named: that is when those that stall will answer. */
static uint64_t next_pause(bool stalled, uint64_t waited, uint32_t poll_ms)
{
	if (stalled && waited < poll_ms)
		return smaller(1 + waited, poll_ms - waited);
	return 1 + waited / 32;
}

/*
 * dfuDNBUSY may be true: give an operation that runs the time it may take. The
 * first look comes when the last one of its kind was over, for poll times lie
 * in both directions; the next ones a thirtieth of the waiting apart.
 */
s0_code dfuse_wait_while_busy(struct dfuse *dfu, struct status *status,
			      uint64_t usual_us, uint32_t limit_ms,
			      uint32_t timeout_ms, struct s0_error *err)
{
	uint64_t start = dfu->link->ops->now_us(dfu->link), waited = 0;
	uint64_t pause_ms = usual_us >= 1000 ? usual_us / 1000 : 1;
	struct s0_error stall = S0_ERROR_INIT;
	uint32_t most_ms = limit_ms;
	s0_code code = S0_OK;

	dfu->stalled_ms = 0;
	while (code == S0_OK && status->state == STATE_DNBUSY &&
	       waited < most_ms) {
		pause_ms = smaller(pause_ms, most_ms - waited);
		dfu->link->ops->wait_ms(dfu->link, (uint32_t)pause_ms);
		code = ask(dfu, timeout_ms, status, &stall, err);
		waited = (dfu->link->ops->now_us(dfu->link) - start) / 1000;
		if (stall.code != S0_OK)
			dfu->stalled_ms = (uint32_t)waited;
		pause_ms = next_pause(stall.code != S0_OK, waited,
				      status->poll_ms);
		/* dfuDNBUSY may be said for ever; who stalls is to answer. */
		most_ms = stall.code != S0_OK ? timeout_ms : limit_ms;
	}
	if (code != S0_OK || stall.code == S0_OK)
		return code;
	error_add_wait(&stall, waited * 1000, 0);
	if (err && err->code == S0_OK)
		*err = stall;
	return stall.code;
}

s0_code dfuse_second_status(struct dfuse *dfu, const struct usb_transfer *t,
			    struct status *status, struct s0_error *err)
{
	if (t->code != S0_E_REFUSED || status->state != STATE_DNBUSY)
		return dfuse_parse_status(t, status, err);
	dfu->asks_late = true;
	if (dfu->target.log)
		dfu->target.log(dfu->target.log_payload,
				"from here on it is asked later");
	return S0_OK;
}

s0_code dfuse_status_or_busy(struct dfuse *dfu, uint32_t limit_ms,
			     struct status *ret_status, struct s0_error *err)
{
	struct status status = { .state = STATE_DNBUSY };
	struct s0_error stall;
	s0_code code = ask(dfu, TIMEOUT_SETTLE_MS, &status, &stall, err);

	if (code == S0_OK && stall.code != S0_OK && !limit_ms) {
		if (err && err->code == S0_OK)
			*err = stall;
		return stall.code;
	}
	if (code == S0_OK && status.state == STATE_DNBUSY)
		code = dfuse_wait_while_busy(dfu, &status, 0, limit_ms,
					     TIMEOUT_SETTLE_MS, err);
	if (code == S0_OK)
		*ret_status = status;
	return code;
}
