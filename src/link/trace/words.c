/* SPDX-License-Identifier: MIT */
/* What stands in a trace, in words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "link/trace/trace.h"

#define CLASS_OUT 0x21
#define CLASS_IN  0xa1

enum { DNLOAD = 1, UPLOAD = 2 };

const char *s0_trace_request_name(uint8_t request)
{
	static const char *const names[] = {
		"DETACH",    "DNLOAD",	 "UPLOAD", "GETSTATUS",
		"CLRSTATUS", "GETSTATE", "ABORT",
	};

	return request < sizeof names / sizeof names[0] ? names[request]
							: "request";
}

/* DNLOAD with wValue 0: AN3156, DfuSe commands. */
static void command_words(char words[TRACE_WORDS], uint16_t length,
			  const uint8_t *data)
{
	if (data && length == 5 && data[0] == 0x21)
		(void)snprintf(words, TRACE_WORDS, "Set Address 0x%08x",
			       (unsigned)get_le32(data + 1));
	else if (data && length == 5 && data[0] == 0x41)
		(void)snprintf(words, TRACE_WORDS, "Erase 0x%08x",
			       (unsigned)get_le32(data + 1));
	else if (data && length == 1 && data[0] == 0x41)
		(void)snprintf(words, TRACE_WORDS, "Mass Erase");
	else if (data && length == 1 && data[0] == 0x92)
		(void)snprintf(words, TRACE_WORDS, "Read Unprotect");
	else
		(void)snprintf(words, TRACE_WORDS, "command, %u byte%s", length,
			       length == 1 ? "" : "s");
}

void trace_request_words(char words[TRACE_WORDS], uint8_t request_type,
			 uint8_t request, uint16_t value, uint16_t length,
			 const uint8_t *data)
{
	if (request_type == CLASS_OUT && request == DNLOAD && length == 0)
		(void)snprintf(words, TRACE_WORDS, "Leave");
	else if (request_type == CLASS_OUT && request == DNLOAD && value == 0)
		command_words(words, length, data);
	else if (request_type == CLASS_IN && request == UPLOAD && value == 0)
		(void)snprintf(words, TRACE_WORDS, "Get Commands, %u bytes",
			       length);
	else if ((request_type == CLASS_OUT && request == DNLOAD) ||
		 (request_type == CLASS_IN && request == UPLOAD))
		(void)snprintf(words, TRACE_WORDS, "block %u, %u bytes", value,
			       length);
	else if (request_type != CLASS_OUT && request_type != CLASS_IN)
		(void)snprintf(words, TRACE_WORDS,
			       "0x%02x 0x%02x, value 0x%04x, %u bytes",
			       request_type, request, value, length);
	else
		words[0] = '\0';
}

static void transfer_words(char words[TRACE_WORDS],
			   const struct trace_event *event)
{
	bool out = !(event->request_type & 0x80);
	char what[TRACE_WORDS];

	trace_request_words(what, event->request_type, event->request,
			    event->value, event->length,
			    out ? event->data : NULL);
	(void)snprintf(words, TRACE_WORDS, "%s%s%.120s",
		       s0_trace_request_name(event->request),
		       what[0] != '\0' ? " " : "", what);
}

void trace_event_words(char words[TRACE_WORDS], const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_TRANSFER:
		transfer_words(words, event);
		break;
	case TRACE_STRING:
		(void)snprintf(words, TRACE_WORDS, "string %u", event->value);
		break;
	case TRACE_SET_ALT:
		(void)snprintf(words, TRACE_WORDS, "alternate setting %u",
			       event->value);
		break;
	case TRACE_WAIT:
		(void)snprintf(words, TRACE_WORDS, "wait %u ms",
			       (unsigned)event->ms);
		break;
	case TRACE_REOPEN:
		(void)snprintf(words, TRACE_WORDS, "reopen within %u ms",
			       (unsigned)event->ms);
		break;
	case TRACE_RESET:
		(void)snprintf(words, TRACE_WORDS, "reset");
		break;
	case TRACE_OPEN:
		(void)snprintf(words, TRACE_WORDS, "open a device");
		break;
	case TRACE_FIND:
		(void)snprintf(words, TRACE_WORDS, "look for devices");
		break;
	case TRACE_RECORDS_WRITTEN:
		(void)snprintf(words, TRACE_WORDS, "%s, %" PRIu64 " write%s",
			       event->synced ? "sync the records"
					     : "close the records",
			       event->count, event->count == 1 ? "" : "s");
		break;
	case TRACE_CLOSE:
		(void)snprintf(words, TRACE_WORDS, "close");
		break;
	default:
		(void)snprintf(words, TRACE_WORDS, "nothing");
	}
}
