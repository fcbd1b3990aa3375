/* SPDX-License-Identifier: MIT */
#ifndef COMPAT_COMPAT_H
#define COMPAT_COMPAT_H

/*
 * Other tools' command lines on top of the public API, for build systems that
 * nobody wants to rewrite. Their texts are those that programs look for; what
 * failed is said a second time in this program's own words, on stderr.
 */

#include <stdbool.h>

#include <sector0/error.h>

/* A tool's whole run. argv[0] is its name. Returns the exit status. */
typedef int (*compat_main)(int argc, char **argv);

/* By the name that a user gives ("dfu-util", "/usr/bin/sector0-dfu-util");
 * NULL: none that is known. */
compat_main compat_find(const char *name);
/* Names of all, with commas. */
const char *compat_names(void);

struct app;
/* What every tool needs before its first device: app.context. */
s0_code compat_open_context(struct app *app, bool debug, struct s0_error *err);

int dfu_util_main(int argc, char **argv);
int cube_main(int argc, char **argv);
int dfu_suffix_main(int argc, char **argv);

#endif
