/* SPDX-License-Identifier: MIT */
/* The raw facts of a failure, in the standard's words (DFU 1.1). */
#include <stdio.h>

#include <sector0/error.h>

#include "base/text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *pick(const char *const *names, size_t count, int value)
{
	return value >= 0 && (size_t)value < count ? names[value] : NULL;
}

const char *s0_request_name(int request)
{
	static const char *const names[] = { "DETACH",	  "DNLOAD",
					     "UPLOAD",	  "GETSTATUS",
					     "CLRSTATUS", "GETSTATE",
					     "ABORT" };

	return pick(names, COUNT(names), request);
}

const char *s0_dfu_state_name(int state)
{
	static const char *const names[] = {
		"appIDLE",	    "appDETACH",   "dfuIDLE",
		"dfuDNLOAD-SYNC",   "dfuDNBUSY",   "dfuDNLOAD-IDLE",
		"dfuMANIFEST-SYNC", "dfuMANIFEST", "dfuMANIFEST-WAIT-RESET",
		"dfuUPLOAD-IDLE",   "dfuERROR"
	};

	return pick(names, COUNT(names), state);
}

const char *s0_dfu_status_name(int status)
{
	static const char *const names[] = {
		"OK",	      "errTARGET",	 "errFILE",	"errWRITE",
		"errERASE",   "errCHECK_ERASED", "errPROG",	"errVERIFY",
		"errADDRESS", "errNOTDONE",	 "errFIRMWARE", "errVENDOR",
		"errUSBR",    "errPOR",		 "errUNKNOWN",	"errSTALLEDPKT"
	};

	return pick(names, COUNT(names), status);
}

/* A name where there is one, else the number. */
static void add_named(struct text *text, const char *label, int value,
		      const char *name)
{
	if (value == S0_NO_FACT)
		return;
	text_add(text, text->length ? ", %s " : "%s ", label);
	if (name)
		text_add(text, "%s", name);
	else
		text_add(text, "%d", value);
}

static void add_count(struct text *text, const char *before, uint32_t count,
		      const char *behind)
{
	if (count)
		text_add(text, "%s%s%u%s", text->length ? ", " : "", before,
			 count, behind);
}

void s0_error_print_facts(const struct s0_error *err, char *buffer, size_t size)
{
	struct text text = { 0 };

	add_named(&text, "request", err->request,
		  s0_request_name(err->request));
	add_named(&text, "block", err->block, NULL);
	add_named(&text, "status", err->dfu_status,
		  s0_dfu_status_name(err->dfu_status));
	add_named(&text, "state", err->dfu_state,
		  s0_dfu_state_name(err->dfu_state));
	if (err->usb_code)
		add_named(&text, "USB code", err->usb_code, NULL);
	add_count(&text, "waited ", err->waited_ms, " ms");
	add_count(&text, "", err->retries,
		  err->retries == 1 ? " retry" : " retries");
	if (err->segment[0])
		text_add(&text, "%s%s", text.length ? ", " : "", err->segment);
	(void)snprintf(buffer, size, "%s", text_chars(&text));
	text_free(&text);
}
