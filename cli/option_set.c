/* SPDX-License-Identifier: MIT */
/* `option set` and `option load`: what changes, whether it may, and doing it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confirm.h"
#include "failure.h"
#include "job.h"
#include "json.h"
#include "option.h"
#include "say.h"

s0_code option_changes_add(struct option_changes *changes,
			   const struct s0_option_change *change,
			   struct s0_error *err)
{
	struct s0_option_change *list =
		realloc(changes->list, (changes->count + 1) * sizeof *list);

	if (!list)
		return fail_memory(err);
	changes->list = list;
	list[changes->count++] = *change;
	return S0_OK;
}

/* Room for all names that --allow takes. */
#define LEAVE 128

/* --allow WHAT[,WHAT] and --permanent. */
static s0_code allowed(const struct app *app, unsigned *ret_allow,
		       struct s0_error *err)
{
	const char *words = app->args.values[OPTION_ALLOW];
	unsigned allow =
		app->args.seen[OPTION_PERMANENT] ? S0_ALLOW_PERMANENT : 0;
	char word[32];

	while (words && *words) {
		size_t length = strcspn(words, ",");
		unsigned guard;

		(void)snprintf(word, sizeof word, "%.*s", (int)length, words);
		guard = s0_option_guard_find(word);
		if (!guard || guard == S0_ALLOW_PERMANENT) {
			fail_usage(err, "'--allow' does not know '%s'", word);
			add_hint(err, "it takes erase, pcrop, secure, boot, "
				      "low-voltage, part, raw and complement, "
				      "with commas between them");
			return err->code;
		}
		allow |= guard;
		words += length + (words[length] == ',');
	}
	*ret_allow = allow;
	return S0_OK;
}

/* What is missing, as it is typed: "boot,pcrop". */
static unsigned missing_leave(const struct s0_option_plan *plan, unsigned allow,
			      char list[LEAVE])
{
	const struct s0_option_step *step;
	unsigned missing = 0;

	for (size_t i = 0; (step = s0_option_plan_step(plan, i)); i++)
		missing |= step->guards & ~allow;
	list[0] = '\0';
	for (unsigned guard = 1; guard <= S0_ALLOW_COMPLEMENT; guard <<= 1) {
		size_t used = strlen(list);

		if (missing & guard & ~(unsigned)S0_ALLOW_PERMANENT)
			(void)snprintf(list + used, LEAVE - used, "%s%s",
				       used ? "," : "",
				       s0_option_guard_name(guard));
	}
	return missing;
}

/* Is it the read-out protection that changes? */
static bool opens(const struct s0_option_plan *plan)
{
	const struct s0_option_step *step;

	for (size_t i = 0; (step = s0_option_plan_step(plan, i)); i++)
		if (step->field->kind == S0_OPTION_RDP)
			return true;
	return false;
}

static void hint_leave(const struct s0_option_plan *plan, unsigned allow,
		       struct s0_error *err)
{
	char list[LEAVE];
	unsigned missing = missing_leave(plan, allow, list);

	if (missing == S0_ALLOW_ERASE && opens(plan))
		add_hint(err, "'sector0 unprotect' takes read-out protection "
			      "off; --allow erase does it here");
	else if (missing & S0_ALLOW_PERMANENT)
		add_hint(err,
			 "--permanent allows it%s%s; nothing and nobody "
			 "takes it back",
			 list[0] ? ", with --allow " : "", list);
	else
		add_hint(err, "--allow %s allows it", list);
}

/* A plan is shown without leave; it says what it would take. */
static void show_leave(const struct s0_option_plan *plan, unsigned allow)
{
	char list[LEAVE];
	unsigned missing = missing_leave(plan, allow, list);

	if (missing)
		printf("needs              %s%s%s%s\n",
		       list[0] ? "--allow " : "", list,
		       list[0] && missing & S0_ALLOW_PERMANENT ? " " : "",
		       missing & S0_ALLOW_PERMANENT ? "--permanent" : "");
}

static json_t *step_object(const struct s0_device_info *info,
			   const struct s0_option_step *step, bool reset)
{
	char from[S0_OPTION_TEXT], to[S0_OPTION_TEXT];
	json_t *allow = json_array();

	s0_option_print(info->chip, NULL, 0, step->field, step->from, from,
			NULL);
	s0_option_print(info->chip, NULL, 0, step->field, step->to, to, NULL);
	for (unsigned guard = 1; guard <= S0_ALLOW_COMPLEMENT; guard <<= 1)
		if (step->guards & guard)
			(void)json_array_append_new(
				allow, json_text(s0_option_guard_name(guard)));
	return json_pack("{s:s, s:I, s:I, s:s, s:s, s:o, s:o, s:b}", "name",
			 step->field->name, "old", (json_int_t)step->from,
			 "new", (json_int_t)step->to, "old_text", from,
			 "new_text", to, "consequence",
			 json_text(step->consequence), "allow", allow,
			 "at_reset", step->at_reset && !reset);
}

static json_t *step_objects(const struct s0_device_info *info,
			    const struct s0_option_plan *plan, bool reset)
{
	const struct s0_option_step *step;
	json_t *list = json_array();

	for (size_t i = 0; (step = s0_option_plan_step(plan, i)); i++)
		(void)json_array_append_new(list,
					    step_object(info, step, reset));
	return list;
}

static void show_step(const struct s0_device_info *info,
		      const struct s0_option_plan *plan,
		      const struct s0_option_step *step)
{
	char from[S0_OPTION_TEXT], to[S0_OPTION_TEXT], with[S0_OPTION_MEANING];
	size_t length;
	const uint8_t *window = s0_option_plan_window(plan, &length);

	s0_option_print(info->chip, NULL, 0, step->field, step->from, from,
			NULL);
	s0_option_print(info->chip, window, length, step->field, step->to, to,
			with);
	printf("%-18s %s -> %s%s%s\n", step->field->name, from, to,
	       with[0] ? "  # " : "", with);
	if (step->consequence[0])
		printf("                   %s\n", step->consequence);
}

static void show_plan(const struct s0_device_info *info,
		      const struct s0_option_plan *plan)
{
	const struct s0_option_step *step;

	for (size_t i = 0; (step = s0_option_plan_step(plan, i)); i++)
		show_step(info, plan, step);
	(void)fflush(stdout);
}

static s0_code tell(struct app *app, const struct s0_option_plan *plan,
		    bool done, const struct s0_result *result,
		    struct s0_error *err)
{
	const struct s0_device_info *info = s0_device_info(app->device);
	size_t count = s0_option_plan_count(plan);
	bool late = false;

	progress_interrupt(&app->progress);
	for (size_t i = 0; i < count; i++)
		late |= s0_option_plan_step(plan, i)->at_reset &&
			!result->options_reset;
	if (app->json) {
		json_t *object = json_result(result);

		(void)json_object_set_new(
			object, done ? "changed" : "planned",
			step_objects(info, plan, result->options_reset));
		(void)json_object_set_new(object, "at_reset",
					  json_boolean(done && late));
		json_event("result", object);
	} else if (!count) {
		printf("nothing to change: all is as asked for\n");
	} else if (done) {
		printf("changed %zu field%s, read back and right\n", count,
		       count == 1 ? "" : "s");
		if (late)
			printf("takes effect at the next reset: power the "
			       "board off and on, or press reset\n");
	}
	return done && count ? job_told(app, err) : S0_OK;
}

static s0_code ask(struct app *app, const struct s0_option_plan *plan,
		   struct s0_error *err)
{
	size_t count = s0_option_plan_count(plan);
	char question[96];

	(void)snprintf(
		question, sizeof question, "Change %s%zu field%s%s?",
		count == 1 ? "this " : "these ", count, count == 1 ? "" : "s",
		s0_option_plan_erases(plan) ? " and erase all flash" : "");
	return confirm(app, question, "'option' changes the chip", err);
}

/* Show what changes; unless that is all that is wanted, do it. */
static s0_code carry_out(struct app *app, const struct s0_option_plan *plan,
			 unsigned allow, struct s0_error *err)
{
	bool dry = app->args.seen[OPTION_PLAN] > 0;
	struct s0_result result = { 0 };
	s0_code code = S0_OK;

	if (!app->json)
		show_plan(s0_device_info(app->device), plan);
	if (dry && !app->json)
		show_leave(plan, allow);
	if (dry || !s0_option_plan_count(plan))
		return tell(app, plan, !dry, &result, err);
	code = s0_option_plan_check(plan, allow, err);
	if (code != S0_OK) {
		hint_leave(plan, allow, err);
		return code;
	}
	code = ask(app, plan, err);
	if (code == S0_OK)
		code = s0_session_set_options(app->session, plan, allow,
					      &result, err);
	return code == S0_OK ? tell(app, plan, true, &result, err) : code;
}

s0_code option_change(struct app *app, option_changes_fn collect,
		      struct s0_error *err)
{
	struct option_changes changes = { 0 };
	struct s0_option_plan *plan = NULL;
	const struct s0_device_info *info;
	unsigned allow = 0;
	s0_code code = allowed(app, &allow, err);

	if (code == S0_OK)
		code = option_open(app, err);
	if (code == S0_OK)
		code = collect(app, &changes, err);
	if (code == S0_OK) {
		info = s0_device_info(app->device);
		code = s0_option_plan_new(
			info->chip, s0_device_map(app->device), info->options,
			info->option_length, changes.list, changes.count, &plan,
			err);
	}
	if (code == S0_OK)
		code = carry_out(app, plan, allow, err);
	s0_option_plan_free(plan);
	free(changes.list);
	return code;
}

static s0_code from_words(struct app *app, struct option_changes *changes,
			  struct s0_error *err)
{
	const struct s0_device_info *info = s0_device_info(app->device);
	struct s0_option_change change;
	s0_code code = S0_OK;

	for (size_t i = 1; code == S0_OK && i < app->args.word_count; i++) {
		code = s0_option_parse(info->chip, info->options,
				       info->option_length, app->args.words[i],
				       &change, err);
		if (code == S0_OK)
			code = option_changes_add(changes, &change, err);
	}
	return code;
}

s0_code option_set(struct app *app, struct s0_error *err)
{
	for (size_t i = 1; i < app->args.word_count; i++) {
		const char *equals = strchr(app->args.words[i], '=');

		/* Needs no device to be told. */
		if (!equals || equals == app->args.words[i] || !equals[1])
			return fail_usage(err,
					  "'%s' is not of the form NAME=VALUE",
					  app->args.words[i]);
	}
	return option_change(app, from_words, err);
}
