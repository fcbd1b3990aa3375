/* SPDX-License-Identifier: MIT */
/*
 * Sending option bytes, or the command that takes the read-out protection off,
 * and finding out what came of it. A device may reset behind it, at once, a
 * little later or never, and may get lost on the way: all that counts is what
 * it shows afterwards.
 */
#include <string.h>

#include "base/error.h"
#include "session/option_write.h"

/* Two readings in a row have to agree. */
#define READS 5
/* An option change, between two looks. */
#define PAUSE_US 20000u
/* A device that resets because it was told to is waited for at least so long,
 * however little a user cares for those that get lost. */
#define RETURN_MS 10000u

static s0_code read_once(struct s0_session *session, uint8_t *bytes,
			 struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	struct target *target = session->target;
	struct s0_option_window window;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && s0_option_window(chip, i, &window);
	     i++) {
		struct taken taken = { .bytes = bytes + window.at,
				       .address = window.address };

		code = target->ops->read(target, window.address, window.length,
					 NULL, taken_bytes, &taken, err);
		if (code == S0_OK && taken.length != window.length)
			code = error_set(err, S0_E_PROTOCOL,
					 "the device sent %u of %u option "
					 "bytes",
					 taken.length, window.length);
	}
	return code;
}

static void renew(struct s0_session *session, const uint8_t *window)
{
	struct s0_device_info *info = &session->device->info;
	const struct s0_chip *chip = info->chip;

	info->option_length = s0_option_length(chip);
	memcpy(info->options, window, info->option_length);
	if (s0_option_at(chip, S0_OPTION_READ_PROTECTION, S0_OPTION_RDP, 0))
		info->rdp = (int)options_level(chip, window,
					       info->option_length, false);
	session->target->rdp = info->rdp;
}

static s0_code has_options(const struct s0_session *session,
			   struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	s0_code code = session_check_chip(
		session->device, "its option bytes are not known", err);

	if (code != S0_OK || !chip)
		return code;
	if (!s0_option_length(chip) || s0_option_length(chip) > S0_OPTION_MAX)
		return error_set(err, S0_E_UNSUPPORTED,
				 "nothing is known about the option bytes of "
				 "%s",
				 chip->name);
	return S0_OK;
}

s0_code session_read_options(struct s0_session *session, uint8_t *window,
			     struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	struct target *target = session->target;
	uint8_t before[S0_OPTION_MAX];
	s0_code code = has_options(session, err);
	uint32_t length = code == S0_OK ? s0_option_length(chip) : 0;

	for (int i = 0; code == S0_OK && i < READS; i++) {
		bool busy;

		if (i)
			memcpy(before, window, length);
		code = read_once(session, window, err);
		if (code != S0_OK)
			return code;
		busy = s0_option_is_set(&chip->option_busy, window, length);
		if (i && !busy && memcmp(before, window, length) == 0) {
			renew(session, window);
			return S0_OK;
		}
		if (busy)
			target->ops->wait_us(target, PAUSE_US);
	}
	return code == S0_OK ? error_set(err, S0_E_PROTOCOL,
					 "%d readings of the option bytes all "
					 "differ",
					 READS)
			     : code;
}

static s0_code send(struct s0_session *session, struct option_write *w,
		    struct s0_error *err)
{
	struct target *target = session->target;

	session->op.changed = true;
	/* A change that is cut may end at level 1, too. */
	session->device->uid_may_hide = true;
	w->sent++;
	w->tries++;
	w->left = false;
	if (w->unprotect)
		return target->ops->unprotect(target, &w->left, err);
	return target->ops->write_options(
		target, w->part.address, w->window + w->part.at, w->part.length,
		w->erases, &w->left, err);
}

/* It was told to do something that it may reset for. */
static s0_code wait_for_return(struct s0_session *session,
			       struct option_write *w, struct s0_error *err)
{
	uint32_t limit_ms = session->device->reconnect_ms;
	s0_code code;

	if (limit_ms < RETURN_MS)
		limit_ms = RETURN_MS;
	w->left = false;
	w->returned = true;
	code = session_await(session, limit_ms, err);
	if (code == S0_OK || code == S0_E_CANCELLED)
		return code;
	error_add_cause(err, S0_CAUSE_OPTIONS_SENT);
	if (w->levels && w->to == 2)
		session_warn(session,
			     "at read-out protection level 2, which was asked "
			     "for, the bootloader does not come back");
	return code;
}

s0_code option_write_look(struct s0_session *session, struct option_write *w,
			  struct s0_error *err)
{
	enum { ERR_VENDOR = 11 };
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = session_read_options(session, w->now, &why);

	w->hidden = code != S0_OK && why.dfu_status == ERR_VENDOR;
	if (w->hidden) {
		session->device->info.rdp = session->target->rdp = 1;
		return session->target->ops->settle(session->target, err);
	}
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

/* Read, where a reset may come a little late. */
static s0_code look(struct s0_session *session, struct option_write *w,
		    struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = S0_OK;

	if (w->left)
		code = wait_for_return(session, w, &why);
	if (code == S0_OK)
		code = option_write_look(session, w, &why);
	if (code == S0_E_GONE && w->sent && !w->returned) {
		why = (struct s0_error)S0_ERROR_INIT;
		code = wait_for_return(session, w, &why);
		if (code == S0_OK)
			code = option_write_look(session, w, &why);
	}
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

static s0_code write_on(struct s0_session *session, void *work,
			struct s0_error *err)
{
	struct option_write *w = work;
	s0_code code;

	for (;;) {
		code = look(session, w, err);
		if (code != S0_OK || option_write_is_done(w))
			return code;
		code = option_write_judge(w, err);
		if (code == S0_OK && !w->sent)
			code = s0_session_check_cancel(session, err);
		/* Of what nobody can read there is nothing to note. */
		if (code == S0_OK && !w->sent && !w->hid)
			code = journal_begin_options(session->journal,
						     w->before, w->window,
						     w->length, err);
		if (code != S0_OK)
			return code;
		w->returned = false;
		code = send(session, w, err);
		if (code != S0_OK)
			return code;
	}
}

/* The work is over, well or not: what do they show? */
static s0_code conclude(struct s0_session *session, struct option_write *w,
			s0_code code, bool changed, struct s0_error *err)
{
	struct target *target = session->target;

	if (!w->sent)
		return code;
	if (code != S0_OK &&
	    (session->op.lost || target->ops->settle(target, NULL) != S0_OK ||
	     option_write_look(session, w, NULL) != S0_OK))
		return code;
	if (code == S0_OK || option_write_is_done(w) ||
	    option_write_is_as_before(w))
		(void)journal_options_done(session->journal, NULL);
	if (code != S0_OK && option_write_is_done(w)) {
		session_warn(session,
			     "%s; the option bytes are as asked for all the "
			     "same",
			     err->message);
		*err = (struct s0_error)S0_ERROR_INIT;
		return S0_OK;
	}
	if (code == S0_OK && w->hidden)
		session_warn(session,
			     "at read-out protection level 1 this device does "
			     "not tell its option bytes: that proves the "
			     "level, and nothing else that was changed");
	if (code == S0_OK)
		return S0_OK;
	if (option_write_is_as_before(w)) {
		/* A mass erase may have begun before the level falls. */
		session->op.changed = changed || w->erases || w->unprotect;
		return code;
	}
	if (err->cause != S0_CAUSE_OPTIONS_MIXED && !w->hidden) {
		*err = (struct s0_error)S0_ERROR_INIT;
		return option_write_mixed(w, err);
	}
	return code;
}

s0_code option_write_run(struct s0_session *session, struct option_write *w,
			 struct s0_error *err)
{
	bool changed = session->op.changed;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = has_options(session, err);

	if (code != S0_OK)
		return code;
	code = session_persist(session, write_on, w, &why);
	code = conclude(session, w, code, changed, &why);
	session->result.options_reset = w->returned;
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

s0_code session_write_options(struct s0_session *session, const uint8_t *old,
			      const uint8_t *window, struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	uint32_t length = chip ? s0_option_length(chip) : 0;
	struct option_write w = { .chip = chip, .length = length };
	unsigned from, to;

	if (length > S0_OPTION_MAX)
		length = 0;
	memcpy(w.before, old, length);
	memcpy(w.window, window, length);
	if (chip) {
		options_keep(chip, w.before, length);
		from = options_level(chip, w.before, length, true);
		to = options_level(chip, w.window, length, true);
		w.levels = from != to;
		w.to = to;
		w.erases = from == 1 && to == 0;
	}
	return option_write_run(session, &w, err);
}
