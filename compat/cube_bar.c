/* SPDX-License-Identifier: MIT */
/* Bars of 50 signs. On a terminal they grow; else the whole one is printed. */
#include <stdio.h>

#include "cli/os.h"
#include "compat/cube.h"

#define WIDTH 50u

static const char full[] = "==================================================";

void cube_bar_full(struct cube *cube)
{
	if (cube->quiet)
		return;
	cube_say(cube, "%s[%s] 100%%\n", cube->bar ? "\r" : "", full);
	cube->bar = false;
}

void cube_progress(void *payload, const struct s0_progress *progress)
{
	struct cube *cube = payload;
	unsigned steps;

	if (cube->quiet || !progress->total || !os_is_terminal(stdout) ||
	    (progress->stage != S0_STAGE_WRITE &&
	     progress->stage != S0_STAGE_READ))
		return;
	steps = (unsigned)(progress->done * WIDTH / progress->total);
	if (cube->bar && cube->bar_steps == steps)
		return;
	cube->bar = true;
	cube->bar_steps = steps;
	printf("\r[%.*s%*s] %3u%%", (int)steps, full, (int)(WIDTH - steps), "",
	       (unsigned)(progress->done * 100 / progress->total));
	(void)fflush(stdout);
}
