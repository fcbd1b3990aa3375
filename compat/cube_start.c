/* SPDX-License-Identifier: MIT */
/* -s, and what is asked for in its place. */
#include "compat/cube.h"

static bool start(struct cube *cube, uint32_t address)
{
	struct s0_error err = S0_ERROR_INIT;
	uint32_t shown = 0x08000000;

	(void)s0_map_flash_start(s0_device_map(cube->app.device), &shown);
	cube_say(cube, "\nRUNNING Program ...\n  Address:      : 0x%x\n",
		 address ? address : shown);
	if (s0_session_start(cube->app.session, address, NULL, &err) != S0_OK) {
		(void)cube_fail(cube, "Start operation failed");
		return cube_failed(cube, &err);
	}
	cube_say(cube, "Start operation achieved successfully\n");
	return true;
}

/* [ADDRESS] ["noack"]: the second is for bootloaders that do not answer, which
 * is always put up with. */
bool cube_start(struct cube *cube)
{
	const char *word = cube_argument(cube);
	uint32_t address = 0;

	if (word && !cube_same(word, "noack")) {
		if (!cube_number(word, &address))
			return cube_refuse(cube, "'%s' is not an address",
					   word);
		word = cube_argument(cube);
	}
	if (word && !cube_same(word, "noack"))
		return cube_refuse(cube, "'%s' is not understood behind -s",
				   word);
	if (!cube_no_more(cube))
		return false;
	cube->left = true;
	return cube->checking || start(cube, address);
}

/* -rst, -hardRst: what only an ST-LINK does. But a recipe for it is used with
 * port=usb1 too (-d FILE -v -hardRst -rst): there the firmware that was written
 * is started, which is what the reset is for. */
bool cube_reset(struct cube *cube)
{
	const char *word = cube->words[cube->at - 1];
	const struct cube_command *next;

	if (!cube->connected)
		return cube_refuse(cube,
				   "%s needs a connection: -c port=usb1 "
				   "before it",
				   word);
	if (!cube_no_more(cube))
		return false;
	next = cube_next(cube);
	if (!cube->programmed || (next && next->role != CUBE_RESET))
		return cube_refuse(cube,
				   "%s needs an ST-LINK; not supported over "
				   "USB DFU: -s starts the firmware",
				   word);
	if (cube->left)
		return true;
	cube->left = true;
	if (cube->checking)
		return true;
	cube_say(cube,
		 "Warning: %s needs an ST-LINK; not supported over USB DFU: "
		 "the firmware is started instead\n",
		 word);
	return start(cube, 0);
}
