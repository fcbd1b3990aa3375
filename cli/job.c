/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <errno.h>
#include <string.h>

#include "backup.h"
#include "failure.h"
#include "json.h"
#include "os.h"
#include "render.h"
#include "say.h"

static s0_code erase_policy(const char *word, s0_erase_policy *ret_erase,
			    struct s0_error *err)
{
	if (!word || strcmp(word, "needed") == 0)
		*ret_erase = S0_ERASE_NEEDED;
	else if (strcmp(word, "all") == 0)
		*ret_erase = S0_ERASE_ALL;
	else if (strcmp(word, "none") == 0)
		*ret_erase = S0_ERASE_NONE;
	else
		return fail_usage(err,
				  "'--erase' takes needed, all or none, "
				  "not '%s'",
				  word);
	return S0_OK;
}

s0_code job_policy(struct app *app, struct s0_policy *policy,
		   struct s0_error *err)
{
	const unsigned *seen = app->args.seen;

	*policy = (struct s0_policy){ .keep = seen[OPTION_KEEP] > 0,
				      .full = seen[OPTION_FULL] > 0,
				      .no_verify = seen[OPTION_NO_VERIFY] > 0,
				      .trust_last_run =
					      seen[OPTION_TRUST_LAST_RUN] > 0,
				      .rollback = seen[OPTION_ROLLBACK] > 0,
				      .skip_non_flash =
					      seen[OPTION_SKIP_NON_FLASH] > 0,
				      .lost = seen[OPTION_PLAN] ? S0_LOST_ALL
					      : app->json ? S0_LOST_COUNTED
							  : S0_LOST_SEEN,
				      .start = seen[OPTION_START] > 0 };
	if (policy->rollback && policy->no_verify) {
		fail_usage(err,
			   "'--rollback' and '--no-verify' exclude each other");
		add_hint(err, "what is not verified cannot be found wrong");
		return S0_E_USAGE;
	}
	if (backup_check(app, err) != S0_OK)
		return err->code;
	return erase_policy(app->args.values[OPTION_ERASE], &policy->erase,
			    err);
}

/* A vector table that cannot be right is no reason to refuse, but it is said
 * before anything is erased. */
static s0_code warn_of_vectors(struct app *app, const struct s0_plan *plan,
			       struct s0_error *err)
{
	struct s0_facts facts = { .plan = plan };
	struct s0_findings *findings;
	s0_code code = s0_findings_new(&findings, err);

	if (code != S0_OK)
		return code;
	code = s0_findings_add(findings, &facts, err);
	for (size_t i = 0; i < s0_findings_count(findings); i++) {
		const struct s0_finding *f = s0_findings_at(findings, i);

		if (strncmp(f->code, "D_VECTORS_", 10) == 0)
			say_warning(app, f->evidence);
	}
	s0_findings_free(findings);
	return code;
}

s0_code job_show_plan(struct app *app, const struct s0_plan *plan,
		      const struct s0_map *map, bool text, struct s0_error *err)
{
	s0_code code = S0_OK;

	if (app->json)
		json_plan(plan, map);
	else if (text)
		code = s0_plan_print(plan, render_line, NULL, err);
	if (code == S0_OK)
		code = s0_plan_warnings(plan, say_warning, app, err);
	if (code == S0_OK)
		code = warn_of_vectors(app, plan, err);
	/* A reader that is gone shall not find out after the erase. */
	if (code == S0_OK && !os_flush(stdout))
		code = os_fail_file(err, "write", "-");
	return code;
}

static uint32_t start_address(const struct s0_plan *plan)
{
	for (size_t i = 0; i < s0_plan_step_count(plan); i++)
		if (s0_plan_step(plan, i)->kind == S0_STEP_START)
			return s0_plan_step(plan, i)->address;
	return 0;
}

static void tell(struct app *app, const struct s0_plan *plan,
		 const struct s0_result *result)
{
	bool stats = app->args.seen[OPTION_STATS] > 0;

	progress_interrupt(&app->progress);
	if (app->json) {
		json_flash_result(app->session, result, stats,
				  app->args.seen[OPTION_TRUST_LAST_RUN] > 0,
				  app->backup_bytes);
		return;
	}
	render_flash(app->session, result, stats);
	if (result->started)
		printf("started the firmware at 0x%08x\n",
		       (unsigned)start_address(plan));
}

static size_t sectors_to_erase(const struct s0_plan *plan)
{
	struct s0_plan_summary summary;

	s0_plan_summarise(plan, &summary);
	return summary.erase_count;
}

static s0_code carry_out(struct app *app, const struct s0_plan *plan,
			 struct s0_error *err)
{
	struct s0_result result = { 0 };
	s0_code code;

	app->progress.sectors = sectors_to_erase(plan);
	app->progress.running = false;
	code = s0_session_run(app->session, plan, &result, err);
	if (code != S0_OK)
		return code;
	tell(app, plan, &result);
	return job_told(app, err);
}

s0_code job_told(struct app *app, struct s0_error *err)
{
	if (os_flush(stdout))
		return S0_OK;
	err->aftermath = S0_PARTIAL;
	app->all_done = true;
	return fail(err, S0_E_FILE,
		    "all was done, but the result cannot be written to "
		    "standard output: %s",
		    strerror(errno));
}

s0_code job_run(struct app *app, const struct s0_image *image,
		const struct s0_policy *policy, bool dry, struct s0_error *err)
{
	struct s0_plan *plan = NULL;
	s0_code code = s0_session_plan(app->session, image, policy, &plan, err);

	if (code == S0_OK)
		code = job_show_plan(app, plan, s0_device_map(app->device), dry,
				     err);
	if (code == S0_OK && !dry)
		code = backup_plan(app, plan, err);
	if (code == S0_OK && !dry)
		code = carry_out(app, plan, err);
	else if (code == S0_OK && app->json)
		json_event("result", json_pack("{s:b}", "ok", 1));
	s0_plan_free(plan);
	return code;
}
