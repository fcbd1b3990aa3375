/* SPDX-License-Identifier: MIT */
/* -rdu, and the -ob that is one. */
#include "cli/option.h"
#include "compat/cube.h"

/* What hides which chip it is is told apart again behind it. */
static s0_code unprotect(struct cube *cube, struct s0_unprotection *done,
			 struct s0_error *err)
{
	const char *hidden = app_hidden_chip(&cube->app);
	s0_code code = S0_OK;

	if (hidden)
		code = cube_reopen(cube, hidden, err);
	if (code == S0_OK)
		code = s0_session_unprotect(cube->app.session, done, NULL, err);
	if (code == S0_OK && hidden)
		code = cube_reopen(cube, NULL, err);
	return code;
}

/* Does it ask for level 0? */
static bool asks_for_level_0(const struct cube *cube, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		const char *value = cube_after(cube->words[i], "rdp=");
		uint32_t number;

		if (value && cube_number(value, &number) && number == 0xaa)
			return true;
	}
	return false;
}

/* Many bootloaders tell no option bytes at level 1: then that wish can only be
 * meant as -rdu is, and comes first. */
bool cube_open_first(struct cube *cube, size_t first, size_t last,
		     bool *ret_opened)
{
	struct s0_unprotection done = { 0 };
	struct s0_error err = S0_ERROR_INIT;

	if (!asks_for_level_0(cube, first, last) ||
	    s0_device_info(cube->app.device)->rdp != 1 ||
	    (s0_session_read_options(cube->app.session, &err) == S0_OK &&
	     option_check(cube->app.device, &err) == S0_OK))
		return true;
	cube_say(cube, "\nPROGRAMMING OPTION BYTES AREA ...\n");
	(void)fflush(stdout);
	err = (struct s0_error)S0_ERROR_INIT;
	if (unprotect(cube, &done, &err) == S0_OK) {
		cube->changed = true;
		*ret_opened = true;
		return true;
	}
	cube->changed |= err.aftermath != S0_UNTOUCHED;
	(void)cube_fail(cube, "Downloading Option Bytes Data failed");
	return cube_failed(cube, &err);
}

bool cube_unprotect(struct cube *cube)
{
	struct s0_unprotection done = { 0 };
	struct s0_error err = S0_ERROR_INIT;

	if (!cube_no_more(cube))
		return false;
	if (cube->checking)
		return true;
	cube_say(cube, "Disabling memory Read Protection...\n");
	(void)fflush(stdout);
	if (unprotect(cube, &done, &err) != S0_OK) {
		cube->changed |= err.aftermath != S0_UNTOUCHED;
		(void)cube_fail(cube,
				"Disabling memory Read Protection failed");
		return cube_failed(cube, &err);
	}
	cube->changed |= !done.was_open;
	cube_say(cube, "\nMemory Read Protection disabled successfully\n");
	return true;
}
