/* SPDX-License-Identifier: MIT */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

/* `sector0 option`: the option bytes by name. */

#include "app.h"

/* Open the device and make sure that its option bytes are known and were read,
   twice the same: s0_device_info() has them. Tells what came of a change that
   was cut. */
s0_code option_open(struct app *app, struct s0_error *err);

/* The same of a device that is open already. */
s0_code option_check(const struct s0_device *device, struct s0_error *err);

/* A field of an open device, as text. */
struct option_view {
	const struct s0_option_field *field;
	uint32_t current, programmed;
	bool fits; /* false: its complement says something else */
	char text[S0_OPTION_TEXT], meaning[S0_OPTION_MEANING];
};

/* False where the window is too short for it, or it means something else now.
 */
bool option_look(const struct s0_device_info *info,
		 const struct s0_option_field *field, struct option_view *view);

/* What the subcommands do. */
s0_code option_show(struct app *app, struct s0_error *err);
s0_code option_save(struct app *app, struct s0_error *err);
s0_code option_set(struct app *app, struct s0_error *err);
s0_code option_load(struct app *app, struct s0_error *err);

/* What is asked for. */
struct option_changes {
	struct s0_option_change *list;
	size_t count;
};
s0_code option_changes_add(struct option_changes *changes,
			   const struct s0_option_change *change,
			   struct s0_error *err);
/* Collects it, where the device is open. */
typedef s0_code (*option_changes_fn)(struct app *app,
				     struct option_changes *changes,
				     struct s0_error *err);
/* The whole of `set` and `load` but for where it comes from. */
s0_code option_change(struct app *app, option_changes_fn collect,
		      struct s0_error *err);

/* All fields, for people (render_option.c) and for programs; the bytes too, for
   people where fields are missing or @bytes. */
void render_options(const struct s0_device_info *info, bool bytes);
void json_options(const struct s0_device_info *info);
void json_option_bytes(const struct s0_device_info *info);

#endif
