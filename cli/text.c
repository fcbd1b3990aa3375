/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <string.h>

#include "failure.h"

int text_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	char lower = digit >= 'A' && digit <= 'F' ? (char)(digit + 32) : digit;
	const char *at = lower ? strchr(digits, lower) : NULL;

	return at ? (int)(at - digits) : -1;
}

static unsigned suffix_shift(char suffix)
{
	if (suffix == 'K' || suffix == 'k')
		return 10;
	return suffix == 'M' || suffix == 'm' ? 20 : 0;
}

bool text_number(const char *word, bool suffixes, uint32_t *ret_number)
{
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	const char *at = hex ? word + 2 : word;
	uint64_t number = 0;
	int digit = text_digit(*at);

	if (digit < 0 || (!hex && digit > 9))
		return false;
	/* 08000000 is surely meant to be hexadecimal: better asked than
	   guessed. */
	if (!hex && word[0] == '0' && word[1])
		return false;
	for (; digit >= 0 && (hex || digit <= 9); digit = text_digit(*++at)) {
		number = number * (hex ? 16 : 10) + (unsigned)digit;
		if (number > UINT32_MAX)
			return false;
	}
	if (suffixes && *at && suffix_shift(*at) > 0)
		number <<= suffix_shift(*at++);
	if (*at || number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

s0_code text_address(const char *word, uint32_t *ret_address,
		     struct s0_error *err)
{
	if (text_number(word, false, ret_address))
		return S0_OK;
	fail_usage(err, "'%s' is not an address", word);
	add_hint(err, "addresses are written as 0x08000000 or 134217728");
	return S0_E_USAGE;
}

s0_code text_length(const char *word, uint32_t *ret_length,
		    struct s0_error *err)
{
	if (text_number(word, true, ret_length) && *ret_length > 0)
		return S0_OK;
	fail_usage(err, "'%s' is not a length", word);
	add_hint(err, "lengths are written as 4096, 0x1000, 4K or 1M");
	return S0_E_USAGE;
}

s0_code text_range(const char *const words[2], uint32_t *ret_address,
		   uint32_t *ret_length, struct s0_error *err)
{
	s0_code code = text_address(words[0], ret_address, err);

	if (code == S0_OK)
		code = text_length(words[1], ret_length, err);
	if (code == S0_OK && *ret_length - 1 > UINT32_MAX - *ret_address)
		code = fail_usage(
			err, "%u bytes from 0x%08x run past 0xffffffff",
			(unsigned)*ret_length, (unsigned)*ret_address);
	return code;
}

void text_size(char *buffer, size_t size, uint64_t bytes)
{
	if (bytes >= 1024 && bytes % 1024 == 0)
		(void)snprintf(buffer, size, "%llu KiB",
			       (unsigned long long)(bytes / 1024));
	else
		(void)snprintf(buffer, size, "%llu byte%s",
			       (unsigned long long)bytes,
			       bytes == 1 ? "" : "s");
}

void text_print(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		fputc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}

void text_destination(FILE *out, const char *path)
{
	if (strcmp(path, "-") == 0)
		return;
	fputs(" to '", out);
	text_print(out, path);
	putc('\'', out);
}
