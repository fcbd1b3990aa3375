/* SPDX-License-Identifier: MIT */
/* Putting back what was saved: after a run that failed, or in a new process
 * after one that was cut. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "session/lift.h"
#include "session/run.h"

/* What will be written back, as any image would be. */
struct restore {
	struct s0_image *image;	  /* whole sectors, erased bytes included */
	struct s0_survey *survey; /* says that none of them may be read */
	uint32_t *sectors;
	size_t count;
};

static void restore_free(struct restore *restore)
{
	s0_image_free(restore->image);
	survey_free(restore->survey);
	free(restore->sectors);
}

static bool is_saved(const struct journal *journal, const struct note *note)
{
	return note_is_begun(note) && journal_has_kept(journal, note);
}

static s0_code add_sector(struct s0_session *session, struct restore *restore,
			  const struct note *note, struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	struct survey_sector *sector;
	uint8_t *bytes = malloc(note->length);
	s0_code code;

	sector = survey_add(restore->survey, note->address, note->length);
	if (!bytes || !sector || !restore->sectors) {
		free(bytes);
		return error_memory(err);
	}
	sector->content = S0_CONTENT_NOTED;
	memset(bytes, chip ? chip->erased : 0xff, note->length);
	(void)s0_image_copy(session->journal->kept, note->address, note->length,
			    bytes);
	code = s0_image_add(restore->image, "records", note->address, bytes,
			    note->length, err);
	free(bytes);
	restore->sectors[restore->count++] = note->address;
	return code;
}

/* Does it hold again, or still, what it shall? Only where no operation was cut
 * in it. */
static bool is_right(struct s0_session *session, const struct note *note)
{
	bool same = false;

	return session_read_sector(session, note->address, note->length,
				   session->journal->kept, &same,
				   NULL) == S0_OK &&
	       same;
}

/* By address: a vector table is then in the first of them, if in any. */
static const struct note *next_note(const struct journal *journal,
				    const struct note *last)
{
	const struct note *next = NULL;

	for (size_t i = 0; i < journal->count; i++) {
		const struct note *note = &journal->notes[i];

		if ((!last || note->address > last->address) &&
		    (!next || note->address < next->address))
			next = note;
	}
	return next;
}

/* @readable: only sectors that hold all they held, and those that hold it
 * still are left alone. */
static s0_code collect(struct s0_session *session, bool old_only, bool readable,
		       struct restore *restore, struct s0_error *err)
{
	const struct journal *journal = session->journal;
	s0_code code = s0_image_new(&restore->image, err);

	if (code == S0_OK)
		code = survey_new(&restore->survey, err);
	restore->sectors = malloc((journal->count + 1) * sizeof(uint32_t));
	if (code == S0_OK && !restore->sectors)
		code = error_memory(err);
	for (const struct note *note = next_note(journal, NULL);
	     code == S0_OK && note; note = next_note(journal, note)) {
		if (old_only ? !note_is_old(note) : !is_saved(journal, note))
			continue;
		if (!readable || !is_right(session, note))
			code = add_sector(session, restore, note, err);
		else
			restore->sectors[restore->count++] = note->address;
	}
	return code;
}

/* A device that drops off while it is being recovered is waited for, as in any
 * run. */
struct recovering {
	struct run run;
	bool known; /* nobody else has been here */
};

static s0_code recover_on(struct s0_session *session, void *work,
			  struct s0_error *err)
{
	struct recovering *r = work;
	s0_code code = S0_OK;

	if (!r->known)
		code = session_check_others(session, true, err);
	r->known |= code == S0_OK;
	return code == S0_OK ? run_attempt(session, &r->run, err) : code;
}

static s0_code persist(struct s0_session *session, const struct s0_plan *plan,
		       struct s0_error *err)
{
	struct recovering r = { .run = { .session = session, .plan = plan } };
	s0_code code = session_persist(session, recover_on, &r, err);

	s0_plan_free(r.run.left);
	free(r.run.bytes);
	return code;
}

static s0_code put_back(struct s0_session *session, struct restore *restore,
			session_carry_fn carry, struct s0_error *err)
{
	const struct s0_device *device = session->device;
	struct s0_policy policy = { .block = device->info.transfer_size,
				    .timing = &device->info.timing,
				    .rom = device->info.rom,
				    .options = device->info.option_length
						       ? device->info.options
						       : NULL,
				    .option_length =
					    device->info.option_length };
	struct s0_survey *survey = restore->survey;
	struct s0_plan *plan = NULL;
	s0_code code = session_check_geometry(device, err);

	if (code == S0_OK && s0_image_piece_count(restore->image)) {
		restore->survey = NULL; /* the plan takes it over */
		code = plan_new_surveyed(restore->image, device->map,
					 device->info.chip, survey, &policy,
					 &plan, err);
		if (code == S0_OK)
			session->op.progress.estimate_us =
				plan->summary.estimate_us;
		if (code == S0_OK)
			code = carry(session, plan, err);
		s0_plan_free(plan);
	}
	if (code == S0_OK)
		code = journal_all_done(session->journal, restore->sectors,
					restore->count, err);
	return code == S0_OK ? journal_tidy(session->journal, err) : code;
}

static s0_code restore(struct s0_session *session, bool old_only, bool readable,
		       session_carry_fn carry, struct s0_error *err)
{
	struct restore all = { 0 };
	s0_code code = collect(session, old_only, readable, &all, err);

	if (code == S0_OK)
		code = put_back(session, &all, carry, err);
	restore_free(&all);
	return code;
}

/* Failed in good order: no operation was cut, whatever is there can be read. */
static bool orderly(s0_code code)
{
	return code == S0_E_MISMATCH || code == S0_E_NOT_ERASED ||
	       code == S0_E_REFUSED;
}

static void add_words(struct s0_error *err, const char *words, const char *why)
{
	size_t used = strlen(err->message);

	(void)snprintf(err->message + used, sizeof err->message - used,
		       "; %s%s", words, why);
}

/* A run that rolls back is not gone on with, so nobody has waited yet for a
 * device that left, or fell silent. */
static s0_code get_ready(struct s0_session *session, s0_code code,
			 struct s0_error *why)
{
	struct target *target = session->target;

	if (code != S0_E_GONE)
		code = target->ops->settle(target, why);
	if (code == S0_OK || !session->device->reconnect_ms)
		return code;
	*why = (struct s0_error)S0_ERROR_INIT;
	(void)error_set(why, code, "the device was waited for");
	code = session_bring_back(session, why);
	if (code == S0_OK)
		*why = (struct s0_error)S0_ERROR_INIT;
	return code;
}

bool session_roll_back(struct s0_session *session, s0_code code,
		       struct s0_error *err)
{
	struct s0_error own = S0_ERROR_INIT, why = S0_ERROR_INIT;

	if (!err)
		err = &own;
	if (code != S0_E_CANCELLED && get_ready(session, code, &why) == S0_OK &&
	    restore(session, true, orderly(code), session_carry_out, &why) ==
		    S0_OK) {
		add_words(err, "what was there before is back, and verified",
			  "");
		return true;
	}
	/* It waits, and that is what to know now. */
	err->cause = S0_CAUSE_SAVED;
	session->op.unseen = session_lost_sight(why.code);
	if (why.code != S0_OK)
		add_words(err, "putting back what was there failed too: ",
			  why.message);
	return false;
}

size_t s0_session_unfinished_count(const struct s0_session *session)
{
	const struct journal *journal = session->journal;
	size_t count = 0;

	for (size_t i = 0; i < journal->count; i++)
		count += note_is_begun(&journal->notes[i]);
	return count;
}

bool s0_session_unfinished(const struct s0_session *session, size_t index,
			   struct s0_unfinished *ret)
{
	const struct journal *journal = session->journal;
	const struct note *note = next_note(journal, NULL);

	for (; note; note = next_note(journal, note)) {
		if (!note_is_begun(note) || index--)
			continue;
		*ret = (struct s0_unfinished){
			.address = note->address,
			.length = note->length,
			.saved = is_saved(journal, note),
			.whole = note_is_old(note),
			.saved_s = is_saved(journal, note) ? note->stamp.time_s
							   : 0,
			.saved_bytes = plan_image_bytes(
				journal->kept, note->address, note->length)
		};
		return true;
	}
	return false;
}

static bool is_noted(const void *payload, uint32_t address)
{
	const struct s0_session *session = payload;

	return journal_find(session->journal, address) != NULL;
}

s0_code s0_session_recover(struct s0_session *session,
			   struct s0_result *ret_result, struct s0_error *err)
{
	s0_code code = S0_OK;

	session_begin(session);
	/* What the run that was cut had opened is needed as it is. */
	session->op.lifted = session->journal->lifted != NULL;
	if (session->lift)
		code = session_lift(session, is_noted, session, err);
	if (code == S0_OK)
		code = restore(session, false, false, persist, err);
	code = session_unlift(session, code, err);
	return session_end(session, code, ret_result, err);
}

void s0_session_set_overwrite(struct s0_session *session, bool overwrite)
{
	session->overwrite = overwrite;
}

s0_code s0_session_forget(struct s0_session *session, struct s0_error *err)
{
	struct journal *journal = session->journal;
	struct note *saved = malloc((journal->count + 1) * sizeof *saved);
	uint32_t *sectors = calloc(journal->count + 1, sizeof *sectors);
	size_t count = 0;
	s0_code code;

	if (!saved || !sectors) {
		free(saved);
		free(sectors);
		return error_memory(err);
	}
	for (size_t i = 0; i < journal->count; i++) {
		if (!is_saved(journal, &journal->notes[i]))
			continue;
		saved[count] = journal->notes[i];
		sectors[count++] = journal->notes[i].address;
	}
	code = journal_all_done(journal, sectors, count, err);
	/* A run was cut there all the same: not to be read unasked. */
	for (size_t i = 0; code == S0_OK && i < count; i++)
		code = journal_begin(journal, saved[i].address, saved[i].length,
				     NULL, err);
	free(saved);
	free(sectors);
	return code;
}
