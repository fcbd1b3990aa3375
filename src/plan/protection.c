/* SPDX-License-Identifier: MIT */
/* What the option bytes keep from being changed. The bootloader says nothing
 * about it and erases or writes the rest (AN3156), so it is refused here. */
#include <stdio.h>

#include "base/error.h"
#include "base/range.h"
#include "plan/guarded.h"
#include "plan/plan.h"

/* A message has room for so many names. */
#define NAMED 4

void guarded_begin(struct guarded *guarded, const struct s0_chip *chip,
		   const struct s0_map *map, const uint8_t *window,
		   size_t length)
{
	*guarded = (struct guarded){
		.chip = chip, .map = map, .window = window, .length = length
	};
	guarded->closed.area = S0_OPTION_GROUPS;
}

/* "sector 2 of bank 1 (0x08040000)"; where there is one bank, without. */
static void add_name(struct text *text, const struct s0_sector_protection *s)
{
	text_add(text, "sector %u", s->number);
	if (s->bank)
		text_add(text, " of bank %u", s->bank);
	text_add(text, " (0x%08x)", s->address);
}

void guarded_add(struct guarded *guarded, uint32_t address)
{
	struct s0_sector_protection s;

	if (!guarded->window || !guarded->chip ||
	    !s0_option_sector(guarded->chip, guarded->map, guarded->window,
			      guarded->length, address, &s))
		return;
	if (s.area != S0_OPTION_GROUPS &&
	    guarded->closed.area == S0_OPTION_GROUPS)
		guarded->closed = s;
	if (!s.write_protected)
		return;
	if (!guarded->count)
		guarded->first = s;
	if (guarded->count < NAMED) {
		text_add(&guarded->names, "%s", guarded->count ? ", " : "");
		add_name(&guarded->names, &s);
	}
	guarded->count++;
}

static s0_code refuse_area(const struct s0_sector_protection *s,
			   struct s0_error *err)
{
	bool pcrop = s->area == S0_OPTION_PCROP;
	struct text name = { 0 };
	s0_code code;

	add_name(&name, s);
	error_add_cause(err, pcrop ? S0_CAUSE_PCROP : S0_CAUSE_SECURE_AREA);
	code = error_set_at(err, S0_E_PROTECTED, s->address, s->length,
			    "%s can be neither erased nor written: %u bytes "
			    "from 0x%08x are a %s",
			    text_chars(&name), s->area_length, s->area_address,
			    pcrop ? "PCROP area" : "secure area");
	text_free(&name);
	return code;
}

s0_code guarded_end(struct guarded *guarded, bool lift, struct s0_error *err)
{
	const struct s0_sector_protection *first = &guarded->first;
	s0_code code = S0_OK;

	if (guarded->closed.area != S0_OPTION_GROUPS) {
		code = refuse_area(&guarded->closed, err);
	} else if (guarded->count && !lift) {
		error_add_cause(err, S0_CAUSE_WRITE_PROTECTED);
		code = error_set_at(
			err, S0_E_PROTECTED, first->address, first->length,
			"%zu sector%s to be changed %s write-protected: %s%s",
			guarded->count, guarded->count == 1 ? "" : "s",
			guarded->count == 1 ? "is" : "are",
			text_chars(&guarded->names),
			guarded->count > NAMED ? ", …" : "");
	}
	text_free(&guarded->names);
	return code;
}

/* Is it certain that the sector will be changed? Without a look at the device
 * it may hold the right bytes already; in an area that cannot be seen. */
static bool changes(const struct s0_plan *plan,
		    const struct s0_plan_sector *sector)
{
	struct s0_sector_protection s;

	if (!sector->erase && !sector->write)
		return false;
	if (plan->survey || plan->policy.full ||
	    plan->policy.erase == S0_ERASE_ALL)
		return true;
	return s0_option_sector(plan->chip, plan->map, plan->policy.options,
				plan->policy.option_length, sector->address,
				&s) &&
	       s.area != S0_OPTION_GROUPS &&
	       plan_image_bytes(plan->image, s.area_address, s.area_length) > 0;
}

/* The first part of the file that lies in the sector of a failure. */
static void name_part(const struct s0_plan *plan, struct s0_error *err)
{
	size_t used;

	for (size_t i = 0; err && i < plan->segment_count; i++) {
		const struct s0_plan_segment *part = &plan->segments[i];

		if (part->action != S0_ACTION_WRITE ||
		    !range_overlap(part->address, part->length, err->address,
				   err->length))
			continue;
		error_add_segment(err, part->segment.index, part->segment.file,
				  part->segment.section);
		for (used = 0; err->message[used];)
			used++;
		(void)snprintf(err->message + used, sizeof err->message - used,
			       "; %s lies there", err->segment);
		return;
	}
}

s0_code plan_check_protection(struct s0_plan *plan, struct s0_error *err)
{
	const struct s0_policy *policy = &plan->policy;
	struct guarded guarded;
	s0_code code;

	if (!policy->options)
		return S0_OK;
	guarded_begin(&guarded, plan->chip, plan->map, policy->options,
		      policy->option_length);
	for (size_t i = 0; i < plan->sector_count; i++) {
		struct s0_plan_sector *sector = &plan->sectors[i];
		size_t before = guarded.count;

		if (changes(plan, sector))
			guarded_add(&guarded, sector->address);
		sector->lift = guarded.count > before;
	}
	code = guarded_end(&guarded, policy->lift_protection, err);
	if (code != S0_OK)
		name_part(plan, err);
	return code;
}
