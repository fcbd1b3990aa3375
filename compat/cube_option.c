/* SPDX-License-Identifier: MIT */
/* -ob and -rdu. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option.h"
#include "compat/cube.h"

static void tell_upload(struct cube *cube)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);

	cube_say(cube,
		 "\nUPLOADING OPTION BYTES DATA ...\n\n  Bank          : 0x00\n"
		 "  Address       : 0x%08x\n  Size          : %u Bytes\n\n",
		 info->chip->option_address, info->option_length);
	cube_bar_full(cube);
}

static bool know_options(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;

	if (s0_session_read_options(cube->app.session, &err) == S0_OK &&
	    option_check(cube->app.device, &err) == S0_OK)
		return true;
	(void)cube_fail(cube, "Uploading Option Bytes bank: 0 failed");
	return cube_failed(cube, &err);
}

static const char *heading(s0_option_group group)
{
	static const char *const names[S0_OPTION_GROUPS] = {
		"Read Out Protection",	     "BOR Level",
		"User Configuration",	     "Write Protection",
		"PCROP Protection",	     "Secure Protection",
		"Boot address Option Bytes",
	};

	return names[group];
}

static void show_group(struct cube *cube, s0_option_group group)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);
	struct option_view view;
	bool headed = false;

	for (size_t i = 0; i < info->chip->option_count; i++) {
		const struct s0_option_field *field = &info->chip->options[i];

		if (field->group != group || field->only ||
		    !option_look(info, field, &view))
			continue;
		if (!headed)
			cube_say(cube, "\n   %s:\n\n", heading(group));
		headed = true;
		cube_say(cube, "     %-13s: 0x%X (%s)\n", field->name,
			 view.current, view.meaning);
	}
}

static bool display(struct cube *cube)
{
	if (!know_options(cube))
		return false;
	tell_upload(cube);
	cube_say(cube, "\nOPTION BYTES BANK: 0\n");
	for (unsigned group = 0; group < S0_OPTION_GROUPS; group++)
		show_group(cube, (s0_option_group)group);
	cube_say(cube, "\n");
	return true;
}

/* NAME=VALUE into the list; an unknown name is a warning there. */
static bool take(struct cube *cube, const char *word,
		 struct option_changes *changes)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);
	struct s0_error err = S0_ERROR_INIT;
	struct s0_option_change change = { 0 };
	const char *equals = strchr(word, '=');
	char name[64];
	uint32_t current;

	if (!equals)
		return cube_fail(cube, "Wrong option byte command use: '%s'",
				 word);
	(void)snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
	change.field = s0_option_find(info->chip, name);
	if (!change.field) {
		cube_say(cube, "Warning: Option Byte: %s, does not exist\n",
			 name);
		return cube_fail(cube, "Downloading Option Bytes Data failed");
	}
	if (s0_option_parse_value(info->chip, info->options,
				  info->option_length, change.field, equals + 1,
				  &change.value, &err) != S0_OK)
		return cube_failed(cube, &err);
	if (s0_option_get(change.field, info->options, info->option_length,
			  true, &current) &&
	    current == change.value)
		cube_say(cube,
			 "Warning: Option Byte: %s, value: 0x%X, was not "
			 "modified.\n",
			 name, current);
	return option_changes_add(changes, &change, &err) == S0_OK ||
	       cube_failed(cube, &err);
}

/* The command line is the leave for what it names, but for what nothing takes
 * back and for what erases all without saying so. */
#define LEAVE                                                                  \
	(S0_ALLOW_BOOT | S0_ALLOW_PCROP | S0_ALLOW_SECURE |                    \
	 S0_ALLOW_LOW_VOLTAGE)

static bool program(struct cube *cube, const struct option_changes *changes)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);
	struct s0_error err = S0_ERROR_INIT;
	struct s0_option_plan *plan = NULL;
	unsigned leave = LEAVE | (cube->yes ? S0_ALLOW_ERASE : 0u);
	s0_code code =
		s0_option_plan_new(info->chip, s0_device_map(cube->app.device),
				   info->options, info->option_length,
				   changes->list, changes->count, &plan, &err);

	if (code == S0_OK && s0_option_plan_count(plan) == 0) {
		cube_say(cube, "Warning: Option Bytes are unchanged, Data "
			       "won't be downloaded\n");
	} else if (code == S0_OK) {
		cube_say(cube, "\nPROGRAMMING OPTION BYTES AREA ...\n\n");
		code = s0_option_plan_check(plan, leave, &err);
		if (code == S0_OK)
			code = s0_session_set_options(cube->app.session, plan,
						      leave, NULL, &err);
		if (code == S0_OK)
			cube_say(cube, "OPTION BYTE PROGRAMMING "
				       "VERIFICATION:\n\nOption Bytes "
				       "successfully programmed\n");
	}
	s0_option_plan_free(plan);
	if (code == S0_OK)
		return true;
	(void)cube_fail(cube, "Downloading Option Bytes Data failed");
	return cube_failed(cube, &err);
}

bool cube_option(struct cube *cube)
{
	struct option_changes changes = { 0 };
	const char *word = cube_argument(cube);
	bool good = true;

	if (!word)
		return cube_fail(cube, "Wrong option byte command use");
	if (cube_same(word, "displ"))
		return display(cube);
	if (cube_same(word, "unlockchip"))
		return cube_fail(cube, "-ob unlockchip needs an ST-LINK; not "
				       "supported over USB DFU");
	if (!know_options(cube))
		return false;
	tell_upload(cube);
	for (; good && word; word = cube_argument(cube))
		good = take(cube, word, &changes);
	good = good && program(cube, &changes);
	free(changes.list);
	return good;
}

bool cube_unprotect(struct cube *cube)
{
	struct s0_unprotection done;
	struct s0_error err = S0_ERROR_INIT;

	cube_say(cube, "\nDisabling memory Read Protection...\n");
	if (s0_session_unprotect(cube->app.session, &done, NULL, &err) != S0_OK)
		return cube_failed(cube, &err);
	cube_say(cube, "Memory Read Protection disabled successfully\n");
	return true;
}
