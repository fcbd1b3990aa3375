/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/bytes.h"
#include "image/hexline.h"
#include "image/uf2.h"

static const struct {
	const char *word; /* format name, and extension */
	s0_format format;
} words[] = {
	{ "bin", S0_FORMAT_BIN },   { "hex", S0_FORMAT_IHEX },
	{ "ihex", S0_FORMAT_IHEX }, { "ihx", S0_FORMAT_IHEX },
	{ "srec", S0_FORMAT_SREC }, { "s19", S0_FORMAT_SREC },
	{ "s28", S0_FORMAT_SREC },  { "s37", S0_FORMAT_SREC },
	{ "mot", S0_FORMAT_SREC },  { "elf", S0_FORMAT_ELF },
	{ "axf", S0_FORMAT_ELF },   { "out", S0_FORMAT_ELF },
	{ "dfu", S0_FORMAT_DFUSE }, { "uf2", S0_FORMAT_UF2 },
};

static const char *const names[] = {
	[S0_FORMAT_AUTO] = "unknown format",
	[S0_FORMAT_BIN] = "raw binary",
	[S0_FORMAT_IHEX] = "Intel HEX",
	[S0_FORMAT_SREC] = "S-record",
	[S0_FORMAT_ELF] = "ELF",
	[S0_FORMAT_DFUSE] = "DfuSe",
	[S0_FORMAT_UF2] = "UF2",
};

/* Without the locale, which must not decide what a file is. */
static bool same_word(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char c = *a >= 'A' && *a <= 'Z' ? (char)(*a - 'A' + 'a') : *a;

		if (c != *b)
			return false;
	}
	return *a == *b;
}

s0_format s0_format_parse(const char *word)
{
	for (size_t i = 0; word && i < sizeof words / sizeof words[0]; i++)
		if (same_word(word, words[i].word))
			return words[i].format;
	return S0_FORMAT_AUTO;
}

s0_format s0_format_of_name(const char *name)
{
	const char *dot = name ? strrchr(name, '.') : NULL;

	return dot ? s0_format_parse(dot + 1) : S0_FORMAT_AUTO;
}

const char *s0_format_name(s0_format format)
{
	if ((unsigned)format >= sizeof names / sizeof names[0])
		return names[S0_FORMAT_AUTO];
	return names[format];
}

static bool all_digits(const uint8_t *at, size_t count)
{
	while (count--)
		if (hex_digit[*at++] == HEX_BAD)
			return false;
	return true;
}

/* The first record's head is enough: the reader will say what is wrong with
 * the rest. */
static s0_format recognise_text(const uint8_t *at, const uint8_t *end)
{
	at = hexline_skip(at, end);
	if (end - at < 10)
		return S0_FORMAT_AUTO;
	if (at[0] == ':' && all_digits(at + 1, 8))
		return S0_FORMAT_IHEX;
	if (at[0] == 'S' && at[1] >= '0' && at[1] <= '9' &&
	    all_digits(at + 2, 8))
		return S0_FORMAT_SREC;
	return S0_FORMAT_AUTO;
}

static s0_format recognise_content(const uint8_t *bytes, size_t length)
{
	if (length >= 4 && memcmp(bytes, "\177ELF", 4) == 0)
		return S0_FORMAT_ELF;
	if (length >= 5 && memcmp(bytes, "DfuSe", 5) == 0)
		return S0_FORMAT_DFUSE;
	if (length >= 8 && get_le32(bytes) == UF2_MAGIC_0 &&
	    get_le32(bytes + UF2_AT_MAGIC_1) == UF2_MAGIC_1)
		return S0_FORMAT_UF2;
	if (length)
		return recognise_text(bytes, bytes + length);
	return S0_FORMAT_AUTO;
}

s0_format s0_image_recognise(const struct s0_image_file *file)
{
	s0_format named = s0_format_of_name(file->name);
	s0_format found = recognise_content(file->bytes, file->length);

	if (found != S0_FORMAT_AUTO)
		return found;
	if (named == S0_FORMAT_DFUSE &&
	    dfuse_plain_suffix(file->bytes, file->length))
		return S0_FORMAT_BIN;
	return named != S0_FORMAT_AUTO ? named : S0_FORMAT_BIN;
}
