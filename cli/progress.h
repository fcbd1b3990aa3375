/* SPDX-License-Identifier: MIT */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

/*
 * Showing how far a session is: a bar on a terminal, a line a stage elsewhere,
 * events with --json, nothing with --quiet.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/session.h>

enum progress_style {
	PROGRESS_NONE = 0,
	PROGRESS_BAR,
	PROGRESS_LINES,
	PROGRESS_EVENTS
};

/* Zero-initialise, then choose a style. */
struct progress {
	enum progress_style style;
	size_t sectors;	     /* to be erased; 0: not known */
	bool running;	     /* inside a stage */
	bool ended;	     /* the stage has been shown complete */
	bool drawn;	     /* a bar is on the screen's last line */
	s0_stage stage;	     /* valid while running */
	uint64_t shown_ms;   /* wall clock when it was shown last */
	uint64_t started_us; /* device's clock at the stage's start */
	uint64_t from;	     /* bytes already done then */
};

/* A s0_progress_fn; payload is a struct progress. */
void progress_report(void *payload, const struct s0_progress *now);

/* Leave the bar's line, so that something else can be printed. */
void progress_interrupt(struct progress *progress);

#endif
