/* SPDX-License-Identifier: MIT */
/* `doctor --stress`: exercises flash and shows what was measured. */
#include <string.h>

#include "doctor.h"
#include "failure.h"
#include "json.h"
#include "say.h"
#include "text.h"

#define ROUNDS	     3
#define ROUNDS_NAMED 8 /* there are none of other sectors beside them */

struct stress_job {
	bool named;
	uint32_t address;
	uint32_t rounds;
};

static s0_code parse(struct app *app, struct stress_job *job,
		     struct s0_error *err)
{
	const char *rounds = app->args.values[OPTION_ROUNDS];

	*job = (struct stress_job){ .rounds = ROUNDS };
	if (rounds && (!text_number(rounds, false, &job->rounds) ||
		       job->rounds == 0 || job->rounds > 999))
		return fail_usage(err, "'--rounds' takes 1 to 999, not '%s'",
				  rounds);
	if (app->args.word_count > 1)
		return fail_usage(err,
				  "'doctor --stress' does not know what to do "
				  "with '%s'",
				  app->args.words[1]);
	job->named = app->args.word_count == 1;
	if (!rounds && job->named)
		job->rounds = ROUNDS_NAMED;
	return job->named ? text_address(app->args.words[0], &job->address, err)
			  : S0_OK;
}

/* It wears flash, so it is done only where somebody said yes. */
static s0_code confirm(struct app *app, const struct stress_job *job,
		       struct s0_error *err)
{
	char answer[16] = "";

	if (app->args.seen[OPTION_YES] || app->replay)
		return S0_OK;
	if (!app->json && os_is_terminal(stdin) && os_is_terminal(stderr)) {
		if (job->named)
			fprintf(stderr,
				"Erase and program the sector at 0x%08x %u "
				"times and put its content back? [y/N] ",
				(unsigned)job->address, (unsigned)job->rounds);
		else
			fprintf(stderr,
				"Erase and program every free sector %u times? "
				"[y/N] ",
				(unsigned)job->rounds);
		if (fgets(answer, sizeof answer, stdin) &&
		    (answer[0] == 'y' || answer[0] == 'Y'))
			return S0_OK;
		return fail(err, S0_E_CANCELLED, "not done, as asked");
	}
	fail_usage(err, "'doctor --stress' erases flash and was not told that "
			"it may");
	add_hint(err, "add --yes to do it without asking");
	return S0_E_USAGE;
}

static void show_round(const struct s0_stress_round *round)
{
	printf("0x%08x  %5u  ", (unsigned)round->address, round->number + 1);
	if (round->erase_us)
		printf("%6llu ms  ",
		       (unsigned long long)(round->erase_us / 1000));
	else
		printf("%9s  ", "-");
	if (round->program_us)
		printf("%6llu ms  ",
		       (unsigned long long)(round->program_us / 1000));
	else
		printf("%9s  ", "-");
	if (round->unchanged)
		printf("nothing changed\n");
	else if (round->left || round->high || round->low || round->unstable)
		printf("not erased %u bytes, bits wrong 1 %u, wrong 0 %u, "
		       "unstable %u bytes\n",
		       (unsigned)round->left, (unsigned)round->high,
		       (unsigned)round->low, (unsigned)round->unstable);
	else
		printf("%s\n", round->stopped  ? "reading it stopped the chip"
			       : round->failed ? "not finished"
					       : "right");
}

unsigned doctor_failures(const struct s0_stress_load *load)
{
	return load->dropped + load->silent + load->stopped + load->link +
	       load->refused + load->wrong;
}

static void show_kind(const char *words, uint32_t count, const char **comma)
{
	if (count)
		printf("%s%s %u", *comma, words, (unsigned)count);
	if (count)
		*comma = ", ";
}

static void show_loads(const struct s0_stress *stress)
{
	static const char *const names[] = { "plain reads, no load",
					     "single words",
					     "bursts of a sector", "erases",
					     "bursts after erases" };

	printf("load                    tries  failed\n");
	for (unsigned i = 0; i < S0_LOADS; i++) {
		const struct s0_stress_load *load = &stress->loads[i];
		const char *comma = "  ";

		printf("%-22s %6u  %6u", names[i], (unsigned)load->tries,
		       doctor_failures(load));
		show_kind("left the bus", load->dropped, &comma);
		show_kind("fell silent", load->silent, &comma);
		show_kind("stopped at a word", load->stopped, &comma);
		show_kind("USB failed", load->link, &comma);
		show_kind("refused", load->refused, &comma);
		show_kind("wrong content", load->wrong, &comma);
		putchar('\n');
	}
	putchar('\n');
}

static void show(const struct s0_stress *stress,
		 const struct s0_device_info *info)
{
	const struct s0_erase_time *times;

	show_loads(stress);
	printf("sector      round      erase    program  content\n");
	for (size_t i = 0; i < stress->count; i++)
		show_round(&stress->rounds[i]);
	if (!info->chip || stress->count == 0)
		return;
	times = s0_timing_erase(&info->chip->timing, stress->rounds[0].length);
	printf("datasheet          %6u ms  %6llu ms  typical\n"
	       "                   %6u ms             maximum\n",
	       (unsigned)(times->typical_us / 1000),
	       (unsigned long long)stress->rounds[0].length /
		       info->chip->flash_word * info->chip->timing.word_us /
		       1000,
	       (unsigned)(times->max_us / 1000));
}

static json_t *round_object(const struct s0_stress_round *r)
{
	return json_pack(
		"{s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:b}", "address",
		(json_int_t)r->address, "length", (json_int_t)r->length,
		"round", (json_int_t)r->number + 1, "erase_ms",
		json_number_if(r->erase_us > 0, (uint64_t)json_ms(r->erase_us)),
		"program_ms",
		json_number_if(r->program_us > 0,
			       (uint64_t)json_ms(r->program_us)),
		"left", (json_int_t)r->left, "high", (json_int_t)r->high, "low",
		(json_int_t)r->low, "unstable", (json_int_t)r->unstable,
		"unchanged", r->unchanged);
}

static json_t *load_objects(const struct s0_stress *stress)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < S0_LOADS; i++) {
		const struct s0_stress_load *l = &stress->loads[i];

		(void)json_array_append_new(
			list,
			json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
				  "s:I}",
				  "load", s0_load_name((s0_load)i), "tries",
				  (json_int_t)l->tries, "failed",
				  (json_int_t)doctor_failures(l), "dropped",
				  (json_int_t)l->dropped, "silent",
				  (json_int_t)l->silent, "stopped",
				  (json_int_t)l->stopped, "link",
				  (json_int_t)l->link, "refused",
				  (json_int_t)l->refused, "wrong",
				  (json_int_t)l->wrong));
	}
	return list;
}

static void show_json(const struct s0_stress *stress,
		      const struct s0_findings *findings,
		      const struct s0_error *failure)
{
	json_t *rounds = json_array();
	size_t faults = doctor_faults(findings);

	for (size_t i = 0; i < stress->count; i++)
		(void)json_array_append_new(rounds,
					    round_object(&stress->rounds[i]));
	doctor_findings_json(findings);
	json_event("result",
		   json_pack("{s:b, s:I, s:o, s:o, s:I, s:o, s:s}", "ok",
			     faults == 0, "findings", (json_int_t)faults,
			     "loads", load_objects(stress), "rounds", rounds,
			     "idle_errors", (json_int_t)stress->idle_errors,
			     "failure", json_text(failure->message),
			     "aftermath",
			     s0_aftermath_name(failure->aftermath)));
}

static bool is_saved(const struct s0_session *session)
{
	struct s0_unfinished cut;

	for (size_t i = 0; s0_session_unfinished(session, i, &cut); i++)
		if (cut.saved)
			return true;
	return false;
}

/* One failure may have several causes; it is shown as its findings. */
static s0_code conclude(struct app *app, const struct s0_stress *stress,
			const struct s0_error *failure,
			struct s0_findings *findings, struct s0_error *err)
{
	struct s0_facts facts = { .device = s0_device_info(app->device),
				  .map = s0_device_map(app->device),
				  .stress = stress };
	size_t faults;
	s0_code code;

	/* What happened under a load has been counted there. */
	if (stress->first.code == S0_OK)
		facts.error = failure;
	code = s0_findings_add(findings, &facts, err);
	if (code != S0_OK)
		return code;
	faults = doctor_faults(findings);
	progress_interrupt(&app->progress);
	if (app->json) {
		show_json(stress, findings, failure);
	} else {
		show(stress, facts.device);
		if (failure->code != S0_OK)
			printf("stopped     %s\n", failure->message);
		doctor_findings_show(findings);
		if (faults)
			printf("\n%zu finding%s\n", faults,
			       faults == 1 ? "" : "s");
		else
			printf("\nnothing wrong found\n");
		if (failure->aftermath != S0_UNTOUCHED)
			printf("the sector under test may not be as it was; "
			       "power the board off and on with BOOT0 high "
			       "before you use it again%s\n",
			       is_saved(app->session)
				       ? ", and 'sector0 recover' puts back "
					 "what it held"
				       : "");
	}
	app->status = failure->aftermath != S0_UNTOUCHED ? 3 : faults ? 1 : 0;
	return S0_OK;
}

/* What the device does under load is a finding; all else is a failure. */
static bool is_finding(s0_code code)
{
	return code == S0_E_GONE || code == S0_E_TIMEOUT ||
	       code == S0_E_PROTOCOL || code == S0_E_REFUSED ||
	       code == S0_E_MISMATCH || code == S0_E_NOT_ERASED;
}

/* @plot: NULL: none. */
static s0_code run(struct app *app, const struct stress_job *job,
		   struct output *plot, struct s0_error *err)
{
	struct s0_error failure = S0_ERROR_INIT;
	struct s0_findings *findings = NULL;
	struct s0_stress *stress = NULL;
	s0_code code;

	code = s0_session_stress(app->session,
				 job->named ? &job->address : NULL, job->rounds,
				 &stress, &failure);
	if (code != S0_OK && !(stress && is_finding(code)))
		*err = failure;
	else
		code = s0_findings_new(&findings, err);
	if (code == S0_OK)
		code = conclude(app, stress, &failure, findings, err);
	if (code == S0_OK && plot)
		code = doctor_plot(plot, stress, s0_device_info(app->device),
				   err);
	if (code == S0_E_NOT_BLANK)
		add_hint(err, "name a sector: its content is saved first and "
			      "put back");
	if (code == S0_E_PROTECTED && err->cause == S0_CAUSE_WRITE_PROTECTED)
		add_hint(err, "name another sector, or take the protection off "
			      "with 'sector0 option set'");
	s0_findings_free(findings);
	s0_stress_free(stress);
	return code;
}

/* Whether the picture can be written is known before flash is worn for it. */
static s0_code run_and_plot(struct app *app, const struct stress_job *job,
			    struct s0_error *err)
{
	const char *path = app->args.values[OPTION_PLOT];
	struct output plot;
	s0_code code;

	if (!path)
		return run(app, job, NULL, err);
	code = os_begin_output(path, &plot, err);
	if (code != S0_OK)
		return code;
	code = run(app, job, &plot, err);
	if (os_end_output(&plot, code == S0_OK, err) != S0_OK)
		code = err->code;
	return code;
}

s0_code doctor_stress(struct app *app, struct s0_error *err)
{
	struct stress_job job;
	s0_code code = parse(app, &job, err);

	if (code == S0_OK)
		code = confirm(app, &job, err);
	if (code == S0_OK)
		code = app_open_session(app, err);
	return code == S0_OK ? run_and_plot(app, &job, err) : code;
}
