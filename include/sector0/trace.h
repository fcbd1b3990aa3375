/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_TRACE_H
#define SECTOR0_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/context.h>
#include <sector0/error.h>
#include <sector0/image.h>
#include <sector0/plan.h>

/**
 * @file
 * Recorded sessions: everything that passed between the library and a device,
 * one JSON object a line (sector0-trace(5)).
 *
 * A recorder writes one while a context is used; a replay makes another context
 * live through it again without the device, and says where the library now
 * decides otherwise; s0_trace_check() asks the same of the virtual chip.
 *
 * A trace holds the bytes that were written and read: whoever gets it has the
 * firmware.
 */

S0_BEGIN_DECLS

/** @name Recording @{ */

/** Writes a trace. Opaque. */
struct s0_recorder;

/** How a recorded session began. */
struct s0_trace_head {
	const char *program;	    /**< "sector0 0.1.0" */
	const char *date;	    /**< "2026-11-22T16:38:24Z" */
	const char *const *command; /**< Words of the command line after the
					 program's name. */
	size_t command_count;
	const char
		*selector; /**< Device that the environment names, or NULL. */
};

/** A file that a recorded session read. */
struct s0_trace_input {
	const char *name; /**< As on the command line. */
	uint64_t length;
	uint8_t sha256[32];
};

/** How a recorded session ended. */
struct s0_trace_outcome {
	int status; /**< Exit status of the program. */
	s0_code code;
	s0_aftermath aftermath;
	const char *message; /**< Of the error; "" if there was none. */
};

/**
 * Begin a trace: its first line is written at once.
 * @param write  Takes whole lines, one a call, as soon as they are complete.
 *               When it says false nothing more is written; what is recorded
 *               goes on undisturbed.
 * @retval S0_E_FILE    write() refused the first line.
 * @retval S0_E_MEMORY  An allocation failed.
 */
S0_API S0_MUST_CHECK s0_code s0_recorder_new(const struct s0_trace_head *head,
					     s0_sink_fn write, void *payload,
					     struct s0_recorder **ret_recorder,
					     struct s0_error *err);

/** Free a recorder, after the context that it was set for. NULL is allowed. */
S0_API void s0_recorder_free(struct s0_recorder *recorder);

/** Note a file that was read. */
S0_API void s0_recorder_add_input(struct s0_recorder *recorder,
				  const struct s0_trace_input *input);

/** Note how the session ended; its last line. */
S0_API void s0_recorder_add_outcome(struct s0_recorder *recorder,
				    const struct s0_trace_outcome *outcome);

/** Was every line written? */
S0_API bool s0_recorder_complete(const struct s0_recorder *recorder);

/**
 * Record what passes between this context and its devices, from the next
 * s0_device_find() or s0_device_open() on. NULL: nothing, the default.
 */
S0_API void s0_context_set_recorder(struct s0_context *context,
				    struct s0_recorder *recorder);
/** @} */

/** @name Reading @{ */

/** A recorded session. Opaque. */
struct s0_trace;

/**
 * Read a trace. A last line that was cut short is left out.
 * @param name   Of the file, for messages.
 * @param bytes  Must outlive the trace.
 * @retval S0_E_FORMAT       It is no trace, or damaged, or stands for more
 *                           bytes than 64 MiB and eight times its length; the
 *                           message has the line.
 * @retval S0_E_UNSUPPORTED  A later version of the format.
 */
S0_API S0_MUST_CHECK s0_code s0_trace_parse(const char *name, const void *bytes,
					    size_t length,
					    struct s0_trace **ret_trace,
					    struct s0_error *err);

/** Free a trace. NULL is allowed. */
S0_API void s0_trace_free(struct s0_trace *trace);

/** How it began; owned by the trace. */
S0_API const struct s0_trace_head *s0_trace_head(const struct s0_trace *trace);

/** How it ended; NULL if the recording was cut. Owned by the trace. */
S0_API const struct s0_trace_outcome *s0_trace_outcome(
	const struct s0_trace *trace);

/** Number of objects in it. */
S0_API size_t s0_trace_count(const struct s0_trace *trace);

/** One object as it was written, without a line end; not NUL-terminated. NULL
    if index is too big. */
S0_API const char *s0_trace_line(const struct s0_trace *trace, size_t index,
				 size_t *ret_length);

/** One kind of request in a trace, or all of them. */
struct s0_trace_tally {
	uint64_t transfers;
	uint64_t failed;  /**< Not S0_OK. */
	uint64_t bytes;	  /**< Moved, both ways. */
	uint64_t time_us; /**< Device's clock, start to end. */
};

/** Sums of a trace. */
struct s0_trace_summary {
	struct s0_trace_tally all;
	struct s0_trace_tally requests[7]; /**< By bRequest of the DFU class. */
	uint64_t opened;		   /**< Devices. */
	uint64_t waits, wait_us;	   /**< Waited for on purpose. */
	uint64_t time_us; /**< First to last, device's clock. */
};

/** Word for a request of the DFU class, "DNLOAD"; "request" if it is none. */
S0_API const char *s0_trace_request_name(uint8_t request);

/** Sum up. */
S0_API void s0_trace_summarise(const struct s0_trace *trace,
			       struct s0_trace_summary *ret_summary);

/**
 * A trace for people, line by line: time, request, what it meant, answer,
 * duration.
 * @param line  Called for each line; valid during the call only.
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_trace_print(const struct s0_trace *trace,
					    s0_line_fn line, void *payload,
					    struct s0_error *err);
/** @} */

/** Where something is not as recorded. */
struct s0_trace_difference {
	size_t line;	   /**< Of the trace, from 1; 0: after its end. */
	uint64_t transfer; /**< Number of the transfer; 0 if it is none. */
	char subject[32];  /**< "string 6"; "" where the numbers say enough. */
	char field[32];	   /**< "request", "data", "exit status", … */
	char recorded[192];
	char found[192];
	char hint
		[128]; /**< What it may come from; "" where nothing is known. */
};

/** @name Replaying @{ */

/** A session being lived through again. Opaque. */
struct s0_replay;

/**
 * Begin a replay.
 * @param trace  Must outlive it.
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_replay_new(const struct s0_trace *trace,
					   struct s0_replay **ret_replay,
					   struct s0_error *err);

/** Free a replay, after the context that it was set for. NULL is allowed. */
S0_API void s0_replay_free(struct s0_replay *replay);

/**
 * Have this context's devices, whatever their selector, be those of a trace:
 * they give the recorded answers at the recorded times. No device and none of
 * the host's records (s0_context_set_state_dir()) is touched; what the recorded
 * session found in its records is found again, and what is written to them is
 * compared.
 */
S0_API void s0_context_set_replay(struct s0_context *context,
				  struct s0_replay *replay);

/**
 * Compare a file that is read with the recorded one of that name.
 * @param input  With length UINT64_MAX: it cannot be read.
 * @return false if it is another, or none of that content was recorded; this is
 *         then the difference.
 */
S0_API bool s0_replay_add_input(struct s0_replay *replay,
				const struct s0_trace_input *input);

/** Compare how the session ended, and whether all of the trace was asked for.
    A trace that was cut has no end to compare with. */
S0_API void s0_replay_add_outcome(struct s0_replay *replay,
				  const struct s0_trace_outcome *outcome);

/** What was not as recorded, first of all; NULL if nothing. */
S0_API const struct s0_trace_difference *s0_replay_difference(
	const struct s0_replay *replay);

/** Was more asked for than a trace that was cut has? What the library said from
    then on is of no device's making. */
S0_API bool s0_replay_over(const struct s0_replay *replay);

/** Transfers that were the same. */
S0_API uint64_t s0_replay_transfers(const struct s0_replay *replay);
/** @} */

/** @name Checking the virtual chip @{ */

/** How to compare. Zero-initialise for the defaults. */
struct s0_trace_check_options {
	const char *description; /**< PROFILE[,key=value…] as for s0_sim_new();
				      keys that it leaves out are deduced from
				      the trace. NULL: all of it. */
	bool times;		 /**< Compare durations too, … */
	unsigned percent; /**< … that may differ by this, and by 2 ms. */
};

/** What was compared. */
struct s0_trace_checked {
	char description[512];		       /**< The last chip's. */
	uint64_t transfers;		       /**< That were the same. */
	struct s0_trace_difference difference; /**< If there was one. */
};

/**
 * Make the recorded requests to a virtual chip, at the recorded times, and
 * compare its answers. For each device that was opened a chip is made: the one
 * of a recorded "sim:" selector but its file, or one that is deduced from what
 * the device told. Memory that was read and not written before holds what was
 * read.
 * @retval S0_OK           The same answers.
 * @retval S0_E_DIFFERENT  See ret_checked->difference.
 * @retval S0_E_UNSUPPORTED  No virtual chip is like the recorded device, or it
 *                           changes more memory than any has.
 * @retval S0_E_USAGE      The description.
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code
s0_trace_check(const struct s0_trace *trace,
	       const struct s0_trace_check_options *options,
	       struct s0_trace_checked *ret_checked, struct s0_error *err);
/** @} */

S0_END_DECLS

#endif
