/* SPDX-License-Identifier: MIT */
/* What is sent, and the order of things. */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "plan/plan.h"

/* Blank stretches of at least this many bytes are not sent: setting the
 * address anew costs as much time as programming about five flash words. */
#define GAP_BYTES 512u

/* Ranges to read that are this near to each other are read as one: setting the
 * address anew costs as much time as reading about a block. */
#define READ_GAP_BYTES 1024u

static s0_code add_run(struct s0_plan *plan, uint32_t address, uint32_t length,
		       bool ram, bool last, struct s0_error *err)
{
	if (!plan_grow((void **)&plan->runs, plan->run_count,
		       sizeof *plan->runs))
		return error_memory(err);
	plan->runs[plan->run_count++] = (struct plan_run){
		.address = address, .length = length, .ram = ram, .last = last
	};
	if (!ram)
		plan->summary.write_bytes +=
			plan_image_bytes(plan->image, address, length);
	return S0_OK;
}

static bool is_vector_sector(const struct s0_plan *plan,
			     const struct s0_plan_sector *sector)
{
	return range_within(plan->vector_address, 1, sector->address,
			    sector->length);
}

/* Does the flash word need to be programmed? Not when all of it shall read as
 * erased; without an erase, not when it holds the right bytes already. */
static bool word_needed(const struct s0_plan *plan, uint32_t address,
			const uint8_t *want)
{
	uint32_t word = plan->chip->flash_word;
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
		round_down(plan->vector_address, plan->chip->flash_word);
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
	uint32_t word = plan->chip->flash_word, start = 0, end = 0;
	bool last = is_vector_sector(plan, sector);
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
				       end - start, false, last, err);
			start = at;
		} else if (end == start) {
			start = at;
		}
		end = at + word;
	}
	if (code == S0_OK && end > start)
		code = add_run(plan, sector->address + start, end - start,
			       false, last, err);
	if (code == S0_OK && last)
		code = split_vector(plan, first, err);
	sector->write_bytes = (uint32_t)(plan->summary.write_bytes - before);
	return code;
}

/* A range of one RAM area, in the bootloader's units; or stretch the one
 * before, whose last unit it may share. */
static s0_code ram_run(struct s0_plan *plan, size_t first, uint32_t from,
		       uint64_t to, struct s0_error *err)
{
	uint32_t start = round_down(from, PLAN_RAM_UNIT);
	uint64_t end = round_up(to, PLAN_RAM_UNIT);

	plan->summary.write_bytes += to - from;
	if (plan->run_count > first) {
		struct plan_run *run = &plan->runs[plan->run_count - 1];

		if (start <= range_end(run->address, run->length)) {
			run->length = (uint32_t)(end - run->address);
			return S0_OK;
		}
	}
	return add_run(plan, start, (uint32_t)(end - start), true, false, err);
}

/* The bytes that lie in one RAM area. */
static s0_code ram_area(struct s0_plan *plan, const struct s0_area *area,
			struct s0_error *err)
{
	uint64_t end = range_end(area->address, area->length);
	size_t first = plan->run_count;
	s0_code code = S0_OK;

	for (size_t i = s0_image_find(plan->image, area->address);
	     code == S0_OK && i < s0_image_piece_count(plan->image); i++) {
		struct s0_piece piece = s0_image_piece(plan->image, i);
		uint64_t to = range_end(piece.address, piece.length);

		if (piece.address >= end)
			break;
		code = ram_run(plan, first,
			       piece.address > area->address ? piece.address
							     : area->address,
			       to < end ? to : end, err);
	}
	return code;
}

static s0_code ram_runs(struct s0_plan *plan, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < s0_map_area_count(plan->map);
	     i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);

		if (area->kind == S0_AREA_RAM && plan_wants(plan, area))
			code = ram_area(plan, area, err);
	}
	return code;
}

static s0_code add_step(struct s0_plan *plan, s0_step_kind kind,
			uint32_t address, uint32_t length, struct s0_error *err)
{
	if (!plan_grow((void **)&plan->steps, plan->step_count,
		       sizeof *plan->steps))
		return error_memory(err);
	plan->steps[plan->step_count++] = (struct s0_step){ .kind = kind,
							    .address = address,
							    .length = length };
	return S0_OK;
}

/* The vector table's sector first: as long as it is blank, nothing looks like
 * an application. */
static s0_code erase_steps(struct s0_plan *plan, struct s0_error *err)
{
	uint32_t start = 0;
	s0_code code = S0_OK;

	if (plan->mass_erase) {
		(void)s0_map_flash_start(plan->map, &start);
		return add_step(plan, S0_STEP_MASS_ERASE, start,
				s0_map_flash_size(plan->map), err);
	}
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; code == S0_OK && i < plan->sector_count;
		     i++) {
			const struct s0_plan_sector *sector = &plan->sectors[i];

			if (sector->erase &&
			    is_vector_sector(plan, sector) == (pass == 0))
				code = add_step(plan, S0_STEP_ERASE,
						sector->address, sector->length,
						err);
		}
	}
	return code;
}

static s0_code write_steps(struct s0_plan *plan, bool last,
			   struct s0_error *err)
{
	s0_code code = S0_OK;

	for (int vector = 0; vector < 2; vector++)
		for (size_t i = 0; code == S0_OK && i < plan->run_count; i++) {
			const struct plan_run *run = &plan->runs[i];

			if (run->last == last && run->vector == vector)
				code = add_step(plan, S0_STEP_WRITE,
						run->address, run->length, err);
		}
	return code;
}

/* Add a range to be read, or stretch the one before. */
static s0_code verify_range(struct s0_plan *plan, size_t first,
			    uint32_t address, uint64_t end,
			    struct s0_error *err)
{
	uint64_t step_end;

	if (plan->step_count > first) {
		struct s0_step *step = &plan->steps[plan->step_count - 1];

		step_end = range_end(step->address, step->length);
		if (address <= step_end + READ_GAP_BYTES &&
		    s0_map_find(plan->map, address) ==
			    s0_map_find(plan->map, step->address)) {
			if (end > step_end)
				step->length = (uint32_t)(end - step->address);
			return S0_OK;
		}
	}
	return add_step(plan, S0_STEP_VERIFY, address,
			(uint32_t)(end - address), err);
}

/* Everything in [from, to) that is written, and the image bytes that were not
 * sent because they are blank. */
static s0_code verify_span(struct s0_plan *plan, size_t first, uint32_t from,
			   uint64_t to, struct s0_error *err)
{
	size_t piece = s0_image_find(plan->image, from), run = 0;
	s0_code code = S0_OK;

	while (code == S0_OK) {
		struct s0_piece p = s0_image_piece(plan->image, piece);
		const struct plan_run *r = NULL;
		uint64_t end;
		uint32_t start;

		while (run < plan->run_count && plan->runs[run].address < from)
			run++;
		if (run < plan->run_count && plan->runs[run].address < to)
			r = &plan->runs[run];
		if (!(p.length && p.address < to) && !r)
			break;
		if (r && (!(p.length && p.address < to) ||
			  r->address <= p.address)) {
			start = r->address;
			end = range_end(r->address, r->length);
			run++;
		} else {
			start = p.address > from ? p.address : from;
			end = range_end(p.address, p.length);
			piece++;
		}
		code = verify_range(plan, first, start, end < to ? end : to,
				    err);
	}
	return code;
}

static s0_code verify_sectors(struct s0_plan *plan, bool last,
			      struct s0_error *err)
{
	size_t first = plan->step_count;
	s0_code code = S0_OK;

	if (plan->policy.no_verify)
		return S0_OK;
	for (size_t i = 0; code == S0_OK && i < plan->sector_count; i++) {
		const struct s0_plan_sector *sector = &plan->sectors[i];
		bool held_back = is_vector_sector(plan, sector);

		if (sector->write && held_back == last)
			code = verify_span(
				plan, first, sector->address,
				range_end(sector->address, sector->length),
				err);
	}
	for (size_t i = 0; code == S0_OK && !last && i < plan->run_count; i++)
		if (plan->runs[i].ram)
			code = add_step(plan, S0_STEP_VERIFY,
					plan->runs[i].address,
					plan->runs[i].length, err);
	return code;
}

/* A comparison: the parts of segments that can be read, in address order. */
static s0_code compare_steps(struct s0_plan *plan, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < s0_map_area_count(plan->map);
	     i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);

		if (plan_wants(plan, area))
			code = verify_span(
				plan, plan->step_count, area->address,
				range_end(area->address, area->length), err);
	}
	return code;
}

/* What the caller chose, or the lowest address that is written. */
static uint32_t start_address(const struct s0_plan *plan)
{
	if (plan->policy.start_address)
		return plan->policy.start_address;
	for (size_t i = 0; i < plan->sector_count; i++)
		if (plan->sectors[i].image_bytes)
			return plan->vector_address;
	return plan->run_count ? plan->runs[0].address : 0;
}

s0_code plan_make_steps(struct s0_plan *plan, struct s0_error *err)
{
	s0_code code = S0_OK;

	if (plan->policy.compare)
		return compare_steps(plan, err);
	for (size_t i = 0; code == S0_OK && i < plan->sector_count; i++)
		if (plan->sectors[i].write)
			code = sector_runs(plan, &plan->sectors[i], err);
	if (code == S0_OK)
		code = ram_runs(plan, err);
	if (code == S0_OK)
		code = erase_steps(plan, err);
	for (int last = 0; last < 2; last++) {
		if (code == S0_OK)
			code = write_steps(plan, last, err);
		if (code == S0_OK)
			code = verify_sectors(plan, last, err);
	}
	if (code == S0_OK && plan->policy.start)
		code = add_step(plan, S0_STEP_START, start_address(plan), 0,
				err);
	return code;
}
