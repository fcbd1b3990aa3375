/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_CONTEXT_H
#define SECTOR0_CONTEXT_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include <sector0/error.h>

/**
 * @file
 * What every use of the library shares: where its debug log goes, the USB
 * library's own context, and where the host keeps its records.
 *
 * A context may be used by one thread at a time; several contexts are
 * independent of each other.
 */

S0_BEGIN_DECLS

/** A context. Opaque; made by s0_context_new(), freed by s0_context_free(). */
struct s0_context;

/**
 * Called for each debug line. The library never logs above debug.
 * @param payload  As given to s0_context_set_log().
 * @param line     One line without a line end; valid during the call only.
 */
typedef void (*s0_log_fn)(void *payload, const char *line);

/**
 * Make a context.
 * @param ret_context Set on success; to be freed with s0_context_free().
 * @retval S0_OK        Made.
 * @retval S0_E_MEMORY  An allocation failed.
 */
S0_API S0_MUST_CHECK s0_code s0_context_new(struct s0_context **ret_context,
					    struct s0_error *err);

/** Free a context; devices opened with it must be closed first. NULL is allowed. */
S0_API void s0_context_free(struct s0_context *context);

/** Send debug lines to @p log (NULL: nowhere, the default). */
S0_API void s0_context_set_log(struct s0_context *context, s0_log_fn log,
			       void *payload);

/**
 * Name the directory in which the host keeps its records of what it has begun
 * (one file a chip, keyed by unique ID; see session.h). It is made when first
 * needed. Without one, records live in memory only and end with the device.
 * @param path  Copied. NULL: no directory (the default).
 * @retval S0_E_MEMORY  An allocation failed.
 */
S0_API S0_MUST_CHECK s0_code s0_context_set_state_dir(
	struct s0_context *context, const char *path, struct s0_error *err);

/**
 * Tell what time it is, for people who later want to know when something was
 * saved on this host; the library looks at no calendar by itself.
 * @param date_s  Seconds since 1970, UTC; 0 (the default): not known.
 */
S0_API void s0_context_set_date(struct s0_context *context, uint32_t date_s);

/**
 * Called for a chip of which an interrupted run has left something to be put
 * back (s0_session_recover()).
 * @param key      Its unique ID; where it has none, where it was plugged in.
 * @param sectors  Number of sectors of which something is saved.
 */
typedef void (*s0_record_fn)(void *payload, const char *key, size_t sectors);

/**
 * Find the chips for which the host's records hold something that waits to be
 * put back, in the order of their keys. A chip on which a session is open is
 * left out.
 * @retval S0_E_FILE  The directory cannot be read.
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_context_find_records(struct s0_context *context,
						     s0_record_fn found,
						     void *payload,
						     struct s0_error *err);

/**
 * Called about four times a second while a device is waited for.
 * @param what  What is waited for, and why: one sentence, the same as long as
 *              the same is waited for; valid during the call only.
 * @return false: do not wait any longer.
 */
typedef bool (*s0_waiting_fn)(void *payload, const char *what);

/** How patient to be with devices that are not there, not yet or not now. */
struct s0_patience {
	bool appear; /**< s0_device_open() waits, for ever if need be, until a
			  device that is meant is there in DFU mode. */
	/** An operation that fails by what may pass (the device left the bus,
	    the link failed, a transfer was stalled) is taken up again where
	    it was, a few times; a device that left the bus is waited for on
	    its USB path for that many ms. 0: the first failure ends it. */
	uint32_t reconnect_ms;
	s0_waiting_fn waiting; /**< Told of each wait; NULL: nobody. */
	void *payload;	       /**< For it. */
};

/** What reconnect_ms is unless it is set. */
#define S0_RECONNECT_MS 10000u

/**
 * Say which chip the devices are that are opened from now on. Where a device
 * may be several, that chooses; where it says otherwise, that overrules it, and
 * the device has a remark (s0_device_info.remarks). A device whose memory
 * cannot be that of the chip is not opened.
 * @param name  "stm32f405", "F407", …; NULL: they have to be recognised (the
 *              default).
 * @retval S0_E_USAGE  No chip is known by that name.
 */
S0_API S0_MUST_CHECK s0_code s0_context_set_chip(struct s0_context *context,
						 const char *name,
						 struct s0_error *err);

/**
 * Set it for all devices that are opened from now on.
 * @param patience  Copied. NULL: the default, { false, S0_RECONNECT_MS }.
 */
S0_API void s0_context_set_patience(struct s0_context *context,
				    const struct s0_patience *patience);

S0_END_DECLS

#endif
