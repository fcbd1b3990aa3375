/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_CHIPS_H
#define SECTOR0_CHIPS_H

#include <stddef.h>

#include <sector0/chip.h>
#include <sector0/error.h>

/**
 * @file
 * Chips from a file like those in chips/ (docs/adding-a-chip.md has the
 * format): what the library was built with is read by the same code.
 *
 *     code = s0_chips_parse("my.chip", text, length, &chips, &err);
 *     if (code == S0_OK)
 *         code = s0_context_add_chips(context, chips, &err);
 */

S0_BEGIN_DECLS

struct s0_context;

/** The chips of a file. Opaque; made by s0_chips_parse(). */
struct s0_chips;

/** The largest file that is read, bytes. */
#define S0_CHIPS_MAX ((size_t)1 << 20)

/**
 * Read a file of chips.
 * @param name       Of the file, for messages; the last part of it, without
 *                   ".chip", becomes the chips' family.
 * @param text       Not needed afterwards; any bytes.
 * @param ret_chips  To be freed with s0_chips_free().
 * @retval S0_E_FORMAT  The message begins with NAME:LINE:COLUMN: and says what
 *                      is wrong.
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_chips_parse(const char *name, const void *text,
					    size_t length,
					    struct s0_chips **ret_chips,
					    struct s0_error *err);

/** How many there are; one at least. */
S0_API size_t s0_chips_count(const struct s0_chips *chips);

/** One of them; NULL if index is too big. */
S0_API const struct s0_chip *s0_chips_at(const struct s0_chips *chips,
					 size_t index);

/** Forget them. NULL is allowed. */
S0_API void s0_chips_free(struct s0_chips *chips);

/**
 * The first name (or alias, or device ID of one maker) that two chips have in
 * common.
 * @return NULL if there is none. Static or owned by a chip.
 */
S0_API const char *s0_chips_clash(const struct s0_chip *a,
				  const struct s0_chip *b);

/**
 * Let a context know further chips. They come before those that the library
 * was built with, in the order in which they were added, and replace those of
 * the same name.
 * @param chips  The context's from now on, also when this fails: not to be
 *               freed by the caller.
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_context_add_chips(struct s0_context *context,
						  struct s0_chips *chips,
						  struct s0_error *err);

/** Number of chips that a context knows, built in or added. */
S0_API size_t s0_context_chip_count(const struct s0_context *context);

/** One of them; NULL if index is too big. Lives as long as the context. */
S0_API const struct s0_chip *s0_context_chip_at(
	const struct s0_context *context, size_t index);

/** A chip by its name or alias, in any case ("STM32H743", "h743"); NULL. */
S0_API const struct s0_chip *s0_context_chip_find(
	const struct s0_context *context, const char *name);

S0_END_DECLS

#endif
