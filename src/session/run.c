/* SPDX-License-Identifier: MIT */
/* Carrying out a plan. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/lift.h"
#include "session/run.h"
#include "session/trust.h"

/* The row of pages that begins with a step; its end. */
static uint64_t end_of_row(const struct run *run, const struct s0_step *step)
{
	const struct s0_step *last = run->plan->steps + run->plan->step_count;
	uint64_t end = step->address;

	for (; step < last && step->kind == S0_STEP_ERASE &&
	       step->address == end &&
	       session_is_page(run->session, step->length) &&
	       end - run->erased_at < SESSION_PROVE_BYTES;
	     step++)
		end += step->length;
	return end;
}

/* As a sector, but the proof comes for all pages of a row together. */
static s0_code erase_page(struct run *run, const struct s0_step *step,
			  bool doubtful, struct s0_error *err)
{
	uint64_t end = range_end(step->address, step->length);
	s0_code code = S0_OK;

	if (step->address >= run->row_end || step->address < run->erased_at) {
		run->erased_at = step->address;
		run->row_end = end_of_row(run, step);
		run->doubtful = false;
		code = session_note_pages(run->session, step->address,
					  run->row_end, err);
	}
	if (code == S0_OK)
		code = session_erase_sector(run->session, step->address,
					    step->length, 0, false, err);
	run->doubtful |= doubtful;
	if (code != S0_OK || end < run->row_end)
		return code;
	if (run->doubtful)
		code = session_prove_pages(run->session, run->erased_at,
					   (uint32_t)(end - run->erased_at),
					   err);
	for (uint64_t at = run->erased_at; code == S0_OK && at < end;
	     at += step->length)
		code = run_note_erased(run, (uint32_t)at, step->length, err);
	return code;
}

static s0_code erase(struct run *run, const struct s0_step *step,
		     struct s0_error *err)
{
	const struct survey_sector *known =
		survey_find(run->plan->survey, step->address);
	uint32_t evidence = known ? known->evidence : 0;
	bool noted = known && known->content == S0_CONTENT_NOTED;
	s0_code code;

	if (session_is_page(run->session, step->length))
		return erase_page(run, step, evidence || noted, err);
	code = session_erase_sector(run->session, step->address, step->length,
				    evidence, noted, err);

	return code == S0_OK
		       ? run_note_erased(run, step->address, step->length, err)
		       : code;
}

static s0_code erase_all(struct run *run, struct s0_error *err)
{
	const struct s0_plan *plan = run->plan;
	s0_code code = session_erase_all(run->session, plan, err);

	for (size_t i = 0; code == S0_OK && i < plan->sector_count; i++)
		code = run_note_erased(run, plan->sectors[i].address,
				       plan->sectors[i].length, err);
	return code;
}

static s0_code write(struct run *run, const struct s0_step *step,
		     struct s0_error *err)
{
	struct s0_session *session = run->session;
	const struct s0_plan *plan = run->plan;
	struct target *target = session->target;
	s0_code code = run_note_write(run, step, err);

	if (code != S0_OK)
		return code;
	plan_fill(plan, step->address, step->length, run->bytes);
	session->op.changed = true;
	code = target->ops->write(target, step->address, run->bytes,
				  step->length, err);
	if (code == S0_OK) {
		uint32_t bytes = plan_image_bytes(plan->image, step->address,
						  step->length);

		session->result.written_bytes += bytes;
		code = run_note_written(run, step, err);
	}
	return code;
}

struct mismatch {
	bool found;
	struct s0_difference first;
};

static void note_difference(void *payload,
			    const struct s0_difference *difference)
{
	struct mismatch *mismatch = payload;

	if (!mismatch->found)
		mismatch->first = *difference;
	mismatch->found = true;
}

static s0_code differs(const struct run *run, const struct mismatch *m,
		       struct s0_error *err)
{
	const struct s0_chip *chip = run->session->device->info.chip;

	if (m->first.found == chip->erased)
		error_add_cause(err, S0_CAUSE_NO_EFFECT);
	return error_set_at(err, S0_E_MISMATCH, m->first.address,
			    m->first.length,
			    "the byte at 0x%08x reads 0x%02x instead of "
			    "0x%02x after writing (%u byte%s in a row)",
			    m->first.address, m->first.found, m->first.expected,
			    m->first.length, m->first.length == 1 ? "" : "s");
}

static s0_code compare(struct run *run, const struct s0_step *step,
		       struct mismatch *m, struct s0_error *err)
{
	m->found = false;
	return session_compare_range(run->session, run->plan, step->address,
				     step->length, note_difference, m, err);
}

/* What differs is read once more, one transfer at a time, before it is
 * believed: a bit may have been lost on the way, or the device have mixed up
 * what was queued. Which of the two, a third reading tells. */
static s0_code compare_surely(struct run *run, const struct s0_step *step,
			      struct mismatch *m, struct s0_error *err)
{
	struct s0_session *session = run->session;
	bool *one_at_a_time = &session->target->one_at_a_time;
	uint64_t verified = session->result.verified_bytes;
	struct s0_error why = S0_ERROR_INIT;
	struct mismatch queued;
	s0_code code = compare(run, step, m, err);

	if (code != S0_OK || !m->found || *one_at_a_time)
		return code;
	(void)differs(run, m, &why);
	session->result.verified_bytes = verified;
	*one_at_a_time = true;
	code = compare(run, step, m, err);
	*one_at_a_time = false;
	if (code != S0_OK || m->found)
		return code;
	verified = session->result.verified_bytes;
	code = compare(run, step, &queued, err);
	session->result.verified_bytes = verified;
	if (code != S0_OK)
		return code;
	*one_at_a_time = queued.found;
	session_got_over(session, 1, &why);
	return S0_OK;
}

/* What did not take is not what was written; nobody else need have done it. */
static void doubt(struct run *run, const struct s0_step *step)
{
	struct journal *journal = run->session->journal;

	for (size_t i = 0; i < journal->count; i++) {
		struct note note = journal->notes[i];

		if (note.erased && range_overlap(note.address, note.length,
						 step->address, step->length))
			(void)journal_begin(journal, note.address, note.length,
					    NULL, NULL);
	}
}

static s0_code verify(struct run *run, const struct s0_step *step,
		      struct s0_error *err)
{
	struct mismatch m = { 0 };
	s0_code code = compare_surely(run, step, &m, err);

	if (code == S0_OK)
		journal_was_read(run->session->journal, step->address,
				 step->length);
	if (code != S0_OK || !m.found)
		return code;
	doubt(run, step);
	return differs(run, &m, err);
}

static s0_code start(struct run *run, const struct s0_step *step,
		     struct s0_error *err)
{
	struct s0_session *session = run->session;
	uint8_t stack[4];
	s0_code code = session_unlift(session, S0_OK, err);

	if (code != S0_OK)
		return code;
	if (s0_image_copy(run->plan->image, step->address, sizeof stack,
			  stack) == sizeof stack)
		session_check_stack(session, get_le32(stack));
	code = session->target->ops->leave(session->target, step->address,
					   &session->result.start_silent, err);
	session->result.started = code == S0_OK;
	return code;
}

static s0_stage stage_of(s0_step_kind kind)
{
	switch (kind) {
	case S0_STEP_ERASE:
	case S0_STEP_MASS_ERASE:
		return S0_STAGE_ERASE;
	case S0_STEP_WRITE:
		return S0_STAGE_WRITE;
	case S0_STEP_VERIFY:
		return S0_STAGE_VERIFY;
	case S0_STEP_START:
		break;
	}
	return S0_STAGE_START;
}

static s0_code do_step(struct run *run, const struct s0_step *step,
		       struct s0_error *err)
{
	switch (step->kind) {
	case S0_STEP_ERASE:
		return erase(run, step, err);
	case S0_STEP_MASS_ERASE:
		return erase_all(run, err);
	case S0_STEP_WRITE:
		return write(run, step, err);
	case S0_STEP_VERIFY:
		return verify(run, step, err);
	case S0_STEP_START:
		return start(run, step, err);
	}
	return error_set(err, S0_E_BUG, "a step of unknown kind");
}

/* With a rollback they are forgotten all at once: what is back of some sectors
 * and not of others would be a mixture. */
static s0_code all_done(struct run *run, size_t next, struct s0_error *err)
{
	const struct s0_plan *plan = run->plan;
	uint32_t *sectors;
	s0_code code;

	if (next < plan->step_count && plan->steps[next].kind != S0_STEP_START)
		return S0_OK;
	sectors = malloc((plan->sector_count + 1) * sizeof *sectors);
	if (!sectors)
		return error_memory(err);
	for (size_t i = 0; i < plan->sector_count; i++)
		sectors[i] = plan->sectors[i].address;
	run->verified = true;
	code = journal_all_done(run->session->journal, sectors,
				plan->sector_count, err);
	free(sectors);
	if (code == S0_OK)
		trust_remember(run->session, plan);
	return code == S0_OK ? journal_tidy(run->session->journal, err) : code;
}

static bool erases(const struct s0_step *step)
{
	return step->kind == S0_STEP_ERASE || step->kind == S0_STEP_MASS_ERASE;
}

/* The sectors of a plan whose verification is over are right again. The sector
 * that is written last is not among them before the end. */
static s0_code done(struct run *run, size_t next, struct s0_error *err)
{
	const struct s0_plan *plan = run->plan;
	struct journal *journal = run->session->journal;
	bool all = true;
	s0_code code = S0_OK;

	/* What an interrupted --rollback saved is one firmware: no part of it
	 * is given up before there is another whole one. */
	if (plan->policy.rollback || journal_has_old(journal))
		return all_done(run, next, err);
	for (size_t i = next; i < plan->step_count; i++)
		if (erases(&plan->steps[i]))
			return S0_OK;
	for (size_t i = 0; code == S0_OK && i < plan->sector_count; i++) {
		const struct s0_plan_sector *s = &plan->sectors[i];
		bool later = false;

		for (size_t k = next; k < plan->step_count; k++)
			later |= range_overlap(plan->steps[k].address,
					       plan->steps[k].length,
					       s->address, s->length);
		if ((s->write || s->erase) && !later)
			code = journal_done(journal, s->address, err);
	}
	for (size_t k = next; k < plan->step_count; k++)
		all &= plan->steps[k].kind == S0_STEP_START;
	if (code == S0_OK && all)
		trust_remember(run->session, plan);
	return code == S0_OK ? journal_tidy(journal, err) : code;
}

s0_code run_steps(struct run *run, struct s0_error *err)
{
	const struct s0_plan *plan = run->plan;
	struct s0_session *session = run->session;
	int stage = -1;
	s0_code code = S0_OK;

	run->row_end = 0;
	for (size_t i = 0; code == S0_OK && i < plan->step_count; i++) {
		const struct s0_step *step = &plan->steps[i];
		s0_stage now = stage_of(step->kind);
		uint64_t total = 0;

		for (size_t k = i; (int)now != stage && k < plan->step_count &&
				   stage_of(plan->steps[k].kind) == now;
		     k++)
			total += plan->steps[k].length;
		if ((int)now != stage) {
			/* What was verified before the last sector goes in. */
			if (now == S0_STAGE_WRITE || now == S0_STAGE_START)
				code = done(run, i, err);
			session_stage(session, now, total);
		}
		stage = (int)now;
		run->at = i;
		session->op.step = i;
		if (code == S0_OK)
			code = s0_session_check_cancel(session, err);
		if (code == S0_OK)
			code = do_step(run, step, err);
		if (code == S0_OK)
			session_advance(session, step->address, step->length);
	}
	return code == S0_OK ? done(run, plan->step_count, err) : code;
}

s0_code run_make_room(struct run *run, struct s0_error *err)
{
	const struct s0_plan *plan = run->plan;
	uint32_t longest = 1;

	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == S0_STEP_WRITE &&
		    plan->steps[i].length > longest)
			longest = plan->steps[i].length;
	free(run->bytes);
	run->bytes = malloc(longest);
	return run->bytes ? S0_OK : error_memory(err);
}

s0_code session_carry_out(struct s0_session *session,
			  const struct s0_plan *plan, struct s0_error *err)
{
	struct run run = { .session = session, .plan = plan };
	s0_code code = run_make_room(&run, err);

	if (code == S0_OK)
		code = run_steps(&run, err);
	free(run.bytes);
	return code;
}
