/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_OPTION_SESSION_H
#define SECTOR0_OPTION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <sector0/error.h>
#include <sector0/option_plan.h>
#include <sector0/session.h>

/**
 * @file
 * Changing option bytes, and taking the read-out protection off.
 *
 *     s0_session_read_options(session, &err);
 *     info = s0_device_info(device);
 *     s0_option_parse(info->chip, info->options, info->option_length,
 *                     "BOR_LEV=3", &change, &err);
 *     s0_option_plan_new(info->chip, s0_device_map(device),
 *                        info->options, info->option_length,
 *                        &change, 1, &plan, &err);        // pure
 *     s0_session_set_options(session, plan, 0, &result, &err);
 */

S0_BEGIN_DECLS

/**
 * Read all option bytes, until two readings agree; s0_device_info() has them
 * then. Warns where an earlier change was cut, of what came of it, and forgets
 * that.
 * @retval S0_E_UNSUPPORTED  Nothing is known about this chip's.
 */
S0_API S0_MUST_CHECK s0_code s0_session_read_options(struct s0_session *session,
						     struct s0_error *err);

/**
 * Write option bytes, survive the reset that may follow, read back and prove
 * each field. What is about to be changed is recorded on the host before.
 *
 * @param plan   Made from what the session read last.
 * @param allow  See s0_option_plan_check().
 * @retval S0_E_MISMATCH  They are neither as before nor as asked for, or were
 *                changed by somebody else meanwhile.
 * @retval S0_E_REFUSED   The chip rejected them, or they had no effect.
 * @retval S0_E_PROTECTED, S0_E_GONE, S0_E_TIMEOUT, S0_E_PROTOCOL, S0_E_CANCELLED
 */
S0_API S0_MUST_CHECK s0_code s0_session_set_options(
	struct s0_session *session, const struct s0_option_plan *plan,
	unsigned allow, struct s0_result *ret_result, struct s0_error *err);

/** What taking the read-out protection off came to. */
struct s0_unprotection {
	bool was_open;	      /**< It was off: nothing was sent. */
	uint64_t blank_bytes; /**< Read afterwards, and erased. */
	uint32_t first_byte;  /**< Address of the first that is not, … */
	bool not_blank;	      /**< … if there is one (a PCROP area that is
				    kept). */
};

/**
 * Take the read-out protection off: level 1 to 0, which erases all flash. Waits
 * for the erase and for the device to come back; proves that the level is 0 and
 * that flash can be read, the first bytes of each sector.
 * @retval S0_E_PROTECTED  Level 2, which is for ever.
 * @retval As s0_session_set_options().
 */
S0_API S0_MUST_CHECK s0_code s0_session_unprotect(struct s0_session *session,
						  struct s0_unprotection *ret,
						  struct s0_result *ret_result,
						  struct s0_error *err);

/**
 * Would s0_session_erase() of this range be refused for what is known already?
 * Nothing is sent.
 */
S0_API S0_MUST_CHECK s0_code s0_session_check_erase(struct s0_session *session,
						    uint32_t address,
						    uint32_t length,
						    struct s0_error *err);

S0_END_DECLS

#endif
