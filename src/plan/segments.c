/* SPDX-License-Identifier: MIT */
/* Where each segment of the file lies, and whether it can be written there. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "base/text.h"
#include "plan/plan.h"

/* Names are the file's own: no message is given up to them. */
#define QUOTED 70

/* How long the part from address on lies in one place: up to where what may
 * be done changes, or the name. */
static uint32_t part_length(const struct s0_plan *plan, uint32_t address,
			    uint64_t end)
{
	const struct s0_area *first = s0_map_find(plan->map, address);
	uint64_t at = address;

	while (at < end) {
		const struct s0_area *area =
			s0_map_find(plan->map, (uint32_t)at);
		uint64_t next = end;

		if (!area != !first ||
		    (area &&
		     (area->kind != first->kind || area->can != first->can ||
		      strcmp(area->name, first->name) != 0)))
			break;
		for (size_t i = 0; !area && i < s0_map_area_count(plan->map);
		     i++) {
			const struct s0_area *a = s0_map_area(plan->map, i);

			if (a->address > at && a->address < next)
				next = a->address;
		}
		if (area)
			next = range_end(area->address, area->length);
		at = next < end ? next : end;
	}
	return (uint32_t)(at - address);
}

static bool any_flash(const struct s0_plan *plan)
{
	for (size_t i = 0; i < s0_map_area_count(plan->map); i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);

		if (area->kind == S0_AREA_FLASH &&
		    plan_image_bytes(plan->image, area->address, area->length))
			return true;
	}
	return false;
}

/* A chip of this kind with more flash would have some there: within 16 MiB of
 * the start of flash, where every STM32 keeps its flash alone. */
static bool past_flash(const struct s0_plan *plan, uint32_t address)
{
	uint32_t start;

	return s0_map_flash_start(plan->map, &start) && address >= start &&
	       address - start < UINT32_C(0x1000000);
}

static s0_cause cause_of(const struct s0_plan *plan, uint32_t address,
			 const struct s0_area *area)
{
	/* Flash is aliased at 0 when it boots; an image without any byte in
	 * flash was linked for that alias. */
	if (address < UINT32_C(0x00200000) && !any_flash(plan))
		return S0_CAUSE_ADDRESS_ZERO;
	if (!area)
		return past_flash(plan, address) ? S0_CAUSE_PAST_FLASH
						 : S0_CAUSE_NO_MEMORY;
	switch (area->kind) {
	case S0_AREA_RAM:
		return S0_CAUSE_RAM;
	case S0_AREA_ROM_RAM:
		return S0_CAUSE_BOOTLOADER_RAM;
	case S0_AREA_OPTION:
		return S0_CAUSE_OPTION_BYTES;
	default:
		return S0_CAUSE_NONE;
	}
}

static s0_code add(struct s0_plan *plan, const struct s0_segment *segment,
		   uint32_t address, uint32_t length,
		   const struct s0_area *area, s0_action action,
		   struct s0_error *err)
{
	if (!plan_grow((void **)&plan->segments, plan->segment_count,
		       sizeof *plan->segments))
		return error_memory(err);
	plan->segments[plan->segment_count++] = (struct s0_plan_segment){
		.segment = *segment,
		.address = address,
		.length = length,
		.memory = area ? area->name : "",
		.action = action,
		.cause = action == S0_ACTION_SKIP_NON_FLASH
				 ? cause_of(plan, address, area)
				 : S0_CAUSE_NONE,
	};
	return S0_OK;
}

/* "2048 KiB from 0x08000000", and each further part that stands apart. */
static void add_flash(struct text *text, const struct s0_map *map)
{
	const char *and = "";

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		uint64_t end = area->address;
		size_t k = i;

		if (area->kind != S0_AREA_FLASH)
			continue;
		for (; k < s0_map_area_count(map); k++) {
			const struct s0_area *next = s0_map_area(map, k);

			if (next->kind != S0_AREA_FLASH || next->address != end)
				break;
			end = range_end(next->address, next->length);
		}
		text_add(text, "%s%u KiB from 0x%08x", and,
			 (unsigned)((end - area->address) / 1024),
			 area->address);
		and = " and ";
		i = k - 1;
	}
}

static void add_words(struct text *text, const struct s0_plan *plan,
		      s0_cause cause, const struct s0_area *area)
{
	uint32_t start = 0;

	(void)s0_map_flash_start(plan->map, &start);
	switch (cause) {
	case S0_CAUSE_ADDRESS_ZERO:
		text_add(text,
			 "is linked for address 0, but this chip's flash "
			 "starts at 0x%08x",
			 start);
		break;
	case S0_CAUSE_PAST_FLASH:
		text_add(text, "is past the end of flash: this chip has ");
		add_flash(text, plan->map);
		/* Bytes given by hand are not linked. */
		if (!plan->policy.write_ram)
			text_add(text, ", the image is linked for a bigger "
				       "one");
		break;
	case S0_CAUSE_BOOTLOADER_RAM:
		text_add(text, "is in RAM that this bootloader cannot %s",
			 plan->policy.compare ? "read" : "write");
		break;
	case S0_CAUSE_RAM:
		text_add(text, "is in RAM (%s), which does not keep it",
			 area->name);
		break;
	case S0_CAUSE_OPTION_BYTES:
		text_add(text, "is in the option bytes, which are no firmware");
		break;
	default:
		if (area && area->kind == S0_AREA_OTP &&
		    !plan->policy.compare) {
			text_add(text,
				 "is in '%s', which can be programmed only "
				 "once, so it is left alone",
				 area->name);
			break;
		}
		text_add(text,
			 area ? "is in '%s', which cannot be %s"
			      : "is where this chip has no memory",
			 area ? area->name : "",
			 plan->policy.compare ? "read" : "written");
	}
}

static s0_code refuse(struct s0_plan *plan, const struct s0_segment *segment,
		      uint32_t address, uint32_t length, struct s0_error *err)
{
	const struct s0_area *area = s0_map_find(plan->map, address);
	s0_cause cause = cause_of(plan, address, area);
	struct text words = { 0 };
	s0_code code;

	if (segment->section[0])
		text_add(&words, "section %.*s, ", QUOTED, segment->section);
	text_add(&words, "%u byte%s at 0x%08x) ", length,
		 length == 1 ? "" : "s", address);
	add_words(&words, plan, cause, area);
	code = error_set_at(
		err, S0_E_OUTSIDE, address, length, "%ssegment %u of %.*s (%s",
		length < segment->length ? "part of " : "", segment->index,
		QUOTED, segment->file, text_chars(&words));
	error_add_cause(err, cause);
	error_add_segment(err, segment->index, segment->file, segment->section);
	text_free(&words);
	return code;
}

void plan_name_segment(const struct s0_plan *plan, struct s0_error *err)
{
	for (size_t i = 0; err && err->length && i < plan->segment_count; i++) {
		const struct s0_plan_segment *part = &plan->segments[i];

		if (range_overlap(part->address, part->length, err->address, 1))
			error_add_segment(err, part->segment.index,
					  part->segment.file,
					  part->segment.section);
	}
}

static s0_code place(struct s0_plan *plan, const struct s0_segment *segment,
		     struct s0_error *err)
{
	uint64_t at = segment->address;
	uint64_t end = range_end(segment->address, segment->length);
	s0_code code = S0_OK;

	if (!segment->length)
		return add(plan, segment, segment->address, 0,
			   s0_map_find(plan->map, segment->address),
			   S0_ACTION_SKIP_EMPTY, err);
	while (code == S0_OK && at < end) {
		uint32_t address = (uint32_t)at;
		uint32_t length = part_length(plan, address, end);
		const struct s0_area *area = s0_map_find(plan->map, address);
		s0_action action = plan->policy.compare ? S0_ACTION_COMPARE
							: S0_ACTION_WRITE;

		if (!plan_wants(plan, area)) {
			if (!plan->policy.skip_non_flash)
				return refuse(plan, segment, address, length,
					      err);
			action = S0_ACTION_SKIP_NON_FLASH;
		}
		code = add(plan, segment, address, length, area, action, err);
		at += length;
	}
	return code;
}

/* Segments may share bytes; each counts once. */
static uint64_t wanted_bytes(const struct s0_plan *plan)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < s0_map_area_count(plan->map); i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);

		if (plan_wants(plan, area))
			bytes += plan_image_bytes(plan->image, area->address,
						  area->length);
	}
	return bytes;
}

static const char *why_empty(const struct s0_plan *plan)
{
	if (!s0_image_size(plan->image))
		return "every segment of the file is empty";
	return plan->policy.compare ? "none of them can be read"
				    : "all of them lie outside flash";
}

/* What a run saves for a rollback is whole sectors. */
static s0_code check_rollback(const struct s0_plan *plan, struct s0_error *err)
{
	for (size_t i = 0; plan->policy.rollback && i < plan->segment_count;
	     i++) {
		const struct s0_plan_segment *s = &plan->segments[i];
		const struct s0_area *area = s0_map_find(plan->map, s->address);

		if (s->action == S0_ACTION_WRITE && area &&
		    area->kind == S0_AREA_EEPROM)
			return error_set_at(
				err, S0_E_UNSUPPORTED, s->address, s->length,
				"segment %u of %.*s has %u bytes in '%s', "
				"which a rollback could not put back",
				s->segment.index, QUOTED, s->segment.file,
				s->length, area->name);
	}
	return S0_OK;
}

s0_code plan_place_segments(struct s0_plan *plan, struct s0_error *err)
{
	size_t count = s0_image_segment_count(plan->image);
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < count; i++) {
		struct s0_segment segment;

		if (s0_image_segment(plan->image, i, &segment))
			code = place(plan, &segment, err);
	}
	plan->summary.image_bytes = wanted_bytes(plan);
	if (code == S0_OK && plan->summary.image_bytes == 0)
		return error_set(err, S0_E_EMPTY,
				 "there are no bytes to %s: %s",
				 plan->policy.compare ? "compare" : "program",
				 why_empty(plan));
	return code == S0_OK ? check_rollback(plan, err) : code;
}
