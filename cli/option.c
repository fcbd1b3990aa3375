/* SPDX-License-Identifier: MIT */
#include "option.h"

#include <string.h>

#include "failure.h"
#include "json.h"
#include "say.h"

static s0_code not_known(const struct s0_device_info *info,
			 struct s0_error *err)
{
	if (info->chip)
		return fail(err, S0_E_UNSUPPORTED,
			    "the option bytes of %s are not known",
			    info->chip->name);
	if (info->candidate_count) {
		fail(err, S0_E_UNSUPPORTED,
		     "the device does not tell which chip it is, %s%s, so its "
		     "option bytes are not known",
		     info->candidates[0]->name,
		     info->candidate_count > 1 ? " or another" : "");
		err->cause = S0_CAUSE_SEVERAL_CHIPS;
		return err->code;
	}
	fail(err, S0_E_UNSUPPORTED,
	     "the device's memory layout matches no chip known, so its option "
	     "bytes are not known");
	err->cause = S0_CAUSE_NO_CHIP;
	return err->code;
}

s0_code option_check(const struct s0_device *device, struct s0_error *err)
{
	const struct s0_device_info *info = s0_device_info(device);

	if (!info->chip || !s0_option_length(info->chip))
		return not_known(info, err);
	if (info->option_length < s0_option_length(info->chip) &&
	    info->rdp > 0) {
		fail(err, S0_E_PROTECTED,
		     "read-out protection level %d is on: this device does not "
		     "tell its option bytes",
		     info->rdp);
		err->cause = S0_CAUSE_READ_OUT;
		return err->code;
	}
	if (info->option_length < s0_option_length(info->chip)) {
		fail(err, S0_E_REFUSED,
		     "the device does not tell its option bytes (%u "
		     "bytes at 0x%08x)",
		     s0_option_length(info->chip) - info->option_length,
		     (unsigned)s0_option_address(info->chip,
						 info->option_length));
		add_hint(err, "run the command again; a chip that refuses "
			      "again is most likely read-protected");
		return err->code;
	}
	return S0_OK;
}

s0_code option_open(struct app *app, struct s0_error *err)
{
	s0_code code = app_open_session(app, err);

	if (code == S0_OK)
		code = option_check(app->device, err);
	return code == S0_OK ? s0_session_read_options(app->session, err)
			     : code;
}

bool option_look(const struct s0_device_info *info,
		 const struct s0_option_field *field, struct option_view *view)
{
	const struct s0_option_word *word;

	view->field = field;
	if (!s0_option_applies(info->chip, field, info->options,
			       info->option_length, false) ||
	    !s0_option_get(field, info->options, info->option_length, false,
			   &view->current) ||
	    !s0_option_get(field, info->options, info->option_length, true,
			   &view->programmed))
		return false;
	s0_option_print(info->chip, info->options, info->option_length, field,
			view->current, view->text, view->meaning);
	word = s0_option_word_of(info->chip, field);
	view->fits = !word || s0_option_word_fits(word, info->options,
						  info->option_length);
	return true;
}

s0_code option_show(struct app *app, struct s0_error *err)
{
	const struct s0_device_info *info;
	s0_code code = option_open(app, err);

	if (code != S0_OK)
		return code;
	info = s0_device_info(app->device);
	if (s0_option_is_set(&info->chip->option_error, info->options,
			     info->option_length))
		say_warning(app, "the chip refused the last change of its "
				 "option bytes");
	if (app->json) {
		json_options(info);
		json_option_bytes(info);
		json_event("result", json_pack("{s:b, s:o}", "ok", 1, "chip",
					       json_text(info->chip->name)));
	} else {
		render_options(info, app->args.seen[OPTION_VERBOSE] > 0);
	}
	return S0_OK;
}

s0_code option_run(struct app *app, struct s0_error *err)
{
	static const struct {
		const char *name;
		size_t most;	   /* words after the name */
		const char *needs; /* … of which there must be one; NULL */
		s0_code (*run)(struct app *app, struct s0_error *err);
	} parts[] = {
		{ "show", 0, NULL, option_show },
		{ "save", 1, "a file", option_save },
		{ "set", ANY_NUMBER, "NAME=VALUE", option_set },
		{ "load", 1, "a file", option_load },
	};
	size_t count = app->args.word_count;
	const char *needs = NULL;

	if (count == 0)
		return option_show(app, err);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strcmp(parts[i].name, app->args.words[0]) == 0) {
			needs = count == 1 ? parts[i].needs : NULL;
			if (!needs && count - 1 <= parts[i].most)
				return parts[i].run(app, err);
		}
	if (needs)
		fail_usage(err, "'option %s' needs %s", app->args.words[0],
			   needs);
	else
		fail_usage(err, "'option' does not know what to do with '%s'",
			   app->args.words[count - 1]);
	add_hint(err, "usage: sector0 option %s", app->command->args);
	return S0_E_USAGE;
}
