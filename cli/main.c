/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "compat/compat.h"

/* `as TOOL ARGS…`: what follows is that tool's own. */
static int as(int argc, char **argv)
{
	compat_main tool = argc > 0 ? compat_find(argv[0]) : NULL;

	if (tool)
		return tool(argc, argv);
	fprintf(stderr,
		argc > 0 ? "error: 'as' does not know the tool '%s'\n"
			 : "error: 'as' is missing a tool%s\n",
		argc > 0 ? argv[0] : "");
	fprintf(stderr, "hint: sector0 can be %s\n", compat_names());
	return 2;
}

int main(int argc, char **argv)
{
	struct app app = { 0 };

	os_prepare();
	os_catch_signals();
	if (argc > 0 && compat_find(argv[0]))
		return compat_find(argv[0])(argc, argv);
	if (argc > 1 && strcmp(argv[1], "as") == 0)
		return as(argc - 2, argv + 2);
	return app_run(&app, argc, argv);
}
