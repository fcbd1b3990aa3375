/* SPDX-License-Identifier: MIT */
#ifndef SESSION_OPTION_WRITE_H
#define SESSION_OPTION_WRITE_H

/* Between options_write.c and unprotect.c. */

#include "plan/options.h"
#include "session/options.h"

struct option_write {
	const struct s0_chip *chip;
	uint32_t length;	       /* of a window, bytes */
	uint8_t before[S0_OPTION_MAX]; /* what there was; to be sent too */
	uint8_t window[S0_OPTION_MAX]; /* what is asked for */
	uint8_t now[S0_OPTION_MAX];    /* as it was read last */
	bool unprotect; /* not the window is sent, but the command */
	bool levels;	/* the level of the read-out protection changes */
	unsigned to;	/* … to that one */
	bool erases;	/* … and all flash is erased with it */
	bool hidden; /* the device refuses to tell them, as some do at level 1 */
	bool hid;    /* … from the beginning: what there was is not known */
	unsigned sent;
	struct s0_option_window part; /* the one to be sent */
	unsigned tries;		      /* so often it was, in a row */
	bool left;		      /* it is off the bus, to load them */
	bool returned; /* it was waited for since they were sent */
};

/* Read w->now. Some bootloaders (F405) do not tell option bytes at level 1
 * either, but say why: that shows the level, and nothing else. */
s0_code option_write_look(struct s0_session *session, struct option_write *w,
			  struct s0_error *err);
/* Do it, within an operation. */
s0_code option_write_run(struct s0_session *session, struct option_write *w,
			 struct s0_error *err);

/* option_judge.c: is it as asked for, … */
bool option_write_is_done(const struct option_write *w);
/* … as before? */
bool option_write_is_as_before(const struct option_write *w);
/* It is neither. */
s0_code option_write_mixed(const struct option_write *w, struct s0_error *err);
/* May it be sent, or again? Then w->part is what. */
s0_code option_write_judge(struct option_write *w, struct s0_error *err);

#endif
