/* SPDX-License-Identifier: MIT */
/* Write protection and protected areas, as the option bytes have them. */
#include <stdio.h>
#include <string.h>

#include "base/range.h"
#include "diag/diag.h"

/* Areas come in units of 256 bytes; one whose start lies behind its end is
 * none (RM0433, FLASH_PRAR and FLASH_SCAR). */
#define UNIT 256u

bool diag_area(const struct s0_facts *facts, const char *name, unsigned bank,
	       uint32_t *ret_address, uint32_t *ret_length)
{
	char field[32];
	uint32_t first, last, base;

	(void)snprintf(field, sizeof field, "%s_START%u", name, bank);
	if (!diag_option(facts, field, &first))
		return false;
	(void)snprintf(field, sizeof field, "%s_END%u", name, bank);
	if (!diag_option(facts, field, &last) || first > last || !facts->map ||
	    !s0_map_flash_start(facts->map, &base))
		return false;
	*ret_address = base + (bank - 1) * facts->device->chip->bank_bytes +
		       first * UNIT;
	*ret_length = (last - first + 1) * UNIT;
	return true;
}

bool diag_areas(const struct s0_facts *facts, const char *name,
		struct text *evidence)
{
	uint32_t address, length;

	for (unsigned bank = 1; bank <= 2; bank++)
		if (diag_area(facts, name, bank, &address, &length))
			text_add(evidence, "%s%u bytes from 0x%08x",
				 evidence->length ? " and " : "", length,
				 address);
	return evidence->length > 0;
}

bool when_pcrop(const struct s0_facts *facts, struct text *evidence)
{
	return diag_areas(facts, "PROT_AREA", evidence);
}

/* One field with a bit a sector, 0 where it is protected: the H7 has one a
 * bank, the F4 one for all. */
struct walk {
	uint32_t bank, mask;
	unsigned bank_number, bit;
	bool known;
};

static void enter_bank(const struct s0_facts *facts, struct walk *walk,
		       uint32_t address, uint32_t base)
{
	uint32_t bytes = facts->device->chip->bank_bytes;
	unsigned number = bytes ? (address - base) / bytes + 1 : 1;
	char field[16];

	if (number == walk->bank_number)
		return;
	walk->bank_number = number;
	walk->bit = 0;
	(void)snprintf(field, sizeof field, "WRPSn%u", number);
	walk->known = diag_option(facts, field, &walk->mask) ||
		      diag_option(facts, "nWRP", &walk->mask);
}

/* Call for each protected sector until one call says that it is enough. */
static bool each_protected(const struct s0_facts *facts,
			   bool (*call)(void *payload, uint32_t address,
					uint32_t length),
			   void *payload)
{
	struct walk walk = { 0 };
	uint32_t base;

	if (!facts->device || !facts->device->chip || !facts->map ||
	    !s0_map_flash_start(facts->map, &base))
		return false;
	for (size_t i = 0; i < s0_map_area_count(facts->map); i++) {
		const struct s0_area *area = s0_map_area(facts->map, i);
		uint32_t size = area->sector_size;

		if (area->kind != S0_AREA_FLASH || !size)
			continue;
		for (uint32_t at = 0; at < area->length; at += size) {
			enter_bank(facts, &walk, area->address + at, base);
			if (walk.known && walk.bit < 32 &&
			    !(walk.mask >> walk.bit & 1) &&
			    call(payload, area->address + at, size))
				return true;
			walk.bit++;
		}
	}
	return false;
}

static bool holds(void *payload, uint32_t address, uint32_t length)
{
	return range_overlap(address, length, *(const uint32_t *)payload, 1);
}

bool diag_protected(const struct s0_facts *facts, uint32_t address)
{
	return each_protected(facts, holds, &address);
}

struct listing {
	struct text *evidence;
	const struct s0_plan *plan; /* only what it touches; NULL: all */
	size_t count;
};

static bool touches(const struct s0_plan *plan, uint32_t address)
{
	for (size_t i = 0; i < s0_plan_sector_count(plan); i++)
		if (s0_plan_sector(plan, i)->address == address)
			return true;
	return false;
}

static bool list(void *payload, uint32_t address, uint32_t length)
{
	struct listing *listing = payload;

	(void)length;
	if (listing->plan && !touches(listing->plan, address))
		return false;
	if (listing->count++ < 4)
		text_add(listing->evidence, "%s0x%08x",
			 listing->count > 1 ? ", " : "", address);
	return false;
}

static bool protected_sectors(const struct s0_facts *facts,
			      const struct s0_plan *plan, struct text *evidence)
{
	struct text words = { 0 };
	struct listing listing = { .evidence = &words, .plan = plan };

	(void)each_protected(facts, list, &listing);
	if (listing.count)
		text_add(evidence,
			 "the option bytes write-protect %zu sector%s%s: %s%s",
			 listing.count, listing.count == 1 ? "" : "s",
			 plan ? " that the file needs" : "", text_chars(&words),
			 listing.count > 4 ? ", …" : "");
	text_free(&words);
	return listing.count > 0;
}

bool when_wrp(const struct s0_facts *facts, struct text *evidence)
{
	return protected_sectors(facts, NULL, evidence);
}

bool when_wrp_touched(const struct s0_facts *facts, struct text *evidence)
{
	return facts->plan && protected_sectors(facts, facts->plan, evidence);
}

bool when_wrp_alone(const struct s0_facts *facts, struct text *evidence)
{
	return !facts->plan && protected_sectors(facts, NULL, evidence);
}
