/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_SESSION_H
#define SECTOR0_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/checksum.h>
#include <sector0/device.h>
#include <sector0/error.h>
#include <sector0/image.h>
#include <sector0/plan.h>

/**
 * @file
 * Doing things to a device.
 *
 *     struct s0_session *session;
 *     struct s0_plan *plan;
 *     struct s0_result result;
 *     s0_session_new(device, &session, &err);
 *     s0_session_plan(session, image, &policy, &plan, &err);   // reads only
 *     s0_session_run(session, plan, &result, &err);            // changes
 *
 * A failure says in err->aftermath what state the device is in. A session notes on the host which sectors it is about to erase
 * (s0_context_set_state_dir()), so that the next one does not read a sector in
 * which this one was cut: reading a damaged flash word stops the bootloader.
 * There it also notes, where the chip tells its unique ID, how long its erases
 * took and what a verified run left in which sector.
 */

S0_BEGIN_DECLS

/** A session on a device. Opaque. */
struct s0_session;

/**
 * Begin a session.
 * @param device  Must outlive the session; one session a device at a time.
 * @retval S0_E_BUSY  Another process has a session on this chip.
 * @retval S0_E_FILE  The host's records cannot be read or written.
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_session_new(struct s0_device *device,
					    struct s0_session **ret_session,
					    struct s0_error *err);

/**
 * Let operations that change flash take write protection off the sectors that
 * need it, and put it back at their end, however that is. It is in the host's
 * records meanwhile: where a run is cut, the next operation that changes flash,
 * or s0_session_recover(), puts it back. Without this (the default) a protected
 * sector that has to change is refused with S0_E_PROTECTED.
 */
S0_API void s0_session_lift_protection(struct s0_session *session, bool lift);

/** Is write protection off that a run, which was cut, had taken off? */
S0_API bool s0_session_lifted(const struct s0_session *session);

/** Could the host's records be opened? A session without them reads and
 * compares, with a warning; whatever would change flash is refused.
 * @retval S0_E_FILE  No; why not. The cause is S0_CAUSE_NO_RECORDS. */
S0_API S0_MUST_CHECK s0_code s0_session_check_records(
	const struct s0_session *session, struct s0_error *err);

/** End a session; the device is left idle if it answers. NULL: nothing. */
S0_API void s0_session_free(struct s0_session *session);

/**
 * Sectors in which an earlier run was cut, by the host's records: they are not
 * to be read before they are erased.
 * @param ret_first  Address of the first one, if there is any; may be NULL.
 * @return How many.
 */
S0_API size_t s0_session_noted(const struct s0_session *session,
			       uint32_t *ret_first);

/** Sectors that stopped the bootloader when they were read, by the host's
 * records, and were neither erased nor read well since.
 * @param ret_first  Address of the first one, if there is any; may be NULL.
 * @return How many. */
S0_API size_t s0_session_unreadable(const struct s0_session *session,
				    uint32_t *ret_first);

/** Sectors that a run which was stopped as asked left unfinished, by the host's
 * records: readable, but no whole firmware until another run has been there.
 * @param ret_first  Address of the first one, if there is any; may be NULL.
 * @return How many; 0 too where the chip tells no unique ID. */
S0_API size_t s0_session_left_open(const struct s0_session *session,
				   uint32_t *ret_first);

/** What a session is busy with. */
typedef enum s0_stage {
	S0_STAGE_SURVEY = 0, /**< Reading what is there. */
	S0_STAGE_ERASE = 1,
	S0_STAGE_WRITE = 2,
	S0_STAGE_VERIFY = 3,
	S0_STAGE_READ = 4,
	S0_STAGE_START = 5
} s0_stage;

/** "survey", "erase", "write", "verify", "read", "start". */
S0_API const char *s0_stage_name(s0_stage stage);

/** How far a session is. Bytes; for erase the bytes of the sectors. */
struct s0_progress {
	s0_stage stage;
	uint64_t done;	      /**< Of this stage. */
	uint64_t total;	      /**< Of this stage. */
	uint32_t address;     /**< Where it is now. */
	uint64_t time_us;     /**< Since the operation began, device's clock. */
	uint64_t estimate_us; /**< Of the whole operation; 0 if not known. */
};

/** Called between transfers, at the start and end of a stage too. */
typedef void (*s0_progress_fn)(void *payload,
			       const struct s0_progress *progress);

/** Have progress reported. NULL: none. */
S0_API void s0_session_set_progress(struct s0_session *session,
				    s0_progress_fn progress, void *payload);

/** Called for what should be said but is no failure. One sentence. */
S0_API void s0_session_set_warning(struct s0_session *session,
				   s0_line_fn warning, void *payload);

/**
 * Ask a running operation to stop between transfers, leaving the device idle;
 * it then fails with S0_E_CANCELLED. May be called from a signal handler.
 */
S0_API void s0_session_cancel(struct s0_session *session);

/** @retval S0_E_CANCELLED s0_session_cancel() was called. */
S0_API S0_MUST_CHECK s0_code s0_session_check_cancel(struct s0_session *session,
						     struct s0_error *err);

/** Where the time went, microseconds; their sum is time_us. */
struct s0_times {
	uint64_t erase_us;   /**< The device was erasing. */
	uint64_t program_us; /**< The device was programming. */
	uint64_t wire_us;    /**< On the wire, by the formulas. */
	uint64_t wait_us;    /**< Waiting for an erase that the bootloader
				  cannot see the end of. */
	uint64_t proof_us;   /**< Reading sectors as a whole after an erase
				  that nobody saw the end of, or that took
				  what nobody had read. */
	uint64_t host_us;    /**< The rest: turn-around between transfers. */
};

/** What an operation did. */
struct s0_result {
	uint64_t written_bytes;	 /**< Image bytes sent; padding not counted. */
	uint64_t verified_bytes; /**< Image bytes compared on the device. */
	uint64_t skipped_bytes;	 /**< Image bytes that were right already. */
	uint64_t trusted_bytes;	 /**< Those of them that nobody read: the
				      host's record and samples say so
				      (s0_policy.trust_last_run). */
	uint64_t kept_bytes;	 /**< Written back as they were. */
	uint64_t transfers;
	uint64_t time_us;  /**< First transfer to last. */
	uint64_t floor_us; /**< The least it could take; flash only. */
	struct s0_times times;
	bool options_reset;  /**< It was away to load option bytes. */
	bool mass_erased;    /**< The floor is the mass erase's. */
	bool started;	     /**< The firmware was started. */
	bool start_silent;   /**< … and the device vanished without saying
				      so, which is the usual way. */
	unsigned reconnects; /**< It left the bus, came back, and the operation
				  went on (struct s0_patience). */
	unsigned retries; /**< A failure passed without that, and the operation
			       went on; a request that was lost and made again
			       is one. An operation that ends well with one or
			       with reconnects has warned of it
			       (s0_session_set_warning()). A GETSTATUS that is
			       stalled because the device is busy is none. */
	unsigned lifted_sectors; /**< Write protection was taken off so many
				      for the operation, and put back. */
};

/**
 * Make a plan for this device, looking at what its flash holds. Only reads.
 * The options block, timing and rom of the policy are filled in from the
 * device. See s0_plan_new() for the refusals.
 */
S0_API S0_MUST_CHECK s0_code s0_session_plan(struct s0_session *session,
					     const struct s0_image *image,
					     const struct s0_policy *policy,
					     struct s0_plan **ret_plan,
					     struct s0_error *err);

/**
 * Carry out a plan that this session made.
 *
 * What is to be kept or, with policy.rollback, all that the sectors to be
 * changed hold, is read twice, recorded on the host and safe on its disk before
 * the first of them is changed. With policy.rollback a run that fails puts it
 * back and verifies it, if the device still answers: err->aftermath is then
 * ::S0_RESTORED. It does not after s0_session_cancel(). What could not be put
 * back waits for s0_session_recover().
 *
 * @param ret_result  Filled in on failure too, with what was done; may be NULL.
 * @retval S0_OK             All done, and verified unless that was declined.
 * @retval S0_E_MISMATCH     Read-back differs; address, length of the first.
 * @retval S0_E_NOT_ERASED   A sector is not blank after its erase.
 * @retval S0_E_PROTECTED    Read-out protection.
 * @retval S0_E_CANCELLED    s0_session_cancel() was called.
 * @retval S0_E_GONE, S0_E_TIMEOUT, S0_E_PROTOCOL, S0_E_REFUSED, S0_E_FILE
 */
S0_API S0_MUST_CHECK s0_code s0_session_run(struct s0_session *session,
					    const struct s0_plan *plan,
					    struct s0_result *ret_result,
					    struct s0_error *err);

/**
 * Read whole sectors in order to save them: everything twice, and it is
 * believed when the two readings agree. Where an earlier run with
 * policy.rollback was cut, what stood there before it is taken from the host's
 * records.
 * @param address, length  The sectors that hold this range; 0, 0: the whole
 *                flash.
 * @param image   Takes a piece a sector, erased bytes included.
 * @retval S0_E_UNREADABLE  An earlier run was cut in a sector: it must not be
 *                read, and not all that it held is recorded.
 * @retval S0_E_PROTOCOL  Two readings differ.
 */
S0_API S0_MUST_CHECK s0_code s0_session_save(struct s0_session *session,
					     uint32_t address, uint32_t length,
					     struct s0_image *image,
					     struct s0_result *ret_result,
					     struct s0_error *err);

/** Number of sectors that the last operation erased. */
S0_API size_t s0_session_erased_count(const struct s0_session *session);
/** One of them; false if index is too big. */
S0_API bool s0_session_erased(const struct s0_session *session, size_t index,
			      uint32_t *ret_address, uint32_t *ret_length);

/**
 * Read memory.
 * @param sink  Takes the bytes in order, as they come; false stops.
 * @retval S0_E_OUTSIDE  Part of it is not memory that can be read.
 */
S0_API S0_MUST_CHECK s0_code s0_session_read(struct s0_session *session,
					     uint32_t address, uint32_t length,
					     s0_sink_fn sink, void *payload,
					     struct s0_result *ret_result,
					     struct s0_error *err);

/**
 * Add the bytes of a range to a sum: s0_checksum_start() before the first range,
 * s0_checksum_end() behind the last.
 * @param sum  As it was on failure.
 * @retval As s0_session_read().
 */
S0_API S0_MUST_CHECK s0_code s0_session_checksum(struct s0_session *session,
						 uint32_t address,
						 uint32_t length,
						 struct s0_checksum *sum,
						 struct s0_result *ret_result,
						 struct s0_error *err);

/** A range in which device and image differ. */
struct s0_difference {
	uint32_t address;
	uint32_t length;
	uint8_t expected; /**< First byte, by the image. */
	uint8_t found;	  /**< First byte, on the device. */
};

/** Takes each difference in order of address. */
typedef void (*s0_difference_fn)(void *payload,
				 const struct s0_difference *difference);

/**
 * Compare a device with an image; changes nothing.
 * @param plan  Made with policy.compare.
 * @retval S0_E_DIFFERENT  They differ; address and length of the first range.
 */
S0_API S0_MUST_CHECK s0_code s0_session_compare(struct s0_session *session,
						const struct s0_plan *plan,
						s0_difference_fn difference,
						void *payload,
						struct s0_result *ret_result,
						struct s0_error *err);

/**
 * Erase the sectors that hold a range, and prove that they are blank.
 * @param length  Bytes; 0 with address 0: the whole flash.
 */
S0_API S0_MUST_CHECK s0_code s0_session_erase(struct s0_session *session,
					      uint32_t address, uint32_t length,
					      struct s0_result *ret_result,
					      struct s0_error *err);

/**
 * Is a range erased?
 * @retval S0_E_NOT_BLANK  err->address is the first byte that is not.
 */
S0_API S0_MUST_CHECK s0_code s0_session_blank(struct s0_session *session,
					      uint32_t address, uint32_t length,
					      struct s0_result *ret_result,
					      struct s0_error *err);

/**
 * Leave the bootloader and start the firmware.
 * @param address  Its vector table; 0: the start of flash.
 */
S0_API S0_MUST_CHECK s0_code s0_session_start(struct s0_session *session,
					      uint32_t address,
					      struct s0_result *ret_result,
					      struct s0_error *err);

S0_END_DECLS

#endif
