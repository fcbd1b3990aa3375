/* SPDX-License-Identifier: MIT */
#ifndef SESSION_OPTIONS_H
#define SESSION_OPTIONS_H

/* Option bytes of the device of a session, within an operation. */

#include "session/session.h"

/*
 * Read all option bytes, until two readings agree: where a Set Address was
 * lost, other bytes would pass for them. What the device is said to tell
 * (s0_device_info()) is renewed by them.
 * @param window  Takes s0_chip.option_length bytes.
 */
s0_code session_read_options(struct s0_session *session, uint8_t *window,
			     struct s0_error *err);

/* Where an earlier change was cut, warn of what came of it, by the window as it
 * is now, and forget that. */
void session_tell_cut_options(struct s0_session *session, const uint8_t *now);

/*
 * Have the option bytes changed to what a window asks for (its words to
 * program; see options_keep()): note it in the host's records, send it, wait
 * for the reset that may follow, read back. Succeeds when they show what was
 * asked for, whoever did that. On failure session->op.changed tells whether
 * they are proven to be as before; the note stays unless they are known to be
 * as before.
 * @param old     As session_read_options() gave it; it is checked that this is
 *                still so.
 */
s0_code session_write_options(struct s0_session *session, const uint8_t *old,
			      const uint8_t *window, struct s0_error *err);

#endif
