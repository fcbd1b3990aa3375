/* SPDX-License-Identifier: MIT */
#ifndef PLAN_OPTIONS_H
#define PLAN_OPTIONS_H

/* Windows of option bytes: what is read, what is sent, and whether the one
 * shows the other. A window that is *sent* says in its words to program what
 * is wanted; in one that was *read* the current words count. */

#include <sector0/chip.h>

#include "base/text.h"

/* Make a window that changes nothing when it is sent: every word to program,
 * with its second copy, is its current one. A refusal that an earlier change
 * has left is to be cleared. */
void options_keep(const struct s0_chip *chip, uint8_t *window, size_t length);

/* Make the second copies say what the words to program say. */
void options_mirror(const struct s0_chip *chip, uint8_t *window, size_t length);

/* Does a window that was read show what one that was sent asks for? What takes
 * effect at the next reset may as yet be programmed alone. */
bool options_show(const struct s0_chip *chip, const uint8_t *read,
		  const uint8_t *sent, size_t length);

/* The same of the words that lie in one of the windows; NULL: in any. */
bool options_show_in(const struct s0_chip *chip, const uint8_t *read,
		     const uint8_t *sent, size_t length,
		     const struct s0_option_window *part);

/* The same, where the order of the banks has changed since @before was read and
 * a reset has exchanged the fields of the two. */
bool options_show_exchanged(const struct s0_chip *chip, const uint8_t *read,
			    const uint8_t *before, const uint8_t *sent,
			    size_t length);

/* Make the fields of the two banks change places, as a reset does that swaps
 * them (RM0399: the registers are swapped as well). */
void options_exchange(const struct s0_chip *chip, uint8_t *window,
		      size_t length);

/* Are all fields the same in two that were read? */
bool options_same(const struct s0_chip *chip, const uint8_t *a,
		  const uint8_t *b, size_t length);

/* … all that are in one of the windows; NULL: in any? */
bool options_same_in(const struct s0_chip *chip, const uint8_t *a,
		     const uint8_t *b, size_t length,
		     const struct s0_option_window *part);

/* Is that part of the windows in this one? NULL: any. */
bool options_in(const struct s0_option_window *part, size_t offset);

/*
 * Bits that no field has, which a window to be sent changes (@before: one that
 * changes nothing): does one that was read show them, in one of the windows
 * (NULL: in any), or what there was before? Else say so.
 */
bool options_raw_show(const struct s0_chip *chip, const uint8_t *read,
		      const uint8_t *before, const uint8_t *sent, size_t length,
		      const struct s0_option_window *part);
bool options_raw_same(const struct s0_chip *chip, const uint8_t *read,
		      const uint8_t *before, const uint8_t *sent, size_t length,
		      const struct s0_option_window *part);
void options_raw_tell(const struct s0_chip *chip, const uint8_t *read,
		      const uint8_t *before, const uint8_t *sent, size_t length,
		      struct text *text);

/* How many fields are changed by a window, from one that changes nothing? */
unsigned options_count(const struct s0_chip *chip, const uint8_t *before,
		       const uint8_t *sent, size_t length);

/* Does a field take effect at the next reset alone? */
bool option_is_late(const struct s0_option_field *field);

/* Level of the read-out protection, as it is now or as programmed; 0 where
 * the chip has none. */
unsigned options_level(const struct s0_chip *chip, const uint8_t *window,
		       size_t length, bool programmed);

/* Say of each field that does not show what was sent what it is: "RDP is 1
 * instead of 0, …". */
void options_tell(const struct s0_chip *chip, const uint8_t *read,
		  const uint8_t *sent, size_t length, struct text *text);

#endif
