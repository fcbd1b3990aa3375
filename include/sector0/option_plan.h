/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_OPTION_PLAN_H
#define SECTOR0_OPTION_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>
#include <sector0/option.h>

/**
 * @file
 * Changing option bytes: what a change comes to. Pure; doing it is
 * sector0/option_session.h.
 */

S0_BEGIN_DECLS

struct s0_chip;
struct s0_map;

/** One field, or one raw word, that changes. */
struct s0_option_step {
	/** Of the chip; of a raw word the plan's own, kind S0_OPTION_WORD. */
	const struct s0_option_field *field;
	uint32_t from, to;     /**< As in the register. */
	unsigned guards;       /**< S0_ALLOW_…: what it needs leave for. */
	bool at_reset;	       /**< It takes effect at the next reset alone. */
	char consequence[320]; /**< What follows from it, a clause; or "". */
};

/** A change of option bytes, decided. Opaque. */
struct s0_option_plan;

/**
 * Decide what a set of changes comes to. Fields that have their value already
 * drop out; nothing may be left, and then nothing is written.
 * @param map      The device's, by which is judged what a smaller part has
 *                 (s0_device_map()); NULL: the chip's largest part.
 * @param window   As read; not changed.
 * @param changes  In any order. What a raw word says of fields is judged like
 *                 changes of them; the rest of it is a step by itself, which
 *                 needs S0_ALLOW_RAW, and S0_ALLOW_COMPLEMENT where bytes,
 *                 halves or words stop being each other's complement.
 * @param ret_plan To be freed with s0_option_plan_free(); keeps a pointer to
 *                 chip.
 * @retval S0_E_USAGE      Two values for one field.
 * @retval S0_E_PROTECTED  The chip would reject it, or it cannot be undone by
 *                         what was asked for: never done, whatever is allowed.
 * @retval S0_E_UNSUPPORTED  The window is not one of this chip's.
 */
S0_API S0_MUST_CHECK s0_code
s0_option_plan_new(const struct s0_chip *chip, const struct s0_map *map,
		   const uint8_t *window, size_t length,
		   const struct s0_option_change *changes, size_t count,
		   struct s0_option_plan **ret_plan, struct s0_error *err);

/**
 * Likewise, of plain bytes for a part of the windows, such as a file that was
 * read from there: words in which they differ from what is there are asked for
 * as they are, and the rest of a word that they cover in part stays. A word that
 * only shows what is in force may be as it is, or say what the word that is
 * programmed is to say.
 * @param address  Of the first byte, in a window.
 * @param bytes    Not kept.
 * @retval S0_E_UNSUPPORTED  Some of them are in no window (err->address), or a
 *                         word that cannot be programmed was changed.
 */
S0_API S0_MUST_CHECK s0_code
s0_option_plan_bytes(const struct s0_chip *chip, const struct s0_map *map,
		     const uint8_t *window, size_t length, uint32_t address,
		     const void *bytes, uint32_t count,
		     struct s0_option_plan **ret_plan, struct s0_error *err);

/** Free a plan. NULL is allowed. */
S0_API void s0_option_plan_free(struct s0_option_plan *plan);

/** Number of fields that change. */
S0_API size_t s0_option_plan_count(const struct s0_option_plan *plan);

/** One of them, in the order of the chip's fields, then words; NULL. Owned by the plan. */
S0_API const struct s0_option_step *s0_option_plan_step(
	const struct s0_option_plan *plan, size_t index);

/**
 * What is sent: as read, but that its words to program are as wanted. For
 * s0_option_print() of what a step changes to. Owned by the plan.
 */
S0_API const uint8_t *s0_option_plan_window(const struct s0_option_plan *plan,
					    size_t *ret_length);

/** Is all flash erased by it? */
S0_API bool s0_option_plan_erases(const struct s0_option_plan *plan);

/**
 * Is there leave for all that needs it?
 * @param allow  S0_ALLOW_…, a set.
 * @retval S0_E_PROTECTED  Not for all, cause ::S0_CAUSE_NOT_ALLOWED; the message
 *                         names the first field and the reason.
 */
S0_API S0_MUST_CHECK s0_code
s0_option_plan_check(const struct s0_option_plan *plan, unsigned allow,
		     struct s0_error *err);

S0_END_DECLS

#endif
