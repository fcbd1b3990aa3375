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
/* How often a change is sent that had no effect. */
#define SENDS 3

static s0_code read_once(struct s0_session *session, uint8_t *window,
			 struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	struct target *target = session->target;
	struct taken taken = { .bytes = window,
			       .address = chip->option_address };
	s0_code code = target->ops->read(target, chip->option_address,
					 chip->option_length, NULL, taken_bytes,
					 &taken, err);

	if (code != S0_OK || taken.length == chip->option_length)
		return code;
	return error_set(err, S0_E_PROTOCOL,
			 "the device sent %u of %u option bytes", taken.length,
			 chip->option_length);
}

static void renew(struct s0_session *session, const uint8_t *window)
{
	struct s0_device_info *info = &session->device->info;
	const struct s0_chip *chip = info->chip;

	memcpy(info->options, window, chip->option_length);
	info->option_length = chip->option_length;
	if (s0_option_at(chip, S0_OPTION_READ_PROTECTION, S0_OPTION_RDP, 0))
		info->rdp = (int)options_level(chip, window,
					       chip->option_length, false);
	session->target->rdp = info->rdp;
}

static s0_code has_options(const struct s0_session *session,
			   struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;

	if (!chip) {
		error_add_cause(err, S0_CAUSE_NO_CHIP);
		return error_set(err, S0_E_UNSUPPORTED,
				 "it is not known which chip this is, nor what "
				 "its option bytes mean");
	}
	if (!chip->option_length || chip->option_length > S0_OPTION_MAX ||
	    !chip->option_count)
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

	for (int i = 0; code == S0_OK && i < READS; i++) {
		bool busy;

		if (i)
			memcpy(before, window, chip->option_length);
		code = read_once(session, window, err);
		if (code != S0_OK)
			return code;
		busy = s0_option_is_set(&chip->option_busy, window,
					chip->option_length);
		if (i && !busy &&
		    memcmp(before, window, chip->option_length) == 0) {
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

static bool is_done(const struct option_write *w, const uint8_t *now)
{
	if (w->hidden)
		return !w->unprotect && w->sent && w->levels && w->to == 1;
	if (w->unprotect)
		return options_level(w->chip, now, w->length, false) == 0;
	return options_show(w->chip, now, w->window, w->length) ||
	       options_show_exchanged(w->chip, now, w->before, w->window,
				      w->length);
}

static bool is_as_before(const struct option_write *w, const uint8_t *now)
{
	if (w->hidden || w->hid)
		return w->hidden && w->hid;
	return options_same(w->chip, now, w->before, w->length);
}

static s0_code send(struct s0_session *session, struct option_write *w,
		    struct s0_error *err)
{
	struct target *target = session->target;

	session->op.changed = true;
	/* A change that is cut may end at level 1, too. */
	session->device->uid_may_hide = true;
	w->sent++;
	w->left = false;
	if (w->unprotect)
		return target->ops->unprotect(target, &w->left, err);
	return target->ops->write_options(target, w->chip->option_address,
					  w->window, w->length, w->erases,
					  &w->left, err);
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

/* Neither what there was nor what was asked for. */
static s0_code mixed(const struct option_write *w, struct s0_error *err)
{
	struct text fields = { 0 };

	options_tell(w->chip, w->now, w->sent ? w->window : w->before,
		     w->length, &fields);
	error_add_cause(err, S0_CAUSE_OPTIONS_MIXED);
	(void)error_set(
		err, S0_E_MISMATCH, "the option bytes are not as %s: %s",
		w->sent ? "asked for, nor as before" : "they were a moment ago",
		text_chars(&fields));
	text_free(&fields);
	return S0_E_MISMATCH;
}

/* A level that nobody asked for may be torn: sending level 0 to it would erase
 * all flash. And where banks are swapped, a reset makes the fields of the two
 * change places. */
static bool may_send_again(const struct option_write *w)
{
	return w->sent < SENDS &&
	       options_level(w->chip, w->now, w->length, false) ==
		       options_level(w->chip, w->before, w->length, true) &&
	       !s0_option_swapped(w->chip, w->now, w->length) &&
	       !s0_option_swapped(w->chip, w->before, w->length);
}

static s0_code rejected(const struct option_write *w, struct s0_error *err)
{
	bool several =
		options_count(w->chip, w->before, w->window, w->length) > 1;

	error_add_cause(err, several ? S0_CAUSE_OPTIONS_REJECTED
				     : S0_CAUSE_OPTION_REJECTED);
	return error_set(err, S0_E_REFUSED,
			 "the chip rejected the change of its option bytes%s "
			 "(OPTCHANGEERR)",
			 several ? " as a whole" : "");
}

/* What came of it, and whether it may be sent (again). */
static s0_code judge(struct option_write *w, struct s0_error *err)
{
	const struct s0_chip *chip = w->chip;
	bool before = is_as_before(w, w->now);

	if (w->hidden && !w->unprotect) {
		error_add_cause(err, S0_CAUSE_READ_OUT);
		return error_set(err, S0_E_PROTECTED,
				 "the device does not tell its option bytes: "
				 "read-out protection is on");
	}
	if (!w->sent)
		return before ? S0_OK : mixed(w, err);
	if (!w->unprotect &&
	    s0_option_is_set(&chip->option_error, w->now, w->length))
		return rejected(w, err);
	if (!before && !w->hidden && !may_send_again(w))
		return mixed(w, err);
	if (w->sent < SENDS)
		return S0_OK;
	error_add_cause(err, S0_CAUSE_OPTIONS_NO_EFFECT);
	return error_set(err, S0_E_REFUSED,
			 w->unprotect ? "the device took the command %u times, "
					"and is protected as before"
				      : "the device took the option bytes %u "
					"times, and has them as before",
			 w->sent);
}

static s0_code write_on(struct s0_session *session, void *work,
			struct s0_error *err)
{
	struct option_write *w = work;
	s0_code code;

	for (;;) {
		code = look(session, w, err);
		if (code != S0_OK || is_done(w, w->now))
			return code;
		code = judge(w, err);
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
	if (code == S0_OK || is_done(w, w->now) || is_as_before(w, w->now))
		(void)journal_options_done(session->journal, NULL);
	if (code != S0_OK && is_done(w, w->now)) {
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
	if (is_as_before(w, w->now)) {
		/* A mass erase may have begun before the level falls. */
		session->op.changed = changed || w->erases || w->unprotect;
		return code;
	}
	if (err->cause != S0_CAUSE_OPTIONS_MIXED && !w->hidden) {
		*err = (struct s0_error)S0_ERROR_INIT;
		return mixed(w, err);
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
	uint32_t length = chip ? chip->option_length : 0;
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
