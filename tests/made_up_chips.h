/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MADE_UP_CHIPS_H
#define TESTS_MADE_UP_CHIPS_H

/* Chips that nobody sells, one for each thing that a chip from data can have. */

#include "sim_bench.h"

#include <sector0/chips.h>

extern const char made_up_plain[];
extern const char made_up_zeros[];
extern const char made_up_refusing[];
extern const char made_up_newest[];
extern const char made_up_clone[];
extern const char made_up_halved[];
extern const char made_up_switched[];
extern const char made_up_options[];

/* A virtual one on the bench, with keys: "x,rom=0x90". */
struct bench *made_up_make(void **state, const char *text, const char *keys);
/* The file that it was made from. */
extern struct s0_chips *made_up_chips;
/* Teardown of every test. */
int made_up_forget(void **state);

/* A ROM that is not in an error at first, and may be asked at any time. */
#define QUIET "x,early_poll=ok,first_status=ok"

#endif
