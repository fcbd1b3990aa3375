/* SPDX-License-Identifier: MIT */
/* One run of dfu-util's command line. */
#include "compat/dfu_util.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/os.h"
#include "cli/say.h"
#include "compat/compat.h"

/* -e alone: what is in DFU mode stays there. */
static int detach(struct dfu_util *dfu)
{
	const char *selector = getenv("SECTOR0_DEVICE");
	int status;

	if (!selector || !*selector) {
		status = dfu_choose(dfu);
		if (status != DFU_OK)
			return status;
		if (!dfu->meant.dfu_mode)
			return dfu_plain_detach(dfu, false);
	}
	status = dfu_open(dfu);
	if (status != DFU_OK)
		return status;
	if (dfu->plain)
		return dfu_plain_stay(dfu);
	puts("Already in DFU mode");
	return dfu_reset(dfu);
}

static int run(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;

	/* The original goes by the last, and says nothing of the others. */
	if (dfu->dropped && !dfu->strict) {
		dfu_warn("-D FILE, -U FILE, -l and -e exclude each other: a "
			 "file would be left out");
		return DFU_USAGE;
	}
	if (!dfu->list && !dfu->detach && !dfu->download && !dfu->upload &&
	    !dfu->dfuse) {
		dfu_warn("You need to specify one of -D or -U");
		return DFU_USAGE;
	}
	if (!dfu_options_dfuse(dfu))
		return DFU_USAGE;
	if (compat_open_context(&dfu->app, dfu->verbose > 1, &err) != S0_OK)
		return dfu_failed(dfu, &err);
	dfu_set_patience(dfu);
	if (dfu->list)
		return dfu_list(dfu);
	dfu->app.command = command_find(dfu->upload ? "read" : "flash");
	if (dfu->upload)
		return dfu_upload(dfu);
	return dfu->detach && !dfu->download && !dfu->dfuse ? detach(dfu)
							    : dfu_download(dfu);
}

int dfu_util_main(int argc, char **argv)
{
	struct dfu_util dfu = { 0 };
	int status;

	if (!dfu_options_parse(&dfu, argc, argv, &status))
		return status;
	printf("dfu-util 0.11\n\nThis is sector0 %s in its place: it reads "
	       "more formats, verifies, and says why\n\n",
	       s0_version());
	if (dfu.version && (!dfu.dropped || dfu.strict))
		return DFU_OK;
	dfu.app.quiet = true;
	status = run(&dfu);
	s0_dfu11_close(dfu.plain);
	app_close(&dfu.app);
	if (status != DFU_OK && os_stopped())
		status = DFU_STOPPED + os_stopped_by();
	if (!os_flush(stdout) && status == DFU_OK) {
		dfu_warn("What was said cannot be written to standard output");
		status = DFU_IO;
	}
	return status;
}
