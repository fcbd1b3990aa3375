/* SPDX-License-Identifier: MIT */
/*
 * Where nearly all of the flash has to be erased, one mass erase is quicker
 * than many sectors' own, if the others hold nothing that it could take: so
 * they are read. First their ends, where a bootloader or settings would be.
 */
#include "base/error.h"
#include "base/range.h"
#include "session/look.h"

/* Calls for each sector of the flash while it is content. */
static bool each_sector(const struct s0_session *session,
			const struct s0_plan *base,
			bool (*call)(const struct s0_session *,
				     const struct s0_plan *, struct s0_survey *,
				     const struct s0_area *, uint32_t),
			struct s0_survey *survey)
{
	bool content = true;

	for (size_t i = 0; i < s0_map_area_count(base->map); i++) {
		const struct s0_area *area = s0_map_area(base->map, i);

		for (uint32_t at = 0; content && at < area->length &&
				      area->kind == S0_AREA_FLASH;
		     at += area->sector_size)
			content = call(session, base, survey, area,
				       area->address + at);
	}
	return content;
}

static bool is_begun(const struct s0_session *session,
		     const struct s0_plan *base, struct s0_survey *survey,
		     const struct s0_area *area, uint32_t address)
{
	const struct note *note = journal_find(session->journal, address);
	(void)base;
	(void)survey;
	(void)area;

	return note && note->kind == NOTE_BEGUN;
}

/* Let the survey have each sector that may be blank. One that is noted must not
 * be read. */
static bool add_open(const struct s0_session *session,
		     const struct s0_plan *base, struct s0_survey *survey,
		     const struct s0_area *area, uint32_t address)
{
	if (!plan_mass_open(base, survey, area, address) ||
	    survey_find(survey, address))
		return true;
	return !journal_find(session->journal, address) &&
	       survey_add(survey, address, area->sector_size);
}

/* This session's own mass erase was cut: what the image does not touch was
 * proved blank before it, and may be damaged now. After another process's, or
 * another run's cut, nobody knows what has been put there since. */
static bool add_begun(const struct s0_session *session,
		      const struct s0_plan *base, struct s0_survey *survey,
		      const struct s0_area *area, uint32_t address)
{
	struct survey_sector *sector;
	(void)session;
	(void)base;

	if (survey_find(survey, address))
		return true;
	sector = survey_add(survey, address, area->sector_size);
	if (sector)
		sector->content = S0_CONTENT_NOTED;
	return sector != NULL;
}

static bool is_open(const struct s0_plan *base, const struct s0_survey *survey,
		    const struct survey_sector *sector)
{
	return plan_mass_open(base, survey,
			      s0_map_find(base->map, sector->address),
			      sector->address);
}

/* Its ends, or all of it. */
static s0_code look_in(struct s0_session *session, struct look *look, bool ends,
		       struct s0_error *err)
{
	struct survey_sector *sector = look->sector;
	uint64_t end = range_end(sector->address, sector->length);
	uint32_t block = session->target->block;
	s0_code code = s0_session_check_cancel(session, err);

	if (block > sector->length)
		block = sector->length;
	if (code == S0_OK && ends) {
		code = look_read(session, look, sector->address,
				 sector->address + block, err);
		if (code == S0_OK && !sector->evidence)
			code = look_read(session, look, end - block, end, err);
		return code;
	}
	if (code == S0_OK)
		code = look_read(session, look, sector->address, end, err);
	if (code == S0_OK && !sector->evidence)
		sector->blank = sector->lost_known = true;
	return code;
}

/* How many open pages adjoin, from this sector of the survey on. */
static size_t row_of(const struct s0_session *session,
		     const struct s0_plan *base, const struct s0_survey *survey,
		     size_t first)
{
	const struct survey_sector *s = &survey->sectors[first];
	size_t count = 1;

	while (session_is_page(session, s->length) &&
	       first + count < survey->count && s[count].length == s->length &&
	       s[count].address == range_end(s[count - 1].address, s->length) &&
	       is_open(base, survey, &s[count]))
		count++;
	return count;
}

/* Pages are read once, in one stream. */
static s0_code look_in_row(struct s0_session *session, struct look *look,
			   struct s0_error *err)
{
	struct survey_sector *first = look->sector;
	s0_code code = s0_session_check_cancel(session, err);

	if (code == S0_OK)
		code = look_read(
			session, look, first->address,
			range_end(look->last->address, look->last->length),
			err);
	for (; code == S0_OK && !look->sector->evidence && first <= look->last;
	     first++)
		first->blank = first->lost_known = true;
	return code;
}

static s0_code look_in_open(struct s0_session *session,
			    const struct s0_plan *base,
			    struct s0_survey *survey, struct s0_error *err)
{
	bool blank = true;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && blank && i < 2 * survey->count;
	     i++) {
		struct survey_sector *sector =
			&survey->sectors[i % survey->count];
		struct look look = { .image = base->image,
				     .survey = survey,
				     .sector = sector,
				     .last = sector,
				     .erased = base->chip->erased,
				     .seek = true };

		if (!is_open(base, survey, sector))
			continue;
		if (!session_is_page(session, sector->length)) {
			code = look_in(session, &look, i < survey->count, err);
		} else if (i >= survey->count) {
			size_t row = row_of(session, base, survey,
					    i - survey->count);

			look.last = sector + row - 1;
			code = look_in_row(session, &look, err);
			i += row - 1;
		}
		blank = !look.sector->evidence;
	}
	return code;
}

s0_code session_look_elsewhere(struct s0_session *session,
			       const struct s0_plan *base,
			       struct s0_survey *survey, struct s0_error *err)
{
	uint64_t total = 0;
	s0_code code;

	if (!plan_mass_pays(base, survey, true))
		return S0_OK;
	if (session->mass_begun && each_sector(session, base, is_begun, survey))
		return each_sector(session, base, add_begun, survey)
			       ? S0_OK
			       : error_memory(err);
	/* Out of memory: then it is erased sector by sector. */
	if (!each_sector(session, base, add_open, survey))
		return S0_OK;
	for (size_t i = 0; i < survey->count; i++)
		if (is_open(base, survey, &survey->sectors[i]))
			total += survey->sectors[i].length +
				 2 * session->target->block;
	session_stage(session, S0_STAGE_SURVEY, total);
	code = look_in_open(session, base, survey, err);
	if (code == S0_OK)
		session_stage_done(session);
	return code;
}
