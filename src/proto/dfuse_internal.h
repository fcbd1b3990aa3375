/* SPDX-License-Identifier: MIT */
#ifndef PROTO_DFUSE_INTERNAL_H
#define PROTO_DFUSE_INTERNAL_H

#include "proto/dfu.h"
#include "proto/dfuse.h"

enum { DFU_STATUS_OK = 0, DFU_ERR_TARGET = 1, DFU_ERR_VENDOR = 11 };

/* Time-outs of single transfers, ms. USB allows a device 5 s for a request
 * without much work; an operation runs inside GETSTATUS, so that one gets what
 * the operation may take, and as much again for a worn part. */
#define TIMEOUT_MS	   5000u
#define TIMEOUT_SETTLE_MS  10000u
#define TIMEOUT_ERASE_MS   10000u /* at least; AN3156 gives no figure */
#define TIMEOUT_MASS_MS	   35000u /* at least; F4s are known to need 32 s */
#define TIMEOUT_ALIVE_MS   1000u  /* with nothing to be done */
#define TIMEOUT_SLOW_MS	   20000u /* a read behind a worn sector's erase */
#define TIMEOUT_PROGRAM_MS 5000u
#define TIMEOUT_LEAVE_MS   1000u

struct status {
	uint8_t status;
	uint8_t state;
	uint32_t poll_ms;
};

struct dfuse {
	struct target target; /* first, so that a target is a dfuse */
	struct usb_link *link;
	uint64_t usual_write_us, usual_erase_us, usual_point_us; /* dfuDNBUSY */
	s0_code ended;	     /* how the last transfer did */
	bool asks_late;	     /* it stalls a GETSTATUS that comes early */
	uint32_t stalled_ms; /* … and did at last after so long a wait */
	bool suspected;	 /* what was lost came by itself: was it the queue? */
	bool slow_read;	 /* the next read may have to wait long */
	uint8_t *buffer; /* USB_LINK_BATCH blocks */
};

/* What a DNLOAD came to, with the two GETSTATUS that run it. */
struct command {
	uint8_t *data;
	uint16_t length;
	uint16_t block;		/* wValue */
	uint32_t timeout_ms;	/* of the operation */
	uint32_t busy_limit_ms; /* how long dfuDNBUSY is believed */
	struct status status;	/* the last */
	uint64_t busy_us;	/* the device worked, as far as seen */
	uint64_t *usual_us; /* how long it says dfuDNBUSY, learnt; or NULL */
	const char *what;   /* "the erase", for messages */
	uint32_t address;   /* for messages */
	uint32_t about;	    /* bytes concerned, for messages */
};

/* dfuse_queue.c */
/* Together, or one by one where the device cannot take them together. */
void dfuse_run(struct dfuse *dfu, struct usb_transfer *transfers, size_t count);
/* Record which transfer it was that failed. */
void dfuse_add_request(const struct usb_transfer *t, struct s0_error *err);
/* Why a transfer failed, in words. */
s0_code dfuse_transfer_error(const struct usb_transfer *t,
			     struct s0_error *err);
/* Did it end well, and bring all that it was to bring? */
bool dfuse_came(const struct usb_transfer *t);
/* What was queued fails where the same by itself does not: queue nothing any
 * more. */
void dfuse_distrust(struct dfuse *dfu);
/* The GETSTATUS that stood behind a DNLOAD that was taken: where one was lost,
 * it and those behind it are asked again one by one. They stay as they are
 * where that fails too. */
void dfuse_ask_again(struct dfuse *dfu, const struct command *command,
		     struct usb_transfer *asks, size_t count);
/* In dfuDNLOAD-IDLE, where asking changes nothing: was it the queue? */
void dfuse_try_queue(struct dfuse *dfu);

/* dfuse.c */
s0_code dfuse_simple(struct dfuse *dfu, uint8_t request, uint32_t timeout_ms,
		     struct s0_error *err);
s0_code dfuse_get_status(struct dfuse *dfu, uint32_t timeout_ms,
			 struct status *ret_status, struct s0_error *err);
s0_code dfuse_parse_status(const struct usb_transfer *t,
			   struct status *ret_status, struct s0_error *err);
struct usb_transfer dfuse_ask_status(uint8_t answer[6], uint32_t timeout_ms);
/* As settle(), believing dfuDNBUSY for no longer than that. */
s0_code dfuse_settle_within(struct dfuse *dfu, uint32_t busy_limit_ms,
			    struct s0_error *err);
s0_code dfuse_settle(struct target *target, struct s0_error *err);
/* Fails unless the device ends in dfuDNLOAD-IDLE; S0_OK and state dfuDNBUSY
 * when it still says so after busy_limit_ms. */
s0_code dfuse_command(struct dfuse *dfu, struct command *command,
		      struct s0_error *err);
s0_code dfuse_set_address(struct dfuse *dfu, uint32_t address,
			  struct s0_error *err);
s0_code dfuse_refused(struct dfuse *dfu, const struct status *status,
		      const char *what, uint32_t address, uint32_t length,
		      struct s0_error *err);
bool dfuse_go_on(struct dfuse *dfu, uint32_t done);
/* The caller has asked to stop. */
s0_code dfuse_cancelled(struct dfuse *dfu, struct s0_error *err);

/* dfuse_busy.c */
/* Until *status is not dfuDNBUSY any more, or limit_ms are over: then S0_OK and
 * dfuDNBUSY. A STALL counts as dfuDNBUSY, for up to timeout_ms; then it is the
 * failure. */
s0_code dfuse_wait_while_busy(struct dfuse *dfu, struct status *status,
			      uint64_t usual_us, uint32_t limit_ms,
			      uint32_t timeout_ms, struct s0_error *err);
/* What the GETSTATUS behind the one that said *status came to; where it is
 * stalled for having come early, *status stays. */
s0_code dfuse_second_status(struct dfuse *dfu, const struct usb_transfer *t,
			    struct status *status, struct s0_error *err);
/* GETSTATUS, waiting while the device is busy; limit_ms 0: not at all. */
s0_code dfuse_status_or_busy(struct dfuse *dfu, uint32_t limit_ms,
			     struct status *ret_status, struct s0_error *err);

/* dfuse_erase.c */
s0_code dfuse_erase(struct target *target, uint32_t address, bool *ret_blind,
		    struct s0_error *err);
s0_code dfuse_mass_erase(struct target *target, bool *ret_blind,
			 struct s0_error *err);

/* dfuse_memory.c */
s0_code dfuse_upload(struct target *target, uint32_t address, uint32_t length,
		     target_depth_fn depth, target_bytes_fn bytes,
		     void *payload, struct s0_error *err);
s0_code dfuse_download(struct target *target, uint32_t address,
		       const uint8_t *bytes, uint32_t length,
		       struct s0_error *err);
s0_code dfuse_leave(struct target *target, uint32_t address, bool *ret_silent,
		    struct s0_error *err);
/* Before a write. The one command whose loss would go unnoticed until memory
 * that nobody asked to change is written over: the pointer cannot be read back.
 * So it is sent twice; both would have to be lost. */
s0_code dfuse_point_at(struct dfuse *dfu, uint32_t address,
		       struct s0_error *err);

/* dfuse_options.c */
s0_code dfuse_write_options(struct target *target, uint32_t address,
			    const uint8_t *bytes, uint32_t length, bool erases,
			    bool *ret_left, struct s0_error *err);
s0_code dfuse_unprotect(struct target *target, bool *ret_left,
			struct s0_error *err);

#endif
