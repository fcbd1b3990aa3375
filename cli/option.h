/* SPDX-License-Identifier: MIT */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

/* `sector0 option`: the option bytes by name. */

#include "app.h"

/* Open the device and make sure that its option bytes are known and were read:
   s0_device_info() has them. */
s0_code option_open(struct app *app, struct s0_error *err);

/* The same of a device that is open already. */
s0_code option_check(const struct s0_device *device, struct s0_error *err);

/* A field of an open device, as text. */
struct option_view {
	const struct s0_option_field *field;
	uint32_t current, programmed;
	char text[S0_OPTION_TEXT], meaning[S0_OPTION_MEANING];
};

/* False where the window is too short for it. */
bool option_look(const struct s0_device_info *info,
		 const struct s0_option_field *field, struct option_view *view);

/* What the subcommands do. */
s0_code option_show(struct app *app, struct s0_error *err);
s0_code option_save(struct app *app, struct s0_error *err);

/* All fields, for people (render_option.c) and for programs. */
void render_options(const struct s0_device_info *info);
void json_options(const struct s0_device_info *info);

#endif
