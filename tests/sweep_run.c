/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <string.h>

#include "sweep_run.h"

static bool waiting(void *payload, const char *what)
{
	struct episode *e = payload;

	(void)what;
	/* Not at once: it has been gone for a while. */
	if (++e->waits % 3 || e->sweep->patience != SWEEP_RETURNS)
		return true;
	if (s0_sim_hung(e->board.sim))
		s0_sim_power_cycle(e->board.sim);
	s0_sim_replug(e->board.sim);
	return true;
}

static void warn(void *payload, const char *line)
{
	struct episode *e = payload;

	e->warnings += strncmp(line, "it took ", 8) == 0;
}

static s0_code open_session(struct episode *e)
{
	struct s0_patience patience = {
		.reconnect_ms = e->sweep->patience == SWEEP_AT_ONCE
					? 0
					: S0_RECONNECT_MS,
		.waiting = waiting,
		.payload = e,
	};

	e->board.patience = &patience;
	e->err = (struct s0_error)S0_ERROR_INIT;
	e->result = (struct s0_result){ 0 };
	e->warnings = e->strikes = e->orders = 0;
	e->lied = e->hung = false;
	s0_sim_get_counters(e->board.sim, &e->before);
	e->code = board_open(&e->board, &e->err);
	e->opened = s0_sim_transfers(e->board.sim);
	e->board.patience = NULL;
	if (e->code == S0_OK) {
		s0_session_set_warning(e->board.session, warn, e);
		s0_session_set_overwrite(e->board.session, e->overwrite);
	}
	return e->code;
}

/* What a backup holds is what was there before any of the runs. */
static void check_backup(const struct sweep_job *job,
			 const struct s0_image *image)
{
	for (size_t i = 0; i < s0_image_piece_count(image); i++) {
		struct s0_piece p = s0_image_piece(image, i);
		size_t at = p.address - SWEEP_FLASH;

		if (memcmp(p.bytes, job->before + at, p.length) != 0 &&
		    memcmp(p.bytes, job->after + at, p.length) != 0)
			assert_memory_equal(p.bytes, job->before + at,
					    p.length);
	}
}

static s0_code save(struct episode *e, const struct s0_plan *plan)
{
	const struct s0_plan_sector *s;
	struct s0_image *image;

	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	for (size_t i = 0; e->code == S0_OK && (s = s0_plan_sector(plan, i));
	     i++)
		if (s->erase)
			e->code = s0_session_save(e->board.session, s->address,
						  s->length, image, NULL,
						  &e->err);
	check_backup(&e->sweep->job, image);
	s0_image_free(image);
	return e->code;
}

void sweep_flash(struct episode *e)
{
	const struct sweep_job *job = &e->sweep->job;
	struct s0_policy policy = job->policy;
	struct s0_plan *plan = NULL;

	/* What was cut has to be erased. */
	if (job->blank && !e->runs++)
		policy.erase = S0_ERASE_NONE;
	if (open_session(e) == S0_OK)
		e->code = s0_session_plan(e->board.session, job->image, &policy,
					  &plan, &e->err);
	if (e->code == S0_OK && job->backup)
		e->code = save(e, plan);
	if (e->code == S0_OK)
		e->code = s0_session_run(e->board.session, plan, &e->result,
					 &e->err);
	s0_plan_free(plan);
	board_close(&e->board);
}

void sweep_recover(struct episode *e)
{
	if (open_session(e) == S0_OK)
		e->code = s0_session_recover(e->board.session, &e->result,
					     &e->err);
	board_close(&e->board);
}
