/* SPDX-License-Identifier: MIT */
/* A sector under growing load, and back to what it was. */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "session/stress.h"

/* How often it is tried to leave a sector as it was. */
#define PUT_BACKS 8

/* Single words of a round. */
#define SINGLE_WORDS 4u

/* Further readings of a sector in which something was wrong. */
#define READINGS 3

static void rest(struct stress *s)
{
	struct target *target = s->session->target;

	target->ops->wait_us(target, PAUSE_US);
}

static s0_code read_work(struct stress *s, void *payload, struct s0_error *err)
{
	struct target *target = s->session->target;
	struct taken taken = { .bytes = payload, .address = s->address };

	memset(taken.bytes, 0, s->length);
	return target->ops->read(target, s->address, s->length, NULL,
				 taken_bytes, &taken, err);
}

s0_code stress_read(struct stress *s, uint8_t *bytes, bool *ret_failed,
		    struct s0_error *err)
{
	s0_code code =
		stress_try(s, S0_LOAD_READS, read_work, bytes, ret_failed, err);

	/* What stopped it once would do so again. */
	s->torn = s->torn || (*ret_failed && s->session->op.changed);
	return code;
}

static s0_code erase_work(struct stress *s, void *payload, struct s0_error *err)
{
	struct target *target = s->session->target;
	uint64_t seen = target->stats.erase_us, *ret_us = payload;
	bool blind = false;
	s0_code code = target->ops->erase(target, s->address, &blind, err);

	if (code != S0_OK)
		return code;
	*ret_us = blind ? 0 : target->stats.erase_us - seen;
	if (blind)
		target->ops->wait_us(target, target->times.erase_max_us);
	s->torn = false;
	return S0_OK;
}

/* The host knows of it before it begins. */
static s0_code erase(struct stress *s, uint64_t *ret_us, bool *ret_failed,
		     struct s0_error *err)
{
	struct s0_session *session = s->session;
	struct stamp stamp = session_stamp(session);
	s0_code code = journal_set_stamp(session->journal, &stamp, err);

	*ret_failed = true;
	if (code == S0_OK)
		code = journal_begin(session->journal, s->address, s->length,
				     s->keep, err);
	if (code != S0_OK)
		return code;
	session->op.changed = true;
	s->torn = true;
	return stress_try(s, S0_LOAD_ERASES, erase_work, ret_us, ret_failed,
			  err);
}

struct part {
	const uint8_t *bytes; /* of the whole sector */
	uint32_t from, length;
};

static s0_code program_work(struct stress *s, void *payload,
			    struct s0_error *err)
{
	const struct part *part = payload;
	struct target *target = s->session->target;
	s0_code code =
		target->ops->write(target, s->address + part->from,
				   part->bytes + part->from, part->length, err);

	s->torn = s->torn || code != S0_OK;
	return code;
}

static s0_code program_singly(struct stress *s, bool *ret_failed,
			      struct s0_error *err)
{
	struct part part = { s->wanted, 0, s->word };
	s0_code code = S0_OK;

	*ret_failed = false;
	for (; code == S0_OK && !*ret_failed && part.from < s->singly;
	     part.from += s->word) {
		rest(s);
		code = stress_try(s, S0_LOAD_WORDS, program_work, &part,
				  ret_failed, err);
	}
	return code;
}

/* Program the pattern, as the round's kind has it. */
static s0_code program(struct stress *s, bool *ret_failed, struct s0_error *err)
{
	struct target *target = s->session->target;
	uint64_t seen = target->stats.program_us;
	struct part part = { s->wanted, 0, s->length };
	s0_code code = S0_OK;

	*ret_failed = false;
	s->singly = s->round->cycle ? 0 : SINGLE_WORDS * s->word;
	if (s->singly)
		code = program_singly(s, ret_failed, err);
	if (code != S0_OK || *ret_failed)
		return code;
	part.from = s->singly;
	part.length -= s->singly;
	if (!s->round->cycle)
		rest(s);
	code = stress_try(s, s->round->cycle ? S0_LOAD_CYCLES : S0_LOAD_BURSTS,
			  program_work, &part, ret_failed, err);
	if (!*ret_failed)
		s->round->program_us = target->stats.program_us - seen;
	return code;
}

/* Which load made it wrong: the words that stand alone, or the rest? */
static void blame(struct stress *s)
{
	struct s0_stress_load *loads = s->all->loads;
	bool words = false, others = false;

	if (s->round->cycle) {
		loads[S0_LOAD_CYCLES].wrong++;
		return;
	}
	for (uint32_t i = 0; i < s->length; i++)
		if (s->read[i] != s->wanted[i] || s->again[i] != s->wanted[i])
			*(i < s->singly ? &words : &others) = true;
	loads[S0_LOAD_WORDS].wrong += words;
	loads[S0_LOAD_BURSTS].wrong += others;
}

/* Right behind the load; and where it is wrong, or was, several times: what a
 * weak cell reads is a matter of luck. */
static s0_code verify(struct stress *s, bool *ret_failed, struct s0_error *err)
{
	bool wrong;
	s0_code code = stress_read(s, s->read, ret_failed, err);

	if (code != S0_OK || *ret_failed)
		return code;
	wrong = s->bad_count || memcmp(s->read, s->wanted, s->length) != 0;
	memcpy(s->again, s->read, s->length);
	for (int i = 0; wrong && i < READINGS; i++) {
		rest(s);
		code = stress_read(s, s->again, ret_failed, err);
		if (code != S0_OK || *ret_failed)
			return code;
		if (memcmp(s->again, s->read, s->length) != 0)
			break;
	}
	if (!stress_judge_programmed(s))
		blame(s);
	return S0_OK;
}

/* After a pause, and read before anything is programmed: programming a word
 * that is not erased would damage it. */
static s0_code check_erased(struct stress *s, bool *ret_failed,
			    struct s0_error *err)
{
	s0_code code;

	rest(s);
	code = stress_read(s, s->read, ret_failed, err);
	if (code == S0_OK && !*ret_failed && !stress_judge_erased(s)) {
		*ret_failed = true;
		s->all->loads[S0_LOAD_ERASES].wrong++;
	}
	return code;
}

s0_code stress_round(struct stress *s, unsigned number, bool cycle,
		     struct s0_error *err)
{
	bool failed;
	s0_code code;

	s->round = &s->all->rounds[s->all->count++];
	s->round->address = s->address;
	s->round->length = s->length;
	s->round->number = number;
	/* Only where erases have been complete. */
	s->round->cycle = cycle && !s->all->loads[S0_LOAD_ERASES].wrong;
	stress_fill(s, number);
	code = erase(s, &s->round->erase_us, &failed, err);
	if (code == S0_OK && !failed && !s->round->cycle)
		code = check_erased(s, &failed, err);
	if (code == S0_OK && !failed)
		code = program(s, &failed, err);
	if (code == S0_OK && !failed)
		code = verify(s, &failed, err);
	s->round->failed = code != S0_OK || (failed && !s->round->left);
	if (s->stopped_at)
		stress_judge_stop(s);
	return code;
}

static s0_code is_back(struct stress *s, bool *ret_same, struct s0_error *err)
{
	bool failed;
	s0_code code = stress_read(s, s->read, &failed, err);

	*ret_same = code == S0_OK && !failed &&
		    !memcmp(s->read, s->before, s->length);
	return code;
}

static s0_code put_back_once(struct stress *s, bool *ret_same,
			     struct s0_error *err)
{
	struct part part = { s->before, 0, s->length };
	bool failed = false;
	uint64_t us;
	s0_code code = S0_OK;

	*ret_same = false;
	if (!s->torn) {
		code = is_back(s, ret_same, err);
		if (code != S0_OK || *ret_same)
			return code;
	}
	code = erase(s, &us, &failed, err);
	if (code == S0_OK && !failed && s->keep)
		code = stress_try(s, S0_LOAD_BURSTS, program_work, &part,
				  &failed, err);
	return code == S0_OK && !failed ? is_back(s, ret_same, err) : code;
}

/* Who asked for a stop gets it when this is done. */
s0_code stress_put_back(struct stress *s, struct s0_error *err)
{
	struct target *target = s->session->target;
	bool (*go_on)(void *, uint32_t) = target->go_on;
	struct s0_error why = S0_ERROR_INIT;
	bool same = false;
	s0_code code = S0_OK;

	target->go_on = NULL;
	for (int i = 0; code == S0_OK && !same && i < PUT_BACKS; i++)
		code = put_back_once(s, &same, &why);
	target->go_on = go_on;
	if (code == S0_OK && !same)
		code = error_set_at(&why, S0_E_MISMATCH, s->address, s->length,
				    "the sector at 0x%08x could not be put "
				    "back as it was",
				    s->address);
	if (code != S0_OK && err)
		*err = why;
	return code;
}
