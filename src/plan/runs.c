/* SPDX-License-Identifier: MIT */
/* What is sent: ranges of whole units. */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "plan/plan.h"

/* Blank stretches of at least this many bytes are not sent: setting the
 * address anew costs as much time as programming about five flash words. */
#define GAP_BYTES 512u

static s0_code add_run(struct s0_plan *plan, uint32_t address, uint32_t length,
		       s0_area_kind kind, bool last, struct s0_error *err)
{
	if (!plan_grow((void **)&plan->runs, plan->run_count,
		       sizeof *plan->runs))
		return error_memory(err);
	plan->runs[plan->run_count++] = (struct plan_run){
		.address = address, .length = length, .kind = kind, .last = last
	};
	if (kind != S0_AREA_RAM)
		plan->summary.write_bytes +=
			plan_image_bytes(plan->image, address, length);
	return S0_OK;
}

/* Does the flash word need to be programmed? Not when all of it shall read as
 * erased; without an erase, not when it holds the right bytes already. */
static bool word_needed(const struct s0_plan *plan, uint32_t address,
			const uint8_t *want)
{
	uint32_t word = plan_unit(plan->chip);
	uint8_t is[256];
	bool blank = bytes_all(want, word, plan->chip->erased);

	if (blank || plan->policy.erase != S0_ERASE_NONE || !plan->survey)
		return !blank;
	memset(is, plan->chip->erased, word);
	(void)s0_image_copy(plan->survey->content, address, word, is);
	return memcmp(is, want, word) != 0;
}

/* Room for one more run at a place, moving those behind it. */
static s0_code insert_run(struct s0_plan *plan, size_t at,
			  const struct plan_run *run, struct s0_error *err)
{
	if (!plan_grow((void **)&plan->runs, plan->run_count,
		       sizeof *plan->runs))
		return error_memory(err);
	memmove(plan->runs + at + 1, plan->runs + at,
		(plan->run_count - at) * sizeof *plan->runs);
	plan->runs[at] = *run;
	plan->run_count++;
	return S0_OK;
}

/*
 * Of the sector that is written last, the block with the vector table is
 * written very last: before that there is nothing to start.
 */
static s0_code split_vector(struct s0_plan *plan, size_t first,
			    struct s0_error *err)
{
	uint32_t vector =
		round_down(plan->vector_address, plan_unit(plan->chip));
	struct plan_run before, after;
	struct plan_run *run = NULL;
	size_t at = first;
	s0_code code = S0_OK;

	for (; !run && at < plan->run_count; at++)
		if (range_within(vector, 1, plan->runs[at].address,
				 plan->runs[at].length))
			run = &plan->runs[at];
	if (!run)
		return S0_OK;
	before = after = *run;
	before.length = vector - run->address;
	run->address = vector;
	run->length -= before.length;
	run->vector = true;
	if (run->length > plan->policy.block) {
		after.address = vector + plan->policy.block;
		after.length = run->length - plan->policy.block;
		run->length = plan->policy.block;
		code = insert_run(plan, at, &after, err);
	}
	if (code == S0_OK && before.length)
		code = insert_run(plan, at - 1, &before, err);
	return code;
}

/* Cut a sector's bytes into runs of flash words that have to be sent. */
static s0_code sector_runs(struct s0_plan *plan, struct s0_plan_sector *sector,
			   struct s0_error *err)
{
	uint32_t word = plan_unit(plan->chip), start = 0, end = 0;
	bool last = plan_is_vector(plan, sector);
	/* Without an erase a blank word in between may be one that another
	 * program has programmed to look blank: it is not touched. */
	uint32_t gap = plan->policy.erase == S0_ERASE_NONE ? word : GAP_BYTES;
	uint64_t before = plan->summary.write_bytes;
	size_t first = plan->run_count;
	s0_code code = S0_OK;

	plan_fill(plan, sector->address, sector->length, plan->scratch);
	for (uint32_t at = 0; code == S0_OK && at < sector->length;
	     at += word) {
		if (!word_needed(plan, sector->address + at,
				 plan->scratch + at))
			continue;
		if (end > start && at - end >= gap) {
			code = add_run(plan, sector->address + start,
				       end - start, S0_AREA_FLASH, last, err);
			start = at;
		} else if (end == start) {
			start = at;
		}
		end = at + word;
	}
	if (code == S0_OK && end > start)
		code = add_run(plan, sector->address + start, end - start,
			       S0_AREA_FLASH, last, err);
	if (code == S0_OK && last)
		code = split_vector(plan, first, err);
	sector->write_bytes = (uint32_t)(plan->summary.write_bytes - before);
	return code;
}

/* A range of one area that needs no erase, in the bootloader's units; or stretch
 * the one before, whose last unit it may share. */
static s0_code plain_run(struct s0_plan *plan, size_t first,
			 const struct s0_area *area, uint32_t start,
			 uint64_t end, struct s0_error *err)
{
	struct plan_run *run = NULL;
	uint64_t done = 0;

	if (plan->run_count > first) {
		run = &plan->runs[plan->run_count - 1];
		done = range_end(run->address, run->length);
	}
	if (!run || start > done)
		return add_run(plan, start, (uint32_t)(end - start), area->kind,
			       false, err);
	if (end <= done)
		return S0_OK;
	run->length = (uint32_t)(end - run->address);
	if (area->kind != S0_AREA_RAM)
		plan->summary.write_bytes += plan_image_bytes(
			plan->image, (uint32_t)done, (uint32_t)(end - done));
	return S0_OK;
}

/* Bytes of data EEPROM are erased one by one, as they are written: only what
 * differs is sent. */
static s0_code eeprom_range(struct s0_plan *plan, size_t first,
			    const struct s0_area *area, uint32_t start,
			    uint64_t end, struct s0_error *err)
{
	uint32_t unit = plan_unit(plan->chip);
	s0_code code = S0_OK;

	for (uint64_t at = start; code == S0_OK && at < end; at += unit) {
		uint8_t want[256], is[256];

		plan_fill(plan, (uint32_t)at, unit, want);
		memset(is, plan->chip->erased, unit);
		if (plan->survey)
			(void)s0_image_copy(plan->survey->content, (uint32_t)at,
					    unit, is);
		if (!plan->survey || plan->policy.full ||
		    memcmp(is, want, unit) != 0)
			code = plain_run(plan, first, area, (uint32_t)at,
					 at + unit, err);
	}
	return code;
}

/* The bytes that lie in one such area. */
static s0_code plain_area(struct s0_plan *plan, const struct s0_area *area,
			  struct s0_error *err)
{
	uint64_t end = range_end(area->address, area->length);
	bool ram = area->kind == S0_AREA_RAM;
	uint32_t unit = ram ? PLAN_RAM_UNIT : plan_unit(plan->chip);
	size_t first = plan->run_count;
	s0_code code = S0_OK;

	for (size_t i = s0_image_find(plan->image, area->address);
	     code == S0_OK && i < s0_image_piece_count(plan->image); i++) {
		struct s0_piece p = s0_image_piece(plan->image, i);
		uint64_t to = range_end(p.address, p.length);
		uint32_t from =
			p.address > area->address ? p.address : area->address;

		if (p.address >= end)
			break;
		to = to < end ? to : end;
		if (ram)
			plan->summary.write_bytes += to - from;
		code = (ram ? plain_run : eeprom_range)(
			plan, first, area, round_down(from, unit),
			round_up(to, unit), err);
	}
	return code;
}

static s0_code plain_runs(struct s0_plan *plan, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < s0_map_area_count(plan->map);
	     i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);
		uint64_t before = plan->summary.write_bytes;

		if (!plan_is_plain(area) || !plan_wants(plan, area))
			continue;
		code = plain_area(plan, area, err);
		plan->summary.skipped_bytes +=
			plan_image_bytes(plan->image, area->address,
					 area->length) -
			(plan->summary.write_bytes - before);
	}
	return code;
}

s0_code plan_make_runs(struct s0_plan *plan, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < plan->sector_count; i++)
		if (plan->sectors[i].write)
			code = sector_runs(plan, &plan->sectors[i], err);
	return code == S0_OK ? plain_runs(plan, err) : code;
}
