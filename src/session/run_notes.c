/* SPDX-License-Identifier: MIT */
/* What a run notes of the sectors that it changes. */
#include <stdlib.h>

#include "base/error.h"
#include "base/range.h"
#include "session/run.h"

/* A step may write several sectors. */
static struct past part_in(const struct s0_step *step, uint32_t sector,
			   uint32_t length)
{
	uint64_t end = range_end(step->address, step->length);
	uint64_t limit = range_end(sector, length);
	uint32_t from = step->address > sector ? step->address : sector;

	return (struct past){ .address = from,
			      .length = (uint32_t)((end < limit ? end : limit) -
						   from) };
}

s0_code run_note_erased(struct run *run, uint32_t sector, uint32_t length,
			struct s0_error *err)
{
	const struct s0_plan *plan = run->plan;
	struct past *past = malloc((plan->step_count + 1) * sizeof *past);
	size_t count = 0;
	s0_code code;

	if (!past)
		return error_memory(err);
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == S0_STEP_WRITE &&
		    range_overlap(plan->steps[i].address, plan->steps[i].length,
				  sector, length))
			past[count++] =
				part_in(&plan->steps[i], sector, length);
	code = journal_erased(run->session->journal, sector, past, count, err);
	free(past);
	return code;
}

/* Calls for each flash sector that a step writes. */
static s0_code each_sector(struct run *run, const struct s0_step *step,
			   s0_code (*call)(struct run *run,
					   const struct s0_step *step,
					   uint32_t sector, uint32_t length,
					   struct s0_error *err),
			   struct s0_error *err)
{
	const struct s0_area *area = s0_map_find(run->plan->map, step->address);
	uint64_t at = step->address,
		 end = range_end(step->address, step->length);
	s0_code code = S0_OK;

	if (!area || area->kind != S0_AREA_FLASH)
		return S0_OK;
	while (code == S0_OK && at < end) {
		uint32_t sector, length;

		if (!s0_map_sector(run->plan->map, (uint32_t)at, &sector,
				   &length))
			break;
		code = call(run, step, sector, length, err);
		at = range_end(sector, length);
	}
	return code;
}

static s0_code begin(struct run *run, const struct s0_step *step,
		     uint32_t sector, uint32_t length, struct s0_error *err)
{
	struct journal *journal = run->session->journal;
	const struct note *note = journal_find(journal, sector);
	(void)step;

	if (note && note_is_begun(note))
		return S0_OK;
	return journal_begin(journal, sector, length, NULL, err);
}

static s0_code written(struct run *run, const struct s0_step *step,
		       uint32_t sector, uint32_t length, struct s0_error *err)
{
	struct past part = part_in(step, sector, length);

	return journal_written(run->session->journal, part.address, part.length,
			       run->bytes + (part.address - step->address),
			       err);
}

/* What is written without an erase can be cut as well. */
s0_code run_note_write(struct run *run, const struct s0_step *step,
		       struct s0_error *err)
{
	return each_sector(run, step, begin, err);
}

s0_code run_note_written(struct run *run, const struct s0_step *step,
			 struct s0_error *err)
{
	return each_sector(run, step, written, err);
}
