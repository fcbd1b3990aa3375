/* SPDX-License-Identifier: MIT */
#ifndef COMPAT_DFU_UTIL_H
#define COMPAT_DFU_UTIL_H

/*
 * dfu-util 0.11's command line. What it prints and returns was learned by
 * running it beside this on the same virtual chips (tests/compat/).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/app.h"

/* Its exit statuses (sysexits.h). */
enum {
	DFU_OK = 0,
	DFU_USAGE = 64,
	DFU_DATA = 65,
	DFU_NO_INPUT = 66,
	DFU_SOFTWARE = 70,
	DFU_CANNOT_CREATE = 73,
	DFU_IO = 74,
	DFU_PROTOCOL = 76
};

/* What -s asks for. */
struct dfuse_options {
	bool given, placed;
	uint32_t address, length;
	bool leave, force, mass_erase, unprotect, will_reset;
};

struct dfu_bar {
	s0_stage stage;
	bool open, erased;
	uint64_t total;	       /* bytes of the file */
	uint64_t before, last; /* done in earlier goes, and in this one */
	unsigned steps;	       /* drawn, 0 to 25; 26: nothing yet */
};

struct dfu_util {
	struct app app; /* device, session, and how failures are said */
	int verbose;
	bool version, list, detach, reset, wait, strict, quiet;
	const char *device, *serial, *path, *alt;
	int number, configuration, interface; /* -1: any */
	uint32_t transfer_size, upload_size;  /* 0: not given */
	const char *upload, *download;
	const char *dfuse; /* -s, as it was given */
	struct dfuse_options to;
	/* of the device */
	uint8_t chosen;	    /* index of its alternate setting */
	uint32_t last_byte; /* of what was looked at last; 0 */
	uint64_t image_bytes;
	uint64_t erase_bytes, write_bytes; /* of the plan */
	struct dfu_bar bar;
};

/* dfu_options.c: false: *ret_status is the exit status. */
bool dfu_options_parse(struct dfu_util *dfu, int argc, char **argv,
		       int *ret_status);
bool dfu_options_dfuse(struct dfu_util *dfu);

/* "dfu-util: …" on stderr. */
void dfu_warn(const char *format, ...) S0_PRINTF(1, 2);

/* dfu_device.c */
int dfu_list(struct dfu_util *dfu);
/* Opens the one device that is meant: app.device, app.session. */
int dfu_open(struct dfu_util *dfu);

/* dfu_bar.c: a s0_progress_fn. */
void dfu_bar(void *payload, const struct s0_progress *progress);
/* What the bar shows is done; or it has failed. */
void dfu_bar_end(struct dfu_util *dfu);
void dfu_bar_break(struct dfu_util *dfu);
/* The bars of what was done at once; or what stands there instead. */
void dfu_bar_whole(struct dfu_util *dfu, uint64_t length, bool same);

/* dfu_download.c, dfu_upload.c */
int dfu_download(struct dfu_util *dfu);
int dfu_upload(struct dfu_util *dfu);

/* dfu_command.c: -s alone: its modifiers are commands. */
int dfu_command(struct dfu_util *dfu);
int dfu_unprotect(struct dfu_util *dfu);
/* ':leave', at the address of -s, or at another one. */
int dfu_leave(struct dfu_util *dfu);
int dfu_start(struct dfu_util *dfu, uint32_t address);
/* -R: the end of a run that went well. */
int dfu_reset(struct dfu_util *dfu);
/* Says what failed in both tools' words; the status for it. */
int dfu_failed(struct dfu_util *dfu, struct s0_error *err);

#endif
