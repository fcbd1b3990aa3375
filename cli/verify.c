/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "app.h"
#include "inputs.h"
#include "job.h"
#include "json.h"
#include "render.h"
#include "say.h"
#include "text.h"

struct findings {
	struct app *app;
	size_t count;
};

static void show(struct app *app, const struct s0_difference *difference)
{
	char size[32];

	progress_interrupt(&app->progress);
	text_size(size, sizeof size, difference->length);
	printf("0x%08x  %s: expected 0x%02x, found 0x%02x\n",
	       (unsigned)difference->address, size, difference->expected,
	       difference->found);
}

static void found(void *payload, const struct s0_difference *difference)
{
	struct findings *findings = payload;
	struct app *app = findings->app;

	findings->count++;
	if (app->json)
		(void)json_array_append_new(
			app->differences,
			json_pack("{s:I, s:I, s:i, s:i}", "address",
				  (json_int_t)difference->address, "length",
				  (json_int_t)difference->length, "expected",
				  (int)difference->expected, "found",
				  (int)difference->found));
	else
		show(app, difference);
}

static void tell(struct app *app, const struct s0_result *result)
{
	progress_interrupt(&app->progress);
	if (app->json) {
		json_t *object = json_result(result);

		if (object)
			(void)json_object_set_new(
				object, "verified_bytes",
				json_integer(
					(json_int_t)result->verified_bytes));
		json_event("result", object);
	} else {
		printf("identical: %llu bytes compared\n",
		       (unsigned long long)result->verified_bytes);
		render_time(result->verified_bytes, result->time_us);
	}
}

static s0_code compare(struct app *app, const struct s0_image *image,
		       struct s0_error *err)
{
	struct findings findings = { app, 0 };
	struct s0_policy policy;
	struct s0_plan *plan = NULL;
	struct s0_result result = { 0 };
	s0_code code = job_policy(app, &policy, err);

	policy.compare = true;
	if (code == S0_OK)
		code = s0_session_plan(app->session, image, &policy, &plan,
				       err);
	if (code == S0_OK)
		code = s0_plan_warnings(plan, say_warning, app, err);
	app->differences = app->json ? json_array() : NULL;
	if (code == S0_OK)
		code = s0_session_compare(app->session, plan, found, &findings,
					  &result, err);
	if (code == S0_OK)
		tell(app, &result);
	s0_plan_free(plan);
	return code;
}

s0_code verify_run(struct app *app, struct s0_error *err)
{
	struct inputs inputs = { 0 };
	struct s0_image *image = NULL;
	s0_code code = format_asked_for(app, &inputs.asked, err);

	if (code == S0_OK)
		code = inputs_open(app, app->args.words, app->args.word_count,
				   &inputs, err);
	if (code == S0_OK)
		code = job_open(app, &inputs, &image, err);
	inputs_close(&inputs);
	if (code == S0_OK)
		code = compare(app, image, err);
	s0_image_free(image);
	return code;
}
