/* SPDX-License-Identifier: MIT */
/* What came of option bytes that were sent, by what the device shows. */
#include "base/error.h"
#include "base/text.h"
#include "session/option_write.h"

/* How often a change is sent that had no effect. */
#define SENDS 3

bool option_write_is_done(const struct option_write *w)
{
	const uint8_t *now = w->now;

	if (w->hidden)
		return !w->unprotect && w->sent && w->levels && w->to == 1;
	if (w->unprotect)
		return options_level(w->chip, now, w->length, false) == 0;
	return (options_show(w->chip, now, w->window, w->length) &&
		options_raw_show(w->chip, now, w->before, w->window, w->length,
				 NULL)) ||
	       options_show_exchanged(w->chip, now, w->before, w->window,
				      w->length);
}

/* In one of the windows; NULL: in all. */
static bool is_as_before(const struct option_write *w,
			 const struct s0_option_window *part)
{
	if (w->hidden || w->hid)
		return w->hidden && w->hid;
	return options_same_in(w->chip, w->now, w->before, w->length, part) &&
	       options_raw_same(w->chip, w->now, w->before, w->window,
				w->length, part);
}

bool option_write_is_as_before(const struct option_write *w)
{
	return is_as_before(w, NULL);
}

/* Is the level of the read-out protection in that window? */
static bool has_level(const struct option_write *w,
		      const struct s0_option_window *part)
{
	const struct s0_option_field *field = s0_option_at(
		w->chip, S0_OPTION_READ_PROTECTION, S0_OPTION_RDP, 0);

	return field && options_in(part, field->program);
}

static bool shows(const struct option_write *w,
		  const struct s0_option_window *part)
{
	return options_show_in(w->chip, w->now, w->window, w->length, part) &&
	       options_raw_show(w->chip, w->now, w->before, w->window,
				w->length, part);
}

/* At a level above 0 the other windows cannot be changed: where the level
 * falls, its window comes first, else last. */
static void choose(struct option_write *w)
{
	bool first = w->levels && w->to == 0;
	struct s0_option_window part;

	if (!w->part.length)
		(void)s0_option_window(w->chip, 0, &w->part);
	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t i = 0; s0_option_window(w->chip, i, &part); i++) {
			if (has_level(w, &part) != (first == (pass == 0)) ||
			    shows(w, &part))
				continue;
			if (part.at != w->part.at)
				w->tries = 0;
			w->part = part;
			return;
		}
}

/* Neither what there was nor what was asked for. */
s0_code option_write_mixed(const struct option_write *w, struct s0_error *err)
{
	struct text fields = { 0 };

	options_tell(w->chip, w->now, w->sent ? w->window : w->before,
		     w->length, &fields);
	options_raw_tell(w->chip, w->now, w->before, w->window, w->length,
			 &fields);
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
	return w->tries < SENDS &&
	       (!has_level(w, &w->part) ||
		options_level(w->chip, w->now, w->length, false) ==
			options_level(w->chip, w->before, w->length, true)) &&
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
s0_code option_write_judge(struct option_write *w, struct s0_error *err)
{
	const struct s0_chip *chip = w->chip;
	bool before;

	if (w->hidden && !w->unprotect) {
		error_add_cause(err, S0_CAUSE_READ_OUT);
		return error_set(err, S0_E_PROTECTED,
				 "the device does not tell its option bytes: "
				 "read-out protection is on");
	}
	if (!w->unprotect)
		choose(w);
	before = is_as_before(w, w->unprotect || !w->sent ? NULL : &w->part);
	if (!w->sent)
		return before ? S0_OK : option_write_mixed(w, err);
	if (!w->unprotect &&
	    s0_option_is_set(&chip->option_error, w->now, w->length))
		return rejected(w, err);
	if (!before && !w->hidden && !may_send_again(w))
		return option_write_mixed(w, err);
	if (w->tries < SENDS)
		return S0_OK;
	error_add_cause(err, S0_CAUSE_OPTIONS_NO_EFFECT);
	return error_set(err, S0_E_REFUSED,
			 w->unprotect ? "the device took the command %u times, "
					"and is protected as before"
				      : "the device took the option bytes %u "
					"times, and has them as before",
			 w->tries);
}
