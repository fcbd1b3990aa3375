/* SPDX-License-Identifier: MIT */
/* dfu-util's bars: drawn anew whenever they have grown by one sign. A run that
 * erases and writes in several goes has one bar for each all the same, and "…
 * done." stands there once all of it is: programs take that for success. */
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
	default:
		return "Upload";
	}
}

static void draw(struct dfu_util *dfu, uint64_t done, uint64_t total)
{
	unsigned steps = total ? (unsigned)(done * WIDTH / total) : WIDTH;
	unsigned percent = total ? (unsigned)(done * 100 / total) : 100;

	if (dfu->quiet || dfu->bar.steps == steps)
		return;
	dfu->bar.steps = steps;
	printf("\r%s\t[", title(dfu->bar.stage));
	for (unsigned i = 0; i < WIDTH; i++)
		putchar(i < steps ? '=' : ' ');
	printf("] %3u%% %12llu bytes", percent, (unsigned long long)done);
	(void)fflush(stdout);
}

static void begin(struct dfu_util *dfu, s0_stage stage, uint64_t total)
{
	dfu->bar = (struct dfu_bar){
		.stage = stage,
		.open = true,
		.total = total,
		.steps = NOTHING_DRAWN,
		.erased = dfu->bar.erased || stage == S0_STAGE_ERASE,
	};
	draw(dfu, 0, total);
}

static void end(struct dfu_util *dfu)
{
	draw(dfu, dfu->bar.total, dfu->bar.total);
	printf("%s%s done.\n", dfu->quiet ? "" : "\n", title(dfu->bar.stage));
	dfu->bar.open = false;
}

void dfu_bar_end(struct dfu_util *dfu)
{
	if (dfu->bar.open)
		end(dfu);
}

void dfu_bar_break(struct dfu_util *dfu)
{
	if (!dfu->bar.open)
		return;
	puts(dfu->quiet ? "" : " failed!");
	dfu->bar.open = false;
}

void dfu_bar_whole(struct dfu_util *dfu, uint64_t length, bool same)
{
	if (same) {
		puts("Nothing to write: the device holds these bytes already");
		puts("Download done.");
		return;
	}
	begin(dfu, S0_STAGE_ERASE, length);
	end(dfu);
	begin(dfu, S0_STAGE_WRITE, length);
	end(dfu);
}

/* How much of all that this stage does in this run is done, where it is done in
 * several goes. */
static uint64_t done_in_all(struct dfu_bar *bar, uint64_t done)
{
	if (done < bar->last)
		bar->before += bar->last;
	bar->last = done;
	return bar->before + done;
}

static bool is_shown(const struct dfu_util *dfu, s0_stage stage)
{
	if (dfu->upload)
		return stage == S0_STAGE_READ;
	/* What is erased late was not looked at before. */
	return dfu->image_bytes &&
	       ((stage == S0_STAGE_ERASE &&
		 !(dfu->bar.open && dfu->bar.stage == S0_STAGE_WRITE)) ||
		stage == S0_STAGE_WRITE);
}

/* Without an erase the original's lines are there as well. */
static void change_stage(struct dfu_util *dfu, s0_stage stage, uint64_t total)
{
	dfu_bar_end(dfu);
	if (stage == S0_STAGE_WRITE && !dfu->bar.erased) {
		begin(dfu, S0_STAGE_ERASE, total);
		end(dfu);
	}
	begin(dfu, stage, total);
}

void dfu_bar(void *payload, const struct s0_progress *progress)
{
	struct dfu_util *dfu = payload;
	bool read = progress->stage == S0_STAGE_READ;
	/* Bytes are the file's, not those of sectors or with padding. */
	uint64_t total = read ? progress->total : dfu->image_bytes, done, all;

	if (!is_shown(dfu, progress->stage))
		return;
	if (!dfu->bar.open || dfu->bar.stage != progress->stage)
		change_stage(dfu, progress->stage, total);
	done = done_in_all(&dfu->bar, progress->done);
	all = read				  ? total
	      : progress->stage == S0_STAGE_ERASE ? dfu->erase_bytes
						  : dfu->write_bytes;
	if (all < done)
		all = done;
	if (!read && all)
		done = done * total / all;
	draw(dfu, done, total);
}
