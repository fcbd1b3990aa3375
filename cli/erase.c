/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <sector0/option_session.h>

#include "app.h"
#include "backup.h"
#include "failure.h"
#include "job.h"
#include "json.h"
#include "ranges.h"
#include "render.h"

static s0_code parse(struct app *app, struct range *ret_range,
		     struct s0_error *err)
{
	bool all = strcmp(app->args.words[0], "all") == 0;

	*ret_range = (struct range){ 0 };
	if (!all)
		return ranges_parse(app, ret_range, err);
	if (app->args.word_count == 1)
		return S0_OK;
	return fail_usage(err, "'erase all' does not know what to do with '%s'",
			  app->args.words[1]);
}

static void tell(struct app *app, const struct s0_result *result)
{
	progress_interrupt(&app->progress);
	if (app->json) {
		json_t *object = json_result(result);

		if (object)
			(void)json_object_set_new(object, "erased",
						  json_erased(app->session));
		if (object && app->backup_bytes)
			(void)json_object_set_new(
				object, "backup_bytes",
				json_integer((json_int_t)app->backup_bytes));
		json_event("result", object);
	} else {
		render_erased(app->session);
		render_lifted(result);
		render_time(0, result->time_us);
	}
}

s0_code erase_run(struct app *app, struct s0_error *err)
{
	struct range range;
	struct s0_result result = { 0 };
	s0_code code = parse(app, &range, err);

	if (code == S0_OK)
		code = backup_check(app, err);
	if (code == S0_OK)
		code = app_open_session(app, err);
	/* What is refused leaves no file. */
	if (code == S0_OK)
		code = s0_session_check_erase(app->session, range.address,
					      range.length, err);
	if (code == S0_OK)
		code = backup_range(app, range.address, range.length, err);
	if (code == S0_OK)
		code = s0_session_erase(app->session, range.address,
					range.length, &result, err);
	if (code != S0_OK)
		return code;
	tell(app, &result);
	return job_told(app, err);
}
