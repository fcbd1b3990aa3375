/* SPDX-License-Identifier: MIT */
/* Exercising flash: what does it do under load, and how long does it take? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "session/lift.h"
#include "session/stress.h"

/* Plain reads of a sector, at least. */
#define READS 64u

/* How much longer plain reads last than erases that failed, before those are
 * said to fail by their load. */
#define LONGER 2u

/* Read without load; two readings that differ count. */
static s0_code read_idle(struct stress *s, bool *ret_same, struct s0_error *err)
{
	uint8_t *last = s->before;
	uint32_t differ = 0;
	bool failed;
	s0_code code = stress_read(s, s->read, &failed, err);

	*ret_same = code == S0_OK && !failed;
	if (!*ret_same)
		return code;
	for (uint32_t i = 0; i < s->length; i++)
		differ += s->read[i] != last[i];
	if (differ) {
		*ret_same = false;
		s->all->loads[S0_LOAD_READS].wrong++;
		s->all->idle_errors += differ;
	}
	memcpy(last, s->read, s->length);
	return S0_OK;
}

static bool link_is_bad(const struct s0_stress *all)
{
	return stress_failures(&all->loads[S0_LOAD_READS]) >= TOO_MANY_IDLE;
}

/* First, all that is read without anything being changed. */
static s0_code read_sector(struct stress *s, unsigned reads,
			   struct s0_error *err)
{
	bool failed = true, same;
	s0_code code = s0_session_check_cancel(s->session, err);

	/* One to compare with. */
	while (code == S0_OK && failed && !stress_is_enough(s->all))
		code = stress_read(s, s->before, &failed, err);
	for (unsigned i = 1;
	     code == S0_OK && i < reads && !stress_is_enough(s->all); i++)
		code = read_idle(s, &same, err);
	if (code == S0_OK)
		session_advance(s->session, s->address,
				(uint64_t)s->length * reads);
	return code;
}

/* Reading goes on without load where it left the bus under load alone: was it
 * the load, or the time that it took? */
static s0_code read_longer(struct stress *s, struct s0_error *err)
{
	const struct s0_stress_load *loads = s->all->loads;
	s0_code code = S0_OK;
	bool failed;

	if (!loads[S0_LOAD_ERASES].dropped)
		return S0_OK;
	while (code == S0_OK && !loads[S0_LOAD_READS].dropped &&
	       loads[S0_LOAD_READS].time_us <
		       LONGER * loads[S0_LOAD_ERASES].time_us) {
		code = s0_session_check_cancel(s->session, err);
		if (code == S0_OK)
			code = stress_read(s, s->read, &failed, err);
	}
	return code;
}

static s0_code allot(struct stress *s, uint32_t length, struct s0_error *err)
{
	if (!length)
		return error_set(err, S0_E_BUG, "a sector of no bytes");
	s->before = malloc(length);
	s->wanted = malloc(length);
	s->read = malloc(length);
	s->again = malloc(length);
	return s->before && s->wanted && s->read && s->again
		       ? S0_OK
		       : error_memory(err);
}

static void release(struct stress *s)
{
	free(s->before);
	free(s->wanted);
	free(s->read);
	free(s->again);
	s0_image_free(s->keep);
}

/* A named sector's content is on the host's disk before it is erased. */
static s0_code save(struct stress *s, struct s0_error *err)
{
	s0_code code;

	s0_image_free(s->keep);
	s->keep = NULL;
	if (bytes_all(s->before, s->length,
		      s->session->device->info.chip->erased))
		return S0_OK;
	code = s0_image_new(&s->keep, err);
	return code == S0_OK ? s0_image_add(s->keep, "saved", s->address,
					    s->before, s->length, err)
			     : code;
}

/* Twice the same, or it is not known what to put back. */
static s0_code know(struct stress *s, bool *ret_known, struct s0_error *err)
{
	bool failed;
	s0_code code = stress_read(s, s->before, &failed, err);

	*ret_known = false;
	if (code != S0_OK || failed)
		return code;
	code = read_idle(s, ret_known, err);
	return code == S0_OK && *ret_known ? save(s, err) : code;
}

/* The datasheet's maximum. */
static bool is_slow(const struct stress *s)
{
	const struct s0_chip *chip = s->session->device->info.chip;
	uint32_t most = s0_timing_erase(&chip->timing, s->length)->max_us;

	return most && s->round->erase_us > most;
}

/* What was wrong once is done again with the same pattern: is it the place, or
 * the moment? */
static s0_code again(struct stress *s, unsigned number, bool cycle,
		     struct s0_error *err)
{
	s0_code code = S0_OK;

	for (unsigned i = 0;
	     code == S0_OK && i < AGAIN && !stress_is_enough(s->all); i++) {
		code = s0_session_check_cancel(s->session, err);
		if (code != S0_OK)
			break;
		code = stress_round(s, number, cycle, err);
		stress_judge_round(s, true);
	}
	return code;
}

static s0_code rounds_of(struct stress *s, unsigned rounds,
			 struct s0_error *err)
{
	bool was_odd = false;
	s0_code code = S0_OK;

	for (unsigned i = 0;
	     code == S0_OK && i < rounds && !stress_is_enough(s->all); i++) {
		/* The kinder ones first, and the others only on what did well:
		 * programming over an incomplete erase damages a word. */
		bool cycle = i >= (rounds + 1) / 2 && !was_odd, odd;

		code = s0_session_check_cancel(s->session, err);
		if (code == S0_OK)
			code = stress_round(s, i, cycle, err);
		else
			break;
		stress_judge_round(s, false);
		odd = stress_is_wrong(s->round) || is_slow(s);
		if (code == S0_OK && odd && !was_odd)
			code = again(s, i, cycle, err);
		was_odd = was_odd || odd;
		if (code == S0_OK)
			session_advance(s->session, s->address, s->length);
	}
	return code;
}

static s0_code stress_sector(struct stress *s, unsigned rounds,
			     struct s0_error *err)
{
	bool known;
	s0_code code = know(s, &known, err);

	if (code != S0_OK || !known)
		return code;
	s->bad_count = 0;
	s->torn = false;
	s->all->sectors++;
	code = rounds_of(s, rounds, err);
	if (code == S0_OK || code == S0_E_CANCELLED) {
		s0_code back = stress_put_back(s, err);

		s->lost |= back != S0_OK;
		code = back == S0_OK ? code : back;
	}
	if (code == S0_OK || code == S0_E_CANCELLED)
		(void)journal_done(s->session->journal, s->address, NULL);
	return code;
}

static void place(struct stress *s, const struct range *sector)
{
	s->address = sector->address;
	s->length = sector->length;
}

static s0_code loads(struct stress *s, const struct range *list, size_t count,
		     unsigned rounds, struct s0_error *err)
{
	unsigned reads = count < READS / 2 ? READS / (unsigned)count : 2;
	s0_code code = S0_OK;
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += list[i].length;
	session_stage(s->session, S0_STAGE_SURVEY, total * reads);
	for (size_t i = 0; code == S0_OK && i < count; i++) {
		place(s, &list[i]);
		code = read_sector(s, reads, err);
	}
	/* Nobody could say afterwards what was the load's doing, and what was
	 * read before might not be what was there. */
	if (code != S0_OK || s->all->idle_errors || link_is_bad(s->all))
		return code;
	session_stage(s->session, S0_STAGE_WRITE, total * rounds);
	for (size_t i = 0;
	     code == S0_OK && i < count && !stress_is_enough(s->all); i++) {
		place(s, &list[i]);
		code = stress_sector(s, rounds, err);
	}
	return code == S0_OK ? read_longer(s, err) : code;
}

static s0_code each(struct stress *s, const struct range *list, size_t count,
		    unsigned rounds, struct s0_error *err)
{
	uint32_t word = s->session->device->info.chip->flash_word, most = 0;
	s0_code code;

	s->all->rounds =
		calloc(count * (rounds + AGAIN), sizeof *s->all->rounds);
	if (!s->all->rounds)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		most = list[i].length > most ? list[i].length : most;
	s->word = word < 4 ? 4 : word;
	code = allot(s, most, err);
	return code == S0_OK ? loads(s, list, count, rounds, err) : code;
}

static s0_code stress(struct stress *s, const uint32_t *address,
		      unsigned rounds, struct s0_error *err)
{
	struct range *list = NULL;
	size_t count = 0;
	s0_code code = stress_choose(s, address, &list, &count, err);

	if (code == S0_OK && !stress_is_enough(s->all)) {
		if (count)
			code = each(s, list, count, rounds, err);
		else if (address)
			code = error_set(err, S0_E_OUTSIDE,
					 "0x%08x is in no flash sector",
					 *address);
		else
			code = error_set(err, S0_E_NOT_BLANK,
					 "no sector is free to be exercised");
	}
	free(list);
	return code;
}

/* A stop comes between sectors, or after the last one was put back. */
static void tell_restored(const struct stress *s, struct s0_error *err)
{
	struct operation *op = &s->session->op;

	if (s->lost || !op->changed)
		return;
	op->restored = true;
	if (err && err->code == S0_E_CANCELLED)
		(void)snprintf(err->message, sizeof err->message,
			       "stopped as asked: the sectors that were "
			       "exercised hold again what they held before");
}

s0_code s0_session_stress(struct s0_session *session, const uint32_t *address,
			  unsigned rounds, struct s0_stress **ret_stress,
			  struct s0_error *err)
{
	struct s0_stress *all = calloc(1, sizeof *all);
	struct stress *s = calloc(1, sizeof *s);
	s0_code code = all && s ? stress_check(session, address, rounds, err)
				: error_memory(err);

	if (code != S0_OK || !all || !s) {
		free(s);
		s0_stress_free(all);
		return code;
	}
	all->first = (struct s0_error)S0_ERROR_INIT;
	s->session = session;
	s->all = all;
	session_begin(session);
	/* What an earlier run left open is closed, and stays so. */
	code = session_lift(session, NULL, NULL, err);
	if (code == S0_OK)
		code = stress(s, address, rounds, err);
	if (code == S0_E_CANCELLED)
		tell_restored(s, err);
	code = session_unlift(session, code, err);
	release(s);
	free(s);
	(void)journal_tidy(session->journal, NULL);
	*ret_stress = all;
	return session_end(session, code, NULL, err);
}

void s0_stress_free(struct s0_stress *stress)
{
	if (stress)
		free(stress->rounds);
	free(stress);
}
