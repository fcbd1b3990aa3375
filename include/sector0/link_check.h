/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_LINK_CHECK_H
#define SECTOR0_LINK_CHECK_H

#include <stdint.h>

#include <sector0/error.h>
#include <sector0/session.h>

/**
 * @file
 * A look at the connection to a device.
 */

S0_BEGIN_DECLS

/** How USB transfers ended that did not end well. */
struct s0_link_check {
	uint64_t transfers; /**< In all. */
	uint32_t errors;    /**< With an error of USB. */
	uint32_t cut_short; /**< With less than was asked for. */
	uint32_t lost;	    /**< Never, and the device answered the next. */
	uint32_t refused;   /**< With a STALL for which there is no reason. */
	uint32_t dropped;   /**< The device left the bus. */
};

/**
 * Ask the idle device many times how it is, and count what becomes of the
 * transfers. Nothing is read or changed. What passes is counted, and it goes on
 * (struct s0_patience).
 * @param ret_check  Set on failure too, with what was counted until then.
 * @retval S0_E_GONE, S0_E_TIMEOUT, S0_E_PROTOCOL, S0_E_CANCELLED  It did not
 *                   come back, or not to its senses.
 */
S0_API S0_MUST_CHECK s0_code
s0_session_check_link(struct s0_session *session,
		      struct s0_link_check *ret_check, struct s0_error *err);

S0_END_DECLS

#endif
