/* SPDX-License-Identifier: MIT */
#include "device/context.h"

#include <sector0/sector0.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/libusb/usb_discover.h"

const char *s0_version(void)
{
	return SECTOR0_VERSION;
}

s0_code s0_context_new(struct s0_context **ret_context, struct s0_error *err)
{
	struct s0_context *context = calloc(1, sizeof *context);

	if (!context)
		return error_memory(err);
	s0_context_set_patience(context, NULL);
	*ret_context = context;
	return S0_OK;
}

void s0_context_free(struct s0_context *context)
{
	if (!context)
		return;
	usb_host_free(context->usb);
	context_chips_free(context);
	free(context->state_dir);
	free(context);
}

void s0_context_set_log(struct s0_context *context, s0_log_fn log,
			void *payload)
{
	context->log = log;
	context->log_payload = payload;
}

void s0_context_set_patience(struct s0_context *context,
			     const struct s0_patience *patience)
{
	static const struct s0_patience usual = { .reconnect_ms =
							  S0_RECONNECT_MS };

	context->patience = patience ? *patience : usual;
}

s0_code s0_context_set_state_dir(struct s0_context *context, const char *path,
				 struct s0_error *err)
{
	char *copy = NULL;

	if (path) {
		copy = malloc(strlen(path) + 1);
		if (!copy)
			return error_memory(err);
		strcpy(copy, path);
	}
	free(context->state_dir);
	context->state_dir = copy;
	return S0_OK;
}

void s0_context_set_date(struct s0_context *context, uint32_t date_s)
{
	context->date_s = date_s;
}

s0_code s0_context_set_chip(struct s0_context *context, const char *name,
			    struct s0_error *err)
{
	const struct s0_chip *chip =
		name ? s0_context_chip_find(context, name) : NULL;

	if (name && !chip)
		return error_set(err, S0_E_USAGE, "unknown chip '%s'", name);
	context->chip = chip;
	return S0_OK;
}

void s0_context_set_recorder(struct s0_context *context,
			     struct s0_recorder *recorder)
{
	context->recorder = recorder;
}

void s0_context_set_replay(struct s0_context *context, struct s0_replay *replay)
{
	context->replay = replay;
}

void context_log(const struct s0_context *context, const char *format, ...)
{
	char line[512];
	va_list args;

	if (!context->log)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	context->log(context->log_payload, line);
}

s0_code context_wait(const struct s0_context *context, struct s0_error *why)
{
	const struct s0_patience *patience = &context->patience;
	char what[sizeof why->message + 32];

	struct s0_error missing = *why;

	if (!patience->appear)
		return why->code;
	(void)snprintf(what, sizeof what, "%s; waiting for it (Ctrl-C ends)",
		       why->message);
	if (!patience->waiting || patience->waiting(patience->payload, what))
		return S0_OK;
	*why = (struct s0_error)S0_ERROR_INIT;
	return error_set(why, S0_E_CANCELLED,
			 "stopped as asked while the device was waited for: "
			 "%s",
			 missing.message);
}

s0_code context_usb(struct s0_context *context, struct usb_host **ret_host,
		    struct s0_error *err)
{
	s0_code code = S0_OK;

	if (!context->usb)
		code = usb_host_new(&context->usb, err);
	if (code == S0_OK)
		*ret_host = context->usb;
	return code;
}
