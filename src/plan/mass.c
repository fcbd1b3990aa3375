/* SPDX-License-Identifier: MIT */
/* Whether the whole flash is erased by one command. */
#include "base/range.h"
#include "plan/plan.h"

/* What it would mean for a sector. */
enum fate {
	FATE_ERASED, /* it has to be erased anyway */
	FATE_BLANK,  /* there is nothing in it that it could take */
	FATE_OPEN,   /* it may be blank: nobody has read all of it */
	FATE_HOLDS   /* it holds what must stay */
};

static enum fate fate_of(const struct s0_plan *plan,
			 const struct s0_survey *survey,
			 const struct s0_area *area, uint32_t address)
{
	const struct survey_sector *known = survey_find(survey, address);
	bool touched =
		plan_image_bytes(plan->image, address, area->sector_size) > 0;
	bool same = known && known->content == S0_CONTENT_SAME;

	if (!plan_wants(plan, area) || !(area->can & S0_CAN_READ))
		return FATE_HOLDS;
	if ((touched && (!same || plan->policy.full)) ||
	    (known && known->content == S0_CONTENT_NOTED))
		return FATE_ERASED;
	if (known && known->blank)
		return FATE_BLANK;
	return known && known->evidence ? FATE_HOLDS : FATE_OPEN;
}

bool plan_mass_open(const struct s0_plan *plan, const struct s0_survey *survey,
		    const struct s0_area *area, uint32_t address)
{
	return fate_of(plan, survey, area, address) == FATE_OPEN;
}

bool plan_mass_works(const struct s0_chip *chip, const struct s0_map *map,
		     unsigned rom)
{
	const struct s0_rom *known = s0_chip_rom(chip, rom);

	for (size_t i = 0; i < s0_map_area_count(map); i++)
		if (s0_map_area(map, i)->kind == S0_AREA_EEPROM)
			return false;
	return !(known && known->no_mass_erase);
}

/* Only with a bootloader that is known to see its end, where nothing is to be
 * kept or brought back, and no sector is protected. */
static bool is_safe(const struct s0_plan *plan, const struct s0_survey *survey)
{
	const struct s0_rom *rom = s0_chip_rom(plan->chip, plan->policy.rom);

	return rom &&
	       plan_mass_works(plan->chip, plan->map, plan->policy.rom) &&
	       !rom->blind_erase_from &&
	       plan->policy.erase == S0_ERASE_NEEDED &&
	       plan->policy.unprotected && !plan->policy.keep &&
	       !(survey && s0_image_piece_count(survey->content));
}

bool plan_mass_pays(const struct s0_plan *plan, const struct s0_survey *survey,
		    bool open)
{
	uint64_t alone = 0, all = 10 * (uint64_t)plan->timing.mass_erase_us;

	if (!is_safe(plan, survey))
		return false;
	for (size_t i = 0; i < s0_map_area_count(plan->map); i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);
		uint32_t size = area->sector_size;
		uint64_t us10 = 0;

		if (area->kind != S0_AREA_FLASH)
			continue;
		us10 = 10 * (uint64_t)s0_timing_erase(&plan->timing, size)
				    ->typical_us;
		for (uint32_t at = 0; at < area->length; at += size) {
			enum fate fate =
				fate_of(plan, survey, area, area->address + at);

			if (fate == FATE_HOLDS || (fate == FATE_OPEN && !open))
				return false;
			if (fate == FATE_ERASED)
				alone += us10;
			if (fate == FATE_OPEN)
				all += plan_blank_us10(plan, size);
		}
	}
	return alone > all;
}

bool plan_mass_erases(const struct s0_plan *plan)
{
	if (plan->policy.erase == S0_ERASE_ALL)
		return plan_mass_works(plan->chip, plan->map, plan->policy.rom);
	return plan_mass_pays(plan, plan->survey, false);
}
