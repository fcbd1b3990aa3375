/* SPDX-License-Identifier: MIT */
/* Taking the read-out protection off, which erases all flash (AN3156, command
 * 0x92). */
#include <string.h>

#include <sector0/option_session.h>

#include "base/bytes.h"
#include "base/error.h"
#include "session/option_write.h"

/* How much of each sector is read to see that it is blank. */
#define SAMPLE 1024u

struct sampling {
	struct s0_unprotection *result;
	uint8_t erased;
};

static bool sample(void *payload, uint32_t address, const uint8_t *bytes,
		   uint32_t length)
{
	struct sampling *s = payload;
	uint32_t i = 0;

	while (i < length && bytes[i] == s->erased)
		i++;
	s->result->blank_bytes += i;
	if (i < length && !s->result->not_blank) {
		s->result->not_blank = true;
		s->result->first_byte = address + i;
	}
	return true;
}

/* The beginning of each sector: level 0 lets it be read, and it is blank. */
static s0_code read_samples(struct s0_session *session, void *work,
			    struct s0_error *err)
{
	const struct s0_map *map = session->device->map;
	struct sampling *s = work;
	s0_code code = S0_OK;

	*s->result = (struct s0_unprotection){ 0 };
	for (size_t i = 0; code == S0_OK && i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		/* Each for itself would take longer than all of it. */
		bool pages = area->sector_size <= 2 * SAMPLE;
		uint32_t step = pages ? area->length : area->sector_size;

		for (uint32_t at = 0; code == S0_OK && at < area->length &&
				      area->kind == S0_AREA_FLASH;
		     at += step)
			code = session->target->ops->read(
				session->target, area->address + at,
				pages ? area->length : SAMPLE, NULL, sample, s,
				err);
	}
	return code;
}

struct opening {
	struct option_write write;
	bool open; /* it was off */
};

static s0_code look_first(struct s0_session *session, void *work,
			  struct s0_error *err)
{
	struct opening *o = work;
	s0_code code = option_write_look(session, &o->write, err);

	o->write.hid = o->write.hidden;
	memcpy(o->write.before, o->write.now, sizeof o->write.before);
	return code;
}

static s0_code prepare(struct s0_session *session, struct opening *o,
		       struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	const struct s0_option_field *field;
	unsigned level;
	s0_code code;

	o->write.chip = chip;
	o->write.length = chip ? s0_option_length(chip) : 0;
	code = session_persist(session, look_first, o, err);
	if (code != S0_OK)
		return code;
	if (!o->write.hid)
		session_tell_cut_options(session, o->write.before);
	level = o->write.hid ? 1
			     : options_level(chip, o->write.before,
					     o->write.length, false);
	o->open = level == 0;
	field = s0_option_at(chip, S0_OPTION_READ_PROTECTION, S0_OPTION_RDP, 0);
	if (level == 2 || !field) {
		error_add_cause(err, S0_CAUSE_READ_OUT);
		return error_set(err, S0_E_PROTECTED,
				 "read-out protection is at level 2, which is "
				 "for ever");
	}
	memcpy(o->write.window, o->write.before, o->write.length);
	options_keep(chip, o->write.window, o->write.length);
	/* For the records: what is asked for. */
	(void)s0_option_put(field, o->write.window, o->write.length, 0xaa);
	options_mirror(chip, o->write.window, o->write.length);
	o->write.unprotect = o->write.levels = true;
	return S0_OK;
}

static void stages(struct s0_session *session, bool over)
{
	if (over)
		session_stage_done(session);
	else
		session_stage(session, S0_STAGE_ERASE,
			      session->device->info.chip->flash_bytes);
}

s0_code s0_session_unprotect(struct s0_session *session,
			     struct s0_unprotection *ret,
			     struct s0_result *ret_result, struct s0_error *err)
{
	struct s0_unprotection result = { 0 };
	struct sampling sampling = { .result = &result };
	struct opening o = { 0 };
	s0_code code;

	session_begin(session);
	code = prepare(session, &o, err);
	/* What is known of the content will not be true any more. */
	if (code == S0_OK && !o.open)
		code = journal_distrust(session->journal, err);
	if (code == S0_OK && !o.open) {
		stages(session, false);
		code = option_write_run(session, &o.write, err);
		if (code == S0_OK)
			stages(session, true);
	}
	if (code == S0_OK && !o.open) {
		sampling.erased = session->device->info.chip->erased;
		code = session_persist(session, read_samples, &sampling, err);
	}
	result.was_open = o.open;
	if (code == S0_OK && ret)
		*ret = result;
	return session_end(session, code, ret_result, err);
}
