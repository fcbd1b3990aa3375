/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "os.h"
#include "text.h"

/* Between two updates, by the wall clock: a virtual device reports thousands
   of steps a second. */
#define INTERVAL_MS 100
#define BAR_CELLS   24

/* Bytes a second in this stage; 0 while there is nothing to tell. */
static uint64_t rate(const struct progress *progress,
		     const struct s0_progress *now)
{
	if (now->time_us <= progress->started_us || now->done < progress->from)
		return 0;
	return (now->done - progress->from) * 1000000 /
	       (now->time_us - progress->started_us);
}

/* Seconds left: of the whole operation where an estimate of it is known, of
   this stage otherwise. */
static uint64_t seconds_left(const struct progress *progress,
			     const struct s0_progress *now)
{
	uint64_t bytes_a_second = rate(progress, now);

	if (now->estimate_us > now->time_us)
		return (now->estimate_us - now->time_us + 999999) / 1000000;
	if (now->estimate_us > 0 || bytes_a_second == 0)
		return 0;
	return (now->total - now->done + bytes_a_second - 1) / bytes_a_second;
}

static void draw_bar(struct progress *progress, const struct s0_progress *now)
{
	char bar[BAR_CELLS + 1];
	size_t filled = now->total == 0
				? BAR_CELLS
				: (size_t)(now->done * BAR_CELLS / now->total);

	memset(bar, '.', BAR_CELLS);
	memset(bar, '#', filled < BAR_CELLS ? filled : BAR_CELLS);
	bar[BAR_CELLS] = '\0';
	fprintf(stderr, "\r%-7s [%s] %5llu/%llu KiB %5llu KiB/s %4llu s left ",
		s0_stage_name(now->stage), bar,
		(unsigned long long)(now->done / 1024),
		(unsigned long long)(now->total / 1024),
		(unsigned long long)(rate(progress, now) / 1024),
		(unsigned long long)seconds_left(progress, now));
	(void)fflush(stderr);
	progress->drawn = true;
}

void progress_interrupt(struct progress *progress)
{
	if (progress->drawn)
		fputc('\n', stderr);
	progress->drawn = false;
}

static void print_stage(const struct progress *progress,
			const struct s0_progress *now)
{
	char size[32];

	if (now->total == 0)
		return;
	text_size(size, sizeof size, now->total);
	if (now->stage == S0_STAGE_ERASE && progress->sectors > 0)
		fprintf(stderr, "erase: %zu sector%s, %s\n", progress->sectors,
			progress->sectors == 1 ? "" : "s", size);
	else
		fprintf(stderr, "%s: %s\n", s0_stage_name(now->stage), size);
}

static void emit(const struct s0_progress *now)
{
	json_event("progress", json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}",
					 "stage", s0_stage_name(now->stage),
					 "done", (json_int_t)now->done, "total",
					 (json_int_t)now->total, "address",
					 (json_int_t)now->address, "time_ms",
					 json_ms(now->time_us), "estimate_ms",
					 json_ms(now->estimate_us)));
}

static void show(struct progress *progress, const struct s0_progress *now,
		 bool begins)
{
	switch (progress->style) {
	case PROGRESS_BAR:
		if (now->total > 0)
			draw_bar(progress, now);
		break;
	case PROGRESS_LINES:
		if (begins)
			print_stage(progress, now);
		break;
	case PROGRESS_EVENTS:
		emit(now);
		break;
	case PROGRESS_NONE:
		break;
	}
}

static void begin(struct progress *progress, const struct s0_progress *now)
{
	progress_interrupt(progress);
	progress->running = true;
	progress->ended = false;
	progress->stage = now->stage;
	progress->started_us = now->time_us;
	progress->from = now->done;
}

void progress_report(void *payload, const struct s0_progress *now)
{
	struct progress *progress = payload;
	uint64_t wall_ms = os_now_ms();
	bool ends = now->done >= now->total;
	bool begins = !progress->running || now->stage != progress->stage ||
		      (progress->ended && !ends);

	if (progress->style == PROGRESS_NONE)
		return;
	/* Starting is over at once, and its result says so. */
	if (now->stage == S0_STAGE_START && progress->style != PROGRESS_EVENTS)
		return;
	if (begins)
		begin(progress, now);
	else if (progress->ended ||
		 (!ends && wall_ms - progress->shown_ms < INTERVAL_MS))
		return;
	progress->shown_ms = wall_ms;
	progress->ended = ends && !begins;
	show(progress, now, begins);
	if (progress->ended)
		progress_interrupt(progress);
}
