/* SPDX-License-Identifier: MIT */
/* dfu-util's bars: drawn anew whenever they have grown by one sign. */
#include <stdio.h>

#include "compat/dfu_util.h"

#define WIDTH	      25u
#define NOTHING_DRAWN (WIDTH + 1)

static const char *title(s0_stage stage)
{
	switch (stage) {
	case S0_STAGE_ERASE:
		return "Erase   ";
	case S0_STAGE_WRITE:
		return "Download";
	case S0_STAGE_VERIFY:
		return "Verify  ";
	default:
		return "Upload  ";
	}
}

static void draw(struct dfu_util *dfu, uint64_t done, uint64_t total)
{
	unsigned steps = total ? (unsigned)(done * WIDTH / total) : WIDTH;
	unsigned percent = total ? (unsigned)(done * 100 / total) : 100;

	if (dfu->bar_steps == steps)
		return;
	dfu->bar_steps = steps;
	printf("\r%s\t[", title(dfu->stage));
	for (unsigned i = 0; i < WIDTH; i++)
		putchar(i < steps ? '=' : ' ');
	printf("] %3u%% %12llu bytes", percent, (unsigned long long)done);
	(void)fflush(stdout);
}

void dfu_bar_end(struct dfu_util *dfu)
{
	if (!dfu->bar_open)
		return;
	dfu->bar_open = false;
	putchar('\n');
	if (dfu->bar_steps == WIDTH)
		printf("%s done.\n", dfu->stage == S0_STAGE_READ
					     ? "Upload"
					     : title(dfu->stage));
}

static bool is_shown(const struct dfu_util *dfu, s0_stage stage)
{
	if (dfu->download)
		return stage == S0_STAGE_ERASE || stage == S0_STAGE_WRITE ||
		       stage == S0_STAGE_VERIFY;
	return stage == S0_STAGE_READ;
}

void dfu_bar(void *payload, const struct s0_progress *progress)
{
	struct dfu_util *dfu = payload;
	uint64_t done = progress->done, total = progress->total;

	if (!is_shown(dfu, progress->stage))
		return;
	if (!dfu->bar_open || dfu->stage != progress->stage) {
		dfu_bar_end(dfu);
		dfu->stage = progress->stage;
		dfu->bar_open = true;
		dfu->bar_steps = NOTHING_DRAWN;
		draw(dfu, 0, total);
	}
	/* Its erase counts the image's bytes, not the sectors'. */
	if (progress->stage == S0_STAGE_ERASE && total && dfu->image_bytes) {
		done = dfu->image_bytes * done / total;
		total = dfu->image_bytes;
	}
	draw(dfu, done, total);
}
