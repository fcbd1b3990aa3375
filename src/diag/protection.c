/* SPDX-License-Identifier: MIT */
/* Write protection and protected areas, as the option bytes have them. */
#include "base/range.h"
#include "diag/diag.h"

bool diag_area(const struct s0_facts *facts, s0_option_group group,
	       unsigned bank, uint32_t *ret_address, uint32_t *ret_length)
{
	const struct s0_device_info *info = facts->device;

	return info && info->chip && info->option_length &&
	       s0_option_area(info->chip, facts->map, info->options,
			      info->option_length, false, group, bank,
			      ret_address, ret_length);
}

bool diag_areas(const struct s0_facts *facts, s0_option_group group,
		struct text *evidence)
{
	uint32_t address, length;

	for (unsigned bank = 1; bank <= 2; bank++)
		if (diag_area(facts, group, bank, &address, &length))
			text_add(evidence, "%s%u bytes from 0x%08x",
				 evidence->length ? " and " : "", length,
				 address);
	return evidence->length > 0;
}

bool when_pcrop(const struct s0_facts *facts, struct text *evidence)
{
	return diag_areas(facts, S0_OPTION_PCROP, evidence);
}

/* Call for each protected sector until one call says that it is enough. */
static bool each_protected(const struct s0_facts *facts,
			   bool (*call)(void *payload, uint32_t address,
					uint32_t length),
			   void *payload)
{
	const struct s0_device_info *info = facts->device;
	struct s0_sector_protection s;

	if (!info || !info->chip || !info->option_length || !facts->map)
		return false;
	for (size_t i = 0; i < s0_map_area_count(facts->map); i++) {
		const struct s0_area *area = s0_map_area(facts->map, i);

		for (uint32_t at = 0; area->kind == S0_AREA_FLASH &&
				      area->sector_size && at < area->length;
		     at += area->sector_size)
			if (s0_option_sector(info->chip, facts->map,
					     info->options, info->option_length,
					     area->address + at, &s) &&
			    s.write_protected &&
			    call(payload, s.address, s.length))
				return true;
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
