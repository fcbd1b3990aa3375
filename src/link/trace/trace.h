/* SPDX-License-Identifier: MIT */
#ifndef LINK_TRACE_TRACE_H
#define LINK_TRACE_TRACE_H

/*
 * Traces: a link that writes down what passes through another one, and one
 * that answers from what was written down. The format is sector0-trace(5); the
 * public face is sector0/trace.h.
 */

#include <stdbool.h>

#include <sector0/device.h>
#include <sector0/trace.h>

#include "base/sha256.h"
#include "link/store.h"
#include "link/usb_link.h"

/* Version of the format. One that older programs would misread gets a new
 * number; objects and fields that they do not know they leave alone. */
#define TRACE_FORMAT 1

/* jansson's; only this folder looks inside. */
struct json_t;

/* ---- what a trace holds (read.c) ---- */

enum trace_kind {
	TRACE_HEAD,
	TRACE_INPUT,
	TRACE_FIND,
	TRACE_OPEN,
	TRACE_STRING,
	TRACE_SET_ALT,
	TRACE_BEGIN, /* transfers are handed over: theirs come next */
	TRACE_TRANSFER,
	TRACE_WAIT,
	TRACE_NOW,
	TRACE_REOPEN,
	TRACE_RESET,
	TRACE_CLOSE,
	TRACE_RECORDS,	       /* what the host's records held */
	TRACE_RECORDS_WRITTEN, /* since the last of these */
	TRACE_RECORDS_FAILED,  /* a use of them failed */
	TRACE_CANCEL,
	TRACE_OUTCOME,
	TRACE_OTHER /* of a later program */
};

/* One line. Only what its kind has is set. */
struct trace_event {
	enum trace_kind kind;
	const char *text; /* the line itself */
	size_t text_length;
	unsigned link;	 /* from 1; 0: none */
	uint64_t number; /* of the transfer, from 1 */
	uint8_t request_type, request;
	uint16_t value; /* wValue, string index, alternate setting */
	uint16_t length;
	uint32_t ms; /* time-out or wait */
	uint8_t batch_at, batch_of;
	s0_code code;
	int usb_code;
	uint16_t moved;
	uint8_t *data; /* out, in, string, records */
	size_t data_length;
	uint64_t start_us, end_us; /* link's clock, since it was opened */
	uint64_t count;		   /* of what came since the last event,
				    * or of transfers that begin */
	uint64_t bytes;		   /* written to the records */
	bool told;		   /* records: what is written follows */
	bool synced;		   /* written records: safe now */
	struct json_t *object;	   /* what is read where it is needed */
};

struct s0_trace {
	char name[64];
	struct trace_event *events;
	size_t count, capacity;
	struct s0_trace_head head;
	const char **words;
	size_t bytes_left; /* for the data of further events */
	struct s0_trace_outcome outcome;
	bool ended; /* there is an outcome */
};

/* read_facts.c */
/* A field that is text; NULL. Owned by the event. */
const char *trace_text(const struct trace_event *event, const char *key);
/* A field that is a number from 0 to most, else 0. */
uint64_t trace_number(const struct trace_event *event, const char *key,
		      uint64_t most);
bool trace_flag(const struct trace_event *event, const char *key);
/* Bytes written as "0102 ff*1000": their number, SIZE_MAX if it is not well
 * written or more than size. bytes may be NULL: only counts. */
size_t trace_hex(const char *text, uint8_t *bytes, size_t size);
/* Bytes of a field; 0 if there are none, or too many. */
size_t trace_bytes(const struct trace_event *event, const char *key,
		   uint8_t *bytes, size_t size);
/* The failure in an event; S0_OK if it holds none. */
s0_code trace_error(const struct trace_event *event, struct s0_error *err);
/* The facts of a link that was opened; its configuration descriptor is
 * allocated. */
s0_code trace_facts(const struct trace_event *event,
		    struct usb_link_facts *facts, uint8_t **ret_config,
		    struct s0_error *err);
/* Elements of a list in an event, each as an event with nothing but object. */
size_t trace_list_count(const struct trace_event *event, const char *key);
struct trace_event trace_list_at(const struct trace_event *event,
				 const char *key, size_t index);

/* words.c */
#define TRACE_WORDS 160
/* "Set Address 0x08000000", "block 2, 1024 bytes", …: what a DFU request means;
 * data may be NULL where it is not known. */
void trace_request_words(char words[TRACE_WORDS], uint8_t request_type,
			 uint8_t request, uint16_t value, uint16_t length,
			 const uint8_t *data);
/* What an event is, in short. */
void trace_event_words(char words[TRACE_WORDS],
		       const struct trace_event *event);

/* ---- what is written to the host's records (records_sum.c) ---- */

/* Writes to them, being summed up; cutting them is a write of no bytes. */
struct records_sum {
	struct sha256 sha;
	uint64_t count, bytes;
};

void records_sum_start(struct records_sum *sum);
void records_sum_write(struct records_sum *sum, uint64_t offset,
		       const void *bytes, size_t length);
void records_sum_cut(struct records_sum *sum, uint64_t length);

/* ---- recording (record*.c) ---- */

struct s0_recorder {
	s0_sink_fn write;
	void *payload;
	bool failed;
	uint64_t wall_us; /* host's clock at the first line */
	unsigned links;
	uint64_t transfers;
	uint64_t stops; /* asked since the last line: is a stop wanted? */
	bool stopped;
};

/* Write one line; takes the object over. NULL counts as lost. */
void recorder_write(struct s0_recorder *recorder, struct json_t *object);

/* What is to be known of an opened device beside its link. */
struct trace_opened {
	const char *selector; /* as asked for; may be NULL */
	bool virtual_device;
};

/* A link that records another, which it takes over. Where that is not possible
 * the trace is incomplete and *link as it was. */
void recorder_wrap_link(struct s0_recorder *recorder,
			const struct trace_opened *opened,
			struct usb_link **link);
/* A device could not be opened. */
void recorder_add_open_failure(struct s0_recorder *recorder,
			       const char *selector,
			       const struct s0_error *err);
/* What was found on the bus. */
void recorder_add_found(struct s0_recorder *recorder,
			const struct s0_candidate *found, size_t count,
			const struct s0_error *err);
/* Likewise a store of the host's records. */
void recorder_wrap_records(struct s0_recorder *recorder, struct store **store);
/* Asked whether a stop is wanted, the answer was … */
void recorder_add_stop(struct s0_recorder *recorder, bool stop);

/* ---- replaying (replay*.c) ---- */

struct s0_replay {
	const struct s0_trace *trace;
	size_t at;	     /* next event */
	size_t records_from; /* where the next records are looked for */
	uint64_t clock_us;
	unsigned links; /* opened so far */
	uint64_t transfers;
	uint64_t stops; /* asked since the last step: is a stop wanted? */
	bool stopped;
	bool differs;
	bool over; /* a cut trace has come to its end */
	struct s0_trace_difference difference;
};

/* The next event that must be of that kind, passed; NULL if it is not: then
 * this is the difference. now: what is asked for, in words. */
const struct trace_event *replay_take(struct s0_replay *replay,
				      enum trace_kind kind, const char *now);
/* Note a difference, if it is the first. */
void replay_differs(struct s0_replay *replay, const struct trace_event *event,
		    const char *field, const char *recorded, const char *found);
/* A link that answers from an event that was taken, TRACE_OPEN. */
s0_code replay_link_new(struct s0_replay *replay,
			const struct trace_event *event,
			struct usb_link **ret_link, struct s0_error *err);
/* The host's records as they were found. */
s0_code replay_records(struct s0_replay *replay, struct store **ret_store,
		       struct s0_error *err);
/* What the clock showed when it was looked at here; else the last time known. */
uint64_t replay_now_us(struct s0_replay *replay);
/* Was a stop asked for here? */
bool replay_stop(struct s0_replay *replay);

#endif
