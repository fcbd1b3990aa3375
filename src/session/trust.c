/* SPDX-License-Identifier: MIT */
#include "session/trust.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "base/sha256.h"

/* Blocks of a sector that are read: the ends, and two in between. */
#define SAMPLES 4u

/* The next part of an image at or behind *at in a sector: [*at, *end). */
static bool next_part(const struct s0_image *image, uint64_t limit,
		      uint64_t *at, uint64_t *end)
{
	struct s0_piece p;

	if (*at >= limit)
		return false;
	p = s0_image_piece(image, s0_image_find(image, (uint32_t)*at));
	if (!p.length || p.address >= limit)
		return false;
	*at = p.address > *at ? p.address : *at;
	*end = range_end(p.address, p.length);
	*end = *end < limit ? *end : limit;
	return true;
}

/* Of the bytes that an image has in a sector, and of where they lie. */
static void digest_of(const struct s0_image *image, uint32_t address,
		      uint32_t length, uint8_t digest[JOURNAL_DIGEST])
{
	uint64_t at = address, end, limit = range_end(address, length);
	struct sha256 sha;

	sha256_start(&sha);
	for (; next_part(image, limit, &at, &end); at = end) {
		size_t i = s0_image_find(image, (uint32_t)at);
		struct s0_piece p = s0_image_piece(image, i);
		uint8_t where[8];

		put_le32(where, (uint32_t)at);
		put_le32(where + 4, (uint32_t)(end - at));
		sha256_add(&sha, where, sizeof where);
		sha256_add(&sha, p.bytes + (at - p.address),
			   (size_t)(end - at));
	}
	sha256_end(&sha, digest);
}

struct sampling {
	struct s0_session *session;
	const struct s0_image *image;
	uint64_t from, to; /* to be read; neighbours are read as one */
	uint8_t *wanted;   /* room for a block */
	bool different;
	uint32_t where; /* … in the block here */
};

static bool compare(void *payload, uint32_t address, const uint8_t *bytes,
		    uint32_t length)
{
	struct sampling *s = payload;

	/* What the image does not cover is as it is. */
	memcpy(s->wanted, bytes, length);
	(void)s0_image_copy(s->image, address, length, s->wanted);
	s->different = memcmp(s->wanted, bytes, length) != 0;
	s->where = address;
	return !s->different;
}

/* Read what was gathered. */
static s0_code flush(struct sampling *s, struct s0_error *err)
{
	struct target *target = s->session->target;
	uint32_t start = round_down((uint32_t)s->from, 4);
	s0_code code = S0_OK;

	if (s->to > s->from && !s->different)
		code = target->ops->read(target, start,
					 (uint32_t)(round_up(s->to, 4) - start),
					 0, compare, s, err);
	s->from = s->to = 0;
	return code;
}

/* The numbers of the blocks to read, rising. After as many runs as there are
 * blocks in half a sector each has been among them. */
static unsigned places(uint32_t blocks, uint32_t run, uint32_t place[SAMPLES])
{
	uint32_t half = (blocks - 1) / 2;

	for (uint32_t i = 0; i < SAMPLES; i++)
		place[i] = i;
	if (blocks <= SAMPLES)
		return blocks;
	place[1] = 1 + run % (half - 1);
	place[2] = half + run % (blocks - 1 - half);
	place[3] = blocks - 1;
	return SAMPLES;
}

static uint32_t count_blocks(const struct s0_image *image, uint32_t address,
			     uint64_t limit, uint32_t block)
{
	uint64_t at = address, end;
	uint32_t blocks = 0;

	for (; next_part(image, limit, &at, &end); at = end)
		blocks += (uint32_t)((end - at + block - 1) / block);
	return blocks;
}

static s0_code sample(struct sampling *s, struct held *held,
		      struct s0_error *err)
{
	uint32_t block = s->session->target->block, before = 0, blocks;
	uint64_t limit = range_end(held->address, held->length);
	uint64_t at = held->address, end;
	uint32_t place[SAMPLES];
	unsigned next = 0, count;
	s0_code code = S0_OK;

	blocks = count_blocks(s->image, held->address, limit, block);
	count = places(blocks, s->session->journal->facts.runs, place);
	for (; next_part(s->image, limit, &at, &end); at = end) {
		uint32_t here = (uint32_t)((end - at + block - 1) / block);

		for (; code == S0_OK && next < count &&
		       place[next] < before + here;
		     next++) {
			uint64_t from =
				at + (uint64_t)(place[next] - before) * block;
			uint64_t to = from + block < end ? from + block : end;

			if (from != s->to)
				code = flush(s, err);
			if (s->to == 0)
				s->from = from;
			s->to = to;
			held->trusted_bytes -= (uint32_t)(to - from);
		}
		before += here;
	}
	return code;
}

/* Mark what the record says of the image at hand. */
static size_t mark(struct s0_session *session, const struct s0_plan *base)
{
	const struct s0_policy *policy = &base->policy;
	struct facts *facts = &session->journal->facts;
	size_t marked = 0;

	for (size_t i = 0; i < facts->held_count; i++)
		facts->held[i].trusted = false;
	if (!policy->trust_last_run || policy->full ||
	    policy->erase != S0_ERASE_NEEDED)
		return 0;
	for (size_t i = 0; i < base->sector_count; i++) {
		const struct s0_plan_sector *s = &base->sectors[i];
		struct held *held = journal_held(session->journal, s->address);
		uint8_t digest[JOURNAL_DIGEST];

		if (!held || held->length != s->length || !s->image_bytes)
			continue;
		digest_of(base->image, s->address, s->length, digest);
		held->trusted = !memcmp(held->digest, digest, sizeof digest);
		held->trusted_bytes = s->image_bytes;
		marked += held->trusted;
	}
	return marked;
}

static s0_code sample_all(struct sampling *s, const struct s0_plan *base,
			  struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < base->sector_count; i++) {
		struct held *held = journal_held(s->session->journal,
						 base->sectors[i].address);

		if (!held || !held->trusted || s->different)
			continue;
		code = s0_session_check_cancel(s->session, err);
		if (code == S0_OK)
			code = sample(s, held, err);
	}
	return code == S0_OK ? flush(s, err) : code;
}

static void fill_in(const struct journal *journal, struct s0_survey *survey)
{
	for (size_t i = 0; i < survey->count; i++) {
		struct survey_sector *sector = &survey->sectors[i];
		const struct held *held =
			journal_held(journal, sector->address);

		if (!held || !held->trusted)
			continue;
		sector->content = S0_CONTENT_SAME;
		sector->trusted_bytes = held->trusted_bytes;
	}
}

s0_code trust_look(struct s0_session *session, const struct s0_plan *base,
		   struct s0_survey *survey, struct s0_error *err)
{
	struct sampling s = { .session = session, .image = base->image };
	struct facts *facts = &session->journal->facts;
	s0_code code;

	if (!mark(session, base))
		return S0_OK;
	s.wanted = malloc(session->target->block);
	if (!s.wanted)
		return error_memory(err);
	code = sample_all(&s, base, err);
	free(s.wanted);
	if (code != S0_OK)
		return code;
	if (s.different) {
		session_warn(session,
			     "the block at 0x%08x is not what the last run "
			     "left there: something else has changed the "
			     "chip, so all of it is read",
			     s.where);
		return journal_distrust(session->journal, err);
	}
	facts->runs++;
	facts->changed = true;
	fill_in(session->journal, survey);
	return S0_OK;
}

/* Verified after it was written, or, where records are used at all, read when
 * the plan was made. */
static bool is_proved(const struct s0_plan *plan,
		      const struct s0_plan_sector *sector)
{
	if (sector->write)
		return !plan->policy.no_verify;
	return plan->policy.trust_last_run && !sector->trusted_bytes &&
	       sector->content == S0_CONTENT_SAME;
}

void trust_remember(struct s0_session *session, const struct s0_plan *plan)
{
	for (size_t i = 0; i < plan->sector_count; i++) {
		const struct s0_plan_sector *s = &plan->sectors[i];
		uint8_t digest[JOURNAL_DIGEST];

		if (s->content == S0_CONTENT_SAME)
			journal_close_open(session->journal, s->address);
		if (!s->image_bytes || !is_proved(plan, s) ||
		    !session->journal->remembers)
			continue;
		digest_of(plan->image, s->address, s->length, digest);
		journal_hold(session->journal, s->address, s->length, digest);
	}
}
