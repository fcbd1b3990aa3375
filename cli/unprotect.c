/* SPDX-License-Identifier: MIT */
/* `unprotect`: read-out protection off, and with it all flash. */
#include <stdio.h>

#include "app.h"
#include "confirm.h"
#include "failure.h"
#include "job.h"
#include "json.h"
#include "render.h"
#include "say.h"

static void tell(struct app *app, const struct s0_unprotection *done,
		 const struct s0_result *result)
{
	progress_interrupt(&app->progress);
	if (done->not_blank) {
		char line[160];

		(void)snprintf(
			line, sizeof line,
			"flash is not blank at 0x%08x: a PCROP or secure area "
			"('sector0 info' names it), or it was not erased",
			(unsigned)done->first_byte);
		say_warning(app, line);
	}
	if (app->json) {
		json_t *object = json_result(result);

		(void)json_object_set_new(object, "was_open",
					  json_boolean(done->was_open));
		(void)json_object_set_new(object, "rdp", json_integer(0));
		(void)json_object_set_new(
			object, "blank_bytes",
			json_integer((json_int_t)done->blank_bytes));
		(void)json_object_set_new(
			object, "not_blank",
			json_number_if(done->not_blank, done->first_byte));
		json_event("result", object);
	} else if (done->was_open) {
		printf("nothing to do: read-out protection is at level 0\n");
	} else {
		printf("read-out protection is off: level 0, flash can be "
		       "read\n");
		if (!done->not_blank)
			printf("flash is blank: %llu bytes read, at the start "
			       "of each sector\n",
			       (unsigned long long)done->blank_bytes);
		render_time(0, result->time_us);
	}
}

/* Some devices tell their option bytes at level 0 alone. */
static s0_code look(struct app *app, bool *ret_protected, struct s0_error *err)
{
	enum { ERR_VENDOR = 11 };
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = s0_session_read_options(app->session, &why);

	*ret_protected = s0_device_info(app->device)->rdp == 1;
	if (code != S0_OK && why.dfu_status == ERR_VENDOR)
		*ret_protected = true;
	else if (code != S0_OK)
		*err = why;
	return err->code;
}

static s0_code open_protected(struct app *app, struct s0_error *err)
{
	s0_code code = app_open_session(app, err);
	const char *name = code == S0_OK ? app_hidden_chip(app) : NULL;

	if (!name)
		return code;
	say_note(app,
		 "the read-out protection hides which chip it is; it is "
		 "taken off as that of %s",
		 name);
	return app_reopen_session(app, name, err);
}

s0_code unprotect_run(struct app *app, struct s0_error *err)
{
	struct s0_unprotection done = { 0 };
	struct s0_result result = { 0 };
	bool protected = false;
	s0_code code = open_protected(app, err);

	if (code == S0_OK)
		code = look(app, &protected, err);
	if (code == S0_OK && protected) {
		say_warning(app, "all that the flash holds is erased with the "
				 "read-out protection");
		code = confirm(app,
			       "Erase all flash and take the read-out "
			       "protection off?",
			       "'unprotect' erases all flash", err);
	}
	if (code == S0_OK)
		code = s0_session_unprotect(app->session, &done, &result, err);
	if (code != S0_OK)
		return code;
	tell(app, &done, &result);
	return done.was_open ? S0_OK : job_told(app, err);
}
