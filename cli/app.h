/* SPDX-License-Identifier: MIT */
#ifndef CLI_APP_H
#define CLI_APP_H

/*
 * One run of the command: what was asked for, and what was opened for it.
 * Everything a command needs hangs here; nothing lives in file-scope
 * variables.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <sector0/sector0.h>

#include "options.h"
#include "os.h"
#include "progress.h"

struct app;

struct command {
	const char *name;
	const char *args;    /* as the usage line shows them */
	const char *summary; /* one line for `sector0 --help` */
	const char *help;    /* what `sector0 NAME --help` says */
	size_t least, most;  /* number of words after the name */
	bool changes;	     /* may change a device: errors say how it is */
	s0_code (*run)(struct app *app, struct s0_error *err);
};

/* Any number of words. */
#define ANY_NUMBER ((size_t)-1)

struct app {
	struct arguments args;
	const struct command *command; /* NULL until it is known */
	bool json, quiet;
	bool all_done;	       /* what failed is only the telling */
	uint64_t backup_bytes; /* in the file of --backup */
	struct s0_context *context;
	struct s0_device *device;
	struct s0_session *session;
	struct progress progress;
	char waiting[256];   /* what was last said to be waited for */
	json_t *differences; /* what verify found, for its error event */
	struct s0_recorder *recorder; /* of --record, or NULL */
	struct output trace;	      /* where it writes to */
	bool told; /* the result is out: what comes now is beside it */
	struct s0_replay *replay; /* lives through a trace again, or NULL */
	const char *recorded_selector; /* SECTOR0_DEVICE of that trace */
	int status;		       /* exit status where nothing failed */
};

/* The commands, in the order in which the help lists them. */
s0_code list_run(struct app *app, struct s0_error *err);
s0_code info_run(struct app *app, struct s0_error *err);
s0_code flash_run(struct app *app, struct s0_error *err);
s0_code plan_run(struct app *app, struct s0_error *err);
s0_code verify_run(struct app *app, struct s0_error *err);
s0_code read_run(struct app *app, struct s0_error *err);
s0_code write_run(struct app *app, struct s0_error *err);
s0_code fill_run(struct app *app, struct s0_error *err);
s0_code blank_run(struct app *app, struct s0_error *err);
s0_code checksum_run(struct app *app, struct s0_error *err);
s0_code erase_run(struct app *app, struct s0_error *err);
s0_code recover_run(struct app *app, struct s0_error *err);
s0_code start_run(struct app *app, struct s0_error *err);
s0_code option_run(struct app *app, struct s0_error *err);
s0_code unprotect_run(struct app *app, struct s0_error *err);
s0_code doctor_run(struct app *app, struct s0_error *err);
s0_code convert_run(struct app *app, struct s0_error *err);
s0_code chips_run(struct app *app, struct s0_error *err);
s0_code sim_run(struct app *app, struct s0_error *err);
s0_code trace_run(struct app *app, struct s0_error *err);

/* A whole run of the command line, from taking it apart to closing what it
   opened; says what failed. Returns the exit status. */
int app_run(struct app *app, int argc, char **argv);

/* The device that was asked for, by -d or SECTOR0_DEVICE; NULL if none. */
const char *app_selector(const struct app *app);

/* Open the device that was asked for, or the only one: app->device. */
s0_code app_open_device(struct app *app, struct s0_error *err);

/* The same and begin a session on it: app->session. From here on Ctrl-C stops
   it between two transfers. */
s0_code app_open_session(struct app *app, struct s0_error *err);

/* End it, and begin another with the device as that chip; NULL: as it is
   recognised. */
s0_code app_reopen_session(struct app *app, const char *chip,
			   struct s0_error *err);

/* Protected chips hide what tells them from their relatives; all of them are
 * opened by the same command. The name of one of those, or NULL: it does not
 * hide. */
const char *app_hidden_chip(const struct app *app);

/* End and close what is open. */
void app_close(struct app *app);

#endif
