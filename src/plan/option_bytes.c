/* SPDX-License-Identifier: MIT */
/* Option bytes that somebody has as plain bytes: the words in them that are
 * others than now. */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "plan/option_plan.h"
#include "plan/options.h"

struct raw_bytes {
	const struct s0_chip *chip;
	const uint8_t *now;
	uint8_t wanted[S0_OPTION_MAX];
	bool given[S0_OPTION_MAX]; /* of each byte */
	struct s0_option_change changes[S0_OPTION_MAX / 4];
	size_t count;
};

static s0_code spread(struct raw_bytes *raw, uint32_t address,
		      const uint8_t *bytes, uint32_t count,
		      struct s0_error *err)
{
	size_t offset;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = address + i;

		if (!s0_option_offset(raw->chip, at & ~UINT32_C(3), &offset)) {
			if (err)
				err->address = at;
			return error_set(err, S0_E_UNSUPPORTED,
					 "0x%08x is not in the option bytes of "
					 "%s",
					 at, raw->chip->name);
		}
		raw->wanted[offset + at % 4] = bytes[i];
		raw->given[offset + at % 4] = true;
	}
	return S0_OK;
}

static bool differs(const struct raw_bytes *raw, size_t offset)
{
	return memcmp(raw->now + offset, raw->wanted + offset, 4) != 0;
}

static bool is_given(const struct raw_bytes *raw, size_t offset)
{
	return raw->given[offset] || raw->given[offset + 1] ||
	       raw->given[offset + 2] || raw->given[offset + 3];
}

static const struct s0_option_word *shown_by(const struct s0_chip *chip,
					     size_t offset)
{
	for (size_t i = 0; i < chip->option_word_count; i++)
		if (chip->option_words[i].offset == offset &&
		    chip->option_words[i].program != offset)
			return &chip->option_words[i];
	return NULL;
}

/* What is in force is not programmed. It may say what the word that is
 * programmed is to say, since that is how it reads afterwards. */
static s0_code check_shown(const struct raw_bytes *raw,
			   const struct s0_option_word *word,
			   struct s0_error *err)
{
	uint32_t wanted = get_le32(raw->wanted + word->offset);

	if (!((wanted ^ get_le32(raw->now + word->offset)) & word->settable) ||
	    !((wanted ^ get_le32(raw->wanted + word->program)) &
	      word->settable))
		return S0_OK;
	return error_set(err, S0_E_UNSUPPORTED,
			 "0x%08x shows what is in force; what is programmed is "
			 "at 0x%08x, and says something else",
			 s0_option_address(raw->chip, word->offset),
			 s0_option_address(raw->chip, word->program));
}

/* The value of a word and what says it a second time go together, or the chip's
 * complement would be made right without a word. */
static bool partner_differs(const struct raw_bytes *raw, size_t offset)
{
	const struct s0_chip *chip = raw->chip;

	for (size_t i = 0; i < chip->option_word_count; i++) {
		const struct s0_option_word *word = &chip->option_words[i];

		if (word->mirroring > S0_OPTION_MIRROR_COMPLEMENT ||
		    (word->mirroring == S0_OPTION_MIRROR_COPY && !word->mirror))
			continue;
		if (word->program == offset && differs(raw, word->mirror))
			return true;
		if (word->mirror == offset && differs(raw, word->program))
			return true;
	}
	return false;
}

static s0_code collect(struct raw_bytes *raw, size_t length,
		       struct s0_error *err)
{
	for (size_t at = 0; at + 4 <= length; at += 4) {
		const struct s0_option_word *word = shown_by(raw->chip, at);
		s0_code code;

		if (!is_given(raw, at))
			continue;
		if (word) {
			code = check_shown(raw, word, err);
			if (code != S0_OK)
				return code;
		} else if (differs(raw, at) || partner_differs(raw, at)) {
			raw->changes[raw->count++] = (struct s0_option_change){
				.value = get_le32(raw->wanted + at),
				.address = s0_option_address(raw->chip, at),
				.mask = UINT32_MAX,
			};
		}
	}
	return S0_OK;
}

s0_code s0_option_plan_bytes(const struct s0_chip *chip,
			     const struct s0_map *map, const uint8_t *window,
			     size_t length, uint32_t address, const void *bytes,
			     uint32_t count, struct s0_option_plan **ret_plan,
			     struct s0_error *err)
{
	struct raw_bytes raw = { .chip = chip, .now = window };
	s0_code code;

	if (length > S0_OPTION_MAX || length != s0_option_length(chip))
		length = 0; /* the plan says so */
	memcpy(raw.wanted, window, length);
	code = length ? spread(&raw, address, bytes, count, err) : S0_OK;
	if (code == S0_OK)
		code = collect(&raw, length, err);
	if (code != S0_OK)
		return code;
	return s0_option_plan_new(chip, map, window, length, raw.changes,
				  raw.count, ret_plan, err);
}
