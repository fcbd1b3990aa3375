/* SPDX-License-Identifier: MIT */
#ifndef CLI_JOB_H
#define CLI_JOB_H

/* What flash, plan, write and fill share: showing a plan and carrying it out. */

#include "app.h"
#include "inputs.h"

/* The policy that --erase, --keep and their like spell. */
s0_code job_policy(struct app *app, struct s0_policy *policy,
		   struct s0_error *err);

/* Show a plan: the event with --json, the text when that was asked for; then
   what is to be warned of. */
s0_code job_show_plan(struct app *app, const struct s0_plan *plan,
		      const struct s0_map *map, bool text,
		      struct s0_error *err);

/* Plan for the open session, show it, and unless @dry carry it out and tell
   what was done. */
s0_code job_run(struct app *app, const struct s0_image *image,
		const struct s0_policy *policy, bool dry, struct s0_error *err);

/* Read the files into a new image and begin a session, in the order that finds
   mistakes earliest. */
s0_code job_open(struct app *app, struct inputs *inputs,
		 struct s0_image **ret_image, struct s0_error *err);

/* The whole of `flash`: read the files, look at the device, plan, and unless
   @dry do it. */
s0_code job_files(struct app *app, bool dry, struct s0_error *err);

/* The result of a command that has changed the device must reach whoever asked:
   fails, saying that all was done, where it cannot be written. */
s0_code job_told(struct app *app, struct s0_error *err);

#endif
