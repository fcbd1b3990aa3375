/* SPDX-License-Identifier: MIT */
/* `doctor --stress`: exercises flash and shows what was measured. */
#include <string.h>

#include "doctor.h"
#include "failure.h"
#include "json.h"
#include "say.h"
#include "text.h"

#define ROUNDS 3

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
		printf("%s\n", round->program_us ? "right" : "not finished");
}

static void show(const struct s0_stress *stress,
		 const struct s0_device_info *info)
{
	const struct s0_erase_time *times;

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
		   json_pack("{s:b, s:I, s:o, s:I, s:o, s:s}", "ok",
			     faults == 0, "findings", (json_int_t)faults,
			     "rounds", rounds, "idle_errors",
			     (json_int_t)stress->idle_errors, "failure",
			     json_text(failure->message), "aftermath",
			     s0_aftermath_name(failure->aftermath)));
}

/* One failure may have several causes; it is shown as its findings. */
static s0_code conclude(struct app *app, const struct s0_stress *stress,
			const struct s0_error *failure,
			struct s0_findings *findings, struct s0_error *err)
{
	struct s0_facts facts = { .device = s0_device_info(app->device),
				  .map = s0_device_map(app->device),
				  .stress = stress,
				  .error = failure };
	s0_code code = s0_findings_add(findings, &facts, err);
	size_t faults = doctor_faults(findings);

	if (code != S0_OK)
		return code;
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
			       "before you use it again\n");
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

static s0_code run(struct app *app, const struct stress_job *job,
		   struct s0_error *err)
{
	const char *plot = app->args.values[OPTION_PLOT];
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
	s0_findings_free(findings);
	s0_stress_free(stress);
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
	return code == S0_OK ? run(app, &job, err) : code;
}
