/* SPDX-License-Identifier: MIT */
/* What the option bytes keep from being changed, sector by sector. */
#include "base/range.h"
#include "chip/chip_internal.h"

/* What is asked, and of which sector. */
struct question {
	const struct s0_chip *chip;
	const struct s0_map *map;
	const uint8_t *window;
	size_t length;
	struct chip_banks banks;
	uint32_t address, bytes; /* of the sector */
};

/* Sectors that begin in [from, to). */
static unsigned count_sectors(const struct s0_map *map, uint32_t from,
			      uint32_t to)
{
	unsigned count = 0;

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		uint64_t end = range_end(area->address, area->length);
		uint64_t at = area->address > from ? area->address : from;

		end = to < end ? to : end;
		if (area->kind == S0_AREA_FLASH && area->sector_size &&
		    at < end)
			count += (uint32_t)(end - at) / area->sector_size;
	}
	return count;
}

static unsigned bank_of(const struct chip_banks *banks, uint32_t address)
{
	return banks->count > 1 && address >= banks->start[1] ? 2 : 1;
}

bool chip_sector_bit(const struct s0_map *map, const struct chip_banks *banks,
		     const struct s0_option_field *field, uint32_t address,
		     unsigned *ret_bit)
{
	unsigned bank = bank_of(banks, address), number;
	unsigned per = field->per ? field->per : 1;

	if (field->kind != S0_OPTION_SECTORS ||
	    (field->bank && field->bank != bank))
		return false;
	number = count_sectors(map, banks->start[field->bank > 1], address);
	if (number < field->first)
		return false;
	number = (number - field->first) / per;
	if (number >= field->width && !field->rest)
		return false;
	*ret_bit = number < field->width ? number : field->width - 1u;
	return true;
}

/* A PCROP area counts always, a secure one while secure mode is on: without,
 * its registers can be set and mean nothing (RM0399 4.4.3). One that hangs on
 * another field has said so itself. */
static bool counts(const struct question *q,
		   const struct s0_option_field *field)
{
	const struct s0_option_field *security =
		s0_option_with(q->chip, S0_OPTION_SECURITY, NULL);
	uint32_t on;

	return field->group != S0_OPTION_SECURE_AREA || field->when ||
	       (security &&
		s0_option_get(security, q->window, q->length, false, &on) &&
		on);
}

/* Does this field close the sector? *ret_bit is the sector's, if it has one.
 */
static bool closes(const struct question *q,
		   const struct s0_option_field *field, struct chip_area *area,
		   unsigned *ret_bit)
{
	uint32_t bits;

	if (!s0_option_applies(q->chip, field, q->window, q->length, false) ||
	    !counts(q, field))
		return false;
	if (field->kind == S0_OPTION_AREA_START)
		return chip_area(q->chip, q->map, q->window, q->length, false,
				 field, area) &&
		       range_overlap(area->address, area->length, q->address,
				     q->bytes);
	*area = (struct chip_area){ q->address, q->bytes, false };
	return chip_sector_bit(q->map, &q->banks, field, q->address, ret_bit) &&
	       s0_option_get(field, q->window, q->length, false, &bits) &&
	       (bits >> *ret_bit & 1) == field->ones_protect;
}

static bool ask(const struct s0_chip *chip, const struct s0_map *map,
		const uint8_t *window, size_t length, uint32_t address,
		struct question *q)
{
	const struct s0_area *area = s0_map_find(map, address);

	*q = (struct question){
		.chip = chip, .map = map, .window = window, .length = length
	};
	if (!area || area->kind != S0_AREA_FLASH ||
	    !s0_map_sector(map, address, &q->address, &q->bytes))
		return false;
	chip_banks(chip, map, window, length, &q->banks);
	return true;
}

bool s0_option_sector(const struct s0_chip *chip, const struct s0_map *map,
		      const uint8_t *window, size_t length, uint32_t address,
		      struct s0_sector_protection *ret_sector)
{
	struct s0_sector_protection s = { .area = S0_OPTION_GROUPS };
	struct question q;
	unsigned bank, bit;

	if (!ask(chip, map, window, length, address, &q))
		return false;
	bank = bank_of(&q.banks, q.address);
	s.address = q.address;
	s.length = q.bytes;
	s.bank = q.banks.count > 1 ? bank : 0;
	s.number = count_sectors(map, q.banks.start[bank - 1], q.address);
	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];
		struct chip_area area;

		if (!closes(&q, field, &area, &bit))
			continue;
		if (field->group == S0_OPTION_WRITE_PROTECTION) {
			s.write_protected = true;
		} else if (s.area == S0_OPTION_GROUPS) {
			s.area = field->group;
			s.area_address = area.address;
			s.area_length = area.length;
		}
	}
	*ret_sector = s;
	return true;
}

bool s0_option_open_sector(const struct s0_chip *chip, const struct s0_map *map,
			   const uint8_t *window, size_t length,
			   uint32_t address, uint8_t *sent)
{
	struct question q;
	bool open = false;

	if (!ask(chip, map, window, length, address, &q))
		return false;
	for (size_t i = 0; i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];
		struct chip_area area;
		uint32_t value;
		unsigned bit;

		if (field->group != S0_OPTION_WRITE_PROTECTION ||
		    !closes(&q, field, &area, &bit))
			continue;
		open = true;
		if (field->kind == S0_OPTION_AREA_START) {
			(void)s0_option_put(field, sent, length,
					    s0_option_greatest(field));
			(void)s0_option_put(chip_other_end(chip, field), sent,
					    length, 0);
		} else if (s0_option_get(field, sent, length, true, &value)) {
			uint32_t mask = UINT32_C(1) << bit;

			(void)s0_option_put(field, sent, length,
					    field->ones_protect ? value & ~mask
								: value | mask);
		}
	}
	return open;
}
