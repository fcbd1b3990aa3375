/* SPDX-License-Identifier: MIT */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

/*
 * The one table of all options, and taking a command line apart by it. Every
 * option may stand before or after the command, as `--name value` or
 * `--name=value`; `--` ends the options.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <sector0/error.h>

enum option_id {
	OPTION_DEVICE,
	OPTION_ADDRESS,
	OPTION_FORMAT,
	OPTION_CHIP,
	OPTION_ERASE,
	OPTION_KEEP,
	OPTION_BACKUP,
	OPTION_ROLLBACK,
	OPTION_LIFT_PROTECTION,
	OPTION_FULL,
	OPTION_SKIP_NON_FLASH,
	OPTION_NO_VERIFY,
	OPTION_TRUST_LAST_RUN,
	OPTION_START,
	OPTION_PLAN,
	OPTION_STATS,
	OPTION_IGNORE_CHECKSUMS,
	OPTION_WAIT,
	OPTION_RECONNECT,
	OPTION_PORT,
	OPTION_LISTEN,
	OPTION_COUNT_OF,
	OPTION_TIME_SCALE,
	OPTION_CONTROL,
	OPTION_ATTACH,
	OPTION_LOG,
	OPTION_FOLLOW,
	OPTION_TIMES,
	OPTION_STRESS,
	OPTION_ROUNDS,
	OPTION_PLOT,
	OPTION_OVERWRITE,
	OPTION_FORGET,
	OPTION_YES,
	OPTION_ALLOW,
	OPTION_PERMANENT,
	OPTION_SOURCES,
	/* Those of every command. */
	OPTION_COMMON,
	OPTION_RECORD = OPTION_COMMON,
	OPTION_CHIP_FILE,
	OPTION_JSON,
	OPTION_QUIET,
	OPTION_VERBOSE,
	OPTION_NO_COLOR,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_COUNT
};

/* A command line, taken apart. Strings belong to argv. */
struct arguments {
	unsigned seen[OPTION_COUNT]; /* how often it was given */
	const char *values[OPTION_COUNT];
	const char *command; /* first word; NULL if there is none */
	const char **words;  /* those after it */
	size_t word_count;
	const char **chip_files; /* each --chip-file, in their order */
};

/*
 * Take a command line apart. Goes on after the first mistake, so that what was
 * understood (--json) is known whatever else is wrong.
 */
s0_code arguments_parse(struct arguments *args, int argc, char **argv,
			struct s0_error *err);
void arguments_free(struct arguments *args);

/* Refuse options that the command does not have. */
s0_code arguments_check(const struct arguments *args, const char *command,
			struct s0_error *err);

/* What an option is called, without the dashes. */
const char *option_name(enum option_id id);

/* List the options of a command for its help. */
void options_print(FILE *out, const char *command);

#endif
