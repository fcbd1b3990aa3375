/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "image/reader.h"
#include "image/uf2.h"

/* microsoft/uf2, utils/uf2families.json, commit 90e9741. */
static const struct {
	uint32_t family;
	const char *name;
} stm32_families[] = {
	{ 0x647824b6, "STM32F0" },     { 0x5ee21072, "STM32F1" },
	{ 0x5d1a0a2e, "STM32F2" },     { 0x6b846188, "STM32F3" },
	{ 0x57755a57, "STM32F4" },     { 0x6d0922fa, "STM32F407" },
	{ 0x8fb060fe, "STM32F407VG" }, { 0x06d1097b, "STM32F411xC" },
	{ 0x2dc309c5, "STM32F411xE" }, { 0x53b80f00, "STM32F7" },
	{ 0x300f5633, "STM32G0" },     { 0x4c71240a, "STM32G4" },
	{ 0x4e8f1c5d, "STM32H5" },     { S0_UF2_STM32H7, "STM32H7" },
	{ 0x202e3a91, "STM32L0" },     { 0x1e1f432d, "STM32L1" },
	{ 0x00ff6919, "STM32L4" },     { 0x04240bdf, "STM32L5" },
	{ 0x70d16653, "STM32WB" },     { 0x21460ff0, "STM32WL" },
};

#define NO_FAMILY 0u

static const char *stm32_name(uint32_t family)
{
	size_t count = sizeof stm32_families / sizeof stm32_families[0];

	for (size_t i = 0; i < count; i++)
		if (stm32_families[i].family == family)
			return stm32_families[i].name;
	return NULL;
}

/* A family for a message. */
struct shown {
	char chars[40];
};

static struct shown show(uint32_t family)
{
	const char *name = stm32_name(family);
	struct shown shown;

	if (family == NO_FAMILY)
		(void)snprintf(shown.chars, sizeof shown.chars, "no family");
	else if (name)
		(void)snprintf(shown.chars, sizeof shown.chars, "%s (0x%08x)",
			       name, family);
	else
		(void)snprintf(shown.chars, sizeof shown.chars, "family 0x%08x",
			       family);
	return shown;
}

/* The file while it is read. */
struct parse {
	struct reader *reader;
	size_t blocks;
	uint32_t family; /* the one whose blocks are taken */
	bool chosen;
	size_t first;	 /* its first block */
	size_t foreign;	 /* blocks of other families */
	size_t aside;	 /* blocks that are not for main flash */
	size_t repeated; /* blocks that are there twice, equal */
	uint32_t total;	 /* blocks that the family has, by its own account */
	uint32_t *seen;	 /* index + 1 of the block with each number */
};

static const uint8_t *block_at(const struct parse *parse, size_t index)
{
	return parse->reader->bytes + index * UF2_BLOCK;
}

static uint32_t field(const struct parse *parse, size_t index, unsigned at)
{
	return get_le32(block_at(parse, index) + at);
}

static uint32_t family_of(const struct parse *parse, size_t index)
{
	if (!(field(parse, index, UF2_AT_FLAGS) & UF2_HAS_FAMILY))
		return NO_FAMILY;
	return field(parse, index, UF2_AT_FAMILY);
}

static s0_code check_magic(struct parse *parse, size_t index)
{
	static const struct {
		unsigned at;
		uint32_t value;
	} magics[] = { { 0, UF2_MAGIC_0 },
		       { UF2_AT_MAGIC_1, UF2_MAGIC_1 },
		       { UF2_AT_MAGIC_END, UF2_MAGIC_END } };

	for (size_t i = 0; i < 3; i++) {
		uint32_t found = field(parse, index, magics[i].at);

		if (found != magics[i].value)
			return reader_error(parse->reader, S0_E_FORMAT,
					    index * UF2_BLOCK + magics[i].at,
					    "magic number of block %zu is "
					    "0x%08x, expected 0x%08x",
					    index, found, magics[i].value);
	}
	return S0_OK;
}

static s0_code check_block(struct parse *parse, size_t index)
{
	uint32_t size = field(parse, index, UF2_AT_SIZE);
	uint32_t address = field(parse, index, UF2_AT_ADDRESS);
	s0_code code = check_magic(parse, index);

	if (code != S0_OK)
		return code;
	if (size > UF2_PAYLOAD_MAXIMUM)
		return reader_error(parse->reader, S0_E_FORMAT,
				    index * UF2_BLOCK + UF2_AT_SIZE,
				    "payload size is %u, expected at most %u",
				    size, UF2_PAYLOAD_MAXIMUM);
	if (size && size - 1 > UINT32_MAX - address)
		return reader_error(parse->reader, S0_E_FORMAT,
				    index * UF2_BLOCK + UF2_AT_ADDRESS,
				    "%u bytes at 0x%08x run past 0xffffffff",
				    size, address);
	return S0_OK;
}

/* Would this family's blocks be taken? */
static bool acceptable(const struct parse *parse, uint32_t family)
{
	const uint32_t *wanted = parse->reader->options.uf2_families;

	if (family == NO_FAMILY)
		return true;
	if (!wanted)
		return stm32_name(family) != NULL;
	while (*wanted && *wanted != family)
		wanted++;
	return *wanted != 0;
}

/* A file may be several files, one a family, put one after the other. */
static s0_code choose_family(struct parse *parse, size_t index)
{
	uint32_t family = family_of(parse, index);

	if (!acceptable(parse, family)) {
		parse->foreign++;
		return S0_OK;
	}
	if (parse->chosen && family != parse->family)
		return reader_error(
			parse->reader, S0_E_UNSUPPORTED, index * UF2_BLOCK,
			"blocks for %s after blocks for %s: which of them to "
			"take must be told",
			show(family).chars, show(parse->family).chars);
	if (!parse->chosen) {
		parse->chosen = true;
		parse->family = family;
		parse->first = index;
	}
	return S0_OK;
}

static s0_code refuse_foreign(struct parse *parse)
{
	const uint32_t *wanted = parse->reader->options.uf2_families;

	error_add_cause(parse->reader->err, S0_CAUSE_OTHER_CHIP);
	return reader_error(parse->reader, S0_E_UNSUPPORTED, UF2_AT_FAMILY,
			    "the blocks are for %s, expected %s",
			    show(family_of(parse, 0)).chars,
			    wanted ? show(*wanted).chars : "a family of STM32");
}

static s0_code survey(struct parse *parse)
{
	struct reader *reader = parse->reader;
	size_t rest = reader->length % UF2_BLOCK;
	s0_code code = S0_OK;

	for (size_t i = 0; i < parse->blocks && code == S0_OK; i++) {
		code = check_block(parse, i);
		if (code == S0_OK)
			code = choose_family(parse, i);
	}
	if (code != S0_OK)
		return code;
	if (rest || reader->length == 0)
		return reader_error(reader, S0_E_FORMAT, reader->length - rest,
				    "block %zu is truncated: it has %zu bytes, "
				    "expected %u",
				    parse->blocks, rest, UF2_BLOCK);
	if (!parse->chosen)
		return refuse_foreign(parse);
	parse->total = field(parse, parse->first, UF2_AT_TOTAL);
	return S0_OK;
}

/* Note that a block is there; *ret_again: it was there before, the same. */
static s0_code note(struct parse *parse, size_t index, bool *ret_again)
{
	uint32_t number = field(parse, index, UF2_AT_NUMBER);
	uint32_t total = field(parse, index, UF2_AT_TOTAL);
	size_t before;

	*ret_again = false;
	if (total != parse->total)
		return reader_error(parse->reader, S0_E_FORMAT,
				    index * UF2_BLOCK + UF2_AT_TOTAL,
				    "total of blocks is %u, expected %u as in "
				    "the first block",
				    total, parse->total);
	if (number >= total)
		return reader_error(parse->reader, S0_E_FORMAT,
				    index * UF2_BLOCK + UF2_AT_NUMBER,
				    "block number is %u, expected less than "
				    "the total of %u",
				    number, total);
	if (number > parse->blocks) /* then others are missing */
		return S0_OK;
	before = parse->seen[number];
	parse->seen[number] = (uint32_t)index + 1;
	if (before == 0)
		return S0_OK;
	*ret_again = true;
	parse->repeated++;
	if (memcmp(block_at(parse, before - 1), block_at(parse, index),
		   UF2_BLOCK) != 0)
		return reader_error(parse->reader, S0_E_FORMAT,
				    index * UF2_BLOCK,
				    "block number %u differs from the one at "
				    "offset 0x%zx",
				    number, (before - 1) * UF2_BLOCK);
	return S0_OK;
}

static s0_code take_block(struct parse *parse, size_t index)
{
	uint32_t flags = field(parse, index, UF2_AT_FLAGS);
	bool again;
	s0_code code = note(parse, index, &again);

	if (code != S0_OK || again)
		return code;
	if (flags & (UF2_NOT_MAIN_FLASH | UF2_FILE_CONTAINER)) {
		parse->aside++;
		return S0_OK;
	}
	if (!sink_add(parse->reader->sink, field(parse, index, UF2_AT_ADDRESS),
		      block_at(parse, index) + UF2_AT_DATA,
		      field(parse, index, UF2_AT_SIZE),
		      index * UF2_BLOCK + UF2_AT_DATA))
		return error_memory(parse->reader->err);
	return S0_OK;
}

static s0_code check_complete(struct parse *parse)
{
	for (uint32_t i = 0; i < parse->total; i++)
		/* More in total than there are: the first that is not seen
		 * comes before the end of the array. */
		if (!parse->seen[i])
			return reader_error(parse->reader, S0_E_FORMAT,
					    parse->reader->length,
					    "block %u of %u is missing", i,
					    parse->total);
	return S0_OK;
}

static void warn_about_rest(struct parse *parse)
{
	struct reader *reader = parse->reader;

	if (parse->family == NO_FAMILY)
		reader_warn(reader, "the blocks do not say for which family "
				    "they are");
	if (parse->foreign)
		reader_warn(reader,
			    "%zu blocks for other families are left out",
			    parse->foreign);
	if (parse->aside)
		reader_warn(reader,
			    "%zu blocks that are not for main flash are left "
			    "out",
			    parse->aside);
	if (parse->repeated)
		reader_warn(reader,
			    "%zu blocks are there more than once, with "
			    "the same content",
			    parse->repeated);
}

s0_code uf2_read(struct reader *reader)
{
	struct parse parse = { .reader = reader,
			       .blocks = reader->length / UF2_BLOCK };
	s0_code code = survey(&parse);

	if (code != S0_OK)
		return code;
	parse.seen = calloc(parse.blocks + 1, sizeof *parse.seen);
	if (!parse.seen)
		return error_memory(reader->err);
	for (size_t i = 0; i < parse.blocks && code == S0_OK; i++)
		if (family_of(&parse, i) == parse.family)
			code = take_block(&parse, i);
	if (code == S0_OK)
		code = check_complete(&parse);
	free(parse.seen);
	if (code == S0_OK)
		warn_about_rest(&parse);
	return code;
}
