/* SPDX-License-Identifier: MIT */
/*
 * The names of alternate settings, which spell the device's memory:
 *
 *	@Name /0xADDRESS/COUNT*SIZE[B|K|M| ]TYPE,…[/0xADDRESS/…]
 *
 * UM0424 and AN3156; what real devices send beside that (any number of blanks
 * around the name, zero-padded or plain counts of up to four digits, a missing
 * unit, several groups of addresses) is from descriptor dumps.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "chip/map.h"

/* Messages quote no more of a layout than leaves room for what is wrong. */
#define QUOTED 180

struct cursor {
	const char *text; /* the whole layout */
	const char *at;
	const struct s0_map *map; /* what was known before */
	struct s0_map *own;	  /* what this layout says */
	struct s0_error *err;
};

static s0_code broken(const struct cursor *c, const char *expected)
{
	return error_set(c->err, S0_E_FORMAT,
			 "memory layout '%.*s' is malformed at column %zu: "
			 "expected %s",
			 QUOTED, c->text, (size_t)(c->at - c->text) + 1,
			 expected);
}

static void skip_blanks(struct cursor *c)
{
	while (*c->at == ' ')
		c->at++;
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static s0_code decimal(struct cursor *c, const char *what, uint32_t *ret_value)
{
	uint64_t value = 0;

	if (!is_digit(*c->at))
		return broken(c, what);
	for (; is_digit(*c->at); c->at++) {
		value = value * 10 + (uint64_t)(*c->at - '0');
		if (value > UINT32_MAX)
			return broken(c, "a smaller number");
	}
	*ret_value = (uint32_t)value;
	return S0_OK;
}

static int hex_digit(char ch)
{
	if (is_digit(ch))
		return ch - '0';
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	return -1;
}

static s0_code address(struct cursor *c, uint32_t *ret_value)
{
	uint64_t value = 0;

	skip_blanks(c);
	if (c->at[0] != '0' || (c->at[1] != 'x' && c->at[1] != 'X'))
		return broken(c, "an address, 0x…");
	c->at += 2;
	if (hex_digit(*c->at) < 0)
		return broken(c, "a hexadecimal digit");
	for (; hex_digit(*c->at) >= 0; c->at++) {
		value = value * 16 + (uint64_t)hex_digit(*c->at);
		if (value > UINT32_MAX)
			return broken(c, "an address of 32 bits");
	}
	skip_blanks(c);
	*ret_value = (uint32_t)value;
	return S0_OK;
}

/* The unit after a sector size; none, a blank, B or (STM32U0) a dot is bytes. */
static uint32_t unit(struct cursor *c)
{
	uint32_t factor = 1;

	if (*c->at == 'K')
		factor = 1024;
	else if (*c->at == 'M')
		factor = 1024 * 1024;
	if (*c->at && strchr("KMB .", *c->at))
		c->at++;
	skip_blanks(c);
	return factor;
}

/* One `COUNT*SIZE TYPE`, at *start; moves it on. */
static s0_code sectors(struct cursor *c, struct s0_area *area, uint64_t *start)
{
	const struct s0_area *known;
	uint32_t count, size;
	uint64_t bytes;
	s0_code code;

	skip_blanks(c);
	code = decimal(c, "a number of sectors", &count);
	if (code == S0_OK && *c->at++ != '*') {
		c->at--;
		return broken(c, "'*'");
	}
	if (code == S0_OK)
		code = decimal(c, "a sector size", &size);
	if (code != S0_OK)
		return code;
	bytes = (uint64_t)size * unit(c);
	if (*c->at < 'a' || *c->at > 'g')
		return broken(c, "a type letter, a to g");
	area->can = (unsigned)(*c->at++ - 'a' + 1);
	if (!count || !bytes || bytes > UINT32_MAX ||
	    bytes * count > (UINT64_C(1) << 32) - *start ||
	    bytes * count > UINT32_MAX)
		return broken(c, "sectors that fit 32 bits of address");
	area->address = (uint32_t)*start;
	area->sector_size = (uint32_t)bytes;
	area->length = (uint32_t)(bytes * count);
	known = map_overlap(c->map, area->address, area->length);
	if (!known)
		known = map_overlap(c->own, area->address, area->length);
	if (known)
		return error_set_at(
			c->err, S0_E_OVERLAP, area->address, area->length,
			"memory layout '%.*s' overlaps %s%s%s at 0x%08x",
			QUOTED, c->text, known->name[0] ? "'" : "",
			known->name[0] ? known->name : "sectors before",
			known->name[0] ? "'" : "", known->address);
	*start += bytes * count;
	return s0_map_add(c->own, area, c->err);
}

static bool has_word(const char *name, const char *word)
{
	size_t length = strlen(word);

	for (; *name; name++) {
		size_t i = 0;

		while (i < length && (name[i] | 0x20) == word[i])
			i++;
		if (i == length)
			return true;
	}
	return false;
}

static s0_area_kind kind_of(const char *name)
{
	/* "OB Bytes": STM32U0 and STM32C0 */
	if (has_word(name, "option") || strncmp(name, "OB ", 3) == 0)
		return S0_AREA_OPTION;
	if (has_word(name, "otp"))
		return S0_AREA_OTP;
	if (has_word(name, "eeprom") || has_word(name, "data"))
		return S0_AREA_EEPROM;
	if (has_word(name, "flash"))
		return S0_AREA_FLASH;
	return S0_AREA_OTHER;
}

/* Everything behind the name. */
static s0_code groups(struct cursor *c, struct s0_area *area)
{
	s0_code code = S0_OK;

	while (code == S0_OK && *c->at == '/') {
		uint32_t start = 0;
		uint64_t at;

		c->at++;
		code = address(c, &start);
		if (code != S0_OK)
			return code;
		if (*c->at != '/')
			return broken(c, "'/' and sectors");
		at = start;
		do {
			c->at++;
			code = sectors(c, area, &at);
		} while (code == S0_OK && *c->at == ',');
		if (code == S0_OK)
			skip_blanks(c);
	}
	if (code == S0_OK && *c->at)
		return broken(c, "',', '/' or the end");
	return code;
}

static s0_code parse(struct cursor *c, uint8_t alt)
{
	struct s0_area area = { .alt = alt, .from_device = true };
	char name[64];
	size_t length;

	if (*c->at != '@')
		return broken(c, "'@'");
	c->at++;
	skip_blanks(c);
	length = strcspn(c->at, "/");
	if (c->at[length] != '/') {
		c->at += length;
		return broken(c, "'/' and an address");
	}
	(void)snprintf(name, sizeof name, "%.*s",
		       length < sizeof name ? (int)length : (int)sizeof name,
		       c->at);
	for (size_t end = strlen(name); end && name[end - 1] == ' '; end--)
		name[end - 1] = '\0';
	area.name = name;
	area.kind = kind_of(name);
	c->at += length;
	return groups(c, &area);
}

s0_code s0_map_parse(struct s0_map *map, const char *layout, uint8_t alt,
		     struct s0_error *err)
{
	struct s0_map own = { 0 };
	struct cursor c = { .text = layout,
			    .at = layout,
			    .map = map,
			    .own = &own,
			    .err = err };
	s0_code code = parse(&c, alt);

	if (code == S0_OK)
		code = map_join(map, &own, err);
	map_clear(&own);
	return code;
}
