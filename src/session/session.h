/* SPDX-License-Identifier: MIT */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <signal.h>

#include <sector0/recover.h>

#include "plan/plan.h"
#include "session/device.h"
#include "session/journal.h"

struct range {
	uint32_t address;
	uint32_t length;
};

struct erased {
	uint32_t address;
	uint32_t length;
	bool doubtful; /* a failure came after it: it may not be readable */
};

/* What one operation has done so far. */
struct operation {
	uint64_t start_us;
	struct target_stats before; /* target's stats at the start */
	/* Of the survey that came before and belongs to it. */
	uint64_t survey_us, survey_transfers, survey_wire_us, survey_wait_us;
	uint64_t proof_us; /* blank checks of whole sectors after an erase */
	bool changed;  /* something was erased or written, or may have been */
	bool restored; /* … and all was put back */
	bool lifted;   /* write protection is off, and not back yet */
	bool lost;     /* out of sight, and not brought back (yet) */
	bool unseen;   /* what a rollback did last */
	bool at_once;  /* once changed, not to be taken up again */
	bool unprotected; /* what has no effect is no write protection */
	uint64_t step;	  /* how far it is: steps done, and before them */
	uint64_t proven;  /* what is known to be done for good */
	uint64_t reached; /* end of what was compared, or was found blank */
	/* Of the failures that were got over: the first, and where. */
	struct s0_error trouble;
	const char *trouble_in; /* what was being done */
	uint32_t hurt; /* where a read stopped the device, and would again */
	struct range damaged; /* the sector of it, where it was gone round */
	unsigned asked_again; /* of the retries: without beginning anew */
	struct s0_progress progress;
	uint64_t done_before; /* of the stage, without the running step */
};

struct s0_session {
	struct s0_device *device;
	struct target *target;
	struct journal *journal;
	struct operation op;
	struct s0_result result;
	struct s0_result survey; /* the last, until a run takes it over */
	struct erased *erased;
	size_t erased_count;
	bool mass_begun; /* a mass erase, after all that it may take was seen */
	s0_progress_fn progress;
	void *progress_payload;
	s0_line_fn warning;
	void *warning_payload;
	volatile sig_atomic_t cancelled;
	bool closing; /* what has to be put back is not stopped */
	bool lift;    /* write protection may be taken off for a run */
	uint8_t protection[S0_OPTION_MAX]; /* session_protection() */
	bool overwrite; /* what others have written since, by what is saved */
	bool told_unrecorded; /* that the host's records cannot be opened */
	bool told_slow;	      /* that the device takes one transfer at a time */
};

/* One go at an operation, from where the last one failed. */
typedef s0_code (*session_work_fn)(struct s0_session *session, void *work,
				   struct s0_error *err);

/* session.c */
void session_begin(struct s0_session *session);
/* Ends an operation: fills in the result, settles the device after a failure
 * and says in err what state it is in. Returns code. */
s0_code session_end(struct s0_session *session, s0_code code,
		    struct s0_result *ret_result, struct s0_error *err);
void session_stage(struct s0_session *session, s0_stage stage, uint64_t total);
/* A step of the stage is done. */
void session_advance(struct s0_session *session, uint32_t address,
		     uint64_t bytes);
/* Has a stop been asked for? */
bool session_stopped(struct s0_session *session);
/* Did the device stop answering, so that nobody knows what it did last? */
bool session_lost_sight(s0_code code);
void session_warn(struct s0_session *session, const char *format, ...)
	S0_PRINTF(2, 3);

/* The stage is over, however little of it was needed. */
void session_stage_done(struct s0_session *session);

/*
 * resume.c: do the work, and take it up again, a few times, when it fails by
 * what may pass: the device is brought back to idle or waited for, and must be
 * the same chip.
 */
s0_code session_persist(struct s0_session *session, session_work_fn work,
			void *payload, struct s0_error *err);

/* A failure was got over, `times` times, by making a request again; why: the
 * first. */
void session_got_over(struct s0_session *session, unsigned times,
		      const struct s0_error *why);
/* The same, of what the target made again since it was asked last. */
void session_take_retries(struct s0_session *session);
/* If anything had to be done again, say so: it is a symptom. */
void session_tell_retries(struct s0_session *session);

/* Bring the device back after a failure, err, to where it takes commands; what
 * it held back is told in err where it does not come. */
s0_code session_bring_back(struct s0_session *session, struct s0_error *err);

/* Wait for a device that left the bus because it was told to. */
s0_code session_await(struct s0_session *session, uint32_t limit_ms,
		      struct s0_error *err);

/* stopped.c: a failure, why, may be a read that stopped the device: note where.
 * Where it did so before and cannot be gone round, why says so instead. Returns
 * why's code. */
s0_code session_note_stop(struct s0_session *session, struct s0_error *why);
/* After it came back: is it the place, or was it chance? Read there alone. */
s0_code session_probe(struct s0_session *session, struct s0_error *why);
/* The failure of having to read a sector that cannot be read. @verb: what for. */
s0_code session_unreadable(const struct s0_session *session,
			   const struct note *note, const char *verb,
			   struct s0_error *err);

/*
 * planning.c: what is left of a plan that failed at step `at`, by another look
 * at the device. hurt: where a read stopped it, or 0.
 */
s0_code session_plan_rest(struct s0_session *session,
			  const struct s0_plan *plan, size_t at, uint32_t hurt,
			  struct s0_plan **ret_plan, struct s0_error *err);

/* survey.c: look at what the device holds where the plan wants to write. */
s0_code session_look(struct s0_session *session, const struct s0_plan *base,
		     struct s0_survey *survey, struct s0_error *err);

/* survey_blank.c: where a mass erase would pay, find out whether the sectors
 * that need no erase are blank. */
s0_code session_look_elsewhere(struct s0_session *session,
			       const struct s0_plan *base,
			       struct s0_survey *survey, struct s0_error *err);

/* operations.c: every byte of the range must be memory with that ability. */
s0_code session_check_range(const struct s0_session *session, uint32_t address,
			    uint32_t length, unsigned can, const char *verb,
			    struct s0_error *err);

/* known.c */
/* Refuse what is not known to be one chip; @so: "nothing is erased". */
s0_code session_check_chip(const struct s0_device *device, const char *so,
			   struct s0_error *err);
/* Refuse to change flash of which nobody knows how it is made. */
s0_code session_check_geometry(const struct s0_device *device,
			       struct s0_error *err);

/* blank.c */
/* Fails with S0_E_NOT_BLANK at the first byte that is not erased. */
s0_code session_check_blank(struct s0_session *session, uint32_t address,
			    uint32_t length, struct s0_error *err);

/* erase.c */
/* Erase a sector (noting it first) and prove it where the device cannot tell.
 * evidence: an address known to hold a byte that is not erased, or 0; doubt:
 * all of it has to be read, since nobody knows what it held. */
s0_code session_erase_sector(struct s0_session *session, uint32_t address,
			     uint32_t length, uint32_t evidence, bool doubt,
			     struct s0_error *err);
/* Sectors that one transfer holds. */
bool session_is_page(const struct s0_session *session, uint32_t length);
/* As many as are noted, and proved, together: each for itself costs a sync, and
 * a Set Address. */
#define SESSION_PROVE_BYTES 16384u
/* Of a range that is going to be erased, note the pages ahead. */
s0_code session_note_pages(struct s0_session *session, uint32_t address,
			   uint64_t end, struct s0_error *err);
/* Prove that a row of pages is blank. */
s0_code session_prove_pages(struct s0_session *session, uint32_t address,
			    uint32_t length, struct s0_error *err);
/* The failure of a sector whose erase did nothing; why: of the blank check. */
s0_code session_not_erased(uint32_t address, const struct s0_error *why,
			   struct s0_error *err);
/* Erase the whole flash, the quickest way that works, and prove it. */
/* @plan: what will be written and verified afterwards; NULL: nothing. */
s0_code session_erase_all(struct s0_session *session,
			  const struct s0_plan *plan, struct s0_error *err);

/* erasing.c */
/* Warn that an erase of all flash gave up what was saved of so many sectors. */
void session_tell_given_up(struct s0_session *session, size_t sectors);

/* compare.c */
/* Read a range and hand on each difference from what the plan wants there. */
s0_code session_compare_range(struct s0_session *session,
			      const struct s0_plan *plan, uint32_t address,
			      uint32_t length, s0_difference_fn difference,
			      void *payload, struct s0_error *err);

/* others.c */
/*
 * Refuse to put back what is recorded where the banks were swapped or (with
 * content) somebody else has written to the chip since. Reads.
 */
s0_code session_check_others(struct s0_session *session, bool content,
			     struct s0_error *err);
struct stamp session_stamp(const struct s0_session *session);

/* saved.c */
/* Refuse a rollback to what is not there any more. */
s0_code session_check_rollback(const struct s0_session *session,
			       const struct s0_plan *plan,
			       struct s0_error *err);
/* Have all that must not get lost on disk before anything is changed. */
s0_code session_prepare(struct s0_session *session, const struct s0_plan *plan,
			struct s0_error *err);
/* Read a sector, adding what is not erased to an image; @same: instead compare
 * with it (bytes that the image does not have are erased). */
s0_code session_read_sector(struct s0_session *session, uint32_t address,
			    uint32_t length, struct s0_image *image, bool *same,
			    struct s0_error *err);

/* restore.c */
/* Put back what is recorded of the sectors that hold all they held; true if it
 * is back, and verified. @code: why. */
bool session_roll_back(struct s0_session *session, s0_code code,
		       struct s0_error *err);

/* run.c */
typedef s0_code (*session_carry_fn)(struct s0_session *session,
				    const struct s0_plan *plan,
				    struct s0_error *err);
/* Do the steps of a plan, within an operation. */
s0_code session_carry_out(struct s0_session *session,
			  const struct s0_plan *plan, struct s0_error *err);

/* start.c */
/* Say so if the bootloader may not start what has this stack pointer. */
void session_check_stack(struct s0_session *session, uint32_t stack);

#endif
