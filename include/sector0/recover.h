/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_RECOVER_H
#define SECTOR0_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/session.h>

/**
 * @file
 * What runs that were cut have left in the host's records of a chip, and
 * putting it back.
 */

S0_BEGIN_DECLS

/** What the host's records say of a sector in which a run was cut. */
struct s0_unfinished {
	uint32_t address;
	uint32_t length;
	bool saved; /**< s0_session_recover() can put something back. */
	bool whole; /**< … and that is all that the sector held. */
	uint32_t saved_bytes; /**< That many, not counting erased ones. */
	uint32_t saved_s; /**< When (s0_context_set_date()); 0: not known. */
};

/** Number of sectors of this chip in which a run was cut. */
S0_API size_t s0_session_unfinished_count(const struct s0_session *session);
/** One of them, by address; false if index is too big. */
S0_API bool s0_session_unfinished(const struct s0_session *session,
				  size_t index, struct s0_unfinished *ret);

/**
 * Put back what runs that were cut have saved: erase those sectors, write the
 * saved bytes, verify, and forget them. Sectors of which nothing was saved are
 * left as they are. Succeeds where there is nothing to do. What can be read
 * safely is read first, to see whether something else has written there since.
 * @param ret_result  written_bytes and verified_bytes are the saved ones.
 * @retval S0_E_DIFFERENT  Something else has written to it since, or its banks
 *                were swapped.
 * @retval As s0_session_run().
 */
S0_API S0_MUST_CHECK s0_code s0_session_recover(struct s0_session *session,
						struct s0_result *ret_result,
						struct s0_error *err);

/** Let s0_session_recover() put it over what others have written since, too. */
S0_API void s0_session_set_overwrite(struct s0_session *session,
				     bool overwrite);

/**
 * Forget all that was saved. The device is not touched. That runs were cut in
 * these sectors stays noted, until they are erased, or have been read: a torn
 * flash word in them may stop the bootloader.
 * @retval S0_E_FILE  The host's records cannot be written.
 */
S0_API S0_MUST_CHECK s0_code s0_session_forget(struct s0_session *session,
					       struct s0_error *err);

S0_END_DECLS

#endif
