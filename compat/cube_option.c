/* SPDX-License-Identifier: MIT */
/* -ob. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option.h"
#include "cli/os.h"
#include "compat/cube.h"

static bool know_options(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;

	if (s0_session_read_options(cube->app.session, &err) == S0_OK &&
	    option_check(cube->app.device, &err) == S0_OK)
		return true;
	if (s0_device_info(cube->app.device)->rdp == 1)
		(void)snprintf(err.hint, sizeof err.hint,
			       "-rdu takes the read-out protection off, which "
			       "erases all flash");
	(void)cube_fail(cube, "Uploading Option Bytes bank: 0 failed");
	return cube_failed(cube, &err);
}

/* A name is told whether it is known or not; then nothing is written. */
static bool not_there(struct cube *cube, const char *name)
{
	struct s0_error err = S0_ERROR_INIT;

	cube_say(cube,
		 "Warning: Option Byte: %s, does not exist\n\nWarning: Option "
		 "Bytes are unchanged, Data won't be downloaded\n",
		 name);
	err.code = S0_E_UNSUPPORTED;
	(void)snprintf(err.message, sizeof err.message,
		       "%s has no option '%s', and none of the line was "
		       "changed",
		       s0_device_info(cube->app.device)->chip->name, name);
	(void)snprintf(err.hint, sizeof err.hint, "-ob displ shows the names");
	return cube_failed(cube, &err);
}

/* A number is the register's there. Of a level any byte but 0xAA and 0xCC is
 * level 1, 0 and 2 too, which are levels here; of sectors it is their bits, and
 * not a sector. */
static s0_code parse_value(const struct s0_device_info *info,
			   const struct s0_option_field *field,
			   const char *text, uint32_t *ret,
			   struct s0_error *err)
{
	uint32_t value;
	bool number = cube_number(text, &value);

	if (number && field->kind == S0_OPTION_SECTORS &&
	    value <= s0_option_greatest(field)) {
		*ret = value;
		return S0_OK;
	}
	if (number && field->kind == S0_OPTION_RDP && !text[1] &&
	    (value == 0 || value == 2)) {
		(void)snprintf(err->message, sizeof err->message,
			       "RDP=%s is the byte 0x0%s there, which is level "
			       "1, and level %s here",
			       text, text, text);
		(void)snprintf(err->hint, sizeof err->hint,
			       "0xAA is level 0, 0xBB level 1");
		return err->code = S0_E_USAGE;
	}
	/* 0x55 is level 0.5 where there is TrustZone: let it be refused. */
	if (number && field->kind == S0_OPTION_RDP && value <= 0xff &&
	    value != 0x55)
		text = value == 0xaa ? "0xAA" : value == 0xcc ? "0xCC" : "0xBB";
	return s0_option_parse_value(info->chip, info->options,
				     info->option_length, field, text, ret,
				     err);
}

static bool unchanged(const struct s0_device_info *info,
		      const struct s0_option_change *change)
{
	uint32_t current;

	return s0_option_get(change->field, info->options, info->option_length,
			     true, &current) &&
	       current == change->value;
}

/* NAME=VALUE into the list. */
static bool take(struct cube *cube, const char *word,
		 struct option_changes *changes)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);
	struct s0_error err = S0_ERROR_INIT;
	struct s0_option_change change = { 0 };
	const char *equals = strchr(word, '=');
	char name[64];
	s0_code code;

	(void)snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
	/* Before the names here: nWRP2 is a sector there, a bank here. */
	code = cube_take_bit(info, name, equals + 1, changes, &err);
	if (code != S0_E_UNSUPPORTED)
		return code == S0_OK || cube_failed(cube, &err);
	change.field = s0_option_find(info->chip, name);
	if (!change.field)
		return not_there(cube, name);
	if (parse_value(info, change.field, equals + 1, &change.value, &err) !=
	    S0_OK) {
		(void)cube_fail(cube, "Downloading Option Bytes Data failed");
		return cube_failed(cube, &err);
	}
	if (unchanged(info, &change))
		cube_say(cube,
			 "Warning: Option Byte: %s, value: 0x%X, was not "
			 "modified.\n",
			 name, change.value);
	return option_changes_add(changes, &change, &err) == S0_OK ||
	       cube_failed(cube, &err);
}

/* The command line is the leave for what it names, but for what nothing takes
 * back and for what erases all without saying so: RDP= does say so, as -rdu. */
#define LEAVE                                                                  \
	(S0_ALLOW_BOOT | S0_ALLOW_PCROP | S0_ALLOW_SECURE |                    \
	 S0_ALLOW_LOW_VOLTAGE)

/* A level that falls takes all flash with it, whatever else is asked for; the
 * others have to ask by -y. */
static bool level_falls(const struct s0_option_plan *plan)
{
	const struct s0_option_step *step;

	for (size_t i = 0; (step = s0_option_plan_step(plan, i)); i++)
		if (step->field->kind == S0_OPTION_RDP &&
		    (step->guards & S0_ALLOW_ERASE))
			return true;
	return false;
}

static s0_code send(struct cube *cube, const struct s0_option_plan *plan,
		    struct s0_error *err)
{
	const struct s0_chip *chip = s0_device_info(cube->app.device)->chip;
	unsigned leave = LEAVE;
	struct s0_option_window window;
	s0_code code;

	if (cube->yes || level_falls(plan))
		leave |= S0_ALLOW_ERASE;
	code = s0_option_plan_check(plan, leave, err);
	if (err->cause == S0_CAUSE_NOT_ALLOWED) {
		bool erases = s0_option_plan_check(plan, leave | S0_ALLOW_ERASE,
						   NULL) == S0_OK;

		(void)snprintf(err->hint, sizeof err->hint, "%s",
			       erases ? "-y is the leave for what erases all "
					"flash"
				      : "'sector0 option set' does it where it "
					"is allowed, --permanent for level 2");
	}
	if (code != S0_OK)
		return code;
	for (size_t i = 0; s0_option_window(chip, i, &window); i++) {
		cube_say(cube,
			 "\n  Bank          : 0x%02x\n  Address       : "
			 "0x%08x\n  Size          : %u Bytes\n\n",
			 (unsigned)i, window.address, window.length);
		cube_bar_full(cube);
	}
	(void)fflush(stdout);
	code = s0_session_set_options(cube->app.session, plan, leave, NULL,
				      err);
	if (code == S0_OK || err->aftermath != S0_UNTOUCHED)
		cube->changed = true;
	return code;
}

/* What is not as it was asked for, each by itself. */
static void tell_differences(struct cube *cube,
			     const struct option_changes *changes)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);

	for (size_t i = 0; i < changes->count; i++) {
		const struct s0_option_change *change = &changes->list[i];
		uint32_t found;

		if (s0_option_get(change->field, info->options,
				  info->option_length, false, &found) &&
		    found != change->value)
			(void)cube_fail(cube,
					"Expected value for Option Byte "
					"\"%s\": 0x%X, found: 0x%X",
					change->field->name, change->value,
					found);
	}
}

static bool tell_failure(struct cube *cube,
			 const struct option_changes *changes,
			 struct s0_error *err)
{
	if (err->cause == S0_CAUSE_OPTIONS_NO_EFFECT ||
	    err->cause == S0_CAUSE_OPTIONS_MIXED ||
	    err->cause == S0_CAUSE_OPTIONS_REJECTED ||
	    err->cause == S0_CAUSE_OPTION_REJECTED) {
		cube_say(cube, "\nOPTION BYTE PROGRAMMING VERIFICATION:\n\n");
		tell_differences(cube, changes);
		(void)cube_fail(cube, "Option Byte Programming failed");
		return cube_failed(cube, err);
	}
	if (err->cause == S0_CAUSE_OPTIONS_SENT)
		cube_say(cube, "Unable to reconnect the target device: time "
			       "out expired\n");
	(void)cube_fail(cube, "Downloading Option Bytes Data failed");
	if (err->cause == S0_CAUSE_OPTIONS_SENT)
		(void)cube_fail(cube, "Uploading Option Bytes bank: 0 failed");
	return cube_failed(cube, err);
}

static bool program(struct cube *cube, const struct option_changes *changes)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);
	uint64_t begun = os_now_ms();
	struct s0_error err = S0_ERROR_INIT;
	struct s0_option_plan *plan = NULL;
	char time[24];
	s0_code code =
		s0_option_plan_new(info->chip, s0_device_map(cube->app.device),
				   info->options, info->option_length,
				   changes->list, changes->count, &plan, &err);

	if (code == S0_OK && s0_option_plan_count(plan) == 0) {
		cube_say(cube, "\nWarning: Option Bytes are unchanged, Data "
			       "won't be downloaded\n");
	} else if (code == S0_OK) {
		code = send(cube, plan, &err);
		if (code == S0_OK) {
			cube_say(cube, "\nReconnecting...\nReconnected !\n\n");
			cube_say_upload(cube);
			cube_say(cube, "\nOPTION BYTE PROGRAMMING "
				       "VERIFICATION:\n\nOption Bytes "
				       "successfully programmed\n");
		}
	}
	s0_option_plan_free(plan);
	if (code != S0_OK)
		return tell_failure(cube, changes, &err);
	cube_time(time, (os_now_ms() - begun) * 1000);
	cube_say(cube, "Time elapsed during option Bytes configuration: %s\n",
		 time);
	return true;
}

static bool change(struct cube *cube, size_t first, size_t last)
{
	struct option_changes changes = { 0 };
	bool opened = false, good;

	if (!cube_open_first(cube, first, last, &opened))
		return false;
	if (opened && last - first == 1) {
		cube_say(cube, "\nOption Bytes successfully programmed\n");
		return true;
	}
	good = know_options(cube);
	if (good) {
		cube_say_upload(cube);
		cube_say(cube, "\n\nPROGRAMMING OPTION BYTES AREA ...\n");
	}
	for (size_t i = first; good && i < last; i++)
		good = take(cube, cube->words[i], &changes);
	good = good && program(cube, &changes);
	free(changes.list);
	return good;
}

static bool display(struct cube *cube)
{
	if (!know_options(cube))
		return false;
	cube_say_upload(cube);
	cube_show_options(cube);
	return true;
}

/* displ | NAME=VALUE... */
bool cube_option(struct cube *cube)
{
	size_t first = cube->at;
	const char *word = cube_argument(cube);

	if (!word)
		return cube_refuse(cube, "Wrong option byte command use: displ "
					 "or NAME=VALUE is missing");
	if (cube_same(word, "displ"))
		return cube_no_more(cube) && (cube->checking || display(cube));
	if (cube_same(word, "unlockchip"))
		return cube_refuse(cube, "-ob unlockchip needs an ST-LINK; not "
					 "supported over USB DFU");
	for (; word; word = cube_argument(cube))
		if (!strchr(word, '=') || *word == '=' ||
		    !strchr(word, '=')[1] || strchr(word, '=') - word > 60)
			return cube_refuse(cube,
					   "Wrong option byte command use: "
					   "'%s' is not NAME=VALUE",
					   word);
	return cube->checking || change(cube, first, cube->at);
}
