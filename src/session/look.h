/* SPDX-License-Identifier: MIT */
#ifndef SESSION_LOOK_H
#define SESSION_LOOK_H

/* Reading a sector for the survey: what the image covers, and what it leaves
 * out. */

#include "session/session.h"

struct look {
	const struct s0_image *image;
	struct s0_survey *survey;
	struct survey_sector *sector;
	uint8_t erased;
	bool keep;	/* store what the image does not cover */
	bool store_all; /* store everything read */
	bool stop;	/* at the first difference */
	bool different;
	bool confirm;	/* what was stored is read again */
	bool unsteady;	/* … and came out otherwise */
	s0_code failed; /* storing ran out of memory */
};

/* Read [from, to), rounded to words, and take it in. @first: blocks of the
 * first batch, 0: as usual. */
s0_code look_read(struct s0_session *session, struct look *look, uint64_t from,
		  uint64_t to, unsigned first, struct s0_error *err);

/* The next stretch at or after *at that the image covers (or leaves out):
 * [*at, *end); false if there is none before `limit`. */
bool look_stretch(const struct s0_image *image, bool wanted, uint64_t limit,
		  uint64_t *at, uint64_t *end);

/* Read all stretches of a sector that the image covers, or leaves out, those
 * near to each other as one. */
s0_code look_stretches(struct s0_session *session, struct look *look,
		       bool wanted, unsigned first, struct s0_error *err);

#endif
