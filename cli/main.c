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
	if (argc > 0 &&
	    (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
		printf("usage: sector0 as TOOL ARGUMENT...\n\nBe another tool, "
		       "with its own options: %s.\nSECTOR0_DEVICE names the "
		       "device where its options do not.\n",
		       compat_names());
		return os_flush(stdout) ? 0 : 1;
	}
	fprintf(stderr,
		argc > 0 ? "error: 'as' does not know the tool '%s'\n"
			 : "error: 'as' is missing a tool%s\n",
		argc > 0 ? argv[0] : "");
	fprintf(stderr, "hint: sector0 can be %s\n", compat_names());
	return 2;
}

/* sector0's own options in front of `as` would be nobody's. */
static bool is_misplaced(int argc, char **argv)
{
	if (argc < 2 || argv[1][0] != '-')
		return false;
	for (int i = 2; i + 1 < argc; i++)
		if (strcmp(argv[i], "as") == 0 && compat_find(argv[i + 1]))
			return true;
	return false;
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
	if (is_misplaced(argc, argv)) {
		fputs("error: 'as' takes no options before it\n"
		      "hint: put the tool's own behind its name; "
		      "SECTOR0_DEVICE "
		      "names a device\n",
		      stderr);
		return 2;
	}
	return app_run(&app, argc, argv);
}
