/* SPDX-License-Identifier: MIT */
#ifndef DEVICE_CONTEXT_H
#define DEVICE_CONTEXT_H

#include <sector0/context.h>

struct usb_host;
struct s0_recorder;
struct s0_replay;
struct s0_chips;
struct s0_chip;

struct s0_context {
	s0_log_fn log;
	void *log_payload;
	struct usb_host *usb;	      /* NULL until first needed */
	char *state_dir;	      /* NULL: none */
	struct s0_recorder *recorder; /* NULL: nothing is recorded */
	struct s0_replay *replay;     /* devices are a trace's; NULL: real */
	struct s0_patience patience;
	uint32_t date_s;	 /* 0: not known */
	struct s0_chips **chips; /* added ones, in their order */
	size_t chips_count;
	const struct s0_chip *chip; /* that devices are; NULL: not told */
};

/* One debug line, if somebody listens. */
void context_log(const struct s0_context *context, const char *format, ...)
	S0_PRINTF(2, 3);

/*
 * Say that a device is waited for which is not there, and why not.
 * @retval S0_OK          look again
 * @retval S0_E_CANCELLED stopped while it was waited for; *why says so
 * @return else why->code: nothing is waited for
 */
s0_code context_wait(const struct s0_context *context, struct s0_error *why);

/* Forget the chips that were added. */
void context_chips_free(struct s0_context *context);

/* This host's USB, opened when first asked for. */
s0_code context_usb(struct s0_context *context, struct usb_host **ret_host,
		    struct s0_error *err);

#endif
