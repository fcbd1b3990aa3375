/* SPDX-License-Identifier: MIT */
#ifndef PROTO_TARGET_H
#define PROTO_TARGET_H

/*
 * A device whose memory can be read, erased and written by address, whatever
 * the protocol. The session knows only this.
 *
 * Every operation begins and ends with the device ready for the next one, or
 * fails; after a failure settle() brings it back where that is possible.
 * Between transfers an operation calls go_on(); when that says false it stops,
 * leaves the device ready and fails with S0_E_CANCELLED.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <sector0/error.h>

/* How much has been moved, and where the time went. */
struct target_stats {
	uint64_t transfers;
	uint64_t erase_us;   /* the device was erasing */
	uint64_t program_us; /* the device was programming */
	uint64_t wire_us10;  /* on the wire, by formula; tenths */
	uint64_t wait_us;    /* waited for an erase without seeing its end */
	/* How transfers ended that did not end well, repeated or not. */
	uint32_t errors;    /* with an error of USB */
	uint32_t cut_short; /* with less than was asked for */
	uint32_t lost;	    /* never, and the device answered the next one */
	uint32_t refused;   /* with a STALL */
	uint32_t dropped;   /* it left the bus */
	uint64_t last_us;   /* link's clock at the end of the last transfer */
};

/* Requests that failed and went well when they were made once more: what was
 * lost is a symptom, whoever lost it. A STALL by which a device says that it is
 * busy is none. */
struct target_retries {
	unsigned count;
	struct s0_error first; /* why the first had failed */
};

struct target;

/* Takes bytes as they are read, in order; false: stop, that is enough. */
typedef bool (*target_bytes_fn)(void *payload, uint32_t address,
				const uint8_t *bytes, uint32_t length);

/* What is read, put into memory: taken_bytes() with this as its payload. */
struct taken {
	uint8_t *bytes;	  /* where to; room for all that is read */
	uint32_t address; /* of the first of them on the device */
	uint32_t length;  /* how many came */
};

static inline bool taken_bytes(void *payload, uint32_t address,
			       const uint8_t *bytes, uint32_t length)
{
	struct taken *taken = payload;

	memcpy(taken->bytes + (address - taken->address), bytes, length);
	taken->length += length;
	return true;
}

/* How many blocks a reader wants at most in one go, from address on: one who
 * may stop soon does not fetch much for nothing. */
typedef unsigned (*target_depth_fn)(void *payload, uint32_t address);

struct target_ops {
	/* Bring the device to where it takes commands, whatever came before. */
	s0_code (*settle)(struct target *target, struct s0_error *err);
	/* Read; stops early without failing when bytes() says false. depth is
	 * asked before each batch; NULL: as many as the link takes. */
	s0_code (*read)(struct target *target, uint32_t address,
			uint32_t length, target_depth_fn depth,
			target_bytes_fn bytes, void *payload,
			struct s0_error *err);
	/*
	 * Erase the sector that starts at address. *ret_blind: the device could
	 * not say when it was done; the usual time has been waited, and the
	 * caller has to prove by reading that it is.
	 */
	s0_code (*erase)(struct target *target, uint32_t address,
			 bool *ret_blind, struct s0_error *err);
	s0_code (*mass_erase)(struct target *target, bool *ret_blind,
			      struct s0_error *err);
	/* Write erased memory (or RAM). */
	s0_code (*write)(struct target *target, uint32_t address,
			 const uint8_t *bytes, uint32_t length,
			 struct s0_error *err);
	/* Start what is at address. *ret_silent: it vanished without an answer,
	 * which is how most do it. */
	s0_code (*leave)(struct target *target, uint32_t address,
			 bool *ret_silent, struct s0_error *err);
	/*
	 * Write a window of option bytes, all of it at once; erases: the change takes
	 * the flash with it. *ret_left: it took them and left the bus, as it
	 * does where it resets to load them. What came of it has to be read.
	 */
	s0_code (*write_options)(struct target *target, uint32_t address,
				 const uint8_t *bytes, uint32_t length,
				 bool erases, bool *ret_left,
				 struct s0_error *err);
	/* Take the read-out protection off, and with it all that the flash
	 * holds; *ret_left as above. */
	s0_code (*unprotect)(struct target *target, bool *ret_left,
			     struct s0_error *err);
	uint64_t (*now_us)(struct target *target);
	void (*wait_us)(struct target *target, uint64_t us);
	/* Releases the target and its link. */
	void (*close)(struct target *target);
};

/* Times to reckon with, from the chip's data. Microseconds. */
struct target_times {
	uint32_t erase_us;     /* one sector, typical */
	uint32_t erase_max_us; /* one sector, the datasheet's maximum */
	uint32_t mass_erase_us;
	uint32_t mass_erase_max_us;
};

struct target {
	const struct target_ops *ops;
	struct target_stats stats;
	struct target_times times;
	/* Until the session takes them to tell of them. */
	struct target_retries retries;
	/* The longest that the device was seen to take for the erase of such a
	 * sector, us; 0: none was seen. The session may know of earlier ones. */
	uint64_t longest_erase_us;
	uint32_t block; /* bytes a transfer */
	int rdp;	/* read-out protection level, -1 if not known */
	/* Hand over no transfer before the last has ended: set when what was
	 * queued failed, or came out wrong, again and again, and the same by
	 * itself did not. */
	bool one_at_a_time;
	/* Takes a debug line for each transfer; NULL: none. */
	void (*log)(void *payload, const char *line);
	void *log_payload;
	/* Asked between transfers; bytes done by the running operation. NULL:
	 * always go on. */
	bool (*go_on)(void *payload, uint32_t done);
	void *payload;
};

/* So many times it was made once more, and at last it went well; why: the
 * first failure. */
void target_note_retries(struct target *target, unsigned times,
			 const struct s0_error *why);

#endif
