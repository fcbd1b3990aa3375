/* SPDX-License-Identifier: MIT */
/* Write protection as the fields of the option bytes have it. */
#include "base/bytes.h"
#include "session/lift.h"

/* The next field of write protection, as far as it means that now. */
const struct s0_option_field *lift_next_field(const struct s0_chip *chip,
					      const uint8_t *window,
					      size_t length, size_t *i)
{
	while (*i < chip->option_count) {
		const struct s0_option_field *field = &chip->options[(*i)++];

		if (field->group == S0_OPTION_WRITE_PROTECTION &&
		    (field->kind == S0_OPTION_SECTORS ||
		     field->kind == S0_OPTION_AREA_START ||
		     field->kind == S0_OPTION_AREA_END) &&
		    s0_option_applies(chip, field, window, length, false))
			return field;
	}
	return NULL;
}

uint32_t lift_now(const struct s0_option_field *field, const uint8_t *window,
		  size_t length)
{
	uint32_t value = 0;

	(void)s0_option_get(field, window, length, false, &value);
	return value;
}

/* What a field holds that protects nothing. */
uint32_t lift_open_value(const struct s0_option_field *field)
{
	switch (field->kind) {
	case S0_OPTION_AREA_START:
		return s0_option_greatest(field);
	case S0_OPTION_AREA_END:
		return 0;
	default:
		return s0_option_open(field);
	}
}

/* What protects all that either value does; of an area that is the lower start
 * and the higher end. */
static uint32_t both(const struct s0_option_field *field, uint32_t a,
		     uint32_t b)
{
	switch (field->kind) {
	case S0_OPTION_AREA_START:
		return a < b ? a : b;
	case S0_OPTION_AREA_END:
		return a > b ? a : b;
	default:
		return field->ones_protect ? a | b : a & b;
	}
}

/* Protect in a window, as if it had been read so, what another protects. */
void lift_protect(const struct s0_chip *chip, uint8_t *window,
		  const uint8_t *other, size_t length)
{
	const struct s0_option_field *field;

	for (size_t i = 0;
	     (field = lift_next_field(chip, window, length, &i));) {
		uint32_t mask = s0_option_greatest(field) << field->shift;
		uint32_t value = both(field, lift_now(field, window, length),
				      lift_now(field, other, length));
		uint8_t *word = window + field->offset;

		if (field->offset + 4u <= length)
			put_le32(word, (get_le32(word) & ~mask) |
					       value << field->shift);
	}
}
