/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const code_names[] = {
	[S0_OK] = "OK",
	[S0_E_BUG] = "E_BUG",
	[S0_E_MEMORY] = "E_MEMORY",
	[S0_E_NO_DEVICE] = "E_NO_DEVICE",
	[S0_E_SEVERAL] = "E_SEVERAL",
	[S0_E_ACCESS] = "E_ACCESS",
	[S0_E_BUSY] = "E_BUSY",
	[S0_E_NO_USB] = "E_NO_USB",
	[S0_E_GONE] = "E_GONE",
	[S0_E_TIMEOUT] = "E_TIMEOUT",
	[S0_E_PROTOCOL] = "E_PROTOCOL",
	[S0_E_REFUSED] = "E_REFUSED",
	[S0_E_FORMAT] = "E_FORMAT",
	[S0_E_FILE] = "E_FILE",
	[S0_E_OVERLAP] = "E_OVERLAP",
	[S0_E_EMPTY] = "E_EMPTY",
	[S0_E_OUTSIDE] = "E_OUTSIDE",
	[S0_E_PROTECTED] = "E_PROTECTED",
	[S0_E_NOT_ERASED] = "E_NOT_ERASED",
	[S0_E_MISMATCH] = "E_MISMATCH",
	[S0_E_DIFFERENT] = "E_DIFFERENT",
	[S0_E_NOT_BLANK] = "E_NOT_BLANK",
	[S0_E_CANCELLED] = "E_CANCELLED",
	[S0_E_UNSUPPORTED] = "E_UNSUPPORTED",
	[S0_E_USAGE] = "E_USAGE",
	[S0_E_UNREADABLE] = "E_UNREADABLE",
	[S0_E_CONFLICT] = "E_CONFLICT",
};

const char *s0_code_name(s0_code code)
{
	size_t count = sizeof code_names / sizeof code_names[0];

	if ((unsigned)code >= count || !code_names[code])
		return "E_?";
	return code_names[code];
}

const char *s0_aftermath_name(s0_aftermath aftermath)
{
	switch (aftermath) {
	case S0_UNTOUCHED:
		return "untouched";
	case S0_PARTIAL:
		return "partial";
	case S0_RESTORED:
		return "restored";
	case S0_UNKNOWN:
		break;
	}
	return "unknown";
}

void error_clear(struct s0_error *err)
{
	if (err)
		*err = (struct s0_error)S0_ERROR_INIT;
}

static s0_code set(struct s0_error *err, s0_code code, uint32_t address,
		   uint32_t length, const char *format, va_list args)
{
	if (!err || err->code != S0_OK)
		return code;
	err->code = code;
	err->address = address;
	err->length = length;
	(void)vsnprintf(err->message, sizeof err->message, format, args);
	return code;
}

s0_code error_set(struct s0_error *err, s0_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = set(err, code, 0, 0, format, args);
	va_end(args);
	return code;
}

s0_code error_set_at(struct s0_error *err, s0_code code, uint32_t address,
		     uint32_t length, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = set(err, code, address, length, format, args);
	va_end(args);
	return code;
}

void error_add_dfu(struct s0_error *err, int status, int state)
{
	if (!err || err->dfu_state != S0_NO_FACT)
		return;
	err->dfu_status = status;
	err->dfu_state = state;
}

void error_add_place(struct s0_error *err, uint32_t address, uint32_t length)
{
	size_t used;

	if (!err || err->code == S0_OK || err->length)
		return;
	err->address = address;
	err->length = length;
	used = strlen(err->message);
	(void)snprintf(err->message + used, sizeof err->message - used,
		       ", at 0x%08x", address);
}

void error_add_cause(struct s0_error *err, s0_cause cause)
{
	if (err && err->cause == S0_CAUSE_NONE)
		err->cause = cause;
}

void error_add_usb(struct s0_error *err, int usb_code)
{
	if (err && err->usb_code == 0)
		err->usb_code = usb_code;
}

void error_add_request(struct s0_error *err, int request, int block)
{
	if (!err || err->request != S0_NO_FACT)
		return;
	err->request = request;
	err->block = block;
}

void error_add_wait(struct s0_error *err, uint64_t waited_us, unsigned retries)
{
	if (!err)
		return;
	err->waited_ms += (uint32_t)((waited_us + 500) / 1000);
	err->retries += retries;
}

/* Names are the file's own: no more of each than leaves room for the other. */
#define NAME 30

void error_add_segment(struct s0_error *err, unsigned index, const char *file,
		       const char *section)
{
	if (!err || err->segment[0])
		return;
	(void)snprintf(err->segment, sizeof err->segment,
		       "segment %u of %.*s%s%.*s", index, NAME, file,
		       section[0] ? ", section " : "", NAME, section);
}

s0_code error_memory(struct s0_error *err)
{
	return error_set(err, S0_E_MEMORY, "out of memory");
}
