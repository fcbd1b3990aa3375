/* SPDX-License-Identifier: MIT */
/* What the option bytes keep from being changed, sector by sector. */
#include "base/range.h"
#include "chip/chip_internal.h"

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

/* A PCROP area counts always, a secure one while secure mode is on: without,
 * its registers can be set and mean nothing (RM0399 4.4.3). */
static bool counts(const struct s0_chip *chip, const uint8_t *window,
		   size_t length, s0_option_group group)
{
	const struct s0_option_field *security =
		s0_option_with(chip, S0_OPTION_SECURITY, NULL);
	uint32_t on;

	return group != S0_OPTION_SECURE_AREA ||
	       (security &&
		s0_option_get(security, window, length, false, &on) && on);
}

static void find_area(const struct s0_chip *chip, const uint8_t *window,
		      size_t length, struct s0_sector_protection *sector)
{
	static const s0_option_group groups[] = { S0_OPTION_PCROP,
						  S0_OPTION_SECURE_AREA };

	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		uint32_t address, bytes;

		if (!counts(chip, window, length, groups[i]) ||
		    !s0_option_area(chip, window, length, false, groups[i],
				    sector->bank ? sector->bank : 1, &address,
				    &bytes) ||
		    !range_overlap(address, bytes, sector->address,
				   sector->length))
			continue;
		sector->area = groups[i];
		sector->area_address = address;
		sector->area_length = bytes;
		return;
	}
}

bool s0_option_sector(const struct s0_chip *chip, const struct s0_map *map,
		      const uint8_t *window, size_t length, uint32_t address,
		      struct s0_sector_protection *ret_sector)
{
	struct s0_sector_protection s = { .area = S0_OPTION_GROUPS };
	const struct s0_area *area = s0_map_find(map, address);
	unsigned bank = 1;
	uint32_t mask;

	if (!area || area->kind != S0_AREA_FLASH ||
	    !s0_map_sector(map, address, &s.address, &s.length))
		return false;
	if (chip->bank_bytes)
		bank += (s.address - chip->flash_address) / chip->bank_bytes;
	s.bank = chip->bank_bytes ? bank : 0;
	s.number = count_sectors(map, chip_bank(chip, bank), s.address);
	s.write = s0_option_at(chip, S0_OPTION_WRITE_PROTECTION,
			       S0_OPTION_SECTORS, bank);
	if (!s.write || s.number >= s.write->width ||
	    !s0_option_get(s.write, window, length, false, &mask))
		s.write = NULL;
	s.write_protected = s.write && !(mask >> s.number & 1);
	find_area(chip, window, length, &s);
	*ret_sector = s;
	return true;
}
