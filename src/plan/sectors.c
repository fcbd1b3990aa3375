/* SPDX-License-Identifier: MIT */
/* Which sectors the image touches, and what happens to each of them. */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "plan/plan.h"

static s0_code add(struct s0_plan *plan, uint32_t address, uint32_t length,
		   struct s0_error *err)
{
	struct s0_plan_sector *sector;
	const struct survey_sector *known;

	if (!plan_grow((void **)&plan->sectors, plan->sector_count,
		       sizeof *plan->sectors))
		return error_memory(err);
	sector = &plan->sectors[plan->sector_count++];
	*sector =
		(struct s0_plan_sector){ .address = address, .length = length };
	sector->image_bytes = plan_image_bytes(plan->image, address, length);
	known = survey_find(plan->survey, address);
	if (known) {
		sector->content = known->content;
		sector->lost_known = known->lost_known;
		sector->lost_bytes = known->lost_bytes;
		sector->trusted_bytes = known->trusted_bytes;
	}
	return S0_OK;
}

/* The sectors of one flash area that hold image bytes (or all of them). */
static s0_code touch_area(struct s0_plan *plan, const struct s0_area *area,
			  struct s0_error *err)
{
	uint64_t end = range_end(area->address, area->length), at;
	bool all = plan->policy.erase == S0_ERASE_ALL || plan->mass_erase;
	size_t i = s0_image_find(plan->image, area->address);
	s0_code code = S0_OK;

	for (at = area->address; code == S0_OK && at < end;
	     at += area->sector_size) {
		while (i < s0_image_piece_count(plan->image)) {
			struct s0_piece piece = s0_image_piece(plan->image, i);

			if (range_end(piece.address, piece.length) > at)
				break;
			i++;
		}
		if (all || (i < s0_image_piece_count(plan->image) &&
			    s0_image_piece(plan->image, i).address <
				    at + area->sector_size))
			code = add(plan, (uint32_t)at, area->sector_size, err);
	}
	return code;
}

/*
 * Without an erase a flash word must be blank, or right already: programming
 * it twice would leave its ECC wrong.
 */
static s0_code check_words(struct s0_plan *plan,
			   const struct s0_plan_sector *sector,
			   struct s0_error *err)
{
	uint32_t word = plan_unit(plan->chip), end = sector->length;
	uint8_t *is = plan->scratch;

	memset(is, plan->chip->erased, end);
	(void)s0_image_copy(plan->survey->content, sector->address, end, is);
	for (uint32_t at = 0; at < end; at += word) {
		uint8_t want[256];

		if (!plan_image_bytes(plan->image, sector->address + at, word))
			continue;
		memcpy(want, is + at, word);
		(void)s0_image_copy(plan->image, sector->address + at, word,
				    want);
		if (!bytes_all(is + at, word, plan->chip->erased) &&
		    memcmp(want, is + at, word) != 0)
			return error_set_at(
				err, S0_E_NOT_ERASED, sector->address + at,
				word,
				"the flash word at 0x%08x is not erased and "
				"holds other bytes than the image",
				sector->address + at);
	}
	return S0_OK;
}

static s0_code decide(struct s0_plan *plan, struct s0_plan_sector *sector,
		      struct s0_error *err)
{
	bool same = sector->content == S0_CONTENT_SAME;

	sector->write = sector->image_bytes && (!same || plan->policy.full);
	switch (plan->policy.erase) {
	case S0_ERASE_ALL:
		sector->erase = true;
		sector->write = sector->image_bytes > 0;
		break;
	case S0_ERASE_NEEDED:
		sector->erase = sector->write || plan->mass_erase;
		break;
	case S0_ERASE_NONE:
		sector->write = sector->image_bytes && !same;
		return sector->write && plan->survey
			       ? check_words(plan, sector, err)
			       : S0_OK;
	}
	if (sector->erase && plan->survey) {
		/* Without --keep: what an earlier run that was cut had saved. */
		sector->kept_bytes = plan_image_bytes(
			plan->survey->content, sector->address, sector->length);
		if (plan->policy.keep)
			sector->lost_bytes = 0;
	}
	return S0_OK;
}

static void sum_up(struct s0_plan *plan)
{
	struct s0_plan_summary *sum = &plan->summary;

	sum->lost_known = true;
	sum->surveyed = plan->survey != NULL;
	for (size_t i = 0; i < plan->sector_count; i++) {
		const struct s0_plan_sector *sector = &plan->sectors[i];

		if (!sector->write)
			sum->skipped_bytes += sector->image_bytes;
		sum->trusted_bytes += sector->trusted_bytes;
		if (!sector->erase)
			continue;
		sum->erase_count++;
		sum->lost_bytes += sector->lost_bytes;
		sum->lost_known &= sector->lost_known;
		sum->kept_bytes += sector->kept_bytes;
	}
}

s0_code plan_touch_sectors(struct s0_plan *plan, struct s0_error *err)
{
	s0_code code = S0_OK;
	bool first = true;

	plan->mass_erase = plan_mass_erases(plan);
	for (size_t i = 0; code == S0_OK && i < s0_map_area_count(plan->map);
	     i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);
		size_t before = plan->sector_count;

		if (area->kind == S0_AREA_FLASH && plan_wants(plan, area))
			code = touch_area(plan, area, err);
		for (size_t k = before; first && k < plan->sector_count; k++) {
			uint32_t start = plan->sectors[k].address;
			size_t at = s0_image_find(plan->image, start);

			if (!plan->sectors[k].image_bytes)
				continue;
			plan->vector_address =
				s0_image_piece(plan->image, at).address;
			if (plan->vector_address < start)
				plan->vector_address = start;
			first = false;
		}
	}
	for (size_t i = 0; code == S0_OK && i < plan->sector_count; i++)
		code = decide(plan, &plan->sectors[i], err);
	if (code == S0_OK)
		sum_up(plan);
	return code;
}
