/* SPDX-License-Identifier: MIT */
#ifndef SESSION_RUN_H
#define SESSION_RUN_H

#include "session/session.h"

/* A plan that is carried out. */
struct run {
	struct s0_session *session;
	const struct s0_plan *plan;
	uint8_t *bytes;	      /* room for the longest write */
	struct s0_plan *left; /* owned: what was left after a failure */
	size_t at;	      /* the step it is at */
	/* The row of pages that is being erased, [erased_at, row_end), and
	 * whether it has to be proved. */
	uint32_t erased_at;
	uint64_t row_end;
	bool doubtful;
	bool again;    /* an attempt has failed */
	bool verified; /* … and nothing will be rolled back */
};

/* run.c: room for what is written. */
s0_code run_make_room(struct run *run, struct s0_error *err);
/* running.c: a struct run, from where it failed last; a session_work_fn. */
s0_code run_attempt(struct s0_session *session, void *work,
		    struct s0_error *err);
/* run.c: the plan's steps, from the first. */
s0_code run_steps(struct run *run, struct s0_error *err);

/* run_notes.c, in the journal: the sector is erased, and what is left blank in
 * it from here on, and what is not; … */
s0_code run_note_erased(struct run *run, uint32_t sector, uint32_t length,
			struct s0_error *err);
/* … a step is going to write, without an erase too; … */
s0_code run_note_write(struct run *run, const struct s0_step *step,
		       struct s0_error *err);
/* … and has written what is in run->bytes. */
s0_code run_note_written(struct run *run, const struct s0_step *step,
			 struct s0_error *err);

#endif
