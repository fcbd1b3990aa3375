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
	/* A stream may go on into the sectors behind, up to this one. */
	struct survey_sector *last;
	uint64_t from; /* where the running read began */
	uint32_t block;
	uint8_t erased;
	bool keep;	/* store what the image does not cover */
	bool store_all; /* store everything read */
	bool stop;	/* at the first difference */
	bool each;	/* or note them, in each sector of the stream */
	bool different;
	bool seek;	/* only for evidence: stop at the first byte */
	bool confirm;	/* what was stored is read again */
	bool unsteady;	/* … and came out otherwise */
	s0_code failed; /* storing ran out of memory */
};

/* Read [from, to), rounded to words, and take it in. */
s0_code look_read(struct s0_session *session, struct look *look, uint64_t from,
		  uint64_t to, struct s0_error *err);

/* The next stretch at or after *at that the image covers (or leaves out):
 * [*at, *end); false if there is none before `limit`. */
bool look_stretch(const struct s0_image *image, bool wanted, uint64_t limit,
		  uint64_t *at, uint64_t *end);

/*
 * Read all stretches of a sector that the image covers, or leaves out, those
 * near to each other as one. A stretch that reaches the sector's end goes on in
 * the next one, up to look->last, which is then the last that was read. With
 * look->stop it ends at the first difference, in look->sector.
 */
s0_code look_stretches(struct s0_session *session, struct look *look,
		       bool wanted, struct s0_error *err);

#endif
