/* SPDX-License-Identifier: MIT */
/*
 * Looking at a device before anything is changed: which sectors hold the right
 * bytes already, what an erase would take, what has to be kept. A sector that
 * an earlier run was cut in is not read.
 */
#include "base/error.h"
#include "base/range.h"
#include "session/look.h"
#include "session/trust.h"

/* Is the sector noted, and not to be read? A suspect one is read when bytes in
 * it have to be kept. */
static bool is_noted(const struct s0_session *session,
		     const struct s0_policy *policy, uint32_t address)
{
	const struct note *note = journal_find(session->journal, address);

	if (!note)
		return false;
	return note->kind != NOTE_SUSPECT || !policy->keep;
}

/* A run that did not mean to keep anything was cut here: what stood beside its
 * image cannot be told from damage. Or it cannot be read at all. */
static s0_code check_noted(const struct s0_session *session,
			   const struct s0_policy *policy, uint32_t address,
			   struct s0_error *err)
{
	const struct note *note = journal_find(session->journal, address);

	if (!note_is_begun(note) && policy->erase == S0_ERASE_NONE)
		return error_set_at(err, S0_E_NOT_ERASED, address, note->length,
				    "reading the sector at 0x%08x has stopped "
				    "the bootloader: it must be erased first",
				    address);
	if (policy->erase == S0_ERASE_NONE)
		return error_set_at(err, S0_E_NOT_ERASED, address, note->length,
				    "an earlier run was cut in the sector at "
				    "0x%08x: it must be erased first",
				    address);
	if (policy->keep && note->kind == NOTE_UNREADABLE)
		return session_unreadable(session, note, "kept", err);
	if (!policy->keep || note->kind != NOTE_BEGUN)
		return S0_OK;
	return error_set_at(err, S0_E_UNREADABLE, address, note->length,
			    "an earlier run was cut in the sector at 0x%08x, "
			    "so what is to be kept there must not be read",
			    address);
}

/* Recorded for a rollback alone it is for that alone. */
static bool comes_back(const struct s0_session *session,
		       const struct s0_policy *policy, uint32_t address)
{
	const struct note *note = journal_find(session->journal, address);

	return policy->keep || note->kind != NOTE_OLD;
}

static s0_code copy_kept(const struct s0_session *session,
			 struct s0_survey *survey, uint32_t address,
			 uint32_t length, struct s0_error *err)
{
	const struct s0_image *kept = session->journal->kept;
	s0_code code = S0_OK;

	for (size_t i = s0_image_find(kept, address);
	     code == S0_OK && i < s0_image_piece_count(kept); i++) {
		struct s0_piece p = s0_image_piece(kept, i);

		if (p.address >= range_end(address, length))
			break;
		code = s0_image_add(survey->content, "journal", p.address,
				    p.bytes, p.length, err);
	}
	return code;
}

/* Bytes to be kept will soon be nowhere else: they are believed when two
 * readings of them agree. The second is queued otherwise than the first, so
 * that a device that mixes up what is queued gives itself away. */
static s0_code read_again(struct s0_session *session, struct look *look,
			  struct s0_error *err)
{
	const struct survey_sector *sector = look->sector;
	s0_code code;

	look->confirm = true;
	code = look_stretches(session, look, false, err);
	look->confirm = false;
	if (code == S0_OK && look->unsteady)
		return error_set_at(err, S0_E_PROTOCOL, sector->address,
				    sector->length,
				    "two readings of what is to be kept in "
				    "the sector at 0x%08x differ",
				    sector->address);
	return code;
}

/* Samples of what an erase would take, evenly over all that the image leaves
 * out: the first is right behind the image, or before it, the last at the end
 * of the sector, where settings are often kept. */
#define SAMPLES 4u

/* The offset-th byte that the image leaves out. */
static uint64_t left_out(const struct look *look, uint64_t offset)
{
	const struct survey_sector *sector = look->sector;
	uint64_t limit = range_end(sector->address, sector->length);
	uint64_t at = sector->address, end = at;

	while (look_stretch(look->image, false, limit, &at, &end) &&
	       offset >= end - at) {
		offset -= end - at;
		at = end;
	}
	return at + offset;
}

static s0_code sample(struct s0_session *session, struct look *look,
		      bool *ret_seen, struct s0_error *err)
{
	const struct survey_sector *sector = look->sector;
	uint64_t limit = range_end(sector->address, sector->length), done = 0;
	uint32_t block = session->target->block;
	uint32_t rest =
		sector->length -
		plan_image_bytes(look->image, sector->address, sector->length);
	s0_code code = S0_OK;

	for (unsigned i = 0;
	     code == S0_OK && i < SAMPLES && rest && !sector->lost_bytes; i++) {
		uint32_t last = rest > block ? rest - block : 0;
		uint64_t at = left_out(look, (uint64_t)last * i /
						     (SAMPLES - 1) / 4 * 4);
		uint64_t end = at + block < limit ? at + block : limit;

		if (end > done)
			code = look_read(session, look, at > done ? at : done,
					 end, err);
		done = end > done ? end : done;
	}
	*ret_seen = sector->lost_bytes > 0;
	return code;
}

/* Reading all of it takes longer than much else, so it is done where it has to
 * be kept, and where somebody asks. */
static s0_code count_lost(struct s0_session *session,
			  const struct s0_policy *policy, struct look *look,
			  struct s0_error *err)
{
	bool all = policy->lost == S0_LOST_ALL || look->keep;
	bool seen = false;
	s0_code code = S0_OK;

	if (!all)
		code = sample(session, look, &seen, err);
	if (code != S0_OK ||
	    (!all && !(seen && policy->lost == S0_LOST_COUNTED)))
		return code;
	look->sector->lost_bytes = 0;
	code = look_stretches(session, look, false, err);
	look->sector->lost_known = code == S0_OK;
	return code;
}

/* A look at one sector. */
static struct look look_of(const struct s0_plan *base, struct s0_survey *survey,
			   size_t index)
{
	return (struct look){ .image = base->image,
			      .survey = survey,
			      .sector = &survey->sectors[index],
			      .last = &survey->sectors[index],
			      .erased = base->chip->erased,
			      .keep = base->policy.keep };
}

/* May a stream go on from this sector into the next one? */
static bool goes_on(const struct s0_session *session,
		    const struct s0_plan *base, const struct s0_survey *survey,
		    size_t index)
{
	const struct s0_plan_sector *s = &base->sectors[index];

	return index + 1 < base->sector_count &&
	       range_end(s->address, s->length) == s[1].address &&
	       s0_map_find(base->map, s->address) ==
		       s0_map_find(base->map, s[1].address) &&
	       s[1].image_bytes &&
	       survey->sectors[index + 1].content == S0_CONTENT_UNKNOWN &&
	       !is_noted(session, &base->policy, s[1].address);
}

/* Compare a sector with the image, and those behind it in the same stream, as
 * long as they are right: each for itself would cost a Set Address. Pages are
 * read to their end whatever they hold: to leave each where it differs would
 * take longer. */
static s0_code compare(struct s0_session *session, const struct s0_plan *base,
		       struct s0_survey *survey, size_t index,
		       struct s0_error *err)
{
	struct look look = look_of(base, survey, index);
	struct survey_sector *sector = look.sector;
	s0_code code;

	look.each = session_is_page(session, sector->length);
	look.stop = base->policy.erase != S0_ERASE_NONE && !look.each;
	look.store_all = base->policy.erase == S0_ERASE_NONE;
	for (size_t i = index;
	     (look.stop || look.each) && goes_on(session, base, survey, i); i++)
		look.last++;
	code = look_stretches(session, &look, true, err);
	if (code != S0_OK)
		return code;
	for (; sector < (look.different ? look.sector : look.last + 1);
	     sector++) {
		if (sector->content == S0_CONTENT_DIFFERENT)
			continue;
		sector->content = S0_CONTENT_SAME;
		sector->blank =
			!sector->evidence &&
			plan_image_bytes(base->image, sector->address,
					 sector->length) == sector->length;
	}
	if (look.different)
		sector->content = S0_CONTENT_DIFFERENT;
	return S0_OK;
}

static s0_code look_at_noted(struct s0_session *session,
			     const struct s0_policy *policy,
			     struct s0_survey *survey,
			     struct survey_sector *sector, struct s0_error *err)
{
	s0_code code = check_noted(session, policy, sector->address, err);

	sector->content = S0_CONTENT_NOTED;
	sector->stops =
		!note_is_begun(journal_find(session->journal, sector->address));
	if (code != S0_OK || policy->erase != S0_ERASE_NEEDED ||
	    !comes_back(session, policy, sector->address))
		return code;
	return copy_kept(session, survey, sector->address, sector->length, err);
}

static s0_code look_at_sector(struct s0_session *session,
			      const struct s0_plan *base,
			      struct s0_survey *survey, size_t index,
			      struct s0_error *err)
{
	const struct s0_policy *policy = &base->policy;
	struct survey_sector *sector = &survey->sectors[index];
	struct look look = look_of(base, survey, index);
	s0_code code = S0_OK;

	if (is_noted(session, policy, sector->address))
		return look_at_noted(session, policy, survey, sector, err);
	if (base->sectors[index].image_bytes &&
	    sector->content == S0_CONTENT_UNKNOWN &&
	    policy->erase != S0_ERASE_ALL &&
	    (!policy->full || policy->erase == S0_ERASE_NONE))
		code = compare(session, base, survey, index, err);
	if (code != S0_OK || sector->content == S0_CONTENT_SAME ||
	    policy->erase == S0_ERASE_NONE)
		return code;
	code = count_lost(session, policy, &look, err);
	if (code == S0_OK && look.keep)
		code = read_again(session, &look, err);
	return code;
}

/* All that is read is stored. */
static struct look whole_look(const struct s0_plan *base,
			      struct s0_survey *survey,
			      struct survey_sector *nowhere)
{
	return (struct look){ .image = base->image,
			      .survey = survey,
			      .sector = nowhere,
			      .last = nowhere,
			      .erased = base->chip->erased,
			      .store_all = true,
			      .each = true };
}

/* Flash words are blank or not as a whole: without an erase, what stands
 * beside the image's bytes in them counts. */
static s0_code word_edges(struct s0_session *session,
			  const struct s0_plan *base, struct s0_survey *survey,
			  struct s0_error *err)
{
	uint32_t word = plan_unit(base->chip);
	s0_code code = S0_OK;

	for (size_t i = 0;
	     code == S0_OK && i < s0_image_piece_count(base->image); i++) {
		struct s0_piece p = s0_image_piece(base->image, i);
		const struct s0_area *area = s0_map_find(base->map, p.address);
		bool ram = area && area->kind == S0_AREA_RAM;
		uint32_t unit = ram ? PLAN_RAM_UNIT : word;
		uint64_t from = round_down(p.address, unit);
		uint64_t to = round_up(range_end(p.address, p.length), unit);
		struct survey_sector nowhere = { 0 };
		struct look look = whole_look(base, survey, &nowhere);

		if (!area || !plan_wants(base, area) ||
		    area->kind == S0_AREA_EEPROM ||
		    (!ram && base->policy.erase != S0_ERASE_NONE))
			continue;
		if (from < p.address)
			code = look_read(session, &look, from, from + unit,
					 err);
		if (code == S0_OK && to > range_end(p.address, p.length))
			code = look_read(session, &look, to - unit, to, err);
	}
	return code;
}

/* What data EEPROM holds where the image goes: only what differs is written. */
static s0_code eeprom(struct s0_session *session, const struct s0_plan *base,
		      struct s0_survey *survey, struct s0_error *err)
{
	uint32_t unit = plan_unit(base->chip);
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < base->segment_count; i++) {
		const struct s0_plan_segment *s = &base->segments[i];
		const struct s0_area *area = s0_map_find(base->map, s->address);
		struct survey_sector nowhere = { 0 };
		struct look look = whole_look(base, survey, &nowhere);

		if (s->action == S0_ACTION_WRITE && area &&
		    area->kind == S0_AREA_EEPROM)
			code = look_read(
				session, &look, round_down(s->address, unit),
				round_up(range_end(s->address, s->length),
					 unit),
				err);
	}
	return code;
}

s0_code session_look(struct s0_session *session, const struct s0_plan *base,
		     struct s0_survey *survey, struct s0_error *err)
{
	s0_code code = S0_OK;

	session_stage(
		session, S0_STAGE_SURVEY,
		(uint64_t)base->sector_count *
			(base->sector_count ? base->sectors[0].length : 0));
	for (size_t i = 0; i < base->sector_count; i++)
		if (!survey_add(survey, base->sectors[i].address,
				base->sectors[i].length))
			return error_memory(err);
	if (survey->count)
		survey->erase_seen =
			journal_erase_us(session->journal,
					 survey->sectors[0].length) > 0;
	code = trust_look(session, base, survey, err);
	for (size_t i = 0; code == S0_OK && i < base->sector_count; i++) {
		code = s0_session_check_cancel(session, err);
		if (code == S0_OK)
			code = look_at_sector(session, base, survey, i, err);
	}
	if (code == S0_OK)
		code = word_edges(session, base, survey, err);
	if (code == S0_OK)
		code = eeprom(session, base, survey, err);
	if (code == S0_OK)
		session_stage_done(session);
	return code == S0_OK
		       ? session_look_elsewhere(session, base, survey, err)
		       : code;
}
