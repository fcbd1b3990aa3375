/* SPDX-License-Identifier: MIT */
/* "NAME=VALUE" -> a field of the option bytes and what it is to hold. */
#include <sector0/option.h>

#include <stdio.h>
#include <string.h>

#include <sector0/chip.h>

#include "base/error.h"
#include "base/range.h"
#include "base/text.h"
#include "chip/chip_internal.h"

/* What a value is read for. */
struct input {
	const struct s0_chip *chip;
	const uint8_t *window; /* may be NULL */
	size_t length;
	const struct s0_option_field *field;
	const char *text;
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* Digits to the end of the word or to a character of stop; NULL if there are
 * none or the number is too big. */
static const char *number(const char *text, const char *stop, uint32_t *ret)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *at = hex ? text + 2 : text, *first = at;
	int base = hex ? 16 : 10;
	uint64_t value = 0;

	for (; digit(*at) < base; at++) {
		value = value * (unsigned)base + (unsigned)digit(*at);
		if (value > UINT32_MAX)
			return NULL;
	}
	if (at == first || (*at && !strchr(stop, *at)))
		return NULL;
	*ret = (uint32_t)value;
	return at;
}

/* "… takes off (0), on (1)". */
static s0_code not_understood(const struct input *in, struct s0_error *err)
{
	const struct s0_option_field *field = in->field;
	struct text list = { 0 };
	s0_code code;

	for (size_t i = 0; i < field->value_count; i++) {
		const struct s0_option_value *v = &field->values[i];

		text_add(&list, i ? ", " : "");
		if (v->word)
			text_add(&list, "%s (%u)", v->word, v->value);
		else
			text_add(&list, "%u", v->value);
	}
	if (!field->value_count)
		text_add(&list, "a number up to 0x%x",
			 s0_option_greatest(field));
	code = error_set(err, S0_E_UNSUPPORTED, "'%s' is no value of %s: %s",
			 in->text, field->name, text_chars(&list));
	text_free(&list);
	return code;
}

bool chip_option_listed(const struct s0_option_field *field, uint32_t value)
{
	for (size_t i = 0; i < field->value_count; i++)
		if (field->values[i].value == value)
			return true;
	return false;
}

/* A value that is none of a choice, nor there already. */
static bool is_nameless(const struct input *in, uint32_t value)
{
	const struct s0_option_field *field = in->field;
	uint32_t now;

	return field->kind == S0_OPTION_CHOICE &&
	       !chip_option_listed(field, value) &&
	       !(in->window &&
		 s0_option_get(field, in->window, in->length, false, &now) &&
		 now == value);
}

/* A value by the word that the data has for it. */
static bool by_word(const struct input *in, uint32_t *ret)
{
	for (size_t i = 0; i < in->field->value_count; i++) {
		const struct s0_option_value *v = &in->field->values[i];

		if (v->word && chip_same_word(v->word, in->text)) {
			*ret = v->value;
			return true;
		}
	}
	return false;
}

static s0_code parse_number(const struct input *in, uint32_t *ret,
			    struct s0_error *err)
{
	uint32_t value;

	if (by_word(in, ret))
		return S0_OK;
	if (!number(in->text, "", &value) ||
	    value > s0_option_greatest(in->field) || is_nameless(in, value))
		return not_understood(in, err);
	*ret = value;
	return S0_OK;
}

/* Any byte but two is level 1; one that stands there stays. */
static s0_code parse_rdp(const struct input *in, uint32_t *ret,
			 struct s0_error *err)
{
	static const struct {
		const char *level, *byte;
		uint32_t value;
	} levels[] = {
		{ "0", "0xaa", 0xaa },
		{ "1", "0xbb", 0xbb },
		{ "2", "0xcc", 0xcc },
	};
	uint32_t now;

	if (by_word(in, ret))
		return S0_OK;
	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(levels[i].level, in->text) != 0 &&
		    !chip_same_word(levels[i].byte, in->text))
			continue;
		*ret = levels[i].value;
		if (in->window &&
		    s0_option_get(in->field, in->window, in->length, false,
				  &now) &&
		    s0_option_level(now) == i &&
		    !chip_option_listed(in->field, now))
			*ret = now;
		return S0_OK;
	}
	return error_set(err, S0_E_UNSUPPORTED,
			 "'%s' is no value of %s: level 0, 1 or 2 (0xAA, 0xBB "
			 "or 0xCC)",
			 in->text, in->field->name);
}

/* "0-3,5"; the bits named, each of which may stand for several sectors. */
static bool sector_list(const char *at, const struct s0_option_field *field,
			uint32_t *ret_bits)
{
	uint32_t per = field->per ? field->per : 1;
	uint32_t count = field->width * per;
	uint32_t first, last, bits = 0;

	do {
		at = number(at, ",-", &first);
		last = first;
		if (at && *at == '-')
			at = number(at + 1, ",", &last);
		if (!at || first > last || first < field->first ||
		    last - field->first >= count)
			return false;
		first -= field->first;
		last -= field->first;
		if (first % per || (last + 1) % per)
			return false;
		for (uint32_t i = first / per; i <= last / per; i++)
			bits |= UINT32_C(1) << i;
	} while (*at++);
	*ret_bits = bits;
	return true;
}

static s0_code parse_sectors(const struct input *in, uint32_t *ret,
			     struct s0_error *err)
{
	const struct s0_option_field *field = in->field;
	uint32_t per = field->per ? field->per : 1, bits = 0;
	char groups[48] = "";

	if (chip_same_word("all", in->text)) {
		bits = s0_option_greatest(field);
	} else if (!chip_same_word("none", in->text) &&
		   !sector_list(in->text, field, &bits)) {
		if (per > 1)
			(void)snprintf(groups, sizeof groups,
				       ", by whole groups of %u", per);
		return error_set(
			err, S0_E_UNSUPPORTED,
			"'%s' is no value of %s: none, all, or sectors "
			"of %u to %u as in %u-%u,%u%s",
			in->text, field->name, field->first,
			field->first + field->width * per - 1, field->first,
			field->first + 4 * per - 1, field->first + 5 * per,
			groups);
	}
	*ret = s0_option_open(field) ^ bits;
	return S0_OK;
}

/* A number below the greatest is in units, any other a whole address. */
static s0_code parse_boot(const struct input *in, uint32_t *ret,
			  struct s0_error *err)
{
	const struct s0_option_field *field = in->field;
	uint32_t value;

	if (!number(in->text, "", &value) ||
	    (value > s0_option_greatest(field) &&
	     (value % field->unit ||
	      value / field->unit > s0_option_greatest(field))))
		return error_set(err, S0_E_UNSUPPORTED,
				 "'%s' is no value of %s: an address that is a "
				 "multiple of 0x%x, or its 0x%x-th part",
				 in->text, field->name, field->unit,
				 field->unit);
	*ret = value > s0_option_greatest(field) ? value / field->unit : value;
	return S0_OK;
}

static s0_code parse_area(const struct input *in, uint32_t *ret,
			  struct s0_error *err)
{
	const struct s0_option_field *field = in->field;
	bool end = field->kind == S0_OPTION_AREA_END;
	uint32_t unit = field->unit, value, bank, within;
	struct chip_banks banks;

	chip_banks(in->chip, NULL, in->window, in->length, &banks);
	bank = banks.start[field->bank > 1];
	within = end ? unit - 1 : 0;
	if (number(in->text, "", &value) &&
	    value <= s0_option_greatest(field)) {
		*ret = value;
		return S0_OK;
	}
	if (!unit || !chip_bank_known(in->chip, field))
		return error_set(err, S0_E_UNSUPPORTED,
				 "'%s' is no value of %s: the number of a "
				 "%s up to 0x%x",
				 in->text, field->name, unit ? "block" : "page",
				 s0_option_greatest(field));
	if (number(in->text, "", &value) &&
	    range_within(value, 1, bank, banks.bytes) &&
	    (value - bank) % unit == within &&
	    (value - bank) / unit <= s0_option_greatest(field)) {
		*ret = (value - bank) / unit;
		return S0_OK;
	}
	return error_set(err, S0_E_UNSUPPORTED,
			 "'%s' is no value of %s: the number of a block of %u "
			 "bytes up to 0x%x, or the address of its %s byte "
			 "(bank %u: 0x%08x to 0x%08x)",
			 in->text, field->name, unit, s0_option_greatest(field),
			 end ? "last" : "first", field->bank, bank,
			 bank + banks.bytes - 1);
}

s0_code s0_option_parse_value(const struct s0_chip *chip, const uint8_t *window,
			      size_t length,
			      const struct s0_option_field *field,
			      const char *text, uint32_t *ret_value,
			      struct s0_error *err)
{
	const struct input in = { chip, window, length, field, text };

	switch (field->kind) {
	case S0_OPTION_RDP:
		return parse_rdp(&in, ret_value, err);
	case S0_OPTION_SECTORS:
		return parse_sectors(&in, ret_value, err);
	case S0_OPTION_BOOT:
		return parse_boot(&in, ret_value, err);
	case S0_OPTION_AREA_START:
	case S0_OPTION_AREA_END:
		return parse_area(&in, ret_value, err);
	case S0_OPTION_NUMBER:
	case S0_OPTION_CHOICE:
	case S0_OPTION_WORD:
		break;
	}
	return parse_number(&in, ret_value, err);
}

/* Names that begin alike are listed: all would be too many. */
static s0_code unknown(const struct s0_chip *chip, const char *name,
		       struct s0_error *err)
{
	struct text names = { 0 };
	s0_code code;

	if (!chip->option_count)
		return error_set(err, S0_E_UNSUPPORTED,
				 "the option bytes of %s are not known",
				 chip->name);
	for (size_t i = 0; i < chip->option_count; i++)
		if ((chip->options[i].name[0] | 0x20) == (name[0] | 0x20))
			text_add(&names, " %s", chip->options[i].name);
	code = error_set(err, S0_E_UNSUPPORTED, "%s has no option '%s'%s%s",
			 chip->name, name, names.length ? "; there are" : "",
			 text_chars(&names));
	text_free(&names);
	return code;
}

s0_code s0_option_parse_word(const struct s0_chip *chip, const char *address,
			     const char *value,
			     struct s0_option_change *ret_change,
			     struct s0_error *err)
{
	struct s0_option_change change = { .mask = UINT32_MAX };
	size_t offset;

	if (!number(address, "", &change.address) ||
	    !s0_option_offset(chip, change.address, &offset))
		return error_set(err, S0_E_UNSUPPORTED,
				 "'%s' is no address of a 32-bit word of the "
				 "option bytes of %s",
				 address, chip->name);
	if (!number(value, "", &change.value))
		return error_set(err, S0_E_UNSUPPORTED,
				 "'%s' is no 32-bit word", value);
	*ret_change = change;
	return S0_OK;
}

s0_code s0_option_parse(const struct s0_chip *chip, const uint8_t *window,
			size_t length, const char *assignment,
			struct s0_option_change *ret_change,
			struct s0_error *err)
{
	const char *equals = strchr(assignment, '=');
	struct s0_option_change change = { 0 };
	char name[64];
	size_t size;
	s0_code code;

	if (!equals || equals == assignment || !equals[1])
		return error_set(err, S0_E_USAGE,
				 "'%s' is not of the form NAME=VALUE",
				 assignment);
	size = (size_t)(equals - assignment);
	size = size < sizeof name ? size : sizeof name - 1;
	memcpy(name, assignment, size);
	name[size] = '\0';
	if (name[0] == '0')
		return s0_option_parse_word(chip, name, equals + 1, ret_change,
					    err);
	change.field = s0_option_find(chip, name);
	if (!change.field)
		return unknown(chip, name, err);
	code = s0_option_parse_value(chip, window, length, change.field,
				     equals + 1, &change.value, err);
	if (code == S0_OK)
		*ret_change = change;
	return code;
}
