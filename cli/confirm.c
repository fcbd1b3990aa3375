/* SPDX-License-Identifier: MIT */
#include "confirm.h"

#include "failure.h"

s0_code confirm(struct app *app, const char *question, const char *what,
		struct s0_error *err)
{
	char answer[16] = "";

	if (app->args.seen[OPTION_YES] || app->replay)
		return S0_OK;
	if (!app->json && os_is_terminal(stdin) && os_is_terminal(stderr)) {
		fprintf(stderr, "%s [y/N] ", question);
		if (fgets(answer, sizeof answer, stdin) &&
		    (answer[0] == 'y' || answer[0] == 'Y'))
			return S0_OK;
		return fail(err, S0_E_CANCELLED, "not done, as asked");
	}
	fail(err, S0_E_PROTECTED, "%s and was not told that it may", what);
	add_hint(err, "add --yes to do it without asking");
	return err->code;
}
