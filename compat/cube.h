/* SPDX-License-Identifier: MIT */
#ifndef COMPAT_CUBE_H
#define COMPAT_CUBE_H

/*
 * STM32_Programmer_CLI's command line over USB DFU: commands from left to right
 * in one connection. The wording is that of version 2.22, as sessions of it
 * have been published; what nobody published is worded alike.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/app.h"

#define CUBE_VERSION "2.22.0"

struct cube {
	struct app app; /* device, session, and how failures are said */
	char **words;	/* the command line, taken apart */
	size_t count, capacity, at;
	bool quiet, yes, skip_erase, failed;
	unsigned verbosity, depth; /* of scripts in scripts */
	FILE *log;
	/* what -v is about */
	bool written;
	uint64_t write_us, verify_us;
	/* the bar */
	s0_stage stage;
	bool bar;
	unsigned bar_steps;
};

/* One command. False: it failed, and was said. */
struct cube_command {
	const char *names[4]; /* without dashes, lower case */
	bool (*run)(struct cube *cube);
	bool device; /* needs -c before it */
};

/* cube.c: to the screen and the log. */
void cube_say(struct cube *cube, const char *format, ...) S0_PRINTF(2, 3);
/* "Error: …". */
bool cube_fail(struct cube *cube, const char *format, ...) S0_PRINTF(2, 3);
/* A failure of the library: said by whoever called in their words, here in
 * ours. Always false. */
bool cube_failed(struct cube *cube, struct s0_error *err);
/* The next word if it is no command; NULL. */
const char *cube_argument(struct cube *cube);
bool cube_number(const char *word, uint32_t *ret);
/* An argument that must be a number. */
bool cube_want(struct cube *cube, const char *what, uint32_t *ret);
bool cube_same(const char *a, const char *b); /* in any case */
/* "00:00:04.123" */
void cube_time(char text[24], uint64_t us);

/* cube_bar.c */
void cube_progress(void *payload, const struct s0_progress *progress);
void cube_bar_full(struct cube *cube);

/* cube_parse.c */
bool cube_take_apart(struct cube *cube, int argc, char **argv);
bool cube_add_words(struct cube *cube, const char *text);
void cube_forget(struct cube *cube);

/* cube_connect.c */
bool cube_connect(struct cube *cube);
bool cube_list(struct cube *cube);
/* cube_write.c */
bool cube_write(struct cube *cube);
bool cube_verify(struct cube *cube);
bool cube_erase(struct cube *cube);
bool cube_start(struct cube *cube);
bool cube_write8(struct cube *cube);
bool cube_write16(struct cube *cube);
bool cube_write32(struct cube *cube);
bool cube_fill(struct cube *cube);
/* cube_read.c */
bool cube_read(struct cube *cube);
bool cube_read8(struct cube *cube);
bool cube_read16(struct cube *cube);
bool cube_read32(struct cube *cube);
bool cube_blank(struct cube *cube);
bool cube_checksum(struct cube *cube);
bool cube_file_checksum(struct cube *cube);
/* cube_option.c */
bool cube_option(struct cube *cube);
bool cube_unprotect(struct cube *cube);

#endif
