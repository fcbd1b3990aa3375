/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_STRESS_H
#define SECTOR0_STRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>
#include <sector0/session.h>

/**
 * @file
 * How a board's flash fares under load.
 */

S0_BEGIN_DECLS

/** What a stress test does to a board, from no load to the highest. */
typedef enum s0_load {
	S0_LOAD_READS = 0,  /**< Plain reads: no load. */
	S0_LOAD_WORDS = 1,  /**< Single flash words, with pauses between. */
	S0_LOAD_BURSTS = 2, /**< Programming a whole sector. */
	S0_LOAD_ERASES = 3, /**< Erasing a sector. */
	S0_LOAD_CYCLES = 4, /**< Programming a sector right after its erase. */
	S0_LOADS = 5
} s0_load;

/** "reads", "words", "bursts", "erases", "cycles". */
S0_API const char *s0_load_name(s0_load load);

/** How it went under one load. Each try fails in at most one way. */
struct s0_stress_load {
	uint32_t tries;
	uint32_t dropped; /**< The device left the bus. */
	uint32_t silent;  /**< It stopped answering, until a reset. */
	uint32_t stopped; /**< Likewise, when flash was read. */
	uint32_t link;	  /**< A transfer failed or got lost, and the device was
			       well right after it: a failure of USB. */
	uint32_t refused; /**< The device said no, by its DFU status. */
	uint32_t wrong;	  /**< Wrong content; reads: two that differ. */
	uint64_t transfers;
	uint64_t time_us;
};

/** One round of a stress test on one sector. Times as the device took. */
struct s0_stress_round {
	uint32_t address; /**< Of the sector. */
	uint32_t length;
	unsigned number;     /**< From 0; the pattern goes by it. */
	bool cycle;	     /**< Programmed right after the erase; else after a
				  pause, single words first. */
	uint64_t erase_us;   /**< 0: not done, or its end cannot be seen. */
	uint64_t program_us; /**< Of the sector; 0: not done. */
	uint32_t left;	     /**< Bytes that were not blank after the erase. */
	uint32_t high;	     /**< Bits that read 1 where 0 was programmed. */
	uint32_t low;	     /**< Bits that read 0 where 1 was wanted. */
	uint32_t unstable;   /**< Bytes that reads saw differently. */
	bool unchanged;	     /**< Erase and program had no effect at all. */
	bool failed;	     /**< An operation failed: there is no content. */
	bool stopped;	     /**< … a read, which stopped the device. */
};

/** What a stress test measured. */
struct s0_stress {
	struct s0_stress_round *rounds;
	size_t count;
	size_t sectors; /**< Begun. */
	struct s0_stress_load loads[S0_LOADS];
	uint32_t idle_errors;  /**< Bytes that two plain reads saw differently
				   before anything was changed. */
	uint32_t places;       /**< Flash words that were wrong once or more; at
				   most 256 a sector are counted. */
	uint32_t repeated;     /**< Those of them wrong in several rounds. */
	uint32_t most_repeats; /**< Rounds in which the worst of them was. */
	uint32_t cleared;      /**< Those wrong once, and right twice when the
				    same was done to them again. */
	uint64_t shortest_us;  /**< Between two times that it left the bus in */
	uint64_t longest_us;   /**< plain reads; 0: not twice. */
	struct s0_error first; /**< The first failure; S0_OK: none. */
};

/**
 * Exercise flash under growing load, and count for each load how often it
 * fails: plain reads; then in each round an erase with single words and the
 * rest of the sector programmed after pauses, or (in the second half of the
 * rounds) an erase with programming right behind it. Patterns are checkerboard, its inverse,
 * random, address in address. What goes wrong is done again with the same
 * pattern, to see whether it is the same place. A failure that passes is
 * counted, and it goes on (s0_patience.reconnect_ms), 12 times at most. At the
 * end the sectors hold what they held; until then that is in the host's
 * records. Plain reads that fail 3 times end it before anything is changed.
 *
 * @param address  In the sector to exercise; NULL: all that are blank.
 * @param rounds   1 to 999, for each sector.
 * @param ret_stress  Set on failure of the device too, with what was measured
 *                 until then (NULL stays where nothing was begun); to be freed
 *                 with s0_stress_free().
 * @retval S0_OK  It was done, whatever was found; sectors are as they were.
 * @retval S0_E_NOT_BLANK  No sector is blank, and none was named.
 * @retval S0_E_PROTECTED  The option bytes protect the named sector; others
 *                 that they protect are left out, with a warning.
 * @retval S0_E_OUTSIDE    The address is in no flash.
 * @retval S0_E_MISMATCH   A sector could not be put back.
 * @retval S0_E_GONE, S0_E_TIMEOUT, S0_E_PROTOCOL, S0_E_REFUSED  It did not
 *                 come back, or not to its senses.
 */
S0_API S0_MUST_CHECK s0_code s0_session_stress(struct s0_session *session,
					       const uint32_t *address,
					       unsigned rounds,
					       struct s0_stress **ret_stress,
					       struct s0_error *err);

/** Free measurements. NULL is allowed. */
S0_API void s0_stress_free(struct s0_stress *stress);

S0_END_DECLS

#endif
