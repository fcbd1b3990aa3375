/* SPDX-License-Identifier: MIT */
/* Taking write protection off for a run, and putting it back. */
#include "session/lift.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "plan/options.h"
#include "session/options.h"

static const struct s0_chip *chip_of(const struct s0_session *session)
{
	return session->device->info.chip;
}

bool lift_is_elsewhere(const struct s0_session *session)
{
	const struct s0_device_info *info = &session->device->info;
	const struct journal *journal = session->journal;

	return journal->lifted && info->chip &&
	       journal->lifted_length == info->option_length &&
	       s0_option_swapped(info->chip, journal->lifted,
				 journal->lifted_length) !=
		       s0_option_swapped(info->chip, info->options,
					 info->option_length);
}

/* Which sectors a note means that was written before is not known then: the
 * reset may be still to come. */
static s0_code check_banks(const struct s0_session *session,
			   struct s0_error *err)
{
	if (!lift_is_elsewhere(session))
		return S0_OK;
	error_add_cause(err, S0_CAUSE_SWAPPED);
	return error_set(err, S0_E_DIFFERENT,
			 "the banks of this chip were swapped since a run was "
			 "cut that had taken write protection off: which "
			 "sectors it belongs to is no longer sure; 'sector0 "
			 "option set' of write protection, by name, settles "
			 "it, too");
}

const uint8_t *session_protection(struct s0_session *session)
{
	const struct s0_device_info *info = &session->device->info;
	const struct journal *journal = session->journal;

	if (!info->option_length || !info->chip)
		return NULL;
	memcpy(session->protection, info->options, info->option_length);
	if (journal->lifted && journal->lifted_length == info->option_length)
		lift_protect(info->chip, session->protection, journal->lifted,
			     info->option_length);
	return session->protection;
}

bool lift_plan_needs(const void *payload, uint32_t address)
{
	const struct s0_plan *plan = payload;

	for (size_t i = 0; i < plan->sector_count; i++) {
		const struct s0_plan_sector *s = &plan->sectors[i];

		if (s->address == address)
			return s->erase || s->write;
	}
	return false;
}

/* Open the sectors that need it in a window that is sent; how many of them are
 * protected in the one that was read? */
static unsigned open_sectors(const struct s0_session *session,
			     lift_needs_fn needs, const void *payload,
			     const uint8_t *read, uint8_t *sent)
{
	const struct s0_map *map = session->device->map;
	uint32_t length = session->device->info.option_length;
	struct s0_sector_protection s;
	unsigned count = 0;

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		for (uint32_t at = 0; area->kind == S0_AREA_FLASH &&
				      area->sector_size && at < area->length;
		     at += area->sector_size) {
			if (!needs || !needs(payload, area->address + at) ||
			    !s0_option_sector(chip_of(session), map, read,
					      length, area->address + at, &s) ||
			    !s.write_protected)
				continue;
			count++;
			if (sent)
				(void)s0_option_open_sector(
					chip_of(session), map, read, length,
					area->address + at, sent);
		}
	}
	return count;
}

/* What a window that was read protects, to be sent. */
static void to_send(const struct s0_chip *chip, uint8_t *sent,
		    const uint8_t *protection, size_t length)
{
	const struct s0_option_field *field;

	options_keep(chip, sent, length);
	for (size_t i = 0; (field = lift_next_field(chip, sent, length, &i));)
		(void)s0_option_put(field, sent, length,
				    lift_now(field, protection, length));
}

/* Send it, unless it is so. It is no change of what flash holds. */
static s0_code change(struct s0_session *session, const uint8_t *old,
		      uint8_t *window, struct s0_error *err)
{
	const struct s0_chip *chip = chip_of(session);
	bool changed = session->op.changed, at_once = session->op.at_once;
	s0_code code;

	options_mirror(chip, window, s0_option_length(chip));
	if (options_show(chip, old, window, s0_option_length(chip)))
		return S0_OK;
	session->op.changed = session->op.at_once = false;
	code = session_write_options(session, old, window, err);
	/* Else nobody knows, or it is neither: the note stays. */
	session->op.lifted |= code != S0_OK && session->op.changed;
	session->op.changed = changed;
	session->op.at_once = at_once;
	return code;
}

/* Without its identity the chip's note would not be found again. */
static s0_code check(const struct s0_session *session, struct s0_error *err)
{
	if (session->device->info.uid[0])
		return S0_OK;
	error_add_cause(err, S0_CAUSE_NO_IDENTITY);
	return error_set(err, S0_E_UNSUPPORTED,
			 "the chip does not tell its unique ID, so that its "
			 "write protection has to be put back cannot be "
			 "recorded");
}

static s0_code lift(struct s0_session *session, lift_needs_fn needs,
		    const void *payload, struct s0_error *err)
{
	const uint32_t length = s0_option_length(chip_of(session));
	bool before = session->journal->lifted != NULL;
	uint8_t old[S0_OPTION_MAX], window[S0_OPTION_MAX];
	const uint8_t *protection;
	unsigned count;
	s0_code code = check(session, err);

	if (code == S0_OK)
		code = session_read_options(session, old, err);
	if (code == S0_OK)
		code = check_banks(session, err);
	if (code != S0_OK)
		return code;
	memcpy(window, old, length);
	protection = session_protection(session);
	to_send(chip_of(session), window, protection, length);
	count = open_sectors(session, needs, payload, protection, window);
	if (count)
		code = journal_lift(session->journal, protection, length, err);
	if (code == S0_OK)
		code = change(session, old, window, err);
	if (code == S0_OK && count) {
		session->op.lifted = true;
		session->op.unprotected = true;
		session->result.lifted_sectors = count;
		return S0_OK;
	}
	if (code == S0_OK && before)
		session_warn(session,
			     "an earlier run that was cut had left sectors "
			     "without their write protection: they have it "
			     "again");
	if (code == S0_OK || (!before && !session->op.lifted))
		(void)journal_lift_done(session->journal, NULL);
	return code;
}

s0_code session_lift(struct s0_session *session, lift_needs_fn needs,
		     const void *payload, struct s0_error *err)
{
	const uint8_t *protection = session_protection(session);

	if (!session->lift)
		needs = NULL;
	if (!protection ||
	    (!session->journal->lifted &&
	     !open_sectors(session, needs, payload, protection, NULL)))
		return S0_OK;
	return lift(session, needs, payload, err);
}

static s0_code put_back(struct s0_session *session, struct s0_error *err)
{
	const uint32_t length = s0_option_length(chip_of(session));
	uint8_t old[S0_OPTION_MAX], window[S0_OPTION_MAX];
	s0_code code;

	(void)session->target->ops->settle(session->target, NULL);
	code = session_read_options(session, old, err);
	if (code == S0_E_GONE && session_bring_back(session, err) == S0_OK) {
		*err = (struct s0_error)S0_ERROR_INIT;
		code = session_read_options(session, old, err);
	}
	if (code == S0_OK)
		code = check_banks(session, err);
	if (code != S0_OK)
		return code;
	memcpy(window, old, length);
	to_send(chip_of(session), window, session_protection(session), length);
	return change(session, old, window, err);
}

/* "WRPSn1=2,5 WRPSn2=0": what `option set` takes. */
static void add_settings(struct s0_session *session, struct text *text)
{
	const struct s0_chip *chip = chip_of(session);
	const uint8_t *lifted = session->journal->lifted;
	const uint32_t length = session->journal->lifted_length;
	const struct s0_option_field *field;
	char value[S0_OPTION_TEXT];

	for (size_t i = 0;
	     (field = lift_next_field(chip, lifted, length, &i));) {
		uint32_t wanted = lift_now(field, lifted, length);

		if (wanted == lift_open_value(field))
			continue;
		s0_option_print(chip, NULL, 0, field, wanted, value, NULL);
		text_add(text, " %s=%s", field->name, value);
	}
}

static void say_open(struct s0_session *session, const struct s0_error *why,
		     struct s0_error *err)
{
	struct text settings = { 0 };
	size_t used;

	if (!err || !session->journal->lifted)
		return;
	add_settings(session, &settings);
	used = strlen(err->message);
	(void)snprintf(err->message + used, sizeof err->message - used,
		       "%swrite protection was taken off and is not back%s%s: "
		       "'sector0 option set%s'",
		       used ? "; " : "", why->message[0] ? ": " : "",
		       why->message, text_chars(&settings));
	text_free(&settings);
	/* Its next step protects them again as well. */
	if (err->cause != S0_CAUSE_SAVED)
		err->cause = S0_CAUSE_LIFTED;
}

s0_code session_unlift(struct s0_session *session, s0_code code,
		       struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT, own = S0_ERROR_INIT;
	s0_code back = S0_E_GONE;

	if (!session->op.lifted)
		return code;
	if (!err)
		err = &own;
	if (err->cause == S0_CAUSE_NO_EFFECT)
		err->cause = S0_CAUSE_OPEN;
	/* A stop was asked for of the run, not of this. */
	session->closing = true;
	if (!session->op.lost)
		back = put_back(session, &why);
	session->closing = false;
	if (back == S0_OK) {
		session->op.lifted = false;
		(void)journal_lift_done(session->journal, NULL);
		return code;
	}
	session->result.lifted_sectors = 0;
	if (code == S0_OK) {
		*err = why;
		err->message[0] = '\0';
	}
	say_open(session, &why, err);
	return code == S0_OK ? back : code;
}

void session_tell_lifted(struct s0_session *session)
{
	struct text settings = { 0 };

	if (!session->journal->lifted || !chip_of(session))
		return;
	if (lift_is_elsewhere(session)) {
		session_warn(session,
			     "an earlier run that was cut has left sectors "
			     "without their write protection, and the banks "
			     "were swapped since: set SWAP_BANK_OPT back to "
			     "have it put back, or protect them by name with "
			     "'sector0 option set'");
		return;
	}
	add_settings(session, &settings);
	session_warn(session,
		     "an earlier run that was cut has left sectors without "
		     "their write protection: the next command that changes "
		     "flash puts it back, or 'sector0 recover', or 'sector0 "
		     "option set%s'",
		     text_chars(&settings));
	text_free(&settings);
}

void s0_session_lift_protection(struct s0_session *session, bool lift)
{
	session->lift = lift;
}

bool s0_session_lifted(const struct s0_session *session)
{
	return session->journal->lifted != NULL;
}
