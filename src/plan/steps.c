/* SPDX-License-Identifier: MIT */
/* The order of things. */
#include "base/error.h"
#include "base/range.h"
#include "plan/plan.h"

/* What is written of several sectors in one step at the most: so much is done
 * again when a step fails. Sectors of this size and more have their own. */
#define STEP_BYTES 16384u

/* Ranges to read that are this near to each other are read as one: setting the
 * address anew costs as much time as reading about a block. */
#define READ_GAP_BYTES 1024u

bool plan_is_vector(const struct s0_plan *plan,
		    const struct s0_plan_sector *sector)
{
	return range_within(plan->vector_address, 1, sector->address,
			    sector->length);
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
			    plan_is_vector(plan, sector) == (pass == 0))
				code = add_step(plan, S0_STEP_ERASE,
						sector->address, sector->length,
						err);
		}
	}
	return code;
}

/* Blocks go on from one page into the next: a page of its own would cost two Set
 * Address each. */
static bool goes_on(const struct s0_plan *plan, size_t first,
		    const struct plan_run *run)
{
	const struct s0_step *step;
	const struct s0_area *area;

	if (plan->step_count <= first)
		return false;
	step = &plan->steps[plan->step_count - 1];
	if (range_end(step->address, step->length) != run->address)
		return false;
	area = s0_map_find(plan->map, run->address);
	return area == s0_map_find(plan->map, step->address) &&
	       area->sector_size < STEP_BYTES &&
	       step->length + run->length <= STEP_BYTES;
}

static s0_code write_steps(struct s0_plan *plan, bool last,
			   struct s0_error *err)
{
	size_t first = plan->step_count;
	s0_code code = S0_OK;

	for (int vector = 0; vector < 2; vector++)
		for (size_t i = 0; code == S0_OK && i < plan->run_count; i++) {
			const struct plan_run *run = &plan->runs[i];

			if (run->last != last || run->vector != vector)
				continue;
			if (!vector && goes_on(plan, first, run))
				plan->steps[plan->step_count - 1].length +=
					run->length;
			else
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
		bool held_back = plan_is_vector(plan, sector);

		if (sector->write && held_back == last)
			code = verify_span(
				plan, first, sector->address,
				range_end(sector->address, sector->length),
				err);
	}
	for (size_t i = 0; code == S0_OK && !last && i < plan->run_count; i++)
		if (plan->runs[i].kind != S0_AREA_FLASH)
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

/* What the caller chose, or the lowest address that is written and could be
 * started. */
static uint32_t start_address(const struct s0_plan *plan)
{
	uint32_t flash = 0;

	if (plan->policy.start_address)
		return plan->policy.start_address;
	for (size_t i = 0; i < plan->sector_count; i++)
		if (plan->sectors[i].image_bytes)
			return plan->vector_address;
	(void)s0_map_flash_start(plan->map, &flash);
	for (size_t i = 0; i < plan->run_count; i++)
		if (plan->runs[i].kind == S0_AREA_RAM)
			return plan->runs[i].address;
	return flash;
}

s0_code plan_make_steps(struct s0_plan *plan, struct s0_error *err)
{
	s0_code code;

	if (plan->policy.compare)
		return compare_steps(plan, err);
	code = plan_make_runs(plan, err);
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
