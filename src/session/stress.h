/* SPDX-License-Identifier: MIT */
#ifndef SESSION_STRESS_H
#define SESSION_STRESS_H

/* A sector while it is exercised. */

#include <sector0/stress.h>

#include "session/session.h"

/* Wrong flash words that are remembered of a sector. */
#define REMEMBERED 256

#define MOST_ROUNDS 1000u

/* Rounds that repeat a pattern which went wrong. */
#define AGAIN 4u

/* Failures before it is enough: without load, in all, and those without load
 * that keep the flash from being changed. Six times off the bus show whether it
 * is at regular intervals. */
#define MOST_IDLE     6u
#define MOST	      12u
#define TOO_MANY_IDLE 3u

/* Until the supply has recovered from a load. */
#define PAUSE_US 100000u

struct place {
	uint32_t address;
	unsigned rounds; /* in which it was wrong */
	unsigned good;	 /* repetitions in which it was right after all */
	bool now;	 /* wrong in the running round */
	bool by_erase;	 /* not blank after an erase, whatever the pattern */
};

struct stress {
	struct s0_session *session;
	struct s0_stress *all;
	struct s0_stress_round *round; /* the running one */
	uint32_t address, length;
	uint32_t word;	 /* a flash word; at least 4 bytes */
	uint32_t singly; /* bytes that are programmed word by word */
	uint8_t *before; /* what the sector held */
	uint8_t *wanted, *read, *again;
	struct place bad[REMEMBERED];
	size_t bad_count;
	bool torn;	       /* an operation failed in it: not to be read */
	bool lost;	       /* what it held could not be put back */
	struct s0_image *keep; /* before, for the host's record; or NULL */
	uint64_t dropped_us;   /* when it last left the bus */
	uint32_t stopped_at;   /* where reading stopped it; 0: nowhere */
};

/* Does an operation under a load; what it is handed. */
typedef s0_code (*stress_work_fn)(struct stress *s, void *payload,
				  struct s0_error *err);

/* stress_load.c */
/* Refuse what cannot be exercised; @address: the named sector, or NULL. */
s0_code stress_check(struct s0_session *session, const uint32_t *address,
		     unsigned rounds, struct s0_error *err);
/*
 * Try an operation and count it. A failure that passes is counted too: then it
 * returns S0_OK, *ret_failed says so, and the device takes commands.
 */
s0_code stress_try(struct stress *s, s0_load load, stress_work_fn work,
		   void *payload, bool *ret_failed, struct s0_error *err);
uint32_t stress_failures(const struct s0_stress_load *load);
/* Of the loads, without plain reads. */
uint32_t stress_failures_loaded(const struct s0_stress *all);

/* Have there been enough failures to stop? */
bool stress_is_enough(const struct s0_stress *all);

/* stress_choose.c */
/* The named sector, or all that are free and not protected. */
s0_code stress_choose(struct stress *s, const uint32_t *address,
		      struct range **ret_list, size_t *ret_count,
		      struct s0_error *err);
/* Refuse a named sector that the option bytes protect. */
s0_code stress_check_protection(struct s0_session *session, uint32_t address,
				struct s0_error *err);

/* stress_sector.c */
s0_code stress_read(struct stress *s, uint8_t *bytes, bool *ret_failed,
		    struct s0_error *err);
s0_code stress_round(struct stress *s, unsigned number, bool cycle,
		     struct s0_error *err);
/* Leave the sector as it was. */
s0_code stress_put_back(struct stress *s, struct s0_error *err);

/* stress_judge.c */
/* Checkerboard, its inverse, random, address in address; each its own. */
void stress_fill(struct stress *s, unsigned number);
/* Count what is wrong in the sector: as read after the erase; as read and read
 * again after the pattern was programmed. True: all is right. */
bool stress_judge_erased(struct stress *s);
bool stress_judge_programmed(struct stress *s);
/* Reading the sector stopped the device. */
void stress_judge_stop(struct stress *s);
/* The round is over: what was wrong in it, and is it so again? */
void stress_judge_round(struct stress *s, bool repeated);
bool stress_is_wrong(const struct s0_stress_round *round);

#endif
