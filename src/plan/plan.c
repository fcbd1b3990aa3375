/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"

bool plan_grow(void **array, size_t count, size_t size)
{
	void *more;

	if (count & (count - 1))
		return true;
	more = realloc(*array, (count ? count * 2 : 1) * size);
	if (!more)
		return false;
	*array = more;
	return true;
}

uint32_t plan_image_bytes(const struct s0_image *image, uint32_t address,
			  uint32_t length)
{
	uint64_t end = range_end(address, length);
	uint32_t bytes = 0;

	for (size_t i = s0_image_find(image, address);
	     i < s0_image_piece_count(image); i++) {
		struct s0_piece piece = s0_image_piece(image, i);
		uint64_t from, to;

		if (piece.address >= end)
			break;
		from = piece.address > address ? piece.address : address;
		to = range_end(piece.address, piece.length);
		bytes += (uint32_t)((to < end ? to : end) - from);
	}
	return bytes;
}

void plan_fill(const struct s0_plan *plan, uint32_t address, uint32_t length,
	       uint8_t *bytes)
{
	memset(bytes, plan->chip ? plan->chip->erased : 0xff, length);
	if (plan->survey)
		(void)s0_image_copy(plan->survey->content, address, length,
				    bytes);
	(void)s0_image_copy(plan->image, address, length, bytes);
}

bool plan_wants(const struct s0_plan *plan, const struct s0_area *area)
{
	if (!area)
		return false;
	if (plan->policy.compare)
		return area->can & S0_CAN_READ;
	if (area->kind == S0_AREA_FLASH)
		return (area->can & S0_CAN_ERASE) && (area->can & S0_CAN_WRITE);
	if (area->kind == S0_AREA_EEPROM)
		return (area->can & S0_CAN_READ) && (area->can & S0_CAN_WRITE);
	return plan->policy.write_ram && area->kind == S0_AREA_RAM;
}

static s0_code make(struct s0_plan *plan, struct s0_error *err)
{
	uint32_t largest = 1;
	s0_code code;

	for (size_t i = 0; i < s0_map_area_count(plan->map); i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);

		if (area->kind == S0_AREA_FLASH && area->sector_size > largest)
			largest = area->sector_size;
	}
	/* A layout may claim any size; it is believed of a known chip's. */
	if (!plan->policy.compare) {
		plan->scratch = malloc(largest);
		if (!plan->scratch)
			return error_memory(err);
	}
	code = plan_place_segments(plan, err);
	if (code == S0_OK && !plan->policy.compare)
		code = plan_touch_sectors(plan, err);
	if (code == S0_OK && !plan->policy.compare)
		code = plan_check_protection(plan, err);
	if (code == S0_OK)
		code = plan_make_steps(plan, err);
	if (code == S0_OK)
		plan_estimate(plan);
	return code;
}

static s0_code check(const struct s0_chip *chip, const struct s0_policy *policy,
		     struct s0_error *err)
{
	if (policy->keep && policy->erase != S0_ERASE_NEEDED)
		return error_set(err, S0_E_USAGE,
				 "bytes can be kept only where just the "
				 "needed sectors are erased");
	if (policy->rollback && policy->no_verify)
		return error_set(err, S0_E_USAGE,
				 "without a verification there is nothing to "
				 "say when to roll back");
	if (!chip && !policy->compare) {
		error_add_cause(err, S0_CAUSE_NO_CHIP);
		return error_set(err, S0_E_UNSUPPORTED,
				 "this device's memory layout is of no chip "
				 "known, so nothing is written to it");
	}
	return S0_OK;
}

/* Transfers carry whole flash words: one that came in two parts would be
 * programmed twice. */
static uint32_t whole_words(const struct s0_plan *plan, uint32_t block)
{
	uint32_t word = plan->chip ? plan_unit(plan->chip) : 1;

	if (!block)
		block = 1024;
	return block < word ? word : round_down(block, word);
}

s0_code plan_new_surveyed(const struct s0_image *image,
			  const struct s0_map *map, const struct s0_chip *chip,
			  struct s0_survey *survey,
			  const struct s0_policy *policy,
			  struct s0_plan **ret_plan, struct s0_error *err)
{
	static const struct s0_policy defaults = { 0 };
	struct s0_plan *plan;
	s0_code code;

	if (!policy)
		policy = &defaults;
	code = check(chip, policy, err);
	plan = code == S0_OK ? calloc(1, sizeof *plan) : NULL;
	if (!plan) {
		survey_free(survey);
		return code != S0_OK ? code : error_memory(err);
	}
	plan->image = image;
	plan->map = map;
	plan->chip = chip;
	plan->survey = survey;
	plan->policy = *policy;
	plan->policy.block = whole_words(plan, policy->block);
	if (policy->timing)
		plan->timing = *policy->timing;
	else if (chip)
		plan->timing = chip->timing;
	plan->policy.timing = NULL;
	code = make(plan, err);
	plan->policy.options = NULL;
	if (code != S0_OK) {
		s0_plan_free(plan);
		return code;
	}
	*ret_plan = plan;
	return S0_OK;
}

s0_code s0_plan_new(const struct s0_image *image, const struct s0_map *map,
		    const struct s0_chip *chip, const struct s0_policy *policy,
		    struct s0_plan **ret_plan, struct s0_error *err)
{
	return plan_new_surveyed(image, map, chip, NULL, policy, ret_plan, err);
}

void s0_plan_free(struct s0_plan *plan)
{
	if (!plan)
		return;
	survey_free(plan->survey);
	free(plan->segments);
	free(plan->sectors);
	free(plan->runs);
	free(plan->steps);
	free(plan->scratch);
	free(plan);
}

size_t s0_plan_step_count(const struct s0_plan *plan)
{
	return plan->step_count;
}

const struct s0_step *s0_plan_step(const struct s0_plan *plan, size_t index)
{
	return index < plan->step_count ? &plan->steps[index] : NULL;
}

size_t s0_plan_segment_count(const struct s0_plan *plan)
{
	return plan->segment_count;
}

const struct s0_plan_segment *s0_plan_segment(const struct s0_plan *plan,
					      size_t index)
{
	return index < plan->segment_count ? &plan->segments[index] : NULL;
}

size_t s0_plan_sector_count(const struct s0_plan *plan)
{
	return plan->sector_count;
}

const struct s0_plan_sector *s0_plan_sector(const struct s0_plan *plan,
					    size_t index)
{
	return index < plan->sector_count ? &plan->sectors[index] : NULL;
}

void s0_plan_summarise(const struct s0_plan *plan,
		       struct s0_plan_summary *ret_summary)
{
	*ret_summary = plan->summary;
}

const char *s0_action_name(s0_action action)
{
	switch (action) {
	case S0_ACTION_WRITE:
		return "write";
	case S0_ACTION_SKIP_EMPTY:
		return "skip-empty";
	case S0_ACTION_SKIP_NON_FLASH:
		return "skip-non-flash";
	case S0_ACTION_COMPARE:
		return "compare";
	}
	return "?";
}

const char *s0_step_name(s0_step_kind kind)
{
	switch (kind) {
	case S0_STEP_ERASE:
		return "erase";
	case S0_STEP_MASS_ERASE:
		return "mass-erase";
	case S0_STEP_WRITE:
		return "write";
	case S0_STEP_VERIFY:
		return "verify";
	case S0_STEP_START:
		return "start";
	}
	return "?";
}
