/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "app.h"
#include "json.h"
#include "ranges.h"

static void tell(struct app *app, const struct s0_result *sum)
{
	progress_interrupt(&app->progress);
	if (app->json) {
		json_t *object = json_result(sum);

		if (object)
			(void)json_object_set_new(object, "blank", json_true());
		json_event("result", object);
	} else {
		printf("blank\n");
	}
}

s0_code blank_run(struct app *app, struct s0_error *err)
{
	struct range given;
	struct ranges ranges = { 0 };
	struct s0_result sum = { 0 };
	s0_code code = ranges_parse(app, &given, err);

	if (code == S0_OK)
		code = app_open_session(app, err);
	if (code == S0_OK)
		code = ranges_of(app, given, &ranges, err);
	for (size_t i = 0; i < ranges.count && code == S0_OK; i++) {
		struct s0_result result = { 0 };

		code = s0_session_blank(app->session, ranges.list[i].address,
					ranges.list[i].length, &result, err);
		result_add(&sum, &result);
	}
	if (code == S0_OK)
		tell(app, &sum);
	ranges_free(&ranges);
	return code;
}
