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
	DFU_PROTOCOL = 76,
	DFU_STOPPED = 128 /* and the signal: as a shell has it */
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

struct dfu_file;
struct dfu_suffix;
struct output;

struct dfu_util {
	struct app app; /* device, session, and how failures are said */
	int verbose;
	bool version, list, detach, reset, wait, strict, quiet;
	const char *device, *serial, *path, *alt;
	int number, configuration, interface; /* -1: any */
	uint32_t transfer_size, upload_size;  /* 0: not given */
	const char *upload, *download;
	bool dropped;	   /* a file of -U or -D, by what came behind it */
	const char *dfuse; /* -s, as it was given */
	struct dfuse_options to;
	/* of the device */
	uint8_t chosen;	    /* index of its alternate setting */
	uint32_t last_byte; /* of what was looked at last; 0 */
	struct s0_dfu11_info meant;
	struct s0_dfu11 *plain; /* it speaks plain DFU; else NULL */
	bool detached;		/* it was at run time when it was found, */
	uint16_t runtime_vendor, runtime_product; /* with these IDs */
	bool dfuse_file;			  /* -D is ST's container */
	const struct dfu_suffix *suffix;	  /* of -D; NULL: none */
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

/* dfu_list.c */
int dfu_list(struct dfu_util *dfu);
/* It cannot be opened, in the words that programs look for. */
void dfu_warn_closed(const struct s0_dfu11_info *info);

/* dfu_choose.c */
/* Its paths have no "usb:". */
const char *dfu_path(const char *path);
/* What is in DFU mode; by_first: -d without a comma is its IDs. */
bool dfu_fits(const struct dfu_util *dfu, const struct s0_dfu11_info *info,
	      bool by_first);
/* What is not. */
bool dfu_fits_runtime(const struct dfu_util *dfu,
		      const struct s0_dfu11_info *info);
/* Does -a mean this alternate setting? */
bool dfu_fits_alternate(const struct dfu_util *dfu, uint8_t number,
			const char *name);
/* Is that what comes in DFU mode of what was asked for at run time? */
bool dfu_fits_after_detach(const struct dfu_util *dfu,
			   const struct s0_dfu11_info *info);
/* For how long devices are waited for, and saying so. */
void dfu_set_patience(struct dfu_util *dfu);
/* The one device that is meant: meant. */
int dfu_choose(struct dfu_util *dfu);

/* dfu_device.c */
/* Opens the one device that is meant: app.device, app.session; or plain. */
int dfu_open(struct dfu_util *dfu);

/* dfu_plain.c: devices that speak plain DFU, and run time */
bool dfu_is_plain(const struct dfu_util *dfu, const struct s0_dfu11_info *info);
int dfu_plain_open(struct dfu_util *dfu);
/* -e: of a device that runs its firmware; wait: take up what comes. */
int dfu_plain_detach(struct dfu_util *dfu, bool wait);
/* What failed, in its words and ours. */
int dfu_plain_failed(struct dfu_util *dfu, const char *what,
		     struct s0_error *err);

/* dfu_plain_jobs.c */
int dfu_plain_download(struct dfu_util *dfu, const struct dfu_file *file);
int dfu_plain_upload(struct dfu_util *dfu);
/* -e of a device that is in DFU mode already. */
int dfu_plain_stay(struct dfu_util *dfu);

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
/* The file of -U: "-" is a file's name like others. */
s0_code dfu_begin_upload(const struct dfu_util *dfu, struct output *ret_output,
			 struct s0_error *err);

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
