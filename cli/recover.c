/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app.h"
#include "failure.h"
#include "job.h"
#include "json.h"
#include "os.h"
#include "render.h"
#include "say.h"
#include "text.h"

/* What the records say, before anything is done about it. */
struct found {
	struct s0_unfinished *list;
	size_t count;
	size_t whole, kept, lost; /* of each kind, sectors */
	uint64_t bytes;		  /* saved */
	json_t *waiting;	  /* unique IDs of other chips */
	bool lifted;		  /* write protection is off */
};

/* All that it held: what was recorded for a rollback, or by a stress test. */
static bool is_whole(const struct s0_unfinished *u)
{
	return u->whole || u->saved_bytes == u->length;
}

static s0_code look(struct app *app, struct found *found, struct s0_error *err)
{
	size_t count = s0_session_unfinished_count(app->session);

	found->list = calloc(count + 1, sizeof *found->list);
	if (!found->list)
		return fail_memory(err);
	while (found->count < count &&
	       s0_session_unfinished(app->session, found->count,
				     &found->list[found->count])) {
		const struct s0_unfinished *u = &found->list[found->count++];

		found->whole += u->saved && is_whole(u);
		found->kept += u->saved && !is_whole(u);
		found->lost += !u->saved;
		found->bytes += u->saved ? u->saved_bytes : 0;
	}
	return S0_OK;
}

static void add_waiting(void *payload, const char *key, size_t sectors)
{
	struct found *found = payload;

	(void)sectors;
	(void)json_array_append_new(found->waiting, json_text(key));
}

static const char *state_of(const struct s0_unfinished *u)
{
	return !u->saved ? "lost" : is_whole(u) ? "whole" : "kept";
}

static const char *words_of(const struct s0_unfinished *u)
{
	return !u->saved     ? "nothing was saved of it"
	       : is_whole(u) ? "all that it held"
			     : "what was to be kept of it";
}

static void show(const struct found *found)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct s0_unfinished *u = &found->list[i];
		char size[32];

		char when[40] = "";
		time_t saved = (time_t)u->saved_s;
		struct tm utc;

		text_size(size, sizeof size, u->length);
		if (u->saved_s && gmtime_r(&saved, &utc))
			(void)strftime(when, sizeof when,
				       ", saved on %Y-%m-%d %H:%M UTC", &utc);
		printf("          0x%08x  %s  %s%s\n", (unsigned)u->address,
		       size, words_of(u), when);
	}
}

static void show_waiting(const struct found *found)
{
	size_t count = json_array_size(found->waiting);

	if (count)
		printf("waiting   %zu other chip%s, by unique ID:\n", count,
		       count == 1 ? "" : "s");
	for (size_t i = 0; i < count; i++)
		printf("          %s\n",
		       json_string_value(json_array_get(found->waiting, i)));
}

static void tell_text(const struct found *found, bool dry,
		      const struct s0_result *result)
{
	char size[32];

	text_size(size, sizeof size, found->bytes);
	if (!found->count)
		printf("nothing to put back: no run was cut in this chip\n");
	else if (found->whole + found->kept)
		printf("%-9s %s in %zu sector%s%s\n",
		       dry ? "saved" : "put back", size,
		       found->whole + found->kept,
		       found->whole + found->kept == 1 ? "" : "s",
		       dry ? "" : ", verified");
	else
		printf("nothing to put back: nothing was saved\n");
	show(found);
	show_waiting(found);
	if (found->lifted)
		printf("%-9s the write protection that was off for the run "
		       "that was cut\n",
		       dry ? "waits" : "put back");
	if (!dry && found->whole + found->kept)
		render_time(found->bytes, result->time_us);
}

static json_t *sectors_of(const struct found *found)
{
	json_t *list = json_array();

	for (size_t i = 0; i < found->count; i++) {
		const struct s0_unfinished *u = &found->list[i];
		json_t *one = json_range(u->address, u->length);

		(void)json_object_set_new(one, "state", json_text(state_of(u)));
		(void)json_object_set_new(one, "saved_bytes",
					  json_integer(u->saved_bytes));
		(void)json_object_set_new(
			one, "saved_s",
			json_number_if(u->saved_s > 0, u->saved_s));
		(void)json_array_append_new(list, one);
	}
	return list;
}

static void tell_json(const struct found *found, bool dry,
		      const struct s0_result *result)
{
	json_t *object = json_result(result);

	(void)json_object_set_new(
		object, "restored_bytes",
		json_integer(dry ? 0 : (json_int_t)found->bytes));
	(void)json_object_set_new(object, "sectors", sectors_of(found));
	if (found->lifted)
		(void)json_object_set_new(object, "protection_was_off",
					  json_true());
	(void)json_object_set(object, "waiting", found->waiting);
	json_event("result", object);
}

/* What is back is what there was; what is not has to come from elsewhere. */
static void warn(struct app *app, const struct found *found)
{
	if (found->lost)
		say_warning(app, "of some sectors nothing was saved: flash the "
				 "firmware again");
	else if (found->kept)
		say_warning(app, "what the run that was cut was to write is "
				 "not whole: run the same command again");
}

/* What was saved is found by it: without, there may be something or nothing. */
static s0_code check_uid(const struct app *app, struct s0_error *err)
{
	const struct s0_device_info *info = s0_device_info(app->device);

	if (info->uid[0])
		return S0_OK;
	fail(err, S0_E_UNSUPPORTED,
	     "the chip does not tell its unique ID, by which this host's "
	     "records are found: whether something was saved of it cannot be "
	     "known");
	add_hint(err,
		 info->rdp > 0
			 ? "read-out protection hides it: when it is taken "
			   "off, the chip erases its whole flash; 'sector0 "
			   "recover' then puts back what was saved"
			 : "connect the board in DFU mode again, and see "
			   "whether 'sector0 info' shows the unique ID then");
	return S0_E_UNSUPPORTED;
}

static size_t saved_of(const struct found *found)
{
	return found->whole + found->kept;
}

/* It cannot be had back. */
static s0_code confirm(struct app *app, const struct found *found,
		       struct s0_error *err)
{
	char answer[16] = "";

	if (app->args.seen[OPTION_YES] || app->replay || !saved_of(found))
		return S0_OK;
	if (!app->json && os_is_terminal(stdin) && os_is_terminal(stderr)) {
		show(found);
		fprintf(stderr, "Give up what was saved of these sectors? "
				"[y/N] ");
		if (fgets(answer, sizeof answer, stdin) &&
		    (answer[0] == 'y' || answer[0] == 'Y'))
			return S0_OK;
		return fail(err, S0_E_CANCELLED, "not done, as asked");
	}
	fail_usage(err,
		   "'recover --forget' gives up %llu bytes that are saved "
		   "and was not told that it may",
		   (unsigned long long)found->bytes);
	add_hint(err, "add --yes to do it without asking; 'sector0 recover "
		      "--plan' shows what is saved");
	return S0_E_USAGE;
}

static s0_code forget(struct app *app, const struct found *found,
		      struct s0_error *err)
{
	struct s0_result result = { 0 };
	s0_code code = confirm(app, found, err);

	if (code == S0_OK)
		code = s0_session_forget(app->session, err);
	if (code != S0_OK)
		return code;
	if (saved_of(found))
		say_warning(app, "that a run was cut in these sectors stays "
				 "noted, since reading them may stop the "
				 "bootloader: a flash without --keep erases "
				 "them first, and where 'sector0 read' can "
				 "read them, that is forgotten too");
	if (app->json) {
		tell_json(found, true, &result);
	} else if (!saved_of(found)) {
		printf("nothing to forget: nothing was saved of this chip\n");
	} else {
		char size[32];

		text_size(size, sizeof size, found->bytes);
		printf("%-9s %s saved of %zu sector%s\n", "forgot", size,
		       saved_of(found), saved_of(found) == 1 ? "" : "s");
		show(found);
	}
	return job_told(app, err);
}

static s0_code recover(struct app *app, struct found *found,
		       struct s0_error *err)
{
	bool dry = app->args.seen[OPTION_PLAN] > 0, todo;
	struct s0_result result = { 0 };
	s0_code code = check_uid(app, err);

	if (code == S0_OK)
		code = look(app, found, err);
	if (code == S0_OK && app->args.seen[OPTION_FORGET])
		return forget(app, found, err);
	s0_session_set_overwrite(app->session,
				 app->args.seen[OPTION_OVERWRITE] > 0);

	if (code == S0_OK)
		code = s0_context_find_records(app->context, add_waiting, found,
					       err);
	found->lifted = s0_session_lifted(app->session);
	todo = !dry && (found->whole + found->kept || found->lifted);
	if (code == S0_OK && todo)
		code = s0_session_recover(app->session, &result, err);
	if (code != S0_OK)
		return code;
	progress_interrupt(&app->progress);
	warn(app, found);
	if (app->json)
		tell_json(found, dry, &result);
	else
		tell_text(found, dry, &result);
	return todo ? job_told(app, err) : S0_OK;
}

s0_code recover_run(struct app *app, struct s0_error *err)
{
	struct found found = { .waiting = json_array() };
	const unsigned *seen = app->args.seen;
	s0_code code = S0_OK;

	if (seen[OPTION_FORGET] &&
	    (seen[OPTION_PLAN] || seen[OPTION_OVERWRITE]))
		code = fail_usage(err, "'--forget' puts nothing back, and "
				       "excludes '--plan' and '--overwrite'");
	if (code == S0_OK)
		code = app_open_session(app, err);

	/* Else it would say that nothing waits. */
	if (code == S0_OK)
		code = s0_session_check_records(app->session, err);
	if (code == S0_OK)
		code = recover(app, &found, err);
	json_decref(found.waiting);
	free(found.list);
	return code;
}
