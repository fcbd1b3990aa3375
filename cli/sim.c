/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "failure.h"
#include "json.h"

s0_code sim_run(struct app *app, struct s0_error *err)
{
	if (strcmp(app->args.words[0], "help") != 0) {
		fail_usage(err, "'sim' does not know '%s'", app->args.words[0]);
		add_hint(err, "'sector0 sim help' lists what there is");
		return S0_E_USAGE;
	}
	if (app->json)
		json_event("result", json_pack("{s:b, s:o}", "ok", 1, "text",
					       json_text(s0_sim_help())));
	else
		fputs(s0_sim_help(), stdout);
	return S0_OK;
}
